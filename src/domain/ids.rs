//! Identifiers of both vendors, each its own type so that none is taken for another.
//!
//! All of them are text: TikTok's ids are decimal strings beyond 2^53 and Amazon's SKUs may look like numbers (`007`, `1E5`).

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

macro_rules! text_id {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the vendor's text as it is.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// An order at TikTok, e.g. `576900000000000101`.
    TiktokOrderId
);
text_id!(
    /// A line item of a TikTok order. One line item is one unit (`docs/vendors.md`).
    LineItemId
);
text_id!(
    /// A product (listing) at TikTok.
    ProductId
);
text_id!(
    /// A variant of a product at TikTok.
    TiktokSkuId
);
text_id!(
    /// The SKU text that the seller gave a variant at TikTok. Never empty.
    SellerSku
);
text_id!(
    /// The seller's SKU at Amazon (Amazon calls it `sellerSku`), at most 50 characters.
    AmazonSku
);
text_id!(
    /// A parcel at TikTok.
    PackageId
);
text_id!(
    /// A cancellation request at TikTok.
    CancelId
);
text_id!(
    /// A warehouse at TikTok.
    WarehouseId
);
text_id!(
    /// The delivery option that the buyer chose; TikTok lists the shipping providers per option.
    DeliveryOptionId
);
text_id!(
    /// A carrier as TikTok knows it, per delivery option.
    ShippingProviderId
);
text_id!(
    /// An item of a fulfillment order, chosen by us (`sellerFulfillmentOrderItemId`), unique within the order.
    FulfillmentItemId
);

/// An identifier typed by a person is not one.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "{text:?} is not a TikTok order id: 1 to {} letters, digits and hyphens",
    TiktokOrderId::LENGTH_MAX
)]
pub struct NotAnOrderId {
    /// What was typed, cut to the allowed length.
    pub text: String,
}

impl TiktokOrderId {
    /// The longest id that still leaves room for the prefix and the generation in Amazon's 40 characters.
    pub const LENGTH_MAX: usize = 32;

    /// Reads an id that a person typed or another program sent.
    ///
    /// # Errors
    /// When it is empty, too long, or holds anything but ASCII letters, digits and hyphens.
    pub fn parse(text: &str) -> Result<Self, NotAnOrderId> {
        let fits = (1..=Self::LENGTH_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if fits {
            Ok(Self::new(text))
        } else {
            Err(NotAnOrderId {
                text: text.chars().take(Self::LENGTH_MAX).collect(),
            })
        }
    }
}

/// Our id of a fulfillment order at Amazon (`sellerFulfillmentOrderId`), the only handle and the only guard against doubles.
///
/// It is derived from the TikTok order and the generation, never minted: a retry has the same id by construction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FulfillmentOrderId(String);

impl FulfillmentOrderId {
    const PREFIX: &str = "TTS-";

    /// Returns the id of the `generation`-th fulfillment order for a TikTok order; generations count from 1.
    #[must_use]
    pub fn derive(order: &TiktokOrderId, generation: u32) -> Self {
        if generation <= 1 {
            Self(format!("{}{order}", Self::PREFIX))
        } else {
            Self(format!("{}{order}-{generation}", Self::PREFIX))
        }
    }

    /// Wraps an id that was read from the store or from Amazon.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FulfillmentOrderId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_amazon_id_is_derived_and_never_longer_than_forty() {
        let order = TiktokOrderId::new("9".repeat(TiktokOrderId::LENGTH_MAX));
        assert_eq!(
            FulfillmentOrderId::derive(&TiktokOrderId::new("576900000000000101"), 1).as_str(),
            "TTS-576900000000000101"
        );
        assert_eq!(
            FulfillmentOrderId::derive(&TiktokOrderId::new("7"), 2).as_str(),
            "TTS-7-2"
        );
        assert!(FulfillmentOrderId::derive(&order, 999).as_str().len() <= 40);
    }

    #[test]
    fn hostile_order_ids_are_refused_before_any_request() {
        for text in [
            "",
            "../1",
            "%2e%2e",
            "1 2",
            "1\0",
            "'; DROP TABLE orders;--",
            &"1".repeat(10_000),
        ] {
            assert!(TiktokOrderId::parse(text).is_err(), "A5/A6: {text:.20}");
        }
        assert!(TiktokOrderId::parse("576900000000000101").is_ok());
    }
}
