//! What each listing should show, as a pure function of what both sides say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Holding, Holdings};
use crate::domain::ids::{AmazonSku, LineItemId, ProductId, TiktokSkuId, WarehouseId};
use crate::domain::mapping::{MappingKey, MappingSet, Resolution, Target, keys_of, resolve};
use crate::domain::order::{LineItem, LineStatus};
use crate::domain::shop::{ListingStock, StockUpdate, WarehouseStock};

/// TikTok's upper bound for a figure (page "Update Inventory").
const QUANTITY_MAX: u32 = 99_999;

/// One variant with the figures of both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The listing.
    pub product: ProductId,
    /// The variant.
    pub sku: TiktokSkuId,
    /// What one unit of it is at Amazon.
    pub parts: Vec<PartFigure>,
    /// What TikTok shows in our warehouse; `None` where it does not say.
    pub shown: Option<i64>,
    /// What Amazon's figures alone are good for, in units of the variant; `None` where one is not known.
    pub amazon: Option<i64>,
    /// What it should show: over its parts the least of promisable / `per_unit`, rounded down, at most [`QUANTITY_MAX`]; `None` where
    /// Amazon's figures are not known.
    pub wanted: Option<u32>,
    /// Why it is not written although it may differ.
    pub withheld: Option<Withheld>,
    /// What is to be written, every warehouse named; `None` where nothing is.
    pub update: Option<StockUpdate>,
}

/// An Amazon SKU behind a variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartFigure {
    /// The SKU.
    pub sku: AmazonSku,
    /// Units of it in one unit of the variant.
    pub per_unit: u32,
    /// What may be promised of it; `None` where Amazon's figure is not known.
    pub holding: Option<Holding>,
}

/// Why a figure is not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withheld {
    /// Amazon gives no figure that can be relied on for these SKUs.
    Unknown(Vec<AmazonSku>),
    /// A bundle of TikTok's: its stock follows its parts.
    TiktokBundle,
    /// The variant is not in our warehouse.
    NotInWarehouse(WarehouseId),
    /// TikTok does not say what another warehouse shows, and it would have to be repeated.
    OtherWarehouseUnknown(WarehouseId),
}

impl fmt::Display for Withheld {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(skus) => {
                let skus: Vec<&str> = skus.iter().map(AmazonSku::as_str).collect();
                write!(formatter, "Amazon gives no figure for {}", skus.join(", "))
            }
            Self::TiktokBundle => formatter.write_str("a bundle at TikTok, whose stock follows its parts"),
            Self::NotInWarehouse(id) => write!(formatter, "TikTok does not keep it in warehouse {id}"),
            Self::OtherWarehouseUnknown(id) => write!(formatter, "TikTok does not say what warehouse {id} shows"),
        }
    }
}

/// Takes the units of open orders that Amazon has not accepted off the holdings.
pub fn take_open(holdings: &mut Holdings, open: &[LineItem], mappings: &MappingSet) {
    for line in open {
        if let Resolution::Mapped(target) = resolve(line, mappings) {
            for part in target.parts {
                if let Some(holding) = holdings.get_mut(&part.amazon_sku) {
                    holding.promise(i64::from(part.quantity));
                }
            }
        }
    }
}

/// Plans the figures of all mapped variants. `bundles` are the variants that are bundles at TikTok.
#[must_use]
pub fn plan(
    listings: &[ListingStock],
    warehouse: &WarehouseId,
    mappings: &MappingSet,
    holdings: &Holdings,
    bundles: &BTreeSet<TiktokSkuId>,
) -> Vec<Figure> {
    let figure = |listing: &ListingStock| {
        let target = target(listing, mappings)?;
        let figure = compare(listing, &target, warehouse, holdings);
        Some(settle(figure, listing, warehouse, bundles.contains(&listing.sku_id)))
    };
    listings.iter().filter_map(figure).collect()
}

/// Returns the units of mapped variants that our other warehouses show, by warehouse. They are left alone: stock is shown in one.
#[must_use]
pub fn shown_beside(
    listings: &[ListingStock],
    others: &[WarehouseId],
    mappings: &MappingSet,
) -> BTreeMap<WarehouseId, BTreeMap<TiktokSkuId, i64>> {
    let mut shown: BTreeMap<WarehouseId, BTreeMap<TiktokSkuId, i64>> = BTreeMap::new();
    for listing in listings.iter().filter(|listing| target(listing, mappings).is_some()) {
        for stock in &listing.warehouses {
            let units = stock.available.unwrap_or_default();
            if units > 0 && others.contains(&stock.warehouse_id) {
                let of_it = shown.entry(stock.warehouse_id.clone()).or_default();
                of_it.insert(listing.sku_id.clone(), units);
            }
        }
    }
    shown
}

