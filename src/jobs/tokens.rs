//! Where the clients' tokens come from: the store first, then the configuration, then the vendor's token host.
//!
//! TikTok's pair rotates: both tokens are stored in one write before the new one is used. When the operator puts new tokens
//! into the configuration, their hash differs from the one that the stored chain began with, and the new ones win.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::{Error, Session};
use crate::clock::Clock;
use crate::secret::Secret;
use crate::store::{Lock, LockError, Store, StoredTokens, Vendor};
use crate::transport::Sender;
use crate::{amazon, tiktok};

/// TikTok's default life of an access token, assumed where nobody says its end: of one that the operator typed in, of one that comes
/// without an end or with one in the past.
const ASSUMED_TOKEN_LIFE: TimeDelta = TimeDelta::days(7);

/// How long before its end TikTok's access token is renewed, unless its whole life is short.
const RENEW_AHEAD: TimeDelta = TimeDelta::hours(24);

/// How long before its end Amazon's access token is renewed.
const AMAZON_MARGIN: TimeDelta = TimeDelta::seconds(60);

/// How long a run waits for another one that renews the tokens.
const TURN_WAIT_MAX: Duration = Duration::from_secs(60);

struct TiktokTokens {
    store: Arc<Store>,
    sender: Arc<Sender>,
    clock: Clock,
    settings: tiktok::Settings,
    access: Option<Secret>,
    refresh: Option<Secret>,
    seed_hash: String,
    put_off: AtomicBool,
}

pub(super) fn tiktok_source(session: &Session) -> Result<tiktok::TokenSource, Error> {
    let stored = session.store.tokens(Vendor::Tiktok)?;
    let credentials = if stored.is_some() {
        session.settings.tiktok.credentials_beside_stored_tokens()?
    } else {
        session.settings.tiktok.credentials()?
    };
    let tokens = TiktokTokens {
        store: Arc::clone(&session.store),
        sender: Arc::clone(&session.sender),
        clock: session.clock,
        settings: session.tiktok_settings()?,
        seed_hash: hash([&credentials.access_token, &credentials.refresh_token]),
        access: credentials.access_token,
        refresh: credentials.refresh_token,
        put_off: AtomicBool::new(false),
    };
    Ok(Arc::new(move |refused| tokens.give(refused)))
}

impl TiktokTokens {
    fn give(&self, refused: Option<&Secret>) -> Result<Secret, tiktok::Error> {
        let stored = self.stored()?;
        match (stored, refused) {
            (Some(tokens), None) if !is_ending(&tokens, self.clock.now()) || self.is_put_off() => Ok(tokens.access),
            (Some(tokens), None) => self.renew(&tokens.access).or_else(|error| {
                log::warn!("TikTok's token could not be renewed ahead of its end: {error}");
                self.put_off.store(true, Ordering::Relaxed);
                Ok(tokens.access)
            }),
            (Some(tokens), Some(refused)) if tokens.access != *refused => Ok(tokens.access),
            (Some(_), Some(refused)) => self.renew(refused),
            (None, _) => self.renew(&Secret::new("")),
        }
    }

    /// Whether a renewal ahead of the end failed in this run: the token is used until TikTok refuses it.
    fn is_put_off(&self) -> bool {
        self.put_off.load(Ordering::Relaxed)
    }

    /// Returns the stored tokens, or those of the configuration where the operator put in newer ones.
    fn stored(&self) -> Result<Option<StoredTokens>, tiktok::Error> {
        let stored = self
            .store
            .tokens(Vendor::Tiktok)
            .map_err(tiktok::Error::token_unavailable)?;
        let is_typed_anew = self.access.is_some() || self.refresh.is_some();
        if let Some(tokens) = stored.filter(|tokens| tokens.seed_hash == self.seed_hash || !is_typed_anew) {
            return Ok(Some(tokens));
        }
        let Some(access) = self.access.clone() else {
            return Ok(None);
        };
        let tokens = StoredTokens {
            access,
            access_expires_at: self.clock.now() + ASSUMED_TOKEN_LIFE,
            refresh: self.refresh.clone(),
            refresh_expires_at: None,
            scopes: Vec::new(),
            seed_hash: self.seed_hash.clone(),
            updated_at: self.clock.now(),
        };
        self.keep(&tokens)?;
        Ok(Some(tokens))
    }

