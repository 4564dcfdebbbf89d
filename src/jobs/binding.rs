//! A database and the shop and account to which it belongs, see `domain::binding`.

use super::Error;
use super::tokens::hash;
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
    Ok(bound.to.differs(&named(settings)?, has_uncertain))
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
    let (known, named) = (store.bound()?, named(settings)?);
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

fn named(settings: &Settings) -> Result<Binding, Error> {
    let amazon = settings.amazon.credentials()?;
    let seller = settings.amazon.seller_id.clone();
    Ok(Binding {
        shop: settings.tiktok.credentials_beside_stored_tokens()?.shop_id,
        marketplace: settings.amazon.marketplace_id.clone(),
        seller: seller.filter(|seller| !seller.is_empty()),
        consent: hash([&Some(amazon.refresh_token), &Some(Secret::new(&*amazon.client_id))]),
        app: amazon.client_id,
    })
}
