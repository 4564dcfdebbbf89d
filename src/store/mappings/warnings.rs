//! What a person should look at between rows of different keys: look-alikes and shared stock. Only what the import brought
//! or touched is told; what was accepted before is not told again.

use super::FirstOf;
use crate::domain::mapping::Column;
use crate::store::Result;
use crate::store::engine::Transaction;

/// Collects the warnings about rows that import `id` brought.
pub(super) fn between_rows(transaction: &Transaction<'_>, id: i64, warnings: &mut FirstOf<String>) -> Result<()> {
    shared_stock(transaction, id, warnings)?;
    look_alikes(transaction, id, Column::AmazonSku, "amazon_skeleton", warnings)?;
    look_alikes(transaction, id, Column::SellerSku, "seller_skeleton", warnings)
}

fn shared_stock(transaction: &Transaction<'_>, id: i64, warnings: &mut FirstOf<String>) -> Result<()> {
    let mut statement = transaction.prepare(
        "SELECT amazon_sku, count(*), min(key_kind || ' ' || key), max(key_kind || ' ' || key) FROM mappings
         WHERE to_import IS NULL GROUP BY amazon_sku HAVING count(*) > 1 AND max(from_import) = ?1",
    )?;
    let mut shared = statement.query([id])?;
    while let Some(row) = shared.next()? {
        let (sku, variants): (String, i64) = (row.get(0)?, row.get(1)?);
        let (one, other): (String, String) = (row.get(2)?, row.get(3)?);
        warnings.push(format!(
            "{sku} is shared by {variants} variants, among them {one} and {other}; they share its stock"
        ));
    }
    Ok(())
}

/// A text of one column; `new_line` is its line in the file of this import, where that brought it.
struct Text {
    skeleton: String,
    text: String,
    new_line: Option<i64>,
}

fn look_alikes(
    transaction: &Transaction<'_>,
    id: i64,
    column: Column,
    skeleton: &str,
    warnings: &mut FirstOf<String>,
) -> Result<()> {
    let mut statement = transaction.prepare(&format!(
        "SELECT {skeleton}, {column}, min(CASE WHEN from_import = ?1 THEN line END) FROM mappings
         WHERE to_import IS NULL AND {column} IS NOT NULL GROUP BY 1, 2"
    ))?;
    let texts = statement.query_map([id], |row| {
        Ok(Text {
            skeleton: row.get(0)?,
            text: row.get(1)?,
            new_line: row.get(2)?,
        })
    })?;
    let mut first: Option<Text> = None;
    for text in texts {
        let text = text?;
        match &first {
            Some(first) if first.skeleton == text.skeleton => {
                if let Some(warning) = look_alike(column, first, &text) {
                    warnings.push(warning);
                }
            }
            Some(_) | None => first = Some(text),
        }
    }
    Ok(())
}

fn look_alike(column: Column, first: &Text, second: &Text) -> Option<String> {
    let (line, new, known) = match (second.new_line, first.new_line) {
        (Some(line), _) => (line, second, first),
        (None, Some(line)) => (line, first, second),
        (None, None) => return None,
    };
    Some(format!(
        "line {line}: {column} {:?} looks like {:?} and is another one",
        new.text, known.text
    ))
}
