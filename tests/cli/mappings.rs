//! `mcf mappings`: all or nothing, twice is once, and a way back.

use std::fs::File;

use assert_cmd::cargo::cargo_bin;
use fs4::FileExt;

use crate::environment::{Place, endpoint};

const GOOD: &str = "seller_sku,amazon_sku,quantity\nLAMP,FBA-LAMP,1\nSOCK,FBA-SOCK,3\n";

fn filled() -> Place {
    let place = Place::new();
    place.write("good.csv", GOOD);
    place.run("mappings import good.csv").ends(0).says("2 added");
    place
}

#[test]
fn the_second_import_of_a_file_changes_nothing_and_says_so() {
    let place = filled();
    place
        .run("mappings import good.csv")
        .ends(0)
        .says("nothing changed")
        .says("2 unchanged");
    assert_eq!(place.run("--quiet mappings import good.csv").ends(0).stdout, "");
    let document = place.feed("mappings import - --json", GOOD).ends(0).json();
    assert_eq!((&document["added"], &document["unchanged"]), (&0.into(), &2.into()));
    assert_eq!(document["rejected"], serde_json::json!([]));
    assert!(document["importId"].is_null());
}

#[test]
fn a_file_with_an_error_in_line_three_changes_nothing_and_names_the_line() {
    let place = Place::new();
    place.write(
        "bad.csv",
        "seller_sku,amazon_sku,quantity\nLAMP,FBA-LAMP,1\nSOCK,FBA-SOCK,none\n",
    );
    place
        .run("mappings import bad.csv")
        .ends(3)
        .says("line 3")
        .says("nothing was imported")
        .says("help:");
    let document = place.run("mappings import bad.csv --json").ends(3).json();
    assert_eq!(document["rejected"][0]["line"], 3);
    assert!(document["rejected"][0]["message"].is_string());
    assert_eq!(
        (&document["added"], &document["error"]["exitCode"]),
        (&0.into(), &3.into())
    );
    assert_eq!(
        place.run("mappings list --json").json()["mappings"],
        serde_json::json!([])
    );
}

#[test]
fn an_apostrophe_that_a_spreadsheet_left_is_taken_off_and_told_once_s23() {
    let place = Place::new();
    let file = "tiktok_sku_id,amazon_sku\n'1729592969712207013,FBA-LAMP\n'1729592969712207014,'007\n1,'tis\n";
    let told = "lines 2, 3: the spreadsheet's apostrophe before an id, a SKU or a number was taken off";
    let ran = place.feed("mappings import -", file).ends(0).says("3 added");
    assert!(ran.stderr.contains(&format!("warning: {told}\n")), "S23: {ran:?}");
    let document = place.feed("mappings import - --json", file).ends(0).json();
    assert_eq!(document["warnings"], serde_json::json!([told]), "S23");
    assert_eq!(document["warningsTotal"], 1, "S23: once an import");
    let skus = place.run("mappings export").ends(0).stdout;
    assert!(
        skus.contains(",1729592969712207014,") && !skus.contains("'1729"),
        "S23: {skus}"
    );
}

#[test]
fn a_dry_run_tells_the_same_and_keeps_nothing() {
    let place = Place::new();
    let document = place.feed("mappings import - --dry-run --json", GOOD).ends(0).json();
    assert_eq!((&document["added"], &document["dryRun"]), (&2.into(), &true.into()));
    assert_eq!(place.run("mappings list").ends(0).stdout, "");
}

#[test]
fn what_is_exported_can_be_imported_and_is_the_same() {
    let place = filled();
    let exported = place.run("mappings export").ends(0).stdout;
    place
        .feed("mappings import - --replace", &exported)
        .ends(0)
        .says("2 unchanged");
    place.run("mappings export --output out.csv").ends(0);
    assert_eq!(place.read("out.csv"), exported);
    place.run("mappings export --output out.csv").ends(2).says("--force");
    place.run("mappings export --output out.csv --force").ends(0);
    let listed = place.run("mappings list --json").json();
    assert_eq!(listed["mappings"][1]["sellerSku"], "SOCK");
    assert_eq!(listed["mappings"][1]["quantity"], 3);
    assert_eq!(place.run("mappings list").stdout.lines().count(), 2);
}

#[test]
fn a_rollback_undoes_one_import_and_run_twice_not_two() {
    let place = filled();
    place
        .feed("mappings import -", "seller_sku,amazon_sku\nMUG,FBA-MUG\n")
        .ends(0);
    place
        .run("mappings rollback --dry-run")
        .ends(0)
        .says("would undo import 2");
    assert_eq!(place.run("mappings list").stdout.lines().count(), 3);
    place.run("mappings rollback").ends(0).says("undid import 2");
    place
        .run("mappings rollback")
        .ends(0)
        .says("undone already")
        .says("--import 1");
    assert_eq!(place.run("mappings list").stdout.lines().count(), 2);
    place.run("mappings rollback --import 1").ends(0).says("undid import 1");
    place.run("mappings rollback --import 9").ends(3).says("no import 9");
    assert_eq!(place.run("mappings list").stdout, "");
}

