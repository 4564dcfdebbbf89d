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

use super::bench::Bench;

const PREVIEW: Operation = Operation::GetFulfillmentPreview;

fn next_preview(bench: &Bench, pointer: &str, value: Value) {
    let pointer = format!("/payload/fulfillmentPreviews/0/{pointer}");
    let fault = Fault::after(Disturbance::Patch { pointer, value });
    bench.sandbox.world().faults.next(PREVIEW, fault);
}

#[test]
fn one_preview_of_every_speed_is_asked_for_each_order_unless_the_deadline_is_off() {
    for (settings, previews) in [
        ("[routing]\ndeadline = 'off'\n", 0),
        ("", 3),
        ("[routing]\ndeadline = 'upgrade'\n", 3),
        ("[routing]\ndeadline = 'off'\npreview = true\n", 3),
    ] {
        let bench = Bench::with_settings(settings);
        let ids = [OrderKind::Plain, OrderKind::Plain, OrderKind::ThreePack].map(|kind| bench.place(kind));
        // Neither an order that can't go yet nor one that is flagged for its address is asked about.
        bench.place(OrderKind::OnHold);
        bench.place(OrderKind::BadAddress);
        bench.good_poll();
        bench.good_poll();
        assert_eq!((bench.calls(PREVIEW), bench.creates()), (previews, 3), "{settings}");
        let history = bench.history(&ids[0]);
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
        let bench = Bench::with_settings(settings);
        let id = bench.place(OrderKind::Plain);
        bench.import(&format!(
            "seller_sku,amazon_sku,shipping_speed\nLAMP-BLK-01,FBA-LAMP-BLK,{mapped}\n"
        ));
        bench.good_poll();
        let kept = bench.speed(&id).expect("kept");
        assert_eq!(
            (kept.chosen.as_str(), kept.because.as_str()),
            (speed, because),
            "{settings}"
        );
        assert_eq!((kept.latest_ship_at, kept.arrives_at, kept.fees), (None, None, None));
        let sent = &bench.created()[0];
        assert_eq!(
            (bench.calls(PREVIEW), &sent["shippingSpeedCategory"]),
            (0, &json!(speed))
        );
    }
}

#[test]
fn an_order_that_amazon_can_not_ship_is_flagged_with_its_reasons() {
    let bench = Bench::with_settings("[routing]\npreview = true\n");
    let id = bench.place(OrderKind::Plain);
    let preview = json!({
        "shippingSpeedCategory": "Standard", "isFulfillable": false, "orderUnfulfillableReasons": ["DeliverySLAUnavailable"],
    });
    let body = json!({ "payload": { "fulfillmentPreviews": [preview] } });
    let fault = Fault::before(Disturbance::Json { status: 200, body });
    bench.sandbox.world().faults.next(PREVIEW, fault);
    bench.good_poll();
    let flags = bench.flags(&id);
    assert_eq!(
        (flags[0].reason(), flags[0].detail.as_str()),
        (Reason::OrderNotSupported, "preview_unfulfillable")
    );
    assert!(flags[0].message.contains("DeliverySLAUnavailable"));
    assert_eq!(bench.creates(), 0);
}

#[test]
fn fees_beyond_the_limit_are_flagged_and_a_person_may_send_it_all_the_same() {
    let bench = Bench::with_settings("[routing]\nfee_share_max = 1\n");
    let id = bench.place(OrderKind::Plain);
    bench.good_poll();
    let flags = bench.flags(&id);
    assert_eq!((flags[0].detail.as_str(), bench.creates()), ("fee_share", 0));
    assert_eq!(flags[0].next_command, format!("mcf route {id} --accept fee_share"));
    bench.route(&id);
    assert_eq!((bench.state(&id), bench.creates()), (State::Routed, 1));
    assert!(
        bench
            .history(&id)
            .contains("by hand in spite of this: Amazon's fees of 8.95 USD"),
        "{}",
        bench.history(&id)
    );
    let accepted = bench.place(OrderKind::Plain);
    bench.good_poll();
    bench.route_with(&accepted, &["fee_share"]);
    assert_eq!((bench.state(&accepted), bench.creates()), (State::Routed, 2));
}

