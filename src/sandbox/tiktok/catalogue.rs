//! What the shop is: authorised shops, warehouses, shipping providers, listings.

use serde_json::{Value, json};

use super::super::World;
use super::super::http::Request;
use super::super::page;
use super::{Answer, Outcome, Product, ProviderOption, Refusal, Shop, Sku, Warehouse, body, page_size, texts};

const PAGE_SIZE_MAX: usize = 100;

/// Answers `GET /authorization/202309/shops`.
pub(super) fn shops(shop: &Shop) -> Outcome {
    let own = json!({
        "id": shop.id, "name": shop.name, "region": shop.region, "seller_type": "LOCAL", "cipher": shop.cipher,
        "code": "USLCEXAMPLE1",
    });
    let other = json!({
        "id": "7495000000000000002", "name": "Example Lamp Co UK", "region": "GB", "seller_type": "LOCAL",
        "cipher": "ROW_b71RfwAAAAAq0tNc3zLwV8dYkE5uJm2H", "code": "GBLCEXAMPLE2",
    });
    Outcome::read(json!({ "shops": [own, other] }))
}

/// Answers `GET /logistics/202309/warehouses`.
pub(super) fn warehouses(shop: &Shop) -> Outcome {
    let list: Vec<Value> = shop.warehouses.iter().map(warehouse).collect();
    Outcome::read(json!({ "warehouses": list }))
}

fn warehouse(warehouse: &Warehouse) -> Value {
    json!({
        "id": warehouse.id,
        "entity_id": "7395366865142499073",
        "name": warehouse.name,
        "effect_status": warehouse.effect_status,
        "type": warehouse.kind,
        "sub_type": "DOMESTIC_WAREHOUSE",
        "is_default": warehouse.is_default,
        // "distict" is TikTok's spelling.
        "address": { "region": "United States", "state": "California", "city": "San Jose", "distict": "Santa Clara", "region_code": "US" },
    })
}

/// Answers `GET /logistics/202309/warehouses/{id}/delivery_options`: every warehouse offers all of them.
pub(super) fn delivery_options(shop: &Shop) -> Outcome {
    let option = |(id, providers): (&String, &Vec<ProviderOption>)| {
        let (name, kind) = match providers.is_empty() {
            true => ("Shipped by platform", "STANDARD"),
            false => ("Standard Shipping", "SEND_BY_SELLER"),
        };
        json!({ "id": id, "name": name, "type": kind })
    };
    let list: Vec<Value> = shop.delivery_options.iter().map(option).collect();
    Outcome::read(json!({ "delivery_options": list }))
}

/// Answers `GET /logistics/202309/delivery_options/{id}/shipping_providers`.
pub(super) fn shipping_providers(shop: &Shop, request: &Request) -> Answer {
    let option_id = request.segment(3);
    let Some(providers) = shop.delivery_options.get(option_id) else {
        return Err(Refusal::new(21_008_116, "The delivery option does not exist."));
    };
    if providers.is_empty() {
        return Err(Refusal::new(21_008_117, "The delivery option is fulfilled by TikTok."));
    }
    let list: Vec<Value> = providers
        .iter()
        .map(|provider| json!({ "id": provider.id, "name": provider.name }))
        .collect();
    Ok(Outcome::read(json!({ "shipping_providers": list })))
}

/// Answers `POST /product/202502/products/search`.
pub(super) fn search_products(world: &World, request: &Request) -> Answer {
    let page_size = page_size(request, PAGE_SIZE_MAX)?;
    let body = body(request)?;
    let (sku_ids, seller_skus) = (texts(&body, "sku_ids", 10)?, texts(&body, "seller_skus", 10)?);
    let status = body
        .get("status")
        .and_then(Value::as_str)
        .filter(|status| *status != "ALL");
    let asked = |sku: &Sku| {
        (sku_ids.is_empty() || sku_ids.contains(&sku.id))
            && (seller_skus.is_empty() || seller_skus.contains(&sku.seller_sku))
    };
    let matches =
        |product: &&Product| status.is_none_or(|status| status == product.status) && product.skus.iter().any(asked);
    let found: Vec<&Product> = world.tiktok.products.iter().filter(matches).collect();
    let total = found.len();
    let page = page::cut(
        found,
        request.query("page_token"),
        page_size,
        world.settings.empty_pages,
    )
    .ok_or_else(|| Refusal::request("Invalid parameter: page_token is invalid"))?;
    let products: Vec<Value> = page.items.into_iter().map(product).collect();
    let next = page.next.unwrap_or_default();
    Ok(Outcome::read(
        json!({ "products": products, "next_page_token": next, "total_count": total }),
    ))
}

fn product(product: &Product) -> Value {
    let skus: Vec<Value> = product
        .skus
        .iter()
        .map(|sku| {
            let stock = sku.stock.iter();
            let inventory: Vec<Value> = stock
                .map(|(warehouse_id, quantity)| json!({ "warehouse_id": warehouse_id, "quantity": quantity }))
                .collect();
            json!({ "id": sku.id, "seller_sku": sku.seller_sku, "inventory": inventory })
        })
        .collect();
    json!({ "id": product.id, "title": product.title, "status": product.status, "skus": skus })
}
