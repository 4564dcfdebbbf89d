//! Whether an order may be sent, by what is at Amazon under its id.

use super::Candidate;
use crate::domain::submission::Outcome;
use crate::jobs::{Error, Session};

/// Whether the newest fulfillment order of an order allows another send.
pub(super) enum Attempt {
    /// Under this generation.
    Allowed(u32),
    /// Amazon has, or may have, something under its id, or the order has ended.
    Taken(String),
}

/// Tells whether an order may be sent, and under which generation of its id.
pub(super) fn attempt(session: &Session, candidate: &Candidate, by_hand: bool) -> Result<Attempt, Error> {
    let unless_ended = |generation| {
        if candidate.state.is_undecided() {
            Attempt::Allowed(generation)
        } else {
            Attempt::Taken(format!("it is {}; nothing is sent any more", candidate.state))
        }
    };
    let Some(intent) = session.store.newest_intent(&candidate.order.id)? else {
        return Ok(unless_ended(1));
    };
    Ok(match intent.outcome {
        Outcome::NotSent | Outcome::Refused => unless_ended(intent.generation),
        Outcome::Accepted if by_hand && intent.is_surely_dead() => unless_ended(intent.generation + 1),
        Outcome::Accepted => {
            let status = intent
                .amazon_status
                .map_or_else(|| "accepted".to_owned(), |status| status.to_string());
            Attempt::Taken(format!("Amazon has {} ({status}); it is not sent twice", intent.id))
        }
        Outcome::Intended | Outcome::Unknown => Attempt::Taken(format!(
            "it is not certain whether Amazon has {}; it is looked for before anything is sent again",
            intent.id
        )),
        Outcome::Conflict => Attempt::Taken(format!("Amazon has {} with other contents", intent.id)),
    })
}
