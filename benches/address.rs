//! How long the pure parts take for one order: normalising its address, deciding about it, signing a request.
//!
//! The bound: one address takes at most five microseconds once warm, its phone number aside.

use chrono::{DateTime, TimeDelta};
use divan::{Bencher, black_box};
use mcf_connector::domain::address::{AddressRules, normalise};
use mcf_connector::domain::eligibility::EligibilityRules;
use mcf_connector::domain::ids::{AmazonSku, LineItemId, ProductId, TiktokOrderId, TiktokSkuId};
use mcf_connector::domain::mapping::{MappingKey, MappingRow, MappingSet};
use mcf_connector::domain::order::{
    Deadlines, District, FulfillmentType, LineItem, LineStatus, Order, OrderStatus, OrderTimes, Purpose, Recipient,
    ShippingType,
};
use mcf_connector::domain::routing::{Decision, Known, Rules, Units, decide};
use mcf_connector::secret::{Private, Secret};
use mcf_connector::tiktok::verify_webhook;

fn main() {
    divan::main();
}

fn district(level: &str, name: &str) -> District {
    District {
        level: level.to_owned(),
        name: name.to_owned(),
        ..District::default()
    }
}

fn recipient(name: &str, lines: [&str; 2], city: &str, state: &str, postal_code: &str) -> Recipient {
    Recipient {
        name: name.to_owned(),
        lines: [lines[0].to_owned(), lines[1].to_owned(), String::new(), String::new()],
        districts: vec![
            district("L0", "United States"),
            district("L1", state),
            district("L2", "Some County"),
            district("L3", city),
        ],
        postal_code: postal_code.to_owned(),
        region_code: "US".to_owned(),
        ..Recipient::default()
    }
}

fn tidy() -> Recipient {
    recipient(
        "Dana Whitfield",
        ["1842 Larkspur Ave", "Apt 6"],
        "San Jose",
        "California",
        "95110",
    )
}

fn messy() -> Recipient {
    recipient(
        "  DANA   O'BRIEN-mcdonald ",
        ["1842 north LARKSPUR avenue,  building c", "apt. 4-b  c/o john smith"],
        "winston-salem",
        "n. carolina",
        "27101 4402",
    )
}

fn long() -> Recipient {
    recipient(
        "Northwestern Trading Company Inc.",
        [
            "12345 southwest old country club road building number seventeen entrance from the parking lot",
            "suite 1200",
        ],
        "truth or consequences",
        "new mexico",
        "87901",
    )
}

#[divan::bench(sample_size = 1_000, args = ["tidy", "messy", "long"])]
fn normalise_address(bencher: Bencher<'_, '_>, kind: &str) {
    let rules = AddressRules::default();
    let typed = match kind {
        "messy" => messy(),
        "long" => long(),
        _ => tidy(),
    };
    assert!(normalise(&typed, &rules).is_ok(), "{kind}");
    bencher.bench_local(|| normalise(black_box(&typed), &rules).is_ok());
}

/// Real cities, states and ZIP codes in the forms in which people type them, one after the other: the time is one address's.
#[divan::bench(sample_size = 5_770)]
fn normalise_real_address(bencher: Bencher<'_, '_>) {
    let rules = AddressRules::default();
    let typed = real_addresses();
    let mut next = typed.iter().cycle();
    bencher.bench_local(|| {
        next.next()
            .is_some_and(|typed| normalise(black_box(typed), &rules).is_ok())
    });
}

fn real_addresses() -> Vec<Recipient> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/address/us_addresses.csv");
    let rows: Result<Vec<[String; 10]>, csv::Error> =
        csv::Reader::from_path(path).and_then(|reader| reader.into_deserialize().collect());
    let typed = |[line1, line2, city, state, postal_code, ..]: &[String; 10]| {
        recipient("Dana Whitfield", [line1, line2], city, state, postal_code)
    };
    rows.iter().flatten().map(typed).collect()
}

#[divan::bench]
fn normalise_address_with_phone(bencher: Bencher<'_, '_>) {
    let rules = AddressRules::default();
    let recipient = Recipient {
        phone: "(+1)2135550147".to_owned(),
        ..tidy()
    };
    bencher.bench_local(|| normalise(black_box(&recipient), &rules).is_ok());
}

/// An order of one unit, from its eligibility to its draft.
#[divan::bench]
fn decide_order(bencher: Bencher<'_, '_>) {
    let (order, rules) = (order(), rules());
    let mut known = Known {
        mappings: MappingSet::from_rows([row()]).unwrap_or_default(),
        ..Known::default()
    };
    known.stock.set(AmazonSku::new("AMZ-LAMP"), 1_000);
    let now = order.times.created_at + TimeDelta::hours(5);
    bencher.bench_local(|| {
        let decision = decide(black_box(&order), 1, &known, &Units::default(), &rules, now);
        assert!(matches!(decision, Decision::Route(_)), "not routed: {decision:?}");
    });
}

/// One HMAC-SHA-256, as every signed request to TikTok needs.
#[divan::bench]
fn verify_signature() -> bool {
    let secret = Secret::new("b0c5f4a1e2d3");
    verify_webhook("6abcde", &secret, black_box(br#"{"type":1,"shop_id":"7494"}"#), "00ff")
}

fn order() -> Order {
    let created_at = DateTime::from_timestamp(1_767_571_200, 0).unwrap_or_default();
    Order {
        id: TiktokOrderId::new("576900000000000101"),
        status: OrderStatus::AwaitingShipment,
        fulfillment_type: Some(FulfillmentType::Seller),
        shipping_type: Some(ShippingType::Seller),
        order_type: None,
        purpose: Purpose::default(),
        auto_combine_group_id: None,
        delivery_type: None,
        is_on_hold_order: Some(true),
        cancel_requested: false,
        authentication_required: false,
        is_cash_on_delivery: false,
        has_updated_address: false,
        warehouse_id: None,
        delivery_option_id: None,
        delivery_option_name: None,
        fast_delivery: None,
        times: OrderTimes {
            created_at,
            paid_at: Some(created_at),
            updated_at: created_at,
            release_at: None,
            is_release_unreadable: false,
            handling: None,
        },
        deadlines: Deadlines::default(),
        line_items: vec![LineItem {
            id: LineItemId::new("577900000000001011"),
            product_id: Some(ProductId::new("1729592969712207008")),
            sku_id: TiktokSkuId::new("1729592969712207013"),
            seller_sku: None,
            product_name: None,
            status: LineStatus::AwaitingShipment,
            package_id: None,
            tracking_number: None,
            shipping_provider_id: None,
            is_gift: None,
            listing_type: None,
            parts: Vec::new(),
        }],
        recipient: Private::new(tidy()),
        total: None,
    }
}

fn rules() -> Rules {
    Rules {
        eligibility: EligibilityRules {
            grace: TimeDelta::minutes(60),
            warehouses: Vec::new(),
        },
        order_comment: "Thank you for your order!".to_owned(),
        marketplace_id: "ATVPDKIKX0DER".to_owned(),
        ..Rules::default()
    }
}

fn row() -> MappingRow {
    MappingRow {
        key: MappingKey::TiktokSku(TiktokSkuId::new("1729592969712207013")),
        also: Vec::new(),
        amazon_sku: AmazonSku::new("AMZ-LAMP"),
        quantity: 1,
        bundle: None,
        shipping_speed: None,
        safety_stock: None,
        enabled: true,
        line: 2,
    }
}
