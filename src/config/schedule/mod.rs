//! The text of crontab lines and of systemd units that run the jobs at the configured intervals.
//!
//! Pure: writes no file and starts nothing. Minutes are spread so that the jobs do not meet at the full hour.

mod rhythm;

use std::fmt;
use std::path::Path;

use rhythm::Rhythm;

use super::behaviour::ScheduleSettings;
use super::quoting::shell_quoted;

/// How the scheduled program is called.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// The program, absolute.
    pub program: &'a Path,
    /// The configuration file, absolute. Without one the database is named instead.
    pub config: Option<&'a Path>,
    /// The database, absolute; its folder is the only one that a systemd unit may write to.
    pub database: &'a Path,
    /// The user whose files these are.
    pub user: &'a str,
}

/// A file for `/etc/systemd/system`. Displays as a command that writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitFile {
    /// The file's name, e.g. `mcf-poll.timer`.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl fmt::Display for UnitFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, text } = self;
        write!(
            formatter,
            "sudo tee /etc/systemd/system/{name} >/dev/null <<'END'\n{text}END\n"
        )
    }
}

/// One job and when it runs.
struct Job {
    command: &'static str,
    description: &'static str,
    minutes: u32,
    /// The first minute of the hour, where the rhythm leaves a choice.
    offset: u32,
    rhythm: Rhythm,
}

/// Offsets differ modulo 5, so that no job falls into the minute of a poll every five minutes.
fn jobs(schedule: &ScheduleSettings) -> [Job; 4] {
    let job = |command, description, minutes, offset| Job {
        command,
        description,
        minutes,
        offset,
        rhythm: Rhythm::within(minutes),
    };
    [
        job(
            "poll",
            "Route TikTok orders to Amazon",
            schedule.order_poll_interval_minutes,
            1,
        ),
        job(
            "sync-tracking",
            "Pass tracking numbers to TikTok",
            schedule.tracking_sync_interval_minutes,
            3,
        ),
        job(
            "sync-inventory",
            "Keep stock levels equal",
            schedule.inventory_sync_interval_minutes,
            14,
        ),
        job("purge", "Remove buyer data past its retention", 24 * 60, 37),
    ]
}

/// Returns crontab lines. What the jobs print goes to the system log under `mcf-<job>`.
#[must_use]
pub fn cron(schedule: &ScheduleSettings, invocation: &Invocation<'_>) -> String {
    let mut text = String::from("# mcf: paste into `crontab -e`; read what was done with `journalctl -t mcf-poll`\n");
    for job in jobs(schedule) {
        if job.rhythm.minutes() != job.minutes {
            let (wanted, given) = (job.minutes, job.rhythm.minutes());
            text += &format!("# cron cannot say every {wanted} minutes evenly; this is every {given}\n");
        }
        text += &cron_line(&job, invocation);
    }
    text
}

/// In a crontab `%` ends the command, quoted or not.
fn cron_line(job: &Job, invocation: &Invocation<'_>) -> String {
    let command = job.command;
    let words: Vec<String> = words(job, invocation).iter().map(|word| shell_quoted(word)).collect();
    let call = words.join(" ").replace('%', r"\%");
    format!(
        "{} * * * {call} 2>&1 | logger -t mcf-{command}\n",
        job.rhythm.cron(job.offset)
    )
}

/// Returns a service and a timer for each job.
#[must_use]
pub fn systemd(schedule: &ScheduleSettings, invocation: &Invocation<'_>) -> Vec<UnitFile> {
    let unit = |job: &Job, kind, text| UnitFile {
        name: format!("mcf-{}.{kind}", job.command),
        text,
    };
    jobs(schedule)
        .iter()
        .flat_map(|job| {
            [
                unit(job, "service", service(job, invocation)),
                unit(job, "timer", timer(job)),
            ]
        })
        .collect()
}

/// Returns the command that switches the timers on, to be run after the files are written.
#[must_use]
pub fn systemd_enable(schedule: &ScheduleSettings) -> String {
    let timers: Vec<String> = jobs(schedule)
        .iter()
        .map(|job| format!("mcf-{}.timer", job.command))
        .collect();
    format!(
        "sudo systemctl daemon-reload && sudo systemctl enable --now {}\n",
        timers.join(" ")
    )
}

