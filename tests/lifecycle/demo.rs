//! `mcf demo` and `mcf sandbox`, as a newcomer meets them.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::test_shop::{TestShop, new_world};
use crate::folder::folder;
use crate::masking::masked;

#[test]
fn the_demo_plays_the_whole_day_and_its_second_round_changes_nothing() {
    let shop = TestShop::bare(new_world());
    let started = Instant::now();
    let (tiktok, amazon) = (shop.sandbox.tiktok_url(), shop.sandbox.amazon_url());
    let real = [
        ("TIKTOK_API_URL", tiktok.as_str()),
        ("AMAZON_API_URL", amazon.as_str()),
        ("MCF_DB", "real.db"),
    ];
    let ran = shop.mcf_with(&real, &["demo", "--keep", "played", "--json"]);
    let shown = ran.ends_with(0).json();
    assert!(started.elapsed() < Duration::from_secs(30), "the demo takes too long");
    assert_eq!(shown["schema"], 1);
    assert_eq!(shown["steps"].as_array().map(Vec::len), Some(9));
    assert_eq!(shown["sandbox"]["secondRoundMutating"], 0, "I14");
    assert_eq!(shown["sandbox"]["createsAccepted"], 13);
    assert_eq!(shown["sandbox"]["parcelsTold"], 14);
    assert_eq!(shown["metrics"]["ordersDetected"], 21);
    assert_eq!(shown["metrics"]["trackingsSynced"], 14);
    let orders = shown["orders"].as_array().expect("orders");
    assert_eq!(orders.len(), 21);
    decided_by_rule(orders);
    for order in orders {
        assert!(order["why"].as_str().is_some_and(|why| !why.is_empty()), "{order}");
        let ends = ["completed", "cancelled", "not_eligible", "flagged"];
        let state = order["state"].as_str().expect("a state");
        assert!(ends.contains(&state), "I2: {order}");
        assert_eq!(order["nextCommand"].is_string(), state == "flagged", "{order}");
    }
    assert!(shop.folder.path().join("played/mcf.db").exists());
    assert!(shop.log().entries().is_empty(), "the operator's vendors are left alone");
    assert!(
        !shop.folder.path().join("real.db").exists(),
        "the operator's database is left alone"
    );
    let shown = serde_json::to_string_pretty(&unmeasured(shown)).expect("JSON");
    insta::assert_snapshot!("demo_json", scrubbed(&shop, &shown));
}

/// The document without what was measured.
fn unmeasured(shown: Value) -> Value {
    const MEASURES: [&str; 5] = ["averageRoutingTime", "max", "p50", "p95", "sum"];
    let is_measure = |name: &str| name.ends_with("Ms") || MEASURES.contains(&name);
    match shown {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| match value.is_number() && is_measure(&name) {
                true => (name, Value::from(0)),
                false => (name, unmeasured(value)),
            })
            .collect(),
        Value::Array(values) => values.into_iter().map(unmeasured).collect(),
        other => other,
    }
}

/// One order that goes faster for its deadline, one that nothing saves, a sample, and one of a disabled warehouse.
fn decided_by_rule(orders: &[Value]) {
    let [upgraded, at_risk, sample, disabled] = orders[17..].first_chunk().expect("four orders");
    assert_eq!(orders.len(), 21);
    assert_eq!(upgraded["speed"]["chosen"], "Expedited", "E148: {upgraded}");
    assert_eq!(upgraded["deadlines"]["atRisk"], false, "E148: {upgraded}");
    assert_eq!(at_risk["speed"]["chosen"], "Standard", "E151: {at_risk}");
    assert_eq!(at_risk["deadlines"]["atRisk"], true, "E151: {at_risk}");
    assert_eq!(sample["kind"], "sample", "E145: {sample}");
    assert_eq!(sample["state"], "completed", "E145: {sample}");
    assert_eq!(disabled["flags"][0]["detail"], "warehouse_disabled", "E143: {disabled}");
    let others = orders[..17].iter().map(|order| &order["speed"]["chosen"]);
    let expedited = others.filter(|speed| *speed == "Expedited").count();
    assert_eq!(expedited, 1, "E148: only what its mapping sends so");
}

