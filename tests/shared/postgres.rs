//! A real PostgreSQL for tests, from Debian's package: one for each run of a test binary, gone with it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// It lives in memory, so that what it syncs costs nothing, and ends when the test's process closes its end of the pipe.
const SCRIPT: &str = r#"
    dir=$(mktemp -d /dev/shm/mcf-postgres.XXXXXX 2>/dev/null || mktemp -d) && cd "$dir" || exit 1
    "$0/initdb" -D data -U mcf -A trust -N -E UTF8 --locale=C >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
    "$0/postgres" -D data -k "$dir" -c listen_addresses= >server.log 2>&1 &
    until "$0/pg_isready" -q -h "$dir"; do kill -0 $! || exit 1; sleep 0.05; done
    echo "$dir"
    cat >/dev/null
    kill -INT $!; wait
    rm -rf "$dir"
"#;

struct Server {
    folder: String,
    _process: Child,
}

/// Returns the address of a server, started at the first call; `None`, told once, where the package is not here.
pub fn address() -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let started = programs().and_then(|programs| start(&programs));
        if started.is_none() {
            println!("skipped: PostgreSQL is not here (apt-get install postgresql)");
        }
        started
    });
    let folder = &server.as_ref()?.folder;
    Some(format!("postgres://mcf@{}/postgres", folder.replace('/', "%2F")))
}

/// The newest version that is installed.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.map(|entry| entry.path()).max_by_key(|path| number(path))?;
    Some(newest.join("bin"))
}

fn start(programs: &Path) -> Option<Server> {
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
        .args(["-c", SCRIPT])
        .arg(programs)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut folder = String::new();
    BufReader::new(process.stdout.take()?).read_line(&mut folder).ok()?;
    let folder = folder.trim().to_owned();
    (!folder.is_empty()).then_some(Server {
        folder,
        _process: process,
    })
}
