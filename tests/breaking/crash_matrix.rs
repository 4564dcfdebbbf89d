//! The crash matrix: killed before and after each point of the situations' list, under every create mode, each time followed by
//! clean runs; or first by a run with a wrong clock, or by the restore of a copy. Needs the feature `crash-points`.

mod restores;
mod upgrades;

use std::os::unix::process::ExitStatusExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use mcf_connector::sandbox::scenario::{MAPPINGS_CSV, OrderKind};
use mcf_connector::sandbox::{CreateMode, Operation};

use super::common::{command, database, hurry, loose_ends, replay, violations};
use super::test_shop::{FIRST, TestShop, new_world};
use restores::Copied;

const MODES: [CreateMode; 8] = [
    CreateMode::RefuseSecond,
    CreateMode::KeepFirst,
    CreateMode::CreateAgain,
    CreateMode::HiddenAtFirst,
    CreateMode::AcceptedThenInvalid,
    CreateMode::AcceptedThenNormal,
    CreateMode::AnswersOtherId,
    CreateMode::ShowsOtherItems,
];

/// Points 9 to 16: what lies around the create itself.
const AROUND_THE_CREATE: [&str; 13] = [
    "ready.before:1",
    "ready.after:1",
    "claim.before_commit:1",
    "claim.before_commit:2",
    "intent.committed:1",
    "intent.committed:2",
    "createFulfillmentOrder.before:1",
    "createFulfillmentOrder.connected:1",
    "createFulfillmentOrder.half:1",
    "createFulfillmentOrder.sent:1",
    "createFulfillmentOrder.answered:1",
    "routed.before:1",
    "routed.after:1",
];

/// The other points, with the number that the situations give them.
const ELSEWHERE: [&str; 43] = [
    "lock:1",                            // 1
    "migration.before:1",                // 2
    "migration.after:1",                 // 2
    "database.placed:1",                 // 2
    "tokenExchange.before:1",            // 3
    "tokenExchange.after:1",             // 3
    "refreshAccessToken.before:1",       // 4
    "refreshAccessToken.after:1",        // 4
    "getAuthorizedShops.after:1",        // 4
    "getOrderList.before:1",             // 5
    "getOrderList.after:1",              // 5
    "page.before_cursor:1",              // 6
    "getOrderDetail.before:1",           // 8
    "getOrderDetail.after:1",            // 8
    "getOrderDetail.after:2",            // 8
    "createFulfillmentOrder.after:1",    // 15
    "getFulfillmentOrder.before:1",      // 17
    "getFulfillmentOrder.after:1",       // 17
    "listAllFulfillmentOrders.before:1", // 17
    "listAllFulfillmentOrders.after:1",  // 17
    "shipments.read:1",                  // 17
    "shipments.stored:1",                // 18
    "shipments.stored:2",                // 18
    "status.stored:1",                   // 18
    "status.acted_on:1",                 // 18
    "markPackageAsShipped.before:1",     // 18
    "markPackageAsShipped.sent:1",       // 19
    "markPackageAsShipped.answered:1",   // 19
    "markPackageAsShipped.after:1",      // 19
    "getInventorySummaries.before:1",    // 20
    "getInventorySummaries.after:1",     // 20
    "updateInventory.before:1",          // 20
    "updateInventory.after:1",           // 20
    "updateInventory.before:2",          // 20
    "purge.erased:1",                    // 21
    "import.before_commit:1",            // 22
    "cancel.wanted:1",                   // beside the list
    "cancelFulfillmentOrder.before:1",   // beside the list
    "cancelFulfillmentOrder.answered:1", // beside the list
    "approveCancellation.before:1",      // beside the list
    "approveCancellation.after:1",       // beside the list
    "pair.keys:1",                       // beside the list
    "pair.copied:1",                     // beside the list
];

/// One day: what is run, how many minutes later, after how many steps of Amazon.
const DAY: [(&[&str], i64, u32); 15] = [
    (&["mappings", "import", "mappings.csv"], 0, 0),
    (&["poll"], 0, 0),
    (&["poll"], 5, 0),
    (&["poll"], 20, 0),
    (&["poll"], 20, 0),
    (&["poll"], 5, 1),
    (&["poll"], 5, 0),
    (&["sync-tracking"], 30, 2),
    (&["sync-tracking"], 30, 1),
    (&["sync-tracking"], 10, 0),
    (&["sync-inventory"], 5, 0),
    (&["sync-inventory"], 5, 0),
    (&["purge"], 5, 0),
    (&["backup", "copy.db", "--force"], 5, 0),
    (&["poll"], 5, 0),
];

