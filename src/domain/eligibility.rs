//! Whether an order at TikTok is ours to route, and whether its time has come. Pure; the first of the decisions.

use chrono::{DateTime, TimeDelta, Utc};

use super::flag::{Flag, Reason};
use super::ids::WarehouseId;
use super::order::{DeliveryType, FulfillmentType, LineStatus, Order, OrderStatus, OrderType, ShippingType};

/// What the operator chose about which orders are routed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EligibilityRules {
    /// How long to wait after payment where TikTok gives no ON_HOLD hour.
    pub grace: TimeDelta,
    /// The warehouse that stands for Amazon's stock; orders of other ones are left alone. `None`: every order is ours.
    pub warehouse: Option<WarehouseId>,
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
        OrderStatus::Other(word) => unknown_word(order, "status", word),
    }
}

fn by_kind(order: &Order, rules: &EligibilityRules, now: DateTime<Utc>) -> Eligibility {
    match &order.fulfillment_type {
        Some(FulfillmentType::Seller) => {}
        Some(FulfillmentType::Tiktok) => return Eligibility::NotEligible("fulfilled_by_tiktok"),
        Some(FulfillmentType::Tokopedia) => return Eligibility::NotEligible("fulfilled_by_tokopedia"),
        Some(FulfillmentType::Other(word)) => return unknown_word(order, "fulfillment_type", word),
        None => return missing(order, "fulfillment_type"),
    }
    match &order.shipping_type {
        Some(ShippingType::Seller) => {}
        Some(ShippingType::Tiktok) => return Eligibility::NotEligible("shipped_by_tiktok"),
        Some(ShippingType::Digital) => return Eligibility::NotEligible("nothing_is_shipped"),
        Some(ShippingType::StorePickup) => return Eligibility::NotEligible("picked_up_in_a_store"),
        Some(ShippingType::Other(word)) => return unknown_word(order, "shipping_type", word),
        None => return missing(order, "shipping_type"),
    }
    if order.order_type == Some(OrderType::Virtual) {
        return Eligibility::NotEligible("nothing_is_shipped");
    }
    if let (Some(ours), Some(theirs)) = (&rules.warehouse, &order.warehouse_id)
        && ours != theirs
    {
        return Eligibility::NotEligible("other_warehouse");
    }
    if order.cancel_requested {
        return Eligibility::CancelRequested;
    }
    if order.is_cash_on_delivery {
        return flagged(
            order,
            "cash_on_delivery",
            "it is paid at the door, which Amazon does not do",
        );
    }
    by_delivery(order)
        .or_else(|| by_lines(order))
        .or_else(|| by_release(order, now))
        .unwrap_or_else(|| by_time(order, rules, now))
}

fn by_delivery(order: &Order) -> Option<Eligibility> {
    match &order.delivery_type {
        Some(DeliveryType::Home) | None => None,
        Some(DeliveryType::CollectionPoint) => Some(flagged(
            order,
            "collection_point",
            "it goes to a collection point of one carrier, and Amazon chooses the carrier itself",
        )),
        Some(DeliveryType::Other(word)) => Some(unknown_word(order, "delivery_type", word)),
    }
}

