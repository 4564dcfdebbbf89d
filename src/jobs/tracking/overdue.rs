//! What is late, and what may become late.

use crate::domain::deadline::OVERDUE_FROM;
use crate::domain::tracking::overdue::{late, may_ship_late};
use crate::jobs::summary::Summary;
use crate::jobs::{Error, Session};

/// The kind of causes that are told here.
const NOT_SHIPPED: &str = "tracking.not_shipped";

/// Speaks of each parcel that left hours ago and that TikTok has no number of, each hour once.
pub(super) fn watch(session: &Session) -> Result<Summary, Error> {
    let (store, now, mut summary) = (&session.store, session.now(), Summary::default());
    for parcel in store.late_parcels(now - OVERDUE_FROM)? {
        let number = parcel.tracking_number.as_deref();
        let late = parcel.shipped_at.and_then(|at| late(&parcel.order, number, at, now));
        let Some(late) = late else {
            continue;
        };
        if late.alarm.is_some() {
            summary.count("overdue");
        }
        if store.tell_overdue(&parcel, &late, now)? {
            summary.notes.push(format!("order {}: {}", parcel.order, late.text));
        }
    }
    Ok(summary)
}

/// Tells, once an order and before the deadline, that Amazon has not shipped it, and once more when it has. Returns what is new.
pub(super) fn warn_of_deadlines(session: &Session) -> Result<Vec<String>, Error> {
    let (now, mut news) = (session.now(), Vec::new());
    // TikTok's rules for the US give a deadline where it names none.
    let has_us_rules = session.settings.amazon.country() == Some("US");
    let margin = session.settings.routing.speeds.deadline.margin;
    let mut standing = Vec::new();
    for order in session.store.not_shipped()? {
        if let Some(plan) = order.plan(margin) {
            session.store.note_planned(&order.order, plan, now)?;
        }
        let Some(text) = may_ship_late(&order, has_us_rules, now) else {
            continue;
        };
        if !order.is_noted {
            session.store.note_lateness(&order.order, &text, now)?;
            news.push(text.clone());
        }
        standing.push((order.order.to_string(), text));
    }
    session.store.tell_causes(NOT_SHIPPED, standing, |_| true, now)?;
    Ok(news)
}
