//! Why a call to TikTok did not give what was asked, with what TikTok's support needs and nothing that must stay private: TikTok's own
//! sentence may repeat what we sent, so it is [`Private`] and no part of the display.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use super::codes::Class;
use super::operations;
use crate::secret::Private;
use crate::transport::{Failure, Operation, SendError};

/// A failed call to TikTok.
#[derive(Debug)]
pub struct Error(Box<Details>);

#[derive(Debug)]
struct Details {
    operation: &'static Operation,
    order: Option<String>,
    class: Class,
    failure: Failure,
    status: Option<u16>,
    code: Option<i64>,
    request_id: Option<String>,
    message: String,
    said: Option<Private<String>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What TikTok said when it refused.
pub(super) struct Refusal {
    pub class: Class,
    pub status: u16,
    pub code: i64,
    pub request_id: Option<String>,
    /// TikTok's sentence, cleaned. It may repeat what we sent.
    pub said: String,
    pub retry_after: Option<Duration>,
}

impl Error {
    /// The access token can't be provided, because the seller's consent is missing or over.
    #[must_use]
    pub fn no_token(message: impl Into<String>) -> Self {
        Self::plain(&operations::REFRESH_TOKENS, Class::ConsentNeeded, message)
    }

    /// The access token can't be provided now, for a reason of our own such as a locked store.
    #[must_use]
    pub fn token_unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::plain(&operations::REFRESH_TOKENS, Class::NotSent, "");
        error.0.failure = Failure::Final;
        error.0.source = Some(source.into());
        error
    }

    /// The call is impossible with what it was given; nothing was sent.
    pub(super) fn input(operation: &'static Operation, message: impl Into<String>) -> Self {
        Self::plain(operation, Class::Input, message)
    }

    /// A shop's call was tried without a shop; nothing was sent.
    pub(super) fn no_shop(operation: &'static Operation) -> Self {
        Self::plain(operation, Class::ShopMismatch, "no shop is chosen")
    }

    pub(super) fn refused(operation: &'static Operation, refusal: Refusal) -> Self {
        let mut error = Self::plain(operation, refusal.class, "");
        error.0.failure = refusal.class.failure(refusal.retry_after);
        error.0.said = Some(refusal.said).filter(|said| !said.is_empty()).map(Private::new);
        error.0.status = Some(refusal.status);
        error.0.code = Some(refusal.code);
        error.0.request_id = refusal.request_id;
        error
    }

    pub(super) fn unreadable(operation: &'static Operation, status: u16, why: impl Into<String>) -> Self {
        let mut error = Self::plain(operation, Class::Unreadable, why);
        error.0.status = Some(status);
        error
    }

    /// An answer without TikTok's envelope, of which only the status says something.
    pub(super) fn bare(
        operation: &'static Operation,
        class: Class,
        status: u16,
        retry_after: Option<Duration>,
    ) -> Self {
        let mut error = Self::plain(operation, class, "the answer is not TikTok's JSON");
        error.0.failure = class.failure(retry_after);
        error.0.status = Some(status);
        error
    }

    pub(super) fn not_sent(operation: &'static Operation, source: SendError) -> Self {
        let is_kept_back = source.is_kept_back();
        let mut error = Self::plain(operation, Class::NotSent, "");
        if is_kept_back {
            error.0.failure = Failure::Final;
        }
        error.0.source = Some(Box::new(source));
        error
    }

    pub(super) fn unknown(operation: &'static Operation, source: SendError) -> Self {
        let mut error = Self::plain(operation, Class::Unknown, "");
        error.0.source = Some(Box::new(source));
        error
    }

    /// Returns the same error with another meaning; the token host uses few codes for many causes.
    pub(super) fn with_class(mut self, class: Class) -> Self {
        self.0.class = class;
        self
    }

