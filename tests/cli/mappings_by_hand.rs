//! `mcf mappings add`, `remove`, `missing`: keys without a file, each change an import that can be undone.

use serde_json::json;

use crate::environment::{Place, Ran};

const SKU: &str = "1729592969712207013";

/// What the key of every part goes to: Amazon SKU, units, bundle.
fn listed(place: &Place) -> Vec<(String, u64, Option<String>)> {
    let document = place.run("mappings list --json").ends(0).json();
    let rows = document["mappings"].as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    rows.iter()
        .map(|row| {
            let units = row["quantity"].as_u64().unwrap_or_default();
            (text(&row["amazonSku"]).unwrap_or_default(), units, text(&row["bundle"]))
        })
        .collect()
}

fn counts(ran: &Ran) -> [u64; 4] {
    let document = ran.json();
    ["added", "changed", "removed", "unchanged"].map(|name| document[name].as_u64().expect("a count"))
}

/// Types the help line of a refusal, as a person would paste it.
fn paste(place: &Place, ran: &Ran) -> Ran {
    let help = ran.stderr.lines().find_map(|line| line.strip_prefix("help: mcf "));
    place.run(help.expect("a command to paste"))
}

#[test]
fn a_key_is_mapped_without_a_file_and_a_rollback_takes_it_back() {
    let place = Place::new();
    let add = "mappings add --seller-sku LAMP --amazon-sku FBA-LAMP";
    let dry = place.run(&format!("{add} --dry-run --json")).ends(0);
    assert_eq!((counts(&dry), dry.json()["importId"].is_null()), ([1, 0, 0, 0], true));
    assert!(listed(&place).is_empty());
    let ran = place.run(&format!("{add} --json")).ends(0);
    assert_eq!((counts(&ran), &ran.json()["rejected"]), ([1, 0, 0, 0], &json!([])));
    assert_eq!(ran.json()["importId"], 1);
    place.run(add).ends(0).says("nothing changed").says("1 unchanged");
    assert_eq!(place.run(&format!("--quiet {add}")).stdout, "");
    place
        .run(&format!(
            "mappings add --sku-id {SKU} --amazon-sku FBA-SOCK --quantity 3 --speed expedited --safety-stock 2"
        ))
        .ends(0)
        .says("import 2: 1 added");
    let rows = place.run("mappings list --json").json()["mappings"].clone();
    assert_eq!(
        [&rows[1]["quantity"], &rows[1]["shippingSpeed"], &rows[1]["safetyStock"]],
        [&json!(3), &json!("Expedited"), &json!(2)]
    );
    place.run("mappings rollback").ends(0).says("mcf mappings add");
    assert_eq!(listed(&place), [("FBA-LAMP".to_owned(), 1, None)]);
}

#[test]
fn a_key_that_is_mapped_already_is_replaced_by_the_line_that_is_pasted_and_by_no_other() {
    let place = Place::new();
    place
        .run("mappings add --seller-sku LAMP --amazon-sku FBA-LAMP")
        .ends(0);
    let other = "mappings add --seller-sku LAMP --amazon-sku FBA-LAMP-2 --quantity 2";
    let refused = place.run(other).ends(3).says("is mapped already: 1 × FBA-LAMP");
    let document = place.run(&format!("{other} --json")).ends(3).json();
    assert_eq!(
        (&document["added"], &document["error"]["exitCode"]),
        (&json!(0), &json!(3))
    );
    assert!(
        document["rejected"][0]["message"]
            .as_str()
            .expect("a sentence")
            .contains("mapped already")
    );
    assert_eq!(listed(&place), [("FBA-LAMP".to_owned(), 1, None)]);
    place
        .run(&format!("{other} --replace --dry-run"))
        .ends(0)
        .says("1 changed");
    paste(&place, &refused).ends(0).says("1 changed");
    assert_eq!(listed(&place), [("FBA-LAMP-2".to_owned(), 2, None)]);
    place.run("mappings rollback").ends(0);
    assert_eq!(listed(&place), [("FBA-LAMP".to_owned(), 1, None)]);
}

#[test]
fn a_bundle_is_made_line_by_line_and_a_part_of_it_taken_out_again() {
    let place = Place::new();
    let part = |sku: &str, more: &str| {
        place.run(&format!(
            "mappings add --seller-sku GIFT --amazon-sku {sku} --bundle gift {more} --json"
        ))
    };
    assert_eq!(counts(&part("FBA-LAMP", "").ends(0)), [1, 0, 0, 0]);
    assert_eq!(counts(&part("FBA-BULB", "--quantity 2").ends(0)), [1, 0, 0, 1]);
    assert_eq!(counts(&part("FBA-BULB", "--quantity 2").ends(0)), [0, 0, 0, 2]);
    part("FBA-BULB", "--quantity 3").ends(3);
    assert_eq!(
        counts(&part("FBA-BULB", "--quantity 3 --replace").ends(0)),
        [0, 1, 0, 1]
    );
    part("FBA-BOX", "--quantity 250").ends(3).says("254 units");
    let gift = Some("gift".to_owned());
    let lamp = ("FBA-LAMP".to_owned(), 1, gift.clone());
    assert_eq!(listed(&place), [("FBA-BULB".to_owned(), 3, gift), lamp.clone()]);
    place
        .run("mappings remove --seller-sku GIFT --amazon-sku FBA-BULB")
        .ends(0)
        .says("1 removed");
    assert_eq!(listed(&place), [lamp]);
    place.run("mappings rollback").ends(0);
    assert_eq!(listed(&place).len(), 2);
}

