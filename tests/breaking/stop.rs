//! A run that is asked to stop, or whose time is up, finishes its step, begins nothing new, and says what it leaves open (A12).

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::bench::{command, violations};
use super::road::Road;

/// A road with so many orders, whose creates take so long.
fn slow_road(orders: u32, pause_ms: u64) -> Road {
    let road = Road::of(&vec![OrderKind::Plain; orders as usize]);
    let slow = Fault::after(Disturbance::Stall { pause_ms });
    road.sandbox
        .world()
        .faults
        .script(Operation::CreateFulfillmentOrder, 1, orders, slow);
    road
}

fn stopped_by(signal: &str) {
    let road = slow_road(12, 300);
    let child = command(&road, &["poll"]).spawn().expect("a process");
    while road.log().count(Operation::CreateFulfillmentOrder) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
    assert_goes_on(road, &child.wait_with_output().expect("an end"), 12);
}

/// The run says what is open and has finished what it began; the next run does the rest.
fn assert_goes_on(mut road: Road, output: &Output, orders: usize) {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(4), "{out}{err}");
    assert!(out.contains("left open"), "{out}{err}");
    let creates = road.log().count(Operation::CreateFulfillmentOrder);
    assert!(creates < orders, "nothing new is begun");
    assert_eq!(
        road.sandbox.world().amazon.orders.len(),
        super::bench::states(&road)
            .values()
            .filter(|state| *state == "routed")
            .count(),
        "each step that was begun is finished"
    );
    road.sandbox.world().faults.clear();
    road.pass(5, 0);
    road.mcf(&["poll"]).ends_with(0);
    assert_eq!(road.sandbox.world().amazon.orders.len(), orders);
    assert_eq!(violations(&road), Vec::<String>::new());
}

/// With one minute between two runs, no call begins that could last beyond nine tenths of it.
#[test]
fn a_run_ends_before_its_next_one_is_due_a12() {
    let road = slow_road(16, 10_000);
    let text = std::fs::read_to_string(road.config()).expect("a file");
    let text = format!("{text}\n[schedule]\norder_poll_interval_minutes = 1\n");
    std::fs::write(road.config(), text).expect("a file");
    let begun = Instant::now();
    let output = command(&road, &["poll"]).output().expect("a process");
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    assert_goes_on(road, &output, 16);
}

#[test]
fn an_interrupt_ends_the_run_after_the_steps_in_hand_a12() {
    stopped_by("-INT");
}

#[test]
fn a_wish_to_terminate_ends_the_run_after_the_steps_in_hand_a12() {
    stopped_by("-TERM");
}
