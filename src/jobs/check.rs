//! `mcf check`: proves settings, credentials, clock, rights, shop, shipping providers, marketplace and stock, each failure with its fix.
//!
//! A vendor's refusal is a failed check; only where the database is unusable there is an error and no list.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::check_mappings::{check_listings, check_mappings};
use super::help::CLOCK_HELP;
use super::{Error, Session, store_behind, tokens};
use crate::domain::ids::{AmazonSku, WarehouseId};
use crate::domain::shop::{Warehouse, WarehouseStatus};
use crate::error_chain::causes;
use crate::secret::Secret;
use crate::store::StoredTokens;
use crate::tiktok::Tiktok;

/// Variants that one line names.
const NAMED_MAX: usize = 5;

/// A consent that ends so soon is worth a word.
const CONSENT_NEAR_END: TimeDelta = TimeDelta::days(7);

/// The name of the check of the warehouse.
const WAREHOUSE: &str = "tiktok.warehouse";

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is as it should be.
    #[serde(rename = "ok")]
    Passed,
    /// It works, and a person should know.
    Warning,
    /// It must be mended.
    Failed,
}

impl Outcome {
    /// Returns the word shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// What was proven, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at, e.g. `tiktok.shop`.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub outcome: Outcome,
    /// What was found, for a person.
    #[serde(rename = "message")]
    pub text: String,
    /// What to type or change, where it is not as it should be.
    #[serde(rename = "fix")]
    pub help: Option<String>,
}

impl Check {
    fn pass(name: &'static str, text: impl Into<String>) -> Self {
        Self {
            name,
            outcome: Outcome::Passed,
            text: text.into(),
            help: None,
        }
    }

    fn warn(name: &'static str, text: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Warning,
            ..Self::fail(name, text, help)
        }
    }

    fn fail(name: &'static str, text: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            name,
            outcome: Outcome::Failed,
            text: text.into(),
            help: Some(help.into()),
        }
    }

    /// What could not be looked at, with every cause.
    fn refused(name: &'static str, error: &Error) -> Self {
        Self {
            name,
            outcome: Outcome::Failed,
            text: causes(error),
            help: error.help(),
        }
    }
}

/// Looks at what lies on this machine: the database and its key.
pub fn machine(session: &Session) -> Result<Vec<Check>, Error> {
    let findings = session.store.integrity()?;
    let path = session.store.path().display();
    let mut checks = vec![if findings.is_empty() {
        Check::pass("database", format!("{path} is whole"))
    } else {
        Check::fail(
            "database",
            findings.join("; "),
            format!("mcf restore BACKUP --db {path} --force"),
        )
    }];
    let exposed = session.store.exposed_files();
    if !exposed.is_empty() {
        let files: Vec<String> = exposed.iter().map(|path| path.display().to_string()).collect();
        checks.push(Check::fail(
            "database.files",
            format!("open to others: {}", files.join(", ")),
            format!("chmod 600 {}", files.join(" ")),
        ));
    }
    Ok(checks)
}

/// Looks at the mappings: each Amazon SKU must be one that Amazon's inventory lists, and each live variant at TikTok should be mapped.
pub fn mappings(session: &Session) -> Result<Vec<Check>, Error> {
    let skus = session.store.mapped_amazon_skus()?.len();
    if skus == 0 {
        let help = "mcf mappings import mappings.csv";
        return Ok(vec![Check::fail(
            "mappings",
            "nothing is mapped; every order would be flagged",
            help,
        )]);
    }
    let client = match session.amazon() {
        Ok(client) => client,
        Err(error @ Error::Config(_)) => return Ok(vec![Check::refused("mappings", &error)]),
        Err(error) => return Err(error),
    };
    let mut checks = match check_mappings(&session.store, &client) {
        Ok(findings) if findings.is_empty() => {
            vec![Check::pass("mappings", format!("Amazon lists all {skus} mapped SKUs"))]
        }
        Ok(findings) => findings
            .iter()
            .map(|finding| {
                Check::fail(
                    "mappings",
                    finding.to_string(),
                    "correct it and run: mcf mappings import mappings.csv",
                )
            })
            .collect(),
        Err(error @ Error::Amazon(_)) => vec![Check::refused("mappings", &error)],
        Err(error) => return Err(error),
    };
    checks.extend(listings(session)?);
    Ok(checks)
}

/// A listing that no mapping names may be meant for another warehouse: a person should know, and nothing is wrong. Without TikTok's
/// credentials nothing is said; the part about TikTok does.
fn listings(session: &Session) -> Result<Option<Check>, Error> {
    const NAME: &str = "mappings.listings";
    let help = "mcf mappings check names them all; map them, or import them with enabled = false";
    Ok(match check_listings(session) {
        Ok(findings) if findings.is_empty() => Some(Check::pass(NAME, "every live listing at TikTok is mapped")),
        Ok(findings) => {
            let first: Vec<String> = findings.iter().take(NAMED_MAX).map(ToString::to_string).collect();
            let more = match findings.len().saturating_sub(NAMED_MAX) {
                0 => String::new(),
                more => format!("; and {more} more"),
            };
            Some(Check::warn(NAME, format!("{}{more}", first.join("; ")), help))
        }
        Err(Error::Config(_)) => None,
        Err(Error::Store(error)) => return Err(error.into()),
        Err(error) => Some(Check {
            outcome: Outcome::Warning,
            ..Check::refused(NAME, &error)
        }),
    })
}

