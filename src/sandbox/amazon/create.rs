//! createFulfillmentOrder: the checks of a create request and the create modes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::http::{Reply, Request};
use super::super::{CreateMode, StockShortage, World};
use super::address::check_address;
use super::features;
use super::{Account, Answer, Ending, FulfillmentOrder, Item, OrderStatus, Plan, Refusal};

const LINES_MAX: usize = 100;
const UNITS_MAX: u32 = 250;

const FIELDS: [&str; 16] = [
    "sellerFulfillmentOrderId",
    "displayableOrderId",
    "displayableOrderDate",
    "displayableOrderComment",
    "shippingSpeedCategory",
    "destinationAddress",
    "items",
    "marketplaceId",
    "fulfillmentAction",
    "fulfillmentPolicy",
    "featureConstraints",
    "notificationEmails",
    "shipFromCountryCode",
    "deliveryWindow",
    "deliveryPreferences",
    "codSettings",
];

/// Answers `POST /fba/outbound/2020-07-01/fulfillmentOrders`.
pub(super) fn create(world: &mut World, request: &Request) -> Answer {
    let body = request.json().filter(Value::is_object);
    let body = body.ok_or_else(|| Refusal::input("The request body is not valid JSON."))?;
    check_head(&body, &world.amazon)?;
    // A plus is turned into a blank, and such an order can't be read any more (models issue 5374).
    let id = text(&body, "sellerFulfillmentOrderId")?.replace('+', " ");
    check_address(&body["destinationAddress"])?;
    let items = read_items(&body, &world.amazon)?;
    if world.amazon.order(&id).is_some() {
        match world.settings.create_mode {
            CreateMode::KeepFirst => return Ok(Reply::json(200, &json!({}))),
            CreateMode::CreateAgain => (),
            CreateMode::RefuseSecond
            | CreateMode::HiddenAtFirst
            | CreateMode::AcceptedThenInvalid
            | CreateMode::AcceptedThenNormal
            | CreateMode::AnswersOtherId
            | CreateMode::ShowsOtherItems => {
                let message = format!("A create request already exists for MerchantFulfillmentOrderId : {id}");
                return Err(Refusal::input(message));
            }
        }
    }
    let required = features::required(&body)?;
    let lacks = features::lacking(&world.amazon, &required, &items);
    let is_refused_late = world.settings.features_are_refused_late;
    if let Some((feature, sku)) = lacks.filter(|_| !is_refused_late) {
        let message =
            format!("Value {feature} for parameter FeatureName is invalid. Reason: SellerSKU {sku} is not eligible.");
        return Err(Refusal::input(message));
    }
    let is_invalid = lacks.is_some();
    accept(world, id, body, items, is_invalid)
}

fn accept(world: &mut World, id: String, body: Value, items: Vec<Item>, is_invalid: bool) -> Answer {
    let now = world.now();
    let mode = world.settings.create_mode;
    let short = shortage(&world.amazon, &items);
    if let Some(sku) = short
        .as_ref()
        .filter(|_| world.settings.stock_shortage == StockShortage::Refused)
    {
        return Err(Refusal::input(format!(
            "There is not enough sellable inventory for SellerSKU {sku}."
        )));
    }
    let mut plan = planned(&world.amazon, &id, &body);
    if short.is_some() {
        plan.ending = Ending::Unfulfillable;
    } else if is_invalid || mode == CreateMode::AcceptedThenInvalid {
        plan.ending = Ending::Invalid;
    }
    reserve(&mut world.amazon, &items);
    let hidden = mode == CreateMode::HiddenAtFirst;
    world.amazon.orders.push(FulfillmentOrder {
        id,
        request: body,
        received_at: now,
        visible_from: if hidden { now + world.settings.hidden_for } else { now },
        status: OrderStatus::Received,
        status_updated_at: now,
        items,
        shipments: Vec::new(),
        cancel_requested: false,
        plan,
    });
    Ok(created(mode).with_effect(true))
}

fn created(mode: CreateMode) -> Reply {
    match mode {
        CreateMode::AcceptedThenInvalid | CreateMode::AcceptedThenNormal => Reply::json(202, &json!({})),
        CreateMode::AnswersOtherId => Reply::json(
            200,
            &json!({ "payload": { "sellerFulfillmentOrderId": "TTS-999999999999999999" } }),
        ),
        CreateMode::RefuseSecond
        | CreateMode::KeepFirst
        | CreateMode::CreateAgain
        | CreateMode::HiddenAtFirst
        | CreateMode::ShowsOtherItems => Reply::json(200, &json!({})),
    }
}

fn planned(account: &Account, id: &str, body: &Value) -> Plan {
    let shown_id = body["displayableOrderId"].as_str().unwrap_or_default();
    let plan = account.plans.get(id).or_else(|| account.plans.get(shown_id));
    plan.cloned().unwrap_or_default()
}

/// Returns a SKU of which there is not enough.
fn shortage(account: &Account, items: &[Item]) -> Option<String> {
    let wanted = |sku: &str| {
        items
            .iter()
            .filter(|item| item.sku == sku)
            .map(|item| item.quantity)
            .sum::<u32>()
    };
    let short = |item: &&Item| {
        account
            .stock
            .get(&item.sku)
            .is_some_and(|stock| stock.fulfillable < wanted(&item.sku))
    };
    items.iter().find(short).map(|item| item.sku.clone())
}

