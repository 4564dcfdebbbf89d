use std::cell::Cell;
use std::convert::Infallible;

use proptest::prelude::*;

use super::super::examples::{bundled, product, row, seller, sku};
use super::super::{Column, MappingSet, write_csv};
use super::*;

fn read_named(source: impl Read, name: Option<&str>) -> (Vec<MappingRow>, Vec<String>) {
    let (mut rows, mut rejections) = (Vec::new(), Vec::new());
    let outcome: Result<_, Infallible> = read(source, name, |found| {
        match found {
            Ok(row) => rows.push(row),
            Err(rejection) => rejections.push(rejection.to_string()),
        }
        Ok(())
    });
    let Ok(_) = outcome;
    (rows, rejections)
}

fn read_text(text: impl AsRef<[u8]>) -> (Vec<MappingRow>, Vec<String>) {
    read_named(text.as_ref(), None)
}

fn accepted(text: impl AsRef<[u8]>) -> Vec<MappingRow> {
    let (rows, rejections) = read_text(text);
    assert_eq!(rejections, Vec::<String>::new());
    rows
}

fn refused(text: impl AsRef<[u8]>) -> String {
    let (_, rejections) = read_text(text);
    assert_eq!(rejections.len(), 1, "{rejections:?}");
    rejections.into_iter().next().unwrap_or_default()
}

fn lines(rows: &[MappingRow]) -> Vec<u64> {
    rows.iter().map(|row| row.line).collect()
}

const HEADER: &str = "tiktok_sku_id,amazon_sku,bundle\n";

#[test]
fn a_file_without_rows_is_refused_and_never_removes_all_mappings() {
    assert_eq!(refused(""), "line 1: 0 rows: the file is empty", "S1");
    assert_eq!(refused("\u{feff}\n\n"), "line 1: 0 rows: the file is empty", "S1");
    assert_eq!(refused(HEADER), "line 1: 0 rows: nothing below the header", "S1");
    assert_eq!(
        refused(format!("{HEADER},,\n,,\n")),
        "line 1: 0 rows: nothing below the header",
        "S1"
    );
    assert_eq!(refused("[]"), "line 1: 0 rows: the JSON holds no mapping", "S1");
    assert_eq!(refused("{}"), "line 1: 0 rows: the JSON holds no mapping", "S1");
    let (_, rejections) = read_named(&b""[..], Some("mappings.json"));
    assert!(rejections[0].contains("0 rows"), "S1: {rejections:?}");
}

#[test]
fn byte_order_mark_and_every_end_of_line_are_accepted() {
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("\u{feff}tiktok_sku_id,amazon_sku{end}1,A{end}{end}2,B");
        assert_eq!(lines(&accepted(text)), [2, 4], "S2: {end:?}");
    }
    assert_eq!(accepted("\u{feff}{\"1\": \"A\"}").len(), 1, "S2");
}

#[test]
fn another_encoding_is_refused_by_name() {
    let wide = |mark: &[u8], to_bytes: fn(u16) -> [u8; 2]| {
        let text = "tiktok_sku_id,amazon_sku\n1,A\n";
        [mark, &text.encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>()].concat()
    };
    for bytes in [
        wide(b"\xff\xfe", u16::to_le_bytes),
        wide(b"\xfe\xff", u16::to_be_bytes),
        wide(b"", u16::to_le_bytes),
        wide(b"", u16::to_be_bytes),
    ] {
        assert_eq!(refused(bytes), "line 1: the file is UTF-16; save it as UTF-8", "S3");
    }
    let (rows, rejections) = read_text(include_bytes!("../../../../fixtures/mappings/latin-1.csv"));
    assert_eq!(
        rejections,
        ["line 3: the file is Latin-1 or Windows-1252 here, not UTF-8; save it as UTF-8"],
        "S3"
    );
    assert_eq!(lines(&rows), [2, 4]);
    let (rows, rejections) = read_text(b"tiktok_sku_id,amazon_sku\n1,caf\xe9\n");
    assert_eq!(
        rejections,
        ["line 2: the file is Latin-1 or Windows-1252 here, not UTF-8; save it as UTF-8"],
        "S3: a row in another encoding is a row"
    );
    assert!(rows.is_empty());
}

#[test]
fn semicolons_and_tabs_are_detected_by_the_header() {
    for delimiter in [",", ";", "\t"] {
        let text = HEADER.replace(',', delimiter) + &["1", "A", "x"].join(delimiter);
        assert_eq!(accepted(text), [bundled(sku("1"), "A", "x")], "S4: {delimiter:?}");
    }
}

