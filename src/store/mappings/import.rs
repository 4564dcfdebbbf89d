//! Bringing a file of mappings into force, as a whole or not at all.
//!
//! The rows are staged first; then one transaction settles them key by key in the order of their lines, closes what they
//! replace and adds what is new. Memory does not grow with the file.

use std::io::Read;

use chrono::{DateTime, Utc};

use super::row::{COLUMNS, insert, insertion, kind_of, read_row};
use super::{MappingsImport, rounded, rows_of, stage, warnings};
use crate::domain::mapping::{MappingRow, Warning, diff, read, settle};
use crate::store::audit::{self, Book};
use crate::store::engine::{Batch, Connection, Moment, Statement, Transaction, TransactionBehavior, named_params};
use crate::store::{Result, Store, seconds};

/// How many rows of one key are settled at a time. Only a file that repeats itself has more.
const GROUP_MAX: usize = 1000;

/// Where a file of mappings comes from and what is to be done with it.
#[derive(Debug, Clone, Copy)]
pub struct MappingsFile<'a> {
    /// The file's name, which may tell its format.
    pub name: Option<&'a str>,
    /// Path or address, without anything secret.
    pub source: &'a str,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: &'a str,
    /// Who imports it.
    pub imported_by: &'a str,
    /// Whether mappings of keys that the file does not name are removed. They stay otherwise.
    pub replace: bool,
    /// Whether nothing is to be kept.
    pub dry_run: bool,
}

impl Store {
    /// Imports a file of mappings. Nothing is stored where a row is rejected, where nothing changes, and in a dry run.
    ///
    /// # Errors
    /// When the database refuses; then nothing is stored. Rejected rows are part of the answer.
    pub fn import_mappings(
        &self,
        bytes: impl Read,
        file: &MappingsFile<'_>,
        now: DateTime<Utc>,
    ) -> Result<MappingsImport> {
        self.import(|each| read(bytes, file.name, each), file, now)
    }

    /// Imports rows that no file holds, as a file of them would be imported.
    ///
    /// # Errors
    /// As for [`Store::import_mappings`].
    pub fn import_mapping_rows(
        &self,
        rows: Vec<MappingRow>,
        file: &MappingsFile<'_>,
        now: DateTime<Utc>,
    ) -> Result<MappingsImport> {
        let give = |each: stage::Each<'_>| rows.into_iter().try_for_each(|row| each(Ok(row))).map(|()| None);
        self.import(give, file, now)
    }

    fn import(
        &self,
        give: impl FnOnce(stage::Each<'_>) -> Result<Option<Warning>>,
        file: &MappingsFile<'_>,
        now: DateTime<Utc>,
    ) -> Result<MappingsImport> {
        self.with_connection(|connection| {
            let whole = connection.whole()?;
            let staged = stage::stage(connection, give)?;
            let mut import = MappingsImport {
                rows: staged.rows,
                rejected: staged.rejected,
                ..MappingsImport::default()
            };
            if let Some(warning) = staged.warning {
                import.warnings.push(warning.to_string());
            }
            let outcome = apply(self, connection, import, file, now);
            stage::unstage(connection)?;
            whole.map_or(Ok(()), Moment::commit)?;
            outcome
        })
    }
}

fn apply(
    store: &Store,
    connection: &Connection,
    import: MappingsImport,
    file: &MappingsFile<'_>,
    now: DateTime<Utc>,
) -> Result<MappingsImport> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let chain = audit::end(&transaction)?;
    let id = begin(&transaction, file, now)?;
    let mut work = Work::new(&transaction, id, import)?;
    work.settle_groups()?;
    if file.replace {
        work.remove_other_keys()?;
    }
    let mut import = work.finish();
    rounded::find(&transaction, id, &mut import)?;
    if import.rejected.total > 0 {
        return Ok(import);
    }
    if import.added + import.changed > 0 {
        warnings::between_rows(&transaction, id, &mut import.warnings)?;
    }
    if !file.dry_run && import.added + import.changed + import.removed > 0 {
        end(&transaction, id, &import)?;
        store.seal_end(&transaction, &chain)?;
        crate::crash::point("import.before_commit");
        transaction.commit()?;
        import.id = Some(id);
    }
    Ok(import)
}

/// Whoever writes is alone, so that the next number is free; one that is taken back leaves no gap on either engine.
pub(super) fn begin(transaction: &Transaction<'_>, file: &MappingsFile<'_>, now: DateTime<Utc>) -> Result<i64> {
    Ok(transaction.query_row(
        "INSERT INTO mapping_imports (id, imported_at, source, sha256, imported_by, added, changed, removed, unchanged)
         SELECT coalesce(max(id), 0) + 1, :now, :source, :sha256, :imported_by, 0, 0, 0, 0 FROM mapping_imports RETURNING id",
        named_params! {
            ":now": seconds(now), ":source": file.source, ":sha256": file.sha256, ":imported_by": file.imported_by,
        },
        |row| row.get(0),
    )?)
}

