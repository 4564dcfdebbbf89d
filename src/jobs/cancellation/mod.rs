//! Cancellations: the requests and marks that TikTok shows are read, each order's facts are loaded, and what `domain::cancellation`
//! says is done, one question to a vendor at a time.
//!
//! A request that can't be read is no missing one: it keeps its order from being sent, and a person is told.

mod ask;
mod search;

use std::collections::BTreeSet;

use super::apply::{Left, Subject, apply};
use super::summary::{Touched, Work};
use super::{Error, Session};
use crate::amazon::Amazon;
use crate::domain::cancellation::{Conflict, Conflicts, Facts, Progress, Request, Sent, conflicts, next};
use crate::domain::effect::{Ask, Effect};
use crate::domain::flag::Detail;
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::{LineItem, LineStatus};
use crate::domain::shop::{Cancellation, CancellationStatus};
use crate::domain::state::State;
use crate::domain::submission::must_look_first;
use crate::jobs::fulfillment::follow;
use crate::store::{Intent, StoredOrder};
use crate::tiktok::{Class, Tiktok, UnreadableOrder};
use search::Requests;

/// What the cancellations of a run mean for orders that are not sent yet.
#[derive(Default)]
pub(super) struct OpenCancellations {
    /// Orders of which it is not known whether they are to be cancelled, and those whose buyers a person must answer.
    pub(super) conflicts: Conflicts,
    /// Buyers' open requests that this run did not answer.
    pub(super) requests: Vec<Cancellation>,
    /// Whether TikTok did not show its cancellations: what was known of them before holds still.
    pub(super) is_incomplete: bool,
    /// Whether this run answers nobody.
    pub(super) is_nobody_answered: bool,
}

/// Acts on every open request, on every order that TikTok cancelled by itself, and on every order that waits for Amazon's word.
/// Returns what that means for the orders that are to be decided. In a dry run nothing is asked or answered, but shown.
pub(super) fn act(
    session: &Session,
    tiktok: &Tiktok,
    amazon: &Amazon,
    work: &mut Work,
) -> Result<OpenCancellations, Error> {
    let found = found(session, tiktok, work)?;
    let (is_incomplete, is_forbidden) = (!matches!(found, Found::All(_)), matches!(found, Found::Forbidden));
    let requests = match found {
        Found::All(requests) => requests,
        Found::Forbidden | Found::Nothing => Requests::default(),
    };
    let run = Run {
        session,
        tiktok,
        amazon,
        conflicts: known_conflicts(session, &requests, is_incomplete, work)?,
    };
    let is_nobody_answered = session.is_dry_run();
    if is_nobody_answered {
        run.show_plan(&requests.readable, work)?;
    } else {
        run.do_all(&requests.readable, is_forbidden, work)?;
    }
    let open = run.open_cancellations(requests.readable, is_incomplete)?;
    Ok(OpenCancellations {
        is_nobody_answered,
        ..open
    })
}

/// What TikTok shows of its cancellations.
enum Found {
    /// The requests of the last days.
    All(Requests),
    /// The app may not read them; the orders bear marks.
    Forbidden,
    /// Nothing came this time.
    Nothing,
}

fn found(session: &Session, tiktok: &Tiktok, work: &mut Work) -> Result<Found, Error> {
    match search::requests(tiktok, session.now()) {
        Ok(requests) => Ok(Found::All(requests)),
        Err(Error::Tiktok(error)) if matches!(error.class(), Class::ScopeMissing | Class::VersionRetired) => {
            work.summary.notes.push(format!(
                "cancellation requests can't be read, only the orders' own marks are: {error}"
            ));
            Ok(Found::Forbidden)
        }
        Err(error) => work.go_on_after(Err(error)).map(|()| Found::Nothing),
    }
}

/// Returns what TikTok's cancellations leave unclear, or left so when they could last be read.
fn known_conflicts<'a>(
    session: &Session,
    requests: &'a Requests,
    is_incomplete: bool,
    work: &mut Work,
) -> Result<Conflicts, Error> {
    if is_incomplete {
        return Ok(session.store.kept_conflicts()?);
    }
    let named = |unreadable: &'a UnreadableOrder| Some((unreadable.id.as_ref()?, unreadable.why.as_str()));
    let nameless = requests.unreadable.iter().filter(|unreadable| unreadable.id.is_none());
    work.summary.notes.extend(nameless.map(|unreadable| {
        format!(
            "a cancellation without a readable order is left out: {}",
            unreadable.why
        )
    }));
    let conflicts = conflicts(&requests.readable, requests.unreadable.iter().filter_map(named));
    if let Some(store) = session.writable_store() {
        store.keep_conflicts(&conflicts)?;
    }
    Ok(conflicts)
}

