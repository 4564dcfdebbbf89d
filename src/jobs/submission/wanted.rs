//! The last look at TikTok before a second send, as before a first one.

use crate::domain::routing::{rest_wanted, wanted};
use crate::domain::submission::{Asked, Wanted};
use crate::jobs::{Error, Session};
use crate::store::{Intent, StoredOrder};

/// TikTok did not answer.
pub(super) const NO_ANSWER: Asked = Asked {
    wanted: None,
    is_held: false,
    is_paused: false,
};

/// Reads the order at TikTok: status, wish to cancel, units, address; and whether the operator holds or dismissed it, or the buyer's
/// request to cancel is known here, since TikTok may not mark the order.
pub(super) fn ask_tiktok(session: &Session, intent: &Intent) -> Result<Asked, Error> {
    let id = &intent.order;
    let found = session.tiktok()?.orders(std::slice::from_ref(id))?;
    let Some(order) = found.orders.into_iter().find(|order| order.id == *id) else {
        return Ok(NO_ANSWER);
    };
    let (store, now) = (&session.store, session.now());
    store.take_in(std::slice::from_ref(&order), None, now)?;
    let units = store.item_units(&intent.id)?;
    let wanted = match &intent.draft {
        Some(sent) if intent.is_rest => {
            let travelled = store.travelled_units(id)?;
            rest_wanted(&order, sent, &units, &travelled, &session.rules(), now)
        }
        Some(sent) => wanted(&order, sent, &units, &session.rules(), now),
        None => Wanted::NotKnown,
    };
    let is_kept_back = |stored: StoredOrder| stored.held || stored.is_dismissed;
    Ok(Asked {
        wanted: Some(wanted),
        is_held: store.order(id)?.is_some_and(is_kept_back) || store.has_open_cancellation(id)?,
        is_paused: store.pause(now)?.is_some(),
    })
}
