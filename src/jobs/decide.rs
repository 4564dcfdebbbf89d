//! The desk at which orders are decided: their details, mappings and stock are loaded once, then each is decided and sent on its own.

mod accept;
mod aside;
mod cancelled;
mod leave;
mod load;
mod preview;
mod suggest;
mod verdict;

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::cancellation::OpenCancellations;
use super::submission::{Body, note_outcome, submit};
use super::summary::{Plan, Summary, Touched, Troubles};
use super::{Error, Session};
use crate::amazon::Amazon;
use crate::crash;
use crate::domain::cancellation::WISHED;
use crate::domain::decision::{Decision, Known, Route, Rules, decide};
use crate::domain::eligibility::{Eligibility, judge};
use crate::domain::event::Event;
use crate::domain::flag::Flag;
use crate::domain::ids::TiktokOrderId;
use crate::domain::mapping::{MappingKey, keys_of};
use crate::domain::order::Order;
use crate::domain::state::{State, Step};
use crate::domain::submission::{AskedBy, Pass, Shut};
use crate::store::{self, Decided};
use crate::tiktok::Tiktok;
use leave::paused;
use load::{candidates, flag_unread, left_out, lines_to_send, read_stock, stock_unless_in_trouble};
use suggest::{suggestions, unmapped_texts};
use verdict::Verdict;

/// Why an order waits while a person has paused new ones.
const PAUSED: &str = "paused";

/// An order to decide, with what is known about it.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    order: Order,
    state: State,
    detail: Option<String>,
    flags: Vec<Flag>,
}

/// What all decisions of a run need.
pub(super) struct Desk<'a> {
    session: &'a Session,
    tiktok: &'a Tiktok,
    amazon: &'a Amazon,
    rules: Rules,
    keys: Vec<MappingKey>,
    /// Whether Amazon's figures could be read. If not, nothing is sent and nothing is called short.
    is_stock_known: bool,
    /// What orders are decided by; those that are sent at the same time share it.
    shared: Mutex<Shared>,
    candidates: Vec<Candidate>,
    /// What buyers' wishes to cancel mean for the orders of this run.
    cancellations: OpenCancellations,
}

struct Shared {
    /// The version of the mappings that are known.
    mapping_version: i64,
    known: Known,
}

/// An order that was decided and waits to be sent or stored.
pub(super) struct Planned {
    candidate: Candidate,
    pass: Pass,
    decision: Decision,
}

impl<'a> Desk<'a> {
    /// Loads details, mappings and stock for the orders, the nearest deadline first.
    pub(super) fn open(
        session: &'a Session,
        tiktok: &'a Tiktok,
        amazon: &'a Amazon,
        ids: &[TiktokOrderId],
        summary: &mut Summary,
        troubles: &mut Troubles,
    ) -> Result<Self, Error> {
        let rules = session.rules();
        let candidates = candidates(session, tiktok, ids, summary)?;
        let mapping_version = session.store.mapping_version()?;
        let lines = lines_to_send(&candidates, &rules, session.now());
        let keys: Vec<_> = lines.iter().copied().flat_map(keys_of).collect();
        let mappings = session.store.mapping_candidates(&keys)?;
        let stock = stock_unless_in_trouble(session, amazon, &mappings, troubles)?;
        let suggestions = suggestions(session, &unmapped_texts(&lines, &mappings), mapping_version)?;
        Ok(Self {
            session,
            tiktok,
            amazon,
            rules,
            keys,
            is_stock_known: stock.is_some(),
            shared: Mutex::new(Shared {
                mapping_version,
                known: Known {
                    mappings,
                    suggestions,
                    stock: stock.unwrap_or_default(),
                },
            }),
            candidates,
            cancellations: OpenCancellations::default(),
        })
    }

    /// Keeps the orders that are to be cancelled, or of which that is not known, from being sent unless a person routes them.
    pub(super) fn heed(&mut self, cancellations: OpenCancellations) {
        self.cancellations = cancellations;
    }

    pub(super) fn take_candidates(&mut self) -> Vec<Candidate> {
        std::mem::take(&mut self.candidates)
    }

