//! Tokens of both vendors, sealed. A pair is written in one transaction: never an access token without its refresh token.
//! A pair that a vendor gives only once has its room before the vendor is asked (see [`Room`]).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::engine::{Connection, OptionalExtension, Transaction, named_params};
use super::spare::{self, Spare};
use super::told::Telling;
use super::vault::{Place, Vault};
use super::{Error, Result, Store, instant, refusal, runs, seconds};
use crate::secret::Secret;

/// Whose tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// TikTok Shop.
    Tiktok,
    /// Login with Amazon.
    Amazon,
}

impl Vendor {
    /// Returns the word kept in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tiktok => "tiktok",
            Self::Amazon => "amazon",
        }
    }
}

/// The tokens of one vendor.
#[derive(Debug, Clone)]
pub struct StoredTokens {
    /// For API calls.
    pub access: Secret,
    /// The end of the access token.
    pub access_expires_at: DateTime<Utc>,
    /// For the next pair, where the vendor rotates it.
    pub refresh: Option<Secret>,
    /// The end of the consent, where the vendor says it.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// What the seller consented to.
    pub scopes: Vec<String>,
    /// The hash of the configured token that this chain began with: another one means that the operator authorised anew.
    pub seed_hash: String,
    /// When they were stored.
    pub updated_at: DateTime<Utc>,
}

struct Row {
    access: Vec<u8>,
    access_expires_at: i64,
    refresh: Option<Vec<u8>>,
    refresh_expires_at: Option<i64>,
    scopes: String,
    seed_hash: String,
    updated_at: i64,
}

/// The fact whose row takes the place of the new pair until it comes.
const ROOM: &str = "tokens.room";

/// The kind of causes that a renewal which TikTok refused belongs to, and its only one.
const RENEWAL: &str = "tokens";
const REFUSED: &str = "refused";

const ACCESS: &str = "access_sealed";
const REFRESH: &str = "refresh_sealed";

/// The place of the pair beside the database.
const BESIDE: Place<'_> = Place::new("tokens", "beside", "tiktok");

fn token_of(vendor: Vendor, column: &str) -> Place<'_> {
    Place::new("tokens", column, vendor.as_str())
}

/// As long as two tokens will ever be.
const ROOM_LENGTH: usize = 8 * 1024;

/// The place for TikTok's next pair, in the database and beside it: taken before the pair is asked for, so that neither a full disk nor
/// a want of descriptors nor a lost key can cost the pair.
pub struct Room(Option<Spare>);

/// A pair as it lies beside the database, sealed as a whole.
#[derive(Serialize, Deserialize)]
struct Beside {
    access: String,
    access_expires_at: i64,
    refresh: Option<String>,
    refresh_expires_at: Option<i64>,
    scopes: Vec<String>,
    seed_hash: String,
    updated_at: i64,
}

impl Beside {
    fn of(tokens: &StoredTokens) -> Self {
        Self {
            access: tokens.access.expose().to_owned(),
            access_expires_at: seconds(tokens.access_expires_at),
            refresh: tokens.refresh.as_ref().map(|token| token.expose().to_owned()),
            refresh_expires_at: tokens.refresh_expires_at.map(seconds),
            scopes: tokens.scopes.clone(),
            seed_hash: tokens.seed_hash.clone(),
            updated_at: seconds(tokens.updated_at),
        }
    }

    fn tokens(self) -> StoredTokens {
        StoredTokens {
            access: Secret::new(self.access),
            access_expires_at: instant(self.access_expires_at),
            refresh: self.refresh.map(Secret::new),
            refresh_expires_at: self.refresh_expires_at.map(instant),
            scopes: self.scopes,
            seed_hash: self.seed_hash,
            updated_at: instant(self.updated_at),
        }
    }
}