#[test]
fn columns_are_read_by_name_and_a_bad_header_ends_the_reading() {
    assert_eq!(accepted("amazon_sku,tiktok_sku_id\nA,1\n"), [row(sku("1"), "A")], "S5");
    assert_eq!(
        refused("\ntiktok_sku_id,amazon_sku,tiktok_sku_id\n1,A,1\n"),
        "line 2: the column tiktok_sku_id stands twice",
        "S5"
    );
    assert!(
        refused("tiktok_sku_id,quantity\n1,1\n").contains("the column amazon_sku is missing"),
        "S5"
    );
    assert!(refused("<!DOCTYPE html><html>").contains("a web page"));
}

#[test]
fn an_unclosed_quote_is_refused_on_the_line_where_it_opens() {
    let text = format!("{HEADER}1,A,x\n2,\"B,x\n3,C,x\n");
    assert_eq!(
        read_text(text),
        (
            vec![bundled(sku("1"), "A", "x")],
            vec!["line 3: the quote that opens on this line is never closed".to_owned()]
        ),
        "S6/S20"
    );
    assert!(refused(format!("{HEADER}1,\"A\"B,x\n")).starts_with("line 2: text behind a closing quote"));
}

#[test]
fn quoted_line_breaks_and_commas_are_accepted_and_lines_stay_right() {
    let text = format!("{HEADER}\n1,\"A,B\",\"two\r\nlines\"\n\n\n2,\"say \"\"C\"\"\",\n3,D,x");
    let rows = accepted(text);
    assert_eq!(lines(&rows), [3, 7, 8], "S7");
    assert_eq!(rows[0].amazon_sku.as_str(), "A,B", "S7/E41");
    assert_eq!(rows[0].bundle.as_deref(), Some("two\nlines"), "S7");
    assert_eq!(rows[1].amazon_sku.as_str(), "say \"C\"", "S7");
}

#[test]
fn a_nul_byte_is_refused() {
    assert!(
        refused(format!("{HEADER}1,A\0,x\n")).starts_with("line 2: a NUL byte"),
        "S17"
    );
    assert!(
        refused("[{\"seller_sku\": \"A\\u0000\", \"amazon_sku\": \"A\"}]").contains("U+0000"),
        "S17"
    );
}

#[test]
fn rows_of_another_width_are_refused_one_by_one_and_the_others_are_read() {
    let (rows, rejections) = read_text(format!("{HEADER}1,A\n2,B,,\n3,C,\n"));
    assert_eq!(
        rejections,
        [
            "line 2: 2 fields where the header names 3",
            "line 3: 4 fields where the header names 3"
        ],
        "S19"
    );
    assert_eq!(lines(&rows), [4]);
}

/// A source that makes its bytes as it is read.
struct Generated<'a, F> {
    make: F,
    next: u64,
    end: u64,
    rest: Vec<u8>,
    handed_out: &'a Cell<usize>,
}

impl<F: Fn(u64) -> String> Read for Generated<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() && self.next < self.end {
            self.rest = (self.make)(self.next).into_bytes();
            self.next += 1;
        }
        let count = self.rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.rest[..count]);
        self.rest.drain(..count);
        self.handed_out.set(self.handed_out.get() + count);
        Ok(count)
    }
}

fn generated<F: Fn(u64) -> String>(end: u64, handed_out: &Cell<usize>, make: F) -> Generated<'_, F> {
    Generated {
        make,
        next: 0,
        end,
        rest: Vec::new(),
        handed_out,
    }
}

#[test]
fn hundreds_of_thousands_of_rows_stream_and_are_never_held() {
    let csv = |line| match line {
        0 => HEADER.to_owned(),
        line => format!("{line},SKU-{line},\n"),
    };
    let json = |line| match line {
        0 => "[\n".to_owned(),
        200_000 => "{\"tiktok_sku_id\": 200000, \"amazon_sku\": \"A\"}]".to_owned(),
        line => format!("{{\"tiktok_sku_id\": {line}, \"amazon_sku\": \"A\"}},\n"),
    };
    let makers: [&dyn Fn(u64) -> String; 2] = [&csv, &json];
    for make in makers {
        let handed_out = Cell::new(0);
        let (mut rows, mut consumed, mut ahead_max) = (0, make(0).len(), 0);
        let outcome: Result<_, Infallible> = read(generated(200_001, &handed_out, make), None, |found| {
            rows += 1;
            consumed += make(rows).len();
            assert_eq!(found.expect("a good row").line, rows + 1, "S18");
            ahead_max = ahead_max.max(handed_out.get().saturating_sub(consumed));
            Ok(())
        });
        let Ok(_) = outcome;
        assert_eq!(rows, 200_000, "S18");
        assert!(ahead_max < 64 * 1024, "S18: {ahead_max} bytes were read ahead");
    }
}

