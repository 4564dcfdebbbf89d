//! What a TikTok variant is at Amazon: the rows that a person writes, the rules over them, and what an order becomes by them.
//!
//! Owns the mapping file (CSV and JSON, both ways), the settling of all rows of one key, the look-up for an order's line and
//! the expansion of an order into fulfillment items. Bytes come in and values go out: no file is opened here and nothing is
//! stored. It must never guess a target: what no row names is not mapped, near matches are only ever suggested, and no text
//! is trimmed, folded or cut on the way in.
//!
//! A row may fill several of the three key columns. It is looked up by the most specific of them alone
//! ([`MappingRow::key`]): a catalogue export names the product beside each variant, and if such a row answered for the
//! product, too, a variant that nobody mapped would be sent as its neighbour. The other texts stay with the row
//! ([`MappingRow::also`]) for people and for the export.

mod by_hand;
mod cells;
mod column;
mod counterpart;
mod diff;
mod expand;
mod export;
mod guard;
mod missing;
mod read;
mod read_csv;
mod read_json;
mod rejection;
mod resolve;
mod settle;
mod similar;
mod table;

pub use by_hand::{Taken, add_line, key_flag, row_line, typed_row, with_typed};
pub use counterpart::{Counterparts, Likeness};
pub use diff::{Changes, diff};
pub use expand::{ITEMS_MAX, MappingProblem, Plan, PlannedItem, UNITS_MAX, expand};
pub use export::write_csv;
pub use missing::{Missing, missing};
pub use read::{Format, read};
pub use rejection::{Problem, Rejection};
pub use resolve::{Part, Resolution, Target, Unmapped, keys_of, resolve};
pub use settle::{MappingSet, Settled, settle};
pub use similar::{Warning, near_matches, skeleton};
pub use table::{BUNDLE_UNITS_MAX, Column, FIELD_BYTES_MAX, SKU_CHARACTERS_MAX};

use std::borrow::Cow;
use std::fmt;

use super::fulfillment::ShippingSpeed;
use super::ids::{AmazonSku, ProductId, SellerSku, TiktokSkuId};

/// What a mapping is looked up by, from the most to the least specific.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MappingKey {
    /// One variant at TikTok.
    TiktokSku(TiktokSkuId),
    /// The seller's own text for a variant.
    SellerSku(SellerSku),
    /// A listing with all its variants.
    Product(ProductId),
}

impl MappingKey {
    /// Returns the column that holds this key in the mapping file.
    #[must_use]
    pub fn column(&self) -> Column {
        match self {
            Self::TiktokSku(_) => Column::TiktokSkuId,
            Self::SellerSku(_) => Column::SellerSku,
            Self::Product(_) => Column::TiktokProductId,
        }
    }

    /// Returns the identifier's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::TiktokSku(id) => id.as_str(),
            Self::SellerSku(text) => text.as_str(),
            Self::Product(id) => id.as_str(),
        }
    }
}

impl fmt::Display for MappingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {:?}", self.column(), self.as_str())
    }
}

/// One checked row of the mapping file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingRow {
    /// The most specific key that the row fills; it is looked up by this one alone.
    pub key: MappingKey,
    /// The less specific keys that the row fills, too; kept for people, never looked up.
    pub also: Vec<MappingKey>,
    /// What goes at Amazon; at most 50 characters.
    pub amazon_sku: AmazonSku,
    /// Units of the Amazon SKU in one unit at TikTok, 1 to 250.
    pub quantity: u32,
    /// The name that holds several rows of one key together as a bundle.
    pub bundle: Option<String>,
    /// The speed for this variant, where it differs from the configured one; never an unknown word.
    pub shipping_speed: Option<ShippingSpeed>,
    /// Units at Amazon to keep back from TikTok, where it differs from the configured number.
    pub safety_stock: Option<u32>,
    /// Whether this variant is sent. `false` means "do not send it", not "look elsewhere".
    pub enabled: bool,
    /// The line of the file on which the row begins, counted from 1.
    pub line: u64,
}

impl MappingRow {
    /// Tells whether both rows say the same, wherever they stood in their files.
    #[must_use]
    pub fn same_contents(&self, other: &Self) -> bool {
        Self {
            line: other.line,
            ..self.clone()
        } == *other
    }

    /// Returns the text of one column as the file would hold it, not yet made safe for spreadsheets.
    #[must_use]
    pub fn cell(&self, column: Column) -> Cow<'_, str> {
        match column {
            Column::TiktokProductId | Column::TiktokSkuId | Column::SellerSku => {
                self.key_of(column).unwrap_or_default().into()
            }
            Column::AmazonSku => self.amazon_sku.as_str().into(),
            Column::Quantity => self.quantity.to_string().into(),
            Column::Bundle => self.bundle.as_deref().unwrap_or_default().into(),
            Column::ShippingSpeed => self
                .shipping_speed
                .as_ref()
                .map(ShippingSpeed::as_str)
                .unwrap_or_default()
                .into(),
            Column::SafetyStock => self
                .safety_stock
                .map(|units| units.to_string())
                .unwrap_or_default()
                .into(),
            Column::Enabled => if self.enabled { "true" } else { "false" }.into(),
        }
    }

    /// Returns the key that stands in one of the key columns.
    #[must_use]
    pub fn key_of(&self, column: Column) -> Option<&str> {
        let mut keys = std::iter::once(&self.key).chain(&self.also);
        keys.find(|key| key.column() == column).map(MappingKey::as_str)
    }
}

#[cfg(test)]
pub(crate) mod examples;
