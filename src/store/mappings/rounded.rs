//! Ids that have lost their last digits in a spreadsheet: it keeps fifteen or sixteen of TikTok's nineteen.

use super::MappingsImport;
use crate::domain::mapping::{Column, Problem, Rejection};
use crate::store::Result;
use crate::store::engine::Transaction;

/// Refuses an id of the import that is nobody's where an order or a listing has the one that it was rounded from.
pub(super) fn find(transaction: &Transaction<'_>, id: i64, import: &mut MappingsImport) -> Result<()> {
    find_in(transaction, id, Column::TiktokSkuId, "sku_id", import)?;
    find_in(transaction, id, Column::TiktokProductId, "product_id", import)
}

fn find_in(
    transaction: &Transaction<'_>,
    id: i64,
    column: Column,
    at_tiktok: &str,
    import: &mut MappingsImport,
) -> Result<()> {
    let mut statement = transaction.prepare(&format!(
        "WITH known (id, head) AS (
             SELECT {at_tiktok}, substr({at_tiktok}, 1, 14) FROM line_items
             UNION SELECT {at_tiktok}, substr({at_tiktok}, 1, 14) FROM listing_stock)
         SELECT line, mappings.{column}, min(known.id)
         FROM mappings JOIN known ON known.head = substr(mappings.{column}, 1, 14)
             AND abs(CAST(known.id AS BIGINT) - CAST(mappings.{column} AS BIGINT)) < 10000
         WHERE from_import = ?1 AND to_import IS NULL AND length(mappings.{column}) BETWEEN 17 AND 19
             AND mappings.{column} LIKE '%000' AND trim(mappings.{column}, '0123456789') = ''
         GROUP BY mappings.id HAVING NOT max(known.id = mappings.{column}) ORDER BY line"
    ))?;
    let mut rows = statement.query([id])?;
    while let Some(row) = rows.next()? {
        let line: i64 = row.get(0)?;
        let (text, real) = (row.get(1)?, row.get(2)?);
        import.rejected.push(Rejection {
            line: line.unsigned_abs(),
            problem: Problem::Rounded { column, text, real },
        });
    }
    Ok(())
}
