//! The second send of an order of which Amazon shows nothing: TikTok is asked once more before the same body goes out, as before a
//! first send. What TikTok no longer wants is not sent; it is looked for at Amazon for a second grace time and then decided anew.

use super::reconcile::alarm_when_old;
use super::sent::Sent;
use super::submit::{Asker, send};
use super::{Error, Session};
use crate::amazon::Amazon;
use crate::domain::decision::wanted;
use crate::domain::submission::{Again, Wanted, again};
use crate::store::{self, Intent, StoredOrder};

/// Sends the same body again, waits, or gives the attempt up, as the last look at TikTok says.
pub(super) fn send_again(session: &Session, amazon: &Amazon, intent: &Intent, by: Asker) -> Result<Sent, Error> {
    let (wanted, error) = match last_look(session, intent, by) {
        Ok(wanted) => (wanted, None),
        Err(error @ Error::Store(_)) => return Err(error),
        Err(error) => (Wanted::NotKnown, Some(error)),
    };
    let (store, grace, now) = (&session.store, session.unknown_grace(), session.now());
    let since = intent.missing_since.as_ref();
    match (again(wanted, since, grace, &session.moment()), intent.body.expose()) {
        (Again::Send, Some(body)) => send(session, amazon, intent, body),
        (Again::Retract, _) => {
            let why = "Amazon showed nothing of it for two grace times, and TikTok wants it otherwise by now: it is decided anew";
            match store.not_sent(intent, why, now) {
                Err(store::Error::Overtaken { .. }) => Ok(Sent::Unknown(Error::StillUnknown(intent.id.clone()))),
                noted => Ok(noted.map(|()| Sent::Retracted)?),
            }
        }
        (Again::Wait, _) | (Again::Send, None) => {
            let why = match wanted {
                Wanted::NotAsSent => "not sent again, because TikTok wants it otherwise by now; it is looked for",
                Wanted::Paused => "not sent again, because new orders are paused; it is looked for",
                Wanted::AsSent | Wanted::NotKnown => "not sent again, because TikTok did not confirm it",
            };
            store.unknown(intent, since, why, now)?;
            alarm_when_old(session, intent)?;
            Ok(Sent::Unknown(
                error.unwrap_or_else(|| Error::StillUnknown(intent.id.clone())),
            ))
        }
    }
}

/// Reads the order at TikTok: status, wish to cancel, units, address; and whether the operator holds or dismissed it, or the buyer's request to cancel
/// is known here, since TikTok may not mark the order.
fn last_look(session: &Session, intent: &Intent, by: Asker) -> Result<Wanted, Error> {
    let id = &intent.order;
    let found = session.tiktok()?.orders(std::slice::from_ref(id))?;
    let Some(order) = found.orders.into_iter().find(|order| order.id == *id) else {
        return Ok(Wanted::NotKnown);
    };
    let store = &session.store;
    store.take_in(std::slice::from_ref(&order), None, session.now())?;
    let is_kept_back = |stored: StoredOrder| stored.held || stored.is_dismissed;
    if store.order(id)?.is_some_and(is_kept_back) || store.has_open_cancellation(id)? {
        return Ok(Wanted::NotAsSent);
    }
    let units = store.item_units(&intent.id)?;
    let wanted = match &intent.draft {
        Some(sent) => wanted(&order, sent, &units, &session.rules(), session.now()),
        None => Wanted::NotKnown,
    };
    let is_paused = by == Asker::Schedule && store.pause(session.now())?.is_some();
    Ok(if wanted == Wanted::AsSent && is_paused {
        Wanted::Paused
    } else {
        wanted
    })
}
