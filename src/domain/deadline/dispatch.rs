//! Whether an order was dispatched in time: what TikTok's late dispatch rate counts, and what is due on which day.
//!
//! TikTok's clock ends with the carrier's scan. What this program knows of it is when Amazon handed the last parcel over.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::ids::TiktokOrderId;
use crate::domain::order::{Deadlines, OrderStatus};
use crate::domain::state::State;

/// What decides whether an order was dispatched in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// The order.
    pub order: TiktokOrderId,
    /// By when it was due.
    pub deadlines: Deadlines,
    /// Where it stands, also where a person has dismissed it and it is followed all the same.
    pub life: State,
    /// TikTok's own word.
    pub tiktok_status: OrderStatus,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// When each of its parcels left; `None` for one that has not.
    pub parcels: Vec<Option<DateTime<Utc>>>,
    /// Units that are still wanted and in no parcel.
    pub units_without_parcel: u32,
    /// Whether Amazon says that all of it is shipped, whatever its parcels say about their units.
    pub is_complete: bool,
    /// Whether Amazon's preview, or its plan once it has the order, says that it leaves too late.
    pub is_planned_late: bool,
    /// How fast it goes, in Amazon's word.
    pub speed: Option<String>,
    /// Who carries the parcel that left last.
    pub carrier: Option<String>,
}

/// How an order stands against its deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timeliness {
    /// TikTok names none.
    NoDeadline,
    /// Somebody else ships it, or it isn't known when it left.
    Elsewhere,
    /// Cancelled before it was due.
    Withdrawn,
    /// Not handed over, and not due yet.
    Open,
    /// Not handed over, and past its deadline.
    OpenLate,
    /// Handed over in time.
    InTime,
    /// Handed over after its deadline.
    HandedOverLate,
    /// Cancelled after its deadline, and never handed over.
    CancelledLate,
}

impl Timeliness {
    /// Tells whether the order was, or will be, counted as late.
    #[must_use]
    pub fn is_late(self) -> bool {
        matches!(self, Self::OpenLate | Self::HandedOverLate | Self::CancelledLate)
    }

    /// Tells whether the order counts once it is due.
    #[must_use]
    pub fn is_counted(self) -> bool {
        self.is_late() || self == Self::InTime
    }
}

impl Dispatch {
    /// Returns when the last of it was handed over; `None` while something is missing.
    #[must_use]
    pub fn handed_over_at(&self) -> Option<DateTime<Utc>> {
        let left: Option<Vec<DateTime<Utc>>> = self.parcels.iter().copied().collect();
        let is_whole = self.is_complete || self.units_without_parcel == 0;
        left?.into_iter().max().filter(|_| is_whole)
    }

    /// Judges the order. Exactly at its deadline it is in time.
    #[must_use]
    pub fn timeliness(&self, now: DateTime<Utc>) -> Timeliness {
        let Some(due) = self.deadlines.handed_over_by() else {
            return Timeliness::NoDeadline;
        };
        if let Some(at) = self.handed_over_at() {
            return match at > due {
                true => Timeliness::HandedOverLate,
                false => Timeliness::InTime,
            };
        }
        match self.cancelled_at.filter(|_| self.life == State::Cancelled) {
            Some(at) if at > due => Timeliness::CancelledLate,
            Some(_) => Timeliness::Withdrawn,
            None if !self.is_open() => Timeliness::Elsewhere,
            None if now > due => Timeliness::OpenLate,
            None => Timeliness::Open,
        }
    }

    /// Tells whether it is open, still in time, and to leave too late by Amazon's own word.
    #[must_use]
    pub fn is_at_risk(&self, now: DateTime<Utc>) -> bool {
        self.is_planned_late && self.timeliness(now) == Timeliness::Open
    }

    /// Returns what it is counted as; `None` where it does not count. Once it is over, that is the same by any clock.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Option<Due> {
        let late = self.lateness(now)?.num_seconds();
        Some(Due {
            by: end_of_quarter(self.deadlines.handed_over_by()?),
            speed: self.speed.clone(),
            carrier: self.carrier.clone().filter(|_| self.handed_over_at().is_some()),
            late_up_to: LATENESS_ENDS.into_iter().find(|end| late <= *end)?,
            orders: 1,
        })
    }

    /// Returns how long after its deadline it was handed over, less than nothing where it was early. What is still to be handed over
    /// counts until now. `None` where it does not count.
    #[must_use]
    pub fn lateness(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let due = self
            .deadlines
            .handed_over_by()
            .filter(|_| self.timeliness(now).is_counted())?;
        let until = self.handed_over_at().or(self.cancelled_at).unwrap_or(now);
        Some(until - due)
    }

    /// Whether it is still to be handed over, by us and not by somebody else.
    fn is_open(&self) -> bool {
        let is_scanned = matches!(
            self.tiktok_status,
            OrderStatus::InTransit | OrderStatus::Delivered | OrderStatus::Completed
        );
        !self.life.has_ended() && !is_scanned
    }
}

