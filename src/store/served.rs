//! Opening a schema of a server: what it must be, how it is made and brought up to date, and whose key opens it.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDateTime, Utc};

use super::engine::{Address, Connection, Moment, Server, Transaction};
use super::upgrade::{Opening, Upgrade};
use super::vault::{Place, Vault};
use super::{Error, Keeper, KeptCopy, Result, Store, StoredTokens, Vendor, lease, list, open, sealed, tokens};

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
        let (connection, vault, name) = connect(address, opening)?;
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

    /// Goes by the file that the data key was read from: what changes there counts, and a change of the key is written there.
    ///
    /// # Errors
    /// When the file can't be read any more.
    pub fn keyed_by(self, file: &Path) -> Result<Self> {
        *self.vault() = Vault::read(file.to_owned())?;
        Ok(self)
    }

    /// Tells whether a server keeps it, which other hosts work with, too.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.connection().server().is_some()
    }
}

impl Store {
    /// Returns the schemas that stay under a dated name, the oldest first.
    pub(super) fn kept_schemas(&self) -> Result<Vec<KeptCopy>> {
        let mut copies = self.read(|connection| {
            let schema = schema_of(connection).to_owned();
            let names = "SELECT nspname FROM pg_namespace WHERE pg_catalog.pg_has_role(nspowner, 'USAGE')";
            let names = list(connection, names, [], |row| row.get::<_, String>(0))?;
            let kept = names.into_iter().filter_map(|name| {
                Some(KeptCopy {
                    keeper: Keeper::Restore,
                    at: kept_at(&schema, &name)?,
                    files: vec![PathBuf::from(&name)],
                    path: PathBuf::from(name),
                })
            });
            Ok(kept.collect::<Vec<_>>())
        })?;
        copies.sort_by_key(|copy| copy.at);
        Ok(copies)
    }

    /// Drops a schema that stays under a dated name, and no other.
    pub(super) fn drop_kept(&self, copy: &KeptCopy) -> Result<()> {
        self.read(|connection| match copy.path.to_str() {
            Some(name) if kept_at(schema_of(connection), name).is_some() => {
                Ok(connection.execute_batch(&format!("DROP SCHEMA {name} CASCADE"))?)
            }
            Some(_) | None => Ok(()),
        })
    }
}

/// Tells whether a schema is made already, so that its data key is somewhere.
pub(super) fn is_made(address: &Address) -> Result<bool> {
    let server = Server::connect(address.clone())?;
    Ok(version(&Connection::Server(Box::new(server)))? > 0)
}

/// Speaks to a server that keeps what it has taken. Whether the key is its own is not asked yet.
pub(super) fn connect(address: &Address, opening: Opening<'_>) -> Result<(Connection, Vault, PathBuf)> {
    let name = PathBuf::from(address.to_string());
    let connection = Connection::Server(Box::new(Server::connect(address.clone())?));
    let vault = Vault::given(&name, opening.key)?.ok_or(Error::NoKeyGiven)?;
    refuse_forgetful(&connection)?;
    Ok((connection, vault, name))
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
    if version(connection)? == open::newest_known() {
        return Ok(());
    }
    let whole = alone(connection)?;
    set_up(connection, name, vault)?;
    whole.commit()?;
    (opening.watch)(Upgrade::Changed);
    Ok(())
}

/// Begins what one host at a time may do to a schema: two that begin at once take turns, and the second finds all done.
fn alone(connection: &Connection) -> Result<Moment<'_>> {
    let server = connection.server().ok_or(Error::Unreadable { what: "server" })?;
    let whole = server.enter("BEGIN")?;
    connection.execute("SELECT pg_advisory_xact_lock(7062302)", [])?;
    Ok(whole)
}

