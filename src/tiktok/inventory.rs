//! Stock at TikTok: reading it, and setting it to absolute figures.

use serde_json::{Value, json};

use super::client::{Call, Tiktok};
use super::{Class, Error, convert, operations};
use crate::domain::ids::{ProductId, TiktokSkuId};
use crate::domain::shop::{ListingStock, StockRefusal, StockUpdate};

/// Listings in one reading, the most that TikTok takes.
const PRODUCTS_MAX: usize = 100;

/// Variants in one reading, the most that TikTok takes.
const SKUS_MAX: usize = 600;

/// Whose stock to read. TikTok takes one kind of id a call; where both are given the variants win.
#[derive(Debug, Clone, Copy)]
pub enum StockOf<'a> {
    /// All variants of these listings.
    Products(&'a [ProductId]),
    /// These variants.
    Skus(&'a [TiktokSkuId]),
}

impl Tiktok {
    /// Reads stock, in as many calls as it takes. A variant that is not in the result is unknown, never zero; one that
    /// could not be read, or that TikTok does not know, is left out and told in the log.
    pub fn inventory(&self, of: StockOf<'_>) -> Result<Vec<ListingStock>, Error> {
        let mut stock = Vec::new();
        match of {
            StockOf::Products(ids) => {
                let ids: Vec<&str> = ids.iter().map(ProductId::as_str).collect();
                for ids in ids.chunks(PRODUCTS_MAX) {
                    self.read_stock("product_ids", ids, &mut stock)?;
                }
            }
            StockOf::Skus(ids) => {
                let ids: Vec<&str> = ids.iter().map(TiktokSkuId::as_str).collect();
                for ids in ids.chunks(SKUS_MAX) {
                    self.read_stock("sku_ids", ids, &mut stock)?;
                }
            }
        }
        Ok(stock)
    }

    /// Where TikTok refuses a reading because it does not know one of the ids, the halves are read apart, down to that one.
    fn read_stock(&self, kind: &str, ids: &[&str], stock: &mut Vec<ListingStock>) -> Result<(), Error> {
        let mut answer = match self.call(&Call::new(&operations::SEARCH_INVENTORY, &[])?.body(&json!({ kind: ids }))?) {
            Err(error) if matches!(error.class(), Class::StockRefused | Class::NotFound) => {
                if let [id] = ids {
                    log::warn!(
                        listing = *id, operation = error.operation().name, request_id = error.request_id();
                        "the stock of a listing at TikTok stays unknown: {error}"
                    );
                    return Ok(());
                }
                let (first, rest) = ids.split_at(ids.len() / 2);
                self.read_stock(kind, first, stock)?;
                return self.read_stock(kind, rest, stock);
            }
            answer => answer?,
        };
        for listing in answer.list("inventory")? {
            let (read, unreadable) = convert::sorted(convert::listing_stock(listing));
            unreadable
                .iter()
                .for_each(|error| log::warn!("the stock of a listing at TikTok stays unknown: {error}"));
            stock.extend(read);
        }
        Ok(())
    }

    /// Sets the stock of variants of one listing. Each variant must name all of its warehouses.
    ///
    /// Returns the variants that TikTok refused inside an accepted answer; the others went through.
    ///
    /// # Errors
    /// See [`Tiktok`]; then nothing went through, or nobody knows.
    pub fn update_inventory(&self, product: &ProductId, updates: &[StockUpdate]) -> Result<Vec<StockRefusal>, Error> {
        let call = Call::new(&operations::UPDATE_INVENTORY, &[product.as_str()])?;
        if updates.is_empty() {
            return Ok(Vec::new());
        }
        let skus: Vec<Value> = updates.iter().map(wire).collect();
        let mut answer = self.call_keeping_errors(&call.body(&json!({ "skus": skus }))?)?;
        let errors = answer.errors()?;
        let refusals = errors.into_iter().map(convert::stock_refusal);
        Ok(refusals.collect())
    }
}

fn wire(update: &StockUpdate) -> Value {
    let inventory: Vec<Value> = update
        .quantities
        .iter()
        .map(|(warehouse, quantity)| json!({ "warehouse_id": warehouse, "quantity": quantity }))
        .collect();
    json!({ "id": update.sku_id, "inventory": inventory })
}