/// Seconds after the deadline up to which orders are counted together; what is more than a day late is one.
pub const LATENESS_ENDS: [i64; 8] = [
    -48 * HOUR,
    -24 * HOUR,
    -12 * HOUR,
    -6 * HOUR,
    0,
    6 * HOUR,
    24 * HOUR,
    i64::MAX,
];

const HOUR: i64 = 3_600;

/// Orders are counted by the quarter of an hour in which they were due, in seconds.
pub const QUARTER: i64 = 900;

/// Orders that were due in one quarter of an hour and went alike. Only these count for the late dispatch rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The end of the quarter.
    pub by: DateTime<Utc>,
    /// How fast they went, in Amazon's word.
    pub speed: Option<String>,
    /// Who carried the parcels that left last; `None` where they were not handed over.
    pub carrier: Option<String>,
    /// The first of [`LATENESS_ENDS`] that their lateness does not exceed; they were in time up to 0.
    pub late_up_to: i64,
    /// How many.
    pub orders: u64,
}

impl Due {
    /// Tells whether they were handed over late or not at all.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.late_up_to > 0
    }

    /// Tells whether they were due in a span that ends now.
    #[must_use]
    pub fn is_within(&self, span: TimeDelta, now: DateTime<Utc>) -> bool {
        self.by > now - span && self.by <= now
    }
}

fn end_of_quarter(at: DateTime<Utc>) -> DateTime<Utc> {
    let past = (at.timestamp() - 1).rem_euclid(QUARTER) + 1;
    at + TimeDelta::seconds(QUARTER - past)
}

/// Orders that were due, and those of them that were handed over late or not at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All that were due.
    pub due: u64,
    /// The late ones.
    pub late: u64,
}

impl Tally {
    fn with(self, due: &Due) -> Self {
        Self {
            due: self.due + due.orders,
            late: self.late + if due.is_late() { due.orders } else { 0 },
        }
    }

    /// Returns the share of late orders, from 0 to 1; `None` where none was due.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.due > 0).then(|| self.late as f64 / self.due as f64)
    }
}

/// Counts the orders that were due in a span that ends now.
#[must_use]
pub fn tally<'a>(orders: impl IntoIterator<Item = &'a Due>, span: TimeDelta, now: DateTime<Utc>) -> Tally {
    let due = orders.into_iter().filter(|order| order.is_within(span, now));
    due.fold(Tally::default(), |tally, due| tally.with(due))
}

/// Counts the same for each word that the orders are told apart by.
#[must_use]
pub fn tallies(
    orders: &[Due],
    span: TimeDelta,
    now: DateTime<Utc>,
    word: impl Fn(&Due) -> String,
) -> BTreeMap<String, Tally> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for due in orders.iter().filter(|due| due.is_within(span, now)) {
        let tally = tallies.entry(word(due)).or_default();
        *tally = tally.with(due);
    }
    tallies
}

/// How many open orders are due when, by the days of the shop's region. None counts twice among `late`, `today` and `tomorrow`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ahead {
    /// Past their deadline.
    pub late: u64,
    /// Due in what is left of today.
    pub today: u64,
    /// Due tomorrow.
    pub tomorrow: u64,
    /// In time so far, and to leave after their deadline by Amazon's preview or plan and the operator's margin.
    pub at_risk: u64,
}

/// Counts the open orders by when they are due.
#[must_use]
pub fn ahead(orders: &[Dispatch], zone: Tz, now: DateTime<Utc>) -> Ahead {
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let (today, tomorrow) = (Some(day(now)), day(now).checked_add_days(Days::new(1)));
    let mut ahead = Ahead::default();
    for order in orders {
        let due_on = order.deadlines.handed_over_by().map(day);
        match order.timeliness(now) {
            Timeliness::OpenLate => ahead.late += 1,
            Timeliness::Open if due_on == today => ahead.today += 1,
            Timeliness::Open if due_on == tomorrow => ahead.tomorrow += 1,
            Timeliness::Open
            | Timeliness::NoDeadline
            | Timeliness::Elsewhere
            | Timeliness::Withdrawn
            | Timeliness::InTime
            | Timeliness::HandedOverLate
            | Timeliness::CancelledLate => (),
        }
        ahead.at_risk += u64::from(order.is_at_risk(now));
    }
    ahead
}

#[cfg(test)]
mod tests;
