//! What Amazon says to a create and shows afterwards: what is not certain is read back, what ends badly is found by the next poll.

use chrono::TimeDelta;
use mcf_connector::domain::flag::Reason;
use mcf_connector::domain::ids::TiktokOrderId;
use mcf_connector::domain::pause::Pause;
use mcf_connector::domain::state::{State, Step};
use mcf_connector::jobs::{Error, Finished};
use mcf_connector::report::Timing;
use mcf_connector::report::order::OrderReport;
use mcf_connector::sandbox::amazon::OrderStatus;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{CreateMode, Disturbance, Fault, Operation};
use serde_json::{Value, json};

use super::bench::Bench;

const CREATE: Operation = Operation::CreateFulfillmentOrder;
const GET: Operation = Operation::GetFulfillmentOrder;

fn in_mode(mode: CreateMode) -> (Bench, TiktokOrderId) {
    let bench = Bench::open();
    bench.sandbox.world().settings.create_mode = mode;
    let id = bench.place(OrderKind::Plain);
    (bench, id)
}

/// Answers the next create with this, without carrying it out.
fn answer_create(bench: &Bench, status: u16, body: Value) {
    let answer = Fault::before(Disturbance::Json { status, body });
    bench.sandbox.world().faults.next(CREATE, answer);
}

fn refusal(code: &str, message: &str) -> Value {
    json!({ "errors": [{ "code": code, "message": message, "details": "" }] })
}

fn poll_after(bench: &mut Bench, minutes: i64) -> Finished {
    bench.pass(TimeDelta::minutes(minutes));
    bench.poll()
}

fn details(bench: &Bench, id: &TiktokOrderId) -> Vec<String> {
    bench
        .flags(id)
        .into_iter()
        .map(|flag| flag.detail.to_string())
        .collect()
}

#[test]
fn a_create_that_is_answered_with_202_is_read_back_in_the_same_run_e65_m6() {
    let (bench, id) = in_mode(CreateMode::AcceptedThenNormal);
    bench.good_poll();
    assert_eq!((bench.state(&id), bench.calls(GET)), (State::Routed, 1), "E65");
}

#[test]
fn a_202_or_another_orders_id_without_effect_is_not_called_routed_e65_m7() {
    for (status, body) in [
        (202, json!({})),
        (200, json!({ "orderId": "TTS-999", "status": "PROCESSING" })),
        (200, json!({ "sellerFulfillmentOrderId": "TTS-999" })),
        (
            200,
            json!({ "payload": { "fulfillmentOrder": { "sellerFulfillmentOrderId": "TTS-999" } } }),
        ),
    ] {
        let (mut bench, id) = in_mode(CreateMode::RefuseSecond);
        answer_create(&bench, status, body.clone());
        bench.poll();
        assert_eq!(
            (bench.state(&id), bench.calls(GET)),
            (State::Submitting, 1),
            "{status} {body}"
        );
        poll_after(&mut bench, 20);
        assert_eq!(
            (bench.state(&id), bench.creates()),
            (State::Routed, 2),
            "{status} {body}"
        );
        assert_eq!(bench.created()[0], bench.created()[1], "I3");
    }
}

#[test]
fn an_order_that_amazon_accepted_and_never_shows_is_told_and_not_sent_again_by_itself() {
    let (mut bench, id) = in_mode(CreateMode::RefuseSecond);
    answer_create(&bench, 200, json!({}));
    bench.good_poll();
    assert_eq!(bench.state(&id), State::Routed);
    poll_after(&mut bench, 5);
    assert_eq!(
        details(&bench, &id),
        Vec::<String>::new(),
        "one look may come too early"
    );
    poll_after(&mut bench, 20);
    assert_eq!(details(&bench, &id), ["not_at_amazon"]);
    for hours in [1, 24, 48] {
        poll_after(&mut bench, hours * 60);
    }
    assert_eq!(
        (details(&bench, &id), bench.creates()),
        (vec!["not_at_amazon".to_owned()], 1)
    );
    bench.route(&id);
    assert_eq!(
        (bench.state(&id), bench.creates()),
        (State::Routed, 2),
        "by a person's word"
    );
    assert_eq!(bench.created()[0], bench.created()[1], "I3");
    assert_eq!(details(&bench, &id), Vec::<String>::new());
}

#[test]
fn an_accepted_order_that_shows_late_clears_its_flag_m4() {
    let (mut bench, id) = in_mode(CreateMode::HiddenAtFirst);
    bench.sandbox.world().settings.hidden_for = TimeDelta::minutes(40);
    bench.good_poll();
    poll_after(&mut bench, 5);
    poll_after(&mut bench, 20);
    assert_eq!(details(&bench, &id), ["not_at_amazon"]);
    poll_after(&mut bench, 125);
    assert_eq!(details(&bench, &id), Vec::<String>::new(), "M4");
    bench.route(&id);
    assert_eq!(bench.creates(), 1, "I1");
}

