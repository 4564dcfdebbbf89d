use super::*;
use crate::domain::flag::Detail;
use crate::domain::fulfillment::{DraftItem, ShippingSpeed};
use crate::domain::ids::FulfillmentItemId;
use crate::domain::submission::{Absence, AskedBy, Door, DoorFacts, open};
use crate::secret::Private;
use crate::store::tests_support::{fill, filled_at, store};

const ORDER: &str = "576900000000000101";

fn draft() -> Draft {
    Draft {
        id: FulfillmentOrderId::new(format!("TTS-{ORDER}")),
        displayable_id: TiktokOrderId::new(ORDER),
        displayable_date: filled_at(),
        comment: "Thank you!".into(),
        speed: ShippingSpeed::Standard,
        marketplace_id: "ATVPDKIKX0DER".into(),
        features: Vec::new(),
        destination: Private::new(None),
        items: vec![DraftItem {
            id: FulfillmentItemId::new("i1"),
            sku: AmazonSku::new("FBA-LAMP"),
            quantity: 1,
        }],
    }
}

/// Claims the order with this body.
fn claim(store: &Store, body: &str) -> Result<()> {
    let draft = draft();
    let claim = Claim {
        draft: &draft,
        generation: 1,
        body,
        body_hash: body,
        units: &[],
        explanation: "",
        rest_of: None,
    };
    assert_eq!(store.claim(&claim, filled_at())?, None, "there is stock");
    Ok(())
}

fn intent(store: &Store) -> Intent {
    let found = store.intent(&draft().id).expect("readable");
    found.expect("an intent")
}

fn execute(store: &Store, statement: &str) {
    store.connection().execute(statement, []).expect("done");
}

/// A store with a ready order that was not sent before.
fn ready() -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    fill(&store, ORDER, "ready");
    execute(&store, "DELETE FROM fulfillment_orders");
    execute(
        &store,
        "INSERT INTO stock_figures (sku, read_at, remaining) VALUES ('FBA-LAMP', 0, 5)",
    );
    (folder, store)
}

fn became(store: &Store, outcome: Outcome) {
    let outcome = outcome.as_str();
    execute(store, &format!("UPDATE fulfillment_orders SET outcome = '{outcome}'"));
}

fn is_conflict<T>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::WriteConflict { .. }))
}

#[test]
fn an_id_that_may_be_at_amazon_is_not_claimed_again_even_where_its_order_is_ready_i1() {
    for outcome in Outcome::ALL {
        let (_folder, store) = ready();
        claim(&store, "first").expect("claimed");
        became(&store, outcome);
        execute(&store, "UPDATE orders SET state = 'ready'");
        let again = claim(&store, "second");
        assert_eq!(
            is_conflict(&again),
            outcome.may_be_at_amazon(),
            "I1: {outcome:?}: {again:?}"
        );
        let body = if outcome.may_be_at_amazon() { "first" } else { "second" };
        assert_eq!(intent(&store).body_hash, body, "I3: {outcome:?}");
    }
}

#[test]
fn only_what_is_not_certain_is_sent_or_ended_i1() {
    for outcome in Outcome::ALL {
        let (_folder, store) = ready();
        claim(&store, "first").expect("claimed");
        became(&store, outcome);
        let read = intent(&store);
        let begun = store.begin_attempt(&read, filled_at());
        assert_eq!(is_conflict(&begun), !outcome.is_open(), "I1: {outcome:?}");
        let ended = store.not_sent(&begun.unwrap_or(read), "", filled_at());
        assert_eq!(is_conflict(&ended), !outcome.is_open(), "I1: {outcome:?}");
    }
}

#[test]
fn an_accepted_order_is_taken_back_only_where_its_door_is_open_i1() {
    for outcome in Outcome::ALL {
        for (since, absence) in [("NULL", Absence::Short), ("0", Absence::Grace)] {
            let (_folder, store) = ready();
            claim(&store, "first").expect("claimed");
            became(&store, outcome);
            execute(
                &store,
                &format!("UPDATE fulfillment_orders SET missing_since = {since}"),
            );
            execute(&store, "UPDATE orders SET state = 'routed'");
            let facts = DoorFacts {
                absence,
                ..DoorFacts::new(Some(outcome), 1, AskedBy::Person)
            };
            let is_open = open(&facts).is_ok_and(|pass| pass.door() == Door::NeverShown);
            let taken_back = store.retract_missing(&intent(&store), filled_at());
            assert_eq!(is_conflict(&taken_back), !is_open, "I1: {outcome:?} {absence:?}");
        }
    }
}

