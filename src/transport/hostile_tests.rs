//! Peers that mean no good, on real sockets: whoever is called, an answer costs a bounded time and a bounded memory, nothing is sent
//! where nobody said, and nothing over a connection that is older than TLS 1.2 (R25, R26, R27).

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::{
    AnswerNote, Limits, Names, Operation, Outcome, Peer, Rate, Repeat, Request, RetryPolicy, SendError, Sender,
};
use crate::clock::Clock;
use crate::stop::Stop;

const TIMEOUT: Duration = Duration::from_secs(1);
/// By when a call must have ended, on a machine with much else to do.
const AT_MOST: Duration = Duration::from_millis(1_700);
const BODY_BYTES_MAX: usize = 256 * 1024;
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

const PEERS: [Peer; 4] = [Peer::Tiktok, Peer::Amazon, Peer::Webhook, Peer::Download];

/// Opens a port; whoever connects is answered by `answer`, which is given the first bytes.
fn port(answer: impl Fn(&mut TcpStream, &[u8]) + Send + Sync + 'static) -> u16 {
    let ears = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = ears.local_addr().expect("an address").port();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for mut stream in ears.incoming().map_while(Result::ok) {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || {
                let mut bytes = [0; 16 * 1024];
                let length = stream.read(&mut bytes).unwrap_or(0);
                answer(&mut stream, &bytes[..length]);
            });
        }
    });
    port
}

/// The sender as each of the callers makes it.
fn sender(peer: Peer) -> Sender {
    let limits = Limits {
        timeout: TIMEOUT,
        body_bytes_max: BODY_BYTES_MAX,
        run_ends_at: None,
    };
    let policy = RetryPolicy {
        attempts_max: 1,
        backoff: Duration::ZERO,
    };
    let (keep, record) = (Box::new(|_: &_, _: &mut dyn FnMut(&mut _)| {}), Box::new(|_: &_| {}));
    let sender = Sender::new(Clock::system(), limits, policy, Arc::new(Stop::default()), keep, record);
    match peer {
        Peer::Tiktok | Peer::Amazon => sender,
        Peer::Webhook | Peer::Download => sender.kept_outside(Names::allowing([])),
    }
}

fn operation(peer: Peer) -> &'static Operation {
    const fn of(peer: Peer) -> Operation {
        Operation {
            peer,
            name: "call",
            method: "POST",
            path: "/",
            rate: Rate {
                per_second: 100.0,
                burst: 100.0,
            },
            repeat: Repeat::Safe,
        }
    }
    const OPERATIONS: [Operation; 4] = [of(PEERS[0]), of(PEERS[1]), of(PEERS[2]), of(PEERS[3])];
    let found = OPERATIONS.iter().find(|operation| operation.peer == peer);
    found.expect("an operation of each")
}

fn sent(peer: Peer, scheme: &str, port: u16) -> (Outcome, Duration) {
    let request = Request {
        operation: operation(peer),
        url: format!("{scheme}://127.0.0.1:{port}/").parse().expect("an address"),
        headers: vec![("authorization", "a-token".to_owned())],
        body: Some(b"{}".to_vec()),
        order_id: None,
        note: |_| AnswerNote::default(),
        brings_secrets: false,
    };
    let sender = sender(peer);
    let started = Instant::now();
    let outcome = sender.send(&request);
    (outcome, started.elapsed())
}

/// Sends as each caller to a peer that answers so, and judges how it ended.
fn each(scheme: &str, answer: fn(&mut TcpStream, &[u8]), is_right: impl Fn(&Outcome) -> bool) {
    let port = port(answer);
    for peer in PEERS {
        let (outcome, took) = sent(peer, scheme, port);
        assert!(is_right(&outcome), "R26: {peer:?}: {outcome:?}");
        assert!(took < AT_MOST, "R26: {peer:?}: {took:?}");
    }
}

fn is_unknown(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown(_))
}

fn is_not_sent(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::NotSent(SendError::Connect { .. }))
}

fn say(stream: &mut TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}

#[test]
fn an_endless_answer_is_given_up_at_its_limit_r26() {
    each(
        "http",
        |stream, _| {
            say(stream, &format!("{HEAD}\r\n"));
            while stream.write_all(&[b' '; 64 * 1024]).is_ok() {}
        },
        |outcome| matches!(outcome, Outcome::Unknown(SendError::TooLarge { limit, .. }) if *limit == BODY_BYTES_MAX),
    );
}

#[test]
fn an_endless_answer_in_pieces_is_given_up_at_its_limit_r26() {
    each(
        "http",
        |stream, _| {
            say(stream, &format!("{HEAD}transfer-encoding: chunked\r\n\r\n"));
            let piece = format!("1000\r\n{}\r\n", "a".repeat(0x1000));
            while stream.write_all(piece.as_bytes()).is_ok() {}
        },
        |outcome| matches!(outcome, Outcome::Unknown(SendError::TooLarge { .. })),
    );
}

