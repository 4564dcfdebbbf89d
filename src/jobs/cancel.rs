//! Cancellations: a buyer's wish, or TikTok's own decision, against what Amazon already does.
//!
//! TikTok is answered only after Amazon's answer is read: nothing is accepted on hope. Amazon is asked until it answers, and read
//! before it is asked again; the wish is committed before the request leaves, so that a run that dies in between is made up for.
//! A request that can't be read is no missing one: it keeps its order from being sent, and a person is told.

mod answer;
mod dry;
mod search;
mod stop;

use std::collections::BTreeMap;

use super::follow::follow;
use super::summary::{Summary, Touched, Troubles};
use super::wish::{DENIED, SHIPPING, too_late};
use super::{Error, Session};
use crate::amazon::Amazon;
use crate::domain::eligibility::{Eligibility, judge};
use crate::domain::event::Event;
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::{LineItem, LineStatus, Order};
use crate::domain::shop::{Cancellation, CancellationStatus};
use crate::domain::state::{State, Step};
use crate::store::{Intent, StoredOrder};
use crate::tiktok::{Class, Tiktok};
use search::Requests;

/// A request that can't be read, or whose status nobody knows.
const UNREADABLE: &str = "request_unreadable";

/// The seller has asked TikTok to cancel.
const SELLER_CANCELS: &str = "seller_cancels";

/// The buyer wants a part of the order only.
const PART: &str = "part_of_the_order";

/// Why an order ends without having been sent.
pub(super) const WISHED: &str = "the buyer cancelled before anything was sent";

/// TikTok does not take the answer to a request.
pub(super) const REFUSED: &str = "answer_refused";

/// Orders that are not sent in this run, with what a person is told of each.
type Doubts = BTreeMap<TiktokOrderId, Flag>;

/// What the cancellations of a run mean for orders that are not sent yet.
#[derive(Default)]
pub(super) struct Heeded {
    /// Orders of which it is not known whether they are to be cancelled.
    pub(super) doubts: Doubts,
    /// Buyers' open requests that this run did not answer.
    pub(super) wishes: Vec<Cancellation>,
    /// Whether TikTok did not show its cancellations: what was known of them before holds still.
    pub(super) is_incomplete: bool,
}

impl Heeded {
    /// Returns whether a flag keeps its order back while TikTok's cancellations can't be read.
    pub(super) fn stays(&self, flag: &Flag) -> bool {
        self.is_incomplete && [UNREADABLE, SELLER_CANCELS, REFUSED].contains(&flag.detail.as_str())
    }
}

/// What the cancellations of a run work with.
struct Counter<'a> {
    session: &'a Session,
    tiktok: &'a Tiktok,
    amazon: &'a Amazon,
    doubts: &'a Doubts,
}

