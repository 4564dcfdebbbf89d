//! How a page speaks to who reads it: instants in both forms, commands as they are to be typed, nothing that could be obeyed.

use chrono::{DateTime, Local, Utc};
use maud::{Markup, html};

use super::super::text::{clean, relative, shorten};
use crate::domain::event::instant;

/// Who reads a page, and when.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// The instant that relative times refer to.
    pub now: DateTime<Utc>,
    /// Writes an instant in the reader's zone.
    pub local: fn(DateTime<Utc>) -> String,
    /// Names the reader's zone at an instant.
    pub zone: fn(DateTime<Utc>) -> String,
    /// Writes the commands that a text names as they are to be typed.
    pub commands: fn(&str) -> String,
    /// Where a page leads that is one of several; `None` for a page by itself.
    pub ways: Option<Ways>,
}

/// Where a page leads that is one of several.
#[derive(Debug, Clone, Copy)]
pub struct Ways {
    /// The address of an order.
    pub order: fn(&str) -> String,
    /// Where a command can be done by a click, and what that is called; `None` where it is only typed.
    pub command: fn(&str) -> Option<Way>,
}

/// A way to another page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Where it leads.
    pub address: String,
    /// What stands on it.
    pub words: &'static str,
}

impl Reader {
    /// A reader by this machine's clock, who types commands without flags.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            now,
            local: |at| at.with_timezone(&Local).format("%Y-%m-%d %H:%M").to_string(),
            zone: |at| format!("UTC{}", at.with_timezone(&Local).format("%:z")),
            commands: str::to_owned,
            ways: None,
        }
    }

    /// Writes the id of an order, as a link where it has a page.
    #[must_use]
    pub fn order(&self, id: &str) -> Markup {
        let address = self.ways.map(|ways| (ways.order)(id));
        html! {
            @match address {
                Some(address) if !id.is_empty() => a href=(address) { (self.text(id)) },
                _ => (self.text(id)),
            }
        }
    }

    /// Returns where a command can be done by a click.
    #[must_use]
    pub fn way(&self, command: &str) -> Option<Way> {
        self.ways.and_then(|ways| (ways.command)(command))
    }

    /// Writes an instant as date and time and how far off it is; nothing known is empty.
    #[must_use]
    pub fn moment(&self, at: Option<DateTime<Utc>>) -> Markup {
        html! {
            @if let Some(at) = at {
                time datetime=(instant(at)) { span.date { ((self.local)(at)) } " " span.soft { (relative(at, self.now)) } }
            }
        }
    }

    /// Cleans a text, with its commands as they are to be typed.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        shorten(&clean(&(self.commands)(text)))
    }
}
