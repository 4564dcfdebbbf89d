//! Stock on both sides: what Amazon has and we promised, what TikTok shows and should show, who waits for it.

use chrono::{DateTime, Utc};

use super::causes::Causes;
use super::shortages::Shortage;
use super::stock;
use crate::domain::deadline::STOCK_BELIEVED;
use crate::domain::ids::{ProductId, SellerSku, TiktokSkuId};
use crate::domain::inventory::{self, plan};
use crate::domain::mapping::keys_of;
use crate::domain::order::LineItem;
use crate::domain::shop::ListingStock;
use crate::store::{ListingRow, OrderFilter, Result, StockRow, Store};

/// How many variants are read at most.
const LISTINGS_MAX: u32 = 500;

/// What is left of everything.
#[derive(Debug, Clone)]
pub struct StockLevels {
    /// Amazon's figures.
    pub stock: Vec<StockRow>,
    /// Of what there is too little.
    pub shortages: Vec<Shortage>,
    /// What TikTok shows, the least units first.
    pub listings: Vec<ListingLevel>,
}

/// What TikTok shows of a variant, and what it should show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingLevel {
    /// What was written, or found equal, last.
    pub shown: ListingRow,
    /// What the next `sync-inventory` would write by the figures that are kept; `None` where Amazon's are not known or older than a day,
    /// or nothing maps the variant.
    pub should_be: Option<u32>,
}

impl ListingLevel {
    /// By how many units more or less is shown than should be; 0 where that is not known.
    #[must_use]
    pub fn drift(&self) -> i64 {
        self.should_be.map_or(0, |units| self.shown.quantity - i64::from(units))
    }
}

impl StockLevels {
    /// Reads the levels. `safety_stock` is what is kept back of a SKU whose mappings name nothing.
    pub fn read(store: &Store, safety_stock: u32, now: DateTime<Utc>) -> Result<Self> {
        Ok(Self {
            stock: stock::rows(store, now)?,
            shortages: Causes::read(store, &OrderFilter::default())?.shortages,
            listings: listings(store, safety_stock, now)?,
        })
    }
}

fn listings(store: &Store, safety_stock: u32, now: DateTime<Utc>) -> Result<Vec<ListingLevel>> {
    let shown = store.listing_rows(LISTINGS_MAX)?;
    let variants: Vec<ListingStock> = shown.iter().map(variant).collect();
    let open: Vec<LineItem> = store.unrouted_lines()?.into_iter().map(|(_, line)| line).collect();
    let keys = variants
        .iter()
        .flat_map(plan::keys)
        .chain(open.iter().flat_map(keys_of));
    let mappings = store.mappings_around(&Vec::from_iter(keys))?;
    let safety = inventory::safety_stock(&mappings, safety_stock);
    let being_submitted = store.units_being_submitted()?;
    let mut holdings = inventory::holdings(&store.stock()?, &being_submitted, &safety, STOCK_BELIEVED, now);
    plan::take_open(&mut holdings, &open, &mappings);
    let levels = shown.into_iter().zip(&variants).map(|(shown, variant)| ListingLevel {
        should_be: plan::wanted(variant, &mappings, &holdings),
        shown,
    });
    Ok(levels.collect())
}

fn variant(shown: &ListingRow) -> ListingStock {
    ListingStock {
        product_id: ProductId::new(&*shown.product_id),
        sku_id: TiktokSkuId::new(&*shown.sku_id),
        seller_sku: shown.seller_sku.as_deref().map(SellerSku::new),
        warehouses: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::WarehouseId;
    use crate::domain::mapping::MappingRow;
    use crate::domain::mapping::examples::{row, sku};
    use crate::report::tests_support::now;
    use crate::store::MappingsFile;
    use crate::store::overview::tests_support::insert_stock;

    fn map(store: &Store, rows: Vec<MappingRow>) {
        let file = MappingsFile {
            name: None,
            source: "rows",
            sha256: "",
            replace: false,
            dry_run: false,
            imported_by: "seller",
        };
        store.import_mapping_rows(rows, &file, now()).expect("mapped");
    }

    fn show(store: &Store, variant: &str, units: u32) {
        let (product, variant) = (ProductId::new("P"), TiktokSkuId::new(variant));
        let shown = store.listings_agree(&WarehouseId::new("W"), &[(&product, &variant, units)], now());
        shown.expect("shown");
    }

    #[test]
    fn a_variant_drifts_where_the_next_run_would_write_another_figure_and_not_where_that_is_unknown() {
        let folder = crate::test_folder::folder();
        let store = Store::open(&folder.path().join("mcf.db")).expect("a store");
        let keeps_back = MappingRow {
            safety_stock: Some(4),
            ..row(sku("not shown"), "MUG")
        };
        let in_twos = MappingRow {
            quantity: 2,
            ..row(sku("pair"), "MUG")
        };
        let rows = vec![
            keeps_back,
            in_twos,
            row(sku("single"), "MUG"),
            row(sku("new"), "VASE"),
            row(sku("old"), "LAMP"),
        ];
        map(&store, rows);
        insert_stock(&store, "MUG", Some(24), false, now());
        insert_stock(
            &store,
            "LAMP",
            Some(24),
            false,
            now() - STOCK_BELIEVED - chrono::TimeDelta::seconds(1),
        );
        for variant in ["pair", "single", "new", "old", "unmapped"] {
            show(&store, variant, 10);
        }
        let levels = StockLevels::read(&store, 0, now()).expect("levels").listings;
        let drifts = levels
            .iter()
            .map(|level| (&*level.shown.sku_id, level.should_be, level.drift()));
        let expected = [
            ("new", None, 0),
            ("old", None, 0),
            ("pair", Some(10), 0),
            ("single", Some(20), -10),
            ("unmapped", None, 0),
        ];
        assert_eq!(Vec::from_iter(drifts), expected);
    }
}
