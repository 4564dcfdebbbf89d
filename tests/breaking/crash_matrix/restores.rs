//! Between every two steps of a create and of a push the database gives way to a copy: one that knows no order yet, one of the moment
//! before the killed run, or one that was made in the middle of it, a step earlier.

use std::path::Path;
use std::process::{Child, Command, Output};
use std::time::Duration;

use mcf_connector::sandbox::CreateMode;
use mcf_connector::sandbox::amazon::OrderStatus;

use super::super::common::{command, states};
use super::super::test_shop::TestShop;
use super::{Between, Case, matrix};

/// When the copy was made.
#[derive(Debug, Clone, Copy)]
pub enum Copied {
    /// Before the first poll.
    InTheMorning,
    /// Before the run that dies.
    BeforeTheRun,
    /// While the run that dies stood still at this step.
    At(&'static str),
}

/// Each step of a create and of a push, behind the one before it.
const STEPS: [(&str, &str); 21] = [
    ("getOrderDetail.after:1", "ready.before:1"),
    ("ready.before:1", "ready.after:1"),
    ("ready.after:1", "claim.before_commit:1"),
    ("claim.before_commit:1", "intent.committed:1"),
    ("intent.committed:1", "createFulfillmentOrder.before:1"),
    ("createFulfillmentOrder.before:1", "createFulfillmentOrder.connected:1"),
    ("createFulfillmentOrder.connected:1", "createFulfillmentOrder.half:1"),
    ("createFulfillmentOrder.connected:1", "createFulfillmentOrder.sent:1"),
    (
        "createFulfillmentOrder.connected:1",
        "createFulfillmentOrder.answered:1",
    ),
    ("createFulfillmentOrder.answered:1", "routed.before:1"),
    ("routed.before:1", "routed.after:1"),
    ("claim.before_commit:1", "claim.before_commit:2"),
    ("intent.committed:1", "intent.committed:2"),
    ("getFulfillmentOrder.after:1", "shipments.read:1"),
    ("shipments.read:1", "shipments.stored:1"),
    ("shipments.stored:1", "status.stored:1"),
    ("status.stored:1", "status.acted_on:1"),
    ("status.acted_on:1", "markPackageAsShipped.before:1"),
    ("markPackageAsShipped.before:1", "markPackageAsShipped.sent:1"),
    ("markPackageAsShipped.before:1", "markPackageAsShipped.answered:1"),
    ("markPackageAsShipped.answered:1", "markPackageAsShipped.after:1"),
];

/// Where Amazon or TikTok may have what the copy does not know.
const UNKNOWN_TO_THE_COPY: [&str; 4] = [
    "createFulfillmentOrder.sent:1",
    "routed.before:1",
    "markPackageAsShipped.sent:1",
    "markPackageAsShipped.after:1",
];

/// How the day goes on: what is run, how many minutes later, after how many steps of Amazon.
const AFTERNOON: [(&str, i64, u32); 5] = [
    ("poll", 20, 0),
    ("poll", 5, 2),
    ("sync-tracking", 30, 2),
    ("sync-tracking", 30, 0),
    ("poll", 5, 0),
];

impl Copied {
    fn file(self) -> &'static str {
        match self {
            Self::InTheMorning => "morning.db",
            Self::BeforeTheRun => "before.db",
            Self::At(_) => "step.db",
        }
    }

    fn make(self, shop: &TestShop) {
        shop.mcf(&["backup", self.file(), "--force"]).ends_with(0);
    }

    /// Puts it in the place of the database.
    pub fn restore(self, shop: &TestShop) -> Option<String> {
        let ran = shop.mcf(&["restore", self.file(), "--force"]);
        (ran.code != 0).then(|| format!("E164: the restore ends with {}: {}", ran.code, ran.stderr))
    }

    fn make_before(self, shop: &TestShop, arguments: &[&str]) {
        let is_due = match self {
            Self::InTheMorning => !shop.folder.path().join(self.file()).exists(),
            Self::BeforeTheRun => true,
            Self::At(_) => false,
        };
        if is_due && ["poll", "sync-tracking"].contains(&arguments[0]) {
            self.make(shop);
        }
    }
}

