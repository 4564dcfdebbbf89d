mod secrets;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::DateTime;

use super::server::{Played, Seen, Server};
use super::{draft, our_id};
use crate::amazon::meaning::{Flaw, Kind};
use crate::amazon::{Amazon, Credentials, Error, Settings, create_body, exchange_refresh_token};
use crate::clock::{Clock, Deadline};
use crate::domain::ids::{AmazonSku, TiktokOrderId};
use crate::secret::Secret;
use crate::transport::{Bucket, CallRecord, Limits, RetryPolicy, Sender};

/// A client against a server that plays `answers`, with what the sender recorded.
struct Stage {
    server: Server,
    amazon: Amazon,
    sender: Arc<Sender>,
    records: Arc<Mutex<Vec<CallRecord>>>,
    rates: Arc<Mutex<Vec<f64>>>,
}

impl Stage {
    fn playing(answers: Vec<Played>) -> Self {
        let server = Server::playing(answers);
        let records = Arc::new(Mutex::new(Vec::new()));
        let rates = Arc::new(Mutex::new(Vec::new()));
        let sender = Arc::new(sender(Arc::clone(&records), Arc::clone(&rates)));
        let settings = Settings {
            api_url: server.url.clone(),
            marketplace_id: "ATVPDKIKX0DER".to_owned(),
        };
        let tokens = Box::new(|refused: Option<&Secret>| -> Result<Secret, Error> {
            Ok(Secret::new(if refused.is_some() {
                "Atza|second"
            } else {
                "Atza|first"
            }))
        });
        Self {
            amazon: Amazon::new(settings, Arc::clone(&sender), tokens),
            server,
            sender,
            records,
            rates,
        }
    }

    /// Creates within a minute.
    fn create(&self, order: Option<&TiktokOrderId>, body: &str) -> Result<(), Error> {
        self.create_within(Duration::from_secs(60), order, body)
    }

    fn create_within(&self, time: Duration, order: Option<&TiktokOrderId>, body: &str) -> Result<(), Error> {
        let deadline = Deadline::after(time, self.sender.clock());
        self.amazon.create(&our_id(), order, body, deadline, &|| true)
    }

    fn lines(&self) -> Vec<String> {
        self.server.seen().into_iter().map(|seen| seen.line).collect()
    }
}