/// Looks at TikTok: app and consent by a fresh token, shop, warehouse, orders, cancellations, shipping providers.
pub fn tiktok(session: &Session) -> Result<Vec<Check>, Error> {
    let mut checks = match tokens::prove_tiktok(session) {
        Ok(proof) => vec![consent(proof.as_ref(), session.now())],
        Err(error) => return not_proven("tiktok.credentials", error).map(|check| vec![check]),
    };
    let client = session.tiktok_without_shop()?;
    let known = match session.ask_for_shop(&client) {
        Ok(known) => known,
        Err(error) => {
            checks.push(not_proven("tiktok.shop", error)?);
            return Ok(checks);
        }
    };
    let shop = session.settings.tiktok.credentials_beside_stored_tokens()?.shop_id;
    checks.push(Check::pass(
        "tiktok.shop",
        format!("the token opens shop {shop} ({})", known.region),
    ));
    let client = client.with_shop(Secret::new(known.cipher));
    checks.push(match client.warehouses() {
        Ok(warehouses) => warehouse(session, &warehouses),
        Err(error) => Check::refused("tiktok.warehouse", &error.into()),
    });
    checks.push(Check::pass(
        "tiktok.restock",
        "Amazon's figure is the only one: in Seller Center, restocking of cancelled orders should be off; \
         sync-inventory takes back what TikTok adds",
    ));
    let now = session.now();
    let query = crate::tiktok::OrderQuery {
        updated_from: now - TimeDelta::hours(1),
        updated_to: now,
        status: None,
        cancel_requested: None,
    };
    checks.push(match client.search_orders(&query, None) {
        Ok(_) => Check::pass("tiktok.orders", "orders can be read"),
        Err(error) => Check::refused("tiktok.orders", &error.into()),
    });
    checks.push(
        match client.search_cancellations(&crate::tiktok::CancellationQuery::default(), None) {
            Ok(_) => Check::pass("tiktok.cancellations", "cancellation requests can be read"),
            Err(error) => Check::refused("tiktok.cancellations", &error.into()),
        },
    );
    checks.push(providers(session, &client)?);
    Ok(checks)
}

/// What could not be proven, with its fix; a database that is unusable ends the check.
fn not_proven(name: &'static str, error: Error) -> Result<Check, Error> {
    match store_behind(&error) {
        Some(store) if store.is_unusable() => Err(error),
        _ => Ok(Check::refused(name, &error)),
    }
}

/// What a fresh pair of tokens says, or that none could be asked for.
fn consent(fresh: Option<&StoredTokens>, now: DateTime<Utc>) -> Check {
    const NAME: &str = "tiktok.credentials";
    let help = "let the seller authorise the app again and put the new tokens into tiktok.access_token and tiktok.refresh_token";
    let Some(tokens) = fresh else {
        return Check::warn(
            NAME,
            "there is no refresh token: the access token can't be renewed",
            help,
        );
    };
    match tokens.refresh_expires_at {
        Some(end) if end - now < CONSENT_NEAR_END => {
            Check::warn(NAME, format!("the seller's consent ends on {}", end.date_naive()), help)
        }
        Some(_) | None => Check::pass(NAME, "TikTok gave a fresh token"),
    }
}

/// The shipping providers: a right that is missing here would show only when the first parcel has left. They can be read for a
/// delivery option, which only orders name.
fn providers(session: &Session, client: &Tiktok) -> Result<Check, Error> {
    const NAME: &str = "tiktok.providers";
    let Some(option) = session.store.newest_delivery_option()? else {
        let help = "run `mcf check tiktok` again after the first order";
        return Ok(Check::warn(
            NAME,
            "not known yet: no order has named a delivery option",
            help,
        ));
    };
    Ok(match client.shipping_providers(&option) {
        Ok(providers) if providers.is_empty() => Check::fail(
            NAME,
            format!("TikTok offers no shipping provider for delivery option {option}"),
            "enable Seller Shipping for the shop in TikTok's Seller Center",
        ),
        Ok(providers) => Check::pass(NAME, format!("{} shipping providers can be read", providers.len())),
        Err(error) => Check::refused(NAME, &error.into()),
    })
}