/// What is released later is not sent before, and a release that is not known is not taken for none.
fn by_release(order: &Order, now: DateTime<Utc>) -> Option<Eligibility> {
    match &order.order_type {
        Some(OrderType::Other(word)) => return Some(unknown_word(order, "order_type", word)),
        Some(OrderType::PreOrder) if order.times.release_at.is_none() && !order.times.is_release_unreadable => {
            let message = "it is a pre-order, and TikTok names no release; ship it yourself or dismiss it when it is out";
            return Some(flagged(order, "release_date_missing", message));
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
        let message = "TikTok's release date can't be read; it is held until TikTok sends one that can";
        return Some(flagged(order, "release_date_unreadable", message));
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
            LineStatus::Other(word) => return Some(unknown_word(order, "line item status", word)),
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

fn unknown_word(order: &Order, field: &str, word: &str) -> Eligibility {
    let word: String = word.chars().filter(|letter| !letter.is_control()).take(40).collect();
    let message = format!("TikTok's {field} {word:?} is not known to this program; it is held until a person decides");
    flagged(order, &format!("unknown_{}", field.replace(' ', "_")), &message)
}

fn missing(order: &Order, field: &str) -> Eligibility {
    let message = format!("TikTok's answer has no {field}; it is held until TikTok sends one");
    flagged(order, &format!("{field}_missing"), &message)
}

fn flagged(order: &Order, detail: &str, message: &str) -> Eligibility {
    Eligibility::Flagged(Flag::new(Reason::OrderNotSupported, detail, message, &order.id))
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
mod tests {
    use super::*;
    use crate::domain::order::tests_support::plain_order;

    fn rules() -> EligibilityRules {
        EligibilityRules {
            grace: TimeDelta::minutes(60),
            warehouse: None,
        }
    }

    fn verdict(change: impl FnOnce(&mut Order)) -> Eligibility {
        let mut order = plain_order("576900000000000101");
        change(&mut order);
        let now = order.times.created_at + TimeDelta::hours(5);
        judge(&order, &rules(), now)
    }

    #[test]
    fn a_plain_order_is_routed() {
        assert_eq!(verdict(|_| {}), Eligibility::Route);
    }

    #[test]
    fn orders_on_hold_or_unpaid_wait_without_a_flag() {
        assert!(
            matches!(
                verdict(|order| order.status = OrderStatus::OnHold),
                Eligibility::Wait { detail: "on_hold", .. }
            ),
            "E08"
        );
        assert!(
            matches!(
                verdict(|order| order.status = OrderStatus::Unpaid),
                Eligibility::Wait { detail: "unpaid", .. }
            ),
            "E09"
        );
    }

    #[test]
    fn orders_already_on_their_way_are_never_routed() {
        for status in [
            OrderStatus::AwaitingCollection,
            OrderStatus::InTransit,
            OrderStatus::Delivered,
        ] {
            assert_eq!(
                verdict(|order| order.status = status),
                Eligibility::NotEligible("shipped_elsewhere"),
                "E10"
            );
        }
    }

    #[test]
    fn platform_shipped_orders_and_those_of_other_warehouses_are_not_ours() {
        assert_eq!(
            verdict(|order| order.shipping_type = Some(ShippingType::Tiktok)),
            Eligibility::NotEligible("shipped_by_tiktok"),
            "E11"
        );
        let order = plain_order("1");
        let elsewhere = EligibilityRules {
            warehouse: Some(WarehouseId::new("7068517275539720555")),
            ..rules()
        };
        let now = order.times.created_at + TimeDelta::hours(5);
        assert_eq!(
            judge(&order, &elsewhere, now),
            Eligibility::NotEligible("other_warehouse"),
            "E12"
        );
    }

    #[test]
    fn a_status_never_seen_is_kept_as_text_and_flagged() {
        let Eligibility::Flagged(flag) = verdict(|order| order.status = OrderStatus::Other("FROZEN".into())) else {
            panic!("E15: not flagged");
        };
        assert_eq!(
            (flag.reason, flag.detail.as_str()),
            (Reason::OrderNotSupported, "unknown_status")
        );
        assert!(flag.message.contains("FROZEN"));
    }

    #[test]
    fn a_pre_order_waits_for_its_release() {
        let release = plain_order("1").times.created_at + TimeDelta::days(9);
        assert_eq!(
            verdict(|order| order.times.release_at = Some(release)),
            Eligibility::Wait {
                detail: "before_release",
                until: Some(release)
            },
            "E14"
        );
    }

    fn detail(verdict: Eligibility) -> String {
        match verdict {
            Eligibility::Flagged(flag) => flag.detail,
            Eligibility::NotEligible(detail) => format!("not eligible: {detail}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_release_that_is_not_known_or_cannot_be_read_holds_the_order() {
        let silent = verdict(|order| order.order_type = Some(OrderType::PreOrder));
        assert_eq!(detail(silent), "release_date_missing", "E14");
        let odd = verdict(|order| order.times.is_release_unreadable = true);
        assert_eq!(detail(odd), "release_date_unreadable", "E14");
        let out = plain_order("1").times.created_at;
        let released = verdict(|order| {
            order.order_type = Some(OrderType::PreOrder);
            order.times.release_at = Some(out);
        });
        assert_eq!(released, Eligibility::Route, "E14");
    }

    #[test]
    fn known_kinds_that_are_shipped_go_and_unknown_ones_are_held() {
        for kind in ["NORMAL", "ZERO_LOTTERY", "AUCTION", "MADE_TO_ORDER", "BACK_ORDER"] {
            let kind = OrderType::read(kind);
            assert_eq!(verdict(|order| order.order_type = Some(kind)), Eligibility::Route, "E13");
        }
        assert_eq!(verdict(|order| order.order_type = None), Eligibility::Route, "E13");
        assert_eq!(verdict(|order| order.delivery_type = None), Eligibility::Route);
        let hologram = verdict(|order| order.order_type = Some(OrderType::read("HOLOGRAM")));
        assert_eq!(detail(hologram), "unknown_order_type", "E15");
        let drone = verdict(|order| order.delivery_type = Some(DeliveryType::read("DRONE")));
        assert_eq!(detail(drone), "unknown_delivery_type", "E15");
        let point = verdict(|order| order.delivery_type = Some(DeliveryType::CollectionPoint));
        assert_eq!(detail(point), "collection_point");
    }

    #[test]
    fn known_kinds_that_are_not_ours_are_set_aside_and_say_why() {
        let shipping = |word| verdict(|order| order.shipping_type = Some(ShippingType::read(word)));
        let tokopedia = FulfillmentType::read("FULFILLMENT_BY_DILAYANI_TOKOPEDIA");
        for (verdict, why) in [
            (
                verdict(|order| order.fulfillment_type = Some(tokopedia)),
                "fulfilled_by_tokopedia",
            ),
            (shipping("TIKTOK_DIGITAL"), "nothing_is_shipped"),
            (shipping("IN-STORE PICKUP"), "picked_up_in_a_store"),
            (
                verdict(|order| order.order_type = Some(OrderType::Virtual)),
                "nothing_is_shipped",
            ),
        ] {
            assert_eq!(verdict, Eligibility::NotEligible(why), "E11");
            assert_ne!(explain(why), explain("?"), "{why}");
        }
    }

    #[test]
    fn where_the_shop_has_no_hold_hour_the_grace_time_runs_from_payment() {
        let order = Order {
            is_on_hold_order: Some(false),
            ..plain_order("1")
        };
        let paid_at = order.times.paid_at.expect("paid");
        let at = |minutes| judge(&order, &rules(), paid_at + TimeDelta::minutes(minutes));
        assert!(matches!(
            at(59),
            Eligibility::Wait {
                detail: "grace",
                until: Some(_)
            }
        ));
        assert_eq!(at(60), Eligibility::Route);
    }

    #[test]
    fn a_buyer_who_asks_to_cancel_is_heard_before_anything_is_sent() {
        assert_eq!(
            verdict(|order| order.cancel_requested = true),
            Eligibility::CancelRequested,
            "E85"
        );
    }

    #[test]
    fn a_missing_shipping_type_is_held_not_guessed() {
        assert!(matches!(
            verdict(|order| order.shipping_type = None),
            Eligibility::Flagged(_)
        ));
    }

    #[test]
    fn units_that_are_not_paid_yet_keep_the_whole_order_waiting() {
        let unpaid = verdict(|order| order.line_items[0].status = LineStatus::Unpaid);
        assert!(matches!(unpaid, Eligibility::Wait { detail: "units_unpaid", .. }), "E09: {unpaid:?}");
    }

    #[test]
    fn an_order_whose_lines_are_all_cancelled_or_shipped_has_nothing_to_ship() {
        assert_eq!(
            verdict(|order| order
                .line_items
                .iter_mut()
                .for_each(|line| line.status = LineStatus::Cancelled)),
            Eligibility::NotEligible("nothing_to_ship"),
            "E48"
        );
    }
}
