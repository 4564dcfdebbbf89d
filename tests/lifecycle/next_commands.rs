//! What is printed as the next command is pasted as it is, and changes something or says clearly what a person must do elsewhere.

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use serde_json::Value;

use super::test_shop::{FIRST, Ran, TestShop};

/// The command that `status` names for the one cause that needs a person, called with `--config`.
fn named(shop: &TestShop) -> String {
    let config = shop.config();
    let config = config.to_str().expect("a path");
    let status = shop.good(&["status", "--config", config]);
    let rows = status["attention"].as_array().expect("rows").iter();
    let of_orders: Vec<&Value> = rows.filter(|row| row["orders"] != 0).collect();
    assert_eq!(of_orders.len(), 1, "{status}");
    let command = of_orders[0]["nextCommand"].as_str().expect("a command").to_owned();
    assert!(command.contains(&format!("--config {config}")), "{command}");
    command
}

/// Types a command in a folder that has no configuration: what is printed must be enough.
fn paste(shop: &TestShop, command: &str) -> Ran {
    let words: Vec<&str> = command.split(' ').collect();
    assert_eq!(words[0], "mcf", "{command}");
    let elsewhere = shop.folder.path().join("elsewhere");
    std::fs::create_dir_all(&elsewhere).expect("a folder");
    shop.mcf_in(&elsewhere, &words[1..])
}

#[test]
fn a_product_that_is_not_mapped_is_among_the_missing_with_its_line_and_goes_once_that_is_completed() {
    let mut shop = TestShop::of(&[OrderKind::Unmapped]);
    shop.poll();
    let command = named(&shop);
    assert!(command.contains("mappings missing"), "{command}");
    let ran = paste(&shop, &command).ends_with(0);
    let line = ran.stdout.split('\t').next_back().expect("a line").trim_end();
    assert!(line.starts_with("mcf mappings add"), "a clear word: {ran:?}");
    paste(&shop, &format!("{line} FBA-LAMP-BLK")).ends_with(0);
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(shop.state(FIRST), State::Routed, "E38");
}

#[test]
fn an_address_that_was_corrected_is_routed_and_one_that_was_not_is_named() {
    let shop = TestShop::of(&[OrderKind::BadAddress]);
    shop.poll();
    let command = named(&shop);
    let ran = paste(&shop, &command).ends_with(3);
    assert!(ran.stdout.contains("postal code"), "a clear word: {ran:?}");
    {
        let mut world = shop.sandbox.world();
        world.tiktok.order_mut(FIRST).expect("an order").address.postal_code = "95110".to_owned();
    }
    paste(&shop, &command).ends_with(0);
    assert_eq!(shop.state(FIRST), State::Routed);
}

#[test]
fn a_doubt_is_accepted() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    {
        let mut world = shop.sandbox.world();
        world.tiktok.order_mut(FIRST).expect("an order").address.postal_code = "42262".to_owned();
    }
    shop.poll();
    let command = named(&shop);
    assert!(command.ends_with("--accept postal_code_state_mismatch"), "{command}");
    paste(&shop, &command).ends_with(0);
    assert_eq!(shop.state(FIRST), State::Routed);
}

#[test]
fn stock_that_arrived_is_sent_at_once_and_stock_that_did_not_is_named() {
    let shop = TestShop::of(&[OrderKind::OutOfStock]);
    shop.poll();
    let command = named(&shop);
    let ran = paste(&shop, &command).ends_with(3);
    assert!(
        ran.stdout.contains("1 needed, 0 can be promised"),
        "a clear word: {ran:?}"
    );
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-WHT", 5);
    paste(&shop, &command).ends_with(0);
    assert_eq!(shop.state(FIRST), State::Routed);
}

#[test]
fn a_held_order_is_released_and_what_else_is_wrong_is_named_then() {
    let mut shop = TestShop::of(&[OrderKind::BadAddress]);
    shop.poll();
    shop.mcf(&["orders", "hold", FIRST]).ends_with(0);
    let command = named(&shop);
    assert!(command.starts_with("mcf orders release "), "{command}");
    paste(&shop, &command).ends_with(0);
    shop.pass(5, 0);
    shop.poll();
    assert!(named(&shop).starts_with("mcf route "));
}

#[test]
fn what_never_goes_is_dismissed_and_then_needs_nobody() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    {
        let mut world = shop.sandbox.world();
        world.tiktok.order_mut(FIRST).expect("an order").address.region_code = "FR".to_owned();
    }
    shop.poll();
    let command = named(&shop);
    assert!(command.starts_with("mcf orders dismiss "), "{command}");
    paste(&shop, &command).ends_with(0);
    assert_eq!(shop.state(FIRST), State::Dismissed);
    let status = shop.good(&["status"]);
    let rows = status["attention"].as_array().expect("rows");
    assert!(rows.iter().all(|row| row["orders"] == 0), "{status}");
}

#[test]
fn the_rest_of_an_order_goes() {
    let shop = TestShop::partly_shipped();
    let command = named(&shop);
    assert!(command.ends_with("--rest"), "{command}");
    paste(&shop, &command).ends_with(0);
    assert_eq!(shop.amazon_ids().len(), 2);
}
