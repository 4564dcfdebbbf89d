//! What follows from the rules of an order's routing, in words of the domain.

use super::chosen::ChosenSpeed;
use super::decision::{Decision, Route};
use super::known::Units;
use super::stored::StoredDecision;
use crate::domain::flag::Flag;
use crate::domain::fulfillment::Draft;
use crate::domain::ids::FulfillmentOrderId;
use crate::domain::state::State;

/// What follows for an order. Nothing at all: nothing in this run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Follows {
    /// Units that it had taken and that are anyone's again.
    pub given_back: Option<Units>,
    /// Units that are the order's from then on.
    pub taken: Option<Units>,
    /// What is stored, shown and asked, one after the other.
    pub effects: Vec<Effect>,
}

impl Follows {
    pub(super) fn only(effect: Effect) -> Self {
        Self::from(vec![effect])
    }

    /// Nothing is sent of the route.
    pub(super) fn gives_back(route: &Route, effects: Vec<Effect>) -> Self {
        Self {
            given_back: Some(Units::of(&route.draft)),
            ..Self::from(effects)
        }
    }
}

impl From<Vec<Effect>> for Follows {
    fn from(effects: Vec<Effect>) -> Self {
        Self {
            effects,
            ..Self::default()
        }
    }
}

/// One thing that follows for an order. A question is always the last one: its answer is a new fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It takes its place again among the orders to decide, by a person's word.
    Release {
        /// Where it was set aside.
        from: State,
        /// For the history.
        why: &'static str,
    },
    /// This is to be done with it, when the orders before it have had their turn.
    Plan(Decision),
    /// This is stored.
    Store(StoredDecision),
    /// This speed was chosen; that the order is at risk of being late is told once.
    KeepSpeed(Box<ChosenSpeed>),
    /// The run's summary shows the order so.
    Show(Row),
    /// Only a plan shows the order so, for it is no news.
    ShowInPlan(Row),
    /// Something is asked.
    Ask(Ask),
}

/// A question to a vendor or to the door of a create, with what would go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// What Amazon would make of it.
    Preview(Box<Route>),
    /// Whether this body may go out, which differs from the one that was planned by its speed.
    Door {
        /// What would go out.
        route: Box<Route>,
        /// Its speed, and why.
        speed: Box<ChosenSpeed>,
        /// In which round.
        round: Round,
    },
    /// What TikTok says of the order right before its create.
    LastLook(Box<Route>),
    /// The create itself.
    Create(Box<Route>),
}

/// What a run's summary says of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it stands now, or would stand.
    pub state: State,
    /// Why it waits or is not eligible.
    pub detail: Option<String>,
    /// What a person must look at.
    pub flags: Vec<Flag>,
    /// Our id at Amazon, where there is one.
    pub fulfillment_order: Option<FulfillmentOrderId>,
    /// Which rules decided, or what was done.
    pub explanation: Vec<String>,
    /// What would be sent.
    pub draft: Option<Box<Draft>>,
}

impl Row {
    /// Makes a row that says nothing but where the order stands.
    #[must_use]
    pub fn new(state: State) -> Self {
        Self {
            state,
            detail: None,
            flags: Vec::new(),
            fulfillment_order: None,
            explanation: Vec::new(),
            draft: None,
        }
    }

    pub(super) fn explained(state: State, text: impl Into<String>) -> Self {
        Self {
            explanation: vec![text.into()],
            ..Self::new(state)
        }
    }
}

/// Which round through the preview and the door it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// The one for what was decided at its turn; the order is marked ready after it.
    First,
    /// The one for what changed by the last look; its create follows.
    LastLook,
}