#[test]
fn an_order_has_one_intent_of_each_generation_i1() {
    let (_folder, store) = ready();
    claim(&store, "first").expect("claimed");
    let another = "INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_hash, intended_at)
                   SELECT 'TTS-other', order_id, generation, 'intended', '', 0 FROM fulfillment_orders";
    let refused = store.connection().execute(another, []);
    let refused = refused.expect_err("I1: a second intent of the same generation");
    assert_eq!(
        refused.sqlite_error_code(),
        Some(rusqlite::ErrorCode::ConstraintViolation)
    );
}

#[test]
fn of_two_runs_that_want_to_send_one_begins_and_a_new_body_is_not_mixed_up_with_the_old_one_i3() {
    let (_folder, store) = ready();
    claim(&store, "first").expect("claimed");
    let read_by_both = intent(&store);
    let begun = store.begin_attempt(&read_by_both, filled_at()).expect("begun");
    assert!(is_conflict(&store.begin_attempt(&read_by_both, filled_at())), "I4");
    store.not_sent(&begun, "throttled", filled_at()).expect("noted");
    claim(&store, "second").expect("claimed anew");
    assert!(is_conflict(&store.begin_attempt(&begun, filled_at())), "I3");
}

#[test]
fn the_end_of_an_attempt_says_nothing_about_a_later_one_i4() {
    let (_folder, store) = ready();
    claim(&store, "first").expect("claimed");
    let suspended = store.begin_attempt(&intent(&store), filled_at()).expect("begun");
    let seen = Moment {
        local: filled_at(),
        vendor: Some(filled_at()),
        uptime: None,
    };
    store
        .unknown(&suspended, Some(&seen), "another run looked", filled_at())
        .expect("noted");
    store
        .begin_attempt(&intent(&store), filled_at())
        .expect("another run sends");
    assert!(is_conflict(&store.not_sent(&suspended, "too late", filled_at())));
    let flag = Flag::plain(Detail::Refused, &suspended.order);
    let refused = store.refused(&suspended, Outcome::Refused, &flag, filled_at());
    assert!(is_conflict(&refused));
    assert_eq!(intent(&store).outcome, Outcome::Unknown);
}

#[test]
fn what_amazon_offered_goes_when_it_accepts() {
    let (_folder, store) = ready();
    let (id, now) = (TiktokOrderId::new(ORDER), filled_at());
    store.keep_preview(&id, "asked", &[], now).expect("kept");
    claim(&store, "first").expect("claimed");
    let since = now - chrono::TimeDelta::hours(1);
    assert!(store.kept_preview(&id, "asked", since).expect("readable").is_some());
    store.accepted(&draft().id, &id, "accepted", now).expect("accepted");
    assert!(store.kept_preview(&id, "asked", since).expect("readable").is_none());
}

#[test]
fn what_was_sent_is_forgotten_once_all_of_it_is_shipped_and_told_and_not_before() {
    let parcel = "INSERT INTO parcels (order_id, fulfillment_order_id, shipment_id, package_number, carrier_code, found_at, state)
        VALUES ('576900000000000101', 'TTS-576900000000000101', 's', 1, 'UPS', 0, 'synced')";
    for (status, is_kept) in [("Complete", false), ("CompletePartialled", true)] {
        for ends_first in [true, false] {
            let (_folder, store) = store();
            fill(&store, ORDER, "shipped");
            execute(&store, parcel);
            execute(
                &store,
                &format!("UPDATE fulfillment_orders SET amazon_status = '{status}'"),
            );
            let has_body = || {
                let query = "SELECT body_sealed IS NOT NULL AND draft_sealed IS NOT NULL FROM fulfillment_orders";
                store.value::<bool>(query, []).expect("read")
            };
            let end = || store.note_end(&draft().id, true, filled_at()).expect("noted");
            let complete = || store.complete_orders(filled_at()).expect("completed").len();
            if ends_first {
                end();
                assert!(has_body(), "{status}: its numbers are not told");
                assert_eq!(complete(), usize::from(!is_kept));
            } else {
                assert_eq!(complete(), usize::from(!is_kept));
                assert!(has_body(), "{status}: Amazon may still change it");
                end();
            }
            assert_eq!(has_body(), is_kept, "{status}");
        }
    }
}
