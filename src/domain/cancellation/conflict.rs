//! Cancellations of which it is not clear what they want: they keep their orders from being sent.

use std::collections::BTreeMap;

use crate::domain::flag::{Detail, Flag};
use crate::domain::ids::TiktokOrderId;
use crate::domain::shop::{Cancellation, CancellationStatus};
use crate::domain::state::State;

/// Orders that are not sent, with what a person is told of each.
pub type Conflicts = BTreeMap<TiktokOrderId, Flag>;

/// What can't be read may be a buyer's wish, and so may a status that nobody knows; what the seller cancels is not to be sent either.
#[must_use]
pub fn conflicts<'a>(
    readable: &[Cancellation],
    unreadable: impl Iterator<Item = (&'a TiktokOrderId, &'a str)>,
) -> Conflicts {
    let mut conflicts: Conflicts = unreadable
        .map(|(id, why)| (id.clone(), unreadable_request(id, why)))
        .collect();
    for request in readable {
        let id = &request.order_id;
        match &request.status {
            CancellationStatus::Other(word) => {
                conflicts.insert(id.clone(), unreadable_request(id, &format!("its status is {word:?}")));
            }
            CancellationStatus::Pending if request.is_the_sellers() => {
                conflicts
                    .entry(id.clone())
                    .or_insert_with(|| Flag::plain(Detail::SellerCancels, id));
            }
            CancellationStatus::Pending
            | CancellationStatus::Success
            | CancellationStatus::Withdrawn
            | CancellationStatus::Complete => {}
        }
    }
    conflicts
}

/// Tells whether a person hears of a conflict about an order that was sent. One that was not is held where it is decided.
#[must_use]
pub fn is_told(conflict: &Flag, state: State) -> bool {
    conflict.detail == Detail::RequestUnreadable && state.is_at_amazon()
}

fn unreadable_request(id: &TiktokOrderId, why: &str) -> Flag {
    let message = format!(
        "TikTok shows a cancellation of it that can't be read ({why}); look at it in Seller Center and answer it there"
    );
    Flag::new(Detail::RequestUnreadable, message, id)
}
