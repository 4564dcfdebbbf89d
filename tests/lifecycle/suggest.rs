//! `mcf mappings suggest`: live listings beside Amazon's inventory, equal texts and near ones.

use serde_json::{Value, json};

use super::test_shop::{TestShop, new_world};

/// The shop with one listing that Amazon has under the same text, one under a text that is spelled another way, and one that two of
/// Amazon's SKUs look like.
fn shop() -> TestShop {
    let mut world = new_world();
    world.settings.amazon_page_size = 2;
    let stock = world.amazon.stock["FBA-PAD-GRY"].clone();
    for sku in ["MUG-NEW-01", "TEA-CUP-7", "POT-5", "POT-05"] {
        world.amazon.stock.insert(sku.to_owned(), stock.clone());
    }
    let products = &mut world.tiktok.products;
    let mug = products
        .iter()
        .find(|product| product.skus[0].seller_sku == "MUG-NEW-01");
    let mug = mug.expect("a listing").clone();
    for (number, text) in [(1, "tea cup 07"), (2, "POT5")] {
        let mut product = mug.clone();
        product.id = format!("172938475610293840{number}");
        product.skus[0].id = format!("172938475610293849{number}");
        product.skus[0].seller_sku = text.to_owned();
        products.push(product);
    }
    TestShop::through(world)
}

fn pairs(document: &Value) -> Vec<[&str; 3]> {
    let found = document["suggestions"].as_array().expect("suggestions");
    found
        .iter()
        .map(|found| ["match", "sellerSku", "amazonSku"].map(|name| found[name].as_str().unwrap_or_default()))
        .collect()
}

fn mapped(shop: &TestShop) -> usize {
    shop.good(&["mappings", "list"])["mappings"]
        .as_array()
        .expect("mappings")
        .len()
}

#[test]
fn e38_e39_listings_that_amazon_knows_by_their_texts_are_suggested_and_nothing_is_mapped_without_a_word() {
    let shop = shop();
    let before = mapped(&shop);
    let document = shop.good(&["mappings", "suggest"]);
    let expected = [
        ["equal", "MUG-NEW-01", "MUG-NEW-01"],
        ["near", "tea cup 07", "TEA-CUP-7"],
    ];
    assert_eq!(pairs(&document), expected, "E38/E39: {document}");
    assert_eq!(document["suggestions"][0]["fulfillable"], 8);
    let near = "mcf mappings add --seller-sku 'tea cup 07' --amazon-sku TEA-CUP-7";
    assert_eq!(document["suggestions"][1]["command"], near);
    let ran = shop.mcf(&["mappings", "suggest", "--apply"]).ends_with(3);
    assert!(
        ran.stderr.contains("1 seller SKU would be mapped")
            && ran.stderr.contains("mcf mappings suggest --apply --yes"),
        "{ran:?}"
    );
    let ran = shop.mcf(&["mappings", "suggest", "--apply", "--json"]).ends_with(3);
    assert_eq!(ran.json()["count"], 1);
    let dry = shop.good(&["mappings", "suggest", "--apply", "--dry-run"]);
    assert_eq!((&dry["added"], &dry["importId"]), (&json!(1), &Value::Null));
    assert_eq!(mapped(&shop), before);
}

#[test]
fn equal_ones_are_applied_as_one_import_that_a_rollback_undoes() {
    let shop = shop();
    let before = mapped(&shop);
    let document = shop.good(&["mappings", "suggest", "--apply", "--yes"]);
    assert_eq!((&document["added"], &document["rejected"]), (&json!(1), &json!([])));
    assert_eq!(mapped(&shop), before + 1);
    let ran = shop.mcf(&["mappings", "suggest", "--apply", "--yes"]).ends_with(0);
    assert!(ran.stdout.contains("near\ttea cup 07\tTEA-CUP-7"), "{ran:?}");
    assert!(ran.stdout.contains("nothing changed"), "{ran:?}");
    shop.good(&["mappings", "rollback"]);
    assert_eq!(mapped(&shop), before);
}
