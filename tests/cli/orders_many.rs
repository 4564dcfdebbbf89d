//! `mcf orders`: which orders are meant, what keeps them back, and the operator's hand on many.

use serde_json::{Value, json};

use crate::environment::{Place, Ran};

const ALL: [&str; 4] = [
    "576900000000000201",
    "576900000000000202",
    "576900000000000203",
    "576900000000000204",
];

/// Two orders that wait for stock of one SKU, one that waits for a mapping, one that Amazon has.
fn shop() -> Place {
    let place = Place::new();
    place
        .run("mappings add --seller-sku LAMP --amazon-sku FBA-LAMP --quantity 2")
        .ends(0);
    let [first, second, unmapped, sent] = ALL;
    for (id, state, sku, text) in [
        (first, "flagged", "171", "LAMP"),
        (second, "flagged", "171", "LAMP"),
        (unmapped, "flagged", "172", "MUG"),
        (sent, "routed", "171", "LAMP"),
    ] {
        place.order(id, state);
        place.unit(id, "1", sku, Some(text));
    }
    place.unit(second, "2", "171", Some("LAMP"));
    flag(&place, first, "INSUFFICIENT_INVENTORY", "stock_too_low", "FBA-LAMP", 7);
    flag(&place, second, "INSUFFICIENT_INVENTORY", "stock_too_low", "FBA-LAMP", 3);
    flag(&place, unmapped, "SKU_NOT_MAPPED", "sku_not_mapped", "172", 5);
    let at = place.now().timestamp();
    place
        .database()
        .execute_batch(&format!(
            "INSERT INTO stock_figures (sku, fulfillable, reserved, in_transfer, inbound_working, inbound_shipped, read_at, remaining)
             VALUES ('FBA-LAMP', 3, 0, 9, 4, 40, {at}, 3);
             INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_hash, intended_at) VALUES ('TTS-{sent}', '{sent}', 1, 'accepted', '', {at});
             INSERT INTO fulfillment_items (fulfillment_order_id, id, position, sku, quantity, per_line) VALUES ('TTS-{sent}', '1-1', 0, 'FBA-LAMP', 2, 2);
             INSERT INTO parcels (id, order_id, fulfillment_order_id, shipment_id, package_number, carrier_code, tracking_number, found_at, state)
                 VALUES (1, '{sent}', 'TTS-{sent}', 'S', 1, 'UPS', '1Z999AA10123456784', {at}, 'synced');
             INSERT INTO parcel_numbers (parcel_id, number, seen_at) VALUES (1, '1Z999AA10123456784', {at});
             UPDATE orders SET ship_by = detected_at + 3600 * substr(id, -1);"
        ))
        .expect("a shop");
    place
}

fn flag(place: &Place, order: &str, reason: &str, detail: &str, sku: &str, minutes_ago: i64) {
    let at = place.now().timestamp() - 60 * minutes_ago;
    place
        .database()
        .execute(
            "INSERT INTO flags (order_id, reason, detail, message, next_command, raised_at, skus)
             VALUES (?1, ?2, ?3, 'why', 'mcf route ' || ?1, ?4, json_array(?5))",
            (order, reason, detail, at, sku),
        )
        .expect("a flag");
}

fn ids(document: &Value) -> Vec<&str> {
    let orders = document["orders"].as_array().expect("orders");
    let mut ids: Vec<&str> = orders
        .iter()
        .filter_map(|order| order["tiktokOrderId"].as_str())
        .collect();
    ids.sort_unstable();
    ids
}

fn held(place: &Place) -> Vec<String> {
    let database = place.database();
    let mut statement = database
        .prepare("SELECT id FROM orders WHERE held = 1 ORDER BY id")
        .expect("a query");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<rusqlite::Result<_>>().expect("ids")
}

/// Types the help line of a refusal, as a person would paste it.
fn paste(place: &Place, ran: &Ran) -> Ran {
    let help = ran.stderr.lines().find_map(|line| line.strip_prefix("help: mcf "));
    place.run(help.expect("a command to paste"))
}

