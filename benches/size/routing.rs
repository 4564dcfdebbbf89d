//! What new orders cost: calls against the least, creates against Amazon's rate, and the program's own processor time.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use mcf_connector::clock::Clock;
use mcf_connector::sandbox::scenario::{self, MAPPINGS_CSV, OrderKind};
use mcf_connector::sandbox::{Disturbance, Fault, Operation, RateLimit, Sandbox, World};

use crate::process::{run, timed};

/// How long both vendors take for an answer, in milliseconds.
const LATENCY: u64 = 300;

/// Prints their figures.
pub fn new_orders(mcf: &str, folder: &Path) {
    calls(mcf, folder);
    own_processor(mcf, folder);
    creates(mcf, folder);
}

/// The calls of one poll over 1,000 new orders, beside the least that they need.
fn calls(mcf: &str, folder: &Path) {
    const ORDERS: usize = 1_000;
    let mut world = world(ORDERS);
    unhurried(&mut world);
    let shop = Shop::open(mcf, folder, world);
    run(mcf, &shop.folder, &["poll"]);
    let log = shop.sandbox.log();
    println!("calls for {ORDERS} new orders:");
    for operation in Operation::ALL.iter().filter(|operation| log.count(**operation) > 0) {
        println!("  {operation:?}: {}", log.count(*operation));
    }
    assert_eq!(
        log.effects(Operation::CreateFulfillmentOrder),
        ORDERS,
        "each is created"
    );
}

/// The processor time of one poll over 2,000 new orders, where no vendor has a rate.
fn own_processor(mcf: &str, folder: &Path) {
    const ORDERS: usize = 2_000;
    let mut world = world(ORDERS);
    unhurried(&mut world);
    let shop = Shop::open(mcf, folder, world);
    let figures = timed(mcf, &shop.folder, &["poll"]);
    let each = |milliseconds: f64| milliseconds / ORDERS as f64;
    println!(
        "routing {ORDERS} orders without rates: {:.2} ms each, {:.2} ms of the program's own processor time",
        each(figures.wall),
        each(figures.processor)
    );
}

/// How long 300 creates take at Amazon's rate of two a second, thirty at once, against the least.
fn creates(mcf: &str, folder: &Path) {
    const ORDERS: usize = 300;
    let mut world = world(ORDERS);
    for operation in Operation::ALL {
        let late = Fault::after(Disturbance::Stall { pause_ms: LATENCY });
        world.faults.script(*operation, 1, u32::MAX, late);
    }
    let shop = Shop::open(mcf, folder, world);
    run(mcf, &shop.folder, &["poll"]);
    let log = shop.sandbox.log();
    let times: Vec<_> = log
        .of(Operation::CreateFulfillmentOrder)
        .map(|entry| entry.at)
        .collect();
    let took = times.last().zip(times.first()).map(|(last, first)| *last - *first);
    let (took, least) = (took.expect("creates").as_seconds_f64(), (ORDERS - 30) as f64 / 2.0);
    println!(
        "creating {} orders at {LATENCY} ms latency: {took:.1} s from the first to the last, {:.3} of the least ({least} s)",
        times.len(),
        took / least
    );
}

/// A shop of today with so many new orders, and enough of everything.
pub fn world(orders: usize) -> World {
    let mut world = scenario::shop(Clock::starting_at(chrono::Utc::now()));
    for stock in world.amazon.stock.values_mut() {
        stock.fulfillable += 100_000;
    }
    for _ in 0..orders {
        world.place(OrderKind::Plain);
    }
    world
}

pub fn unhurried(world: &mut World) {
    let fast = RateLimit {
        per_second: 100_000.0,
        burst: 100_000.0,
    };
    for operation in Operation::ALL {
        world.rates.set(*operation, fast);
    }
}

/// A database with mappings, and both vendors.
pub struct Shop {
    pub folder: PathBuf,
    sandbox: Sandbox,
}

impl Shop {
    pub fn open(mcf: &str, folder: &Path, world: World) -> Self {
        let folder = folder.join("routing").join("shop");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let sandbox = Sandbox::start(world).expect("free ports");
        let config = folder.with_file_name("config.toml");
        fs::write(&config, sandbox.config_toml()).expect("a configuration");
        // It holds secrets.
        fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).expect("its owner's alone");
        fs::write(folder.join("mappings.csv"), MAPPINGS_CSV).expect("mappings");
        run(mcf, &folder, &["mappings", "import", "mappings.csv"]);
        Self { folder, sandbox }
    }
}
