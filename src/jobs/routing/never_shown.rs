//! Orders that Amazon accepted and never showed, and that a person asks for.

use crate::domain::ids::FulfillmentOrderId;
use crate::domain::submission::{Absence, AskedBy, Door, DoorFacts, open};
use crate::jobs::submission::door_facts;
use crate::jobs::{Error, Session};
use crate::store::Intent;

/// A person asks for an order that Amazon accepted and never showed: it goes out once more, under the same id, so that Amazon would
/// refuse it if it had it after all. Tells whether it is given up so, or would be.
pub(super) fn retract_if_missing(session: &Session, id: &FulfillmentOrderId) -> Result<bool, Error> {
    let Some(intent) = session.store.intent(id)? else {
        return Ok(false);
    };
    let pass = open(&kept_facts(session, &intent));
    let is_missing = pass.is_ok_and(|pass| pass.door() == Door::NeverShown);
    if let Some(store) = session.writable_store()
        && is_missing
    {
        store.retract_missing(&intent, session.now())?;
    }
    Ok(is_missing)
}

/// What is known of an accepted order by the looks that are kept.
fn kept_facts(session: &Session, intent: &Intent) -> DoorFacts {
    let (now, grace) = (session.moment(), session.unknown_grace());
    DoorFacts {
        absence: Absence::kept(&now, intent.missing_since.as_ref(), intent.looked_at, grace),
        ..door_facts(Some(intent), AskedBy::Person)
    }
}
