//! A whole day at the sandbox, with faults, kept word for word: what every command prints, as text and as JSON, and its exit code.
//!
//! A change of the inside must leave it as it is. A change of what is said shows here and is looked at like code:
//! `INSTA_UPDATE=always cargo test --test lifecycle day` writes it anew.

use mcf_connector::sandbox::scenario;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::masking::{masked, without_figures};
use super::postgres::fresh_schema;
use super::test_shop::{Ran, TestShop};

/// What differs between two runs of one day: times, ages, ports, folders and random ids.
fn without_chance(text: &str, shop: &TestShop) -> String {
    let mut text = text.replace(&shop.folder.path().display().to_string(), "FOLDER");
    for (url, name) in [
        (shop.sandbox.tiktok_url(), "http://TIKTOK"),
        (shop.sandbox.amazon_url(), "http://AMAZON"),
    ] {
        let bare = url.trim_start_matches("http://").to_owned();
        text = text
            .replace(&url, name)
            .replace(&bare, name.trim_start_matches("http://"));
    }
    let lines: Vec<String> = text.lines().map(masked).collect();
    lines.join("\n")
}

/// What was typed and what came of it, in the order of the day.
struct Day {
    shop: TestShop,
    record: String,
}

impl Day {
    fn begin() -> Self {
        let shop = TestShop::bare(scenario::demo(mcf_connector::clock::Clock::starting_at(
            super::test_shop::morning(),
        )));
        std::fs::write(shop.folder.path().join("mappings.csv"), scenario::MAPPINGS_CSV).expect("a file");
        Self {
            shop,
            record: String::new(),
        }
    }

    /// Types a command.
    fn types(&mut self, line: &str) {
        let ran = self.run(line);
        let Ran {
            code,
            mut stdout,
            stderr,
        } = ran;
        if line.starts_with("status 57") {
            // What happened within one second may stand in either order.
            let mut lines: Vec<&str> = stdout.lines().collect();
            lines.sort_unstable_by_key(|line| without_chance(line, &self.shop));
            stdout = lines.join("\n");
        } else if line.starts_with("metrics") {
            // Nearly all of it is measured; other tests know the figures, this one the names and the form.
            stdout = without_figures(&stdout);
        }
        let parts = [("", stdout), ("--- stderr\n", stderr)];
        self.record.push_str(&format!("\n$ mcf {line}\n"));
        for (head, text) in parts.iter().filter(|(_, text)| !text.is_empty()) {
            self.record.push_str(head);
            self.record.push_str(without_chance(text, &self.shop).trim_end());
            self.record.push('\n');
        }
        self.record.push_str(&format!("--- exit {code}\n"));
    }

    fn run(&self, line: &str) -> Ran {
        let arguments: Vec<&str> = line.split(' ').collect();
        self.shop.mcf(&arguments)
    }

    /// Types a command once for people and once for programs.
    fn types_both_ways(&mut self, line: &str) {
        self.types(line);
        self.types(&format!("{line} --json"));
    }

    fn fault(&mut self, operation: Operation, nth: u32, times: u32, fault: Fault) {
        self.shop.sandbox.world().faults.script(operation, nth, times, fault);
    }

    fn pass(&mut self, minutes: i64, steps: u32) {
        self.record
            .push_str(&format!("\n# {minutes} minutes pass, the world takes {steps} steps\n"));
        self.shop.pass(minutes, steps);
    }
}

fn unavailable() -> Fault {
    Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    })
}

#[test]
fn a_whole_day_with_faults_reads_as_it_always_did() {
    let mut day = Day::begin();
    morning(&mut day);
    noon(&mut day);
    evening(&mut day);
    insta::assert_snapshot!(day.record);
}

/// What a day on a server says more: which server it is.
fn without_server(record: &str) -> String {
    let mut kept = Vec::new();
    let mut is_in_server = false;
    for line in record.lines() {
        is_in_server = is_in_server || line == "  \"server\": {";
        if !is_in_server && !line.starts_with("server\t") {
            kept.push(line);
        }
        is_in_server = is_in_server && line != "  },";
    }
    kept.join("\n")
}

#[test]
fn a_whole_day_on_postgresql_reads_as_it_does_on_a_file() {
    let Some((url, schema)) = fresh_schema() else { return };
    let mut day = Day::begin();
    day.shop.lies_on(&url, &schema);
    morning(&mut day);
    noon(&mut day);
    evening(&mut day);
    insta::assert_snapshot!(
        "a_whole_day_with_faults_reads_as_it_always_did",
        without_server(&day.record)
    );
    for line in [
        "orders hold 576900000000000101 --because stocktaking",
        "orders release 576900000000000101",
        "pause --because stocktaking",
        "resume",
        "backup copy.db",
        "status --verify-audit",
        "notify flush",
        "report --output page.html",
        "purge",
        "log --json",
        "check host",
        "schedule cron",
        "orders erase 576900000000000107",
    ] {
        let ran = day.run(line);
        assert_eq!(ran.code, 0, "{line}: {ran:?}");
    }
    assert!(!day.shop.database().exists(), "all of it lies on the server");
}

/// Before the first order: nothing is there, the first import, the first look.
fn morning(day: &mut Day) {
    day.types_both_ways("status");
    // What `check` says of the machine is another thing on each.
    for line in ["check tiktok", "check amazon", "check mappings"] {
        day.types_both_ways(line);
    }
    day.types_both_ways("mappings import mappings.csv --dry-run");
    day.types("mappings import mappings.csv");
    for line in ["mappings list", "mappings export", "mappings check", "poll --dry-run"] {
        day.types(line);
    }
    day.types("poll --dry-run --json");
}

/// Orders go, one answer is lost, TikTok has a bad minute.
fn noon(day: &mut Day) {
    // Several orders are sent at once, so that a fault for a single one would strike another one each day.
    day.fault(
        Operation::CreateFulfillmentOrder,
        1,
        20,
        Fault::after(Disturbance::Drop),
    );
    day.types("poll");
    day.shop.sandbox.world().faults.clear();
    day.types_both_ways("status");
    day.pass(5, 1);
    day.fault(Operation::SearchOrders, 1, 20, unavailable());
    day.types_both_ways("poll");
    day.shop.sandbox.world().faults.clear();
    day.pass(70, 1);
    day.types_both_ways("poll");
    for number in 101..118 {
        day.types(&format!("status 576900000000000{number}"));
    }
    day.types("status 576900000000000106 --json");
    day.types_both_ways("sync-inventory --dry-run");
    day.types_both_ways("sync-inventory");
    day.types_both_ways("route 576900000000000106");
    day.types("orders hold 576900000000000106");
    day.types("orders release 576900000000000106");
}

/// Parcels leave, numbers are told, the operator looks back.
fn evening(day: &mut Day) {
    day.pass(60, 3);
    day.fault(Operation::MarkPackageShipped, 1, 1, Fault::after(Disturbance::Drop));
    day.types("sync-tracking --dry-run");
    day.types("sync-tracking");
    day.pass(30, 1);
    day.types_both_ways("sync-tracking");
    day.types("poll");
    for line in ["status", "orders list", "metrics"] {
        day.types_both_ways(line);
    }
    for line in [
        "status 576900000000000102",
        "status 576900000000000102 --json",
        "orders list --state flagged --reason SKU_NOT_MAPPED",
        "orders export",
        "metrics --format prometheus",
        "orders dismiss 576900000000000107",
        "orders list --state dismissed",
        "status 576900000000000107",
        "status 1",
        "purge --dry-run",
        "mappings rollback",
        "status --check",
    ] {
        day.types(line);
    }
}
