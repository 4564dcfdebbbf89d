//! A run that is asked to stop finishes its step, begins nothing new, and says what it leaves open (A12).

use std::process::Command;
use std::time::Duration;

use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::bench::{command, violations};
use super::road::Road;

fn stopped_by(signal: &str) {
    let mut road = Road::of(&[OrderKind::Plain; 12]);
    let slow = Fault::after(Disturbance::Stall { pause_ms: 300 });
    road.sandbox
        .world()
        .faults
        .script(Operation::CreateFulfillmentOrder, 1, 12, slow);
    let child = command(&road, &["poll"]).spawn().expect("a process");
    while road.log().count(Operation::CreateFulfillmentOrder) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
    let output = child.wait_with_output().expect("an end");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(4), "{out}{err}");
    assert!(out.contains("left open"), "{out}{err}");
    let creates = road.log().count(Operation::CreateFulfillmentOrder);
    assert!(creates < 12, "nothing new is begun");
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
    assert_eq!(road.sandbox.world().amazon.orders.len(), 12);
    assert_eq!(violations(&road), Vec::<String>::new());
}

#[test]
fn an_interrupt_ends_the_run_after_the_steps_in_hand_a12() {
    stopped_by("-INT");
}

#[test]
fn a_wish_to_terminate_ends_the_run_after_the_steps_in_hand_a12() {
    stopped_by("-TERM");
}
