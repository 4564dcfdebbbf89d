//! Sales over evenings, a weekend, a holiday and a day without cron: which orders are handed over late, by Amazon's ship windows, and
//! which of them a faster speed saves. What is right is worked out here once more, from the windows and the fees alone.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::America::Los_Angeles;
use mcf_connector::report::Timing;
use mcf_connector::report::metrics::Metrics;
use mcf_connector::sandbox::amazon::{OrderStatus, Parcel, Shipment, ShipmentStatus};
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::stage::{Stage, amazon_id};

/// Friday, midnight on the Pacific coast; the Monday after is Memorial Day.
const START: &str = "2026-05-22T07:00:00Z";

/// The days of the test that are no business days beside weekends.
const HOLIDAYS: [(u32, u32); 2] = [(5, 25), (6, 19)];

/// What Amazon offers in the US, with its fee in cents, the slowest first.
const OFFERED: [(&str, u32); 2] = [("Standard", 895), ("Expedited", 1_245)];

/// From Tuesday evening to Thursday morning of each week nothing runs; in hours from the midnight between Tuesday and Wednesday.
const CRON_IS_DEAD: std::ops::Range<i64> = -2..34;

const KINDS: [OrderKind; 3] = [OrderKind::Plain, OrderKind::SeveralUnits, OrderKind::ThreePack];

struct Month {
    stage: Stage,
    orders: BTreeMap<String, Sold>,
}

/// An order, as TikTok and Amazon see it.
struct Sold {
    paid_at: DateTime<Utc>,
}

/// An order at Amazon.
struct Sent {
    order: String,
    at: DateTime<Utc>,
    speed: String,
}

/// What would be right at the end.
struct Outcome {
    late: BTreeSet<String>,
    fees: u32,
}

fn is_business_day(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) && !HOLIDAYS.contains(&(date.month(), date.day()))
}

/// An hour of the n-th business day after the day of an instant, on the Pacific coast.
fn business_day(after: DateTime<Utc>, days: usize, time: NaiveTime) -> DateTime<Utc> {
    let date = after.with_timezone(&Los_Angeles).date_naive();
    let mut later = date.iter_days().skip(1).filter(|date| is_business_day(*date));
    let local = later.nth(days - 1).expect("a day").and_time(time);
    let local = Los_Angeles.from_local_datetime(&local).single().expect("an instant");
    local.with_timezone(&Utc)
}

/// When an order leaves Amazon at the latest: the docks close at five; an Expedited order that comes before two on a business day leaves
/// on the next.
fn leaves(speed: &str, sent_at: DateTime<Utc>) -> DateTime<Utc> {
    let local = sent_at.with_timezone(&Los_Angeles);
    let is_early = is_business_day(local.date_naive()) && local.hour() < 14;
    let days = if speed == "Expedited" && is_early { 1 } else { 2 };
    business_day(sent_at, days, NaiveTime::from_hms_opt(17, 0, 0).expect("a time"))
}

/// TikTok's deadline: the end of the second business day after the payment.
fn due(paid_at: DateTime<Utc>) -> DateTime<Utc> {
    business_day(paid_at, 2, NaiveTime::from_hms_opt(23, 59, 59).expect("a time"))
}

impl Month {
    fn new(mode: &str) -> Self {
        let settings = format!("[routing]\ndeadline = \"{mode}\"\n");
        Self {
            stage: Stage::starting_at(START, &settings),
            orders: BTreeMap::new(),
        }
    }

    /// Sells so many orders over so many days, some hours at a time, and then waits until all have left.
    fn sell(&mut self, days: i64, step: i64, orders: usize) {
        let hours = days * 24;
        for hour in (0..hours).step_by(usize::try_from(step).expect("small")) {
            self.stage.pass(TimeDelta::hours(step));
            self.place(share(hour + step, hours, orders) - share(hour, hours, orders), hour);
            let local = self.stage.now.with_timezone(&Los_Angeles);
            let since_wednesday =
                (i64::from(local.weekday().num_days_from_monday()) - 2) * 24 + i64::from(local.hour());
            if !CRON_IS_DEAD.contains(&since_wednesday) {
                self.run(local.hour() == 18);
            }
        }
        for _ in 0..6 {
            self.stage.pass(TimeDelta::days(1));
            self.run(true);
        }
    }

    /// Buyers pay in the two hours before the order is seen for the first time.
    fn place(&mut self, orders: usize, hour: i64) {
        for number in 0..orders {
            let kind = KINDS[(number + hour as usize) % KINDS.len()];
            let minutes = 65 + (number as i64 * 37 + hour * 11) % 55;
            let paid_at = self.stage.now - TimeDelta::minutes(minutes);
            let id = self.stage.world(|world| {
                let id = world.place(kind);
                let order = world.tiktok.order_mut(&id).expect("an order");
                order.created_at = paid_at;
                order.paid_at = Some(paid_at);
                id
            });
            self.orders.insert(id, Sold { paid_at });
        }
    }

