//! Two processes at once, with the lock and without it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mcf_connector::clock::Clock;
use mcf_connector::sandbox::scenario::{self, OrderKind};

use super::bench::{command, hurry, hurry_config, violations};
use super::road::{Road, morning};

fn road() -> Road {
    let mut world = scenario::shop(Clock::starting_at(morning()));
    hurry(&mut world);
    let road = Road::through(world);
    hurry_config(&road);
    road
}

/// Starts two polls together and returns what they said.
fn both(road: &Road) -> String {
    let start = || command(road, &["poll"]).spawn().expect("a process");
    let children = [start(), start()];
    let mut said = String::new();
    for child in children {
        let output = child.wait_with_output().expect("an end");
        let code = output.status.code().expect("E02: no panic, no signal");
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        assert!([0, 4, 6, 75].contains(&code), "E02: {code} {said}");
    }
    assert!(!said.contains("database is locked"), "{said}");
    said
}

#[test]
fn two_processes_started_together_a_hundred_times_create_each_order_once_e02() {
    let mut road = road();
    for number in 1..=100 {
        road.sandbox.world().place(OrderKind::Plain);
        road.sandbox.world().set_clock(road.now);
        both(&road);
        assert_eq!(road.sandbox.world().amazon.orders.len(), number, "E02");
        road.pass(1, 0);
    }
    assert_eq!(violations(&road), Vec::<String>::new());
}

/// The lock file is taken away all the time, so that both processes hold "the" lock.
#[test]
fn without_the_lock_two_processes_create_each_order_once_i1() {
    let mut road = road();
    let lock = road.folder.path().join("mcf.db.orders.lock");
    for _ in 0..15 {
        for _ in 0..4 {
            road.sandbox.world().place(OrderKind::Plain);
        }
        road.sandbox.world().set_clock(road.now);
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let _ = std::fs::remove_file(&lock);
                    std::thread::sleep(Duration::from_micros(200));
                }
            });
            both(&road);
            is_over.store(true, Ordering::Relaxed);
        });
        road.pass(5, 0);
    }
    road.mcf(&["poll"]).ends_with(0);
    assert_eq!(road.sandbox.world().amazon.orders.len(), 60, "I1, I2");
    assert_eq!(violations(&road), Vec::<String>::new());
}
