//! Both vendors as the sandbox plays them, one database, and the jobs run on it by a clock that is moved by hand.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use mcf_connector::clock::Clock;
use mcf_connector::config::{Environment, Overrides, Settings};
use mcf_connector::domain::flag::Flag;
use mcf_connector::domain::ids::TiktokOrderId;
use mcf_connector::jobs::import_mappings::{Options, Source, import};
use mcf_connector::jobs::{self, Finished, Session, Setup};
use mcf_connector::sandbox::amazon::{OrderStatus, Plan, PlannedParcel, ShipmentStatus};
use mcf_connector::sandbox::scenario::{self, MAPPINGS_CSV, OrderKind};
use mcf_connector::sandbox::{Log, Operation, Sandbox, World};
use mcf_connector::store::Store;

use crate::folder::folder;
use crate::unhurried::unhurried;

/// A Tuesday, 10 o'clock in Los Angeles.
pub const START: &str = "2026-03-03T18:00:00Z";

pub struct Stage {
    folder: tempfile::TempDir,
    pub sandbox: Sandbox,
    pub store: Arc<Store>,
    pub now: DateTime<Utc>,
    /// How far the program's clock is ahead of the vendors'.
    pub lead: TimeDelta,
    settings: String,
}

/// A parcel at TikTok: its number, its carrier's name, its units.
pub type AtTiktok = (String, String, Vec<String>);

impl Stage {
    pub fn new() -> Self {
        Self::with("")
    }

    /// Adds sections to the configuration.
    pub fn with(settings: &str) -> Self {
        Self::within(folder(), settings)
    }

    /// Keeps the database in a folder of one's own.
    pub fn within(folder: tempfile::TempDir, settings: &str) -> Self {
        Self::of(folder, START, settings)
    }

    /// Starts at another instant.
    pub fn starting_at(start: &str, settings: &str) -> Self {
        Self::of(folder(), start, settings)
    }

    fn of(folder: tempfile::TempDir, start: &str, settings: &str) -> Self {
        // Another test may have installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let now: DateTime<Utc> = start.parse().expect("an instant");
        let mut world = scenario::shop(Clock::starting_at(now));
        unhurried(&mut world);
        for stock in world.amazon.stock.values_mut() {
            stock.fulfillable = 100_000;
        }
        let store = Arc::new(Store::open(&folder.path().join("mcf.db")).expect("a store"));
        let stage = Self {
            sandbox: Sandbox::start(world).expect("a free port"),
            folder,
            store,
            now,
            lead: TimeDelta::zero(),
            settings: settings.to_owned(),
        };
        stage.import();
        // The database is not a new one after a loss: it has been at work for days.
        let at_work_since = stage.now - TimeDelta::days(9);
        stage.store.note_whole_since(at_work_since).expect("noted");
        stage
    }

    fn import(&self) {
        let file = self.path("mappings.csv");
        std::fs::write(&file, MAPPINGS_CSV).expect("written");
        let options = Options {
            replace: false,
            dry_run: false,
            imported_by: "a test".to_owned(),
        };
        import(&self.store, Source::File(&file), &options, self.now).expect("imported");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What TikTok said about an order.
    pub fn said(&self, order: &str) -> Option<String> {
        self.store.tiktok_words(&TiktokOrderId::new(order)).expect("opened")
    }

    pub fn configure(&mut self, settings: &str) {
        self.settings = settings.to_owned();
    }

    pub fn session(&self, is_dry_run: bool) -> Session {
        let base = self.sandbox.config_toml();
        let base = base.replacen("[tiktok]\n", "[tiktok]\nrequests_per_minute = 3000\n", 1);
        let text = format!(
            "{base}\n[retry]\nmax_attempts = 3\nbackoff_ms = 0\n\n{}\n",
            self.settings
        );
        let file = self.path("config.toml");
        std::fs::write(&file, text).expect("written");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("private");
        }
        let environment = Environment {
            variables: BTreeMap::new(),
            working_directory: self.folder.path().to_owned(),
            system_folder: self.folder.path().to_owned(),
            user_id: None,
        };
        let overrides = Overrides {
            config: Some(file),
            database: None,
        };
        Session::start(Setup {
            settings: Settings::load(&environment, &overrides).expect("settings"),
            store: Arc::clone(&self.store),
            clock: Clock::starting_at(self.now + self.lead),
            stop: Arc::default(),
            run_time_max: None,
            is_dry_run,
        })
        .expect("a session")
    }

