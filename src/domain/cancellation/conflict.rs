//! Cancellations of which it is not clear what they want, and buyers whom only a person can answer: they keep their orders from being
//! sent.

use std::collections::BTreeMap;

use crate::domain::flag::{Detail, Flag};
use crate::domain::ids::TiktokOrderId;
use crate::domain::shop::{Cancellation, CancellationStatus};
use crate::domain::state::State;

/// Why an order is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// TikTok shows a cancellation of it that can't be read, for this reason: it may be the buyer's wish.
    Unreadable(String),
    /// Its seller is cancelling it.
    SellerCancels,
    /// Its buyer can't be answered from here, for this reason: a person answers while the request is open.
    AnswerRefused(String),
}

/// Orders that are not sent, each with why.
pub type Conflicts = BTreeMap<TiktokOrderId, Conflict>;

impl Conflict {
    /// Returns what a person is told.
    #[must_use]
    pub fn flag(&self, order: &TiktokOrderId) -> Flag {
        match self {
            Self::Unreadable(why) => Flag::new(
                Detail::RequestUnreadable,
                format!(
                    "TikTok shows a cancellation of it that can't be read ({why}); look at it in Seller Center and answer it there"
                ),
                order,
            ),
            Self::SellerCancels => Flag::plain(Detail::SellerCancels, order),
            Self::AnswerRefused(why) => Flag::new(
                Detail::AnswerRefused,
                format!(
                    "the buyer's wish to cancel can't be answered from here ({why}); answer it in Seller Center before TikTok agrees by itself, then dismiss it"
                ),
                order,
            ),
        }
    }

    /// Tells whether a person hears of it although the order was sent. One that was not is held where it is decided.
    #[must_use]
    pub fn is_told(&self, state: State) -> bool {
        matches!(self, Self::Unreadable(_)) && state.is_at_amazon()
    }
}

/// What can't be read may be a buyer's wish, and so may a status that nobody knows; what the seller cancels is not to be sent either.
#[must_use]
pub fn conflicts<'a>(
    readable: &[Cancellation],
    unreadable: impl Iterator<Item = (&'a TiktokOrderId, &'a str)>,
) -> Conflicts {
    let unreadable = unreadable.map(|(id, why)| (id.clone(), Conflict::Unreadable(why.to_owned())));
    let mut conflicts: Conflicts = unreadable.collect();
    for request in readable {
        let id = request.order_id.clone();
        match &request.status {
            CancellationStatus::Other(word) => {
                conflicts.insert(id, Conflict::Unreadable(format!("its status is {word:?}")));
            }
            CancellationStatus::Pending if request.is_the_sellers() => {
                conflicts.entry(id).or_insert(Conflict::SellerCancels);
            }
            CancellationStatus::Pending
            | CancellationStatus::Success
            | CancellationStatus::Withdrawn
            | CancellationStatus::Complete => {}
        }
    }
    conflicts
}
