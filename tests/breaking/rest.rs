//! The rest of an order, killed before and after each step of its create: it is sent once, whatever is run then (E137).

use std::os::unix::process::ExitStatusExt;

use mcf_connector::domain::state::State;

use super::common::command;
use super::test_shop::{FIRST, TestShop};

const POINTS: [&str; 9] = [
    "claim.before_commit:1",
    "intent.committed:1",
    "createFulfillmentOrder.before:1",
    "createFulfillmentOrder.connected:1",
    "createFulfillmentOrder.half:1",
    "createFulfillmentOrder.sent:1",
    "createFulfillmentOrder.answered:1",
    "routed.before:1",
    "routed.after:1",
];

#[test]
fn a_rest_that_is_killed_at_any_point_is_sent_once_e137() {
    for point in POINTS {
        let mut shop = TestShop::partly_shipped();
        let killed = command(&shop, &["route", FIRST, "--rest"])
            .env("MCF_CRASH_AT", point)
            .output();
        assert_eq!(
            killed.expect("a process").status.signal(),
            Some(9),
            "{point} is reached"
        );
        for _ in 0..4 {
            shop.pass(20, 0);
            shop.mcf(&["poll"]);
        }
        assert_eq!(shop.state(FIRST), State::Shipped, "{point}");
        // Where nothing had left, the person asks once more; else there is nothing to send.
        let again = shop.mcf(&["route", FIRST, "--rest"]).code;
        let was_begun = point != "claim.before_commit:1";
        assert_eq!(again, if was_begun { 3 } else { 0 }, "{point}");
        assert_eq!(
            shop.amazon_ids(),
            [format!("TTS-{FIRST}"), format!("TTS-{FIRST}-2")],
            "{point}"
        );
        shop.pass(60, 3);
        shop.good(&["sync-tracking"]);
        assert_eq!(shop.state(FIRST), State::Completed, "{point}");
    }
}
