//! How tables are laid out: aligned columns, blocks where those don't fit, tabs for programs. No word and no command is broken.

use anstyle::{AnsiColor, Reset};
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, Color, ColumnConstraint, ContentArrangement, Table, Width};

/// The longest text in a cell on a terminal; a pipe gets all of it.
const CELL_LENGTH_MAX: usize = 200;
const COLUMN_GAP: u16 = 2;
/// Longer words are no ids; they may be broken.
const WORD_LENGTH_MAX: usize = 60;
/// So much room a text beside its name has at least.
const TEXT_WIDTH_MIN: usize = 20;

const GOOD: [&str; 3] = ["ok", "synced", "completed"];
const BAD: [&str; 12] = [
    "late",
    "overdue",
    "failed",
    "refused",
    "flagged",
    "interrupted",
    "person_needed",
    "vendor_unavailable",
    "credentials_refused",
    "tracking_overdue",
    "late_at_amazon",
    "last_run_failed",
];

/// How something went, as its word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Good,
    Bad,
}

fn tone(text: &str) -> Option<Tone> {
    let first = text.split([',', ':']).next().unwrap_or_default();
    if BAD.contains(&first) || text.ends_with(", overdue") || text.starts_with("a person is needed") {
        Some(Tone::Bad)
    } else if GOOD.contains(&first) {
        Some(Tone::Good)
    } else {
        None
    }
}

/// Colours a text by what its words say.
pub(super) fn paint(text: &str, is_coloured: bool) -> String {
    match tone(text).filter(|_| is_coloured) {
        Some(Tone::Good) => format!("{}{text}{Reset}", AnsiColor::Green.on_default()),
        Some(Tone::Bad) => format!("{}{text}{Reset}", AnsiColor::Red.on_default()),
        None => text.to_owned(),
    }
}

/// A count of none is no trouble, whatever its name.
fn is_worth_colour(row: &[String], is_coloured: bool) -> bool {
    is_coloured && !row.iter().any(|cell| cell == "0")
}

/// Writes the cells of one row for a program.
pub(super) fn tabs(row: &[String], is_coloured: bool) -> String {
    let is_coloured = is_worth_colour(row, is_coloured);
    let cells: Vec<String> = row.iter().map(|cell| paint(cell, is_coloured)).collect();
    format!("{}\n", cells.join("\t"))
}

/// Writes a table for a person: aligned, or a block a row where the terminal is too narrow for its longest words and commands.
pub(super) fn aligned(headers: &[&str], rows: &[Vec<String>], width: u16, is_coloured: bool) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| shorten(cell)).collect())
        .collect();
    let needed = needed_widths(headers, &rows);
    let gaps = usize::from(COLUMN_GAP) * needed.len().saturating_sub(1);
    if needed.iter().sum::<usize>() + gaps > usize::from(width) {
        return blocks(headers, &rows, usize::from(width), is_coloured);
    }
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .force_no_tty()
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width + COLUMN_GAP);
    if is_coloured {
        table.enforce_styling();
    }
    if !headers.is_empty() {
        table.set_header(headers.iter().map(|header| header.to_uppercase()).collect::<Vec<_>>());
    }
    for row in &rows {
        let is_coloured = is_worth_colour(row, is_coloured);
        table.add_row(row.iter().map(|cell| coloured(cell, is_coloured)).collect::<Vec<_>>());
    }
    for (column, needed) in table.column_iter_mut().zip(needed) {
        column.set_padding((0, COLUMN_GAP));
        let least = u16::try_from(needed).unwrap_or(u16::MAX).saturating_add(COLUMN_GAP);
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
    }
    let lines = table.lines();
    lines.map(|line| format!("{}\n", line.trim_end())).collect()
}

fn coloured(text: &str, is_coloured: bool) -> Cell {
    match tone(text).filter(|_| is_coloured) {
        Some(Tone::Good) => Cell::new(text).fg(Color::Green),
        Some(Tone::Bad) => Cell::new(text).fg(Color::Red),
        None => Cell::new(text),
    }
}

/// Returns how wide each column must be so that none of its words is broken.
fn needed_widths(headers: &[&str], rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).chain([headers.len()]).max().unwrap_or(0);
    let needed = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| needed_width(cell));
        let header = headers.get(column).map_or(0, |header| needed_width(header));
        cells.chain([header]).max().unwrap_or(0)
    };
    (0..columns).map(needed).collect()
}

/// A command stands on one line, so that it can be copied.
fn needed_width(text: &str) -> usize {
    if is_command(text) {
        return console::measure_text_width(text);
    }
    let words = text.split_whitespace().map(console::measure_text_width);
    words.max().unwrap_or(0).min(WORD_LENGTH_MAX)
}

fn is_command(text: &str) -> bool {
    text.starts_with("mcf ")
}

/// Writes each row as a block: a line for each cell behind its header; without headers behind the first cell.
fn blocks(headers: &[&str], rows: &[Vec<String>], width: usize, is_coloured: bool) -> String {
    if headers.is_empty() {
        let facts = rows.iter().filter_map(|row| row.split_first());
        let facts: Vec<(String, String)> = facts.map(|(name, rest)| (name.clone(), rest.join(" "))).collect();
        return block(&facts, width, is_coloured);
    }
    let named = |row: &Vec<String>| {
        let cells = headers
            .iter()
            .map(|header| header.to_uppercase())
            .zip(row.iter().cloned());
        block(&cells.collect::<Vec<_>>(), width, is_worth_colour(row, is_coloured))
    };
    rows.iter().map(named).collect::<Vec<_>>().join("\n")
}

fn block(facts: &[(String, String)], width: usize, is_coloured: bool) -> String {
    let names = facts.iter().map(|(name, _)| console::measure_text_width(name));
    let indent = names.max().unwrap_or(0) + usize::from(COLUMN_GAP);
    let room = width.saturating_sub(indent).max(TEXT_WIDTH_MIN);
    let mut text = String::new();
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        for (number, line) in wrapped(value, room).iter().enumerate() {
            let name = if number == 0 { name } else { "" };
            let line = if number == 0 {
                paint(line, is_coloured)
            } else {
                line.clone()
            };
            text.push_str(
                format!(
                    "{}{line}",
                    console::pad_str(name, indent, console::Alignment::Left, None)
                )
                .trim_end(),
            );
            text.push('\n');
        }
    }
    text
}

/// Breaks a text between its words; a command stays whole, and so does a word that is longer than the line.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    if is_command(text) {
        return vec![text.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if console::measure_text_width(line) + 1 + console::measure_text_width(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Cuts a text that is too long for a cell.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(CELL_LENGTH_MAX) {
        Some((end, _)) if !is_command(text) => format!("{}…", &text[..end]),
        Some(_) | None => text.to_owned(),
    }
}
