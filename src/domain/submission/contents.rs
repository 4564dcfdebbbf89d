//! Whether what Amazon has under our id is what we sent.

use crate::domain::fulfillment::{Destination, Draft, FulfillmentOrder};
use crate::domain::spelling::bare;

/// Tells whether what Amazon has is what we sent: every item with its SKU and quantity, the slip's id, the address.
///
/// Address fields that Amazon leaves empty are not compared; case and spacing are Amazon's to choose.
#[must_use]
pub fn is_ours(sent: &Draft, found: &FulfillmentOrder) -> bool {
    let same_slip = found
        .displayable_id
        .as_deref()
        .is_none_or(|id| id == sent.displayable_id.as_str());
    let same_address = match (sent.destination.expose(), found.destination.expose()) {
        (Some(ours), Some(theirs)) => is_same_place(ours, theirs),
        (None, _) | (_, None) => true,
    };
    has_our_items(sent, found) && same_slip && same_address
}

/// Tells whether Amazon has exactly the items that we sent. Amazon may complete the address of an order that it accepted, but never
/// the items.
#[must_use]
pub fn has_our_items(sent: &Draft, found: &FulfillmentOrder) -> bool {
    let mut wanted: Vec<_> = sent
        .items
        .iter()
        .map(|item| (item.id.as_str(), item.sku.as_str(), item.quantity))
        .collect();
    let mut there: Vec<_> = found
        .items
        .iter()
        .map(|item| (item.id.as_str(), item.sku.as_str(), item.quantity))
        .collect();
    wanted.sort_unstable();
    there.sort_unstable();
    wanted == there
}

fn is_same_place(ours: &Destination, theirs: &Destination) -> bool {
    let line = |destination: &Destination| destination.lines.join(" ");
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let is_us = bare(&ours.country_code) == "us";
    let code = |destination: &Destination| match is_us {
        true => zip(&destination.postal_code),
        false => destination.postal_code.clone(),
    };
    let pairs = [
        (ours.name.clone(), theirs.name.clone()),
        (line(ours), line(theirs)),
        (text(&ours.city), text(&theirs.city)),
        (text(&ours.state), state_code(&text(&theirs.state))),
        (code(ours), code(theirs)),
        (ours.country_code.clone(), theirs.country_code.clone()),
    ];
    pairs
        .iter()
        .all(|(left, right)| bare(right).is_empty() || bare(left) == bare(right))
}

/// We send codes; a state that Amazon spells out is not compared, its postal code is.
fn state_code(state: &str) -> String {
    Some(bare(state)).filter(|code| code.len() <= 3).unwrap_or_default()
}