    /// Gets a new pair; one process at a time, the others take what it stored.
    fn renew(&self, refused: &Secret) -> Result<Secret, tiktok::Error> {
        let _turn = turn(&self.store, &self.sender, self.clock).map_err(tiktok::Error::token_unavailable)?;
        let stored = self.stored()?;
        if let Some(tokens) = stored.as_ref().filter(|tokens| tokens.access != *refused) {
            return Ok(tokens.access.clone());
        }
        let refresh = stored
            .and_then(|tokens| tokens.refresh)
            .or_else(|| self.refresh.clone());
        let Some(refresh) = refresh else {
            return Err(tiktok::Error::no_token(
                "the access token has ended and there is no refresh token; authorise the app again",
            ));
        };
        let pair = tiktok::refresh_tokens(&self.sender, &self.settings, &refresh)?;
        let now = self.clock.now();
        let end = pair.access_expires_at.filter(|end| *end > now);
        let tokens = StoredTokens {
            access: pair.access_token,
            access_expires_at: end.unwrap_or(now + ASSUMED_TOKEN_LIFE),
            refresh: pair.refresh_token.or(Some(refresh)),
            refresh_expires_at: pair.refresh_expires_at,
            scopes: pair.scopes,
            seed_hash: self.seed_hash.clone(),
            updated_at: now,
        };
        self.keep(&tokens)?;
        Ok(tokens.access)
    }

    fn keep(&self, tokens: &StoredTokens) -> Result<(), tiktok::Error> {
        self.store
            .keep_tokens(Vendor::Tiktok, tokens)
            .map_err(tiktok::Error::token_unavailable)
    }
}

/// A token that lives a week is renewed a day before its end; a shorter one in the last quarter of its life.
fn is_ending(tokens: &StoredTokens, now: DateTime<Utc>) -> bool {
    let quarter = (tokens.access_expires_at - tokens.updated_at) / 4;
    tokens.access_expires_at - now < RENEW_AHEAD.min(quarter)
}

pub(super) fn amazon_source(session: &Session) -> Result<amazon::TokenSource, Error> {
    let configured = session.settings.amazon.credentials()?;
    let credentials = amazon::Credentials {
        client_id: configured.client_id,
        client_secret: configured.client_secret,
        refresh_token: configured.refresh_token,
    };
    let auth_url = session.settings.amazon.auth_url.clone();
    let (store, sender, clock) = (Arc::clone(&session.store), Arc::clone(&session.sender), session.clock);
    let seed_hash = hash([
        &Some(credentials.refresh_token.clone()),
        &Some(Secret::new(&*credentials.client_id)),
    ]);
    let kept = {
        let (store, seed_hash) = (Arc::clone(&store), seed_hash.clone());
        move |refused: Option<&Secret>| -> Result<Option<Secret>, amazon::Error> {
            let stored = store.tokens(Vendor::Amazon).map_err(amazon::Error::without_token)?;
            let usable = stored.filter(|tokens| {
                tokens.seed_hash == seed_hash
                    && tokens.access_expires_at - clock.now() > AMAZON_MARGIN
                    && refused.is_none_or(|refused| tokens.access != *refused)
            });
            Ok(usable.map(|tokens| tokens.access))
        }
    };
    Ok(Box::new(move |refused| {
        if let Some(token) = kept(refused)? {
            return Ok(token);
        }
        // One exchange at a time; the others take what it stored.
        let _turn = turn(&store, &sender, clock).map_err(amazon::Error::without_token)?;
        if let Some(token) = kept(refused)? {
            return Ok(token);
        }
        let fresh = amazon::exchange_refresh_token(&sender, &auth_url, &credentials)?;
        let tokens = StoredTokens {
            access: fresh.token,
            access_expires_at: fresh.expires_at,
            refresh: None,
            refresh_expires_at: None,
            scopes: Vec::new(),
            seed_hash: seed_hash.clone(),
            updated_at: clock.now(),
        };
        store
            .keep_tokens(Vendor::Amazon, &tokens)
            .map_err(amazon::Error::without_token)?;
        Ok(tokens.access)
    }))
}

fn hash(secrets: [&Option<Secret>; 2]) -> String {
    let mut hasher = Sha256::new();
    for secret in secrets {
        hasher.update(secret.as_ref().map(Secret::expose).unwrap_or_default());
        hasher.update([0]);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Waits for the turn to renew a token: one process at a time.
fn turn(store: &Store, sender: &Sender, clock: Clock) -> Result<Lock, LockError> {
    Lock::wait(store.path(), "tokens", clock.now(), TURN_WAIT_MAX, &|| {
        sender.is_stopping()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(life: TimeDelta) -> StoredTokens {
        let updated_at = DateTime::from_timestamp(1_767_574_842, 0).expect("a valid instant");
        StoredTokens {
            access: Secret::new("a"),
            access_expires_at: updated_at + life,
            refresh: None,
            refresh_expires_at: None,
            scopes: Vec::new(),
            seed_hash: String::new(),
            updated_at,
        }
    }

    #[test]
    fn a_week_long_token_is_renewed_a_day_ahead() {
        let week = tokens(TimeDelta::days(7));
        assert!(!is_ending(&week, week.access_expires_at - TimeDelta::hours(25)));
        assert!(is_ending(&week, week.access_expires_at - TimeDelta::hours(23)));
    }

    #[test]
    fn a_short_token_is_not_renewed_in_every_run() {
        let hour = tokens(TimeDelta::hours(1));
        assert!(!is_ending(&hour, hour.updated_at + TimeDelta::minutes(40)));
        assert!(is_ending(&hour, hour.updated_at + TimeDelta::minutes(50)));
    }
}
