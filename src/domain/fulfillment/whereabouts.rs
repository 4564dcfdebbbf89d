//! Where parcels are on their way to the buyer, as far as a person must know of it. Nothing is sent anew or labelled by itself.

use super::PackageStatus;
use crate::domain::effect::Effect;
use crate::domain::flag::{Detail, Flag};
use crate::domain::ids::TiktokOrderId;

/// What may be told of parcels.
const TOLD: [&[Detail]; 3] = [
    &[Detail::ParcelUndeliverable],
    &[Detail::ParcelComesBack],
    &[Detail::ParcelDelayed],
];

/// A parcel and what Amazon says of its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// Its number.
    pub number: String,
    /// Where it is.
    pub status: PackageStatus,
}

/// Says what a person is told of the parcels of one order, and what is over.
#[must_use]
pub fn whereabouts(order: &TiktokOrderId, parcels: &[Whereabouts]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for detail in TOLD {
        let is_told = |parcel: &&Whereabouts| meaning(&parcel.status).is_some_and(|told| detail.contains(&told));
        let numbers: Vec<&str> = parcels
            .iter()
            .filter(is_told)
            .map(|parcel| parcel.number.as_str())
            .collect();
        effects.push(match (numbers.is_empty(), detail) {
            (false, [told]) => Effect::Raise(flag(*told, order, &numbers)),
            _ => Effect::Clear(detail),
        });
    }
    effects
}

/// Tells whether the way of a parcel is over, so that it is asked for no more.
#[must_use]
pub fn is_over(status: &PackageStatus) -> bool {
    matches!(
        status,
        PackageStatus::Delivered | PackageStatus::Undeliverable | PackageStatus::Returned
    )
}

fn meaning(status: &PackageStatus) -> Option<Detail> {
    match status {
        PackageStatus::Undeliverable => Some(Detail::ParcelUndeliverable),
        PackageStatus::Returning | PackageStatus::Returned => Some(Detail::ParcelComesBack),
        PackageStatus::Delayed => Some(Detail::ParcelDelayed),
        PackageStatus::InTransit | PackageStatus::Delivered | PackageStatus::OutForDelivery => None,
        PackageStatus::Other(word) => match word.as_str() {
            "EXPIRED" => Some(Detail::ParcelUndeliverable),
            "RETURN_REQUEST_ACCEPTED" | "RETURN_RECEIVED_IN_FC" => Some(Detail::ParcelComesBack),
            _ => None,
        },
    }
}

fn flag(detail: Detail, order: &TiktokOrderId, numbers: &[&str]) -> Flag {
    Flag::new(detail, format!("{}: {}", detail.meaning(), numbers.join(", ")), order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::effect::tests_support::details;

    fn parcel(number: &str, word: &str) -> Whereabouts {
        Whereabouts {
            number: number.to_owned(),
            status: PackageStatus::read(word),
        }
    }

    #[test]
    fn what_does_not_reach_its_buyer_is_told_and_nothing_else_e84_e121() {
        let order = TiktokOrderId::new("1");
        let table: [(&str, &[&str]); 11] = [
            ("IN_TRANSIT", &[]),
            ("OUT_FOR_DELIVERY", &[]),
            ("DELIVERED", &[]),
            ("UNDISPLAYED", &[]),
            ("UNDELIVERABLE", &["parcel_undeliverable"]),
            ("EXPIRED", &["parcel_undeliverable"]),
            ("DELAYED", &["parcel_delayed"]),
            ("RETURNING", &["parcel_comes_back"]),
            ("RETURNED", &["parcel_comes_back"]),
            ("RETURN_REQUEST_ACCEPTED", &["parcel_comes_back"]),
            ("RETURN_RECEIVED_IN_FC", &["parcel_comes_back"]),
        ];
        for (word, told) in table {
            let effects = whereabouts(&order, &[parcel("1Z1", word), parcel("1Z2", "IN_TRANSIT")]);
            assert_eq!(details(&effects), told, "E84, E121: {word}");
        }
        let both = whereabouts(&order, &[parcel("1Z1", "RETURNED"), parcel("1Z2", "RETURNING")]);
        assert!(
            matches!(&both[1], Effect::Raise(flag) if flag.message.ends_with("1Z1, 1Z2")),
            "E121: {both:?}"
        );
    }

    #[test]
    fn what_is_told_of_a_parcel_clears_when_it_arrives_after_all_e84() {
        let effects = whereabouts(&TiktokOrderId::new("1"), &[parcel("1Z1", "DELIVERED")]);
        let cleared = effects.iter().filter(|effect| matches!(effect, Effect::Clear(_)));
        assert_eq!(cleared.count(), TOLD.len(), "E84");
        assert!(is_over(&PackageStatus::Delivered) && !is_over(&PackageStatus::Delayed));
    }
}
