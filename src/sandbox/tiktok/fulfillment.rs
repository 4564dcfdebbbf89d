//! Mark Package As Shipped, the one correction of a tracking number, Get Package Detail.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::World;
use super::super::http::Request;
use super::{Answer, CancelStatus, Order, Outcome, Package, Refusal, Shop, body, required, texts};

const CORRECTION_HOURS_MAX: i64 = 72;
const ORDERS_PER_NUMBER_MAX: usize = 20;
const STRIKES_MAX: u32 = 5;

/// Answers `POST /fulfillment/202309/orders/{order_id}/packages`.
pub(super) fn mark_shipped(world: &mut World, request: &Request) -> Answer {
    let now = world.now();
    let body = body(request)?;
    let number = required(&body, "tracking_number")?.to_owned();
    let provider_id = required(&body, "shipping_provider_id")?.to_owned();
    let asked = texts(&body, "order_line_item_ids", 1000)?;
    let order = find(&world.tiktok, request.segment(3))?;
    check_state(&world.tiktok, order)?;
    let line_ids = check_lines(order, asked)?;
    check_number(&world.tiktok, order, None, (&number, &provider_id))?;
    let order_id = order.id.clone();
    let non_mcf = !world.amazon.knows_tracking_number(&number);
    let shop = &mut world.tiktok;
    reject_open_requests(shop, &order_id, now);
    let package = Package {
        id: format!("11539000000000{:05}", shop.serial()),
        order_id: order_id.clone(),
        line_ids: line_ids.clone(),
        tracking_number: number.clone(),
        provider_id: provider_id.clone(),
        shipped_at: now,
        corrected: false,
        non_mcf,
    };
    let mut data = json!({ "order_id": order_id, "order_line_item_ids": line_ids, "package_id": package.id });
    if let Some(message) = warning(shop, &order_id, &number, &provider_id) {
        data["warning"] = json!({ "message": message });
    }
    count_strike(shop, &order_id, non_mcf);
    ship(shop, package, now);
    Ok(Outcome::changed(data))
}

fn find<'shop>(shop: &'shop Shop, order_id: &str) -> Result<&'shop Order, Refusal> {
    let order = shop.orders.get(order_id);
    order.ok_or_else(|| Refusal::new(21_011_028, "The order does not belong to this shop."))
}

fn check_state(shop: &Shop, order: &Order) -> Result<(), Refusal> {
    if order.fulfillment_type != "FULFILLMENT_BY_SELLER" || order.shipping_type != "SELLER" {
        return Err(Refusal::new(21_008_025, "The order is shipped by the platform."));
    }
    if order.cancel_requested_at.is_some() && shop.region != "US" {
        return Err(Refusal::new(21_011_007, "The order has a pending cancellation."));
    }
    match order.status.as_str() {
        "AWAITING_SHIPMENT" | "PARTIALLY_SHIPPING" => Ok(()),
        "ON_HOLD" => Err(Refusal::new(21_011_044, "The order is on hold.")),
        "CANCELLED" => Err(Refusal::new(21_011_041, "The order is cancelled.")),
        "AWAITING_COLLECTION" | "IN_TRANSIT" | "DELIVERED" | "COMPLETED" => {
            Err(Refusal::new(21_008_099, "The order has been shipped already."))
        }
        _ => Err(Refusal::new(21_042_057, "The order is not awaiting shipment.")),
    }
}

/// Returns the units that the parcel takes.
fn check_lines(order: &Order, asked: Vec<String>) -> Result<Vec<String>, Refusal> {
    let open = || order.live_lines().filter(|line| line.package_id.is_none());
    if asked.is_empty() {
        return match open().count() {
            1 => Ok(open().map(|line| line.id.clone()).collect()),
            _ => Err(Refusal::new(
                21_011_048,
                "The order has several line items. Name those of this package.",
            )),
        };
    }
    if asked.iter().collect::<BTreeSet<_>>().len() != asked.len() {
        return Err(Refusal::new(21_001_001, "A line item is named twice."));
    }
    for id in &asked {
        let Some(line) = order.lines.iter().find(|line| line.id == *id) else {
            return Err(Refusal::new(21_011_029, "A line item is not part of the order."));
        };
        if line.display_status == "CANCELLED" {
            return Err(Refusal::new(21_011_042, "A line item is cancelled."));
        }
        if line.package_id.is_some() {
            return Err(Refusal::new(21_011_006, "A line item has been shipped already."));
        }
    }
    Ok(asked)
}