/// The five digits of a US postal code: Amazon completes it to nine.
fn zip(code: &str) -> String {
    code.chars().filter(char::is_ascii_digit).take(5).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{found, place, sent};
    use super::*;
    use crate::domain::fulfillment::FulfillmentItem;
    use crate::domain::ids::FulfillmentItemId;
    use crate::secret::Private;

    #[test]
    fn an_order_with_other_contents_is_not_ours() {
        assert!(
            is_ours(&sent(), &found("AMZ-LAMP", 2, "12 MAIN ST")),
            "case is Amazon's to choose"
        );
        assert!(!is_ours(&sent(), &found("AMZ-LAMP", 1, "12 Main St")), "R29: quantity");
        assert!(!is_ours(&sent(), &found("AMZ-BULB", 2, "12 Main St")), "R29: SKU");
        assert!(!is_ours(&sent(), &found("AMZ-LAMP", 2, "14 Main St")), "E64: address");
    }

    /// Whether an order is still ours when Amazon shows its address with this change.
    fn is_ours_after(change: impl FnOnce(&mut Destination)) -> bool {
        let mut there = place("12 Main St");
        change(&mut there);
        let found = FulfillmentOrder {
            destination: Private::new(Some(there)),
            ..found("AMZ-LAMP", 2, "12 Main St")
        };
        is_ours(&sent(), &found)
    }

    #[test]
    fn what_amazon_completes_in_an_address_is_no_other_address_e64() {
        assert!(is_ours_after(|there| there.postal_code = "95110-1234".into()));
        assert!(is_ours_after(|there| there.city = Some("SAN JOSE".into())));
        assert!(is_ours_after(|there| there.state = Some("California".into())));
        assert!(is_ours_after(|there| (there.city, there.state) = (None, None)));
    }

    #[test]
    fn another_city_state_or_postal_code_is_another_address_e64() {
        assert!(!is_ours_after(|there| there.postal_code = "95111".into()));
        assert!(!is_ours_after(|there| there.city = Some("San Diego".into())));
        assert!(!is_ours_after(|there| there.state = Some("NV".into())));
    }
    #[test]
    fn another_name_country_or_slip_is_another_order_e64() {
        assert!(!is_ours_after(|there| there.name = "Kim Whitfield".into()));
        assert!(!is_ours_after(|there| there.country_code = "CA".into()));
        let slip = |id: Option<&str>| FulfillmentOrder {
            displayable_id: id.map(str::to_owned),
            ..found("AMZ-LAMP", 2, "12 Main St")
        };
        assert!(is_ours(&sent(), &slip(None)), "what is not shown says nothing");
        assert!(!is_ours(&sent(), &slip(Some("2"))));
    }

    #[test]
    fn a_place_that_we_did_not_send_is_another_address_e64() {
        let mut ours = sent();
        let nowhere = Destination {
            city: None,
            ..place("12 Main St")
        };
        ours.destination = Private::new(Some(nowhere));
        assert!(!is_ours(&ours, &found("AMZ-LAMP", 2, "12 Main St")));
    }

    #[test]
    fn where_one_side_has_no_address_the_items_decide_e64() {
        let nowhere = |found: FulfillmentOrder| FulfillmentOrder {
            destination: Private::new(None),
            ..found
        };
        let erased = Draft {
            destination: Private::new(None),
            ..sent()
        };
        let (same, other) = (found("AMZ-LAMP", 2, "14 Main St"), found("AMZ-BULB", 2, "14 Main St"));
        assert!(is_ours(&sent(), &nowhere(same.clone())));
        assert!(is_ours(&erased, &same));
        assert!(!is_ours(&sent(), &nowhere(other.clone())), "R29");
        assert!(!is_ours(&erased, &other), "R29");
    }

    #[test]
    fn a_state_is_compared_by_its_code_and_a_postal_code_outside_the_us_as_a_whole_e64() {
        let is_ours_at = |change: fn(&mut Destination), shown: fn(&mut Destination)| {
            let (mut ours, mut order) = (sent(), found("AMZ-LAMP", 2, "12 Main St"));
            let mut home = place("12 Main St");
            change(&mut home);
            let mut there = home.clone();
            shown(&mut there);
            ours.destination = Private::new(Some(home));
            order.destination = Private::new(Some(there));
            is_ours(&ours, &order)
        };
        let australian =
            |there: &mut Destination| (there.country_code, there.state) = ("AU".into(), Some("NSW".into()));
        assert!(!is_ours_at(australian, |there| there.state = Some("VIC".into())));
        assert!(
            is_ours_at(australian, |there| there.state = Some("Vict".into())),
            "spelled out"
        );
        let canadian =
            |there: &mut Destination| (there.country_code, there.postal_code) = ("CA".into(), "K1A 0B1".into());
        assert!(is_ours_at(canadian, |there| there.postal_code = "k1a0b1".into()));
        assert!(!is_ours_at(canadian, |there| there.postal_code = "K1A 0B2".into()));
        assert!(!is_ours_at(canadian, |there| there.postal_code = "H1A 0B1".into()));
    }

    #[test]
    fn items_are_compared_whole_and_in_any_order_r29() {
        let two = |first: &str, second: &str| {
            let (mut ours, theirs) = (sent(), found("AMZ-LAMP", 2, "12 Main St"));
            let mut more = ours.items[0].clone();
            more.id = FulfillmentItemId::new("i2");
            ours.items.push(more);
            let item = |id: &str| FulfillmentItem {
                id: FulfillmentItemId::new(id),
                ..theirs.items[0].clone()
            };
            let items = [first, second]
                .into_iter()
                .filter(|id| !id.is_empty())
                .map(item)
                .collect();
            has_our_items(&ours, &FulfillmentOrder { items, ..theirs })
        };
        assert!(two("i1", "i2") && two("i2", "i1"));
        assert!(!two("i1", "") && !two("i1", "i3") && !two("i1", "i1"), "R29");
    }
}
