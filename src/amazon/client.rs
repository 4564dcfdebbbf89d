//! The client: one method per call of the Selling Partner API.
//!
//! Each asks its [`TokenSource`] for the access token, repeats what may be repeated, and renews a refused token once.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, SecondsFormat, Utc};
use url::Url;

use super::error::Error;
use super::meaning::{Flaw, Kind};
use super::operations::{CANCEL, CREATE, FULFILLMENT_ORDER, FULFILLMENT_ORDERS, MARKETPLACES, PREVIEW, TRACKING};
use super::read::{self, Page};
use super::request::{Call, encoded, query};
use crate::clock::Deadline;
use crate::domain::fulfillment::{FulfillmentOrder, Marketplace, PackageTracking, Preview};
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::secret::Secret;
use crate::transport::retry::retry_after;
use crate::transport::{Answer, Operation, Outcome, Remedy, Request, SendError, Sender};

/// Gives access tokens: called with `None` for the current one, with the refused one for another.
///
/// A refused token that another process has renewed meanwhile is answered with that newer one.
pub type TokenSource = Box<dyn Fn(Option<&Secret>) -> Result<Secret, Error> + Send + Sync>;

/// Where Amazon is and in which marketplace we sell.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The host of the region, e.g. `https://sellingpartnerapi-na.amazon.com`.
    pub api_url: Url,
    /// E.g. `ATVPDKIKX0DER`.
    pub marketplace_id: String,
}

/// The Selling Partner API. Safe to share between threads.
pub struct Amazon {
    pub(super) settings: Settings,
    sender: Arc<Sender>,
    tokens: TokenSource,
    /// The orders whose create was waited for before the last look at them, so that it leaves right after.
    turns: Mutex<BTreeSet<TiktokOrderId>>,
}

impl Amazon {
    /// Makes a client. Sends nothing.
    #[must_use]
    pub fn new(settings: Settings, sender: Arc<Sender>, tokens: TokenSource) -> Self {
        Self {
            settings,
            sender,
            tokens,
            turns: Mutex::default(),
        }
    }

    /// Lists the marketplaces of the seller. Allowed about once a minute: for checks, not for runs.
    pub fn marketplaces(&self) -> Result<Vec<Marketplace>, Error> {
        self.call(&Call::new(&MARKETPLACES), read::marketplaces)
    }

    /// Asks by the text of [`super::preview_body`] what a draft would cost and when it would leave and arrive, at each speed. Advisory:
    /// Amazon may still refuse the order, or drop it later.
    ///
    /// # Errors
    /// As for every call.
    pub fn preview(&self, body: &str, order: Option<&TiktokOrderId>) -> Result<Vec<Preview>, Error> {
        let call = Call {
            body: Some(body),
            order,
            ..Call::new(&PREVIEW)
        };
        self.call(&call, read::previews)
    }

    /// Waits until a create may leave, for this order: its next one leaves at once, so that what was looked at before it is fresh.
    ///
    /// # Errors
    /// When no create may leave in this run any more.
    pub fn wait_turn_to_create(&self, order: &TiktokOrderId) -> Result<(), Error> {
        if !self.turns().contains(order) {
            let turn = self.sender.wait_turn(&CREATE);
            turn.map_err(|source| Error::of_sending(Kind::NotSent, &CREATE, source))?;
            self.turns().insert(order.clone());
        }
        Ok(())
    }

    /// Gives the turn back where nothing left.
    pub fn give_back_turn_to_create(&self, order: &TiktokOrderId) {
        if self.turns().remove(order) {
            self.sender.give_back_turn(&CREATE);
        }
    }

    fn turns(&self) -> MutexGuard<'_, BTreeSet<TiktokOrderId>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Creates a fulfillment order with the exact text of `body`, whose id is `id`. Nothing leaves after the deadline; after a token was
    /// fetched, and after a wait that Amazon asked for, it is waited for the turn, too, and then asked whether the create `is_meant` by now.
    ///
    /// # Errors
    /// When [`Error::is_outcome_unknown`], nobody knows whether Amazon took it: read it by its id. Else it was not taken, but for
    /// [`Kind::AlreadyExists`]: read it and compare.
    pub fn create(
        &self,
        id: &FulfillmentOrderId,
        order: Option<&TiktokOrderId>,
        body: &str,
        deadline: Deadline,
        is_meant: &dyn Fn() -> bool,
    ) -> Result<(), Error> {
        let in_turn = || order.is_none_or(|order| self.wait_turn_to_create(order).is_ok()) && is_meant();
        let call = Call {
            body: Some(body),
            order,
            deadline: Some(deadline),
            is_meant: Some(&in_turn),
            ..Call::new(&CREATE)
        };
        self.call(&call, |answer| read::created(answer, id))
    }

    /// Reads a fulfillment order. `None` only where Amazon surely does not know the id (yet: a create may take a while to show).
    ///
    /// # Errors
    /// When Amazon can't be reached, refuses, or answers with what can't be relied on; a 403 is never "not there".
    pub fn fulfillment_order(
        &self,
        id: &FulfillmentOrderId,
        order: Option<&TiktokOrderId>,
    ) -> Result<Option<FulfillmentOrder>, Error> {
        let call = Call {
            id: Some(id),
            order,
            ..Call::new(&FULFILLMENT_ORDER)
        };
        self.call(&call, |answer| read::fulfillment_order(answer, id))
    }

