//! What the pages say of the program is true: each number of a situation that sources and tests name stands in `docs/situations.md`,
//! each detail of a flag in `docs/flags.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::domain::flag::{Detail, Reason};
use crate::domain::ids::TiktokOrderId;

const FLAGS_INTRODUCTION: &str = "# Why an order is flagged

`mcf status ID` shows each flag of an order with its reason, its detail, a sentence about this order and the next command. This is what
each detail means, whatever the order, and what to type then; where the flag names another command, the flag is right. A flag whose
cause goes away clears itself at the next `mcf poll`.

This page is made from the program's own list (`src/domain/flag/detail.rs`).

| detail | reason | what it means | what to type |
|---|---|---|---|
";

const GROUPS: &str = "ESCAHDRIM";
const CRASH_POINT: &str = "crash point ";
/// Words that look like a number of ours: a spreadsheet's cell, and Rust's and SQLite's whole numbers.
const OTHER_WORDS: [&str; 6] = ["A0", "I8", "I16", "I32", "I64", "I128"];

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn is_number(word: &str) -> bool {
    let mut letters = word.chars();
    let group = letters.next().is_some_and(|letter| GROUPS.contains(letter));
    group && matches!(word.len(), 2..=4) && letters.all(|letter| letter.is_ascii_digit())
}

/// `E62` in a comment or a string.
fn in_text(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.filter(|word| is_number(word)).map(str::to_owned).collect()
}

/// `e62` in the name of a function.
fn in_names(text: &str) -> BTreeSet<String> {
    let names = text
        .split("fn ")
        .skip(1)
        .filter_map(|rest| rest.split(['(', '<']).next());
    let words = names.flat_map(|name| name.split('_')).map(str::to_uppercase);
    words
        .filter(|word| is_number(word) && !OTHER_WORDS.contains(&word.as_str()))
        .collect()
}

fn crash_points(text: &str) -> BTreeSet<String> {
    let points = text.split(CRASH_POINT).skip(1);
    let digits = points.map(|rest| rest.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or(""));
    digits
        .filter(|digits| !digits.is_empty())
        .map(|digits| format!("{CRASH_POINT}{digits}"))
        .collect()
}

fn rows(list: &str) -> Vec<&str> {
    list.lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .collect()
}

fn missing(text: &str, known: &BTreeSet<&str>) -> Vec<String> {
    let named = in_text(text).into_iter().filter(|word| word != "A0");
    let all = named.chain(in_names(text)).chain(crash_points(text));
    all.filter(|number| !known.contains(number.as_str())).collect()
}

#[test]
fn each_number_that_sources_and_tests_name_has_a_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = std::fs::read_to_string(root.join("docs/situations.md")).expect("the list");
    let known: BTreeSet<&str> = rows(&list).into_iter().collect();
    let mut files = Vec::new();
    files_below(&root.join("src"), &mut files);
    files_below(&root.join("tests"), &mut files);
    assert!(files.len() > 100, "the sources are found");
    let mut without: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in files.into_iter().filter(|path| !path.ends_with("docs_tests.rs")) {
        let text = std::fs::read_to_string(&path).expect("a source");
        without.extend(missing(&text, &known).into_iter().map(|number| (number, path.clone())));
    }
    assert!(without.is_empty(), "no row in docs/situations.md for {without:#?}");
}

/// The part of a source that tests: a file of tests, or the last part of another.
fn tests_in<'a>(path: &Path, text: &'a str) -> &'a str {
    let is_tests = path.iter().any(|part| part.to_string_lossy().contains("tests"));
    let begins_at = if is_tests {
        Some(0)
    } else {
        text.find("#[cfg(test)]\nmod tests {")
    };
    begins_at.map_or("", |at| &text[at..])
}

