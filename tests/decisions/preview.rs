//! Amazon's preview before the create, and the guard on fees.

use chrono::TimeDelta;
use mcf_connector::domain::flag::Reason;
use mcf_connector::domain::fulfillment::ShippingSpeed;
use mcf_connector::domain::ids::TiktokOrderId;
use mcf_connector::domain::state::State;
use mcf_connector::jobs::route::Word;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::{Value, json};

use super::test_shop::TestShop;

const PREVIEW: Operation = Operation::GetFulfillmentPreview;

fn next_preview(shop: &TestShop, pointer: &str, value: Value) {
    let pointer = format!("/payload/fulfillmentPreviews/0/{pointer}");
    let fault = Fault::after(Disturbance::Patch { pointer, value });
    shop.sandbox.world().faults.next(PREVIEW, fault);
}

#[test]
fn one_preview_of_every_speed_is_asked_for_each_order_unless_the_deadline_is_off() {
    for (settings, previews) in [
        ("[routing]\ndeadline = 'off'\n", 0),
        ("", 3),
        ("[routing]\ndeadline = 'upgrade'\n", 3),
        ("[routing]\ndeadline = 'off'\npreview = true\n", 3),
    ] {
        let shop = TestShop::with_settings(settings);
        let ids = [OrderKind::Plain, OrderKind::Plain, OrderKind::ThreePack].map(|kind| shop.place(kind));
        // Neither an order that can't go yet nor one that is flagged for its address is asked about.
        shop.place(OrderKind::OnHold);
        shop.place(OrderKind::BadAddress);
        shop.good_poll();
        shop.good_poll();
        assert_eq!((shop.calls(PREVIEW), shop.creates()), (previews, 3), "{settings}");
        let history = shop.history(&ids[0]);
        assert_eq!(history.contains("preview: fees of 8.95 USD"), previews > 0, "{history}");
    }
}

#[test]
fn without_a_question_to_amazon_an_order_keeps_the_speed_that_it_was_sent_with_and_what_asked_for_it() {
    let plain = "[routing]\ndeadline = 'off'\n";
    let faster = "[routing]\ndeadline = 'off'\nshipping_speed = 'Expedited'\n";
    let option = "[routing]\ndeadline = 'off'\n[routing.delivery_options]\n7091146663229654785 = 'Priority'\n";
    for (settings, mapped, speed, because) in [
        (plain, "", "Standard", "asked for by the settings"),
        (faster, "", "Expedited", "asked for by the settings"),
        (plain, "Priority", "Priority", "asked for by a mapping"),
        (
            option,
            "Expedited",
            "Priority",
            "asked for by the delivery option \"7091146663229654785\"",
        ),
    ] {
        let shop = TestShop::with_settings(settings);
        let id = shop.place(OrderKind::Plain);
        shop.import(&format!(
            "seller_sku,amazon_sku,shipping_speed\nLAMP-BLK-01,FBA-LAMP-BLK,{mapped}\n"
        ));
        shop.good_poll();
        let kept = shop.speed(&id).expect("kept");
        assert_eq!(
            (kept.chosen.as_str(), kept.because.as_str()),
            (speed, because),
            "{settings}"
        );
        assert_eq!((kept.latest_ship_at, kept.arrives_at, kept.fees), (None, None, None));
        let sent = &shop.created()[0];
        assert_eq!(
            (shop.calls(PREVIEW), &sent["shippingSpeedCategory"]),
            (0, &json!(speed))
        );
    }
}

#[test]
fn an_order_that_amazon_can_not_ship_is_flagged_with_its_reasons() {
    let shop = TestShop::with_settings("[routing]\npreview = true\n");
    let id = shop.place(OrderKind::Plain);
    let preview = json!({
        "shippingSpeedCategory": "Standard", "isFulfillable": false, "orderUnfulfillableReasons": ["DeliverySLAUnavailable"],
    });
    let body = json!({ "payload": { "fulfillmentPreviews": [preview] } });
    let fault = Fault::before(Disturbance::Json { status: 200, body });
    shop.sandbox.world().faults.next(PREVIEW, fault);
    shop.good_poll();
    let flags = shop.flags(&id);
    assert_eq!(
        (flags[0].reason(), flags[0].detail.as_str()),
        (Reason::OrderNotSupported, "preview_unfulfillable")
    );
    assert!(flags[0].message.contains("DeliverySLAUnavailable"));
    assert_eq!(shop.creates(), 0);
}

