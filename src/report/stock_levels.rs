//! Stock on both sides: what Amazon has and we promised, what TikTok shows, who waits for it.

use chrono::{DateTime, Utc};

use super::causes::Causes;
use super::shortages::Shortage;
use super::stock;
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
    pub listings: Vec<ListingRow>,
}

impl StockLevels {
    /// Reads the levels.
    pub fn read(store: &Store, now: DateTime<Utc>) -> Result<Self> {
        Ok(Self {
            stock: stock::rows(store, now)?,
            shortages: Causes::read(store, &OrderFilter::default())?.shortages,
            listings: store.listing_rows(LISTINGS_MAX)?,
        })
    }
}