/// Makes the schema where there is none and brings it to this program's version.
fn set_up(connection: &Connection, name: &Path, vault: &Vault) -> Result<()> {
    let found = version(connection)?;
    if found > open::newest_known() {
        return Err(Error::Newer { path: name.to_owned() });
    }
    if found == 0 {
        connection.execute_batch(&format!("CREATE SCHEMA IF NOT EXISTS {}", schema_of(connection)))?;
        connection.execute_batch(FIRST.1)?;
        connection.execute("INSERT INTO schema_version VALUES (?1)", [FIRST.0])?;
        mark(connection, vault)?;
    }
    for (number, sql) in LATER.iter().filter(|(number, _)| *number > found) {
        connection.execute_batch(sql)?;
        connection.execute("UPDATE schema_version SET version = ?1", [number])?;
    }
    Ok(())
}

fn mark(connection: &Connection, vault: &Vault) -> Result<()> {
    let mark = vault.seal(b"true", MARK.1)?;
    let kept = "INSERT INTO facts (name, value_sealed, read_at) VALUES (?1, ?2, 0)
        ON CONFLICT (name) DO UPDATE SET value_sealed = excluded.value_sealed";
    connection.execute(kept, (MARK.0, mark))?;
    Ok(())
}

fn schema_of(connection: &Connection) -> &str {
    connection.server().map_or("", Server::schema)
}

/// What a schema that is filled anew was before.
pub(super) struct Former {
    /// The name under which it stays, where anything was in it.
    pub(super) kept: Option<String>,
    /// The tokens in it that the given key opens.
    pub(super) tokens: Vec<(Vendor, StoredTokens)>,
}