/// Checks the number and the carrier of a new parcel, or of the one that is corrected.
fn check_number(
    shop: &Shop,
    order: &Order,
    corrected: Option<&str>,
    (number, provider_id): (&str, &str),
) -> Result<(), Refusal> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    if !(4..=50).contains(&number.len()) || !number.bytes().all(allowed) {
        return Err(Refusal::new(
            21_004_012,
            "The tracking number has characters or a length that are not allowed.",
        ));
    }
    let providers = shop.delivery_options.get(&order.delivery_option_id);
    if !providers.is_some_and(|providers| providers.iter().any(|provider| provider.id == provider_id)) {
        return Err(Refusal::new(
            21_011_022,
            "The tracking number or the shipping provider is invalid.",
        ));
    }
    let used: Vec<&Package> = shop
        .packages
        .values()
        .filter(|package| package.tracking_number == number && corrected != Some(package.id.as_str()))
        .collect();
    if used.iter().any(|package| package.order_id == order.id) {
        return Err(Refusal::new(21_011_025, "The tracking number is a duplicate."));
    }
    let other_address = |package: &&Package| {
        shop.orders
            .get(&package.order_id)
            .is_some_and(|other| other.address != order.address)
    };
    if used.iter().any(other_address) {
        return Err(Refusal::new(21_034_012, "The tracking number has been used already."));
    }
    if used.len() >= ORDERS_PER_NUMBER_MAX {
        return Err(Refusal::new(21_011_026, "The tracking number has been used too often."));
    }
    Ok(())
}

/// In the US, shipping silently rejects what the buyer asked for.
fn reject_open_requests(shop: &mut Shop, order_id: &str, now: DateTime<Utc>) {
    let open = |entry: &&mut super::Cancellation| entry.order_id == order_id && entry.status == CancelStatus::Pending;
    for cancellation in shop.cancellations.iter_mut().filter(open) {
        cancellation.status = CancelStatus::Cancelled;
        cancellation.updated_at = now;
        cancellation.reject_reason = Some("seller_reject_apply_product_has_been_packed".to_owned());
    }
}

fn warning(shop: &Shop, order_id: &str, number: &str, provider_id: &str) -> Option<String> {
    if let Some(message) = shop.warnings.get(number) {
        return Some(message.clone());
    }
    let option_id = &shop.orders.get(order_id)?.delivery_option_id;
    let provider = shop
        .delivery_options
        .get(option_id)?
        .iter()
        .find(|entry| entry.id == provider_id)?;
    let looks_like = match number {
        _ if number.starts_with("TBA") => "Amazon Logistics",
        _ if number.starts_with("1Z") && number.len() == 18 => "UPS",
        _ => return None,
    };
    (provider.name != looks_like).then(|| {
        format!(
            "The tracking number you entered does not match your selected logistics provider. \
             Check the tracking number and logistics provider. Did you mean to select {looks_like}?"
        )
    })
}

/// TikTok switches an MCF warehouse off after five parcels that were none of MCF's (Amazon MCF Setup Guide).
fn count_strike(shop: &mut Shop, order_id: &str, non_mcf: bool) {
    let Some(warehouse_id) = shop.orders.get(order_id).map(|order| order.warehouse_id.clone()) else {
        return;
    };
    let warehouse = shop
        .warehouses
        .iter_mut()
        .find(|entry| entry.id == warehouse_id && entry.is_mcf);
    if let Some(warehouse) = warehouse.filter(|_| non_mcf) {
        shop.strikes += 1;
        if shop.strikes >= STRIKES_MAX {
            warehouse.effect_status = "DISABLED".to_owned();
        }
    }
}

