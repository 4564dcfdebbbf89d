//! Which address is which view, and who may see it.

use std::time::Instant;

use maud::html;

use super::answer::Answer;
use super::application::{Application, ENTER};
use super::asked::{Asked, Method};
use super::frame::notice;
use super::views::{
    self, board, deadlines, log, mappings, order, order_actions, orders, pause, route, settings, stock,
};

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
    OrderAction,
    /// What a person does to many orders.
    BulkAction,
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
            ["orders", _, word] => order_actions::verb(word).map(|_| Self::OrderAction),
            ["hands", word] => order_actions::verb(word).map(|_| Self::BulkAction),
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
            Self::OrderAction | Self::BulkAction | Self::ByHand | Self::Pause | Self::Unmap | Self::UndoImport => {
                "GET, HEAD, POST"
            }
            Self::Buyer | Self::Resume | Self::TestEndpoints | Self::Suggest | Self::Map | Self::Leave => "POST",
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
pub fn admit(application: &Application, asked: &Asked) -> Result<Route, Answer> {
    if let Some(why) = application.site.refusal(asked.method, &asked.heads, asked.local) {
        return Err(Answer::line(403, why));
    }
    let Some(route) = Route::of(&asked.path) else {
        return Err(Answer::page(404, missing()));
    };
    if !route.takes(asked.method) {
        let answer = Answer::page(405, buttons_only());
        return Err(answer.with("allow", route.allowed().to_owned()));
    }
    match route.is_open() || application.is_in(asked) {
        true => Ok(route),
        false => Err(stranger(asked)),
    }
}

/// Answers a request that was let in.
pub fn answer(application: &Application, asked: &Asked) -> Answer {
    match admit(application, asked) {
        Err(refused) => refused,
        Ok(Route::Enter) => enter(application, asked),
        Ok(Route::Leave) => leave(application, asked),
        Ok(Route::Metrics) => views::metrics(application),
        Ok(Route::Healthz) => views::healthz(application),
        Ok(Route::Board) => board::board(application),
        Ok(Route::Orders) => orders::orders(application, asked),
        Ok(Route::Order) => order::order(application, asked),
        Ok(Route::OrderAction) => order_actions::one(application, asked),
        Ok(Route::BulkAction) => order_actions::many(application, asked),
        Ok(Route::ByHand) if asked.method == Method::Post => route::route(application, asked),
        Ok(Route::ByHand) => route::ask(asked),
        Ok(Route::Pause) if asked.method == Method::Post => pause::pause(application, asked),
        Ok(Route::Pause) => pause::ask(application),
        Ok(Route::Resume) => pause::resume(application),
        Ok(Route::Deadlines) => deadlines::deadlines(application),
        Ok(Route::Stock) => stock::stock(application),
        Ok(Route::Mappings) => mappings::mappings(application, asked),
        Ok(Route::Suggest) => mappings::suggest(application),
        Ok(Route::Map) => mappings::add(application, asked),
        Ok(Route::Unmap) => mappings::remove(application, asked),
        Ok(Route::UndoImport) => mappings::undo(application, asked),
        Ok(Route::Log) => log::log(application, asked),
        Ok(Route::Settings) => settings::settings(application),
        Ok(Route::TestEndpoints) => settings::test_endpoints(application),
        Ok(Route::Buyer) => order::buyer(application, asked),
    }
}

/// A step to the first page by this page itself: a browser that came from elsewhere keeps the cookie back on a redirect.
fn enter(application: &Application, asked: &Asked) -> Answer {
    let key = asked.query("key").filter(|_| !asked.heads.is_prefetch);
    let Some(session) = key.and_then(|key| application.sessions.enter(key, Instant::now())) else {
        return match application.is_in(asked) {
            true => Answer::to("/"),
            false => Answer::page(403, used_link()),
        };
    };
    if let Some(link) = application.link() {
        (application.announce)(&link);
    }
    let body = html! { p { "This browser may look and click now, until it is away for twelve hours." } p { a.act.main href="/" { "To the board" } } };
    let page = Answer::page(200, notice("You are in", &body));
    page.with("set-cookie", application.site.cookie_line(&session))
        .with("refresh", "0; url=/".to_owned())
}

fn leave(application: &Application, asked: &Asked) -> Answer {
    for session in application.site.cookies(&asked.heads) {
        application.sessions.leave(session);
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

fn buttons_only() -> String {
    let body = html! { p { "Only a button of the page leads here." } p { a.act href="/" { "To the board" } } };
    notice("There is nothing to see here", &body)
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
