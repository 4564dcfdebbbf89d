//! Orders that were set aside by a rule, and that a person routes by hand.

use super::{Candidate, Desk};
use crate::domain::decision::Decision;
use crate::domain::eligibility::explain;
use crate::domain::state::{State, Step};
use crate::domain::submission::AskedBy;
use crate::jobs::Error;
use crate::jobs::summary::{Summary, Touched};

impl Candidate {
    /// Lets an order that was set aside be decided anew by a person's word, and returns where it stands until then.
    pub(super) fn take_up(&mut self, asked_by: AskedBy) -> Option<State> {
        if asked_by != AskedBy::Person || self.state != State::NotEligible {
            return None;
        }
        Some(std::mem::replace(&mut self.state, State::Detected))
    }
}

impl Desk<'_> {
    /// Takes an order up again that was set aside, by a person's word. One that is not ours for the same reason as before stays where it
    /// is: that is told, and nothing is stored.
    pub(super) fn stays_aside(
        &self,
        candidate: &Candidate,
        state: State,
        decision: &Decision,
        summary: &mut Summary,
    ) -> Result<bool, Error> {
        let id = &candidate.order.id;
        if let (State::NotEligible, Decision::NotEligible(detail)) = (state, decision)
            && candidate.detail.as_deref() == Some(*detail)
        {
            summary.touch(Touched {
                detail: candidate.detail.clone(),
                ..Touched::new(id, state).explained(explain(detail))
            });
            return Ok(true);
        }
        if !self.session.is_dry_run {
            let (store, now) = (&self.session.store, self.session.now());
            store.step(id, state, Step::Release, "routed by hand", None, now)?;
        }
        Ok(false)
    }
}
