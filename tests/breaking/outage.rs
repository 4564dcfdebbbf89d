//! The server goes away in the middle of runs, and a pooler stands before it. Skipped where the programs are not installed.

use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mcf_connector::sandbox::scenario::{MAPPINGS_CSV, OrderKind};

use super::common::{command, hurry, hurry_config, loose_ends, violations};
use super::postgres_server::Server;
use super::test_shop::{TestShop, new_world};

/// A shop on a server, with so many orders and the mapping table in force.
fn shop(url: &str, orders: usize) -> TestShop {
    let mut world = new_world();
    hurry(&mut world);
    (0..orders).for_each(|_| drop(world.place(OrderKind::Plain)));
    let shop = TestShop::bare(world);
    shop.lies_on(url, "mcf");
    hurry_config(&shop);
    std::fs::write(shop.folder.path().join("mappings.csv"), MAPPINGS_CSV).expect("a file");
    shop.mcf(&["mappings", "import", "mappings.csv"]).ends_with(0);
    shop
}

/// The vendors go on until all is over; then the judge looks at a copy of the shop.
fn settled(mut shop: TestShop, orders: usize) {
    for _ in 0..5 {
        for name in ["poll", "sync-tracking"] {
            shop.mcf(&[name]).ends_with(0);
        }
        shop.pass(20, 1);
    }
    assert_eq!(shop.sandbox.world().amazon.orders.len(), orders, "I1, I2");
    shop.mcf(&["status", "--verify-audit"]).ends_with(0);
    shop.mcf(&["backup", "mcf.db"]).ends_with(0);
    assert_eq!(violations(&shop), Vec::<String>::new());
    assert_eq!(loose_ends(&shop), Vec::<String>::new());
}

#[test]
fn a_server_that_restarts_in_the_middle_of_runs_costs_no_order_and_doubles_none() {
    let Some(mut server) = Server::start() else { return };
    let mut shop = shop(&server.address(), 30);
    let mut ends = Vec::new();
    for round in 0..4 {
        shop.sandbox.world().set_clock(shop.now);
        let child = command(&shop, &["poll"]).spawn().expect("a process");
        std::thread::sleep(Duration::from_millis(150 + 100 * round));
        assert!(server.restart(), "the server is back");
        let output = child.wait_with_output().expect("an end");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 4 | 6 | 75)), "I12: {said}");
        ends.push(output.status.code());
        shop.pass(20, 0);
    }
    println!("runs over a restart ended with {ends:?}");
    settled(shop, 30);
}

#[test]
#[ignore = "takes half a minute: cargo test --test breaking -- --ignored --nocapture a_standby_that_takes_over"]
fn a_standby_that_takes_over_in_the_middle_of_a_run_doubles_no_order_and_loses_none() {
    let Some(mut server) = Server::start_two() else { return };
    let (both, standby) = server.addresses_of_two();
    let mut shop = shop(&both, 30);
    let checked = shop.mcf(&["check", "host"]);
    assert!(checked.stdout.contains("1 follow it in step"), "{checked:?}");
    let on_standby = |arguments: &[&str]| {
        let all = [arguments, &["--db", &standby]].concat();
        shop.mcf(&all)
    };
    let status = on_standby(&["status"]).ends_with(0);
    assert!(status.stdout.contains("is one"), "{status:?}");
    on_standby(&["pause"]).ends_with(6);
    on_standby(&["backup", "of-standby.db"]).ends_with(0);
    shop.sandbox.world().set_clock(shop.now);
    let child = command(&shop, &["poll"]).spawn().expect("a process");
    std::thread::sleep(Duration::from_millis(300));
    assert!(server.restart(), "the standby has taken over");
    let output = child.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    println!("the run over a failover ended with {:?}: {said}", output.status.code());
    assert!(matches!(output.status.code(), Some(0 | 4 | 6 | 75)), "I12: {said}");
    shop.pass(20, 0);
    settled(shop, 30);
}

/// `pgbouncer` in transaction mode before a server; it ends with this.
struct Pooler {
    process: Child,
    number: String,
}

impl Pooler {
    fn before(server: &Server, port: u16) -> Option<Self> {
        let folder = server.folder();
        let file = format!("{folder}/pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host={folder} user=mcf\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = transaction\ndefault_pool_size = 3\nlogfile = {folder}/pgbouncer.log\npidfile = {folder}/pgbouncer.pid\n"
        );
        std::fs::write(&file, text).ok()?;
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).ok()?;
        let is_root = Command::new("id")
            .arg("-u")
            .output()
            .is_ok_and(|id| id.stdout == b"0\n");
        let mut command = Command::new(if is_root { "runuser" } else { "pgbouncer" });
        if is_root {
            command.args(["-u", "postgres", "--", "pgbouncer"]);
        }
        let process = command
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let number = format!("{folder}/pgbouncer.pid");
        let pooler = Self { process, number };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if begun.elapsed() > Duration::from_secs(5) {
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(pooler)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // `runuser` passes nothing on: the pooler itself says which process it is.
        let number = std::fs::read_to_string(&self.number).unwrap_or_default();
        let _ = Command::new("kill").arg(number.trim()).status();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "takes a minute: cargo test --test breaking -- --ignored --nocapture behind_pgbouncer"]
fn a_day_behind_pgbouncer_in_transaction_mode_goes_as_without_it() {
    let is_here = Command::new("pgbouncer").arg("--version").output().is_ok();
    let Some(server) = Server::start().filter(|_| is_here) else {
        println!("skipped: PostgreSQL or PgBouncer is not here (apt-get install postgresql pgbouncer)");
        return;
    };
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let _pooler = Pooler::before(&server, port).expect("a pooler");
    let shop = shop(&format!("postgres://mcf@127.0.0.1:{port}/postgres?sslmode=disable"), 6);
    // More processes at once than the pooler has sessions.
    let names = ["poll", "sync-tracking", "sync-inventory", "poll", "status"];
    let children: Vec<Child> = names
        .iter()
        .map(|name| command(&shop, &[name]).spawn().expect("a process"))
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("an end");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 4 | 75)), "{said}");
    }
    settled(shop, 6);
}