fn service(job: &Job, invocation: &Invocation<'_>) -> String {
    let words: Vec<String> = words(job, invocation).iter().map(|word| unit_word(word)).collect();
    let folder = invocation.database.parent().unwrap_or(Path::new("/"));
    format!(
        "[Unit]\n\
         Description=mcf: {description}\n\
         Wants=network-online.target\n\
         After=network-online.target time-sync.target\n\
         \n\
         [Service]\n\
         Type=oneshot\n\
         ExecStart={call}\n\
         User={user}\n\
         UMask=0077\n\
         TimeoutStartSec={minutes}min\n\
         # 75: another run holds the lock, nothing was done.\n\
         SuccessExitStatus=75\n\
         # Secrets that are not in the configuration file; root reads them and passes them on.\n\
         #LoadCredential=tiktok_app_secret:/etc/mcf-connector/credentials/tiktok_app_secret\n\
         #LoadCredential=tiktok_refresh_token:/etc/mcf-connector/credentials/tiktok_refresh_token\n\
         #LoadCredential=amazon_client_secret:/etc/mcf-connector/credentials/amazon_client_secret\n\
         #LoadCredential=amazon_refresh_token:/etc/mcf-connector/credentials/amazon_refresh_token\n\
         {HARDENING}\
         ReadWritePaths={folder}\n",
        description = job.description,
        call = words.join(" "),
        user = invocation.user,
        minutes = job.rhythm.minutes().max(2),
        folder = unit_quoted(&folder.to_string_lossy()),
    )
}

/// The program needs the network, its configuration and the folder of its database, nothing else.
const HARDENING: &str = "NoNewPrivileges=yes\n\
    CapabilityBoundingSet=\n\
    ProtectSystem=strict\n\
    ProtectHome=read-only\n\
    PrivateTmp=yes\n\
    PrivateDevices=yes\n\
    ProtectKernelTunables=yes\n\
    ProtectKernelModules=yes\n\
    ProtectKernelLogs=yes\n\
    ProtectControlGroups=yes\n\
    ProtectClock=yes\n\
    ProtectHostname=yes\n\
    RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n\
    RestrictNamespaces=yes\n\
    RestrictRealtime=yes\n\
    RestrictSUIDSGID=yes\n\
    LockPersonality=yes\n\
    MemoryDenyWriteExecute=yes\n\
    SystemCallArchitectures=native\n\
    SystemCallFilter=@system-service\n";

fn timer(job: &Job) -> String {
    format!(
        "[Unit]\n\
         Description=mcf: {description}, every {minutes} minutes\n\
         \n\
         [Timer]\n\
         OnCalendar={calendar}\n\
         Persistent=true\n\
         AccuracySec=10s\n\
         \n\
         [Install]\n\
         WantedBy=timers.target\n",
        description = job.description,
        minutes = job.rhythm.minutes(),
        calendar = job.rhythm.calendar(job.offset),
    )
}

fn words(job: &Job, invocation: &Invocation<'_>) -> Vec<String> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (flag, path) = match invocation.config {
        Some(config) => ("--config", config),
        None => ("--db", invocation.database),
    };
    vec![
        text(invocation.program),
        flag.to_owned(),
        text(path),
        "--quiet".to_owned(),
        job.command.to_owned(),
    ]
}

/// Returns one word of a command line in a unit file (systemd.service, "Command lines").
fn unit_word(word: &str) -> String {
    unit_quoted(&word.replace('$', "$$"))
}