#[test]
fn each_accepted_order_is_read_once_in_the_next_poll_m8() {
    let (mut bench, id) = in_mode(CreateMode::ShowsOtherItems);
    bench.good_poll();
    assert_eq!((bench.state(&id), bench.calls(GET)), (State::Routed, 0));
    let run = poll_after(&mut bench, 5);
    assert_eq!(details(&bench, &id), ["duplicate_id_other_contents"], "M8");
    assert_eq!(
        run.summary.orders[0].flags[0].detail.as_str(),
        "duplicate_id_other_contents",
        "M8"
    );

    let (mut bench, _) = in_mode(CreateMode::RefuseSecond);
    bench.good_poll();
    for _ in 0..5 {
        poll_after(&mut bench, 5);
    }
    assert_eq!(bench.calls(GET), 1, "once");
    assert_eq!(
        bench.calls(Operation::ListAllFulfillmentOrders),
        5,
        "one list call a run"
    );
}

#[test]
fn what_ends_badly_at_amazon_is_found_by_the_next_poll_e78_e79_e81_e83() {
    for (status, detail) in [
        (OrderStatus::Invalid, "invalid"),
        (OrderStatus::Unfulfillable, "unfulfillable"),
        (OrderStatus::Cancelled, "cancelled_at_amazon"),
        (OrderStatus::CompletePartialled, "partly_shipped"),
    ] {
        let (mut bench, id) = in_mode(CreateMode::RefuseSecond);
        bench.good_poll();
        poll_after(&mut bench, 5);
        poll_after(&mut bench, 120);
        let now = bench.now;
        bench.sandbox.world().amazon.orders[0].set_status(status, now);
        let run = poll_after(&mut bench, 5);
        assert!(
            details(&bench, &id).contains(&detail.to_owned()),
            "{status:?}: {:?}",
            details(&bench, &id)
        );
        assert_eq!(run.summary.counts.get("flagged"), Some(&1), "{status:?}");
        let again = poll_after(&mut bench, 5);
        assert_eq!(again.summary.counts.get("flagged"), None, "{status:?}: told once");
    }
}

/// Amazon denies every read of a single order.
fn deny_reads(bench: &Bench) {
    let body = refusal("Unauthorized", "Access to requested resource is denied.");
    let denied = Fault::before(Disturbance::Json { status: 403, body });
    bench.sandbox.world().faults.script(GET, 1, 99, denied);
}

#[test]
fn one_order_that_amazon_denies_stops_no_other_and_is_told_after_hours_e69() {
    let bench = Bench::open();
    let denied = bench.place(OrderKind::Plain);
    bench
        .sandbox
        .world()
        .faults
        .next(CREATE, Fault::after(Disturbance::Drop));
    deny_reads(&bench);
    bench.poll();
    let mut bench = bench;
    for minutes in [5, 20, 40] {
        let other = bench.place(OrderKind::ThreePack);
        let run = poll_after(&mut bench, minutes);
        assert!(run.trouble.is_some_and(|error| !error.is_credentials()), "E69: exit 4");
        assert_eq!(bench.state(&other), State::Routed, "E69");
        assert_eq!(bench.state(&denied), State::Submitting, "E69: not 'not found'");
    }
    poll_after(&mut bench, 90);
    assert!(details(&bench, &denied).contains(&"read_denied".to_owned()), "E69");
    bench.sandbox.world().faults.clear();
    poll_after(&mut bench, 5);
    assert_eq!(bench.state(&denied), State::Routed);
    assert_eq!(details(&bench, &denied), Vec::<String>::new());
}

#[test]
fn where_the_list_is_denied_too_it_is_the_role_r16() {
    let (mut bench, id) = in_mode(CreateMode::RefuseSecond);
    bench.good_poll();
    bench.sandbox.world().amazon.has_fulfillment_role = false;
    let run = poll_after(&mut bench, 5);
    assert!(run.trouble.is_some_and(|error| error.is_credentials()), "R16: exit 5");
    assert_eq!(details(&bench, &id), Vec::<String>::new());
}

/// An order that Amazon refused for want of stock, whatever its figure of 20 says.
fn refused_for_stock() -> (Bench, TiktokOrderId) {
    let (bench, id) = in_mode(CreateMode::RefuseSecond);
    bench.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 20);
    let body = refusal("InvalidInput", "Insufficient inventory for SKU FBA-LAMP-BLK");
    answer_create(&bench, 400, body);
    bench.good_poll();
    (bench, id)
}

#[test]
fn an_order_refused_for_stock_goes_when_amazons_figure_rises_and_not_before() {
    let (mut bench, id) = refused_for_stock();
    let flag = bench.flags(&id).remove(0);
    assert_eq!(
        (flag.reason(), flag.detail.as_str()),
        (Reason::InsufficientInventory, "refused_for_stock")
    );
    for stock in [20, 10] {
        bench.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", stock);
        poll_after(&mut bench, 45);
        assert_eq!((bench.state(&id), bench.creates()), (State::Flagged, 1), "{stock}");
    }
    bench.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 11);
    poll_after(&mut bench, 45);
    assert_eq!((bench.state(&id), bench.creates()), (State::Routed, 2));
    assert!(bench.flags(&id).is_empty());
}

