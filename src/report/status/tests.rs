//! The overview, from stores in which one thing is wrong each.

use chrono::TimeDelta;

use super::*;
use crate::domain::event::Event;
use crate::domain::flag::{Detail, Flag};
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::tests_support::plain_order;
use crate::domain::routing::StoredDecision;
use crate::domain::state::Step;
use crate::report::attention::AttentionKind;
use crate::report::tests_support::{self, filled, now, timing};
use crate::secret::Secret;
use crate::store::tests_support::store;
use crate::store::{DeliveryResult, RunOutcome, StoredTokens, Vendor};

fn overview(store: &Store) -> StatusOverview {
    StatusOverview::read(store, &timing(), now()).expect("an overview")
}

#[test]
fn the_json_has_every_state_and_the_promised_fields() {
    let (_folder, store) = filled();
    insta::assert_snapshot!(crate::report::json(&overview(&store)).expect("JSON"));
}

#[test]
fn people_read_tables_and_pipes_read_tabs() {
    let (_folder, store) = filled();
    insta::assert_snapshot!("terminal", overview(&store).text(&tests_support::terminal()));
    insta::assert_snapshot!("pipe", overview(&store).text(&View::pipe(now())));
}

#[test]
fn an_empty_store_has_zeros_and_commands_that_never_ran() {
    let (_folder, store) = store();
    let overview = overview(&store);
    assert_eq!(overview.orders.len(), State::ALL.len());
    assert!(overview.orders.values().all(|count| *count == 0));
    assert!(
        overview
            .commands
            .iter()
            .all(|command| command.overdue && command.last_success_at.is_none())
    );
    assert!(overview.needs_person(), "a schedule that never ran is a problem");
}

#[test]
fn a_command_is_overdue_after_twice_its_interval_without_a_good_run() {
    let (_folder, store) = store();
    for (name, _) in timing().commands() {
        tests_support::good_run(&store, name, now() - TimeDelta::minutes(10));
    }
    assert!(!overview(&store).needs_person());
    let later = now() + TimeDelta::seconds(1);
    let overview = StatusOverview::read(&store, &timing(), later).expect("an overview");
    let overdue: Vec<_> = overview.commands.iter().filter(|command| command.overdue).collect();
    assert_eq!(overdue.len(), 1);
    assert_eq!(overdue[0].name, "poll");
    assert!(overview.needs_person());
}

#[test]
fn a_disabled_webhook_is_shown_by_its_host_alone() {
    let (_folder, store) = store();
    let endpoint = "https://user:pw@hooks.slack.com/services/T0/B0/canary";
    store.add_endpoint(endpoint).expect("added");
    store
        .disable_endpoint(endpoint, "it answered 410", now())
        .expect("disabled");
    let text = crate::report::json(&overview(&store)).expect("JSON");
    assert!(
        text.contains("https://hooks.slack.com is disabled: it answered 410"),
        "R30: {text}"
    );
    assert!(!text.contains("canary") && !text.contains("pw"), "I10");
}

#[test]
fn an_endpoint_that_fails_now_is_shown_but_needs_nobody_until_events_are_lost() {
    let (_folder, store) = store();
    let endpoint = "https://ops.example/hook";
    store.add_endpoint(endpoint).expect("added");
    store
        .add_events(&[Event::Error { message: "one".into() }], now())
        .expect("written");
    store.queue_deliveries(endpoint, |_| true, now()).expect("queued");
    let later = DeliveryResult::Later(now() + TimeDelta::minutes(5), "status 500".into());
    store.record_delivery(endpoint, 1, &later, now()).expect("noted");
    let webhooks = |overview: StatusOverview| -> Vec<bool> {
        let webhooks = overview
            .attention
            .iter()
            .filter(|item| item.kind == AttentionKind::Webhook);
        webhooks.map(|item| item.needs_person).collect()
    };
    assert_eq!(webhooks(overview(&store)), [false], "E115");
    store
        .record_delivery(endpoint, 1, &DeliveryResult::GivenUp("status 500".into()), now())
        .expect("noted");
    assert_eq!(webhooks(overview(&store)), [true], "E115");
}

fn placed(store: &Store, id: &str, flags: Vec<Flag>, hours: i64) {
    let mut order = plain_order(id);
    order.deadlines.ship_by = Some(now() + TimeDelta::hours(hours));
    store.take_in_detail(&order, now()).expect("stored");
    if flags.is_empty() {
        return;
    }
    let decided = StoredDecision {
        from: State::Detected,
        step: Step::Flag,
        detail: None,
        next_attempt_at: None,
        flags,
        explanation: "flagged".to_owned(),
    };
    store.decide(&order.id, &decided, now()).expect("decided");
}

fn rows(store: &Store) -> Vec<(&'static str, u64, Option<String>, String)> {
    let attention = overview(store).attention.into_iter();
    let about_orders = attention.filter(|item| item.orders > 0);
    let row = |item: Attention| {
        (
            item.detail,
            item.orders,
            item.example.map(|id| id.to_string()),
            item.next_command,
        )
    };
    about_orders.map(row).collect()
}

