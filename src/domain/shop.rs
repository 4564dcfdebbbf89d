//! What a TikTok shop consists of besides its orders: warehouses, carriers, listings' stock, cancellation requests.

use chrono::{DateTime, Utc};

use super::ids::{
    CancelId, DeliveryOptionId, LineItemId, ProductId, SellerSku, ShippingProviderId, TiktokOrderId, TiktokSkuId,
    WarehouseId,
};
use super::open_enum::open_enum;
use crate::secret::{Private, Secret};

/// A shop that the access token may act for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// The shop's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its market, e.g. `US`; British shops have `GB`.
    pub region: String,
    /// `LOCAL` or `CROSS_BORDER`.
    pub seller_type: Option<String>,
    /// What names the shop in API calls; kept as a credential is.
    pub cipher: Secret,
}

open_enum! {
    /// Whether a warehouse works.
    WarehouseStatus {
        /// It does.
        Enabled = "ENABLED",
        /// It does not.
        Disabled = "DISABLED",
        /// Holiday or order-limit mode.
        Restricted = "RESTRICTED",
    }
}

open_enum! {
    /// What a warehouse is for.
    WarehouseType {
        /// Orders leave from it.
        Sales = "SALES_WAREHOUSE",
        /// Returns go to it.
        Return = "RETURN_WAREHOUSE",
    }
}

/// A warehouse of the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warehouse {
    /// Its id.
    pub id: WarehouseId,
    /// Its name, for people.
    pub name: String,
    /// Whether it works.
    pub status: WarehouseStatus,
    /// What it is for.
    pub kind: WarehouseType,
    /// Whether it is the default of its type.
    pub is_default: bool,
}

impl Warehouse {
    /// Tells whether its stock is for sale. On holidays and under an order limit the stock is the same, and is kept equal.
    #[must_use]
    pub fn shows_stock(&self) -> bool {
        let is_open = matches!(self.status, WarehouseStatus::Enabled | WarehouseStatus::Restricted);
        is_open && self.kind == WarehouseType::Sales
    }
}

/// A carrier as TikTok offers it for one delivery option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingProvider {
    /// Its id.
    pub id: ShippingProviderId,
    /// Its name, e.g. `Amazon Logistics`.
    pub name: String,
}

/// A way of delivery that a buyer may choose, as a warehouse offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryOption {
    /// Its id.
    pub id: DeliveryOptionId,
    /// Its name, where TikTok says it.
    pub name: Option<String>,
}

impl DeliveryOption {
    /// Tells whether the operator means it by a text: its id, or its name in whatever case.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        let name = self.name.as_deref().map(str::trim);
        self.id.as_str() == text || name.is_some_and(|name| name.eq_ignore_ascii_case(text.trim()))
    }
}

/// What TikTok said to a parcel that was marked shipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedShipped {
    /// The parcel at TikTok, where it is named.
    pub package_id: Option<super::ids::PackageId>,
    /// TikTok's doubt about the number or the carrier, in its own words. The parcel is marked shipped all the same.
    pub warning: Option<Private<String>>,
}

/// One variant's stock at TikTok.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingStock {
    /// The listing.
    pub product_id: ProductId,
    /// The variant.
    pub sku_id: TiktokSkuId,
    /// The seller's SKU text, where there is one.
    pub seller_sku: Option<SellerSku>,
    /// What each warehouse shows.
    pub warehouses: Vec<WarehouseStock>,
}

/// One variant's stock in one warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarehouseStock {
    /// The warehouse.
    pub warehouse_id: WarehouseId,
    /// Free to sell now: units of open orders are already taken off. `None` where TikTok does not say.
    pub available: Option<i64>,
    /// Units of open orders. `None` where TikTok does not say.
    pub committed: Option<i64>,
}

/// One variant's stock to be written: every warehouse of it, as TikTok demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockUpdate {
    /// The variant.
    pub sku_id: TiktokSkuId,
    /// Absolute figures; never negative.
    pub quantities: Vec<(WarehouseId, u32)>,
}

/// A variant that TikTok refused in an inventory update whose other variants went through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockRefusal {
    /// The variant. `None` where TikTok does not name it.
    pub sku_id: Option<TiktokSkuId>,
    /// TikTok's codes, outermost first.
    pub codes: Vec<i64>,
}

open_enum! {
    /// The status of a cancellation at TikTok.
    CancellationStatus {
        /// The seller must answer.
        Pending = "CANCELLATION_REQUEST_PENDING",
        /// Agreed; the refund is under way.
        Success = "CANCELLATION_REQUEST_SUCCESS" | "CANCELLATION_REQUEST_SUCCES",
        /// Withdrawn by the buyer.
        Withdrawn = "CANCELLATION_REQUEST_CANCEL" | "CANCELLATION_REQUEST_CANCELLED",
        /// Done.
        Complete = "CANCELLATION_REQUEST_COMPLETE",
    }
}