#[test]
fn the_demo_is_the_same_by_night_and_at_the_end_of_the_week() {
    let shop = TestShop::bare(new_world());
    let at = |now: &str, folder: &str| {
        let ran = shop.mcf_with(&[("MCF_NOW", now)], &["demo", "--keep", folder, "--json"]);
        let shown = ran.ends_with(0).json();
        let orders = shown["orders"].as_array().expect("orders").clone();
        assert_eq!(shown["sandbox"]["secondRoundMutating"], 0, "I14: {now}");
        decided_by_rule(&orders);
        shown["sandbox"].clone()
    };
    // Friday evening, Saturday noon and Memorial Day on the Pacific coast.
    let friday = at("2026-05-23T06:30:00Z", "friday");
    assert_eq!(at("2026-05-23T19:00:00Z", "saturday"), friday);
    assert_eq!(at("2026-05-25T21:00:00Z", "monday"), friday);
}

#[test]
fn the_demo_reads_well_and_keeps_out_of_a_folder_with_something_in_it() {
    let shop = TestShop::bare(new_world());
    let shown = shop.mcf(&["demo", "--keep", "played"]).ends_with(0);
    for text in [
        "$ mcf poll",
        "21 detected",
        "SKU_NOT_MAPPED",
        "TTS-576900000000000101",
        "mcf status --config",
    ] {
        assert!(shown.stdout.contains(text), "{text}: {}", shown.stdout);
    }
    assert_eq!(shown.stderr, "");
    insta::assert_snapshot!("demo", scrubbed(&shop, &shown.stdout));
    shop.mcf(&["demo", "--keep", "played"]).ends_with(2);
}

/// A text without what is another thing each time.
fn scrubbed(shop: &TestShop, text: &str) -> String {
    let folder = shop.folder.path().to_str().expect("a path");
    text.replace(folder, "FOLDER")
        .lines()
        .map(|line| masked(line) + "\n")
        .collect()
}

#[test]
fn the_demo_is_what_readme_shows_and_leaves_nothing_behind() {
    let shop = TestShop::bare(new_world());
    let temporary = shop.folder.path().join("temporary");
    std::fs::create_dir(&temporary).expect("a folder");
    let variables = [
        ("MCF_NOW", "2026-11-29T19:00:00Z"),
        ("TMPDIR", temporary.to_str().expect("a path")),
    ];
    let shown = shop.mcf_with(&variables, &["demo"]).ends_with(0);
    let readme = include_str!("../../README.md");
    let (_, example) = readme
        .split_once("It ends like this:\n\n```text\n")
        .expect("an example");
    let example = example.split("```").next().unwrap_or_default();
    // How long a run takes is another thing each time.
    let mut lines = shown.stdout.lines().map(without_seconds);
    for line in example.lines().filter(|line| *line != "…") {
        let line = without_seconds(line);
        assert!(
            lines.any(|shown| shown == line),
            "README says otherwise: {line}\n{}",
            shown.stdout
        );
    }
    assert!(shown.stdout.contains("mcf demo --keep leaves it"), "{}", shown.stdout);
    let left: Vec<_> = std::fs::read_dir(&temporary).expect("a folder").collect();
    assert!(left.is_empty(), "{left:?}");
}

fn without_seconds(line: &str) -> &str {
    match line.rsplit_once(" (") {
        Some((before, seconds)) if seconds.ends_with(" s)") => before,
        Some(_) | None => line,
    }
}

/// The first signal lets it finish what is in hand, the second ends it at once.
#[test]
fn a_demo_that_is_stopped_leaves_nothing_behind() {
    for signals in [1, 2] {
        let folder = folder();
        let mut child = Command::new(env!("CARGO_BIN_EXE_mcf"))
            .arg("demo")
            .env_clear()
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        let stdout = child.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("$ mcf poll")), "it plays");
        let id = child.id().to_string();
        for _ in 0..signals {
            Command::new("kill").args(["-INT", &id]).status().expect("kill");
        }
        lines.for_each(drop);
        assert_eq!(child.wait().expect("an end").code(), Some(130));
        let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
        assert!(left.is_empty(), "{signals}: {left:?}");
    }
}

