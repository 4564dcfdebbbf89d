//! What is late, what may become late, and what TikTok counts against the shop's MCF warehouse.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::summary::Summary;
use super::super::{Error, Session};
use super::FAILURES_MAX;
use super::teller::Teller;
use crate::domain::deadline::ship_by;
use crate::domain::event::{Event, instant};
use crate::store::{NotShipped, StoredParcel, ToldPackage};

/// From this full hour after shipping on, a parcel whose number TikTok lacks is spoken of.
const WARNING_HOURS: i64 = 2;

/// From these full hours on it raises an alarm.
const ALARM_HOURS: [i64; 2] = [3, 4];

/// So long before its deadline it is told that Amazon has not shipped an order.
const NOTICE: TimeDelta = TimeDelta::hours(12);

/// TikTok's marks on a parcel are read when it had this time to set them.
const MARKS_AFTER: TimeDelta = TimeDelta::hours(1);

/// So many parcels a run.
const MARKS_MOST: u32 = 50;

/// Five parcels that are none of MCF's switch the warehouse off (TikTok's "Amazon MCF Setup Guide").
const COUNTED_MAX: u32 = 5;

/// From here on a person should know.
const COUNTED_WARNING: u32 = 3;

/// The kinds of causes that are told here.
const COUNTED: &str = "tracking.counted_non_mcf";
const NOT_SHIPPED: &str = "tracking.not_shipped";

/// Speaks of each parcel that left hours ago and that TikTok has no number of: at two hours a warning, at three and four an alarm,
/// each once.
pub(super) fn watch(session: &Session, summary: &mut Summary) -> Result<(), Error> {
    let now = session.now();
    for parcel in session.store.late_parcels(now - TimeDelta::hours(WARNING_HOURS))? {
        let Some(shipped_at) = parcel.shipped_at else {
            continue;
        };
        let hours = (now - shipped_at).num_hours();
        if hours >= ALARM_HOURS[0] {
            summary.count("overdue");
        }
        let text = late_text(&parcel, shipped_at, hours);
        if tell_late(session, &parcel, shipped_at, hours, &text)? {
            summary.notes.push(format!("order {}: {text}", parcel.order));
        }
    }
    Ok(())
}

fn tell_late(
    session: &Session,
    parcel: &StoredParcel,
    shipped_at: DateTime<Utc>,
    hours: i64,
    text: &str,
) -> Result<bool, Error> {
    let alarm = ALARM_HOURS.into_iter().rfind(|mark| hours >= *mark);
    let event = alarm.map(|_| Event::TrackingOverdue {
        order: parcel.order.clone(),
        shipped_at,
        hours,
    });
    let mark = alarm.unwrap_or(WARNING_HOURS);
    let store = &session.store;
    Ok(store.tell_overdue(parcel, mark, event.as_ref(), text, session.now())?)
}

fn late_text(parcel: &StoredParcel, shipped_at: DateTime<Utc>, hours: i64) -> String {
    let missing = match &parcel.tracking_number {
        Some(number) => format!("TikTok does not have {number}"),
        None => "Amazon gave no number".to_owned(),
    };
    format!("shipped at {}, {hours} hours ago, and {missing}", instant(shipped_at))
}

/// Tells, once an order and before the deadline, that Amazon has not shipped it, and once more when it has. No flag: nothing is wrong
/// yet, and none of the closed list of reasons says it; a history row and an `error` event do.
pub(super) fn warn_of_deadlines(session: &Session, summary: &mut Summary) -> Result<(), Error> {
    let now = session.now();
    let has_us_rules = session.settings.amazon.country() == Some("US");
    let mut standing = Vec::new();
    for order in session.store.not_shipped()? {
        let deadline = match has_us_rules {
            true => ship_by(&order.deadlines, order.paid_at),
            false => order.deadlines.nearest(),
        };
        let Some(deadline) = deadline else {
            continue;
        };
        let is_planned_late = order.planned_at.is_some_and(|planned| planned > deadline);
        if deadline - now > NOTICE && !is_planned_late {
            continue;
        }
        let text = deadline_text(&order, deadline);
        if !order.is_noted {
            session.store.note(&order.order, "deadline", &text, now)?;
            summary.notes.push(text.clone());
        }
        standing.push((order.order.to_string(), text));
    }
    Ok(session.store.tell_causes(NOT_SHIPPED, standing, |_| true, now)?)
}

fn deadline_text(order: &NotShipped, deadline: DateTime<Utc>) -> String {
    let status = order.amazon_status.as_deref().unwrap_or("not known");
    let plan = order
        .planned_at
        .map_or_else(String::new, |at| format!(", planned for {}", instant(at)));
    format!(
        "order {} must be marked shipped at TikTok by {}, and Amazon has not shipped all of it (status {status}{plan})",
        order.order,
        instant(deadline)
    )
}

/// Returns the parcels that TikTok has had for a while and whose marks were not read.
pub(super) fn packages_to_check(session: &Session) -> Result<Vec<ToldPackage>, Error> {
    let before = session.now() - MARKS_AFTER;
    Ok(session.store.packages_to_check(before, MARKS_MOST)?)
}

/// Reads TikTok's marks on parcels, each once. One that can't be read now is returned as trouble, and does not keep the others from
/// being read; after several in a row TikTok is left alone.
pub(super) fn read_marks(
    session: &Session,
    teller: &Teller<'_>,
    packages: &[ToldPackage],
) -> Result<Vec<Error>, Error> {
    let (mut troubles, mut failures) = (Vec::new(), 0);
    for package in packages {
        if failures == FAILURES_MAX {
            break;
        }
        session.check_stop()?;
        let is_counted = match teller.tiktok().package(&package.order, &package.package) {
            Ok(found) => found.is_counted_against_mcf(),
            Err(error) if error.is_permanent() => None,
            Err(error) if error.is_credentials() => return Err(error.into()),
            Err(error) => {
                session.store.note_failed(package.parcel, session.now())?;
                troubles.push(error.into());
                failures += 1;
                continue;
            }
        };
        failures = 0;
        session.store.note_counted(package, is_counted, session.now())?;
    }
    Ok(troubles)
}

/// Warns before TikTok switches the warehouse off: in each summary, and with an event for each further parcel.
pub(super) fn warn_of_counted(session: &Session, summary: &mut Summary) -> Result<(), Error> {
    let counted = session.store.counted_against_mcf()?;
    let mut standing = Vec::new();
    if counted >= COUNTED_WARNING {
        let message = format!(
            "TikTok counts {counted} parcels that did not come from MCF; {COUNTED_MAX} switch the MCF warehouse off. Look at their numbers in Seller Center"
        );
        summary.notes.push(message.clone());
        standing.push((counted.to_string(), message));
    }
    // What was told of fewer parcels stands while there are more.
    let is_over = |told: &str| told.parse::<u32>().is_ok_and(|told| told > counted);
    Ok(session.store.tell_causes(COUNTED, standing, is_over, session.now())?)
}