#[test]
fn all_filters_hold_together_and_sku_knows_both_sides() {
    let place = shop();
    let [first, second, unmapped, sent] = ALL;
    let table: [(&str, &[&str]); 16] = [
        ("", &ALL),
        ("--state FLAGGED", &[first, second, unmapped]),
        ("--reason insufficient_inventory", &[first, second]),
        ("--sku 171", &[first, second, sent]),
        ("--sku LAMP --state flagged", &[first, second]),
        ("--sku FBA-LAMP", &[first, second, sent]),
        ("--sku FBA-LAMP --reason SKU_NOT_MAPPED", &[]),
        ("--find 000203", &[unmapped]),
        ("--find tts-5769", &[sent]),
        ("--find 1z999aa1", &[sent]),
        ("--find fba-la --state flagged", &[first, second]),
        ("--find mug", &[unmapped]),
        ("--find LAM_", &[]),
        ("--find of", &ALL),
        ("--since 2026-01-05 --until 2026-01-05", &ALL),
        ("--until 2026-01-04", &[]),
    ];
    for (filters, expected) in table {
        let document = place.run(&format!("orders list {filters} --json")).ends(0).json();
        assert_eq!(ids(&document), expected, "{filters}");
        let exported = place
            .run(&format!("orders export {filters} --format json"))
            .ends(0)
            .json();
        assert_eq!(exported["orders"], document["orders"], "{filters}");
        let csv = place.run(&format!("orders export {filters}")).ends(0).stdout;
        assert_eq!(csv.lines().count(), expected.len() + 1, "{filters}");
        let lines = place.run(&format!("orders list {filters} --jsonl")).ends(0).stdout;
        assert_eq!(lines.lines().count(), expected.len(), "{filters}");
    }
}

#[test]
fn a_buyer_is_never_found() {
    let place = shop();
    place
        .database()
        .execute_batch("UPDATE orders SET recipient_sealed = X'4C61726B73707572'")
        .expect("a buyer");
    let document = place.run("orders list --find Larkspur --json").ends(0).json();
    assert_eq!(document["orders"], json!([]), "I10");
}

#[test]
fn an_export_goes_to_a_file_in_both_forms() {
    let place = shop();
    let document = place
        .run("orders export --format json --state flagged --output out.json --json")
        .ends(0)
        .json();
    assert_eq!(document["rows"], 3);
    let written: Value = serde_json::from_str(&place.read("out.json")).expect("one document");
    assert_eq!((&written["schema"], ids(&written).len()), (&json!(1), 3));
    place.run("orders export --format xml").ends(2).says("csv");
}

#[test]
fn what_is_no_reason_is_told_by_the_nearest_right_word_of_the_command() {
    let place = Place::new();
    place
        .run("orders list --reason stock_too_low")
        .ends(2)
        .says("--reason INSUFFICIENT_INVENTORY");
    place
        .run("orders list --reason SKU_NOT_MAPED")
        .ends(2)
        .says("--reason SKU_NOT_MAPPED");
    place
        .run("orders hold 1 --reason impatient")
        .ends(2)
        .says("--because impatient");
    place.run("orders list --state flaged").ends(2).says("'flagged'");
    for command in ["pause", "route 1"] {
        let ran = place
            .run(&format!("{command} --reason impatient"))
            .ends(2)
            .says("--because");
        assert!(!ran.stderr.contains("list --reason"), "{ran:?}");
    }
    let document = place.run("pause --reason impatient --json").ends(2).json();
    assert!(
        document["error"]["help"]
            .as_str()
            .expect("a hint")
            .contains("--because"),
        "{document}"
    );
}

#[test]
fn the_words_of_states_and_reasons_are_completed() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        place
            .run(&format!("completions {shell}"))
            .ends(0)
            .says("INSUFFICIENT_INVENTORY")
            .says("not_eligible")
            .says("postal_code_state_mismatch")
            .says("sync-tracking");
    }
}