#[test]
fn a_kept_demo_names_commands_that_work() {
    let shop = TestShop::bare(new_world());
    let shown = shop.mcf(&["demo", "--keep"]).ends_with(0);
    assert!(shop.folder.path().join("mcf-demo/mcf.db").exists());
    let named: Vec<&str> = shown
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("  mcf "))
        .collect();
    assert_eq!(named.len(), 4, "{}", shown.stdout);
    let elsewhere = folder();
    for line in named {
        let words: Vec<&str> = line.split(' ').collect();
        shop.mcf_in(elsewhere.path(), &words).ends_with(0);
    }
    shop.mcf(&["demo", "--keep"]).ends_with(2);
}

#[test]
fn the_sandbox_serves_what_its_config_says_until_it_is_stopped() {
    let shop = TestShop::bare(new_world());
    let mut child = Command::new(env!("CARGO_BIN_EXE_mcf"))
        .args([
            "sandbox",
            "--json",
            "--port",
            &free_pair().to_string(),
            "--write-config",
            "sandbox.toml",
        ])
        .current_dir(shop.folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    let document = first_document(&mut child);
    let ran = run_against(&shop);
    let id = i32::try_from(child.id()).expect("a process id");
    let stopped = Command::new("kill").args(["-INT", &id.to_string()]).status();
    assert!(stopped.expect("kill").success());
    assert_eq!(child.wait().expect("an end").code(), Some(0));
    assert_eq!(document["schema"], 1);
    assert!(document["config"].as_str().is_some_and(|text| text.contains("[retry]")));
    assert_eq!(ran["counts"]["detected"], 17, "{ran}");
}

#[test]
fn the_sandbox_prints_its_configuration_and_what_to_type_next() {
    let shop = TestShop::bare(new_world());
    let port = free_pair();
    let file = |name: &str| std::fs::File::create(shop.folder.path().join(name)).expect("a file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_mcf"))
        .args(["sandbox", "--port", &port.to_string()])
        .env_clear()
        .current_dir(shop.folder.path())
        .stdout(file("said"))
        .stderr(file("talk"))
        .spawn()
        .expect("a process");
    let read = |name: &str| std::fs::read_to_string(shop.folder.path().join(name)).expect("a text");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !read("talk").contains("started anew") && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    let stopped = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(stopped.expect("kill").success());
    assert_eq!(child.wait().expect("an end").code(), Some(0));
    let printed = format!("{}--- stderr\n{}", read("said"), read("talk"));
    let printed = printed.replace(&port.to_string(), "PORT");
    insta::assert_snapshot!("sandbox", printed.replace(&(port + 1).to_string(), "NEXT_PORT"));
}

/// Polls with the configuration that the sandbox wrote, by the real clock.
fn run_against(shop: &TestShop) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_mcf"))
        .args(["poll", "--json", "--dry-run", "--config", "sandbox.toml"])
        .env_clear()
        .current_dir(shop.folder.path())
        .output()
        .expect("a process that ends");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Waits for the document that a process prints while it goes on.
pub fn first_document(child: &mut std::process::Child) -> Value {
    let stdout = child.stdout.take().expect("a pipe");
    let mut text = String::new();
    for line in BufReader::new(stdout).lines() {
        text.push_str(&line.expect("a line"));
        if let Ok(document) = serde_json::from_str(&text) {
            return document;
        }
    }
    Value::Null
}

/// Finds a port that is free together with the next one.
pub fn free_pair() -> u16 {
    let bind = |port| std::net::TcpListener::bind(("127.0.0.1", port));
    (0..100)
        .filter_map(|_| bind(0).ok()?.local_addr().ok())
        .map(|address| address.port())
        .find(|port| *port < u16::MAX && bind(*port).is_ok() && bind(*port + 1).is_ok())
        .expect("two free ports")
}
