//! What Amazon's answer to a create, or its absence, says about the create.

use super::refusal::Refusal;

/// What is known of a create once its call is over.
#[derive(Debug)]
pub enum Answer {
    /// Amazon has the order.
    Accepted,
    /// It surely did nothing; with what went wrong, as the history tells it.
    NotCarriedOut(String),
    /// Nobody knows what it did; with what went wrong. That there is an order of this id already is such an answer, too.
    Unclear(String),
    /// Amazon read it and does not want it.
    Refused(Refusal),
}
