//! Taking a key out of the mappings, as an import of its own that can be undone.

use chrono::{DateTime, Utc};

use super::import::{MappingsFile, begin, end};
use super::row::kind_of;
use super::{MappingsImport, Store};
use crate::domain::ids::AmazonSku;
use crate::domain::mapping::MappingKey;
use crate::store::engine::TransactionBehavior;
use crate::store::{Result, audit};

impl Store {
    /// Removes the rows of a key, or the one of them that goes to `amazon_sku`. Nothing is stored where there is none, and in a dry run.
    ///
    /// # Errors
    /// When the database refuses; then nothing is stored.
    pub fn remove_mappings(
        &self,
        key: &MappingKey,
        amazon_sku: Option<&AmazonSku>,
        file: &MappingsFile<'_>,
        now: DateTime<Utc>,
    ) -> Result<MappingsImport> {
        self.with_connection(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let chain = audit::end(&transaction)?;
            let id = begin(&transaction, file, now)?;
            let removed = transaction.execute(
                "UPDATE mappings SET to_import = ?1
                 WHERE key_kind = ?2 AND key = ?3 AND amazon_sku = coalesce(?4, amazon_sku) AND to_import IS NULL",
                (id, kind_of(key), key.as_str(), amazon_sku.map(AmazonSku::as_str)),
            )?;
            let mut import = MappingsImport {
                removed: removed as u64,
                ..MappingsImport::default()
            };
            if !file.dry_run && removed > 0 {
                end(&transaction, id, &import)?;
                self.seal_end(&transaction, &chain)?;
                transaction.commit()?;
                import.id = Some(id);
            }
            Ok(import)
        })
    }
}