#[test]
fn e75_a_preview_without_fees_is_unknown_and_not_free() {
    let bench = Bench::with_settings("[routing]\nfee_share_max = 90\n");
    let id = bench.place(OrderKind::Plain);
    next_preview(&bench, "estimatedFees", json!([]));
    bench.good_poll();
    assert_eq!(
        (bench.flags(&id)[0].detail.as_str(), bench.creates()),
        ("fee_unknown", 0),
        "E75"
    );
    bench.good_poll();
    assert_eq!(bench.state(&id), State::Routed, "E75: the fees came");
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
        let bench = Bench::with_settings(settings);
        let ids: Vec<_> = (0..9).map(|_| bench.place(OrderKind::Plain)).collect();
        bench.sandbox.world().faults.script(PREVIEW, 1, 99, down.clone());
        bench.good_poll();
        assert_eq!(
            (bench.count(State::Routed), bench.creates()),
            (9, 9),
            "E150: {settings}"
        );
        // A few are in hand at once when it fails, each with its tries.
        assert!(bench.calls(PREVIEW) <= 12, "E150: {}", bench.calls(PREVIEW));
        assert!(
            bench
                .history(&ids[8])
                .contains("preview: none, so that it goes as it is set"),
            "E150"
        );
        assert_eq!(bench.speed(&ids[0]).expect("kept").chosen, "Standard", "E150");
    }
    for body in [
        json!({}),
        json!({"payload": {"fulfillmentPreviews": []}}),
        json!("nonsense"),
    ] {
        let bench = Bench::open();
        let id = bench.place(OrderKind::Plain);
        let odd = Fault::before(Disturbance::Json {
            status: 200,
            body: body.clone(),
        });
        bench.sandbox.world().faults.script(PREVIEW, 1, 9, odd);
        bench.good_poll();
        assert_eq!(bench.state(&id), State::Routed, "E150: {body}");
    }
}

#[test]
fn e150_a_preview_that_fails_for_one_order_leaves_the_others_theirs() {
    let bench = Bench::with_settings("max_attempts = 1\n[routing]\ndeadline = 'upgrade'\n");
    let ids: Vec<_> = (0..9).map(|_| in_a_hurry(&bench)).collect();
    let fails = Fault::before(Disturbance::Status {
        status: 500,
        retry_after: None,
    });
    bench.sandbox.world().faults.next(PREVIEW, fails);
    bench.good_poll();
    let speed = |id| bench.speed(id).expect("kept").chosen;
    let late = ids.iter().filter(|id| speed(id) == "Standard").count();
    assert_eq!((late, bench.creates()), (1, 9), "E150");
}

#[test]
fn r35_a_preview_with_nothing_but_its_speeds_is_read_and_what_it_leaves_out_stays_unknown() {
    for mode in ["", "[routing]\ndeadline = 'upgrade'\n"] {
        let bench = Bench::with_settings(mode);
        let id = in_a_hurry(&bench);
        let row = |speed: &str| json!({ "shippingSpeedCategory": speed, "isFulfillable": true });
        let body = json!({ "payload": { "fulfillmentPreviews": [row("Standard"), row("Expedited")] } });
        let bare = Fault::before(Disturbance::Json { status: 200, body });
        bench.sandbox.world().faults.next(PREVIEW, bare);
        bench.good_poll();
        assert_eq!(bench.state(&id), State::Routed, "R35: {mode}");
        let speed = bench.speed(&id).expect("kept");
        assert_eq!(speed.chosen, "Standard", "R35: an unknown date is not in time: {mode}");
        assert_eq!((speed.latest_ship_at, speed.fees), (None, None), "R35: {mode}");
        assert!(
            !speed.is_at_risk && bench.events("order.at_risk").is_empty(),
            "R35: nor late: {mode}"
        );
        assert!(speed.because.contains("not known"), "E150: {}", speed.because);
    }
}

