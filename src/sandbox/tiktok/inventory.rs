//! Inventory Search, Update Inventory, Deactivate Products.

use serde_json::{Value, json};

use super::super::World;
use super::super::http::Request;
use super::{Answer, Outcome, Product, Refusal, Shop, Sku, Warehouse, body, texts};

const QUANTITY_MAX: u64 = 99_999;

/// Answers `POST /product/202309/inventory/search`: no paging, `sku_ids` win over `product_ids`.
pub(super) fn search(shop: &Shop, request: &Request) -> Answer {
    let body = body(request)?;
    let (sku_ids, product_ids) = (texts(&body, "sku_ids", 600)?, texts(&body, "product_ids", 100)?);
    if sku_ids.is_empty() && product_ids.is_empty() {
        return Err(Refusal::missing("sku_ids"));
    }
    let asked = |product: &Product, sku: &Sku| match sku_ids.is_empty() {
        true => product_ids.contains(&product.id),
        false => sku_ids.contains(&sku.id),
    };
    let inventory = shop.products.iter().filter_map(|product| {
        let skus: Vec<Value> = product
            .skus
            .iter()
            .filter(|sku| asked(product, sku))
            .map(|sku| stock_of(shop, sku))
            .collect();
        (!skus.is_empty()).then(|| json!({ "product_id": product.id, "skus": skus }))
    });
    Ok(Outcome::read(json!({ "inventory": inventory.collect::<Vec<_>>() })))
}

fn stock_of(shop: &Shop, sku: &Sku) -> Value {
    let total: u32 = sku.stock.values().sum();
    let committed = |warehouse_id: Option<&str>| {
        let open = shop.orders.values().filter(|order| {
            let is_open = matches!(
                order.status.as_str(),
                "UNPAID" | "ON_HOLD" | "AWAITING_SHIPMENT" | "PARTIALLY_SHIPPING"
            );
            is_open && warehouse_id.is_none_or(|id| id == order.warehouse_id)
        });
        let lines = open.flat_map(|order| order.live_lines());
        lines
            .filter(|line| line.sku_id == sku.id && line.package_id.is_none())
            .count()
    };
    let warehouses = sku.stock.iter().map(|(warehouse_id, quantity)| {
        json!({ "warehouse_id": warehouse_id, "available_quantity": quantity, "committed_quantity": committed(Some(warehouse_id)) })
    });
    json!({
        "id": sku.id,
        "seller_sku": sku.seller_sku,
        "total_available_quantity": total,
        "total_committed_quantity": committed(None),
        "warehouse_inventory": warehouses.collect::<Vec<_>>(),
        "total_available_inventory_distribution": {
            "in_shop_inventory": { "quantity": total }, "campaign_inventory": [], "creator_inventory": [],
        },
    })
}

/// A stock update that is refused for one SKU: the warehouse it is about, code, message.
type SkuError = (Option<String>, i64, String);

/// Answers `POST /product/202309/products/{product_id}/inventory/update`: absolute values, errors per SKU inside of code 0.
pub(super) fn update(world: &mut World, request: &Request) -> Answer {
    let body = body(request)?;
    let forget = world.settings.stock_updates_forgotten > 0;
    let zero_refused = world.settings.zero_stock_refused;
    let shop = &mut world.tiktok;
    let product = shop
        .products
        .iter_mut()
        .find(|product| product.id == request.segment(3));
    let product = product.ok_or_else(|| Refusal::new(12_052_048, "The product does not exist."))?;
    if product.status != "ACTIVATE" {
        return Err(Refusal::new(
            12_052_901,
            "The product's status does not allow a stock update.",
        ));
    }
    let updates = body
        .get("skus")
        .and_then(Value::as_array)
        .filter(|skus| !skus.is_empty());
    let (mut errors, mut accepted) = (Vec::new(), 0_u32);
    for update in updates.ok_or_else(|| Refusal::missing("skus"))? {
        let sku_id = super::required(update, "id")?;
        let sku = product.skus.iter_mut().find(|sku| sku.id == sku_id);
        let sku = sku.ok_or_else(|| Refusal::new(12_052_036, "The SKU does not belong to the product."))?;
        match check(sku, &shop.warehouses, update, zero_refused)? {
            Err(error) => errors.push(sku_error(sku_id, error)),
            Ok(stock) => {
                accepted += 1;
                if !forget {
                    sku.stock.extend(stock);
                }
            }
        }
    }
    world.settings.stock_updates_forgotten = world.settings.stock_updates_forgotten.saturating_sub(1);
    let data = if errors.is_empty() {
        json!({})
    } else {
        json!({ "errors": errors })
    };
    Ok(Outcome {
        data,
        effect: accepted > 0 && !forget,
    })
}

