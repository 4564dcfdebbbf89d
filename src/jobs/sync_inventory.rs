//! `mcf sync-inventory`: read Amazon's stock and TikTok's figures, write what differs, alert on low stock.
//!
//! All figures are read before the first one is written. What is not known is not written.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::session::{COUNTED_AFTER, STOCK_AGE_MAX};
use super::summary::{Finished, Summary, Troubles};
use super::{Error, Session};
use crate::domain::event::Event;
use crate::domain::ids::{AmazonSku, ProductId, SellerSku, TiktokSkuId, WarehouseId};
use crate::domain::inventory::{StockFigure, available};
use crate::domain::mapping::{MappingKey, MappingSet, Resolution, Target, resolve};
use crate::domain::order::{LineItem, LineStatus};
use crate::domain::shop::{ListingStock, StockUpdate, WarehouseStatus, WarehouseType};
use crate::tiktok::{ListingQuery, StockOf, Tiktok};

/// How long the shop's default warehouse is kept.
const WAREHOUSE_AGE_MAX: TimeDelta = TimeDelta::hours(24);

/// The most SKU texts in one search of listings.
const SELLER_SKUS_MAX: usize = 10;

/// TikTok's upper bound for a figure.
const QUANTITY_MAX: u32 = 99_999;

/// What one variant shows and what it should show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The listing.
    pub product: ProductId,
    /// The variant.
    pub sku: TiktokSkuId,
    /// The Amazon SKUs behind it.
    pub amazon_skus: Vec<AmazonSku>,
    /// What TikTok shows in the warehouse; `None` where it does not say.
    pub shown: Option<i64>,
    /// What it should show; `None` where Amazon's figures are not known.
    pub wanted: Option<u32>,
}

/// What a run did, with every figure.
#[derive(Debug)]
pub struct InventoryRun {
    /// The counts and troubles.
    pub finished: Finished,
    /// Each mapped variant with both figures.
    pub figures: Vec<Figure>,
}

/// Does one run.
///
/// # Errors
/// When nothing could be done at all: no credentials, no database, no shop.
pub fn run(session: &Session) -> Result<InventoryRun, Error> {
    let (tiktok, amazon) = (session.tiktok()?, session.amazon()?);
    let mut summary = Summary::default();
    let mut troubles = Troubles::default();
    for name in ["compared", "written", "unknown", "refused", "low"] {
        summary.add(name, 0);
    }
    let mappings = session.store.all_mappings()?;
    let skus: Vec<AmazonSku> = session.store.mapped_amazon_skus()?;
    if !skus.is_empty() {
        let figures = amazon.inventory(&skus)?;
        if !session.is_dry_run {
            session.store.store_stock(&figures, COUNTED_AFTER, session.now())?;
        }
    }
    let warehouse = warehouse(session, &tiktok)?;
    let listings = listings(&tiktok, &mappings)?;
    let sellable = sellable(session, &mappings)?;
    let figures: Vec<Figure> = listings
        .iter()
        .filter_map(|listing| figure(listing, &warehouse, &mappings, &sellable))
        .collect();
    note_figures(&figures, &mut summary);
    if !session.is_dry_run {
        write(
            session,
            &tiktok,
            &listings,
            &figures,
            &warehouse,
            &mut summary,
            &mut troubles,
        )?;
        alert(session, &mappings, &mut summary)?;
    }
    Ok(InventoryRun {
        finished: troubles.finish(summary),
        figures,
    })
}

fn note_figures(figures: &[Figure], summary: &mut Summary) {
    summary.add("compared", figures.len());
    for figure in figures.iter().filter(|figure| figure.wanted.is_none()) {
        summary.count("unknown");
        let skus: Vec<&str> = figure.amazon_skus.iter().map(AmazonSku::as_str).collect();
        summary.notes.push(format!(
            "TikTok SKU {}: Amazon gives no figure for {}; nothing is written",
            figure.sku,
            skus.join(", ")
        ));
    }
}

/// Returns the configured warehouse, or the shop's default sales warehouse.
fn warehouse(session: &Session, tiktok: &Tiktok) -> Result<WarehouseId, Error> {
    const FACT: &str = "tiktok.warehouse";
    if let Some(configured) = &session.settings.inventory.tiktok_warehouse_id {
        return Ok(configured.clone());
    }
    if let Some((known, read_at)) = session.store.fact::<WarehouseId>(FACT)?
        && session.now() - read_at < WAREHOUSE_AGE_MAX
    {
        return Ok(known);
    }
    let warehouses = tiktok.warehouses()?;
    let default = warehouses
        .into_iter()
        .filter(|warehouse| warehouse.kind == WarehouseType::Sales && warehouse.status == WarehouseStatus::Enabled)
        .find(|warehouse| warehouse.is_default)
        .ok_or(Error::NoWarehouse)?;
    session.store.keep_fact(FACT, &default.id, session.now())?;
    Ok(default.id)
}

