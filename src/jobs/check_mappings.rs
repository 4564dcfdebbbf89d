//! `mcf mappings check`: what the mappings in force name and the vendors do not know, and the other way round.
//!
//! Reads alone. Limits of rows and bundles are kept by the import, so that a stored mapping never breaks them.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::detection::each_page;
use super::{Error, Session};
use crate::amazon::Amazon;
use crate::domain::ids::{AmazonSku, ProductId, SellerSku, TiktokSkuId};
use crate::domain::inventory::AmazonStock;
use crate::domain::mapping::{MappingKey, MappingRow, MappingSet};
use crate::domain::shop::{Listing, ListingSku};
use crate::store::Store;
use crate::tiktok::ListingQuery;

/// How many SKUs are asked for and compared at a time.
const BATCH: usize = 500;

/// The status of a listing that buyers see (TikTok's page of Search Products).
const LIVE: &str = "ACTIVATE";

/// The status of a listing that is gone.
const DELETED: &str = "DELETED";

/// Variants for which near matches are looked up.
const SUGGESTED_MAX: usize = 50;

/// Something between the mappings and a vendor that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Finding {
    /// Amazon's inventory of the marketplace does not list the SKU: a typing error, or no FBA listing. Its orders can't be sent.
    UnknownAtAmazon {
        /// The SKU in the mappings.
        amazon_sku: AmazonSku,
    },
    /// No mapping names the variant. Its orders will wait for a person.
    NotMapped {
        /// The listing.
        tiktok_product_id: ProductId,
        /// The variant.
        tiktok_sku_id: TiktokSkuId,
        /// The seller's text for the variant.
        seller_sku: Option<SellerSku>,
        /// The listing's title.
        title: Option<String>,
        /// Seller SKUs in the mappings that look like it.
        suggestions: Vec<String>,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownAtAmazon { amazon_sku } => {
                write!(
                    formatter,
                    "Amazon's inventory does not list the SKU {:?}",
                    amazon_sku.as_str()
                )
            }
            Self::NotMapped {
                tiktok_sku_id,
                seller_sku,
                suggestions,
                ..
            } => {
                write!(formatter, "TikTok SKU {tiktok_sku_id}")?;
                if let Some(text) = seller_sku {
                    write!(formatter, " (seller SKU {:?})", text.as_str())?;
                }
                formatter.write_str(" is not mapped")?;
                if !suggestions.is_empty() {
                    write!(formatter, "; did you mean {}?", suggestions.join(", "))?;
                }
                Ok(())
            }
        }
    }
}

/// Asks Amazon for every SKU that the mappings name and returns those it does not list, in the order of their texts.
///
/// # Errors
/// When the database refuses, or when Amazon can't be reached or refuses. Nothing is then known about what was not compared.
pub fn check_mappings(store: &Store, amazon: &Amazon) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for skus in store.mapped_amazon_skus()?.chunks(BATCH) {
        findings.extend(unknown_at_amazon(skus, &amazon.inventory(skus)?));
    }
    Ok(findings)
}

/// Returns the variants of the shop's live listings that no mapping names, the first of them with what they may have been meant as.
///
/// # Errors
/// As for [`unmapped_listings`].
pub fn check_listings(session: &Session) -> Result<Vec<Finding>, Error> {
    let mut findings = unmapped_listings(session)?;
    suggest(&session.store, &mut findings)?;
    Ok(findings)
}

/// Reads the shop's live listings and returns their variants that no mapping names. A disabled mapping names its variant, too. A bundle of TikTok's that was ordered before goes by its parts; TikTok tells
/// that of a listing only in its orders.
///
/// # Errors
/// When the database refuses, or when TikTok can't be reached or refuses. Nothing is then known about any listing.
pub fn unmapped_listings(session: &Session) -> Result<Vec<Finding>, Error> {
    let tiktok = session.tiktok()?;
    let query = ListingQuery {
        status: Some(LIVE.to_owned()),
        ..ListingQuery::default()
    };
    let mut findings = Vec::new();
    each_page("TikTok's listings", |page| {
        session.check_stop()?;
        if page.is_none() {
            findings.clear();
        }
        let found = tiktok.search_products(&query, page)?;
        findings.extend(unmapped(&session.store, &found.listings)?);
        Ok(found.next)
    })?;
    let bundles = session.store.tiktok_bundles()?;
    findings.retain(|finding| !is_one_of(finding, &bundles));
    Ok(findings)
}

