//! How an order stands against its deadline: one row a case.

use chrono_tz::America::Los_Angeles;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a valid instant")
}

/// Thursday, the last second of the day on the Pacific coast.
fn due() -> DateTime<Utc> {
    at("2026-03-06T07:59:59Z")
}

fn hours(hours: i64) -> TimeDelta {
    TimeDelta::hours(hours)
}

/// An order that Amazon has and has not shipped.
fn open() -> Dispatch {
    Dispatch {
        order: TiktokOrderId::new("1"),
        deadlines: Deadlines {
            scanned_by: Some(due()),
            ship_by: Some(due() - hours(24)),
            ..Deadlines::default()
        },
        life: State::Routed,
        tiktok_status: OrderStatus::AwaitingShipment,
        cancelled_at: None,
        parcels: Vec::new(),
        units_without_parcel: 1,
        is_complete: false,
        is_planned_late: false,
        speed: None,
        carrier: None,
    }
}

/// An order whose parcels left so long after its deadline.
fn left(after: &[Option<i64>]) -> Dispatch {
    Dispatch {
        life: State::Shipped,
        parcels: after
            .iter()
            .map(|after| after.map(|after| due() + hours(after)))
            .collect(),
        units_without_parcel: 0,
        ..open()
    }
}

fn cancelled(after: i64) -> Dispatch {
    Dispatch {
        life: State::Cancelled,
        cancelled_at: Some(due() + hours(after)),
        ..open()
    }
}

#[test]
fn an_order_is_judged_by_when_the_last_of_it_was_handed_over() {
    use Timeliness::{CancelledLate, Elsewhere, HandedOverLate, InTime, NoDeadline, Open, OpenLate, Withdrawn};
    let (early, late) = (due() - hours(1), due() + hours(1));
    let with_life = |life| Dispatch { life, ..open() };
    let no_deadline = Dispatch {
        deadlines: Deadlines::default(),
        ..left(&[Some(5)])
    };
    let by_number = Dispatch {
        deadlines: Deadlines {
            ship_by: Some(due()),
            ..Deadlines::default()
        },
        ..left(&[Some(1)])
    };
    let part = Dispatch {
        units_without_parcel: 1,
        ..left(&[Some(-9)])
    };
    let complete = Dispatch {
        is_complete: true,
        ..part.clone()
    };
    let by_hand = Dispatch {
        life: State::Flagged,
        tiktok_status: OrderStatus::InTransit,
        ..open()
    };
    let told_then_cancelled = Dispatch {
        life: State::Cancelled,
        cancelled_at: Some(late),
        ..left(&[Some(-2)])
    };
    let table = [
        ("handed over", left(&[Some(-2)]), late, InTime),
        ("at its very deadline", left(&[Some(0)]), late, InTime),
        ("late", left(&[Some(1)]), late, HandedOverLate),
        ("early, looked at before it is due", left(&[Some(-9)]), early, InTime),
        ("the last part counts", left(&[Some(-9), Some(2)]), late, HandedOverLate),
        ("a part has not left, not due", left(&[Some(-9), None]), early, Open),
        ("a part has not left, due", left(&[Some(-9), None]), late, OpenLate),
        ("a unit is in no parcel", part, late, OpenLate),
        ("Amazon says that all is shipped", complete, late, InTime),
        ("open, not due", open(), early, Open),
        ("open at its very deadline", open(), due(), Open),
        ("open and late", open(), due() + TimeDelta::seconds(1), OpenLate),
        ("flagged and late", with_life(State::Flagged), late, OpenLate),
        ("no deadline", no_deadline, late, NoDeadline),
        (
            "the number's deadline where there is no other",
            by_number,
            late,
            HandedOverLate,
        ),
        ("cancelled before due", cancelled(-1), late, Withdrawn),
        ("cancelled at its very deadline", cancelled(0), late, Withdrawn),
        ("cancelled after due", cancelled(1), late, CancelledLate),
        ("shipped in time, then cancelled", told_then_cancelled, late, InTime),
        ("dismissed", with_life(State::Dismissed), late, Elsewhere),
        ("none of ours", with_life(State::NotEligible), late, Elsewhere),
        ("shipped by hand", by_hand, late, Elsewhere),
        (
            "ended, and nobody knows when it left",
            with_life(State::Completed),
            late,
            Elsewhere,
        ),
    ];
    for (case, order, now, expected) in table {
        assert_eq!(order.timeliness(now), expected, "{case}");
    }
}

#[test]
fn the_rate_is_the_share_of_the_orders_due_in_its_span_that_were_late_or_never_left() {
    let now = due() + hours(2);
    let long_ago = |mut order: Dispatch, days| {
        order.deadlines.scanned_by = Some(due() - TimeDelta::days(days));
        order
    };
    let orders = [
        left(&[Some(-2)]),
        left(&[Some(1)]),
        open(),
        cancelled(-1),
        cancelled(1),
        long_ago(left(&[Some(0)]), 10),
        long_ago(open(), 40),
        long_ago(left(&[Some(-2)]), -1),
    ];
    let due_by = |now| orders.iter().filter_map(|order| order.due(now)).collect::<Vec<_>>();
    let tally = |days| tally(&due_by(now), TimeDelta::days(days), now);
    assert_eq!(tally(7), Tally { due: 4, late: 3 });
    assert_eq!(tally(7).share(), Some(0.75));
    assert_eq!(tally(30), Tally { due: 5, late: 4 });
    assert_eq!(Tally::default().share(), None, "none was due");
}

