//! Doing what a life's rules returned: each effect is stored in its own transaction, in their order.

use super::summary::Touched;
use super::{Error, Session};
use crate::domain::effect::{Ask, Effect};
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::domain::state::State;

/// The order that effects are about, as it was when they were decided.
pub(super) struct Subject<'a> {
    pub(super) order: &'a TiktokOrderId,
    pub(super) state: State,
    pub(super) fulfillment_order: Option<&'a FulfillmentOrderId>,
}

/// What effects came to.
pub(super) struct Applied {
    /// The order's rows for the summary.
    pub(super) rows: Vec<Touched>,
    /// What is left to do.
    pub(super) left: Left,
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
pub(super) fn apply(session: &Session, subject: &Subject<'_>, effects: &[Effect]) -> Result<Applied, Error> {
    let (store, id, now) = (&session.store, subject.order, session.now());
    let mut rows = Vec::new();
    for effect in effects {
        match effect {
            Effect::Step(step, why) => drop(store.step(id, subject.state, *step, why, now)?),
            Effect::Raise(flag) => drop(store.raise_flag(id, flag, now)?),
            Effect::Clear(details) => store.clear_details(id, details, now)?,
            Effect::CancelAnswered => {
                if let Some(sent) = subject.fulfillment_order {
                    store.cancel_answered(sent, now)?;
                }
            }
            Effect::LossTold => store.note_loss_told(id)?,
            Effect::Show(why) => rows.extend(as_it_is(session, subject, why)?),
            Effect::Trouble => {
                return Ok(Applied {
                    rows,
                    left: Left::Trouble,
                });
            }
            Effect::Ask(ask) => {
                let left = Left::Ask(*ask);
                return Ok(Applied { rows, left });
            }
        }
    }
    let left = Left::Nothing;
    Ok(Applied { rows, left })
}

/// The order's row as it stands now.
fn as_it_is(session: &Session, subject: &Subject<'_>, why: &str) -> Result<Option<Touched>, Error> {
    let Some(state) = session.store.state(subject.order)? else {
        return Ok(None);
    };
    let touched = Touched {
        fulfillment_order: subject.fulfillment_order.cloned(),
        flags: session.store.flags(subject.order)?,
        ..Touched::new(subject.order, state)
    };
    Ok(Some(touched.explained(why)))
}
