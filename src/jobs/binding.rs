//! A database and the shop and account to which it belongs, see `domain::binding`.

use super::tokens::{amazon_credentials, hash};
use super::{Error, Session};
use crate::config::Settings;
use crate::domain::binding::{Binding, Other};
use crate::secret::Secret;
use crate::store::{Bound, Store};

/// Tells what of the settings belongs to another shop or account than the database. One to which nothing was sent and in which no run
/// ever was good belongs to nobody yet.
///
/// # Errors
/// When the database refuses or a credential is missing.
pub fn refused(store: &Store, settings: &Settings) -> Result<Option<Other>, Error> {
    let Some(bound) = store.bound()? else {
        return Ok(None);
    };
    if !bound.is_proven && !store.has_intents()? {
        return Ok(None);
    }
    let has_uncertain = !store.unsettled()?.is_empty();
    Ok(bound.to.differs(&named(store, settings)?, has_uncertain))
}

/// Tells whether a consent that is about to be taken in may be another account's than the database's.
///
/// # Errors
/// When the database refuses or the app is not configured.
pub(super) fn refuses_consent(session: &Session, refresh_token: &Secret) -> Result<Option<Other>, Error> {
    let (store, settings) = (&session.store, &session.settings);
    let Some(bound) = store.bound()? else {
        return Ok(None);
    };
    if !bound.is_proven && !store.has_intents()? {
        return Ok(None);
    }
    let app = settings.amazon.app()?.client_id;
    let named = Binding {
        seller: settings.amazon.seller_id.clone().filter(|seller| !seller.is_empty()),
        consent: consent(refresh_token, &app),
        app,
        ..bound.to.clone()
    };
    let has_uncertain = !store.unsettled()?.is_empty();
    Ok(bound.to.differs(&named, has_uncertain))
}

/// Notes to whom the database belongs, at the beginning of a run and, with `is_proven`, at the end of a good one.
///
/// # Errors
/// As for [`refused`].
pub fn bind(
    store: &Store,
    settings: &Settings,
    is_proven: bool,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Error> {
    let (known, named) = (store.bound()?, named(store, settings)?);
    let is_kept = |known: &Bound| known.is_proven || store.has_intents().unwrap_or(true);
    let to = match &known {
        Some(known) if is_kept(known) => known.to.renewed(&named),
        Some(_) | None => named,
    };
    let is_proven = is_proven || known.as_ref().is_some_and(|known| known.is_proven);
    let bound = Bound { to, is_proven };
    if known.as_ref() != Some(&bound) {
        store.keep_bound(&bound, now)?;
    }
    Ok(())
}

fn named(store: &Store, settings: &Settings) -> Result<Binding, Error> {
    let amazon = amazon_credentials(store, &settings.amazon)?;
    let seller = settings.amazon.seller_id.clone();
    Ok(Binding {
        shop: settings.tiktok.credentials_beside_stored_tokens()?.shop_id,
        marketplace: settings.amazon.marketplace_id.clone(),
        seller: seller.filter(|seller| !seller.is_empty()),
        consent: consent(&amazon.refresh_token, &amazon.client_id),
        app: amazon.client_id,
    })
}

fn consent(refresh_token: &Secret, app: &str) -> String {
    hash([&Some(refresh_token.clone()), &Some(Secret::new(app))])
}