fn sku_error(sku_id: &str, (warehouse_id, code, message): SkuError) -> Value {
    let extra = json!({ "warehouse_id": warehouse_id.unwrap_or_default(), "code": code, "message": message });
    json!({ "code": 12_052_990, "message": "Check failed", "detail": { "sku_id": sku_id, "extra_errors": [extra] } })
}

type Stock = Vec<(String, u32)>;

/// Checks the update of one SKU. The outer error refuses the whole request, the inner one this SKU.
fn check(
    sku: &Sku,
    warehouses: &[Warehouse],
    update: &Value,
    zero_refused: bool,
) -> Result<Result<Stock, SkuError>, Refusal> {
    let entries = update.get("inventory").and_then(Value::as_array);
    let entries = entries.ok_or_else(|| Refusal::missing("skus.inventory"))?;
    let mut stock: Stock = Vec::new();
    for entry in entries {
        let only = (sku.stock.len() == 1)
            .then(|| sku.stock.keys().next().cloned())
            .flatten();
        let named = entry.get("warehouse_id").and_then(Value::as_str).map(str::to_owned);
        let warehouse_id = named
            .or(only)
            .ok_or_else(|| Refusal::missing("skus.inventory.warehouse_id"))?;
        let quantity = entry.get("quantity").and_then(Value::as_u64);
        match quantity.filter(|quantity| *quantity <= QUANTITY_MAX && !(zero_refused && *quantity == 0)) {
            Some(quantity) => stock.push((warehouse_id, u32::try_from(quantity).unwrap_or(u32::MAX))),
            None => {
                return Ok(Err((
                    Some(warehouse_id),
                    12_019_024,
                    "The stock count is invalid.".into(),
                )));
            }
        }
    }
    Ok(check_sku(sku, warehouses, stock))
}

fn check_sku(sku: &Sku, warehouses: &[Warehouse], stock: Stock) -> Result<Stock, SkuError> {
    if let Some((code, message)) = &sku.refusal {
        return Err((None, *code, message.clone()));
    }
    if sku.is_bundle {
        return Err((None, 12_052_850, "The stock of a bundle can't be edited.".into()));
    }
    if sku.stock.keys().any(|id| !stock.iter().any(|(named, _)| named == id)) {
        return Err((None, 12_019_028, "All warehouses of the SKU must be listed.".into()));
    }
    for (warehouse_id, quantity) in &stock {
        let Some(current) = sku.stock.get(warehouse_id) else {
            return Err((
                Some(warehouse_id.clone()),
                12_052_530,
                "The warehouse does not belong to the SKU.".into(),
            ));
        };
        let disabled = warehouses
            .iter()
            .any(|entry| entry.id == *warehouse_id && entry.effect_status == "DISABLED");
        if disabled && current != quantity {
            return Err((
                Some(warehouse_id.clone()),
                12_052_531,
                "The warehouse is disabled.".into(),
            ));
        }
    }
    Ok(stock)
}

/// Answers `POST /product/202309/products/deactivate`.
pub(super) fn deactivate(shop: &mut Shop, request: &Request) -> Answer {
    let ids = texts(&body(request)?, "product_ids", 20)?;
    if ids.is_empty() {
        return Err(Refusal::missing("product_ids"));
    }
    for product in shop.products.iter_mut().filter(|product| ids.contains(&product.id)) {
        product.status = "SELLER_DEACTIVATED".to_owned();
    }
    Ok(Outcome::changed(json!({})))
}
