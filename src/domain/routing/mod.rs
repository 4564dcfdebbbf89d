//! The routing life: what is decided about an order, and what follows until it is sent.
//!
//! `life` has the order of things, from an order's turn in a batch to its create; `decision` says what is to be done with an order by
//! what TikTok says now; `effect` has what may follow. The others are what these go by: what a wish to cancel keeps back, what persons
//! accepted and approved, which kinds of orders they want to see, what Amazon's preview means, what is told of an order that can't be
//! read, and the decision as it is stored. Whether an order is ours at all is `domain::eligibility`'s business, whether a create may go
//! out `domain::submission`'s.
//!
//! Nothing here knows whether a run is a dry one: that shows what is returned here, and does nothing.

mod acceptance;
mod amount;
pub mod approval;
mod cancellations;
mod choice;
mod chosen;
mod decision;
pub mod doubts;
mod effect;
mod features;
mod kinds;
mod known;
mod life;
mod needs;
mod preview;
mod reasons;
mod rest;
mod speed;
mod stored;
mod unread;
mod wanted;
mod warehouses;
mod without;

pub use acceptance::newly_accepted;
pub use cancellations::Cancellations;
pub use choice::{DeadlineMode, DeadlineRules, TooLate};
pub use chosen::ChosenSpeed;
pub use decision::{Decision, PreviewRules, Route, Rules, decide};
pub use effect::{Ask, Effect, Follows, Round, Row};
pub use kinds::KindRules;
pub use known::{Known, Stock, Units};
pub use life::{Facts, Permit, Stage, next, taken_up};
pub use needs::{lines_to_send, unmapped_texts};
pub use preview::Previewed;
pub use rest::route_rest;
pub use speed::SpeedRules;
pub use stored::StoredDecision;
pub use unread::{Unread, flag_of_unread, next_of_unread};
pub use wanted::{rest_wanted, wanted};
pub use without::{ask_without, is_offered_at_any_speed};

#[cfg(test)]
mod samples;
