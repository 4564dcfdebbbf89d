//! A row that a person types, and what becomes of the rows that its key has already.
//!
//! One key goes to one Amazon SKU, or to a bundle whose rows all carry its name. So a typed row with the name of the key's bundle is
//! another part of it; anything else in the place of what is there is a replacement, which must be meant.

use std::fmt;

use super::cells::Cells;
use super::rejection::Rejection;
use super::table::Column;
use super::{MappingKey, MappingRow};
use crate::domain::ids::AmazonSku;
use crate::domain::quoting::shell_quoted;

/// The row's line, as far as a row that was typed alone has one.
const LINE: u64 = 1;

/// What a key is mapped to already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its rows: one, or a bundle.
    pub known: Vec<MappingRow>,
    /// What was typed.
    pub typed: Box<MappingRow>,
}

impl fmt::Display for Taken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let targets: Vec<String> = self
            .known
            .iter()
            .map(|row| format!("{} × {}", row.quantity, row.amazon_sku))
            .collect();
        write!(
            formatter,
            "{} is mapped already: {}",
            self.typed.key,
            targets.join(" + ")
        )?;
        match self.known.first().and_then(|row| row.bundle.as_ref()) {
            Some(name) => write!(formatter, " (bundle {name:?})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Taken {}

/// Checks the texts of one row as an import does.
///
/// # Errors
/// The first text that is missing or unusable.
pub fn typed_row(texts: impl IntoIterator<Item = (Column, String)>) -> Result<MappingRow, Rejection> {
    let mut cells = Cells::default();
    for (column, text) in texts {
        cells.set(column, text);
    }
    cells.check(LINE).map_err(|problem| problem.at(LINE))
}

/// Returns all rows of a key with a typed one among them, as a file of that key alone would hold them.
///
/// # Errors
/// When the key is mapped to something else, and `replaces` does not say that this is known.
pub fn with_typed(known: &[MappingRow], typed: MappingRow, replaces: bool) -> Result<Vec<MappingRow>, Taken> {
    let Some(first) = known.first() else {
        return Ok(vec![typed]);
    };
    let is_of_bundle = typed.bundle.is_some() && typed.bundle == first.bundle;
    let typed = MappingRow {
        also: first.also.clone(),
        enabled: if is_of_bundle { first.enabled } else { typed.enabled },
        ..typed
    };
    if known.iter().any(|row| row.same_contents(&typed)) {
        return Ok(known.to_vec());
    }
    let is_new_part = is_of_bundle && known.iter().all(|row| row.amazon_sku != typed.amazon_sku);
    if !is_new_part && !replaces {
        let (known, typed) = (known.to_vec(), Box::new(typed));
        return Err(Taken { known, typed });
    }
    let stays = |row: &&MappingRow| is_of_bundle && row.amazon_sku != typed.amazon_sku;
    let others: Vec<MappingRow> = known.iter().filter(stays).cloned().collect();
    Ok(others.into_iter().chain([typed]).collect())
}

/// Returns the line that maps a key by hand. Without an Amazon SKU it ends where that is to be typed.
#[must_use]
pub fn add_line(key: &MappingKey, amazon_sku: Option<&AmazonSku>) -> String {
    let end = amazon_sku.map_or_else(|| "--amazon-sku".to_owned(), |sku| flag("amazon-sku", sku.as_str()));
    format!("mcf mappings add {} {end}", key_flag(key))
}

/// Returns the line that types a whole row.
#[must_use]
pub fn row_line(row: &MappingRow) -> String {
    let mut line = add_line(&row.key, Some(&row.amazon_sku));
    let mut add = |name: &str, text: Option<String>| {
        if let Some(text) = text {
            line.push(' ');
            line.push_str(&flag(name, &text));
        }
    };
    add("quantity", (row.quantity != 1).then(|| row.quantity.to_string()));
    add("bundle", row.bundle.clone());
    add("speed", row.shipping_speed.as_ref().map(ToString::to_string));
    add("safety-stock", row.safety_stock.map(|units| units.to_string()));
    line
}

/// Returns how a key is named on the command line.
#[must_use]
pub fn key_flag(key: &MappingKey) -> String {
    let name = match key {
        MappingKey::TiktokSku(_) => "sku-id",
        MappingKey::SellerSku(_) => "seller-sku",
        MappingKey::Product(_) => "product-id",
    };
    flag(name, key.as_str())
}

/// A value that begins like a flag is taken for none behind an equals sign.
fn flag(name: &str, value: &str) -> String {
    let separator = if value.starts_with('-') { '=' } else { ' ' };
    format!("--{name}{separator}{}", shell_quoted(value))
}

#[cfg(test)]
mod tests {
    use super::super::examples::{bundled, product, row, seller, sku};
    use super::*;

    fn twice(row: MappingRow) -> MappingRow {
        MappingRow { quantity: 2, ..row }
    }

    fn off(row: MappingRow) -> MappingRow {
        MappingRow { enabled: false, ..row }
    }

    fn key() -> MappingKey {
        seller("LAMP")
    }

    #[test]
    fn a_typed_row_joins_its_bundle_and_takes_no_other_place_unless_that_is_meant() {
        let (one, kit) = (|target| row(key(), target), |target| bundled(key(), target, "kit"));
        type Rows = Vec<MappingRow>;
        let table: Vec<(&str, Rows, MappingRow, Option<Rows>, Rows)> = vec![
            ("a new key", vec![], one("A"), Some(vec![one("A")]), vec![one("A")]),
            (
                "the same row",
                vec![one("A")],
                one("A"),
                Some(vec![one("A")]),
                vec![one("A")],
            ),
            ("another target", vec![one("A")], one("B"), None, vec![one("B")]),
            (
                "another quantity",
                vec![one("A")],
                twice(one("A")),
                None,
                vec![twice(one("A"))],
            ),
            (
                "one that was switched off",
                vec![off(one("A"))],
                one("A"),
                None,
                vec![one("A")],
            ),
            (
                "a bundle in place of one",
                vec![one("A")],
                kit("B"),
                None,
                vec![kit("B")],
            ),
            (
                "a further part",
                vec![kit("A")],
                kit("B"),
                Some(vec![kit("A"), kit("B")]),
                vec![kit("A"), kit("B")],
            ),
            (
                "a part that is there",
                vec![kit("A"), kit("B")],
                kit("B"),
                Some(vec![kit("A"), kit("B")]),
                vec![kit("A"), kit("B")],
            ),
            (
                "another quantity of a part",
                vec![kit("A"), kit("B")],
                twice(kit("A")),
                None,
                vec![kit("B"), twice(kit("A"))],
            ),
            (
                "a further part of what is switched off",
                vec![off(kit("A"))],
                kit("B"),
                Some(vec![off(kit("A")), off(kit("B"))]),
                vec![off(kit("A")), off(kit("B"))],
            ),
            (
                "a bundle of another name",
                vec![kit("A"), kit("B")],
                bundled(key(), "C", "set"),
                None,
                vec![bundled(key(), "C", "set")],
            ),
            (
                "one in place of a bundle",
                vec![kit("A"), kit("B")],
                one("A"),
                None,
                vec![one("A")],
            ),
        ];
        for (what, known, typed, added, replaced) in table {
            assert_eq!(with_typed(&known, typed.clone(), false).ok(), added, "{what}");
            assert_eq!(with_typed(&known, typed, true), Ok(replaced), "{what}, replaced");
        }
    }

    #[test]
    fn what_a_file_said_of_less_specific_keys_stays_with_the_row() {
        let known = MappingRow {
            also: vec![product("P")],
            ..row(key(), "A")
        };
        let rows = with_typed(&[known], row(key(), "B"), true).expect("replaced");
        assert_eq!(rows[0].also, [product("P")]);
    }

    #[test]
    fn a_key_that_is_taken_names_what_it_goes_to() {
        let known = [bundled(key(), "A", "kit"), twice(bundled(key(), "B", "kit"))];
        let taken = with_typed(&known, row(key(), "C"), false).expect_err("taken");
        assert_eq!(
            taken.to_string(),
            "seller_sku \"LAMP\" is mapped already: 1 × A + 2 × B (bundle \"kit\")"
        );
    }

    #[test]
    fn a_typed_row_is_checked_as_a_line_of_a_file() {
        let typed =
            |texts: &[(Column, &str)]| typed_row(texts.iter().map(|(column, text)| (*column, (*text).to_owned())));
        let good = typed(&[
            (Column::SellerSku, "LAMP"),
            (Column::AmazonSku, "A"),
            (Column::Quantity, "3"),
        ]);
        let three = MappingRow {
            quantity: 3,
            line: 1,
            ..row(key(), "A")
        };
        assert_eq!(good.expect("a row"), three);
        for (texts, words) in [
            (
                &[(Column::SellerSku, " LAMP"), (Column::AmazonSku, "A")][..],
                "begins with a space",
            ),
            (&[(Column::AmazonSku, "A")], "no key"),
            (
                &[(Column::SellerSku, "LAMP"), (Column::AmazonSku, "")],
                "amazon_sku is empty",
            ),
            (
                &[
                    (Column::SellerSku, "LAMP"),
                    (Column::AmazonSku, "A"),
                    (Column::Quantity, "0"),
                ],
                "from 1 to 250",
            ),
        ] {
            assert!(typed(texts).expect_err("refused").message().contains(words), "{words}");
        }
    }

    #[test]
    fn a_line_to_paste_names_the_row_and_keeps_odd_texts_one_word() {
        let rows = [
            (row(sku("17"), "A"), "mcf mappings add --sku-id 17 --amazon-sku A"),
            (
                MappingRow {
                    safety_stock: Some(5),
                    ..twice(bundled(seller("it's blue"), "-A", "the kit"))
                },
                r"mcf mappings add --seller-sku 'it'\''s blue' --amazon-sku=-A --quantity 2 --bundle 'the kit' --safety-stock 5",
            ),
        ];
        for (row, line) in rows {
            assert_eq!(row_line(&row), line);
        }
        assert_eq!(
            add_line(&product("P"), None),
            "mcf mappings add --product-id P --amazon-sku"
        );
    }
}