impl Store {
    /// Returns the current tokens. A pair that had to be kept beside the database is taken in; where the database still refuses it, it
    /// counts all the same.
    pub fn tokens(&self, vendor: Vendor) -> Result<Option<StoredTokens>> {
        let row = self.read(|connection| row_of(connection, vendor))?;
        let stored = row
            .map(|row| {
                open_row(row, &|sealed, column| {
                    self.unseal(sealed, token_of(vendor, column), "token")
                })
            })
            .transpose()?;
        if vendor == Vendor::Amazon {
            return Ok(stored);
        }
        let beside = spare::read(&self.path).and_then(|sealed| self.open_beside(&sealed));
        let newer = newest(stored.clone(), beside.map(Beside::tokens));
        if let Some(tokens) = newer.as_ref().filter(|tokens| is_newer(tokens, stored.as_ref()))
            && let Err(error) = self.keep_tokens(vendor, tokens)
        {
            log::warn!("the tokens beside the database can't be taken in yet: {error}");
        }
        Ok(newer)
    }

    /// Replaces the tokens, all at once.
    pub fn keep_tokens(&self, vendor: Vendor, tokens: &StoredTokens) -> Result<()> {
        let row = sealed_row(tokens, &|token, column| self.seal(&token, token_of(vendor, column)))?;
        let over = match vendor {
            Vendor::Tiktok => self.refusal_is_over()?,
            Vendor::Amazon => None,
        };
        self.write(|transaction| {
            write_row(transaction, vendor, &row)?;
            over.iter()
                .try_for_each(|over| over.write(transaction, tokens.updated_at))
        })
    }

    /// Takes the room for TikTok's next pair: loads the data key, commits a row as long as the pair's, writes a file beside the database
    /// and keeps it open. Ask for the pair only then.
    ///
    /// # Errors
    /// When any of it can't be had.
    pub fn prepare_tokens(&self, now: DateTime<Utc>) -> Result<Room> {
        let spare = if self.is_served() {
            // What a server refuses to keep no file of one host could give to the others.
            None
        } else {
            Some(Spare::reserve(&self.path).map_err(|source| self.spare_error(source))?)
        };
        self.keep_fact(ROOM, &"-".repeat(ROOM_LENGTH), now)?;
        Ok(Room(spare))
    }

    /// Replaces TikTok's tokens, in the room that was taken. Where the database refuses, the pair is kept beside it.
    ///
    /// # Errors
    /// [`Error::KeptBeside`]; only when the file beside the database refuses, too, is the pair lost.
    pub fn keep_prepared(&self, room: Room, tokens: &StoredTokens) -> Result<()> {
        // The key that is loaded seals: reading its file again would take a descriptor, and whoever changes it waits for our lock.
        let seal = |token: &str, column: &str| {
            let plain = serde_json::to_vec(token).map_err(|_| Error::Unreadable { what: "token" })?;
            Ok(self.vault().seal(&plain, token_of(Vendor::Tiktok, column))?)
        };
        let kept = sealed_row(tokens, &seal).and_then(|row| {
            let over = self.refusal_is_over()?;
            self.write(|transaction| {
                runs::delete_fact(transaction, ROOM)?;
                write_row(transaction, Vendor::Tiktok, &row)?;
                over.iter()
                    .try_for_each(|over| over.write(transaction, tokens.updated_at))
            })
        });
        let (refusal, spare) = match (kept, room.0) {
            (Ok(()), spare) => {
                spare.into_iter().for_each(Spare::give_back);
                return Ok(());
            }
            (Err(refusal), None) => return Err(refusal),
            (Err(refusal), Some(spare)) => (refusal, spare),
        };
        let whole = serde_json::to_vec(&Beside::of(tokens)).map_err(|_| Error::Unreadable { what: "tokens" })?;
        let sealed = self.vault().seal(&whole, BESIDE)?;
        spare.save(&sealed).map_err(|source| self.spare_error(source))?;
        Err(Error::KeptBeside {
            path: spare::path(&self.path),
            source: Box::new(refusal),
        })
    }

    /// A pair that a version before put beside the database is bound to no place.
    fn open_beside(&self, sealed: &[u8]) -> Option<Beside> {
        self.unseal_by(|vault| vault.open_any(sealed, BESIDE), "tokens").ok()
    }

