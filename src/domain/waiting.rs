//! Orders that are not at Amazon yet and that nothing is wrong with: why they wait, one group a cause, and what to type about it.

#![warn(clippy::wildcard_enum_match_arm)]

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::ids::TiktokOrderId;
use super::outlook::{self, Facts};
use super::pause::Pause;
use super::routing::approval::APPROVAL;
use super::state::State;

/// An order that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingOrder {
    /// The order.
    pub order: TiktokOrderId,
    /// Where it stands.
    pub state: State,
    /// Why it waits.
    pub detail: Option<String>,
    /// Whether the operator holds it.
    pub held: bool,
    /// Since when it stands there.
    pub since: DateTime<Utc>,
    /// When to look again, where that is known.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Its nearest deadline.
    pub deadline: Option<DateTime<Utc>>,
}

/// Orders that wait for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingGroup {
    /// Why, and what follows.
    pub why: String,
    /// How many.
    pub orders: u64,
    /// Since when the first of them stands there.
    pub oldest_at: DateTime<Utc>,
    /// When the first of them moves on, where that is known.
    pub next_at: Option<DateTime<Utc>>,
    /// The nearest deadline of any of them.
    pub deadline: Option<DateTime<Utc>>,
    /// The one with that deadline.
    pub example: TiktokOrderId,
    /// What to type next about it.
    pub next_command: String,
}

/// Puts waiting orders together by why they wait; the nearest deadline first, then the most orders.
#[must_use]
pub fn groups(
    waiting: Vec<WaitingOrder>,
    pause: Option<&Pause>,
    poll_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<WaitingGroup> {
    let mut causes: BTreeMap<_, Vec<WaitingOrder>> = BTreeMap::new();
    for order in waiting {
        let cause = (order.held, order.state, order.detail.clone());
        causes.entry(cause).or_default().push(order);
    }
    let groups = causes.into_values().filter_map(|mut orders| {
        orders.sort_by_key(|order| (pressing(order.deadline), order.since));
        group(&orders, pause, poll_at, now)
    });
    let mut groups: Vec<WaitingGroup> = groups.collect();
    groups.sort_by_key(|group| (pressing(group.deadline), u64::MAX - group.orders));
    groups
}

fn pressing(deadline: Option<DateTime<Utc>>) -> DateTime<Utc> {
    deadline.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn group(
    orders: &[WaitingOrder],
    pause: Option<&Pause>,
    poll_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<WaitingGroup> {
    let next = |order: &WaitingOrder| outlook::next(&facts(order, pause, poll_at), now);
    let first = orders.first()?;
    Some(WaitingGroup {
        why: next(first).sentence(),
        orders: orders.len() as u64,
        oldest_at: orders.iter().map(|order| order.since).min()?,
        next_at: orders.iter().filter_map(|order| next(order).at).min(),
        deadline: first.deadline,
        example: first.order.clone(),
        next_command: command(first, pause),
    })
}

fn facts<'a>(order: &'a WaitingOrder, pause: Option<&'a Pause>, poll_at: Option<DateTime<Utc>>) -> Facts<'a> {
    Facts {
        order: &order.order,
        state: order.state,
        followed_as: None,
        detail: order.detail.as_deref(),
        next_attempt_at: order.next_attempt_at,
        held: order.held,
        flags: &[],
        amazon_status: None,
        untold_parcels: 0,
        pause,
        poll_at,
        tracking_at: None,
    }
}

/// What moves the order on, else what shows all about it.
fn command(order: &WaitingOrder, pause: Option<&Pause>) -> String {
    let id = &order.order;
    let detail = order.detail.as_deref();
    match order.state {
        _ if order.held => format!("mcf orders release {id}"),
        State::Waiting if detail == Some(APPROVAL) => format!("mcf orders approve {id}"),
        State::Detected | State::Ready if pause.is_some() => "mcf resume".to_owned(),
        State::Waiting if detail == Some("paused") && pause.is_some() => "mcf resume".to_owned(),
        State::Detected | State::Ready | State::Submitting => "mcf poll".to_owned(),
        State::Waiting
        | State::Routed
        | State::Shipped
        | State::Completed
        | State::Flagged
        | State::Cancelling
        | State::Cancelled
        | State::Dismissed
        | State::NotEligible => format!("mcf status {id}"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    fn order(id: &str, state: State, detail: Option<&str>) -> WaitingOrder {
        WaitingOrder {
            order: TiktokOrderId::new(id),
            state,
            detail: detail.map(str::to_owned),
            held: false,
            since: noon() - TimeDelta::minutes(9),
            next_attempt_at: None,
            deadline: None,
        }
    }

    fn found(waiting: Vec<WaitingOrder>, pause: Option<&Pause>) -> Vec<WaitingGroup> {
        groups(waiting, pause, None, noon())
    }

    #[test]
    fn orders_that_wait_for_the_same_are_one_group_that_shows_its_most_pressing() {
        let at = |minutes| Some(noon() + TimeDelta::minutes(minutes));
        let soon = WaitingOrder {
            deadline: at(60),
            next_attempt_at: at(30),
            ..order("2", State::Waiting, Some("on_hold"))
        };
        let later = WaitingOrder {
            deadline: at(90),
            next_attempt_at: at(5),
            since: noon() - TimeDelta::hours(2),
            ..order("1", State::Waiting, Some("on_hold"))
        };
        let other = order("3", State::Waiting, Some("masked"));
        let groups = found(vec![other, later, soon], None);
        assert_eq!(groups.len(), 2);
        let first = &groups[0];
        assert_eq!((first.orders, first.example.as_str(), first.deadline), (2, "2", at(60)));
        assert_eq!((first.next_at, first.oldest_at), (at(5), noon() - TimeDelta::hours(2)));
        assert_eq!(first.why, "waits for the buyer's first hour, then goes");
        assert_eq!(groups[1].why, "waits for TikTok to show the address; each poll looks");
    }

    #[test]
    fn the_command_moves_it_on_or_shows_it() {
        let pause = Pause {
            since: noon(),
            until: None,
            because: None,
        };
        for (state, detail, pause, command) in [
            (State::Waiting, Some("on_hold"), None, "mcf status 5"),
            (State::Waiting, Some("approval"), None, "mcf orders approve 5"),
            (State::Waiting, Some("paused"), Some(&pause), "mcf resume"),
            (State::Waiting, Some("paused"), None, "mcf status 5"),
            (State::Ready, None, Some(&pause), "mcf resume"),
            (State::Detected, None, None, "mcf poll"),
            (State::Submitting, None, Some(&pause), "mcf poll"),
        ] {
            let groups = found(vec![order("5", state, detail)], pause);
            assert_eq!(groups[0].next_command, command, "{state} {detail:?}");
        }
        let held = WaitingOrder {
            held: true,
            ..order("5", State::Ready, None)
        };
        assert_eq!(found(vec![held], Some(&pause))[0].next_command, "mcf orders release 5");
    }
}