/// Returns what a variant should show by these figures; `None` where it has no mapping in force or a figure of Amazon's is not known.
#[must_use]
pub fn wanted(listing: &ListingStock, mappings: &MappingSet, holdings: &Holdings) -> Option<u32> {
    wanted_of(&target(listing, mappings)?, holdings)
}

/// Returns the keys that a variant may be mapped by.
#[must_use]
pub fn keys(listing: &ListingStock) -> Vec<MappingKey> {
    keys_of(&as_line(listing))
}

/// Returns the updates of each listing: one call for all of its variants that differ.
#[must_use]
pub fn updates(figures: &[Figure]) -> BTreeMap<&ProductId, Vec<&Figure>> {
    let mut updates: BTreeMap<&ProductId, Vec<&Figure>> = BTreeMap::new();
    for figure in figures.iter().filter(|figure| figure.update.is_some()) {
        updates.entry(&figure.product).or_default().push(figure);
    }
    updates
}

fn compare(listing: &ListingStock, target: &Target, warehouse: &WarehouseId, holdings: &Holdings) -> Figure {
    let part = |part: &crate::domain::mapping::Part| PartFigure {
        sku: part.amazon_sku.clone(),
        per_unit: part.quantity,
        holding: holdings.get(&part.amazon_sku).copied(),
    };
    Figure {
        product: listing.product_id.clone(),
        sku: listing.sku_id.clone(),
        parts: target.parts.iter().map(part).collect(),
        shown: ours(listing, warehouse).and_then(|stock| stock.available),
        amazon: units(target, holdings, |holding| holding.fulfillable).map(i64::from),
        wanted: wanted_of(target, holdings),
        withheld: None,
        update: None,
    }
}

fn wanted_of(target: &Target, holdings: &Holdings) -> Option<u32> {
    units(target, holdings, Holding::promisable).map(|units| units.min(QUANTITY_MAX))
}

fn units(target: &Target, holdings: &Holdings, of: fn(&Holding) -> i64) -> Option<u32> {
    target.sellable_units(|sku| Some(u32::try_from(of(holdings.get(sku)?)).unwrap_or(u32::MAX)))
}

fn settle(mut figure: Figure, listing: &ListingStock, warehouse: &WarehouseId, is_bundle: bool) -> Figure {
    let Some(wanted) = figure.wanted else {
        let unknown = figure.parts.iter().filter(|part| part.holding.is_none());
        figure.withheld = Some(Withheld::Unknown(unknown.map(|part| part.sku.clone()).collect()));
        return figure;
    };
    if ours(listing, warehouse).is_none() {
        figure.withheld = Some(Withheld::NotInWarehouse(warehouse.clone()));
    } else if figure.shown == Some(i64::from(wanted)) {
        return figure;
    } else if is_bundle {
        figure.withheld = Some(Withheld::TiktokBundle);
    } else {
        match update(listing, warehouse, wanted) {
            Ok(update) => figure.update = Some(update),
            Err(other) => figure.withheld = Some(Withheld::OtherWarehouseUnknown(other)),
        }
    }
    figure
}

fn ours<'a>(listing: &'a ListingStock, warehouse: &WarehouseId) -> Option<&'a WarehouseStock> {
    listing.warehouses.iter().find(|stock| stock.warehouse_id == *warehouse)
}

/// Returns the warehouse whose figure is not known where there is one: it would have to be guessed.
fn update(listing: &ListingStock, warehouse: &WarehouseId, wanted: u32) -> Result<StockUpdate, WarehouseId> {
    let quantity = |stock: &WarehouseStock| {
        if stock.warehouse_id == *warehouse {
            return Ok((stock.warehouse_id.clone(), wanted));
        }
        let kept = stock.available.and_then(|units| u32::try_from(units).ok());
        let kept = kept.ok_or_else(|| stock.warehouse_id.clone())?;
        Ok((stock.warehouse_id.clone(), kept))
    };
    Ok(StockUpdate {
        sku_id: listing.sku_id.clone(),
        quantities: listing.warehouses.iter().map(quantity).collect::<Result<_, _>>()?,
    })
}

fn target(listing: &ListingStock, mappings: &MappingSet) -> Option<Target> {
    match resolve(&as_line(listing), mappings) {
        Resolution::Mapped(target) => Some(target),
        Resolution::Disabled(_) | Resolution::NotMapped(_) | Resolution::UnusableQuantity(_) => None,
    }
}

/// A unit of the variant as an order would name it.
fn as_line(listing: &ListingStock) -> LineItem {
    LineItem {
        id: LineItemId::new(""),
        product_id: Some(listing.product_id.clone()),
        sku_id: listing.sku_id.clone(),
        seller_sku: listing.seller_sku.clone(),
        product_name: None,
        status: LineStatus::AwaitingShipment,
        package_id: None,
        tracking_number: None,
        shipping_provider_id: None,
        is_gift: None,
        listing_type: None,
        parts: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
