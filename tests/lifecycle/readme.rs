//! README and the pages under `docs/`, typed word by word against `mcf sandbox`: their commands are taken from their own blocks.
//!
//! The way from install to the first told parcel is walked twice: by whoever runs the tests, in a folder, and as a service user of its own.
//! The second makes that user and removes it; where root, sudo, useradd or userdel lack, it says so and does nothing.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

use clap::Parser;
use clap::error::ErrorKind;
use mcf_connector::cli::Cli;

use super::pages::{Terminal, Typed, typed};
use crate::folder::folder;

const README: &str = include_str!("../../README.md");
const INSTALL: &str = include_str!("../../docs/install.md");
const ALERTS: &str = include_str!("../../docs/alerts.md");

/// What is left out: it builds, changes the machine's own schedule, or the folder's owner has no such rights.
const OF_THE_MACHINE: [&str; 6] = [
    "cargo build",
    "crontab",
    "systemd",
    "systemctl",
    "target/release",
    "useradd",
];

/// A service user under a name that nobody has, who goes with all files when the test ends.
struct ServiceUser(String);

impl Drop for ServiceUser {
    fn drop(&mut self) {
        // Without a mail spool userdel grumbles; where the user was never made, too.
        let _ = Command::new("userdel")
            .args(["--remove", &self.0])
            .stderr(Stdio::null())
            .status();
    }
}

/// Returns one part of README.
fn part_of_readme(title: &str) -> &'static str {
    let (_, rest) = README
        .split_once(&format!("\n## {title}\n"))
        .expect("a section of README");
    rest.split("\n## ").next().expect("a text")
}

fn of_a_folder(page: &str) -> Vec<Typed> {
    let mut commands = typed(page);
    commands.retain(|typed| !OF_THE_MACHINE.iter().any(|word| typed.line.contains(word)));
    commands
}

/// Lets Amazon ship before the first command that reads its parcels.
fn walk_to_the_parcel(terminal: &Terminal, page: &str, commands: &[Typed]) {
    let shipped = commands
        .iter()
        .position(|typed| typed.line == "mcf sync-tracking")
        .expect("a parcel");
    let (before, after) = commands.split_at(shipped);
    let name = r#"mcf() { sudo -u mcf -H /usr/local/bin/mcf --config /var/lib/mcf/config.toml "$@"; }"#;
    terminal.walk(page, before);
    terminal.vendors.advance(4);
    // A shell of its own does not know the name any more.
    let mut named = typed(&format!("```sh\n{name}\n```"));
    named.extend(after.iter().cloned());
    terminal.walk(page, &named);
}

#[test]
fn install_is_walked_to_the_first_told_parcel() {
    let terminal = Terminal::new(None);
    walk_to_the_parcel(&terminal, "docs/install.md", &of_a_folder(INSTALL));
}

#[test]
fn readme_is_walked_to_the_first_told_parcel() {
    let terminal = Terminal::new(None);
    walk_to_the_parcel(&terminal, "README.md", &of_a_folder(part_of_readme("Install")));
}

/// Says what this machine lacks for the walk as a service user.
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
        ("bash and script", works("command -v bash && command -v script")),
    ]
    .into_iter()
    .find_map(|(name, is_there)| (!is_there).then_some(name))
}

#[test]
fn install_is_walked_to_the_first_told_parcel_as_a_service_user() {
    if let Some(name) = lacking() {
        eprintln!("skipped: walking docs/install.md needs {name}");
        return;
    }
    let user = ServiceUser(format!("mcf-test-{:08x}", getrandom::u32().expect("a random number")));
    let terminal = Terminal::new(Some(user.0.clone()));
    let mut commands = typed(INSTALL);
    commands.retain(|typed| {
        !["cargo build", "crontab", "systemd"]
            .iter()
            .any(|word| typed.line.contains(word))
    });
    walk_to_the_parcel(&terminal, "docs/install.md", &commands);
    let home = fs::metadata(terminal.home()).expect("a home");
    assert_ne!(home.uid(), 0);
    for file in fs::read_dir(terminal.home()).expect("a home") {
        let file = file.expect("a file");
        let owner = file.metadata().expect("a file").uid();
        assert_eq!(owner, home.uid(), "{file:?} is somebody else's");
    }
}

#[test]
fn several_shops_and_the_move_to_another_host_are_walked() {
    for (name, page) in [
        ("docs/several-shops.md", include_str!("../../docs/several-shops.md")),
        ("docs/moving.md", include_str!("../../docs/moving.md")),
    ] {
        let terminal = Terminal::new(None);
        terminal.furnish();
        let name_of_the_program =
            "```sh\nmcf() { sudo -u mcf -H /usr/local/bin/mcf --config /var/lib/mcf/config.toml \"$@\"; }\n```\n";
        terminal.walk(name, &of_a_folder(&format!("{name_of_the_program}{page}")));
    }
}

