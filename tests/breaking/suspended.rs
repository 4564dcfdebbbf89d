//! A process that stands still (a suspended job, a sleeping laptop) between the claim of an order and its create, for so long that
//! another one has looked twice and sent it. Amazon is the worst one here: it makes an order of every create.

use std::process::{Child, Command};
use std::time::Duration;

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{CreateMode, Disturbance, Fault, Operation};

use super::common::{command, violations};
use super::test_shop::{FIRST, TestShop, new_world};

const CREATE: Operation = Operation::CreateFulfillmentOrder;

/// Half of the shortest grace time, and a little more.
const TOO_LONG: Duration = Duration::from_secs(33);

fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

fn shop() -> TestShop {
    let mut world = new_world();
    world.settings.create_mode = CreateMode::CreateAgain;
    world.place(OrderKind::Plain);
    let shop = TestShop::through(world);
    let text = std::fs::read_to_string(shop.config()).expect("a file");
    let text = text.replace("[retry]\n", "[retry]\nunknown_grace_minutes = 1\n");
    std::fs::write(shop.config(), text).expect("a file");
    shop
}

/// Starts a poll and stops it while it waits to send its throttled create again.
fn suspended(shop: &TestShop) -> Child {
    let throttled = Disturbance::Status {
        status: 429,
        retry_after: Some("4".to_owned()),
    };
    shop.sandbox.world().faults.next(CREATE, Fault::before(throttled));
    let child = command(shop, &["poll"]).spawn().expect("a process");
    while shop.log().count(CREATE) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(500));
    signal(&child, "-STOP");
    child
}

#[test]
fn a_process_that_stood_still_for_half_the_grace_time_does_not_send_i1() {
    let mut shop = shop();
    let sleeper = suspended(&shop);
    let stopped_at = std::time::Instant::now();
    // The system frees the lock of a suspended machine's file share; here the file is taken away.
    std::fs::remove_file(shop.folder.path().join("mcf.db.orders.lock")).expect("a lock");
    for (minutes, code) in [(1, 4), (2, 0)] {
        shop.pass(minutes, 0);
        shop.mcf(&["poll"]).ends_with(code);
    }
    assert_eq!(
        shop.state(FIRST),
        State::Routed,
        "another process looked twice and sent it"
    );
    assert_eq!(shop.log().count(CREATE), 2, "the throttled one and the other process's");
    std::thread::sleep(TOO_LONG.saturating_sub(stopped_at.elapsed()));
    signal(&sleeper, "-CONT");
    let output = sleeper.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 4)), "I12: {said}");
    assert_eq!(shop.log().count(CREATE), 2, "I1: the sleeper sends nothing: {said}");
    assert_eq!(shop.sandbox.world().amazon.orders.len(), 1, "I1");
    assert_eq!(shop.state(FIRST), State::Routed);
    assert_eq!(violations(&shop), Vec::<String>::new());
}
