//! TikTok's marks on parcels: read once each, and the warning that follows from those that it counts against the MCF warehouse.

use super::teller::{FAILURES_MAX, Teller};
use crate::domain::deadline::MARKS_AFTER;
use crate::domain::tracking::overdue::counted_against_mcf;
use crate::jobs::{Error, Session};
use crate::store::ToldPackage;

/// So many parcels a run.
const MARKS_MOST: u32 = 50;

/// The kind of causes that are told here.
const COUNTED: &str = "tracking.counted_non_mcf";

/// Returns the parcels that TikTok has had for a while and whose marks were not read.
pub(super) fn packages_to_check(session: &Session) -> Result<Vec<ToldPackage>, Error> {
    let before = session.now() - MARKS_AFTER;
    Ok(session.store.packages_to_check(before, MARKS_MOST)?)
}

/// Reads TikTok's marks on parcels, each once. One that can't be read now is returned as trouble, and does not keep the others from
/// being read; after several in a row TikTok is left alone.
pub(super) fn read_marks(
    session: &Session,
    teller: &Teller<'_>,
    packages: &[ToldPackage],
) -> Result<Vec<Error>, Error> {
    let (mut troubles, mut failures) = (Vec::new(), 0);
    for package in packages {
        if failures == FAILURES_MAX {
            break;
        }
        session.check_stop()?;
        let is_counted = match teller.tiktok().package(&package.order, &package.package) {
            Ok(found) => found.is_counted_against_mcf(),
            Err(error) if error.is_permanent() => None,
            Err(error) if error.is_credentials() => return Err(error.into()),
            Err(error) => {
                session.store.note_failed(package.parcel, session.now())?;
                troubles.push(error.into());
                failures += 1;
                continue;
            }
        };
        failures = 0;
        session.store.note_counted(package, is_counted, session.now())?;
    }
    Ok(troubles)
}

/// Warns before TikTok switches the warehouse off: in each summary, and with an event for each further parcel.
pub(super) fn warn_of_counted(session: &Session) -> Result<Option<String>, Error> {
    let counted = session.store.counted_against_mcf()?;
    let warning = counted_against_mcf(counted);
    let standing = warning
        .iter()
        .map(|message| (counted.to_string(), message.clone()))
        .collect();
    // What was told of fewer parcels stands while there are more.
    let is_over = |told: &str| told.parse::<u32>().is_ok_and(|told| told > counted);
    session.store.tell_causes(COUNTED, standing, is_over, session.now())?;
    Ok(warning)
}
