//! What outsiders are told: the events of the design, with exactly the fields it promises.
//!
//! An event never holds a secret or anything about the buyer.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::flag::{Detail, Reason};
use super::fulfillment::ShippingSpeed;
use super::ids::{AmazonSku, FulfillmentOrderId, TiktokOrderId, WarehouseId};

/// Something that the operator's endpoints may want to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A new order was seen.
    OrderDetected {
        /// The order.
        order: TiktokOrderId,
        /// When.
        at: DateTime<Utc>,
    },
    /// An order was decided for the first time or differently from before.
    OrderValidated {
        /// The order.
        order: TiktokOrderId,
        /// Whether it may be sent.
        valid: bool,
        /// The reasons and details when it may not.
        errors: Vec<Detail>,
    },
    /// Amazon has the order.
    OrderRouted {
        /// The order.
        order: TiktokOrderId,
        /// Our id at Amazon.
        fulfillment_order: FulfillmentOrderId,
        /// When Amazon accepted.
        at: DateTime<Utc>,
    },
    /// An order needs a person.
    OrderFailed {
        /// The order.
        order: TiktokOrderId,
        /// The reason.
        reason: Reason,
        /// One sentence.
        error: String,
    },
    /// Amazon says that an order leaves after TikTok's deadline.
    OrderAtRisk {
        /// The order.
        order: TiktokOrderId,
        /// By when the carrier must have it.
        deadline: DateTime<Utc>,
        /// When it leaves at the latest.
        latest_ship: DateTime<Utc>,
        /// At which speed.
        speed: ShippingSpeed,
    },
    /// An order is cancelled.
    OrderCancelled {
        /// The order.
        order: TiktokOrderId,
        /// When.
        at: DateTime<Utc>,
    },
    /// TikTok has a parcel's number.
    TrackingSynced {
        /// The order.
        order: TiktokOrderId,
        /// The number.
        tracking_number: String,
        /// The carrier, as TikTok names it.
        carrier: String,
        /// When TikTok took it.
        at: DateTime<Utc>,
    },
    /// A parcel left and TikTok does not have its number in time.
    TrackingOverdue {
        /// The order.
        order: TiktokOrderId,
        /// When it left.
        shipped_at: DateTime<Utc>,
        /// Full hours since then.
        hours: i64,
    },
    /// A stock figure fell to its threshold.
    InventoryLow {
        /// The SKU at Amazon.
        sku: AmazonSku,
        /// Units.
        current_stock: i64,
        /// The threshold in units.
        threshold: i64,
    },
    /// A stock figure rose again.
    InventoryRecovered {
        /// The SKU at Amazon.
        sku: AmazonSku,
        /// Units.
        current_stock: i64,
        /// The threshold in units.
        threshold: i64,
    },
    /// TikTok has switched off a warehouse that stands for Amazon's stock.
    WarehouseDisabled {
        /// The warehouse.
        warehouse: WarehouseId,
    },
    /// A run began.
    ConnectorStarted {
        /// When.
        at: DateTime<Utc>,
    },
    /// A run ended.
    ConnectorStopped {
        /// When.
        at: DateTime<Utc>,
    },
    /// A run failed.
    Error {
        /// One sentence.
        message: String,
    },
    /// What an `error` told of is over: the command had a good run, or what was watched stands no more.
    ErrorResolved {
        /// The sentence of its `error`.
        message: String,
    },
}

/// Events that wait for nothing: a person, a deadline or money depends on them.
pub const URGENT: [&str; 6] = [
    "order.failed",
    "order.at_risk",
    "tracking.overdue",
    "warehouse.disabled",
    "error",
    "error.resolved",
];

/// How the events begin that only say that the program is alive; everything else goes before them.
pub const IDLE_FAMILY: &str = "connector.";

