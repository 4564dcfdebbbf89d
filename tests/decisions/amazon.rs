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

use super::test_shop::TestShop;

const CREATE: Operation = Operation::CreateFulfillmentOrder;
const GET: Operation = Operation::GetFulfillmentOrder;

fn in_mode(mode: CreateMode) -> (TestShop, TiktokOrderId) {
    let shop = TestShop::open();
    shop.sandbox.world().settings.create_mode = mode;
    let id = shop.place(OrderKind::Plain);
    (shop, id)
}

/// Answers the next create with this, without carrying it out.
fn answer_create(shop: &TestShop, status: u16, body: Value) {
    let answer = Fault::before(Disturbance::Json { status, body });
    shop.sandbox.world().faults.next(CREATE, answer);
}

fn refusal(code: &str, message: &str) -> Value {
    json!({ "errors": [{ "code": code, "message": message, "details": "" }] })
}

fn poll_after(shop: &mut TestShop, minutes: i64) -> Finished {
    shop.pass(TimeDelta::minutes(minutes));
    shop.poll()
}

fn details(shop: &TestShop, id: &TiktokOrderId) -> Vec<String> {
    shop.flags(id).into_iter().map(|flag| flag.detail.to_string()).collect()
}

#[test]
fn a_create_that_is_answered_with_202_is_read_back_in_the_same_run_e65_m6() {
    let (shop, id) = in_mode(CreateMode::AcceptedThenNormal);
    shop.good_poll();
    assert_eq!((shop.state(&id), shop.calls(GET)), (State::Routed, 1), "E65");
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
        let (mut shop, id) = in_mode(CreateMode::RefuseSecond);
        answer_create(&shop, status, body.clone());
        shop.poll();
        assert_eq!(
            (shop.state(&id), shop.calls(GET)),
            (State::Submitting, 1),
            "{status} {body}"
        );
        poll_after(&mut shop, 20);
        assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 2), "{status} {body}");
        assert_eq!(shop.created()[0], shop.created()[1], "I3");
    }
}

#[test]
fn an_order_that_amazon_accepted_and_never_shows_is_told_and_not_sent_again_by_itself() {
    let (mut shop, id) = in_mode(CreateMode::RefuseSecond);
    answer_create(&shop, 200, json!({}));
    shop.good_poll();
    assert_eq!(shop.state(&id), State::Routed);
    poll_after(&mut shop, 5);
    assert_eq!(details(&shop, &id), Vec::<String>::new(), "one look may come too early");
    poll_after(&mut shop, 20);
    assert_eq!(details(&shop, &id), ["not_at_amazon"]);
    for hours in [1, 24, 48] {
        poll_after(&mut shop, hours * 60);
    }
    assert_eq!(
        (details(&shop, &id), shop.creates()),
        (vec!["not_at_amazon".to_owned()], 1)
    );
    shop.route(&id);
    assert_eq!(
        (shop.state(&id), shop.creates()),
        (State::Routed, 2),
        "by a person's word"
    );
    assert_eq!(shop.created()[0], shop.created()[1], "I3");
    assert_eq!(details(&shop, &id), Vec::<String>::new());
}

#[test]
fn an_accepted_order_that_shows_late_clears_its_flag_m4() {
    let (mut shop, id) = in_mode(CreateMode::HiddenAtFirst);
    shop.sandbox.world().settings.hidden_for = TimeDelta::minutes(40);
    shop.good_poll();
    poll_after(&mut shop, 5);
    poll_after(&mut shop, 20);
    assert_eq!(details(&shop, &id), ["not_at_amazon"]);
    poll_after(&mut shop, 125);
    assert_eq!(details(&shop, &id), Vec::<String>::new(), "M4");
    shop.route(&id);
    assert_eq!(shop.creates(), 1, "I1");
}

