//! `mcf check` as a person meets it: one line each, each cause once, with its fix.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use mcf_connector::sandbox::scenario::{MAPPINGS_CSV, OrderKind};
use serde_json::Value;

use crate::auth::Shop;
use crate::environment::Ran;

/// A shop with every setting, the mapping table, and whatever more stands in the configuration.
pub fn shop(more: &str) -> Shop {
    let shop = Shop::new();
    let text = format!(
        "{}\n[store]\npath = \"mcf.db\"\n[retry]\nbackoff_ms = 1\n{more}\n",
        shop.sandbox.config_toml()
    );
    shop.place.write("config.toml", &text);
    shop.place.feed("mappings import -", MAPPINGS_CSV).ends(0);
    shop
}

/// Puts a `crontab` into the path that prints these lines.
pub fn crontab(shop: &mut Shop, lines: &str) {
    fs::create_dir_all(shop.place.path("bin")).expect("a folder");
    let script = format!("#!/bin/sh\n/bin/cat <<'END'\n{lines}\nEND\n");
    shop.place.write("bin/crontab", &script);
    fs::set_permissions(shop.place.path("bin/crontab"), Permissions::from_mode(0o755)).expect("a mode");
    let path = shop.place.path("bin").display().to_string();
    shop.place.set("PATH", &path);
}

/// The names of the checks that ended in a way.
fn named(document: &Value, outcome: &str) -> Vec<String> {
    let checks = document["checks"].as_array().expect("checks").iter();
    let found = checks.filter(|check| check["outcome"] == outcome);
    found
        .map(|check| check["name"].as_str().expect("a name").to_owned())
        .collect()
}

fn message<'a>(document: &'a Value, name: &str) -> &'a str {
    let mut checks = document["checks"].as_array().expect("checks").iter();
    let check = checks.find(|check| check["name"] == name);
    check.and_then(|check| check["message"].as_str()).unwrap_or_default()
}

fn checked(shop: &Shop, line: &str, code: i32) -> Value {
    let ran: Ran = shop.place.run(&format!("{line} --json"));
    ran.ends(code).json()
}