impl Event {
    /// Returns the event's type, e.g. `order.routed`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::OrderDetected { .. } => "order.detected",
            Self::OrderValidated { .. } => "order.validated",
            Self::OrderRouted { .. } => "order.routed",
            Self::OrderFailed { .. } => "order.failed",
            Self::OrderAtRisk { .. } => "order.at_risk",
            Self::OrderCancelled { .. } => "order.cancelled",
            Self::TrackingSynced { .. } => "tracking.synced",
            Self::TrackingOverdue { .. } => "tracking.overdue",
            Self::InventoryLow { .. } => "inventory.low",
            Self::InventoryRecovered { .. } => "inventory.recovered",
            Self::WarehouseDisabled { .. } => "warehouse.disabled",
            Self::ConnectorStarted { .. } => "connector.started",
            Self::ConnectorStopped { .. } => "connector.stopped",
            Self::Error { .. } => "error",
            Self::ErrorResolved { .. } => "error.resolved",
        }
    }

    /// Returns the `data` of the event. `orderId` is our id of the order, which is TikTok's.
    #[must_use]
    pub fn data(&self) -> Value {
        match self {
            Self::OrderDetected { order, at } => {
                json!({"orderId": order, "tiktokOrderId": order, "detectedAt": instant(*at)})
            }
            Self::OrderValidated { order, valid, errors } => {
                let errors: Vec<Value> = errors
                    .iter()
                    .map(|detail| json!({"reason": detail.reason(), "detail": detail.as_str()}))
                    .collect();
                json!({"orderId": order, "validationResult": {"valid": valid, "errors": errors}})
            }
            Self::OrderRouted {
                order,
                fulfillment_order,
                at,
            } => json!({"orderId": order, "mcfOrderId": fulfillment_order, "routedAt": instant(*at)}),
            Self::OrderFailed { order, reason, error } => json!({"orderId": order, "reason": reason, "error": error}),
            Self::OrderAtRisk {
                order,
                deadline,
                latest_ship,
                speed,
            } => json!({
                "orderId": order, "deadline": instant(*deadline), "latestShip": instant(*latest_ship), "shippingSpeed": speed
            }),
            Self::OrderCancelled { order, at } => json!({"orderId": order, "cancelledAt": instant(*at)}),
            Self::TrackingSynced {
                order,
                tracking_number,
                carrier,
                at,
            } => json!({
                "orderId": order, "trackingNumber": tracking_number, "carrier": carrier, "syncedAt": instant(*at)
            }),
            Self::TrackingOverdue {
                order,
                shipped_at,
                hours,
            } => json!({"orderId": order, "shippedAt": instant(*shipped_at), "hours": hours}),
            Self::InventoryLow {
                sku,
                current_stock,
                threshold,
            }
            | Self::InventoryRecovered {
                sku,
                current_stock,
                threshold,
            } => json!({"sku": sku, "currentStock": current_stock, "threshold": threshold}),
            Self::WarehouseDisabled { warehouse } => json!({"warehouseId": warehouse}),
            Self::ConnectorStarted { at } => json!({"startedAt": instant(*at)}),
            Self::ConnectorStopped { at } => json!({"stoppedAt": instant(*at)}),
            Self::Error { message } | Self::ErrorResolved { message } => json!({"message": message}),
        }
    }

    /// Returns the order that the event is about.
    #[must_use]
    pub fn order(&self) -> Option<&TiktokOrderId> {
        match self {
            Self::OrderDetected { order, .. }
            | Self::OrderValidated { order, .. }
            | Self::OrderRouted { order, .. }
            | Self::OrderFailed { order, .. }
            | Self::OrderCancelled { order, .. }
            | Self::OrderAtRisk { order, .. }
            | Self::TrackingSynced { order, .. }
            | Self::TrackingOverdue { order, .. } => Some(order),
            Self::InventoryLow { .. }
            | Self::InventoryRecovered { .. }
            | Self::WarehouseDisabled { .. }
            | Self::ConnectorStarted { .. }
            | Self::ConnectorStopped { .. }
            | Self::Error { .. }
            | Self::ErrorResolved { .. } => None,
        }
    }
}

/// Writes an instant as RFC 3339 in UTC with `Z` and whole seconds.
#[must_use]
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_routed_event_has_the_promised_fields() {
        let event = Event::OrderRouted {
            order: TiktokOrderId::new("576900000000000101"),
            fulfillment_order: FulfillmentOrderId::new("TTS-576900000000000101"),
            at: DateTime::from_timestamp(1_767_574_842, 0).expect("a valid instant"),
        };
        assert_eq!(event.kind(), "order.routed");
        assert_eq!(
            event.data(),
            json!({
                "orderId": "576900000000000101",
                "mcfOrderId": "TTS-576900000000000101",
                "routedAt": "2026-01-05T01:00:42Z"
            })
        );
    }
}