#[test]
fn fees_beyond_the_limit_are_flagged_and_a_person_may_send_it_all_the_same() {
    let shop = TestShop::with_settings("[routing]\nfee_share_max = 1\n");
    let id = shop.place(OrderKind::Plain);
    shop.good_poll();
    let flags = shop.flags(&id);
    assert_eq!((flags[0].detail.as_str(), shop.creates()), ("fee_share", 0));
    assert_eq!(flags[0].next_command, format!("mcf route {id} --accept fee_share"));
    shop.route(&id);
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 1));
    assert!(
        shop.history(&id)
            .contains("by hand in spite of this: Amazon's fees of 8.95 USD"),
        "{}",
        shop.history(&id)
    );
    let accepted = shop.place(OrderKind::Plain);
    shop.good_poll();
    shop.route_with(&accepted, &["fee_share"]);
    assert_eq!((shop.state(&accepted), shop.creates()), (State::Routed, 2));
}

#[test]
fn e75_a_preview_without_fees_is_unknown_and_not_free() {
    let shop = TestShop::with_settings("[routing]\nfee_share_max = 90\n");
    let id = shop.place(OrderKind::Plain);
    next_preview(&shop, "estimatedFees", json!([]));
    shop.good_poll();
    assert_eq!(
        (shop.flags(&id)[0].detail.as_str(), shop.creates()),
        ("fee_unknown", 0),
        "E75"
    );
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed, "E75: the fees came");
}

#[test]
fn e150_a_preview_that_fails_or_is_odd_stops_no_order_and_is_not_asked_again_in_that_run() {
    let down = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    for settings in [
        "",
        "[routing]\npreview = true\n",
        "[routing]\ndeadline = 'upgrade'\ntoo_late = 'flag'\n",
    ] {
        let shop = TestShop::with_settings(settings);
        let ids: Vec<_> = (0..9).map(|_| shop.place(OrderKind::Plain)).collect();
        shop.sandbox.world().faults.script(PREVIEW, 1, 99, down.clone());
        shop.good_poll();
        assert_eq!((shop.count(State::Routed), shop.creates()), (9, 9), "E150: {settings}");
        // A few are in hand at once when it fails, each with its tries.
        assert!(shop.calls(PREVIEW) <= 12, "E150: {}", shop.calls(PREVIEW));
        assert!(
            shop.history(&ids[8])
                .contains("preview: none, so that it goes as it is set"),
            "E150"
        );
        assert_eq!(shop.speed(&ids[0]).expect("kept").chosen, "Standard", "E150");
    }
    for body in [
        json!({}),
        json!({"payload": {"fulfillmentPreviews": []}}),
        json!("nonsense"),
    ] {
        let shop = TestShop::open();
        let id = shop.place(OrderKind::Plain);
        let odd = Fault::before(Disturbance::Json {
            status: 200,
            body: body.clone(),
        });
        shop.sandbox.world().faults.script(PREVIEW, 1, 9, odd);
        shop.good_poll();
        assert_eq!(shop.state(&id), State::Routed, "E150: {body}");
    }
}

#[test]
fn e150_a_preview_that_fails_for_one_order_leaves_the_others_theirs() {
    let shop = TestShop::with_settings("max_attempts = 1\n[routing]\ndeadline = 'upgrade'\n");
    let ids: Vec<_> = (0..9).map(|_| in_a_hurry(&shop)).collect();
    let fails = Fault::before(Disturbance::Status {
        status: 500,
        retry_after: None,
    });
    shop.sandbox.world().faults.next(PREVIEW, fails);
    shop.good_poll();
    let speed = |id| shop.speed(id).expect("kept").chosen;
    let late = ids.iter().filter(|id| speed(id) == "Standard").count();
    assert_eq!((late, shop.creates()), (1, 9), "E150");
}