    fn run(&mut self, with_tracking: bool) {
        let polled = self.stage.poll();
        assert!(polled.trouble.is_none(), "{:?}", polled.trouble);
        self.hand_over();
        if with_tracking {
            self.stage.sync();
        }
    }

    /// What must have left by now has left, at the last moment of its window.
    fn hand_over(&self) {
        let now = self.stage.now;
        self.stage.world(|world| {
            for (number, order) in world.amazon.orders.iter_mut().enumerate() {
                let speed = order.request["shippingSpeedCategory"].as_str().expect("a speed");
                let at = leaves(speed, order.received_at);
                if at > now || order.status == OrderStatus::Complete {
                    continue;
                }
                let contents = order.items.iter().map(|item| (item.id.clone(), item.quantity));
                let parcel = Parcel {
                    number: 1,
                    carrier: "UPS".to_owned(),
                    tracking_number: Some(format!("1Z50V7420{number:09}")),
                    amazon_tracking_number: None,
                    contents: contents.collect(),
                };
                order.shipments = vec![Shipment {
                    id: format!("S{number}"),
                    status: ShipmentStatus::Shipped,
                    shipping_at: at,
                    parcels: vec![parcel],
                }];
                order.set_status(OrderStatus::Complete, now);
            }
        });
    }

    fn sent(&self) -> Vec<Sent> {
        self.stage.world(|world| {
            let sent = world.amazon.orders.iter().map(|order| Sent {
                order: order.id.trim_start_matches("TTS-").to_owned(),
                at: order.received_at,
                speed: order.request["shippingSpeedCategory"]
                    .as_str()
                    .expect("a speed")
                    .to_owned(),
            });
            sent.collect()
        })
    }

