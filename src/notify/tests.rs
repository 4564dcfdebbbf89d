//! Delivery against a small endpoint on loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::*;
use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::flag::Reason;
use crate::domain::ids::TiktokOrderId;
use crate::store::Store;
use crate::store::tests_support::store;
use crate::transport::{Limits, RetryPolicy, Sender};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// An endpoint that answers as told and keeps what it received, headers and body as they came.
struct Ears {
    url: Url,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
    answer: Arc<Mutex<&'static str>>,
}

impl Ears {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(Mutex::new("204 No Content\r\n"));
        let (kept, said) = (Arc::clone(&heard), Arc::clone(&answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let request = listen(&stream);
                kept.lock().expect("a list").push(request);
                let head = *said.lock().expect("an answer");
                let _ = write!(&stream, "HTTP/1.1 {head}content-length: 0\r\nconnection: close\r\n\r\n");
            }
        });
        Self {
            url: Url::parse(&format!("http://{address}/secret-path?token=canary")).expect("a URL"),
            heard,
            answer,
        }
    }

    fn says(&self, answer: &'static str) {
        *self.answer.lock().expect("an answer") = answer;
    }

    fn heard(&self) -> Vec<Vec<u8>> {
        self.heard.lock().expect("a list").clone()
    }

    fn bodies(&self) -> Vec<Value> {
        let body = |request: &Vec<u8>| {
            let text = String::from_utf8_lossy(request).into_owned();
            let (_, body) = text.split_once("\r\n\r\n").expect("a body");
            serde_json::from_str(body).expect("JSON")
        };
        self.heard().iter().map(body).collect()
    }

    fn endpoint(&self, format: Format) -> Endpoint {
        let secret = Secret::new(SECRET);
        Endpoint::new(self.url.clone(), Some(&secret), vec!["*".into()], format).expect("an endpoint")
    }
}

fn listen(stream: &TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(stream);
    let mut request = Vec::new();
    let mut length = 0;
    loop {
        let start = request.len();
        reader.read_until(b'\n', &mut request).expect("a line");
        let line = String::from_utf8_lossy(&request[start..]).to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    request.extend_from_slice(&body);
    request
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
}

fn sender(at: DateTime<Utc>) -> Sender {
    let limits = Limits {
        timeout: Duration::from_secs(1),
        ..send_limits(None)
    };
    let policy = RetryPolicy {
        attempts_max: 1,
        backoff: Duration::ZERO,
    };
    let buckets = Box::new(|_: &_, _: &mut dyn FnMut(&mut _)| {});
    Sender::new(
        Clock::starting_at(at),
        limits,
        policy,
        Arc::default(),
        buckets,
        Box::new(|_| {}),
    )
}

fn run(store: &Store, endpoints: &[Endpoint], at: DateTime<Utc>) -> DeliverySummary {
    deliver(store, &sender(at), endpoints, DeliveryLimits::RUN, false).expect("a run")
}

fn failed_order() -> Event {
    Event::OrderFailed {
        order: TiktokOrderId::new("576900000000000101"),
        reason: Reason::SkuNotMapped,
        error: "SKU <CUP> has no mapping".into(),
    }
}

/// Returns a store that knows the endpoints and has `count` events for them.
fn with_events(endpoints: &[Endpoint], count: usize) -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    register(&store, endpoints).expect("registered");
    store.add_events(&vec![failed_order(); count], noon()).expect("written");
    (folder, store)
}

#[test]
fn a_message_arrives_once_and_its_signature_fits_the_received_bytes() {
    let ears = Ears::open();
    let endpoints = [ears.endpoint(Format::Json)];
    let (_folder, store) = with_events(&endpoints, 1);
    let summary = run(&store, &endpoints, noon());
    assert_eq!((summary.delivered, summary.waiting, summary.failed), (1, 0, 0));
    assert_eq!(run(&store, &endpoints, noon()), DeliverySummary::default(), "once");
    let heard = ears.heard();
    assert_eq!(heard.len(), 1);
    let key = SigningKey::read(&Secret::new(SECRET)).expect("a key");
    let request = SignedRequest::read(&heard[0]).expect("signed");
    request.verify(&key, noon(), signature::TOLERANCE).expect("it fits");
    assert_eq!(
        ears.bodies()[0],
        json!({
            "type": "order.failed",
            "timestamp": "2026-01-05T12:00:00Z",
            "data": {"orderId": "576900000000000101", "reason": "SKU_NOT_MAPPED", "error": "SKU <CUP> has no mapping"}
        })
    );
}

