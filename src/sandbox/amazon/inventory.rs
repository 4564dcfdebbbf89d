//! getInventorySummaries: unknown SKUs are absent, the token stands beside the payload and dies after 30 seconds.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::World;
use super::super::http::{Reply, Request};
use super::super::page;
use super::{Answer, Refusal, Stock};

const SKUS_MAX: usize = 50;
const TOKEN_SECONDS: i64 = 30;

/// Answers `GET /fba/inventory/v1/summaries`.
pub(super) fn summaries(world: &World, request: &Request) -> Answer {
    let now = world.now();
    check(request, &world.amazon.marketplace_id)?;
    let details = details(request)?;
    let asked = asked_skus(request)?;
    let token = match request.query("nextToken").filter(|token| !token.is_empty()) {
        None => None,
        Some(token) => Some(live_token(token, now)?),
    };
    let stock = world.amazon.stock.iter();
    let found = stock
        .filter(|(sku, _)| asked.as_ref().is_none_or(|asked| asked.contains(sku)))
        .collect();
    let page = page::cut(
        found,
        token,
        world.settings.amazon_page_size,
        world.settings.empty_pages,
    )
    .ok_or_else(|| Refusal::input("The nextToken is invalid."))?;
    let shown: Vec<Value> = page
        .items
        .into_iter()
        .map(|(sku, stock)| summary(sku, stock, details))
        .collect();
    let mut answer = json!({
        "payload": {
            "granularity": { "granularityType": "Marketplace", "granularityId": world.amazon.marketplace_id },
            "inventorySummaries": shown,
        },
    });
    if let Some(next) = page.next {
        answer["pagination"] = json!({ "nextToken": format!("{}~{next}", now.timestamp_millis()) });
    }
    Ok(Reply::json(200, &answer))
}

fn check(request: &Request, marketplace_id: &str) -> Result<(), Refusal> {
    let required = [
        ("granularityType", "Marketplace"),
        ("granularityId", marketplace_id),
        ("marketplaceIds", marketplace_id),
    ];
    for (name, value) in required {
        if request.query(name) != Some(value) {
            return Err(Refusal::input(format!(
                "The request must contain a valid parameter {name}."
            )));
        }
    }
    Ok(())
}

fn details(request: &Request) -> Result<bool, Refusal> {
    match request.query("details") {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Refusal::input(
            "Value for parameter details is invalid. Reason: InvalidValue.",
        )),
    }
}

/// Returns the SKUs that are asked for, or none for all. `sellerSkus` is cut at commas, `sellerSku` is not.
fn asked_skus(request: &Request) -> Result<Option<Vec<String>>, Refusal> {
    if request.query("startDateTime").is_some() {
        return Ok(None);
    }
    if let Some(sku) = request.query("sellerSku") {
        return Ok(Some(vec![sku.to_owned()]));
    }
    let Some(list) = request.query("sellerSkus").filter(|list| !list.is_empty()) else {
        return Ok(None);
    };
    let skus: Vec<String> = list.split(',').map(str::to_owned).collect();
    if skus.len() > SKUS_MAX {
        return Err(Refusal::input(format!(
            "The parameter sellerSkus holds more than {SKUS_MAX} values."
        )));
    }
    Ok(Some(skus))
}

fn live_token(token: &str, now: DateTime<Utc>) -> Result<&str, Refusal> {
    let (issued, rest) = token
        .split_once('~')
        .ok_or_else(|| Refusal::input("The nextToken is invalid."))?;
    let issued = issued.parse().ok().and_then(DateTime::from_timestamp_millis);
    match issued {
        Some(issued) if issued + TimeDelta::seconds(TOKEN_SECONDS) >= now => Ok(rest),
        Some(_) => Err(Refusal::input("The nextToken has expired.")),
        None => Err(Refusal::input("The nextToken is invalid.")),
    }
}

fn summary(sku: &str, stock: &Stock, details: bool) -> Value {
    let mut summary = json!({
        "asin": "B00EXAMPLE",
        "fnSku": "X000EXAMPLE",
        "sellerSku": sku,
        "condition": "NewItem",
        "lastUpdatedTime": "",
        "productName": stock.name,
        "totalQuantity": stock.fulfillable + stock.reserved + stock.in_transfer + stock.inbound,
    });
    if details {
        summary["inventoryDetails"] = json!({
            "fulfillableQuantity": stock.fulfillable,
            "inboundWorkingQuantity": 0,
            "inboundShippedQuantity": stock.inbound,
            "inboundReceivingQuantity": 0,
            "reservedQuantity": {
                "totalReservedQuantity": stock.reserved + stock.in_transfer,
                "pendingCustomerOrderQuantity": stock.reserved,
                "pendingTransshipmentQuantity": stock.in_transfer,
                "fcProcessingQuantity": 0,
            },
        });
    }
    summary
}
