//! Builds, signs and sends one call, and asks for a new access token once when TikTok wants one.

use std::sync::Arc;

use serde::Serialize;
use url::Url;

use super::answer::{self, Accepted};
use super::error::Error;
use super::sign::{Signed, encode_query};
use super::{Settings, TokenSource, operations};
use crate::domain::ids::TiktokOrderId;
use crate::secret::Secret;
use crate::transport::{Operation, Outcome, Remedy, Request, Sender};

const JSON: &str = "application/json";

/// The client for one shop.
///
/// Every method makes one call, or as many as its list of ids needs. Errors of all of them: [`Error`], which tells the
/// call, TikTok's code and request id, and what the code means; see [`Error::class`].
pub struct Tiktok {
    settings: Settings,
    sender: Arc<Sender>,
    tokens: TokenSource,
    cipher: Option<Secret>,
}

/// One call before it is signed. Each try signs it anew, because TikTok wants a fresh timestamp.
pub(super) struct Call {
    operation: &'static Operation,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    order_id: Option<String>,
    is_for_shop: bool,
}

impl Call {
    /// Begins a call on behalf of the chosen shop; `ids` fill the placeholders of the path in their order.
    ///
    /// # Errors
    /// When an id could change the path.
    pub fn new(operation: &'static Operation, ids: &[&str]) -> Result<Self, Error> {
        let mut path = operation.path.to_owned();
        for id in ids {
            path = fill_in(&path, id).ok_or_else(|| Error::input(operation, "an id is empty or has odd characters"))?;
        }
        Ok(Self {
            operation,
            path,
            query: Vec::new(),
            body: None,
            order_id: None,
            is_for_shop: true,
        })
    }

    /// Leaves the shop out, for the calls that refuse it.
    pub fn without_shop(mut self) -> Self {
        self.is_for_shop = false;
        self
    }

    /// Names the order for the record.
    pub fn about(mut self, order: &TiktokOrderId) -> Self {
        self.order_id = Some(order.as_str().to_owned());
        self
    }

    /// Adds a query parameter; the value is plain, not encoded.
    pub fn query(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.query.push((key, value.into()));
        self
    }

    /// Sets the body. An empty object is left out: TikTok's own samples do not agree on whether it is signed.
    ///
    /// # Errors
    /// When the body can't be written as JSON.
    pub fn body(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(body).map_err(|_| Error::input(self.operation, "the body is not writable"))?;
        self.body = (bytes != b"{}").then_some(bytes);
        Ok(self)
    }
}

fn fill_in(path: &str, id: &str) -> Option<String> {
    let is_plain = !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let (before, rest) = path.split_once('{')?;
    let (_, after) = rest.split_once('}')?;
    is_plain.then(|| format!("{before}{id}{after}"))
}

impl Tiktok {
    /// Makes a client that has no shop yet: only [`Tiktok::shops`] works.
    #[must_use]
    pub fn new(settings: Settings, sender: Arc<Sender>, tokens: TokenSource) -> Self {
        sender.scrubber().know(&settings.app_secret);
        Self {
            settings,
            sender,
            tokens,
            cipher: None,
        }
    }

    /// Chooses the shop by its cipher.
    #[must_use]
    pub fn with_shop(self, cipher: Secret) -> Self {
        self.sender.scrubber().know(&cipher);
        Self {
            cipher: Some(cipher),
            ..self
        }
    }

    /// Makes a call and refuses errors inside an accepted answer.
    pub(super) fn call(&self, call: &Call) -> Result<Accepted, Error> {
        let accepted = self.call_keeping_errors(call)?.without_errors();
        accepted.map_err(|error| error.about(call.order_id.as_deref()))
    }

    /// Makes a call whose accepted answer may hold errors for some of its entries.
    pub(super) fn call_keeping_errors(&self, call: &Call) -> Result<Accepted, Error> {
        let token = (self.tokens)(None)?;
        let error = match self.try_with(call, &token) {
            Ok(accepted) => return Ok(accepted),
            Err(error) => error,
        };
        if error.failure().remedy() != Some(Remedy::NewToken) {
            return Err(error);
        }
        let renewed = (self.tokens)(Some(&token))?;
        self.try_with(call, &renewed)
    }

