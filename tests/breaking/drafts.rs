//! What a command was writing when it was killed goes with the next start.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mcf_connector::sandbox::scenario::OrderKind;

use super::sweep::{has_strace, traced};
use super::test_shop::{TestShop, new_world};

/// More than any of the commands syncs.
const SYNCS: usize = 20;

fn drafts(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let paths = entries.map(|entry| entry.path());
    paths
        .filter(|path| path.to_string_lossy().contains(".unfinished"))
        .collect()
}

/// Kills a command at its first sync at which a draft lies in `folder`; tells whether there is one.
fn is_killed_with_a_draft(shop: &TestShop, command: &[&str], folder: &Path) -> bool {
    (1..SYNCS).any(|nth| {
        let kill = format!("inject=fsync:signal=KILL:when={nth}");
        traced(shop, command, &["-e", "trace=fsync", "-e", &kill]);
        !drafts(folder).is_empty()
    })
}

#[test]
fn what_a_killed_command_was_writing_goes_with_the_next_start() {
    if !has_strace() {
        return;
    }
    let beside = "";
    for (command, folder, next) in [
        (&["backup", "copy.db", "--force"][..], beside, &["status"][..]),
        (&["rekey"], beside, &["status"]),
        (
            &["orders", "export", "--output", "orders.csv", "--force"],
            beside,
            &["poll"],
        ),
        (
            &["report", "--output", "out/report.html"],
            "out",
            &["report", "--output", "out/report.html"],
        ),
        (
            &["metrics", "--output", "out/mcf.json"],
            "out",
            &["metrics", "--output", "out/mcf.json"],
        ),
    ] {
        let shop = TestShop::of(&[OrderKind::Plain]);
        shop.poll();
        std::fs::create_dir(shop.folder.path().join("out")).expect("a folder");
        let folder = shop.folder.path().join(folder);
        assert!(
            is_killed_with_a_draft(&shop, command, &folder),
            "{command:?} makes a draft"
        );
        shop.mcf(next).ends_with(0);
        assert_eq!(drafts(&folder), Vec::<PathBuf>::new(), "{command:?}");
    }
}

/// The folders of demos below the one for temporary files.
fn demos(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let paths = entries.map(|entry| entry.path());
    paths
        .filter(|path| path.to_string_lossy().contains("mcf-demo-"))
        .collect()
}

#[test]
fn the_folder_of_a_demo_that_was_killed_goes_with_the_next_demo() {
    let shop = TestShop::bare(new_world());
    let folder = shop.folder.path();
    let mut child = Command::new(env!("CARGO_BIN_EXE_mcf"))
        .env_clear()
        .env("TMPDIR", folder)
        .current_dir(folder)
        .arg("demo")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    let begun = Instant::now();
    while demos(folder).is_empty() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(100));
    child.kill().expect("a kill");
    child.wait().expect("an end");
    assert_eq!(demos(folder).len(), 1, "killed in the middle");
    let temporary = folder.to_string_lossy();
    shop.mcf_with(&[("TMPDIR", &temporary)], &["demo"]).ends_with(0);
    assert_eq!(demos(folder), Vec::<PathBuf>::new());
}

#[test]
fn a_demo_that_is_kept_stays_whatever_its_folder_is_called() {
    let shop = TestShop::bare(new_world());
    let folder = shop.folder.path();
    let temporary = folder.to_string_lossy();
    let demo = |arguments: &[&str]| shop.mcf_with(&[("TMPDIR", &temporary)], arguments).ends_with(0);
    for kept in ["mcf-demo", "mcf-demo-mine"] {
        demo(&["demo", "--keep", kept]);
    }
    demo(&["demo"]);
    for kept in ["mcf-demo", "mcf-demo-mine"] {
        assert!(folder.join(kept).join("mcf.db").is_file(), "{kept} is gone");
    }
}
