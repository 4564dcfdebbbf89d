//! The TikTok client over real HTTP on loopback: what leaves, what is asked again, and that every sample answer is read.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "helpers of tests fail and talk as tests do"
)]

mod secrets;
mod server;

use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use mcf_connector::clock::Clock;
use mcf_connector::domain::ids::{
    CancelId, DeliveryOptionId, LineItemId, ProductId, ShippingProviderId, TiktokOrderId, TiktokSkuId, WarehouseId,
};
use mcf_connector::domain::shop::StockUpdate;
use mcf_connector::secret::Secret;
use mcf_connector::tiktok::{CancellationQuery, Class, Error, OrderQuery, Settings, StockOf, Tiktok, refresh_tokens};
use mcf_connector::transport::{Bucket, CallRecord, Limits, Rate, RetryPolicy, Sender};
use server::{Received, Server};
use url::Url;

const APP_KEY: &str = "6e8ghq2tv1mcp";
const APP_SECRET: &str = "f4c770e4b45aa62e9d0c1b2a33445566";
const CIPHER: &str = "TTP_Zx9kQwAAAADm2v7RfLw0yTnB4sUeHc1G";
const BACKOFF: Duration = Duration::from_millis(40);
const EXPIRED: &str =
    r#"{"code":105002,"data":null,"message":"Expired credentials of TTP_first-token-000000.","request_id":"2026A"}"#;
const THROTTLED: &str = r#"{"code":36009002,"data":null,"message":"Too many requests.","request_id":"2026B"}"#;
const EMPTY_PAGE: &str = r#"{"code":0,"data":{"orders":[],"next_page_token":"","total_count":0},"message":"Success"}"#;

/// The client against one server, and the records of its calls.
struct WatchedClient {
    tiktok: Tiktok,
    sender: Arc<Sender>,
    settings: Settings,
    records: Arc<Mutex<Vec<CallRecord>>>,
    tokens_given: Arc<Mutex<Vec<String>>>,
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_574_842, 0).expect("a valid instant")
}

fn watched(server: &Server) -> WatchedClient {
    let records = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&records);
    let policy = RetryPolicy {
        attempts_max: 3,
        backoff: BACKOFF,
    };
    let rate = Rate {
        per_second: 1000.0,
        burst: 1000.0,
    };
    let sender = Sender::new(
        Clock::starting_at(now()),
        Limits::default(),
        policy,
        Arc::default(),
        Box::new(move |_, change| change(&mut Bucket::full(rate, now()))),
        Box::new(move |record| kept.lock().expect("the records").push(record.clone())),
    );
    let sender = Arc::new(sender);
    let settings = Settings {
        app_key: APP_KEY.into(),
        app_secret: Secret::new(APP_SECRET),
        api_url: server.url.clone(),
        auth_url: server.url.clone(),
    };
    let tokens_given = Arc::new(Mutex::new(Vec::new()));
    let given = Arc::clone(&tokens_given);
    let source = move |refused: Option<&Secret>| {
        let token = if refused.is_some() {
            "TTP_second-token-00000"
        } else {
            "TTP_first-token-000000"
        };
        given.lock().expect("the tokens").push(token.to_owned());
        Ok::<_, Error>(Secret::new(token))
    };
    let tiktok = Tiktok::new(settings.clone(), Arc::clone(&sender), Arc::new(source)).with_shop(Secret::new(CIPHER));
    WatchedClient {
        tiktok,
        sender,
        settings,
        records,
        tokens_given,
    }
}

fn window() -> OrderQuery {
    OrderQuery {
        updated_from: now() - chrono::TimeDelta::hours(2),
        updated_to: now(),
        status: None,
        cancel_requested: None,
    }
}

fn order() -> TiktokOrderId {
    TiktokOrderId::new("576461413038785752")
}

#[test]
fn an_expired_token_is_renewed_once_and_the_call_repeated() {
    let server = Server::start(&[(401, EXPIRED), (200, EMPTY_PAGE)]);
    let watched = watched(&server);
    let page = watched.tiktok.search_orders(&window(), None).expect("E112");
    assert!(page.orders.is_empty() && page.next.is_none());
    let tokens: Vec<_> = server
        .received()
        .iter()
        .map(|call| call.header("x-tts-access-token").map(str::to_owned))
        .collect();
    assert_eq!(
        tokens,
        [
            Some("TTP_first-token-000000".into()),
            Some("TTP_second-token-00000".into())
        ]
    );
}

