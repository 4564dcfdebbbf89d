//! `mcf route <ORDER_ID>`: one order, now, even if it is flagged.

use super::batch::Batch;
use super::load::Candidate;
use super::never_shown::retract_if_missing;
use super::rest;
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::TiktokOrderId;
use crate::domain::state::State;
use crate::domain::submission::{AskedBy, Outcome};
use crate::jobs::fulfillment::follow;
use crate::jobs::submission::{note_outcome, settle};
use crate::jobs::summary::{Finished, Touched, Work};
use crate::jobs::{Error, Session, warehouses};

/// What the person says who routes an order.
#[derive(Debug, Clone, Default)]
pub struct Word {
    /// The doubts that the person settles.
    pub accept: Vec<String>,
    /// Whether what Amazon left out is to go, and nothing else.
    pub rest: bool,
    /// How fast it is to go.
    pub speed: Option<ShippingSpeed>,
    /// Why.
    pub because: Option<String>,
    /// The operator's account.
    pub by: String,
}

impl Word {
    /// Returns who accepted something, or routes the order, and why, as the history tells it.
    fn in_words(&self) -> String {
        let because = self
            .because
            .as_ref()
            .map_or_else(String::new, |because| format!(": {because}"));
        let done = if self.accept.is_empty() { "routed" } else { "accepted" };
        format!("{done} by {}{because}", self.by)
    }

    /// Takes what the person says of the order before it is decided.
    fn take(&self, batch: &mut Batch<'_>, candidate: &Candidate) -> Result<(), Error> {
        if let Some(speed) = &self.speed {
            batch.name_speed(candidate, speed, &self.in_words())?;
        }
        if !self.accept.is_empty() {
            return batch.accept(candidate, &self.accept, &self.in_words());
        }
        batch.note_reason(candidate, self.because.as_ref().map(|_| self.in_words()))
    }
}

/// Decides and sends one order; the summary holds exactly its row.
///
/// # Errors
/// When TikTok has no such order, the operator holds or dismissed it, or nothing could be done at all.
pub fn run(session: &Session, id: &TiktokOrderId, word: &Word) -> Result<Finished, Error> {
    let (tiktok, amazon) = (session.tiktok()?, session.amazon()?);
    let mut work = Work::default();
    let mut unsettled = session.store.unsettled()?.into_iter();
    if let Some(intent) = unsettled.find(|intent| intent.order == *id)
        && !session.is_dry_run()
    {
        let outcome = settle(session, &amazon, &intent, AskedBy::Person)?;
        if let Err(error) = note_outcome(session, id, outcome, &mut work) {
            work.note(error);
        }
        return Ok(work.finish());
    }
    match session.store.order(id)? {
        Some(stored) if stored.is_dismissed => return Err(Error::Dismissed(id.clone())),
        Some(stored) if stored.held => return Err(Error::Held(id.clone())),
        Some(_) | None => {}
    }
    if word.rest && !is_dead_as_a_whole(session, id)? {
        return rest::run(session, (&tiktok, &amazon), id, &word.in_words());
    }
    if let Some(intent) = session.store.newest_intent(id)?
        && intent.outcome == Outcome::Accepted
    {
        follow(session, &amazon, &intent)?;
        if !intent.is_rest {
            retract_if_missing(session, &intent.id)?;
        }
    }
    warehouses::look(session, &tiktok)?;
    let mut batch = Batch::open(session, &tiktok, &amazon, std::slice::from_ref(id), &mut work)?;
    let candidate = batch.take_candidates().into_iter().next();
    let is_shown = candidate.is_some();
    if let Some(candidate) = candidate {
        decide_and_send(&mut batch, candidate, word, &mut work)?;
    }
    if work.summary.orders.is_empty() {
        match as_it_is(session, id)? {
            Some(row) => work.summary.touch(row),
            None if is_shown => {}
            None => return Err(Error::OrderNotFound(id.clone())),
        }
    }
    Ok(work.finish())
}

/// Decides the order as the person wants it, and carries that out.
fn decide_and_send(batch: &mut Batch<'_>, candidate: Candidate, word: &Word, work: &mut Work) -> Result<(), Error> {
    let (session, id) = (batch.session, candidate.order.id.clone());
    word.take(batch, &candidate)?;
    let approved = batch.approve(&candidate.order);
    let turn = batch.plan(candidate, AskedBy::Person)?;
    turn.rows.into_iter().for_each(|row| work.summary.touch(row));
    if let Some(planned) = turn.planned {
        if let (Some(store), Some(units)) = (session.writable_store(), approved) {
            store.approve(&id, &units, &format!("approved: {}", word.in_words()), session.now())?;
        }
        let handled = batch.carry_out(&planned);
        work.join(handled.work);
        if let Err(error) = handled.result {
            work.note(error);
        }
    }
    Ok(())
}

/// The rest of an order of which nothing left is the order itself: it goes as a whole.
fn is_dead_as_a_whole(session: &Session, id: &TiktokOrderId) -> Result<bool, Error> {
    let is_flagged = session.store.state(id)? == Some(State::Flagged);
    Ok(is_flagged
        && session
            .store
            .newest_intent(id)?
            .is_some_and(|intent| intent.is_surely_dead()))
}

/// Nothing changed, or TikTok did not show the order in a form that can be used: its row shows where it stands and why. `None` where
/// it is not known here.
fn as_it_is(session: &Session, id: &TiktokOrderId) -> Result<Option<Touched>, Error> {
    let Some(stored) = session.store.order(id)? else {
        return Ok(None);
    };
    Ok(Some(Touched {
        detail: stored.state_detail,
        flags: session.store.flags(id)?,
        fulfillment_order: session.store.newest_intent(id)?.map(|intent| intent.id),
        ..Touched::new(id, stored.state)
    }))
}
