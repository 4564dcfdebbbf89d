//! From the texts of one row to a checked [`MappingRow`]. Refuses what it does not understand; trims and repairs nothing.

use super::rejection::Problem;
use super::table::{BUNDLE_UNITS_MAX, Column, SKU_CHARACTERS_MAX};
use super::{MappingKey, MappingRow};
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::{AmazonSku, ProductId, SellerSku, TiktokSkuId};

const SAFETY_STOCK_MAX: u32 = 1_000_000;
const ID_CHARACTERS_MAX: usize = 64;

/// The texts of one row, by column. A column that the file lacks is as empty as an empty field.
#[derive(Debug, Default)]
pub(super) struct Cells([String; Column::ALL.len()]);

impl Cells {
    pub(super) fn set(&mut self, column: Column, text: String) {
        self.0[column as usize] = text;
    }

    fn get(&self, column: Column) -> &str {
        &self.0[column as usize]
    }

    /// Checks every text and builds the row.
    ///
    /// # Errors
    /// The first text that is missing or unusable.
    pub(super) fn check(&self, line: u64) -> Result<MappingRow, Problem> {
        let mut keys = self.keys()?.into_iter();
        Ok(MappingRow {
            key: keys.next().ok_or(Problem::NoKey)?,
            also: keys.collect(),
            amazon_sku: self.amazon_sku()?,
            quantity: self.quantity()?,
            bundle: self.bundle()?,
            shipping_speed: self.shipping_speed()?,
            safety_stock: self.safety_stock()?,
            enabled: self.enabled()?,
            line,
        })
    }

    /// Returns the filled keys, the most specific first.
    fn keys(&self) -> Result<Vec<MappingKey>, Problem> {
        let sku = self.id(Column::TiktokSkuId)?.map(TiktokSkuId::new);
        let seller_sku = self.sku(Column::SellerSku)?.map(SellerSku::new);
        let product = self.id(Column::TiktokProductId)?.map(ProductId::new);
        Ok([
            sku.map(MappingKey::TiktokSku),
            seller_sku.map(MappingKey::SellerSku),
            product.map(MappingKey::Product),
        ]
        .into_iter()
        .flatten()
        .collect())
    }

    fn filled(&self, column: Column) -> Option<&str> {
        Some(self.get(column)).filter(|text| !text.is_empty())
    }

    fn id(&self, column: Column) -> Result<Option<&str>, Problem> {
        let Some(text) = self.visible_text(column)? else {
            return Ok(None);
        };
        let is_id = text.len() <= ID_CHARACTERS_MAX
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if is_id {
            Ok(Some(text))
        } else {
            Err(Problem::Id {
                column,
                text: shortened(text),
            })
        }
    }

    fn amazon_sku(&self) -> Result<AmazonSku, Problem> {
        let text = self.sku(Column::AmazonSku)?.ok_or(Problem::NoAmazonSku)?;
        let length = text.chars().count();
        if length > SKU_CHARACTERS_MAX {
            return Err(Problem::SkuTooLong(length));
        }
        Ok(AmazonSku::new(text))
    }

    /// Returns a filled SKU: one line of visible text.
    fn sku(&self, column: Column) -> Result<Option<&str>, Problem> {
        let text = self.visible_text(column)?;
        match text.and_then(|text| text.chars().find(|letter| letter.is_control())) {
            Some(letter) => Err(invisible(column, letter)),
            None => Ok(text),
        }
    }

    fn bundle(&self) -> Result<Option<String>, Problem> {
        Ok(self.visible_text(Column::Bundle)?.map(str::to_owned))
    }

    fn quantity(&self) -> Result<u32, Problem> {
        let Some(text) = self.filled(Column::Quantity) else {
            return Ok(1);
        };
        whole_number(text)
            .filter(|units| (1..=BUNDLE_UNITS_MAX).contains(units))
            .ok_or_else(|| Problem::Quantity(shortened(text)))
    }

    fn safety_stock(&self) -> Result<Option<u32>, Problem> {
        let Some(text) = self.filled(Column::SafetyStock) else {
            return Ok(None);
        };
        match whole_number(text).filter(|units| *units <= SAFETY_STOCK_MAX) {
            Some(units) => Ok(Some(units)),
            None => Err(Problem::SafetyStock(shortened(text))),
        }
    }

    fn shipping_speed(&self) -> Result<Option<ShippingSpeed>, Problem> {
        match self.filled(Column::ShippingSpeed).map(ShippingSpeed::read) {
            Some(ShippingSpeed::Other(word)) => Err(Problem::ShippingSpeed(shortened(&word))),
            known => Ok(known),
        }
    }

    fn enabled(&self) -> Result<bool, Problem> {
        match self.get(Column::Enabled).to_lowercase().as_str() {
            "" | "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err(Problem::Enabled(shortened(self.get(Column::Enabled)))),
        }
    }

    /// Returns a filled text in which everything can be seen: no white space at its ends, nothing without a width in it.
    fn visible_text(&self, column: Column) -> Result<Option<&str>, Problem> {
        let Some(text) = self.filled(column) else {
            return Ok(None);
        };
        let padding = |side, letter: Option<char>| {
            letter.filter(|letter| is_blank(*letter)).map(|letter| Problem::Padded {
                column,
                side,
                character: described(letter),
            })
        };
        padding("begins with", text.chars().next())
            .or_else(|| padding("ends with", text.chars().next_back()))
            .or_else(|| {
                text.chars()
                    .find(|letter| is_hidden(*letter))
                    .map(|letter| invisible(column, letter))
            })
            .map_or(Ok(Some(text)), Err)
    }
}

