//! What every command prints, word for word: as text, as JSON, and on terminals of 80 and of 40 columns where there are tables.
//!
//! One small shop at the sandbox goes through its day; each command's words are a snapshot of its own. A change of what is said shows
//! there and is looked at like code: `INSTA_UPDATE=always cargo test --test cli golden` writes it anew.

mod masks;

use chrono::TimeDelta;
use clap::CommandFactory;
use mcf_connector::cli::Cli;
use mcf_connector::sandbox::scenario::{MAPPINGS_CSV, OrderKind};

use self::masks::{without_day, without_machine, without_rows, without_secret_of_a_link};
use crate::auth::Shop;
use crate::check::{crontab, shop};
use crate::environment::Ran;
use crate::masking::{masked, without_figures};
use crate::terminal::shown;

const FIRST: &str = "576900000000000101";

/// Commands without a snapshot here: `demo` and `sandbox` have theirs in the suite `lifecycle`, `serve` is looked at page by page.
const ELSEWHERE: [&str; 3] = ["sandbox", "serve", "demo"];

/// As much of a long text as shows its form.
const LINES_MAX: usize = 120;

struct Day {
    shop: Shop,
    seen: Vec<String>,
}

impl Day {
    fn begin() -> Self {
        let shop = shop("");
        let kinds = [
            OrderKind::Plain,
            OrderKind::TwoParcels,
            OrderKind::Unmapped,
            OrderKind::BadAddress,
            OrderKind::OutOfStock,
            OrderKind::OnHold,
        ];
        for kind in kinds {
            shop.sandbox.world().place(kind);
        }
        shop.place.write("mappings.csv", MAPPINGS_CSV);
        shop.place.write(
            "bad.csv",
            "seller_sku,amazon_sku,quantity\nBOX,,1\nLAMP,FBA-LAMP,none\n",
        );
        Self { shop, seen: Vec::new() }
    }

    fn pass(&mut self, minutes: i64, steps: u32) {
        self.shop.place.step(TimeDelta::minutes(minutes));
        let mut world = self.shop.sandbox.world();
        world.set_clock(self.shop.place.now());
        for _ in 0..steps {
            world.advance();
        }
    }

    /// Keeps what a command prints, typed in these ways one after the other.
    fn keeps(&mut self, command: &'static str, lines: &[&str]) {
        let record: String = lines.iter().map(|line| self.typed(line)).collect();
        self.compare(command, &record);
    }

    /// The same with its first line on terminals, too.
    fn keeps_wide(&mut self, command: &'static str, lines: &[&str]) {
        let mut record = self.typed(lines[0]);
        for columns in [80, 40] {
            let said = self.masked(&shown(&self.shop.place, lines[0], columns));
            record.push_str(&format!("$ mcf {}    # {columns} columns\n{said}\n", lines[0]));
        }
        record.extend(lines[1..].iter().map(|line| self.typed(line)));
        self.compare(command, &record);
    }

    fn typed(&self, line: &str) -> String {
        let Ran {
            mut stdout,
            mut stderr,
            code,
        } = self.shop.place.feed(line, "TTP_neverGiven1\n");
        if line.starts_with("metrics") {
            // Nearly all of it is measured.
            stdout = without_figures(&stdout);
        }
        if line.starts_with("check") {
            stdout = without_machine(&stdout);
            stderr = without_machine(&stderr);
        }
        if line.starts_with("store copy") {
            stdout = without_rows(&stdout);
        }
        let mut record = format!("$ mcf {line}\n{}", self.masked(&stdout));
        if !stderr.is_empty() {
            record.push_str(&format!("--- stderr\n{}", self.masked(&stderr)));
        }
        record + &format!("--- exit {code}\n\n")
    }

    fn masked(&self, text: &str) -> String {
        let (place, sandbox) = (&self.shop.place, &self.shop.sandbox);
        let mut text = text.replace(&place.path("").display().to_string(), "FOLDER/");
        text = text.replace(place.path("").display().to_string().trim_end_matches('/'), "FOLDER");
        let program = assert_cmd::cargo::cargo_bin!("mcf").display().to_string();
        text = text.replace(&program, "/usr/local/bin/mcf");
        for (url, name) in [(sandbox.tiktok_url(), "TIKTOK"), (sandbox.amazon_url(), "AMAZON")] {
            text = text.replace(url.trim_start_matches("http://"), name);
        }
        text = without_secret_of_a_link(&without_day(&text));
        let lines: Vec<&str> = text.lines().collect();
        let mut kept: String = lines.iter().take(LINES_MAX).map(|line| masked(line) + "\n").collect();
        if lines.len() > LINES_MAX {
            kept.push_str("[and more]\n");
        }
        kept
    }