    /// Tries every speed for every order: the cheapest that is in time, and the slowest where none is.
    fn best(&self, sent: &[Sent], speeds: &[(&'static str, u32)]) -> (BTreeMap<String, &'static str>, Outcome) {
        let mut best = BTreeMap::new();
        let mut outcome = Outcome {
            late: BTreeSet::new(),
            fees: 0,
        };
        for one in sent {
            let due = due(self.orders[&one.order].paid_at);
            let in_time = speeds.iter().filter(|(speed, _)| leaves(speed, one.at) <= due);
            let chosen = in_time.min_by_key(|(_, fee)| *fee).unwrap_or_else(|| {
                outcome.late.insert(one.order.clone());
                &speeds[0]
            });
            outcome.fees += chosen.1;
            best.insert(one.order.clone(), chosen.0);
        }
        (best, outcome)
    }

    /// How many late orders the program counts at the end, and what Amazon took.
    fn told(&self, sent: &[Sent]) -> (usize, u32) {
        let now = self.stage.now;
        let all = now - START.parse::<DateTime<Utc>>().expect("an instant");
        let due = self.stage.store.due_orders(all, now).expect("read");
        let late: u64 = due.iter().filter(|due| due.is_late()).map(|due| due.orders).sum();
        let fee = |sent: &Sent| {
            OFFERED
                .iter()
                .find(|(speed, _)| *speed == sent.speed)
                .expect("a speed")
                .1
        };
        (late as usize, sent.iter().map(fee).sum())
    }

    /// The orders that were told to be at risk before they went.
    fn at_risk(&self) -> BTreeSet<String> {
        let events = self.stage.events("order.at_risk");
        let ids: Vec<String> = events.iter().map(|event| read_id(event)).collect();
        let all: BTreeSet<String> = ids.iter().cloned().collect();
        assert_eq!(all.len(), ids.len(), "each once");
        all
    }

    /// By speed, how many of the orders were late.
    fn by_speed(&self, sent: &[Sent]) -> BTreeMap<String, (u64, u64)> {
        let mut by_speed = BTreeMap::new();
        for one in sent {
            let (orders, late) = by_speed.entry(one.speed.clone()).or_default();
            *orders += 1;
            *late += u64::from(leaves(&one.speed, one.at) > due(self.orders[&one.order].paid_at));
        }
        by_speed
    }

    /// Compares the run with what is right, and returns how many orders were late.
    fn settled(&self, speeds: &[(&'static str, u32)]) -> usize {
        let sent = self.sent();
        let ids: BTreeSet<&str> = sent.iter().map(|sent| sent.order.as_str()).collect();
        assert_eq!(
            (sent.len(), ids.len()),
            (self.orders.len(), self.orders.len()),
            "each order once"
        );
        let (best, right) = self.best(&sent, speeds);
        for one in &sent {
            assert_eq!(one.speed, best[&one.order], "order {} of {}", one.order, one.at);
        }
        assert_eq!(self.told(&sent), (right.late.len(), right.fees));
        assert_eq!(self.at_risk(), right.late, "told before they went");
        self.metrics(&sent, right.late.len());
        self.calls();
        right.late.len()
    }

    /// What each order costs in calls, whatever it goes as: one preview of all speeds, one create, one number told.
    fn calls(&self) {
        for operation in [
            Operation::GetFulfillmentPreview,
            Operation::CreateFulfillmentOrder,
            Operation::MarkPackageShipped,
        ] {
            assert_eq!(self.stage.calls(operation), self.orders.len(), "{operation:?}");
        }
    }

    fn metrics(&self, sent: &[Sent], late: usize) {
        let hour = TimeDelta::hours(1);
        let timing = Timing {
            poll: hour,
            sync_tracking: hour,
            sync_inventory: hour,
            retention: hour,
            zone: Los_Angeles,
        };
        let metrics = Metrics::read(&self.stage.store, &timing, None, self.stage.now).expect("metrics");
        assert_eq!(metrics.orders_late, 0, "all have left");
        if self.orders.len() >= 1_000 {
            return;
        }
        let rate = late as f64 / self.orders.len() as f64;
        assert_eq!(metrics.late_dispatch_rate.d30, Some(rate));
        let shown = metrics.late_dispatch.by_speed.iter();
        let shown: BTreeMap<String, (u64, u64)> = shown
            .map(|group| (group.name.clone(), (group.due, group.late)))
            .collect();
        assert_eq!(shown, self.by_speed(sent), "what an upgrade buys");
    }
}

/// How many of the orders have come after so many hours; six of ten come between six in the evening and two in the night.
fn share(hour: i64, hours: i64, orders: usize) -> usize {
    let weight = |hour: i64| if !(2..18).contains(&(hour % 24)) { 12 } else { 4 };
    let sum = |until: i64| (0..until).map(weight).sum::<i64>() as usize;
    orders * sum(hour) / sum(hours)
}

fn read_id(event: &str) -> String {
    let event: serde_json::Value = serde_json::from_str(event).expect("JSON");
    let id = event["orderId"].as_str().expect("an id");
    id.trim_start_matches("TTS-").to_owned()
}

#[expect(clippy::print_stdout, reason = "what a month was like is worth a line")]
fn compare(days: i64, step: i64, orders: usize) {
    let mut warned = Month::new("warn");
    warned.sell(days, step, orders);
    let late = warned.settled(&OFFERED[..1]);
    let mut upgraded = Month::new("upgrade");
    upgraded.sell(days, step, orders);
    let not_saved = upgraded.settled(&OFFERED);
    println!("{orders} orders in {days} days: {late} late with warn, {not_saved} with upgrade");
    assert!(
        late > not_saved && not_saved > 0,
        "the time was one with both: {late} {not_saved}"
    );
}

#[test]
fn warn_shows_the_true_number_of_late_orders_and_upgrade_has_none_that_a_speed_could_have_saved_e148() {
    compare(7, 6, 28);
}

/// `cargo test --release --test tracking -- --ignored --nocapture a_month_of_three_thousand_orders`
#[test]
#[ignore = "takes minutes: cargo test --release --test tracking -- --ignored --nocapture a_month_of_three_thousand_orders"]
fn a_month_of_three_thousand_orders_is_as_in_time_as_amazon_allows_e148() {
    compare(30, 1, 3_000);
}

#[test]
fn a_day_without_previews_loses_nothing_e150() {
    let mut month = Month::new("upgrade");
    month.stage.world(|world| {
        let away = Fault::before(Disturbance::Status {
            status: 500,
            retry_after: None,
        });
        world.faults.script(Operation::GetFulfillmentPreview, 1, 10_000, away);
    });
    month.sell(1, 6, 12);
    let sent = month.sent();
    assert_eq!(sent.len(), month.orders.len(), "E150: none is lost, none doubled");
    assert!(
        sent.iter().all(|sent| sent.speed == "Standard"),
        "E150: each goes as it would"
    );
    assert_eq!(month.at_risk(), BTreeSet::new(), "E150: nothing is known");
    for sent in &sent {
        assert_eq!(
            month.stage.state(&sent.order),
            "completed",
            "{}",
            amazon_id(&sent.order)
        );
    }
    month.stage.world(|world| world.faults.clear());
}