    /// Decides one order; a route takes its units. Orders must be planned one after the other, the nearest deadline first, so that
    /// the last unit goes to the right one. `None` when nothing is to be done with it now.
    ///
    /// By hand, a body that Amazon refused before is sent again, and an order that was set aside is taken up again.
    pub(super) fn plan(
        &self,
        mut candidate: Candidate,
        asked_by: AskedBy,
        summary: &mut Summary,
    ) -> Result<Option<Planned>, Error> {
        let set_aside = candidate.take_up(asked_by);
        let id = &candidate.order.id;
        let pass = match self.leave(&candidate, asked_by)? {
            Ok(pass) => pass,
            Err(why) if asked_by == AskedBy::Person => {
                summary.touch(Touched {
                    flags: candidate.flags.clone(),
                    fulfillment_order: self.session.store.newest_intent(id)?.map(|intent| intent.id),
                    ..Touched::new(id, set_aside.unwrap_or(candidate.state)).explained(why)
                });
                return Ok(None);
            }
            Err(_) => return Ok(None),
        };
        if self.would_be_cancelled(&candidate.order) {
            summary.touch(Touched::new(id, State::Cancelled).explained(WISHED));
            return Ok(None);
        }
        let decision = self.decide(&candidate.order, pass.generation(), None);
        let decision = decision
            .map(|decision| self.unless_cancelled(id, decision))
            .transpose()?;
        if let (Some(state), Some(decision)) = (set_aside, &decision)
            && self.stays_aside(&candidate, state, decision, summary)?
        {
            return Ok(None);
        }
        Ok(decision.map(|decision| Planned {
            candidate,
            pass,
            decision,
        }))
    }

