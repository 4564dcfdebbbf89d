//! Crontab lines and units: what is printed is run here as cron and a shell would run it.

use std::fs;
use std::io::{Write, stderr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::folder::folder;

/// A host with a crontab of its own, a log, and shops in folders.
struct Host {
    root: TempDir,
}

impl Host {
    fn new() -> Self {
        let host = Self { root: folder() };
        fs::create_dir(host.path("bin")).expect("a folder");
        let table = host.path("table");
        host.program(
            "logger",
            &format!(
                "#!/bin/sh\necho \"$@\" >> {0}; cat >> {0}\n",
                host.path("log").display()
            ),
        );
        host.program(
            "crontab",
            &format!(
                "#!/bin/sh\ncase $1 in -l) cat {0};; -) cat > {0}.new && mv {0}.new {0};; esac\n",
                table.display()
            ),
        );
        fs::write(table, "0 1 * * * /usr/bin/backup-everything\n").expect("written");
        host
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    }

    /// Makes a shop and returns its configuration.
    fn shop(&self, folder: &str) -> PathBuf {
        let config = self.path(folder).join("config.toml");
        self.mcf(&["init", "--config", config.to_str().expect("text")], &[]);
        config
    }

    fn mcf(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let output = assert_cmd::cargo::cargo_bin_cmd!("mcf")
            .args(arguments)
            .current_dir(self.root.path())
            .env_clear()
            .envs(variables.iter().copied())
            .output()
            .expect("the binary runs");
        assert!(output.status.success(), "{output:?}");
        output
    }

    fn crontab_of(&self, config: &Path, more: &[&str]) -> String {
        let config = config.to_str().expect("text");
        let arguments = [&["--config", config, "schedule", "cron"], more].concat();
        String::from_utf8(self.mcf(&arguments, &[]).stdout).expect("text")
    }

    /// Runs a command as cron does: `/bin/sh`, no HOME, in `/`.
    fn sh(&self, command: &str) -> Output {
        Command::new("/bin/sh")
            .args(["-c", command])
            .current_dir("/")
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", self.path("bin").display()))
            .output()
            .expect("a shell")
    }
}

/// Returns the command of a crontab line: the sixth field, to the first `%` that no backslash escapes.
fn command_of(line: &str) -> String {
    let command = line.splitn(6, ' ').nth(5).expect("a command");
    let unescaped = command.replace(r"\%", "\u{0}");
    assert!(!unescaped.contains('%'), "cron would cut {line}");
    unescaped.replace('\u{0}', "%")
}

#[test]
fn a_crontab_line_runs_on_the_same_database_from_anywhere_e183() {
    let host = Host::new();
    let folder = "shop 100% o'hara & co";
    let config = host.shop(folder);
    let crontab = host.crontab_of(&config, &[]);
    for job in [" backup ", " metrics ", " report ", " purge "] {
        let line = crontab
            .lines()
            .find(|line| !line.starts_with('#') && line.contains(job));
        let output = host.sh(&command_of(line.expect("a line")));
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
    let log = fs::read_to_string(host.path("log")).expect("a log");
    assert!(log.contains("-t mcf-backup") && !log.contains("error"), "{log}");
    let copies = fs::read_dir(host.path(folder).join("backups"))
        .expect("a folder")
        .count();
    assert_eq!(copies, 2, "a copy and its key");
    assert!(host.path(folder).join("metrics/mcf.prom").is_file());
    assert!(host.path(folder).join("report/mcf.html").is_file());
}

#[test]
fn the_recipe_adds_once_however_often_and_beside_another_shop_e159() {
    let host = Host::new();
    let (first, second) = (host.shop("a"), host.shop("b"));
    for _ in 0..2 {
        for config in [&first, &second] {
            let crontab = host.crontab_of(config, &[]);
            let line = crontab
                .lines()
                .find(|line| line.contains("lines=$("))
                .expect("a recipe");
            let recipe = &line[line.find("lines=$(").expect("a recipe")..];
            assert!(host.sh(recipe).status.success());
        }
    }
    let table = fs::read_to_string(host.path("table")).expect("a table");
    assert!(table.contains("/usr/bin/backup-everything"), "{table}");
    for config in [&first, &second] {
        let polls = table
            .lines()
            .filter(|line| line.contains(&format!("{} --quiet poll", config.display())) && !line.starts_with('#'));
        assert_eq!(polls.count(), 1, "{table}");
    }
}

#[test]
fn two_shops_have_units_of_their_own_and_none_overwrites_anothers_e159() {
    let host = Host::new();
    let (first, second) = (host.shop("a"), host.shop("b"));
    let units = host.path("units");
    fs::create_dir(&units).expect("a folder");
    let write = |config: &Path, more: &[&str]| {
        let (config, units) = (config.to_str().expect("text"), units.to_str().expect("text"));
        let arguments = [&["--config", config, "schedule", "systemd", "--dir", units], more].concat();
        let ran = assert_cmd::cargo::cargo_bin_cmd!("mcf").args(arguments).output();
        ran.expect("the binary runs").status.code()
    };
    assert_eq!(write(&first, &[]), Some(0));
    assert_eq!(write(&second, &[]), Some(3), "the names are taken");
    assert_eq!(write(&second, &["--name", "second"]), Some(0));
    assert_eq!(write(&first, &[]), Some(0), "one's own may be written anew");
    assert_eq!(write(&first, &["--name", "No Name"]), Some(2));
    assert_eq!(fs::read_dir(&units).expect("a folder").count(), 28);
    assert!(units.join("mcf-second-poll.timer").is_file());
}

/// Runs `systemd-analyze`; `None` where this machine has none.
fn systemd_analyze(arguments: &[&str], units: &[PathBuf]) -> Option<Output> {
    let ran = Command::new("systemd-analyze")
        .args(arguments)
        .args(units)
        .output()
        .ok();
    if ran.is_none() {
        writeln!(stderr(), "skipped: this machine has no systemd-analyze").ok();
    }
    ran
}

fn paths(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == kind))
        .collect()
}