    /// Lists fulfillment orders whose status changed at or after `start`, one page a call; `page` is the token of the page before.
    ///
    /// # Errors
    /// As for every call, and [`Flaw::PagesInCircle`] when Amazon names the page again that it just gave.
    pub fn fulfillment_orders_since(&self, start: DateTime<Utc>, page: Option<&str>) -> Result<Page, Error> {
        // The token goes alone; misspelt (`NextToken`), it would be ignored and the first page would come again.
        let query = match page {
            Some(token) => query(&[("nextToken", encoded(token))]),
            None => {
                let start = start.to_rfc3339_opts(SecondsFormat::Secs, true);
                query(&[("queryStartDate", encoded(&start))])
            }
        };
        let call = Call {
            query: Some(query),
            ..Call::new(&FULFILLMENT_ORDERS)
        };
        self.call(&call, |answer| {
            let answered = read::fulfillment_orders(answer)?;
            if page.is_some() && answered.next.as_deref() == page {
                return Err(Error::unreadable(&FULFILLMENT_ORDERS, answer, Flaw::PagesInCircle));
            }
            Ok(answered)
        })
    }

    /// Asks Amazon to cancel a fulfillment order. It is a request: the order is cancelled when a later read says so.
    ///
    /// # Errors
    /// [`Kind::NotUpdatable`] or another refusal when it is too late; when [`Error::is_outcome_unknown`], read the order.
    pub fn cancel(&self, id: &FulfillmentOrderId, order: Option<&TiktokOrderId>) -> Result<(), Error> {
        let call = Call {
            id: Some(id),
            order,
            ..Call::new(&CANCEL)
        };
        self.call(&call, |answer| read::cancel_requested(answer, id))
    }

    /// Reads where a package is, by the number that [`Self::fulfillment_order`] gives. `None` where Amazon does not know it.
    pub fn package_tracking(
        &self,
        number: i64,
        order: Option<&TiktokOrderId>,
    ) -> Result<Option<PackageTracking>, Error> {
        let call = Call {
            query: Some(query(&[("packageNumber", number.to_string())])),
            order,
            ..Call::new(&TRACKING)
        };
        self.call(&call, read::package_tracking)
    }

    /// Makes a call with the current token, and a second round where `transport/retry` names a remedy.
    pub(super) fn call<T>(&self, call: &Call<'_>, read: impl Fn(&Answer) -> Result<T, Error>) -> Result<T, Error> {
        let token = self.token_for(call, None)?;
        match self.repeat(call, &token, &read) {
            Err(error) if error.failure().remedy() == Some(Remedy::NewToken) => {
                let token = self.token_for(call, Some(&token))?;
                self.repeat(call, &token, &read)
            }
            result => result,
        }
    }

    /// A new token may be long in coming: what was looked at before a create is looked at again then.
    fn token_for(&self, call: &Call<'_>, refused: Option<&Secret>) -> Result<Secret, Error> {
        let token = (self.tokens)(refused)?;
        if call.is_meant() {
            return Ok(token);
        }
        Err(Error::of_sending(Kind::NotSent, call.operation, SendError::TooLate).about(call.order))
    }

    fn repeat<T>(
        &self,
        call: &Call<'_>,
        token: &Secret,
        read: &impl Fn(&Answer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let result = self.sender.repeat_while(
            call.operation,
            Error::failure,
            || call.is_meant(),
            || {
                let now = self.sender.clock().now();
                self.sender.scrubber().know(token);
                let request = call.request(&self.settings.api_url, token, now);
                let answer = answered(call.operation, self.send(call, &request))?;
                self.follow_rate(call.operation, &answer);
                read(&answer).map_err(|error| finished(error, &answer, now).scrubbed(self.sender.scrubber()))
            },
        );
        result.map_err(|error| error.about(call.order))
    }

    fn send(&self, call: &Call<'_>, request: &Request) -> Outcome {
        let is_create = call.operation.name == CREATE.name;
        if call.order.is_some_and(|order| is_create && self.turns().remove(order)) {
            return self.sender.send_in_turn(call.deadline, request);
        }
        self.sender.send_before(call.deadline, request)
    }

    /// Follows the rate that Amazon announces. Amazon leaves it out where it is not the caller's.
    fn follow_rate(&self, operation: &Operation, answer: &Answer) {
        let announced = answer.header("x-amzn-ratelimit-limit");
        if let Some(per_second) = announced.and_then(|text| text.trim().parse().ok()) {
            self.sender.follow_rate(operation, per_second);
        }
    }
}

/// Returns the answer, or how the sending failed.
pub(super) fn answered(operation: &'static Operation, outcome: Outcome) -> Result<Answer, Error> {
    match outcome {
        Outcome::Answered(answer) => Ok(answer),
        Outcome::NotSent(source) => Err(Error::of_sending(Kind::NotSent, operation, source)),
        Outcome::Unknown(source) => Err(Error::of_sending(Kind::Unknown, operation, source)),
    }
}

/// Adds the wait that the answer asks for. None was ever seen; it is honoured all the same.
pub(super) fn finished(mut error: Error, answer: &Answer, now: DateTime<Utc>) -> Error {
    error.set_retry_after(answer.header("retry-after").and_then(|text| retry_after(text, now)));
    error
}
