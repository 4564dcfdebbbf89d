//! Text for people and pipes: aligned tables or tabs, relative or RFC 3339 times, nothing that a terminal could obey.

use chrono::{DateTime, Local, TimeDelta, Utc};
use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};

use crate::domain::event::instant;

/// The longest text in a cell on a terminal; a pipe gets all of it.
const CELL_LENGTH_MAX: usize = 200;
const COLUMN_GAP: u16 = 2;

/// Who reads the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A person: aligned columns with headers, relative times, at most `width` columns wide.
    Terminal {
        /// Columns.
        width: u16,
    },
    /// A program: tabs without headers, RFC 3339.
    Pipe,
}

/// How a report is turned into text.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Who reads it.
    pub layout: Layout,
    /// The instant that relative times refer to.
    pub now: DateTime<Utc>,
    /// Writes an instant in the reader's zone, for terminals.
    pub local: fn(DateTime<Utc>) -> String,
}

impl View {
    /// Returns the view of a person at a terminal.
    #[must_use]
    pub fn terminal(width: u16, now: DateTime<Utc>) -> Self {
        Self {
            layout: Layout::Terminal { width },
            now,
            local: local_time,
        }
    }

    /// Returns the view of a pipe.
    #[must_use]
    pub fn pipe(now: DateTime<Utc>) -> Self {
        Self {
            layout: Layout::Pipe,
            now,
            local: local_time,
        }
    }

    /// Writes an instant: `2 hours ago` for people, RFC 3339 for programs; nothing known is `-` or empty.
    #[must_use]
    pub fn time(&self, at: Option<DateTime<Utc>>) -> String {
        match (self.layout, at) {
            (Layout::Terminal { .. }, Some(at)) => relative(at, self.now),
            (Layout::Terminal { .. }, None) => "-".to_owned(),
            (Layout::Pipe, at) => at.map(instant).unwrap_or_default(),
        }
    }

    /// Writes an instant as date and time: in the reader's zone for people, RFC 3339 for programs.
    #[must_use]
    pub fn date(&self, at: DateTime<Utc>) -> String {
        match self.layout {
            Layout::Terminal { .. } => (self.local)(at),
            Layout::Pipe => instant(at),
        }
    }

    /// Writes a table. Cells are cleaned; a pipe gets one line of tab-separated values per row and no header.
    #[must_use]
    pub fn table(&self, headers: &[&str], rows: &[Vec<String>]) -> String {
        match self.layout {
            Layout::Terminal { width } => aligned(headers, rows, width),
            Layout::Pipe => rows.iter().map(|row| tabs(row)).collect(),
        }
    }

    /// Writes a duration: short for people, seconds for programs; nothing measured is `-` or empty.
    #[must_use]
    pub fn seconds(&self, seconds: Option<i64>) -> String {
        match (self.layout, seconds) {
            (Layout::Terminal { .. }, Some(seconds)) => short(seconds),
            (Layout::Terminal { .. }, None) => "-".to_owned(),
            (Layout::Pipe, seconds) => seconds.map(|seconds| seconds.to_string()).unwrap_or_default(),
        }
    }

    /// Writes a share: in percent for people, from 0 to 1 for programs; nothing decided is `-` or empty.
    #[must_use]
    pub fn share(&self, share: Option<f64>) -> String {
        match (self.layout, share) {
            (Layout::Terminal { .. }, share) => percent(share),
            (Layout::Pipe, share) => share.map(|share| share.to_string()).unwrap_or_default(),
        }
    }

    /// Writes a part of a report: a title over a table for people; for programs each row begins with the title.
    /// A part without rows is left out.
    #[must_use]
    pub fn section(&self, title: &str, headers: &[&str], rows: &[Vec<String>]) -> String {
        if rows.is_empty() {
            return String::new();
        }
        match self.layout {
            Layout::Terminal { .. } => format!("{title}\n{}", self.table(headers, rows)),
            Layout::Pipe => rows
                .iter()
                .map(|row| format!("{}\t{}", title.to_lowercase(), tabs(row)))
                .collect(),
        }
    }

    /// Joins the parts of a report, with an empty line between them for people.
    #[must_use]
    pub fn join(&self, sections: &[String]) -> String {
        let sections = sections.iter().filter(|section| !section.is_empty());
        let sections: Vec<&str> = sections.map(String::as_str).collect();
        match self.layout {
            Layout::Terminal { .. } => sections.join("\n"),
            Layout::Pipe => sections.concat(),
        }
    }
}

/// Writes a share in percent; `-` when there is none.
#[must_use]
pub fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// Writes a duration in its two largest units, e.g. `1 h 07 min`, or in one where nothing is left.
#[must_use]
pub fn short(seconds: i64) -> String {
    let (size, unit, rest_size, rest_unit) = match seconds {
        ..60 => return format!("{seconds} s"),
        60..3_600 => (60, "min", 1, "s"),
        3_600..172_800 => (3_600, "h", 60, "min"),
        172_800.. => (86_400, "d", 3_600, "h"),
    };
    match seconds % size / rest_size {
        0 => format!("{} {unit}", seconds / size),
        rest => format!("{} {unit} {rest:02} {rest_unit}", seconds / size),
    }
}

