//! `mcf mappings check` and `mcf check mappings`: what one side sells and the other does not know.

use mcf_connector::sandbox::scenario::{MAPPINGS_CSV, OrderKind};
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use serde_json::Value;

use super::test_shop::TestShop;

const KIT: &str = "1729592969712211204";
const MUG: &str = "1729592969712217501";

/// The shop with every listing mapped but the mug's. Of the kit an order has told that it goes by its parts.
fn shop() -> TestShop {
    let shop = TestShop::of(&[OrderKind::Bundle]);
    let document = shop.good(&["mappings", "check"]);
    assert_eq!(unmapped(&document), [KIT, MUG], "before the first order");
    shop.poll();
    shop
}

fn unmapped(document: &Value) -> Vec<&str> {
    let rows = document["unmapped"].as_array().expect("unmapped listings");
    rows.iter().filter_map(|row| row["tiktokSkuId"].as_str()).collect()
}

#[test]
fn e37_e38_live_listings_that_no_mapping_names_are_told_until_they_are_mapped_or_disabled() {
    let shop = shop();
    let ran = shop.mcf(&["mappings", "check"]).ends_with(0);
    assert!(
        ran.stdout
            .contains(&format!("TikTok SKU {MUG} (seller SKU \"MUG-NEW-01\") is not mapped")),
        "E38: {ran:?}"
    );
    assert!(ran.stderr.contains("mcf mappings import mappings.csv"), "{ran:?}");
    assert_eq!(unmapped(&shop.good(&["mappings", "check"])), [MUG], "E38");
    shop.import("seller_sku,amazon_sku,enabled\nMUG-NEW-01,FBA-LAMP-BLK,false\n");
    let document = shop.good(&["mappings", "check"]);
    assert_eq!(unmapped(&document), Vec::<&str>::new(), "a disabled row is an answer");
}

#[test]
fn e39_a_near_match_is_suggested_and_a_listing_that_is_not_live_is_left_out() {
    let shop = shop();
    shop.import("seller_sku,amazon_sku\nmug-new-01,FBA-LAMP-BLK\n");
    let document = shop.good(&["mappings", "check"]);
    assert_eq!(
        document["unmapped"][0]["suggestions"][0], "mug-new-01",
        "E39: {document}"
    );
    for product in &mut shop.sandbox.world().tiktok.products {
        product.status = "SELLER_DEACTIVATED".to_owned();
    }
    assert_eq!(unmapped(&shop.good(&["mappings", "check"])), Vec::<&str>::new());
}

#[test]
fn e45_a_mapped_sku_that_amazon_does_not_list_ends_with_3_and_tiktok_being_down_does_not() {
    let shop = shop();
    let down = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    shop.sandbox
        .world()
        .faults
        .script(Operation::SearchProducts, 1, 6, down);
    let ran = shop.mcf(&["mappings", "check"]).ends_with(0);
    assert!(ran.stderr.contains("TikTok's listings were not compared"), "{ran:?}");
    let document = shop.good(&["mappings", "check"]);
    assert!(document["unmapped"].is_null(), "not known is not none: {document}");
    shop.sandbox.world().faults.clear();
    shop.import(&MAPPINGS_CSV.replace("LAMP-BLK-01,FBA-LAMP-BLK", "LAMP-BLK-01,FBA-LAMP-BLAK"));
    let ran = shop.mcf(&["mappings", "check"]).ends_with(3);
    assert!(
        ran.stdout.contains("does not list the SKU \"FBA-LAMP-BLAK\""),
        "E45: {ran:?}"
    );
    let document = shop.mcf(&["mappings", "check", "--json"]).ends_with(3).json();
    assert_eq!(document["findings"][0]["amazonSku"], "FBA-LAMP-BLAK", "E45");
}

#[test]
fn the_check_of_everything_warns_of_unmapped_listings_and_fails_on_unknown_skus() {
    let shop = shop();
    let ran = shop.mcf(&["check", "mappings"]).ends_with(0);
    let warned = ran.stdout.lines().find(|line| line.starts_with("warning"));
    assert!(
        warned.is_some_and(|line| line.contains("mappings.listings") && line.contains(MUG)),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("mcf mappings check"), "{ran:?}");
    shop.import("tiktok_sku_id,amazon_sku\n1729592969712217501,FBA-NOWHERE\n");
    let document = shop.mcf(&["check", "mappings", "--json"]).ends_with(3).json();
    let outcomes: Vec<(&str, &str)> = document["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .filter_map(|check| Some((check["name"].as_str()?, check["outcome"].as_str()?)))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("mappings", "failed"),
            ("mappings.keys", "ok"),
            ("mappings.listings", "ok")
        ]
    );
}

#[test]
fn shipping_providers_are_proven_as_soon_as_an_order_names_a_delivery_option() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    let providers = |document: &Value| {
        let checks = document["checks"].as_array().expect("checks").iter();
        let check = checks.clone().find(|check| check["name"] == "tiktok.providers");
        check.expect("providers")["outcome"].as_str().map(str::to_owned)
    };
    let document = shop.good(&["check", "tiktok"]);
    assert_eq!(
        providers(&document).as_deref(),
        Some("warning"),
        "before the first order"
    );
    shop.poll();
    assert_eq!(providers(&shop.good(&["check", "tiktok"])).as_deref(), Some("ok"));
    for offered in shop.sandbox.world().tiktok.delivery_options.values_mut() {
        offered.clear();
    }
    let document = shop.mcf(&["check", "tiktok", "--json"]).ends_with(3).json();
    assert_eq!(providers(&document).as_deref(), Some("failed"), "21008117");
}

#[test]
fn every_failed_check_says_why_with_its_own_fix() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    let wrong = [("AMAZON_CLIENT_SECRET", "amzn1.oa2-cs.v1.wrong")];
    let document = shop.mcf_with(&wrong, &["check", "--json"]).ends_with(3).json();
    let checks = document["checks"].as_array().expect("checks");
    let of = |name: &str| checks.iter().find(|check| check["name"] == name).expect("a check");
    let help = of("amazon.credentials")["fix"].as_str().unwrap_or_default();
    assert!(
        help.contains("amazon.client_secret") && !help.contains("role"),
        "{document}"
    );
    assert_eq!(of("clock")["outcome"], "ok", "E111");
    assert_eq!(document["error"]["exitCode"], 3, "{document}");
    // Nobody listens on the reserved port.
    let nobody = [("TIKTOK_API_URL", "http://127.0.0.1:1")];
    let ran = shop.mcf_with(&nobody, &["check", "tiktok"]).ends_with(3);
    assert!(
        ran.stdout
            .contains("TikTok can't be reached (127.0.0.1: the connection is refused)"),
        "{ran:?}"
    );
}
