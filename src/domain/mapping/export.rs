//! Writes the mapping file so that a spreadsheet runs nothing in it and the import reads back what was there.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@` or a tab for a formula, and one of digits for a number; an
//! apostrophe in front is its mark for text. The export puts one before a formula and before what begins with such a mark of its
//! own; the import takes one off where a formula or a digit follows, and leaves all other apostrophes alone. The two are exact
//! opposites, and a file written by hand with a bare `=` is still read as it is.

use std::borrow::{Borrow, Cow};
use std::io::Write;

use super::MappingRow;
use super::table::Column;

const FORMULA_STARTS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// Writes a header and the rows as CSV, separated by commas, in UTF-8, one after the other. Returns how many rows they are.
///
/// # Errors
/// When the output can't be written.
pub fn write_csv(
    rows: impl IntoIterator<Item = impl Borrow<MappingRow>>,
    output: impl Write,
) -> Result<u64, csv::Error> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(Column::ALL.map(Column::name))?;
    let mut count = 0;
    for row in rows {
        for column in Column::ALL {
            writer.write_field(neutralised(&row.borrow().cell(column)).as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
        count += 1;
    }
    writer.flush()?;
    Ok(count)
}

fn neutralised(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA_STARTS) || (text.starts_with('\'') && would_need_a_mark(text)) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Takes off the apostrophe that [`write_csv`] or a spreadsheet put in front.
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\'')
        .filter(|rest| would_need_a_mark(rest))
        .unwrap_or(text)
}

/// Tells whether a spreadsheet would not keep the text behind its apostrophes as it is.
fn would_need_a_mark(text: &str) -> bool {
    let text = text.trim_start_matches('\'');
    text.starts_with(FORMULA_STARTS) || text.starts_with(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_gets_an_apostrophe_that_the_import_takes_off_again() {
        for (text, written) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("'=1", "''=1"),
            ("'tis", "'tis"),
            ("1729592969712207013", "1729592969712207013"),
            ("'7", "''7"),
            ("''7", "'''7"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(neutralised(text), written, "S13/E118");
            assert_eq!(without_mark(written), text, "S13/E118");
        }
        assert_eq!(without_mark("'1729592969712207013"), "1729592969712207013", "S23");
        assert_eq!(without_mark("=1"), "=1", "S13: written by hand, stored as data");
    }
}
