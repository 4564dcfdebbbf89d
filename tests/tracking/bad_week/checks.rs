//! What must be so after a week, however bad it was.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use mcf_connector::sandbox::amazon::{FulfillmentOrder, ShipmentStatus};
use mcf_connector::sandbox::{Entry, Operation};

use super::{PAUSES, Stage, TICK, TICKS, Week};

impl Week {
    #[expect(clippy::print_stdout, reason = "what a week was like is worth a line")]
    pub fn settled(&self, seed: u64) {
        let mut found = Vec::new();
        self.created_once(&mut found);
        self.sent_again(&mut found);
        self.paused(&mut found);
        let (numbers, late) = self.numbers(&mut found);
        self.ends(&mut found);
        let (orders, log) = (self.placed.len(), self.stage.log());
        println!(
            "bad week {seed}: {orders} orders, {} calls, {} struck, {} runs with trouble, {numbers} numbers, {late} later than four hours and told",
            log.entries().len(),
            log.struck(),
            self.troubles,
        );
        assert_eq!(found, Vec::<String>::new(), "seed {seed}");
        assert!(self.dismissed.is_some() && numbers > orders / 2, "the week was one");
    }

    /// Each order that is ours to send is at Amazon once; one whose buyer asked to cancel at most once.
    fn created_once(&self, found: &mut Vec<String>) {
        self.stage.world(|world| {
            for (order, is_ours) in &self.placed {
                let of_it = |other: &&_| shown_id(other) == Some(order.as_str());
                let count = world.amazon.orders.iter().filter(of_it).count();
                if count > 1 || (*is_ours && count == 0) {
                    found.push(format!("{order} was created {count} times"));
                }
            }
        });
    }

    /// Between two creates of one id lie two looks that found nothing, a grace time apart by Amazon's clock.
    fn sent_again(&self, found: &mut Vec<String>) {
        let log = self.stage.log();
        let mut creates: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in log.of(Operation::CreateFulfillmentOrder) {
            for id in entry.ids.iter().filter(|id| id.starts_with("TTS-")) {
                creates.entry(id).or_default().push(entry);
            }
        }
        for (id, entries) in creates {
            for pair in entries.windows(2) {
                let between = |look: &&Entry| look.arrival > pair[0].arrival && look.arrival < pair[1].arrival;
                let looks = log.of(Operation::GetFulfillmentOrder).filter(between);
                let looks: Vec<_> = looks
                    .filter(|look| look.path.ends_with(id))
                    .map(|look| look.at)
                    .collect();
                let apart = looks.last().zip(looks.first()).map(|(last, first)| *last - *first);
                if apart.is_none_or(|apart| apart < TimeDelta::seconds(15 * 60 - 30)) {
                    found.push(format!("{id} was sent again after {} looks, {apart:?}", looks.len()));
                }
            }
        }
    }

    fn paused(&self, found: &mut Vec<String>) {
        let start = self.stage.now - TICK * i32::try_from(TICKS).expect("small");
        let at = |tick: usize| start + TICK * i32::try_from(tick + 1).expect("small");
        let log = self.stage.log();
        for pause in PAUSES {
            let within = |entry: &&Entry| entry.at >= at(pause.start) && entry.at < at(pause.end);
            let creates = log.of(Operation::CreateFulfillmentOrder).filter(within).count();
            if creates > 0 {
                found.push(format!("{creates} creates were sent in the pause {pause:?}"));
            }
        }
    }

    /// Each number that Amazon gave for what it shipped is at TikTok once, in time or told. Returns how many, and how many late.
    fn numbers(&self, found: &mut Vec<String>) -> (usize, usize) {
        let told = self.told();
        let spoken_of = self.spoken_of();
        let (given, mut late) = (self.given(), 0);
        for (key, shipped_at) in &given {
            match told.get(key).map(Vec::as_slice) {
                Some([told_at]) if *told_at - *shipped_at <= TimeDelta::hours(4) => (),
                Some([_]) if spoken_of.contains(&key.0) => late += 1,
                Some([told_at]) => found.push(format!("{key:?}: {} min", (*told_at - *shipped_at).num_minutes())),
                Some(times) => found.push(format!("{key:?} was told {} times", times.len())),
                None => found.push(format!("{key:?} was not told")),
            }
        }
        let others = told.keys().filter(|key| !given.contains_key(*key));
        found.extend(others.map(|key| format!("{key:?} is not Amazon's")));
        (given.len(), late)
    }

