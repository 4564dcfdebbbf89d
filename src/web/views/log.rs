//! What happened over all orders, oldest first, and the last run of each command.

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};

use super::{reader, shown, with_query};
use crate::domain::event::instant;
use crate::domain::ids::TiktokOrderId;
use crate::domain::journal::EntryKind;
use crate::domain::span::day_or_instant;
use crate::report::board::last_runs;
use crate::report::html::frame::{Part, heading_of};
use crate::report::html::table::{Cell, table};
use crate::report::html::{Reader, runs};
use crate::report::journal::{Entry, Journal};
use crate::web::answer::Answer;
use crate::web::application::Application;
use crate::web::asked::Asked;
use crate::web::frame::Sheet;

/// How many entries a page shows.
const PAGE: usize = 300;
/// Where it begins when nothing else is asked for.
const LOOKED_BACK: TimeDelta = TimeDelta::hours(2);

/// Answers with what happened.
pub fn log(application: &Application, asked: &Asked) -> Answer {
    let (since, kind) = (asked.query("since"), asked.query("kind").and_then(EntryKind::read));
    let order = asked.query("order").and_then(|text| TiktokOrderId::parse(text).ok());
    shown(application.console.look(|look| {
        let from = since.and_then(|text| day_or_instant(text, look.now).ok());
        let from = from.map_or(look.now - LOOKED_BACK, |(begin, _)| begin);
        let mut journal = Journal::since(look.store, from, order.clone(), kind.into_iter().collect());
        let mut entries = Vec::new();
        while entries.len() <= PAGE
            && let Some(entry) = journal.next_entry()?
        {
            entries.push(entry);
        }
        let (reader, (runs, commands)) = (
            reader(application, look),
            last_runs(look.store, &look.timing, look.now)?,
        );
        Ok(Sheet {
            lead: lead(from, kind, asked.query("order").unwrap_or_default()),
            parts: vec![
                entries_of(&entries, kind, &reader),
                runs::runs(&runs, &commands, &reader),
            ],
            ..Sheet::new("/log", "Log")
        })
    }))
}

fn lead(from: DateTime<Utc>, kind: Option<EntryKind>, order: &str) -> Markup {
    html! {
        h1 { "Log" }
        form.filters method="get" action="/log" {
            div { label for="since" { "Since (a day, or an instant in UTC)" } input id="since" name="since" type="text" value=(instant(from)) maxlength="40"; }
            div { label for="order" { "Order" } input id="order" name="order" type="text" value=(order) maxlength="50"; }
            div {
                label for="kind" { "What kind" }
                select id="kind" name="kind" {
                    option value="" { "any" }
                    @for word in EntryKind::ALL { option value=(word.as_str()) selected[kind == Some(word)] { (word.as_str()) } }
                }
            }
            div { button.main { "Show" } }
        }
    }
}

fn entries_of(entries: &[Entry], kind: Option<EntryKind>, reader: &Reader) -> Part {
    const ID: &str = "entries";
    let rows: Vec<_> = entries.iter().take(PAGE).map(|entry| row(entry, reader)).collect();
    let headers = ["When", "What kind", "Order", "What happened"];
    let next = entries.get(PAGE).map(|entry| instant(entry.at));
    let word = kind.map_or("", EntryKind::as_str);
    let body = html! {
        @if rows.is_empty() {
            p.soft { "Nothing happened in that time." }
        } @else {
            (table(&heading_of(ID), &headers, &rows, usize::MAX, ""))
        }
        @if let Some(next) = next { p.pages { a.act href=(with_query("/log", &[("since", &next), ("kind", word)])) { "What came after" } } }
    };
    Part::whole(ID, "Oldest first", body)
}

fn row(entry: &Entry, reader: &Reader) -> Vec<Cell> {
    let step = entry.details.from.as_ref().zip(entry.details.to.as_ref());
    let step = step.map_or_else(String::new, |(from, to)| format!("{from} → {to}: "));
    vec![
        Cell::at(reader, Some(entry.at)),
        Cell::text(reader, entry.kind.as_str()),
        Cell::order(reader, entry.order_id.as_ref().map_or("", |id| id.as_str())),
        Cell::long(reader, &format!("{step}{}", entry.text)),
    ]
}