/// Fills a schema in one transaction: all is in it afterwards, or it is as it was. What it holds already is kept under a dated name.
///
/// # Errors
/// [`Error::NotEmpty`] unless `force`; when a run is under way, or the server refuses.
pub(super) fn fill<T>(
    address: &Address,
    opening: Opening<'_>,
    force: bool,
    fill: impl FnOnce(&Transaction<'_>, &Vault, &Former) -> Result<T>,
) -> Result<(T, Option<String>)> {
    let (connection, vault, name) = connect(address, opening)?;
    let whole = alone(&connection)?;
    connection.execute_batch("SET LOCAL idle_in_transaction_session_timeout = 0")?;
    let former = set_former_aside(&connection, &name, &vault, force, opening.now)?;
    set_up(&connection, &name, &vault)?;
    if let Some(kept) = &former.kept {
        // Who was stopped while it held a lease of before must not find its epoch again.
        connection.execute_batch(&format!(
            "INSERT INTO lease SELECT work, holder, epoch + 1, since, clock_timestamp() FROM {kept}.lease"
        ))?;
    }
    let transaction = connection.transaction()?;
    let filled = fill(&transaction, &vault, &former)?;
    transaction.commit()?;
    whole.commit()?;
    Ok((filled, former.kept))
}

/// Tells whether [`fill`] may fill a schema. Nothing is written.
pub(super) fn check_fill(address: &Address, opening: Opening<'_>, force: bool) -> Result<()> {
    let (connection, _, name) = connect(address, opening)?;
    let is_free = force || version(&connection)? == 0 || is_empty(&connection)?;
    match is_free {
        true => Ok(()),
        false => Err(Error::NotEmpty { path: name }),
    }
}

fn set_former_aside(
    connection: &Connection,
    name: &Path,
    vault: &Vault,
    force: bool,
    now: DateTime<Utc>,
) -> Result<Former> {
    let nothing = Former {
        kept: None,
        tokens: Vec::new(),
    };
    if version(connection)? == 0 {
        return Ok(nothing);
    }
    connection.execute("SELECT id FROM gate FOR UPDATE", [])?;
    lease::refuse_while_held(connection)?;
    if is_empty(connection)? {
        return Ok(nothing);
    }
    if !force {
        return Err(Error::NotEmpty { path: name.to_owned() });
    }
    let tokens = [Vendor::Tiktok, Vendor::Amazon].into_iter();
    let tokens = tokens.filter_map(|vendor| Some((vendor, tokens::newest_of(connection, vendor, name, vault)?)));
    let tokens = tokens.collect();
    let kept = kept_name(connection, now)?;
    connection.execute_batch(&format!("ALTER SCHEMA {} RENAME TO {kept}", schema_of(connection)))?;
    Ok(Former {
        kept: Some(kept),
        tokens,
    })
}

/// Tells whether nothing has happened yet in a database: no history, no call, no import, no hand, no tokens.
pub(super) fn is_empty(connection: &Connection) -> Result<bool> {
    let query = "SELECT NOT EXISTS (SELECT 1 FROM audit) AND NOT EXISTS (SELECT 1 FROM tokens) AND NOT EXISTS (SELECT 1 FROM orders)";
    Ok(connection.query_row(query, [], |row| row.get(0))?)
}

/// What stands behind the name of a schema that stays: when it was replaced.
const KEPT: &str = "_before_%Y%m%dt%H%M%Sz";

/// So much of a long name is left, since a name has room for 63 letters: a date and the number of another one of that second follow.
const NAME_LEFT: usize = 63 - "_before_20260105t120000z_99".len();

/// Returns the instant that a name says, where it is exactly one that [`kept_name`] gives to a schema.
fn kept_at(schema: &str, name: &str) -> Option<DateTime<Utc>> {
    let rest = name.strip_prefix(&schema[..schema.len().min(NAME_LEFT)])?;
    let (date, again) = rest.split_once('z')?;
    let is_count = |text: &str| {
        text.parse::<u32>()
            .is_ok_and(|count| count >= 2 && count.to_string() == text)
    };
    let at = NaiveDateTime::parse_from_str(&format!("{date}z"), KEPT).ok()?.and_utc();
    let is_exact = rest.starts_with(&at.format(KEPT).to_string());
    (is_exact && (again.is_empty() || again.strip_prefix('_').is_some_and(is_count))).then_some(at)
}

/// Returns a dated name that no schema has yet.
fn kept_name(connection: &Connection, now: DateTime<Utc>) -> Result<String> {
    let schema = schema_of(connection);
    let date = now.format(KEPT).to_string();
    let names = (1..100).map(|count| match count {
        1 => date.clone(),
        count => format!("{date}_{count}"),
    });
    for ending in names {
        let name = format!("{}{ending}", &schema[..schema.len().min(NAME_LEFT)]);
        let query = "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = ?1)";
        if !connection.query_row(query, [&name], |row| row.get::<_, bool>(0))? {
            return Ok(name);
        }
    }
    Err(Error::Unreadable { what: "schema" })
}

/// What differs between the engines in a database that was filled: a server counts on by itself, and knows its data key by a mark.
pub(super) fn after_carrying(to: &Transaction<'_>, vault: &Vault) -> Result<()> {
    const COUNTED: &str = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns
         WHERE table_schema = current_schema() AND is_identity = 'YES'";
    if to.server().is_none() {
        to.execute("DELETE FROM facts WHERE name = ?1", [MARK.0])?;
        return Ok(());
    }
    let counted = list(to, COUNTED, [], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    for (table, column) in counted {
        to.execute(
            &format!(
                "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), coalesce(max({column}), 1), max({column}) IS NOT NULL) FROM {table}"
            ),
            [],
        )?;
    }
    mark(to, vault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_that_a_restore_gives_to_a_schema_is_taken_for_one() {
        let at = |name: &str| kept_at("mcf", name).map(|at| at.to_rfc3339());
        let noon = Some("2026-01-05T12:00:00+00:00".to_owned());
        assert_eq!(at("mcf_before_20260105t120000z"), noon);
        assert_eq!(at("mcf_before_20260105t120000z_2"), noon);
        for name in [
            "mcf",
            "mcf_before_",
            "mcf_before_20260105t120000z_1",
            "mcf_before_20260105t120000z_02",
            "mcf_before_20260105t120000z2",
            "mcf_before_20261305t120000z",
            "mcf_before_20260105t120000",
            "mcf_before_work",
            "mcf2_before_20260105t120000z",
            "other_before_20260105t120000z",
        ] {
            assert_eq!(at(name), None, "{name}");
        }
        let long = "s".repeat(63);
        let kept = format!("{}_before_20260105t120000z", &long[..NAME_LEFT]);
        assert_eq!(kept_at(&long, &kept).map(|at| at.to_rfc3339()), noon);
    }
}
