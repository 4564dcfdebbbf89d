//! Reading stock figures: SKUs in batches, pages back to back.

use std::collections::{BTreeMap, BTreeSet};

use super::client::Amazon;
use super::error::Error;
use super::meaning::{Flaw, Kind};
use super::operations::INVENTORY;
use super::read::{self, InventoryPage};
use super::request::{Call, encoded, query};
use crate::domain::ids::AmazonSku;
use crate::domain::inventory::AmazonStock;

/// The most SKUs in one question (FBA inventory model, `sellerSkus`).
const BATCH_MAX: usize = 50;
/// The most pages that are read for one question; fifty SKUs fit on one or two.
const PAGES_MAX: usize = 50;

/// Names and encoded value of the SKU filter of one question.
type Filter = (&'static str, String);

impl Amazon {
    /// Reads what Amazon has of these SKUs, in the order of the SKUs' text. A SKU that Amazon does not name is absent from the result,
    /// and that is not zero. Of two rows for one SKU the lower figures count: never promise more than either says.
    ///
    /// # Errors
    /// When Amazon can't be reached, refuses, or answers with what can't be relied on.
    pub fn inventory(&self, skus: &[AmazonSku]) -> Result<Vec<AmazonStock>, Error> {
        let mut stocks = BTreeMap::new();
        for filter in filters(skus) {
            for stock in self.all_pages(&filter)? {
                merge(&mut stocks, stock);
            }
        }
        Ok(stocks.into_values().collect())
    }

    /// Reads the pages of one question. The token of a page lives for 30 seconds: where it dies, the reading starts again, once.
    ///
    /// A token that comes twice ends the reading, as the static sandbox names one for ever; what was not shown is unknown.
    fn all_pages(&self, filter: &Filter) -> Result<Vec<AmazonStock>, Error> {
        let mut stocks = Vec::new();
        let mut seen = BTreeSet::new();
        let mut token = None;
        let mut is_restarted = false;
        for _ in 0..PAGES_MAX {
            let page = match self.page(filter, token.as_deref()) {
                Err(error) if token.is_some() && !is_restarted && error.status() == Some(400) => {
                    is_restarted = true;
                    stocks.clear();
                    seen.clear();
                    token = None;
                    continue;
                }
                result => result?,
            };
            stocks.extend(page.stocks);
            match page.next {
                Some(next) if seen.insert(next.clone()) => token = Some(next),
                Some(_) | None => return Ok(stocks),
            }
        }
        let kind = Kind::Unreadable(Flaw::PagesInCircle);
        Err(Error::before_sending(kind, &INVENTORY))
    }

    fn page(&self, (name, value): &Filter, token: Option<&str>) -> Result<InventoryPage, Error> {
        let marketplace = encoded(&self.settings.marketplace_id);
        let mut pairs = vec![
            ("granularityType", "Marketplace".to_owned()),
            ("granularityId", marketplace.clone()),
            ("marketplaceIds", marketplace),
            ("details", "true".to_owned()),
            (*name, value.clone()),
        ];
        pairs.extend(token.map(|token| ("nextToken", encoded(token))));
        let call = Call {
            query: Some(query(&pairs)),
            ..Call::new(&INVENTORY)
        };
        self.call(&call, read::inventory_page)
    }
}

/// Returns the questions for these SKUs: fifty at once, but each SKU with a comma alone, since the comma parts the list.
fn filters(skus: &[AmazonSku]) -> Vec<Filter> {
    let distinct: BTreeSet<&AmazonSku> = skus.iter().collect();
    let (alone, listed): (Vec<&AmazonSku>, Vec<&AmazonSku>) =
        distinct.into_iter().partition(|sku| sku.as_str().contains(','));
    let list = |batch: &[&AmazonSku]| {
        let values: Vec<String> = batch.iter().map(|sku| encoded(sku.as_str())).collect();
        ("sellerSkus", values.join(","))
    };
    let mut filters: Vec<Filter> = listed.chunks(BATCH_MAX).map(list).collect();
    filters.extend(alone.iter().map(|sku| ("sellerSku", encoded(sku.as_str()))));
    filters
}

fn merge(stocks: &mut BTreeMap<AmazonSku, AmazonStock>, stock: AmazonStock) {
    let lower = |one: Option<i64>, other: Option<i64>| [one, other].into_iter().flatten().min();
    match stocks.get_mut(&stock.sku) {
        Some(known) => {
            known.fulfillable = lower(known.fulfillable, stock.fulfillable);
            known.reserved = lower(known.reserved, stock.reserved);
            known.in_transfer = lower(known.in_transfer, stock.in_transfer);
            known.updated_at = known.updated_at.min(stock.updated_at).or(stock.updated_at);
        }
        None => {
            stocks.insert(stock.sku.clone(), stock);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock(fulfillable: Option<i64>) -> AmazonStock {
        AmazonStock {
            sku: AmazonSku::new("A"),
            fulfillable,
            reserved: None,
            in_transfer: None,
            updated_at: None,
        }
    }

    #[test]
    fn skus_go_in_fifties_and_a_comma_goes_alone() {
        let mut skus: Vec<AmazonSku> = (0..51).map(|number| AmazonSku::new(format!("S {number:02}"))).collect();
        skus.push(AmazonSku::new("A,B"));
        skus.push(AmazonSku::new("S 00"));
        let filters = filters(&skus);
        assert_eq!(filters.len(), 3);
        assert_eq!(filters[0].1.split(',').count(), 50);
        assert!(filters[0].1.starts_with("S%2000,S%2001,"));
        assert_eq!(filters[1], ("sellerSkus", "S%2050".to_owned()));
        assert_eq!(filters[2], ("sellerSku", "A%2CB".to_owned()), "E41");
    }

    #[test]
    fn of_two_rows_for_one_sku_the_lower_known_figure_counts() {
        for (one, other, expected) in [
            (Some(5), Some(3), Some(3)),
            (None, Some(3), Some(3)),
            (Some(5), None, Some(5)),
            (None, None, None),
        ] {
            let mut stocks = BTreeMap::new();
            merge(&mut stocks, stock(one));
            merge(&mut stocks, stock(other));
            assert_eq!(stocks[&AmazonSku::new("A")].fulfillable, expected);
        }
    }
}
