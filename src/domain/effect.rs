//! What follows from the rules of an order's life, in words of the domain.
//!
//! The lives (`fulfillment`, `cancellation`, …) return effects from facts; `jobs::apply` stores each in its own transaction, in their
//! order. A question to a vendor is always the last effect of a list: its answer is a new fact, and the life is asked again.

use super::flag::{Detail, Flag};
use super::state::Step;

/// One thing that follows for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It takes a step, for this reason.
    Step(Step, String),
    /// A person is needed.
    Raise(Flag),
    /// The causes of the flags with these details are gone.
    Clear(&'static [Detail]),
    /// The run's summary names the order, and says this of it.
    Show(String),
    /// Amazon has answered the request to cancel: it is not asked again.
    CancelAnswered,
    /// A person has heard of a parcel of an order that has ended on both sides: nothing more is to be looked at for that.
    LossTold,
    /// What the vendor said last keeps the order as it is: the run tells it as its trouble.
    Trouble,
    /// A vendor is asked; then the facts are read again.
    Ask(Ask),
}

/// A question to a vendor about one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Read the order's details at TikTok.
    ReadOrder,
    /// Read the fulfillment order at Amazon.
    ReadFulfillmentOrder,
    /// Look at Amazon for the order itself, of which nothing is known here to be there.
    LookForOrder,
    /// Ask Amazon to cancel it.
    CancelFulfillmentOrder,
    /// Answer the buyer's request at TikTok.
    AnswerRequest(RequestAnswer),
}

/// What a buyer who wishes to cancel is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestAnswer {
    /// The order is cancelled.
    Approved,
    /// It goes on.
    Declined,
}

#[cfg(test)]
pub(crate) mod tests_support {
    //! What tests ask of a list of effects.

    use super::{Effect, Step};

    /// Returns the details of the flags that are raised.
    pub(crate) fn details(effects: &[Effect]) -> Vec<&str> {
        let raised = effects.iter().filter_map(|effect| match effect {
            Effect::Raise(flag) => Some(flag.detail.as_str()),
            _ => None,
        });
        raised.collect()
    }

    /// Returns the steps that are taken.
    pub(crate) fn steps(effects: &[Effect]) -> Vec<Step> {
        let steps = effects.iter().filter_map(|effect| match effect {
            Effect::Step(step, _) => Some(*step),
            _ => None,
        });
        steps.collect()
    }
}
