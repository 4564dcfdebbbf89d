//! Everything that a run reads, all of it before the first write.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::domain::deadline::{BUNDLE_KEPT, WAREHOUSE_KEPT};
use crate::domain::ids::{AmazonSku, ProductId, SellerSku, TiktokSkuId, WarehouseId};
use crate::domain::inventory::Holdings;
use crate::domain::inventory::brake::{Agreed, Answers};
use crate::domain::inventory::plan::take_open;
use crate::domain::mapping::{MappingKey, MappingSet};
use crate::domain::order::LineItem;
use crate::domain::shop::ListingStock;
use crate::jobs::detection::each_page;
use crate::jobs::{Error, Session, stock};
use crate::tiktok::{ListingQuery, StockOf, Tiktok};

/// The most SKU texts in one search of listings.
const SELLER_SKUS_MAX: usize = 10;

/// The most names in one note.
const NAMES_MAX: usize = 20;

/// The fact with the variants that TikTok called bundles, and when it did.
pub(super) const BUNDLES: &str = "inventory.bundles";

/// The fact that says for how many Amazon SKUs there was a figure when a push last went through.
pub(super) const GIVEN: &str = "inventory.given";

/// Both sides' figures and what it takes to compare them.
pub(super) struct Readings {
    pub mappings: MappingSet,
    /// With the units of open orders taken off.
    pub holdings: Holdings,
    pub warehouse: WarehouseId,
    pub listings: Vec<ListingStock>,
    /// Which mapped variants TikTok shows no stock for, for people; `None` for none.
    pub missing: Option<String>,
    /// The variants whose stock follows their parts.
    pub bundles: BTreeSet<TiktokSkuId>,
    /// The variants whose figure in the warehouse was ours before, and what it was then.
    pub followed: BTreeMap<TiktokSkuId, Agreed>,
    /// The units that TikTok sold and Amazon was not sent, by the time when we first saw the order.
    pub open: Vec<(DateTime<Utc>, LineItem)>,
    /// For how many Amazon SKUs there is a figure.
    pub answers: Answers,
}

/// Reads both sides.
pub(super) fn readings(session: &Session, tiktok: &Tiktok) -> Result<Readings, Error> {
    let amazon = session.amazon()?;
    let mappings = session.store.all_mappings()?;
    let mut holdings = stock::holdings(session, &amazon, &mappings)?;
    let answers = answers(session, &mappings, &holdings)?;
    let warehouse = warehouse(session, tiktok)?;
    let listings = listings(tiktok, &mappings)?;
    let open = session.store.unrouted_lines()?;
    let lines: Vec<LineItem> = open.iter().map(|(_, line)| line.clone()).collect();
    take_open(&mut holdings, &lines, &mappings);
    let mut bundles = session.store.tiktok_bundles()?;
    bundles.extend(refused_bundles(session)?.into_keys());
    Ok(Readings {
        missing: missing(&mappings, &listings),
        followed: session.store.followed_listings(&warehouse)?,
        mappings,
        holdings,
        warehouse,
        listings,
        bundles,
        open,
        answers,
    })
}

/// Before the first push the figures that are kept say how many there were.
fn answers(session: &Session, mappings: &MappingSet, holdings: &Holdings) -> Result<Answers, Error> {
    let asked: BTreeSet<&AmazonSku> = mappings
        .rows()
        .filter(|row| row.enabled)
        .map(|row| &row.amazon_sku)
        .collect();
    let before = match session.store.fact::<usize>(GIVEN)? {
        Some((given, _)) => given,
        None => {
            let known = session.store.stock()?;
            known
                .iter()
                .filter(|(sku, figure)| asked.contains(sku) && figure.fulfillable.is_some())
                .count()
        }
    };
    Ok(Answers {
        asked: asked.len(),
        given: holdings.len(),
        before,
    })
}

/// Returns the variants that TikTok refused as bundles, with the time; one that is forgotten is tried again.
pub(super) fn refused_bundles(session: &Session) -> Result<BTreeMap<TiktokSkuId, DateTime<Utc>>, Error> {
    let known = session.store.fact::<BTreeMap<TiktokSkuId, DateTime<Utc>>>(BUNDLES)?;
    let mut bundles = known.map(|(bundles, _)| bundles).unwrap_or_default();
    bundles.retain(|_, at| session.now() - *at < BUNDLE_KEPT);
    Ok(bundles)
}

/// Tells which mapped variants TikTok shows no stock for: unknown, not zero.
fn missing(mappings: &MappingSet, listings: &[ListingStock]) -> Option<String> {
    let shown: BTreeSet<MappingKey> = listings.iter().flat_map(keys).collect();
    let enabled = mappings.rows().filter(|row| row.enabled);
    let missing: BTreeSet<&MappingKey> = enabled.map(|row| &row.key).filter(|key| !shown.contains(key)).collect();
    let more = match missing.len().saturating_sub(NAMES_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let names: Vec<String> = missing.iter().take(NAMES_MAX).map(ToString::to_string).collect();
    let names = names.join(", ");
    (!missing.is_empty()).then(|| format!("TikTok shows no stock for {names}{more}; nothing is written"))
}

fn keys(listing: &ListingStock) -> impl Iterator<Item = MappingKey> {
    let text = listing.seller_sku.clone().map(MappingKey::SellerSku);
    [
        Some(MappingKey::TiktokSku(listing.sku_id.clone())),
        Some(MappingKey::Product(listing.product_id.clone())),
        text,
    ]
    .into_iter()
    .flatten()
}

/// Returns the first configured warehouse, or the shop's default sales warehouse.
fn warehouse(session: &Session, tiktok: &Tiktok) -> Result<WarehouseId, Error> {
    const FACT: &str = "tiktok.warehouse";
    if let Some(configured) = session.settings.inventory.tiktok_warehouse_ids.first() {
        return Ok(configured.clone());
    }
    if let Some((known, read_at)) = session.store.fact::<WarehouseId>(FACT)?
        && session.now() - read_at < WAREHOUSE_KEPT
    {
        return Ok(known);
    }
    let mut warehouses = tiktok.warehouses()?.into_iter();
    let default = warehouses
        .find(|warehouse| warehouse.shows_stock() && warehouse.is_default)
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
        let mut of_these = Vec::new();
        each_page("TikTok's listings", |page| {
            if page.is_none() {
                of_these.clear();
            }
            let answer = tiktok.search_products(&query, page)?;
            let variants = answer.listings.into_iter().flat_map(|listing| listing.skus);
            let wanted =
                variants.filter(|variant| variant.seller_sku.as_ref().is_some_and(|text| texts.contains(text)));
            of_these.extend(wanted.map(|variant| variant.id));
            Ok(answer.next)
        })?;
        found.append(&mut of_these);
    }
    Ok(found)
}
