//! The desk at which orders are decided: their details, mappings and stock are loaded once, then each is decided and sent on its own.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::sent::note_sent;
use super::session::{COUNTED_AFTER, STOCK_AGE_MAX};
use super::submit::{Body, submit};
use super::summary::{Summary, Touched, Troubles};
use super::{Error, Session};
use crate::amazon::Amazon;
use crate::crash;
use crate::domain::decision::{Decision, Route, Rules, Stock, decide};
use crate::domain::eligibility::{Eligibility, explain, judge};
use crate::domain::event::Event;
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::{AmazonSku, TiktokOrderId};
use crate::domain::inventory::{StockFigure, available, remaining_after_reading};
use crate::domain::mapping::{MappingSet, keys_of};
use crate::domain::order::Order;
use crate::domain::state::{State, Step};
use crate::store::{self, Decided, IntentOutcome, StoredOrder};
use crate::tiktok::{Tiktok, UnreadableOrder};

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
    mappings: MappingSet,
    /// `None` when Amazon's figures could not be read: then nothing is sent and nothing is called short.
    stock: Option<Mutex<Stock>>,
    candidates: Vec<Candidate>,
}

/// A decision that sends nothing, as it is stored.
struct Verdict {
    step: Step,
    detail: Option<String>,
    until: Option<DateTime<Utc>>,
    flags: Vec<Flag>,
    text: String,
}

