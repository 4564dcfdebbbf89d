//! Whether an order at TikTok is ours to route, and whether its time has come. Pure; the first of the decisions.

use chrono::{DateTime, TimeDelta, Utc};

use super::flag::{Detail, Flag};
use super::ids::WarehouseId;
use super::order::{DeliveryType, FulfillmentType, LineStatus, Order, OrderStatus, OrderType, ShippingType};

/// What the operator chose about which orders are routed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EligibilityRules {
    /// How long to wait after payment where TikTok gives no ON_HOLD hour: `[routing] grace_minutes`, an hour unless it is set.
    pub grace: TimeDelta,
    /// The warehouses that stand for Amazon's stock, `[inventory] tiktok_warehouse_ids`; orders of other ones are left alone. Empty: every order is ours.
    pub warehouses: Vec<WarehouseId>,
}

/// What may be done with an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Eligibility {
    /// Go on: validate, map, check stock.
    Route,
    /// Not yet. `until` is when to look again, where that is known.
    Wait {
        /// A stable code, e.g. `on_hold`.
        detail: &'static str,
        /// When it may be over.
        until: Option<DateTime<Utc>>,
    },
    /// The buyer asks to cancel and nothing was sent.
    CancelRequested,
    /// TikTok cancelled it.
    Cancelled,
    /// Not ours, with a stable code.
    NotEligible(&'static str),
    /// A person must look.
    Flagged(Flag),
}

/// Decides by what TikTok says now.
#[must_use]
pub fn judge(order: &Order, rules: &EligibilityRules, now: DateTime<Utc>) -> Eligibility {
    match by_status(order) {
        Eligibility::Route => by_kind(order, rules, now),
        decided @ (Eligibility::Wait { .. }
        | Eligibility::CancelRequested
        | Eligibility::Cancelled
        | Eligibility::NotEligible(_)
        | Eligibility::Flagged(_)) => decided,
    }
}

fn by_status(order: &Order) -> Eligibility {
    match &order.status {
        OrderStatus::AwaitingShipment | OrderStatus::PartiallyShipping => Eligibility::Route,
        OrderStatus::Unpaid => wait("unpaid", None),
        OrderStatus::OnHold => wait("on_hold", order.times.release_at),
        OrderStatus::Cancelled => Eligibility::Cancelled,
        OrderStatus::AwaitingCollection | OrderStatus::InTransit | OrderStatus::Delivered | OrderStatus::Completed => {
            Eligibility::NotEligible("shipped_elsewhere")
        }
        OrderStatus::Other(word) => unknown_word(order, Detail::UnknownStatus, "status", word),
    }
}

fn by_kind(order: &Order, rules: &EligibilityRules, now: DateTime<Utc>) -> Eligibility {
    match &order.fulfillment_type {
        Some(FulfillmentType::Seller) => {}
        Some(FulfillmentType::Tiktok) => return Eligibility::NotEligible("fulfilled_by_tiktok"),
        Some(FulfillmentType::Tokopedia) => return Eligibility::NotEligible("fulfilled_by_tokopedia"),
        Some(FulfillmentType::Other(word)) => {
            return unknown_word(order, Detail::UnknownFulfillmentType, "fulfillment_type", word);
        }
        None => return flagged(order, Detail::FulfillmentTypeMissing),
    }
    match &order.shipping_type {
        Some(ShippingType::Seller) => {}
        Some(ShippingType::Tiktok) => return Eligibility::NotEligible("shipped_by_tiktok"),
        Some(ShippingType::Digital) => return Eligibility::NotEligible("nothing_is_shipped"),
        Some(ShippingType::StorePickup) => return Eligibility::NotEligible("picked_up_in_a_store"),
        Some(ShippingType::Other(word)) => {
            return unknown_word(order, Detail::UnknownShippingType, "shipping_type", word);
        }
        None => return flagged(order, Detail::ShippingTypeMissing),
    }
    if order.order_type == Some(OrderType::Virtual) {
        return Eligibility::NotEligible("nothing_is_shipped");
    }
    if is_elsewhere(order, rules) {
        return Eligibility::NotEligible("other_warehouse");
    }
    // Somebody else ships what is never sent from here, so that its buyer's wish is theirs to answer, too.
    if order.is_cash_on_delivery {
        return flagged(order, Detail::CashOnDelivery);
    }
    if let Some(decided) = by_delivery(order) {
        return decided;
    }
    if order.cancel_requested {
        return Eligibility::CancelRequested;
    }
    by_lines(order)
        .or_else(|| by_release(order, now))
        .unwrap_or_else(|| by_time(order, rules, now))
}

/// Tells whether TikTok has the order in a warehouse that does not stand for Amazon's stock.
#[must_use]
pub fn is_elsewhere(order: &Order, rules: &EligibilityRules) -> bool {
    let is_other = |theirs: &WarehouseId| !rules.warehouses.contains(theirs);
    !rules.warehouses.is_empty() && order.warehouse_id.as_ref().is_some_and(is_other)
}

