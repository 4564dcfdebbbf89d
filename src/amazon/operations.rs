//! The table of the calls that we make: Amazon's names, paths, published rates, and what may be repeated blindly.

use crate::transport::{Operation, Peer, Rate, Repeat};

/// The rate of the outbound operations (usage plans of the fulfillment outbound model).
const OUTBOUND: Rate = Rate {
    per_second: 2.0,
    burst: 30.0,
};

/// Lists the marketplaces of the seller: the check of credentials that needs no role for fulfillment.
pub const MARKETPLACES: Operation = Operation {
    peer: Peer::Amazon,
    name: "getMarketplaceParticipations",
    method: "GET",
    path: "/sellers/v1/marketplaceParticipations",
    rate: Rate {
        per_second: 0.016,
        burst: 15.0,
    },
    repeat: Repeat::Safe,
};

/// Asks what an order would cost and when it would arrive. Changes nothing, though it is a POST.
pub const PREVIEW: Operation = Operation {
    peer: Peer::Amazon,
    name: "getFulfillmentPreview",
    method: "POST",
    path: "/fba/outbound/2020-07-01/fulfillmentOrders/preview",
    rate: OUTBOUND,
    repeat: Repeat::Safe,
};

/// Creates a fulfillment order. There is no idempotency header: after an unclear end only a read by our id may follow.
pub const CREATE: Operation = Operation {
    peer: Peer::Amazon,
    name: "createFulfillmentOrder",
    method: "POST",
    path: "/fba/outbound/2020-07-01/fulfillmentOrders",
    rate: OUTBOUND,
    repeat: Repeat::OnlyIfNotExecuted,
};

/// Reads one fulfillment order with its items, shipments and packages.
pub const FULFILLMENT_ORDER: Operation = Operation {
    peer: Peer::Amazon,
    name: "getFulfillmentOrder",
    method: "GET",
    path: "/fba/outbound/2020-07-01/fulfillmentOrders/{sellerFulfillmentOrderId}",
    rate: OUTBOUND,
    repeat: Repeat::Safe,
};

/// Lists the fulfillment orders whose status changed since an instant.
pub const FULFILLMENT_ORDERS: Operation = Operation {
    peer: Peer::Amazon,
    name: "listAllFulfillmentOrders",
    method: "GET",
    path: "/fba/outbound/2020-07-01/fulfillmentOrders",
    rate: OUTBOUND,
    repeat: Repeat::Safe,
};

/// Asks Amazon to cancel. A second request does no harm (`DuplicateCancelRequest`), but after an unclear end the state tells more
/// than another request: it is read first.
pub const CANCEL: Operation = Operation {
    peer: Peer::Amazon,
    name: "cancelFulfillmentOrder",
    method: "PUT",
    path: "/fba/outbound/2020-07-01/fulfillmentOrders/{sellerFulfillmentOrderId}/cancel",
    rate: OUTBOUND,
    repeat: Repeat::OnlyIfNotExecuted,
};

/// Reads where a package is.
pub const TRACKING: Operation = Operation {
    peer: Peer::Amazon,
    name: "getPackageTrackingDetails",
    method: "GET",
    path: "/fba/outbound/2020-07-01/tracking",
    rate: OUTBOUND,
    repeat: Repeat::Safe,
};

/// Reads stock figures.
pub const INVENTORY: Operation = Operation {
    peer: Peer::Amazon,
    name: "getInventorySummaries",
    method: "GET",
    path: "/fba/inventory/v1/summaries",
    rate: Rate {
        per_second: 2.0,
        burst: 2.0,
    },
    repeat: Repeat::Safe,
};

/// Exchanges the refresh token for an access token. Amazon publishes no rate for it and one an hour is enough,
/// so this one is our own. The refresh token stays what it is: an exchange may be repeated.
pub const TOKEN_EXCHANGE: Operation = Operation {
    peer: Peer::Amazon,
    name: "tokenExchange",
    method: "POST",
    path: "/auth/o2/token",
    rate: Rate {
        per_second: 1.0,
        burst: 5.0,
    },
    repeat: Repeat::Safe,
};

/// Exchanges the code of the consent page for the refresh token. A code is good once: after an unclear end it may be used up.
pub const CODE_EXCHANGE: Operation = Operation {
    name: "codeExchange",
    repeat: Repeat::OnlyIfNotExecuted,
    ..TOKEN_EXCHANGE
};

/// All calls of the Selling Partner API, the exchanges not included.
pub const ALL: [&Operation; 8] = [
    &MARKETPLACES,
    &PREVIEW,
    &CREATE,
    &FULFILLMENT_ORDER,
    &FULFILLMENT_ORDERS,
    &CANCEL,
    &TRACKING,
    &INVENTORY,
];
