//! Read models and their renderings: JSON for programs, text for people and pipes, Prometheus for monitoring, HTML for a browser.
//!
//! Every report is a serialisable struct that is read from the store once and then rendered as often as wanted.
//! Reports change nothing, call nobody and print nothing; they never hold a secret, and the buyer's address only in the report of
//! one order for which it was asked. Reading one may fail because the database refuses. Text that came from outside
//! is cleaned of control characters before it can reach a terminal.

pub mod attention;
pub mod audit;
pub mod board;
pub mod causes;
pub mod commands;
pub mod deadlines;
pub mod details;
pub mod dispatch;
pub mod due;
pub mod export;
pub mod health;
pub mod history;
pub mod html;
pub mod journal;
mod layout;
pub mod mapped;
pub mod metrics;
pub mod missing;
pub mod order;
pub mod prometheus;
pub mod run;
pub mod search;
pub mod shortages;
pub mod status;
pub mod stock;
pub mod stock_levels;
pub mod text;
mod waiting;

#[cfg(test)]
mod tests_support;

use std::io::{self, Write};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::deadline::zone;

/// The version of the JSON documents.
pub const SCHEMA: u32 = 1;

/// How often each command should run, and where the shop's days begin, from the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Of `mcf poll`.
    pub poll: TimeDelta,
    /// Of `mcf sync-tracking`.
    pub sync_tracking: TimeDelta,
    /// Of `mcf sync-inventory`.
    pub sync_inventory: TimeDelta,
    /// How long buyers are kept.
    pub retention: TimeDelta,
    /// The clock by which the days of deadlines are counted.
    pub zone: Tz,
}

/// As it is where nothing is configured, in the US.
impl Default for Timing {
    fn default() -> Self {
        Self {
            poll: TimeDelta::minutes(5),
            sync_tracking: TimeDelta::minutes(30),
            sync_inventory: TimeDelta::minutes(60),
            retention: TimeDelta::days(25),
            zone: zone(Some("US")),
        }
    }
}

impl Timing {
    /// Returns each command with its interval.
    #[must_use]
    pub fn commands(&self) -> [(&'static str, TimeDelta); 3] {
        [
            ("poll", self.poll),
            ("sync-tracking", self.sync_tracking),
            ("sync-inventory", self.sync_inventory),
        ]
    }
}

/// Renders a report as one JSON document. Characters that a terminal could obey are escaped, so that nothing is lost.
///
/// # Errors
/// When the value has no JSON form.
pub fn json<T: Serialize>(report: &T) -> serde_json::Result<String> {
    Ok(escaped(&serde_json::to_string_pretty(report)?) + "\n")
}

/// Renders a part of a report as JSON on one line, without its end.
///
/// # Errors
/// When the value has no JSON form.
pub fn json_line<T: Serialize>(part: &T) -> serde_json::Result<String> {
    Ok(escaped(&serde_json::to_string(part)?))
}

/// One JSON document with a list, written part by part in constant memory.
pub struct JsonList<'a> {
    output: &'a mut dyn Write,
    name: &'static str,
    parts: u64,
}

impl<'a> JsonList<'a> {
    /// Begins a document with a list of this name.
    pub fn of(name: &'static str, output: &'a mut dyn Write) -> Self {
        Self { output, name, parts: 0 }
    }

    /// Writes the next part.
    ///
    /// # Errors
    /// When the output takes no more, or the part has no JSON form.
    pub fn add<T: Serialize>(&mut self, part: &T) -> io::Result<()> {
        self.go_on()?;
        self.parts += 1;
        write!(self.output, "\n{}", json_line(part)?)
    }

    /// Ends the document. Returns how many parts it has.
    ///
    /// # Errors
    /// When the output takes no more.
    pub fn end(mut self) -> io::Result<u64> {
        if self.parts == 0 {
            self.go_on()?;
        }
        writeln!(self.output, "\n]}}").map(|()| self.parts)
    }

    fn go_on(&mut self) -> io::Result<()> {
        match self.parts {
            0 => write!(self.output, "{{\"schema\": {SCHEMA}, \"{}\": [", self.name),
            _ => write!(self.output, ","),
        }
    }
}

fn escaped(plain: &str) -> String {
    let mut safe = String::with_capacity(plain.len() + 1);
    for letter in plain.chars() {
        if letter != '\n' && text::is_unsafe(letter) {
            safe.push_str(&format!("\\u{:04x}", u32::from(letter)));
        } else {
            safe.push(letter);
        }
    }
    safe
}

/// Returns whole seconds from one instant to another, never less than 0.
fn seconds_between(from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    (to - from).num_seconds().max(0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn json_escapes_what_a_terminal_could_obey_and_loses_nothing() {
        let hostile = "\u{1b}]0;pwn\u{7}\u{9b}2J\u{202e}\u{7f}";
        let written = super::json(&[hostile]).expect("JSON");
        assert!(
            written
                .chars()
                .all(|letter| letter == '\n' || !super::text::is_unsafe(letter)),
            "D20"
        );
        let read: Vec<String> = serde_json::from_str(&written).expect("JSON");
        assert_eq!(read, [hostile]);
    }
}