fn tabs(row: &[String]) -> String {
    let cells: Vec<String> = row.iter().map(|cell| clean(cell)).collect();
    format!("{}\n", cells.join("\t"))
}

fn aligned(headers: &[&str], rows: &[Vec<String>], width: u16) -> String {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .force_no_tty()
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    if !headers.is_empty() {
        table.set_header(headers.iter().map(|header| header.to_uppercase()).collect::<Vec<_>>());
    }
    for row in rows {
        table.add_row(row.iter().map(|cell| shorten(&clean(cell))).collect::<Vec<_>>());
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, COLUMN_GAP));
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Takes out of a text what a terminal could obey: control characters become `\u{fffd}`, line breaks and tabs become spaces.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
            letter if is_unsafe(letter) => char::REPLACEMENT_CHARACTER,
            letter => letter,
        })
        .collect()
}

/// Tells whether a terminal could obey a character or use it to show text in another order than it is in.
#[must_use]
pub fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Cuts a text that is too long for a cell.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(CELL_LENGTH_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Writes how long ago or how far ahead an instant is, in its largest whole unit.
#[must_use]
pub fn relative(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let distance = duration((now - at).abs());
    if (now - at).num_seconds().abs() < 5 {
        "now".to_owned()
    } else if at <= now {
        format!("{distance} ago")
    } else {
        format!("in {distance}")
    }
}

/// Writes a duration in its largest whole unit, e.g. `2 hours`.
#[must_use]
pub fn duration(length: TimeDelta) -> String {
    let seconds = length.num_seconds();
    let (count, unit) = match seconds {
        ..60 => (seconds, "second"),
        60..3_600 => (length.num_minutes(), "minute"),
        3_600..172_800 => (length.num_hours(), "hour"),
        172_800.. => (length.num_days(), "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

fn local_time(at: DateTime<Utc>) -> String {
    at.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_574_842, 0).expect("a valid instant")
    }

    fn rows() -> Vec<Vec<String>> {
        vec![
            vec!["1".into(), "flagged".into()],
            vec!["5769".into(), "two\twords\n".into()],
        ]
    }

    #[test]
    fn a_terminal_gets_aligned_columns_and_a_pipe_gets_tabs() {
        let terminal = View::terminal(80, now()).table(&["order", "state"], &rows());
        assert_eq!(terminal, "ORDER  STATE\n1      flagged\n5769   two words\n");
        let pipe = View::pipe(now()).table(&["order", "state"], &rows());
        assert_eq!(pipe, "1\tflagged\n5769\ttwo words \n");
    }

    #[test]
    fn a_narrow_terminal_wraps_and_loses_nothing() {
        let long = vec![vec!["576900000000000101".into(), "the postal code is missing".into()]];
        let text = View::terminal(20, now()).table(&["order", "why"], &long);
        let letters: String = text.split_whitespace().collect();
        assert!(letters.contains("missing"), "A13: {text}");
    }

    #[test]
    fn escapes_and_reversed_text_never_reach_a_terminal() {
        for hostile in [
            "\u{1b}]0;pwn\u{7}",
            "\u{1b}[2J",
            "\u{9b}2J",
            "\u{202e}txt",
            "a\u{200b}b",
        ] {
            assert!(!clean(hostile).chars().any(is_unsafe), "D20");
            let shown = View::terminal(80, now()).table(&["name"], &[vec![hostile.to_owned()]]);
            assert!(!shown.replace('\n', "").chars().any(is_unsafe), "D20");
        }
        assert_eq!(clean("Ñandú 東京 👍"), "Ñandú 東京 👍");
    }

    #[test]
    fn times_are_relative_for_people_and_exact_for_programs() {
        let at = now() - TimeDelta::minutes(125);
        assert_eq!(View::terminal(80, now()).time(Some(at)), "2 hours ago");
        assert_eq!(View::pipe(now()).time(Some(at)), "2026-01-04T22:55:42Z");
        assert_eq!(relative(now() + TimeDelta::seconds(60), now()), "in 1 minute");
        assert_eq!(relative(now(), now()), "now");
        assert_eq!(View::terminal(80, now()).time(None), "-");
        assert_eq!(View::pipe(now()).time(None), "");
    }

    #[test]
    fn durations_and_shares_are_short_for_people_and_plain_numbers_for_programs() {
        let shown = [45, 61, 1_800, 4_020, 200_000].map(short);
        assert_eq!(shown, ["45 s", "1 min 01 s", "30 min", "1 h 07 min", "2 d 07 h"]);
        assert_eq!(View::pipe(now()).seconds(Some(4_020)), "4020");
        assert_eq!(View::pipe(now()).share(Some(0.5)), "0.5");
        assert_eq!(View::terminal(80, now()).share(Some(0.5)), "50.0 %");
        assert_eq!(
            View::terminal(80, now()).seconds(None) + &View::terminal(80, now()).share(None),
            "--"
        );
    }

    #[test]
    fn a_megabyte_in_a_cell_is_cut_for_people_only() {
        let huge = "x".repeat(1_000_000);
        let cell = vec![vec![huge.clone()]];
        assert!(View::terminal(80, now()).table(&["name"], &cell).len() < 1_000, "H2");
        assert_eq!(View::pipe(now()).table(&["name"], &cell).trim_end(), huge, "H2");
    }
}
