//! `mcf sync-tracking`: read what changed at Amazon, tell TikTok each parcel's number, watch the clock.
//!
//! [`to_read`] chooses what is read, [`teller`] tells one number, [`overdue`] speaks of what is late, [`marks`] reads what TikTok makes of
//! the parcels. Before numbers are told, TikTok shows their orders: fifty in one look, and none waits longer than a minute for it, so
//! that a long sweep does not hold it up. What a vendor's trouble left undone is told first in the next run.

mod answer;
mod ask;
mod carriers;
mod marks;
mod overdue;
mod teller;
mod to_read;
mod whereabouts;

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};

use super::fulfillment::{follow, list_changes, news, number_rule};
use super::lost_units;
use super::summary::{Finished, Touched, Work};
use super::{Error, Session};
use crate::amazon::Amazon;
use crate::domain::deadline::LOOK_AFTER;
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::domain::order::Order;
use crate::domain::parcel::parcels;
use crate::domain::state::State;
use crate::domain::tracking::Asker;
use crate::store::{Intent, StoredParcel};
pub(super) use carriers::carrier_rules;
use teller::{FAILURES_MAX, Outcome, Teller};

/// Orders that TikTok shows in one look.
const LOOK_MAX: usize = 50;

/// Does one run, for all orders or for one.
///
/// # Errors
/// When nothing could be done at all: no credentials, no database, no shop.
pub fn run(session: &Session, only: Option<&TiktokOrderId>, progress: &dyn Fn(u64, u64)) -> Result<Finished, Error> {
    let amazon = session.amazon()?;
    let mut run = Run {
        session,
        only,
        teller: None,
        failures: 0,
        tried: HashSet::new(),
        to_tell: ToTell::default(),
        work: Work::default(),
    };
    for name in ["found", "pushed", "waiting", "refused", "overdue"] {
        run.work.summary.add(name, 0);
    }
    // The clock is watched whatever the vendors do.
    if let Err(error) = run.read_and_push(&amazon, progress) {
        run.work.note(error);
    }
    for ended in [run.end(&amazon), run.answer()] {
        if let Err(error) = ended {
            run.work.note(error);
        }
    }
    Ok(run.work.finish())
}

struct Run<'a> {
    session: &'a Session,
    only: Option<&'a TiktokOrderId>,
    teller: Option<Teller<'a>>,
    failures: u32,
    tried: HashSet<i64>,
    to_tell: ToTell,
    work: Work,
}

/// Parcels that wait for one look at their orders.
#[derive(Default)]
struct ToTell {
    parcels: Vec<StoredParcel>,
    orders: usize,
    since: Option<DateTime<Utc>>,
}

impl ToTell {
    /// Adds the parcels of one order.
    fn add(&mut self, parcels: Vec<StoredParcel>, now: DateTime<Utc>) {
        if !parcels.is_empty() {
            self.parcels.extend(parcels);
            self.orders += 1;
            self.since.get_or_insert(now);
        }
    }

    fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.orders >= LOOK_MAX || self.since.is_some_and(|since| now - since >= LOOK_AFTER)
    }
}

impl<'a> Run<'a> {
    fn read_and_push(&mut self, amazon: &Amazon, progress: &dyn Fn(u64, u64)) -> Result<(), Error> {
        let to_read = match self.only {
            // What a person asks for is read first: Amazon may have another number by now.
            Some(id) => one(self.session, id)?,
            None => {
                let listed = self.listed(amazon)?;
                self.push_left_over(&listed)?;
                to_read::due(self.session, &listed)?
            }
        };
        let read = self.read_all(amazon, &to_read, progress);
        // What is known is told even where Amazon shows nothing more.
        let told = self.tell();
        read.and(told)
    }

    fn read_all(
        &mut self,
        amazon: &Amazon,
        to_read: &[FulfillmentOrderId],
        progress: &dyn Fn(u64, u64),
    ) -> Result<(), Error> {
        let total = to_read.len() as u64;
        for (done, id) in (0..).zip(to_read) {
            progress(done, total);
            self.session.check_stop()?;
            let Some(intent) = self.session.store.intent(id)? else {
                continue;
            };
            match self.read_one(amazon, &intent) {
                Err(error) if error.ends_the_run() => return Err(error),
                Err(error) => {
                    self.note_tried(&intent)?;
                    self.work.note(error);
                }
                Ok(()) => {}
            }
            self.note_to_tell(&intent.order)?;
            if self.to_tell.is_due(self.session.now()) {
                self.tell()?;
            }
        }
        progress(total, total);
        Ok(())
    }

