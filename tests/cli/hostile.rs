//! Texts that mean harm, in every field that both vendors and the operator fill: they come back as they were, or are refused, and
//! nothing of a page, a terminal, a table or a log obeys them.

use std::fs;
use std::os::unix::ffi::OsStrExt;

use mcf_connector::sandbox::scenario::OrderKind;
use serde_json::Value;

use crate::check::shop;
use crate::environment::{Place, Ran};

/// From lists that testers share: what breaks quoting, shells, pages, queries, formats, numbers, time, and the eye.
const TEXTS: [&str; 44] = [
    "undefined",
    "null",
    "NULL",
    "None",
    "nil",
    "true",
    "NaN",
    "-Infinity",
    "1e999",
    "0x0",
    "-1",
    "1/0",
    "2147483648",
    "9223372036854775808",
    "1'000.00",
    "'",
    "\"",
    "''''\"",
    "`id`",
    "$(touch /tmp/mcf-was-here)",
    "; DROP TABLE orders; --",
    "1' OR '1'='1",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "&lt;script&gt;",
    "=1+1",
    "@SUM(1+1)",
    "+1+1",
    "../../../../etc/passwd",
    "C:\\con\\nul",
    "%s%n%x%d{0}{}",
    "${jndi:ldap://127.0.0.1/a}",
    "{{7*7}}",
    "\u{1b}[31mred\u{1b}[2J",
    "\u{7}bell",
    "\u{202e}txt.exe",
    "\u{200b}\u{feff}",
    "Z\u{351}\u{36b}algo\u{343}",
    "田中さん",
    "🏴\u{e0067}\u{e0062}🧑\u{200d}🚀",
    "İıſK",
    "line\r\n[2026-01-05T12:00:00Z ERROR mcf_connector] all orders are lost",
    "<!channel> <https://evil.example|here>",
];

/// Nothing that a terminal could obey, and nothing that looks like a line of our own.
fn assert_tame(what: &str, text: &str) {
    let obeyed = text
        .chars()
        .find(|letter| matches!(letter, '\u{1b}' | '\u{7}' | '\u{202e}' | '\r'));
    assert_eq!(obeyed, None, "H1: {what}: {text}");
    let forged = text
        .lines()
        .find(|line| line.starts_with("[2026") && line.contains("all orders are lost"));
    assert_eq!(forged, None, "H6: {what}");
}

fn said(ran: &Ran) -> String {
    format!("{}{}", ran.stdout, ran.stderr)
}

#[test]
fn hostile_texts_in_every_field_of_both_vendors_harm_nothing_h1_h6_h12() {
    let shop = shop("");
    {
        let mut world = shop.sandbox.world();
        for text in TEXTS {
            let id = world.place(OrderKind::Plain);
            let order = world.tiktok.order_mut(&id).expect("an order");
            order.buyer_message = text.to_owned();
            for line in &mut order.lines {
                line.product_name = text.to_owned();
            }
            order.address.name = text.to_owned();
            order.address.line2 = text.to_owned();
        }
        let id = world.place(OrderKind::Plain);
        let order = world.tiktok.order_mut(&id).expect("an order");
        let first = order.lines[0].clone();
        let line = |(text, number): (&&str, u32)| {
            let mut line = first.clone();
            line.id = format!("57700000000000{number}");
            line.seller_sku = (*text).to_owned();
            line
        };
        order.lines = TEXTS.iter().zip(1_000..).map(line).collect();
        TEXTS[20].clone_into(&mut world.tiktok.name);
        for (warehouse, text) in world.tiktok.warehouses.iter_mut().zip(&TEXTS[22..]) {
            warehouse.name = (*text).to_owned();
        }
    }
    for line in ["poll -vv", "sync-tracking -vv", "sync-inventory -vv"] {
        let ran = shop.place.run(line).ends(0);
        assert_tame(line, &said(&ran));
    }
    for line in [
        "status",
        "orders list",
        "log",
        "mappings missing",
        "metrics",
        "status --check",
    ] {
        let ran = shop.place.run(line);
        assert!([0, 3].contains(&ran.code), "H1: {line}: {ran:?}");
        assert_tame(line, &said(&ran));
        let document: Value = shop.place.run(&format!("{line} --json")).json();
        assert_eq!(document["schema"], 1, "H1: {line}");
    }
    shop.place.run("report --output page.html").ends(0);
    let page = shop.place.read("page.html");
    for marked in ["<script>alert", "<img src=x", "onerror=alert(1)>"] {
        assert!(!page.contains(marked), "H1: {marked}");
    }
    assert!(!std::path::Path::new("/tmp/mcf-was-here").exists(), "H1");
    for order in &shop.sandbox.world().amazon.orders {
        let is_plain = order
            .id
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        assert!(is_plain && order.id.len() <= 40, "H1, E70: {}", order.id);
    }
    shop.place.run("poll").ends(0);
}

/// Every SKU is a word; what can be none is refused on its line.
#[test]
fn a_sku_that_is_a_reserved_word_or_null_is_a_sku_like_others_h10() {
    let place = Place::new();
    let skus = [
        "NULL",
        "null",
        "None",
        "true",
        "false",
        "NaN",
        "select",
        "0",
        "-",
        "undefined",
        "#N/A",
    ];
    let mut table = "seller_sku,amazon_sku\n".to_owned();
    for sku in skus {
        table += &format!("{sku},FBA-{sku}\n");
    }
    place.feed("mappings import -", &table).ends(0);
    let listed = place.run("mappings export").ends(0).stdout;
    for sku in skus {
        assert!(listed.contains(&format!("{sku},FBA-{sku}")), "H10: {sku}: {listed}");
    }
    place.feed("mappings import -", &listed).ends(0).says("nothing changed");
    let rows: Vec<String> = skus
        .iter()
        .map(|sku| format!("{{\"seller_sku\":\"{sku}\",\"amazon_sku\":\"FBA-{sku}\"}}"))
        .collect();
    place
        .feed("mappings import -", &format!("[{}]", rows.join(",")))
        .ends(0)
        .says("nothing changed");
}