#[test]
fn one_screen_proves_all_and_each_line_begins_with_its_outcome() {
    let mut shop = shop("");
    crontab(
        &mut shop,
        "*/5 * * * * mcf --quiet poll\n7 * * * * mcf --quiet sync-tracking",
    );
    let ran = shop.place.run("check").ends(0);
    for line in ran.stdout.lines() {
        assert!(["ok ", "warning "].iter().any(|word| line.starts_with(word)), "{line}");
    }
    for name in [
        "user",
        "config",
        "database",
        "database.files",
        "database.owner",
        "database.links",
        "key",
        "memory",
        "disk",
        "sqlite",
        "schedule",
        "backup",
        "copies",
        "tiktok.credentials",
        "tiktok.scopes",
        "tiktok.shop",
        "tiktok.warehouse",
        "tiktok.orders",
        "tiktok.cancellations",
        "tiktok.providers",
        "amazon.credentials",
        "amazon.marketplace",
        "amazon.fulfillment",
        "amazon.inventory",
        "mappings",
        "mappings.keys",
        "mappings.listings",
        "clock",
    ] {
        let has_line = ran
            .stdout
            .lines()
            .any(|line| line.split_whitespace().nth(1) == Some(name));
        assert!(has_line, "{name}: {ran:?}");
    }
    assert!(
        ran.stdout
            .contains("poll every 5 minutes, sync-tracking every 60 minutes"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("help: backup: mcf backup DIR --keep 14"), "{ran:?}");
}

#[test]
fn a_vendor_that_is_away_is_one_failed_line() {
    let nobody = "http://127.0.0.1:1";
    for (vendor, names) in [
        ("TIKTOK", ["TIKTOK_API_URL", "TIKTOK_AUTH_URL"]),
        ("AMAZON", ["AMAZON_API_URL", "AMAZON_AUTH_URL"]),
    ] {
        for names in [&names[..], &names[..1]] {
            let mut shop = shop("");
            for name in names {
                shop.place.set(name, nobody);
            }
            let document = checked(&shop, "check", 3);
            assert_eq!(named(&document, "failed").len(), 1, "{vendor} {names:?}: {document}");
            let dependent = ["mappings.keys", "mappings.listings"];
            let warned = named(&document, "warning");
            assert!(
                !warned
                    .iter()
                    .any(|name| dependent.contains(&name.as_str()) && vendor == "TIKTOK"),
                "{document}"
            );
        }
    }
}

#[test]
fn each_missing_scope_is_named_once() {
    for scope in [
        "seller.order.info",
        "seller.product.basic",
        "seller.authorization.info",
        "seller.logistics",
    ] {
        let shop = shop("");
        shop.sandbox
            .world()
            .tiktok
            .tokens
            .granted_scopes
            .retain(|granted| granted != scope);
        let document = checked(&shop, "check", 3);
        assert_eq!(named(&document, "failed"), ["tiktok.scopes"], "{scope}: {document}");
        assert!(message(&document, "tiktok.scopes").contains(scope), "{document}");
    }
}

#[test]
fn wrong_modes_fail_with_the_command_that_mends_them() {
    for (file, name) in [
        ("config.toml", "config"),
        ("mcf.db", "database.files"),
        ("mcf.db.key", "database.files"),
    ] {
        let shop = shop("");
        shop.place.run("check host").ends(0);
        fs::set_permissions(shop.place.path(file), Permissions::from_mode(0o644)).expect("a mode");
        let document = checked(&shop, "check host", 3);
        assert_eq!(named(&document, "failed"), [name], "{file}: {document}");
        let fix = document["checks"].as_array().expect("checks").iter();
        let fix = fix
            .filter_map(|check| check["fix"].as_str())
            .find(|fix| fix.contains("chmod 600"));
        assert!(fix.is_some_and(|fix| fix.contains(file)), "{file}: {document}");
    }
}

#[test]
fn the_host_alone_asks_no_vendor_and_without_a_schedule_warns() {
    let shop = shop("");
    let document = checked(&shop, "check host", 0);
    assert!(
        named(&document, "warning").contains(&"schedule".to_owned()),
        "{document}"
    );
    assert!(shop.sandbox.log().entries().is_empty(), "nothing was asked");
    assert!(!document.to_string().contains("tiktok."), "{document}");
}

#[test]
fn a_schedule_slower_than_four_hours_fails() {
    let shop = shop("[schedule]\ntracking_sync_interval_minutes = 300");
    let document = checked(&shop, "check host", 3);
    assert_eq!(named(&document, "failed"), ["schedule"], "{document}");
    let mut shop = self::shop("");
    crontab(&mut shop, "*/5 * * * * mcf poll\n0 */6 * * * mcf sync-tracking");
    let document = checked(&shop, "check host", 3);
    assert!(
        message(&document, "schedule").contains("every 360 minutes"),
        "{document}"
    );
}

#[test]
fn a_sku_that_either_side_lacks_is_named() {
    let shop = shop("");
    shop.place
        .feed(
            "mappings import -",
            "seller_sku,amazon_sku\nLAMP-BLACK-1,FBA-LAMP-BLAK\n",
        )
        .ends(0);
    let document = checked(&shop, "check mappings", 3);
    assert_eq!(named(&document, "failed"), ["mappings"], "{document}");
    assert!(message(&document, "mappings").contains("FBA-LAMP-BLAK"), "{document}");
    assert!(
        named(&document, "warning").contains(&"mappings.keys".to_owned()),
        "{document}"
    );
    assert!(
        message(&document, "mappings.keys").contains("seller_sku \"LAMP-BLACK-1\""),
        "{document}"
    );
    assert!(
        !message(&document, "mappings.keys").contains("LAMP-BLK-01"),
        "{document}"
    );
}

#[test]
fn an_endpoint_is_proven_by_a_connection_and_nothing_is_sent() {
    let ears = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = ears.local_addr().expect("an address").port();
    let endpoint = |port: u16| format!("[[webhooks]]\nurl = \"http://127.0.0.1:{port}/path-canary\"\n");
    let shop = shop(&endpoint(port));
    let document = checked(&shop, "check", 0);
    assert!(
        message(&document, "endpoint").contains("can be connected to"),
        "{document}"
    );
    let (mut stream, _) = ears.accept().expect("a connection");
    let mut sent = Vec::new();
    std::io::Read::read_to_end(&mut stream, &mut sent).expect("the end");
    assert!(sent.is_empty(), "{sent:?}");
    drop(ears);
    let document = checked(&shop, "check", 3);
    assert_eq!(named(&document, "failed"), ["endpoint"], "{document}");
    assert!(!document.to_string().contains("canary"), "C25: {document}");
}

const CERTIFICATE: &str = "fixtures/tls/localhost.pem";

/// Listens with a certificate that nobody signed but itself, and hands on what the first caller sends behind the handshake.
fn tls_ears() -> (u16, std::thread::JoinHandle<Vec<u8>>) {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificate = CertificateDer::from_pem_file(CERTIFICATE).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file("fixtures/tls/localhost-key.pem").expect("a key");
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a server");
    let ears = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = ears.local_addr().expect("an address").port();
    let listening = std::thread::spawn(move || {
        let (mut stream, _) = ears.accept().expect("a connection");
        let mut server = rustls::ServerConnection::new(std::sync::Arc::new(config)).expect("a server");
        let mut sent = Vec::new();
        // A client that does not like the certificate hangs up.
        let _ = std::io::Read::read_to_end(&mut rustls::Stream::new(&mut server, &mut stream), &mut sent);
        sent
    });
    (port, listening)
}

#[test]
fn an_https_endpoint_is_proven_by_its_handshake_and_a_certificate_that_nobody_signed_fails() {
    for (is_trusted, code, text) in [
        (true, 0, "can be connected to"),
        (false, 3, "signed by nobody that this machine trusts"),
    ] {
        let (port, listening) = tls_ears();
        let mut shop = shop(&format!(
            "[[webhooks]]\nurl = \"https://localhost:{port}/path-canary\"\n"
        ));
        if is_trusted {
            let path = fs::canonicalize(CERTIFICATE).expect("a file");
            shop.place.set("SSL_CERT_FILE", path.to_str().expect("a path"));
        }
        let document = checked(&shop, "check", code);
        assert!(message(&document, "endpoint").contains(text), "{document}");
        assert!(!document.to_string().contains("canary"), "C25: {document}");
        assert_eq!(listening.join().expect("an end"), b"", "nothing is sent");
    }
}

/// Until an order has named a delivery option, nobody can ask for its carriers.
fn with_an_order(shop: &Shop) {
    shop.sandbox.world().place(OrderKind::Plain);
    shop.place.run("poll").ends(0);
}

#[test]
fn what_the_settings_name_is_held_against_what_tiktok_offers() {
    let settings = |option: &str, carrier: &str| {
        format!(
            "[routing.delivery_options]\n\"{option}\" = \"Expedited\"\n[tracking.carriers]\nAMZN_US = \"{carrier}\"\n"
        )
    };
    let right = shop(&settings("standard shipping", "Amazon Logistics"));
    with_an_order(&right);
    let document = checked(&right, "check tiktok", 0);
    for name in ["tiktok.options", "tiktok.carriers"] {
        assert!(message(&document, name).contains("(1)"), "{document}");
    }
    let wrong = shop(&settings("Expres Shipping", "Amazon Logistcs"));
    with_an_order(&wrong);
    let document = checked(&wrong, "check tiktok", 3);
    assert_eq!(named(&document, "failed"), ["tiktok.carriers"], "{document}");
    assert!(
        named(&document, "warning").contains(&"tiktok.options".to_owned()),
        "{document}"
    );
}

#[test]
fn a_disabled_warehouse_fails_and_its_neighbour_has_a_line_of_its_own() {
    let shop = shop("[inventory]\ntiktok_warehouse_ids = [\"7068517275539719942\", \"1\"]");
    for warehouse in &mut shop.sandbox.world().tiktok.warehouses {
        "DISABLED".clone_into(&mut warehouse.effect_status);
    }
    let document = checked(&shop, "check tiktok", 3);
    assert_eq!(
        named(&document, "failed"),
        ["tiktok.warehouse", "tiktok.warehouse"],
        "{document}"
    );
}

#[test]
fn the_commands_of_a_fix_name_the_configuration_that_was_given() {
    let shop = shop("");
    let document = checked(&shop, "check host --config config.toml", 0);
    let checks = document["checks"].as_array().expect("checks").iter();
    let fix = checks
        .filter(|check| check["name"] == "backup")
        .find_map(|check| check["fix"].as_str());
    assert!(
        fix.is_some_and(|fix| fix.starts_with("mcf --config config.toml backup DIR")),
        "{document}"
    );
}

/// What the page shows of the vendors is what the sandbox says; what it shows of the machine is another thing on each.
#[test]
fn the_page_of_install_shows_what_check_prints() {
    let page = include_str!("../../docs/install.md");
    let (_, shown) = page.split_once("\n$ mcf check\n").expect("the output");
    let shown: Vec<&str> = shown.split("\n…").next().unwrap_or_default().lines().collect();
    let ran = shop("").place.run("check").ends(0);
    let printed: Vec<&str> = ran.stdout.lines().collect();
    let name = |line: &str| line.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let names = |lines: &[&str]| lines.iter().map(|line| name(line)).collect::<Vec<_>>();
    assert_eq!(names(&shown), names(&printed));
    for line in shown.iter().filter(|line| {
        ["tiktok", "amazon", "mappings"]
            .iter()
            .any(|part| name(line).starts_with(part))
    }) {
        assert!(printed.contains(line), "{line}: {printed:?}");
    }
}

#[test]
fn a_backup_anywhere_is_known_and_warns_when_it_is_old() {
    let mut shop = shop("");
    shop.place.run("backup copy.db").ends(0);
    let document = checked(&shop, "check host", 0);
    assert!(
        !named(&document, "warning").contains(&"backup".to_owned()),
        "{document}"
    );
    shop.place.step(chrono::TimeDelta::minutes(72 * 60 + 30));
    let document = checked(&shop, "check host", 0);
    assert!(message(&document, "backup").contains("72 hours old"), "{document}");
    fs::set_permissions(shop.place.path("copy.db.key"), Permissions::from_mode(0o644)).expect("a mode");
    let document = checked(&shop, "check host", 3);
    assert_eq!(named(&document, "failed"), ["backup"], "{document}");
}
