//! How errors read: the first line begins with what it is about, the last is one line of help with a command to paste, and what lies
//! beneath (calls, libraries, numbers of the system) shows with `-v` alone.

use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::json;

use crate::auth::Shop;
use crate::check::shop;
use crate::environment::{Place, Ran};

/// What no first line has: it is for those who look deeper.
const BENEATH: [&str; 7] = [
    "os error",
    "http://",
    "https://",
    "error sending",
    "/order/",
    "POST ",
    "GET ",
];

/// Runs a line and expects its error, with and without `-v`, as text and as JSON. Returns the help.
#[track_caller]
fn fails(place: &Place, line: &str, code: i32, said: &str) -> String {
    let ran = place.run(line).ends(code);
    let lines: Vec<&str> = ran
        .stderr
        .lines()
        .filter(|line| !line.starts_with("warning:"))
        .collect();
    assert_eq!(lines.len(), 2, "{ran:?}");
    let (first, help) = (lines[0], lines[1]);
    assert_eq!(first, format!("error: {said}"), "{ran:?}");
    for word in BENEATH {
        assert!(!first.contains(word), "{word}: {first}");
    }
    let help = help.strip_prefix("help: ").expect("a line of help").to_owned();
    let deeper = place.run(&format!("{line} -v")).ends(code);
    assert!(deeper.stderr.contains(&format!("error: {said}\n")), "{deeper:?}");
    let document = place.run(&format!("{line} --json")).ends(code).json();
    let error = json!({"message": said, "help": help, "exitCode": code});
    assert_eq!(document["error"], error, "{document}");
    help
}

fn striking(operation: Operation, disturbance: Disturbance) -> Shop {
    let shop = shop("");
    shop.sandbox
        .world()
        .faults
        .script(operation, 1, 1_000, Fault::before(disturbance));
    shop
}

fn away(vendor: &str) -> Shop {
    let shop = shop("");
    let url = match vendor {
        "tiktok" => shop.sandbox.tiktok_url(),
        _ => shop.sandbox.amazon_url(),
    };
    let text = shop.place.read("config.toml").replace(&url, "http://127.0.0.1:9");
    shop.place.write("config.toml", &text);
    shop
}

fn below(ran: &Ran, words: &str) {
    let mut lines = ran.stderr.lines().skip_while(|line| !line.starts_with("error:"));
    assert!(
        lines.any(|line| line.starts_with("  ") && line.contains(words)),
        "{words}: {ran:?}"
    );
}

#[test]
fn a_vendor_that_is_away_is_told_with_its_host_and_what_follows() {
    let follows = "; nothing is lost, the next run tries again";
    let tiktok = away("tiktok");
    let said = "TikTok can't be reached (127.0.0.1: the connection is refused)";
    let help = fails(&tiktok.place, "poll", 4, &format!("{said}{follows}"));
    assert_eq!(help, "mcf check tiktok shows how TikTok is now");
    let deeper = tiktok.place.run("poll -v");
    below(&deeper, "tiktok ");
    below(&deeper, "os error 111");
    assert_eq!(
        fails(&tiktok.place, "sync-inventory", 4, &format!("{said}{follows}")),
        help
    );
    fails(
        &tiktok.place,
        "route 576900000000000101",
        4,
        &format!("{said}{follows}"),
    );
    tiktok.place.run("check tiktok").ends(3).says(said);

    let amazon = away("amazon");
    let said = "Amazon can't be reached (127.0.0.1: the connection is refused)";
    let help = fails(&amazon.place, "sync-inventory", 4, &format!("{said}{follows}"));
    assert_eq!(help, "mcf check amazon shows how Amazon is now");
    fails(&amazon.place, "mappings check", 4, said);
}

