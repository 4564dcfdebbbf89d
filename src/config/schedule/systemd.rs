//! Service and timer units, and the script that puts them in place without touching another shop's.

use std::fmt;
use std::path::Path;

use super::super::quoting::shell_quoted;
use super::{Invocation, Job, jobs};
use crate::config::ScheduleSettings;

/// Where the units of this machine's operator lie.
const UNITS: &str = "/etc/systemd/system";

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
        write!(formatter, "sudo tee {UNITS}/{name} >/dev/null <<'END'\n{text}END\n")
    }
}

/// Returns a service and a timer for each job.
#[must_use]
pub fn systemd(schedule: &ScheduleSettings, invocation: &Invocation<'_>) -> Vec<UnitFile> {
    let unit = |job: &Job, kind, text| UnitFile {
        name: format!("{}-{}.{kind}", invocation.instance(), job.name),
        text,
    };
    jobs(schedule, invocation)
        .iter()
        .flat_map(|job| {
            [
                unit(job, "service", service(job, invocation)),
                unit(job, "timer", timer(job, invocation)),
            ]
        })
        .collect()
}

/// Returns the command that switches the timers on, to be run after the files are written.
#[must_use]
pub fn systemd_enable(units: &[UnitFile]) -> String {
    let timers: Vec<&str> = units
        .iter()
        .map(|unit| unit.name.as_str())
        .filter(|name| name.ends_with(".timer"))
        .collect();
    format!(
        "sudo systemctl daemon-reload && sudo systemctl enable --now {}\n",
        timers.join(" ")
    )
}

/// Returns a script, to be pasted or piped into `sh`, that writes the units and switches the timers on. Units of the same names that
/// belong to another shop end it before anything is written.
#[must_use]
pub fn systemd_script(units: &[UnitFile], invocation: &Invocation<'_>) -> String {
    let services: Vec<&str> = units
        .iter()
        .map(|unit| unit.name.as_str())
        .filter(|name| name.ends_with(".service"))
        .collect();
    let files: String = units.iter().map(|unit| format!("{unit}\n")).collect();
    format!(
        "# Paste this, or pipe it into sh. What was done: journalctl -u {instance}-poll\n\
         ( set -e\n\
         for unit in {services}; do\n\
         \x20 if test -e {UNITS}/\"$unit\" && ! grep -qF -- {ours} {UNITS}/\"$unit\"; then\n\
         \x20   echo \"$unit is another shop's: choose a name with mcf schedule systemd --name SHOP\" >&2; exit 3\n\
         \x20 fi\n\
         done\n\
         {files}{enable})\n",
        instance = invocation.instance(),
        services = services.join(" "),
        ours = shell_quoted(&ours(invocation)),
        enable = systemd_enable(units),
    )
}

/// Tells whether a unit's text calls the program for another shop.
#[must_use]
pub fn is_of_another_shop(text: &str, invocation: &Invocation<'_>) -> bool {
    text.contains("ExecStart=") && !text.contains(&ours(invocation))
}

/// What every service of this shop has in its call, and no other's.
fn ours(invocation: &Invocation<'_>) -> String {
    let words: Vec<String> = invocation.settings().iter().map(|word| unit_word(word)).collect();
    format!(" {} --quiet ", words.join(" "))
}

fn service(job: &Job, invocation: &Invocation<'_>) -> String {
    let words: Vec<String> = invocation.words(job).iter().map(|word| unit_word(word)).collect();
    let folder = invocation.database.parent().unwrap_or(Path::new("/"));
    let made = job.folder.as_ref().map_or_else(String::new, |made| {
        format!("ExecStartPre=/bin/mkdir -p {}\n", unit_word(&made.to_string_lossy()))
    });
    let elsewhere = job.folder.as_ref().filter(|made| !made.starts_with(folder));
    let also = elsewhere.map_or_else(String::new, |made| {
        format!("ReadWritePaths=-{}\n", unit_quoted(&made.to_string_lossy()))
    });
    format!(
        "[Unit]\n\
         Description={instance}: {description}\n\
         Wants=network-online.target\n\
         After=network-online.target time-sync.target\n\
         \n\
         [Service]\n\
         Type=oneshot\n\
         {made}\
         ExecStart={call}\n\
         User={user}\n\
         SyslogIdentifier={instance}-{job}\n\
         UMask=0077\n\
         TimeoutStartSec={minutes}min\n\
         # 75: another run holds the lock, nothing was done. 143: stopped by systemd, what was begun is finished.\n\
         SuccessExitStatus=75 143\n\
         # Secrets that are not in the configuration file; root reads them and passes them on.\n\
         #LoadCredential=tiktok_app_secret:/etc/mcf-connector/credentials/tiktok_app_secret\n\
         #LoadCredential=tiktok_refresh_token:/etc/mcf-connector/credentials/tiktok_refresh_token\n\
         #LoadCredential=amazon_client_secret:/etc/mcf-connector/credentials/amazon_client_secret\n\
         #LoadCredential=amazon_refresh_token:/etc/mcf-connector/credentials/amazon_refresh_token\n\
         {HARDENING}\
         ReadWritePaths={folder}\n\
         {also}",
        instance = invocation.instance(),
        description = job.description,
        call = words.join(" "),
        user = invocation.user,
        job = job.name,
        minutes = job.rhythm.minutes().clamp(2, 60),
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

fn timer(job: &Job, invocation: &Invocation<'_>) -> String {
    format!(
        "[Unit]\n\
         Description={instance}: {description}, every {minutes} minutes\n\
         \n\
         [Timer]\n\
         OnCalendar={calendar}\n\
         Persistent=true\n\
         AccuracySec=10s\n\
         \n\
         [Install]\n\
         WantedBy=timers.target\n",
        instance = invocation.instance(),
        description = job.description,
        minutes = job.rhythm.minutes(),
        calendar = job.rhythm.calendar(job.offset),
    )
}

/// Returns one word of a command line in a unit file (systemd.service, "Command lines").
pub(super) fn unit_word(word: &str) -> String {
    unit_quoted(&word.replace('$', "$$"))
}

/// Returns one word of any setting in a unit file, where `%` begins a specifier (systemd.unit, "Specifiers").
pub(super) fn unit_quoted(word: &str) -> String {
    let escaped = word.replace('\\', r"\\").replace('"', "\\\"").replace('%', "%%");
    if escaped.contains([' ', '\'', '"', '\\', ';', '#']) {
        format!("\"{escaped}\"")
    } else {
        escaped
    }
}
