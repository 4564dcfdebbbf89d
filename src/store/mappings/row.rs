//! One row of the mappings, both ways.

use rusqlite::types::Type;
use rusqlite::{Row, Statement, named_params};

use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::{AmazonSku, ProductId, SellerSku, TiktokSkuId};
use crate::domain::mapping::{Column, MappingKey, MappingRow, skeleton};

/// Returns the stored name of a key's kind.
pub(super) fn kind_of(key: &MappingKey) -> &'static str {
    key.column().name()
}

/// Reads a row of `mappings` or of the staged ones.
pub(super) fn read_row(row: &Row<'_>) -> rusqlite::Result<MappingRow> {
    let (key, also) = read_keys(row)?;
    Ok(MappingRow {
        key,
        also,
        amazon_sku: AmazonSku::new(row.get::<_, String>("amazon_sku")?),
        quantity: row.get("quantity")?,
        bundle: row.get("bundle")?,
        shipping_speed: row
            .get::<_, Option<String>>("shipping_speed")?
            .map(|word| ShippingSpeed::read(&word)),
        safety_stock: row.get("safety_stock")?,
        enabled: row.get("enabled")?,
        line: row.get::<_, i64>("line")?.unsigned_abs(),
    })
}

/// The most specific filled key is the one that counts.
fn read_keys(row: &Row<'_>) -> rusqlite::Result<(MappingKey, Vec<MappingKey>)> {
    let text = |column: Column| row.get::<_, Option<String>>(column.name());
    let variant = text(Column::TiktokSkuId)?.map(|id| MappingKey::TiktokSku(TiktokSkuId::new(id)));
    let seller_sku = text(Column::SellerSku)?.map(|text| MappingKey::SellerSku(SellerSku::new(text)));
    let product = text(Column::TiktokProductId)?.map(|id| MappingKey::Product(ProductId::new(id)));
    let mut keys = [variant, seller_sku, product].into_iter().flatten();
    match keys.next() {
        Some(key) => Ok((key, keys.collect())),
        None => Err(rusqlite::Error::InvalidColumnType(0, "key".to_owned(), Type::Null)),
    }
}

/// Runs an [`insertion`].
pub(super) fn insert(statement: &mut Statement<'_>, row: &MappingRow, import: i64) -> rusqlite::Result<()> {
    let filled = |column| Some(row.cell(column)).filter(|text| !text.is_empty());
    let seller_sku = filled(Column::SellerSku);
    statement.execute(named_params! {
        ":import": import,
        ":key_kind": kind_of(&row.key),
        ":key": row.key.as_str(),
        ":tiktok_product_id": filled(Column::TiktokProductId),
        ":tiktok_sku_id": filled(Column::TiktokSkuId),
        ":seller_skeleton": seller_sku.as_deref().map(skeleton),
        ":seller_sku": seller_sku,
        ":amazon_sku": row.amazon_sku.as_str(),
        ":amazon_skeleton": skeleton(row.amazon_sku.as_str()),
        ":quantity": row.quantity,
        ":bundle": row.bundle,
        ":shipping_speed": row.shipping_speed.as_ref().map(ShippingSpeed::as_str),
        ":safety_stock": row.safety_stock,
        ":enabled": row.enabled,
        ":line": row.line.cast_signed(),
    })?;
    Ok(())
}

/// Returns the statement that adds a row to one of the two tables of rows.
pub(super) fn insertion(table: &str) -> String {
    format!(
        "INSERT INTO {table} (from_import, key_kind, key, tiktok_product_id, tiktok_sku_id, seller_sku, amazon_sku, quantity,
            bundle, shipping_speed, safety_stock, enabled, line, seller_skeleton, amazon_skeleton)
         VALUES (:import, :key_kind, :key, :tiktok_product_id, :tiktok_sku_id, :seller_sku, :amazon_sku, :quantity,
            :bundle, :shipping_speed, :safety_stock, :enabled, :line, :seller_skeleton, :amazon_skeleton)"
    )
}
