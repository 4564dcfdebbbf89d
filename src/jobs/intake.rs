//! Detection: which orders TikTok has that we must look at.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Error, Session};
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::Order;
use crate::tiktok::{OrderQuery, Tiktok};

const CURSOR: &str = "tiktok.orders";

/// TikTok's results may lie outside of the window that was asked for, and its clock is not ours.
const OVERLAP: TimeDelta = TimeDelta::hours(2);

/// A gap of days is covered in windows of this length, so that each moves the cursor on its own.
const WINDOW_MAX: TimeDelta = TimeDelta::hours(24);

/// Orders that change in the second in which we ask belong to this window, too.
const AHEAD: TimeDelta = TimeDelta::minutes(1);

/// More pages than any window has; a list that is longer goes round in circles.
const PAGES_MAX: usize = 10_000;

/// What the search showed.
#[derive(Debug, Default)]
pub(super) struct Detected {
    /// Orders seen for the first time.
    pub(super) new: Vec<TiktokOrderId>,
    /// Every order that the search showed.
    pub(super) seen: BTreeSet<TiktokOrderId>,
    /// Orders that TikTok gave in a form that can't be used.
    pub(super) unreadable: Vec<String>,
}

/// Searches by change time, window by window. Each page is stored before the next one is asked for, and the cursor moves
/// in the transaction of a window's last page. In a dry run nothing is stored.
pub(super) fn detect(session: &Session, tiktok: &Tiktok) -> Result<Detected, Error> {
    let now = session.now();
    let lookback = TimeDelta::hours(i64::from(session.settings.routing.lookback_hours));
    let mut from = session
        .store
        .cursor(CURSOR)?
        .map_or(now - lookback, |cursor| cursor - OVERLAP);
    let end = now + AHEAD;
    let mut detected = Detected::default();
    while from < end {
        session.check_stop()?;
        let to = end.min(from + WINDOW_MAX);
        read_window(session, tiktok, from, to, &mut detected)?;
        from = to;
    }
    Ok(detected)
}

fn read_window(
    session: &Session,
    tiktok: &Tiktok,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    detected: &mut Detected,
) -> Result<(), Error> {
    let query = OrderQuery {
        updated_from: from,
        updated_to: to,
        status: None,
        cancel_requested: None,
    };
    let mut tokens = HashSet::new();
    let mut page: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let found = tiktok.search_orders(&query, page.as_deref())?;
        let cursor = found.next.is_none().then(|| (CURSOR, to.min(session.now())));
        for unreadable in &found.unreadable {
            let id = unreadable.id.as_ref().map_or("without id", TiktokOrderId::as_str);
            detected
                .unreadable
                .push(format!("order {id} can't be read: {}", unreadable.why));
        }
        store_page(session, &found.orders, cursor, detected)?;
        match found.next {
            None => return Ok(()),
            Some(next) if !tokens.insert(next.clone()) => return Err(Error::PagesInCircle("TikTok's orders")),
            Some(next) => page = Some(next),
        }
    }
    Err(Error::PagesInCircle("TikTok's orders"))
}

fn store_page(
    session: &Session,
    orders: &[Order],
    cursor: Option<(&str, DateTime<Utc>)>,
    detected: &mut Detected,
) -> Result<(), Error> {
    detected.seen.extend(orders.iter().map(|order| order.id.clone()));
    if session.is_dry_run {
        for order in orders {
            if session.store.order(&order.id)?.is_none() {
                detected.new.push(order.id.clone());
            }
        }
        return Ok(());
    }
    let intake = session.store.take_in(orders, cursor, session.now())?;
    detected.new.extend(intake.detected);
    Ok(())
}
