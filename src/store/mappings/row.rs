//! One row of the mappings, both ways. Columns go by position here: a million rows are read in one import.

use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::{AmazonSku, ProductId, SellerSku, TiktokSkuId};
use crate::domain::mapping::{Column, MappingKey, MappingRow, skeleton};
use crate::store::engine::{Batch, Connection, Row, Type, Value};

/// What a file says in one row, in the order of [`read_row`] and [`values`].
pub(super) const COLUMNS: &str = "tiktok_sku_id, seller_sku, tiktok_product_id, amazon_sku, quantity, bundle, \
    shipping_speed, safety_stock, enabled, line, key_kind, key";

/// How many they are.
const WIDTH: usize = 12;

/// Takes the staged rows; each is pushed by [`stage`].
pub(super) fn staging(connection: &Connection) -> Batch<'_> {
    Batch::new(connection, format!("staged_mappings ({COLUMNS})"), WIDTH)
}

/// Takes those that will be in force; each is pushed by [`insert`].
pub(super) fn insertion(connection: &Connection) -> Batch<'_> {
    let into = format!("mappings ({COLUMNS}, from_import, seller_skeleton, amazon_skeleton)");
    Batch::new(connection, into, WIDTH + 3)
}

/// Returns the stored name of a key's kind.
pub(super) fn kind_of(key: &MappingKey) -> &'static str {
    key.column().name()
}

/// Reads the [`COLUMNS`] of a row.
pub(super) fn read_row(row: &Row<'_>) -> rusqlite::Result<MappingRow> {
    let (key, also) = read_keys(row)?;
    Ok(MappingRow {
        key,
        also,
        amazon_sku: AmazonSku::new(row.get::<_, String>(3)?),
        quantity: row.get(4)?,
        bundle: row.get(5)?,
        shipping_speed: row.get::<_, Option<String>>(6)?.map(|word| ShippingSpeed::read(&word)),
        safety_stock: row.get(7)?,
        enabled: row.get(8)?,
        line: row.get::<_, i64>(9)?.unsigned_abs(),
    })
}

/// The most specific filled key is the one that counts.
fn read_keys(row: &Row<'_>) -> rusqlite::Result<(MappingKey, Vec<MappingKey>)> {
    let text = |column: usize| row.get::<_, Option<String>>(column);
    let variant = text(0)?.map(|id| MappingKey::TiktokSku(TiktokSkuId::new(id)));
    let seller_sku = text(1)?.map(|text| MappingKey::SellerSku(SellerSku::new(text)));
    let product = text(2)?.map(|id| MappingKey::Product(ProductId::new(id)));
    let mut keys = [variant, seller_sku, product].into_iter().flatten();
    match keys.next() {
        Some(key) => Ok((key, keys.collect())),
        None => Err(rusqlite::Error::InvalidColumnType(0, "key".to_owned(), Type::Null)),
    }
}

fn values(row: &MappingRow) -> Vec<Value> {
    vec![
        filled(row, Column::TiktokSkuId).into(),
        filled(row, Column::SellerSku).into(),
        filled(row, Column::TiktokProductId).into(),
        row.amazon_sku.to_string().into(),
        row.quantity.into(),
        row.bundle.clone().into(),
        row.shipping_speed.as_ref().map(ToString::to_string).into(),
        row.safety_stock.into(),
        row.enabled.into(),
        row.line.cast_signed().into(),
        kind_of(&row.key).to_owned().into(),
        row.key.as_str().to_owned().into(),
    ]
}

fn filled(row: &MappingRow, column: Column) -> Option<String> {
    row.key_of(column).map(str::to_owned)
}

/// Adds a row to [`staging`].
pub(super) fn stage(rows: &mut Batch<'_>, row: &MappingRow) -> rusqlite::Result<()> {
    rows.push(values(row)).map(drop)
}

/// Adds a row to [`insertion`].
pub(super) fn insert(rows: &mut Batch<'_>, row: &MappingRow, import: i64) -> rusqlite::Result<()> {
    let seller_skeleton = filled(row, Column::SellerSku).as_deref().map(skeleton);
    let own = [
        import.into(),
        seller_skeleton.into(),
        skeleton(row.amazon_sku.as_str()).into(),
    ];
    rows.push(values(row).into_iter().chain(own)).map(drop)
}
