//! README from "Install" to "First real run", typed line by line as a service user of its own against `mcf sandbox`.
//!
//! It makes that user and removes it; where root, sudo, useradd or userdel lack, it says so and does nothing.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::demo::{first_document, free_pair};

const README: &str = include_str!("../../README.md");
const SECTIONS: [&str; 2] = ["\n## Install\n", "\n## First real run\n"];

/// What README says to type, without its comments, and how each line ends.
const LINES: [(&str, i32); 14] = [
    ("cargo build --release", 0),
    ("sudo install -m 755 target/release/mcf /usr/local/bin/mcf", 0),
    ("sudo useradd --system --create-home --home-dir /var/lib/mcf mcf", 0),
    (
        "sudo -u mcf -H /usr/local/bin/mcf init --config /var/lib/mcf/config.toml",
        0,
    ),
    (
        r#"mcf() { sudo -u mcf -H /usr/local/bin/mcf --config /var/lib/mcf/config.toml "$@"; }"#,
        0,
    ),
    (r#"sudo -u mcf -H "${EDITOR:-vi}" /var/lib/mcf/config.toml"#, 0),
    ("mcf check", 3),
    ("mcf mappings import - --dry-run < mappings.csv", 0),
    ("mcf mappings import - < mappings.csv", 0),
    ("mcf mappings check", 0),
    ("mcf poll --dry-run", 0),
    ("mcf route 576900000000000101", 0),
    ("mcf status 576900000000000101", 0),
    ("mcf poll", 0),
];

/// A service user under a name that nobody has, who goes with all files when the test ends.
struct ServiceUser(String);

impl ServiceUser {
    fn named() -> Self {
        Self(format!("mcf-test-{:08x}", getrandom::u32().expect("a random number")))
    }

    /// Returns a line of README for this user, with the program in `folder`.
    fn line(&self, line: &str, folder: &Path) -> String {
        let user = &self.0;
        let line = match line.strip_suffix(" mcf") {
            Some(start) if start.contains("useradd") => format!("{start} {user}"),
            _ => line.to_owned(),
        };
        line.replace("/usr/local/bin/mcf", &folder.join("mcf").to_string_lossy())
            .replace("/var/lib/mcf", &format!("/var/lib/{user}"))
            .replace("-u mcf ", &format!("-u {user} "))
            .replace("target/release/mcf", env!("CARGO_BIN_EXE_mcf"))
    }
}

impl Drop for ServiceUser {
    fn drop(&mut self) {
        // Without a mail spool userdel grumbles; where the user was never made, too.
        let _ = Command::new("userdel")
            .args(["--remove", &self.0])
            .stderr(Stdio::null())
            .status();
    }
}

/// Both vendors, until the test ends.
struct Vendors(Child);

impl Vendors {
    fn open(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mcf"))
            .args(["sandbox", "--json", "--write-config", "sandbox/config.toml", "--port"])
            .arg(free_pair().to_string())
            .current_dir(folder)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        assert_eq!(first_document(&mut child)["schema"], 1);
        Self(child)
    }
}

impl Drop for Vendors {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns the commands of the `sh` blocks of the walked sections.
fn typed_in_readme() -> Vec<&'static str> {
    let mut typed = Vec::new();
    for title in SECTIONS {
        let (_, rest) = README.split_once(title).expect("a section of README");
        let section = rest.split("\n## ").next().expect("a text");
        let blocks = section.split("```sh\n").skip(1);
        let lines = blocks.flat_map(|block| block.split("```").next().expect("a block").lines());
        typed.extend(lines.map(|line| line.split("  #").next().expect("a line").trim_end()));
    }
    typed
}

/// Says what this machine lacks for the walk.
fn lacking() -> Option<&'static str> {
    let works = |line: &str| {
        Command::new("sh")
            .args(["-c", line])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    [
        ("root", is_root),
        ("useradd and userdel", works("command -v useradd && command -v userdel")),
        ("a sudo that works", works("sudo -n true")),
        ("bash", works("command -v bash")),
    ]
    .into_iter()
    .find_map(|(name, is_there)| (!is_there).then_some(name))
}

/// Puts what README takes for granted into the folder: the mapping file, and an editor that puts the credentials in.
fn prepare(folder: &Path) {
    fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("open for all");
    fs::copy(folder.join("sandbox/config.mappings.csv"), folder.join("mappings.csv")).expect("a mapping file");
    let config = fs::read_to_string(folder.join("sandbox/config.toml")).expect("a configuration");
    let editor = folder.join("editor");
    fs::write(&editor, format!("#!/bin/sh\ncat > \"$1\" <<'END'\n{config}END\n")).expect("an editor");
    fs::set_permissions(&editor, Permissions::from_mode(0o755)).expect("open for all");
}

/// Types the lines into one shell and returns what it printed and how each line ended.
fn type_in(lines: &[String], folder: &Path) -> (String, Vec<i32>) {
    let script: String = lines.iter().map(|line| format!("{line}\necho $? >> codes\n")).collect();
    fs::write(folder.join("typed.sh"), script).expect("a script");
    let output = Command::new("bash")
        .arg("typed.sh")
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("EDITOR", folder.join("editor"))
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    let codes = fs::read_to_string(folder.join("codes")).unwrap_or_default();
    let codes = codes.lines().map(|code| code.parse().expect("a code"));
    let printed = [output.stdout, output.stderr].concat();
    (String::from_utf8_lossy(&printed).into_owned(), codes.collect())
}

#[test]
fn readme_is_walked_from_install_to_the_first_real_run_as_a_service_user() {
    assert_eq!(
        typed_in_readme(),
        LINES.map(|(line, _)| line),
        "README says something else"
    );
    if let Some(name) = lacking() {
        eprintln!("skipped: walking README needs {name}");
        return;
    }
    let started = Instant::now();
    let folder = TempDir::new().expect("a folder");
    let _vendors = Vendors::open(folder.path());
    prepare(folder.path());
    let user = ServiceUser::named();
    // The build is the test's own.
    let lines: Vec<String> = LINES[1..]
        .iter()
        .map(|(line, _)| user.line(line, folder.path()))
        .collect();
    let (printed, codes) = type_in(&lines, folder.path());
    let expected: Vec<i32> = LINES[1..].iter().map(|(_, code)| *code).collect();
    assert_eq!(codes, expected, "{printed}");
    for said in ["import 1: 8 added", "route: 1 routed", "poll: 16 detected, 8 routed"] {
        assert!(printed.contains(said), "{said} is not in: {printed}");
    }
    let home = fs::metadata(format!("/var/lib/{}", user.0)).expect("a home");
    for file in fs::read_dir(format!("/var/lib/{}", user.0)).expect("a home") {
        let file = file.expect("a file");
        assert_eq!(
            file.metadata().expect("a file").uid(),
            home.uid(),
            "{file:?} is somebody else's"
        );
    }
    assert_ne!(home.uid(), 0);
    assert!(started.elapsed() < Duration::from_secs(30), "the walk takes too long");
}
