//! Carrying out what was decided about one order: the preview, the last look and the create, as the rules ask for them.

use super::apply::apply;
use super::batch::{Batch, Planned};
use super::load::Candidate;
use super::unread::{flag_unread, left_out};
use crate::amazon;
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::Order;
use crate::domain::routing::{Ask, Decision, Round, Route, Stage};
use crate::domain::submission::{Pass, Shut};
use crate::jobs::Error;
use crate::jobs::submission::{Body, SubmissionOutcome, note_outcome, submit};
use crate::jobs::summary::Work;
use crate::tiktok::UnreadableOrder;

/// The longest way is a preview, the door, the last look, another preview, the door again, and the create.
const QUESTIONS_MAX: usize = 6;

/// What became of one order.
pub(in crate::jobs) struct Handled {
    /// What was done.
    pub(in crate::jobs) work: Work,
    /// The error of which it is not decided yet whether it ends the run.
    pub(in crate::jobs) result: Result<(), Error>,
}

impl Handled {
    /// Nothing was begun.
    pub(in crate::jobs) fn ended(error: Error) -> Self {
        Self {
            work: Work::default(),
            result: Err(error),
        }
    }
}

/// What TikTok shows in the last look.
enum Seen {
    /// The order, and what keeps it back by now.
    Order(Box<Order>, Option<Shut>),
    /// Nothing that can be used.
    Unread(UnreadableOrder),
    /// Nothing was asked, since no create may leave in this run.
    NotInTurn(amazon::Error),
}

impl Batch<'_> {
    /// Does what was decided. Several orders may be at it at the same time.
    pub(in crate::jobs) fn carry_out(&self, planned: &Planned) -> Handled {
        let mut work = Work::default();
        let result = self.advance(planned, &mut work);
        self.amazon.give_back_turn_to_create(&planned.candidate.order.id);
        Handled { work, result }
    }

    /// Asks the vendors what the rules want to know, until nothing more follows.
    fn advance(&self, planned: &Planned, work: &mut Work) -> Result<(), Error> {
        let (candidate, decision) = (&planned.candidate, &planned.decision);
        let id = &candidate.order.id;
        let Some((mut pass, shut)) = self.door(candidate, decision, planned.pass)? else {
            return Ok(());
        };
        let by = (pass.asked_by(), pass.generation());
        let mut looked_at: Option<Box<Order>> = None;
        let mut effects = self.decide_and_book(candidate, &candidate.order, by, Stage::Planned { decision, shut });
        for _ in 0..=QUESTIONS_MAX {
            let applied = apply(self.session, id, effects)?;
            applied.rows.into_iter().for_each(|row| work.summary.touch(row));
            effects = match applied.ask {
                None => return Ok(()),
                Some(Ask::Preview(route)) => {
                    let order = looked_at.as_deref().unwrap_or(&candidate.order);
                    let (route, previewed) = self.preview_with_features(order, route)?;
                    let stage = Stage::Previewed {
                        route: &route,
                        previewed: &previewed,
                        round: match looked_at {
                            None => Round::First,
                            Some(_) => Round::LastLook,
                        },
                    };
                    self.decide_and_book(candidate, order, by, stage)
                }
                Some(Ask::Door { route, speed, round }) => {
                    let Some((permitted, shut)) = self.door_of(candidate, &route, pass)? else {
                        return Ok(());
                    };
                    pass = permitted;
                    let stage = Stage::AtTheDoor {
                        route: &route,
                        speed: &speed,
                        shut,
                        round,
                    };
                    self.decide_and_book(candidate, looked_at.as_deref().unwrap_or(&candidate.order), by, stage)
                }
                Some(Ask::LastLook(planned)) => match self.last_look(id, pass)? {
                    Seen::NotInTurn(error) => {
                        let outcome = SubmissionOutcome::NotSent(error.into());
                        return note_outcome(self.session, id, outcome, work);
                    }
                    Seen::Unread(unread) => {
                        self.give_back(&planned);
                        return flag_unread(self.session, &unread, work);
                    }
                    Seen::Order(order, shut) => {
                        let planned = &*planned;
                        let order = looked_at.insert(order);
                        self.decide_and_book(candidate, order, by, Stage::LookedAt { planned, shut })
                    }
                },
                Some(Ask::Create(route)) => return self.create(id, &route, pass, work),
            };
        }
        Ok(())
    }

    /// Returns what keeps back what was decided, once its body is known. `None` for a route without a body, which no decision makes.
    fn door(
        &self,
        candidate: &Candidate,
        decision: &Decision,
        pass: Pass,
    ) -> Result<Option<(Pass, Option<Shut>)>, Error> {
        match decision {
            Decision::Route(route) => self.door_of(candidate, route, pass),
            _ => Ok(Some((pass, None))),
        }
    }

    fn door_of(&self, candidate: &Candidate, route: &Route, pass: Pass) -> Result<Option<(Pass, Option<Shut>)>, Error> {
        let Some(body) = Body::of(route) else {
            return Ok(None);
        };
        Ok(Some(match self.permit_for(candidate, &body, pass)? {
            Some(pass) => (pass, self.paused(pass)?),
            None => (pass, Some(Shut::Refused)),
        }))
    }

    /// Reads the order once more, right before its create, for which it waits first, and the mappings where they changed.
    fn last_look(&self, id: &TiktokOrderId, pass: Pass) -> Result<Seen, Error> {
        if let Err(error) = self.amazon.wait_turn_to_create(id) {
            return Ok(Seen::NotInTurn(error));
        }
        let found = self.tiktok.orders(std::slice::from_ref(id))?;
        if let Some(order) = found.orders.into_iter().find(|order| order.id == *id) {
            self.session.store.take_in_detail(&order, self.session.now())?;
            let shut = self.kept_back(id, pass)?;
            if shut.is_none() {
                self.follow_mappings()?;
            }
            return Ok(Seen::Order(Box::new(order), shut));
        }
        let unread = found.unreadable.into_iter().next();
        Ok(Seen::Unread(
            unread.map_or_else(|| left_out(id), |unread| unread.of(id)),
        ))
    }

    fn create(&self, id: &TiktokOrderId, route: &Route, pass: Pass, work: &mut Work) -> Result<(), Error> {
        let Some(body) = Body::of(route) else {
            return Ok(());
        };
        let outcome = submit(self.session, self.amazon, route, &body, (pass, None))?;
        note_outcome(self.session, id, outcome, work)
    }
}