#[test]
fn causes_are_one_row_each_with_the_orders_that_share_them() {
    let place = shop();
    let document = place.run("orders list --group --json").ends(0).json();
    let groups = document["groups"].as_array().expect("groups");
    let row = |group: &Value| {
        let text = |name: &str| group[name].as_str().unwrap_or_default().to_owned();
        (
            text("reason"),
            text("detail"),
            text("sku"),
            group["orders"].as_u64(),
            text("example"),
        )
    };
    let [first, _, unmapped, _] = ALL.map(str::to_owned);
    let expected = [
        (
            "INSUFFICIENT_INVENTORY",
            "stock_too_low",
            "FBA-LAMP",
            Some(2),
            first.clone(),
        ),
        ("SKU_NOT_MAPPED", "sku_not_mapped", "172", Some(1), unmapped),
    ];
    let expected = expected.map(|(reason, detail, sku, orders, example)| {
        (reason.to_owned(), detail.to_owned(), sku.to_owned(), orders, example)
    });
    assert_eq!(groups.iter().map(row).collect::<Vec<_>>(), expected);
    assert_eq!(groups[0]["oldestAt"], "2026-01-05T11:53:00Z");
    assert_eq!(groups[0]["nextCommand"], format!("mcf route {first}"));
    let one = place
        .run("orders list --group --reason SKU_NOT_MAPPED --json")
        .ends(0)
        .json();
    assert_eq!(one["groups"].as_array().map(Vec::len), Some(1));
    place
        .run("orders list --group")
        .ends(0)
        .says("causes\t2\tINSUFFICIENT_INVENTORY");
    let none = place.run("orders list --group --state routed --json").ends(0).json();
    assert_eq!((&none["groups"], &none["shortages"]), (&json!([]), &json!([])));
}

#[test]
fn what_lies_in_the_future_is_told_by_the_clock_of_the_command() {
    let mut place = Place::new();
    place
        .run("orders list --since 2026-01-06")
        .ends(2)
        .says("lies in the future");
    place.step(chrono::TimeDelta::days(400));
    place.run("orders list --since 2026-12-31 --until 2027-01-31").ends(0);
}

#[test]
fn a_sold_out_sku_says_what_is_short_and_which_orders_to_cancel_and_one_command_holds_them() {
    let place = shop();
    let document = place.run("orders list --group --json").ends(0).json();
    let [first, second, ..] = ALL;
    let command = |verb: &str| format!("mcf orders {verb} --reason INSUFFICIENT_INVENTORY --sku FBA-LAMP");
    assert_eq!(
        document["shortages"],
        json!([{
            "sku": "FBA-LAMP", "orders": 2, "unitsNeeded": 6, "unitsLeft": 3, "unitsShort": 3, "inTransfer": 9,
            "inbound": { "working": 4, "shipped": 40, "receiving": null },
            "earliestDeadline": "2026-01-05T12:00:00Z", "ordersToCancel": [second],
            "holdCommand": command("hold"), "dismissCommand": command("dismiss"),
        }])
    );
    let ran = place
        .run(command("hold").strip_prefix("mcf ").expect("a command"))
        .ends(3);
    assert!(held(&place).is_empty());
    paste(&place, &ran).ends(0);
    assert_eq!(held(&place), [first, second]);
}