fn sender(records: Arc<Mutex<Vec<CallRecord>>>, rates: Arc<Mutex<Vec<f64>>>) -> Sender {
    let clock = Clock::starting_at(DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant"));
    let keep = move |operation: &crate::transport::Operation, change: &mut dyn FnMut(&mut Bucket)| {
        let mut bucket = Bucket::full(operation.rate, clock.now());
        change(&mut bucket);
        rates.lock().expect("a lock").push(bucket.per_second);
    };
    let policy = RetryPolicy {
        attempts_max: 3,
        backoff: Duration::from_millis(1),
    };
    let record = move |record: &CallRecord| records.lock().expect("a lock").push(record.clone());
    let stop = Arc::default();
    Sender::new(clock, Limits::default(), policy, stop, Box::new(keep), Box::new(record))
}

fn refusal(code: &str, message: &str, details: &str) -> String {
    serde_json::json!({"errors": [{"code": code, "message": message, "details": details}]}).to_string()
}

fn expired() -> Played {
    let details = "The access token you provided has expired.";
    (
        403,
        "",
        refusal("Unauthorized", "Access to requested resource is denied.", details),
    )
}

fn throttled() -> Played {
    (
        429,
        "",
        refusal(
            "QuotaExceeded",
            "You exceeded your quota for the requested resource.",
            "",
        ),
    )
}

fn token_of(seen: &Seen) -> &str {
    seen.header("x-amz-access-token").unwrap_or_default()
}

#[test]
fn a_throttled_create_goes_again_with_the_same_bytes() {
    let stage = Stage::playing(vec![throttled(), (200, "x-amzn-RequestId: r-2\r\n", "{}".to_owned())]);
    let order = TiktokOrderId::new("576900000000000101");
    let body = create_body(&draft()).expect("a body");
    stage.create(Some(&order), &body).expect("taken");
    let seen = stage.server.seen();
    assert_eq!(seen.len(), 2, "E67");
    assert!(seen.iter().all(|seen| seen.body == body), "I3");
    assert_eq!(seen[1].header("content-type"), Some("application/json"));
    let records = stage.records.lock().expect("a lock");
    assert_eq!(records[0].note.code.as_deref(), Some("QuotaExceeded"));
    assert_eq!(records[1].note.request_id.as_deref(), Some("r-2"));
    assert_eq!(records[1].order_id.as_deref(), Some("576900000000000101"));
}

#[test]
fn a_create_that_was_allowed_too_long_ago_does_not_leave() {
    let stage = Stage::playing(Vec::new());
    let error = stage.create_within(Duration::ZERO, None, "{}").expect_err("too late");
    assert_eq!(error.kind(), Kind::NotSent, "I4");
    assert!(!error.is_outcome_unknown());
    assert_eq!(stage.lines(), Vec::<String>::new());
    assert!(stage.records.lock().expect("a lock").is_empty(), "one try");
}

#[test]
fn a_create_without_a_clear_answer_is_sent_once() {
    for answer in [
        (500, "", String::new()),
        (0, "", String::new()),
        (200, "", "<html>".to_owned()),
    ] {
        let stage = Stage::playing(vec![answer.clone(), (200, "", "{}".to_owned())]);
        let error = stage.create(None, "{}").expect_err("unclear");
        assert!(error.is_outcome_unknown(), "E62/R18: {answer:?}");
        assert_eq!(stage.records.lock().expect("a lock").len(), 1, "{answer:?}");
    }
}

#[test]
fn an_expired_token_is_renewed_once_and_the_call_goes_again() {
    let found = super::SHIPPED.to_owned();
    let stage = Stage::playing(vec![expired(), (200, "", found)]);
    assert!(
        stage
            .amazon
            .fulfillment_order(&our_id(), None)
            .expect("readable")
            .is_some(),
        "E112"
    );
    let seen = stage.server.seen();
    let tokens: Vec<&str> = seen.iter().map(token_of).collect();
    assert_eq!(tokens, ["Atza|first", "Atza|second"]);
    assert!(
        seen[0]
            .line
            .starts_with("GET /fba/outbound/2020-07-01/fulfillmentOrders/TTS-576900000000000101 ")
    );
    assert!(
        seen[0]
            .header("user-agent")
            .is_some_and(|agent| agent.starts_with("mcf-connector/"))
    );
    assert!(
        seen[0]
            .header("x-amz-date")
            .is_some_and(|date| date.starts_with("20260105T12"))
    );
}

#[test]
fn a_token_that_is_refused_twice_is_a_credentials_error() {
    let stage = Stage::playing(vec![expired(), expired()]);
    let error = stage.amazon.fulfillment_order(&our_id(), None).expect_err("refused");
    assert!(error.is_credentials(), "R15");
    assert_eq!(stage.lines().len(), 2);
}

#[test]
fn a_write_without_a_body_says_that_it_is_empty() {
    let stage = Stage::playing(vec![(200, "", "{}".to_owned())]);
    stage.amazon.cancel(&our_id(), None).expect("asked");
    let seen = stage.server.seen();
    assert!(seen[0].line.starts_with("PUT "), "{}", seen[0].line);
    assert_eq!(seen[0].header("content-length"), Some("0"), "strict servers answer 411");
    assert_eq!(
        seen[0]
            .headers
            .iter()
            .filter(|line| line.starts_with("content-length"))
            .count(),
        1
    );
}

#[test]
fn a_wait_that_comes_with_a_503_is_waited_out() {
    let trouble = (503, "retry-after: 1\r\n", "{}".to_owned());
    let stage = Stage::playing(vec![trouble, (404, "", "{}".to_owned())]);
    let begun = std::time::Instant::now();
    let _ = stage.amazon.fulfillment_order(&our_id(), None);
    assert_eq!(stage.server.seen().len(), 2);
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn a_missing_role_asks_for_no_new_token() {
    let denied = refusal("Unauthorized", "Access to requested resource is denied.", "");
    let stage = Stage::playing(vec![(403, "", denied)]);
    let error = stage.amazon.cancel(&our_id(), None).expect_err("refused");
    assert_eq!(error.kind(), Kind::AccessDenied);
    assert_eq!(stage.lines().len(), 1);
}

#[test]
fn the_token_of_a_further_page_goes_alone_and_encoded() {
    let page = |token: &str| {
        (
            200,
            "",
            format!(r#"{{"payload":{{"fulfillmentOrders":[],"nextToken":"{token}"}}}}"#),
        )
    };
    let stage = Stage::playing(vec![page("a b+/=&%"), page("a b+/=&%")]);
    let start = DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant");
    let first = stage.amazon.fulfillment_orders_since(start, None).expect("readable");
    let error = stage
        .amazon
        .fulfillment_orders_since(start, first.next.as_deref())
        .expect_err("a circle");
    assert_eq!(error.kind(), Kind::Unreadable(Flaw::PagesInCircle), "R8");
    let path = "GET /fba/outbound/2020-07-01/fulfillmentOrders";
    let expected = [
        format!("{path}?queryStartDate=2026-01-05T12%3A00%3A00Z HTTP/1.1"),
        format!("{path}?nextToken=a%20b%2B%2F%3D%26%25 HTTP/1.1"),
    ];
    assert_eq!(stage.lines(), expected);
}

fn stock_page(sku: &str, next: &str) -> Played {
    let body = serde_json::json!({
        "pagination": {"nextToken": next},
        "payload": {"inventorySummaries": [{"sellerSku": sku, "inventoryDetails": {"fulfillableQuantity": 1}}]},
    });
    (200, "", body.to_string())
}

fn skus_of(stage: &Stage) -> Vec<String> {
    let asked = [AmazonSku::new("A B"), AmazonSku::new("C"), AmazonSku::new("D")];
    let stocks = stage.amazon.inventory(&asked).expect("readable");
    stocks.iter().map(|stock| stock.sku.to_string()).collect()
}

#[test]
fn stock_is_read_page_by_page_and_absent_skus_stay_absent() {
    let stage = Stage::playing(vec![stock_page("A B", "t +"), stock_page("C", "")]);
    assert_eq!(skus_of(&stage), ["A B", "C"], "E51");
    let lines = stage.lines();
    let question = "GET /fba/inventory/v1/summaries?granularityType=Marketplace&granularityId=ATVPDKIKX0DER\
                    &marketplaceIds=ATVPDKIKX0DER&details=true&sellerSkus=A%20B,C,D";
    assert_eq!(lines[0], format!("{question} HTTP/1.1"));
    assert_eq!(lines[1], format!("{question}&nextToken=t%20%2B HTTP/1.1"));
}

#[test]
fn a_page_token_that_dies_starts_the_reading_again_once() {
    let dead = || (400, "", refusal("InvalidInput", "nextToken has expired", ""));
    let stage = Stage::playing(vec![
        stock_page("A B", "t"),
        dead(),
        stock_page("A B", "u"),
        stock_page("C", ""),
    ]);
    assert_eq!(skus_of(&stage), ["A B", "C"], "R9");
    let stage = Stage::playing(vec![stock_page("A B", "t"), dead(), stock_page("A B", "u"), dead()]);
    assert!(stage.amazon.inventory(&[AmazonSku::new("A B")]).is_err());
}

#[test]
fn a_page_token_that_comes_for_ever_ends_the_reading() {
    let stage = Stage::playing(vec![stock_page("A B", "seed"), stock_page("A B", "seed")]);
    assert_eq!(skus_of(&stage), ["A B"], "R8");
}

#[test]
fn an_announced_rate_is_followed() {
    let refused = refusal("InvalidInput", "Requested order 'x' not found", "");
    let stage = Stage::playing(vec![(400, "x-amzn-RateLimit-Limit: 0.5\r\n", refused)]);
    assert_eq!(stage.amazon.fulfillment_order(&our_id(), None).expect("sure"), None);
    assert_eq!(stage.rates.lock().expect("a lock").last(), Some(&0.5));
}

fn credentials() -> Credentials {
    Credentials {
        client_id: "amzn1.application-oa2-client.1".to_owned(),
        client_secret: Secret::new("canary-secret"),
        refresh_token: Secret::new("Atzr|canary"),
    }
}

#[test]
fn the_refresh_token_is_exchanged_as_a_form() {
    let answer = r#"{"access_token":"Atza|1","token_type":"bearer","expires_in":3600,"refresh_token":"Atzr|canary"}"#;
    let stage = Stage::playing(vec![(200, "", answer.to_owned())]);
    let token = exchange_refresh_token(&stage.sender, &stage.server.url, &credentials()).expect("a token");
    assert_eq!(token.token, Secret::new("Atza|1"));
    let left = token.expires_at - stage.sender.clock().now();
    assert!((3590..=3600).contains(&left.num_seconds()), "{left}");
    let seen = stage.server.seen();
    assert_eq!(seen[0].line, "POST /auth/o2/token HTTP/1.1");
    assert_eq!(
        seen[0].body,
        "grant_type=refresh_token&refresh_token=Atzr%7Ccanary&client_id=amzn1.application-oa2-client.1&client_secret=canary-secret"
    );
}

#[test]
fn each_refusal_of_the_token_host_has_its_kind() {
    let table = [
        (
            400,
            r#"{"error":"invalid_grant","error_description":"revoked Atzr|canary"}"#,
            Kind::RefreshTokenRefused,
        ),
        (
            401,
            r#"{"error_description":"Client authentication failed","error":"invalid_client"}"#,
            Kind::ClientRefused,
        ),
        (400, r#"{"error":"unauthorized_client"}"#, Kind::OtherApplication),
        (400, r#"{"error":"invalid_scope"}"#, Kind::ExchangeRefused),
        (401, "", Kind::ClientRefused),
        (400, "<html>", Kind::Unreadable(Flaw::Html)),
        (302, "", Kind::Unreadable(Flaw::Redirect)),
        (
            403,
            r#"{"errors":[{"code":"MissingAuthenticationToken","message":"Missing Authentication Token"}]}"#,
            Kind::WrongPath,
        ),
    ];
    for (status, body, kind) in table {
        let answers = vec![
            (status, "", body.to_owned()),
            (status, "", body.to_owned()),
            (status, "", body.to_owned()),
        ];
        let stage = Stage::playing(answers);
        let error = exchange_refresh_token(&stage.sender, &stage.server.url, &credentials()).expect_err("refused");
        assert_eq!(error.kind(), kind, "{status} {body}");
        let shown = format!(
            "{error} {error:?} {:?}",
            error.message().map(crate::secret::Private::expose)
        );
        assert!(!shown.contains("canary"), "H7: {shown}");
    }
}

#[test]
fn a_token_host_in_trouble_is_asked_again_and_a_rotation_is_named() {
    let answers = vec![
        (503, "", r#"{"error":"temporarily_unavailable"}"#.to_owned()),
        (401, "", r#"{"error":"invalid_client"}"#.to_owned()),
    ];
    let stage = Stage::playing(answers);
    let error = exchange_refresh_token(&stage.sender, &stage.server.url, &credentials()).expect_err("refused");
    assert!(
        error.is_credentials() && error.to_string().contains("180 days"),
        "{error}"
    );
    let records = stage.records.lock().expect("a lock");
    let codes: Vec<Option<&str>> = records.iter().map(|record| record.note.code.as_deref()).collect();
    assert_eq!(codes, [Some("temporarily_unavailable"), Some("invalid_client")]);
}
