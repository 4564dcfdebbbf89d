//! What a person did that is about no single order. Each such act leaves a row of the chain, written with the act itself.

use chrono::{DateTime, Utc};

use super::audit::{self, Book};
use super::engine::Transaction;
use super::vault::Vault;
use super::{Result, Store, seconds};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShopAct {
    /// New fulfillment orders are held back.
    Paused,
    /// They go again.
    Resumed,
    /// An import of mappings was taken back.
    ImportUndone,
    /// All is sealed with another data key.
    KeyChanged,
    /// A vendor's consent was brought.
    ConsentGiven,
    /// The database is a copy that was put back.
    Restored,
}

impl ShopAct {
    /// Returns the word kept in the store.
    fn word(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::ImportUndone => "import_undone",
            Self::KeyChanged => "key_changed",
            Self::ConsentGiven => "consent_given",
            Self::Restored => "restored",
        }
    }
}

impl Store {
    /// Writes down what was done outside of the store: `text` says who and why.
    pub fn note_shop(&self, act: ShopAct, text: &str, now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| write(transaction, act, text, now))
    }
}

/// Writes into a copy that no run has opened yet, where it is of a version that keeps such rows.
pub(super) fn write_into_copy(
    transaction: &Transaction<'_>,
    vault: &Vault,
    (act, text): (ShopAct, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    let there = "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'hands'";
    if !transaction.query_row(there, [], |row| row.get::<_, bool>(0))? {
        return Ok(());
    }
    let end = audit::end(transaction)?;
    write(transaction, act, text, now)?;
    audit::seal_end(transaction, &end, vault)
}

pub(super) fn write(transaction: &Transaction<'_>, act: ShopAct, text: &str, now: DateTime<Utc>) -> Result<()> {
    audit::write(
        transaction,
        Book::Hands,
        "INSERT INTO hands (at, after_call, kind, text) VALUES (?1, (SELECT coalesce(max(id), 0) FROM api_calls), ?2, ?3)",
        (seconds(now), act.word(), text),
    )
}
