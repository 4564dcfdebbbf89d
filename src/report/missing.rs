//! `mcf mappings missing`: the products that no mapping names and that orders wait for.

use std::collections::BTreeMap;

use serde::Serialize;

use super::SCHEMA;
use super::text::{Layout, View};
use crate::domain::ids::{AmazonSku, SellerSku, TiktokSkuId};
use crate::domain::inventory::StockFigure;
use crate::domain::mapping::{Missing, missing};
use crate::store::{Result, Store};

/// What is not mapped, the most wanted first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingReport {
    /// The version of this document.
    pub schema: u32,
    /// One entry for each variant.
    pub missing: Vec<MissingListing>,
}

/// A variant that no mapping names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MissingListing {
    /// The variant.
    pub tiktok_sku_id: TiktokSkuId,
    /// The seller's text for it.
    pub seller_sku: Option<SellerSku>,
    /// The listing's name.
    pub product_name: Option<String>,
    /// How many orders wait for it.
    pub waiting_orders: usize,
    /// What to type next, but for the Amazon SKU at its end where nothing tells it.
    pub next_command: String,
}

impl MissingReport {
    /// Reads what no mapping names of the orders that were not sent.
    pub fn read(store: &Store) -> Result<Self> {
        let lines = store.unsent_lines()?;
        let (mappings, stock) = (store.mappings_of(&lines)?, store.stock()?);
        Ok(Self {
            schema: SCHEMA,
            missing: missing(&lines, &mappings)
                .into_iter()
                .map(|missing| listing(missing, &stock))
                .collect(),
        })
    }

    /// Writes it as text: for people the lines to paste stand below the table, where nothing breaks them.
    #[must_use]
    pub fn text(&self, view: &View) -> String {
        let headers = ["waiting", "tiktok sku", "seller sku", "product"];
        let rows: Vec<_> = self.missing.iter().map(|listing| listing.cells(view)).collect();
        let table = view.table(&headers, &rows);
        if view.layout == Layout::Pipe || self.missing.is_empty() {
            return table;
        }
        let lines = self.missing.iter().map(|listing| format!("{}\n", listing.next_command));
        format!(
            "{table}\nMap each by a line of these, with the SKU at Amazon at its end (mcf mappings suggest looks for it):\n{}",
            lines.collect::<String>()
        )
    }
}

impl MissingListing {
    fn cells(&self, view: &View) -> Vec<String> {
        let command = (view.layout == Layout::Pipe).then(|| self.next_command.clone());
        let seller_sku = self.seller_sku.as_ref().map(ToString::to_string);
        let cells = [
            self.waiting_orders.to_string(),
            self.tiktok_sku_id.to_string(),
            seller_sku.unwrap_or_default(),
            self.product_name.clone().unwrap_or_default(),
        ];
        cells.into_iter().chain(command).collect()
    }
}

fn listing(missing: Missing, stock: &BTreeMap<AmazonSku, StockFigure>) -> MissingListing {
    MissingListing {
        next_command: missing.add_line(|sku| stock.contains_key(sku)),
        tiktok_sku_id: missing.variant.sku_id,
        seller_sku: missing.variant.seller_sku,
        product_name: missing.variant.product_name,
        waiting_orders: missing.waiting_orders,
    }
}