#[test]
fn what_a_vendor_answers_is_told_by_its_meaning() {
    let follows = "; nothing is lost, the next run tries again";
    for (disturbance, code, said) in [
        (
            Disturbance::Drop,
            4,
            format!("TikTok gave no whole answer (127.0.0.1: the connection broke){follows}"),
        ),
        (
            Disturbance::Html { status: 502 },
            4,
            format!("TikTok is in trouble (http status 502): the answer is not TikTok's JSON{follows}"),
        ),
        (
            Disturbance::Status {
                status: 503,
                retry_after: None,
            },
            4,
            format!("TikTok is in trouble (code 36009003){follows}"),
        ),
        (
            Disturbance::Json {
                status: 200,
                body: json!({"code": 105_005, "message": "no scope", "request_id": "1"}),
            },
            5,
            "TikTok does not allow it: the app or the seller's authorization lacks a scope (code 105005)".to_owned(),
        ),
    ] {
        let shop = striking(Operation::SearchOrders, disturbance);
        fails(&shop.place, "poll", code, &said);
        let deeper = shop.place.run("poll -v");
        below(&deeper, "tiktok getOrderList (POST /order/202309/orders/search)");
    }
    let garbage = striking(Operation::SearchOrders, Disturbance::Garbage);
    let ran = garbage.place.run("poll").ends(4);
    assert!(
        ran.stderr.starts_with("error: TikTok's answer can't be read"),
        "{ran:?}"
    );
}

#[test]
fn a_file_that_is_no_mapping_file_is_named_with_what_to_do() {
    let place = Place::new();
    place.write("stock.xlsx", "PK\u{3}\u{4}rest");
    let said = "stock.xlsx can't be imported: this is a spreadsheet file: save it as CSV (UTF-8) and import that";
    let help = fails(&place, "mappings import stock.xlsx", 3, said);
    assert_eq!(help, "when it is saved so: mcf mappings import stock.csv");
    place.write("bad.csv", "tiktok_sku_id,amazon_sku\n1,\n2,\n");
    let said = "bad.csv: 2 lines can't be used; nothing was imported";
    let help = fails(&place, "mappings import bad.csv", 3, said);
    assert_eq!(help, "correct them, then: mcf mappings import bad.csv");
    fails(
        &place,
        "mappings import none.csv",
        6,
        "none.csv can't be read: No such file or directory",
    );
    fails(&place, "mappings import .", 6, ". is a folder, not a mapping file");
    let address = "http://127.0.0.1:9/secret-part.csv";
    let said = "127.0.0.1 can't be reached (the connection is refused)";
    let help = fails(&place, &format!("mappings import {address}"), 4, said);
    assert!(!help.contains("secret-part"), "{help}");
}

#[test]
fn a_database_that_can_not_be_used_is_told_by_its_path() {
    let place = Place::new();
    place.run("orders list").ends(0);
    place
        .database()
        .execute_batch("PRAGMA user_version = 9999")
        .expect("newer");
    let path = place.path("mcf.db");
    let said = format!(
        "the database {} was made by a newer version of this program",
        path.display()
    );
    let help = fails(&place, "status", 6, &said);
    assert!(help.starts_with("install the newest mcf"), "{help}");
}

#[test]
fn a_flag_that_the_command_lacks_is_answered_with_the_nearest_one_of_it() {
    let place = Place::new();
    for (line, words) in [
        ("pause --reason stocktaking", "a similar argument exists: '--because'"),
        ("poll --dry-rum", "a similar argument exists: '--dry-run'"),
    ] {
        let ran = place.run(line).ends(2);
        assert!(ran.stderr.starts_with("error: unexpected argument"), "{ran:?}");
        assert!(ran.stderr.contains(words), "{ran:?}");
    }
    let ran = place.run("poll --reason x").ends(2);
    assert!(!ran.stderr.contains("similar"), "poll takes no reason: {ran:?}");
    let ran = place.run("orders list --limit none").ends(2);
    assert_eq!(
        ran.stderr.lines().last(),
        Some("help: mcf orders list --help"),
        "{ran:?}"
    );
    let document = place.run("orders list --limit none --json").ends(2).json();
    assert_eq!(document["error"]["help"], "mcf orders list --help", "{document}");
}

#[test]
fn a_machine_that_trusts_no_authority_calls_plain_addresses_and_is_told_what_it_lacks_for_others() {
    let mut shop = shop("");
    shop.place.write("none.pem", "");
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        shop.place.set(name, "none.pem");
    }
    shop.place.run("poll").ends(0);
    let ran = shop.place.run("mappings import https://localhost:9/mappings.csv");
    assert!(ran.stderr.contains("install its package ca-certificates"), "{ran:?}");
    assert_ne!(ran.code, 0, "{ran:?}");
}