#[test]
fn each_accepted_order_is_read_once_in_the_next_poll_m8() {
    let (mut shop, id) = in_mode(CreateMode::ShowsOtherItems);
    shop.good_poll();
    assert_eq!((shop.state(&id), shop.calls(GET)), (State::Routed, 0));
    let run = poll_after(&mut shop, 5);
    assert_eq!(details(&shop, &id), ["duplicate_id_other_contents"], "M8");
    assert_eq!(
        run.summary.orders[0].flags[0].detail.as_str(),
        "duplicate_id_other_contents",
        "M8"
    );

    let (mut shop, _) = in_mode(CreateMode::RefuseSecond);
    shop.good_poll();
    for _ in 0..5 {
        poll_after(&mut shop, 5);
    }
    assert_eq!(shop.calls(GET), 1, "once");
    assert_eq!(
        shop.calls(Operation::ListAllFulfillmentOrders),
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
        let (mut shop, id) = in_mode(CreateMode::RefuseSecond);
        shop.good_poll();
        poll_after(&mut shop, 5);
        poll_after(&mut shop, 120);
        let now = shop.now;
        shop.sandbox.world().amazon.orders[0].set_status(status, now);
        let run = poll_after(&mut shop, 5);
        assert!(
            details(&shop, &id).contains(&detail.to_owned()),
            "{status:?}: {:?}",
            details(&shop, &id)
        );
        assert_eq!(run.summary.counts.get("flagged"), Some(&1), "{status:?}");
        let again = poll_after(&mut shop, 5);
        assert_eq!(again.summary.counts.get("flagged"), None, "{status:?}: told once");
    }
}

/// Amazon denies every read of a single order.
fn deny_reads(shop: &TestShop) {
    let body = refusal("Unauthorized", "Access to requested resource is denied.");
    let denied = Fault::before(Disturbance::Json { status: 403, body });
    shop.sandbox.world().faults.script(GET, 1, 99, denied);
}

#[test]
fn one_order_that_amazon_denies_stops_no_other_and_is_told_after_hours_e69() {
    let shop = TestShop::open();
    let denied = shop.place(OrderKind::Plain);
    shop.sandbox
        .world()
        .faults
        .next(CREATE, Fault::after(Disturbance::Drop));
    deny_reads(&shop);
    shop.poll();
    let mut shop = shop;
    for minutes in [5, 20, 40] {
        let other = shop.place(OrderKind::ThreePack);
        let run = poll_after(&mut shop, minutes);
        assert!(run.trouble.is_some_and(|error| !error.is_credentials()), "E69: exit 4");
        assert_eq!(shop.state(&other), State::Routed, "E69");
        assert_eq!(shop.state(&denied), State::Submitting, "E69: not 'not found'");
    }
    poll_after(&mut shop, 90);
    assert!(details(&shop, &denied).contains(&"read_denied".to_owned()), "E69");
    shop.sandbox.world().faults.clear();
    poll_after(&mut shop, 5);
    assert_eq!(shop.state(&denied), State::Routed);
    assert_eq!(details(&shop, &denied), Vec::<String>::new());
}

#[test]
fn where_the_list_is_denied_too_it_is_the_role_r16() {
    let (mut shop, id) = in_mode(CreateMode::RefuseSecond);
    shop.good_poll();
    shop.sandbox.world().amazon.has_fulfillment_role = false;
    let run = poll_after(&mut shop, 5);
    assert!(run.trouble.is_some_and(|error| error.is_credentials()), "R16: exit 5");
    assert_eq!(details(&shop, &id), Vec::<String>::new());
}

/// An order that Amazon refused for want of stock, whatever its figure of 20 says.
fn refused_for_stock() -> (TestShop, TiktokOrderId) {
    let (shop, id) = in_mode(CreateMode::RefuseSecond);
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 20);
    let body = refusal("InvalidInput", "Insufficient inventory for SKU FBA-LAMP-BLK");
    answer_create(&shop, 400, body);
    shop.good_poll();
    (shop, id)
}

