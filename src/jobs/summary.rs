//! What a run did, as values; `cli` and `report` make text and JSON of it.

use std::collections::BTreeMap;

use super::Error;
use crate::domain::flag::Flag;
use crate::domain::fulfillment::{Draft, DraftItem, ShippingSpeed};
use crate::domain::ids::{AmazonSku, FulfillmentOrderId, TiktokOrderId};
use crate::domain::state::State;
use crate::store;

/// What a run did.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// How many of what, by the names of the JSON, e.g. `routed`.
    pub counts: BTreeMap<&'static str, u64>,
    /// The orders that it touched, in the order in which they were.
    pub orders: Vec<Touched>,
    /// What a person should know and no order stands for.
    pub notes: Vec<String>,
}

/// An order that a run touched.
#[derive(Debug, Clone)]
pub struct Touched {
    /// The order.
    pub id: TiktokOrderId,
    /// Where it stands now, or would stand.
    pub state: State,
    /// Why it waits or is not eligible.
    pub detail: Option<String>,
    /// Our id at Amazon, where there is one.
    pub fulfillment_order: Option<FulfillmentOrderId>,
    /// What a person must look at.
    pub flags: Vec<Flag>,
    /// Which rules decided, or what was done.
    pub explanation: Vec<String>,
    /// What would be sent, in a dry run.
    pub plan: Option<Plan>,
}

/// What would be sent to Amazon. Nothing about the buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How fast.
    pub shipping_speed: ShippingSpeed,
    /// What, and how many of it.
    pub items: Vec<(AmazonSku, u32)>,
}

impl Plan {
    /// Reads the plan off a draft.
    #[must_use]
    pub fn of(draft: &Draft) -> Self {
        let item = |item: &DraftItem| (item.sku.clone(), item.quantity);
        Self {
            shipping_speed: draft.speed.clone(),
            items: draft.items.iter().map(item).collect(),
        }
    }
}

impl Touched {
    /// Makes the row of an order.
    #[must_use]
    pub fn new(id: &TiktokOrderId, state: State) -> Self {
        Self {
            id: id.clone(),
            state,
            detail: None,
            fulfillment_order: None,
            flags: Vec::new(),
            explanation: Vec::new(),
            plan: None,
        }
    }

    /// Adds what was done.
    #[must_use]
    pub fn explained(mut self, text: impl Into<String>) -> Self {
        self.explanation.push(text.into());
        self
    }
}

/// A finished job: what it did, and what kept it from doing all.
#[derive(Debug)]
pub struct Finished {
    /// What was done.
    pub summary: Summary,
    /// The first thing that kept it from doing all; what was not done is stored for the next run.
    pub trouble: Option<Error>,
}

impl Summary {
    /// Counts `by` more of `what`.
    pub fn add(&mut self, what: &'static str, by: usize) {
        *self.counts.entry(what).or_default() += by as u64;
    }

    /// Counts one more of `what`.
    pub fn count(&mut self, what: &'static str) {
        self.add(what, 1);
    }

    /// Adds what a part of the run did.
    pub(super) fn join(&mut self, part: Self) {
        for (what, by) in part.counts {
            *self.counts.entry(what).or_default() += by;
        }
        self.orders.extend(part.orders);
        self.notes.extend(part.notes);
    }

    /// Adds a touched order and counts it under its state.
    pub fn touch(&mut self, touched: Touched) {
        self.count(match touched.state {
            State::Routed | State::Shipped | State::Completed => "routed",
            State::Flagged => "flagged",
            State::Ready => "ready",
            State::Waiting | State::Detected => "waiting",
            State::Submitting => "unknown",
            State::Cancelling => "cancelling",
            State::Cancelled => "cancelled",
            State::Dismissed => "dismissed",
            State::NotEligible => "notEligible",
        });
        let amazon_id = touched.fulfillment_order.as_ref().map(FulfillmentOrderId::as_str);
        log::info!(order_id = touched.id.as_str(), amazon_id, state = touched.state.as_str(); "an order was looked at");
        self.orders.push(touched);
    }
}

/// What a run has done so far, and what kept it from more.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) summary: Summary,
    /// The first trouble, because it is usually the cause of the others.
    trouble: Option<Error>,
}

impl Work {
    pub(super) fn note(&mut self, error: Error) {
        error.log();
        self.trouble.get_or_insert(error);
    }

    /// Notes the trouble of one order or step and goes on, unless nothing else would fare better. An order that another run took in
    /// hand meanwhile is no trouble: that run does what is to be done.
    ///
    /// # Errors
    /// The error that ends the run.
    pub(super) fn go_on_after(&mut self, result: Result<(), Error>) -> Result<(), Error> {
        match result {
            Err(Error::Store(store::Error::WriteConflict { order, expected })) => {
                log::info!(order_id = order.as_str(); "an order is no longer {expected}; another run changed it");
            }
            Err(error) if error.ends_the_run() => return Err(error),
            Err(error) => self.note(error),
            Ok(()) => {}
        }
        Ok(())
    }

    /// Adds a part of the run.
    pub(super) fn join(&mut self, part: Self) {
        self.summary.join(part.summary);
        self.trouble = self.trouble.take().or(part.trouble);
    }

    /// Notes why the run ends before its work is done; that says more than the calls that did not leave any more.
    pub(super) fn end(&mut self, error: Error) {
        error.log();
        self.trouble = Some(error);
    }

    pub(super) fn finish(self) -> Finished {
        Finished {
            summary: self.summary,
            trouble: self.trouble,
        }
    }
}