#[test]
fn a_length_that_is_announced_takes_no_memory_r26() {
    each(
        "http",
        |stream, _| {
            say(
                stream,
                &format!("{HEAD}content-length: 9000000000000000000\r\n\r\n{{}}"),
            )
        },
        is_unknown,
    );
}

#[test]
fn endless_headers_are_given_up_r26() {
    each(
        "http",
        |stream, _| {
            say(stream, HEAD);
            while stream.write_all(b"x-more: and more\r\n").is_ok() {}
        },
        is_unknown,
    );
}

#[test]
fn an_answer_that_drips_is_given_up_when_its_time_is_up_r26() {
    each(
        "http",
        |stream, _| {
            say(stream, &format!("{HEAD}content-length: 1000\r\n\r\n"));
            while stream.write_all(b"a").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        },
        is_unknown,
    );
}

#[test]
fn a_last_byte_just_in_time_buys_no_further_time_r26() {
    each(
        "http",
        |stream, _| {
            say(stream, &format!("{HEAD}content-length: 1000\r\n\r\n"));
            std::thread::sleep(TIMEOUT * 4 / 5);
            say(stream, "a");
            let _ = stream.read(&mut [0]);
        },
        is_unknown,
    );
}

#[test]
fn a_peer_that_says_nothing_is_given_up_r26() {
    each(
        "http",
        |stream, _| {
            let _ = stream.read(&mut [0]);
        },
        is_unknown,
    );
}

#[test]
fn a_handshake_that_nobody_answers_ends_in_time_and_nothing_was_sent_r26() {
    each(
        "https",
        |stream, _| {
            let _ = stream.read(&mut [0]);
        },
        is_not_sent,
    );
}

/// What is packed is neither asked for nor unpacked: a small answer stays a small one.
#[test]
fn a_packed_answer_stays_packed_r26() {
    let packed = |bytes: &[u8]| {
        let head = String::from_utf8_lossy(bytes).to_lowercase();
        assert!(!head.contains("accept-encoding"), "{head}");
    };
    let port = port(move |stream, bytes| {
        packed(bytes);
        say(
            stream,
            &format!("{HEAD}content-encoding: gzip\r\ncontent-length: 4\r\n\r\n"),
        );
        let _ = stream.write_all(&[0x1f, 0x8b, 8, 0]);
    });
    for peer in PEERS {
        match sent(peer, "http", port).0 {
            Outcome::Answered(answer) => assert_eq!(answer.body.len(), 4, "R26: {peer:?}"),
            other => panic!("R26: {peer:?}: {other:?}"),
        }
    }
}

#[test]
fn a_redirect_is_an_answer_and_nothing_is_sent_after_it_r25() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").expect("a port");
    let target = elsewhere.local_addr().expect("an address");
    elsewhere.set_nonblocking(true).expect("at once");
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let port = port(move |stream, _| {
            say(
                stream,
                &format!("HTTP/1.1 {status}\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n"),
            );
        });
        for peer in PEERS {
            let (outcome, _) = sent(peer, "http", port);
            let Outcome::Answered(answer) = outcome else {
                panic!("R25: {peer:?}: {outcome:?}");
            };
            assert!(status.starts_with(&answer.status.to_string()), "R25: {peer:?}");
        }
    }
    assert!(elsewhere.accept().is_err(), "R25: nobody was connected to");
}

#[test]
fn nothing_below_tls_1_2_is_offered_or_taken_r27() {
    /// The extension that lists the versions: 1.3, 1.2, and no more.
    const VERSIONS: [u8; 9] = [0, 0x2b, 0, 5, 4, 3, 4, 3, 3];
    for version in [0x00, 0x01, 0x02] {
        let offers = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&offers);
        let port = port(move |stream, hello| {
            let is_right = hello.windows(VERSIONS.len()).any(|bytes| bytes == VERSIONS);
            heard.lock().expect("the offers").push(is_right);
            let _ = stream.write_all(&server_hello(version));
            let mut alert = [0; 7];
            let _ = stream.read_exact(&mut alert);
        });
        for peer in PEERS {
            let (outcome, took) = sent(peer, "https", port);
            let Outcome::NotSent(error @ SendError::Connect { .. }) = outcome else {
                panic!("R27: {peer:?}: {outcome:?}");
            };
            assert!(error.to_string().contains("no secure connection"), "R27: {error}");
            assert!(took < AT_MOST, "R27: {peer:?}: {took:?}");
        }
        assert_eq!(*offers.lock().expect("the offers"), PEERS.map(|_| true), "R27");
    }
}

/// The answer of a server that knows nothing better than this version (1.0 is 1).
fn server_hello(version: u8) -> Vec<u8> {
    let mut hello = vec![0x16, 3, version, 0, 42, 2, 0, 0, 38, 3, version];
    hello.extend([7; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    hello
}

#[test]
fn a_peer_that_answers_a_handshake_in_the_clear_is_sent_nothing_r27() {
    each(
        "https",
        |stream, _| say(stream, &format!("{HEAD}\r\n{{}}")),
        is_not_sent,
    );
}
