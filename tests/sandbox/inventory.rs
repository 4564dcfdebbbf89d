//! Amazon's inventory summaries, their tokens and their quota.

use chrono::TimeDelta;
use mcf_connector::sandbox::{Operation, RateLimit};

use super::clients::{Amazon, demo};

const SUMMARIES: &str = "/fba/inventory/v1/summaries?granularityType=Marketplace&granularityId=ATVPDKIKX0DER&marketplaceIds=ATVPDKIKX0DER&details=true";

#[test]
fn unknown_skus_are_absent_and_a_comma_needs_the_single_filter() {
    let sandbox = demo();
    sandbox.world().amazon.set_stock("A,B", 4);
    let client = Amazon::new(&sandbox);
    sandbox.world().rates.set(
        Operation::GetInventorySummaries,
        RateLimit {
            per_second: 100.0,
            burst: 100.0,
        },
    );
    let skus = |filter: &str| {
        let answer = client.get(&format!("{SUMMARIES}&{filter}"));
        let list = answer.body["payload"]["inventorySummaries"]
            .as_array()
            .expect("summaries")
            .clone();
        list.into_iter()
            .map(|entry| entry["sellerSku"].as_str().expect("a SKU").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(skus("sellerSkus=FBA-LAMP-BLK,NONE"), ["FBA-LAMP-BLK"], "E51");
    assert!(skus("sellerSkus=A,B").is_empty(), "E41");
    assert_eq!(skus("sellerSku=A,B"), ["A,B"]);
    let many = vec!["X"; 51].join(",");
    assert_eq!(client.get(&format!("{SUMMARIES}&sellerSkus={many}")).status, 400);
    let plain = client.get(&SUMMARIES.replace("details=true", "details=0"));
    assert_eq!(plain.status, 400);
}

#[test]
fn an_inventory_token_dies_after_half_a_minute() {
    let sandbox = demo();
    sandbox.world().settings.amazon_page_size = 2;
    sandbox.world().rates.set(
        Operation::GetInventorySummaries,
        RateLimit {
            per_second: 100.0,
            burst: 100.0,
        },
    );
    let client = Amazon::new(&sandbox);
    let first = client.get(SUMMARIES).body;
    assert_eq!(first["payload"].get("nextToken"), None);
    let token = first["pagination"]["nextToken"]
        .as_str()
        .expect("a token beside the payload");
    let token: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
    let next = format!("{SUMMARIES}&nextToken={token}");
    assert_eq!(client.get(&next).status, 200);
    sandbox.world().move_clock(TimeDelta::seconds(31));
    assert_eq!(client.get(&next).status, 400, "R9");
}

#[test]
fn the_quota_is_refused_without_a_hint_when_to_come_back() {
    let sandbox = demo();
    let client = Amazon::new(&sandbox);
    sandbox.world().rates.set(
        Operation::GetInventorySummaries,
        RateLimit {
            per_second: 0.001,
            burst: 1.0,
        },
    );
    assert_eq!(client.get(SUMMARIES).headers["x-amzn-ratelimit-limit"], "0.001");
    let refused = client.get(SUMMARIES);
    assert_eq!(
        (refused.status, refused.body["errors"][0]["code"].as_str()),
        (429, Some("QuotaExceeded")),
        "E67"
    );
    assert!(refused.headers.contains_key("x-amzn-requestid"));
    assert!(!refused.headers.contains_key("retry-after") && !refused.headers.contains_key("x-amzn-ratelimit-limit"));
}