/// A cancellation at TikTok: a request, or one that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// Its id.
    pub id: CancelId,
    /// The order.
    pub order_id: TiktokOrderId,
    /// Its status.
    pub status: CancellationStatus,
    /// Who asks: `BUYER`, `SELLER`, `SYSTEM`, …
    pub role: Option<String>,
    /// TikTok's reason key.
    pub reason: Option<String>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// By when the seller must answer, before TikTok agrees by itself.
    pub answer_by: Option<DateTime<Utc>>,
    /// The units concerned. Where neither units nor variants are named, the whole order is.
    pub line_items: Vec<LineItemId>,
    /// The variants of which TikTok names no single units.
    pub skus: Vec<TiktokSkuId>,
}

/// Both TikTok tokens with their ends, as the token host gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPair {
    /// For API calls; seven days by default.
    pub access_token: Secret,
    /// The end of the access token. `None` where TikTok does not say it.
    pub access_expires_at: Option<DateTime<Utc>>,
    /// For the next pair. `None` where TikTok gave none: the one that was used stands.
    pub refresh_token: Option<Secret>,
    /// The end of the seller's consent.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// What the seller consented to. Empty where TikTok does not say.
    pub scopes: Vec<String>,
}

/// A listing of the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Its id.
    pub id: ProductId,
    /// Its title, for people.
    pub title: Option<String>,
    /// TikTok's status word, e.g. `ACTIVATE`.
    pub status: Option<String>,
    /// Its variants.
    pub skus: Vec<ListingSku>,
}

/// A variant of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingSku {
    /// Its id.
    pub id: TiktokSkuId,
    /// The seller's SKU text, where there is one.
    pub seller_sku: Option<SellerSku>,
}

/// A parcel as TikTok sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its id.
    pub id: super::ids::PackageId,
    /// TikTok's status word, e.g. `FULFILLING`.
    pub status: Option<String>,
    /// The units in it.
    pub line_items: Vec<LineItemId>,
    /// The tracking number that TikTok has.
    pub tracking_number: Option<String>,
    /// The carrier that TikTok has.
    pub shipping_provider_id: Option<ShippingProviderId>,
    /// TikTok's marks (`biz_extension_tags`). `None` where TikTok does not say.
    pub tags: Option<Vec<String>>,
}

impl Package {
    /// Tells whether TikTok counts this parcel as one that did not come from MCF although its warehouse is an MCF
    /// warehouse; five of them switch the warehouse off. `None` where TikTok does not say.
    #[must_use]
    pub fn is_counted_against_mcf(&self) -> Option<bool> {
        let tags = self.tags.as_ref()?;
        Some(tags.iter().any(|tag| tag == "NON_MCF"))
    }
}

/// A reason that a declined cancellation may give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectReason {
    /// TikTok's key, which is sent.
    pub name: String,
    /// Its words, for people.
    pub text: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sales_warehouse_that_works_shows_stock_and_a_holiday_changes_nothing_about_it() {
        for (kind, status, shows) in [
            ("SALES_WAREHOUSE", "ENABLED", true),
            ("SALES_WAREHOUSE", "RESTRICTED", true),
            ("SALES_WAREHOUSE", "DISABLED", false),
            ("SALES_WAREHOUSE", "OF_ANOTHER_VERSION", false),
            ("RETURN_WAREHOUSE", "ENABLED", false),
            ("RETURN_WAREHOUSE", "DISABLED", false),
        ] {
            let warehouse = Warehouse {
                id: WarehouseId::new("1"),
                name: "Main".to_owned(),
                status: WarehouseStatus::read(status),
                kind: WarehouseType::read(kind),
                is_default: true,
            };
            assert_eq!(warehouse.shows_stock(), shows, "{kind} {status}");
        }
    }

    #[test]
    fn a_parcel_counts_against_mcf_by_tiktoks_mark_alone_and_silence_is_no_answer() {
        let counted = |tags: Option<&[&str]>| {
            let package = Package {
                id: super::super::ids::PackageId::new("1"),
                status: None,
                line_items: Vec::new(),
                tracking_number: None,
                shipping_provider_id: None,
                tags: tags.map(|tags| tags.iter().map(|tag| (*tag).to_owned()).collect()),
            };
            package.is_counted_against_mcf()
        };
        assert_eq!(counted(Some(&["FRAGILE", "NON_MCF"])), Some(true));
        assert_eq!(counted(Some(&["FRAGILE"])), Some(false));
        assert_eq!(counted(None), None);
    }
}
