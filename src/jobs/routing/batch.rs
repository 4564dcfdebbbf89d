//! A routing batch: orders that are decided by the same mappings and the same stock, and sent or stored a few at a time.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::apply::{Applied, apply};
use super::load::{Candidate, candidates, read_stock, stock_unless_in_trouble};
use super::suggest::{namesakes, suggestions};
use crate::amazon::Amazon;
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::{LineItemId, TiktokOrderId};
use crate::domain::mapping::{MappingKey, keys_of};
use crate::domain::order::Order;
use crate::domain::routing::approval::{is_awaited, units_of};
use crate::domain::routing::{
    Cancellations, Decision, Effect, Facts, Follows, Known, Permit, Route, Rules, Stage, Units, lines_to_send,
    newly_accepted, next, unmapped_texts,
};
use crate::domain::submission::{AskedBy, Pass};
use crate::jobs::cancellation::OpenCancellations;
use crate::jobs::summary::{Touched, Work};
use crate::jobs::{Error, Session};
use crate::tiktok::Tiktok;

/// Orders and what all of them are decided by.
pub(in crate::jobs) struct Batch<'a> {
    pub(super) session: &'a Session,
    pub(super) tiktok: &'a Tiktok,
    pub(super) amazon: &'a Amazon,
    rules: Rules,
    keys: Vec<MappingKey>,
    /// What orders are decided by; those that are sent at the same time share it.
    shared: Mutex<Shared>,
    candidates: Vec<Candidate>,
    /// How many looks at Amazon's preview failed in a row in this run.
    pub(super) previews_failed: AtomicU32,
    /// What wishes to cancel mean for the orders of this run.
    cancellations: OpenCancellations,
}

struct Shared {
    /// The version of the mappings that are known.
    mapping_version: i64,
    known: Known,
}

/// An order that had its turn and waits to be sent or stored.
pub(in crate::jobs) struct Planned {
    pub(super) candidate: Candidate,
    pub(super) pass: Pass,
    pub(super) decision: Decision,
}

/// What became of an order's turn.
pub(in crate::jobs) struct Turn {
    /// Its rows for the summary.
    pub(in crate::jobs) rows: Vec<Touched>,
    /// What is to be done with it; `None` for nothing.
    pub(in crate::jobs) planned: Option<Planned>,
}

impl<'a> Batch<'a> {
    /// Loads details, mappings and stock for the orders, the nearest deadline first.
    pub(in crate::jobs) fn open(
        session: &'a Session,
        tiktok: &'a Tiktok,
        amazon: &'a Amazon,
        ids: &[TiktokOrderId],
        work: &mut Work,
    ) -> Result<Self, Error> {
        let candidates = candidates(session, tiktok, ids, work)?;
        // What was accepted of an address that moved is gone by now.
        let rules = session.rules();
        let mapping_version = session.store.mapping_version()?;
        let orders = candidates.iter().map(|candidate| &candidate.order);
        let lines = lines_to_send(orders, &rules.eligibility, session.now());
        let keys: Vec<_> = lines.iter().copied().flat_map(keys_of).collect();
        let mappings = session.store.mapping_candidates(&keys)?;
        let stock = stock_unless_in_trouble(session, amazon, &mappings, work)?;
        let unmapped = unmapped_texts(&lines, &mappings);
        let suggestions = suggestions(session, &unmapped, mapping_version)?;
        let known = Known {
            mappings,
            suggestions,
            namesakes: namesakes(session, &unmapped)?,
            is_stock_read: stock.is_some(),
            stock: stock.unwrap_or_default(),
        };
        Ok(Self {
            session,
            tiktok,
            amazon,
            rules,
            keys,
            shared: Mutex::new(Shared { mapping_version, known }),
            candidates,
            previews_failed: AtomicU32::new(0),
            cancellations: OpenCancellations::default(),
        })
    }

    /// Keeps the orders that are to be cancelled, or of which that is not known, from being sent unless a person routes them.
    pub(in crate::jobs) fn heed(&mut self, cancellations: OpenCancellations) {
        self.cancellations = cancellations;
    }

    /// Takes what a person accepts of an order, all of it or nothing. A dry run takes it for itself alone.
    pub(super) fn accept(&mut self, candidate: &Candidate, details: &[String], in_words: &str) -> Result<(), Error> {
        let (Candidate { order, flags, .. }, now) = (candidate, self.session.now());
        let accepted = newly_accepted(order, details, flags, &self.shared().known, &self.rules, now);
        let new = accepted.map_err(|why| Error::NotAccepted {
            order: order.id.clone(),
            why,
        })?;
        if let Some(store) = self.session.writable_store() {
            store.accept(&order.id, &new, in_words, now)?;
        }
        self.rules.accepted.entry(order.id.clone()).or_default().extend(new);
        Ok(())
    }

