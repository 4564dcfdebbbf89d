//! Pushes that wait for a second reading: what the first one said is kept, the next `poll` reads again.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{GIVEN, Readings};
use super::{Reading, push};
use crate::domain::deadline::{FIRST_READING_KEPT, SALES_EXPLAIN, SECOND_READING_AFTER};
use crate::domain::ids::TiktokSkuId;
use crate::domain::inventory::brake::{BrakeRules, Change, Pending, Ruling, Sold, is_explained, judge};
use crate::domain::inventory::plan::Figure;
use crate::domain::mapping::{Resolution, resolve};
use crate::jobs::summary::Work;
use crate::jobs::{Error, Session};
use crate::store::{self, LockError};

/// The fact under which the figures of a push that was held back wait for a second reading.
const HELD: &str = "inventory.held";

/// Takes the second reading where one is due, and writes what it confirms; what it does not waits for `sync-inventory` or a person.
/// Without one nobody is asked anything. A run of `sync-inventory` under way is the second reading itself.
pub(in crate::jobs) fn take_second_reading(session: &Session, work: &mut Work) -> Result<(), Error> {
    if session.is_dry_run() || !is_due(session)? {
        return Ok(());
    }
    session.check_stop()?;
    let _turn = match session.store.take("inventory", session.now()) {
        Ok(turn) => turn,
        Err(LockError::Busy { .. }) => return Ok(()),
        Err(error) => return Err(store::Error::from(error).into()),
    };
    if !is_due(session)? {
        return Ok(());
    }
    let finished = push(session, Reading::Second, &|_, _| {})?.finished;
    let written = finished.summary.counts.get("written").copied().unwrap_or_default();
    work.summary
        .add("stockWritten", usize::try_from(written).unwrap_or(usize::MAX));
    work.summary.notes.extend(finished.summary.notes);
    finished.trouble.map_or(Ok(()), |error| work.go_on_after(Err(error)))
}

fn is_due(session: &Session) -> Result<bool, Error> {
    let held = session.store.fact::<Pending>(HELD)?;
    Ok(held.is_some_and(|(pending, read_at)| {
        let age = session.now() - read_at;
        !pending.is_second && (SECOND_READING_AFTER..FIRST_READING_KEPT).contains(&age)
    }))
}

/// Judges what was read, and keeps what must be said once more.
pub(super) fn ruling(
    session: &Session,
    readings: &Readings,
    figures: &[Figure],
    reading: Reading,
) -> Result<Ruling, Error> {
    if reading == Reading::Forced {
        return Ok(Ruling::Write);
    }
    let rules = BrakeRules {
        zero_share: session.settings.inventory.brake_zero_share,
        factor: session.settings.inventory.brake_factor,
    };
    let first = session.store.fact::<Pending>(HELD)?;
    let first = first.filter(|(_, at)| session.now() - *at < FIRST_READING_KEPT);
    let first = first.as_ref().map(|(pending, _)| pending);
    let mut changes: Vec<Change> = figures.iter().filter_map(|figure| change(readings, figure)).collect();
    let mut ruling = judge(&changes, readings.answers, first, rules);
    if ruling != Ruling::Write {
        explain(session, readings, figures, &mut changes)?;
        ruling = judge(&changes, readings.answers, first, rules);
    }
    if let Some(store) = session.writable_store().filter(|_| ruling != Ruling::Write) {
        let pending = Pending {
            is_second: reading == Reading::Second,
            ..Pending::of(&changes, readings.answers.given)
        };
        store.keep_fact(HELD, &pending, session.now())?;
    }
    Ok(ruling)
}

/// Everything may go: nothing waits any more, and so many SKUs are the measure of the next answer.
pub(super) fn release(session: &Session, given: usize) -> Result<(), Error> {
    let known = session.store.fact::<usize>(GIVEN)?.map(|(given, _)| given);
    if known != Some(given) {
        session.store.keep_fact(GIVEN, &given, session.now())?;
    }
    Ok(session.store.forget_fact(HELD)?)
}

/// Returns the figures with the updates of some variants only.
pub(super) fn only(figures: &[Figure], variants: &BTreeSet<TiktokSkuId>) -> Vec<Figure> {
    let mut some = figures.to_vec();
    for figure in some.iter_mut().filter(|figure| !variants.contains(&figure.sku)) {
        figure.update = None;
    }
    some
}

/// What is not known on either side, or not ours to write, neither falls nor jumps.
fn change(readings: &Readings, figure: &Figure) -> Option<Change> {
    let (from, to) = figure.shown.zip(figure.wanted)?;
    figure.withheld.is_none().then(|| Change {
        sku: figure.sku.clone(),
        from,
        to,
        is_followed: readings.followed.contains_key(&figure.sku),
        is_explained: false,
    })
}

/// Finds which falls our own orders explain. Sales are read only when something looks like a mistake.
fn explain(session: &Session, readings: &Readings, figures: &[Figure], changes: &mut [Change]) -> Result<(), Error> {
    let sold = sold(session, readings)?;
    let by_sku: BTreeMap<&TiktokSkuId, &Figure> = figures.iter().map(|figure| (&figure.sku, figure)).collect();
    for change in changes.iter_mut().filter(|change| i64::from(change.to) < change.from) {
        let both = by_sku.get(&change.sku).zip(readings.followed.get(&change.sku));
        change.is_explained = both.is_some_and(|(figure, agreed)| is_explained(figure, *agreed, &sold));
    }
    Ok(())
}

/// What our orders took: those that Amazon has or may have, and those that wait here.
fn sold(session: &Session, readings: &Readings) -> Result<Sold, Error> {
    let since = session.now() - SALES_EXPLAIN;
    let mut sold = session.store.sold_since(since)?;
    for (at, line) in readings.open.iter().filter(|(at, _)| *at > since) {
        if let Resolution::Mapped(target) = resolve(line, &readings.mappings) {
            for part in target.parts {
                sold.entry(part.amazon_sku)
                    .or_default()
                    .push((*at, i64::from(part.quantity)));
            }
        }
    }
    Ok(sold)
}
