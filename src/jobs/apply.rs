//! Doing what a life's rules returned: each effect is stored in its own transaction, in their order.

use super::summary::{Summary, Touched};
use super::{Error, Session};
use crate::domain::effect::{Ask, Effect};
use crate::domain::event::Event;
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::domain::state::{State, Step};

/// The order that effects are about, as it was when they were decided.
pub(super) struct Subject<'a> {
    pub(super) order: &'a TiktokOrderId,
    pub(super) state: State,
    pub(super) fulfillment_order: Option<&'a FulfillmentOrderId>,
}

/// What is left to do when the effects are stored.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// Nothing.
    Nothing,
    /// A vendor is to be asked.
    Ask(Ask),
    /// What the vendor said last is the run's trouble.
    Trouble,
}

/// Stores effects. The state is changed only where it is still the one that they were decided by.
pub(super) fn apply(
    session: &Session,
    subject: &Subject<'_>,
    effects: &[Effect],
    summary: &mut Summary,
) -> Result<Left, Error> {
    let (store, id, now) = (&session.store, subject.order, session.now());
    for effect in effects {
        match effect {
            Effect::Step(step, why) => {
                let event = (*step == Step::Cancel).then(|| Event::OrderCancelled {
                    order: id.clone(),
                    at: now,
                });
                store.step(id, subject.state, *step, why, event.as_ref(), now)?;
            }
            Effect::Raise(flag) => {
                store.raise_flag(id, flag, now)?;
            }
            Effect::Clear(details) => store.clear_details(id, details, now)?,
            Effect::CancelAnswered => {
                if let Some(sent) = subject.fulfillment_order {
                    store.cancel_answered(sent, now)?;
                }
            }
            Effect::LossTold => store.note_loss_told(id)?,
            Effect::Show(why) => show(session, subject, why, summary)?,
            Effect::Trouble => return Ok(Left::Trouble),
            Effect::Ask(ask) => return Ok(Left::Ask(*ask)),
        }
    }
    Ok(Left::Nothing)
}

/// Adds the order's row as it stands now.
fn show(session: &Session, subject: &Subject<'_>, why: &str, summary: &mut Summary) -> Result<(), Error> {
    if let Some(state) = session.store.state(subject.order)? {
        let touched = Touched {
            fulfillment_order: subject.fulfillment_order.cloned(),
            flags: session.store.flags(subject.order)?,
            ..Touched::new(subject.order, state)
        };
        summary.touch(touched.explained(why));
    }
    Ok(())
}
