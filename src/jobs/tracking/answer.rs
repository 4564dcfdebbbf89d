//! What a person who asks for one order is told of it where the run itself had nothing to do.

use crate::domain::ids::TiktokOrderId;
use crate::jobs::summary::Touched;
use crate::jobs::{Error, Session};
use crate::store::{Intent, StoredParcel};

/// Returns how an order stands; `None` where nobody knows it.
pub(super) fn of(session: &Session, id: &TiktokOrderId) -> Result<Option<Touched>, Error> {
    let Some(stored) = session.store.order(id)? else {
        return Ok(None);
    };
    let intent = session.store.newest_intent(id)?;
    let said = said(intent.as_ref(), &session.store.parcels_of(id)?);
    Ok(Some(Touched {
        fulfillment_order: intent.map(|intent| intent.id),
        flags: session.store.flags(id)?,
        ..Touched::new(id, stored.state).explained(said)
    }))
}

fn said(intent: Option<&Intent>, parcels: &[StoredParcel]) -> String {
    let Some(intent) = intent else {
        return "it was not sent to Amazon".to_owned();
    };
    let status = match &intent.amazon_status {
        Some(status) => format!("Amazon says {status}"),
        None => "Amazon has not shown it yet".to_owned(),
    };
    let told = parcels.iter().filter(|parcel| parcel.is_told()).count();
    format!("{status}; TikTok was told {told} of {} parcels", parcels.len())
}
