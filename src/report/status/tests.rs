//! The overview, from stores in which one thing is wrong each.

use super::*;
use crate::domain::event::Event;
use crate::report::tests_support::{self, filled, now, timing};
use crate::store::DeliveryResult;
use crate::store::tests_support::store;

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