/// The pages that say what to type.
fn pages() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(folder.join("docs")).expect("pages");
    let files = files.map(|file| file.expect("a file").path());
    let mut pages: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .chain([folder.join("README.md")])
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a page");
            (path.display().to_string(), text)
        })
        .collect();
    pages.sort();
    pages
}

/// A command in a line of text or of a block, as words; none where the page leaves something open, such as `hold|release`.
fn words_of(command: &str) -> Option<Vec<&str>> {
    let command = command
        .split([';', '&', '|', '<', '>', '#', ')'])
        .next()
        .unwrap_or_default();
    let is_whole = !command.contains(['…', '[', '"', '\'', '$', '{', '`', '\\', '(']);
    is_whole.then(|| command.split_whitespace().collect())
}

/// A page may name a command without all of its words, and `SPEED` where a speed belongs.
fn is_only_open(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::MissingRequiredArgument
            | ErrorKind::InvalidValue
            | ErrorKind::ValueValidation
    )
}

#[test]
fn every_command_that_a_page_names_is_one() {
    let mut seen = 0;
    for (page, text) in pages() {
        let in_text = text.split('`').skip(1).step_by(2).map(str::to_owned);
        let in_blocks = typed(&text).into_iter().map(|typed| typed.line);
        for command in in_text.chain(in_blocks).filter(|command| command.starts_with("mcf ")) {
            let is_choice = command.contains('|') && !command.contains(" | ");
            let Some(words) = words_of(&command).filter(|words| !is_choice && words.len() > 1) else {
                continue;
            };
            seen += 1;
            if let Err(error) = Cli::try_parse_from(words) {
                assert!(is_only_open(error.kind()), "{page}: {command}: {error}");
            }
        }
    }
    assert!(seen > 100, "only {seen}");
}

#[test]
fn every_page_that_a_page_names_is_there() {
    for (page, text) in pages() {
        let folder = Path::new(&page).parent().expect("a folder");
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.starts_with("http")) {
            assert!(folder.join(link).exists(), "{page} names {link}");
        }
    }
}

#[test]
fn readme_is_read_in_ten_minutes() {
    let words = README.split_whitespace().count();
    assert!(words <= 2400, "{words} words");
}

/// Returns the block that bears this name.
fn block(page: &'static str, opening: &str) -> &'static str {
    let (_, rest) = page.split_once(&format!("```{opening}\n")).expect("a block");
    rest.split("```").next().expect("its end")
}

#[test]
fn the_script_of_alerts_mails_each_change_once() {
    let terminal = Terminal::new(None);
    terminal.furnish();
    let script = terminal.line(block(ALERTS, "sh mail-status"));
    let home = terminal.home();
    fs::write(home.join("mail-status"), script).expect("a script");
    fs::write(
        home.join("mail"),
        "#!/bin/sh\n{ echo \"$@\"; cat; } >> \"$(dirname \"$0\")/sent\"\n",
    )
    .expect("a program that mails");
    for name in ["mail-status", "mail"] {
        fs::set_permissions(home.join(name), fs::Permissions::from_mode(0o700)).expect("a program");
    }
    let mail = || {
        let line = format!("PATH={0}:$PATH {0}/mail-status", home.display());
        terminal.type_in(&[line]);
        fs::read_to_string(home.join("sent")).unwrap_or_default()
    };
    let first = mail();
    assert_eq!(first.matches("you@example.com").count(), 1, "{first}");
    assert!(
        first.contains("a person is needed: order 576900000000000107"),
        "{first}"
    );
    assert_eq!(mail(), first, "it says nothing new");
    let lines = [
        r#"mcf() { sudo -u mcf -H /usr/local/bin/mcf --config /var/lib/mcf/config.toml "$@"; }"#,
        "mcf orders dismiss --reason INVALID_ADDRESS --yes",
    ];
    terminal.type_in(&lines);
    assert_eq!(mail().matches("you@example.com").count(), 2);
}

#[test]
fn the_units_of_alerts_are_units() {
    let works = Command::new("systemd-analyze").arg("--version").output();
    if !works.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: systemd-analyze is not here");
        return;
    }
    let folder = folder();
    let unit = block(ALERTS, "ini mcf-mail.service").replace("/var/lib/mcf/mail-status", "/bin/true");
    fs::write(
        folder.path().join("mcf-mail.service"),
        unit.replace("User=mcf", "User=root"),
    )
    .expect("a unit");
    let failing = "[Service]\nType=oneshot\nExecStart=/bin/false\n";
    let poll = format!("{}{failing}", block(ALERTS, "ini mail.conf"));
    fs::write(folder.path().join("mcf-shop-poll.service"), poll).expect("a unit");
    let output = Command::new("systemd-analyze")
        .args(["verify", "--man=no", "./mcf-shop-poll.service", "./mcf-mail.service"])
        .current_dir(folder.path())
        .output()
        .expect("a verdict");
    let said = String::from_utf8_lossy(&output.stderr);
    let about_ours: Vec<&str> = said.lines().filter(|line| line.contains("mcf-")).collect();
    assert!(about_ours.is_empty(), "{said}");
}
