use super::*;
use crate::domain::flag::Reason;
use crate::domain::order::tests_support::plain_order;

fn rules() -> EligibilityRules {
    EligibilityRules {
        grace: TimeDelta::minutes(60),
        warehouses: Vec::new(),
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
        warehouses: vec![
            WarehouseId::new("7068517275539720554"),
            WarehouseId::new("7068517275539720555"),
        ],
        ..rules()
    };
    let now = order.times.created_at + TimeDelta::hours(5);
    assert_eq!(
        judge(&order, &elsewhere, now),
        Eligibility::NotEligible("other_warehouse"),
        "E12"
    );
    let mut second = order;
    second.warehouse_id = Some(WarehouseId::new("7068517275539720555"));
    assert_ne!(
        judge(&second, &elsewhere, now),
        Eligibility::NotEligible("other_warehouse"),
        "C29: an order of any of them is ours"
    );
}

#[test]
fn what_tiktok_fulfils_is_not_ours_and_what_it_calls_by_a_new_word_is_held() {
    assert_eq!(
        verdict(|order| order.fulfillment_type = Some(FulfillmentType::Tiktok)),
        Eligibility::NotEligible("fulfilled_by_tiktok"),
        "E11"
    );
    type Change = fn(&mut Order);
    let changes: [(&str, Change); 4] = [
        ("unknown_fulfillment_type", |order| {
            order.fulfillment_type = Some(FulfillmentType::Other("BY_MOON".into()));
        }),
        ("fulfillment_type_missing", |order| order.fulfillment_type = None),
        ("unknown_shipping_type", |order| {
            order.shipping_type = Some(ShippingType::Other("BY_PIGEON".into()));
        }),
        ("cash_on_delivery", |order| order.is_cash_on_delivery = true),
    ];
    for (detail, change) in changes {
        let Eligibility::Flagged(flag) = verdict(change) else {
            panic!("E15: {detail}: not flagged");
        };
        assert_eq!(
            (flag.reason(), flag.detail.as_str()),
            (Reason::OrderNotSupported, detail),
            "E15"
        );
    }
}

#[test]
fn of_a_partly_shipped_order_the_units_that_wait_are_ours() {
    let shipped = |order: &mut Order| {
        order.status = OrderStatus::PartiallyShipping;
        let mut gone = order.line_items[0].clone();
        gone.status = LineStatus::InTransit;
        order.line_items.push(gone);
    };
    assert_eq!(verdict(shipped), Eligibility::Route, "E48");
}

#[test]
fn an_order_that_tiktok_must_authenticate_waits() {
    assert!(matches!(
        verdict(|order| order.authentication_required = true),
        Eligibility::Wait {
            detail: "authentication_required",
            ..
        }
    ));
}

#[test]
fn a_status_never_seen_is_kept_as_text_and_flagged() {
    let Eligibility::Flagged(flag) = verdict(|order| order.status = OrderStatus::Other("FROZEN".into())) else {
        panic!("E15: not flagged");
    };
    assert_eq!(
        (flag.reason(), flag.detail.as_str()),
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
        Eligibility::Flagged(flag) => flag.detail.to_string(),
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
        assert_eq!(
            verdict(|order| order.order_type = Some(kind)),
            Eligibility::Route,
            "E13"
        );
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
fn a_wish_to_cancel_does_not_make_ours_what_is_never_sent_from_here_e131() {
    let point = verdict(|order| {
        order.cancel_requested = true;
        order.delivery_type = Some(DeliveryType::CollectionPoint);
    });
    assert_eq!(detail(point), "collection_point", "E131");
    let at_the_door = verdict(|order| {
        order.cancel_requested = true;
        order.is_cash_on_delivery = true;
    });
    assert_eq!(detail(at_the_door), "cash_on_delivery", "E131");
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
    assert!(
        matches!(
            unpaid,
            Eligibility::Wait {
                detail: "units_unpaid",
                ..
            }
        ),
        "E09: {unpaid:?}"
    );
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

#[test]
fn what_route_refuses_for_ever_names_the_command_that_takes_it_away() {
    let refused: [fn(&mut Order); 5] = [
        |order| order.order_type = Some(OrderType::PreOrder),
        |order| order.order_type = Some(OrderType::read("HOLOGRAM")),
        |order| order.delivery_type = Some(DeliveryType::CollectionPoint),
        |order| order.is_cash_on_delivery = true,
        |order| order.status = OrderStatus::read("TO_BE_FOUND"),
    ];
    for change in refused {
        let Eligibility::Flagged(flag) = verdict(change) else {
            panic!("it is not flagged");
        };
        assert_eq!(
            flag.next_command, "mcf orders dismiss 576900000000000101",
            "{}",
            flag.detail
        );
        assert!(
            flag.message.contains("ship it in another way") || flag.message.contains("Amazon"),
            "{}",
            flag.message
        );
    }
}