#[test]
fn an_endless_field_or_row_is_refused_long_before_it_fills_the_memory() {
    let field = |head: &'static str| move |line| if line == 0 { head.to_owned() } else { "x".repeat(1024) };
    for (head, message) in [
        ("tiktok_sku_id,amazon_sku\n1,A\n2,\"", "line 3: a field is longer"),
        ("tiktok_sku_id,amazon_sku\n1,A\n2,", "line 3: a field is longer"),
        ("[{\"amazon_sku\": \"", "line 1: a field is longer"),
    ] {
        let handed_out = Cell::new(0);
        let (_, rejections) = read_named(generated(100_000, &handed_out, field(head)), None);
        assert_eq!(rejections.len(), 1);
        assert!(rejections[0].starts_with(message), "S18: {rejections:?}");
        assert!(
            handed_out.get() < 256 * 1024,
            "S18: {} bytes were read",
            handed_out.get()
        );
    }
    let handed_out = Cell::new(0);
    let commas = |line| if line == 0 { HEADER.to_owned() } else { ",".repeat(1024) };
    let (_, rejections) = read_named(generated(100_000, &handed_out, commas), None);
    assert!(rejections[0].contains("far too many fields"), "S18: {rejections:?}");
    assert!(handed_out.get() < 4 * 1024 * 1024);
}

#[test]
fn a_source_that_fails_in_the_middle_is_a_refusal_after_the_good_rows() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the connection broke"))
        }
    }
    let beginning = format!("{HEADER}1,A,\n{}", "2,B,\n".repeat(2000));
    let (rows, rejections) = read_named(beginning.as_bytes().chain(Broken), None);
    assert_eq!(rows.len(), 2001);
    assert!(rejections[0].contains("the connection broke"), "S20: {rejections:?}");
}

#[test]
fn json_takes_an_array_of_rows_or_a_plain_object() {
    let rows = accepted(include_bytes!("../../../../fixtures/mappings/rows.json"));
    assert_eq!(rows[0].key, sku("1729384756102938475"), "a number is read exactly");
    assert_eq!((rows[0].quantity, rows[1].enabled), (3, false));
    assert_eq!(lines(&rows), [2, 3, 10]);
    let plain = accepted(include_bytes!("../../../../fixtures/mappings/plain.json"));
    assert!(plain[0].same_contents(&row(product("7123456789012"), "POKEMON-BOOSTER-BOX")));
    assert_eq!(lines(&plain), [2, 3, 4]);
}

#[test]
fn json_fields_are_as_strict_as_columns() {
    let one = |fields: &str| refused(format!("[{{\"seller_sku\": \"A\", \"amazon_sku\": \"A\", {fields}}}]"));
    assert!(
        one("\"quantity\": 1.5").contains("quantity is neither a text nor a whole number"),
        "S11"
    );
    assert!(one("\"quantity\": 0").contains("1 to 250"), "S11");
    assert!(one("\"quantity\": -1").contains("1 to 250"), "S11");
    assert!(one("\"tiktok_sku_id\": 1729384756102938475123").contains("tiktok_sku_id is neither"));
    assert!(one("\"seller_sku\": \"B\"").contains("stands twice"), "S5");
    assert!(one("\"enabeld\": true").contains("did you mean enabled?"), "S5");
    assert!(one("\"bundle\": [1]").contains("not the expected JSON"));
}

#[test]
fn json_that_is_cut_off_is_refused_after_its_good_rows() {
    let (rows, rejections) = read_text("[{\"seller_sku\": \"A\", \"amazon_sku\": \"A\"},\n{\"seller");
    assert_eq!(
        rows,
        [MappingRow {
            line: 1,
            ..row(seller("A"), "A")
        }]
    );
    assert!(
        rejections[0].starts_with("line 2: not the expected JSON"),
        "S20: {rejections:?}"
    );
}

#[test]
fn reading_ends_where_the_receiver_fails() {
    for text in [
        format!("{HEADER}1,A,\n2,B,\n"),
        "{\"1\": \"A\", \"2\": \"B\"}".to_owned(),
    ] {
        let mut calls = 0;
        let outcome = read(text.as_bytes(), None, |_| {
            calls += 1;
            Err("the disk is full")
        });
        assert_eq!((outcome, calls), (Err("the disk is full"), 1));
    }
}

