//! A thousand SKUs cost no more calls than they must.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mcf_connector::clock::Clock;
use mcf_connector::sandbox::tiktok::{Product, Sku};
use mcf_connector::sandbox::{Operation, scenario};

use crate::test_shop::{MCF, TestShop, count};

const SKUS: usize = 1_000;

fn tiktok_sku(number: usize) -> String {
    format!("17295929697122{number:05}")
}

fn amazon_sku(number: usize) -> String {
    format!("FBA-{number:04}")
}

fn thousand() -> TestShop {
    let mut world = scenario::shop(Clock::system());
    world.tiktok.products.clear();
    world.amazon.stock.clear();
    let mut mappings = "tiktok_sku_id,amazon_sku\n".to_owned();
    for number in 0..SKUS {
        let sku = Sku {
            id: tiktok_sku(number),
            seller_sku: String::new(),
            stock: BTreeMap::from([(MCF.to_owned(), 50)]),
            is_bundle: false,
            refusal: None,
        };
        world.tiktok.products.push(Product {
            id: format!("18295929697122{number:05}"),
            title: "A thing".to_owned(),
            status: "ACTIVATE".to_owned(),
            skus: vec![sku],
        });
        world.amazon.set_stock(&amazon_sku(number), 50);
        writeln!(mappings, "{},{}", tiktok_sku(number), amazon_sku(number)).expect("text");
    }
    TestShop::with(world, &mappings)
}

/// All calls but those for Amazon's token, which lives for an hour.
fn calls(shop: &TestShop) -> usize {
    let log = shop.sandbox.log();
    log.entries().len() - log.count(Operation::ExchangeToken)
}

#[test]
fn a_thousand_skus_with_ten_changed_take_the_fewest_calls() {
    let mut shop = thousand();
    shop.sync();
    assert_eq!(shop.mutating(), 0);
    for number in 0..10 {
        shop.set_stock(&[(&amazon_sku(number * 97), 40)]);
    }
    shop.clear_log();
    let run = shop.sync();
    assert_eq!(count(&run, "written"), 10);
    let log = shop.sandbox.log();
    assert_eq!(log.count(Operation::GetInventorySummaries), SKUS / 50);
    assert_eq!(
        log.count(Operation::SearchInventory),
        3,
        "two readings and one look back"
    );
    assert_eq!(log.count(Operation::UpdateInventory), 10);
    assert_eq!(calls(&shop), 20 + 3 + 10, "and nothing else");
    shop.clear_log();
    shop.sync();
    assert_eq!(shop.mutating(), 0);
    assert_eq!(calls(&shop), 20 + 2);
}