/// Returns the keys of enabled mappings for which TikTok has no listing in any status but deleted ones, in their order.
///
/// # Errors
/// As for [`check_listings`].
pub fn keys_without_listing(session: &Session) -> Result<BTreeSet<MappingKey>, Error> {
    let tiktok = session.tiktok()?;
    let enabled = |rows: &mut dyn Iterator<Item = MappingRow>| {
        let rows = rows.filter(|row| row.enabled);
        rows.map(|row| row.key).collect::<BTreeSet<_>>()
    };
    let all = session.store.with_mappings(enabled)?;
    let mut lacking = all.clone();
    each_page("TikTok's listings", |page| {
        session.check_stop()?;
        if page.is_none() {
            lacking.clone_from(&all);
        }
        let found = tiktok.search_products(&ListingQuery::default(), page)?;
        remove_listed(&mut lacking, &found.listings);
        Ok(found.next)
    })?;
    Ok(lacking)
}

fn remove_listed(lacking: &mut BTreeSet<MappingKey>, listings: &[Listing]) {
    let there = listings
        .iter()
        .filter(|listing| listing.status.as_deref() != Some(DELETED));
    for (listing, sku) in there.flat_map(|listing| listing.skus.iter().map(move |sku| (listing, sku))) {
        for key in keys(listing, sku) {
            lacking.remove(&key);
        }
    }
}

fn is_one_of(finding: &Finding, bundles: &BTreeSet<TiktokSkuId>) -> bool {
    match finding {
        Finding::NotMapped { tiktok_sku_id, .. } => bundles.contains(tiktok_sku_id),
        Finding::UnknownAtAmazon { .. } => false,
    }
}

fn unmapped(store: &Store, listings: &[Listing]) -> Result<Vec<Finding>, Error> {
    let variants = variants(listings).flat_map(|(listing, sku)| keys(listing, sku));
    let mappings = store.mapping_candidates(&variants.collect::<Vec<_>>())?;
    Ok(not_mapped(listings, &mappings))
}

/// Each suggestion costs a pass over the mappings.
fn suggest(store: &Store, findings: &mut [Finding]) -> Result<(), Error> {
    for finding in findings.iter_mut().take(SUGGESTED_MAX) {
        if let Finding::NotMapped {
            seller_sku: Some(text),
            suggestions,
            ..
        } = finding
        {
            *suggestions = store.near_mappings(text.as_str())?;
        }
    }
    Ok(())
}

/// Compares the SKUs of mappings with what Amazon said about exactly these. Being out of stock is not being unknown.
#[must_use]
pub fn unknown_at_amazon(skus: &[AmazonSku], stocks: &[AmazonStock]) -> Vec<Finding> {
    let known: BTreeSet<&AmazonSku> = stocks.iter().map(|stock| &stock.sku).collect();
    let unknown = skus.iter().filter(|sku| !known.contains(sku));
    unknown
        .map(|sku| Finding::UnknownAtAmazon {
            amazon_sku: sku.clone(),
        })
        .collect()
}

/// Compares listings with the mappings of all their keys.
#[must_use]
pub fn not_mapped(listings: &[Listing], mappings: &MappingSet) -> Vec<Finding> {
    variants(listings)
        .filter(|(listing, sku)| keys(listing, sku).all(|key| mappings.get(&key).is_empty()))
        .map(|(listing, sku)| Finding::NotMapped {
            tiktok_product_id: listing.id.clone(),
            tiktok_sku_id: sku.id.clone(),
            seller_sku: sku.seller_sku.clone(),
            title: listing.title.clone(),
            suggestions: Vec::new(),
        })
        .collect()
}

fn variants(listings: &[Listing]) -> impl Iterator<Item = (&Listing, &ListingSku)> {
    listings
        .iter()
        .flat_map(|listing| listing.skus.iter().map(move |sku| (listing, sku)))
}