/// Reads TikTok's figures for every variant that a mapping names, by the kind of its key.
fn listings(tiktok: &Tiktok, mappings: &MappingSet) -> Result<Vec<ListingStock>, Error> {
    let mut skus: Vec<TiktokSkuId> = Vec::new();
    let mut products: Vec<ProductId> = Vec::new();
    let mut texts: Vec<SellerSku> = Vec::new();
    for row in mappings.rows().filter(|row| row.enabled) {
        match &row.key {
            MappingKey::TiktokSku(id) => skus.push(id.clone()),
            MappingKey::Product(id) => products.push(id.clone()),
            MappingKey::SellerSku(text) => texts.push(text.clone()),
        }
    }
    texts.dedup();
    skus.extend(variants_of(tiktok, &texts)?);
    skus.sort_unstable();
    skus.dedup();
    products.dedup();
    let mut stock: BTreeMap<TiktokSkuId, ListingStock> = BTreeMap::new();
    let by_sku = if skus.is_empty() {
        Vec::new()
    } else {
        tiktok.inventory(StockOf::Skus(&skus))?
    };
    let by_product = if products.is_empty() {
        Vec::new()
    } else {
        tiktok.inventory(StockOf::Products(&products))?
    };
    for listing in by_sku.into_iter().chain(by_product) {
        stock.insert(listing.sku_id.clone(), listing);
    }
    Ok(stock.into_values().collect())
}

fn variants_of(tiktok: &Tiktok, texts: &[SellerSku]) -> Result<Vec<TiktokSkuId>, Error> {
    let mut found = Vec::new();
    for texts in texts.chunks(SELLER_SKUS_MAX) {
        let query = ListingQuery {
            seller_skus: texts.to_vec(),
            ..ListingQuery::default()
        };
        let mut page = None;
        loop {
            let answer = tiktok.search_products(&query, page.as_deref())?;
            let variants = answer.listings.into_iter().flat_map(|listing| listing.skus);
            found.extend(
                variants
                    .filter(|variant| variant.seller_sku.as_ref().is_some_and(|text| texts.contains(text)))
                    .map(|variant| variant.id),
            );
            match answer.next {
                Some(next) if page.as_ref() != Some(&next) => page = Some(next),
                Some(_) | None => break,
            }
        }
    }
    Ok(found)
}

/// Returns the units of each Amazon SKU that TikTok may offer: what is left, minus open orders that Amazon has not
/// accepted, minus the safety stock.
fn sellable(session: &Session, mappings: &MappingSet) -> Result<BTreeMap<AmazonSku, u32>, Error> {
    let mut safety: BTreeMap<&AmazonSku, u32> = BTreeMap::new();
    for row in mappings.rows() {
        let units = row.safety_stock.unwrap_or(session.settings.inventory.safety_stock);
        let most = safety.entry(&row.amazon_sku).or_default();
        *most = units.max(*most);
    }
    let mut open: BTreeMap<AmazonSku, i64> = BTreeMap::new();
    for line in session.store.unrouted_lines()? {
        if let Resolution::Mapped(target) = resolve(&line, mappings) {
            for part in target.parts {
                *open.entry(part.amazon_sku).or_default() += i64::from(part.quantity);
            }
        }
    }
    let now = session.now();
    let figures = session.store.stock()?;
    let units = |(sku, figure): (AmazonSku, StockFigure)| {
        let left = available(
            Some(&figure),
            safety.get(&sku).copied().unwrap_or_default(),
            STOCK_AGE_MAX,
            now,
        )?;
        let left = left - open.get(&sku).copied().unwrap_or_default();
        Some((sku, u32::try_from(left.max(0)).unwrap_or(u32::MAX)))
    };
    Ok(figures.into_iter().filter_map(units).collect())
}

fn figure(
    listing: &ListingStock,
    warehouse: &WarehouseId,
    mappings: &MappingSet,
    sellable: &BTreeMap<AmazonSku, u32>,
) -> Option<Figure> {
    let target = target(listing, mappings)?;
    let shown = listing
        .warehouses
        .iter()
        .find(|stock| stock.warehouse_id == *warehouse)?;
    Some(Figure {
        product: listing.product_id.clone(),
        sku: listing.sku_id.clone(),
        amazon_skus: target.parts.iter().map(|part| part.amazon_sku.clone()).collect(),
        shown: shown.available,
        wanted: target
            .sellable_units(|sku| sellable.get(sku).copied())
            .map(|units| units.min(QUANTITY_MAX)),
    })
}