/// An order that Standard brings to the carrier a day after TikTok's deadline, and Expedited in time.
fn in_a_hurry(bench: &Bench) -> TiktokOrderId {
    let id = bench.place(OrderKind::Plain);
    // The end of Tuesday by the Pacific clock; it is Monday morning.
    scan_by(bench, &id, 1_767_772_799);
    id
}

fn scan_by(bench: &Bench, id: &TiktokOrderId, at: i64) {
    bench.change(id, |order| {
        order.overrides.insert("tts_sla_time".to_owned(), json!(at));
    });
}

#[test]
fn e148_an_order_that_would_be_late_is_told_once_or_takes_the_speed_that_is_in_time() {
    let bench = Bench::open();
    let id = in_a_hurry(&bench);
    bench.place(OrderKind::Plain);
    bench.good_poll();
    bench.good_poll();
    let speeds: Vec<_> = bench
        .created()
        .iter()
        .map(|body| body["shippingSpeedCategory"].clone())
        .collect();
    assert_eq!(speeds, ["Standard", "Standard"], "E148: warn");
    assert_eq!(
        bench.events("order.at_risk"),
        [json!({
            "orderId": id, "deadline": "2026-01-07T07:59:59Z", "latestShip": "2026-01-08T01:00:00Z", "shippingSpeed": "Standard"
        })],
        "E148"
    );
    let speed = bench.speed(&id).expect("kept");
    assert!(speed.is_at_risk, "E148");
    let bench = Bench::with_settings("[routing]\ndeadline = 'upgrade'\n");
    let id = in_a_hurry(&bench);
    bench.good_poll();
    assert_eq!(
        bench.created()[0]["shippingSpeedCategory"],
        "Expedited",
        "E148: upgrade"
    );
    let history = bench.history(&id);
    for part in ["2026-01-07T01:00:00Z (12.45 USD)", "2026-01-08T01:00:00Z (8.95 USD)"] {
        assert!(history.contains(part), "E148: {history}");
    }
    let speed = bench.speed(&id).expect("kept");
    assert_eq!((speed.chosen.as_str(), speed.is_at_risk), ("Expedited", false), "E148");
    assert_eq!(speed.fees.expect("known").amount, "12.45", "E148");
    assert!(
        bench.events("order.at_risk").is_empty() && bench.calls(PREVIEW) == 1,
        "E148"
    );
}

#[test]
fn e151_where_nothing_is_in_time_a_person_decides_and_the_preview_is_not_asked_again_for_hours() {
    let mut bench = Bench::with_settings("[routing]\ndeadline = 'upgrade'\ntoo_late = 'flag'\n");
    let id = bench.place(OrderKind::Plain);
    // The end of this very day.
    scan_by(&bench, &id, 1_767_686_399);
    bench.good_poll();
    let flags = bench.flags(&id);
    assert_eq!(
        (flags[0].reason(), flags[0].detail.as_str()),
        (Reason::OrderNotSupported, "too_late"),
        "E151"
    );
    assert_eq!(bench.events("order.at_risk").len(), 1, "E151");
    for _ in 0..3 {
        bench.pass(TimeDelta::hours(1));
        bench.good_poll();
    }
    assert_eq!((bench.calls(PREVIEW), bench.creates()), (1, 0), "E151: it is known");
    bench.pass(TimeDelta::hours(4));
    bench.good_poll();
    assert_eq!(
        (bench.calls(PREVIEW), bench.creates()),
        (2, 0),
        "E151: six hours are over"
    );
    bench.route(&id);
    assert_eq!(bench.creates(), 0, "E151: that it comes too late is a word of its own");
    bench.route_with(&id, &["too_late"]);
    assert_eq!((bench.state(&id), bench.creates()), (State::Routed, 1), "E151");
}

