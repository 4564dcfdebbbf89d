//! What outsiders are told: each kind of event, when it is sent and how often, with exactly the fields that are promised.
//!
//! An event never holds a secret or anything about the buyer. It is written in the transaction of its cause:
//!
//! | event | its rule | who writes it |
//! |---|---|---|
//! | `order.detected` | the first time | `store/orders` |
//! | `order.validated` | `routing/stored` | `store/decisions` |
//! | `order.routed` | `submission/life` | `store/fulfillment` |
//! | `order.failed` | every flag; which: `flag/detail`. Reminders: `reminder` | `store/decisions`; reminders: `store/reminders` |
//! | `order.at_risk` | `routing/choice`, later `tracking/overdue` | `store/speeds` |
//! | `order.cancelled` | the state `cancelled` | `store/decisions` |
//! | `tracking.synced` | `tracking` | `store/parcels/telling` |
//! | `tracking.overdue` | `deadline`, `tracking/overdue` | `store/parcels/late` |
//! | `inventory.low`, `inventory.recovered` | `inventory/alert` | `store/stock` |
//! | `warehouse.disabled` | `warehouse`, `told` | `store/told` |
//! | `connector.started`, `connector.stopped` | every run | `run` |
//! | `error`, `error.resolved` | `told` | `store/told` |

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::flag::{Detail, Reason};
use super::fulfillment::ShippingSpeed;
use super::ids::{AmazonSku, FulfillmentOrderId, TiktokOrderId, WarehouseId};