    fn given(&self) -> BTreeMap<(String, String), DateTime<Utc>> {
        self.stage.world(|world| {
            let mut given = BTreeMap::new();
            for order in &world.amazon.orders {
                let left = order.shipments.iter();
                for shipment in left.filter(|shipment| shipment.status == ShipmentStatus::Shipped) {
                    for number in shipment
                        .parcels
                        .iter()
                        .filter_map(|parcel| parcel.tracking_number.clone())
                    {
                        let order = shown_id(order).expect("an id").to_owned();
                        given.insert((order, number), shipment.shipping_at);
                    }
                }
            }
            given
        })
    }

    fn told(&self) -> BTreeMap<(String, String), Vec<DateTime<Utc>>> {
        self.stage.world(|world| {
            let mut told: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for package in world.tiktok.packages.values() {
                let key = (package.order_id.clone(), package.tracking_number.clone());
                told.entry(key).or_default().push(package.shipped_at);
            }
            told
        })
    }

    /// The orders of which a person was told: a flag, or an alarm about a number that is due.
    fn spoken_of(&self) -> BTreeSet<String> {
        let of = "SELECT order_id FROM events WHERE kind = ?1";
        let alarms: Vec<String> = self.stage.query(of, "tracking.overdue");
        let flagged: Vec<String> = self.stage.query("SELECT order_id FROM flags WHERE detail <> ?1", "");
        alarms.into_iter().chain(flagged).collect()
    }

    /// Tells whether it was true that nobody knew for hours whether Amazon has an order: its last create left so long after its first.
    fn is_true(&self, said: &str) -> bool {
        let log = self.stage.log();
        let of_it = |entry: &&Entry| entry.ids.iter().any(|id| said.contains(&format!("{id};")));
        let creates: Vec<_> = log
            .of(Operation::CreateFulfillmentOrder)
            .filter(of_it)
            .map(|entry| entry.at)
            .collect();
        let apart = creates.last().zip(creates.first()).map(|(last, first)| *last - *first);
        said.contains("(outcome_unknown)") && apart.is_some_and(|apart| apart >= TimeDelta::hours(2))
    }

    /// Every order has ended, the one that stays dismissed included, and no flag was raised by a wrong clock.
    fn ends(&self, found: &mut Vec<String>) {
        let query =
            "SELECT id || ' is left ' || state FROM orders WHERE state NOT IN ('completed', 'cancelled') AND id <> ?1";
        found.extend(
            self.stage
                .query::<String>(query, self.dismissed.as_deref().unwrap_or_default()),
        );
        let query = "SELECT order_id || ' was flagged: ' || text FROM history WHERE kind = ?1";
        let flagged = self.stage.query::<String>(query, "flag").into_iter();
        found.extend(flagged.filter(|said| !self.is_true(said)));
        let query = "SELECT order_id || ' has the flag ' || detail FROM flags WHERE detail <> ?1";
        found.extend(self.stage.query::<String>(query, ""));
        let known = self
            .stage
            .query::<i64>("SELECT count(*) FROM orders WHERE id <> ?1", "");
        if known != [i64::try_from(self.placed.len()).expect("few")] {
            found.push(format!(
                "{} orders were placed and {known:?} are known",
                self.placed.len()
            ));
        }
    }
}

fn shown_id(order: &FulfillmentOrder) -> Option<&str> {
    order.text("/displayableOrderId")
}

/// Returns the stored times that lie in the future and may not: all but what is due then, or a vendor's own.
pub fn in_the_future(stage: &Stage) -> Vec<String> {
    let connection = stage.database();
    let mut statement = connection
        .prepare(
            "SELECT tables.name, columns.name FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
             WHERE tables.type = 'table' AND columns.type = 'INTEGER'
                AND (columns.name = 'at' OR columns.name GLOB '*_at' OR columns.name GLOB '*_since')
                AND columns.name NOT IN ('next_attempt_at', 'release_at', 'due_at', 'access_expires_at', 'refresh_expires_at')
                AND (tables.name, columns.name) NOT IN (VALUES ('parcels', 'shipped_at'), ('shipments', 'shipped_at'),
                    ('speeds', 'latest_ship_at'), ('speeds', 'arrives_at'))",
        )
        .expect("a statement");
    let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let columns: Vec<(String, String)> = columns.expect("rows").collect::<Result<_, _>>().expect("names");
    let latest = stage.now.timestamp() + 180;
    let rows = |(table, column): &(String, String)| {
        let query = format!("SELECT count(*) FROM {table} WHERE {column} > ?1");
        let count: i64 = connection
            .query_row(&query, [latest], |row| row.get(0))
            .expect("a count");
        (count > 0).then(|| format!("{table}.{column}: {count}"))
    };
    columns.iter().filter_map(rows).collect()
}
