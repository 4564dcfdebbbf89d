//! One order: what happens next and when, why it waits, its parcels, its deadlines, its story, every call about it.

use maud::{Markup, html};

use super::order_actions::title;
use super::{address_of, facts, pause_banner, reader, sentence, shown, trouble};
use crate::domain::flag::Flag;
use crate::domain::ids::TiktokOrderId;
use crate::domain::kind::Kind;
use crate::domain::state::State;
use crate::domain::tracking::carrier_page;
use crate::jobs::hand::Verb;
use crate::report::history::HistoryLine;
use crate::report::html::Reader;
use crate::report::html::frame::{Part, heading_of};
use crate::report::html::table::{Cell, table};
use crate::report::order::{AddressDetail, ItemDetail, OrderDetail, OrderReport, ParcelDetail};
use crate::web::answer::Answer;
use crate::web::application::Application;
use crate::web::asked::Asked;
use crate::web::frame::{Sheet, notice};

/// Answers with an order by its id; any other name of it leads there.
pub fn order(application: &Application, asked: &Asked) -> Answer {
    let name = asked.path.get(1).map_or("", String::as_str);
    let read = application.console.look(|look| {
        let Some(id) = look.store.find_order(name)? else {
            return Ok(None);
        };
        let report = OrderReport::read(look.store, &id, false, &look.timing, look.now)?;
        let offers = look.offers(&id)?;
        let paused = look.store.pause(look.now)?;
        Ok(report.map(|report| (report, reader(application, look), offers, paused)))
    });
    match read {
        Ok(Some((report, ..))) if report.order.tiktok_order_id.as_str() != name => {
            Answer::to(&address_of(report.order.tiktok_order_id.as_str()))
        }
        Ok(Some((report, reader, offers, paused))) => {
            let sheet = sheet(&report, &offers, &reader);
            let lead = html! { (sheet.lead) (pause_banner(paused.as_ref())) };
            shown(Ok(Sheet { lead, ..sheet }))
        }
        Ok(None) => unknown(name),
        Err(error) => trouble(&error),
    }
}

/// Answers with an order and its buyer, once the history says who looked.
pub fn buyer(application: &Application, asked: &Asked) -> Answer {
    let name = asked.path.get(1).map_or("", String::as_str);
    let Ok(id) = TiktokOrderId::parse(name) else {
        return unknown(name);
    };
    match application.console.look_at_buyer(&id) {
        Ok(Some(report)) => {
            let reader = Reader {
                commands: application.commands,
                ..Reader::new(application.console.now())
            };
            let sheet = Sheet {
                is_live: false,
                ..sheet(&report, &[], &reader)
            };
            shown(Ok(sheet))
        }
        Ok(None) => unknown(name),
        Err(error) => trouble(&error),
    }
}

fn unknown(name: &str) -> Answer {
    let body = html! {
        p { "No order, no id at Amazon and no tracking number is called " code { (crate::report::text::clean(name)) } "." }
        p { "What TikTok shows only now comes with the next poll." }
        p { a.act href="/orders" { "To the orders" } }
    };
    Answer::page(404, notice("That order is not known", &body))
}

fn sheet(report: &OrderReport, offers: &[Verb], reader: &Reader) -> Sheet {
    let order = &report.order;
    let (calls, story): (Vec<_>, Vec<_>) = report.history.iter().partition(|line| line.kind == "call");
    let title = format!("Order {}", order.tiktok_order_id);
    Sheet {
        lead: lead(order, reader),
        parts: vec![
            now(order, offers, reader),
            deadlines(order, reader),
            about(order, reader),
            parcels(&order.parcels, reader),
            items(&order.items, reader),
            story_of(&story, reader),
            calls_of(&calls, reader),
            buyer_of(order, reader),
        ],
        is_live: true,
        ..Sheet::new("/orders", &title)
    }
}

fn lead(order: &OrderDetail, reader: &Reader) -> Markup {
    html! {
        h1 { "Order " (reader.text(order.tiktok_order_id.as_str())) " " span.badge { (order.state.as_str().replace('_', " ")) } }
        @if order.held { p.alarm { "Held by a person: it is not sent before it is released." } }
        @if order.cancel_requested { p.alarm { "The buyer asks to cancel." } }
    }
}

/// What happens next, and why it waits.
fn now(order: &OrderDetail, offers: &[Verb], reader: &Reader) -> Part {
    let body = html! {
        p.next {
            (reader.text(&sentence(&order.next.what)))
            @if let Some(at) = order.next.at { " " (reader.moment(Some(at))) }
        }
        @for flag in &order.flags { (cause(flag, order.held, reader)) }
        (ways(order, offers))
    };
    Part::whole("next", "What happens next", body)
}