/// Returns one word of any setting in a unit file, where `%` begins a specifier (systemd.unit, "Specifiers").
fn unit_quoted(word: &str) -> String {
    let escaped = word.replace('\\', r"\\").replace('"', "\\\"").replace('%', "%%");
    if escaped.contains([' ', '\'', '"', '\\', ';', '#']) {
        format!("\"{escaped}\"")
    } else {
        escaped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: ScheduleSettings = ScheduleSettings {
        order_poll_interval_minutes: 5,
        tracking_sync_interval_minutes: 30,
        inventory_sync_interval_minutes: 60,
    };

    fn invocation<'a>(program: &'a str, config: Option<&'a str>) -> Invocation<'a> {
        Invocation {
            program: Path::new(program),
            config: config.map(Path::new),
            database: Path::new("/var/lib/mcf/mcf.db"),
            user: "seller",
        }
    }

    #[test]
    fn crontab_lines_spread_the_minutes_and_log() {
        let text = cron(
            &DEFAULT,
            &invocation("/usr/local/bin/mcf", Some("/etc/mcf-connector/config.toml")),
        );
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let call = "/usr/local/bin/mcf --config /etc/mcf-connector/config.toml --quiet";
        assert_eq!(
            lines,
            [
                format!("1-59/5 * * * * {call} poll 2>&1 | logger -t mcf-poll"),
                format!("3-59/30 * * * * {call} sync-tracking 2>&1 | logger -t mcf-sync-tracking"),
                format!("14 * * * * {call} sync-inventory 2>&1 | logger -t mcf-sync-inventory"),
                format!("37 3 * * * {call} purge 2>&1 | logger -t mcf-purge"),
            ]
        );
    }

    #[test]
    fn odd_paths_survive_the_crontab() {
        let text = cron(&DEFAULT, &invocation("/opt/my shop/mcf", Some("/etc/100%/c.toml")));
        assert!(text.contains(r"'/opt/my shop/mcf' --config '/etc/100\%/c.toml' --quiet poll"));
    }

    #[test]
    fn without_a_file_the_database_is_named() {
        let text = cron(&DEFAULT, &invocation("/usr/local/bin/mcf", None));
        assert!(text.contains("/usr/local/bin/mcf --db /var/lib/mcf/mcf.db --quiet poll"));
    }

    #[test]
    fn an_interval_that_cron_cannot_say_is_shortened_openly() {
        let schedule = ScheduleSettings {
            order_poll_interval_minutes: 7,
            ..DEFAULT
        };
        let text = cron(&schedule, &invocation("/usr/local/bin/mcf", None));
        assert!(text.contains("cannot say every 7 minutes evenly; this is every 6\n1-59/6 * * * * "));
    }

    #[test]
    fn units_are_hardened_catch_up_and_write_to_the_database_only() {
        let units = systemd(
            &DEFAULT,
            &invocation("/usr/local/bin/mcf", Some("/etc/my shop/50%/c.toml")),
        );
        assert_eq!(units.len(), 8);
        let poll = &units[0];
        assert_eq!(poll.name, "mcf-poll.service");
        for line in [
            "ExecStart=/usr/local/bin/mcf --config \"/etc/my shop/50%%/c.toml\" --quiet poll",
            "User=seller",
            "SuccessExitStatus=75",
            "ProtectSystem=strict",
            "ReadWritePaths=/var/lib/mcf",
            "#LoadCredential=tiktok_app_secret:/etc/mcf-connector/credentials/tiktok_app_secret",
        ] {
            assert!(poll.text.lines().any(|found| found == line), "{line}");
        }
        let timer = &units[1];
        assert_eq!(timer.name, "mcf-poll.timer");
        assert!(timer.text.contains("OnCalendar=*-*-* *:01/5:00\nPersistent=true\n"));
        assert!(units[7].text.contains("OnCalendar=*-*-* 03:37:00\n"));
    }

    #[test]
    fn signs_of_systemd_stand_for_themselves() {
        assert_eq!(unit_word("/srv/$shop"), "/srv/$$shop");
        assert_eq!(unit_quoted("/srv/$shop"), "/srv/$shop");
        assert_eq!(unit_quoted(r#"/srv/a "b" 5%\c"#), r#""/srv/a \"b\" 5%%\\c""#);
    }

    #[test]
    fn unit_files_display_as_commands_to_paste() {
        let units = systemd(&DEFAULT, &invocation("/usr/local/bin/mcf", None));
        let shown = units[1].to_string();
        assert!(shown.starts_with("sudo tee /etc/systemd/system/mcf-poll.timer >/dev/null <<'END'\n[Unit]\n"));
        assert!(shown.ends_with("WantedBy=timers.target\nEND\n"));
        assert!(systemd_enable(&DEFAULT).contains("enable --now mcf-poll.timer mcf-sync-tracking.timer"));
    }
}