    fn compare(&mut self, command: &'static str, record: &str) {
        self.seen.push(command.to_owned());
        insta::assert_snapshot!(command.replace(' ', "_"), record);
    }
}

/// The commands that do something, by clap's own tree.
fn all_commands(command: &clap::Command, path: &str) -> Vec<String> {
    let inner: Vec<&clap::Command> = command
        .get_subcommands()
        .filter(|inner| inner.get_name() != "help")
        .collect();
    if inner.is_empty() {
        return vec![path.trim().to_owned()];
    }
    let of = |inner: &&clap::Command| all_commands(inner, &format!("{path} {}", inner.get_name()));
    inner.iter().flat_map(of).collect()
}

#[test]
fn every_command_says_what_it_has_always_said() {
    let mut day = Day::begin();
    set_up(&mut day);
    mappings(&mut day);
    orders_go(&mut day);
    looks(&mut day);
    hands(&mut day);
    parcels_and_stock(&mut day);
    checks(&mut day);
    keeping(&mut day);
    let forgotten: Vec<String> = all_commands(&Cli::command(), "")
        .into_iter()
        .filter(|command| !day.seen.contains(command) && !ELSEWHERE.contains(&command.as_str()))
        .collect();
    assert!(forgotten.is_empty(), "no golden: {forgotten:?}");
}

fn set_up(day: &mut Day) {
    day.keeps(
        "init",
        &[
            "init --config fresh.toml --dry-run",
            "init --config fresh.toml --db fresh.db",
            "init --config fresh.toml --db fresh.db --json",
        ],
    );
    day.keeps("auth tiktok", &["auth tiktok", "auth tiktok --json"]);
    day.keeps("auth amazon", &["auth amazon", "auth amazon --json"]);
    day.keeps("completions", &["completions fish"]);
    day.keeps("man", &["man"]);
}

fn mappings(day: &mut Day) {
    day.keeps_wide("mappings list", &["mappings list", "mappings list --json"]);
    day.keeps(
        "mappings import",
        &[
            "mappings import mappings.csv",
            "mappings import mappings.csv --json",
            "mappings import missing.csv",
            "mappings import bad.csv",
            "mappings import bad.csv --json",
        ],
    );
    day.keeps(
        "mappings export",
        &[
            "mappings export",
            "mappings export --json",
            "mappings export --output out.csv",
        ],
    );
    day.keeps("mappings check", &["mappings check", "mappings check --json"]);
    day.keeps_wide(
        "mappings suggest",
        &[
            "mappings suggest",
            "mappings suggest --json",
            "mappings suggest --apply",
        ],
    );
    let add = "mappings add --seller-sku BOX --amazon-sku FBA-LAMP-BLK --quantity 2";
    day.keeps(
        "mappings add",
        &[&format!("{add} --dry-run"), add, &format!("{add} --json")],
    );
    day.keeps(
        "mappings remove",
        &[
            "mappings remove --seller-sku BOX --dry-run",
            "mappings remove --seller-sku BOX --json",
            "mappings remove --seller-sku BOX",
        ],
    );
    day.keeps(
        "mappings rollback",
        &[
            "mappings rollback --dry-run",
            "mappings rollback",
            "mappings rollback --json",
        ],
    );
}

fn orders_go(day: &mut Day) {
    let dry = "poll --dry-run";
    day.keeps_wide("poll", &[dry, "poll --dry-run --json"]);
    let route = format!("route {FIRST}");
    day.keeps_wide(
        "route",
        &[
            &format!("{route} --dry-run"),
            &route,
            &format!("{route} --json"),
            "route 576900000000000104",
        ],
    );
    day.pass(65, 0);
    day.shop.place.run("poll").ends(0);
}

