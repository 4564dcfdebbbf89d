//! TikTok: app and consent by a fresh token, scopes, shop, every warehouse of ours, orders, cancellations, delivery options.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::{Error, Session, tokens};
use super::{Check, Checks, first_of, options};
use crate::domain::consent::scopes;
use crate::domain::ids::WarehouseId;
use crate::domain::shop::{Warehouse, WarehouseStatus};
use crate::jobs::tracking::carrier_rules;
use crate::secret::Secret;
use crate::store::StoredTokens;
use crate::tiktok::{CancellationQuery, Class, OrderQuery, Tiktok};

/// A consent that ends so soon is worth a word.
const CONSENT_NEAR_END: TimeDelta = TimeDelta::days(7);

/// Delivery options whose carriers are asked for.
const OPTIONS_MAX: u32 = 10;

const WAREHOUSE: &str = "tiktok.warehouse";
const PROVIDERS: &str = "tiktok.providers";
const AGREE: &str = "let the shop's owner agree again: mcf auth tiktok";

pub(super) fn look(session: &Session, checks: &mut Checks) -> Result<(), Error> {
    match tokens::prove_tiktok(session) {
        Ok(fresh) => {
            checks.push(consent(fresh.as_ref(), session.now()));
            let granted = fresh.map(|tokens| tokens.scopes).unwrap_or_default();
            if let Some(check) = granted_scopes(&granted) {
                if check.help.is_some() {
                    checks.know(&format!("tiktok {:?}", Class::ScopeMissing));
                }
                checks.push(check);
            }
        }
        Err(error) => return checks.refused("tiktok.credentials", error),
    }
    let client = session.tiktok_without_shop()?;
    let known = match session.ask_for_shop(&client) {
        Ok(known) => known,
        Err(error) => return checks.refused("tiktok.shop", error),
    };
    let shop = session.settings.tiktok.credentials_beside_stored_tokens()?.shop_id;
    let opens = format!("the token opens shop {shop} ({})", known.region);
    checks.push(Check::pass("tiktok.shop", opens));
    look_into_shop(session, &client.with_shop(Secret::new(known.cipher)), checks)
}

fn look_into_shop(session: &Session, client: &Tiktok, checks: &mut Checks) -> Result<(), Error> {
    match client.warehouses() {
        Ok(found) => {
            warehouses(&session.settings.inventory.tiktok_warehouse_ids, &found)
                .into_iter()
                .for_each(|check| checks.push(check));
            options::look(session, client, &found, checks)?;
        }
        Err(error) => checks.refused(WAREHOUSE, error)?,
    }
    checks.push(Check::pass(
        "tiktok.restock",
        "Amazon's figure is the only one: in Seller Center, restocking of cancelled orders should be off; \
         sync-inventory takes back what TikTok adds",
    ));
    let now = session.now();
    let query = OrderQuery {
        updated_from: now - TimeDelta::hours(1),
        updated_to: now,
        status: None,
        cancel_requested: None,
    };
    checks.judged("tiktok.orders", client.search_orders(&query, None), |_| {
        Check::pass("tiktok.orders", "orders can be read")
    })?;
    let cancellations = client.search_cancellations(&CancellationQuery::default(), None);
    checks.judged("tiktok.cancellations", cancellations, |_| {
        Check::pass("tiktok.cancellations", "cancellation requests can be read")
    })?;
    delivery_options(session, client, checks)
}

/// What a fresh pair of tokens says, or that none could be asked for.
fn consent(fresh: Option<&StoredTokens>, now: DateTime<Utc>) -> Check {
    const NAME: &str = "tiktok.credentials";
    let Some(tokens) = fresh else {
        return Check::warn(
            NAME,
            "there is no refresh token: the access token can't be renewed",
            AGREE,
        );
    };
    match tokens.refresh_expires_at {
        Some(end) if end - now < CONSENT_NEAR_END => Check::warn(
            NAME,
            format!("the seller's consent ends on {}", end.date_naive()),
            AGREE,
        ),
        Some(end) => Check::pass(
            NAME,
            format!("TikTok gave a fresh token; the consent ends on {}", end.date_naive()),
        ),
        None => Check::pass(NAME, "TikTok gave a fresh token"),
    }
}