#[test]
fn a_rise_of_stock_is_used_up_when_the_order_goes_and_not_when_it_is_seen() {
    let (mut bench, id) = refused_for_stock();
    let pause = Pause {
        since: bench.now,
        until: None,
        because: None,
    };
    bench.store().keep_pause(&pause, bench.now).expect("kept");
    bench.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 30);
    poll_after(&mut bench, 45);
    assert_eq!((bench.state(&id), bench.creates()), (State::Waiting, 1), "paused");
    bench.store().end_pause().expect("ended");
    poll_after(&mut bench, 45);
    assert_eq!((bench.state(&id), bench.creates()), (State::Routed, 2));
}

#[test]
fn amazons_own_sentence_is_shown_with_its_order_sealed_and_erased_with_the_buyers_data_e83() {
    let (bench, id) = in_mode(CreateMode::RefuseSecond);
    let said = "Value 12 Larkspur Lane for parameter Address.Line1 is invalid.";
    answer_create(&bench, 400, refusal("InvalidInput", said));
    bench.good_poll();
    let shown = |bench: &Bench| {
        let report = OrderReport::read(&bench.store(), &id, false, &Timing::default(), bench.now)
            .expect("read")
            .expect("known");
        report.order.amazon_said
    };
    assert_eq!(shown(&bench).as_deref(), Some(said));
    assert!(!bench.flags(&id)[0].message.contains("Larkspur"), "I10");
    assert!(!bench.history(&id).contains("Larkspur"), "I10");
    let dismissed = bench
        .store()
        .step(&id, State::Flagged, Step::Dismiss, "a test", bench.now);
    dismissed.expect("dismissed");
    bench.store().erase_buyer(&id, "by hand", bench.now).expect("erased");
    assert_eq!(shown(&bench), None);
}

#[test]
fn a_sku_that_amazon_refuses_is_named_with_the_command_that_shows_why_e68() {
    let (bench, id) = in_mode(CreateMode::RefuseSecond);
    answer_create(
        &bench,
        400,
        refusal("InvalidInput", "SellerSKU FBA-LAMP-BLK is invalid."),
    );
    bench.good_poll();
    let flag = bench.flags(&id).remove(0);
    assert_eq!(
        (flag.detail.as_str(), flag.next_command.as_str()),
        ("sku_refused", format!("mcf route {id}").as_str()),
        "E68"
    );
    assert!(flag.message.contains("FBA-LAMP-BLK"), "E68: {}", flag.message);
}

#[test]
fn a_wrong_address_or_account_burns_no_order_and_ends_the_run() {
    for (status, code, message) in [
        (403, "MissingAuthenticationToken", "Missing Authentication Token"),
        (404, "NotFound", "Not Found"),
        (405, "MethodNotAllowed", ""),
        (415, "UnsupportedMediaType", ""),
        (
            400,
            "InvalidInput",
            "Value  for parameter SellerId is invalid. Reason: InvalidValue.",
        ),
        (
            400,
            "InvalidInput",
            "Value X for parameter MarketplaceId is invalid. Reason: InvalidValue.",
        ),
    ] {
        let (mut bench, id) = in_mode(CreateMode::RefuseSecond);
        answer_create(&bench, status, refusal(code, message));
        let run = bench.poll();
        let is_set_up = |error: Error| matches!(error, Error::Amazon(error) if error.is_set_up());
        assert!(run.trouble.is_some_and(is_set_up), "{status} {code}");
        assert_eq!(
            (bench.state(&id), bench.flags(&id).len()),
            (State::Ready, 0),
            "{status} {code}"
        );
        poll_after(&mut bench, 5);
        assert_eq!(
            (bench.state(&id), bench.creates()),
            (State::Routed, 2),
            "{status} {code}"
        );
    }
}

#[test]
fn an_order_that_is_shown_without_its_items_is_looked_for_again_and_no_other_order_e64() {
    let (mut bench, id) = in_mode(CreateMode::RefuseSecond);
    {
        let mut world = bench.sandbox.world();
        world.faults.next(CREATE, Fault::after(Disturbance::Drop));
        let pointer = "/payload/fulfillmentOrderItems".to_owned();
        let value = json!([]);
        world
            .faults
            .next(GET, Fault::after(Disturbance::Patch { pointer, value }));
    }
    bench.poll();
    assert_eq!(bench.state(&id), State::Submitting, "E64: empty is not another content");
    poll_after(&mut bench, 5);
    assert_eq!((bench.state(&id), bench.creates()), (State::Routed, 1), "E64");
    assert_eq!(details(&bench, &id), Vec::<String>::new(), "E64");
}
