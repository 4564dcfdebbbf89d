//! What a failed call to Amazon carries along.
//!
//! An [`struct@Error`] names the operation, the path template, the status, Amazon's code and request id. It never holds a body,
//! a query string or a token; Amazon's own sentence may quote what we sent, so it is [`Private`] and no part of the display.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use thiserror::Error;

use super::meaning::{Flaw, Kind};
use super::operations::{CANCEL, CREATE, FULFILLMENT_ORDER, TOKEN_EXCHANGE, TRACKING};
use super::types::VendorError;
use crate::domain::ids::TiktokOrderId;
use crate::secret::Private;
use crate::transport::{Answer, Failure, Operation, Repeat, Scrubber, SendError};

/// The most characters of Amazon's sentence that are kept.
const MESSAGE_LENGTH_MAX: usize = 500;
/// The most characters of a code, a parameter or a request id that are kept.
const WORD_LENGTH_MAX: usize = 100;
/// The calls that read or change one order that is there.
const ABOUT_ONE_ORDER: [&str; 3] = [FULFILLMENT_ORDER.name, CANCEL.name, TRACKING.name];

/// A call to Amazon that did not do what was asked.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct Error(Box<Facts>);

#[derive(Debug)]
struct Facts {
    kind: Kind,
    operation: &'static Operation,
    order: Option<String>,
    status: Option<u16>,
    code: Option<String>,
    request_id: Option<String>,
    parameter: Option<String>,
    message: Option<Private<String>>,
    retry_after: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What it means for a person: which call it was, is for those who look deeper ([`Error::call`]).
impl fmt::Display for Facts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.send_error() {
            Some(error) => formatter.write_str(&error.said_of("Amazon"))?,
            None => write!(formatter, "{}", self.kind)?,
        }
        let status = self
            .status
            .filter(|_| self.code.is_none())
            .map(|status| format!("http status {status}"));
        let code = self.code.as_ref().map(|code| format!("code {code}"));
        let parameter = self.parameter.as_ref().map(|name| format!("parameter {name}"));
        let words: Vec<String> = [status, code, parameter].into_iter().flatten().collect();
        if words.is_empty() {
            return Ok(());
        }
        write!(formatter, " ({})", words.join(", "))
    }
}

impl StdError for Facts {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.source.as_deref()?;
        // Why nothing was sent, or no answer came, is said by the display.
        self.send_error().map_or(Some(source), StdError::source)
    }
}

impl Error {
    /// Returns an error of a token source that got no token for reasons of its own, such as an unusable store.
    #[must_use]
    pub fn without_token(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut facts = Facts::new(Kind::NotSent, &TOKEN_EXCHANGE);
        facts.source = Some(source.into());
        Self(Box::new(facts))
    }

    /// Returns an error for a request that can't be made.
    pub(super) fn before_sending(kind: Kind, operation: &'static Operation) -> Self {
        Self(Box::new(Facts::new(kind, operation)))
    }

    /// Returns the error of a request that did not leave, or whose answer did not come.
    pub(super) fn of_sending(kind: Kind, operation: &'static Operation, source: SendError) -> Self {
        let mut facts = Facts::new(kind, operation);
        facts.source = Some(Box::new(source));
        Self(Box::new(facts))
    }

    /// Returns the error of an answer that can't be relied on.
    pub(super) fn unreadable(operation: &'static Operation, answer: &Answer, flaw: Flaw) -> Self {
        Self(Box::new(Facts::answered(Kind::Unreadable(flaw), operation, answer)))
    }

    /// Returns the error of an answer with its meaning, in Amazon's words.
    pub(super) fn refused(operation: &'static Operation, answer: &Answer, kind: Kind, words: &VendorError) -> Self {
        let mut facts = Facts::answered(kind, operation, answer);
        facts.code = words.code.as_deref().and_then(code);
        facts.parameter = words.message.as_deref().and_then(parameter);
        facts.message = words.message.as_deref().and_then(sentence).map(Private::new);
        Self(Box::new(facts))
    }

    /// Takes out of what Amazon said every secret: some answers quote the token that they refuse.
    pub(super) fn scrubbed(mut self, scrubber: &Scrubber) -> Self {
        let facts = &mut self.0;
        facts.message = facts
            .message
            .take()
            .map(|said| Private::new(scrubber.sentence(said.expose())));
        facts.code = facts.code.take().and_then(|code| scrubber.word(&code));
        facts.request_id = facts.request_id.take().and_then(|id| scrubber.request_id(&id));
        facts.parameter = facts.parameter.take().filter(|name| scrubber.sentence(name) == *name);
        self
    }

