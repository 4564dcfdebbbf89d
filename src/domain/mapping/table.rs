//! The columns of a mapping table and the limits of its cells.

use std::fmt;

/// A column of the mapping file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The listing at TikTok.
    TiktokProductId,
    /// The variant at TikTok.
    TiktokSkuId,
    /// The seller's text for the variant at TikTok.
    SellerSku,
    /// The SKU at Amazon.
    AmazonSku,
    /// Units of the Amazon SKU in one unit at TikTok.
    Quantity,
    /// The name that holds the rows of one key together.
    Bundle,
    /// Amazon's shipping speed.
    ShippingSpeed,
    /// Units to keep back.
    SafetyStock,
    /// Whether the variant is sent.
    Enabled,
}

impl Column {
    /// All columns in the order of the export.
    pub const ALL: [Self; 9] = [
        Self::TiktokProductId,
        Self::TiktokSkuId,
        Self::SellerSku,
        Self::AmazonSku,
        Self::Quantity,
        Self::Bundle,
        Self::ShippingSpeed,
        Self::SafetyStock,
        Self::Enabled,
    ];

    /// Returns the column's name in the header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TiktokProductId => "tiktok_product_id",
            Self::TiktokSkuId => "tiktok_sku_id",
            Self::SellerSku => "seller_sku",
            Self::AmazonSku => "amazon_sku",
            Self::Quantity => "quantity",
            Self::Bundle => "bundle",
            Self::ShippingSpeed => "shipping_speed",
            Self::SafetyStock => "safety_stock",
            Self::Enabled => "enabled",
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The longest SKU at Amazon, in characters (Fulfillment Outbound 2020-07-01, `CreateFulfillmentOrderItem.sellerSku`).
pub const SKU_CHARACTERS_MAX: usize = 50;

/// The most units of one Amazon order, so the most that one TikTok unit may stand for.
pub const BUNDLE_UNITS_MAX: u32 = 250;

/// The longest field in bytes.
pub const FIELD_BYTES_MAX: usize = 64 * 1024;