    /// Begins another chain of tokens with those that the operator typed in, or goes on with the one that these began before. The chain
    /// that they replace is set aside.
    pub fn replace_chain(
        &self,
        replaced: Option<&StoredTokens>,
        typed: StoredTokens,
        now: DateTime<Utc>,
    ) -> Result<StoredTokens> {
        if let Some(replaced) = replaced {
            self.keep_fact(&chain(&replaced.seed_hash), &Beside::of(replaced), now)?;
        }
        let known = self.fact::<Beside>(&chain(&typed.seed_hash))?;
        let tokens = known.map_or(typed, |(known, _)| StoredTokens {
            updated_at: now,
            ..known.tokens()
        });
        self.keep_tokens(Vendor::Tiktok, &tokens)?;
        Ok(tokens)
    }

    /// Tells that TikTok refused to renew a token that is still good: once, until a renewal is good.
    pub fn tell_refused_renewal(&self, message: &str, now: DateTime<Utc>) -> Result<()> {
        let cause = (REFUSED.to_owned(), message.to_owned());
        self.tell_causes(RENEWAL, vec![cause], |_| false, now)
    }

    /// A new pair ends what was told of a renewal that TikTok refused.
    fn refusal_is_over(&self) -> Result<Option<Telling>> {
        self.telling(RENEWAL, Vec::new(), |_| true)
    }

    /// Returns what was told of a renewal that TikTok refused, while none was good since.
    pub fn refused_renewal(&self) -> Result<Option<String>> {
        let told = self.told_causes(RENEWAL)?;
        Ok(told.into_iter().next().map(|(_, message)| message))
    }

    /// Returns when TikTok's refresh token ends; `None` where none is stored or its end is not known.
    pub fn consent_ends_at(&self) -> Result<Option<DateTime<Utc>>> {
        self.read(|connection| {
            let row = row_of(connection, Vendor::Tiktok)?;
            Ok(row.and_then(|row| row.refresh_expires_at).map(instant))
        })
    }

    fn spare_error(&self, source: std::io::Error) -> Error {
        refusal::explain_io(&self.path, source, |source| Error::File {
            path: spare::path(&self.path),
            source,
        })
    }
}

impl Room {
    /// Gives the room back when no pair came.
    pub fn give_back(self) {
        self.0.into_iter().for_each(Spare::give_back);
    }
}

/// Returns a vendor's newest tokens of a database that is not open, TikTok's pair beside it included; none where nothing can be read.
pub(super) fn newest_of(
    connection: &Connection,
    vendor: Vendor,
    database: &std::path::Path,
    vault: &Vault,
) -> Option<StoredTokens> {
    let open = |sealed: &[u8], column: &str| {
        let plain = vault.open_any(sealed, token_of(vendor, column))?;
        serde_json::from_slice(&plain).map_err(|_| Error::Unreadable { what: "token" })
    };
    let row = row_of(connection, vendor).ok().flatten();
    let stored = row.and_then(|row| open_row(row, &open).ok());
    if vendor == Vendor::Amazon {
        return stored;
    }
    let beside = spare::read(database).and_then(|sealed| vault.open_any(&sealed, BESIDE).ok());
    let beside: Option<Beside> = beside.and_then(|plain| serde_json::from_slice(&plain).ok());
    newest(stored, beside.map(Beside::tokens))
}

/// Puts a vendor's tokens into a database that nobody else has open, sealed for it, unless its own are as new.
pub(super) fn put_newer(
    connection: &Connection,
    vendor: Vendor,
    database: &std::path::Path,
    vault: &Vault,
    tokens: &StoredTokens,
) -> Result<()> {
    if !is_newer(tokens, newest_of(connection, vendor, database, vault).as_ref()) {
        return Ok(());
    }
    let row = sealed_row(tokens, &|token, column| {
        let plain = serde_json::to_vec(token).map_err(|_| Error::Unreadable { what: "token" })?;
        Ok(vault.seal(&plain, token_of(vendor, column))?)
    })?;
    let transaction = connection.transaction()?;
    write_row(&transaction, vendor, &row)?;
    Ok(transaction.commit()?)
}

/// The fact that holds the chain of tokens that began with a typed one.
fn chain(seed_hash: &str) -> String {
    format!("tokens.chain.{seed_hash}")
}

