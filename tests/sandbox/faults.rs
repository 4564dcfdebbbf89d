//! Faults at the connection and in the answer.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use mcf_connector::sandbox::{Disturbance, Fault, Operation, Sandbox};
use serde_json::json;

use super::clients::{Amazon, ORDERS, create_request, demo};

fn with_fault(fault: Fault) -> (Sandbox, Amazon) {
    let sandbox = demo();
    let client = Amazon::new(&sandbox);
    sandbox.world().faults.next(Operation::CreateFulfillmentOrder, fault);
    (sandbox, client)
}

#[test]
fn a_dropped_request_did_nothing_and_a_dropped_answer_did() {
    for (fault, orders) in [
        (Fault::before(Disturbance::Drop), 0),
        (Fault::after(Disturbance::Drop), 1),
    ] {
        let (sandbox, client) = with_fault(fault);
        assert!(client.send("POST", ORDERS, Some(&create_request("TTS-1"))).is_err());
        assert_eq!(sandbox.world().amazon.orders.len(), orders, "E62");
        let log = sandbox.log();
        let entry = log.of(Operation::CreateFulfillmentOrder).next().expect("one request");
        assert_eq!(
            (entry.status, entry.effect, entry.ids.as_slice()),
            (None, orders == 1, ["TTS-1".to_owned()].as_slice())
        );
        assert_eq!(sandbox.world().faults.pending(), 0);
    }
}

#[test]
fn a_lost_server_error_may_hide_an_order() {
    let status = Disturbance::Status {
        status: 503,
        retry_after: Some("7".into()),
    };
    let (sandbox, client) = with_fault(Fault::after(status));
    let answer = client.create(&create_request("TTS-1"));
    assert_eq!(answer.status, 503);
    assert_eq!(answer.headers["retry-after"], "7");
    assert_eq!(sandbox.log().effects(Operation::CreateFulfillmentOrder), 1, "R18");
}

#[test]
fn a_truncated_answer_breaks_off_after_its_head() {
    let (sandbox, client) = with_fault(Fault::after(Disturbance::Truncate));
    let error = client
        .send("POST", ORDERS, Some(&create_request("TTS-1")))
        .expect_err("half a body");
    assert!(error.is_decode() || error.is_body() || error.is_request(), "{error:?}");
    assert_eq!(sandbox.world().amazon.orders.len(), 1, "R2");
}

#[test]
fn answers_can_be_web_pages_garbage_or_changed_in_one_place() {
    let (_sandbox, client) = with_fault(Fault::before(Disturbance::Html { status: 200 }));
    assert!(
        client
            .create(&create_request("TTS-1"))
            .body
            .as_str()
            .expect("HTML")
            .starts_with("<html>"),
        "R1"
    );
    let (_sandbox, client) = with_fault(Fault::before(Disturbance::Garbage));
    assert!(client.create(&create_request("TTS-1")).body.is_string(), "R2");
    let sandbox = demo();
    let client = Amazon::new(&sandbox);
    client.create(&create_request("TTS-1"));
    let pointer = "/payload/fulfillmentOrder/fulfillmentOrderStatus".to_owned();
    let patch = Disturbance::Patch {
        pointer,
        value: json!("TELEPORTING"),
    };
    sandbox
        .world()
        .faults
        .next(Operation::GetFulfillmentOrder, Fault::after(patch));
    assert_eq!(
        client.order("TTS-1")["fulfillmentOrder"]["fulfillmentOrderStatus"],
        "TELEPORTING",
        "R4"
    );
    assert_eq!(
        client.order("TTS-1")["fulfillmentOrder"]["fulfillmentOrderStatus"],
        "RECEIVED"
    );
}

#[test]
fn slow_answers_are_slow_and_whole() {
    for disturbance in [
        Disturbance::Stall { pause_ms: 60 },
        Disturbance::Trickle { pause_ms: 5 },
    ] {
        let sandbox = demo();
        let client = Amazon::new(&sandbox);
        client.create(&create_request("TTS-1"));
        sandbox
            .world()
            .faults
            .next(Operation::GetFulfillmentOrder, Fault::after(disturbance));
        let started = Instant::now();
        assert_eq!(
            client.order("TTS-1")["fulfillmentOrder"]["sellerFulfillmentOrderId"],
            "TTS-1"
        );
        assert!(started.elapsed() >= Duration::from_millis(50));
    }
}

#[test]
fn a_request_that_ends_in_its_body_is_noted_and_not_carried_out() {
    let sandbox = demo();
    let mut stream = TcpStream::connect(sandbox.amazon_url().replace("http://", "")).expect("a connection");
    let head =
        format!("POST {ORDERS} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("a head");
    stream
        .write_all(b"{\"sellerFulfillmentOrderId\":")
        .expect("some of the body");
    stream.shutdown(Shutdown::Both).expect("an end");
    let started = Instant::now();
    while sandbox.log().entries().is_empty() {
        assert!(started.elapsed() < Duration::from_secs(10), "nothing arrives");
        std::thread::sleep(Duration::from_millis(5));
    }
    let entry = sandbox.log().entries()[0].clone();
    assert_eq!(
        (entry.operation, entry.truncated, entry.effect),
        (Some(Operation::CreateFulfillmentOrder), true, false)
    );
}