    fn listed(&mut self, amazon: &Amazon) -> Result<BTreeSet<FulfillmentOrderId>, Error> {
        match list_changes(self.session, amazon) {
            Err(error) if error.ends_the_run() => Err(error),
            Err(error) => {
                self.work.note(error);
                Ok(BTreeSet::new())
            }
            Ok(listed) => Ok(listed.into_iter().map(|head| head.id).collect()),
        }
    }

    /// What has just changed at Amazon is told after it is read: there may be another number or other contents by now.
    fn push_left_over(&mut self, listed: &BTreeSet<FulfillmentOrderId>) -> Result<(), Error> {
        let mut left_over = self.session.store.parcels_to_push(self.session.now())?;
        left_over.retain(|parcel| !listed.contains(&parcel.fulfillment_order));
        self.push_all(left_over)
    }

    fn read_one(&mut self, amazon: &Amazon, intent: &Intent) -> Result<(), Error> {
        let before = self.session.store.parcels_of(&intent.order)?;
        let flags_before = self.session.store.flags(&intent.order)?;
        let found = follow(self.session, amazon, intent)?;
        if let Some(touched) = news(self.session, intent, &flags_before)? {
            self.work.summary.count("flagged");
            self.work.summary.orders.push(touched);
        }
        let Some(found) = found else {
            return self.note_tried(intent);
        };
        if self.session.is_dry_run() {
            let known = |number: &str| {
                before
                    .iter()
                    .any(|parcel| parcel.tracking_number.as_deref() == Some(number))
            };
            let parcels = parcels(&found, number_rule(self.session));
            for parcel in parcels {
                if let Some(number) = parcel.tracking_number.filter(|number| !known(number)) {
                    self.work.summary.count("found");
                    self.would_tell(&intent.order, &number, &parcel.carrier_code);
                }
            }
            return Ok(());
        }
        let now_known = self.session.store.parcels_of(&intent.order)?.len();
        self.work.summary.add("found", now_known.saturating_sub(before.len()));
        Ok(())
    }

    fn note_tried(&self, intent: &Intent) -> Result<(), Error> {
        match self.session.writable_store() {
            Some(store) => Ok(store.note_tried(&intent.id, self.session.now())?),
            None => Ok(()),
        }
    }

    fn would_tell(&mut self, order: &TiktokOrderId, number: &str, carrier: &str) {
        let text = format!("would tell TikTok {number} ({carrier})");
        let row = Touched::new(order, State::Shipped).explained(text);
        self.work.summary.orders.push(row);
    }

    fn note_to_tell(&mut self, order: &TiktokOrderId) -> Result<(), Error> {
        let now = self.session.now();
        let (order, asker) = match self.only {
            Some(order) => (order, Asker::Person),
            None => (order, Asker::Schedule),
        };
        let parcels = self.session.store.parcels_to_push_of(order, asker, now)?;
        self.to_tell.add(parcels, now);
        Ok(())
    }

    fn tell(&mut self) -> Result<(), Error> {
        let waiting = std::mem::take(&mut self.to_tell);
        self.push_all(waiting.parcels)
    }

    fn push_all(&mut self, mut parcels: Vec<StoredParcel>) -> Result<(), Error> {
        parcels.retain(|parcel| self.tried.insert(parcel.id));
        if self.session.is_dry_run() {
            for parcel in &parcels {
                let number = parcel.tracking_number.as_deref().unwrap_or("no number yet");
                self.would_tell(&parcel.order, number, &parcel.carrier_code);
            }
            return Ok(());
        }
        let mut orders: Vec<TiktokOrderId> = Vec::new();
        for parcel in &parcels {
            if !orders.contains(&parcel.order) {
                orders.push(parcel.order.clone());
            }
        }
        for orders in orders.chunks(LOOK_MAX) {
            self.session.check_stop()?;
            let seen = self.look(orders)?;
            for parcel in parcels.iter().filter(|parcel| orders.contains(&parcel.order)) {
                self.session.check_stop()?;
                let seen = seen.iter().find(|order| order.id == parcel.order);
                self.push_as_it_is(parcel.id, seen)?;
            }
        }
        Ok(())
    }

    /// One call before the numbers of many orders: what was cancelled, shipped by hand or moved meanwhile is seen there. A look that
    /// failed does not end the run: each number says for itself whether it can wait.
    fn look(&mut self, orders: &[TiktokOrderId]) -> Result<Vec<Order>, Error> {
        if self.failures >= FAILURES_MAX {
            return Ok(Vec::new());
        }
        match self.teller().and_then(|teller| teller.look(orders)) {
            Err(error) if error.ends_the_run() => Err(error),
            Err(error) => {
                self.work.note(error);
                Ok(Vec::new())
            }
            Ok(seen) => Ok(seen),
        }
    }

