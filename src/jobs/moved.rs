//! Buyers who change their address after their order was sent. Amazon can't change it any more, so a person is told while the order
//! may still be cancelled there.

use super::{Error, Session};
use crate::domain::address::normalise;
use crate::domain::flag::{Flag, Reason};
use crate::domain::fulfillment::Destination;
use crate::domain::order::Order;
use crate::domain::state::State;

const MOVED: &str = "address_changed_after_create";

/// What TikTok's address says beside the one that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moved {
    /// The same, or nothing to compare.
    No,
    /// Another one.
    Yes,
    /// TikTok says that the buyer changed it, and does not show it. The change may be older than the send.
    Unclear,
}

/// Tells whether the list call's view of an order gives reason to read its details: it may show less of the address than they do.
pub(super) fn may_have_moved(session: &Session, order: &Order) -> Result<bool, Error> {
    Ok(matches!(compare(session, order)?, Some(Moved::Yes | Moved::Unclear)))
}

/// Compares the address of an order that is sent and not shipped with the one in its details, and tells a person of another one.
pub(super) fn watch(session: &Session, order: &Order) -> Result<(), Error> {
    let (store, id, now) = (&session.store, &order.id, session.now());
    match compare(session, order)? {
        Some(Moved::Yes | Moved::Unclear) => {
            store.raise_flag(id, &flag(order), now)?;
        }
        Some(Moved::No) if store.flags(id)?.iter().any(|flag| flag.detail == MOVED) => {
            store.clear_flag(id, Reason::InvalidAddress, MOVED, now)?;
        }
        Some(Moved::No) | None => {}
    }
    Ok(())
}

fn flag(order: &Order) -> Flag {
    let message = "the buyer changed the address after it was sent, and Amazon can't change it; cancel it in Amazon's Seller Central \
                   while it is not packed, then route it again";
    Flag::new(Reason::InvalidAddress, MOVED, message, &order.id)
}

/// `None` where the order is not on its way between the two.
fn compare(session: &Session, order: &Order) -> Result<Option<Moved>, Error> {
    let is_under_way = matches!(
        session.store.state(&order.id)?,
        Some(State::Submitting | State::Routed | State::Cancelling)
    );
    if !is_under_way {
        return Ok(None);
    }
    let sent = session.store.newest_intent(&order.id)?.and_then(|intent| intent.draft);
    let Some(sent) = sent.and_then(|draft| draft.destination.expose().clone()) else {
        return Ok(None);
    };
    Ok(Some(
        match normalise(order.recipient.expose(), &session.rules().address) {
            Ok(now) if is_same(&sent, &now.destination) => Moved::No,
            Ok(_) => Moved::Yes,
            Err(_) if order.has_updated_address => Moved::Unclear,
            Err(_) => Moved::No,
        },
    ))
}

/// Form does not matter, and neither does the phone.
fn is_same(sent: &Destination, now: &Destination) -> bool {
    words(sent) == words(now)
}

fn words(destination: &Destination) -> String {
    let parts = [&destination.city, &destination.district, &destination.state];
    let parts = parts.into_iter().flatten();
    let texts = destination.lines.iter().chain(parts);
    let whole = texts.chain([&destination.name, &destination.postal_code, &destination.country_code]);
    whole
        .flat_map(|text| text.chars())
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