/// Reads plain digits; a sign, a point, an exponent or a space is not a whole number here.
fn whole_number(text: &str) -> Option<u32> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || is_hidden(letter)
}

/// Tells whether a character looks like a plain space or like nothing. Line breaks and tabs are judged elsewhere.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{a0}' | '\u{ad}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}'
        | '\u{3000}' | '\u{feff}' | '\u{fffd}')
        || (letter.is_control() && !matches!(letter, '\n' | '\t'))
}

fn invisible(column: Column, letter: char) -> Problem {
    Problem::Invisible {
        column,
        character: described(letter),
    }
}

fn described(letter: char) -> String {
    match letter {
        ' ' => "a space".to_owned(),
        '\t' => "a tab".to_owned(),
        '\n' => "a line break".to_owned(),
        '\u{a0}' => "a no-break space (U+00A0)".to_owned(),
        other => format!("the character U+{:04X}", u32::from(other)),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(column: Column, text: &str) -> Result<MappingRow, String> {
        let mut cells = Cells::default();
        cells.set(Column::TiktokSkuId, "17290001".to_owned());
        cells.set(Column::AmazonSku, "BOX".to_owned());
        cells.set(column, text.to_owned());
        cells.check(2).map_err(|problem| problem.to_string())
    }

    fn refusal(column: Column, text: &str) -> String {
        checked(column, text).expect_err("refused")
    }

    #[test]
    fn a_quantity_is_a_whole_number_of_one_to_the_units_of_an_order() {
        for text in ["0", "-1", "1.5", "1e3", "999999", "251", "+1", " 1", "1 ", "½", "٣"] {
            let message = refusal(Column::Quantity, text);
            assert!(message.contains("1 to 250"), "S11/E50: {text:?} gave {message}");
        }
        assert_eq!(checked(Column::Quantity, "3").map(|row| row.quantity), Ok(3));
        assert_eq!(checked(Column::Quantity, "").map(|row| row.quantity), Ok(1));
        assert_eq!(checked(Column::Quantity, "250").map(|row| row.quantity), Ok(250));
    }

    #[test]
    fn an_amazon_sku_has_at_most_fifty_characters() {
        assert!(checked(Column::AmazonSku, &"é".repeat(50)).is_ok());
        assert_eq!(
            refusal(Column::AmazonSku, &"x".repeat(51)),
            "amazon_sku has 51 characters; Amazon allows 50",
            "S12/E40"
        );
        assert_eq!(refusal(Column::AmazonSku, ""), "amazon_sku is empty");
    }

    #[test]
    fn skus_that_look_like_numbers_or_formulas_stay_text() {
        for text in ["007", "1E5", "00123", "=cmd|' /C calc'!A0", "A,B", "50%+&", "-5"] {
            let row = checked(Column::AmazonSku, text).expect("accepted");
            assert_eq!(row.amazon_sku.as_str(), text, "S13/S14/E41");
        }
    }

    #[test]
    fn white_space_around_a_sku_is_refused_with_a_hint_and_never_trimmed() {
        assert_eq!(
            refusal(Column::AmazonSku, "BOX "),
            "amazon_sku ends with a space; remove it, or check that the SKU really has it",
            "S15"
        );
        assert!(refusal(Column::SellerSku, "\u{a0}BOX").contains("begins with a no-break space"));
        assert!(refusal(Column::TiktokSkuId, " 17290001").contains("begins with a space"));
        assert!(refusal(Column::AmazonSku, "BO\u{200b}X").contains("U+200B"));
        assert!(refusal(Column::AmazonSku, "BO\nX").contains("a line break"));
        assert!(checked(Column::AmazonSku, "BOX BLUE").is_ok());
    }

    #[test]
    fn an_id_that_a_spreadsheet_turned_into_a_number_is_refused() {
        assert!(refusal(Column::TiktokSkuId, "1.72938E+18").contains("spreadsheet"));
        assert!(refusal(Column::TiktokProductId, "../1").contains("not an id"));
    }

    #[test]
    fn speed_safety_stock_and_enabled_are_known_words_or_refused() {
        let row = checked(Column::ShippingSpeed, "expedited").expect("accepted");
        assert_eq!(row.shipping_speed, Some(ShippingSpeed::Expedited));
        assert!(refusal(Column::ShippingSpeed, "fast").contains("Standard, Expedited, Priority"));
        assert_eq!(
            checked(Column::SafetyStock, "0").map(|row| row.safety_stock),
            Ok(Some(0))
        );
        assert_eq!(checked(Column::SafetyStock, "").map(|row| row.safety_stock), Ok(None));
        assert!(refusal(Column::SafetyStock, "-1").contains("safety_stock"));
        assert_eq!(checked(Column::Enabled, "FALSE").map(|row| row.enabled), Ok(false));
        assert!(refusal(Column::Enabled, "maybe").contains("neither true nor false"));
    }

    #[test]
    fn a_row_with_several_keys_is_keyed_by_the_most_specific_one_and_keeps_the_others() {
        let mut cells = Cells::default();
        cells.set(Column::TiktokProductId, "1".to_owned());
        cells.set(Column::SellerSku, "MINE".to_owned());
        cells.set(Column::AmazonSku, "BOX".to_owned());
        let row = cells.check(2).expect("accepted");
        assert_eq!(row.key, MappingKey::SellerSku(SellerSku::new("MINE")));
        assert_eq!(row.also, [MappingKey::Product(ProductId::new("1"))]);
        assert!(matches!(Cells::default().check(2), Err(Problem::NoKey)));
    }
}