#[test]
fn slack_gets_an_escaped_sentence() {
    let ears = Ears::open();
    let endpoints = [ears.endpoint(Format::Slack)];
    let (_folder, store) = with_events(&endpoints, 1);
    run(&store, &endpoints, noon());
    assert_eq!(
        ears.bodies()[0],
        json!({"text": "Order 576900000000000101 needs a person (SKU_NOT_MAPPED): SKU &lt;CUP&gt; has no mapping"})
    );
}

#[test]
fn a_failed_message_comes_again_in_a_later_run_under_the_same_id_and_a_new_time() {
    let ears = Ears::open();
    let endpoints = [ears.endpoint(Format::Json)];
    let (_folder, store) = with_events(&endpoints, 1);
    ears.says("500 Internal Server Error\r\n");
    assert_eq!(run(&store, &endpoints, noon()).failed, 1);
    assert_eq!(run(&store, &endpoints, noon()).failed, 0, "it waits a minute");
    ears.says("200 OK\r\n");
    let summary = run(&store, &endpoints, noon() + TimeDelta::minutes(2));
    assert_eq!((summary.delivered, summary.waiting), (1, 0));
    let heard = ears.heard();
    let (first, second) = (SignedRequest::read(&heard[0]), SignedRequest::read(&heard[1]));
    let (first, second) = (first.expect("signed"), second.expect("signed"));
    assert_eq!((heard.len(), first.id), (2, second.id));
    assert_ne!(first.timestamp, second.timestamp);
}

#[test]
fn a_failing_endpoint_gets_one_try_in_a_run_and_the_others_all_of_theirs() {
    let (bad, good) = (Ears::open(), Ears::open());
    bad.says("503 Service Unavailable\r\n");
    let endpoints = [bad.endpoint(Format::Json), good.endpoint(Format::Json)];
    let (_folder, store) = with_events(&endpoints, 5);
    let summary = run(&store, &endpoints, noon());
    assert_eq!((summary.delivered, summary.failed, summary.waiting), (5, 1, 5), "E115");
    assert_eq!((bad.heard().len(), good.heard().len()), (1, 5));
}

#[test]
fn a_dead_endpoint_costs_one_time_out_and_a_refusing_one_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = |listener: &TcpListener| {
        let address = listener.local_addr().expect("an address");
        let url = Url::parse(&format!("http://{address}/")).expect("a URL");
        Endpoint::new(url, None, vec!["*".into()], Format::Json).expect("an endpoint")
    };
    let endpoints = [endpoint(&silent), endpoint(&closed)];
    drop(closed);
    let (_folder, store) = with_events(&endpoints, 50);
    let started = Instant::now();
    let summary = run(&store, &endpoints, noon());
    assert!(started.elapsed() < Duration::from_secs(3), "E115");
    assert_eq!((summary.delivered, summary.failed, summary.waiting), (0, 2, 100));
}

#[test]
fn an_endpoint_that_is_gone_gets_nothing_more_until_a_flush() {
    for gone in ["410 Gone\r\n", "404 Not Found\r\n"] {
        let ears = Ears::open();
        let endpoints = [ears.endpoint(Format::Json)];
        let (_folder, store) = with_events(&endpoints, 2);
        ears.says(gone);
        assert_eq!(run(&store, &endpoints, noon()).disabled, [endpoints[0].name()], "R30");
        assert_eq!(store.disabled_endpoints().expect("read").len(), 1, "R30");
        let later = run(&store, &endpoints, noon() + TimeDelta::hours(9));
        assert_eq!((ears.heard().len(), later.waiting), (1, 2), "R30");
        ears.says("200 OK\r\n");
        let flushed = flush(&store, &sender(noon()), &endpoints, DeliveryLimits::FLUSH).expect("a run");
        assert_eq!((flushed.delivered, flushed.waiting), (2, 0), "R30");
        assert!(store.disabled_endpoints().expect("read").is_empty());
    }
}

#[test]
fn a_wait_that_the_endpoint_asks_for_is_kept_and_a_redirect_is_not_followed() {
    let ears = Ears::open();
    let endpoints = [ears.endpoint(Format::Json)];
    let (_folder, store) = with_events(&endpoints, 1);
    ears.says("429 Too Many Requests\r\nretry-after: 3600\r\n");
    run(&store, &endpoints, noon());
    assert_eq!(run(&store, &endpoints, noon() + TimeDelta::minutes(59)).failed, 0);
    ears.says("302 Found\r\nlocation: http://127.0.0.1:1/\r\n");
    let summary = run(&store, &endpoints, noon() + TimeDelta::minutes(61));
    assert_eq!((summary.failed, summary.delivered, ears.heard().len()), (1, 0, 2));
}