/// Runs a command that dies where it passes `point`; the copy is made before it, or in the middle of it.
pub fn run_to(shop: &TestShop, arguments: &[&str], point: &str, between: Between) -> Output {
    let mut run = command(shop, arguments);
    run.env("MCF_CRASH_AT", point);
    let Between::Restore(copied) = between else {
        return run.output().expect("a process");
    };
    copied.make_before(shop, arguments);
    if let Copied::At(step) = copied {
        run.env("MCF_HALT_AT", step);
    }
    let mut child = run.spawn().expect("a process");
    if stands_still(&mut child) {
        copied.make(shop);
        let id = child.id().to_string();
        let told = Command::new("kill").args(["-CONT", &id]).status();
        assert!(told.expect("kill").success());
    }
    child.wait_with_output().expect("an end")
}

/// Waits until a process stands still or has ended.
fn stands_still(child: &mut Child) -> bool {
    let status = Path::new("/proc").join(child.id().to_string()).join("stat");
    while child.try_wait().expect("a child").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let state = text.rsplit(')').next().and_then(|rest| rest.trim().chars().next());
        if state == Some('T') {
            return true;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    false
}

/// The runs go on, and each order ends well or with a person.
pub fn afternoon(shop: &mut TestShop) -> Vec<String> {
    let mut found = Vec::new();
    for (name, minutes, steps) in AFTERNOON {
        shop.pass(minutes, steps);
        let ran = shop.mcf(&[name]);
        if ![0, 4].contains(&ran.code) {
            found.push(format!(
                "I12: {name} in the afternoon ends with {}: {}",
                ran.code, ran.stderr
            ));
        }
    }
    found.extend(without_a_command(shop));
    found.extend(sent_for_nothing(shop));
    let mutating = shop.log().mutating();
    for name in ["poll", "sync-tracking"] {
        shop.mcf(&[name]);
    }
    if shop.log().mutating() > mutating {
        found.push("I14: a second run sent a mutation".to_owned());
    }
    found
}

/// Flagged orders that tell nobody what to type.
fn without_a_command(shop: &TestShop) -> Vec<String> {
    let states = states(shop).into_iter();
    let flagged = states.filter(|(_, state)| state == "flagged").map(|(id, _)| id);
    let is_silent = |id: &String| {
        let report = shop.good(&["status", id]);
        let flags = report["order"]["flags"].as_array().expect("flags");
        let has_command = |flag: &serde_json::Value| flag["nextCommand"].as_str().is_some_and(|text| !text.is_empty());
        flags.is_empty() || !flags.iter().all(has_command)
    };
    let silent = flagged.filter(is_silent);
    silent
        .map(|id| format!("E164: {id} is flagged without a command"))
        .collect()
}

/// Orders that count as cancelled and live on at Amazon.
fn sent_for_nothing(shop: &TestShop) -> Vec<String> {
    let states = states(shop);
    let world = shop.sandbox.world();
    let alive = world
        .amazon
        .orders
        .iter()
        .filter(|order| order.status != OrderStatus::Cancelled);
    let shown = alive.filter_map(|order| order.text("/displayableOrderId"));
    let left = shown.filter(|id| states.get(*id).is_some_and(|state| state == "cancelled"));
    left.map(|id| format!("E164: {id} is cancelled and lives on at Amazon"))
        .collect()
}

fn case(mode: CreateMode, point: &'static str, copied: Copied) -> Case {
    (mode, point, Between::Restore(copied))
}

/// Amazon is the worst one here: it makes an order of every create. Beside it the ordinary one, which refuses a second create of an id.
#[test]
fn an_older_copy_that_is_restored_between_any_two_steps_doubles_nothing_and_loses_nothing_e164() {
    let of = |(before, point): &(&'static str, &'static str)| {
        [Copied::InTheMorning, Copied::At(before)].map(|copied| case(CreateMode::CreateAgain, point, copied))
    };
    let ordinary = |point| case(CreateMode::RefuseSecond, point, Copied::BeforeTheRun);
    let cases: Vec<Case> = STEPS
        .iter()
        .flat_map(of)
        .chain(UNKNOWN_TO_THE_COPY.map(ordinary))
        .collect();
    matrix(&cases);
}
