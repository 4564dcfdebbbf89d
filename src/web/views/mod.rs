//! The views, one file each: what they ask, and how it is drawn.

pub mod board;
pub mod deadlines;
pub mod log;
pub mod mappings;
pub mod order;
pub mod order_actions;
mod order_query;
pub mod orders;
pub mod pause;
pub mod route;
pub mod settings;
pub mod stock;

use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded::Serializer;

use super::answer::Answer;
use super::application::Application;
use super::frame::{Sheet, notice};
use crate::domain::pause::Pause;
use crate::error_chain::causes;
use crate::jobs::hand::Verb;
use crate::report::health::standstill;
use crate::report::html::frame::Part;
use crate::report::html::{Reader, Way, Ways};
use crate::report::metrics::Metrics;
use crate::report::prometheus::exposition;
use crate::report::text::clean;
use crate::run::{Error, Look};

/// What an id may be made of stands in an address as it is.
const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Returns how a view speaks to who reads it.
fn reader(application: &Application, look: &Look<'_>) -> Reader {
    Reader {
        commands: application.commands,
        ways: Some(Ways {
            order: address_of,
            command: way_of,
        }),
        ..Reader::new(look.now)
    }
}

/// Returns the address of an order.
fn address_of(id: &str) -> String {
    format!("/orders/{}", utf8_percent_encode(id, IN_A_PATH))
}

/// Returns an address with a query; what is empty is left out.
fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let given = pairs.iter().filter(|(_, value)| !value.is_empty());
    let query = Serializer::new(String::new()).extend_pairs(given).finish();
    match query.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{query}"),
    }
}

/// Returns where a command can be done by a click: the page does what the command does.
fn way_of(command: &str) -> Option<Way> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let way = |address: String, words| Some(Way { address, words });
    match words.as_slice() {
        ["mcf", "status", id] => way(address_of(id), "Look at it"),
        ["mcf", "route", id, "--accept", doubt] => way(
            with_query(&format!("{}/route", address_of(id)), &[("accept", *doubt)]),
            "Send it all the same",
        ),
        ["mcf", "route", id, "--rest"] => way(format!("{}/route?rest=1", address_of(id)), "Send the rest"),
        ["mcf", "route", id] => way(format!("{}/route", address_of(id)), "Check it again"),
        ["mcf", "orders", word, id] => {
            let verb = order_actions::verb(word)?;
            way(format!("{}/{}", address_of(id), verb.name), words_of(verb))
        }
        ["mcf", "mappings", "missing" | "import" | "suggest", ..] => way("/mappings".to_owned(), "Map it"),
        ["mcf", "resume"] => way("/pause".to_owned(), "Resume"),
        ["mcf", "orders", "list", "--reason", reason] => way(with_query("/orders", &[("reason", *reason)]), "See them"),
        ["mcf", "orders", "list", "--state", "waiting"] => way("/orders?state=waiting".to_owned(), "See them"),
        _ => None,
    }
}

/// Says what to do after something was refused: by a click where there is one.
fn what_to_do(help: &str) -> Markup {
    let way = way_of(help);
    html! {
        p { "What to do: " @if let Some(way) = &way { a.act.main href=(way.address) { (way.words) } " or type " } (clean(help)) }
    }
}

/// A sentence begins with a capital letter and ends with a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// Says on a view that new orders are kept back, with the way to end that; nothing where they are not.
fn pause_banner(paused: Option<&Pause>) -> Markup {
    html! {
        @if let Some(pause) = paused {
            div.banner { p { (clean(&sentence(&pause.sentence()))) } form method="post" action="/resume" { button.main { "Resume" } } }
        }
    }
}

fn words_of(verb: Verb) -> &'static str {
    match verb.name {
        "hold" => "Hold it",
        "release" => "Release it",
        "dismiss" => "Dismiss it",
        "restore" => "Restore it",
        _ => "Approve it",
    }
}

/// Answers with a view, or says why there is none.
fn shown(sheet: Result<Sheet, Error>) -> Answer {
    match sheet {
        Ok(sheet) => Answer::page(200, sheet.draw()),
        Err(error) => trouble(&error),
    }
}

/// A page of one step, which belongs to an entry of the bar.
fn step(here: &'static str, status: u16, title: &str, body: Markup) -> Answer {
    let sheet = Sheet {
        parts: vec![Part::whole("step", "This step", body).with_title_unseen()],
        ..Sheet::new(here, title)
    };
    Answer::page(status, sheet.draw())
}

/// Says why there is no view.
fn trouble(error: &Error) -> Answer {
    if let Error::Lock(_) = error {
        let body = html! {
            p.alarm { (causes(error)) "." }
            p { "Nothing was done. It is over in a moment: go back and try again." }
            p { a.act href="/" { "To the board" } }
        };
        return Answer::page(409, notice("Another run is at work", &body));
    }
    let body = html! {
        p { (causes(error)) "." }
        p { code { "mcf check host" } " says more about this machine. Nothing was changed." }
        p { a.act href="/" { "To the board" } }
    };
    Answer::page(503, notice("The shop can't be looked at now", &body))
}

/// The counters for Prometheus.
pub fn metrics(application: &Application) -> Answer {
    let read = application.console.look(|look| {
        let metrics = Metrics::read(look.store, &look.timing, None, look.now)?;
        Ok(exposition(&metrics, look.now))
    });
    match read {
        Ok(text) => Answer::exposition(text),
        Err(error) => Answer::line(503, &causes(&error)),
    }
}

/// Whether the schedule holds.
pub fn healthz(application: &Application) -> Answer {
    match application
        .console
        .look(|look| standstill(look.store, &look.timing, look.now))
    {
        Ok(None) => Answer::line(200, "ok"),
        Ok(Some(why)) => Answer::line(503, &why),
        Err(error) => Answer::line(503, &causes(&error)),
    }
}

/// A list of names and values.
fn facts(facts: &[(&str, Markup)]) -> Markup {
    html! { dl.facts { @for (name, value) in facts { dt { (name) } dd { (value) } } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_whatever_an_id_or_a_filter_holds() {
        assert_eq!(address_of("576900000000000101"), "/orders/576900000000000101");
        assert_eq!(address_of("../a b\"<"), "/orders/..%2Fa%20b%22%3C");
        assert_eq!(
            with_query("/orders", &[("sku", "A&B ="), ("state", "")]),
            "/orders?sku=A%26B+%3D"
        );
        assert_eq!(with_query("/orders", &[("sku", "")]), "/orders");
    }

    #[test]
    fn a_command_about_an_order_leads_to_it_and_what_is_only_typed_leads_nowhere() {
        let way = way_of("mcf route 576900000000000101 --accept postal_code_state_mismatch").expect("a way");
        assert_eq!(
            way.address,
            "/orders/576900000000000101/route?accept=postal_code_state_mismatch"
        );
        for typed in ["mcf poll", "mcf backup /mnt", ""] {
            assert_eq!(way_of(typed), None, "{typed}");
        }
    }
}
