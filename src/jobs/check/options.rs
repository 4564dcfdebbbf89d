//! What the settings name of TikTok's ways of delivery, held against what TikTok offers: a word that is misspelt decides nothing, and it
//! shows only when an order or a parcel needs it.

use super::super::{Error, Session};
use super::{Check, Checks, Outcome, first_of};
use crate::domain::ids::WarehouseId;
use crate::domain::shop::{DeliveryOption, ShippingProvider, Warehouse};
use crate::domain::tracking::carrier::CarrierRules;
use crate::tiktok::Tiktok;

const OPTIONS: &str = "tiktok.options";
const CARRIERS: &str = "tiktok.carriers";

/// The keys of `[routing.delivery_options]`. Nothing is asked where there are none.
pub(super) fn look(session: &Session, client: &Tiktok, found: &[Warehouse], checks: &mut Checks) -> Result<(), Error> {
    let written: Vec<&String> = session.settings.routing.speeds.delivery_options.keys().collect();
    if written.is_empty() {
        return Ok(());
    }
    let mut offered = Vec::new();
    for warehouse in ours(&session.settings.inventory.tiktok_warehouse_ids, found) {
        match client.delivery_options(&warehouse) {
            Ok(options) => offered.extend(options),
            Err(error) => return checks.told(OPTIONS, error, Outcome::Warning),
        }
    }
    checks.push(keys(&written, &offered));
    Ok(())
}

/// The warehouses of which orders are ours: all of the shop's that sell, where none is configured.
fn ours(configured: &[WarehouseId], found: &[Warehouse]) -> Vec<WarehouseId> {
    let sales = found.iter().filter(|warehouse| warehouse.shows_stock());
    let is_ours = |warehouse: &&Warehouse| configured.is_empty() || configured.contains(&warehouse.id);
    sales.filter(is_ours).map(|warehouse| warehouse.id.clone()).collect()
}

fn keys(written: &[&String], offered: &[DeliveryOption]) -> Check {
    if offered.is_empty() {
        return Check::warn(
            OPTIONS,
            "TikTok names no delivery option of the shop's warehouses: [routing.delivery_options] can't be held against any",
            "look at Shipping in TikTok's Seller Center",
        );
    }
    let is_unknown = |key: &&&String| !offered.iter().any(|option| option.is(key));
    let unknown: Vec<String> = written
        .iter()
        .filter(is_unknown)
        .map(|key| format!("{key:?}"))
        .collect();
    if unknown.is_empty() {
        let count = written.len();
        return Check::pass(
            OPTIONS,
            format!("TikTok knows every delivery option that the settings name ({count})"),
        );
    }
    Check::warn(
        OPTIONS,
        format!(
            "TikTok offers no delivery option {}: no order gets its speed",
            first_of(&unknown)
        ),
        format!("name in [routing.delivery_options] only: {}", named(offered)),
    )
}

fn named(offered: &[DeliveryOption]) -> String {
    let mut names: Vec<String> = offered
        .iter()
        .map(|option| option.name.clone().unwrap_or_else(|| option.id.to_string()))
        .collect();
    names.sort_unstable();
    names.dedup();
    first_of(&names)
}

/// The providers of `[tracking.carriers]` and the default. Nothing is said while none is known: another line says so.
pub(super) fn carriers(rules: &CarrierRules, offered: &[ShippingProvider]) -> Option<Check> {
    let count = rules.overrides.len() + usize::from(rules.default.is_some());
    if count == 0 || offered.is_empty() {
        return None;
    }
    let unoffered = rules.unoffered(offered);
    if unoffered.is_empty() {
        let text = format!("TikTok offers every shipping provider that the settings name ({count})");
        return Some(Check::pass(CARRIERS, text));
    }
    let mut names: Vec<String> = offered.iter().map(|provider| provider.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    Some(Check::fail(
        CARRIERS,
        format!(
            "TikTok offers no shipping provider {}: numbers of these carriers would not be told",
            first_of(&unoffered)
        ),
        format!("correct it in [tracking] to one of: {}", names.join(", ")),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{DeliveryOptionId, ShippingProviderId};

    fn option(id: &str, name: Option<&str>) -> DeliveryOption {
        DeliveryOption {
            id: DeliveryOptionId::new(id),
            name: name.map(str::to_owned),
        }
    }

    #[test]
    fn an_option_is_known_by_its_id_or_by_its_name_in_whatever_case_and_others_are_named() {
        let offered = [option("7", Some("Express Shipping")), option("8", None)];
        for (written, outcome, text) in [
            (vec!["express shipping", "8"], Outcome::Passed, "every delivery option"),
            (vec!["Expres Shipping", "7"], Outcome::Warning, "\"Expres Shipping\""),
            (vec!["9"], Outcome::Warning, "\"9\""),
        ] {
            let written: Vec<String> = written.into_iter().map(str::to_owned).collect();
            let check = keys(&written.iter().collect::<Vec<_>>(), &offered);
            assert_eq!(check.outcome, outcome, "{check:?}");
            assert!(check.text.contains(text), "{check:?}");
        }
        let check = keys(&[&"9".to_owned()], &offered);
        assert!(check.help.expect("a fix").ends_with("8; Express Shipping"));
        assert_eq!(
            keys(&[&"9".to_owned()], &[]).outcome,
            Outcome::Warning,
            "not known is not wrong"
        );
    }

    #[test]
    fn a_provider_that_tiktok_does_not_offer_fails_by_its_name() {
        let offered = [ShippingProvider {
            id: ShippingProviderId::new("71"),
            name: "Amazon Logistics".to_owned(),
        }];
        let rules = |wanted: &str| CarrierRules {
            overrides: vec![("AMZN_US".to_owned(), wanted.to_owned())],
            default: None,
        };
        let outcome = |check: Option<Check>| check.map(|check| check.outcome);
        assert_eq!(
            outcome(carriers(&rules("amazon logistics"), &offered)),
            Some(Outcome::Passed)
        );
        let wrong = carriers(&rules("Amazon Logistcs"), &offered).expect("a check");
        assert_eq!(wrong.outcome, Outcome::Failed);
        assert!(wrong.text.contains("\"Amazon Logistcs\" (AMZN_US)"), "{wrong:?}");
        assert_eq!(outcome(carriers(&rules("any"), &[])), None, "not known is not wrong");
        assert_eq!(outcome(carriers(&CarrierRules::default(), &offered)), None);
    }
}
