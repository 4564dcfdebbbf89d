//! What the operator does to one order, or would do in a dry run, and what it means for the order.

use chrono::{DateTime, Utc};

use super::Refusal;
use crate::config::Settings;
use crate::domain::ids::TiktokOrderId;
use crate::domain::routing::approval::Approved;
use crate::domain::state::{State, Step};
use crate::store::{self, Error, OrderRow, Store};

/// Who does something, with what and why.
pub struct Operator<'a> {
    /// The database.
    pub store: &'a Store,
    /// What is in force.
    pub settings: &'a Settings,
    /// What was approved before.
    pub approved: &'a Approved,
    /// Who, as the history names them.
    pub name: &'a str,
    /// Why, for the history.
    pub because: Option<&'a str>,
    /// When.
    pub now: DateTime<Utc>,
}

/// One order under the operator's hand.
pub struct Hand<'a> {
    /// Whose.
    pub operator: &'a Operator<'a>,
    /// The order.
    pub row: &'a OrderRow,
    /// Whether nothing is to be changed.
    pub is_dry_run: bool,
}

/// What was done to an order, or would be.
#[derive(Debug)]
pub struct HandAction {
    /// What was done, e.g. `held`, or why there was nothing to do.
    what: String,
    /// What follows for the order.
    effect: String,
    is_changed: bool,
}

impl Hand<'_> {
    fn store(&self) -> &Store {
        self.operator.store
    }

    /// Says for the history who did it, where a reason is given.
    pub fn said(&self, done: &str) -> String {
        match self.operator.because {
            Some(because) => format!("{done} by {}: {because}", self.operator.name),
            None => format!("{done} by the operator"),
        }
    }
}

impl HandAction {
    /// Tells whether there was something to do.
    pub fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Says it in a sentence.
    pub fn sentence(&self, row: &OrderRow, is_dry_run: bool) -> String {
        let (id, what, effect) = (&row.id, &self.what, &self.effect);
        match (self.is_changed, is_dry_run) {
            (false, _) => format!("order {id} is {what}; nothing changed"),
            (true, false) => format!("order {id} is {what}: {effect}"),
            (true, true) => format!("order {id} would be {what}: {effect}"),
        }
    }

    /// What was done, or why there was nothing to do.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What follows for the order.
    #[must_use]
    pub fn effect(&self) -> &str {
        &self.effect
    }

    pub(super) fn done(what: &str, effect: impl Into<String>) -> Self {
        Self {
            what: what.to_owned(),
            effect: effect.into(),
            is_changed: true,
        }
    }

    pub(super) fn nothing(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            effect: "nothing changed".to_owned(),
            is_changed: false,
        }
    }
}

/// Keeps the order from being sent.
pub fn hold(hand: &Hand<'_>) -> Result<HandAction, Refusal> {
    if hand.row.held {
        return Ok(HandAction::nothing("held already"));
    }
    if !hand.is_dry_run {
        hand.store()
            .hold(&hand.row.id, true, &hand.said("held"), hand.operator.now)?;
    }
    Ok(HandAction::done("held", effect_of_hold(hand.row)))
}

fn effect_of_hold(row: &OrderRow) -> String {
    let (id, state) = (&row.id, row.state);
    match state {
        State::Detected | State::Waiting | State::Ready | State::Flagged => {
            format!("it stays {state} and is not sent until `mcf orders release {id}`")
        }
        State::Submitting | State::Routed | State::Shipped | State::Cancelling => {
            format!("it is {state} and goes on at Amazon; it is only not sent anew")
        }
        State::Completed | State::Cancelled | State::Dismissed | State::NotEligible => {
            format!("it is {state}, so that nothing was going to be sent")
        }
    }
}

/// Lifts the hold and gives the order back, to be decided anew by the next poll.
pub fn release(hand: &Hand<'_>) -> Result<HandAction, Refusal> {
    let row = hand.row;
    let is_set_aside = match row.state {
        State::Waiting | State::Flagged | State::NotEligible => true,
        State::Detected
        | State::Ready
        | State::Submitting
        | State::Routed
        | State::Shipped
        | State::Completed
        | State::Cancelling
        | State::Cancelled
        | State::Dismissed => false,
    };
    if row.state == State::Dismissed && !row.held {
        return Err(still_dismissed(row));
    }
    if !is_set_aside && !row.held {
        return Ok(HandAction::nothing(format!("{} and not held", row.state)));
    }
    let is_decided_anew = is_set_aside && !is_at_amazon(row);
    if is_set_aside && !is_decided_anew && !row.held {
        return Err(sent_before(row));
    }
    if !hand.is_dry_run {
        let (why, now) = (hand.said("released"), hand.operator.now);
        if is_decided_anew {
            hand.store()
                .step(&row.id, row.state, Step::Release, &why, now)
                .map_err(write_conflict)?;
        }
        hand.store().hold(&row.id, false, &why, now)?;
    }
    Ok(HandAction::done("released", effect_of_release(row, is_decided_anew)))
}

/// A run that changed the order in between goes first; the operator decides on what it left.
fn write_conflict(error: Error) -> Refusal {
    match error {
        Error::WriteConflict { .. } => Refusal::WriteConflict(error),
        error => error.into(),
    }
}

/// Amazon has, or may have, something under one of our ids; the next decision would leave the order where it is.
fn is_at_amazon(row: &OrderRow) -> bool {
    // What left stays under way, though the create of its rest was refused.
    row.state == State::Shipped
        || row
            .outcome
            .as_deref()
            .is_some_and(|outcome| !matches!(outcome, "refused" | "not_sent"))
}

