//! What an answer of Amazon, or its absence, means: the kinds, and the one table from status and words to a kind.

use std::ops::RangeInclusive;
use std::time::Duration;

use thiserror::Error;

use super::types::VendorError;
use crate::transport::Failure;

/// What an answer, or its absence, means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Kind {
    /// There is a fulfillment order with this id: read it and compare.
    #[error("Amazon has a fulfillment order with this id already")]
    AlreadyExists,
    /// Amazon does not know it.
    #[error("Amazon doesn't know it")]
    NotFound,
    /// Amazon can't fulfill this SKU in this marketplace.
    #[error("Amazon refuses the SKU of an item")]
    InvalidSku,
    /// Amazon has too little of a SKU for it, whatever its figures say.
    #[error("Amazon has too little stock for it")]
    OutOfStock,
    /// A part of the address is refused; [`super::Error::parameter`] may name it.
    #[error("Amazon refuses the address")]
    InvalidAddress,
    /// Something else of the request is refused; [`super::Error::parameter`] may name it.
    #[error("Amazon refuses the request")]
    InvalidInput,
    /// It is too late to change or cancel the order.
    #[error("Amazon can no longer change the order")]
    NotUpdatable,
    /// The order was already asked to be cancelled.
    #[error("Amazon was asked to cancel the order already")]
    DuplicateCancel,
    /// Too many calls; nothing was carried out. [`super::Error::retry_after`] may say how long to wait.
    #[error("Amazon wants fewer calls")]
    Throttled,
    /// The access token has run out.
    #[error("Amazon's access token has expired")]
    TokenExpired,
    /// The access token is revoked, malformed or missing.
    #[error("Amazon refuses the access token")]
    TokenRefused,
    /// The role is missing, the region is another one, or the seller did not authorise the application.
    #[error("Amazon denies access: check the role \"Amazon Fulfillment\", the region and the seller's authorisation")]
    AccessDenied,
    /// The host has no such path: a base address is wrong.
    #[error("Amazon's host doesn't know this path: check the base address")]
    WrongPath,
    /// The client id or the client secret is refused. Amazon wants a new secret every 180 days and says nothing else after that.
    #[error(
        "Amazon refuses the client id or secret: it is wrong, or the secret is past its rotation deadline of 180 days"
    )]
    ClientRefused,
    /// The refresh token is refused.
    #[error("Amazon refuses the refresh token: the seller may have revoked it, authorise the application again")]
    RefreshTokenRefused,
    /// The refresh token belongs to another application.
    #[error("Amazon's refresh token belongs to another application than the client id")]
    OtherApplication,
    /// The token host refuses for another reason.
    #[error("Amazon's token host refuses the request")]
    ExchangeRefused,
    /// Amazon is in trouble.
    #[error("Amazon is unavailable")]
    Unavailable,
    /// An answer came that can't be relied on.
    #[error("Amazon's answer can't be used: {0}")]
    Unreadable(Flaw),
    /// Nothing left this machine.
    #[error("Amazon was not asked")]
    NotSent,
    /// The request left and no whole answer came.
    #[error("Amazon gave no whole answer")]
    Unknown,
}

impl Kind {
    /// Returns what kind of failure an answer of this meaning is, with the wait that it asks for; `transport/retry` has what follows.
    #[must_use]
    pub fn failure(self, retry_after: Option<Duration>) -> Failure {
        match self {
            Self::NotSent => Failure::NotSent,
            Self::Throttled => Failure::Throttled(retry_after),
            Self::TokenExpired | Self::TokenRefused => Failure::TokenRefused,
            Self::Unreadable(flaw) if flaw.would_come_again() => Failure::Final,
            Self::Unavailable | Self::Unreadable(_) | Self::Unknown => Failure::Unclear(retry_after),
            Self::AlreadyExists
            | Self::NotFound
            | Self::InvalidSku
            | Self::OutOfStock
            | Self::InvalidAddress
            | Self::InvalidInput
            | Self::NotUpdatable
            | Self::DuplicateCancel
            | Self::AccessDenied
            | Self::WrongPath
            | Self::ClientRefused
            | Self::RefreshTokenRefused
            | Self::OtherApplication
            | Self::ExchangeRefused => Failure::Final,
        }
    }
}

