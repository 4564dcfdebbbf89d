//! A real PostgreSQL for tests, from Debian's package: one for each run of a test binary, gone with it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// It lives in memory, so that what it syncs costs nothing, and ends when the test's process closes its end of the pipe. A line that
/// comes by it restarts the server.
const SCRIPT: &str = r#"
    dir=$(mktemp -d /dev/shm/mcf-postgres.XXXXXX 2>/dev/null || mktemp -d) && cd "$dir" || exit 1
    "$0/initdb" -D data -U mcf -A trust -N -E UTF8 --locale=C >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
    begin() {
        "$0/postgres" -D data -k "$dir" -c listen_addresses= >>server.log 2>&1 &
        until "$0/pg_isready" -q -h "$dir"; do kill -0 $! || exit 1; sleep 0.05; done
        echo "$dir"
    }
    begin
    while read -r _; do kill -INT $!; wait $!; begin; done
    kill -INT $!; wait
    rm -rf "$dir"
"#;

/// The same with a standby that follows in step; the line that comes takes the first server away and lets the standby take over.
const SCRIPT_OF_TWO: &str = r#"
    dir=$(mktemp -d /dev/shm/mcf-postgres.XXXXXX 2>/dev/null || mktemp -d) && cd "$dir" || exit 1
    "$0/initdb" -D data -U mcf -A trust -N -E UTF8 --locale=C >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
    "$0/postgres" -D data -k "$dir" -c listen_addresses= >server.log 2>&1 & first=$!
    until "$0/pg_isready" -q -h "$dir"; do kill -0 $first || exit 1; sleep 0.05; done
    "$0/pg_basebackup" -h "$dir" -U mcf -D standby -R -c fast >basebackup.log 2>&1 || { cat basebackup.log >&2; exit 1; }
    "$0/postgres" -D standby -k "$dir" -c port=5433 -c listen_addresses= >standby.log 2>&1 & second=$!
    until "$0/pg_isready" -q -h "$dir" -p 5433; do kill -0 $second || exit 1; sleep 0.05; done
    ask() { "$0/psql" -h "$dir" -U mcf -At -c "$1" postgres; }
    ask "ALTER SYSTEM SET synchronous_standby_names = '*'" >/dev/null; ask "SELECT pg_reload_conf()" >/dev/null
    until [ "$(ask "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")" = 1 ]; do sleep 0.05; done
    echo "$dir"
    while read -r _; do
        kill -QUIT $first; wait $first
        "$0/pg_ctl" -D standby promote >promote.log 2>&1; echo "$dir"
    done
    kill -INT $first $second 2>/dev/null; wait
    rm -rf "$dir"
"#;

/// A server that a test has for itself; it ends with this.
pub struct Server {
    folder: String,
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// Starts one; `None` where the package is not here.
    pub fn start() -> Option<Self> {
        programs().and_then(|programs| start(&programs, SCRIPT))
    }

    /// Starts two, of which the second follows the first in step.
    pub fn start_two() -> Option<Self> {
        programs().and_then(|programs| start(&programs, SCRIPT_OF_TWO))
    }

    /// Returns the addresses of two servers as one, and that of the second alone.
    pub fn addresses_of_two(&self) -> (String, String) {
        let folder = self.folder.replace('/', "%2F");
        let both = format!("{folder}:5432,{folder}:5433/postgres?target_session_attrs=read-write");
        (
            format!("postgres://mcf@{both}"),
            format!("postgres://mcf@{folder}:5433/postgres"),
        )
    }

    /// Returns its address.
    pub fn address(&self) -> String {
        format!("postgres://mcf@{}/postgres", self.folder.replace('/', "%2F"))
    }

    /// Returns the folder that its socket lies in.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// Ends every session and begins anew, or lets the second one take over; returns whether a server is there.
    pub fn restart(&mut self) -> bool {
        let asked = self.process.stdin.as_mut().map(|stdin| stdin.write_all(b"again\n"));
        let mut line = String::new();
        matches!(asked, Some(Ok(()))) && self.answers.read_line(&mut line).is_ok() && !line.is_empty()
    }
}

/// Returns the address of a server, started at the first call; `None`, told once, where the package is not here.
pub fn address() -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let started = Server::start();
        if started.is_none() {
            println!("skipped: PostgreSQL is not here (apt-get install postgresql)");
        }
        started
    });
    server.as_ref().map(Server::address)
}

/// Returns the address of a server and a name that no schema of it has; `None` where the package is not here.
pub fn fresh_schema() -> Option<(String, String)> {
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Some((address()?, format!("shop_of_test_{number}")))
}

/// The newest version that is installed.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.map(|entry| entry.path()).max_by_key(|path| number(path))?;
    Some(newest.join("bin"))
}

fn start(programs: &Path, script: &str) -> Option<Server> {
    // PostgreSQL refuses root.
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|id| id.stdout == b"0\n");
    let mut command = Command::new(if is_root { "runuser" } else { "sh" });
    if is_root {
        command.args(["-u", "postgres", "--", "sh"]);
    }
    let mut process = command
        .args(["-c", script])
        .arg(programs)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut folder = String::new();
    let mut answers = BufReader::new(process.stdout.take()?);
    answers.read_line(&mut folder).ok()?;
    let folder = folder.trim().to_owned();
    (!folder.is_empty()).then_some(Server {
        folder,
        process,
        answers,
    })
}