/// After this entry of the day the buyer of the second order asks to cancel.
const CHANGES_MIND_AFTER: usize = 4;

struct Played {
    was_reached: bool,
    violations: Vec<String>,
}

fn shop(mode: CreateMode) -> (TestShop, String) {
    let mut world = new_world();
    hurry(&mut world);
    world.settings.create_mode = mode;
    world.settings.hidden_for = TimeDelta::minutes(3);
    world.settings.refresh_grace = TimeDelta::hours(1);
    world.tiktok.tokens.access_expires_at = world.now() - TimeDelta::minutes(1);
    world.place(OrderKind::SeveralUnits);
    let changes_mind = world.place(OrderKind::Plain);
    world.place(OrderKind::Gift);
    let shop = TestShop::bare(world);
    std::fs::write(shop.folder.path().join("mappings.csv"), MAPPINGS_CSV).expect("a file");
    (shop, changes_mind)
}

/// What comes between the kill and the next run.
#[derive(Debug, Clone, Copy)]
enum Between {
    Nothing,
    /// A run whose clock is so far ahead of the vendors'.
    WrongClock(TimeDelta),
    /// The database gives way to a copy of it.
    Restore(Copied),
}

/// One case: what Amazon does, where the program dies, and what comes then.
type Case = (CreateMode, &'static str, Between);

/// Runs the killed command at once with a clock that is wrong.
fn run_with_wrong_clock(shop: &TestShop, arguments: &[&str], lead: TimeDelta) -> Option<String> {
    let output = command(shop, arguments)
        .env("MCF_NOW", (shop.now + lead).to_rfc3339())
        .output()
        .expect("a process");
    (!matches!(output.status.code(), Some(0 | 4))).then(|| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("I12: {arguments:?} with a clock that is {lead} ahead: {said}")
    })
}

/// What follows a kill at once.
fn after_the_kill(shop: &TestShop, arguments: &[&str], between: Between) -> Option<String> {
    match between {
        Between::Nothing => None,
        Between::WrongClock(lead) => run_with_wrong_clock(shop, arguments, lead),
        Between::Restore(copied) => copied.restore(shop),
    }
}

/// Plays the day, killed once at `point`; the killed command is run again five minutes later. After a restore the rest of the day is
/// another one.
fn play((mode, point, between): Case) -> Played {
    let (mut shop, changes_mind) = shop(mode);
    let mut was_reached = false;
    let mut found = Vec::new();
    for (index, (arguments, minutes, steps)) in DAY.iter().enumerate() {
        shop.pass(*minutes, *steps);
        let output = if was_reached {
            command(&shop, arguments).output().expect("a process")
        } else {
            restores::run_to(&shop, arguments, point, between)
        };
        if output.status.signal() == Some(9) {
            was_reached = true;
            found.extend(after_the_kill(&shop, arguments, between));
            shop.pass(5, 0);
            let again = shop.mcf(arguments);
            if ![0, 4].contains(&again.code) {
                found.push(format!(
                    "I12: {arguments:?} after the kill ends with {}: {}",
                    again.code, again.stderr
                ));
            }
            if matches!(between, Between::Restore(_)) {
                break;
            }
        } else if !matches!(output.status.code(), Some(0 | 4)) {
            found.push(format!(
                "I12: {arguments:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            ));
        }
        if index == CHANGES_MIND_AFTER {
            shop.sandbox.world().request_cancel(&changes_mind);
        }
    }
    let is_restored = matches!(between, Between::Restore(_));
    if is_restored {
        found.extend(restores::afternoon(&mut shop));
    }
    found.extend(violations(&shop));
    found.extend(loose_ends(&shop));
    if !is_restored {
        replay(&shop, &mut found);
    }
    Played {
        was_reached,
        violations: found,
    }
}

/// Plays the cases in two threads and prints what came of them.
fn matrix(cases: &[Case]) {
    let (next, bad, missed) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let played = play(*case);
                    for violation in played.violations {
                        let mut bad = bad.lock().expect("no panic");
                        bad.push(format!("{case:?}: {violation}"));
                    }
                    if !played.was_reached {
                        missed.lock().expect("no panic").push(format!("{case:?}"));
                    }
                }
            });
        }
    });
    let (bad, missed) = (
        bad.into_inner().expect("no panic"),
        missed.into_inner().expect("no panic"),
    );
    println!(
        "crash matrix: {} cases, {} violations, points not reached: {missed:?}",
        cases.len(),
        bad.len()
    );
    assert_eq!(bad, Vec::<String>::new());
    assert!(
        missed.is_empty(),
        "a point that is not reached proves nothing: {missed:?}"
    );
}

