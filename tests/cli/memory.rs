//! What a command holds in memory stays there, however it ends.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;

use crate::environment::Place;

const PATIENCE: Duration = Duration::from_secs(20);
/// Who owns nothing.
const NOBODY: &str = "65534";

/// Starts a command that goes on until it is ended, where core files are welcome.
fn begun(place: &Place, before: &str) -> Child {
    let script = format!("ulimit -c unlimited; exec {before} \"$0\" log --follow");
    let mut command = place.command("sh");
    let command = command.arg("-c").arg(script).arg(cargo_bin!("mcf"));
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.spawn().expect("started")
}

fn process(child: &Child) -> PathBuf {
    PathBuf::from("/proc").join(child.id().to_string())
}

/// Waits until a file of the process says so.
fn comes_to_say(child: &Child, file: &str, wanted: &[&str]) -> bool {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let text = fs::read_to_string(process(child).join(file)).unwrap_or_default();
        if text
            .lines()
            .any(|line| line.split_whitespace().eq(wanted.iter().copied()))
        {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn an_abort_in_a_run_leaves_no_core_file_e181() {
    let place = Place::new();
    let mut child = begun(&place, "");
    let wanted = ["Max", "core", "file", "size", "0", "0", "bytes"];
    let is_limited = comes_to_say(&child, "limits", &wanted);
    let killed = place
        .command("sh")
        .args(["-c", &format!("kill -ABRT {}", child.id())])
        .status();
    assert!(killed.expect("run").success());
    let status = child.wait().expect("ended");
    assert_eq!(
        (status.signal(), status.core_dumped()),
        (Some(6), false),
        "E181: {status:?}"
    );
    assert!(is_limited, "E181: where the system asks for the limit alone");
}

#[test]
fn another_program_of_the_same_user_can_not_read_the_memory_of_a_command_e181() {
    let place = Place::new();
    let is_root = fs::metadata(place.path("")).expect("a folder").uid() == 0;
    let before = if is_root {
        std::os::unix::fs::chown(place.path(""), NOBODY.parse().ok(), None).expect("given away");
        format!("setpriv --reuid={NOBODY} --clear-groups --")
    } else {
        String::new()
    };
    let mut child = begun(&place, &before);
    let name = ["Name:", "mcf"];
    if comes_to_say(&child, "status", &name) {
        let until = Instant::now() + PATIENCE;
        let owner = || fs::metadata(process(&child).join("mem")).map_or(0, |memory| memory.uid());
        while owner() != 0 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(owner(), 0, "E181: what none may read is the system's");
        let runs = fs::metadata(process(&child)).is_ok();
        assert!(runs, "E181: it was seen at work");
    } else {
        println!("skipped: this user's program can't be run by another one here");
    }
    let _ = child.kill();
    child.wait().expect("ended");
}
