//! Writes the mapping file so that a spreadsheet runs nothing in it and the import reads back what was there.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@` or a tab for a formula. Such a text gets an apostrophe in
//! front, and so does one that is apostrophes followed by such a character; the import takes one apostrophe off where such
//! a text follows and leaves all others alone. The two are exact opposites, and a file written by hand with a bare `=` is
//! still read as it is.

use std::borrow::{Borrow, Cow};
use std::io::Write;

use super::MappingRow;
use super::column::Column;

const FORMULA_STARTS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// Writes a header and the rows as CSV, separated by commas, in UTF-8.
///
/// # Errors
/// When the output can't be written.
pub fn write_csv(
    rows: impl IntoIterator<Item = impl Borrow<MappingRow>>,
    output: impl Write,
) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(Column::ALL.map(Column::name))?;
    for row in rows {
        let cells = Column::ALL.map(|column| row.borrow().cell(column));
        writer.write_record(cells.iter().map(|text| neutralised(text).into_owned()))?;
    }
    writer.flush()?;
    Ok(())
}

fn neutralised(text: &str) -> Cow<'_, str> {
    if text.trim_start_matches('\'').starts_with(FORMULA_STARTS) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Takes off what [`write_csv`] put in front.
pub(super) fn without_neutraliser(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA_STARTS) => rest,
        Some(_) | None => text,
    }
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
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(neutralised(text), written, "S13/E118");
            assert_eq!(without_neutraliser(written), text, "S13/E118");
        }
        assert_eq!(without_neutraliser("=1"), "=1", "S13: written by hand, stored as data");
    }
}