/// Why an answer can't be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Flaw {
    /// No body.
    #[error("it is empty")]
    Empty,
    /// A web page.
    #[error("it is a web page")]
    Html,
    /// Broken or cut off.
    #[error("no whole JSON object (line {line}, column {column})")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// JSON of another shape.
    #[error("JSON of an unknown shape (line {line}, column {column})")]
    Shape {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// A field that we can't do without is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field that we can't do without makes no sense.
    #[error("{0} makes no sense")]
    Nonsense(&'static str),
    /// It speaks of another order than the one we asked for.
    #[error("it speaks of another order")]
    OtherOrder,
    /// Taken, but not carried out yet: only a read tells what became of it.
    #[error("it says neither yes nor no")]
    NotYet,
    /// A good answer that says more than an empty one, and nothing that we know.
    #[error("it says more than we understand")]
    Unexpected,
    /// Errors inside an answer that calls itself good.
    #[error("it is good and holds errors at once")]
    ErrorsInside,
    /// A bad answer without Amazon's list of errors.
    #[error("it refuses without a reason")]
    NoErrors,
    /// Another address; we follow none.
    #[error("it points to another address")]
    Redirect,
    /// The token of the next page is the one that was just used.
    #[error("its pages go in a circle")]
    PagesInCircle,
}

impl Flaw {
    /// Tells whether the same question would bring the same answer.
    pub(super) fn would_come_again(self) -> bool {
        match self {
            Self::Empty | Self::Html | Self::NotJson { .. } | Self::ErrorsInside | Self::NoErrors => false,
            Self::Shape { .. }
            | Self::Missing(_)
            | Self::Nonsense(_)
            | Self::OtherOrder
            | Self::NotYet
            | Self::Unexpected
            | Self::Redirect
            | Self::PagesInCircle => true,
        }
    }
}

/// One row of the table: the first that fits decides. All words must be in code, message or details.
struct Row {
    status: RangeInclusive<u16>,
    words: &'static [&'static str],
    kind: Kind,
}

const fn row(status: RangeInclusive<u16>, words: &'static [&'static str], kind: Kind) -> Row {
    Row { status, words, kind }
}

/// Amazon has one code, `InvalidInput`, for most refusals, so that its sentences have to be looked at: loosely, in lower case.
const TABLE: [Row; 38] = [
    row(500..=599, &[], Kind::Unavailable),
    row(408..=408, &[], Kind::Unavailable),
    row(429..=429, &[], Kind::Throttled),
    row(400..=499, &["quotaexceeded"], Kind::Throttled),
    row(400..=499, &["missingauthenticationtoken"], Kind::WrongPath),
    row(401..=403, &["expired"], Kind::TokenExpired),
    row(401..=403, &["token", "revoked"], Kind::TokenRefused),
    row(401..=403, &["token", "malformed"], Kind::TokenRefused),
    row(401..=403, &["token", "invalid"], Kind::TokenRefused),
    row(401..=403, &["token", "missing"], Kind::TokenRefused),
    row(401..=401, &[], Kind::TokenRefused),
    row(403..=403, &[], Kind::AccessDenied),
    row(404..=404, &[], Kind::NotFound),
    row(400..=499, &["already exists"], Kind::AlreadyExists),
    row(400..=499, &["duplicatecancelrequest"], Kind::DuplicateCancel),
    row(400..=499, &["fulfillmentorderid", "duplicate"], Kind::AlreadyExists),
    row(400..=499, &["fulfillmentorderid", "already"], Kind::AlreadyExists),
    row(409..=409, &[], Kind::AlreadyExists),
    row(400..=499, &["notupdatable"], Kind::NotUpdatable),
    row(400..=499, &["not updatable"], Kind::NotUpdatable),
    row(400..=499, &["notcancellable"], Kind::NotUpdatable),
    row(400..=499, &["cannot be cancel"], Kind::NotUpdatable),
    row(400..=499, &["insufficient", "inventory"], Kind::OutOfStock),
    row(400..=499, &["not enough", "inventory"], Kind::OutOfStock),
    row(400..=499, &["inventory", "not available"], Kind::OutOfStock),
    row(400..=499, &["insufficient", "stock"], Kind::OutOfStock),
    row(400..=499, &["not enough", "stock"], Kind::OutOfStock),
    row(400..=499, &["out of stock"], Kind::OutOfStock),
    row(400..=499, &["quantity", "not available"], Kind::OutOfStock),
    row(400..=499, &["sellersku"], Kind::InvalidSku),
    row(400..=499, &["order", "not found"], Kind::NotFound),
    row(400..=499, &["order", "does not exist"], Kind::NotFound),
    row(400..=499, &["address"], Kind::InvalidAddress),
    row(400..=499, &["countrycode"], Kind::InvalidAddress),
    row(400..=499, &["postalcode"], Kind::InvalidAddress),
    row(400..=499, &["stateorregion"], Kind::InvalidAddress),
    row(400..=499, &["parameter city"], Kind::InvalidAddress),
    row(400..=499, &[], Kind::InvalidInput),
];

/// Looks up what a bad answer means. `None` where it is no answer of the Selling Partner API at all.
pub(super) fn classify(status: u16, words: &VendorError) -> Option<Kind> {
    let said = [&words.code, &words.message, &words.details]
        .map(|text| text.as_deref().unwrap_or_default())
        .join(" ")
        .to_lowercase();
    let fits = |row: &&Row| row.status.contains(&status) && row.words.iter().all(|word| said.contains(word));
    TABLE.iter().find(fits).map(|row| row.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meaning_begins_with_amazon() {
        let by_table = TABLE.iter().map(|row| row.kind);
        let others = [
            Kind::ClientRefused,
            Kind::RefreshTokenRefused,
            Kind::OtherApplication,
            Kind::ExchangeRefused,
            Kind::Unreadable(Flaw::Html),
            Kind::NotSent,
            Kind::Unknown,
        ];
        for kind in by_table.chain(others) {
            assert!(kind.to_string().starts_with("Amazon"), "{kind}");
        }
    }
}
