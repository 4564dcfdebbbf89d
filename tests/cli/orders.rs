//! `mcf orders`: the operator's hand on single orders.

use rusqlite::Connection;

use crate::environment::Place;

const ORDER: &str = "576900000000000101";

fn with(state: &str) -> Place {
    let place = Place::new();
    place.order(ORDER, state);
    place
}

fn sent(place: &Place, outcome: &str) {
    let database: Connection = place.database();
    database
        .execute(
            "INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_hash, intended_at)
             VALUES ('TTS-' || ?1, ?1, 1, ?2, '', 1767600000)",
            (ORDER, outcome),
        )
        .expect("an intent");
}

fn state(place: &Place) -> String {
    let document = place.run(&format!("status {ORDER} --json")).ends(0).json();
    document["order"]["state"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_held_order_stays_where_it_is_until_it_is_released() {
    let place = with("detected");
    place
        .run(&format!("orders hold {ORDER} --dry-run"))
        .ends(0)
        .says("would be held");
    let document = place.run(&format!("orders hold {ORDER} --json")).ends(0).json();
    assert_eq!(document["order"]["held"], true);
    assert_eq!(
        (&document["order"]["state"], &document["changed"]),
        (&"detected".into(), &true.into())
    );
    place
        .run(&format!("orders hold {ORDER}"))
        .ends(0)
        .says("nothing changed");
    place.run(&format!("orders release {ORDER}")).ends(0).says("next poll");
    place
        .run(&format!("orders release {ORDER}"))
        .ends(0)
        .says("nothing changed");
}

#[test]
fn a_released_order_is_decided_anew_unless_amazon_may_have_it() {
    for before in ["not_eligible", "flagged", "waiting"] {
        let place = with(before);
        place
            .run(&format!("orders release {ORDER} --dry-run"))
            .ends(0)
            .says("would be released");
        assert_eq!(state(&place), before);
        place
            .run(&format!("orders release {ORDER}"))
            .ends(0)
            .says("decides it anew");
        assert_eq!(state(&place), "detected");
    }
    let place = with("flagged");
    sent(&place, "conflict");
    place
        .run(&format!("orders release {ORDER}"))
        .ends(3)
        .says("TTS-576900000000000101");
    assert_eq!(state(&place), "flagged");
}

#[test]
fn a_dismissed_order_is_off_our_hands_and_twice_changes_nothing() {
    let place = with("flagged");
    place
        .run(&format!("orders dismiss {ORDER} --dry-run"))
        .ends(0)
        .says("would be dismissed");
    assert_eq!(state(&place), "flagged");
    place.run(&format!("orders dismiss {ORDER}")).ends(0).says("never sent");
    place
        .run(&format!("orders dismiss {ORDER}"))
        .ends(0)
        .says("nothing changed");
    assert_eq!(place.run(&format!("--quiet orders dismiss {ORDER}")).stdout, "");
    assert_eq!(state(&place), "dismissed");
}

#[test]
fn an_order_whose_outcome_is_not_known_is_dismissed_and_followed_e138() {
    let place = with("submitting");
    sent(&place, "unknown");
    let ran = place.run(&format!("orders dismiss {ORDER}")).ends(0);
    ran.says("told to TikTok all the same");
    let order = place.run(&format!("status {ORDER} --json")).ends(0).json()["order"].clone();
    assert_eq!(
        (&order["state"], &order["followedAs"]),
        (&"dismissed".into(), &"submitting".into()),
        "E138"
    );
}

#[test]
fn dismissing_what_amazon_has_says_that_it_is_followed_and_restore_takes_it_back_e138() {
    for life in ["routed", "shipped", "cancelling"] {
        let place = with(life);
        sent(&place, "accepted");
        let dismiss = format!("orders dismiss {ORDER}");
        place
            .run(&format!("{dismiss} --dry-run"))
            .ends(0)
            .says("told to TikTok all the same");
        assert_eq!(state(&place), life, "E138");
        let said = place.run(&dismiss).ends(0);
        let said = said.says("TTS-576900000000000101");
        said.says(&format!("mcf orders restore {ORDER}"));
        assert_eq!(state(&place), "dismissed", "E138");
        place
            .run(&format!("status {ORDER}"))
            .ends(0)
            .says(&format!("followed all the same: {life}"));
        place
            .run(&format!("orders erase {ORDER}"))
            .ends(3)
            .says("still needs its address");
        place
            .run(&format!("orders release {ORDER}"))
            .ends(3)
            .says(&format!("mcf orders restore {ORDER}"));
        place
            .run(&format!("orders restore {ORDER} --dry-run"))
            .ends(0)
            .says("would be restored");
        place
            .run(&format!("orders restore {ORDER}"))
            .ends(0)
            .says(&format!("it is {life}"));
        assert_eq!(state(&place), life, "E138");
        place
            .run(&format!("orders restore {ORDER}"))
            .ends(0)
            .says("nothing changed");
    }
}

#[test]
fn what_was_never_sent_is_decided_anew_when_its_dismissal_is_taken_back_e138() {
    for before in ["flagged", "waiting", "ready", "detected"] {
        let place = with(before);
        place.run(&format!("orders dismiss {ORDER}")).ends(0).says("never sent");
        place
            .run(&format!("orders restore {ORDER}"))
            .ends(0)
            .says("decides it anew");
        assert_eq!(state(&place), "detected", "E138");
    }
}

#[test]
fn held_and_dismissed_then_released_the_sentence_tells_the_true_state_e138() {
    let place = with("flagged");
    place.run(&format!("orders hold {ORDER}")).ends(0);
    place.run(&format!("orders dismiss {ORDER}")).ends(0);
    let said = place.run(&format!("orders release {ORDER}")).ends(0);
    let said = said.says("stays dismissed");
    said.says(&format!("mcf orders restore {ORDER}"));
    assert_eq!(state(&place), "dismissed");
}

#[test]
fn only_ended_orders_lose_their_buyer_and_only_once() {
    let open = with("waiting");
    open.run(&format!("orders erase {ORDER}"))
        .ends(3)
        .says("still needs its address");
    open.run(&format!("orders erase {ORDER} --dry-run")).ends(3);
    let place = with("completed");
    place
        .run(&format!("orders erase {ORDER} --dry-run"))
        .ends(0)
        .says("would be");
    place
        .run(&format!("orders erase {ORDER}"))
        .ends(0)
        .says("gone for good");
    place
        .run(&format!("orders erase {ORDER} --dry-run"))
        .ends(0)
        .says("nothing changed");
    place
        .run(&format!("orders erase {ORDER}"))
        .ends(0)
        .says("nothing changed");
}

#[test]
fn lists_and_exports_are_filtered_and_an_existing_file_is_kept() {
    let place = with("flagged");
    place.order("576900000000000102", "routed");
    assert_eq!(place.run("orders list").ends(0).stdout.lines().count(), 2);
    let flagged = place.run("orders list --state flagged --json").ends(0).json();
    assert_eq!(flagged["orders"].as_array().map(Vec::len), Some(1));
    assert_eq!(place.run("orders list --state cancelled").ends(0).stdout, "");
    let csv = place.run("orders export").ends(0).stdout;
    assert_eq!(csv.lines().count(), 3);
    assert!(csv.starts_with("tiktok_order_id,state,"));
    place.write("out.csv", "mine");
    place
        .run("orders export --output out.csv")
        .ends(2)
        .says("out.csv exists already");
    assert_eq!(place.read("out.csv"), "mine");
    place
        .run("orders export --output out.csv --force --state routed")
        .ends(0);
    assert_eq!(place.read("out.csv").lines().count(), 2);
    place.run("orders list --since tomorrow").ends(2);
}
