//! Where wishes to cancel are found: TikTok's cancellations, or the marks on its orders where the app may not read those.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::ids::TiktokOrderId;
use crate::domain::shop::Cancellation;
use crate::jobs::intake::{AHEAD, Detected, read_pages};
use crate::jobs::{Error, Session};
use crate::tiktok::{CancellationQuery, OrderQuery, Tiktok, UnreadableOrder};

/// TikTok agrees by itself after 24 hours, so that no open request is older than this.
const LOOK_BACK: TimeDelta = TimeDelta::hours(72);

/// A wish to cancel is no change of status: the order that has it may have changed last when it was made.
const ORDERS_LOOK_BACK: TimeDelta = TimeDelta::days(30);

/// More pages than open requests ever fill.
const PAGES_MAX: usize = 1_000;

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
    let mut tokens = HashSet::new();
    let mut page: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let found = tiktok.search_cancellations(&query, page.as_deref())?;
        requests.readable.extend(found.cancellations);
        requests.unreadable.extend(found.unreadable);
        match found.next {
            None => return Ok(requests),
            Some(next) if !tokens.insert(next.clone()) => break,
            Some(next) => page = Some(next),
        }
    }
    Err(Error::PagesInCircle("TikTok's cancellations"))
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
