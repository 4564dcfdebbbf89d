//! What a preview means for one order.

use chrono::{DateTime, Utc};

use super::super::samples::{lamps, rules};
use super::*;
use crate::domain::fulfillment::{PreviewFee, ShippingSpeed};
use crate::domain::order::Money;
use crate::domain::order::tests_support::plain_order;
use crate::domain::routing::choice::TooLate;
use crate::domain::routing::decision::{Decision, decide};
use crate::domain::routing::known::Units;

fn day(day: u32) -> DateTime<Utc> {
    format!("2026-01-{day:02}T12:00:00Z").parse().expect("an instant")
}

/// The lamp, to be handed over by 7 January.
fn order() -> Order {
    let mut order = plain_order("1");
    order.deadlines.scanned_by = Some(day(7));
    order
}

fn route(order: &Order) -> Route {
    let later = order.times.created_at + chrono::TimeDelta::hours(5);
    match decide(order, 1, &lamps(5), &Units::default(), &rules(), later) {
        Decision::Route(route) => *route,
        other => panic!("no route: {other:?}"),
    }
}

fn preview(speed: ShippingSpeed, ships: Option<u32>, fees: &[(&str, &str)]) -> Preview {
    let fee = |(amount, currency): &(&str, &str)| PreviewFee {
        name: "FBAPerUnitFulfillmentFee".into(),
        amount: (*amount).into(),
        currency: (*currency).into(),
    };
    Preview {
        speed,
        is_fulfillable: true,
        fees: fees.iter().map(fee).collect(),
        latest_ship_at: ships.map(day),
        latest_arrival_at: Some(day(12)),
        unfulfillable_reasons: Vec::new(),
    }
}

fn standard(fees: &[(&str, &str)]) -> Preview {
    preview(ShippingSpeed::Standard, Some(6), fees)
}

fn guarded(fee_share_max: u32) -> Rules {
    Rules {
        preview: Some(PreviewRules {
            holds_unfulfillable: true,
            fee_share_max,
        }),
        ..rules()
    }
}

fn upgrading() -> Rules {
    let mut rules = guarded(0);
    rules.speed.deadline.mode = DeadlineMode::Upgrade;
    rules
}

fn weighed(previews: Vec<Preview>, rules: &Rules) -> Weighed {
    let order = order();
    weigh(&order, &route(&order), &Previewed::Shown(previews), rules, false)
}

fn details(weighed: &Weighed) -> Vec<&str> {
    weighed.flags.iter().map(|flag| flag.detail.as_str()).collect()
}

fn said(weighed: &Weighed) -> String {
    weighed.route.explanation.join("; ")
}

#[test]
fn the_window_the_fees_and_the_arrival_are_told() {
    let weighed = weighed(vec![standard(&[("8.95", "USD"), ("0.5", "USD")])], &guarded(0));
    assert!(
        said(&weighed).ends_with(
            "speed: Standard, asked for by the settings; Standard leaves by 2026-01-06T12:00:00Z (9.45 USD), in time for \
             TikTok's 2026-01-07T12:00:00Z; preview: leaves by 2026-01-06T12:00:00Z; \
             preview: arrives by 2026-01-12 12:00 UTC; preview: fees of 9.45 USD"
        ),
        "{}",
        said(&weighed)
    );
    assert!(weighed.flags.is_empty() && !weighed.speed.is_at_risk);
    assert_eq!(weighed.speed.fees.expect("known").amount, "9.45");
}

#[test]
fn an_unfulfillable_preview_is_flagged_with_amazons_reasons_where_that_is_wanted() {
    let bad = || Preview {
        is_fulfillable: false,
        unfulfillable_reasons: vec!["DeliverySLAUnavailable".into()],
        ..standard(&[("8.95", "USD")])
    };
    let held = weighed(vec![bad()], &guarded(0));
    assert_eq!(details(&held), ["preview_unfulfillable"]);
    assert!(held.flags[0].message.contains("DeliverySLAUnavailable"));
    let mut advisory = guarded(0);
    advisory.preview = Some(PreviewRules::default());
    let sent = weighed(vec![bad()], &advisory);
    assert!(sent.flags.is_empty() && said(&sent).contains("DeliverySLAUnavailable"));
}

#[test]
fn fees_beyond_their_share_of_the_total_are_flagged_and_at_the_limit_they_pass() {
    let guarded = |fee, share| weighed(vec![standard(&[(fee, "USD")])], &guarded(share));
    let flagged = guarded("8.05", 30);
    assert_eq!(details(&flagged), ["fee_share"]);
    assert_eq!(flagged.flags[0].next_command, "mcf route 1 --accept fee_share");
    assert!(details(&guarded("8.04", 30)).is_empty());
    assert!(details(&guarded("800", 0)).is_empty());
}