/// Acts on every open request, on every order that TikTok cancelled by itself, and on every order that waits for Amazon's word.
/// Returns what that means for the orders that are to be decided. In a dry run nothing is asked or answered, but shown.
pub(super) fn act(
    session: &Session,
    tiktok: &Tiktok,
    amazon: &Amazon,
    summary: &mut Summary,
    troubles: &mut Troubles,
) -> Result<Heeded, Error> {
    let found = found(session, tiktok, summary, troubles)?;
    let is_incomplete = !matches!(found, Found::All(_));
    let is_forbidden = matches!(found, Found::Forbidden);
    let requests = match found {
        Found::All(requests) => requests,
        Found::Forbidden | Found::Nothing => Requests::default(),
    };
    let mut doubts = doubts(&requests, summary);
    if session.is_dry_run {
        let heeded = dry::heed(session, requests, doubts, summary)?;
        return Ok(Heeded {
            is_incomplete,
            ..heeded
        });
    }
    let counter = Counter {
        session,
        tiktok,
        amazon,
        doubts: &doubts,
    };
    for request in &requests.readable {
        session.check_stop()?;
        troubles.bound(counter.take_up(request, summary))?;
    }
    for (id, flag) in &doubts {
        troubles.bound(counter.tell_doubt(id, flag, summary))?;
    }
    if is_forbidden {
        counter.heed_marks(summary, troubles)?;
    }
    for id in session.store.cancelled_at_tiktok()? {
        session.check_stop()?;
        troubles.bound(counter.stop(&id, summary))?;
    }
    for intent in session.store.cancelling()? {
        session.check_stop()?;
        let followed = follow(session, amazon, &intent).map(drop);
        troubles.bound(followed)?;
    }
    let wishes = wishes(session, requests.readable)?;
    for (id, flag) in counter.refusals(&wishes)? {
        doubts.entry(id).or_insert(flag);
    }
    Ok(Heeded {
        doubts,
        wishes,
        is_incomplete,
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

fn found(session: &Session, tiktok: &Tiktok, summary: &mut Summary, troubles: &mut Troubles) -> Result<Found, Error> {
    match search::requests(tiktok, session.now()) {
        Ok(requests) => Ok(Found::All(requests)),
        Err(Error::Tiktok(error)) if matches!(error.class(), Class::ScopeMissing | Class::VersionRetired) => {
            summary.notes.push(format!(
                "cancellation requests can't be read, only the orders' own marks are: {error}"
            ));
            Ok(Found::Forbidden)
        }
        Err(error) => troubles.bound(Err(error)).map(|()| Found::Nothing),
    }
}

/// Returns the buyers' requests that nobody has answered.
fn wishes(session: &Session, requests: Vec<Cancellation>) -> Result<Vec<Cancellation>, Error> {
    let mut wishes = Vec::new();
    for request in requests {
        let is_open = request.status == CancellationStatus::Pending && !is_the_sellers(&request);
        if is_open && !session.store.is_answered(&request.id)? {
            wishes.push(request);
        }
    }
    Ok(wishes)
}

/// What can't be read may be a buyer's wish, and so may a status that nobody knows; what the seller cancels is not to be sent either.
fn doubts(requests: &Requests, summary: &mut Summary) -> Doubts {
    let mut doubts = Doubts::new();
    for unreadable in &requests.unreadable {
        match &unreadable.id {
            Some(id) => {
                doubts.insert(id.clone(), unreadable_request(id, &unreadable.why));
            }
            None => summary.notes.push(format!(
                "a cancellation without a readable order is left out: {}",
                unreadable.why
            )),
        }
    }
    for request in &requests.readable {
        let id = &request.order_id;
        match &request.status {
            CancellationStatus::Other(word) => {
                doubts.insert(id.clone(), unreadable_request(id, &format!("its status is {word:?}")));
            }
            CancellationStatus::Pending if is_the_sellers(request) => {
                let message = "a cancellation of the seller's own is open at TikTok; it is not sent meanwhile";
                let flag = Flag::new(Reason::CancellationConflict, SELLER_CANCELS, message, id);
                doubts.entry(id.clone()).or_insert(flag);
            }
            CancellationStatus::Pending
            | CancellationStatus::Success
            | CancellationStatus::Withdrawn
            | CancellationStatus::Complete => {}
        }
    }
    doubts
}

fn unreadable_request(id: &TiktokOrderId, why: &str) -> Flag {
    let message = format!(
        "TikTok shows a cancellation of it that can't be read ({why}); look at it in Seller Center and answer it there"
    );
    Flag::new(Reason::CancellationConflict, UNREADABLE, message, id).with_command(format!("mcf status {id}"))
}

fn is_the_sellers(request: &Cancellation) -> bool {
    request
        .role
        .as_deref()
        .is_some_and(|role| role.eq_ignore_ascii_case("SELLER"))
}

impl Counter<'_> {
    fn take_up(&self, request: &Cancellation, summary: &mut Summary) -> Result<(), Error> {
        let (store, now) = (&self.session.store, self.session.now());
        let Some(stored) = store.order(&request.order_id)? else {
            return Ok(());
        };
        store.note_cancellation(request, now)?;
        self.note_part(request, &stored)?;
        self.forget_doubt(&request.order_id)?;
        self.forget_refusal(&request.order_id)?;
        match &request.status {
            CancellationStatus::Pending if store.is_answered(&request.id)? => Ok(()),
            CancellationStatus::Pending if self.is_left_to_a_person(&request.order_id)? => Ok(()),
            CancellationStatus::Pending if is_the_sellers(request) => self.stop(&request.order_id, summary),
            CancellationStatus::Pending => self.answer(request, &stored, summary),
            _ if store.has_open_cancellation(&request.order_id)? => Ok(()),
            CancellationStatus::Withdrawn => {
                Ok(store.clear_details(&request.order_id, &[SHIPPING, DENIED, PART], now)?)
            }
            CancellationStatus::Success | CancellationStatus::Complete => {
                Ok(store.clear_details(&request.order_id, &[PART], now)?)
            }
            CancellationStatus::Other(_) => Ok(()),
        }
    }

    /// A finished cancellation of single units is all that TikTok says of them: nobody asks, and nothing waits for an answer. Where
    /// it names variants only, the order's details say which units it means.
    fn note_part(&self, request: &Cancellation, stored: &StoredOrder) -> Result<(), Error> {
        let is_done = matches!(
            request.status,
            CancellationStatus::Success | CancellationStatus::Complete
        );
        if !is_done || !stored.state.is_at_amazon() || !is_partial(request, &stored.order) {
            return Ok(());
        }
        let store = &self.session.store;
        store.note_cancelled_units(&request.order_id, &request.line_items)?;
        let is_shown = |line: &LineItem| line.status == LineStatus::Cancelled && request.skus.contains(&line.sku_id);
        if !request.skus.is_empty() && !stored.order.line_items.iter().any(is_shown) {
            let found = self.tiktok.orders(std::slice::from_ref(&request.order_id))?;
            store.take_in_known(&found.orders, self.session.now())?;
        }
        Ok(())
    }

    /// Tells of a doubt about an order that was sent. One that was not is held where it is decided.
    fn tell_doubt(&self, id: &TiktokOrderId, flag: &Flag, summary: &mut Summary) -> Result<(), Error> {
        let (store, now) = (&self.session.store, self.session.now());
        let state = store.order(id)?.map(|stored| stored.state);
        if let Some(state @ (State::Submitting | State::Routed | State::Shipped | State::Cancelling)) = state
            && flag.detail == UNREADABLE
            && store.raise_flag(id, flag, now)?
        {
            summary.touch(Touched {
                flags: store.flags(id)?,
                ..Touched::new(id, state)
            });
        }
        Ok(())
    }

    /// The request of an order can be read now.
    fn forget_doubt(&self, id: &TiktokOrderId) -> Result<(), Error> {
        let store = &self.session.store;
        if !self.doubts.contains_key(id) && store.flags(id)?.iter().any(|flag| flag.detail == UNREADABLE) {
            store.clear_flag(id, Reason::CancellationConflict, UNREADABLE, self.session.now())?;
        }
        Ok(())
    }

    /// Where requests can't be read, the marks on the orders say whose buyers wish to cancel. TikTok can't be answered then; Amazon
    /// is asked all the same.
    fn heed_marks(&self, summary: &mut Summary, troubles: &mut Troubles) -> Result<(), Error> {
        let marked = match search::marked_orders(self.session, self.tiktok) {
            Ok(marked) => marked,
            Err(error) => return troubles.bound(Err(error)),
        };
        for id in marked {
            self.session.check_stop()?;
            troubles.bound(self.stop(&id, summary))?;
        }
        Ok(())
    }

    /// Answers one request as far as the order allows now.
    fn answer(&self, request: &Cancellation, stored: &StoredOrder, summary: &mut Summary) -> Result<(), Error> {
        let intent = self.session.store.newest_intent(&stored.order.id)?;
        // What was shipped stays under way, even where Amazon cancelled the rest.
        let has_left = matches!(stored.state, State::Shipped | State::Completed);
        let is_under_way = |intent: &Intent| has_left || !intent.is_surely_dead();
        let at_amazon = intent.filter(|intent| intent.may_be_at_amazon() && is_under_way(intent));
        match (stored.state, at_amazon) {
            (State::Detected | State::Waiting | State::Ready | State::Flagged, None) => {
                let order = self.whole(stored)?;
                if order.is_some_and(|order| is_ours_to_grant(self.session, &order)) {
                    self.agree_before_sending(request, stored, summary)?;
                }
                Ok(())
            }
            (State::Flagged, Some(intent)) => too_late(self.session, &intent, stored),
            (State::Routed | State::Cancelling | State::Shipped | State::Completed, Some(intent)) => {
                if is_partial(request, &stored.order) {
                    return self.leave_to_a_person(request);
                }
                self.stop_at_amazon(&intent, stored, summary)?;
                self.answer_as_amazon_did(request, summary)
            }
            (State::Cancelled, _) => self.agree(request).map(drop),
            (State::Detected | State::Waiting | State::Ready, Some(_))
            | (State::Routed | State::Cancelling | State::Shipped | State::Completed, None)
            | (State::Submitting | State::Dismissed | State::NotEligible, _) => Ok(()),
        }
    }

    /// The order with all that its details say. Where they were not stored whole, they are read; `None`: TikTok does not show them.
    fn whole(&self, stored: &StoredOrder) -> Result<Option<Order>, Error> {
        if stored.is_read_whole {
            return Ok(Some(stored.order.clone()));
        }
        let found = self.tiktok.orders(std::slice::from_ref(&stored.order.id))?;
        self.session.store.take_in_known(&found.orders, self.session.now())?;
        Ok(found.orders.into_iter().find(|order| order.id == stored.order.id))
    }

    fn agree_before_sending(
        &self,
        request: &Cancellation,
        stored: &StoredOrder,
        summary: &mut Summary,
    ) -> Result<(), Error> {
        if !self.agree(request)? || is_partial(request, &stored.order) {
            return Ok(());
        }
        let (id, now) = (&stored.order.id, self.session.now());
        let event = Event::OrderCancelled {
            order: id.clone(),
            at: now,
        };
        let store = &self.session.store;
        let state = store.step(id, stored.state, Step::Cancel, WISHED, Some(&event), now)?;
        summary.touch(Touched::new(id, state).explained(WISHED));
        Ok(())
    }

    /// Amazon can't take single units out of an order.
    fn leave_to_a_person(&self, request: &Cancellation) -> Result<(), Error> {
        let message = "the buyer wants to cancel a part of it, which Amazon can't; answer the buyer at TikTok";
        let flag = Flag::new(Reason::CancellationConflict, PART, message, &request.order_id)
            .with_command(format!("mcf status {}", request.order_id));
        let (store, now) = (&self.session.store, self.session.now());
        store.raise_flag(&request.order_id, &flag, now)?;
        Ok(())
    }

    fn follow(&self, intent: &Intent) -> Result<(), Error> {
        follow(self.session, self.amazon, intent).map(drop)
    }

    fn state(&self, id: &TiktokOrderId) -> Result<Option<State>, Error> {
        Ok(self.session.store.order(id)?.map(|stored| stored.state))
    }

    /// Agrees when Amazon has cancelled, declines when it goes on, waits when it has not said.
    fn answer_as_amazon_did(&self, request: &Cancellation, summary: &mut Summary) -> Result<(), Error> {
        match self.state(&request.order_id)? {
            Some(State::Cancelled) => {
                self.agree(request)?;
                summary
                    .touch_once(Touched::new(&request.order_id, State::Cancelled).explained("cancelled on both sides"));
                Ok(())
            }
            Some(State::Routed | State::Shipped | State::Completed) => self.decline(request),
            Some(_) | None => Ok(()),
        }
    }
}

/// What was never ours to send is not ours to cancel, though nothing was sent: it may be under way by another hand. Of an order whose
/// kind or status is not known that is not certain either.
pub(super) fn is_ours_to_grant(session: &Session, order: &Order) -> bool {
    match judge(order, &session.rules().eligibility, session.now()) {
        Eligibility::Route | Eligibility::Wait { .. } | Eligibility::CancelRequested | Eligibility::Cancelled => true,
        Eligibility::NotEligible(_) | Eligibility::Flagged(_) => false,
    }
}

/// A request that leaves units of the order standing. Where TikTok names variants and no units, all units of these are meant:
/// buyers can't cancel single ones.
pub(super) fn is_partial(request: &Cancellation, order: &Order) -> bool {
    let is_named = |line: &LineItem| request.line_items.contains(&line.id) || request.skus.contains(&line.sku_id);
    let stays = |line: &LineItem| line.status != LineStatus::Cancelled && !is_named(line);
    let names_some = !request.line_items.is_empty() || !request.skus.is_empty();
    names_some && order.line_items.iter().any(stays)
}
