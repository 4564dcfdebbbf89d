//! `mcf check`: proves settings, credentials, clock, rights, shop, shipping providers, marketplace and stock, each failure with its fix.

use serde::Serialize;

use super::check_mappings::{check_listings, check_mappings};
use super::{Error, Session};
use crate::domain::ids::AmazonSku;
use crate::domain::shop::Warehouse;
use crate::tiktok::{Class, Tiktok};

/// Variants that one line names.
const NAMED_MAX: usize = 5;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is as it should be.
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
            Self::Failed => "FAILED",
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
    pub text: String,
    /// What to type or change, where it failed.
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
}

/// Looks at what lies on this machine: the database and its key.
///
/// # Errors
/// When the database is unusable.
pub fn machine(session: &Session) -> Result<Vec<Check>, Error> {
    let findings = session.store.integrity()?;
    let path = session.store.path().display();
    Ok(vec![if findings.is_empty() {
        Check::pass("database", format!("{path} is whole"))
    } else {
        Check::fail(
            "database",
            findings.join("; "),
            format!("mcf restore BACKUP --db {path} --force"),
        )
    }])
}

/// Looks at the mappings: each Amazon SKU must be one that Amazon's inventory lists, and each live variant at TikTok should be mapped.
///
/// # Errors
/// When the database is unusable.
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
        Err(Error::Config(error)) => return Ok(vec![Check::fail("mappings", error.to_string(), error.help())]),
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
        Err(Error::Amazon(error)) => vec![Check::fail("mappings", error.to_string(), amazon_help())],
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
        Err(error) => Some(Check::warn(NAME, error.to_string(), tiktok_help(&error))),
    })
}

/// Looks at TikTok: clock, app, token, shop, warehouse, orders, cancellations, shipping providers.
///
/// # Errors
/// When the database is unusable.
pub fn tiktok(session: &Session) -> Result<Vec<Check>, Error> {
    let mut checks = Vec::new();
    let client = match session.tiktok() {
        Ok(client) => client,
        Err(error) => {
            checks.push(Check::fail("tiktok.shop", error.to_string(), tiktok_help(&error)));
            return Ok(checks);
        }
    };
    let region = session.shop(&client)?.region;
    let shop = session.settings.tiktok.credentials_beside_stored_tokens()?.shop_id;
    checks.push(Check::pass(
        "tiktok.shop",
        format!("the token opens shop {shop} ({region})"),
    ));
    checks.push(match client.warehouses() {
        Ok(warehouses) => warehouse(session, &warehouses),
        Err(error) => Check::fail("tiktok.warehouse", error.to_string(), tiktok_help(&error.into())),
    });
    let now = session.now();
    let query = crate::tiktok::OrderQuery {
        updated_from: now - chrono::TimeDelta::hours(1),
        updated_to: now,
        status: None,
        cancel_requested: None,
    };
    checks.push(match client.search_orders(&query, None) {
        Ok(_) => Check::pass("tiktok.orders", "orders can be read"),
        Err(error) => Check::fail("tiktok.orders", error.to_string(), tiktok_help(&error.into())),
    });
    checks.push(
        match client.search_cancellations(&crate::tiktok::CancellationQuery::default(), None) {
            Ok(_) => Check::pass("tiktok.cancellations", "cancellation requests can be read"),
            Err(error) => Check::fail("tiktok.cancellations", error.to_string(), tiktok_help(&error.into())),
        },
    );
    checks.push(providers(session, &client)?);
    Ok(checks)
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
        Err(error) => Check::fail(NAME, error.to_string(), tiktok_help(&error.into())),
    })
}

/// The warehouse that shows Amazon's stock: the configured one, or the shop's default.
fn warehouse(session: &Session, warehouses: &[Warehouse]) -> Check {
    const NAME: &str = "tiktok.warehouse";
    let sales: Vec<&Warehouse> = warehouses.iter().filter(|warehouse| warehouse.shows_stock()).collect();
    let default = sales.iter().find(|warehouse| warehouse.is_default);
    match (&session.settings.inventory.tiktok_warehouse_id, default) {
        (Some(id), _) if warehouses.iter().any(|warehouse| warehouse.id == *id) => {
            Check::pass(NAME, format!("stock is written to warehouse {id}, as configured"))
        }
        (Some(id), _) => {
            let ids: Vec<&str> = sales.iter().map(|warehouse| warehouse.id.as_str()).collect();
            let help = format!("set [inventory] tiktok_warehouse_id to one of: {}", ids.join(", "));
            Check::fail(NAME, format!("the shop has no warehouse {id}"), help)
        }
        (None, Some(default)) => Check::pass(NAME, format!("stock is written to {} ({})", default.name, default.id)),
        (None, None) => Check::fail(
            NAME,
            "the shop has no enabled default sales warehouse",
            "enable one in TikTok's Seller Center, or set [inventory] tiktok_warehouse_id",
        ),
    }
}

fn tiktok_help(error: &Error) -> String {
    match error {
        Error::Config(error) => error.help(),
        Error::ShopNotFound { .. } => "set tiktok.shop_id (TIKTOK_SHOP_ID) to a shop that the token opens".to_owned(),
        Error::Tiktok(error) => match error.class() {
            Class::ScopeMissing => {
                "add the scope to the app in Partner Center and let the seller authorise it again".to_owned()
            }
            Class::ClockSkew => "set this machine's clock: timedatectl set-ntp true".to_owned(),
            Class::SignatureRefused => "check tiktok.app_key and tiktok.app_secret".to_owned(),
            Class::TokenExpired | Class::TokenRefused | Class::ConsentNeeded => {
                "authorise the app again and put the new tokens into tiktok.access_token and tiktok.refresh_token"
                    .to_owned()
            }
            Class::IpNotAllowed => "add this machine's address to the app's list in Partner Center".to_owned(),
            _ => "run `mcf check tiktok -v` again later".to_owned(),
        },
        _ => "run `mcf check tiktok -v` again later".to_owned(),
    }
}

/// Looks at Amazon: credentials, marketplace, the right to fulfill, stock.
///
/// # Errors
/// When the database is unusable.
pub fn amazon(session: &Session) -> Result<Vec<Check>, Error> {
    let mut checks = Vec::new();
    let client = match session.amazon() {
        Ok(client) => client,
        Err(Error::Config(error)) => {
            checks.push(Check::fail("amazon.credentials", error.to_string(), error.help()));
            return Ok(checks);
        }
        Err(error) => return Err(error),
    };
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
            checks.push(Check::fail("amazon.credentials", error.to_string(), amazon_help()));
            return Ok(checks);
        }
    }
    checks.push(match client.fulfillment_orders_since(session.now(), None) {
        Ok(_) => Check::pass("amazon.fulfillment", "fulfillment orders can be read"),
        Err(error) => Check::fail("amazon.fulfillment", error.to_string(), amazon_help()),
    });
    let skus: Vec<AmazonSku> = session.store.mapped_amazon_skus()?.into_iter().take(1).collect();
    if !skus.is_empty() {
        checks.push(match client.inventory(&skus) {
            Ok(_) => Check::pass("amazon.inventory", "FBA stock can be read"),
            Err(error) => Check::fail("amazon.inventory", error.to_string(), amazon_help()),
        });
    }
    Ok(checks)
}

fn amazon_help() -> String {
    "check amazon.client_id, client_secret and refresh_token, the role \"Amazon Fulfillment\" of the app, and amazon.region".to_owned()
}
