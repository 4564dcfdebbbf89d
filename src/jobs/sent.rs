//! What became of an order that was sent or settled, and its row in the summary.

use super::summary::{Summary, Touched, Troubles};
use super::{Error, Session};
use crate::domain::flag::Flag;
use crate::domain::ids::{AmazonSku, TiktokOrderId};
use crate::domain::state::State;

/// What became of an order that was to be sent.
#[derive(Debug)]
pub(super) enum Sent {
    /// Amazon has it.
    Accepted,
    /// It is not certain; the next runs look again.
    Unknown(Error),
    /// It surely was not carried out and is ready again.
    Unsent(Error),
    /// Nothing of it ever was at Amazon, and TikTok wants it otherwise by now: it is decided anew.
    Retracted,
    /// Amazon refused it.
    Refused(Flag),
    /// Another order took the stock meanwhile.
    OutOfStock(AmazonSku),
}

/// Adds the row of an order that was sent or settled. A credential that is refused ends the run.
pub(super) fn note_sent(
    session: &Session,
    order: &TiktokOrderId,
    sent: Sent,
    summary: &mut Summary,
    troubles: &mut Troubles,
) -> Result<(), Error> {
    let (state, text, error) = match sent {
        Sent::Accepted => (State::Routed, "Amazon has it".to_owned(), None),
        Sent::Unknown(error) => (State::Submitting, error.to_string(), Some(error)),
        Sent::Unsent(error) => (State::Ready, error.to_string(), Some(error)),
        Sent::Retracted => (
            State::Ready,
            "nothing of it is at Amazon; it is decided anew".to_owned(),
            None,
        ),
        Sent::Refused(flag) => (State::Flagged, flag.message, None),
        Sent::OutOfStock(sku) => (State::Ready, format!("{sku} was promised to another order"), None),
    };
    let mut touched = Touched::new(order, state).explained(text);
    touched.fulfillment_order = session.store.newest_intent(order)?.map(|intent| intent.id);
    touched.flags = session.store.flags(order)?;
    summary.touch(touched);
    match error {
        Some(error) if error.ends_the_run() => Err(error),
        Some(error) => {
            troubles.note(error);
            Ok(())
        }
        None => Ok(()),
    }
}
