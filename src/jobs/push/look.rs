//! What TikTok's order says about one parcel's units: pure, so that every case can be tried.

use crate::domain::ids::{LineItemId, PackageId};
use crate::domain::order::{LineStatus, Order};
use crate::domain::tracking_number::is_same;
use crate::store::StoredParcel;

/// What TikTok has for the units of a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AtTiktok {
    /// This number.
    Ours(Option<PackageId>),
    /// A number that we told before.
    Older {
        /// Which.
        number: String,
        /// The parcel.
        package: Option<PackageId>,
        /// Whether the order is in several parcels there.
        is_split: bool,
    },
    /// A number that we did not tell.
    Another,
    /// No number.
    Nothing,
    /// All units are cancelled.
    Cancelled,
}

/// Looks at the units of a parcel. `number` is the one that TikTok should have.
pub(super) fn look(order: &Order, parcel: &StoredParcel, number: &str) -> AtTiktok {
    let cancelled = cancelled_units(order, parcel);
    if !parcel.lines.is_empty() && cancelled.len() == parcel.lines.len() {
        return AtTiktok::Cancelled;
    }
    let mut told = order
        .line_items
        .iter()
        .filter(|line| parcel.lines.contains(&line.id) && !cancelled.contains(&line.id))
        .filter_map(|line| Some((line.tracking_number.as_deref().filter(|there| !there.is_empty())?, line)));
    let Some((there, line)) = told.next() else {
        return AtTiktok::Nothing;
    };
    if told.any(|(other, _)| !is_same(other, there)) {
        return AtTiktok::Another;
    }
    if is_same(there, number) {
        return AtTiktok::Ours(line.package_id.clone());
    }
    // Told before, or on its way when a run broke off.
    let is_told = |known: &str| is_same(known, there);
    let was_ours = parcel
        .numbers
        .iter()
        .any(|given| given.is_told && is_told(&given.number))
        || parcel.pushed_number.as_deref().is_some_and(is_told);
    if was_ours {
        AtTiktok::Older {
            number: there.to_owned(),
            package: line.package_id.clone(),
            is_split: is_split(order),
        }
    } else {
        AtTiktok::Another
    }
}

/// Returns the units of a parcel that TikTok has cancelled.
pub(super) fn cancelled_units(order: &Order, parcel: &StoredParcel) -> Vec<LineItemId> {
    let cancelled = order
        .line_items
        .iter()
        .filter(|line| line.status == LineStatus::Cancelled);
    cancelled
        .filter(|line| parcel.lines.contains(&line.id))
        .map(|line| line.id.clone())
        .collect()
}

/// Several parcels, or units that are in none yet.
fn is_split(order: &Order) -> bool {
    let live = order
        .line_items
        .iter()
        .filter(|line| line.status != LineStatus::Cancelled);
    let mut packages: Vec<_> = live.map(|line| line.package_id.as_ref()).collect();
    packages.sort_unstable();
    packages.dedup();
    packages.len() > 1
}