fn looks(day: &mut Day) {
    day.keeps_wide(
        "status",
        &["status", "status --json", "status --check", "status --check --json"],
    );
    let one = "status 576900000000000104";
    day.keeps(
        "status one order",
        &[one, &format!("{one} --json"), "status 1", "status 1 --json"],
    );
    day.keeps_wide("mappings missing", &["mappings missing", "mappings missing --json"]);
    day.keeps_wide(
        "orders list",
        &[
            "orders list",
            "orders list --json",
            "orders list --find nothing",
            "orders list --state flagged --jsonl",
        ],
    );
    day.keeps_wide(
        "orders list by cause",
        &["orders list --group", "orders list --group --json"],
    );
    day.keeps(
        "orders export",
        &[
            "orders export",
            "orders export --format json",
            "orders export --output orders.csv --json",
        ],
    );
    day.keeps_wide(
        "log",
        &[
            "log --order 576900000000000104 --kind state,flag",
            "log --order 576900000000000104 --kind state,flag --json",
            "log --kind hand --jsonl",
        ],
    );
    day.keeps("metrics", &["metrics", "metrics --json", "metrics --format prometheus"]);
}

fn hands(day: &mut Day) {
    let both = |verb: &str, more: &str| {
        let line = format!("orders {verb} 576900000000000104{more}");
        [format!("{line} --dry-run"), line.clone(), format!("{line} --json")]
    };
    for (command, verb, more) in [
        ("orders hold", "hold", " --because stocktaking"),
        ("orders release", "release", ""),
        ("orders dismiss", "dismiss", ""),
        ("orders restore", "restore", ""),
        ("orders approve", "approve", ""),
        ("orders erase", "erase", ""),
    ] {
        let lines = both(verb, more);
        day.keeps(command, &[&lines[0], &lines[1], &lines[2]]);
    }
    day.keeps(
        "orders hold many",
        &[
            "orders hold --state flagged",
            "orders hold --state flagged --json",
            "orders hold --state flagged --yes",
        ],
    );
    day.keeps(
        "pause",
        &[
            "pause --until 18:00 --because stocktaking --dry-run",
            "pause --because stocktaking",
            "pause --because stocktaking --json",
            "status --check",
        ],
    );
    day.keeps("resume", &["resume --dry-run", "resume", "resume --json"]);
}

fn parcels_and_stock(day: &mut Day) {
    day.pass(65, 3);
    day.keeps_wide(
        "sync-tracking",
        &["sync-tracking --dry-run", "sync-tracking --json", "sync-tracking"],
    );
    day.keeps_wide(
        "sync-inventory",
        &["sync-inventory --dry-run", "sync-inventory --json", "sync-inventory"],
    );
    day.keeps_wide("status after", &["status", "status --json"]);
}

fn checks(day: &mut Day) {
    crontab(
        &mut day.shop,
        "*/5 * * * * mcf --quiet poll\n7 * * * * mcf --quiet sync-tracking",
    );
    day.keeps("check", &["check", "check --json"]);
    day.keeps("check host", &["check host", "check host --json"]);
    day.keeps("check tiktok", &["check tiktok", "check tiktok --json"]);
    day.keeps("check amazon", &["check amazon", "check amazon --json"]);
    day.keeps("check mappings", &["check mappings", "check mappings --json"]);
}

fn keeping(day: &mut Day) {
    day.keeps("notify test", &["notify test", "notify test --json"]);
    day.keeps("notify flush", &["notify flush", "notify flush --json"]);
    day.shop.place.write("request.txt", "webhook-id: 1\n\n{}");
    day.keeps(
        "notify verify",
        &["notify verify request.txt", "notify verify missing.txt --json"],
    );
    day.keeps(
        "backup",
        &[
            "backup copy.db --dry-run",
            "backup copy.db",
            "backup copy.db",
            "backup copy.db --force --json",
        ],
    );
    day.keeps(
        "restore",
        &[
            "restore copy.db",
            "restore copy.db --force --dry-run",
            "restore copy.db --force --json",
            "restore missing.db --force",
        ],
    );
    let copy = "store copy --from mcf.db --to other.db";
    day.keeps(
        "store copy",
        &[
            &format!("{copy} --dry-run"),
            copy,
            copy,
            &format!("{copy} --force --json"),
            "store copy",
            "store copy --from missing.db --to other.db",
        ],
    );
    day.shop.place.write("notes.txt", "no report");
    day.keeps(
        "report",
        &[
            "report --output page.html",
            "report --output page.html --json",
            "report --output notes.txt",
        ],
    );
    day.keeps(
        "schedule",
        &[
            "schedule cron --name shop",
            "schedule cron --name shop --json",
            "schedule systemd",
        ],
    );
    day.keeps("purge", &["purge --dry-run", "purge", "purge --json"]);
    day.keeps("rekey", &["rekey --dry-run", "rekey --json"]);
}