#[test]
fn points_around_the_create_under_every_mode() {
    let cases: Vec<_> = MODES
        .iter()
        .flat_map(|mode| AROUND_THE_CREATE.iter().map(|point| (*mode, *point, Between::Nothing)))
        .collect();
    matrix(&cases);
}

#[test]
fn points_elsewhere() {
    let cases: Vec<_> = ELSEWHERE
        .iter()
        .map(|point| (CreateMode::RefuseSecond, *point, Between::Nothing))
        .collect();
    matrix(&cases);
}

/// Between every two steps of a create and of a push the clock is wrong for one run, behind and ahead. Amazon is the worst one here:
/// it makes an order of every create.
#[test]
fn a_clock_that_is_wrong_for_a_run_between_any_two_steps_e124_e126() {
    let leads = [-TimeDelta::hours(1), TimeDelta::minutes(20), TimeDelta::days(40)];
    let push = ELSEWHERE.iter().filter(|point| {
        let steps = ["shipments.", "status.", "markPackageAsShipped."];
        steps.iter().any(|step| point.starts_with(step))
    });
    let cases: Vec<_> = AROUND_THE_CREATE
        .iter()
        .chain(push)
        .flat_map(|point| leads.map(|lead| (CreateMode::CreateAgain, *point, Between::WrongClock(lead))))
        .collect();
    matrix(&cases);
}

/// Point 7: the cursor is never ahead of the data.
#[test]
fn a_run_that_dies_between_pages_has_not_moved_the_cursor() {
    let mut world = new_world();
    hurry(&mut world);
    for _ in 0..120 {
        world.place(OrderKind::Unmapped);
    }
    let mut shop = TestShop::through(world);
    let died = command(&shop, &["poll"])
        .env("MCF_CRASH_AT", "getOrderList.before:4")
        .output()
        .expect("a process");
    assert_eq!(died.status.signal(), Some(9));
    let cursor: Option<i64> = database(&shop)
        .query_row("SELECT max(at) FROM cursors WHERE name = 'tiktok.orders'", [], |row| {
            row.get(0)
        })
        .expect("a cursor");
    let stored = super::common::states(&shop).len();
    assert!(stored > 0 && stored < 120, "{stored} orders are stored");
    let changed_at = (shop.now - TimeDelta::hours(1)).timestamp();
    assert!(
        cursor < Some(changed_at),
        "7: the cursor is ahead of the orders that are not stored"
    );
    shop.pass(5, 0);
    shop.mcf(&["poll"]).ends_with(0);
    assert_eq!(super::common::states(&shop).len(), 120, "I2");
}

/// Beside the list: the wish is stored, the request has not left. The next run asks Amazon at once, long before it packs.
#[test]
fn a_cancel_is_asked_by_the_next_run_when_the_first_died_before_it_i13() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    shop.sandbox.world().request_cancel(FIRST);
    shop.pass(5, 0);
    let died = command(&shop, &["poll"])
        .env("MCF_CRASH_AT", "cancel.wanted:1")
        .output()
        .expect("a process");
    assert_eq!(died.status.signal(), Some(9));
    assert_eq!(shop.log().count(Operation::CancelFulfillmentOrder), 0);
    shop.pass(1, 0);
    shop.poll();
    assert_eq!(shop.log().effects(Operation::CancelFulfillmentOrder), 1, "I13");
    assert_eq!(violations(&shop), Vec::<String>::new());
}

/// Point 4, where the old refresh token dies with the rotation: the operator hears what to do, and nothing is lost.
#[test]
fn a_rotation_whose_answer_is_lost_asks_for_a_new_authorisation() {
    let (mut shop, _) = shop(CreateMode::RefuseSecond);
    shop.sandbox.world().settings.refresh_grace = TimeDelta::zero();
    shop.import(MAPPINGS_CSV);
    let died = command(&shop, &["poll"])
        .env("MCF_CRASH_AT", "refreshAccessToken.answered:1")
        .output()
        .expect("a process");
    assert_eq!(died.status.signal(), Some(9));
    shop.pass(5, 0);
    let ran = shop.mcf(&["poll"]).ends_with(5);
    assert!(ran.stderr.to_lowercase().contains("authori"), "{ran:#?}");
}