    /// Telling one parcel may have told another, or moved its units.
    fn push_as_it_is(&mut self, id: i64, seen: Option<&Order>) -> Result<(), Error> {
        match self.session.store.parcel(id)? {
            Some(parcel) if !parcel.lines.is_empty() && !parcel.is_told() => self.push(&parcel, seen),
            Some(_) | None => Ok(()),
        }
    }

    fn push(&mut self, parcel: &StoredParcel, seen: Option<&Order>) -> Result<(), Error> {
        if self.failures >= FAILURES_MAX {
            return Ok(());
        }
        match self.teller().and_then(|teller| teller.tell(parcel, seen)) {
            Ok(outcome) => {
                self.failures = 0;
                self.note_outcome(parcel, outcome)
            }
            Err(error) if error.ends_the_run() => Err(error),
            Err(error) => {
                self.failures += 1;
                self.session.store.note_failed(parcel.id, self.session.now())?;
                self.work.note(error);
                Ok(())
            }
        }
    }

    /// Opened once, and only where TikTok is needed.
    fn teller(&mut self) -> Result<&mut Teller<'a>, Error> {
        let teller = match self.teller.take() {
            Some(teller) => teller,
            None => Teller::open(self.session)?,
        };
        Ok(self.teller.insert(teller))
    }

    fn note_outcome(&mut self, parcel: &StoredParcel, outcome: Outcome) -> Result<(), Error> {
        let stored = self.session.store.order(&parcel.order)?;
        let state = stored.map_or(State::Shipped, |stored| stored.state);
        let mut touched = Touched::new(&parcel.order, state);
        touched.fulfillment_order = Some(parcel.fulfillment_order.clone());
        match outcome {
            Outcome::Told(text) => {
                self.work.summary.count("pushed");
                touched.explanation.push(text);
            }
            Outcome::Refused(flag) => {
                self.work.summary.count("refused");
                touched.flags.push(flag);
            }
            Outcome::Waits(why) => touched.explanation.push(why),
        }
        self.work.summary.orders.push(touched);
        Ok(())
    }

    /// What needs no vendor comes first.
    fn end(&mut self, amazon: &Amazon) -> Result<(), Error> {
        if self.session.is_dry_run() {
            return Ok(());
        }
        let (session, summary) = (self.session, &mut self.work.summary);
        summary.add("waiting", session.store.count_waiting(self.only)?);
        summary.join(overdue::watch(session)?);
        summary.notes.extend(overdue::warn_of_deadlines(session)?);
        summary.join(lost_units::tell(session)?);
        for id in session.store.complete_orders(session.now())? {
            note_completed(&id, &mut summary.orders);
        }
        let packages = marks::packages_to_check(session)?;
        if self.only.is_none() && self.failures < FAILURES_MAX && !packages.is_empty() {
            let troubles = marks::read_marks(session, self.teller()?, &packages)?;
            troubles.into_iter().for_each(|error| self.work.note(error));
        }
        if self.only.is_none() {
            whereabouts::look(session, amazon)?;
        }
        carriers::tell_named(session)?;
        self.work.summary.notes.extend(marks::warn_of_counted(session)?);
        Ok(())
    }

    /// Who asks for one order is told how it stands, also where nothing was to be done.
    fn answer(&mut self) -> Result<(), Error> {
        let rows = &self.work.summary.orders;
        let asked = self.only.filter(|id| rows.iter().all(|row| row.id != **id));
        let found = asked.map(|id| answer::of(self.session, id)).transpose()?;
        if let Some(row) = found.flatten() {
            let is_flagged = !row.flags.is_empty();
            self.work.summary.add("flagged", usize::from(is_flagged));
            self.work.summary.orders.push(row);
        }
        Ok(())
    }
}

fn one(session: &Session, id: &TiktokOrderId) -> Result<Vec<FulfillmentOrderId>, Error> {
    if session.store.order(id)?.is_none() {
        return Err(Error::OrderNotFound(id.clone()));
    }
    let newest = session.store.newest_intent(id)?;
    // Of an order whose rest was sent, parcels of both may be on their way.
    let before = match newest.as_ref().is_some_and(|newest| newest.is_rest) {
        true => session.store.intents_at_amazon(id)?,
        false => Vec::new(),
    };
    let mut ids: Vec<FulfillmentOrderId> = before.into_iter().chain(newest).map(|intent| intent.id).collect();
    ids.dedup();
    Ok(ids)
}

/// An order whose last number was just told shows its end in the same row.
fn note_completed(id: &TiktokOrderId, rows: &mut Vec<Touched>) {
    let mut is_listed = false;
    for row in rows.iter_mut().filter(|row| row.id == *id) {
        row.state = State::Completed;
        is_listed = true;
    }
    if !is_listed {
        let row = Touched::new(id, State::Completed).explained("all parcels are shipped and told");
        rows.push(row);
    }
}
