//! Which address is which view, and who may see it.

use std::time::Instant;

use maud::html;

use super::answer::Answer;
use super::asked::{Asked, Method};
use super::frame::notice;
use super::house::{ENTER, House};
use super::views::{self, board, deadlines, deeds, log, mappings, order, orders, pause, route, settings, stock};

/// An address that we have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The link.
    Enter,
    /// The counters for Prometheus.
    Metrics,
    /// Whether the schedule holds.
    Healthz,
    /// What a person sees first.
    Board,
    /// Orders.
    Orders,
    /// One order.
    Order,
    /// The buyer of one order.
    Buyer,
    /// What a person does to one order.
    Deed,
    /// What a person does to many orders.
    Deeds,
    /// One order, routed by hand.
    ByHand,
    /// The pause.
    Pause,
    /// The end of a pause.
    Resume,
    /// What is due.
    Deadlines,
    /// What is left.
    Stock,
    /// What is which.
    Mappings,
    /// What may be meant.
    Suggest,
    /// One more mapping.
    Map,
    /// One mapping less.
    Unmap,
    /// The newest import, undone.
    UndoImport,
    /// What happened.
    Log,
    /// What is in force.
    Settings,
    /// A test event to each endpoint.
    TestEndpoints,
    /// The end of a session.
    Leave,
}

impl Route {
    fn of(path: &[String]) -> Option<Self> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            [] => Some(Self::Board),
            [ENTER] => Some(Self::Enter),
            ["metrics"] => Some(Self::Metrics),
            ["healthz"] => Some(Self::Healthz),
            ["orders"] => Some(Self::Orders),
            ["orders", _] => Some(Self::Order),
            ["orders", _, "buyer"] => Some(Self::Buyer),
            ["orders", _, "route"] => Some(Self::ByHand),
            ["orders", _, word] => deeds::verb(word).map(|_| Self::Deed),
            ["hands", word] => deeds::verb(word).map(|_| Self::Deeds),
            ["pause"] => Some(Self::Pause),
            ["resume"] => Some(Self::Resume),
            ["deadlines"] => Some(Self::Deadlines),
            ["stock"] => Some(Self::Stock),
            ["mappings"] => Some(Self::Mappings),
            ["mappings", "suggest"] => Some(Self::Suggest),
            ["mappings", "add"] => Some(Self::Map),
            ["mappings", "remove"] => Some(Self::Unmap),
            ["mappings", "undo"] => Some(Self::UndoImport),
            ["log"] => Some(Self::Log),
            ["settings"] => Some(Self::Settings),
            ["settings", "endpoints"] => Some(Self::TestEndpoints),
            ["leave"] => Some(Self::Leave),
            _ => None,
        }
    }

    /// What an address takes, as the header says it.
    fn allowed(self) -> &'static str {
        match self {
            // A look at its head must not use the link up.
            Self::Enter => "GET",
            Self::Metrics | Self::Healthz | Self::Board | Self::Orders | Self::Order => "GET, HEAD",
            Self::Deadlines | Self::Stock | Self::Mappings | Self::Log | Self::Settings => "GET, HEAD",
            Self::Deed | Self::Deeds | Self::ByHand | Self::Pause | Self::Unmap => "GET, HEAD, POST",
            Self::Buyer
            | Self::Resume
            | Self::TestEndpoints
            | Self::Suggest
            | Self::Map
            | Self::UndoImport
            | Self::Leave => "POST",
        }
    }

    fn takes(self, method: Method) -> bool {
        let word = match method {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Other => return false,
        };
        self.allowed().split(", ").any(|allowed| allowed == word)
    }

    fn is_open(self) -> bool {
        matches!(self, Self::Enter | Self::Metrics | Self::Healthz)
    }
}

/// Says who may not come in, before anything that a request brings is read.
///
/// # Errors
/// The answer for who may not.
pub fn door(house: &House, asked: &Asked) -> Result<Route, Answer> {
    if let Some(why) = house.site.refusal(asked.method, &asked.heads, asked.local) {
        return Err(Answer::line(403, why));
    }
    let Some(route) = Route::of(&asked.path) else {
        return Err(Answer::page(404, missing()));
    };
    if !route.takes(asked.method) {
        let answer = Answer::line(405, "this address takes no such request");
        return Err(answer.with("allow", route.allowed().to_owned()));
    }
    match route.is_open() || house.is_in(asked) {
        true => Ok(route),
        false => Err(stranger(asked)),
    }
}

