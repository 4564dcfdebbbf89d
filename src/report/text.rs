//! Text for people and pipes: aligned tables or tabs, relative or RFC 3339 times, nothing that a terminal could obey.

use crate::domain::event::instant;
use chrono::{DateTime, Local, TimeDelta, Utc};

pub(super) use super::layout::shorten;
use super::layout::{aligned, paint, tabs};

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
    /// Writes the commands that a text names as they are to be typed, with the flags of this call.
    pub commands: fn(&str) -> String,
    /// Whether words that say how something went are coloured, too.
    pub is_coloured: bool,
}

impl View {
    /// Returns the view of a person at a terminal.
    #[must_use]
    pub fn terminal(width: u16, now: DateTime<Utc>) -> Self {
        Self {
            layout: Layout::Terminal { width },
            now,
            local: local_time,
            commands: str::to_owned,
            is_coloured: false,
        }
    }

    /// Returns the view of a pipe.
    #[must_use]
    pub fn pipe(now: DateTime<Utc>) -> Self {
        Self {
            layout: Layout::Pipe,
            now,
            local: local_time,
            commands: str::to_owned,
            is_coloured: false,
        }
    }

    /// Tells whether a person reads it at a terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self.layout, Layout::Terminal { .. })
    }

    /// Writes the line that says most of a report; a pipe gets only what stands in its rows.
    #[must_use]
    pub fn headline(&self, text: &str) -> String {
        match self.layout {
            Layout::Terminal { .. } => format!("{}\n", paint(&clean(&(self.commands)(text)), self.is_coloured)),
            Layout::Pipe => String::new(),
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

    /// Writes an instant both ways: as date and time with how long ago for people, RFC 3339 for programs; nothing known is `-` or empty.
    #[must_use]
    pub fn moment(&self, at: Option<DateTime<Utc>>) -> String {
        match (self.layout, at) {
            (Layout::Terminal { .. }, Some(at)) => format!("{} ({})", (self.local)(at), relative(at, self.now)),
            (Layout::Terminal { .. } | Layout::Pipe, at) => self.time(at),
        }
    }

    /// Writes an instant as an entry of a log begins: date and time in the reader's zone, for people and pipes alike.
    #[must_use]
    pub fn stamp(&self, at: DateTime<Utc>) -> String {
        local_time(at)
    }

    /// Writes an instant in a sentence: the hour alone where it is today's.
    #[must_use]
    pub fn clock(&self, at: DateTime<Utc>) -> String {
        let (whole, today) = (self.date(at), self.date(self.now));
        let is_today = whole.get(..10) == today.get(..10);
        let hour = whole.get(11..16).filter(|_| is_today && self.is_terminal());
        hour.map_or(whole.clone(), str::to_owned)
    }

    /// Writes a table. Cells are cleaned; a pipe gets one line of tab-separated values per row and no header, a terminal that is too
    /// narrow for whole words and commands a block per row.
    #[must_use]
    pub fn table(&self, headers: &[&str], rows: &[Vec<String>]) -> String {
        let rows = self.cells(rows);
        match self.layout {
            Layout::Terminal { width } => aligned(headers, &rows, width, self.is_coloured),
            Layout::Pipe => rows.iter().map(|row| tabs(row, self.is_coloured)).collect(),
        }
    }

    fn cells(&self, rows: &[Vec<String>]) -> Vec<Vec<String>> {
        let cell = |cell: &String| clean(&(self.commands)(cell));
        rows.iter().map(|row| row.iter().map(cell).collect()).collect()
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
            Layout::Pipe => self
                .cells(rows)
                .iter()
                .map(|row| format!("{}\t{}", title.to_lowercase(), tabs(row, self.is_coloured)))
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

/// Takes out of a text what a terminal could obey: control characters become `\u{fffd}`, line breaks and tabs become spaces.
#[must_use]
pub fn clean(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
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
    fn no_id_and_no_command_is_broken_however_narrow_the_terminal_and_nothing_is_lost_a20() {
        let (id, next) = (
            "576900000000000101",
            "mcf route 576900000000000101 --accept postal_code_state_mismatch",
        );
        let rows = vec![vec![
            id.to_owned(),
            "the postal code is missing".to_owned(),
            next.to_owned(),
        ]];
        for width in [20, 40, 60, 80, 100, 120, 200] {
            let text = View::terminal(width, now()).table(&["order", "why", "next command"], &rows);
            let lines: Vec<&str> = text.lines().collect();
            assert!(lines.iter().any(|line| line.contains(id)), "A13: {width}: {text}");
            assert!(lines.iter().any(|line| line.contains(next)), "A13: {width}: {text}");
            let words: Vec<&str> = text.split_whitespace().collect();
            assert!(
                words.contains(&"postal") && words.contains(&"missing"),
                "A13: {width}: {text}"
            );
        }
        let block = View::terminal(40, now()).table(&["order", "why", "next command"], &rows);
        assert!(
            block.starts_with("ORDER         576900000000000101\nWHY           the postal code is missing\n"),
            "{block}"
        );
    }

    #[test]
    fn two_rows_of_a_narrow_terminal_are_two_blocks_and_facts_stand_under_their_names() {
        let rows = vec![
            vec!["576900000000000101".into(), "one".into()],
            vec!["576900000000000102".into(), String::new()],
        ];
        let text = View::terminal(20, now()).table(&["order", "why"], &rows);
        assert_eq!(
            text,
            "ORDER  576900000000000101\nWHY    one\n\nORDER  576900000000000102\n"
        );
        let facts = vec![
            vec!["order".into(), "576900000000000101".into()],
            vec!["state".into(), "held by the operator".into()],
        ];
        let text = View::terminal(20, now()).table(&[], &facts);
        assert_eq!(text, "order  576900000000000101\nstate  held by the operator\n");
    }

    #[test]
    fn colour_only_repeats_what_a_word_says() {
        let rows = vec![
            vec!["poll".into(), "ok".into()],
            vec!["late".into(), "0".into()],
            vec!["late".into(), "2".into()],
        ];
        for plain in [View::terminal(80, now()), View::pipe(now())] {
            let coloured = View {
                is_coloured: true,
                ..plain
            };
            let (shown, said) = (coloured.table(&["a", "b"], &rows), plain.table(&["a", "b"], &rows));
            assert_eq!(
                anstream::adapter::strip_str(&shown).to_string().replace(' ', ""),
                said.replace(' ', "")
            );
            let lines: Vec<bool> = shown.lines().map(|line| line.contains('\u{1b}')).collect();
            assert_eq!(lines[lines.len() - 3..], [true, false, true], "{shown:?}");
        }
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
