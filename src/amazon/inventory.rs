//! Reading stock figures: SKUs in batches, pages back to back.

use std::collections::{BTreeMap, BTreeSet};

use super::client::Amazon;
use super::error::Error;
use super::meaning::{Flaw, Kind};
use super::operations::INVENTORY;
use super::read::{self, InventoryPage};
use super::request::{Call, encoded, query};
use crate::domain::ids::AmazonSku;
use crate::domain::inventory::{AmazonStock, Inbound};

/// The most SKUs in one question (FBA inventory model, `sellerSkus`).
const BATCH_MAX: usize = 50;
/// The most pages that are read for one question; fifty SKUs fit on one or two.
const PAGES_MAX: usize = 50;

/// So many SKUs refused alone, one after the other from the first, say that the cause is elsewhere.
const REFUSED_ALONE_MAX: usize = 3;

/// Names and encoded value of the SKU filter of one question.
type Filter = (&'static str, String);

impl Amazon {
    /// Reads what Amazon has of these SKUs, in the order of the SKUs' text. A SKU that Amazon does not name is absent from the result,
    /// and that is not zero. Of two rows for one SKU the lower figures count: never promise more than either says.
    pub fn inventory(&self, skus: &[AmazonSku]) -> Result<Vec<AmazonStock>, Error> {
        let mut stocks = BTreeMap::new();
        for question in questions(skus) {
            for stock in self.ask(&question)? {
                merge(&mut stocks, stock);
            }
        }
        Ok(stocks.into_values().collect())
    }

    /// Reads one page of all that Amazon has in the marketplace. Its token lives for 30 seconds.
    pub fn inventory_page(&self, token: Option<&str>) -> Result<InventoryPage, Error> {
        self.page(None, token)
    }

    /// Asks one question. Where Amazon refuses it, one odd SKU may be the cause, so each is asked alone. Where the answer came in
    /// pages, what is missing may have slipped between two, and is asked once more (models issue 2447).
    fn ask(&self, question: &[&AmazonSku]) -> Result<Vec<AmazonStock>, Error> {
        let (mut stocks, pages) = match self.all_pages(&filter(question)) {
            Err(error) if question.len() > 1 && error.status() == Some(400) => return self.each_alone(question, error),
            result => result?,
        };
        let missing: Vec<&AmazonSku> = question
            .iter()
            .copied()
            .filter(|sku| !stocks.iter().any(|stock| stock.sku == **sku))
            .collect();
        if pages > 1 && !missing.is_empty() {
            match self.all_pages(&filter(&missing)) {
                Ok((found, _)) => stocks.extend(found),
                Err(error) => log::warn!(
                    operation = error.operation().name, request_id = error.request_id();
                    "the stock of {} SKUs at Amazon stays unknown: {error}", missing.len()
                ),
            }
        }
        Ok(stocks)
    }

    /// A SKU that Amazon refuses alone, too, stays unknown. Where it refuses the first few, the cause is not in the SKUs.
    fn each_alone(&self, question: &[&AmazonSku], refusal: Error) -> Result<Vec<AmazonStock>, Error> {
        let mut stocks = Vec::new();
        let mut answered = 0_usize;
        for (refused, sku) in question.iter().enumerate() {
            match self.all_pages(&alone(sku)) {
                Ok((found, _)) => {
                    answered += 1;
                    stocks.extend(found);
                }
                Err(error) if error.status() == Some(400) && (answered > 0 || refused + 1 < REFUSED_ALONE_MAX) => {
                    log::warn!(
                        sku = sku.as_str(), operation = error.operation().name, request_id = error.request_id();
                        "the stock of a SKU at Amazon stays unknown: {error}"
                    );
                }
                Err(error) if error.status() == Some(400) => return Err(refusal),
                Err(error) => return Err(error),
            }
        }
        Ok(stocks)
    }

    /// Reads the pages of one question, and tells how many there were. The token of a page lives for 30 seconds: where it dies, the reading starts again, once.
    ///
    /// A token that comes twice ends the reading, as the static sandbox names one for ever; what was not shown is unknown.
    fn all_pages(&self, filter: &Filter) -> Result<(Vec<AmazonStock>, usize), Error> {
        let mut stocks = Vec::new();
        let mut seen = BTreeSet::new();
        let mut token = None;
        let mut is_restarted = false;
        for pages in 1..=PAGES_MAX {
            let page = match self.page(Some(filter), token.as_deref()) {
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
                Some(_) | None => return Ok((stocks, pages)),
            }
        }
        let kind = Kind::Unreadable(Flaw::PagesInCircle);
        Err(Error::before_sending(kind, &INVENTORY))
    }

    fn page(&self, filter: Option<&Filter>, token: Option<&str>) -> Result<InventoryPage, Error> {
        let marketplace = encoded(&self.settings.marketplace_id);
        let mut pairs = vec![
            ("granularityType", "Marketplace".to_owned()),
            ("granularityId", marketplace.clone()),
            ("marketplaceIds", marketplace),
            ("details", "true".to_owned()),
        ];
        pairs.extend(filter.cloned());
        pairs.extend(token.map(|token| ("nextToken", encoded(token))));
        let call = Call {
            query: Some(query(&pairs)),
            ..Call::new(&INVENTORY)
        };
        self.call(&call, read::inventory_page)
    }
}

/// Returns the questions for these SKUs: fifty at once, but each SKU with a comma alone, since the comma parts the list.
fn questions(skus: &[AmazonSku]) -> Vec<Vec<&AmazonSku>> {
    let distinct: BTreeSet<&AmazonSku> = skus.iter().collect();
    let (alone, listed): (Vec<&AmazonSku>, Vec<&AmazonSku>) =
        distinct.into_iter().partition(|sku| sku.as_str().contains(','));
    let mut questions: Vec<Vec<&AmazonSku>> = listed.chunks(BATCH_MAX).map(<[_]>::to_vec).collect();
    questions.extend(alone.into_iter().map(|sku| vec![sku]));
    questions
}

fn filter(question: &[&AmazonSku]) -> Filter {
    match question {
        [sku] if sku.as_str().contains(',') => alone(sku),
        batch => {
            let values: Vec<String> = batch.iter().map(|sku| encoded(sku.as_str())).collect();
            ("sellerSkus", values.join(","))
        }
    }
}

fn alone(sku: &AmazonSku) -> Filter {
    ("sellerSku", encoded(sku.as_str()))
}

fn merge(stocks: &mut BTreeMap<AmazonSku, AmazonStock>, stock: AmazonStock) {
    let lower = |one: Option<i64>, other: Option<i64>| [one, other].into_iter().flatten().min();
    match stocks.get_mut(&stock.sku) {
        Some(known) => {
            let highest = [known.contradicted_by, known.fulfillable, stock.fulfillable];
            let highest = highest.into_iter().flatten().max();
            known.fulfillable = lower(known.fulfillable, stock.fulfillable);
            known.contradicted_by = highest.filter(|highest| Some(*highest) != known.fulfillable);
            known.reserved = lower(known.reserved, stock.reserved);
            known.in_transfer = lower(known.in_transfer, stock.in_transfer);
            known.inbound = Inbound {
                working: lower(known.inbound.working, stock.inbound.working),
                shipped: lower(known.inbound.shipped, stock.inbound.shipped),
                receiving: lower(known.inbound.receiving, stock.inbound.receiving),
            };
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
            inbound: Inbound::default(),
            updated_at: None,
            contradicted_by: None,
        }
    }

    #[test]
    fn skus_go_in_fifties_and_a_comma_goes_alone() {
        let mut skus: Vec<AmazonSku> = (0..51).map(|number| AmazonSku::new(format!("S {number:02}"))).collect();
        skus.push(AmazonSku::new("A,B"));
        skus.push(AmazonSku::new("S 00"));
        let filters: Vec<Filter> = questions(&skus).iter().map(|question| filter(question)).collect();
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
            let known = &stocks[&AmazonSku::new("A")];
            assert_eq!(known.fulfillable, expected);
            let is_contradicted = one.zip(other).is_some_and(|(one, other)| one != other);
            assert_eq!(known.contradicted_by, is_contradicted.then_some(5), "E185");
        }
    }
}