fn ship(shop: &mut Shop, package: Package, now: DateTime<Utc>) {
    if let Some(order) = shop.orders.get_mut(&package.order_id) {
        for line in order
            .lines
            .iter_mut()
            .filter(|line| package.line_ids.contains(&line.id))
        {
            line.package_id = Some(package.id.clone());
            line.display_status = "AWAITING_COLLECTION".to_owned();
        }
        let open = order.live_lines().any(|line| line.package_id.is_none());
        order.set_status(
            if open {
                "PARTIALLY_SHIPPING"
            } else {
                "AWAITING_COLLECTION"
            },
            now,
        );
        order.shipped_at.get_or_insert(now);
        order.cancel_requested_at = None;
    }
    shop.packages.insert(package.id.clone(), package);
}

/// Answers `POST /fulfillment/202309/orders/{order_id}/shipping_info/update`, for orders with one parcel.
pub(super) fn update_order(world: &mut World, request: &Request) -> Answer {
    let order_id = find(&world.tiktok, request.segment(3))?.id.clone();
    let packages = world
        .tiktok
        .packages
        .values()
        .filter(|package| package.order_id == order_id);
    let ids: Vec<String> = packages.map(|package| package.id.clone()).collect();
    match ids.as_slice() {
        [] => Err(Refusal::new(21_011_043, "The order has not been shipped yet.")),
        [package_id] => correct(world, request, package_id),
        _ => Err(Refusal::new(21_011_003, "The order is split. Update the package.")),
    }
}

/// Answers `POST /fulfillment/202309/packages/{package_id}/shipping_info/update`.
pub(super) fn update_package(world: &mut World, request: &Request) -> Answer {
    correct(world, request, request.segment(3))
}

fn correct(world: &mut World, request: &Request, package_id: &str) -> Answer {
    let now = world.now();
    let body = body(request)?;
    let number = required(&body, "tracking_number")?;
    let provider_id = required(&body, "shipping_provider_id")?;
    let package = find_package(&world.tiktok, package_id)?;
    let order = find(&world.tiktok, &package.order_id)?;
    if matches!(order.status.as_str(), "DELIVERED" | "COMPLETED" | "CANCELLED") {
        return Err(Refusal::new(
            21_011_030,
            "The package is delivered or may not be changed.",
        ));
    }
    if package.shipped_at + TimeDelta::hours(CORRECTION_HOURS_MAX) < now {
        return Err(Refusal::new(21_011_049, "The time for a change is over."));
    }
    if package.corrected {
        return Err(Refusal::new(
            21_011_051,
            "The shipping information may be changed only once.",
        ));
    }
    check_number(&world.tiktok, order, Some(package_id), (number, provider_id))?;
    if let Some(package) = world.tiktok.packages.get_mut(package_id) {
        package.tracking_number = number.to_owned();
        package.provider_id = provider_id.to_owned();
        package.corrected = true;
    }
    Ok(Outcome::changed(json!({})))
}

fn find_package<'shop>(shop: &'shop Shop, package_id: &str) -> Result<&'shop Package, Refusal> {
    let package = shop.packages.get(package_id);
    package.ok_or_else(|| Refusal::new(21_008_111, "The package does not belong to this shop."))
}

/// Answers `GET /fulfillment/202309/packages/{package_id}`.
pub(super) fn package(shop: &Shop, request: &Request) -> Answer {
    let package = find_package(shop, request.segment(3))?;
    let tags: Vec<Value> = package.non_mcf.then(|| json!("NON_MCF")).into_iter().collect();
    Ok(Outcome::read(json!({
        "package_id": package.id,
        "package_status": "PROCESSING",
        "orders": [{ "id": package.order_id }],
        "order_line_item_ids": package.line_ids,
        "tracking_number": package.tracking_number,
        "shipping_provider_id": package.provider_id,
        "split_and_combine_tag": "DEFAULT",
        "biz_extension_tags": tags,
        "update_time": package.shipped_at.timestamp(),
    })))
}
