//! What became of an order that was sent or settled, and its row in the summary.

use crate::domain::flag::Flag;
use crate::domain::ids::{AmazonSku, TiktokOrderId};
use crate::domain::state::State;
use crate::jobs::summary::{Touched, Work};
use crate::jobs::{Error, Session};

/// What became of an order that was to be sent.
#[derive(Debug)]
pub(in crate::jobs) enum SubmissionOutcome {
    /// Amazon has it.
    Accepted,
    /// It is not certain; the next runs look again.
    Uncertain(Error),
    /// It surely was not carried out and is ready again.
    NotSent(Error),
    /// Nothing of it ever was at Amazon, and TikTok wants it otherwise by now: it is decided anew.
    GivenUp,
    /// Amazon refused it.
    Refused(Flag),
    /// Another order took the stock meanwhile.
    OutOfStock(AmazonSku),
}

/// Adds the row of an order that was sent or settled. A credential that is refused ends the run.
pub(in crate::jobs) fn note_outcome(
    session: &Session,
    order: &TiktokOrderId,
    outcome: SubmissionOutcome,
    work: &mut Work,
) -> Result<(), Error> {
    let (state, text, error) = match outcome {
        SubmissionOutcome::Accepted => (State::Routed, "Amazon has it".to_owned(), None),
        SubmissionOutcome::Uncertain(error) => (State::Submitting, error.to_string(), Some(error)),
        SubmissionOutcome::NotSent(error) => (State::Ready, error.to_string(), Some(error)),
        SubmissionOutcome::GivenUp => {
            let text = "nothing of it is at Amazon; it is decided anew";
            (State::Ready, text.to_owned(), None)
        }
        SubmissionOutcome::Refused(flag) => (State::Flagged, flag.message, None),
        SubmissionOutcome::OutOfStock(sku) => (State::Ready, format!("{sku} was promised to another order"), None),
    };
    let newest = session.store.newest_intent(order)?;
    // An order of which a part left is shipped, whatever became of the create of its rest.
    let state = match &newest {
        Some(rest) if rest.is_rest && matches!(state, State::Ready | State::Flagged) => State::Shipped,
        Some(_) | None => state,
    };
    let mut touched = Touched::new(order, state).explained(text);
    touched.fulfillment_order = newest.map(|intent| intent.id);
    touched.flags = session.store.flags(order)?;
    work.summary.touch(touched);
    match error {
        Some(error) if error.ends_the_run() => Err(error),
        Some(error) => {
            work.note(error);
            Ok(())
        }
        None => Ok(()),
    }
}