fn by_delivery(order: &Order) -> Option<Eligibility> {
    match &order.delivery_type {
        Some(DeliveryType::Home) | None => None,
        Some(DeliveryType::CollectionPoint) => Some(flagged(order, Detail::CollectionPoint)),
        Some(DeliveryType::Other(word)) => {
            Some(unknown_word(order, Detail::UnknownDeliveryType, "delivery_type", word))
        }
    }
}

/// What is released later is not sent before, and a release that is not known is not taken for none.
fn by_release(order: &Order, now: DateTime<Utc>) -> Option<Eligibility> {
    match &order.order_type {
        Some(OrderType::Other(word)) => return Some(unknown_word(order, Detail::UnknownOrderType, "order_type", word)),
        Some(OrderType::PreOrder) if order.times.release_at.is_none() && !order.times.is_release_unreadable => {
            return Some(flagged(order, Detail::ReleaseDateMissing));
        }
        Some(
            OrderType::Normal
            | OrderType::ZeroLottery
            | OrderType::Auction
            | OrderType::PreOrder
            | OrderType::MadeToOrder
            | OrderType::BackOrder
            | OrderType::Virtual,
        )
        | None => {}
    }
    if order.times.is_release_unreadable {
        return Some(flagged(order, Detail::ReleaseDateUnreadable));
    }
    let release = order.times.release_at.filter(|release| *release > now)?;
    Some(wait("before_release", Some(release)))
}

fn by_lines(order: &Order) -> Option<Eligibility> {
    let (mut waiting, mut unpaid) = (0, 0);
    for line in order.live_lines() {
        match &line.status {
            LineStatus::AwaitingShipment => waiting += 1,
            LineStatus::Unpaid => unpaid += 1,
            LineStatus::Other(word) => {
                return Some(unknown_word(
                    order,
                    Detail::UnknownLineItemStatus,
                    "line item status",
                    word,
                ));
            }
            LineStatus::AwaitingCollection
            | LineStatus::InTransit
            | LineStatus::Delivered
            | LineStatus::Completed
            | LineStatus::Cancelled => {}
        }
    }
    // An order goes once: units that are paid a minute later would never follow.
    if unpaid > 0 {
        return Some(wait("units_unpaid", None));
    }
    (waiting == 0).then_some(Eligibility::NotEligible("nothing_to_ship"))
}

fn by_time(order: &Order, rules: &EligibilityRules, now: DateTime<Utc>) -> Eligibility {
    if order.authentication_required {
        return wait("authentication_required", None);
    }
    if order.is_on_hold_order != Some(true) {
        let paid_at = order.times.paid_at.unwrap_or(order.times.created_at);
        let over_at = paid_at + rules.grace;
        if now < over_at {
            return wait("grace", Some(over_at));
        }
    }
    Eligibility::Route
}

fn wait(detail: &'static str, until: Option<DateTime<Utc>>) -> Eligibility {
    Eligibility::Wait { detail, until }
}

fn unknown_word(order: &Order, detail: Detail, field: &str, word: &str) -> Eligibility {
    let message = format!(
        "TikTok's {field} {word:?} is not known to this program; it is held until TikTok shows a known one, else ship it in another way"
    );
    Eligibility::Flagged(Flag::new(detail, message, &order.id))
}

fn flagged(order: &Order, detail: Detail) -> Eligibility {
    Eligibility::Flagged(Flag::plain(detail, &order.id))
}

/// Explains a code of [`Eligibility::Wait`] or [`Eligibility::NotEligible`] to a person.
#[must_use]
pub fn explain(detail: &str) -> &'static str {
    match detail {
        "unpaid" => "the buyer has not paid",
        "units_unpaid" => "TikTok still shows some of its units as unpaid",
        "on_hold" => "TikTok holds it for the buyer's first hour",
        "before_release" => "it is a pre-order before its release",
        "authentication_required" => "TikTok must authenticate it first",
        "grace" => "the buyer may still cancel; the grace time after payment runs",
        "masked" => "TikTok masks the address for now",
        "cancel_requested" => "the buyer asks to cancel",
        "approval" => "it waits for approval: mcf orders approve",
        "paused" => "new orders are paused; mcf resume lets them go",
        "operator_hold" => "the operator holds it",
        "not_yet_decided" => "it is decided at the next poll",
        "throttled" => "Amazon allowed no more calls in that run",
        "shipped_elsewhere" => "it was already shipped when it was first seen",
        "fulfilled_by_tiktok" => "TikTok's own warehouse fulfills it",
        "fulfilled_by_tokopedia" => "Tokopedia's warehouse fulfills it",
        "nothing_is_shipped" => "it is a digital good; nothing is shipped",
        "picked_up_in_a_store" => "the buyer fetches it from a store",
        "shipped_by_tiktok" => "TikTok ships it with its own label; use a Seller Shipping template or an MCF warehouse",
        "other_warehouse" => "it lies in a warehouse that is not Amazon's",
        "nothing_to_ship" => "no line item of it awaits shipment",
        _ => "see its history",
    }
}

#[cfg(test)]
mod tests;
