//! `mcf mappings suggest`: live listings that no mapping names, beside the Amazon SKUs that are spelled like their seller SKUs.
//!
//! Reads alone; what is mapped of it goes through the import like any other row.

use std::collections::BTreeMap;

use serde::Serialize;

use super::check_mappings::{Finding, unmapped_listings};
use super::detection::each_page;
use super::{Error, Session};
use crate::domain::ids::{AmazonSku, SellerSku, TiktokSkuId};
use crate::domain::mapping::{Column, Counterparts, Likeness, MappingRow, row_line, typed_row};

/// A variant and the Amazon SKU that it may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// The variant; of several with the same text the first.
    pub tiktok_sku_id: TiktokSkuId,
    /// The seller's text for it.
    pub seller_sku: SellerSku,
    /// The listing's title.
    pub product_name: Option<String>,
    /// The SKU at Amazon.
    pub amazon_sku: AmazonSku,
    /// `equal` or `near`.
    #[serde(rename = "match")]
    pub kind: Match,
    /// Why.
    pub because: &'static str,
    /// Units that Amazon can ship; `null` when not known.
    pub fulfillable: Option<i64>,
    /// The line that maps it.
    pub command: String,
    /// The row that it becomes.
    #[serde(skip)]
    pub row: MappingRow,
}

/// Whether a suggestion may be taken as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// Both sides have the same text.
    Equal,
    /// A person must look.
    Near,
}

/// Compares the seller SKUs of the live listings that no mapping names with Amazon's whole inventory, equal ones first.
///
/// # Errors
/// When a vendor can't be reached or refuses, or when the database refuses.
pub fn suggest(session: &Session) -> Result<Vec<Suggestion>, Error> {
    let listings = unmapped_listings(session)?;
    if listings.is_empty() {
        return Ok(Vec::new());
    }
    let inventory = inventory(session)?;
    Ok(compare(listings, &inventory))
}

/// Units that Amazon can ship, by SKU.
type Inventory = BTreeMap<AmazonSku, Option<i64>>;

fn inventory(session: &Session) -> Result<Inventory, Error> {
    let amazon = session.amazon()?;
    let mut inventory = Inventory::new();
    each_page("Amazon's inventory", |page| {
        session.check_stop()?;
        if page.is_none() {
            inventory.clear();
        }
        let found = amazon.inventory_page(page)?;
        inventory.extend(found.stocks.into_iter().map(|stock| (stock.sku, stock.fulfillable)));
        Ok(found.next)
    })?;
    Ok(inventory)
}

fn compare(listings: Vec<Finding>, inventory: &Inventory) -> Vec<Suggestion> {
    let counterparts: Counterparts = inventory.keys().cloned().collect();
    let mut suggestions: Vec<Suggestion> = Vec::new();
    for listing in listings {
        if let Some(suggestion) = suggestion(listing, &counterparts, inventory)
            && !suggestions.iter().any(|known| known.row == suggestion.row)
        {
            suggestions.push(suggestion);
        }
    }
    suggestions.sort_by_key(|suggestion| suggestion.kind == Match::Near);
    suggestions
}

fn suggestion(listing: Finding, counterparts: &Counterparts, inventory: &Inventory) -> Option<Suggestion> {
    let Finding::NotMapped {
        tiktok_sku_id,
        seller_sku: Some(seller_sku),
        title,
        ..
    } = listing
    else {
        return None;
    };
    let (amazon_sku, likeness) = counterparts.of(&seller_sku)?;
    let row = |column, key: &str| {
        let texts = [(column, key.to_owned()), (Column::AmazonSku, amazon_sku.to_string())];
        typed_row(texts).ok()
    };
    let by_text = row(Column::SellerSku, seller_sku.as_str());
    // A text that no mapping can hold, such as one that begins with a space, is named by its variant, and looked at.
    let kind = if likeness == Likeness::Equal && by_text.is_some() {
        Match::Equal
    } else {
        Match::Near
    };
    let row = by_text.or_else(|| row(Column::TiktokSkuId, tiktok_sku_id.as_str()))?;
    Some(Suggestion {
        command: row_line(&row),
        fulfillable: inventory.get(&amazon_sku).copied().flatten(),
        because: likeness.because(),
        product_name: title,
        tiktok_sku_id,
        seller_sku,
        amazon_sku,
        kind,
        row,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ProductId;

    fn listing(sku: &str, text: Option<&str>) -> Finding {
        Finding::NotMapped {
            tiktok_product_id: ProductId::new("P"),
            tiktok_sku_id: TiktokSkuId::new(sku),
            seller_sku: text.map(SellerSku::new),
            title: Some("A thing".to_owned()),
            suggestions: Vec::new(),
        }
    }

    #[test]
    fn equal_texts_stand_first_each_once_and_an_unusable_text_is_named_by_its_variant() {
        let inventory: Inventory = [("LAMP", Some(3)), ("MUG-1", None), ("TIN", Some(0))]
            .into_iter()
            .map(|(sku, units)| (AmazonSku::new(sku), units))
            .collect();
        let listings = vec![
            listing("1", Some("mug 1")),
            listing("2", Some("LAMP")),
            listing("3", Some("LAMP")),
            listing("4", Some("OTHER")),
            listing("5", None),
            listing("6", Some(" TIN")),
        ];
        let seen: Vec<_> = compare(listings, &inventory)
            .into_iter()
            .map(|found| (found.kind, found.fulfillable, found.command))
            .collect();
        let line = |end: &str| format!("mcf mappings add {end}");
        assert_eq!(
            seen,
            [
                (Match::Equal, Some(3), line("--seller-sku LAMP --amazon-sku LAMP")),
                (Match::Near, None, line("--seller-sku 'mug 1' --amazon-sku MUG-1")),
                (Match::Near, Some(0), line("--sku-id 6 --amazon-sku TIN")),
            ]
        );
    }
}