#[test]
fn the_example_file_is_imported_without_a_word() {
    let rows = accepted(include_bytes!("../../../../mappings.example.csv"));
    let set = MappingSet::from_rows(rows).expect("rows that agree");
    assert_eq!(set.rows().count(), 7);
    assert_eq!(set.warnings(), []);
}

fn text(allowed: &'static str) -> impl Strategy<Value = String> {
    proptest::string::string_regex(allowed).expect("a valid pattern")
}

prop_compose! {
    fn any_row()(
        keys in (text("[0-9]{1,19}"), text("[ -~äА'=+@\"]{0,20}[!-~]"), text("[0-9]{1,19}")),
        filled in 1_u8..8,
        amazon_sku in text("['=+@-]{0,3}[!-~é][ -~é,;\"]{0,40}[!-~]"),
        quantity in 1_u32..=250,
        bundle in proptest::option::of(text("[!-~][ -~\n\t,;\"']{0,20}[!-~]")),
        speed in proptest::option::of(text("Standard|Expedited|Priority")),
        safety_stock in proptest::option::of(0_u32..=1_000_000),
        enabled: bool,
    ) -> Option<MappingRow> {
        let chosen = [sku(&keys.0), seller(&keys.1), product(&keys.2)];
        let mut keys = chosen.into_iter().enumerate().filter(|(bit, _)| filled >> bit & 1 == 1).map(|(_, key)| key);
        let key = keys.next()?;
        if key.as_str().starts_with(' ') {
            return None;
        }
        let also: Vec<_> = keys.filter(|key| !key.as_str().starts_with(' ')).collect();
        Some(MappingRow {
            also,
            quantity,
            bundle,
            shipping_speed: speed.map(|word| crate::domain::fulfillment::ShippingSpeed::read(&word)),
            safety_stock,
            enabled,
            ..row(key, &amazon_sku)
        })
    }
}

proptest! {
    #[test]
    fn an_exported_file_is_imported_as_it_was(rows in proptest::collection::vec(any_row(), 1..20)) {
        let rows: Vec<MappingRow> = rows.into_iter().flatten().collect();
        prop_assume!(!rows.is_empty());
        let mut file = Vec::new();
        write_csv(&rows, &mut file).expect("written");
        let read_back = accepted(&file);
        prop_assert_eq!(rows.len(), read_back.len());
        for (row, same) in rows.iter().zip(&read_back) {
            prop_assert!(row.same_contents(same), "{row:?} came back as {same:?}");
        }
    }

    #[test]
    fn damaged_files_never_panic(cut in 0_usize..400, byte: u8, place in 0_usize..400) {
        let mut bytes = include_bytes!("../../../../mappings.example.csv").to_vec();
        let place = place % bytes.len();
        bytes[place] = byte;
        bytes.truncate(bytes.len() - cut % bytes.len());
        let (rows, rejections) = read_text(&bytes);
        prop_assert!(!rows.is_empty() || !rejections.is_empty());
    }
}

#[test]
fn formulas_leave_as_text_and_come_back_as_they_were() {
    let rows = [row(sku("1"), "=cmd|' /C calc'!A0")];
    let mut file = Vec::new();
    write_csv(&rows, &mut file).expect("written");
    let text = String::from_utf8(file).expect("UTF-8");
    assert!(text.contains(",'=cmd|"), "S13/E118: {text}");
    assert_eq!(accepted(&text), rows, "S13");
    assert!(text.starts_with(&Column::ALL.map(Column::name).join(",")));
}

#[test]
fn rows_of_blanks_and_columns_without_a_name_are_passed_over_and_lines_stay_right() {
    let text = format!(",,\n \t,,\n{HEADER}1,A,\n , ,\t\n,,,,,\n   \n\"\",\"\"\n\u{a0},,\n2,B,\n,,\n,,,\n");
    let rows = accepted(&text);
    assert_eq!(lines(&rows), [4, 10], "S21");
    assert_eq!(
        refused(format!("{HEADER} ,\t,\n,,,,\n")),
        "line 1: 0 rows: nothing below the header",
        "S21"
    );
    let rows = accepted("seller_sku,amazon_sku,,,\nMINE,A,,,\nYOURS,B, ,\t,\n");
    assert_eq!(lines(&rows), [2, 3], "S22");
    let (rows, rejections) = read_text(",seller_sku,amazon_sku\n0,MINE,A\n,YOURS,B\n1,THEIRS,C\n");
    let unnamed = "column 1 has no name in the header but is filled here; name it or remove it";
    assert_eq!(
        rejections,
        [format!("line 2: {unnamed}"), format!("line 4: {unnamed}")],
        "S22"
    );
    assert_eq!(lines(&rows), [3], "S22");
}

