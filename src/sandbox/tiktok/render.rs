//! Orders as TikTok shows them: addresses empty on hold and masked where the "recipient address masking" page says so.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::super::calendar::on_business_day;
use super::{Address, Line, Order, Package, Shop};

/// Which call shows the order. Only the detail call has the parts of bundles.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    List,
    Detail,
}

/// Shows an order.
pub(super) fn order(shop: &Shop, order: &Order, view: View, now: DateTime<Utc>) -> Value {
    let packages: Vec<&Package> = shop
        .packages
        .values()
        .filter(|package| package.order_id == order.id)
        .collect();
    let mut fields = Map::new();
    fields.extend(object(identity(order)));
    fields.extend(object(shipping(order, &packages)));
    fields.extend(object(times(order)));
    fields.insert("payment".into(), payment(order));
    fields.insert("recipient_address".into(), recipient(order, now));
    let lines = order.lines.iter().map(|entry| line(shop, entry, view));
    fields.insert("line_items".into(), lines.collect());
    fields.extend(order.overrides.clone());
    Value::Object(fields)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

fn identity(order: &Order) -> Value {
    let mut fields = json!({
        "id": order.id,
        "user_id": "7021436810468230477",
        "buyer_email": "v330477@chat.seller.tiktok.com",
        "buyer_message": order.buyer_message,
        "seller_note": "",
        "commerce_platform": "TIKTOK_SHOP",
        "order_type": order.order_type,
        "status": order.status,
        "is_on_hold_order": order.is_on_hold_order,
        "is_buyer_request_cancel": order.cancel_requested_at.is_some(),
        "is_cod": false,
        "is_sample_order": false,
        "is_refundable_sample": false,
        "is_replacement_order": false,
        "is_exchange_order": false,
        "has_updated_recipient_address": false,
        "authentication_required": false,
        "fast_delivery_program": "",
        "payment_method_name": "Credit/debit card",
    });
    if let Some(requested_at) = order.cancel_requested_at {
        fields["request_cancel_time"] = json!(requested_at.timestamp());
    }
    if let Some(by) = &order.cancelled_by {
        fields["cancellation_initiator"] = json!(by);
        fields["cancel_time"] = json!(order.updated_at.timestamp());
    }
    fields
}

fn shipping(order: &Order, packages: &[&Package]) -> Value {
    let first = packages.first();
    let ids: Vec<Value> = packages.iter().map(|package| json!({ "id": package.id })).collect();
    let mut fields = json!({
        "fulfillment_type": order.fulfillment_type,
        "shipping_type": order.shipping_type,
        "delivery_type": "HOME_DELIVERY",
        "delivery_option_id": order.delivery_option_id,
        "delivery_option_name": "Standard Shipping",
        "warehouse_id": order.warehouse_id,
        "packages": ids,
        "tracking_number": first.map_or("", |package| package.tracking_number.as_str()),
        "shipping_provider_id": first.map_or("", |package| package.provider_id.as_str()),
        "shipping_provider": "",
    });
    if packages.len() > 1 || order.status == "PARTIALLY_SHIPPING" {
        fields["split_or_combine_tag"] = json!("SPLIT");
    }
    fields
}

fn times(order: &Order) -> Value {
    let start = order.paid_at.unwrap_or(order.created_at);
    let day_ends = |days| on_business_day(start, days, (23, 59, 59)).timestamp();
    let after = |days: i64| (start + TimeDelta::days(days)).timestamp();
    let mut fields = json!({
        "create_time": order.created_at.timestamp(),
        "update_time": order.updated_at.timestamp(),
        "rts_sla_time": day_ends(2),
        "tts_sla_time": day_ends(2),
        "delivery_sla_time": day_ends(6),
        "delivery_option_required_delivery_time": after(8),
        "shipping_due_time": day_ends(7),
        "collection_due_time": day_ends(7),
        "delivery_due_time": after(37),
        "cancel_order_sla_time": 0,
    });
    if let Some(paid_at) = order.paid_at {
        fields["paid_time"] = json!(paid_at.timestamp());
    }
    if let Some(shipped_at) = order.shipped_at {
        fields["rts_time"] = json!(shipped_at.timestamp());
    }
    fields
}

fn payment(order: &Order) -> Value {
    let cents: i64 = order.lines.iter().map(|line| cents(&line.price)).sum();
    let total = format!("{}.{:02}", cents / 100, cents % 100);
    json!({
        "currency": "USD",
        "original_total_product_price": total,
        "sub_total": total,
        "shipping_fee": "0",
        "tax": "0",
        "seller_discount": "0",
        "platform_discount": "0",
        "total_amount": total,
    })
}

fn cents(price: &str) -> i64 {
    let (whole, fraction) = price.split_once('.').unwrap_or((price, "0"));
    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
    number(whole) * 100 + number(&format!("{fraction:0<2}"))
}

fn line(shop: &Shop, line: &Line, view: View) -> Value {
    let package = line.package_id.as_ref().and_then(|id| shop.packages.get(id));
    let mut fields = json!({
        "id": line.id,
        "product_id": line.product_id,
        "product_name": line.product_name,
        "sku_id": line.sku_id,
        "sku_name": "Default",
        "seller_sku": line.seller_sku,
        "sku_type": "NORMAL",
        "original_price": line.price,
        "sale_price": if line.is_gift { "0" } else { &line.price },
        "currency": "USD",
        "is_gift": line.is_gift,
        "is_dangerous_good": false,
        "display_status": line.display_status,
        "package_status": if package.is_some() { "PROCESSING" } else { "TO_FULFILL" },
        "tracking_number": package.map_or("", |package| package.tracking_number.as_str()),
        "shipping_provider_id": package.map_or("", |package| package.provider_id.as_str()),
        "shipping_provider_name": "",
    });
    if !line.listing_type.is_empty() {
        fields["product_listing_type"] = json!(line.listing_type);
    }
    if let Some(package) = package {
        fields["package_id"] = json!(package.id);
        fields["rts_time"] = json!(package.shipped_at.timestamp());
    }
    if view == View::Detail && !line.components.is_empty() {
        let parts = line.components.iter().map(|part| {
            json!({ "product_id": part.product_id, "sku_id": part.sku_id, "seller_sku": part.seller_sku, "sku_count": part.count })
        });
        fields["combined_listing_skus"] = parts.collect();
    }
    fields
}

fn recipient(order: &Order, now: DateTime<Utc>) -> Value {
    let old = order.status == "COMPLETED" && order.updated_at + TimeDelta::days(30) <= now;
    let hidden = matches!(order.status.as_str(), "UNPAID" | "CANCELLED");
    if order.status == "ON_HOLD" {
        address(&Address::default())
    } else if hidden || old || order.shipping_type == "TIKTOK" {
        address(&masked(&order.address))
    } else {
        address(&order.address)
    }
}

fn masked(address: &Address) -> Address {
    let stars = |text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            "***".to_owned()
        }
    };
    Address {
        name: initials(&address.name),
        phone: masked_phone(&address.phone),
        line1: initials(&address.line1),
        line2: stars(&address.line2),
        city: stars(&address.city),
        postal_code: stars(&address.postal_code),
        ..address.clone()
    }
}