/// Writes the units of an odd folder for a service user, and those of a user that systemd makes.
fn folders_of_units(host: &Host) -> [PathBuf; 2] {
    let config = host.shop("shop 100% o'hara & co");
    let (of_user, of_made) = (host.path("units"), host.path("made"));
    for folder in [&of_user, &of_made] {
        fs::create_dir(folder).expect("a folder");
    }
    let text = |path: &Path| path.to_str().expect("text").to_owned();
    let config = [
        "--config",
        &text(&config),
        "schedule",
        "systemd",
        "--user",
        "mail",
        "--dir",
        &text(&of_user),
    ];
    host.mcf(&config, &[]);
    let by_root = [
        "--db",
        "/var/lib/mcf-of a test/mcf.db",
        "schedule",
        "systemd",
        "--dir",
        &text(&of_made),
    ];
    host.mcf(&by_root, &[("USER", "root")]);
    [of_user, of_made]
}

#[test]
fn units_of_an_odd_folder_and_of_a_made_user_pass_systemds_own_check_e183() {
    let host = Host::new();
    for folder in folders_of_units(&host) {
        for kind in ["service", "timer"] {
            let units = paths(&folder, kind);
            assert_eq!(units.len(), 7);
            let Some(verified) = systemd_analyze(&["verify", "--man=no"], &units) else {
                return;
            };
            let said = String::from_utf8_lossy(&verified.stderr);
            let is_ours = |line: &&str| line.contains("/mcf-") && !line.contains("is not executable");
            let about_ours: Vec<_> = said.lines().filter(is_ours).collect();
            assert!(about_ours.is_empty(), "{said}");
        }
    }
}

#[test]
fn units_leave_little_to_who_breaks_in() {
    let host = Host::new();
    for folder in folders_of_units(&host) {
        for unit in paths(&folder, "service") {
            let judged = systemd_analyze(&["security", "--offline=true", "--threshold=20"], &[unit]);
            let Some(judged) = judged else {
                return;
            };
            let said = String::from_utf8_lossy(&judged.stdout);
            assert!(judged.status.success(), "{}", said.lines().last().unwrap_or_default());
        }
    }
}

#[test]
fn secrets_of_todays_shell_are_named_and_never_shown_e171() {
    let host = Host::new();
    let config = host.shop("a");
    let arguments = [
        "--config",
        config.to_str().expect("text"),
        "schedule",
        "cron",
        "--user",
        "nobody",
        "--quiet",
    ];
    let variables = [
        ("TIKTOK_APP_SECRET", "canary-5f2a"),
        ("AMAZON_REFRESH_TOKEN", "canary-6b1c"),
    ];
    let output = host.mcf(&arguments, &variables);
    let said = String::from_utf8(output.stderr).expect("text");
    for words in [
        "warning: cron will not have",
        "AMAZON_REFRESH_TOKEN, TIKTOK_APP_SECRET",
        "app_secret_file = ",
        "refresh_token_file = ",
        "[tiktok]",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("canary"), "{said}");
    assert!(!String::from_utf8(output.stdout).expect("text").contains("canary"));
    let quiet = host.mcf(&arguments, &[]);
    assert!(!String::from_utf8(quiet.stderr).expect("text").contains("warning"));
}

#[test]
fn a_folder_keeps_the_newest_dated_backups_and_nothing_else_goes() {
    let host = Host::new();
    let config = host.shop("a");
    let folder = host.path("copies");
    fs::create_dir(&folder).expect("a folder");
    for name in [
        "mcf-2025-12-01.db",
        "mcf-2025-12-01.db.key",
        "mcf-2025-12-02.db",
        "mcf-notes.db",
        "other.db",
    ] {
        fs::write(folder.join(name), "old").expect("written");
    }
    let (config, into) = (config.to_str().expect("text"), folder.to_str().expect("text"));
    host.mcf(&["--config", config, "backup", into, "--keep", "2"], &[]);
    host.mcf(&["--config", config, "backup", into, "--keep", "2"], &[]);
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("mcf-2025")), "{names:?}");
    assert!(names.contains(&"mcf-notes.db".to_owned()) && names.contains(&"other.db".to_owned()));
}