/// What a person could do. Each leads to a page that says first what would happen.
fn ways(order: &OrderDetail, offers: &[Verb]) -> Markup {
    let address = address_of(order.tiktok_order_id.as_str());
    let is_flag_routed = |flag: &Flag| flag.next_command.starts_with("mcf route ");
    let is_routable = order.state.is_undecided() && !order.held && !order.flags.iter().any(is_flag_routed);
    html! {
        @if is_routable || !offers.is_empty() {
            div.actions role="group" aria-label="What you can do" {
                @if is_routable { a.act href=(format!("{address}/route")) { "Route it now" } }
                @for verb in offers { a.act href=(format!("{address}/{}", verb.name)) { (title(*verb)) } }
            }
        }
    }
}

/// What is held goes nowhere before it is released, whatever its flag says.
fn cause(flag: &Flag, is_held: bool, reader: &Reader) -> Markup {
    let way = reader.way(&flag.next_command).filter(|_| !is_held);
    let reason = flag.reason().as_str().replace('_', " ").to_lowercase();
    let detail = flag.detail.as_str().replace('_', " ");
    html! {
        div.cause {
            p { (reader.text(&sentence(&flag.message))) }
            p.soft { (reason) @if detail != reason { ", " (detail) } }
            @if let Some(advice) = flag.detail.advice() { p { "What to do: " (advice) "." } }
            p {
                @if let Some(way) = way { a.act.main href=(way.address) { (way.words) } " " }
                span.soft { "in a terminal: " code { (reader.text(&flag.next_command)) } }
            }
        }
    }
}

fn deadlines(order: &OrderDetail, reader: &Reader) -> Part {
    let due = &order.deadlines;
    // What has left is no risk any more, whatever was planned.
    let has_left = order.state.is_over() || order.state == State::Shipped;
    let times = [
        ("Marked as shipped by", due.ship_by),
        ("Scanned by the carrier by", due.scanned_by),
        ("Cancelled unless shipped by", due.cancelled_unless_shipped_by),
        ("Cancelled unless scanned by", due.cancelled_unless_scanned_by),
    ];
    let known: Vec<_> = times
        .into_iter()
        .filter(|(_, at)| at.is_some())
        .map(|(name, at)| (name, reader.moment(at)))
        .collect();
    let body = html! {
        @if known.is_empty() { p.soft { "TikTok has named none." } } @else { (facts(&known)) }
        @if due.at_risk && !has_left { p.alarm { "At risk: Amazon says that it leaves after TikTok's deadline." } }
        @if let Some(speed) = &order.speed { p.soft { "Speed: " (reader.text(&speed.chosen)) ", " (reader.text(&speed.because)) } }
    };
    Part::half("deadlines", "Deadlines", body)
}

fn about(order: &OrderDetail, reader: &Reader) -> Part {
    let text = |text: &str| html! { (reader.text(text)) };
    let amazon = [
        order.mcf_order_id.as_ref().map(|id| id.as_str()),
        order.mcf_outcome.as_deref(),
        order.mcf_status.as_deref(),
    ];
    let amazon: Vec<&str> = amazon.into_iter().flatten().collect();
    let mut about = vec![("At TikTok", text(&order.tiktok_status.replace('_', " ").to_lowercase()))];
    if !amazon.is_empty() {
        about.push(("At Amazon", text(&amazon.join(", "))));
    }
    let words = [("Amazon said", &order.amazon_said), ("TikTok said", &order.tiktok_said)];
    let hidden = |name| {
        (
            name,
            html! { span.soft { "it may quote the address: " } code { (reader.text(&format!("mcf status {}", order.tiktok_order_id))) } },
        )
    };
    about.extend(
        words
            .into_iter()
            .filter(|(_, said)| said.is_some())
            .map(|(name, _)| hidden(name)),
    );
    if order.kind != Kind::Normal {
        about.push(("Kind", text(&order.kind.to_string().replace('_', " "))));
    }
    let of = order
        .replaced_order_id
        .as_ref()
        .or(order.exchange_source_order_id.as_ref());
    about.extend(of.map(|id| ("Instead of", reader.order(id.as_str()))));
    about.extend(
        order
            .auto_combine_group_id
            .iter()
            .map(|group| ("Combined by TikTok", text(group))),
    );
    let times = [
        ("Ordered", Some(order.created_at)),
        ("Paid", order.paid_at),
        ("First seen", Some(order.detected_at)),
        ("Taken by Amazon", order.routed_at),
    ];
    about.extend(
        times
            .into_iter()
            .filter(|(_, at)| at.is_some())
            .map(|(name, at)| (name, reader.moment(at))),
    );
    Part::half("about", "About it", facts(&about))
}