#[test]
fn r35_a_preview_with_nothing_but_its_speeds_is_read_and_what_it_leaves_out_stays_unknown() {
    for mode in ["", "[routing]\ndeadline = 'upgrade'\n"] {
        let shop = TestShop::with_settings(mode);
        let id = in_a_hurry(&shop);
        let row = |speed: &str| json!({ "shippingSpeedCategory": speed, "isFulfillable": true });
        let body = json!({ "payload": { "fulfillmentPreviews": [row("Standard"), row("Expedited")] } });
        let bare = Fault::before(Disturbance::Json { status: 200, body });
        shop.sandbox.world().faults.next(PREVIEW, bare);
        shop.good_poll();
        assert_eq!(shop.state(&id), State::Routed, "R35: {mode}");
        let speed = shop.speed(&id).expect("kept");
        assert_eq!(speed.chosen, "Standard", "R35: an unknown date is not in time: {mode}");
        assert_eq!((speed.latest_ship_at, speed.fees), (None, None), "R35: {mode}");
        assert!(
            !speed.is_at_risk && shop.events("order.at_risk").is_empty(),
            "R35: nor late: {mode}"
        );
        assert!(speed.because.contains("not known"), "E150: {}", speed.because);
    }
}

/// An order that Standard brings to the carrier a day after TikTok's deadline, and Expedited in time.
fn in_a_hurry(shop: &TestShop) -> TiktokOrderId {
    let id = shop.place(OrderKind::Plain);
    // The end of Tuesday by the Pacific clock; it is Monday morning.
    scan_by(shop, &id, 1_767_772_799);
    id
}

fn scan_by(shop: &TestShop, id: &TiktokOrderId, at: i64) {
    shop.change(id, |order| {
        order.overrides.insert("tts_sla_time".to_owned(), json!(at));
    });
}

#[test]
fn e148_an_order_that_would_be_late_is_told_once_or_takes_the_speed_that_is_in_time() {
    let shop = TestShop::open();
    let id = in_a_hurry(&shop);
    shop.place(OrderKind::Plain);
    shop.good_poll();
    shop.good_poll();
    let speeds: Vec<_> = shop
        .created()
        .iter()
        .map(|body| body["shippingSpeedCategory"].clone())
        .collect();
    assert_eq!(speeds, ["Standard", "Standard"], "E148: warn");
    assert_eq!(
        shop.events("order.at_risk"),
        [json!({
            "orderId": id, "deadline": "2026-01-07T07:59:59Z", "latestShip": "2026-01-08T01:00:00Z", "shippingSpeed": "Standard"
        })],
        "E148"
    );
    let speed = shop.speed(&id).expect("kept");
    assert!(speed.is_at_risk, "E148");
    let shop = TestShop::with_settings("[routing]\ndeadline = 'upgrade'\n");
    let id = in_a_hurry(&shop);
    shop.good_poll();
    assert_eq!(shop.created()[0]["shippingSpeedCategory"], "Expedited", "E148: upgrade");
    let history = shop.history(&id);
    for part in ["2026-01-07T01:00:00Z (12.45 USD)", "2026-01-08T01:00:00Z (8.95 USD)"] {
        assert!(history.contains(part), "E148: {history}");
    }
    let speed = shop.speed(&id).expect("kept");
    assert_eq!((speed.chosen.as_str(), speed.is_at_risk), ("Expedited", false), "E148");
    assert_eq!(speed.fees.expect("known").amount, "12.45", "E148");
    assert!(
        shop.events("order.at_risk").is_empty() && shop.calls(PREVIEW) == 1,
        "E148"
    );
}

#[test]
fn e151_where_nothing_is_in_time_a_person_decides_and_the_preview_is_not_asked_again_for_hours() {
    let mut shop = TestShop::with_settings("[routing]\ndeadline = 'upgrade'\ntoo_late = 'flag'\n");
    let id = shop.place(OrderKind::Plain);
    // The end of this very day.
    scan_by(&shop, &id, 1_767_686_399);
    shop.good_poll();
    let flags = shop.flags(&id);
    assert_eq!(
        (flags[0].reason(), flags[0].detail.as_str()),
        (Reason::OrderNotSupported, "too_late"),
        "E151"
    );
    assert_eq!(shop.events("order.at_risk").len(), 1, "E151");
    for _ in 0..3 {
        shop.pass(TimeDelta::hours(1));
        shop.good_poll();
    }
    assert_eq!((shop.calls(PREVIEW), shop.creates()), (1, 0), "E151: it is known");
    shop.pass(TimeDelta::hours(4));
    shop.good_poll();
    assert_eq!(
        (shop.calls(PREVIEW), shop.creates()),
        (2, 0),
        "E151: six hours are over"
    );
    shop.route(&id);
    assert_eq!(shop.creates(), 0, "E151: that it comes too late is a word of its own");
    shop.route_with(&id, &["too_late"]);
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 1), "E151");
}