    /// Returns what it means.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Returns the call.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.0.operation
    }

    /// Returns the HTTP status, where an answer came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns the call and what came of it on the wire, for those who look deeper.
    #[must_use]
    pub fn call(&self) -> String {
        let Operation { name, method, path, .. } = self.0.operation;
        let mut call = format!("amazon {name} ({method} {path})");
        if let Some(status) = self.0.status {
            call.push_str(&format!(", http status {status}"));
        }
        if let Some(request_id) = &self.0.request_id {
            call.push_str(&format!(", request {request_id}"));
        }
        call
    }

    /// Returns Amazon's sentence, cleaned and cut. It may quote what was sent.
    #[must_use]
    pub fn said(&self) -> Option<&Private<String>> {
        self.0.message.as_ref()
    }

    /// Returns Amazon's code, e.g. `InvalidInput`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Notes which order the call was about, where it was about one.
    pub(super) fn about(mut self, order: Option<&TiktokOrderId>) -> Self {
        self.0.order = order.map(ToString::to_string);
        self
    }

    /// Returns the order that the call was about, where it was about one.
    #[must_use]
    pub fn order_id(&self) -> Option<&str> {
        self.0.order.as_deref()
    }

    /// Returns Amazon's id of the request, which its support asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the parameter that Amazon names in a refusal, e.g. `Address.CountryCode`. Never its value.
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        self.0.parameter.as_deref()
    }

    /// Returns Amazon's sentence, cleaned and cut. It may quote a part of the address: show it with its one order only.
    #[must_use]
    pub fn message(&self) -> Option<&Private<String>> {
        self.0.message.as_ref()
    }

    /// Returns the wait that Amazon asked for.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns what kind of failure it is for the retry decision: by the table in `meaning`, and final where we kept the call back.
    #[must_use]
    pub fn failure(&self) -> Failure {
        if self.is_kept_back() {
            return Failure::Final;
        }
        self.kind().failure(self.retry_after())
    }

    /// Tells whether the credentials or their rights are at fault, so that no other order would fare better. One order that is denied
    /// says nothing about the others: an odd id is answered like a missing role (issue 1461 of Amazon's models).
    #[must_use]
    pub fn is_credentials(&self) -> bool {
        let is_denied = self.kind() == Kind::AccessDenied && !ABOUT_ONE_ORDER.contains(&self.operation().name);
        is_denied
            || matches!(
                self.kind(),
                Kind::TokenExpired
                    | Kind::TokenRefused
                    | Kind::ClientRefused
                    | Kind::RefreshTokenRefused
                    | Kind::OtherApplication
                    | Kind::ExchangeRefused
            )
    }

    /// Tells whether the way to Amazon is set up wrongly (address, seller, marketplace), so that no order would fare better. Nothing
    /// was carried out.
    #[must_use]
    pub fn is_set_up(&self) -> bool {
        let names = |wanted: &str| self.parameter().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        let is_create = self.operation().name == CREATE.name && self.code().is_some();
        let is_elsewhere = matches!(self.status(), Some(404 | 405 | 415));
        let is_account = names("SellerId") || names("MarketplaceId");
        self.kind() == Kind::WrongPath || (is_create && (is_elsewhere || (self.is_refusal() && is_account)))
    }

    /// Tells whether the call was refused for its method or its content type, before anything of it was looked at.
    #[must_use]
    pub fn is_not_offered(&self) -> bool {
        self.code().is_some() && matches!(self.status(), Some(405 | 415))
    }

    /// Tells whether Amazon read the request and does not want it.
    fn is_refusal(&self) -> bool {
        matches!(
            self.kind(),
            Kind::InvalidSku | Kind::InvalidAddress | Kind::InvalidInput
        )
    }

    /// Tells whether a create or a cancel may have been carried out in spite of this error, so that only a read by our id may follow.
    ///
    /// A refusal is believed when it carries a readable code, a 429 as it is; all else that came after the request left is unknown.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        match (self.operation().repeat, self.kind()) {
            (Repeat::Safe, _) | (Repeat::OnlyIfNotExecuted, Kind::NotSent | Kind::Throttled) => false,
            (Repeat::OnlyIfNotExecuted, Kind::Unavailable | Kind::Unreadable(_) | Kind::Unknown) => true,
            (Repeat::OnlyIfNotExecuted, _) => self.status().is_some() && self.code().is_none(),
        }
    }

    fn is_kept_back(&self) -> bool {
        let unsent = self.0.send_error();
        self.kind() == Kind::NotSent && unsent.is_some_and(SendError::is_kept_back)
    }

    pub(super) fn set_retry_after(&mut self, pause: Option<Duration>) {
        self.0.retry_after = pause;
    }
}

impl Facts {
    fn send_error(&self) -> Option<&SendError> {
        self.source.as_ref()?.downcast_ref()
    }

    fn new(kind: Kind, operation: &'static Operation) -> Self {
        Self {
            kind,
            operation,
            order: None,
            status: None,
            code: None,
            request_id: None,
            parameter: None,
            message: None,
            retry_after: None,
            source: None,
        }
    }

    fn answered(kind: Kind, operation: &'static Operation, answer: &Answer) -> Self {
        Self {
            status: Some(answer.status),
            request_id: request_id(answer),
            ..Self::new(kind, operation)
        }
    }
}

/// Returns Amazon's id of the request.
pub(super) fn request_id(answer: &Answer) -> Option<String> {
    answer.header("x-amzn-requestid").map(str::to_owned)
}

/// Keeps what a code or an id may consist of.
pub(super) fn word(text: &str) -> Option<String> {
    let kept: String = text
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || "._:-[],".contains(*letter))
        .take(WORD_LENGTH_MAX)
        .collect();
    (!kept.is_empty()).then_some(kept)
}

/// Returns a code: one word, else what is there is none.
pub(super) fn code(text: &str) -> Option<String> {
    let text = text.trim();
    word(text).filter(|_| !text.contains(char::is_whitespace))
}

/// Cleans a sentence of control characters and cuts it. Amazon writes `null` where it has none.
fn sentence(text: &str) -> Option<String> {
    let spaced = text.replace(|letter: char| letter.is_control(), " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let kept: String = words.join(" ").chars().take(MESSAGE_LENGTH_MAX).collect();
    (!kept.is_empty() && kept != "null").then_some(kept)
}

/// Finds the parameter that a sentence names: `parameter X`, `parameter: {X=…}`, `missing: [X, Y]`. A value is never taken.
fn parameter(message: &str) -> Option<String> {
    if let Some((_, list)) = message.split_once("missing: [") {
        return word(list.split(']').next().unwrap_or_default());
    }
    let (_, rest) = message.split_once("parameter")?;
    let rest = rest.strip_prefix(": {").or_else(|| rest.strip_prefix(' '))?;
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.');
    word(rest[..end.unwrap_or(rest.len())].trim_end_matches('.'))
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