#[test]
fn a_message_is_given_up_after_about_three_days_of_tries() {
    let ears = Ears::open();
    let endpoints = [ears.endpoint(Format::Json)];
    let (_folder, store) = with_events(&endpoints, 1);
    ears.says("400 Bad Request\r\n");
    let mut given_up_after = 0;
    for hour in 0..24 * 5 {
        if run(&store, &endpoints, noon() + TimeDelta::hours(hour)).given_up > 0 {
            given_up_after = hour;
        }
    }
    assert!((48..96).contains(&given_up_after), "{given_up_after} hours");
    assert_eq!(store.waiting_deliveries(&endpoints[0].name()).expect("counted"), 0);
}

#[test]
fn two_processes_that_deliver_at_once_tell_everything_once() {
    let ears = Ears::open();
    let endpoints = [ears.endpoint(Format::Json)];
    let (folder, first) = with_events(&endpoints, 20);
    let second = Store::open(&folder.path().join("mcf.db")).expect("a store");
    std::thread::scope(|scope| {
        scope.spawn(|| run(&first, &endpoints, noon()));
        scope.spawn(|| run(&second, &endpoints, noon()));
    });
    run(&first, &endpoints, noon());
    assert_eq!(ears.heard().len(), 20);
}

#[test]
fn an_address_that_is_configured_twice_is_told_once() {
    let ears = Ears::open();
    let entry =
        |pattern: &str| Endpoint::new(ears.url.clone(), None, vec![pattern.into()], Format::Json).expect("an endpoint");
    let endpoints = [entry("inventory.*"), entry("order.*"), entry("order.failed")];
    let (_folder, store) = with_events(&endpoints, 1);
    run(&store, &endpoints, noon());
    assert_eq!(ears.heard().len(), 1);
}

#[test]
fn a_test_message_reports_the_status_and_stores_nothing() {
    let ears = Ears::open();
    let endpoint = ears.endpoint(Format::Json);
    assert_eq!(test_endpoint(&sender(noon()), &endpoint).expect("taken"), 204);
    assert_eq!(ears.bodies()[0]["type"], "connector.started");
    ears.says("401 Unauthorized\r\n");
    let error = test_endpoint(&sender(noon()), &endpoint).expect_err("refused");
    assert_eq!(error.to_string(), "it answered 401");
}

#[test]
fn patterns_choose_events_by_type_and_family() {
    let url = Url::parse("https://ops.example/hook").expect("a URL");
    let wants = |patterns: &[&str], kind: &str| {
        let patterns = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        let endpoint = Endpoint::new(url.clone(), None, patterns, Format::Json).expect("an endpoint");
        endpoint.wants(kind)
    };
    assert!(wants(&["*"], "error") && wants(&["order.*"], "order.failed") && wants(&["order.failed"], "order.failed"));
    assert!(!wants(&["order.*"], "orders") && !wants(&["order.failed"], "order.failed.twice") && !wants(&[], "error"));
}

#[test]
fn a_name_tells_addresses_apart_and_shows_only_the_host() {
    let name = |url: &str| {
        let url = Url::parse(url).expect("a URL");
        Endpoint::new(url, None, Vec::new(), Format::Slack)
            .expect("an endpoint")
            .name()
    };
    let slack = name("https://hooks.slack.com/services/T0/B0/canary");
    assert!(
        slack.starts_with("hooks.slack.com#") && !slack.contains("canary"),
        "I10"
    );
    assert_ne!(name("https://ops.example/a?key=1"), name("https://ops.example/a?key=2"));
    let ears = Ears::open();
    let shown = format!("{:?}", ears.endpoint(Format::Json));
    assert!(!shown.contains("secret-path") && !shown.contains("canary"), "I10");
}