#[test]
fn a_token_that_stays_expired_is_given_up_without_a_loop() {
    let server = Server::start(&[(200, EXPIRED)]);
    let watched = watched(&server);
    let error = watched.tiktok.search_orders(&window(), None).expect_err("R15");
    assert_eq!(error.class(), Class::TokenExpired);
    assert!(error.is_credentials());
    assert_eq!(server.received().len(), 2);
    assert_eq!(watched.tokens_given.lock().expect("the tokens").len(), 2);
    assert!(!error.to_string().contains("TTP_"), "H7: {error}");
}

#[test]
fn what_leaves_is_what_was_signed_also_with_an_opaque_page_token() {
    let page_token = "6AsPQsUMvH3RkchNUPPh22NROHkE0D8pmq/N5M1kHYcZmtRyv9aVrNv65W7Q6tFA+7D1ud64MPNz5OaT==";
    let server = Server::start(&[(200, EMPTY_PAGE)]);
    let watched = watched(&server);
    watched
        .tiktok
        .search_orders(&window(), Some(page_token))
        .expect("a page");
    watched
        .tiktok
        .orders(&[order(), TiktokOrderId::new("7")])
        .expect("orders");
    let provider = ShippingProviderId::new("7248600717110282027");
    let units = [LineItemId::new("577086512123755123")];
    watched
        .tiktok
        .mark_package_shipped(&order(), "TBA–305 é", &provider, &units)
        .expect("marked");
    watched
        .tiktok
        .approve_cancellation(&order(), &CancelId::new("4035"), "a key+/=&")
        .expect("approved");
    let received = server.received();
    for call in &received {
        assert!(call.is_signed(), "{call:?}");
        assert_eq!(call.query("shop_cipher").as_deref(), Some(CIPHER));
        let seconds: i64 = call.query("timestamp").expect("a timestamp").parse().expect("seconds");
        assert!((seconds - now().timestamp()).abs() < 60, "the run's clock");
    }
    assert_eq!(received[0].query("page_token").as_deref(), Some(page_token));
    assert_eq!(received[0].query("sort_order").as_deref(), Some("ASC"));
    assert_eq!(received[1].query("ids").as_deref(), Some("576461413038785752,7"));
    assert!(received[1].method == "GET" && received[1].body.is_empty());
    // An answer that shows none of two orders: each is asked for by itself.
    assert_eq!(received[3].query("ids").as_deref(), Some("7"));
    assert!(received[5].body.is_empty() && received[5].query("idempotency_key").as_deref() == Some("a key+/=&"));
    let records = watched.records.lock().expect("the records");
    assert_eq!(records[4].order_id.as_deref(), Some("576461413038785752"));
    assert_eq!(records[4].note.code.as_deref(), Some("0"));
}

