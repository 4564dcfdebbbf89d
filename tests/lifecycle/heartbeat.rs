//! A dead-man's switch hears of each good poll, and of nothing else.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use mcf_connector::sandbox::scenario::OrderKind;

use super::test_shop::TestShop;

/// Listens at an address and hands on each request that it was sent.
fn switch() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/ping", listener.local_addr().expect("an address"));
    let (heard, requests) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a request");
            let mut bytes = vec![0; 8192];
            let read = stream.read(&mut bytes).unwrap_or_default();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            if heard
                .send(String::from_utf8_lossy(&bytes[..read]).into_owned())
                .is_err()
            {
                return;
            }
        }
    });
    (url, requests)
}

#[test]
fn each_good_poll_is_one_request_and_no_other_command_and_no_failed_poll_is() {
    let shop = TestShop::of(&[OrderKind::Plain, OrderKind::Unmapped]);
    let (url, requests) = switch();
    let here = [("WEBHOOK_1_URL", url.as_str()), ("WEBHOOK_1_HEARTBEAT", "true")];
    let heard = || requests.try_iter().count();
    shop.mcf_with(&here, &["poll"]).ends_with(0);
    assert_eq!(heard(), 1, "a flagged order is no event here");
    shop.mcf_with(&here, &["poll", "--dry-run"]).ends_with(0);
    shop.mcf_with(&here, &["sync-inventory"]).ends_with(0);
    let down = [here[0], here[1], ("TIKTOK_API_URL", "http://127.0.0.1:9")];
    shop.mcf_with(&down, &["poll"]).ends_with(4);
    assert_eq!(heard(), 0);
    shop.mcf_with(&here, &["poll"]).ends_with(0);
    assert_eq!(heard(), 1);
}
