//! Units that TikTok cancelled after the order was sent: Amazon can't take single units out, so a person is told while the whole can be
//! stopped, and again when a unit that nobody wants has left.

use std::collections::BTreeMap;

use super::flag::{Detail, Flag};
use super::fulfillment::FulfillmentStatus;
use super::ids::{FulfillmentOrderId, TiktokOrderId};

/// A unit that TikTok cancelled and that Amazon was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelledUnit {
    /// The seller's SKU, else TikTok's id of the variant.
    pub sku: String,
    /// Whether the parcel that it travels in has left.
    pub has_left: bool,
    /// That parcel's number, where there is one.
    pub number: Option<String>,
}

/// What is known of an order of which TikTok cancelled a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The order.
    pub order: TiktokOrderId,
    /// Our id at Amazon.
    pub fulfillment_order: FulfillmentOrderId,
    /// Amazon's status, as far as it was read.
    pub amazon_status: Option<FulfillmentStatus>,
    /// The cancelled units that Amazon was sent; never empty.
    pub units: Vec<CancelledUnit>,
}

/// Says what a person is told, and which flags stand no longer.
#[must_use]
pub fn next(facts: &Facts) -> Vec<Flag> {
    let (left, here): (Vec<_>, Vec<_>) = facts.units.iter().partition(|unit| unit.has_left);
    let is_over = facts
        .amazon_status
        .as_ref()
        .is_some_and(FulfillmentStatus::leaves_units_out);
    let mut flags = Vec::new();
    if !here.is_empty() && !is_over {
        flags.push(on_its_way(facts, &here));
    }
    if !left.is_empty() {
        flags.push(left_flag(&facts.order, &left));
    }
    flags
}

/// What a person is told where only the numbers of lost units are known.
#[must_use]
pub fn left(order: &TiktokOrderId, numbers: &[String]) -> Flag {
    let message = format!(
        "units that TikTok cancelled travel as {}; TikTok is not told: intercept the parcel or expect it back",
        numbers.join(", ")
    );
    Flag::new(Detail::CancelledUnitLeft, message, order)
}

fn left_flag(order: &TiktokOrderId, units: &[&CancelledUnit]) -> Flag {
    let numbers: Vec<&str> = units.iter().filter_map(|unit| unit.number.as_deref()).collect();
    let parcel = match numbers.as_slice() {
        [] => "in a parcel without a number yet".to_owned(),
        numbers => format!("with {}", distinct(numbers).join(", ")),
    };
    let message = format!(
        "{} cancelled at TikTok left Amazon all the same {parcel} and is lost to the order; intercept it or expect it back",
        counted(units)
    );
    Flag::new(Detail::CancelledUnitLeft, message, order)
}

fn on_its_way(facts: &Facts, units: &[&CancelledUnit]) -> Flag {
    let (id, ours) = (&facts.order, &facts.fulfillment_order);
    let possible = match facts.amazon_status.as_ref().is_none_or(FulfillmentStatus::is_early) {
        true => format!(
            "still possible: cancel {ours} whole in Amazon's Seller Central, then `mcf route {id}` sends the rest; or let it go and take note of the loss"
        ),
        false => "Amazon is packing it and can't be stopped any more; its number is not told to TikTok".to_owned(),
    };
    let message = format!(
        "{} cancelled at TikTok after it was sent to Amazon; {possible}",
        counted(units)
    );
    Flag::new(Detail::PartCancelled, message, id)
}

/// E.g. `2 × LAMP-BLK-01, 1 × BULB-4`.
fn counted(units: &[&CancelledUnit]) -> String {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for unit in units {
        *counts.entry(&unit.sku).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(sku, count)| format!("{count} × {sku}"))
        .collect();
    counts.join(", ")
}

fn distinct<'a>(numbers: &[&'a str]) -> Vec<&'a str> {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: Option<FulfillmentStatus>, has_left: &[bool]) -> Vec<(Detail, String)> {
        let unit = |has_left: &bool| CancelledUnit {
            sku: "LAMP-BLK-01".to_owned(),
            has_left: *has_left,
            number: has_left.then(|| "1Z50V7420300000001".to_owned()),
        };
        let facts = Facts {
            order: TiktokOrderId::new("1"),
            fulfillment_order: FulfillmentOrderId::new("TTS-1"),
            amazon_status: status,
            units: has_left.iter().map(unit).collect(),
        };
        let flags = next(&facts).into_iter();
        flags.map(|flag| (flag.detail, flag.message)).collect()
    }

    #[test]
    fn while_the_whole_can_be_stopped_it_says_how_and_what_e133() {
        for status in [
            None,
            Some(FulfillmentStatus::Received),
            Some(FulfillmentStatus::Planning),
        ] {
            let told = told(status, &[false, false]);
            assert_eq!((told.len(), told[0].0), (1, Detail::PartCancelled), "E133");
            for word in ["2 × LAMP-BLK-01", "cancel TTS-1 whole", "mcf route 1", "let it go"] {
                assert!(told[0].1.contains(word), "E133: {word}: {}", told[0].1);
            }
        }
    }

    #[test]
    fn what_is_being_packed_can_only_be_waited_for_e133() {
        let told = told(Some(FulfillmentStatus::Processing), &[false]);
        assert_eq!(told[0].0, Detail::PartCancelled, "E133");
        assert!(told[0].1.contains("can't be stopped"), "E133: {}", told[0].1);
    }

    #[test]
    fn a_unit_that_has_left_is_told_again_with_its_number_e134_e135() {
        let told = told(Some(FulfillmentStatus::Complete), &[true]);
        assert_eq!((told.len(), told[0].0), (1, Detail::CancelledUnitLeft), "E134");
        for word in ["1 × LAMP-BLK-01", "1Z50V7420300000001", "lost"] {
            assert!(told[0].1.contains(word), "E134: {word}: {}", told[0].1);
        }
    }

    #[test]
    fn one_may_have_left_while_the_other_is_still_here() {
        let told = told(Some(FulfillmentStatus::Processing), &[true, false]);
        let details: Vec<Detail> = told.into_iter().map(|(detail, _)| detail).collect();
        assert_eq!(details, [Detail::PartCancelled, Detail::CancelledUnitLeft]);
    }

    #[test]
    fn what_amazon_will_not_ship_needs_nobody() {
        for status in [
            FulfillmentStatus::Cancelled,
            FulfillmentStatus::Unfulfillable,
            FulfillmentStatus::CompletePartialled,
        ] {
            assert_eq!(told(Some(status), &[false]), []);
        }
    }
}
