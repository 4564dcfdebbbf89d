//! Orders day by day: how many came, and how many failed.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::html;

use super::frame::Part;
use super::plot::{columns, days};
use crate::store::Tally;

/// How many days are shown.
pub const DAYS: u64 = 14;

/// The orders of each day.
#[must_use]
pub fn detected(seen: &[Tally], zone: Tz, now: DateTime<Utc>) -> Part {
    let body = html! {
        (columns("Orders a day", &days(seen, DAYS, zone, now, |tally| tally.well), ["detected", "routed since"]))
        p.soft { "Whole columns: detected on that day; filled: routed since. Days of " (zone.name()) "." }
    };
    Part::half("orders-a-day", "Orders a day", body)
}

/// The orders that were first flagged on each day.
#[must_use]
pub fn failed(failed: &[Tally], zone: Tz, now: DateTime<Utc>) -> Part {
    let still = |tally: &Tally| tally.all.saturating_sub(tally.well);
    let body = html! {
        (columns("Failures a day", &days(failed, DAYS, zone, now, still), ["flagged", "still flagged"]))
        p.soft { "Whole columns: first flagged on that day; filled: flagged still. Days of " (zone.name()) "." }
    };
    Part::half("failures-a-day", "Failures a day", body)
}