#[test]
fn what_a_person_accepted_is_not_held_against_the_order() {
    let mut accepted = guarded(30);
    accepted
        .accepted
        .entry(order().id)
        .or_default()
        .insert(Detail::FeeShare);
    assert!(weighed(vec![standard(&[("8.05", "USD")])], &accepted).flags.is_empty());
    let mut late = upgrading();
    late.speed.deadline.too_late = TooLate::Flag;
    let previews = || vec![preview(ShippingSpeed::Standard, Some(9), &[])];
    let flagged = weighed(previews(), &late);
    assert_eq!(details(&flagged), ["too_late"], "E151");
    assert_eq!(flagged.flags[0].next_command, "mcf route 1 --accept too_late", "E151");
    assert!(flagged.speed.is_at_risk, "E151: it is told");
    late.accepted.entry(order().id).or_default().insert(Detail::TooLate);
    assert!(weighed(previews(), &late).flags.is_empty(), "E151");
}

#[test]
fn fees_that_amazon_does_not_name_are_unknown_and_never_nothing_e75() {
    for fees in [
        &[][..],
        &[("", "USD")],
        &[("-1", "USD")],
        &[("1e2", "USD")],
        &[("1", "USD"), ("1", "CAD")],
    ] {
        let unknown = weighed(vec![standard(fees)], &guarded(30));
        assert_eq!(details(&unknown), ["fee_unknown"], "E75: {fees:?}");
        assert!(said(&unknown).contains("preview: the fees are not known"), "E75");
        assert!(
            weighed(vec![standard(fees)], &guarded(0)).flags.is_empty(),
            "E75: no guard"
        );
    }
    assert_eq!(
        details(&weighed(vec![standard(&[("1", "CAD")])], &guarded(30))),
        ["fee_unknown"]
    );
    assert_eq!(details(&weighed(Vec::new(), &guarded(30))), ["fee_unknown"]);
}

#[test]
fn a_free_order_is_not_held_back_by_its_fees_e13() {
    let mut free = order();
    free.total = Some(Money {
        amount: "0.00".into(),
        currency: "USD".into(),
    });
    let shown = Previewed::Shown(vec![standard(&[("8.95", "USD")])]);
    assert!(
        weigh(&free, &route(&free), &shown, &guarded(30), false)
            .flags
            .is_empty(),
        "E13"
    );
}

#[test]
fn an_order_that_would_be_late_is_made_faster_within_the_guard_on_fees_e148() {
    let previews = |fee| {
        vec![
            preview(ShippingSpeed::Standard, Some(8), &[("8.00", "USD")]),
            preview(ShippingSpeed::Expedited, Some(6), &[(fee, "USD")]),
        ]
    };
    let upgraded = weighed(previews("12.45"), &upgrading());
    assert_eq!(upgraded.route.draft.speed, ShippingSpeed::Expedited, "E148");
    assert_eq!(
        upgraded.speed.because,
        "Expedited leaves by 2026-01-06T12:00:00Z (12.45 USD) for TikTok's 2026-01-07T12:00:00Z, in place of Standard leaves by \
         2026-01-08T12:00:00Z (8.00 USD)",
        "E148: both dates and fees"
    );
    let mut guard = upgrading();
    guard.preview = guarded(40).preview;
    let kept = weighed(previews("12.45"), &guard);
    assert_eq!(
        kept.route.draft.speed,
        ShippingSpeed::Standard,
        "beyond 40 percent of 26.80"
    );
    assert!(kept.speed.is_at_risk && kept.flags.is_empty());
    let warned = weighed(previews("12.45"), &guarded(0));
    assert!(
        warned.speed.is_at_risk && warned.route.draft.speed == ShippingSpeed::Standard,
        "E148: warn"
    );
}

#[test]
fn a_speed_that_is_not_offered_names_the_one_to_ask_for_e73() {
    let previews = vec![preview(ShippingSpeed::Expedited, Some(6), &[])];
    let flagged = weighed(previews, &guarded(0));
    assert_eq!(details(&flagged), ["speed_not_offered"], "E73");
    assert_eq!(flagged.flags[0].next_command, "mcf route 1 --speed Expedited", "E73");
}

