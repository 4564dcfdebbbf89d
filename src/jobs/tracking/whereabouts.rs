//! What becomes of parcels after they left: Amazon is asked once a day, and a person is told of those that do not reach their buyer.

use super::teller::FAILURES_MAX;
use crate::amazon::Amazon;
use crate::domain::fulfillment::whereabouts;
use crate::jobs::apply::{Subject, apply};
use crate::jobs::{Error, Session};
use crate::store::TravellingParcel;

/// So many parcels a run.
const ASKED_MOST: u32 = 20;

/// Asks for each parcel that is due. It is a look beside the way of numbers to TikTok: where Amazon does not answer, the next run asks
/// again, and nothing else waits for it.
pub(super) fn look(session: &Session, amazon: &Amazon) -> Result<(), Error> {
    let mut failures = 0;
    for parcel in session.store.travelling_parcels(session.now(), ASKED_MOST)? {
        session.check_stop()?;
        let found = match amazon.package_tracking(parcel.package_number, Some(&parcel.order)) {
            Ok(found) => found,
            Err(error) => {
                log::warn!(
                    order_id = parcel.order.as_str(), operation = error.operation().name, request_id = error.request_id();
                    "where package {} is can't be read: {error}", parcel.package_number
                );
                failures += 1;
                if failures == FAILURES_MAX {
                    return Ok(());
                }
                continue;
            }
        };
        let status = found.and_then(|found| found.status);
        session
            .store
            .note_whereabouts(&parcel, status.as_ref(), session.now())?;
        tell(session, &parcel)?;
    }
    Ok(())
}

fn tell(session: &Session, parcel: &TravellingParcel) -> Result<(), Error> {
    let Some(state) = session.store.state(&parcel.order)? else {
        return Ok(());
    };
    let effects = whereabouts(&parcel.order, &session.store.whereabouts(&parcel.order)?);
    let subject = Subject {
        order: &parcel.order,
        state,
        fulfillment_order: None,
    };
    apply(session, &subject, &effects)?;
    Ok(())
}
