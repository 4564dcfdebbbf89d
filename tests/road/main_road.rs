//! The way of a new seller, command by command, each also with `--json` and each a second time.

use std::os::unix::fs::PermissionsExt;

use mcf_connector::sandbox::scenario::{self, MAPPINGS_CSV};

use super::road::{FIRST, Road, morning};

/// Runs a command as text and as JSON; neither may ask a vendor to change anything.
fn twice_more(road: &Road, arguments: &[&str]) {
    let before = road.log().mutating();
    road.mcf(arguments).ends_with(0);
    let document = road.good(arguments);
    assert_eq!(document["schema"], 1, "{arguments:?}");
    assert_eq!(road.log().mutating(), before, "I14: {arguments:?}");
}

#[test]
fn a_new_seller_goes_from_init_to_metrics_and_every_repetition_changes_nothing_i14() {
    let mut road = Road::bare(scenario::demo(mcf_connector::clock::Clock::starting_at(morning())));
    init(&road);
    let checked = road.mcf(&["check", "--json"]);
    assert!([0, 3].contains(&checked.code), "{checked:?}");
    std::fs::write(road.folder.path().join("mappings.csv"), MAPPINGS_CSV).expect("a file");
    let import = ["mappings", "import", "mappings.csv"];
    assert_eq!(road.good(&import)["added"], 8);
    assert_eq!(road.good(&import)["unchanged"], 8);
    twice_more(&road, &import);
    assert_eq!(road.poll()["counts"]["routed"], 9);
    twice_more(&road, &["poll"]);
    road.pass(60, 1);
    road.poll();
    road.pass(60, 3);
    assert_eq!(road.good(&["sync-tracking"])["counts"]["pushed"], 11);
    twice_more(&road, &["sync-tracking"]);
    road.good(&["sync-inventory"]);
    twice_more(&road, &["sync-inventory"]);
    twice_more(&road, &["poll"]);
    reports(&road);
}

fn init(road: &Road) {
    std::fs::remove_file(road.config()).expect("the configuration");
    assert_eq!(road.good(&["init"])["configWritten"], true);
    road.mcf(&["init"]).ends_with(3);
    for file in [road.config(), road.database()] {
        let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "I9: {}", file.display());
    }
    road.write_config();
}

fn reports(road: &Road) {
    for arguments in [&["status"][..], &["status", FIRST], &["metrics"]] {
        twice_more(road, arguments);
    }
    let status = road.good(&["status"]);
    assert_eq!(status["orders"]["completed"], 10, "{status}");
    assert_eq!(status["orders"]["flagged"], 3, "{status}");
    let order = road.good(&["status", FIRST]);
    assert_eq!(order["order"]["state"], "completed");
    assert_eq!(order["order"]["mcfOrderId"], format!("TTS-{FIRST}"));
    let metrics = road.good(&["metrics"]);
    assert_eq!(metrics["ordersDetected"], 17);
    assert_eq!(metrics["ordersRouted"], 10);
    assert_eq!(metrics["trackingsSynced"], 11);
    road.mcf(&["status", "--check"]).ends_with(3);
}