#[test]
fn a_json_key_that_stands_twice_is_refused_and_never_the_later_one_taken_h5() {
    let place = Place::new();
    for text in [
        r#"[{"seller_sku":"LAMP","amazon_sku":"FBA-1","amazon_sku":"FBA-2"}]"#,
        r#"[{"seller_sku":"LAMP","seller_sku":"SOCK","amazon_sku":"FBA-1"}]"#,
        r#"{"1729000000000000001":"FBA-1","1729000000000000001":"FBA-2"}"#,
    ] {
        place
            .feed("mappings import -", text)
            .ends(3)
            .says("nothing was imported");
    }
    assert!(!place.run("mappings list").stdout.contains("FBA-"), "H5");
}

#[test]
fn people_called_null_or_none_get_their_parcels_h11() {
    let shop = shop("");
    let people = [
        ("Null", "0"),
        ("None", "Unit 0"),
        ("N", "Apt N"),
        ("Test Kitchen", "Apt 0"),
        ("Nil Undefined", "#0"),
    ];
    let ids: Vec<String> = {
        let mut world = shop.sandbox.world();
        let place = |(name, unit): &(&str, &str)| {
            let id = world.place(OrderKind::Plain);
            let order = world.tiktok.order_mut(&id).expect("an order");
            (*name).clone_into(&mut order.address.name);
            (*unit).clone_into(&mut order.address.line2);
            id
        };
        people.iter().map(place).collect()
    };
    shop.place.run("poll").ends(0);
    // A word that forms are filled with is asked about, and goes as it is where a person says so.
    for id in ids.iter().take(2) {
        let asked = shop.place.run(&format!("status {id}")).ends(0);
        assert!(asked.stdout.contains("placeholder"), "H11: {asked:?}");
        shop.place.run(&format!("route {id} --accept placeholder")).ends(0);
    }
    let listed = shop.place.run("orders list").stdout;
    let world = shop.sandbox.world();
    for (id, (name, unit)) in ids.iter().zip(people) {
        let sent = world.amazon.orders.iter().find(|order| order.id == format!("TTS-{id}"));
        let address = sent
            .map(|order| order.request["destinationAddress"].clone())
            .unwrap_or_default();
        assert_eq!(address["name"], name, "H11: {address}: {listed}");
        assert!(
            address.to_string().contains(unit),
            "H11: {name}: its unit {unit}: {address}"
        );
    }
}

#[test]
fn a_line_break_in_the_name_of_a_file_forges_no_line_h8() {
    let place = Place::new();
    place.run("status").ends(0);
    let name = "a\nerror: all orders are lost\u{1b}[31m.csv";
    for words in [
        vec!["mappings", "import", name],
        vec!["report", "--output", name],
        vec!["metrics", "--output", name],
        vec!["backup", name],
        vec!["restore", name],
        vec!["status", "--db", name],
        vec!["status", "--config", name],
    ] {
        let output = place.command(env_program()).args(&words).output().expect("run");
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(
            !text.lines().any(|line| line.starts_with("error: all orders")),
            "H8: {words:?}: {text}"
        );
        assert!(!text.contains('\u{1b}'), "H8: {words:?}: {text}");
    }
    place.run("status").ends(0);
}

fn env_program() -> &'static str {
    assert_cmd::cargo::cargo_bin!("mcf").to_str().expect("a path")
}

#[test]
fn data_that_can_not_be_written_is_no_success_and_the_old_file_stays_a9() {
    let place = Place::new();
    place.run("status").ends(0);
    place.run("report --output page.html").ends(0);
    let page = place.read("page.html");
    for words in [
        ["status"].as_slice(),
        &["status", "--json"],
        &["orders", "list", "--json"],
        &["log", "--json"],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        let mut command = place.command(env_program());
        let output = command.args(words).stdout(full).output().expect("run");
        assert_eq!(output.status.code(), Some(1), "A9: {words:?}: {output:?}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("stdout can't be written"),
            "A9: {output:?}"
        );
    }
    let small = format!(
        "trap '' XFSZ; ulimit -f 8; exec {} report --output page.html",
        env_program()
    );
    let output = place.command("sh").args(["-c", &small]).output().expect("run");
    assert_eq!(output.status.code(), Some(6), "A9: {output:?}");
    assert_eq!(place.read("page.html"), page, "A9");
}

#[test]
fn an_argument_that_is_not_utf8_is_a_usage_error_and_a_file_of_such_a_name_is_a_file_a7() {
    let place = Place::new();
    place.run("status").ends(0);
    let odd = std::ffi::OsStr::from_bytes(b"odd-\xff\xfe");
    for words in [
        ["status"].as_slice(),
        &["orders", "hold"],
        &["orders", "list", "--find"],
        &["route"],
    ] {
        let mut command = place.command(env_program());
        let output = command.args(words).arg(odd).output().expect("run");
        assert_eq!(output.status.code(), Some(2), "A7: {words:?}: {output:?}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("help:"),
            "A7: {output:?}"
        );
    }
    let mut command = place.command(env_program());
    let output = command.args(["report", "--output"]).arg(odd).output().expect("run");
    assert_eq!(output.status.code(), Some(0), "A7: {output:?}");
    assert!(fs::metadata(place.path("").join(odd)).is_ok(), "A7");
}
