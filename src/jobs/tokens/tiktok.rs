//! TikTok's pair rotates: both tokens are stored in one write before the new one is used. When the operator puts new tokens
//! into the configuration, their hash differs from the one that the stored chain began with, and the new ones win.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::super::error::store_behind;
use super::super::notices::Notices;
use super::super::{Error, Session};
use super::{hash, turn};
use crate::clock::Clock;
use crate::domain::shop::TokenPair;
use crate::error_chain::causes;
use crate::secret::Secret;
use crate::store::{self, Room, Store, StoredTokens, Vendor};
use crate::tiktok;
use crate::transport::Sender;

/// TikTok's default life of an access token, assumed where nobody says its end: of one that the operator typed in, of one that comes
/// without an end or with one in the past.
const ASSUMED_TOKEN_LIFE: TimeDelta = TimeDelta::days(7);

/// How long before its end TikTok's access token is renewed, unless its whole life is short.
const RENEW_AHEAD: TimeDelta = TimeDelta::hours(24);

pub(in crate::jobs) struct TiktokTokens {
    store: Arc<Store>,
    sender: Arc<Sender>,
    clock: Clock,
    settings: tiktok::Settings,
    access: Option<Secret>,
    refresh: Option<Secret>,
    seed_hash: String,
    put_off: AtomicBool,
    notices: Notices,
    /// Whether a person may be told by an event: not in a dry run.
    may_tell: bool,
}

pub(in crate::jobs) fn tiktok_source(session: &Session) -> Result<tiktok::TokenSource, Error> {
    let tokens = TiktokTokens::of(session)?;
    Ok(Arc::new(move |refused| tokens.give(refused)))
}

/// Asks TikTok for a new pair, whatever the kept token is worth, and returns it. `None` where there is no refresh token to ask with.
///
/// # Errors
/// When credentials are missing or refused, or the new pair could not be stored; the kept pair stays.
pub(in crate::jobs) fn prove_tiktok(session: &Session) -> Result<Option<StoredTokens>, Error> {
    let tokens = TiktokTokens::of(session)?;
    let stored = tokens.stored()?;
    if tokens.refresh_token(stored.as_ref()).is_none() {
        return Ok(None);
    }
    tokens.renew(&stored.map_or_else(|| Secret::new(""), |stored| stored.access))?;
    Ok(tokens.stored()?)
}

impl TiktokTokens {
    fn of(session: &Session) -> Result<Self, Error> {
        if session.store.tokens(Vendor::Tiktok)?.is_none() {
            session.settings.tiktok.credentials()?;
        }
        Self::of_app(session)
    }

    /// The same before there is any token.
    pub(in crate::jobs) fn of_app(session: &Session) -> Result<Self, Error> {
        let configured = &session.settings.tiktok;
        Ok(Self {
            store: Arc::clone(&session.store),
            sender: Arc::clone(&session.sender),
            clock: session.clock,
            settings: session.tiktok_settings()?,
            seed_hash: hash([&configured.access_token, &configured.refresh_token]),
            access: configured.access_token.clone(),
            refresh: configured.refresh_token.clone(),
            put_off: AtomicBool::new(false),
            notices: Arc::clone(&session.notices),
            may_tell: !session.is_dry_run(),
        })
    }

    fn give(&self, refused: Option<&Secret>) -> Result<Secret, tiktok::Error> {
        let stored = self.stored()?;
        match (stored, refused) {
            (Some(tokens), None) if !is_ending(&tokens, self.clock.now()) || self.is_put_off() => Ok(tokens.access),
            (Some(tokens), None) => self.renew(&tokens.access).or_else(|error| self.go_on(tokens, error)),
            (Some(tokens), Some(refused)) if tokens.access != *refused => Ok(tokens.access),
            (Some(_), Some(refused)) => self.renew(refused),
            (None, _) => self.renew(&Secret::new("")),
        }
    }

    /// Goes on with a token that is still good though it could not be renewed. A person hears of it now, not when it has ended. Where
    /// there is a new pair that the database refused, the old one may be dead.
    fn go_on(&self, tokens: StoredTokens, error: tiktok::Error) -> Result<Secret, tiktok::Error> {
        if matches!(store_behind(&error), Some(store::Error::KeptBeside { .. })) {
            return Err(error);
        }
        self.put_off.store(true, Ordering::Relaxed);
        let end = tokens.access_expires_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let message = format!(
            "TikTok's token could not be renewed ahead of its end on {end}: {}",
            store_behind(&error).map_or_else(|| error.to_string(), |store| causes(store))
        );
        log::warn!("{message}");
        if error.is_credentials()
            && self.may_tell
            && let Err(error) = self.store.tell_refused_renewal(&message, self.clock.now())
        {
            log::error!("the refused renewal can't be told: {error}");
        }
        self.notices
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(message);
        Ok(tokens.access)
    }

