//! Every disk that a power cut may leave of a command is looked at: the database opens, what was said is so, what was sent is known,
//! and the runs that follow double nothing and lose nothing.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use mcf_connector::run;
use mcf_connector::sandbox::{Operation, Sandbox, World};
use mcf_connector::store::Store;
use rusqlite::Connection;
use tempfile::TempDir;

use super::super::in_process::{self, Command};
use super::super::invariants::{at_amazon, breaches};
use super::super::test_shop::TestShop;
use super::disk::{Cut, Disk, Image};
use super::facts::{class, counts, laid_out, left_over, orders};
use super::record::{Event, Record, record};
use super::scenes::Scene;

/// At how many places each command is cut at least.
const PLACES_MIN: usize = 10;

/// How often a lock is tried that a process in the making holds.
const LOCK_TRIES: usize = 50;

/// How many of the disks are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Every so manieth place of a cut, but ten of a command at least.
    pub step: usize,
    /// Every so manieth of those right before a sync, and after a request, a line of output or another name.
    pub step_where_it_matters: usize,
    /// In how many other orders.
    pub shuffles: u64,
    /// Whether the runs that follow are played on each disk, or on every so manieth.
    pub aftermath_step: usize,
}

/// A disk, when it is found, and what had left and been said by then.
struct Found {
    image: Image,
    place: usize,
    cut: Cut,
    sent: usize,
    is_said: bool,
}

/// A scene that was recorded.
#[derive(Clone)]
pub struct Played {
    scene: &'static Scene,
    before: Disk,
    record: Record,
    now: DateTime<Utc>,
    orders: Vec<String>,
    counts: BTreeMap<String, i64>,
    outputs: Vec<(PathBuf, Vec<u8>)>,
}

impl Played {
    pub fn of(scene: &'static Scene) -> Self {
        let shop = (scene.shop)();
        let folder = shop.folder.path();
        if scene.database.starts_with("made/") {
            fs::create_dir(folder.join("made")).expect("a folder");
        }
        let before = Disk::of(folder);
        let orders = if shop.database().exists() {
            orders(&shop.database())
        } else {
            Vec::new()
        };
        let record = record(&shop, scene.command);
        assert_eq!(record.code, Some(0), "{} does its work", scene.name);
        let outputs = scene.outputs.iter().map(|name| {
            let bytes = fs::read(folder.join(name)).expect("an output");
            (PathBuf::from(name), bytes)
        });
        Self {
            before,
            now: shop.now,
            orders,
            counts: counts(&folder.join(scene.database)),
            outputs: outputs.collect(),
            record,
            scene,
        }
    }

    /// The same program where no sync of a kind of file is made.
    pub fn without_any(&self, kind: &str) -> Self {
        let mut disk = self.before.clone();
        let mut events = self.record.events.clone();
        events.retain(|event| {
            let is_left_out = matches!(event, Event::Synced { handle }
                if class(&disk.synced_name(*handle).unwrap_or_default()) == kind);
            disk.happens(event);
            !is_left_out
        });
        Self {
            record: Record {
                events,
                ..self.record.clone()
            },
            ..self.clone()
        }
    }

    /// Looks at the disks after cuts; returns how many there were and what was wrong.
    pub fn judge(&self, measure: Measure) -> (usize, Vec<String>) {
        let mut found = Vec::new();
        let disks = self.disks(measure);
        for (number, disk) in disks.iter().enumerate() {
            let is_played_on = number % measure.aftermath_step == 0;
            let wrong = self.look(disk, is_played_on);
            found.extend(
                wrong
                    .into_iter()
                    .map(|wrong| format!("{} cut at {} ({:?}): {wrong}", self.scene.name, disk.place, disk.cut)),
            );
        }
        (disks.len(), found)
    }

    /// The same, until the first that is wrong.
    pub fn first_wrong(&self, measure: Measure) -> Option<String> {
        let disks = self.disks(measure);
        disks.iter().find_map(|disk| self.look(disk, false).into_iter().next())
    }