#[test]
fn who_names_a_bundle_for_a_single_row_is_told_how_both_become_one() {
    let place = Place::new();
    place
        .run("mappings add --seller-sku GIFT --amazon-sku FBA-LAMP")
        .ends(0);
    let ran = place
        .run("mappings add --seller-sku GIFT --amazon-sku FBA-BULB --bundle gift")
        .ends(3);
    let both = ran
        .stderr
        .split("a bundle of both: ")
        .nth(1)
        .expect("the way to a bundle");
    for line in both.trim().split(" && ") {
        place.run(line.strip_prefix("mcf ").expect("a command")).ends(0);
    }
    assert_eq!(listed(&place).len(), 2);
}

#[test]
fn a_removed_key_is_gone_until_it_is_rolled_back_and_an_unknown_one_changes_nothing() {
    let place = Place::new();
    place
        .run("mappings add --seller-sku LAMP --amazon-sku FBA-LAMP")
        .ends(0);
    let remove = "mappings remove --seller-sku LAMP";
    place.run(&format!("{remove} --dry-run")).ends(0).says("1 removed");
    assert_eq!(listed(&place).len(), 1);
    assert_eq!(counts(&place.run(&format!("{remove} --json")).ends(0)), [0, 0, 1, 0]);
    assert!(listed(&place).is_empty());
    let document = place.run(&format!("{remove} --json")).ends(3).json();
    assert_eq!(document["rejected"].as_array().map(Vec::len), Some(1));
    place
        .run("mappings remove --product-id 7")
        .ends(3)
        .says("mcf mappings list");
    place.run("mappings rollback").ends(0).says("mcf mappings remove");
    place
        .run("mappings remove --seller-sku lamp")
        .ends(3)
        .says("mcf mappings remove --seller-sku LAMP");
    assert_eq!(listed(&place).len(), 1);
}

#[test]
fn what_an_import_would_reject_is_rejected_and_what_is_no_command_line_is_usage() {
    let place = Place::new();
    let document = place
        .run("mappings add --seller-sku LAMP --amazon-sku FBA-LAMP --quantity 0 --json")
        .ends(3)
        .json();
    assert_eq!(document["rejected"][0]["line"], 1);
    place
        .run("mappings add --sku-id 1,7 --amazon-sku A")
        .ends(3)
        .says("is not an id of TikTok");
    for line in [
        "mappings add --amazon-sku A",
        "mappings add --seller-sku LAMP",
        "mappings add --seller-sku LAMP --sku-id 1 --amazon-sku A",
        "mappings add --seller-sku LAMP --amazon-sku A --speed Overnight",
        "mappings add --seller-sku LAMP --amazon-sku A --quantity some",
        "mappings remove",
    ] {
        place.run(line).ends(2);
    }
    assert!(listed(&place).is_empty());
}

#[test]
fn what_orders_wait_for_and_no_mapping_names_is_listed_with_the_line_that_maps_it() {
    let place = Place::new();
    for (id, state) in [
        ("101", "flagged"),
        ("102", "waiting"),
        ("103", "flagged"),
        ("104", "dismissed"),
        ("105", "routed"),
    ] {
        place.order(id, state);
        place.unit(id, "1", SKU, Some("LAMP-BLK"));
    }
    place.unit("103", "2", "1729592969712207099", None);
    place
        .run("mappings add --product-id P-1729592969712207099 --amazon-sku FBA-SOCK")
        .ends(0);
    let document = place.run("mappings missing --json").ends(0).json();
    let line = format!("mcf mappings add --sku-id {SKU} --amazon-sku");
    assert_eq!(
        document["missing"],
        json!([{
            "tiktokSkuId": SKU, "sellerSku": "LAMP-BLK", "productName": format!("Product of {SKU}"), "waitingOrders": 3,
            "nextCommand": line,
        }])
    );
    let listed = place.run("mappings missing").ends(0).stdout;
    assert_eq!(listed, format!("3\t{SKU}\tLAMP-BLK\tProduct of {SKU}\t{line}\n"));
    let typed = line.strip_prefix("mcf ").expect("a command");
    place.run(typed).ends(2);
    place.run(&format!("{typed} FBA-LAMP")).ends(0);
    assert_eq!(
        place.run("mappings missing --json").ends(0).json()["missing"],
        json!([])
    );
    place
        .run("mappings missing")
        .ends(0)
        .says("no order waits for a mapping");
}