/// Answers a request that the door let in.
pub fn answer(house: &House, asked: &Asked) -> Answer {
    match door(house, asked) {
        Err(refused) => refused,
        Ok(Route::Enter) => enter(house, asked),
        Ok(Route::Leave) => leave(house, asked),
        Ok(Route::Metrics) => views::metrics(house),
        Ok(Route::Healthz) => views::healthz(house),
        Ok(Route::Board) => board::board(house),
        Ok(Route::Orders) => orders::orders(house, asked),
        Ok(Route::Order) => order::order(house, asked),
        Ok(Route::Deed) => deeds::one(house, asked),
        Ok(Route::Deeds) => deeds::many(house, asked),
        Ok(Route::ByHand) if asked.method == Method::Post => route::route(house, asked),
        Ok(Route::ByHand) => route::ask(asked),
        Ok(Route::Pause) if asked.method == Method::Post => pause::pause(house, asked),
        Ok(Route::Pause) => pause::ask(house),
        Ok(Route::Resume) => pause::resume(house),
        Ok(Route::Deadlines) => deadlines::deadlines(house),
        Ok(Route::Stock) => stock::stock(house),
        Ok(Route::Mappings) => mappings::mappings(house, asked),
        Ok(Route::Suggest) => mappings::suggest(house),
        Ok(Route::Map) => mappings::add(house, asked),
        Ok(Route::Unmap) => mappings::remove(house, asked),
        Ok(Route::UndoImport) => mappings::undo(house, asked),
        Ok(Route::Log) => log::log(house, asked),
        Ok(Route::Settings) => settings::settings(house),
        Ok(Route::TestEndpoints) => settings::test_endpoints(house),
        Ok(Route::Buyer) => order::buyer(house, asked),
    }
}

/// A step to the first page by this page itself: a browser that came from elsewhere keeps the cookie back on a redirect.
fn enter(house: &House, asked: &Asked) -> Answer {
    let key = asked.query("key").filter(|_| !asked.heads.is_prefetch);
    let Some(session) = key.and_then(|key| house.sessions.enter(key, Instant::now())) else {
        return match house.is_in(asked) {
            true => Answer::to("/"),
            false => Answer::page(403, used_link()),
        };
    };
    if let Some(link) = house.link() {
        (house.announce)(&link);
    }
    let body = html! { p { "This browser may look and click now, until it is away for twelve hours." } p { a.act.main href="/" { "To the board" } } };
    let page = Answer::page(200, notice("You are in", &body));
    page.with("set-cookie", house.site.cookie_line(&session))
        .with("refresh", "0; url=/".to_owned())
}

fn leave(house: &House, asked: &Asked) -> Answer {
    for session in house.site.cookies(&asked.heads) {
        house.sessions.leave(session);
    }
    let body =
        html! { p { "This browser may look no more. " code { "mcf serve" } " prints a link for the next one." } };
    Answer::page(200, notice("You have left", &body))
}

fn missing() -> String {
    notice(
        "There is no such page",
        &html! { p { a.act href="/" { "To the board" } } },
    )
}

fn used_link() -> String {
    let body = html! {
        p { "This link was used, or is an older one: each is good once, for one browser." }
        p { "The newest stands in the terminal, or in the log, of " code { "mcf serve" } "; a new start prints another." }
    };
    notice("The link is good no more", &body)
}

/// Who was here before comes in by a step from this page: on one from elsewhere the browser keeps the cookie back.
fn stranger(asked: &Asked) -> Answer {
    let is_from_elsewhere = matches!(asked.heads.fetch_site.as_deref(), Some("cross-site" | "same-site"));
    let body = html! {
        @if is_from_elsewhere && asked.method == Method::Get {
            p { "If this browser has come in before: " a.act.main href=(asked.address) { "Open the page" } }
        }
        p { "This page is for who has the link that " code { "mcf serve" } " prints when it starts. Each link lets one browser in." }
        p { "The newest stands in the terminal, or in the log, of " code { "mcf serve" } "; a new start prints another." }
    };
    Answer::page(403, notice("Come in by the link", &body))
}