    fn disks(&self, measure: Measure) -> Vec<Found> {
        let mut disk = self.before.clone();
        let (mut seen, mut disks) = (HashSet::new(), Vec::new());
        let (mut sent, mut is_said, mut turn, mut matter) = (0, false, 0, 0);
        let events = &self.record.events;
        let places = events.iter().filter(|event| is_a_place(event)).count();
        let step = measure.step.min(places / PLACES_MIN + 1);
        for (place, event) in events.iter().enumerate() {
            disk.happens(event);
            sent += usize::from(matches!(event, Event::Sent));
            is_said |= matches!(event, Event::Said);
            if !is_a_place(event) {
                continue;
            }
            turn += 1;
            let is_last_before_a_sync = events
                .get(place + 1)
                .is_some_and(|next| matches!(next, Event::Synced { .. }));
            let matters = is_last_before_a_sync || matches!(event, Event::Sent | Event::Said | Event::Renamed { .. });
            matter += usize::from(matters);
            let is_taken = turn % step == 0 || (matters && matter % measure.step_where_it_matters == 0);
            if !is_taken {
                continue;
            }
            for cut in cuts(place, measure.shuffles) {
                let image = disk.image(cut);
                let mut hasher = DefaultHasher::new();
                (&image, sent, is_said).hash(&mut hasher);
                if seen.insert(hasher.finish()) {
                    disks.push(Found {
                        image,
                        place,
                        cut,
                        sent,
                        is_said,
                    });
                }
                if disk.is_settled() {
                    break;
                }
            }
        }
        disks
    }

    fn look(&self, disk: &Found, is_played_on: bool) -> Vec<String> {
        let folder = laid_out(&disk.image);
        let database = folder.path().join(self.scene.database);
        let mut found = self.files(disk);
        let store = match Store::open(&database) {
            Err(error) => return vec![format!("it does not open: {error}")],
            Ok(store) => store,
        };
        let world = &self.record.worlds[disk.sent.min(self.record.worlds.len() - 1)];
        found.extend(self.database(&database, world, disk.is_said));
        // A new key opens and seals all that is there, and leaves a row of its own.
        if let Err(error) = store.rekey("seller", self.now) {
            found.push(format!("not all that is sealed opens: {error}"));
        }
        drop(store);
        found.extend(left_over(&folder.path().join(self.scene.database)));
        found.extend((self.scene.also)(folder.path(), disk.is_said));
        if is_played_on && found.is_empty() && self.scene.database == "mcf.db" {
            found.extend(self.aftermath(folder, world));
        }
        found
    }

    /// What is written for the operator is whole or not there.
    fn files(&self, disk: &Found) -> Vec<String> {
        let mut found = Vec::new();
        for (name, bytes) in &self.outputs {
            match disk.image.get(name) {
                Some(there) if there != bytes => found.push(format!("{} is not whole", name.display())),
                None if disk.is_said => found.push(format!("{} is not there", name.display())),
                Some(_) | None => (),
            }
        }
        found
    }

    /// What the database knows: the orders of before, an intent for each create that left, and what was said.
    fn database(&self, database: &Path, world: &World, is_said: bool) -> Vec<String> {
        let connection = Connection::open(database).expect("a database");
        let mut found = Vec::new();
        let whole: String = connection
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .expect("a check");
        if whole != "ok" {
            return vec![whole];
        }
        let known = orders(database);
        if self.scene.keeps_orders {
            let lost = self.orders.iter().filter(|id| !known.contains(id));
            found.extend(lost.map(|id| format!("order {id} is lost")));
        }
        let before = self.record.worlds[0].log.entries().len();
        let creates = world.log.entries()[before..].iter();
        let creates = creates.filter(|entry| entry.operation == Some(Operation::CreateFulfillmentOrder));
        for id in creates.flat_map(|entry| &entry.ids).filter(|id| id.starts_with("TTS-")) {
            let query = "SELECT count(*) FROM fulfillment_orders WHERE id = ?1";
            let count: i64 = connection.query_row(query, [id], |row| row.get(0)).expect("a count");
            if count == 0 {
                found.push(format!("I5: the create of {id} left, and its intent is lost"));
            }
        }
        if is_said {
            let now = counts(database);
            let other = self
                .counts
                .iter()
                .filter(|(table, count)| now.get(*table) != Some(count));
            found
                .extend(other.map(|(table, count)| {
                    format!("it was said, and {table} has {:?} rows of {count}", now.get(table))
                }));
        }
        found
    }