/// Nothing is said where TikTok does not say what was granted: the calls below show it.
fn granted_scopes(granted: &[String]) -> Option<Check> {
    const NAME: &str = "tiktok.scopes";
    let missing = scopes::missing(granted)?;
    if missing.is_empty() {
        return Some(Check::pass(NAME, "every needed scope is granted"));
    }
    let named: Vec<String> = missing
        .iter()
        .map(|missing| format!("{} ({})", missing.scope, missing.stops))
        .collect();
    Some(Check::fail(
        NAME,
        format!("the consent lacks {}", named.join(", ")),
        format!("add it to the app in Partner Center, then {AGREE}"),
    ))
}

/// Each warehouse of ours: the configured ones, or the shop's default, which shows Amazon's stock.
fn warehouses(configured: &[WarehouseId], found: &[Warehouse]) -> Vec<Check> {
    let sales: Vec<&Warehouse> = found.iter().filter(|warehouse| warehouse.shows_stock()).collect();
    if configured.is_empty() {
        let default = sales.iter().find(|warehouse| warehouse.is_default);
        return vec![default.map_or_else(no_default, |default| {
            standing(default, "stock is written", "the shop's default")
        })];
    }
    let judged = configured.iter().enumerate().map(|(index, id)| {
        let Some(ours) = found.iter().find(|warehouse| warehouse.id == *id) else {
            return unknown(id, &sales);
        };
        let does = if index == 0 {
            "stock is written"
        } else {
            "orders are taken"
        };
        standing(ours, does, "as configured")
    });
    judged.collect()
}

fn no_default() -> Check {
    Check::fail(
        WAREHOUSE,
        "the shop has no enabled default sales warehouse",
        "enable one in TikTok's Seller Center, or set [inventory] tiktok_warehouse_ids",
    )
}

fn unknown(id: &WarehouseId, sales: &[&Warehouse]) -> Check {
    let ids: Vec<&str> = sales.iter().map(|warehouse| warehouse.id.as_str()).collect();
    let ids = ids.join(", ");
    Check::fail(
        WAREHOUSE,
        format!("the shop has no warehouse {id}"),
        format!("set [inventory] tiktok_warehouse_ids to one or more of: {ids}"),
    )
}

/// Tells where TikTok sells nothing from a warehouse of ours, for now or until somebody acts.
fn standing(warehouse: &Warehouse, does: &str, why: &str) -> Check {
    let Warehouse { id, name, status, .. } = warehouse;
    let help = "look at the warehouse in TikTok's Seller Center, under Shipping";
    match status {
        WarehouseStatus::Enabled => {
            let way = if does == "stock is written" { "to" } else { "of" };
            Check::pass(WAREHOUSE, format!("{does} {way} {name} ({id}), {why}"))
        }
        WarehouseStatus::Disabled => Check::fail(
            WAREHOUSE,
            format!("TikTok has disabled warehouse {name} ({id}): nothing is sold from it"),
            help,
        ),
        other => Check::warn(
            WAREHOUSE,
            format!("TikTok says {other} of warehouse {name} ({id}): nothing is sold from it for now"),
            help,
        ),
    }
}

/// The carriers of each delivery option that orders have named: a right that is missing here would show only when the first parcel
/// has left. They can't be read before, and no list names the options.
fn delivery_options(session: &Session, client: &Tiktok, checks: &mut Checks) -> Result<(), Error> {
    let options = session.store.delivery_options(OPTIONS_MAX)?;
    let (mut offered, mut without) = (Vec::new(), Vec::new());
    for option in &options {
        match client.shipping_providers(option) {
            Ok(providers) if providers.is_empty() => without.push(option.to_string()),
            Ok(providers) => offered.extend(providers),
            Err(error) => return checks.refused(PROVIDERS, error),
        }
    }
    checks.push(providers(options.len(), offered.len(), &without));
    let written = options::carriers(&carrier_rules(&session.settings.tracking), &offered);
    written.into_iter().for_each(|check| checks.push(check));
    Ok(())
}

