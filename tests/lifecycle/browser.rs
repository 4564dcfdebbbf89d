//! The page in a real browser: in by the link, an order found, held and released, a mapping added, in both themes, on a phone, without
//! script, judged by axe.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::axe::axe;
use super::chromium::Chromium;
use super::served::Served;
use super::test_shop::{FIRST, TestShop};

/// Where the pictures lie that a person looks at.
fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The first order that no mapping serves.
fn unmapped(shop: &TestShop) -> String {
    let found = shop.good(&["orders", "list", "--reason", "SKU_NOT_MAPPED"]);
    found["orders"][0]["tiktokOrderId"]
        .as_str()
        .expect("an order")
        .to_owned()
}

fn is_at(path: &str) -> String {
    format!("location.pathname === {path:?}")
}

fn says(text: &str) -> String {
    format!("document.body.innerText.includes({text:?})")
}

#[test]
fn a_person_finds_holds_releases_and_maps_and_the_order_goes() {
    let Some(mut browser) = Chromium::start() else {
        eprintln!("skipped: this machine has no chromium");
        return;
    };
    let mut shop = TestShop::busy();
    let served = Served::closed(&shop, &[]);
    let order = unmapped(&shop);
    browser.looks(1280, 900, "light");
    browser.go(&served.link);
    browser.until(&is_at("/"));
    for (name, width, theme) in [
        ("board-light", 1280, "light"),
        ("board-dark", 1280, "dark"),
        ("board-phone", 390, "light"),
    ] {
        browser.looks(width, 900, theme);
        std::fs::write(pictures().join(format!("{name}.png")), browser.picture()).expect("written");
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        browser.looks(1100, 760, "light");
        std::fs::write(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/page.png"),
            browser.picture(),
        )
        .expect("written");
    }
    browser.looks(1280, 900, "light");
    browser.run(&format!("document.querySelector('#anywhere').value = {order:?}; document.querySelector('form[role=search]').requestSubmit()"));
    browser.until(&is_at(&format!("/orders/{order}")));
    browser.until(&says("What to do"));
    for (name, width, theme) in [("order-light", 1280, "light"), ("order-dark", 390, "dark")] {
        browser.looks(width, 1200, theme);
        std::fs::write(pictures().join(format!("{name}.png")), browser.picture()).expect("written");
    }
    browser.looks(1280, 900, "light");
    browser.click("Hold");
    browser.until(&says("would be held"));
    browser.click("Hold it");
    browser.until(&says("is held"));
    assert!(shop.order(&order).held);
    browser.click("To the order");
    browser.until(&says("Held by a person"));
    browser.click("Release");
    browser.until(&says("would be released"));
    browser.click("Release it");
    browser.until(&says("is released"));
    assert!(!shop.order(&order).held);
    browser.go(&format!("http://{}/mappings", served.host));
    browser.until(&says("Orders wait because nobody has said"));
    browser.click("Map it");
    browser.until("document.querySelector('#sku_id').value !== ''");
    browser.run("document.querySelector('#amazon_sku').value = 'FBA-LAMP-BLK'");
    browser.run("document.querySelector('form.fields').requestSubmit()");
    browser.until(&says("1 added"));
    shop.pass(60, 0);
    shop.poll();
    browser.go(&format!("http://{}/orders/{order}", served.host));
    browser.until(&says(&format!("TTS-{order}")));
}

#[test]
fn axe_finds_nothing_in_any_view_in_either_theme_from_a_phone_to_a_wide_screen() {
    let (Some(script), Some(mut browser)) = (axe(), Chromium::start()) else {
        eprintln!("skipped: this machine has no chromium, or axe-core can't be had");
        return;
    };
    let shop = TestShop::busy();
    let served = Served::closed(&shop, &[]);
    let script = std::fs::read_to_string(script).expect("axe");
    browser.go(&served.link);
    browser.until(&is_at("/"));
    let order = unmapped(&shop);
    let views = [
        "/".to_owned(),
        "/orders".to_owned(),
        "/orders?group=1".to_owned(),
        "/orders?state=flagged".to_owned(),
        format!("/orders/{FIRST}"),
        format!("/orders/{order}"),
        format!("/orders/{order}/hold"),
        format!("/orders/{order}/route"),
        "/hands/hold?state=flagged".to_owned(),
        "/mappings".to_owned(),
        "/stock".to_owned(),
        "/deadlines".to_owned(),
        "/log".to_owned(),
        "/settings".to_owned(),
        "/pause".to_owned(),
        "/nothing".to_owned(),
    ];
    let mut faults = Vec::new();
    for view in &views {
        browser.go(&format!("http://{}{view}", served.host));
        browser.until(&format!("location.pathname + location.search === {view:?}"));
        browser.run(&script);
        for (width, theme) in [(320, "light"), (390, "dark"), (800, "light"), (1440, "dark")] {
            browser.looks(width, 900, theme);
            let said = browser.run(
                "axe.run().then((found) => JSON.stringify((document.documentElement.scrollWidth > innerWidth ? ['too wide'] : [])
                    .concat(found.violations.map((fault) => [fault.id, ...fault.nodes.map((node) => node.target + ': ' + node.failureSummary)]))))",
            );
            if said != "[]" {
                faults.push(format!("{view} {width} {theme}: {said}"));
            }
        }
        let name = view.trim_matches('/').replace(['/', '?', '='], "-");
        std::fs::write(pictures().join(format!("view-{name}.png")), browser.picture()).expect("written");
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn without_script_the_page_works_all_the_same() {
    let Some(mut browser) = Chromium::start() else {
        eprintln!("skipped: this machine has no chromium");
        return;
    };
    let shop = TestShop::busy();
    let served = Served::closed(&shop, &[]);
    browser.call("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    browser.go(&served.link);
    browser.until(&is_at("/"));
    browser.go(&format!("http://{}/orders/{FIRST}/hold", served.host));
    browser.until(&says("would be held"));
    browser.click("Hold it");
    browser.until(&says("is held"));
    assert!(shop.order(FIRST).held);
}