fn initials(text: &str) -> String {
    let words = text
        .split_whitespace()
        .map(|word| word.chars().take(1).collect::<String>() + "***");
    words.collect::<Vec<_>>().join(" ")
}

fn masked_phone(phone: &str) -> String {
    match (phone.get(..7), phone.get(phone.len().saturating_sub(4)..)) {
        (Some(head), Some(tail)) => format!("{head}-***-{tail}"),
        _ => "***".to_owned(),
    }
}

fn address(address: &Address) -> Value {
    let (first_name, last_name) = address.name.split_once(' ').unwrap_or((&address.name, ""));
    let level = |level: &str, kind: &str, name: &str, code: &str| json!({ "address_level": level, "address_level_name": kind, "address_name": name, "iso_code": code });
    let districts = if address.region_code.is_empty() {
        Vec::new()
    } else {
        vec![
            level("L0", "Country", "United States", &address.region_code),
            level("L1", "State", &address.state, &address.state_code),
            level("L2", "County", &address.county, ""),
            level("L3", "City", &address.city, ""),
        ]
    };
    json!({
        "name": address.name,
        "first_name": first_name,
        "last_name": last_name,
        "first_name_local_script": "",
        "last_name_local_script": "",
        "phone_number": address.phone,
        "address_line1": address.line1,
        "address_line2": address.line2,
        "address_line3": "",
        "address_line4": " ",
        "address_detail": format!("{} {}", address.line1, address.line2).trim(),
        "full_address": format!("{} {} {}", address.state, address.city, address.line1).trim(),
        "district_info": districts,
        "postal_code": address.postal_code,
        "region_code": address.region_code,
        "post_town": "",
        "delivery_preferences": { "drop_off_location": "" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_leaves_initials_the_area_code_and_the_last_four_digits() {
        let address = Address {
            name: "Dana Whitfield".into(),
            phone: "(+1)2135550147".into(),
            ..Address::default()
        };
        let masked = masked(&address);
        assert_eq!(
            (masked.name.as_str(), masked.phone.as_str()),
            ("D*** W***", "(+1)213-***-0147")
        );
    }
}