pub(super) fn end(transaction: &Transaction<'_>, id: i64, import: &MappingsImport) -> Result<()> {
    let [added, changed, removed, unchanged] =
        [import.added, import.changed, import.removed, import.unchanged].map(u64::cast_signed);
    transaction.execute(
        "UPDATE mapping_imports SET added = :added, changed = :changed, removed = :removed, unchanged = :unchanged
         WHERE id = :id",
        named_params! {
            ":id": id, ":added": added, ":changed": changed, ":removed": removed, ":unchanged": unchanged,
        },
    )?;
    audit::append(transaction, Book::Imports, id)
}

/// Into an empty table nothing need be looked up.
const NONE_IN_FORCE: &str = "SELECT NOT EXISTS (SELECT 1 FROM mappings WHERE to_import IS NULL)";

/// An import under way.
struct Work<'t> {
    transaction: &'t Transaction<'t>,
    id: i64,
    insert: Batch<'t>,
    is_first: bool,
    close: Statement<'t>,
    import: MappingsImport,
}

impl<'t> Work<'t> {
    fn new(transaction: &'t Transaction<'_>, id: i64, import: MappingsImport) -> Result<Self> {
        Ok(Self {
            transaction,
            id,
            insert: insertion(transaction),
            is_first: transaction.query_row(NONE_IN_FORCE, [], |row| row.get(0))?,
            close: transaction.prepare(
                "UPDATE mappings SET to_import = ?1
                 WHERE key_kind = ?2 AND key = ?3 AND amazon_sku = ?4 AND to_import IS NULL",
            )?,
            import,
        })
    }

    fn finish(mut self) -> MappingsImport {
        self.import.rejected.first.sort_by_key(|rejection| rejection.line);
        self.import
    }

    fn settle_groups(&mut self) -> Result<()> {
        let mut statement = self.transaction.prepare(&format!(
            "SELECT {COLUMNS} FROM staged_mappings ORDER BY key_kind, key, line, rowid"
        ))?;
        let mut group: Vec<MappingRow> = Vec::new();
        let mut rows = statement.pieces()?;
        while let Some(row) = rows.next()? {
            let row = read_row(&row)?;
            if group.first().is_some_and(|first| first.key != row.key) {
                let rows = self.settle(std::mem::take(&mut group));
                self.compare(&rows)?;
            } else if group.len() >= GROUP_MAX {
                group = self.settle(group);
            }
            group.push(row);
        }
        let rows = self.settle(group);
        self.compare(&rows)?;
        self.insert.flush()?;
        Ok(())
    }

    fn settle(&mut self, group: Vec<MappingRow>) -> Vec<MappingRow> {
        match settle(group) {
            Ok(settled) => {
                for warning in settled.warnings {
                    self.import.warnings.push(warning.to_string());
                }
                settled.rows
            }
            Err(rejection) => {
                self.import.rejected.push(rejection);
                Vec::new()
            }
        }
    }

    /// Puts the settled rows of one key in the place of those in force. After a rejection nothing will be kept anyway.
    fn compare(&mut self, rows: &[MappingRow]) -> Result<()> {
        let Some(first) = rows.first().filter(|_| self.import.rejected.total == 0) else {
            return Ok(());
        };
        let in_force = match self.is_first {
            true => Vec::new(),
            false => rows_of(self.transaction, &first.key)?,
        };
        let changes = diff(&in_force, rows);
        for gone in &changes.removed {
            self.close(gone)?;
        }
        for (old, new) in &changes.changed {
            self.close(old)?;
            insert(&mut self.insert, new, self.id)?;
        }
        for new in &changes.added {
            insert(&mut self.insert, new, self.id)?;
        }
        self.import.added += changes.added.len() as u64;
        self.import.changed += changes.changed.len() as u64;
        self.import.removed += changes.removed.len() as u64;
        self.import.unchanged += changes.unchanged as u64;
        Ok(())
    }

    fn close(&mut self, row: &MappingRow) -> Result<()> {
        let key = &row.key;
        self.close
            .execute((self.id, kind_of(key), key.as_str(), row.amazon_sku.as_str()))?;
        Ok(())
    }

    /// A file without a single good row is rejected as such, so this never removes everything by mistake.
    fn remove_other_keys(&mut self) -> Result<()> {
        if self.import.rejected.total > 0 {
            return Ok(());
        }
        let removed = self.transaction.execute(
            "UPDATE mappings SET to_import = ?1
             WHERE to_import IS NULL AND NOT EXISTS (
                 SELECT 1 FROM staged_mappings AS staged
                 WHERE staged.key_kind = mappings.key_kind AND staged.key = mappings.key)",
            [self.id],
        )?;
        self.import.removed += removed as u64;
        Ok(())
    }
}