    /// A person who routes an order approves it. Returns the units that are approved by that and were not before.
    pub(super) fn approve(&mut self, order: &Order) -> Option<BTreeSet<LineItemId>> {
        if !is_awaited(self.rules.approval, &self.rules.approved, order) {
            return None;
        }
        let units = units_of(order);
        self.rules.approved.insert(order.id.clone(), units.clone());
        Some(units)
    }

    /// Takes the speed that a person names. A dry run takes it for itself alone.
    pub(super) fn name_speed(
        &mut self,
        candidate: &Candidate,
        speed: &ShippingSpeed,
        in_words: &str,
    ) -> Result<(), Error> {
        let id = &candidate.order.id;
        if let Some(store) = self.session.writable_store() {
            store.name_speed(id, speed, in_words, self.session.now())?;
        }
        self.rules.named_speeds.insert(id.clone(), speed.clone());
        Ok(())
    }

    /// Notes why a person routes an order.
    pub(super) fn note_reason(&self, candidate: &Candidate, in_words: Option<String>) -> Result<(), Error> {
        match (self.session.writable_store(), in_words) {
            (Some(store), Some(text)) => Ok(store.note_reason(&candidate.order.id, &text, self.session.now())?),
            _ => Ok(()),
        }
    }

    pub(in crate::jobs) fn take_candidates(&mut self) -> Vec<Candidate> {
        std::mem::take(&mut self.candidates)
    }

    /// Gives one order its turn; a route takes its units. Turns must come one after the other, the nearest deadline first, so that the
    /// last unit goes to the right one.
    pub(in crate::jobs) fn plan(&self, candidate: Candidate, asked_by: AskedBy) -> Result<Turn, Error> {
        let id = &candidate.order.id;
        let pass = self.permit(&candidate, asked_by)?;
        let newest = self.session.store.newest_intent(id)?;
        let permit = match &pass {
            Ok(_) => Permit::Given,
            Err(why) => Permit::Refused {
                why,
                fulfillment_order: newest.as_ref().map(|intent| &intent.id),
            },
        };
        let generation = pass.as_ref().map_or(1, |pass| pass.generation());
        let cancellations = self.cancellations_of(id)?;
        let stage = Stage::Turn { permit, cancellations };
        let effects = self.decide_and_book(&candidate, &candidate.order, (asked_by, generation), stage);
        let Applied { rows, plan, .. } = apply(self.session, id, effects)?;
        let planned = plan.zip(pass.ok()).map(|(decision, pass)| Planned {
            candidate,
            pass,
            decision,
        });
        Ok(Turn { rows, planned })
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cancellations_of(&self, id: &TiktokOrderId) -> Result<Cancellations<'_>, Error> {
        let open = &self.cancellations;
        Ok(Cancellations {
            request: open.requests.iter().find(|request| request.order_id == *id),
            is_nobody_answered: open.is_nobody_answered,
            is_kept_open: open.is_incomplete && self.session.store.has_open_cancellation(id)?,
            conflict: open.conflicts.get(id),
        })
    }

    /// Asks the rules what follows, and books its units: that holds before they are asked about another order.
    pub(super) fn decide_and_book(
        &self,
        candidate: &Candidate,
        order: &Order,
        (asked_by, generation): (AskedBy, u32),
        stage: Stage<'_>,
    ) -> Vec<Effect> {
        let mut shared = self.shared();
        let facts = Facts {
            order,
            state: candidate.state,
            detail: candidate.detail.as_deref(),
            flags: &candidate.flags,
            asked_by,
            generation,
            known: &shared.known,
            stage,
        };
        let rules = self.rules.at_last_look(&candidate.order, order);
        let Follows {
            given_back,
            taken,
            effects,
        } = next(&facts, &rules, self.session.now());
        let stock = &mut shared.known.stock;
        given_back.iter().for_each(|units| stock.give_back(units));
        taken.iter().for_each(|units| stock.take(units));
        effects
    }

    /// Gives back the units of an order of which nothing more is decided in this run.
    pub(super) fn give_back(&self, planned: &Route) {
        self.shared().known.stock.give_back(&Units::of(&planned.draft));
    }

    /// After an import since they were read, mappings and stock are read anew: no plan is older than the mappings it goes by.
    /// Units that orders of this run are about to take stay guarded by the store's own ledger.
    pub(super) fn follow_mappings(&self) -> Result<(), Error> {
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
}