#[test]
fn an_order_refused_for_stock_goes_when_amazons_figure_rises_and_not_before() {
    let (mut shop, id) = refused_for_stock();
    let flag = shop.flags(&id).remove(0);
    assert_eq!(
        (flag.reason(), flag.detail.as_str()),
        (Reason::InsufficientInventory, "refused_for_stock")
    );
    for stock in [20, 10] {
        shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", stock);
        poll_after(&mut shop, 45);
        assert_eq!((shop.state(&id), shop.creates()), (State::Flagged, 1), "{stock}");
    }
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 11);
    poll_after(&mut shop, 45);
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 2));
    assert!(shop.flags(&id).is_empty());
}

#[test]
fn a_rise_of_stock_is_used_up_when_the_order_goes_and_not_when_it_is_seen() {
    let (mut shop, id) = refused_for_stock();
    let pause = Pause {
        since: shop.now,
        until: None,
        because: None,
    };
    shop.store().keep_pause(&pause, "seller", shop.now).expect("kept");
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 30);
    poll_after(&mut shop, 45);
    assert_eq!((shop.state(&id), shop.creates()), (State::Waiting, 1), "paused");
    shop.store().end_pause("seller", shop.now).expect("ended");
    poll_after(&mut shop, 45);
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 2));
}

#[test]
fn amazons_own_sentence_is_shown_with_its_order_sealed_and_erased_with_the_buyers_data_e83() {
    let (shop, id) = in_mode(CreateMode::RefuseSecond);
    let said = "Value 12 Larkspur Lane for parameter Address.Line1 is invalid.";
    answer_create(&shop, 400, refusal("InvalidInput", said));
    shop.good_poll();
    let shown = |shop: &TestShop| {
        let report = OrderReport::read(&shop.store(), &id, false, &Timing::default(), shop.now)
            .expect("read")
            .expect("known");
        report.order.amazon_said
    };
    assert_eq!(shown(&shop).as_deref(), Some(said));
    assert!(!shop.flags(&id)[0].message.contains("Larkspur"), "I10");
    assert!(!shop.history(&id).contains("Larkspur"), "I10");
    let dismissed = shop
        .store()
        .step(&id, State::Flagged, Step::Dismiss, "a test", shop.now);
    dismissed.expect("dismissed");
    shop.store().erase_buyer(&id, "by hand", shop.now).expect("erased");
    assert_eq!(shown(&shop), None);
}

#[test]
fn a_sku_that_amazon_refuses_is_named_with_the_command_that_shows_why_e68() {
    let (shop, id) = in_mode(CreateMode::RefuseSecond);
    answer_create(
        &shop,
        400,
        refusal("InvalidInput", "SellerSKU FBA-LAMP-BLK is invalid."),
    );
    shop.good_poll();
    let flag = shop.flags(&id).remove(0);
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
        let (mut shop, id) = in_mode(CreateMode::RefuseSecond);
        answer_create(&shop, status, refusal(code, message));
        let run = shop.poll();
        let is_set_up = |error: Error| matches!(error, Error::Amazon(error) if error.is_set_up());
        assert!(run.trouble.is_some_and(is_set_up), "{status} {code}");
        assert_eq!(
            (shop.state(&id), shop.flags(&id).len()),
            (State::Ready, 0),
            "{status} {code}"
        );
        poll_after(&mut shop, 5);
        assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 2), "{status} {code}");
    }
}

#[test]
fn an_order_that_is_shown_without_its_items_is_looked_for_again_and_no_other_order_e64() {
    let (mut shop, id) = in_mode(CreateMode::RefuseSecond);
    {
        let mut world = shop.sandbox.world();
        world.faults.next(CREATE, Fault::after(Disturbance::Drop));
        let pointer = "/payload/fulfillmentOrderItems".to_owned();
        let value = json!([]);
        world
            .faults
            .next(GET, Fault::after(Disturbance::Patch { pointer, value }));
    }
    shop.poll();
    assert_eq!(shop.state(&id), State::Submitting, "E64: empty is not another content");
    poll_after(&mut shop, 5);
    assert_eq!((shop.state(&id), shop.creates()), (State::Routed, 1), "E64");
    assert_eq!(details(&shop, &id), Vec::<String>::new(), "E64");
}
