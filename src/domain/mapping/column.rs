//! The columns of the mapping file, by name and in any order.

use super::rejection::Problem;
use super::table::Column;

impl Column {
    /// Finds the column that a header names; case and spaces around do not matter.
    pub(super) fn find(name: &str) -> Result<Self, Problem> {
        let plain = name.trim().to_lowercase();
        Self::ALL
            .into_iter()
            .find(|column| column.name() == plain)
            .ok_or_else(|| Problem::UnknownColumn {
                name: name.chars().take(60).collect(),
                nearest: Self::nearest(&plain),
            })
    }

    fn nearest(name: &str) -> Self {
        let distance = |column: &Self| strsim::damerau_levenshtein(column.name(), name);
        Self::ALL.into_iter().min_by_key(distance).unwrap_or(Self::AmazonSku)
    }
}

/// Reads a header: which column stands at which place. `None` is a column without a name, which spreadsheets leave behind.
///
/// # Errors
/// When a name is unknown or stands twice, or when there is no SKU of Amazon or no key at all.
pub(super) fn read_header<'a>(names: impl Iterator<Item = &'a str>) -> Result<Vec<Option<Column>>, Problem> {
    let mut columns = Vec::new();
    for name in names {
        if name.trim().is_empty() {
            columns.push(None);
            continue;
        }
        let column = Column::find(name)?;
        if columns.contains(&Some(column)) {
            return Err(Problem::DuplicateColumn(column));
        }
        columns.push(Some(column));
    }
    let keys = [Column::TiktokSkuId, Column::SellerSku, Column::TiktokProductId];
    if !columns.contains(&Some(Column::AmazonSku)) {
        Err(Problem::MissingColumn("amazon_sku"))
    } else if !keys.iter().any(|key| columns.contains(&Some(*key))) {
        Err(Problem::MissingColumn("tiktok_sku_id, seller_sku or tiktok_product_id"))
    } else {
        Ok(columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Result<Vec<Option<Column>>, String> {
        read_header(header.split(',')).map_err(|problem| problem.to_string())
    }

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        assert_eq!(
            read("amazon_sku,tiktok_sku_id"),
            Ok(vec![Some(Column::AmazonSku), Some(Column::TiktokSkuId)]),
            "S5"
        );
        assert_eq!(
            read(" Seller_SKU,AMAZON_SKU"),
            Ok(vec![Some(Column::SellerSku), Some(Column::AmazonSku)])
        );
    }

    #[test]
    fn a_missing_a_doubled_and_an_unknown_column_are_refused_by_name() {
        let refusal = |header| read(header).expect_err("S5: refused");
        assert_eq!(refusal("tiktok_sku_id,quantity"), "the column amazon_sku is missing");
        assert_eq!(
            refusal("amazon_sku,quantity"),
            "the column tiktok_sku_id, seller_sku or tiktok_product_id is missing"
        );
        assert_eq!(
            refusal("seller_sku,amazon_sku,amazon_sku"),
            "the column amazon_sku stands twice"
        );
        assert_eq!(
            refusal("seller_sku,amazn_sku"),
            "the column \"amazn_sku\" is unknown; did you mean amazon_sku?"
        );
    }
}
