//! A disk of its own that can be filled to the last byte: a small file system in memory, which only root may mount.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const BLOCK: [u8; 4096] = [0; 4096];

pub struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// Mounts a disk of so many megabytes; `None` where that is not allowed.
    pub fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let size = format!("size={megabytes}m");
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path());
        is_good(&mut command).then_some(Self { folder })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }

    /// Fills it but for so many blocks of four kilobytes.
    pub fn fill_but(&self, blocks: u64) {
        let mut file = File::create(self.ballast()).expect("a file");
        let mut written = 0;
        while file.write_all(&BLOCK).is_ok() {
            written += 1;
        }
        file.set_len((written - blocks) * 4096).expect("cut");
    }

    pub fn is_full(&self) -> bool {
        self.ballast().exists()
    }

    pub fn empty(&self) {
        if self.is_full() {
            fs::remove_file(self.ballast()).expect("removed");
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        is_good(Command::new("umount").arg("-l").arg(self.path()));
    }
}

fn is_good(command: &mut Command) -> bool {
    let silent = command.stdout(Stdio::null()).stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}
