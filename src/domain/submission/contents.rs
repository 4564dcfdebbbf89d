//! Whether what Amazon has under our id is what we sent.

use crate::domain::fulfillment::{Destination, Draft, FulfillmentOrder};

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
    let is_us = folded(&ours.country_code) == "us";
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
        .all(|(left, right)| folded(right).is_empty() || folded(left) == folded(right))
}

/// We send codes; a state that Amazon spells out is not compared, its postal code is.
fn state_code(state: &str) -> String {
    Some(folded(state)).filter(|code| code.len() <= 3).unwrap_or_default()
}

/// The five digits of a US postal code: Amazon completes it to nine.
fn zip(code: &str) -> String {
    code.chars().filter(char::is_ascii_digit).take(5).collect()
}

fn folded(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{found, place, sent};
    use super::*;
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
}
