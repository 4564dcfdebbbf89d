//! Opening a schema of a server: what it must be, how it is made and brought up to date, and whose key opens it.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};

use super::engine::{Address, Connection, Server};
use super::open;
use super::upgrade::{Opening, Upgrade};
use super::vault::{Place, Vault};
use super::{Error, Result, Store, sealed};

/// What SQLite's first files make, in one piece.
const FIRST: (u32, &str) = (32, include_str!("migrations/postgres/0032_as_sqlite.sql"));

/// The later ones, by the numbers that they have for SQLite.
const LATER: &[(u32, &str)] = &[
    (
        33,
        include_str!("migrations/postgres/0033_what_a_person_did_to_the_shop.sql"),
    ),
    (
        34,
        include_str!("migrations/postgres/0034_what_the_last_weeks_were.sql"),
    ),
];

/// Sealed when a schema is made, so that another key is known for one from then on.
const MARK: (&str, Place<'_>) = ("key", Place::new("facts", "value_sealed", "key"));

impl Store {
    /// Opens the schema of a server, making it where there is none and bringing it up to date.
    ///
    /// # Errors
    /// When the server can't be reached, does not keep what it has taken, is read-only, or holds a newer schema; when no data key is
    /// given or it is another one.
    pub fn open_served(address: &Address, opening: Opening<'_>) -> Result<Self> {
        let name = PathBuf::from(address.to_string());
        let server = Server::connect(address.clone())?;
        let connection = Connection::Server(Box::new(server));
        let vault = Vault::given(&name, opening.key)?.ok_or(Error::NoKeyGiven)?;
        refuse_forgetful(&connection)?;
        bring_up_to_date(&connection, &name, &vault, opening)?;
        sealed::refuse_other_key(&connection, &vault)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            vault: Mutex::new(vault),
            path: name,
            run: AtomicI64::new(0),
            clock: None,
            latest: AtomicI64::new(0),
        })
    }

    /// Returns the engine and its version, as people name them.
    pub fn engine(&self) -> Result<String> {
        self.read(|connection| match connection.server() {
            None => Ok(format!("SQLite {}", rusqlite::version())),
            Some(_) => Ok(connection.query_row(
                "SELECT 'PostgreSQL ' || current_setting('server_version')",
                [],
                |row| row.get(0),
            )?),
        })
    }

    /// Tells whether a server keeps it, which other hosts work with, too.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.connection().server().is_some()
    }

    /// Refuses what only a file can.
    ///
    /// # Errors
    /// [`Error::OnlyForFiles`] on a server.
    pub fn require_file(&self, what: &'static str, instead: &'static str) -> Result<()> {
        if self.is_served() {
            return Err(Error::OnlyForFiles { what, instead });
        }
        Ok(())
    }
}

/// A server that may forget what it has said to keep would let an order be created twice.
fn refuse_forgetful(connection: &Connection) -> Result<()> {
    for setting in ["synchronous_commit", "fsync"] {
        let query = "SELECT current_setting(?1)";
        let value: String = connection.query_row(query, [setting], |row| row.get(0))?;
        if value == "off" {
            return Err(Error::Forgetful { setting });
        }
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<u32> {
    let schema = "SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
         WHERE nspname = current_schema() AND relname = 'schema_version'";
    let is_made: i64 = connection.query_row(schema, [], |row| row.get(0))?;
    if is_made == 0 {
        return Ok(0);
    }
    Ok(connection.query_row("SELECT version FROM schema_version", [], |row| row.get(0))?)
}

fn bring_up_to_date(connection: &Connection, name: &Path, vault: &Vault, opening: Opening<'_>) -> Result<()> {
    let newest = open::newest_known();
    let found = version(connection)?;
    if found > newest {
        return Err(Error::Newer { path: name.to_owned() });
    }
    if found == newest {
        return Ok(());
    }
    let server = connection.server().ok_or(Error::Unreadable { what: "server" })?;
    let whole = server.enter("BEGIN")?;
    // Two hosts that begin at once take turns; the second finds all done.
    connection.execute("SELECT pg_advisory_xact_lock(7062302)", [])?;
    connection.execute_batch(&format!("CREATE SCHEMA IF NOT EXISTS {}", server.schema()))?;
    let found = version(connection)?;
    if found == 0 {
        connection.execute_batch(FIRST.1)?;
        connection.execute("INSERT INTO schema_version VALUES (?1)", [FIRST.0])?;
        let mark = vault.seal(b"true", MARK.1)?;
        let kept = "INSERT INTO facts (name, value_sealed, read_at) VALUES (?1, ?2, 0)";
        connection.execute(kept, (MARK.0, mark))?;
    }
    for (number, sql) in LATER.iter().filter(|(number, _)| *number > found) {
        connection.execute_batch(sql)?;
        connection.execute("UPDATE schema_version SET version = ?1", [number])?;
    }
    whole.commit()?;
    (opening.watch)(Upgrade::Changed);
    Ok(())
}