#[test]
fn the_call_for_shops_carries_no_cipher_and_other_calls_need_one() {
    let server = Server::start(&[(200, r#"{"code":0,"data":{"shops":[]}}"#)]);
    let watched = watched(&server);
    watched.tiktok.shops().expect("shops");
    assert_eq!(server.received()[0].query("shop_cipher"), None);
    let source = Arc::new(|_: Option<&Secret>| Ok(Secret::new("t")));
    let shopless = Tiktok::new(watched.settings.clone(), Arc::clone(&watched.sender), source);
    assert_eq!(shopless.warehouses().expect_err("no shop").class(), Class::ShopMismatch);
    assert_eq!(server.received().len(), 1);
}

#[test]
fn too_many_calls_are_waited_out_and_each_try_is_signed() {
    let server = Server::start(&[(429, THROTTLED), (429, "<html>"), (200, EMPTY_PAGE)]);
    let watched = watched(&server);
    let started = Instant::now();
    watched.tiktok.search_orders(&window(), None).expect("E67");
    assert!(started.elapsed() >= BACKOFF * 3, "waits double");
    assert_eq!(server.received().len(), 3);
    assert!(server.received().iter().all(Received::is_signed));
}

#[test]
fn a_parcel_is_never_marked_twice_when_nobody_knows() {
    let provider = ShippingProviderId::new("7248600717110282027");
    for (status, body) in [
        (500, "<html>"),
        (200, "<html>"),
        (200, r#"{"code":36009003,"data":null}"#),
    ] {
        let server = Server::start(&[(status, body)]);
        let units = [LineItemId::new("1")];
        let error = watched(&server)
            .tiktok
            .mark_package_shipped(&order(), "TBA1", &provider, &units);
        let error = error.expect_err("no success");
        assert!(error.is_outcome_unknown() && !error.is_permanent(), "{error}");
        assert_eq!(server.received().len(), 1, "crash point 19");
    }
    let server = Server::start(&[(500, "")]);
    let error = watched(&server)
        .tiktok
        .mark_package_shipped(&order(), "TBA1", &provider, &[]);
    assert_eq!(error.expect_err("no units").class(), Class::Input);
    assert!(server.received().is_empty());
}

#[test]
fn an_order_that_is_not_ours_does_not_hide_its_neighbours() {
    let refused = r#"{"code":21008111,"message":"not this seller","data":null}"#;
    let mine = include_str!("../../fixtures/tiktok/order_bundle.json");
    let found = format!(r#"{{"code":0,"data":{{"orders":[{mine}]}}}}"#);
    let server = Server::start(&[(200, refused), (200, refused), (200, &found)]);
    let ids = [order(), TiktokOrderId::new("576900000000000301")];
    let orders = watched(&server).tiktok.orders(&ids).expect("found");
    assert_eq!(orders.orders.len(), 1);
    assert_eq!(orders.unreadable[0].id, Some(order()));
    assert_eq!(server.received().len(), 3);
}

#[test]
fn an_order_that_nobody_asked_for_never_stands_for_the_one_that_was() {
    let other = include_str!("../../fixtures/tiktok/order_bundle.json");
    let found = format!(r#"{{"code":0,"data":{{"orders":[{other}]}}}}"#);
    let server = Server::start(&[(200, &found)]);
    let answered = watched(&server).tiktok.orders(&[order()]).expect("an answer");
    assert!(
        answered.orders.is_empty() && !answered.is_about(&order()),
        "{answered:?}"
    );
}

#[test]
fn a_name_with_half_a_letter_does_not_cost_the_page() {
    let mine = include_str!("../../fixtures/tiktok/order_bundle.json").replace("Marguerite", r"Margu\ud83d");
    let page = format!(r#"{{"code":0,"data":{{"orders":[{mine}],"next_page_token":"n"}}}}"#);
    let server = Server::start(&[(200, &page)]);
    let page = watched(&server).tiktok.search_orders(&window(), None).expect("H4");
    assert!(page.orders[0].recipient.expose().name.contains('\u{fffd}'));
}

#[test]
fn a_refused_refresh_token_asks_for_consent_and_hides_the_address() {
    let body = r#"{"code":36009999,"message":"refresh_token r-secret of f4c770e4b45aa62e9d0c1b2a33445566 is invalid"}"#;
    let server = Server::start(&[(200, body)]);
    let watched = watched(&server);
    let error = refresh_tokens(&watched.sender, &watched.settings, &Secret::new("r-secret")).expect_err("refused");
    assert_eq!(error.class(), Class::ConsentNeeded, "E18");
    let told = format!("{error} {error:?} {:?}", watched.records.lock().expect("the records"));
    assert!(!told.contains("r-secret") && !told.contains(APP_SECRET), "E119: {told}");
    let received = server.received();
    assert_eq!(received[0].query("grant_type").as_deref(), Some("refresh_token"));
    assert_eq!(received[0].query("sign"), None);
}

#[test]
fn an_unreachable_token_host_does_not_show_the_address_either() {
    let server = Server::start(&[(200, "")]);
    let mut watched = watched(&server);
    let free = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port");
    watched.settings.auth_url = Url::parse(&format!("http://{free}")).expect("a url");
    let error = refresh_tokens(&watched.sender, &watched.settings, &Secret::new("r-secret")).expect_err("no host");
    assert_eq!(error.class(), Class::NotSent);
    assert!(!format!("{error:?}").contains("r-secret"), "E119");
}

/// Returns a sample answer, or says that the samples are not here.
fn sample(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/specs/tiktok")
        .join(name);
    let text = std::fs::read_to_string(path).ok();
    if text.is_none() {
        println!("skipped: no sample {name}");
    }
    text
}

/// A client whose server gives one sample for ever.
fn answering(name: &str) -> Option<(Server, WatchedClient)> {
    let server = Server::start(&[(200, &sample(name)?)]);
    let watched = watched(&server);
    Some((server, watched))
}

#[test]
fn the_samples_of_orders_are_read() {
    if let Some((_server, watched)) = answering("orders_search_page1.json") {
        let page = watched.tiktok.search_orders(&window(), None).expect("readable");
        assert_eq!((page.orders.len(), page.unreadable.len()), (5, 0));
        assert!(page.next.is_some_and(|token| token.contains('+')));
        assert!(page.orders[4].cancel_requested);
        assert_eq!(page.orders[1].recipient.expose().last_name, "O’Neill-Vargas");
    }
    if let Some((_server, watched)) = answering("order_detail_multi_line.json") {
        let found = watched
            .tiktok
            .orders(&[TiktokOrderId::new("576900000000000201")])
            .expect("readable");
        let parts: Vec<u32> = found.orders[0].line_items[3]
            .parts
            .iter()
            .map(|part| part.count)
            .collect();
        assert_eq!((found.orders[0].line_items.len(), parts), (4, vec![1, 2]));
    }
}

#[test]
fn the_samples_of_a_shop_are_read() {
    if let Some((_server, watched)) = answering("shops.json") {
        let shops = watched.tiktok.shops().expect("readable");
        assert_eq!((shops[0].cipher.expose(), shops[1].region.as_str()), (CIPHER, "GB"));
    }
    if let Some((_server, watched)) = answering("warehouses.json") {
        assert_eq!(watched.tiktok.warehouses().expect("readable").len(), 3);
    }
    if let Some((_server, watched)) = answering("shipping_providers.json") {
        let providers = watched
            .tiktok
            .shipping_providers(&DeliveryOptionId::new("7091146663229654785"));
        assert_eq!(providers.expect("readable")[3].name, "Amazon Logistics");
    }
    if let Some((_server, watched)) = answering("inventory_search.json") {
        let skus = [TiktokSkuId::new("1729592969712207013")];
        let stock = watched.tiktok.inventory(StockOf::Skus(&skus)).expect("readable");
        assert_eq!((stock.len(), stock[0].warehouses[1].available), (3, Some(18)));
        assert_eq!(stock[2].seller_sku, None);
    }
    if let Some((_server, watched)) = answering("token_refresh.json") {
        let pair = refresh_tokens(&watched.sender, &watched.settings, &Secret::new("r")).expect("readable");
        assert_eq!(
            (pair.access_expires_at.map(|end| end.timestamp()), pair.scopes.len()),
            (Some(1_768_176_000), 7)
        );
    }
}

#[test]
fn the_samples_of_writes_and_refusals_are_read() {
    if let Some((_server, watched)) = answering("mark_package_shipped.json") {
        let provider = ShippingProviderId::new("1");
        let marked = watched
            .tiktok
            .mark_package_shipped(&order(), "1Z", &provider, &[LineItemId::new("1")]);
        assert!(marked.expect("marked all the same").warning.is_some());
    }
    if let Some((_server, watched)) = answering("inventory_update_error.json") {
        let update = StockUpdate {
            sku_id: TiktokSkuId::new("1729592969712207013"),
            quantities: vec![(WarehouseId::new("7068517275539720555"), 0)],
        };
        let refusals = watched
            .tiktok
            .update_inventory(&ProductId::new("1729592969712207008"), &[update]);
        assert_eq!(refusals.expect("accepted")[0].codes, [12_052_990, 12_052_531]);
    }
    if let Some((_server, watched)) = answering("cancellations_search.json") {
        let page = watched
            .tiktok
            .search_cancellations(&CancellationQuery::default(), None)
            .expect("readable");
        assert_eq!(
            page.cancellations[0].answer_by.map(|at| at.timestamp()),
            Some(1_767_666_600)
        );
    }
    for (name, class) in [
        ("error_expired_token.json", Class::TokenExpired),
        ("error_rate_limited.json", Class::Throttled),
    ] {
        if let Some((_server, watched)) = answering(name) {
            assert_eq!(watched.tiktok.warehouses().expect_err(name).class(), class);
        }
    }
}
