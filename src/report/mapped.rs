//! The mappings as a page shows them: what is missing, what is in force, what came in lately.

use std::io::Write;

use serde::Serialize;

use super::JsonList;
use super::export::Written;
use super::missing::{MissingListing, MissingReport};
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::AmazonSku;
use crate::domain::mapping::{Column, MappingRow, write_csv};
use crate::store::{Result, Store, StoredImport};

/// How many rows are shown.
const ROWS_MAX: usize = 200;
/// How many imports are shown.
const IMPORTS_MAX: usize = 10;

/// A row in force, as JSON has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MappingDocument<'a> {
    tiktok_product_id: Option<&'a str>,
    tiktok_sku_id: Option<&'a str>,
    seller_sku: Option<&'a str>,
    amazon_sku: &'a AmazonSku,
    quantity: u32,
    bundle: Option<&'a str>,
    shipping_speed: Option<&'a str>,
    safety_stock: Option<u32>,
    enabled: bool,
}

impl<'a> From<&'a MappingRow> for MappingDocument<'a> {
    fn from(row: &'a MappingRow) -> Self {
        Self {
            tiktok_product_id: row.key_of(Column::TiktokProductId),
            tiktok_sku_id: row.key_of(Column::TiktokSkuId),
            seller_sku: row.key_of(Column::SellerSku),
            amazon_sku: &row.amazon_sku,
            quantity: row.quantity,
            bundle: row.bundle.as_deref(),
            shipping_speed: row.shipping_speed.as_ref().map(ShippingSpeed::as_str),
            safety_stock: row.safety_stock,
            enabled: row.enabled,
        }
    }
}

/// Writes the rows in force as CSV, in constant memory.
pub fn export_csv(store: &Store, output: &mut dyn Write) -> Result<Written> {
    store.with_mappings(|rows| Ok(write_csv(rows, output)?))
}

/// Writes the rows in force as one JSON document, in constant memory.
pub fn export_json(store: &Store, output: &mut dyn Write) -> Result<Written> {
    store.with_mappings(|rows| {
        let mut list = JsonList::of("mappings", output);
        for row in rows {
            list.add(&MappingDocument::from(&row))?;
        }
        list.end()
    })
}

/// The mappings.
#[derive(Debug, Clone)]
pub struct Mapped {
    /// What orders wait for, the most wanted first.
    pub missing: Vec<MissingListing>,
    /// Rows in force.
    pub rows: Vec<MappingRow>,
    /// Whether there are more of them.
    pub is_more: bool,
    /// The last imports, the newest first.
    pub imports: Vec<StoredImport>,
}

impl Mapped {
    /// Reads them; of the rows in force those that have a text in a key or an Amazon SKU.
    pub fn read(store: &Store, find: &str) -> Result<Self> {
        let find = find.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&find);
        let is_meant = |row: &MappingRow| has(row.key.as_str()) || has(row.amazon_sku.as_str());
        let mut rows = store.with_mappings(|rows| rows.filter(is_meant).take(ROWS_MAX + 1).collect::<Vec<_>>())?;
        let is_more = rows.len() > ROWS_MAX;
        rows.truncate(ROWS_MAX);
        let mut imports = store.mapping_imports()?;
        imports.truncate(IMPORTS_MAX);
        Ok(Self {
            missing: MissingReport::read(store)?.missing,
            rows,
            is_more,
            imports,
        })
    }
}
