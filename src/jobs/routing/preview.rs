//! Asking Amazon what it would make of an order. The answer is kept, so that it is asked again only about another order, or after hours.

use std::sync::atomic::Ordering;

use super::batch::Batch;
use crate::amazon::{self, Kind, preview_body};
use crate::domain::deadline::PREVIEW_BELIEVED;
use crate::domain::fulfillment::Preview;
use crate::domain::order::Order;
use crate::domain::routing::{Previewed, Route};
use crate::jobs::Error;
use crate::jobs::submission::hash_of;

impl Batch<'_> {
    /// Returns what Amazon shows. That it gives no answer is no trouble of the order, which goes all the same; the others of this run
    /// do not wait for it again.
    pub(super) fn preview(&self, order: &Order, route: &Route) -> Result<Previewed, Error> {
        let Some(body) = preview_body(&route.draft) else {
            return Ok(Previewed::Failed("the order has no destination".to_owned()));
        };
        let (store, now, hash) = (&self.session.store, self.session.now(), hash_of(&body));
        if let Some(shown) = store.kept_preview(&order.id, &hash, now - PREVIEW_BELIEVED)? {
            return Ok(Previewed::Shown(shown));
        }
        if self.is_preview_down.load(Ordering::Relaxed) {
            return Ok(Previewed::Failed(
                "Amazon's preview did not answer in this run".to_owned(),
            ));
        }
        match self.amazon.preview(&body, Some(&order.id)) {
            Ok(shown) => {
                let has_guard = self.session.settings.routing.fee_share_max > 0;
                if let Some(store) = self.session.to_change().filter(|_| is_whole(&shown, has_guard)) {
                    store.keep_preview(&order.id, &hash, &shown, self.session.now())?;
                }
                Ok(Previewed::Shown(shown))
            }
            Err(error) if is_refusal(error.kind()) => Ok(Previewed::Refused(error.to_string())),
            Err(error) => self.without_preview(&error),
        }
    }

    fn without_preview(&self, error: &amazon::Error) -> Result<Previewed, Error> {
        self.session.check_stop()?;
        log::warn!("Amazon's preview: {error}");
        self.is_preview_down.store(true, Ordering::Relaxed);
        Ok(Previewed::Failed(error.to_string()))
    }
}

/// What Amazon leaves out, it may say when it is asked again.
fn is_whole(shown: &[Preview], needs_fees: bool) -> bool {
    let is_whole = |one: &Preview| one.latest_ship_at.is_some() && (!needs_fees || !one.fees.is_empty());
    !shown.is_empty() && shown.iter().filter(|one| one.is_fulfillable).all(is_whole)
}

/// Amazon looked at the draft and does not want it; anything else says nothing about it.
fn is_refusal(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::InvalidSku | Kind::OutOfStock | Kind::InvalidAddress | Kind::InvalidInput
    )
}