fn keys(listing: &Listing, sku: &ListingSku) -> impl Iterator<Item = MappingKey> {
    let variant = MappingKey::TiktokSku(sku.id.clone());
    let seller_sku = sku.seller_sku.clone().map(MappingKey::SellerSku);
    let product = MappingKey::Product(listing.id.clone());
    [Some(variant), seller_sku, Some(product)].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::Inbound;
    use crate::jobs::import_mappings::{Options, Source, import};
    use crate::store::tests_support::store;

    fn listing(id: &str, skus: &[(&str, Option<&str>)]) -> Listing {
        let sku = |(id, text): &(&str, Option<&str>)| ListingSku {
            id: TiktokSkuId::new(*id),
            seller_sku: text.map(SellerSku::new),
        };
        Listing {
            id: ProductId::new(id),
            title: Some("A thing".to_owned()),
            status: None,
            skus: skus.iter().map(sku).collect(),
        }
    }

    #[test]
    fn a_sku_that_amazon_does_not_list_is_found_and_one_without_figures_is_not() {
        let stock = AmazonStock {
            sku: AmazonSku::new("A"),
            fulfillable: None,
            reserved: None,
            in_transfer: None,
            inbound: Inbound::default(),
            updated_at: None,
            contradicted_by: None,
        };
        let findings = unknown_at_amazon(&[AmazonSku::new("A"), AmazonSku::new("a")], &[stock]);
        assert_eq!(findings.len(), 1, "E39: another case is another SKU");
        assert_eq!(
            findings[0].to_string(),
            "Amazon's inventory does not list the SKU \"a\""
        );
    }

    #[test]
    fn a_listing_without_mapping_is_found_with_what_it_may_have_been_meant_as() {
        let (_folder, store) = store();
        let file =
            "tiktok_sku_id,seller_sku,tiktok_product_id,amazon_sku,enabled\n1,,,A,\n,BOX-BLUE,,B,false\n,,P,C,\n";
        let options = Options {
            replace: false,
            dry_run: false,
            imported_by: "ops".to_owned(),
        };
        let now = chrono::DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant");
        import(&store, Source::Stdin(&mut file.as_bytes()), &options, now).expect("good rows");
        let listings = [
            listing("P", &[("7", None)]),
            listing(
                "Q",
                &[
                    ("1", None),
                    ("2", Some("BOX-BLUE")),
                    ("3", Some("box-blue")),
                    ("4", None),
                ],
            ),
        ];
        let mut findings = unmapped(&store, &listings).expect("findings");
        suggest(&store, &mut findings).expect("suggestions");
        let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "TikTok SKU 3 (seller SKU \"box-blue\") is not mapped; did you mean BOX-BLUE?",
                "TikTok SKU 4 is not mapped",
            ],
            "E37/E38/E39"
        );
    }

    #[test]
    fn a_key_without_a_listing_is_found_and_a_deleted_listing_is_none() {
        let seller_sku = |text: &str| MappingKey::SellerSku(SellerSku::new(text));
        let mut lacking = BTreeSet::from([
            seller_sku("A"),
            seller_sku("B"),
            MappingKey::TiktokSku(TiktokSkuId::new("2")),
            MappingKey::Product(ProductId::new("P")),
        ]);
        let mut gone = listing("Q", &[("2", Some("B"))]);
        gone.status = Some(DELETED.to_owned());
        remove_listed(&mut lacking, &[listing("P", &[("1", Some("A"))]), gone]);
        let left = BTreeSet::from([seller_sku("B"), MappingKey::TiktokSku(TiktokSkuId::new("2"))]);
        assert_eq!(lacking, left, "E38");
    }

    #[test]
    fn a_finding_in_json_says_what_it_is() {
        let finding = Finding::UnknownAtAmazon {
            amazon_sku: AmazonSku::new("A"),
        };
        let json = serde_json::json!({"finding": "unknown_at_amazon", "amazonSku": "A"});
        assert_eq!(serde_json::to_value(finding).expect("JSON"), json);
    }
}
