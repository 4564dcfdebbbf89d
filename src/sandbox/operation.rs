//! The operations that the stand-ins serve, by the vendors' names.

use serde::{Deserialize, Serialize};

/// Whose stand-in is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    /// TikTok Shop: the Open API and the token host.
    Tiktok,
    /// Amazon: Login with Amazon and the Selling Partner API.
    Amazon,
}

macro_rules! operations {
    ($($variant:ident $vendor:ident $kind:ident $documentation:literal;)*) => {
        /// One kind of call. In JSON it has the vendor's name in camel case, e.g. `createFulfillmentOrder`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum Operation {
            $(#[doc = $documentation] $variant,)*
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns whose operation it is.
            #[must_use]
            pub fn vendor(self) -> Vendor {
                match self {
                    $(Self::$variant => Vendor::$vendor,)*
                }
            }

            /// Tells whether the operation is meant to change something at the vendor. Fetching tokens is not.
            #[must_use]
            pub fn is_mutating(self) -> bool {
                match self {
                    $(Self::$variant => operations!(@ $kind),)*
                }
            }
        }
    };
    (@ reads) => { false };
    (@ writes) => { true };
}

operations! {
    GetToken Tiktok reads "Get the first pair of tokens for a code.";
    RefreshToken Tiktok reads "Get a new pair of tokens for a refresh token.";
    GetShops Tiktok reads "Get Authorized Shops.";
    SearchOrders Tiktok reads "Get Order List.";
    GetOrders Tiktok reads "Get Order Detail.";
    MarkPackageShipped Tiktok writes "Mark Package As Shipped.";
    UpdateOrderShippingInfo Tiktok writes "Update Shipping Info of an order that was not split.";
    UpdatePackageShippingInfo Tiktok writes "Update Package Shipping Info.";
    GetPackage Tiktok reads "Get Package Detail.";
    GetShippingProviders Tiktok reads "Get Shipping Providers of a delivery option.";
    GetWarehouses Tiktok reads "Get Warehouse List.";
    GetDeliveryOptions Tiktok reads "Get Warehouse Delivery Options.";
    SearchCancellations Tiktok reads "Search Cancellations.";
    CreateCancellation Tiktok writes "Cancel Order, by the seller.";
    ApproveCancellation Tiktok writes "Approve Cancellation.";
    RejectCancellation Tiktok writes "Reject Cancellation.";
    GetRejectReasons Tiktok reads "Get Reject Reasons.";
    SearchProducts Tiktok reads "Search Products.";
    SearchInventory Tiktok reads "Inventory Search.";
    UpdateInventory Tiktok writes "Update Inventory.";
    DeactivateProducts Tiktok writes "Deactivate Products.";
    ExchangeToken Amazon reads "Exchange a refresh token at Login with Amazon.";
    GetFulfillmentPreview Amazon reads "getFulfillmentPreview.";
    CreateFulfillmentOrder Amazon writes "createFulfillmentOrder.";
    GetFulfillmentOrder Amazon reads "getFulfillmentOrder.";
    ListAllFulfillmentOrders Amazon reads "listAllFulfillmentOrders.";
    CancelFulfillmentOrder Amazon writes "cancelFulfillmentOrder.";
    GetPackageTrackingDetails Amazon reads "getPackageTrackingDetails.";
    GetInventorySummaries Amazon reads "getInventorySummaries.";
    GetMarketplaceParticipations Amazon reads "getMarketplaceParticipations.";
}
