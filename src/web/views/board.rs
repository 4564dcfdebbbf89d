//! The board: is the schedule alive, what is late, what needs a person, what waits and why.

use maud::{Markup, html};

use super::{pause_banner, reader, shown};
use crate::domain::state::State;
use crate::report::board::Board;
use crate::report::html::frame::Part;
use crate::report::html::overview::{self, tiles};
use crate::report::html::{Reader, ShopTitle, runs};
use crate::report::status::StatusOverview;
use crate::report::text::relative;
use crate::web::answer::Answer;
use crate::web::application::Application;
use crate::web::frame::Sheet;

/// Answers with the board.
pub fn board(application: &Application) -> Answer {
    shown(application.console.look(|look| {
        let board = Board::read(look.store, &look.timing, look.now)?;
        Ok(sheet(&board, &look.shop()?, &reader(application, look)))
    }))
}

fn sheet(board: &Board, shop: &ShopTitle, reader: &Reader) -> Sheet {
    let status = &board.status;
    let flagged = status.orders.get(&State::Flagged).copied().unwrap_or_default();
    Sheet {
        lead: lead(status, shop, reader),
        parts: vec![
            overview::attention(&status.attention, reader),
            due(status),
            queues(status, reader),
            overview::waiting(&board.waiting, flagged, reader),
            overview::states(status),
            runs::runs(&board.runs, &status.commands, reader),
        ],
        is_live: true,
        ..Sheet::new("/", &shop.words())
    }
}

fn lead(status: &StatusOverview, shop: &ShopTitle, reader: &Reader) -> Markup {
    let people = status.attention.iter().filter(|item| item.needs_person).count();
    html! {
        h1 { (shop.words()) }
        @match people {
            0 => p.good { "✓ Nothing needs a person." },
            1 => p.alarm { "⚠ 1 thing needs a person." },
            people => p.alarm { "⚠ " (people) " things need a person." },
        }
        (schedule(status, reader))
        @if let Some(pause) = &status.paused {
            (pause_banner(Some(pause)))
        } @else {
            p.actions { a.act href="/pause" { "Pause new orders" } }
        }
    }
}

/// Whether cron is alive, in one line.
fn schedule(status: &StatusOverview, reader: &Reader) -> Markup {
    let overdue: Vec<&str> = status
        .commands
        .iter()
        .filter(|command| command.overdue)
        .map(|command| command.name.as_str())
        .collect();
    let polled = status.commands.iter().find(|command| command.name == "poll");
    let polled = polled.and_then(|poll| poll.last_success_at);
    html! {
        @match (overdue.is_empty(), polled) {
            (true, Some(at)) => p.soft { "The schedule holds; the last good poll ended " (relative(at, reader.now)) ". As of " time { ((reader.local)(reader.now)) } " (" ((reader.zone)(reader.now)) ")." },
            _ => p.alarm { "The schedule does not hold: no good end in time of " (overdue.join(", ")) "." },
        }
    }
}

/// How many open orders are due when.
fn due(status: &StatusOverview) -> Part {
    let due = &status.deadlines;
    let figures = [
        ("late", due.late),
        ("due today", due.due_today),
        ("due tomorrow", due.due_tomorrow),
        ("at risk", due.at_risk),
    ];
    let figures = figures
        .into_iter()
        .map(|(name, count)| (name.to_owned(), count.to_string()));
    let body = html! { (tiles(figures)) p.soft { a href="/deadlines" { "Which ones" } } };
    Part::half("due", "Deadlines", body)
}

/// What is on its way to TikTok and to the operator's endpoints.
fn queues(status: &StatusOverview, reader: &Reader) -> Part {
    let (tracking, queue) = (&status.tracking, &status.queue);
    let figures = [
        ("numbers to tell TikTok", tracking.waiting),
        ("over four hours", tracking.overdue),
        ("notifications to deliver", queue.waiting),
        ("held by a person", status.held),
    ];
    let figures = figures
        .into_iter()
        .map(|(name, count)| (name.to_owned(), count.to_string()));
    let body = html! {
        (tiles(figures))
        @if let Some(at) = tracking.next_due_at { p.soft { "The next number is due " (reader.moment(Some(at))) } }
        @if let Some(at) = queue.oldest_at { p.soft { "The oldest notification is from " (reader.moment(Some(at))) } }
    };
    Part::half("queues", "Queues", body)
}