#[test]
fn forty_six_events_are_one_message_to_slack_grouped_by_cause_with_the_urgent_first() {
    let ears = Ears::open();
    let endpoints = [ears.endpoint(Format::Slack)];
    let (_folder, store) = with_events(&endpoints, 0);
    let started = Event::ConnectorStarted { at: noon() };
    store.add_events(&vec![started; 20], noon()).expect("written");
    store.add_events(&vec![failed_order(); 25], noon()).expect("written");
    let error = Event::Error {
        message: "tiktok is away".into(),
    };
    store.add_events(&[error], noon()).expect("written");
    let summary = run(&store, &endpoints, noon());
    assert_eq!(
        (summary.delivered, summary.waiting, ears.heard().len()),
        (46, 0, 1),
        "E167"
    );
    let text = ears.bodies()[0]["text"].as_str().expect("a text").to_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "46 events:",
            "• 25 × order.failed SKU_NOT_MAPPED, e.g. Order 576900000000000101 needs a person (SKU_NOT_MAPPED): \
             SKU &lt;CUP&gt; has no mapping → mcf status 576900000000000101",
            "• The connector failed: tiktok is away",
            "• 20 × connector.started, e.g. The connector started at 2026-01-05T12:00:00Z.",
        ],
        "E167"
    );
}

#[test]
fn a_wait_of_a_second_is_spent_in_the_run_and_the_message_goes_again() {
    let ears = Ears::open();
    let endpoints = [ears.endpoint(Format::Json)];
    let (_folder, store) = with_events(&endpoints, 2);
    ears.says("429 Too Many Requests\r\nretry-after: 1\r\n");
    let summary = std::thread::scope(|scope| {
        let told = scope.spawn(|| run(&store, &endpoints, noon()));
        std::thread::sleep(Duration::from_millis(500));
        ears.says("200 OK\r\n");
        told.join().expect("a run")
    });
    assert_eq!((summary.delivered, summary.failed, summary.waiting), (2, 0, 0), "E167");
    assert_eq!(ears.heard().len(), 3, "E167");
}

#[test]
fn an_endpoint_that_always_asks_for_a_second_costs_a_run_no_more_than_its_time() {
    let ears = Ears::open();
    let endpoints = [ears.endpoint(Format::Json)];
    let (_folder, store) = with_events(&endpoints, 2);
    ears.says("429 Too Many Requests\r\nretry-after: 0\r\n");
    let limits = DeliveryLimits {
        time_max: Duration::from_millis(1500),
        ..DeliveryLimits::RUN
    };
    let summary = deliver(&store, &sender(noon()), &endpoints, limits, false).expect("a run");
    assert_eq!((summary.delivered, summary.failed, summary.waiting), (0, 1, 2), "E167");
    assert_eq!(ears.heard().len(), 2, "E167");
}

#[test]
fn json_endpoints_hear_one_event_a_request_the_most_urgent_first() {
    let ears = Ears::open();
    let endpoints = [ears.endpoint(Format::Json)];
    let (_folder, store) = with_events(&endpoints, 0);
    let started = Event::ConnectorStarted { at: noon() };
    store.add_events(&[started, failed_order()], noon()).expect("written");
    run(&store, &endpoints, noon());
    let kinds: Vec<Value> = ears.bodies().iter().map(|body| body["type"].clone()).collect();
    assert_eq!(kinds, ["order.failed", "connector.started"], "E167");
}

#[test]
fn quiet_hours_hold_back_all_but_deadlines_and_standstills_until_they_are_over() {
    let ears = Ears::open();
    let endpoints = [ears.endpoint(Format::Json)];
    let (_folder, store) = with_events(&endpoints, 0);
    let message = "TikTok refuses the credentials".to_owned();
    store
        .add_events(&[failed_order(), Event::Error { message }], noon())
        .expect("written");
    let heard = || -> Vec<Value> { ears.bodies().iter().map(|body| body["type"].clone()).collect() };
    let summary = deliver(&store, &sender(noon()), &endpoints, DeliveryLimits::RUN, true).expect("a run");
    assert_eq!((summary.delivered, summary.waiting), (1, 1));
    assert_eq!(heard(), ["error"]);
    run(&store, &endpoints, noon());
    assert_eq!(heard().last(), Some(&"order.failed".into()));
}

#[test]
fn only_an_endpoint_with_a_heartbeat_gets_one_and_a_dead_one_costs_nothing() {
    let ears = Ears::open();
    let silent = Ears::open();
    let dead = Endpoint::new(
        "http://127.0.0.1:1/".parse().expect("a URL"),
        None,
        Vec::new(),
        Format::Json,
    );
    let endpoints = [
        dead.expect("an endpoint").with_heartbeat(true),
        ears.endpoint(Format::Json).with_heartbeat(true),
        silent.endpoint(Format::Json),
    ];
    beat(&sender(noon()), &endpoints);
    let bodies = ears.bodies();
    assert_eq!(bodies.len(), 1);
    assert_eq!(
        (&bodies[0]["type"], &bodies[0]["data"]["command"]),
        (&"heartbeat".into(), &"poll".into())
    );
    assert!(silent.heard().is_empty());
}
