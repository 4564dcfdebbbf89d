//! Amazon's consent stays what it is; an access token of an hour is exchanged for it.

use std::sync::Arc;

use chrono::TimeDelta;

use super::super::{Error, Session};
use super::{hash, turn};
use crate::amazon;
use crate::clock::Clock;
use crate::config::{AmazonCredentials, AmazonSettings};
use crate::secret::Secret;
use crate::store::{Store, StoredTokens, Vendor};
use crate::transport::Sender;

/// How long before its end Amazon's access token is renewed.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

/// Returns what Amazon's client needs: the app of the settings with the consent that `mcf auth` stored, or that of the settings where
/// these name another one since.
///
/// # Errors
/// Names every missing key at once; or the database refuses.
pub fn amazon_credentials(store: &Store, settings: &AmazonSettings) -> Result<AmazonCredentials, Error> {
    let stored = store.tokens(Vendor::Amazon)?;
    let kept = stored.and_then(|tokens| kept_consent(settings, &tokens));
    Ok(settings.credentials_with(kept.or_else(|| settings.refresh_token.clone()))?)
}

fn kept_consent(settings: &AmazonSettings, stored: &StoredTokens) -> Option<Secret> {
    let counts = settings.refresh_token.is_none() || stored.seed_hash == seed(settings);
    stored.refresh.clone().filter(|_| counts)
}

/// The hash of what the settings name: where it changes, the operator typed another consent in.
fn seed(settings: &AmazonSettings) -> String {
    let client_id = settings.client_id.as_deref().map(Secret::new);
    hash([&settings.refresh_token, &client_id])
}

/// Takes in the consent that the seller gave, with its first access token. It counts until the configuration names another one.
pub(in crate::jobs) fn take_in_amazon(
    session: &Session,
    refresh_token: Secret,
    access: amazon::AccessToken,
) -> Result<(), Error> {
    let tokens = StoredTokens {
        access: access.token,
        access_expires_at: access.expires_at,
        refresh: Some(refresh_token),
        refresh_expires_at: None,
        scopes: Vec::new(),
        seed_hash: seed(&session.settings.amazon),
        updated_at: session.now(),
    };
    Ok(session.store.keep_tokens(Vendor::Amazon, &tokens)?)
}

struct AmazonTokens {
    store: Arc<Store>,
    sender: Arc<Sender>,
    clock: Clock,
    settings: AmazonSettings,
}

pub(in crate::jobs) fn amazon_source(session: &Session) -> Result<amazon::TokenSource, Error> {
    let tokens = AmazonTokens::of(session)?;
    Ok(Box::new(move |refused| tokens.give(refused)))
}

/// Exchanges the refresh token for a new access token, whatever the kept one is worth.
///
/// # Errors
/// When credentials are missing or refused; the kept token stays.
pub(in crate::jobs) fn prove_amazon(session: &Session) -> Result<(), Error> {
    let tokens = AmazonTokens::of(session)?;
    let _turn = turn(&tokens.store, &tokens.sender, tokens.clock)?;
    tokens.exchange()?;
    Ok(())
}

impl AmazonTokens {
    fn of(session: &Session) -> Result<Self, Error> {
        amazon_credentials(&session.store, &session.settings.amazon)?;
        Ok(Self {
            store: Arc::clone(&session.store),
            sender: Arc::clone(&session.sender),
            clock: session.clock,
            settings: session.settings.amazon.clone(),
        })
    }

    fn give(&self, refused: Option<&Secret>) -> Result<Secret, amazon::Error> {
        if let Some(token) = self.kept(refused)? {
            return Ok(token);
        }
        // One exchange at a time; the others take what it stored.
        let _turn = turn(&self.store, &self.sender, self.clock).map_err(amazon::Error::without_token)?;
        match self.kept(refused)? {
            Some(token) => Ok(token),
            None => self.exchange(),
        }
    }

    fn kept(&self, refused: Option<&Secret>) -> Result<Option<Secret>, amazon::Error> {
        let stored = self
            .store
            .tokens(Vendor::Amazon)
            .map_err(amazon::Error::without_token)?;
        let usable = stored.filter(|tokens| {
            tokens.seed_hash == seed(&self.settings)
                && tokens.access_expires_at - self.clock.now() > MARGIN
                && refused.is_none_or(|refused| tokens.access != *refused)
        });
        Ok(usable.map(|tokens| tokens.access))
    }

    /// Amazon's refresh token stays the same: an access token that can't be stored costs an exchange, nothing more. The consent is read
    /// in the turn: another process may have taken a new one in.
    fn exchange(&self) -> Result<Secret, amazon::Error> {
        let stored = self
            .store
            .tokens(Vendor::Amazon)
            .map_err(amazon::Error::without_token)?;
        let kept = stored.and_then(|tokens| kept_consent(&self.settings, &tokens));
        let consent = kept.clone().or_else(|| self.settings.refresh_token.clone());
        let credentials = self.settings.credentials_with(consent);
        let credentials = credentials.map_err(amazon::Error::without_token)?;
        let credentials = amazon::Credentials {
            client_id: credentials.client_id,
            client_secret: credentials.client_secret,
            refresh_token: credentials.refresh_token,
        };
        let fresh = amazon::exchange_refresh_token(&self.sender, &self.settings.auth_url, &credentials)?;
        let tokens = StoredTokens {
            access: fresh.token,
            access_expires_at: fresh.expires_at,
            refresh: kept,
            refresh_expires_at: None,
            scopes: Vec::new(),
            seed_hash: seed(&self.settings),
            updated_at: self.clock.now(),
        };
        self.store
            .keep_tokens(Vendor::Amazon, &tokens)
            .map_err(amazon::Error::without_token)?;
        Ok(tokens.access)
    }
}
