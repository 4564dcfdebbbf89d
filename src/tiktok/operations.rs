//! The calls that are made to TikTok: one table of names, paths, rates and whether a call may be repeated blindly.
//!
//! TikTok publishes no figure that holds for every shop (`docs/vendors.md`); the rate here is the default of 600 a minute.

use crate::transport::{Operation, Peer, Rate, Repeat};

/// The rate before the operator's setting and TikTok's "too many" change it.
pub const RATE: Rate = Rate {
    per_second: 10.0,
    burst: 20.0,
};

macro_rules! operations {
    ($($(#[$documentation:meta])* $constant:ident = $name:literal, $method:literal $path:literal, $repeat:ident;)+) => {
        $($(#[$documentation])* pub const $constant: Operation = Operation {
            peer: Peer::Tiktok,
            name: $name,
            method: $method,
            path: $path,
            rate: RATE,
            repeat: Repeat::$repeat,
        };)+

        /// Every call, for whoever lists or configures them.
        pub const ALL: &[Operation] = &[$($constant),+];
    };
}

operations! {
    /// The first token pair for a consent; its code works once.
    GET_TOKENS = "getAccessToken", "GET" "/api/v2/token/get", OnlyIfNotExecuted;
    /// The next token pair. Whether the old refresh token outlives this call is not documented; the only remedy for a
    /// lost answer is to ask with it again.
    REFRESH_TOKENS = "refreshAccessToken", "GET" "/api/v2/token/refresh", Safe;
    /// The shops that the token may act for; refuses a shop cipher.
    GET_SHOPS = "getAuthorizedShops", "GET" "/authorization/202309/shops", Safe;
    /// Orders by change time. Lacks the parts of bundles.
    SEARCH_ORDERS = "getOrderList", "POST" "/order/202309/orders/search", Safe;
    /// Orders by id, at most 50, complete.
    GET_ORDERS = "getOrderDetail", "GET" "/order/202507/orders", Safe;
    /// The shop's warehouses.
    GET_WAREHOUSES = "getWarehouseList", "GET" "/logistics/202309/warehouses", Safe;
    /// The delivery options of one warehouse.
    GET_DELIVERY_OPTIONS = "getWarehouseDeliveryOptions", "GET" "/logistics/202309/warehouses/{warehouse_id}/delivery_options", Safe;
    /// The carriers of one delivery option.
    GET_SHIPPING_PROVIDERS = "getShippingProviders", "GET" "/logistics/202309/delivery_options/{delivery_option_id}/shipping_providers", Safe;
    /// Marks units of an order shipped (US, GB, EU, JP). Without an idempotency key.
    MARK_SHIPPED = "markPackageAsShipped", "POST" "/fulfillment/202309/orders/{order_id}/packages", OnlyIfNotExecuted;
    /// Ships a package that TikTok made (SEA, BR, MX).
    SHIP_PACKAGE = "shipPackage", "POST" "/fulfillment/202309/packages/{package_id}/ship", OnlyIfNotExecuted;
    /// Corrects the number of an unsplit order; TikTok allows one correction.
    UPDATE_SHIPPING_INFO = "updateShippingInfo", "POST" "/fulfillment/202309/orders/{order_id}/shipping_info/update", OnlyIfNotExecuted;
    /// Corrects the number of one package of a split order; TikTok allows one correction.
    UPDATE_PACKAGE_SHIPPING_INFO = "updatePackageShippingInfo", "POST" "/fulfillment/202309/packages/{package_id}/shipping_info/update", OnlyIfNotExecuted;
    /// One package.
    GET_PACKAGE = "getPackageDetail", "GET" "/fulfillment/202309/packages/{package_id}", Safe;
    /// Cancellations by change time or order.
    SEARCH_CANCELLATIONS = "searchCancellations", "POST" "/return_refund/202309/cancellations/search", Safe;
    /// Agrees to a cancellation; carries an idempotency key.
    APPROVE_CANCELLATION = "approveCancellation", "POST" "/return_refund/202309/cancellations/{cancel_id}/approve", Safe;
    /// Declines a cancellation; carries an idempotency key.
    REJECT_CANCELLATION = "rejectCancellation", "POST" "/return_refund/202309/cancellations/{cancel_id}/reject", Safe;
    /// The reasons that a decline may give.
    GET_REJECT_REASONS = "getRejectReasons", "GET" "/return_refund/202309/reject_reasons", Safe;
    /// The shop's listings.
    SEARCH_PRODUCTS = "searchProducts", "POST" "/product/202502/products/search", Safe;
    /// Stock by listing or variant.
    SEARCH_INVENTORY = "inventorySearch", "POST" "/product/202309/inventory/search", Safe;
    /// Sets one listing's stock to absolute figures.
    UPDATE_INVENTORY = "updateInventory", "POST" "/product/202309/products/{product_id}/inventory/update", Safe;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_unique_and_nothing_that_ships_is_repeated_blindly() {
        for (index, operation) in ALL.iter().enumerate() {
            let twin = ALL[index + 1..]
                .iter()
                .find(|other| other.name == operation.name || other.path == operation.path);
            assert!(twin.is_none(), "{}", operation.name);
            assert!(!operation.path.ends_with('/'), "{}", operation.path);
            if operation.path.contains("/fulfillment/") && operation.method == "POST" {
                assert_eq!(operation.repeat, Repeat::OnlyIfNotExecuted, "{}", operation.name);
            }
        }
    }
}
