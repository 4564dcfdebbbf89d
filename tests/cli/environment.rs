//! A place for one test: a folder of its own as home and working directory, no variables but those given, a clock that is set.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Output;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use crate::folder::folder;

/// No command of a place works longer; one that waits without an end is killed, and fails its test.
const RUN_MAX: Duration = Duration::from_secs(60);

/// Where and when commands run.
pub struct Place {
    folder: TempDir,
    variables: Vec<(String, String)>,
    now: DateTime<Utc>,
}

/// What a command left behind.
#[derive(Debug)]
pub struct Ran {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit code.
    pub code: i32,
}

impl Place {
    /// Makes an empty place on 2026-01-05 at noon, with `MCF_DB` naming the database.
    pub fn new() -> Self {
        let mut place = Self::bare();
        place.set("MCF_DB", "mcf.db");
        place
    }

    /// Makes a place where nothing says which database is meant.
    pub fn bare() -> Self {
        Self {
            folder: folder(),
            variables: Vec::new(),
            now: "2026-01-05T12:00:00Z".parse().expect("an instant"),
        }
    }

    /// Sets a variable for all further commands.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets time pass.
    pub fn step(&mut self, time: TimeDelta) {
        self.now += time;
    }

    /// Returns the present instant of the place.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Returns the path of a file in the place.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a private file.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).expect("private");
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    /// Runs a command line of words without blanks in them, e.g. `mappings import good.csv`.
    pub fn run(&self, line: &str) -> Ran {
        self.feed(line, "")
    }

    /// Runs a command line with something on standard input.
    pub fn feed(&self, line: &str, input: &str) -> Ran {
        let mut command = assert_cmd::cargo::cargo_bin_cmd!("mcf");
        self.finish(command.args(line.split_whitespace()), input)
    }

    fn finish(&self, command: &mut assert_cmd::Command, input: &str) -> Ran {
        let output = command
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("USER", "seller")
            .env("MCF_NOW", self.now.to_rfc3339())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .write_stdin(input)
            .timeout(RUN_MAX)
            .output()
            .expect("the binary runs");
        Ran::of(output)
    }

    /// Runs a command line as somebody who reads only what the modes of files allow. Root reads everything by two capabilities;
    /// without them modes hold for it as for everybody.
    pub fn run_without_privileges(&self, line: &str) -> Ran {
        let own = assert_cmd::cargo::cargo_bin!("mcf");
        let is_root = self.folder.path().metadata().expect("a folder").uid() == 0;
        let mut command = if is_root {
            let mut command = assert_cmd::Command::new("setpriv");
            command.arg("--bounding-set=-dac_override,-dac_read_search").arg(own);
            command
        } else {
            assert_cmd::Command::new(own)
        };
        self.finish(command.args(line.split_whitespace()), "")
    }

    /// Returns a command that has nothing but what commands of the place are given, and the programs of the system.
    pub fn command(&self, program: &str) -> std::process::Command {
        let mut command = std::process::Command::new(program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TERM", "xterm")
            .env("HOME", self.folder.path())
            .env("USER", "seller")
            .env("MCF_NOW", self.now.to_rfc3339())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Opens the database, which the program makes first.
    pub fn database(&self) -> Connection {
        assert_eq!(self.run("orders list").code, 0);
        Connection::open(self.path("mcf.db")).expect("a database")
    }

    /// Puts an order into the database, as if it had been detected an hour ago.
    pub fn order(&self, id: &str, state: &str) {
        let at = (self.now - TimeDelta::hours(1)).timestamp();
        self.database()
            .execute(
                "INSERT INTO orders (id, state, state_since, detected_at, tiktok_status, cancel_requested,
                     authentication_required, is_cash_on_delivery, created_at, updated_at, recipient_sealed)
                 VALUES (?1, ?2, ?3, ?3, 'AWAITING_SHIPMENT', 0, 0, 0, ?3, ?3, X'00')",
                (id, state, at),
            )
            .expect("an order");
    }

    /// Puts a unit into an order of the database: its variant, and the seller's text for it.
    pub fn unit(&self, order: &str, id: &str, sku: &str, seller_sku: Option<&str>) {
        self.database()
            .execute(
                "INSERT INTO line_items (order_id, id, position, product_id, sku_id, seller_sku, product_name, status)
                 VALUES (?1, ?2, 0, 'P-' || ?3, ?3, ?4, 'Product of ' || ?3, 'AWAITING_SHIPMENT')",
                (order, id, sku, seller_sku),
            )
            .expect("a unit");
    }
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
            code: output.status.code().expect("an exit code"),
        }
    }

    /// Expects an exit code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Expects words in the data or in the talk.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(
            self.stdout.contains(words) || self.stderr.contains(words),
            "{words}: {self:?}"
        );
        self
    }

    /// Reads the one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        let document: Value = serde_json::from_str(&self.stdout)
            .map_err(|error| format!("{error}: {self:?}"))
            .expect("one document");
        assert_eq!(document["schema"], 1, "{self:?}");
        document
    }
}

/// Answers one request on loopback and returns the port.
pub fn endpoint(status: &'static str, body: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        let mut bytes = [0; 4096];
        let _ = stream.read(&mut bytes);
        let length = body.len();
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).expect("answered");
    });
    port
}