fn parcels(parcels: &[ParcelDetail], reader: &Reader) -> Part {
    const ID: &str = "parcels";
    let row = |parcel: &ParcelDetail| {
        let number = parcel.tracking_number.as_deref().unwrap_or_default();
        let stands = [Some(parcel.state.as_str()), parcel.whereabouts.as_deref()];
        let stands: Vec<&str> = stands.into_iter().flatten().collect();
        vec![
            Cell::drawn(number_of(&parcel.carrier, number, reader)),
            Cell::text(reader, &parcel.carrier),
            Cell::text(reader, &stands.join(", ").replace('_', " ").to_lowercase()),
            Cell::at(reader, parcel.shipped_at),
            Cell::at(reader, parcel.synced_at),
            Cell::long(reader, parcel.warning.as_deref().unwrap_or_default()).alarming(true),
        ]
    };
    let rows: Vec<_> = parcels.iter().map(row).collect();
    let headers = [
        "Number",
        "Carrier",
        "How it stands",
        "Left Amazon",
        "Told TikTok",
        "Warning",
    ];
    let body = html! {
        @if rows.is_empty() { p.soft { "Nothing has left Amazon yet." } } @else { (table(&heading_of(ID), &headers, &rows, usize::MAX, "")) }
    };
    Part::whole(ID, "Parcels", body)
}

/// A parcel's number, as a link to the carrier's page where that is known.
fn number_of(carrier: &str, number: &str, reader: &Reader) -> Markup {
    html! {
        @match carrier_page(carrier, number) {
            Some(page) => a href=(page) rel="noreferrer noopener external" { (reader.text(number)) },
            None => span.word { (reader.text(number)) },
        }
    }
}

fn items(items: &[ItemDetail], reader: &Reader) -> Part {
    const ID: &str = "items";
    let row = |item: &ItemDetail| {
        let amazon: Vec<String> = item
            .amazon_items
            .iter()
            .map(|item| format!("{} x {}", item.quantity, item.sku))
            .collect();
        vec![
            Cell::long(reader, item.product_name.as_deref().unwrap_or("no name")),
            Cell::word(reader, item.seller_sku.as_deref().unwrap_or_default()),
            Cell::word(reader, &item.sku_id),
            Cell::text(reader, &item.status.replace('_', " ").to_lowercase()),
            Cell::text(reader, &amazon.join(", ")),
        ]
    };
    let rows: Vec<_> = items.iter().map(row).collect();
    let headers = ["Product", "Your SKU", "SKU at TikTok", "At TikTok", "At Amazon"];
    let body = html! {
        @if rows.is_empty() { p.soft { "TikTok has not said what is in it." } } @else { (table(&heading_of(ID), &headers, &rows, usize::MAX, "")) }
    };
    Part::whole(ID, "What was bought", body)
}

fn story_of(lines: &[&HistoryLine], reader: &Reader) -> Part {
    const ID: &str = "story";
    let row = |line: &&HistoryLine| {
        let step = line.details.from.as_ref().zip(line.details.to.as_ref());
        let step = step.map_or_else(String::new, |(from, to)| format!("{from} → {to}").replace('_', " "));
        vec![
            Cell::at(reader, Some(line.at)),
            Cell::text(reader, &line.kind),
            Cell::text(reader, &step),
            Cell::long(reader, &line.text),
        ]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    let headers = ["When", "What kind", "Step", "What happened"];
    let body = html! {
        @if rows.is_empty() { p.soft { "Nothing has happened yet." } } @else { (table(&heading_of(ID), &headers, &rows, usize::MAX, "")) }
    };
    Part::whole(ID, "Its story, oldest first", body)
}

fn calls_of(lines: &[&HistoryLine], reader: &Reader) -> Part {
    const ID: &str = "calls";
    let row = |line: &&HistoryLine| {
        let details = &line.details;
        let took = details
            .duration_ms
            .map_or_else(String::new, |took| format!("{took} ms"));
        vec![
            Cell::at(reader, Some(line.at)),
            Cell::long(reader, &line.text),
            Cell::number(took),
            Cell::text(reader, details.request_id.as_deref().unwrap_or_default()),
        ]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    let headers = ["When", "Call and answer", "Took", "Request id"];
    let body = html! {
        @if rows.is_empty() { p.soft { "Nobody was called about it yet." } } @else {
            details { summary { (rows.len()) " calls" } (table(&heading_of(ID), &headers, &rows, usize::MAX, "")) }
        }
    };
    Part::whole(ID, "Calls", body)
}

fn buyer_of(order: &OrderDetail, reader: &Reader) -> Part {
    let body = html! {
        @match &order.address {
            Some(address) => (address_lines(address, reader)),
            None => {
                p.soft { "Name, address and phone number are shown only when asked for, and the history says who asked." }
                form method="post" action=(format!("{}/buyer", address_of(order.tiktok_order_id.as_str()))) { button { "Show the buyer's address" } }
            }
        }
    };
    Part::whole("buyer", "The buyer", body)
}

fn address_lines(address: &AddressDetail, reader: &Reader) -> Markup {
    let ends = [&address.postal_code, &address.region_code, &address.phone];
    let lines = std::iter::once(&address.name)
        .chain(&address.lines)
        .chain(address.districts.iter().rev())
        .chain(ends);
    html! { address { @for line in lines.filter(|line| !line.is_empty()) { (reader.text(line)) br; } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_a_sentence() {
        assert_eq!(sentence("waits for the hour"), "Waits for the hour.");
        assert_eq!(sentence("It is so."), "It is so.");
        assert_eq!(sentence(""), ".");
    }
}
