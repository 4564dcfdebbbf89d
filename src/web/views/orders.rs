//! Orders: the search, its filters, the causes in groups, page by page.

use maud::{Markup, html};

use super::order_actions::ways;
use super::order_query::OrderQuery;
use super::{address_of, pause_banner, reader, shown, with_query};
use crate::domain::flag::Reason;
use crate::domain::state::State;
use crate::report::causes::{Causes, Group};
use crate::report::export::ListedOrder;
use crate::report::html::Reader;
use crate::report::html::frame::{Part, heading_of};
use crate::report::html::table::{Cell, table};
use crate::report::search::{Found, PAGE, Search};
use crate::web::answer::Answer;
use crate::web::application::Application;
use crate::web::asked::Asked;
use crate::web::frame::Sheet;

/// How many causes are shown.
const CAUSES_MAX: usize = 200;

/// Answers with a list, with the causes, or with the one order that is meant by its name.
pub fn orders(application: &Application, asked: &Asked) -> Answer {
    let query = OrderQuery::read(|name| asked.query(name).map(str::to_owned), application.console.now());
    if let Some(answer) = by_name(application, &query) {
        return answer;
    }
    let is_grouped = asked.query("group").is_some();
    shown(application.console.look(|look| {
        let reader = reader(application, look);
        let part = if is_grouped {
            causes(&Causes::read(look.store, &query.search.filter())?, &reader)
        } else {
            let found = Found::read(look.store, &query.search, asked.query("after"))?;
            list(&found, &query, &reader)
        };
        let title = if is_grouped { "Orders by cause" } else { "Orders" };
        let paused = look.store.pause(look.now)?;
        Ok(Sheet {
            lead: html! { (lead(title, &query, is_grouped)) (pause_banner(paused.as_ref())) },
            parts: vec![part],
            ..Sheet::new("/orders", title)
        })
    }))
}

/// Who types the whole name of an order means that order.
fn by_name(application: &Application, query: &OrderQuery) -> Option<Answer> {
    let name = query.search.find.as_deref()?;
    let is_alone = Search {
        find: None,
        ..query.search.clone()
    }
    .is_all();
    let found = application.console.look(|look| look.store.find_order(name)).ok()??;
    is_alone.then(|| Answer::to(&address_of(found.as_str())))
}

fn lead(title: &str, query: &OrderQuery, is_grouped: bool) -> Markup {
    let other = match is_grouped {
        true => (query.address(&[]), "As a list"),
        false => (query.address(&[("group", "1")]), "By cause"),
    };
    html! {
        h1 { (title) }
        @for wrong in &query.wrong { p.alarm { (wrong) } }
        (filters(query, is_grouped))
        p { a href=(other.0) { (other.1) } @if !query.pairs().is_empty() { " · " a href="/orders" { "All orders" } } }
        @if !query.search.is_all() { (ways(query)) }
    }
}

fn filters(query: &OrderQuery, is_grouped: bool) -> Markup {
    let field = |name: &str, kind: &str, label: &str| {
        html! {
            div { label for=(name) { (label) } input id=(name) name=(name) type=(kind) value=(query.typed(name)) maxlength="100"; }
        }
    };
    html! {
        form.filters method="get" action="/orders" {
            (field("find", "search", "Text in an id, number, SKU, product"))
            (choice("state", "State", &State::ALL.map(State::as_str), query))
            (choice("reason", "Reason", &Reason::ALL.map(Reason::as_str), query))
            (field("sku", "text", "SKU"))
            (field("since", "date", "First seen since"))
            (field("until", "date", "First seen until"))
            @if is_grouped { input type="hidden" name="group" value="1"; }
            div { button.main { "Show" } }
        }
    }
}

fn choice(name: &str, label: &str, words: &[&str], query: &OrderQuery) -> Markup {
    let typed = query.typed(name);
    html! {
        div {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                option value="" { "any" }
                @for word in words { option value=(word) selected[typed.eq_ignore_ascii_case(word)] { (word.replace('_', " ").to_lowercase()) } }
            }
        }
    }
}

fn list(found: &Found, query: &OrderQuery, reader: &Reader) -> Part {
    const ID: &str = "found";
    let rows: Vec<_> = found.orders.iter().map(|order| row(order, reader)).collect();
    let headers = ["Order", "State", "Reasons", "At Amazon", "Due", "First seen", "Kind"];
    let body = html! {
        @if rows.is_empty() {
            p.soft { "No such orders." }
        } @else {
            (table(&heading_of(ID), &headers, &rows, usize::MAX, ""))
        }
        @if let Some(next) = &found.next {
            p.pages { a.act href=(query.address(&[("after", next)])) { "The next " (PAGE) } }
        }
    };
    Part::whole(ID, "The newest first", body)
}

fn row(order: &ListedOrder, reader: &Reader) -> Vec<Cell> {
    let detail = order
        .state_detail
        .as_ref()
        .map(|detail| format!(" ({})", detail.replace('_', " ")));
    let reasons: Vec<&str> = order.reasons.iter().map(|reason| reason.as_str()).collect();
    let ours = order.mcf_order_id.as_ref().map(|id| id.as_str());
    let is_over = order.deadline.is_some_and(|deadline| deadline <= reader.now);
    vec![
        Cell::order(reader, order.tiktok_order_id.as_str()),
        Cell::text(reader, &format!("{}{}", order.state, detail.unwrap_or_default())),
        Cell::text(reader, &reasons.join(" ").replace('_', " ").to_lowercase()).alarming(true),
        Cell::word(reader, ours.unwrap_or_default()),
        Cell::at(reader, order.deadline).alarming(is_over),
        Cell::at(reader, Some(order.detected_at)),
        Cell::text(reader, &order.kind.to_string().replace('_', " ")),
    ]
}

fn causes(causes: &Causes, reader: &Reader) -> Part {
    const ID: &str = "causes";
    let rows: Vec<_> = causes.groups.iter().map(|group| cause(group, reader)).collect();
    let headers = ["Why", "Orders", "SKU", "Since", "Deadline", "Example", "Next command"];
    let body = html! {
        @if rows.is_empty() {
            p.soft { "No such orders carry a flag." }
        } @else {
            (table(&heading_of(ID), &headers, &rows, CAUSES_MAX, &reader.text("mcf orders list --group")))
        }
    };
    Part::whole(ID, "What keeps orders back", body)
}

fn cause(group: &Group, reader: &Reader) -> Vec<Cell> {
    let sku = group.sku.as_deref().unwrap_or_default();
    let these = with_query("/orders", &[("reason", group.reason.as_str()), ("sku", sku)]);
    vec![
        Cell::long(reader, &group.message),
        Cell::drawn(html! { a href=(these) { (group.orders) } }),
        Cell::word(reader, sku),
        Cell::at(reader, Some(group.oldest_at)),
        Cell::at(reader, group.deadline),
        Cell::order(reader, group.example.as_str()),
        Cell::command(reader, &group.next_command),
    ]
}
