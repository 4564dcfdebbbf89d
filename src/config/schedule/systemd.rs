//! Service and timer units, and the script that puts them in place without touching another shop's.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;

use super::super::quoting::shell_quoted;
use super::{ACCOUNT_LENGTH_MAX, Invocation, Job, jobs, short_hash};
use crate::config::{ScheduleSettings, credential};

/// Where the units of this machine's operator lie.
const UNITS: &str = "/etc/systemd/system";

/// Where systemd gives a user that it makes a folder of its own.
const STATE: &str = "/var/lib";

/// Folders that hold what people keep at home (systemd.exec, `ProtectHome=`).
const HOMES: [&str; 3] = ["/home", "/root", "/run/user"];

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
    let jobs = jobs(schedule, invocation);
    let timed = jobs.iter().flat_map(|job| {
        [
            unit(job, "service", service(job, invocation)),
            unit(job, "timer", timer(job, invocation)),
        ]
    });
    let page = invocation.page.map(|address| UnitFile {
        name: format!("{}-serve.service", invocation.instance()),
        text: page(address, invocation),
    });
    timed.chain(page).collect()
}

/// Returns the command that switches on what does not start by itself, to be run after the files are written.
#[must_use]
pub fn systemd_enable(units: &[UnitFile]) -> String {
    let started = units.iter().filter(|unit| unit.text.contains("[Install]"));
    let started: Vec<&str> = started.map(|unit| unit.name.as_str()).collect();
    format!(
        "sudo systemctl daemon-reload && sudo systemctl enable --now {}\n",
        started.join(" ")
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
         {hand}\
         ( set -e\n\
         for unit in {services}; do\n\
         \x20 if test -e {UNITS}/\"$unit\" && ! grep -qF -- {ours} {UNITS}/\"$unit\"; then\n\
         \x20   echo \"$unit is another shop's: choose a name with mcf schedule systemd --name SHOP\" >&2; exit 3\n\
         \x20 fi\n\
         done\n\
         {files}{enable})\n",
        hand = by_hand(invocation).map_or_else(String::new, |call| format!("# By hand: {call} status\n")),
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

impl UnitFile {
    /// Tells whether a text that lies under this name is none that this program wrote: every unit begins with its instance.
    #[must_use]
    pub fn is_not(&self, found: &str) -> bool {
        let beginning = self.text.split_once(": ").map_or("", |(beginning, _)| beginning);
        !found.is_empty() && !found.starts_with(beginning)
    }
}

/// What every service of this shop has in its call, and no other's.
fn ours(invocation: &Invocation<'_>) -> String {
    let words: Vec<String> = invocation.settings().iter().map(|word| unit_word(word)).collect();
    format!(" {} --quiet ", words.join(" "))
}

/// Returns the folder below `/var/lib` in which a database lies, where it lies in one; systemd can make a user for such a folder.
#[must_use]
pub fn state_directory(database: &Path) -> Option<&Path> {
    let folder = database.parent()?.strip_prefix(STATE).ok()?;
    (!folder.as_os_str().is_empty()).then_some(folder)
}

/// Returns what is typed before a command's words to run it as the user that systemd makes.
#[must_use]
pub fn by_hand(invocation: &Invocation<'_>) -> Option<String> {
    let folder = state_directory(invocation.database).filter(|_| invocation.is_user_made)?;
    let words: Vec<String> = invocation.call().iter().map(|word| shell_quoted(word)).collect();
    let folder = shell_quoted(&format!("StateDirectory={}", folder.display()));
    Some(format!(
        "sudo systemd-run --quiet --collect --wait --pipe -p DynamicUser=yes -p User={} -p {folder} {}",
        made_user(invocation),
        words.join(" ")
    ))
}

/// One user for all jobs of a shop: by itself systemd would make one for each unit.
fn made_user(invocation: &Invocation<'_>) -> String {
    let instance = invocation.instance();
    if instance.len() <= ACCOUNT_LENGTH_MAX {
        return instance;
    }
    format!("mcf-{}", short_hash(&instance))
}

/// Whose the jobs are, and where they may write.
fn account(invocation: &Invocation<'_>) -> String {
    match state_directory(invocation.database).filter(|_| invocation.is_user_made) {
        Some(folder) => format!(
            "DynamicUser=yes\nUser={}\nStateDirectory={}\nStateDirectoryMode=0700\n",
            made_user(invocation),
            unit_quoted(&folder.to_string_lossy())
        ),
        None => {
            let folder = invocation.database.parent().unwrap_or(Path::new("/"));
            let folder = unit_quoted(&folder.to_string_lossy());
            format!("User={}\nReadWritePaths={folder}\n", invocation.user)
        }
    }
}

/// A credential that systemd has no file for is a line break, which the program takes for none. Nothing is unquoted in these lines.
fn credentials(invocation: &Invocation<'_>) -> String {
    let folder = invocation.credentials_folder();
    let names = credential::names(invocation.webhooks).into_iter();
    let lines = names.map(|name| {
        let file = folder.join(&name).to_string_lossy().replace('%', "%%");
        format!("LoadCredential={name}:{file}\nSetCredential={name}:\\n\n")
    });
    lines.collect()
}

/// Homes are shown where something that is called for lies in one.
fn homes(invocation: &Invocation<'_>) -> &'static str {
    let files = [Some(invocation.program), invocation.config, Some(invocation.database)];
    let is_home = |path: &Path| HOMES.iter().any(|home| path.starts_with(home));
    if files.into_iter().flatten().any(is_home) {
        "read-only"
    } else {
        "yes"
    }
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
         {account}\
         {also}\
         SyslogIdentifier={instance}-{job}\n\
         UMask=0077\n\
         TimeoutStartSec={minutes}min\n\
         # 75: another run holds the lock, nothing was done. 143: stopped by systemd, what was begun is finished.\n\
         SuccessExitStatus=75 143\n\
         # Secrets that are not in the configuration file: root reads those that are there and passes them on.\n\
         {credentials}\
         ProtectHome={homes}\n\
         {HARDENING}",
        instance = invocation.instance(),
        description = job.description,
        call = words.join(" "),
        account = account(invocation),
        credentials = credentials(invocation),
        homes = homes(invocation),
        job = job.name,
        minutes = job.rhythm.minutes().clamp(2, 60),
    )
}

/// The page: it binds its own port and no other, and is kept up. The link for the first browser stands in the journal.
fn page(address: SocketAddr, invocation: &Invocation<'_>) -> String {
    let words = ["--quiet", "serve", "--listen", &address.to_string()].map(str::to_owned);
    let words = invocation.call().into_iter().chain(words);
    let words: Vec<String> = words.map(|word| unit_word(&word)).collect();
    format!(
        "[Unit]\n\
         Description={instance}: The page\n\
         After=network.target\n\
         \n\
         [Service]\n\
         ExecStart={call}\n\
         {account}\
         SyslogIdentifier={instance}-serve\n\
         UMask=0077\n\
         Restart=on-failure\n\
         RestartSec=10\n\
         SocketBindAllow={family}:tcp:{port}\n\
         SocketBindDeny=any\n\
         # Secrets that are not in the configuration file: root reads those that are there and passes them on.\n\
         {credentials}\
         ProtectHome={homes}\n\
         {HARDENING}\
         \n\
         [Install]\n\
         WantedBy=multi-user.target\n",
        instance = invocation.instance(),
        call = words.join(" "),
        account = account(invocation),
        family = if address.is_ipv4() { "ipv4" } else { "ipv6" },
        port = address.port(),
        credentials = credentials(invocation),
        homes = homes(invocation),
    )
}

/// The program needs the network, its configuration and the folder of its database, nothing else.
const HARDENING: &str = "NoNewPrivileges=yes\n\
    CapabilityBoundingSet=\n\
    ProtectSystem=strict\n\
    ProtectProc=invisible\n\
    PrivateTmp=yes\n\
    RemoveIPC=yes\n\
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
    SystemCallFilter=@system-service\n\
    SystemCallFilter=~@privileged @resources\n\
    SystemCallErrorNumber=EPERM\n";

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
