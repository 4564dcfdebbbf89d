//! Where wishes to cancel are found: TikTok's cancellations, or the marks on its orders where the app may not read those.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::ids::TiktokOrderId;
use crate::domain::shop::Cancellation;
use crate::jobs::detection::{AHEAD, Detected, each_page, read_pages};
use crate::jobs::{Error, Session};
use crate::tiktok::{CancellationQuery, OrderQuery, Tiktok, UnreadableOrder};

/// TikTok agrees by itself after 24 hours, so that no open request is older than this.
const LOOK_BACK: TimeDelta = TimeDelta::hours(72);

/// A wish to cancel is no change of status: the order that has it may have changed last when it was made.
const ORDERS_LOOK_BACK: TimeDelta = TimeDelta::days(30);

/// The requests of the last days.
#[derive(Default)]
pub(super) struct Requests {
    pub(super) readable: Vec<Cancellation>,
    pub(super) unreadable: Vec<UnreadableOrder>,
}

/// Reads every request of the last days: those that were settled meanwhile matter, too.
pub(super) fn requests(tiktok: &Tiktok, now: DateTime<Utc>) -> Result<Requests, Error> {
    let query = CancellationQuery {
        updated_from: Some(now - LOOK_BACK),
        ..CancellationQuery::default()
    };
    let mut requests = Requests::default();
    each_page("TikTok's cancellations", |page| {
        if page.is_none() {
            requests = Requests::default();
        }
        let found = tiktok.search_cancellations(&query, page)?;
        requests.readable.extend(found.cancellations);
        requests.unreadable.extend(found.unreadable);
        Ok(found.next)
    })?;
    Ok(requests)
}

/// Finds and stores the orders whose buyers wish to cancel by the mark on the order itself.
pub(super) fn marked_orders(session: &Session, tiktok: &Tiktok) -> Result<BTreeSet<TiktokOrderId>, Error> {
    let query = OrderQuery {
        updated_from: session.now() - ORDERS_LOOK_BACK,
        updated_to: session.now() + AHEAD,
        status: None,
        cancel_requested: Some(true),
    };
    let mut found = Detected::default();
    read_pages(session, tiktok, &query, None, &mut found)?;
    Ok(session.store.cancel_requested()?)
}
