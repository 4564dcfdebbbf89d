//! A day on which something sells out: how much is short, what comes in, whom to disappoint, and one command for all of them.

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::{Value, json};

use super::test_shop::{FIRST, TestShop};

const LAMP: &str = "FBA-LAMP-BLK";

/// Three orders of one lamp each: Amazon refuses the first for want of stock, whatever its figure of 2 says.
fn refused_and_short() -> TestShop {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    {
        let mut world = shop.sandbox.world();
        let stock = world.amazon.stock.get_mut(LAMP).expect("a SKU");
        (stock.fulfillable, stock.inbound) = (2, 40);
        let sentence = format!("Insufficient inventory for SKU {LAMP}");
        let body = json!({ "errors": [{ "code": "InvalidInput", "message": sentence, "details": "" }] });
        let refused = Fault::before(Disturbance::Json { status: 400, body });
        world.faults.next(Operation::CreateFulfillmentOrder, refused);
    }
    shop.poll();
    {
        let mut world = shop.sandbox.world();
        world.amazon.set_stock(LAMP, 1);
        world.place(OrderKind::SeveralUnits);
    }
    shop.pass(45, 0);
    shop.poll();
    shop
}

#[test]
fn what_amazon_refused_and_what_is_short_are_one_sell_out_with_what_comes_in_and_whom_to_cancel() {
    let shop = refused_and_short();
    let second = "576900000000000102";
    assert_eq!(shop.flags(FIRST)[0].1, "refused_for_stock");
    assert_eq!(shop.flags(second)[0].1, "stock_too_low");
    let status = shop.good(&["status"]);
    let shortages: &Vec<Value> = status["shortages"].as_array().expect("shortages");
    let short = &shortages[0];
    let figures = ["sku", "orders", "unitsNeeded", "unitsLeft", "unitsShort"].map(|name| &short[name]);
    let expected = [json!(LAMP), json!(2), json!(3), json!(1), json!(2)];
    assert_eq!(figures.map(Value::clone), expected, "{short}");
    assert_eq!(short["inbound"], json!({ "working": 0, "shipped": 40, "receiving": 0 }));
    assert_eq!(short["ordersToCancel"], json!([FIRST, second]));
    let groups = shop.good(&["orders", "list", "--group"]);
    assert_eq!(groups["shortages"], status["shortages"]);
    let attention = status["attention"].as_array().expect("rows");
    let refused = attention.iter().find(|row| row["detail"] == "refused_for_stock");
    assert_eq!(refused.expect("a cause")["sku"], LAMP);
}

#[test]
fn one_command_holds_or_dismisses_all_orders_of_what_sold_out() {
    for (command, state) in [("holdCommand", State::Flagged), ("dismissCommand", State::Dismissed)] {
        let shop = refused_and_short();
        let line = shop.good(&["status"])["shortages"][0][command]
            .as_str()
            .expect("a command")
            .to_owned();
        let words: Vec<&str> = line.split(' ').skip(1).collect();
        let asked = shop.mcf(&words).ends_with(3);
        assert!(asked.stderr.contains("2 orders"), "{asked:?}");
        let sure: Vec<&str> = words.iter().copied().chain(["--yes"]).collect();
        shop.mcf(&sure).ends_with(0);
        for id in [FIRST, "576900000000000102"] {
            assert_eq!(shop.state(id), state, "{command}");
            assert_eq!(shop.order(id).held, command == "holdCommand", "{command}");
        }
    }
}

#[test]
fn a_terminal_of_any_width_shows_what_is_short_with_its_command_unbroken() {
    let shop = refused_and_short();
    for columns in ["80", "40"] {
        let status = shop.mcf_with(&[("COLUMNS", columns)], &["status"]).ends_with(0).stdout;
        let command = format!("mcf orders hold --reason INSUFFICIENT_INVENTORY --sku {LAMP}");
        assert!(status.contains(&command) && status.contains("40"), "{status}");
    }
}