#[test]
fn what_a_preview_says_against_it_is_told_and_keeps_back_what_no_person_asks_for() {
    let order = order();
    let bad = Previewed::Refused("InvalidSku".into());
    let weighed = |is_by_hand| weigh(&order, &route(&order), &bad, &guarded(0), is_by_hand);
    assert_eq!(details(&weighed(false)), ["preview_refused"]);
    let by_hand = weighed(true);
    assert!(by_hand.flags.is_empty());
    assert!(said(&by_hand).contains("by hand in spite of this: Amazon refuses to preview it"));
}

#[test]
fn without_an_answer_it_goes_as_it_was_set_and_says_so_e150() {
    let order = order();
    let weighed = weigh(
        &order,
        &route(&order),
        &Previewed::Failed("503".into()),
        &upgrading(),
        false,
    );
    assert!(weighed.flags.is_empty() && !weighed.speed.is_at_risk, "E150");
    assert_eq!(weighed.route.draft.speed, ShippingSpeed::Standard, "E150");
    assert!(
        said(&weighed).ends_with("preview: none, so that it goes as it is set: 503"),
        "E150"
    );
}

#[test]
fn what_is_sent_at_the_sellers_cost_is_not_held_back_by_its_fees_e145_e146() {
    let marks: [fn(&mut Order); 4] = [
        |order| order.purpose.is_sample = Some(true),
        |order| order.purpose.is_refundable_sample = Some(true),
        |order| order.purpose.is_replacement = Some(true),
        |order| order.purpose.is_exchange = Some(true),
    ];
    for mark in marks {
        let mut order = order();
        let planned = route(&order);
        mark(&mut order);
        for fees in [&[("800.00", "USD")][..], &[]] {
            let shown = Previewed::Shown(vec![standard(fees)]);
            let flags = weigh(&order, &planned, &shown, &guarded(30), false).flags;
            assert!(flags.is_empty(), "E145, E146: {fees:?}");
        }
    }
}

#[test]
fn a_late_order_says_that_nothing_faster_is_in_time_only_where_that_was_looked_for_e148() {
    let late = || vec![preview(ShippingSpeed::Standard, Some(9), &[])];
    let nothing_faster = "and nothing faster that is allowed is in time";
    let upgraded = weighed(late(), &upgrading()).speed.because;
    assert!(upgraded.ends_with(nothing_faster), "E148: {upgraded}");
    let warned = weighed(late(), &guarded(0)).speed.because;
    assert!(
        warned.ends_with("after TikTok's 2026-01-07T12:00:00Z"),
        "E148: {warned}"
    );
}

#[test]
fn the_dates_that_are_kept_are_those_of_the_chosen_speed_and_of_no_other_offer() {
    let previews = vec![
        preview(ShippingSpeed::Expedited, Some(5), &[("12.45", "USD")]),
        standard(&[("8.95", "USD")]),
    ];
    assert_eq!(weighed(previews, &guarded(0)).speed.latest_ship_at, Some(day(6)));
    let unfulfillable = Preview {
        is_fulfillable: false,
        ..standard(&[])
    };
    assert_eq!(weighed(vec![unfulfillable], &guarded(0)).speed.latest_ship_at, None);
}

#[test]
fn a_faster_speed_keeps_within_the_guard_but_where_fees_are_not_compared_e145_e148() {
    let mut rules = upgrading();
    rules.preview = guarded(40).preview;
    let speed = |change: fn(&mut Order), fee: (&str, &str)| {
        let mut order = order();
        let planned = route(&order);
        change(&mut order);
        let previews = vec![
            preview(ShippingSpeed::Standard, Some(8), &[("8.00", "USD")]),
            preview(ShippingSpeed::Expedited, Some(6), &[fee]),
        ];
        weigh(&order, &planned, &Previewed::Shown(previews), &rules, false)
            .speed
            .speed
    };
    let free = |order: &mut Order| {
        order.total = Some(Money {
            amount: "0.00".into(),
            currency: "USD".into(),
        });
    };
    for (change, fee, chosen) in [
        ((|_| {}) as fn(&mut Order), ("10.72", "USD"), ShippingSpeed::Expedited),
        (|_| {}, ("10.73", "USD"), ShippingSpeed::Standard),
        (|_| {}, ("1.00", "CAD"), ShippingSpeed::Standard),
        (|order| order.total = None, ("1.00", "USD"), ShippingSpeed::Standard),
        (free, ("12.45", "USD"), ShippingSpeed::Expedited),
        (
            |order| order.purpose.is_sample = Some(true),
            ("12.45", "USD"),
            ShippingSpeed::Expedited,
        ),
    ] {
        assert_eq!(speed(change, fee), chosen, "E145, E148: {fee:?}");
    }
}
