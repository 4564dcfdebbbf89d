//! Folders of tests lie in memory where the machine lets them: half of what a command takes on a slow disk is waiting for syncs.

use std::path::Path;

use tempfile::TempDir;

const MEMORY: &str = "/dev/shm";
/// Many times what all tests of a suite hold at once.
const ROOM: u64 = 1 << 30;

/// Makes an empty folder that is gone with the test.
pub fn folder() -> TempDir {
    let made = if is_fit() {
        tempfile::tempdir_in(MEMORY)
    } else {
        tempfile::tempdir()
    };
    made.expect("a folder")
}

/// Some tests put programs into their folders.
fn is_fit() -> bool {
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let is_executable = mounts
        .lines()
        .any(|mount| match mount.split(' ').collect::<Vec<_>>()[..] {
            [_, MEMORY, "tmpfs", options, ..] => options.split(',').all(|option| option != "noexec" && option != "ro"),
            _ => false,
        });
    is_executable && fs4::available_space(Path::new(MEMORY)).is_ok_and(|free| free >= ROOM)
}