#[test]
fn fifty_four_orders_of_one_cause_are_one_row_with_the_product_and_the_next_command() {
    let (_folder, store) = store();
    for number in 100..154 {
        let id = TiktokOrderId::new(number.to_string());
        let flag = Flag::new(Detail::SkuNotMapped, "\"Mug\" is not mapped", &id).about(["17".to_owned()]);
        placed(&store, id.as_str(), vec![flag], 48);
    }
    let other = TiktokOrderId::new("200");
    let flag = Flag::plain(Detail::SkuNotMapped, &other).about(["18".to_owned()]);
    placed(&store, "200", vec![flag], 50);
    let import = "mcf mappings missing";
    assert_eq!(
        rows(&store),
        [
            ("sku_not_mapped", 54, Some("100".to_owned()), import.to_owned()),
            ("sku_not_mapped", 1, Some("200".to_owned()), import.to_owned()),
        ]
    );
    let first = overview(&store)
        .attention
        .into_iter()
        .find(|item| item.orders == 54)
        .expect("a row");
    assert_eq!(
        (first.reason, first.sku.as_deref()),
        (Some(Reason::SkuNotMapped), Some("17"))
    );
    assert_eq!(first.sentence(), "54 orders: \"Mug\" is not mapped");
}

#[test]
fn a_held_order_shows_as_held_with_its_release_first_whatever_else_is_wrong_with_it() {
    let (_folder, store) = store();
    let id = TiktokOrderId::new("1");
    placed(&store, "1", vec![Flag::plain(Detail::CityMissing, &id)], 48);
    store.hold(&id, true, "held by a test", now()).expect("held");
    let release = "mcf orders release 1".to_owned();
    assert_eq!(rows(&store), [("held", 1, Some("1".to_owned()), release)]);
    let overview = overview(&store);
    assert_eq!(overview.held, 1);
    let held = overview
        .attention
        .iter()
        .find(|item| item.kind == AttentionKind::Held)
        .expect("a row");
    assert!(
        !held.needs_person && held.message.contains("the city is missing"),
        "{held:?}"
    );
}

#[test]
fn a_hold_needs_a_word_when_a_deadline_comes_near() {
    let (_folder, store) = store();
    for (id, hours) in [("1", 20), ("2", 48)] {
        placed(&store, id, Vec::new(), hours);
        store
            .hold(&TiktokOrderId::new(id), true, "held by a test", now())
            .expect("held");
    }
    let overview = overview(&store);
    let held = overview
        .attention
        .iter()
        .find(|item| item.kind == AttentionKind::Held)
        .expect("a row");
    assert_eq!((held.orders, held.needs_person), (2, true));
    assert_eq!(
        held.example.as_ref().map(TiktokOrderId::as_str),
        Some("1"),
        "the nearest deadline"
    );
}

#[test]
fn a_failed_run_shows_at_once_and_a_vendors_bad_minute_needs_nobody_yet() {
    for (outcome, needs_person) in [
        (RunOutcome::VendorUnavailable, false),
        (RunOutcome::Interrupted, false),
        (RunOutcome::CredentialsRefused, true),
        (RunOutcome::Failed, true),
        (RunOutcome::PersonNeeded, true),
    ] {
        let (_folder, store) = store();
        for (name, _) in timing().commands() {
            tests_support::good_run(&store, name, now() - TimeDelta::minutes(6));
        }
        store.begin_run("poll", now() - TimeDelta::minutes(1)).expect("begun");
        store.end_run(outcome, &serde_json::json!({}), now()).expect("ended");
        let overview = overview(&store);
        assert_eq!(overview.attention.len(), 1, "{outcome:?}");
        assert_eq!(overview.attention[0].detail, "last_run_failed", "{outcome:?}");
        assert_eq!(overview.needs_person(), needs_person, "{outcome:?}");
        assert!(
            overview.attention[0]
                .message
                .contains("its last good one was 6 minutes ago")
        );
    }
}

#[test]
fn a_token_is_told_from_seven_days_before_its_end() {
    for (days, told) in [(8, false), (7, true), (0, true)] {
        let (_folder, store) = store();
        let tokens = StoredTokens {
            access: Secret::new("TTP_access"),
            access_expires_at: now(),
            refresh: Some(Secret::new("TTP_refresh")),
            refresh_expires_at: Some(now() + TimeDelta::days(days)),
            scopes: Vec::new(),
            seed_hash: "abc".into(),
            updated_at: now(),
        };
        store.keep_tokens(Vendor::Tiktok, &tokens).expect("kept");
        let is_told = overview(&store)
            .attention
            .iter()
            .any(|item| item.detail == "token_ends_soon");
        assert_eq!(is_told, told, "{days} days");
    }
}

#[test]
fn the_headline_says_that_all_is_well_or_what_is_needed_first() {
    let (_folder, store) = store();
    for (name, _) in timing().commands() {
        tests_support::good_run(&store, name, now());
    }
    placed(&store, "1", Vec::new(), 48);
    assert_eq!(
        overview(&store).headline(),
        "ok: nothing needs a person; 1 orders are open, 0 late"
    );
    let id = TiktokOrderId::new("2");
    placed(&store, "2", vec![Flag::plain(Detail::CityMissing, &id)], 48);
    let said = "a person is needed: order 2: the city is missing; next: mcf route 2";
    assert_eq!(overview(&store).headline(), said);
    let pause = Pause {
        since: now(),
        until: None,
        because: Some("stocktaking".to_owned()),
    };
    store.keep_pause(&pause, "seller", now()).expect("paused");
    let said = overview(&store).headline();
    assert!(
        said.contains("paused") && said.ends_with("next: mcf resume (and 1 more)"),
        "{said}"
    );
}