    /// The program is started again and again, in the vendors' world as it was.
    fn aftermath(&self, folder: TempDir, world: &World) -> Vec<String> {
        let sandbox = Sandbox::start(world.clone()).expect("free ports");
        let mut shop = TestShop {
            folder,
            sandbox,
            now: self.now,
        };
        shop.write_config();
        let mut found = Vec::new();
        for (minutes, command) in [
            (5, Command::Poll),
            (20, Command::Poll),
            (20, Command::Poll),
            (5, Command::SyncTracking),
        ] {
            shop.pass(minutes, 0);
            let trouble = run_on(&shop, &command).err();
            // What may have reached Amazon is uncertain until it was looked for twice, a quarter of an hour apart.
            found.extend(trouble.filter(|trouble| !trouble.contains("does not say yet")));
        }
        let world = shop.sandbox.world();
        found.extend(breaches(&world));
        found.extend(self.ends(&world));
        found
    }

    /// Each order that Amazon has in the end of the whole run, it has once here.
    fn ends(&self, world: &World) -> Vec<String> {
        let last = self.record.worlds.last().expect("a world");
        let sent: Vec<&str> = last
            .amazon
            .orders
            .iter()
            .filter_map(|order| order.text("/displayableOrderId"))
            .collect();
        let wrong = sent.iter().filter(|id| at_amazon(world, id).count() != 1);
        let mut found: Vec<String> = wrong
            .map(|id| format!("{id} is at Amazon {} times", at_amazon(world, id).count()))
            .collect();
        let told = world.tiktok.packages.len();
        if told < last.tiktok.packages.len() {
            found.push(format!("{told} of {} parcels are told", last.tiktok.packages.len()));
        }
        found
    }
}

/// Runs a command in this process. Another thread that has just started a process holds every lock of this one for a moment.
fn run_on(shop: &TestShop, command: &Command) -> Result<(), String> {
    let mut tries = 0;
    loop {
        match in_process::run(&shop.config(), shop.now, command) {
            Err(run::Error::Lock(_)) if tries < LOCK_TRIES => tries += 1,
            Err(error) => return Err(format!("{command:?} afterwards: {error}")),
            Ok(ran) => {
                let trouble = ran.trouble.map(|trouble| format!("{command:?} afterwards: {trouble}"));
                return trouble.map_or(Ok(()), Err);
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn cuts(place: usize, shuffles: u64) -> impl Iterator<Item = Cut> {
    let shuffled = (0..shuffles).map(move |shuffle| Cut::Shuffled(place as u64 * 97 + shuffle));
    [Cut::Kept, Cut::Dropped, Cut::NamesOnly, Cut::ContentsOnly]
        .into_iter()
        .chain(shuffled)
}

/// A cut in between of two of these finds the same as one of both.
fn is_a_place(event: &Event) -> bool {
    match event {
        Event::Opened {
            is_made, is_emptied, ..
        } => *is_made || *is_emptied,
        Event::Sought { .. } => false,
        Event::Written { .. }
        | Event::Cut { .. }
        | Event::Synced { .. }
        | Event::Renamed { .. }
        | Event::Linked { .. }
        | Event::Removed { .. }
        | Event::Sent
        | Event::Said => true,
    }
}