fn target(listing: &ListingStock, mappings: &MappingSet) -> Option<Target> {
    let line = LineItem {
        id: crate::domain::ids::LineItemId::new(""),
        product_id: listing.product_id.clone(),
        sku_id: listing.sku_id.clone(),
        seller_sku: listing.seller_sku.clone(),
        product_name: None,
        status: LineStatus::AwaitingShipment,
        package_id: None,
        tracking_number: None,
        shipping_provider_id: None,
        parts: Vec::new(),
    };
    match resolve(&line, mappings) {
        Resolution::Mapped(target) => Some(target),
        Resolution::Disabled(_) | Resolution::NotMapped(_) | Resolution::UnusableQuantity(_) => None,
    }
}

/// Writes one call per product with all its changed variants; every warehouse of a variant is named, only ours changes.
fn write(
    session: &Session,
    tiktok: &Tiktok,
    listings: &[ListingStock],
    figures: &[Figure],
    warehouse: &WarehouseId,
    summary: &mut Summary,
    troubles: &mut Troubles,
) -> Result<(), Error> {
    let mut updates: BTreeMap<&ProductId, Vec<StockUpdate>> = BTreeMap::new();
    for figure in figures {
        let Some(wanted) = figure.wanted.filter(|wanted| figure.shown != Some(i64::from(*wanted))) else {
            continue;
        };
        let Some(listing) = listings.iter().find(|listing| listing.sku_id == figure.sku) else {
            continue;
        };
        match update(listing, warehouse, wanted) {
            Some(update) => updates.entry(&figure.product).or_default().push(update),
            None => summary.notes.push(format!(
                "TikTok SKU {}: TikTok does not say what another warehouse shows; nothing is written",
                figure.sku
            )),
        }
    }
    for (product, updates) in updates {
        session.check_stop()?;
        match tiktok.update_inventory(product, &updates) {
            Ok(refusals) => {
                for refusal in &refusals {
                    summary.count("refused");
                    let sku = refusal.sku_id.as_ref().map_or("unnamed", TiktokSkuId::as_str);
                    summary.notes.push(format!(
                        "TikTok SKU {sku}: TikTok refused the figure: {}",
                        refusal.message
                    ));
                }
                for update in &updates {
                    let is_refused = refusals
                        .iter()
                        .any(|refusal| refusal.sku_id.as_ref() == Some(&update.sku_id));
                    if !is_refused {
                        note_written(session, product, update, warehouse, summary)?;
                    }
                }
            }
            Err(error) if error.is_credentials() => return Err(error.into()),
            Err(error) => {
                summary.add("refused", updates.len());
                troubles.note(error.into());
            }
        }
    }
    Ok(())
}

fn note_written(
    session: &Session,
    product: &ProductId,
    update: &StockUpdate,
    warehouse: &WarehouseId,
    summary: &mut Summary,
) -> Result<(), Error> {
    summary.count("written");
    for (named, quantity) in update.quantities.iter().filter(|(named, _)| named == warehouse) {
        let (store, now) = (&session.store, session.now());
        store.listing_written(product, &update.sku_id, named, *quantity, now)?;
    }
    Ok(())
}

/// `None` when the figure of another warehouse is not known: it would have to be guessed.
fn update(listing: &ListingStock, warehouse: &WarehouseId, wanted: u32) -> Option<StockUpdate> {
    let quantity = |stock: &crate::domain::shop::WarehouseStock| {
        if stock.warehouse_id == *warehouse {
            return Some((stock.warehouse_id.clone(), wanted));
        }
        let kept = u32::try_from(stock.available?).ok()?;
        Some((stock.warehouse_id.clone(), kept))
    };
    Some(StockUpdate {
        sku_id: listing.sku_id.clone(),
        quantities: listing.warehouses.iter().map(quantity).collect::<Option<_>>()?,
    })
}

/// Tells once that a figure fell to its threshold, and once that it rose above it.
fn alert(session: &Session, mappings: &MappingSet, summary: &mut Summary) -> Result<(), Error> {
    let threshold = i64::from(session.settings.inventory.low_stock_threshold);
    let now = session.now();
    for (sku, figure) in session.store.stock()? {
        let is_mapped = mappings.rows().any(|row| row.enabled && row.amazon_sku == sku);
        let Some(current_stock) = figure.remaining.filter(|_| is_mapped) else {
            continue;
        };
        let is_low = current_stock <= threshold;
        if is_low {
            summary.count("low");
        }
        if is_low == figure.is_low {
            continue;
        }
        let event = if is_low {
            Event::InventoryLow {
                sku: sku.clone(),
                current_stock,
                threshold,
            }
        } else {
            Event::InventoryRecovered {
                sku: sku.clone(),
                current_stock,
                threshold,
            }
        };
        session.store.tell_stock(&sku, is_low, &event, now)?;
    }
    Ok(())
}