#[test]
fn the_apostrophe_of_a_spreadsheet_is_no_part_of_an_id_or_a_sku() {
    let rows = accepted(format!("{HEADER}'1729592969712207013,'=A1,\n'2,'007,\n3,'tis,\n"));
    assert_eq!(rows[0].key, sku("1729592969712207013"), "S23");
    let skus: Vec<&str> = rows.iter().map(|row| row.amazon_sku.as_str()).collect();
    assert_eq!(skus, ["=A1", "007", "'tis"], "S23");
    let own = [row(sku("1"), "'7"), row(sku("2"), "''=1"), row(sku("3"), "'tis")];
    let mut file = Vec::new();
    write_csv(&own, &mut file).expect("written");
    let again = accepted(&file);
    assert!(own.iter().zip(&again).all(|(row, same)| row.same_contents(same)), "S23");
}

#[test]
fn an_apostrophe_that_is_taken_off_is_told_once_with_its_lines_s23() {
    let told = |text: String| {
        let outcome: Result<_, Infallible> = read(text.as_bytes(), None, |_| Ok(()));
        let Ok(warning) = outcome;
        warning.map(|warning| warning.to_string())
    };
    let off = "the spreadsheet's apostrophe before an id, a SKU or a number was taken off";
    assert_eq!(
        told(format!("{HEADER}1,'tis,\n2,B,\n")),
        None,
        "S23: nothing was taken off"
    );
    assert_eq!(
        told(format!("{HEADER}1,A,\n'2,'=B,\n\n3,'007,\n")),
        Some(format!("lines 3, 5: {off}")),
        "S23"
    );
    let many: String = (1..=5000).map(|id| format!("'{id},A{id},\n")).collect();
    assert_eq!(
        told(format!("{HEADER}{many}")),
        Some(format!("lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 4990 more: {off}")),
        "S23"
    );
}

#[test]
fn a_first_line_that_names_the_separator_is_taken_at_its_word() {
    for (line, delimiter) in [("sep=;", ";"), ("SEP=,", ","), ("\"sep=\t\"", "\t"), ("sep=|", "|")] {
        let rows = [HEADER.trim(), "1,A,x", "2,\"B\",y"]
            .map(|row| row.replace(',', delimiter))
            .join("\r\n");
        let rows = accepted(format!("\u{feff}{line}\r\n{rows}\r\n"));
        assert_eq!(lines(&rows), [3, 4], "S24: {line}");
        assert_eq!(rows[1].amazon_sku.as_str(), "B", "S24: {line}");
    }
}

#[test]
fn a_spreadsheet_that_was_not_saved_as_text_is_refused_by_name() {
    for start in [
        &b"PK\x03\x04\x14\0\x06\0[Content_Types].xml"[..],
        b"PK\x05\x06\0\0",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ] {
        let message = "line 1: this is a spreadsheet file: save it as CSV (UTF-8) and import that";
        assert_eq!(refused(start), message, "S26");
    }
}

#[test]
fn an_id_in_a_spreadsheets_way_of_writing_numbers_is_refused_with_what_to_do() {
    for (header, id) in [
        (HEADER.to_owned(), "1.72959E+18"),
        (HEADER.replace(',', ";"), "1,72959E+18"),
    ] {
        let delimiter = if header.contains(';') { ";" } else { "," };
        let message = refused(format!("{header}{}\n", [id, "A", ""].join(delimiter)));
        assert!(message.contains("Format the column as text"), "S25: {message}");
    }
}

#[test]
fn a_line_break_inside_an_id_or_a_sku_is_refused_on_its_line() {
    for (text, column) in [
        ("\"1\n2\",A,\n", "tiktok_sku_id"),
        ("1,\"A\nB\",\n", "amazon_sku"),
        ("1,\"A\n\",\n", "amazon_sku"),
    ] {
        let message = refused(format!("{HEADER}9,C,\n{text}"));
        assert!(
            message.starts_with("line 3: ") && message.contains(column),
            "S28: {message}"
        );
    }
    let message = refused("seller_sku,amazon_sku\n\"A\nB\",C\n");
    assert!(
        message.starts_with("line 2: seller_sku contains a line break"),
        "S28: {message}"
    );
}

#[test]
fn one_json_object_a_line_is_named_as_such() {
    let rows = "{\"seller_sku\": \"A\", \"amazon_sku\": \"A\"}\n{\"seller_sku\": \"B\", \"amazon_sku\": \"B\"}\n";
    let (_, rejections) = read_text(rows);
    assert!(
        rejections.iter().any(|told| told.contains("one object a line")),
        "S27: {rejections:?}"
    );
}