/// Whether the newest fulfillment order of an order allows another send.
enum Attempt {
    /// Under this generation.
    Allowed(u32),
    /// Amazon has, or may have, something under its id.
    Taken(String),
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
        let found = tiktok.orders(ids)?;
        for unreadable in &found.unreadable {
            flag_unreadable(session, unreadable, summary)?;
        }
        let mut candidates = Vec::new();
        for order in found.orders {
            if !session.is_dry_run {
                session.store.take_in_detail(&order, session.now())?;
            }
            let stored = session.store.order(&order.id)?;
            let flags = session.store.flags(&order.id)?;
            candidates.push(Candidate {
                state: stored.as_ref().map_or(State::Detected, |stored| stored.state),
                detail: stored.and_then(|stored: StoredOrder| stored.state_detail),
                order,
                flags,
            });
        }
        candidates.sort_by_key(|candidate| (candidate.order.deadlines.nearest(), candidate.order.times.created_at));
        let eligible: Vec<&Order> = candidates
            .iter()
            .map(|candidate| &candidate.order)
            .filter(|order| judge(order, &rules.eligibility, session.now()) == Eligibility::Route)
            .collect();
        let keys: Vec<_> = eligible
            .iter()
            .flat_map(|order| &order.line_items)
            .flat_map(keys_of)
            .collect();
        let mappings = session.store.mapping_candidates(&keys)?;
        let stock = match read_stock(session, amazon, &mappings) {
            Ok(stock) => Some(Mutex::new(stock)),
            Err(error) if error.ends_the_run() => return Err(error),
            Err(error) => {
                troubles.note(error);
                None
            }
        };
        Ok(Self {
            session,
            tiktok,
            amazon,
            rules,
            mappings,
            stock,
            candidates,
        })
    }

    pub(super) fn take_candidates(&mut self) -> Vec<Candidate> {
        std::mem::take(&mut self.candidates)
    }

    /// Decides one order and does what was decided. By hand, a body that Amazon refused before is sent again.
    pub(super) fn handle(
        &self,
        candidate: &Candidate,
        by_hand: bool,
        summary: &mut Summary,
        troubles: &mut Troubles,
    ) -> Result<(), Error> {
        let id = &candidate.order.id;
        let generation = match self.attempt(id, by_hand)? {
            Attempt::Allowed(generation) => generation,
            Attempt::Taken(why) if by_hand => {
                summary.touch(Touched {
                    flags: candidate.flags.clone(),
                    ..Touched::new(id, candidate.state).explained(why)
                });
                return Ok(());
            }
            Attempt::Taken(_) => return Ok(()),
        };
        let Some(decision) = self.decide(&candidate.order, generation, None) else {
            return Ok(());
        };
        match decision {
            Decision::Route(route) => self.send(candidate, &route, generation, by_hand, summary, troubles),
            other => self.settle(candidate, candidate.state, &other, summary),
        }
    }

    /// `None` when the order could go but Amazon's stock is not known in this run. What an earlier decision about the order took
    /// is given back first, in one step, so that no other order takes it meanwhile.
    fn decide(&self, order: &Order, generation: u32, earlier: Option<&Route>) -> Option<Decision> {
        let now = self.session.now();
        let is_eligible = judge(order, &self.rules.eligibility, now) == Eligibility::Route;
        let mut none = Stock::default();
        let mut shared = self.stock.as_ref().map(lock);
        let stock = match shared.as_deref_mut() {
            Some(stock) => stock,
            None if is_eligible => return None,
            None => &mut none,
        };
        if let Some(route) = earlier {
            stock.give_back(&route.draft);
        }
        Some(decide(order, generation, &self.mappings, stock, &self.rules, now))
    }

    fn attempt(&self, id: &TiktokOrderId, by_hand: bool) -> Result<Attempt, Error> {
        let Some(intent) = self.session.store.newest_intent(id)? else {
            return Ok(Attempt::Allowed(1));
        };
        Ok(match intent.outcome {
            IntentOutcome::NotSent | IntentOutcome::Refused => Attempt::Allowed(intent.generation),
            IntentOutcome::Accepted if by_hand && intent.is_surely_dead() => Attempt::Allowed(intent.generation + 1),
            IntentOutcome::Accepted => {
                let status = intent
                    .amazon_status
                    .map_or_else(|| "accepted".to_owned(), |status| status.to_string());
                Attempt::Taken(format!("Amazon has {} ({status}); it is not sent twice", intent.id))
            }
            IntentOutcome::Intended | IntentOutcome::Unknown => Attempt::Taken(format!(
                "it is not certain whether Amazon has {}; it is looked for before anything is sent again",
                intent.id
            )),
            IntentOutcome::Conflict => Attempt::Taken(format!("Amazon has {} with other contents", intent.id)),
        })
    }

    fn send(
        &self,
        candidate: &Candidate,
        route: &Route,
        generation: u32,
        by_hand: bool,
        summary: &mut Summary,
        troubles: &mut Troubles,
    ) -> Result<(), Error> {
        let id = &candidate.order.id;
        let Some(body) = Body::of(route) else {
            return Ok(());
        };
        if !by_hand && matches!(self.refused_hash(id)?, Some(hash) if hash == body.hash) {
            self.give_back(route);
            return Ok(());
        }
        if self.session.is_dry_run {
            summary.touch(Touched {
                fulfillment_order: Some(route.draft.id.clone()),
                explanation: route.explanation.clone(),
                ..Touched::new(id, State::Ready)
            });
            return Ok(());
        }
        let passed = Verdict {
            step: Step::Pass,
            detail: None,
            until: None,
            flags: Vec::new(),
            text: route.explanation.join("; "),
        };
        crash::point("ready.before");
        let ready = self.store_verdict(id, candidate.state, &passed)?;
        crash::point("ready.after");
        self.last_look(candidate, ready, (route, generation), summary, troubles)
    }

    /// Reads the order once more, right before its create: status, wish to cancel, address. What changed is decided anew.
    fn last_look(
        &self,
        candidate: &Candidate,
        ready: State,
        (earlier, generation): (&Route, u32),
        summary: &mut Summary,
        troubles: &mut Troubles,
    ) -> Result<(), Error> {
        let id = &candidate.order.id;
        let found = self.tiktok.orders(std::slice::from_ref(id))?;
        let Some(order) = found.orders.into_iter().find(|order| order.id == *id) else {
            return Err(Error::OrderNotFound(id.clone()));
        };
        self.session.store.take_in_detail(&order, self.session.now())?;
        match self.decide(&order, generation, Some(earlier)) {
            Some(Decision::Route(route)) => {
                let Some(body) = Body::of(&route) else {
                    return Ok(());
                };
                let sent = submit(self.session, self.amazon, &route, &body, generation)?;
                note_sent(self.session, id, sent, summary, troubles)
            }
            Some(other) => self.settle(candidate, ready, &other, summary),
            None => Ok(()),
        }
    }

    fn give_back(&self, route: &Route) {
        if let Some(stock) = &self.stock {
            lock(stock).give_back(&route.draft);
        }
    }

    fn refused_hash(&self, id: &TiktokOrderId) -> Result<Option<String>, Error> {
        let intent = self.session.store.newest_intent(id)?;
        Ok(intent
            .filter(|intent| intent.outcome == IntentOutcome::Refused)
            .map(|intent| intent.body_hash))
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

impl Verdict {
    /// `None` for a route, which is sent and not stored as it is.
    fn of(decision: &Decision) -> Option<Self> {
        let plain = |step, detail: &str| Self {
            step,
            detail: Some(detail.to_owned()),
            until: None,
            flags: Vec::new(),
            text: explain(detail).to_owned(),
        };
        Some(match decision {
            Decision::Route(_) => return None,
            Decision::Wait { detail, until } => Self {
                until: *until,
                ..plain(Step::Wait, detail)
            },
            Decision::CancelRequested => plain(Step::Wait, "cancel_requested"),
            Decision::NotEligible(detail) => plain(Step::Exclude, detail),
            Decision::Cancelled => Self {
                detail: None,
                text: "cancelled at TikTok before anything was sent".to_owned(),
                ..plain(Step::Cancel, "")
            },
            Decision::Flag(flags) => Self {
                step: Step::Flag,
                detail: None,
                until: None,
                flags: flags.clone(),
                text: flags
                    .iter()
                    .map(|flag| flag.message.as_str())
                    .collect::<Vec<_>>()
                    .join("; "),
            },
        })
    }
}

fn lock(stock: &Mutex<Stock>) -> MutexGuard<'_, Stock> {
    stock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn flag_unreadable(session: &Session, unreadable: &UnreadableOrder, summary: &mut Summary) -> Result<(), Error> {
    let Some(id) = &unreadable.id else {
        summary
            .notes
            .push(format!("TikTok gave an order that can't be read: {}", unreadable.why));
        return Ok(());
    };
    let message = format!("TikTok's answer about it can't be used: {}", unreadable.why);
    let flag = Flag::new(Reason::TiktokApiError, "unreadable", message, id);
    let Some(stored) = session.store.order(id)? else {
        summary.notes.push(format!("order {id}: {}", flag.message));
        return Ok(());
    };
    if session.is_dry_run || !stored.state.is_undecided() {
        return Ok(());
    }
    let is_news = session.store.flags(id)? != [flag.clone()];
    let decided = Decided {
        from: stored.state,
        step: Step::Flag,
        detail: None,
        next_attempt_at: None,
        explanation: flag.message.clone(),
        flags: vec![flag.clone()],
    };
    session.store.decide(id, &decided, session.now())?;
    if is_news {
        summary.touch(Touched {
            flags: vec![flag],
            ..Touched::new(id, State::Flagged)
        });
    }
    Ok(())
}

/// Reads Amazon's figures for every SKU that the mappings name, in as few calls as Amazon allows.
fn read_stock(session: &Session, amazon: &Amazon, mappings: &MappingSet) -> Result<Stock, Error> {
    let mut stock = Stock::default();
    let mut safety: BTreeMap<AmazonSku, u32> = BTreeMap::new();
    for row in mappings.rows().filter(|row| row.enabled) {
        let units = row.safety_stock.unwrap_or(session.settings.inventory.safety_stock);
        let most = safety.entry(row.amazon_sku.clone()).or_default();
        *most = units.max(*most);
    }
    if safety.is_empty() {
        return Ok(stock);
    }
    let skus: Vec<AmazonSku> = safety.keys().cloned().collect();
    let figures = amazon.inventory(&skus)?;
    let now = session.now();
    let mut known = session.store.stock()?;
    if !session.is_dry_run {
        session.store.store_stock(&figures, COUNTED_AFTER, now)?;
    }
    for figure in figures {
        let Some(fulfillable) = figure.fulfillable else {
            continue;
        };
        let before = known.remove(&figure.sku);
        let remaining = remaining_after_reading(fulfillable, before.as_ref(), COUNTED_AFTER, now);
        let fresh = StockFigure {
            fulfillable: Some(fulfillable),
            remaining: Some(remaining),
            in_transfer: figure.in_transfer,
            read_at: now,
            promised_at: before.and_then(|figure| figure.promised_at),
            is_low: false,
        };
        let keep_back = safety.get(&figure.sku).copied().unwrap_or_default();
        if let Some(units) = available(Some(&fresh), keep_back, STOCK_AGE_MAX, now) {
            stock.set(figure.sku, units);
        }
    }
    Ok(stock)
}