#[test]
fn many_orders_are_done_one_by_one_and_those_that_are_not_known_are_told_with_3() {
    let place = shop();
    let [first, second, ..] = ALL;
    let line = format!("orders hold {first} 999 {second} {first} --because sold-out --json");
    let dry = place.run(&format!("{line} --dry-run")).ends(3).json();
    assert_eq!((ids(&dry), held(&place).len()), (vec![first, second, "999"], 0));
    let document = place.run(&line).ends(3).json();
    let orders = document["orders"].as_array().expect("orders");
    assert_eq!(
        orders.iter().map(|order| &order["changed"]).collect::<Vec<_>>(),
        [true, false, true]
    );
    assert_eq!(orders[1]["error"]["exitCode"], 3);
    assert_eq!(document["error"]["exitCode"], 3);
    assert_eq!(held(&place), [first, second]);
    place
        .run(&format!("status {first}"))
        .ends(0)
        .says("held by seller: sold-out");
    let again = place.run(&format!("orders hold {first} {second}")).ends(0);
    assert_eq!(again.stdout.matches("nothing changed").count(), 2, "{again:?}");
    assert_eq!(place.run(&format!("--quiet orders hold {first} {second}")).stdout, "");
    place.run("orders hold 999").ends(3).says("999");
}

#[test]
fn an_order_is_named_by_its_id_at_amazon_or_by_a_tracking_number_a16() {
    let place = shop();
    let sent = ALL[3];
    for name in [&format!("TTS-{sent}"), "1Z999AA10123456784", "1z999aa10123456784"] {
        let document = place
            .run(&format!("orders hold {name} --dry-run --json"))
            .ends(0)
            .json();
        assert_eq!(document["orders"][0]["tiktokOrderId"], sent, "{name}");
    }
    place.run("orders hold ../1").ends(2);
}

#[test]
fn what_filters_mean_is_counted_and_asked_for_before_it_is_done_a18() {
    let place = shop();
    let [first, second, ..] = ALL;
    let line = "orders dismiss --reason INSUFFICIENT_INVENTORY --because sold-out";
    let dry = place.run(&format!("{line} --dry-run --json")).ends(0).json();
    assert_eq!(ids(&dry), [first, second]);
    let document = place.run(&format!("{line} --json")).ends(3).json();
    assert_eq!((&document["count"], &document["orders"]), (&json!(2), &json!([])));
    let refused = place
        .run(line)
        .ends(3)
        .says("2 orders would be dismissed; nothing was done");
    assert_eq!(
        place.run("orders list --state dismissed --json").json()["orders"],
        json!([])
    );
    assert_eq!(paste(&place, &refused).ends(0).stdout.lines().count(), 2);
    let dismissed = place.run("orders list --state dismissed --sku FBA-LAMP --json").json();
    assert_eq!(ids(&dismissed), [first, second]);
    place.run(&format!("{line} --yes")).ends(0).says("no such orders");
    let restored = place
        .run("orders restore --state dismissed --sku FBA-LAMP --yes --json")
        .ends(0)
        .json();
    assert_eq!(ids(&restored), [first, second]);
    place
        .run(&format!("status {first}"))
        .ends(0)
        .says("dismissed by seller: sold-out");
}

#[test]
fn a_filter_means_only_orders_to_which_something_would_be_done() {
    let place = shop();
    place.order("576900000000000205", "completed");
    let document = place.run("orders hold --since 2026-01-01 --yes --json").ends(0).json();
    assert_eq!(ids(&document), ALL[..3], "what Amazon has goes on");
    let none = place.run("orders hold --since 2026-01-01 --json").ends(0).json();
    assert_eq!(none["orders"], json!([]));
    let named = place.run("orders hold --state routed --yes --json").ends(0).json();
    assert_eq!(ids(&named), ALL[3..], "whoever names a state means it");
    let erased = place.run("orders erase --since 2026-01-01 --yes --json").ends(0).json();
    assert_eq!(ids(&erased), ["576900000000000205"]);
}

#[test]
fn a_hand_without_orders_or_with_both_names_and_filters_is_a_usage_error() {
    let place = Place::new();
    for verb in ["hold", "release", "dismiss", "restore", "approve", "erase"] {
        place.run(&format!("orders {verb}")).ends(2);
        place.run(&format!("orders {verb} 1 --state flagged")).ends(2);
    }
    place.run("orders list --group --jsonl").ends(2);
}