    pub(super) fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.0.request_id = request_id;
        self
    }

    fn plain(operation: &'static Operation, class: Class, message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            operation,
            order: None,
            class,
            failure: class.failure(None),
            status: None,
            code: None,
            request_id: None,
            message: message.into(),
            said: None,
            source: None,
        }))
    }

    /// Notes which order the call was about, where it was about one.
    pub(super) fn about(mut self, order: Option<&str>) -> Self {
        self.0.order = order.map(str::to_owned);
        self
    }

    /// Returns the order that the call was about, where it was about one.
    #[must_use]
    pub fn order_id(&self) -> Option<&str> {
        self.0.order.as_deref()
    }

    /// Returns the call that failed.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.0.operation
    }

    /// Returns what the failure means for us.
    #[must_use]
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// Returns the HTTP status, where an answer came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns TikTok's code, where it gave one.
    #[must_use]
    pub fn code(&self) -> Option<i64> {
        self.0.code
    }

    /// Returns TikTok's id of the request, which its support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns TikTok's sentence, cleaned and cut. It may repeat a buyer's address: keep it sealed, show it with its one order only.
    #[must_use]
    pub fn said(&self) -> Option<&Private<String>> {
        self.0.said.as_ref()
    }

    /// Returns the call and what came of it on the wire, for those who look deeper.
    #[must_use]
    pub fn call(&self) -> String {
        let Operation { name, method, path, .. } = self.0.operation;
        let mut call = format!("tiktok {name} ({method} {path})");
        if let Some(status) = self.0.status {
            call.push_str(&format!(", http status {status}"));
        }
        if let Some(request_id) = &self.0.request_id {
            call.push_str(&format!(", request {request_id}"));
        }
        call
    }

    fn send_error(&self) -> Option<&SendError> {
        self.0.source.as_ref()?.downcast_ref()
    }

    /// Returns what kind of failure it is for the retry decision: by the table in `codes`, and final where we kept the call back.
    #[must_use]
    pub fn failure(&self) -> Failure {
        self.0.failure
    }

    /// Tells whether TikTok refused who we are: exit code 5.
    #[must_use]
    pub fn is_credentials(&self) -> bool {
        self.0.class.is_credentials()
    }

    /// Tells whether nobody knows if the call was carried out: read before it is made again.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.class.is_outcome_unknown()
    }

    /// Tells whether the same call can't succeed later, as far as this order goes.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        self.0.class.is_permanent()
    }
}

/// What it means for a person: which call it was, is for those who look deeper ([`Error::call`]).
impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { class, message, .. } = self.0.as_ref();
        match self.send_error() {
            Some(error) => formatter.write_str(&error.said_of("TikTok"))?,
            None => formatter.write_str(class.meaning())?,
        }
        match (self.0.code, self.0.status) {
            (Some(code), _) => write!(formatter, " (code {code})")?,
            (None, Some(status)) => write!(formatter, " (http status {status})")?,
            (None, None) => {}
        }
        if message.is_empty() {
            return Ok(());
        }
        write!(formatter, ": {message}")
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        // Why nothing was sent, or no answer came, is said by the display.
        self.send_error().map_or(Some(source), StdError::source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_begins_with_tiktok_names_the_code_and_keeps_its_call_and_its_source() {
        let refusal = Refusal {
            class: Class::ClockSkew,
            status: 400,
            code: 36_009_004,
            request_id: Some("202601".into()),
            said: "Invalid timestamp, 12 Larkspur Lane".into(),
            retry_after: None,
        };
        let error = Error::refused(&operations::MARK_SHIPPED, refusal);
        assert_eq!(
            error.to_string(),
            "TikTok says that the clock of this machine is off (code 36009004)",
            "TikTok's sentence may repeat an address"
        );
        assert_eq!(
            error.call(),
            "tiktok markPackageAsShipped (POST /fulfillment/202309/orders/{order_id}/packages), http status 400, \
             request 202601"
        );
        assert!(!format!("{error:?}").contains("Larkspur"));
        assert_eq!(
            error.said().map(|said| said.expose().as_str()),
            Some("Invalid timestamp, 12 Larkspur Lane")
        );
        let closed = Error::not_sent(&operations::GET_SHOPS, SendError::Stopping);
        assert_eq!(closed.to_string(), "TikTok was not asked: the run was asked to stop");
        assert!(closed.source().is_none(), "the display says it");
        assert!(Error::token_unavailable("the store is locked").source().is_some());
        assert_eq!(closed.failure(), Failure::Final);
    }
}