/// What the cancellations of a run work with.
struct Run<'a> {
    session: &'a Session,
    tiktok: &'a Tiktok,
    amazon: &'a Amazon,
    conflicts: Conflicts,
}

impl Run<'_> {
    fn do_all(&self, requests: &[Cancellation], is_forbidden: bool, work: &mut Work) -> Result<(), Error> {
        for request in requests {
            self.session.check_stop()?;
            let taken_up = self.take_up(request, work);
            work.go_on_after(taken_up)?;
        }
        for (id, conflict) in &self.conflicts {
            let told = self.tell_conflict(id, conflict, work);
            work.go_on_after(told)?;
        }
        if is_forbidden {
            self.stop_marked(work)?;
        }
        for id in self.session.store.cancelled_at_tiktok()? {
            self.session.check_stop()?;
            let advanced = self.advance(&id, None, work);
            work.go_on_after(advanced)?;
        }
        for intent in self.session.store.cancelling()? {
            self.session.check_stop()?;
            work.go_on_after(follow(self.session, self.amazon, &intent).map(drop))?;
        }
        Ok(())
    }

    /// Shows which orders Amazon would be asked to cancel. What was not sent yet is shown where it is decided.
    fn show_plan(&self, requests: &[Cancellation], work: &mut Work) -> Result<(), Error> {
        let mut shown = BTreeSet::new();
        let asked = requests.iter().map(|request| (request.order_id.clone(), Some(request)));
        let cancelled = self
            .session
            .store
            .cancelled_at_tiktok()?
            .into_iter()
            .map(|id| (id, None));
        for (id, request) in asked.chain(cancelled) {
            let Some(known) = self.load(&id, request)? else {
                continue;
            };
            let effects = self.next(&known, request, Progress::Begun)?;
            let stops = effects.contains(&Effect::Ask(Ask::CancelFulfillmentOrder));
            if let Some(intent) = known.intent.filter(|_| stops && shown.insert(id.clone())) {
                let why = format!("Amazon is asked to cancel {}", intent.id);
                let touched = Touched {
                    fulfillment_order: Some(intent.id),
                    ..Touched::new(&id, State::Cancelling)
                };
                work.summary.touch(touched.explained(why));
            }
        }
        Ok(())
    }

    /// Returns what is open when all is done that could be.
    fn open_cancellations(self, requests: Vec<Cancellation>, is_incomplete: bool) -> Result<OpenCancellations, Error> {
        let store = &self.session.store;
        let mut open = OpenCancellations {
            conflicts: self.conflicts,
            requests: Vec::new(),
            is_incomplete,
            is_nobody_answered: false,
        };
        for request in requests {
            let is_open = request.status == CancellationStatus::Pending && !request.is_the_sellers();
            if is_open && !store.is_answered(&request.id)? {
                open.requests.push(request);
            }
        }
        for (order, why) in store.refused_answers(None)? {
            let is_open = is_incomplete || open.requests.iter().any(|request| request.order_id == order);
            if is_open {
                open.conflicts.entry(order).or_insert(Conflict::AnswerRefused(why));
            }
        }
        Ok(open)
    }

    fn take_up(&self, request: &Cancellation, work: &mut Work) -> Result<(), Error> {
        let (store, id, now) = (&self.session.store, &request.order_id, self.session.now());
        let Some(stored) = store.order(id)? else {
            return Ok(());
        };
        store.note_cancellation(request, now)?;
        self.note_part(request, &stored)?;
        if !self.conflicts.contains_key(id) {
            store.clear_details(id, &[Detail::RequestUnreadable], now)?;
        }
        if !store.has_open_cancellation(id)? {
            store.clear_details(id, &[Detail::AnswerRefused], now)?;
        }
        self.advance(id, Some(request), work)
    }

    /// A finished cancellation of single units is all that TikTok says of them: nobody asks, and nothing waits for an answer. Where
    /// it names variants only, the order's details say which units it means.
    fn note_part(&self, request: &Cancellation, stored: &StoredOrder) -> Result<(), Error> {
        let is_done = matches!(
            request.status,
            CancellationStatus::Success | CancellationStatus::Complete
        );
        if !is_done || !stored.state.is_at_amazon() || !request.is_partial(&stored.order) {
            return Ok(());
        }
        self.session
            .store
            .note_cancelled_units(&request.order_id, &request.line_items)?;
        let is_shown = |line: &LineItem| line.status == LineStatus::Cancelled && request.skus.contains(&line.sku_id);
        if !request.skus.is_empty() && !stored.order.line_items.iter().any(is_shown) {
            self.read_order(&request.order_id)?;
        }
        Ok(())
    }

    /// Tells of a conflict about an order that was sent.
    fn tell_conflict(&self, id: &TiktokOrderId, conflict: &Conflict, work: &mut Work) -> Result<(), Error> {
        let (store, now) = (&self.session.store, self.session.now());
        if let Some(state) = store.state(id)?
            && conflict.is_told(state)
            && store.raise_flag(id, &conflict.flag(id), now)?
        {
            work.summary.touch(Touched {
                flags: store.flags(id)?,
                ..Touched::new(id, state)
            });
        }
        Ok(())
    }

    /// Where requests can't be read, the marks on the orders say whose buyers wish to cancel. TikTok can't be answered then; Amazon
    /// is asked all the same.
    fn stop_marked(&self, work: &mut Work) -> Result<(), Error> {
        let marked = match search::marked_orders(self.session, self.tiktok) {
            Ok(marked) => marked,
            Err(error) => return work.go_on_after(Err(error)),
        };
        for id in marked {
            self.session.check_stop()?;
            let advanced = self.advance(&id, None, work);
            work.go_on_after(advanced)?;
        }
        Ok(())
    }

    /// Brings one order as far as it goes in this run: its facts are read anew after each question.
    fn advance(&self, id: &TiktokOrderId, request: Option<&Cancellation>, work: &mut Work) -> Result<(), Error> {
        let (mut progress, mut trouble) = (Progress::Begun, None);
        while let Some(known) = self.load(id, request)? {
            let effects = self.next(&known, request, progress)?;
            if effects.is_empty() {
                break;
            }
            let subject = Subject {
                order: id,
                state: known.stored.state,
                fulfillment_order: known.intent.as_ref().map(|intent| &intent.id),
            };
            let applied = apply(self.session, &subject, &effects)?;
            applied.rows.into_iter().for_each(|row| work.summary.touch(row));
            progress = match applied.left {
                Left::Nothing => progress.without_question(),
                Left::Ask(ask) => self.ask(ask, &known, request, progress, &mut trouble)?,
                Left::Trouble => return trouble.map_or(Ok(()), Err),
            };
        }
        Ok(())
    }

    fn load(&self, id: &TiktokOrderId, request: Option<&Cancellation>) -> Result<Option<Known>, Error> {
        let store = &self.session.store;
        let Some(stored) = store.order(id)? else {
            return Ok(None);
        };
        let is_answered = match request {
            Some(request) => store.is_answered(&request.id)?,
            None => false,
        };
        Ok(Some(Known {
            stored,
            intent: store.newest_that_counts(id)?,
            has_open_request: store.has_open_cancellation(id)?,
            has_request: store.has_cancellation(id)?,
            is_answered,
            is_left_to_a_person: store.refused_answers(Some(id))?.contains_key(id),
        }))
    }

    fn next(&self, known: &Known, request: Option<&Cancellation>, progress: Progress) -> Result<Vec<Effect>, Error> {
        let sent = known.intent.as_ref().map(|intent| Sent {
            id: &intent.id,
            may_be_at_amazon: intent.may_be_at_amazon(),
            is_dead: intent.is_surely_dead(),
            cancel_asked_at: intent.cancel_asked_at,
            shows_from: intent.accepted_at.unwrap_or(intent.intended_at) + self.session.unknown_grace(),
        });
        let facts = Facts {
            order: &known.stored.order,
            is_read_whole: known.stored.is_read_whole,
            state: known.stored.state,
            sent,
            request: request.map(|shown| Request {
                shown,
                is_answered: known.is_answered,
                is_left_to_a_person: known.is_left_to_a_person,
            }),
            has_open_request: known.has_open_request,
            has_request: known.has_request,
            must_look: must_look_first(known.stored.order.times.created_at, self.session.store.whole_since()?),
            is_declined_by_shipping: self.session.shop(self.tiktok)?.region == "US",
        };
        Ok(next(
            &facts,
            progress,
            &self.session.rules().eligibility,
            self.session.now(),
        ))
    }
}

/// What the database knows of an order that is to be cancelled.
struct Known {
    stored: StoredOrder,
    intent: Option<Intent>,
    has_open_request: bool,
    has_request: bool,
    is_answered: bool,
    is_left_to_a_person: bool,
}