    pub fn poll(&self) -> Finished {
        jobs::poll::run(&self.session(false), &|_, _| {}).expect("a run")
    }

    /// Runs `sync-tracking`, trouble or not.
    pub fn try_sync(&self) -> Finished {
        jobs::tracking::run(&self.session(false), None, &|_, _| {}).expect("a run")
    }

    pub fn sync(&self) -> Finished {
        let finished = self.try_sync();
        assert!(finished.trouble.is_none(), "{:?}", finished.trouble);
        finished
    }

    pub fn sync_one(&self, order: &str) -> Finished {
        let id = TiktokOrderId::new(order);
        jobs::tracking::run(&self.session(false), Some(&id), &|_, _| {}).expect("a run")
    }

    /// Routes one order by hand.
    pub fn route(&self, order: &str) -> Finished {
        jobs::route::run(
            &self.session(false),
            &TiktokOrderId::new(order),
            &jobs::route::Word::default(),
        )
        .expect("a run")
    }

    pub fn dry_run(&self) -> Finished {
        jobs::tracking::run(&self.session(true), None, &|_, _| {}).expect("a run")
    }

    pub fn world<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut self.sandbox.world())
    }

    pub fn log(&self) -> Log {
        self.sandbox.log()
    }

    pub fn forget_log(&self) {
        self.world(|world| world.log.clear());
    }

    pub fn pass(&mut self, time: TimeDelta) {
        self.now += time;
        let now = self.now;
        self.world(|world| world.set_clock(now));
    }

    pub fn minutes(&mut self, minutes: i64) {
        self.pass(TimeDelta::minutes(minutes));
    }

    /// Places an order and sends it to Amazon.
    pub fn routed(&self, kind: OrderKind) -> String {
        self.routed_with(kind, Plan::default())
    }

    pub fn routed_with(&self, kind: OrderKind, plan: Plan) -> String {
        let id = self.place_with(kind, plan);
        let finished = self.poll();
        assert!(finished.trouble.is_none(), "{:?}", finished.trouble);
        assert_eq!(self.state(&id), "routed");
        id
    }

    pub fn place_with(&self, kind: OrderKind, plan: Plan) -> String {
        self.world(|world| {
            let id = world.place(kind);
            if plan != Plan::default() {
                world.amazon.plans.insert(id.clone(), plan);
            }
            id
        })
    }

    /// Lets Amazon take so many steps: two pack a new order, the third ships it.
    pub fn steps(&self, steps: u32) {
        self.world(|world| (0..steps).for_each(|_| world.advance()));
    }

    /// An order that has just left, and the instant a quarter of an hour later.
    pub fn shipped_with(&mut self, kind: OrderKind, plan: Plan) -> String {
        let id = self.routed_with(kind, plan);
        self.steps(4);
        self.minutes(15);
        id
    }

    pub fn state(&self, order: &str) -> String {
        let stored = self.store.order(&TiktokOrderId::new(order)).expect("read");
        stored.expect("a known order").state.to_string()
    }

    pub fn flags(&self, order: &str) -> Vec<Flag> {
        self.store.flags(&TiktokOrderId::new(order)).expect("read")
    }

    pub fn details(&self, order: &str) -> Vec<String> {
        self.flags(order)
            .into_iter()
            .map(|flag| flag.detail.to_string())
            .collect()
    }

    pub fn history(&self, order: &str) -> String {
        let rows: Vec<String> = self.query(
            "SELECT kind || ': ' || text FROM history WHERE order_id = ?1 ORDER BY id",
            order,
        );
        rows.join("\n")
    }

    /// The events of one kind, as JSON.
    pub fn events(&self, kind: &str) -> Vec<String> {
        self.query("SELECT data FROM events WHERE kind = ?1 ORDER BY id", kind)
    }

    pub fn query<T: rusqlite::types::FromSql>(&self, query: &str, parameter: &str) -> Vec<T> {
        let connection = self.database();
        let mut statement = connection.prepare(query).expect("a statement");
        let rows = statement.query_map([parameter], |row| row.get(0)).expect("rows");
        rows.collect::<rusqlite::Result<_>>().expect("values")
    }

    /// The same file, opened beside the program as a person with a database tool would.
    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path("mcf.db")).expect("the database")
    }

    /// The numbers that Amazon gives for an order, parcel by parcel.
    pub fn numbers(&self, order: &str) -> Vec<String> {
        self.world(|world| {
            let order = world.amazon.order(&amazon_id(order)).expect("an order at Amazon");
            let parcels = order.shipments.iter().flat_map(|shipment| &shipment.parcels);
            parcels.filter_map(|parcel| parcel.tracking_number.clone()).collect()
        })
    }

    /// Lets Amazon give another number for an order's first parcel.
    pub fn replace_number(&self, order: &str, number: &str) {
        self.world(|world| {
            let order = world.amazon.order_mut(&amazon_id(order)).expect("an order at Amazon");
            order.shipments[0].parcels[0].tracking_number = Some(number.to_owned());
        });
    }

    /// Lets Amazon ship one order, whatever becomes of the others.
    pub fn ship(&self, order: &str) {
        self.world(|world| {
            let now = world.now();
            let order = world.amazon.order_mut(&amazon_id(order)).expect("an order at Amazon");
            for shipment in &mut order.shipments {
                shipment.status = ShipmentStatus::Shipped;
                shipment.shipping_at = now;
            }
            order.set_status(OrderStatus::Complete, now);
        });
    }

    pub fn at_tiktok(&self, order: &str) -> Vec<AtTiktok> {
        self.world(|world| {
            let shop = &world.tiktok;
            let name = |id: &str| {
                let offered = shop.delivery_options.values().flatten();
                let mut names = offered
                    .filter(|provider| provider.id == id)
                    .map(|provider| provider.name.clone());
                names.next().expect("a known provider")
            };
            let packages = shop.packages.values().filter(|package| package.order_id == order);
            packages
                .map(|package| {
                    (
                        package.tracking_number.clone(),
                        name(&package.provider_id),
                        package.line_ids.clone(),
                    )
                })
                .collect()
        })
    }

    /// The numbers of an order at TikTok.
    pub fn told(&self, order: &str) -> Vec<String> {
        self.at_tiktok(order).into_iter().map(|(number, _, _)| number).collect()
    }

    pub fn lines(&self, order: &str) -> Vec<String> {
        self.world(|world| {
            world.tiktok.orders[order]
                .lines
                .iter()
                .map(|line| line.id.clone())
                .collect()
        })
    }

    pub fn calls(&self, operation: Operation) -> usize {
        self.log().count(operation)
    }
}

pub fn amazon_id(order: &str) -> String {
    format!("TTS-{order}")
}

pub fn count(finished: &Finished, name: &str) -> u64 {
    finished.summary.counts.get(name).copied().unwrap_or_default()
}

/// Carrier, number, contents.
pub type Planned<'a> = (&'a str, Option<&'a str>, Option<&'a [(&'a str, u32)]>);

/// A plan of parcels: carrier, number (`None`: Amazon makes one up; empty: none), contents (`None`: the rest).
pub fn plan(parcels: &[Planned<'_>]) -> Plan {
    let parcels = parcels.iter().map(|(carrier, number, contents)| PlannedParcel {
        carrier: (*carrier).to_owned(),
        tracking_number: number.map(str::to_owned),
        amazon_tracking_number: None,
        contents: contents.map(|list| list.iter().map(|(sku, units)| ((*sku).to_owned(), *units)).collect()),
    });
    Plan {
        parcels: parcels.collect(),
        ..Plan::default()
    }
}

/// One parcel with everything.
pub fn one(carrier: &str, number: Option<&str>) -> Plan {
    plan(&[(carrier, number, None)])
}