#[test]
fn another_amazon_sku_for_the_same_key_is_one_change() {
    let place = filled();
    let to = |sku: &str| {
        let rows = format!("seller_sku,amazon_sku\nMUG,{sku}\n");
        let document = place.feed("mappings import - --json", &rows).ends(0).json();
        ["added", "changed", "removed"].map(|count| document[count].as_u64().expect("a count"))
    };
    assert_eq!(to("FBA-MUG"), [1, 0, 0]);
    assert_eq!(to("FBA-MUG-2"), [0, 1, 0]);
    let listed = place.run("mappings list").stdout;
    assert!(listed.contains("FBA-MUG-2") && !listed.contains("FBA-MUG "), "{listed}");
    place.run("mappings rollback").ends(0);
    assert!(!place.run("mappings list").stdout.contains("FBA-MUG-2"));
}

#[test]
fn only_the_newest_import_in_force_can_be_undone() {
    let place = filled();
    place
        .feed("mappings import -", "seller_sku,amazon_sku\nMUG,FBA-MUG\n")
        .ends(0);
    place.run("mappings rollback --import 1").ends(3).says("--import 2");
    Place::new()
        .run("mappings rollback")
        .ends(0)
        .says("no import was ever made");
}

#[test]
fn files_that_cannot_be_read_are_told_from_rejected_ones() {
    let place = Place::new();
    place
        .run("mappings import missing.csv")
        .ends(6)
        .says("missing.csv")
        .says("check the path");
    place.run("mappings import .").ends(6).says("is a folder");
    place
        .run("mappings import http://example.com/x.csv")
        .ends(2)
        .says("https://");
}

#[test]
fn an_import_during_a_restore_ends_at_once_as_busy() {
    let place = filled();
    let lock = File::create(place.path("mcf.db.keeping.lock")).expect("a file");
    FileExt::try_lock(&lock).expect("locked");
    place.run("mappings import good.csv").ends(75);
    place.run("orders hold 1 --json").ends(75).json();
    place.run("mappings import good.csv --dry-run").ends(0);
}

#[test]
fn a_file_behind_an_address_is_imported_and_what_is_no_file_is_refused() {
    let place = Place::new();
    let address = |port: u16| format!("mappings import http://127.0.0.1:{port}/m.csv?key=canary --json");
    let ran = place.run(&address(endpoint("200 OK", GOOD))).ends(0);
    assert_eq!(ran.json()["added"], 2);
    let ran = place.run(&address(endpoint("404 Not Found", "")));
    assert_eq!(ran.json()["error"]["exitCode"], 3);
    assert!(!format!("{ran:?}").contains("canary"), "C13: {ran:?}");
    place.run("mappings check").ends(6);
}

#[test]
fn rollback_in_json_says_whether_it_did_something() {
    let place = filled();
    for is_first in [true, false] {
        let document = place.run("mappings rollback --json").ends(0).json();
        assert_eq!(
            (&document["rolledBack"], &document["importId"]),
            (&is_first.into(), &1.into())
        );
    }
}

/// Ends where it asks for more than so many kilobytes of memory of its own.
fn within(place: &Place, kilobytes: u32, line: &str) -> std::process::Output {
    let script = format!("ulimit -d {kilobytes}; exec \"$0\" {line}");
    let mut command = place.command("sh");
    command.args(["-c", &script]).arg(cargo_bin!("mcf"));
    command.output().expect("run")
}

#[test]
fn an_export_of_many_mappings_takes_no_more_memory_than_one_of_a_few() {
    const ROWS: usize = 30_000;
    let place = filled();
    let few = place.run("mappings export --json").ends(0).json();
    let rows: String = (0..ROWS).map(|row| format!("SELLER-{row:08},FBA-{row:08}\n")).collect();
    place.write("many.csv", &format!("seller_sku,amazon_sku\n{rows}"));
    place.run("mappings import many.csv --replace").ends(0);
    let text = within(&place, 48_000, "mappings export");
    assert_eq!(text.status.code(), Some(0), "{}", String::from_utf8_lossy(&text.stderr));
    assert_eq!(text.stdout.iter().filter(|byte| **byte == b'\n').count(), ROWS + 1);
    let json = within(&place, 48_000, "mappings export --json");
    assert_eq!(json.status.code(), Some(0), "{}", String::from_utf8_lossy(&json.stderr));
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).expect("one document");
    let rows = document["mappings"].as_array().expect("a list");
    assert_eq!(rows.len(), ROWS);
    assert_eq!(rows[7]["sellerSku"], "SELLER-00000007");
    let names = |row: &serde_json::Value| row.as_object().map(|row| row.keys().cloned().collect::<Vec<_>>());
    assert_eq!(names(&rows[7]), names(&few["mappings"][0]));
    let file = within(&place, 48_000, "mappings export --output out.csv");
    assert_eq!(file.status.code(), Some(0));
    assert_eq!(place.read("out.csv").into_bytes(), text.stdout);
}
