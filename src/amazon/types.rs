//! The wire: what Amazon's answers look like, as far as we read them. Private to this room.
//!
//! Every field is optional here, because live and example answers leave out fields that the models require (`marketplaceId`,
//! `isCODCapable`); `convert` names the ones that we can't do without. Unknown fields are ignored.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The frame of every answer of the Selling Partner API, good or bad.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub(super) struct Envelope<T> {
    pub payload: Option<T>,
    #[serde(default, deserialize_with = "tolerant")]
    pub errors: Option<Vec<VendorError>>,
    /// Beside the payload, not inside it (`getInventorySummaries`).
    #[serde(default, deserialize_with = "tolerant")]
    pub pagination: Option<Pagination>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct VendorError {
    #[serde(deserialize_with = "text")]
    pub code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub message: Option<String>,
    #[serde(deserialize_with = "text")]
    pub details: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pagination {
    #[serde(default, deserialize_with = "text")]
    pub next_token: Option<String>,
}

/// An answer of Login with Amazon, good or bad.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenAnswer {
    #[serde(deserialize_with = "text")]
    pub access_token: Option<String>,
    #[serde(deserialize_with = "text")]
    pub refresh_token: Option<String>,
    #[serde(deserialize_with = "number")]
    pub expires_in: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub error: Option<String>,
    #[serde(deserialize_with = "text")]
    pub error_description: Option<String>,
    #[serde(deserialize_with = "text")]
    pub request_id: Option<String>,
    /// A host of the Selling Partner API answers in its own frame.
    #[serde(deserialize_with = "tolerant")]
    pub errors: Option<Vec<VendorError>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Participation {
    #[serde(deserialize_with = "tolerant")]
    pub marketplace: Option<Marketplace>,
    #[serde(deserialize_with = "tolerant")]
    pub participation: Option<ParticipationFlags>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Marketplace {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub country_code: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ParticipationFlags {
    #[serde(deserialize_with = "tolerant")]
    pub is_participating: Option<bool>,
    #[serde(deserialize_with = "tolerant")]
    pub has_suspended_listings: Option<bool>,
}

/// The answer of a create or a cancel is `{}`; newer versions of the API name the order.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Accepted {
    #[serde(deserialize_with = "text")]
    pub seller_fulfillment_order_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OrderPayload {
    pub fulfillment_order: Option<Order>,
    pub fulfillment_order_items: Option<Vec<OrderItem>>,
    pub fulfillment_shipments: Option<Vec<Shipment>>,
    #[serde(deserialize_with = "tolerant")]
    pub return_items: Option<Vec<ReturnItem>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ReturnItem {
    #[serde(deserialize_with = "text")]
    pub seller_fulfillment_order_item_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OrderListPayload {
    pub fulfillment_orders: Option<Vec<Order>>,
    #[serde(deserialize_with = "text")]
    pub next_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Order {
    #[serde(deserialize_with = "text")]
    pub seller_fulfillment_order_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub displayable_order_id: Option<String>,
    /// UPPER_CASE in examples, CamelCase in the enum.
    #[serde(deserialize_with = "text")]
    pub fulfillment_order_status: Option<String>,
    #[serde(deserialize_with = "text")]
    pub received_date: Option<String>,
    #[serde(deserialize_with = "text")]
    pub status_updated_date: Option<String>,
    #[serde(deserialize_with = "tolerant")]
    pub destination_address: Option<Address>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Address {
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub address_line1: Option<String>,
    #[serde(deserialize_with = "text")]
    pub address_line2: Option<String>,
    #[serde(deserialize_with = "text")]
    pub address_line3: Option<String>,
    #[serde(deserialize_with = "text")]
    pub city: Option<String>,
    #[serde(deserialize_with = "text")]
    pub district_or_county: Option<String>,
    #[serde(deserialize_with = "text")]
    pub state_or_region: Option<String>,
    #[serde(deserialize_with = "text")]
    pub postal_code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub country_code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub phone: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OrderItem {
    #[serde(deserialize_with = "text")]
    pub seller_sku: Option<String>,
    #[serde(deserialize_with = "text")]
    pub seller_fulfillment_order_item_id: Option<String>,
    #[serde(deserialize_with = "number")]
    pub quantity: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub cancelled_quantity: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub unfulfillable_quantity: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Shipment {
    #[serde(deserialize_with = "text")]
    pub amazon_shipment_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub fulfillment_shipment_status: Option<String>,
    #[serde(deserialize_with = "text")]
    pub shipping_date: Option<String>,
    /// A list in spite of its name.
    pub fulfillment_shipment_item: Option<Vec<ShipmentItem>>,
    /// A list in spite of its name; absent until something is packed.
    pub fulfillment_shipment_package: Option<Vec<Package>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ShipmentItem {
    #[serde(deserialize_with = "text")]
    pub seller_sku: Option<String>,
    #[serde(deserialize_with = "text")]
    pub seller_fulfillment_order_item_id: Option<String>,
    #[serde(deserialize_with = "number")]
    pub quantity: Option<i64>,
    /// 0 before packing.
    #[serde(deserialize_with = "number")]
    pub package_number: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Package {
    #[serde(deserialize_with = "number")]
    pub package_number: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub carrier_code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub tracking_number: Option<String>,
    #[serde(deserialize_with = "text")]
    pub amazon_fulfillment_tracking_number: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TrackingPayload {
    #[serde(deserialize_with = "text")]
    pub tracking_number: Option<String>,
    /// Percent-encoded in Amazon's own example, and ending in `%0A`.
    #[serde(deserialize_with = "text")]
    pub customer_tracking_link: Option<String>,
    /// A name, in spite of its name.
    #[serde(deserialize_with = "text")]
    pub carrier_code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub ship_date: Option<String>,
    #[serde(deserialize_with = "text")]
    pub estimated_arrival_date: Option<String>,
    #[serde(deserialize_with = "text")]
    pub current_status: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PreviewPayload {
    pub fulfillment_previews: Option<Vec<Preview>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Preview {
    #[serde(deserialize_with = "text")]
    pub shipping_speed_category: Option<String>,
    #[serde(deserialize_with = "tolerant")]
    pub is_fulfillable: Option<bool>,
    #[serde(deserialize_with = "tolerant")]
    pub estimated_fees: Option<Vec<Fee>>,
    #[serde(deserialize_with = "tolerant")]
    pub fulfillment_preview_shipments: Option<Vec<PreviewShipment>>,
    #[serde(deserialize_with = "tolerant")]
    pub unfulfillable_preview_items: Option<Vec<UnfulfillableItem>>,
    #[serde(deserialize_with = "tolerant")]
    pub order_unfulfillable_reasons: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Fee {
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "tolerant")]
    pub amount: Option<Money>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Money {
    #[serde(deserialize_with = "text")]
    pub currency_code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub value: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PreviewShipment {
    #[serde(deserialize_with = "text")]
    pub latest_ship_date: Option<String>,
    #[serde(deserialize_with = "text")]
    pub latest_arrival_date: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UnfulfillableItem {
    #[serde(deserialize_with = "tolerant")]
    pub item_unfulfillable_reasons: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct InventoryPayload {
    pub inventory_summaries: Option<Vec<Summary>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Summary {
    #[serde(deserialize_with = "text")]
    pub seller_sku: Option<String>,
    /// May be an empty text.
    #[serde(deserialize_with = "text")]
    pub last_updated_time: Option<String>,
    #[serde(deserialize_with = "tolerant")]
    pub inventory_details: Option<InventoryDetails>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct InventoryDetails {
    #[serde(deserialize_with = "number")]
    pub fulfillable_quantity: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub inbound_working_quantity: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub inbound_shipped_quantity: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub inbound_receiving_quantity: Option<i64>,
    #[serde(deserialize_with = "tolerant")]
    pub reserved_quantity: Option<ReservedQuantity>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ReservedQuantity {
    #[serde(deserialize_with = "number")]
    pub total_reserved_quantity: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub pending_transshipment_quantity: Option<i64>,
}

/// Reads a text that may come as a whole number; never through a float. Anything else is `None`.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        Value::Number(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    })
}

/// Reads a whole number that may come as text. Anything else is `None`.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(text(deserializer)?.and_then(|text| text.trim().parse().ok()))
}

/// Reads something that we can do without: of another shape, it counts as absent.
fn tolerant<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(json: &str) -> ShipmentItem {
        serde_json::from_str(json).expect("an item")
    }

    #[test]
    fn ids_and_numbers_are_exact_whether_quoted_or_not() {
        let quoted = item(r#"{"sellerSku":"007","quantity":"3","packageNumber":"9007199254740993"}"#);
        let plain = item(r#"{"sellerSku":9007199254740993,"quantity":3,"packageNumber":9007199254740993}"#);
        assert_eq!(quoted.seller_sku.as_deref(), Some("007"));
        assert_eq!(plain.seller_sku.as_deref(), Some("9007199254740993"), "R7");
        assert_eq!(quoted.quantity, plain.quantity);
        assert_eq!(plain.package_number, Some(9_007_199_254_740_993));
    }

    #[test]
    fn what_is_no_whole_number_is_absent_not_zero() {
        for value in [
            "1.5",
            "null",
            "true",
            "[]",
            "\"\"",
            "\"many\"",
            "99999999999999999999999",
        ] {
            assert_eq!(
                item(&format!(r#"{{"quantity":{value}}}"#)).quantity,
                None,
                "R5: {value}"
            );
        }
    }
}
