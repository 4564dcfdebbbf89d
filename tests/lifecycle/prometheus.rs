//! What Prometheus' own tool says of the figures of a whole day, of the alert rules and of the dashboard in `docs/prometheus/`.
//!
//! `promtool` comes with Debian's package `prometheus`; where it lacks, the tests that need it say so and do nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use mcf_connector::sandbox::scenario::OrderKind;

use super::test_shop::TestShop;

const ALERTS: &str = include_str!("../../docs/prometheus/alerts.yml");
const DASHBOARD: &str = include_str!("../../docs/prometheus/grafana.json");

fn docs() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/prometheus"))
}

/// Runs the tool, which must find nothing, or says that it is not here.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn promtool(arguments: &[&str], input: Stdio) {
    let ran = Command::new("promtool")
        .args(arguments)
        .current_dir(docs())
        .stdin(input)
        .output();
    let Ok(ran) = ran else {
        eprintln!("skipped: this machine has no promtool");
        return;
    };
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(ran.status.success(), "promtool {arguments:?}: {said}");
}

/// A day with a parcel that is told, a flag and calls that fail.
fn figures() -> (TestShop, String) {
    let mut shop = TestShop::of(&[OrderKind::Plain, OrderKind::Unmapped]);
    shop.poll();
    shop.pass(60, 4);
    shop.good(&["sync-tracking"]);
    let page = shop.mcf(&["metrics", "--format", "prometheus"]).ends_with(0).stdout;
    (shop, page)
}

fn names(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices("mcf_") {
        let end = text[at..].find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        names.insert(text[at..].split_at(end.unwrap_or(text.len() - at)).0.to_owned());
    }
    names
}

#[test]
fn prometheus_own_tool_finds_nothing_to_say_about_the_figures_of_a_day() {
    let (shop, page) = figures();
    let file = shop.folder.path().join("mcf.prom");
    std::fs::write(&file, page).expect("written");
    promtool(&["check", "metrics"], std::fs::File::open(file).expect("a file").into());
}

/// The figures of everything that only counts, by name and labels.
fn counters(page: &str) -> BTreeMap<&str, f64> {
    let of_type = |kind: &str| {
        let lines = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let found = lines
            .filter_map(|line| line.split_once(' '))
            .filter(move |(_, known)| known == &kind);
        found.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
    };
    let counts = [of_type("counter"), of_type("histogram")].concat();
    let figures = page.lines().filter(|line| !line.starts_with('#'));
    let figures = figures.filter(|line| counts.iter().any(|name| line.starts_with(name.as_str())));
    figures
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("a figure");
            (name, value.parse().expect("a number"))
        })
        .collect()
}

#[test]
fn purge_lowers_no_counter_whatever_it_drops() {
    let (mut shop, before) = figures();
    let rows = |shop: &TestShop| {
        let database = rusqlite::Connection::open(shop.database()).expect("a database");
        database
            .query_row("SELECT count(*) FROM api_calls", [], |row| row.get::<_, i64>(0))
            .expect("a count")
    };
    let calls = rows(&shop);
    shop.pass(60 * 24 * 400, 0);
    shop.mcf(&["purge"]).ends_with(0);
    assert!(rows(&shop) < calls, "something is dropped");
    let after = shop.mcf(&["metrics", "--format", "prometheus"]).ends_with(0).stdout;
    let (before, after) = (counters(&before), counters(&after));
    assert!(before.len() > 20, "{before:?}");
    for (name, figure) in before {
        let now = after.get(name).copied().unwrap_or_default();
        assert!(now >= figure, "{name}: {figure} became {now}");
    }
}

#[test]
fn the_alert_rules_hold_and_do_what_they_say() {
    promtool(&["check", "rules", "alerts.yml"], Stdio::null());
    promtool(&["test", "rules", "alerts.test.yml"], Stdio::null());
}

#[test]
fn alert_rules_and_dashboard_ask_for_figures_that_are_there() {
    let (_road, page) = figures();
    let known = names(&page);
    let not_yet = [
        // Absent while no order was due, or waits.
        "mcf_late_dispatch_rate",
        "mcf_dispatch_due",
        "mcf_dispatch_late",
        "mcf_oldest_unrouted_order_timestamp_seconds",
    ];
    let asked: BTreeSet<_> = names(ALERTS).into_iter().chain(names(DASHBOARD)).collect();
    assert!(asked.len() > 10);
    for name in asked {
        assert!(known.contains(&name) || not_yet.contains(&name.as_str()), "{name}");
    }
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).expect("JSON");
    assert!(dashboard["panels"].as_array().is_some_and(|panels| panels.len() >= 10));
}