#[test]
fn e73_a_speed_that_amazon_does_not_offer_is_flagged() {
    let shop = TestShop::with_settings("[routing]\nshipping_speed = 'Priority'\n");
    let id = shop.place(OrderKind::Plain);
    shop.good_poll();
    let flags = shop.flags(&id);
    assert_eq!(
        (flags[0].detail.as_str(), shop.creates()),
        ("speed_not_offered", 0),
        "E73"
    );
}

#[test]
fn a_faster_order_that_amazon_refused_is_not_sent_again_at_the_same_speed() {
    let mut shop = TestShop::with_settings("[routing]\ndeadline = 'upgrade'\n");
    let id = in_a_hurry(&shop);
    let body =
        json!({"errors": [{"code": "InvalidInput", "message": "Request has invalid parameter: {Address.City}"}]});
    let refused = Fault::before(Disturbance::Json { status: 400, body });
    shop.sandbox
        .world()
        .faults
        .script(Operation::CreateFulfillmentOrder, 1, 9, refused);
    for _ in 0..3 {
        shop.good_poll();
        shop.pass(TimeDelta::minutes(5));
    }
    assert_eq!(
        (shop.state(&id), shop.creates()),
        (State::Flagged, 1),
        "the same body is refused again"
    );
}

#[test]
fn a_badge_and_a_delivery_option_have_their_speed_e147() {
    let shop = TestShop::with_settings("[routing.delivery_options]\n'Express Shipping' = 'Expedited'\n");
    for (field, word) in [
        ("fast_delivery_program", "3_DAY_DELIVERY"),
        ("delivery_option_name", "Express Shipping"),
    ] {
        let id = shop.place(OrderKind::Plain);
        shop.change(&id, |order| {
            order.overrides.insert(field.to_owned(), json!(word));
        });
    }
    let potential = shop.place(OrderKind::Plain);
    shop.change(&potential, |order| {
        let word = json!("3_DAY_POTENTIAL_SHIPPING");
        order.overrides.insert("fast_delivery_program".to_owned(), word);
    });
    shop.good_poll();
    let mut speeds: Vec<_> = shop
        .created()
        .iter()
        .map(|body| body["shippingSpeedCategory"].to_string())
        .collect();
    speeds.sort();
    assert_eq!(speeds, ["\"Expedited\"", "\"Expedited\"", "\"Standard\""], "E147");
    assert!(
        shop.history(&potential).contains("3_DAY_POTENTIAL_SHIPPING"),
        "E147: the word is shown"
    );
}

#[test]
fn a_speed_that_a_person_names_goes_past_the_limits_and_is_kept_with_the_order_e151() {
    let settings = "[routing]\ndeadline = 'upgrade'\nfastest_speed = 'Standard'\ntoo_late = 'flag'\n";
    let shop = TestShop::with_settings(settings);
    let id = shop.place(OrderKind::Plain);
    scan_by(&shop, &id, 1_767_686_399);
    shop.good_poll();
    assert_eq!(shop.flags(&id)[0].detail.as_str(), "too_late", "E151");
    let word = || Word {
        speed: Some(ShippingSpeed::Expedited),
        by: "dana".to_owned(),
        ..Word::default()
    };
    let planned = shop.route_by(&id, &word(), true);
    let plan = planned.summary.orders[0].plan.as_ref().expect("a plan");
    assert_eq!(
        (&plan.shipping_speed, shop.creates()),
        (&ShippingSpeed::Expedited, 0),
        "a dry run shows it"
    );
    assert!(
        shop.store().named_speeds().expect("readable").is_empty(),
        "and keeps nothing"
    );
    shop.route_by(&id, &word(), false);
    assert_eq!(shop.created()[0]["shippingSpeedCategory"], "Expedited", "E151");
    assert!(
        shop.history(&id).contains("speed Expedited, routed by dana"),
        "{}",
        shop.history(&id)
    );
}
