//! TikTok's pair rotates: whatever this machine runs out of, the new pair is never lost.

use std::process::Command as Process;

use chrono::TimeDelta;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::test_shop::{TestShop, new_world};

/// A shop whose token has ended: the next run renews the pair, and the old one is dead at once.
fn ended() -> TestShop {
    let mut world = new_world();
    world.place(OrderKind::Plain);
    world.tiktok.tokens.access_expires_at = world.now() - TimeDelta::minutes(1);
    TestShop::through(world)
}

/// Runs a command under a limit of the system's; `None` where a signal ended it.
fn limited(shop: &TestShop, limit: &str, arguments: &[&str]) -> (Option<i32>, String) {
    shop.sandbox.world().set_clock(shop.now);
    let binary = assert_cmd::cargo::cargo_bin("mcf");
    let output = Process::new("prlimit")
        .arg(limit)
        .arg(binary)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", shop.folder.path())
        .env("MCF_NOW", shop.now.to_rfc3339())
        .current_dir(shop.folder.path())
        .output()
        .expect("a process");
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// Whatever the limit was: the run says so, and the next run without it works. An order that was being sent is settled by two looks
/// that a grace time lies between.
fn survives(limit: &str) -> (Option<i32>, String) {
    let mut shop = ended();
    let (code, said) = limited(&shop, limit, &["poll"]);
    assert!(matches!(code, Some(0 | 1 | 4 | 6)), "{limit}: {code:?} {said}");
    shop.pass(5, 0);
    let mut ran = shop.mcf(&["poll"]);
    if ran.stdout.contains("submitting") {
        shop.pass(16, 0);
        ran = shop.mcf(&["poll"]);
    }
    assert_eq!(ran.code, 0, "E166: after {limit} ({said}): {ran:#?}");
    (code, said)
}

#[test]
fn e166_no_file_can_grow_at_any_moment_of_the_run_and_the_shop_is_not_locked_out() {
    let mut told = 0;
    for kib in [
        4, 16, 24, 32, 40, 64, 96, 128, 160, 192, 224, 256, 288, 320, 400, 480, 560, 640,
    ] {
        let (code, said) = survives(&format!("--fsize={}", kib * 1024));
        if code == Some(6) {
            told += 1;
            assert!(said.contains("full"), "{kib} KiB: {said}");
        }
    }
    assert!(told > 0, "no limit was felt");
}

#[test]
fn e166_descriptors_run_out_at_any_moment_of_the_run_and_the_shop_is_not_locked_out() {
    let mut told = 0;
    for files in (6..32).step_by(3) {
        let (code, said) = survives(&format!("--nofile={files}"));
        if code == Some(6) {
            told += 1;
            assert!(
                said.contains("files are open") || said.contains("ulimit"),
                "{files}: {said}"
            );
        }
    }
    assert!(told > 0, "no limit was felt");
}

#[test]
fn e166_a_renewal_that_is_refused_a_day_ahead_is_told_at_once_and_once_and_the_run_goes_on() {
    let mut world = new_world();
    world.place(OrderKind::Plain);
    let mut shop = TestShop::through(world);
    shop.poll();
    shop.pass(6 * 24 * 60 + 60, 0);
    let refused = Fault::before(Disturbance::Json {
        status: 200,
        body: serde_json::json!({"code": 36_004_004, "message": "refresh token is invalid or expired", "request_id": "1"}),
    });
    shop.sandbox
        .world()
        .faults
        .script(Operation::RefreshToken, 1, 20, refused);
    for _ in 0..2 {
        let document = shop.poll();
        let notes = document["notes"].to_string();
        assert!(notes.contains("could not be renewed"), "E166: {document}");
        shop.pass(5, 0);
    }
    let told = |shop: &TestShop, kind: &str| -> i64 {
        let database = rusqlite::Connection::open(shop.database()).expect("a database");
        let query = "SELECT count(*) FROM events WHERE kind = ?1 AND data LIKE '%could not be renewed%'";
        database.query_row(query, [kind], |row| row.get(0)).expect("a count")
    };
    assert_eq!(told(&shop, "error"), 1, "E166: told once");
    let status = shop.mcf(&["status"]);
    assert!(status.stdout.contains("could not be renewed"), "{status:?}");
    shop.sandbox.world().faults.clear();
    for _ in 0..2 {
        shop.pass(5, 0);
        shop.poll();
    }
    assert_eq!(told(&shop, "error.resolved"), 1, "E168: a renewal was good");
    let status = shop.mcf(&["status"]);
    assert!(!status.stdout.contains("could not be renewed"), "{status:?}");
}

#[test]
fn e163_a_restored_backup_does_not_bring_older_tokens_back() {
    let mut shop = ended();
    shop.good(&["poll"]);
    shop.good(&["backup", "old.db"]);
    shop.pass(6 * 24 * 60 + 60, 0);
    shop.poll();
    let renewals = shop.sandbox.world().tiktok.tokens.retired.len();
    assert!(renewals >= 2, "the pair was renewed twice: {renewals}");
    shop.good(&["restore", "old.db", "--force"]);
    shop.pass(5, 0);
    shop.poll();
}
