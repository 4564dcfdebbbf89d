//! The mappings as a page shows them: what is missing, what is in force, what came in lately.

use super::missing::{MissingListing, MissingReport};
use crate::domain::mapping::MappingRow;
use crate::store::{Result, Store, StoredImport};

/// How many rows are shown.
const ROWS_MAX: usize = 200;
/// How many imports are shown.
const IMPORTS_MAX: usize = 10;

/// The mappings.
#[derive(Debug, Clone)]
pub struct Mapped {
    /// What orders wait for, the most wanted first.
    pub missing: Vec<MissingListing>,
    /// Rows in force.
    pub rows: Vec<MappingRow>,
    /// Whether there are more of them.
    pub is_more: bool,
    /// The last imports, the newest first.
    pub imports: Vec<StoredImport>,
}

impl Mapped {
    /// Reads them; of the rows in force those that have a text in a key or an Amazon SKU.
    pub fn read(store: &Store, find: &str) -> Result<Self> {
        let find = find.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&find);
        let is_meant = |row: &MappingRow| has(row.key.as_str()) || has(row.amazon_sku.as_str());
        let mut rows = store.with_mappings(|rows| rows.filter(is_meant).take(ROWS_MAX + 1).collect::<Vec<_>>())?;
        let is_more = rows.len() > ROWS_MAX;
        rows.truncate(ROWS_MAX);
        let mut imports = store.mapping_imports()?;
        imports.truncate(IMPORTS_MAX);
        Ok(Self {
            missing: MissingReport::read(store)?.missing,
            rows,
            is_more,
            imports,
        })
    }
}