fn newest(one: Option<StoredTokens>, other: Option<StoredTokens>) -> Option<StoredTokens> {
    match other {
        Some(other) if is_newer(&other, one.as_ref()) => Some(other),
        _ => one,
    }
}

/// A pair that was issued later is the one that the vendor knows.
fn is_newer(tokens: &StoredTokens, than: Option<&StoredTokens>) -> bool {
    than.is_none_or(|than| tokens.updated_at > than.updated_at)
}

fn row_of(connection: &Connection, vendor: Vendor) -> Result<Option<Row>> {
    let read = |row: &super::engine::Row<'_>| {
        Ok(Row {
            access: row.get("access_sealed")?,
            access_expires_at: row.get("access_expires_at")?,
            refresh: row.get("refresh_sealed")?,
            refresh_expires_at: row.get("refresh_expires_at")?,
            scopes: row.get("scopes")?,
            seed_hash: row.get("seed_hash")?,
            updated_at: row.get("updated_at")?,
        })
    };
    let query = "SELECT * FROM tokens WHERE vendor = ?1";
    Ok(connection.query_row(query, [vendor.as_str()], read).optional()?)
}

fn open_row(row: Row, open: &dyn Fn(&[u8], &str) -> Result<String>) -> Result<StoredTokens> {
    let refresh = row.refresh.as_deref().map(|sealed| open(sealed, REFRESH));
    Ok(StoredTokens {
        access: open(&row.access, ACCESS).map(Secret::new)?,
        access_expires_at: instant(row.access_expires_at),
        refresh: refresh.transpose()?.map(Secret::new),
        refresh_expires_at: row.refresh_expires_at.map(instant),
        scopes: serde_json::from_str(&row.scopes).map_err(|_| Error::Unreadable { what: "scopes" })?,
        seed_hash: row.seed_hash,
        updated_at: instant(row.updated_at),
    })
}

fn sealed_row(tokens: &StoredTokens, seal: &dyn Fn(&str, &str) -> Result<Vec<u8>>) -> Result<Row> {
    let refresh = tokens.refresh.as_ref().map(|token| seal(token.expose(), REFRESH));
    Ok(Row {
        access: seal(tokens.access.expose(), ACCESS)?,
        access_expires_at: seconds(tokens.access_expires_at),
        refresh: refresh.transpose()?,
        refresh_expires_at: tokens.refresh_expires_at.map(seconds),
        scopes: serde_json::to_string(&tokens.scopes).map_err(|_| Error::Unreadable { what: "scopes" })?,
        seed_hash: tokens.seed_hash.clone(),
        updated_at: seconds(tokens.updated_at),
    })
}

