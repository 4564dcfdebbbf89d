//! A run that is asked to stop, or whose time is up, finishes its step, begins nothing new, and says what it leaves open (A12).

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::common::{command, database, violations};
use super::test_shop::TestShop;

/// A shop with so many orders, whose creates take so long.
fn slow_road(orders: u32, pause_ms: u64) -> TestShop {
    let shop = TestShop::of(&vec![OrderKind::Plain; orders as usize]);
    let slow = Fault::after(Disturbance::Stall { pause_ms });
    shop.sandbox
        .world()
        .faults
        .script(Operation::CreateFulfillmentOrder, 1, orders, slow);
    shop
}

/// Starts a run and waits for its first create.
fn creating(shop: &TestShop, arguments: &[&str]) -> Child {
    let child = command(shop, arguments).spawn().expect("a process");
    while shop.log().count(Operation::CreateFulfillmentOrder) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

fn stopped_by(name: &str, code: i32) {
    // Four are in hand at once, the stand-in answers one after the other, and each has three seconds from the signal on.
    let shop = slow_road(12, 100);
    let child = creating(&shop, &["poll"]);
    signal(&child, name);
    assert_goes_on(shop, &child.wait_with_output().expect("an end"), 12, code);
}

/// Stops a run whose only create hangs far longer than anybody waits.
fn stopped_while_hanging(name: &str, arguments: &[&str], code: i32) {
    let shop = slow_road(1, 25_000);
    let child = creating(&shop, arguments);
    let begun = Instant::now();
    signal(&child, name);
    let output = child.wait_with_output().expect("an end");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{err}");
    assert!(err.contains("createFulfillmentOrder for order"), "{err}");
    assert!(err.contains("Ctrl-C again ends at once"), "{err}");
    let outcome: String = database(&shop)
        .query_row("SELECT outcome FROM fulfillment_orders", [], |row| row.get(0))
        .expect("an intent");
    assert_eq!(outcome, "unknown");
    assert_settles_to_one_order(shop);
}

/// The next runs look for the only order twice, and there is one.
fn assert_settles_to_one_order(mut shop: TestShop) {
    shop.sandbox.world().faults.clear();
    for _ in 0..3 {
        shop.pass(20, 0);
        shop.mcf(&["poll"]).ends_with(0);
    }
    assert_eq!(shop.sandbox.world().amazon.orders.len(), 1);
    assert_eq!(violations(&shop), Vec::<String>::new());
}

/// The run says what is open and has finished what it began; the next run does the rest.
fn assert_goes_on(mut shop: TestShop, output: &Output, orders: usize, code: i32) {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    assert!(out.contains("left open"), "{out}{err}");
    let creates = shop.log().count(Operation::CreateFulfillmentOrder);
    assert!(creates < orders, "nothing new is begun");
    assert_eq!(
        shop.sandbox.world().amazon.orders.len(),
        super::common::states(&shop)
            .values()
            .filter(|state| *state == "routed")
            .count(),
        "each step that was begun is finished"
    );
    shop.sandbox.world().faults.clear();
    // A step that was not done in its three seconds is looked for twice first.
    for _ in 0..3 {
        shop.pass(20, 0);
        shop.mcf(&["poll"]);
    }
    shop.mcf(&["poll"]).ends_with(0);
    assert_eq!(shop.sandbox.world().amazon.orders.len(), orders);
    assert_eq!(violations(&shop), Vec::<String>::new());
}

/// With one minute between two runs, no call begins that could last beyond nine tenths of it.
#[test]
fn a_run_ends_before_its_next_one_is_due_a12() {
    let shop = slow_road(16, 10_000);
    let text = std::fs::read_to_string(shop.config()).expect("a file");
    let text = format!("{text}\n[schedule]\norder_poll_interval_minutes = 1\n");
    std::fs::write(shop.config(), text).expect("a file");
    let begun = Instant::now();
    let output = command(&shop, &["poll"]).output().expect("a process");
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    assert_goes_on(shop, &output, 16, 4);
}

#[test]
fn an_interrupt_ends_the_run_after_the_steps_in_hand_a12() {
    stopped_by("-INT", 130);
}

#[test]
fn a_wish_to_terminate_ends_the_run_after_the_steps_in_hand_a12() {
    stopped_by("-TERM", 143);
}

#[test]
fn an_interrupt_in_a_hanging_create_stores_it_as_unknown_within_seconds_e170() {
    stopped_while_hanging("-INT", &["poll"], 130);
}

#[test]
fn a_wish_to_terminate_in_a_hanging_create_is_no_vendors_trouble_e170() {
    stopped_while_hanging("-TERM", &["poll", "--quiet"], 143);
}

#[test]
fn the_second_interrupt_ends_at_once_and_loses_nothing_e170() {
    let shop = slow_road(1, 25_000);
    let child = creating(&shop, &["poll"]);
    signal(&child, "-INT");
    std::thread::sleep(Duration::from_millis(500));
    let begun = Instant::now();
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("an end");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(output.status.code(), Some(130));
    assert_settles_to_one_order(shop);
}

#[test]
fn a_backoff_ends_with_the_interrupt_e170() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    let text = std::fs::read_to_string(shop.config()).expect("a file");
    std::fs::write(shop.config(), text.replace("backoff_ms = 1", "backoff_ms = 60000")).expect("a file");
    let busy = Fault::before(Disturbance::Html { status: 503 });
    shop.sandbox.world().faults.script(Operation::SearchOrders, 1, 9, busy);
    let child = command(&shop, &["poll"]).spawn().expect("a process");
    while shop.log().count(Operation::SearchOrders) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(300));
    let begun = Instant::now();
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("an end");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_eq!(output.status.code(), Some(130));
}

#[test]
fn a_command_that_waits_for_its_input_ends_at_once_e170() {
    let shop = TestShop::of(&[]);
    let mut child = command(&shop, &["mappings", "import", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("a process");
    let kept_open = child.stdin.take();
    std::thread::sleep(Duration::from_millis(500));
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("an end");
    drop(kept_open);
    assert_eq!(output.status.code(), Some(130));
}
