//! Which of TikTok's carriers a parcel goes with.

use chrono::TimeDelta;
use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::scenario::OrderKind;

use super::stage::{Stage, count, one};

#[test]
fn every_spelling_of_amazons_own_carrier_is_one_carrier_at_tiktok() {
    let mut stage = Stage::new();
    let spellings = ["Amazon Logistics", "AMZN_US", "AMZL", "amzl_us", "AMAZON LOGISTICS"];
    let orders = spellings.map(|carrier| stage.routed_with(OrderKind::Plain, one(carrier, None)));
    stage.steps(4);
    stage.minutes(15);
    stage.forget_log();
    stage.sync();
    for order in orders {
        assert_eq!(stage.at_tiktok(&order)[0].1, "Amazon Logistics", "E98");
    }
    assert_eq!(
        stage.calls(Operation::GetShippingProviders),
        1,
        "looked up once and kept"
    );
}

#[test]
fn an_unknown_carrier_is_flagged_with_the_providers_until_the_settings_name_one() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, one("PIGEON_POST", Some("PP0000123")));
    for _ in 0..3 {
        let finished = stage.sync();
        assert_eq!(count(&finished, "refused"), 1, "E99");
        stage.minutes(30);
    }
    let flags = stage.flags(&order);
    assert_eq!(stage.details(&order), ["carrier_unknown"], "E99");
    assert!(flags[0].message.contains("USPS, UPS, FedEx"), "{}", flags[0].message);
    assert_eq!(stage.events("order.failed").len(), 1, "E99: told once");
    assert_eq!(stage.calls(Operation::MarkPackageShipped), 0);
    stage.configure("[tracking.carriers]\nPIGEON_POST = \"OnTrac\"\n");
    stage.sync();
    assert_eq!(stage.at_tiktok(&order)[0].1, "OnTrac");
    assert!(stage.flags(&order).is_empty(), "the cause is gone");
}

#[test]
fn the_configured_default_stands_in_with_one_alert_a_carrier() {
    let mut stage = Stage::with("[tracking]\ndefault_carrier = \"UPS\"\n");
    let orders =
        ["PP0000123", "PP0000124"].map(|number| stage.routed_with(OrderKind::Plain, one("PIGEON_POST", Some(number))));
    stage.steps(4);
    stage.minutes(15);
    stage.sync();
    for order in &orders {
        assert_eq!(stage.at_tiktok(order)[0].1, "UPS", "E99");
    }
    let alerts = stage.events("error");
    assert_eq!(alerts.len(), 1, "E99: {alerts:?}");
    assert!(alerts[0].contains("PIGEON_POST"));
    stage.minutes(30);
    stage.sync();
    assert!(stage.events("error.resolved").is_empty(), "the default stands in still");
    stage.configure("[tracking]\ndefault_carrier = \"UPS\"\n\n[tracking.carriers]\nPIGEON_POST = \"OnTrac\"\n");
    for _ in 0..2 {
        stage.minutes(30);
        stage.sync();
    }
    let resolved = stage.events("error.resolved");
    assert_eq!(resolved.len(), 1, "E168: over once the carrier is named: {resolved:?}");
    assert_eq!(stage.events("error").len(), 1, "E168");
}

#[test]
fn a_refused_postal_label_is_flagged_with_the_way_out() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, one("USPS", Some("9400100000000000000002")));
    super::refusals::refuse_mark(&stage, 21_011_022, 1);
    stage.sync();
    let flags = stage.flags(&order);
    assert_eq!(stage.details(&order), ["number_refused"], "E100");
    assert!(flags[0].message.contains("use_aftn"), "E100: {}", flags[0].message);
}

#[test]
fn a_warning_of_tiktok_is_kept_sealed_and_shown_with_its_order_alone() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, one("UPS", Some("X100200300")));
    let warning = "The tracking number verification timed out for 12 Canary Lane.";
    stage.world(|world| {
        world
            .tiktok
            .warnings
            .insert("X100200300".to_owned(), warning.to_owned())
    });
    let finished = stage.sync();
    let told = &finished.summary.orders[0].explanation[0];
    assert!(told.contains("TikTok has a doubt: mcf status"), "{told}");
    let history = stage.history(&order);
    assert!(history.contains("TikTok doubts the number or the carrier"), "{history}");
    assert!(!told.contains("Canary") && !history.contains("Canary"), "I10");
    let stored: Vec<String> = stage.query("SELECT warning FROM parcels WHERE order_id = ?1", &order);
    assert_eq!(stored, ["TikTok doubts the number or the carrier"], "I10");
    assert_eq!(stage.said(&order).as_deref(), Some(warning));
}

#[test]
fn tiktoks_carriers_are_asked_for_once_a_day() {
    let mut stage = Stage::new();
    let mut asked = Vec::new();
    for hours in [0, 6, 12, 12] {
        stage.pass(TimeDelta::hours(hours));
        stage.shipped_with(OrderKind::Plain, one("UPS", None));
        stage.sync();
        asked.push(stage.calls(Operation::GetShippingProviders));
    }
    assert_eq!(asked, [1, 1, 1, 2]);
}