#[test]
fn e73_a_speed_that_amazon_does_not_offer_is_flagged() {
    let bench = Bench::with_settings("[routing]\nshipping_speed = 'Priority'\n");
    let id = bench.place(OrderKind::Plain);
    bench.good_poll();
    let flags = bench.flags(&id);
    assert_eq!(
        (flags[0].detail.as_str(), bench.creates()),
        ("speed_not_offered", 0),
        "E73"
    );
}

#[test]
fn a_faster_order_that_amazon_refused_is_not_sent_again_at_the_same_speed() {
    let mut bench = Bench::with_settings("[routing]\ndeadline = 'upgrade'\n");
    let id = in_a_hurry(&bench);
    let body =
        json!({"errors": [{"code": "InvalidInput", "message": "Request has invalid parameter: {Address.City}"}]});
    let refused = Fault::before(Disturbance::Json { status: 400, body });
    bench
        .sandbox
        .world()
        .faults
        .script(Operation::CreateFulfillmentOrder, 1, 9, refused);
    for _ in 0..3 {
        bench.good_poll();
        bench.pass(TimeDelta::minutes(5));
    }
    assert_eq!(
        (bench.state(&id), bench.creates()),
        (State::Flagged, 1),
        "the same body is refused again"
    );
}

#[test]
fn a_badge_and_a_delivery_option_have_their_speed_e147() {
    let bench = Bench::with_settings("[routing.delivery_options]\n'Express Shipping' = 'Expedited'\n");
    for (field, word) in [
        ("fast_delivery_program", "3_DAY_DELIVERY"),
        ("delivery_option_name", "Express Shipping"),
    ] {
        let id = bench.place(OrderKind::Plain);
        bench.change(&id, |order| {
            order.overrides.insert(field.to_owned(), json!(word));
        });
    }
    let potential = bench.place(OrderKind::Plain);
    bench.change(&potential, |order| {
        let word = json!("3_DAY_POTENTIAL_SHIPPING");
        order.overrides.insert("fast_delivery_program".to_owned(), word);
    });
    bench.good_poll();
    let mut speeds: Vec<_> = bench
        .created()
        .iter()
        .map(|body| body["shippingSpeedCategory"].to_string())
        .collect();
    speeds.sort();
    assert_eq!(speeds, ["\"Expedited\"", "\"Expedited\"", "\"Standard\""], "E147");
    assert!(
        bench.history(&potential).contains("3_DAY_POTENTIAL_SHIPPING"),
        "E147: the word is shown"
    );
}

#[test]
fn a_speed_that_a_person_names_goes_past_the_limits_and_is_kept_with_the_order_e151() {
    let settings = "[routing]\ndeadline = 'upgrade'\nfastest_speed = 'Standard'\ntoo_late = 'flag'\n";
    let bench = Bench::with_settings(settings);
    let id = bench.place(OrderKind::Plain);
    scan_by(&bench, &id, 1_767_686_399);
    bench.good_poll();
    assert_eq!(bench.flags(&id)[0].detail.as_str(), "too_late", "E151");
    let word = || Word {
        speed: Some(ShippingSpeed::Expedited),
        by: "dana".to_owned(),
        ..Word::default()
    };
    let planned = bench.route_by(&id, &word(), true);
    let plan = planned.summary.orders[0].plan.as_ref().expect("a plan");
    assert_eq!(
        (&plan.shipping_speed, bench.creates()),
        (&ShippingSpeed::Expedited, 0),
        "a dry run shows it"
    );
    assert!(
        bench.store().named_speeds().expect("readable").is_empty(),
        "and keeps nothing"
    );
    bench.route_by(&id, &word(), false);
    assert_eq!(bench.created()[0]["shippingSpeedCategory"], "Expedited", "E151");
    assert!(
        bench.history(&id).contains("speed Expedited, routed by dana"),
        "{}",
        bench.history(&id)
    );
}