#[test]
fn orders_count_from_the_end_of_the_quarter_of_an_hour_in_which_they_were_due() {
    let quarter = due() + TimeDelta::seconds(1);
    let span = TimeDelta::days(7);
    let counted = |order: &Dispatch, now| tally(&order.due(now), span, now).due;
    for (order, by) in [
        (left(&[Some(-2)]), quarter),
        (open(), quarter),
        (
            Dispatch {
                deadlines: Deadlines {
                    scanned_by: Some(quarter),
                    ..Deadlines::default()
                },
                ..open()
            },
            quarter,
        ),
    ] {
        assert_eq!(counted(&order, by - TimeDelta::seconds(1)), 0, "{order:?}");
        assert_eq!(counted(&order, by + TimeDelta::seconds(1)), 1, "{order:?}");
        assert_eq!(counted(&order, by + span - TimeDelta::seconds(1)), 1, "{order:?}");
        assert_eq!(counted(&order, by + span), 0, "the span is over: {order:?}");
    }
}

#[test]
fn what_is_counted_is_late_where_the_order_is_and_no_order_is_left_out() {
    let now = due() + hours(100);
    for after in [-100, -48, -47, -24, -12, -6, -1, 0, 1, 6, 7, 24, 25, 90] {
        let order = left(&[Some(after)]);
        let counted = order.due(now).expect("counted");
        assert_eq!(counted.is_late(), order.timeliness(now).is_late(), "{after}");
        assert!(counted.late_up_to >= after * 3_600, "{after}");
        assert_eq!(counted.is_late(), after > 0);
    }
    let by_ups = Dispatch {
        carrier: Some("UPS".to_owned()),
        ..left(&[Some(-1), None])
    };
    assert_eq!(by_ups.due(now).expect("late").carrier, None, "it was not handed over");
    for order in [
        cancelled(-1),
        Dispatch {
            life: State::Dismissed,
            ..open()
        },
    ] {
        assert_eq!(order.due(now), None, "{order:?}");
    }
}

#[test]
fn days_are_those_of_the_shops_region_and_no_order_counts_twice_e110() {
    let due_at = |text: &str| Dispatch {
        deadlines: Deadlines {
            scanned_by: Some(at(text)),
            ..Deadlines::default()
        },
        ..open()
    };
    // Saturday 7 March 2026, half past ten in the evening in Los Angeles; on Sunday the clock goes forward.
    let now = at("2026-03-08T06:30:00Z");
    let orders = [
        due_at("2026-03-08T06:29:59Z"),
        due_at("2026-03-08T06:30:00Z"),
        due_at("2026-03-08T07:59:59Z"),
        due_at("2026-03-08T08:00:00Z"),
        due_at("2026-03-09T06:59:59Z"),
        due_at("2026-03-09T07:00:00Z"),
        left(&[Some(1)]),
        cancelled(1),
    ];
    let counted = ahead(&orders, Los_Angeles, now);
    let expected = Ahead {
        late: 1,
        today: 2,
        tomorrow: 2,
        at_risk: 0,
    };
    assert_eq!(counted, expected, "E110: Sunday has 23 hours");
    let counted = ahead(&orders, chrono_tz::UTC, now);
    assert_eq!(
        (counted.today, counted.tomorrow),
        (3, 2),
        "E110: elsewhere the days are others"
    );
}

#[test]
fn at_risk_is_who_is_still_in_time_and_leaves_too_late_by_amazons_plan_e149() {
    let planned_late = |order: Dispatch| Dispatch {
        is_planned_late: true,
        ..order
    };
    let early = due() - hours(20);
    assert!(planned_late(open()).is_at_risk(early), "E149");
    assert!(!open().is_at_risk(early), "E150: nothing is known");
    assert!(
        !planned_late(open()).is_at_risk(due() + hours(2)),
        "late, and no longer at risk"
    );
    assert!(!planned_late(left(&[Some(-1)])).is_at_risk(early), "it has left");
    assert_eq!(ahead(&[planned_late(open()), open()], Los_Angeles, early).at_risk, 1);
}

#[test]
fn lateness_runs_from_the_deadline_to_the_hand_over_the_cancellation_or_now() {
    for (what, order, expected) in [
        ("early", left(&[Some(-2)]), Some(-2)),
        ("late", left(&[Some(3)]), Some(3)),
        ("still open", open(), Some(9)),
        ("cancelled late", cancelled(4), Some(4)),
        ("cancelled in time", cancelled(-1), None),
    ] {
        assert_eq!(order.lateness(due() + hours(9)), expected.map(hours), "{what}");
    }
    assert_eq!(open().lateness(due()), None, "not late yet");
}

#[test]
fn each_word_has_a_share_of_its_own_and_one_of_which_nothing_was_due_is_left_out() {
    let by = |carrier: &str, order: Dispatch| Dispatch {
        carrier: Some(carrier.to_owned()),
        ..order
    };
    let orders = [
        by("UPS", left(&[Some(1)])),
        by("UPS", left(&[Some(-1)])),
        by("USPS", left(&[Some(-1)])),
        by("FedEx", cancelled(-1)),
    ];
    let now = due() + hours(1);
    let due: Vec<_> = orders.iter().filter_map(|order| order.due(now)).collect();
    let carrier = |due: &Due| due.carrier.clone().unwrap_or_default();
    let counted = tallies(&due, TimeDelta::days(7), now, carrier);
    let expected = [("UPS", 2, 1), ("USPS", 1, 0)].map(|(word, due, late)| (word.to_owned(), Tally { due, late }));
    assert_eq!(counted, BTreeMap::from(expected));
}
