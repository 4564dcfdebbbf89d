//! Tables that become a list of blocks on a narrow screen.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::reader::Reader;

/// One cell.
pub struct Cell {
    content: Markup,
    class: &'static str,
    is_empty: bool,
}

impl Cell {
    fn new(content: Markup, class: &'static str, is_empty: bool) -> Self {
        Self {
            content,
            class,
            is_empty,
        }
    }

    /// A few words.
    #[must_use]
    pub fn text(reader: &Reader, text: &str) -> Self {
        Self::new(html! { (reader.text(text)) }, "", text.is_empty())
    }

    /// One word that is never broken: an id, a SKU, a day.
    #[must_use]
    pub fn word(reader: &Reader, text: &str) -> Self {
        Self::new(html! { (reader.text(text)) }, "word", text.is_empty())
    }

    /// An order by its id.
    #[must_use]
    pub fn order(reader: &Reader, id: &str) -> Self {
        Self::new(reader.order(id), "word", id.is_empty())
    }

    /// A sentence.
    #[must_use]
    pub fn long(reader: &Reader, text: &str) -> Self {
        Self::new(html! { (reader.text(text)) }, "long", text.is_empty())
    }

    /// A number, or what stands for one that is not known.
    #[must_use]
    pub fn number(text: impl ToString) -> Self {
        let text = text.to_string();
        let is_empty = text.is_empty();
        Self::new(html! { (text) }, "number", is_empty)
    }

    /// A count that leads to what it counts, where a page shows what this command prints.
    #[must_use]
    pub fn counted(reader: &Reader, count: u64, command: &str) -> Self {
        let content = html! {
            @match reader.way(command) {
                Some(way) => a href=(way.address) { (count) },
                None => (count),
            }
        };
        Self::new(content, "number", count == 0)
    }

    /// A command to type, or to do by a click.
    #[must_use]
    pub fn command(reader: &Reader, command: &str) -> Self {
        let content = html! {
            @if let Some(way) = reader.way(command) { a.act href=(way.address) { (way.words) } " " }
            code { (reader.text(command)) }
        };
        Self::new(content, "command", command.is_empty())
    }

    /// What is drawn already.
    #[must_use]
    pub fn drawn(content: Markup) -> Self {
        let is_empty = content.0.is_empty();
        Self::new(content, "", is_empty)
    }

    /// An instant.
    #[must_use]
    pub fn at(reader: &Reader, at: Option<DateTime<Utc>>) -> Self {
        Self::new(reader.moment(at), "at", at.is_none())
    }

    /// The same where it should not be.
    #[must_use]
    pub fn alarming(self, is_alarm: bool) -> Self {
        if !is_alarm {
            return self;
        }
        Self::new(html! { span.alarm { (self.content) } }, self.class, self.is_empty)
    }

    fn draw(&self, name: &str) -> Markup {
        let class = (!self.class.is_empty()).then_some(self.class);
        html! { td role="cell" class=[class] data-name=(name) { @if !self.is_empty { (self.content) } } }
    }

    fn draw_first(&self, name: &str) -> Markup {
        let class = (!self.class.is_empty()).then_some(self.class);
        html! { th role="rowheader" scope="row" class=[class] data-name=(name) { @if !self.is_empty { (self.content) } } }
    }
}

/// Draws a table under the heading `label`; the first cell of a row is its name. Of many rows `most` are drawn, and `more` says where
/// the others are.
#[must_use]
pub fn table(label: &str, headers: &[&str], rows: &[Vec<Cell>], most: usize, more: &str) -> Markup {
    let is_number = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .any(|cell| cell.class == "number")
    };
    let hidden = rows.len().saturating_sub(most);
    html! {
        div.scroll role="group" aria-labelledby=(label) tabindex="0" {
            table.stack role="table" aria-labelledby=(label) {
                thead role="rowgroup" { tr role="row" { @for (column, header) in headers.iter().enumerate() {
                    th role="columnheader" scope="col" class=[is_number(column).then_some("number")] { (header) }
                } } }
                tbody role="rowgroup" { @for row in rows.iter().take(most) { (draw_row(row, headers)) } }
            }
        }
        @if hidden > 0 { p.soft { "… and " (hidden) " more: " code { (more) } } }
    }
}

fn draw_row(row: &[Cell], headers: &[&str]) -> Markup {
    html! {
        tr role="row" { @for (column, (cell, header)) in row.iter().zip(headers).enumerate() {
            @if column == 0 { (cell.draw_first(header)) } @else { (cell.draw(header)) }
        } }
    }
}