/// The warehouse that shows Amazon's stock: the configured one, or the shop's default.
fn warehouse(session: &Session, warehouses: &[Warehouse]) -> Check {
    let sales: Vec<&Warehouse> = warehouses.iter().filter(|warehouse| warehouse.shows_stock()).collect();
    let default = sales.iter().find(|warehouse| warehouse.is_default);
    let configured = &session.settings.inventory.tiktok_warehouse_ids;
    let found = |id: &WarehouseId| warehouses.iter().find(|warehouse| warehouse.id == *id);
    if let Some(id) = configured.iter().find(|id| found(id).is_none()) {
        let ids: Vec<&str> = sales.iter().map(|warehouse| warehouse.id.as_str()).collect();
        let help = format!(
            "set [inventory] tiktok_warehouse_ids to one or more of: {}",
            ids.join(", ")
        );
        return Check::fail(WAREHOUSE, format!("the shop has no warehouse {id}"), help);
    }
    let ours: Vec<&Warehouse> = configured.iter().filter_map(found).collect();
    if let Some(check) = ours
        .iter()
        .filter_map(|warehouse| restriction(warehouse))
        .max_by_key(|check| check.outcome)
    {
        return check;
    }
    match (ours.first().or(default), configured.is_empty()) {
        (Some(ours), false) => shown_in(ours, "as configured"),
        (Some(default), true) => restriction(default).unwrap_or_else(|| shown_in(default, "the shop's default")),
        (None, _) => Check::fail(
            WAREHOUSE,
            "the shop has no enabled default sales warehouse",
            "enable one in TikTok's Seller Center, or set [inventory] tiktok_warehouse_ids",
        ),
    }
}

fn shown_in(warehouse: &Warehouse, why: &str) -> Check {
    let Warehouse { id, name, .. } = warehouse;
    Check::pass(WAREHOUSE, format!("stock is written to {name} ({id}), {why}"))
}

/// Tells where TikTok sells nothing from a warehouse of ours, for now or until somebody acts.
fn restriction(warehouse: &Warehouse) -> Option<Check> {
    let Warehouse { id, name, status, .. } = warehouse;
    let help = "look at the warehouse in TikTok's Seller Center, under Shipping";
    match status {
        WarehouseStatus::Enabled => None,
        WarehouseStatus::Disabled => Some(Check::fail(
            WAREHOUSE,
            format!("TikTok has disabled warehouse {name} ({id}): nothing is sold from it"),
            help,
        )),
        other => Some(Check::warn(
            WAREHOUSE,
            format!("TikTok says {other} of warehouse {name} ({id}): nothing is sold from it for now"),
            help,
        )),
    }
}

/// Looks at this machine's clock, by the times that the vendors' answers bear (E111). Nothing is said before one has answered.
pub fn clock(session: &Session) -> Option<Check> {
    const NAME: &str = "clock";
    if session.clock.is_moved() && session.sender.clock_lead().is_none() {
        return Some(Check::pass(NAME, "set by MCF_NOW, and not ahead of the vendors'"));
    }
    let lead = session.sender.clock_lead()?;
    Some(match session.clock_warning() {
        Some(warning) => Check::warn(NAME, warning, CLOCK_HELP),
        None => Check::pass(
            NAME,
            format!("at most {} s from the vendors'", lead.num_seconds().abs() + 1),
        ),
    })
}

/// Looks at Amazon: credentials by a fresh token, marketplace, the right to fulfill, stock.
pub fn amazon(session: &Session) -> Result<Vec<Check>, Error> {
    let mut checks = match tokens::prove_amazon(session) {
        Ok(()) => vec![Check::pass("amazon.credentials", "Amazon gave a fresh token")],
        Err(error) => return not_proven("amazon.credentials", error).map(|check| vec![check]),
    };
    let client = session.amazon()?;
    let wanted = &session.settings.amazon.marketplace_id;
    match client.marketplaces() {
        Ok(marketplaces) => {
            let found = marketplaces.iter().find(|marketplace| marketplace.id == *wanted);
            checks.push(match found {
                Some(found) if found.is_participating != Some(false) => Check::pass(
                    "amazon.marketplace",
                    format!("the seller sells in {} ({wanted})", found.name),
                ),
                Some(found) => Check::fail(
                    "amazon.marketplace",
                    format!("the seller does not sell in {} ({wanted})", found.name),
                    "activate the marketplace in Seller Central, or set amazon.marketplace_id",
                ),
                None => Check::fail(
                    "amazon.marketplace",
                    format!("the account has no marketplace {wanted}"),
                    "set amazon.marketplace_id (AMAZON_MARKETPLACE_ID) and amazon.region to the account's own",
                ),
            });
        }
        Err(error) => {
            checks.push(Check::refused("amazon.marketplace", &error.into()));
            return Ok(checks);
        }
    }
    checks.push(match client.fulfillment_orders_since(session.now(), None) {
        Ok(_) => Check::pass("amazon.fulfillment", "fulfillment orders can be read"),
        Err(error) => Check::refused("amazon.fulfillment", &error.into()),
    });
    let skus: Vec<AmazonSku> = session.store.mapped_amazon_skus()?.into_iter().take(1).collect();
    if !skus.is_empty() {
        checks.push(match client.inventory(&skus) {
            Ok(_) => Check::pass("amazon.inventory", "FBA stock can be read"),
            Err(error) => Check::refused("amazon.inventory", &error.into()),
        });
    }
    Ok(checks)
}