fn effect_of_release(row: &OrderRow, is_decided_anew: bool) -> String {
    let is_undecided = matches!(row.state, State::Detected | State::Ready);
    let id = &row.id;
    if row.state == State::Dismissed {
        format!("it stays dismissed until `mcf orders restore {id}`")
    } else if row.outcome.as_deref() == Some("refused") {
        format!("the next poll decides it anew; what Amazon refused is sent unchanged only by `mcf route {id}`")
    } else if is_decided_anew || is_undecided {
        "the next poll decides it anew".to_owned()
    } else {
        format!("it is {} and goes on", row.state)
    }
}

fn still_dismissed(row: &OrderRow) -> Refusal {
    let id = &row.id;
    Refusal::not_now(
        format!("order {id} is dismissed and not held; releasing it would change nothing"),
        format!("mcf orders restore {id} takes the dismissal back"),
    )
}

fn sent_before(row: &OrderRow) -> Refusal {
    let ours = row.fulfillment_order.as_ref().map_or("it", |id| id.as_str());
    Refusal::not_now(
        format!(
            "order {} is {} and Amazon has or may have {ours}; giving it back would change nothing",
            row.id, row.state
        ),
        format!("mcf status {} shows it; mcf route {} tries once more", row.id, row.id),
    )
}

/// Takes the order off our hands.
pub fn dismiss(hand: &Hand<'_>) -> Result<HandAction, Refusal> {
    let row = hand.row;
    if row.state == State::Dismissed {
        return Ok(HandAction::nothing("dismissed already"));
    }
    let is_settled = matches!(row.state, State::Completed | State::Cancelled) && row.flags.is_empty();
    if is_settled || row.state.after(Step::Dismiss).is_err() {
        return Err(not_dismissed(row));
    }
    let is_followed = is_at_amazon(row) || matches!(row.state, State::Completed | State::Cancelled);
    if !hand.is_dry_run {
        let (why, now) = (hand.said("dismissed"), hand.operator.now);
        hand.store()
            .dismiss(&row.id, row.state, is_followed, &why, now)
            .map_err(write_conflict)?;
    }
    Ok(HandAction::done("dismissed", effect_of_dismissal(row)))
}

fn effect_of_dismissal(row: &OrderRow) -> String {
    let id = &row.id;
    match &row.fulfillment_order {
        Some(ours) if is_at_amazon(row) => format!(
            "Amazon has {ours} and goes on with it; its parcels are told to TikTok all the same. `mcf orders restore {id}` takes this back"
        ),
        Some(_) | None => format!("it is never sent, unless `mcf orders restore {id}` takes this back"),
    }
}

/// Takes a dismissal back.
pub fn restore(hand: &Hand<'_>) -> Result<HandAction, Refusal> {
    let row = hand.row;
    if row.state != State::Dismissed {
        return Ok(HandAction::nothing(format!("{} and not dismissed", row.state)));
    }
    if !hand.is_dry_run {
        hand.store()
            .take_dismissal_back(&row.id, &hand.said("restored"), hand.operator.now)
            .map_err(write_conflict)?;
    }
    let effect = match row.followed_as {
        Some(state) if row.held => format!("it is {state}, and still held: `mcf orders release {}`", row.id),
        Some(state) => format!("it is {state}, and goes on as it did"),
        None if row.held => format!(
            "it is held: the next poll decides it anew after `mcf orders release {}`",
            row.id
        ),
        None => "the next poll decides it anew".to_owned(),
    };
    Ok(HandAction::done("restored", effect))
}

fn not_dismissed(row: &OrderRow) -> Refusal {
    let (why, help) = match row.state {
        State::NotEligible => (
            "it was never ours to send",
            format!("nothing; mcf status {} says why", row.id),
        ),
        State::Completed | State::Cancelled => ("it has ended and needs nobody", "nothing".to_owned()),
        State::Detected
        | State::Waiting
        | State::Ready
        | State::Submitting
        | State::Routed
        | State::Shipped
        | State::Flagged
        | State::Cancelling
        | State::Dismissed => ("its state has no such step", format!("mcf status {}", row.id)),
    };
    Refusal::not_now(
        format!("order {} is {} and can't be dismissed: {why}", row.id, row.state),
        help,
    )
}

/// Erases what is known about the buyer of an order that has ended.
pub fn erase(hand: &Hand<'_>) -> Result<HandAction, Refusal> {
    let row = hand.row;
    let followed = row.followed_as.filter(|life| life.is_at_amazon());
    if !row.state.has_ended() || followed.is_some() {
        return Err(still_open(row, followed));
    }
    let is_changed = if hand.is_dry_run {
        !is_erased(hand.store(), &row.id)?
    } else {
        hand.store()
            .erase_buyer(&row.id, &hand.said("buyer data erased"), hand.operator.now)?
    };
    Ok(if is_changed {
        HandAction::done(
            "without its buyer's data",
            "name, address and phone number are gone for good",
        )
    } else {
        HandAction::nothing("without its buyer's data already")
    })
}

/// The address is needed; a dismissal ends that only for an order that Amazon does not have.
fn still_open(row: &OrderRow, followed: Option<State>) -> Refusal {
    let id = &row.id;
    let state = followed.unwrap_or(row.state);
    let message = Error::StillOpen {
        order: id.to_string(),
        state,
    };
    let help = if state.is_at_amazon() {
        format!("wait until it has ended: mcf status {id}")
    } else {
        format!("wait until it has ended, or: mcf orders dismiss {id}")
    };
    Refusal::not_now(message.to_string(), help)
}

/// Tells whether the buyer of an order was forgotten, as its history says.
fn is_erased(store: &Store, id: &TiktokOrderId) -> store::Result<bool> {
    let history = store.history_rows(id)?;
    Ok(history.iter().any(|entry| entry.kind == "erased"))
}