fn providers(options: usize, count: usize, without: &[String]) -> Check {
    match (options, without.is_empty()) {
        (0, _) => Check::warn(
            PROVIDERS,
            "not known yet: no order has named a delivery option",
            "run `mcf check tiktok` again after the first order",
        ),
        (_, false) => Check::fail(
            PROVIDERS,
            format!(
                "TikTok offers no shipping provider for delivery option {}",
                first_of(without)
            ),
            "enable Seller Shipping for the shop in TikTok's Seller Center",
        ),
        (1, true) => Check::pass(PROVIDERS, format!("{count} shipping providers can be read")),
        (_, true) => Check::pass(
            PROVIDERS,
            format!("{count} shipping providers of {options} delivery options can be read"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::*;
    use crate::domain::shop::WarehouseType;

    fn warehouse(id: &str, status: &str, is_default: bool) -> Warehouse {
        Warehouse {
            id: WarehouseId::new(id),
            name: format!("House {id}"),
            status: WarehouseStatus::read(status),
            kind: WarehouseType::Sales,
            is_default,
        }
    }

    fn outcomes(configured: &[&str], found: &[Warehouse]) -> Vec<Outcome> {
        let configured: Vec<WarehouseId> = configured.iter().map(|id| WarehouseId::new(*id)).collect();
        warehouses(&configured, found)
            .iter()
            .map(|check| check.outcome)
            .collect()
    }

    #[test]
    fn every_warehouse_of_ours_has_its_line_e143() {
        use Outcome::{Failed, Passed, Warning};
        let found = [
            warehouse("1", "ENABLED", true),
            warehouse("2", "DISABLED", false),
            warehouse("3", "RESTRICTED", false),
        ];
        assert_eq!(outcomes(&[], &found), [Passed]);
        assert_eq!(
            outcomes(&["1", "2", "3", "4"], &found),
            [Passed, Failed, Warning, Failed],
            "E143"
        );
        assert_eq!(outcomes(&[], &found[1..]), [Failed], "no default");
    }

    #[test]
    fn a_consent_near_its_end_is_a_warning_and_each_missing_scope_is_named() {
        let now = DateTime::from_timestamp(1_767_574_842, 0).expect("a valid instant");
        let tokens = |days| StoredTokens {
            access: Secret::new("a"),
            access_expires_at: now,
            refresh: None,
            refresh_expires_at: Some(now + TimeDelta::days(days)),
            scopes: Vec::new(),
            seed_hash: String::new(),
            updated_at: now,
        };
        assert_eq!(consent(Some(&tokens(8)), now).outcome, Outcome::Passed);
        assert_eq!(consent(Some(&tokens(6)), now).outcome, Outcome::Warning);
        assert_eq!(consent(None, now).outcome, Outcome::Warning);
        assert_eq!(granted_scopes(&[]), None, "not known is not missing");
        let check = granted_scopes(&["seller.order.info".to_owned()]).expect("a check");
        assert_eq!(check.outcome, Outcome::Failed);
        assert!(
            check.text.contains("seller.product.write (writing stock)") && !check.text.contains("seller.order.info")
        );
    }

    #[test]
    fn an_option_without_carriers_fails_and_no_option_yet_is_a_warning() {
        assert_eq!(providers(0, 0, &[]).outcome, Outcome::Warning);
        assert_eq!(providers(2, 9, &[]).outcome, Outcome::Passed);
        assert_eq!(providers(2, 9, &["7".to_owned()]).outcome, Outcome::Failed);
    }
}
