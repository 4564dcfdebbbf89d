//! Asking Amazon what it would make of an order. The answer is kept, so that it is asked again only about another order, or after hours.

use std::sync::atomic::Ordering;

use super::batch::Batch;
use crate::amazon::{self, Kind, preview_body};
use crate::domain::deadline::PREVIEW_BELIEVED;
use crate::domain::fulfillment::Preview;
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::Order;
use crate::domain::routing::{Previewed, Route, ask_without, is_offered_at_any_speed};
use crate::jobs::Error;
use crate::jobs::submission::hash_of;

/// After so many orders in a row without an answer it is taken for down. One alone may be the order's own fault.
const FAILURES_MAX: u32 = 3;

impl Batch<'_> {
    /// Where Amazon can't do the order with what is asked beside the goods, it is asked whether it can without: what gives way is left
    /// out then, and what does not is a person's.
    pub(super) fn preview_with_features(
        &self,
        order: &Order,
        route: Box<Route>,
    ) -> Result<(Box<Route>, Previewed), Error> {
        let asked = self.preview(order, &route)?;
        let (mut tried, mut answer) = (Route::clone(&route), asked.clone());
        while let Some(feature) = ask_without(&tried.draft.features, &answer) {
            tried = tried.without(feature);
            answer = self.preview(order, &tried)?;
            if !is_offered_at_any_speed(&answer) {
                continue;
            }
            if !feature.gives_way() {
                return Ok((route, Previewed::Lacks(feature)));
            }
            if let Some(store) = self.session.writable_store() {
                store.keep_refused_feature(&order.id, feature, self.session.now())?;
            }
            tried.explanation.push(feature.given_up().to_owned());
            return Ok((Box::new(tried), answer));
        }
        Ok((route, asked))
    }

    /// Returns what Amazon shows. That it gives no answer is no trouble of the order, which goes all the same; where it is down the
    /// others of this run do not wait for it again.
    fn preview(&self, order: &Order, route: &Route) -> Result<Previewed, Error> {
        let Some(body) = preview_body(&route.draft) else {
            return Ok(Previewed::Failed("the order has no destination".to_owned()));
        };
        let (store, now, hash) = (&self.session.store, self.session.now(), hash_of(&body));
        if let Some(shown) = store.kept_preview(&order.id, &hash, now - PREVIEW_BELIEVED)? {
            return Ok(Previewed::Shown(shown));
        }
        if self.previews_failed.load(Ordering::Relaxed) >= FAILURES_MAX {
            return Ok(Previewed::Failed(
                "Amazon's preview did not answer in this run".to_owned(),
            ));
        }
        match self.amazon.preview(&body, Some(&order.id)) {
            Ok(shown) => {
                self.previews_failed.store(0, Ordering::Relaxed);
                let has_guard = self.session.settings.routing.fee_share_max > 0;
                if let Some(store) = self.session.writable_store().filter(|_| is_whole(&shown, has_guard)) {
                    store.keep_preview(&order.id, &hash, &shown, self.session.now())?;
                }
                Ok(Previewed::Shown(shown))
            }
            Err(error) if is_refusal(error.kind()) => Ok(Previewed::Refused(error.to_string())),
            Err(error) => self.without_preview(&order.id, &error),
        }
    }

    fn without_preview(&self, order: &TiktokOrderId, error: &amazon::Error) -> Result<Previewed, Error> {
        self.session.check_stop()?;
        log::warn!(
            order_id = order.as_str(), operation = error.operation().name, request_id = error.request_id();
            "no preview of the order: {error}"
        );
        let failures = if is_down(error) { FAILURES_MAX } else { 1 };
        self.previews_failed.fetch_add(failures, Ordering::Relaxed);
        Ok(Previewed::Failed(error.to_string()))
    }
}

/// What Amazon leaves out, it may say when it is asked again.
fn is_whole(shown: &[Preview], needs_fees: bool) -> bool {
    let is_whole = |one: &Preview| one.latest_ship_at.is_some() && (!needs_fees || !one.fees.is_empty());
    !shown.is_empty() && shown.iter().filter(|one| one.is_fulfillable).all(is_whole)
}

/// Amazon can't be reached, or says that it answers nobody now.
fn is_down(error: &amazon::Error) -> bool {
    matches!(error.status(), None | Some(429 | 503))
}

/// Amazon looked at the draft and does not want it; anything else says nothing about it.
fn is_refusal(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::InvalidSku | Kind::OutOfStock | Kind::InvalidAddress | Kind::InvalidInput
    )
}