    /// A call that is refused for its timestamp goes again where the refusal itself has put the clock right.
    fn try_with(&self, call: &Call, token: &Secret) -> Result<Accepted, Error> {
        let pulled_back = self.sender.clock().pulled_back();
        let repeat = || {
            self.sender
                .repeat(call.operation, Error::failure, || self.send(call, token))
        };
        let is_right_now = |error: &Error| {
            error.failure().remedy() == Some(Remedy::RightClock) && self.sender.clock().pulled_back() != pulled_back
        };
        let answered = match repeat() {
            Err(error) if is_right_now(&error) => repeat(),
            answered => answered,
        };
        answered.map_err(|error| error.about(call.order_id.as_deref()))
    }

    fn send(&self, call: &Call, token: &Secret) -> Result<Accepted, Error> {
        self.sender.scrubber().know(token);
        exchange(&self.sender, &self.request(call, token)?)
    }

    fn request(&self, call: &Call, token: &Secret) -> Result<Request, Error> {
        let timestamp = self.sender.clock().now().timestamp().to_string();
        let mut query: Vec<(&str, &str)> = vec![("app_key", &self.settings.app_key), ("timestamp", &timestamp)];
        query.extend(call.query.iter().map(|(key, value)| (*key, value.as_str())));
        if call.is_for_shop {
            let cipher = self.cipher.as_ref().ok_or_else(|| Error::no_shop(call.operation))?;
            query.push(("shop_cipher", cipher.expose()));
        }
        let signature = Signed {
            path: &call.path,
            query: &query,
            body: call.body.as_deref(),
            content_type: JSON,
        }
        .sign(&self.settings.app_secret);
        query.push(("sign", &signature));
        Ok(Request {
            operation: call.operation,
            url: address(&self.settings.api_url, &call.path, &query),
            headers: vec![
                ("x-tts-access-token", token.expose().to_owned()),
                ("content-type", JSON.to_owned()),
            ],
            body: call.body.clone(),
            order_id: call.order_id.clone(),
            note: answer::note,
            brings_secrets: call.operation.name == operations::GET_SHOPS.name,
        })
    }
}

/// Puts a path and a query behind a host.
pub(super) fn address(host: &Url, path: &str, query: &[(&str, &str)]) -> Url {
    let mut url = host.clone();
    url.set_path(&format!("{}{path}", host.path().trim_end_matches('/')));
    url.set_query(Some(&encode_query(query)));
    url
}

/// Sends a request once and reads its answer.
pub(super) fn exchange(sender: &Sender, request: &Request) -> Result<Accepted, Error> {
    match sender.send(request) {
        Outcome::Answered(answer) => answer::read(request.operation, &answer, sender.clock().now(), sender.scrubber()),
        Outcome::NotSent(error) => Err(Error::not_sent(request.operation, error)),
        Outcome::Unknown(error) => Err(Error::unknown(request.operation, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_change_the_path_never_leaves() {
        for id in ["", "..", "../1", "a/b", "1?x=", "%2e", "1 2", "1\0"] {
            assert!(Call::new(&operations::MARK_SHIPPED, &[id]).is_err(), "A5: {id:?}");
        }
        let call = Call::new(&operations::MARK_SHIPPED, &["576461413038785752"]).expect("a plain id");
        assert_eq!(call.path, "/fulfillment/202309/orders/576461413038785752/packages");
    }

    #[test]
    fn an_empty_object_is_sent_as_no_body() {
        let call = Call::new(&operations::SEARCH_ORDERS, &[]).expect("no ids");
        let call = call.body(&serde_json::json!({})).expect("writable");
        assert_eq!(call.body, None);
    }

    #[test]
    fn the_host_may_lie_under_a_path_and_the_query_is_strictly_encoded() {
        let host = Url::parse("http://127.0.0.1:8080/tiktok/").expect("a url");
        let url = address(&host, "/order/202309/orders/search", &[("page_token", "a+b/c= d")]);
        assert_eq!(
            url.as_str(),
            "http://127.0.0.1:8080/tiktok/order/202309/orders/search?page_token=a%2Bb%2Fc%3D%20d"
        );
    }
}
