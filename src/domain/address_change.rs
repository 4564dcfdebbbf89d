//! Buyers who change their address after their order was sent. Amazon can't change it any more, so a person is told while the order
//! may still be cancelled there.

use super::address::{AddressRules, normalise};
use super::effect::Effect;
use super::flag::{Detail, Flag};
use super::fulfillment::Destination;
use super::order::Order;
use super::spelling::bare;

const CHANGED: Detail = Detail::AddressChangedAfterCreate;

/// Compares the address that was sent with the one that TikTok shows of an order that is not shipped. Form does not matter, and neither
/// does the phone. Where TikTok says that the buyer changed it and does not show it, a person is told, too: the change may be older than
/// the send. What Amazon left out of the order before is a rest, and goes once more by a command of its own.
#[must_use]
pub fn next(sent: &Destination, order: &Order, is_rest: bool, rules: &AddressRules) -> Effect {
    let is_changed = match normalise(order.recipient.expose(), rules) {
        Ok(now) => words(sent) != words(&now.destination),
        Err(_) => order.has_updated_address,
    };
    let flag = Flag::plain(CHANGED, &order.id);
    match (is_changed, is_rest) {
        (true, true) => Effect::Raise(flag.with_command(format!("mcf route {} --rest", order.id))),
        (true, false) => Effect::Raise(flag),
        (false, _) => Effect::Clear(&[CHANGED]),
    }
}

fn words(destination: &Destination) -> String {
    let parts = [&destination.city, &destination.district, &destination.state];
    let parts = parts.into_iter().flatten();
    let texts = destination.lines.iter().chain(parts);
    let whole = texts.chain([&destination.name, &destination.postal_code, &destination.country_code]);
    whole.map(|text| bare(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::tests_support::plain_order;

    fn rules() -> AddressRules {
        AddressRules::default()
    }

    fn sent(order: &Order) -> Destination {
        normalise(order.recipient.expose(), &rules())
            .expect("a good address")
            .destination
    }

    #[test]
    fn another_place_is_told_and_another_spelling_is_not_e64() {
        let order = plain_order("5");
        let ours = sent(&order);
        assert!(matches!(next(&ours, &order, false, &rules()), Effect::Clear(_)));
        let mut spelt = ours.clone();
        spelt.lines[0] = spelt.lines[0].to_uppercase().replace(' ', ", ");
        spelt.phone = None;
        assert!(
            matches!(next(&spelt, &order, false, &rules()), Effect::Clear(_)),
            "its form does not matter"
        );
        let changes: [fn(&mut Destination); 4] = [
            |place| place.lines[0].push('9'),
            |place| place.city = Some("Elsewhere".into()),
            |place| place.postal_code = "60601".into(),
            |place| place.name.push_str(" Jr"),
        ];
        for (place, change) in changes.into_iter().enumerate() {
            let mut other = ours.clone();
            change(&mut other);
            assert!(
                matches!(next(&other, &order, false, &rules()), Effect::Raise(_)),
                "{place}"
            );
        }
    }

    #[test]
    fn the_rest_of_an_order_goes_again_by_its_own_command_e137() {
        let order = plain_order("5");
        let mut other = sent(&order);
        other.postal_code = "60601".into();
        let command = |is_rest| match next(&other, &order, is_rest, &rules()) {
            Effect::Raise(flag) => flag.next_command,
            other => panic!("{other:?}"),
        };
        assert_eq!(command(false), "mcf route 5", "E36");
        assert_eq!(command(true), "mcf route 5 --rest", "E137");
    }

    #[test]
    fn a_masked_address_is_another_one_only_where_tiktok_says_so() {
        let mut order = plain_order("5");
        let ours = sent(&order);
        order.recipient = crate::secret::Private::new(crate::domain::order::Recipient::default());
        assert!(matches!(next(&ours, &order, false, &rules()), Effect::Clear(_)));
        order.has_updated_address = true;
        assert!(matches!(next(&ours, &order, false, &rules()), Effect::Raise(_)));
    }
}
