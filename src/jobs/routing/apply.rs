//! Doing what the routing rules returned: each effect is stored in its own transaction, in their order. A dry run shows them instead.

use crate::crash;
use crate::domain::ids::TiktokOrderId;
use crate::domain::routing::{Ask, Decision, Effect, Row, StoredDecision};
use crate::domain::state::Step;
use crate::jobs::summary::{Plan, Touched};
use crate::jobs::{Error, Session};
use crate::store::Store;

/// What effects came to.
#[derive(Default)]
pub(super) struct Applied {
    /// The order's rows for the summary.
    pub(super) rows: Vec<Touched>,
    /// What is to be done with the order when its turn is over.
    pub(super) plan: Option<Decision>,
    /// The question that is to be asked now.
    pub(super) ask: Option<Ask>,
}

/// Stores and shows effects. A dry run stores nothing, shows what would be stored, and asks nothing but what changes nothing.
pub(super) fn apply(session: &Session, id: &TiktokOrderId, effects: Vec<Effect>) -> Result<Applied, Error> {
    let (store, now) = (session.writable_store(), session.now());
    let mut applied = Applied::default();
    for effect in effects {
        match (effect, store) {
            (Effect::Release { from, why }, Some(store)) => {
                store.step(id, from, Step::Release, why, now)?;
            }
            (Effect::Store(decision), Some(store)) => keep(session, store, id, &decision)?,
            (Effect::KeepSpeed(speed), Some(store)) => store.keep_speed(id, &speed, now)?,
            (Effect::Show(row), _) | (Effect::ShowInPlan(row), None) => applied.rows.push(touched(id, row)),
            (Effect::Plan(decision), _) => applied.plan = Some(decision),
            (Effect::Ask(ask @ (Ask::Preview(_) | Ask::Door { .. })), _) | (Effect::Ask(ask), Some(_)) => {
                applied.ask = Some(ask);
            }
            (Effect::Release { .. } | Effect::Store(_) | Effect::KeepSpeed(_) | Effect::Ask(_), None)
            | (Effect::ShowInPlan(_), Some(_)) => {}
        }
    }
    Ok(applied)
}

fn keep(session: &Session, store: &Store, id: &TiktokOrderId, decision: &StoredDecision) -> Result<(), Error> {
    let now = session.now();
    match decision.step {
        Step::Cancel => {
            store.step(id, decision.from, decision.step, &decision.explanation, now)?;
        }
        Step::Pass => {
            crash::point("ready.before");
            store.decide(id, decision, now)?;
            crash::point("ready.after");
        }
        _ => drop(store.decide(id, decision, now)?),
    }
    Ok(())
}

fn touched(id: &TiktokOrderId, row: Row) -> Touched {
    Touched {
        id: id.clone(),
        state: row.state,
        detail: row.detail,
        fulfillment_order: row.fulfillment_order,
        flags: row.flags,
        explanation: row.explanation,
        plan: row.draft.map(|draft| Plan::of(&draft)),
    }
}
