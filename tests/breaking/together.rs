//! Two processes at once, with the lock and without it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mcf_connector::clock::Clock;
use mcf_connector::sandbox::scenario::{self, OrderKind};

use super::common::{command, hurry, hurry_config, violations};
use super::test_shop::{TestShop, morning};

fn shop() -> TestShop {
    let mut world = scenario::shop(Clock::starting_at(morning()));
    hurry(&mut world);
    let shop = TestShop::through(world);
    hurry_config(&shop);
    shop
}

/// Starts two polls together and returns how they ended and what they said.
fn both(shop: &TestShop) -> Vec<(Option<i32>, String)> {
    let start = || command(shop, &["poll"]).spawn().expect("a process");
    let children = [start(), start()];
    let ended = children.into_iter().map(|child| {
        let output = child.wait_with_output().expect("an end");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said)
    });
    ended.collect()
}

fn orderly(ended: &[(Option<i32>, String)]) {
    for (code, said) in ended {
        assert!(matches!(code, Some(0 | 4 | 75)), "E02: {code:?} {said}");
        assert!(!said.contains("database is locked"), "{said}");
    }
}

#[test]
fn two_processes_started_together_a_hundred_times_create_each_order_once_e02() {
    let mut shop = shop();
    for number in 1..=100 {
        shop.sandbox.world().place(OrderKind::Plain);
        shop.sandbox.world().set_clock(shop.now);
        orderly(&both(&shop));
        assert_eq!(shop.sandbox.world().amazon.orders.len(), number, "E02");
        shop.pass(1, 0);
    }
    assert_eq!(violations(&shop), Vec::<String>::new());
}

/// The lock file is taken away all the time, so that both processes hold "the" lock.
#[test]
fn without_the_lock_two_processes_create_each_order_once_i1() {
    let mut shop = shop();
    let lock = shop.folder.path().join("mcf.db.orders.lock");
    for _ in 0..15 {
        for _ in 0..4 {
            shop.sandbox.world().place(OrderKind::Plain);
        }
        shop.sandbox.world().set_clock(shop.now);
        let is_over = AtomicBool::new(false);
        let said = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let _ = std::fs::remove_file(&lock);
                    std::thread::sleep(Duration::from_micros(200));
                }
            });
            let said = both(&shop);
            is_over.store(true, Ordering::Relaxed);
            said
        });
        orderly(&said);
        shop.pass(5, 0);
    }
    shop.mcf(&["poll"]).ends_with(0);
    assert_eq!(shop.sandbox.world().amazon.orders.len(), 60, "I1, I2");
    assert_eq!(violations(&shop), Vec::<String>::new());
}