/// Something that the operator's endpoints may want to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An order is stored for the first time, whoever found it: once an order.
    OrderDetected {
        /// The order.
        order: TiktokOrderId,
        /// When.
        at: DateTime<Utc>,
    },
    /// An order came out of its decision ready or flagged, and not as it was told last. That it waits, is not ours or was cancelled
    /// is no such result.
    OrderValidated {
        /// The order.
        order: TiktokOrderId,
        /// Whether it may be sent.
        valid: bool,
        /// The reasons and details when it may not.
        errors: Vec<Detail>,
    },
    /// Amazon has taken a fulfillment order, by its answer or by a read that found it: once each time, so once more where a person asked
    /// for another one or for what Amazon left out.
    OrderRouted {
        /// The order.
        order: TiktokOrderId,
        /// Our id at Amazon.
        fulfillment_order: FulfillmentOrderId,
        /// When Amazon accepted.
        at: DateTime<Utc>,
    },
    /// An order needs a person: a flag is raised that did not stand. Once for each detail, and again when its cause comes back after it
    /// was gone. A flag that stands on with other words is not told, nor one of which the operator took note by dismissing the order.
    OrderFailed {
        /// The order.
        order: TiktokOrderId,
        /// The reason.
        reason: Reason,
        /// One sentence.
        error: String,
    },
    /// An order still needs a person, and its deadline comes near: once for each span of `deadline::REMINDED_BEFORE`, and anew where the
    /// deadline moves.
    OrderStillFails {
        /// The order.
        order: TiktokOrderId,
        /// The reason, of several the first.
        reason: Reason,
        /// One sentence.
        error: String,
        /// Its deadline.
        deadline: DateTime<Utc>,
    },
    /// Amazon's preview, or its plan when it has the order, says that it leaves after TikTok's deadline, the operator's margin included:
    /// once an order, whatever is planned later. That a deadline is near is another thing, and an [`Event::Error`].
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
    /// An order's state became `cancelled`, before it was sent or after Amazon gave it up: once each time.
    OrderCancelled {
        /// The order.
        order: TiktokOrderId,
        /// When.
        at: DateTime<Utc>,
    },
    /// TikTok has a parcel's number: it took it, or a read found it there. Once for each number of a parcel, so a correction is told, too.
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
    /// TikTok has no number of a parcel three hours after it left, and again after four, when it was due: each once, and only the later
    /// where no run came in between.
    TrackingOverdue {
        /// The order.
        order: TiktokOrderId,
        /// When it left.
        shipped_at: DateTime<Utc>,
        /// Full hours since then.
        hours: i64,
    },
    /// What Amazon has left of a mapped SKU is at its threshold or below: once until it has recovered.
    InventoryLow {
        /// The SKU at Amazon.
        sku: AmazonSku,
        /// Units.
        current_stock: i64,
        /// The threshold in units.
        threshold: i64,
    },
    /// It is above the threshold and a fifth of it again: once after each [`Event::InventoryLow`].
    InventoryRecovered {
        /// The SKU at Amazon.
        sku: AmazonSku,
        /// Units.
        current_stock: i64,
        /// The threshold in units.
        threshold: i64,
    },
    /// TikTok has switched off a warehouse that stands for Amazon's stock: once until it is on again, which is an
    /// [`Event::ErrorResolved`].
    WarehouseDisabled {
        /// The warehouse.
        warehouse: WarehouseId,
    },
    /// A run of `poll`, `route`, `sync-tracking` or `sync-inventory` has its lock and begins. A dry run tells nothing.
    ConnectorStarted {
        /// When.
        at: DateTime<Utc>,
    },
    /// That run ends, well or not.
    ConnectorStopped {
        /// When.
        at: DateTime<Utc>,
        /// How many rows the chain of the history has.
        audit_rows: i64,
        /// The hash that it ends in: kept elsewhere, it shows that the history was not written anew.
        audit_head: String,
    },
    /// A cause of trouble is new: once until it is over. It is what kept a run from a part of its work (a command's own, told by its
    /// kind: a vendor that is away all night is one), or what a run watches: an order that Amazon has not shipped and whose deadline
    /// is near, a warehouse that sells nothing for now, a carrier that the default stands in for, parcels that TikTok counts against
    /// MCF, a zero that TikTok refuses, a token that it does not renew.
    Error {
        /// One sentence.
        message: String,
    },
    /// What an `error` or a `warehouse.disabled` told of is over: the command had a good run, or what was watched stands no more.
    ErrorResolved {
        /// The sentence with which its cause was told.
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
            Self::OrderFailed { .. } | Self::OrderStillFails { .. } => "order.failed",
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
                json!({"orderId": order, "validationResult": {"valid": valid, "errors": reasons(errors)}})
            }
            Self::OrderRouted {
                order,
                fulfillment_order,
                at,
            } => json!({"orderId": order, "mcfOrderId": fulfillment_order, "routedAt": instant(*at)}),
            Self::OrderFailed { order, reason, error } => json!({"orderId": order, "reason": reason, "error": error}),
            Self::OrderStillFails {
                order,
                reason,
                error,
                deadline,
            } => json!({"orderId": order, "reason": reason, "error": error, "deadline": instant(*deadline)}),
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
            Self::ConnectorStopped {
                at,
                audit_rows,
                audit_head,
            } => json!({"stoppedAt": instant(*at), "auditRows": audit_rows, "auditHead": audit_head}),
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
            | Self::OrderStillFails { order, .. }
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

fn reasons(details: &[Detail]) -> Vec<Value> {
    let reason = |detail: &Detail| json!({"reason": detail.reason(), "detail": detail.as_str()});
    details.iter().map(reason).collect()
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

    #[test]
    fn what_is_told_of_an_order_belongs_to_its_history_and_what_is_told_of_the_shop_to_none() {
        let order = TiktokOrderId::new("1");
        let at = DateTime::<Utc>::default();
        let of_order = Event::OrderCancelled {
            order: order.clone(),
            at,
        };
        assert_eq!(of_order.order(), Some(&order));
        let of_shop = Event::ConnectorStopped {
            at,
            audit_rows: 2,
            audit_head: "ab".into(),
        };
        assert_eq!(of_shop.order(), None);
        assert_eq!(
            of_shop.data(),
            json!({"stoppedAt": "1970-01-01T00:00:00Z", "auditRows": 2, "auditHead": "ab"})
        );
    }
}