    /// Whether a renewal ahead of the end failed in this run: the token is used until TikTok refuses it.
    fn is_put_off(&self) -> bool {
        self.put_off.load(Ordering::Relaxed)
    }

    /// Returns the stored tokens, or those of the configuration where the operator put in newer ones. The chain of tokens that these
    /// replace is set aside: when the operator takes a mistyped token back, it goes on.
    fn stored(&self) -> Result<Option<StoredTokens>, tiktok::Error> {
        let stored = self.store.tokens(Vendor::Tiktok).map_err(unavailable)?;
        let is_typed_anew = self.access.is_some() || self.refresh.is_some();
        let is_ours = |tokens: &StoredTokens| tokens.seed_hash == self.seed_hash || !is_typed_anew;
        if stored.as_ref().is_some_and(is_ours) {
            return Ok(stored);
        }
        let typed = self.access.clone().map(|access| StoredTokens {
            access,
            access_expires_at: self.clock.now() + ASSUMED_TOKEN_LIFE,
            refresh: self.refresh.clone(),
            refresh_expires_at: None,
            scopes: Vec::new(),
            seed_hash: self.seed_hash.clone(),
            updated_at: self.clock.now(),
        });
        let Some(typed) = typed else {
            return Ok(None);
        };
        let tokens = self
            .store
            .replace_chain(stored.as_ref(), typed, self.clock.now())
            .map_err(unavailable)?;
        Ok(Some(tokens))
    }

    fn refresh_token(&self, stored: Option<&StoredTokens>) -> Option<Secret> {
        let kept = stored.and_then(|tokens| tokens.refresh.clone());
        kept.or_else(|| self.refresh.clone())
    }

    /// Gets a new pair; one process at a time, the others take what it stored. The room for it is taken before it is asked for.
    fn renew(&self, refused: &Secret) -> Result<Secret, tiktok::Error> {
        let _turn = turn(&self.store, &self.sender, self.clock).map_err(unavailable)?;
        let stored = self.stored()?;
        if let Some(tokens) = stored.as_ref().filter(|tokens| tokens.access != *refused) {
            return Ok(tokens.access.clone());
        }
        let Some(refresh) = self.refresh_token(stored.as_ref()) else {
            return Err(tiktok::Error::no_token(
                "the access token has ended and there is no refresh token; authorise the app again",
            ));
        };
        let room = self.store.prepare_tokens(self.clock.now()).map_err(unavailable)?;
        let pair = match tiktok::refresh_tokens(&self.sender, &self.settings, &refresh) {
            Ok(pair) => pair,
            Err(error) => {
                room.give_back();
                return Err(error);
            }
        };
        let tokens = self.following(stored.as_ref(), pair, Some(refresh));
        self.store.keep_prepared(room, &tokens).map_err(unavailable)?;
        Ok(tokens.access)
    }

    /// Takes in the pair of a new consent. It counts until the configuration names other tokens than now.
    pub(in crate::jobs) fn take_in(&self, room: Room, pair: TokenPair) -> Result<StoredTokens, Error> {
        let stored = self.store.tokens(Vendor::Tiktok)?;
        let tokens = self.following(stored.as_ref(), pair, None);
        self.store.keep_prepared(room, &tokens)?;
        Ok(tokens)
    }

    /// A pair is newer than the one before it also where both come in one second, or the clock was set back.
    fn following(&self, before: Option<&StoredTokens>, pair: TokenPair, refresh: Option<Secret>) -> StoredTokens {
        let now = self.clock.now();
        let end = pair.access_expires_at.filter(|end| *end > now);
        let after = before.map_or(now, |before| before.updated_at + TimeDelta::seconds(1));
        StoredTokens {
            access: pair.access_token,
            access_expires_at: end.unwrap_or(now + ASSUMED_TOKEN_LIFE),
            refresh: pair.refresh_token.or(refresh),
            refresh_expires_at: pair.refresh_expires_at,
            scopes: pair.scopes,
            seed_hash: self.seed_hash.clone(),
            updated_at: now.max(after),
        }
    }
}

fn unavailable(error: store::Error) -> tiktok::Error {
    tiktok::Error::token_unavailable(error)
}

/// A token that lives a week is renewed a day before its end; a shorter one in the last quarter of its life.
fn is_ending(tokens: &StoredTokens, now: DateTime<Utc>) -> bool {
    let quarter = (tokens.access_expires_at - tokens.updated_at) / 4;
    tokens.access_expires_at - now < RENEW_AHEAD.min(quarter)
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