fn reserve(account: &mut Account, items: &[Item]) {
    for item in items {
        if let Some(stock) = account.stock.get_mut(&item.sku) {
            let taken = item.quantity.min(stock.fulfillable);
            stock.fulfillable -= taken;
            stock.reserved += taken;
        }
    }
}

fn check_head(body: &Value, account: &Account) -> Result<(), Refusal> {
    let unknown = body
        .as_object()
        .and_then(|map| map.keys().find(|key| !FIELDS.contains(&key.as_str())));
    if let Some(key) = unknown {
        return Err(Refusal::input(format!("Request has invalid parameter: {{{key}}}")));
    }
    for (field, most) in [
        ("sellerFulfillmentOrderId", 40),
        ("displayableOrderId", 40),
        ("displayableOrderComment", 750),
        ("displayableOrderDate", 40),
        ("shippingSpeedCategory", 20),
    ] {
        let value = text(body, field)?;
        if value.chars().count() > most {
            return Err(Refusal::invalid_value(value, field));
        }
    }
    let date = text(body, "displayableOrderDate")?;
    if chrono::DateTime::parse_from_rfc3339(date).is_err() {
        return Err(Refusal::input("timestamp must follow ISO8601"));
    }
    let shown_id = text(body, "displayableOrderId")?;
    if shown_id.contains("  ") || shown_id.chars().any(|character| u32::from(character) > 0xFF) {
        return Err(Refusal::invalid_value(shown_id, "DisplayableOrderId"));
    }
    check_words(body, account)
}

fn check_words(body: &Value, account: &Account) -> Result<(), Refusal> {
    let words: [(&str, &[&str]); 4] = [
        ("shippingSpeedCategory", &["Standard", "Expedited", "Priority"]),
        ("fulfillmentAction", &["Ship", "Hold"]),
        ("fulfillmentPolicy", &["FillOrKill", "FillAll", "FillAllAvailable"]),
        ("marketplaceId", &[account.marketplace_id.as_str()]),
    ];
    for (field, allowed) in words {
        match body.get(field) {
            None => (),
            Some(Value::String(word)) if allowed.contains(&word.as_str()) => (),
            Some(other) => return Err(Refusal::invalid_value(&other.to_string(), field)),
        }
    }
    Ok(())
}

/// Reads the items of a create or preview request.
pub(super) fn read_items(body: &Value, account: &Account) -> Result<Vec<Item>, Refusal> {
    let list = body.get("items").and_then(Value::as_array);
    let list = list.ok_or_else(|| Refusal::input("The request must contain the parameter Items."))?;
    if list.is_empty() || list.len() > LINES_MAX {
        return Err(Refusal::input(
            "Value for parameter Items is invalid. Reason: InvalidValue.",
        ));
    }
    let items = list.iter().map(|item| read_item(item, account));
    let items: Vec<Item> = items.collect::<Result<_, Refusal>>()?;
    let ids: BTreeSet<&str> = items.iter().map(|item| item.id.as_str()).collect();
    if ids.len() != items.len() {
        return Err(Refusal::input(
            "The SellerFulfillmentOrderItemId must be unique within the order.",
        ));
    }
    if items.iter().map(|item| item.quantity).fold(0, u32::saturating_add) > UNITS_MAX {
        return Err(Refusal::input(format!("The order has more than {UNITS_MAX} units.")));
    }
    Ok(items)
}

const ITEM_FIELDS: [&str; 7] = [
    "sellerSku",
    "sellerFulfillmentOrderItemId",
    "quantity",
    "giftMessage",
    "displayableComment",
    "fulfillmentNetworkSku",
    "perUnitDeclaredValue",
];

fn read_item(item: &Value, account: &Account) -> Result<Item, Refusal> {
    let unknown = item
        .as_object()
        .and_then(|map| map.keys().find(|key| !ITEM_FIELDS.contains(&key.as_str())));
    if let Some(key) = unknown {
        return Err(Refusal::input(format!(
            "Request has invalid parameter: {{Items.{key}}}"
        )));
    }
    let (id, sku) = (text(item, "sellerFulfillmentOrderItemId")?, text(item, "sellerSku")?);
    if id.len() > 50 {
        return Err(Refusal::invalid_value(id, "SellerFulfillmentOrderItemId"));
    }
    if sku.chars().count() > 50 || !account.stock.contains_key(sku) {
        return Err(Refusal::input(format!("the SellerSKU for Item Id: {id} is invalid.")));
    }
    let quantity = item
        .get("quantity")
        .and_then(Value::as_u64)
        .and_then(|quantity| u32::try_from(quantity).ok());
    let quantity = quantity.filter(|quantity| *quantity > 0);
    let quantity = quantity.ok_or_else(|| Refusal::input("Value AllQuantityZero for parameter  is invalid."))?;
    if let Some(money) = item.get("perUnitDeclaredValue") {
        let value = money.get("value").and_then(Value::as_str);
        if value.is_none_or(|value| value.parse::<f64>().is_err()) || money["currencyCode"].as_str().is_none() {
            return Err(Refusal::input("missing value for decimal type"));
        }
    }
    Ok(Item {
        sku: sku.to_owned(),
        id: id.to_owned(),
        quantity,
        cancelled: 0,
        unfulfillable: 0,
    })
}

/// Reads a required text.
fn text<'body>(body: &'body Value, field: &str) -> Result<&'body str, Refusal> {
    match body.get(field) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text),
        Some(Value::String(text)) => Err(Refusal::invalid_value(text, field)),
        Some(_) | None => Err(Refusal::input(format!(
            "The request must contain the parameter {field}."
        ))),
    }
}
