//! The way of a new seller, command by command, each also with `--json` and each a second time.

use std::os::unix::fs::PermissionsExt;

use mcf_connector::sandbox::scenario::{self, MAPPINGS_CSV};

use super::test_shop::{FIRST, TestShop, morning};

/// Runs a command as text and as JSON; neither may ask a vendor to change anything.
fn twice_more(shop: &TestShop, arguments: &[&str]) {
    let before = shop.log().mutating();
    shop.mcf(arguments).ends_with(0);
    let document = shop.good(arguments);
    assert_eq!(document["schema"], 1, "{arguments:?}");
    assert_eq!(shop.log().mutating(), before, "I14: {arguments:?}");
}

#[test]
fn a_new_seller_goes_from_init_to_metrics_and_every_repetition_changes_nothing_i14() {
    let mut shop = TestShop::bare(scenario::demo(mcf_connector::clock::Clock::starting_at(morning())));
    init(&shop);
    let checked = shop.mcf(&["check", "--json"]);
    assert!([0, 3].contains(&checked.code), "{checked:?}");
    std::fs::write(shop.folder.path().join("mappings.csv"), MAPPINGS_CSV).expect("a file");
    let import = ["mappings", "import", "mappings.csv"];
    assert_eq!(shop.good(&import)["added"], 8);
    assert_eq!(shop.good(&import)["unchanged"], 8);
    twice_more(&shop, &import);
    assert_eq!(shop.poll()["counts"]["routed"], 9);
    twice_more(&shop, &["poll"]);
    shop.pass(60, 1);
    shop.poll();
    shop.pass(60, 3);
    assert_eq!(shop.good(&["sync-tracking"])["counts"]["pushed"], 11);
    twice_more(&shop, &["sync-tracking"]);
    shop.good(&["sync-inventory"]);
    twice_more(&shop, &["sync-inventory"]);
    twice_more(&shop, &["poll"]);
    reports(&shop);
}

fn init(shop: &TestShop) {
    std::fs::remove_file(shop.config()).expect("the configuration");
    assert_eq!(shop.good(&["init"])["configWritten"], true);
    shop.mcf(&["init"]).ends_with(3);
    for file in [shop.config(), shop.database()] {
        let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "I9: {}", file.display());
    }
    shop.write_config();
}

fn reports(shop: &TestShop) {
    for arguments in [&["status"][..], &["status", FIRST], &["metrics"]] {
        twice_more(shop, arguments);
    }
    let status = shop.good(&["status"]);
    assert_eq!(status["orders"]["completed"], 10, "{status}");
    assert_eq!(status["orders"]["flagged"], 3, "{status}");
    let order = shop.good(&["status", FIRST]);
    assert_eq!(order["order"]["state"], "completed");
    assert_eq!(order["order"]["mcfOrderId"], format!("TTS-{FIRST}"));
    let metrics = shop.good(&["metrics"]);
    assert_eq!(metrics["ordersDetected"], 17);
    assert_eq!(metrics["ordersRouted"], 10);
    assert_eq!(metrics["trackingsSynced"], 11);
    shop.mcf(&["status", "--check"]).ends_with(3);
}