/// Bad settings, command lines and texts are all cheap to show: none of their numbers is a mere demand.
#[test]
fn each_number_of_hostile_input_has_a_test_that_names_it() {
    const GROUPS: [char; 3] = ['H', 'C', 'A'];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    files_below(&root.join("src"), &mut files);
    files_below(&root.join("tests"), &mut files);
    let mut shown = BTreeSet::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a source");
        let below = path.strip_prefix(root).expect("a file of ours");
        let tests = tests_in(below, &text);
        shown.extend(in_text(tests).into_iter().chain(in_names(tests)));
    }
    let list = include_str!("../docs/situations.md");
    let numbers = rows(list).into_iter().filter(|cell| is_number(cell));
    let unshown: Vec<&str> = numbers
        .filter(|number| number.starts_with(GROUPS) && !shown.contains(*number))
        .collect();
    assert_eq!(unshown, Vec::<&str>::new(), "no test names them");
}

/// The crates that a part of Cargo.toml names.
fn crates_of(part: &str) -> BTreeSet<String> {
    let text = include_str!("../Cargo.toml");
    let manifest: toml::Table = text.parse().expect("Cargo.toml");
    let crates = manifest.get(part).and_then(toml::Value::as_table).expect("a part");
    crates.keys().cloned().collect()
}

#[test]
fn each_crate_that_is_asked_for_has_its_row_with_a_reason_and_a_licence() {
    let list = include_str!("../docs/dependencies.md");
    let all: BTreeSet<String> = ["dependencies", "dev-dependencies"]
        .into_iter()
        .flat_map(crates_of)
        .collect();
    let cells: Vec<Vec<&str>> = list
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches(['|', ' ']).split(" | ").collect())
        .collect();
    let named: BTreeSet<String> = cells.iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    assert_eq!(named, all, "docs/dependencies.md and Cargo.toml");
    for row in &cells {
        assert!(
            row.len() == 3 && row.iter().all(|cell| !cell.trim().is_empty()),
            "{row:?}"
        );
    }
}

/// E.g. `The postal code is missing.`
fn sentence(meaning: &str) -> String {
    let (first, rest) = meaning.split_at(1);
    format!("{}{rest}.", first.to_uppercase())
}

fn page_of_flags() -> String {
    let row = |detail: &Detail| {
        let (reason, command) = (detail.reason(), detail.next_command(&TiktokOrderId::new("ID")));
        format!(
            "| `{detail}` | `{reason}` | {} | `{command}` |\n",
            sentence(detail.meaning())
        )
    };
    let of = |reason: Reason| Detail::ALL.iter().filter(move |detail| detail.reason() == reason);
    let rows: String = Reason::ALL.into_iter().flat_map(of).map(row).collect();
    format!("{FLAGS_INTRODUCTION}{rows}")
}

#[test]
fn each_detail_of_a_flag_has_its_row_with_its_meaning_and_its_command() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/flags.md");
    let page = page_of_flags();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("written");
    }
    let written = std::fs::read_to_string(&path).expect("the page");
    assert!(
        written == page,
        "UPDATE_DOCS=1 cargo test --lib docs writes docs/flags.md anew"
    );
}

#[test]
fn no_number_has_two_rows() {
    let list = include_str!("../docs/situations.md");
    let mut seen = BTreeSet::new();
    let numbers = rows(list)
        .into_iter()
        .filter(|cell| is_number(cell) || cell.starts_with(CRASH_POINT));
    let twice: Vec<&str> = numbers.filter(|cell| !seen.insert(*cell)).collect();
    assert_eq!(twice, Vec::<&str>::new());
}

#[test]
fn a_number_without_a_row_is_seen_wherever_it_is_named() {
    let known = BTreeSet::from(["E62"]);
    for (text, number) in [
        ("// As in E62, and E998.", "E998"),
        ("assert!(true, \"R99/E62\");", "R99"),
        ("fn e999_is_named() {}", "E999"),
        ("fn it_holds_at_d98() {}", "D98"),
        ("// crash point 77", "crash point 77"),
    ] {
        assert_eq!(missing(text, &known), [number], "{text}");
    }
    for text in ["// E62", "fn of_i64() {}", "\"L2\"", "1E5", "A0", "E62a", "\"E1234\""] {
        assert_eq!(missing(text, &known), Vec::<String>::new(), "{text}");
    }
}