    /// Does what was decided. Several orders may be at it at the same time.
    pub(super) fn apply(&self, planned: &Planned, summary: &mut Summary, troubles: &mut Troubles) -> Result<(), Error> {
        let Planned {
            candidate,
            pass,
            decision,
        } = planned;
        match decision {
            Decision::Route(route) => self.send(candidate, Route::clone(route), *pass, summary, troubles),
            other => self.settle(candidate, candidate.state, other, summary),
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` when the order could go but Amazon's stock is not known in this run. What an earlier decision about the order took
    /// is given back first, in one step, so that no other order takes it meanwhile.
    fn decide(&self, order: &Order, generation: u32, earlier: Option<&Route>) -> Option<Decision> {
        let now = self.session.now();
        if !self.is_stock_known && judge(order, &self.rules.eligibility, now) == Eligibility::Route {
            return None;
        }
        let mut shared = self.shared();
        if let Some(route) = earlier {
            shared.known.stock.give_back(&route.draft);
        }
        Some(decide(order, generation, &mut shared.known, &self.rules, now))
    }

    fn give_back(&self, route: &Route) {
        self.shared().known.stock.give_back(&route.draft);
    }

    /// After an import since they were read, mappings and stock are read anew: no plan is older than the mappings it goes by.
    /// Units that orders of this run are about to take stay guarded by the store's own ledger.
    fn follow_mappings(&self) -> Result<(), Error> {
        let version = self.session.store.mapping_version()?;
        let mut shared = self.shared();
        if version != shared.mapping_version {
            let mappings = self.session.store.mapping_candidates(&self.keys)?;
            shared.known.stock = read_stock(self.session, self.amazon, &mappings)?;
            shared.known.mappings = mappings;
            shared.mapping_version = version;
        }
        Ok(())
    }

    fn send(
        &self,
        candidate: &Candidate,
        mut route: Route,
        pass: Pass,
        summary: &mut Summary,
        troubles: &mut Troubles,
    ) -> Result<(), Error> {
        let id = &candidate.order.id;
        let Some(body) = Body::of(&route) else {
            return Ok(());
        };
        let Some(pass) = self.leave_for(candidate, &body, pass)? else {
            self.give_back(&route);
            return Ok(());
        };
        if let Some(wait) = self.pause(pass)? {
            self.give_back(&route);
            return self.settle(candidate, candidate.state, &wait, summary);
        }
        let flags = self.preview(&candidate.order, &mut route, pass)?;
        if !flags.is_empty() {
            self.give_back(&route);
            return self.settle(candidate, candidate.state, &Decision::Flag(flags), summary);
        }
        if self.session.is_dry_run {
            summary.touch(Touched {
                fulfillment_order: Some(route.draft.id.clone()),
                plan: Some(Plan::of(&route.draft)),
                explanation: route.explanation,
                ..Touched::new(id, State::Ready)
            });
            return Ok(());
        }
        let passed = Verdict::passed();
        crash::point("ready.before");
        let ready = self.store_verdict(id, candidate.state, &passed)?;
        crash::point("ready.after");
        self.last_look(candidate, &route, ready, pass, summary, troubles)
    }

    /// Reads the order once more, right before its create: status, wish to cancel, address, the operator's hold, the mappings in force.
    /// What changed is decided anew, and the history says what it was.
    fn last_look(
        &self,
        candidate: &Candidate,
        planned: &Route,
        ready: State,
        pass: Pass,
        summary: &mut Summary,
        troubles: &mut Troubles,
    ) -> Result<(), Error> {
        let id = &candidate.order.id;
        let found = self.tiktok.orders(std::slice::from_ref(id))?;
        let Some(order) = found.orders.into_iter().find(|order| order.id == *id) else {
            self.give_back(planned);
            let unread = found.unreadable.into_iter().next();
            let unread = unread.map_or_else(|| left_out(id), |unread| unread.of(id));
            return flag_unread(self.session, &unread, summary);
        };
        self.session.store.take_in_detail(&order, self.session.now())?;
        if let Some(shut) = self.kept_back(id, pass)? {
            self.give_back(planned);
            return match shut {
                Shut::Paused => self.settle(candidate, ready, &paused(), summary),
                _ => Ok(()),
            };
        }
        self.follow_mappings()?;
        match self.decide(&order, pass.generation(), Some(planned)) {
            Some(Decision::Route(mut route)) => {
                let flags = self.compare(&order, planned, &mut route, pass)?;
                if !flags.is_empty() {
                    self.give_back(&route);
                    return self.settle(candidate, ready, &Decision::Flag(flags), summary);
                }
                let Some(body) = Body::of(&route) else {
                    return Ok(());
                };
                let outcome = submit(self.session, self.amazon, &route, &body, pass)?;
                note_outcome(self.session, id, outcome, summary, troubles)
            }
            Some(other) => self.settle(candidate, ready, &other, summary),
            None => Ok(()),
        }
    }

    /// Stores a decision that sends nothing.
    fn settle(
        &self,
        candidate: &Candidate,
        from: State,
        decision: &Decision,
        summary: &mut Summary,
    ) -> Result<(), Error> {
        let id = &candidate.order.id;
        let Some(verdict) = Verdict::of(decision) else {
            return Ok(());
        };
        let next = from.after(verdict.step).map_err(store::Error::from)?;
        if !self.session.is_dry_run {
            self.store_verdict(id, from, &verdict)?;
        }
        let is_news = next != candidate.state || verdict.detail != candidate.detail || verdict.flags != candidate.flags;
        if is_news || self.session.is_dry_run {
            summary.touch(Touched {
                detail: verdict.detail,
                flags: verdict.flags,
                ..Touched::new(id, next).explained(verdict.text)
            });
        }
        Ok(())
    }

    fn store_verdict(&self, id: &TiktokOrderId, from: State, verdict: &Verdict) -> Result<State, Error> {
        let (store, now) = (&self.session.store, self.session.now());
        if verdict.step == Step::Cancel {
            let event = Event::OrderCancelled {
                order: id.clone(),
                at: now,
            };
            return Ok(store.step(id, from, verdict.step, &verdict.text, Some(&event), now)?);
        }
        let decided = Decided {
            from,
            step: verdict.step,
            detail: verdict.detail.clone(),
            next_attempt_at: verdict.until,
            flags: verdict.flags.clone(),
            explanation: verdict.text.clone(),
        };
        Ok(store.decide(id, &decided, now)?)
    }
}
