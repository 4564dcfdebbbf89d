//! What unmapped texts may have been meant as. Each text costs a pass over all mappings, so a run compares a limited number of new
//! ones; what was found is kept as long as the mappings stay as they are, and the next runs do the others.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::ids::{AmazonSku, SellerSku};
use crate::jobs::{Error, Session};

/// The fact with what was found so far.
const FACT: &str = "mappings.suggestions";

/// New texts that one run compares.
const COMPARED_MAX: usize = 50;

/// Beyond so many texts, those that no order asks for now are forgotten.
const KEPT_MAX: usize = 5_000;

/// Near matches in the mappings of one version.
#[derive(Default, Serialize, Deserialize)]
struct Found {
    version: i64,
    near: BTreeMap<SellerSku, Vec<String>>,
}

/// Returns which of these texts are SKUs of which Amazon gave a figure.
pub(super) fn namesakes(session: &Session, texts: &BTreeSet<SellerSku>) -> Result<BTreeSet<AmazonSku>, Error> {
    if texts.is_empty() {
        return Ok(BTreeSet::new());
    }
    let stock = session.store.stock()?;
    let at_amazon = texts.iter().map(|text| AmazonSku::new(text.as_str()));
    Ok(at_amazon.filter(|sku| stock.contains_key(sku)).collect())
}

/// Finds what these texts may have been meant as in the mappings of this version.
pub(super) fn suggestions(
    session: &Session,
    texts: &BTreeSet<SellerSku>,
    version: i64,
) -> Result<BTreeMap<SellerSku, Vec<String>>, Error> {
    if texts.is_empty() {
        return Ok(BTreeMap::new());
    }
    let kept = session.store.fact::<Found>(FACT)?.map(|(found, _)| found);
    let mut found = kept.filter(|found| found.version == version).unwrap_or_default();
    found.version = version;
    let is_new = |text: &&SellerSku| !found.near.contains_key(text);
    let new: Vec<&SellerSku> = texts.iter().filter(is_new).take(COMPARED_MAX).collect();
    for text in &new {
        let near = session.store.near_mappings(text.as_str())?;
        found.near.insert((*text).clone(), near);
    }
    if found.near.len() > KEPT_MAX {
        found.near.retain(|text, _| texts.contains(text));
    }
    if let Some(store) = session.writable_store().filter(|_| !new.is_empty()) {
        store.keep_fact(FACT, &found, session.now())?;
    }
    found.near.retain(|text, _| texts.contains(text));
    Ok(found.near)
}