fn write_row(transaction: &Transaction<'_>, vendor: Vendor, row: &Row) -> Result<()> {
    transaction.execute(
        "INSERT INTO tokens
         (vendor, access_sealed, access_expires_at, refresh_sealed, refresh_expires_at, scopes, seed_hash, updated_at)
         VALUES (:vendor, :access, :access_expires, :refresh, :refresh_expires, :scopes, :seed, :now)
         ON CONFLICT (vendor) DO UPDATE SET access_sealed = excluded.access_sealed, access_expires_at = excluded.access_expires_at,
             refresh_sealed = excluded.refresh_sealed, refresh_expires_at = excluded.refresh_expires_at, scopes = excluded.scopes,
             seed_hash = excluded.seed_hash, updated_at = excluded.updated_at",
        named_params! {
            ":vendor": vendor.as_str(),
            ":access": row.access,
            ":access_expires": row.access_expires_at,
            ":refresh": row.refresh,
            ":refresh_expires": row.refresh_expires_at,
            ":scopes": row.scopes,
            ":seed": row.seed_hash,
            ":now": row.updated_at,
        },
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests_support::store;

    #[test]
    fn tokens_come_back_as_they_were_and_lie_sealed_on_disk() {
        let (folder, store) = store();
        let now = instant(1_767_574_842);
        let tokens = StoredTokens {
            access: Secret::new("TTP_canary_access"),
            access_expires_at: instant(1_768_176_000),
            refresh: Some(Secret::new("TTP_canary_refresh")),
            refresh_expires_at: None,
            scopes: vec!["seller.order.info".into()],
            seed_hash: "abc".into(),
            updated_at: now,
        };
        store.keep_tokens(Vendor::Tiktok, &tokens).expect("kept");
        let back = store.tokens(Vendor::Tiktok).expect("read").expect("tokens");
        assert_eq!(back.access, tokens.access);
        assert_eq!(back.refresh, tokens.refresh);
        assert_eq!(back.scopes, tokens.scopes);
        drop(store);
        for file in ["mcf.db", "mcf.db-wal"] {
            let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
            assert!(!bytes.windows(10).any(|window| window == b"TTP_canary"), "I10: {file}");
        }
    }

    fn pair(number: i64) -> StoredTokens {
        StoredTokens {
            access: Secret::new(format!("TTP_access_{number}")),
            access_expires_at: instant(1_768_176_000),
            refresh: Some(Secret::new(format!("TTP_refresh_{number}"))),
            refresh_expires_at: None,
            scopes: Vec::new(),
            seed_hash: "abc".into(),
            updated_at: instant(1_767_574_842 + number),
        }
    }

    fn access(store: &Store) -> Option<String> {
        let tokens = store.tokens(Vendor::Tiktok).expect("read");
        tokens.map(|tokens| tokens.access.expose().to_owned())
    }

    #[test]
    fn a_new_pair_that_the_database_refuses_is_kept_beside_it_and_taken_in_later_e166() {
        let (folder, store) = store();
        store.keep_tokens(Vendor::Tiktok, &pair(1)).expect("kept");
        let room = store.prepare_tokens(instant(0)).expect("room");
        store
            .connection()
            .file()
            .expect("a file")
            .pragma_update(None, "query_only", true)
            .expect("refusing");
        let refused = store.keep_prepared(room, &pair(2)).expect_err("refused");
        assert!(
            matches!(refused, Error::KeptBeside { .. }) && refused.is_unusable(),
            "{refused}"
        );
        assert_eq!(
            access(&store).as_deref(),
            Some("TTP_access_2"),
            "counts although it is not taken in"
        );
        let bytes = std::fs::read(spare::path(store.path())).expect("a file");
        assert!(!bytes.windows(10).any(|window| window == b"TTP_access"), "I10");
        drop(store);
        let store = Store::open(&folder.path().join("mcf.db")).expect("a store");
        assert_eq!(access(&store).as_deref(), Some("TTP_access_2"));
        std::fs::remove_file(spare::path(store.path())).expect("a file");
        assert_eq!(access(&store).as_deref(), Some("TTP_access_2"), "taken in");
    }

    #[test]
    fn no_room_no_renewal_and_room_that_is_not_needed_leaves_nothing() {
        let (_folder, store) = store();
        std::fs::create_dir(spare::path(store.path())).expect("in the way");
        assert!(store.prepare_tokens(instant(0)).is_err(), "E166");
        std::fs::remove_dir(spare::path(store.path())).expect("out of the way");
        let room = store.prepare_tokens(instant(0)).expect("room");
        store.keep_prepared(room, &pair(1)).expect("kept");
        assert!(!spare::path(store.path()).exists());
        assert_eq!(store.fact::<String>(ROOM).expect("read"), None);
        std::fs::remove_file(super::super::vault::key_path(store.path())).expect("the key");
        assert!(store.prepare_tokens(instant(0)).is_err(), "E166: the key is gone");
    }

    #[test]
    fn an_older_pair_beside_the_database_never_counts() {
        let (_folder, store) = store();
        let room = store.prepare_tokens(instant(0)).expect("room");
        store
            .connection()
            .file()
            .expect("a file")
            .pragma_update(None, "query_only", true)
            .expect("refusing");
        store.keep_prepared(room, &pair(2)).expect_err("refused");
        store
            .connection()
            .file()
            .expect("a file")
            .pragma_update(None, "query_only", false)
            .expect("willing");
        store.keep_tokens(Vendor::Tiktok, &pair(3)).expect("kept");
        assert_eq!(access(&store).as_deref(), Some("TTP_access_3"));
    }
}
