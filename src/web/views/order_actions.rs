//! What a person does to orders, each time in two steps: what would be done, then the click that does it. Works without script.

use maud::{Markup, html};

use super::order_query::OrderQuery;
use super::{address_of, step, trouble, what_to_do, with_query};
use crate::domain::ids::TiktokOrderId;
use crate::jobs::hand::{Refusal, Verb};
use crate::report::text::clean;
use crate::run::Done;
use crate::web::answer::Answer;
use crate::web::application::Application;
use crate::web::asked::{Asked, Method};

/// How many orders are named before something is done to them, and of those to which it was not done.
const NAMED_MAX: usize = 50;

/// What can be done on the page.
const VERBS: [Verb; 5] = [Verb::APPROVE, Verb::RELEASE, Verb::HOLD, Verb::RESTORE, Verb::DISMISS];

/// Returns what is meant by a piece of an address.
pub fn verb(word: &str) -> Option<Verb> {
    VERBS.into_iter().find(|verb| verb.name == word)
}

/// Says it as a button does: `Hold`.
pub fn title(verb: Verb) -> String {
    let mut letters = verb.name.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}", letters.as_str())
}

/// Asks before something is done to an order, or does it.
pub fn one(application: &Application, asked: &Asked) -> Answer {
    let [_, name, word] = asked.path.as_slice() else {
        return Answer::line(404, "no such address");
    };
    let (Ok(id), Some(verb)) = (TiktokOrderId::parse(name), verb(word)) else {
        return Answer::line(404, "no such order, or nothing that is done to one");
    };
    match asked.method {
        Method::Post => do_one(application, &id, verb, asked.form("because")),
        Method::Get | Method::Head | Method::Other => match application.console.look(|look| look.would(&id, verb)) {
            Ok(would) => asked_of_one(&id, verb, &would),
            Err(error) => trouble(&error),
        },
    }
}

fn asked_of_one(id: &TiktokOrderId, verb: Verb, would: &Done) -> Answer {
    let back = address_of(id.as_str());
    let question = format!("{} order {id}?", title(verb));
    match would {
        Err(refusal) => refused(&question, refusal, &back),
        Ok(sentence) => {
            let body = html! {
                p.next { (text(sentence)) }
                form.fields method="post" action=(format!("{back}/{}", verb.name)) {
                    (because())
                    div.actions { button.main { (title(verb)) " it" } a.act href=(back) { "Leave it as it is" } }
                }
            };
            page(200, &question, body)
        }
    }
}

fn do_one(application: &Application, id: &TiktokOrderId, verb: Verb, because: Option<&str>) -> Answer {
    let back = address_of(id.as_str());
    let done = application.console.hand(std::slice::from_ref(id), verb, because);
    match done.map(|mut done| done.pop()) {
        Ok(Some(Ok(sentence))) => {
            let body = html! {
                p.next { (text(&sentence)) }
                div.actions { a.act.main href=(back) { "To the order" } a.act href="/" { "To the board" } }
            };
            page(200, &format!("Order {id}"), body)
        }
        Ok(Some(Err(refusal))) => refused(&format!("Order {id}"), &refusal, &back),
        Ok(None) => Answer::to(&back),
        Err(error) => trouble(&error),
    }
}

/// Says why nothing was done.
pub fn refused(title: &str, refusal: &Refusal, back: &str) -> Answer {
    let (status, help) = match refusal {
        Refusal::NotNow { help, .. } => (422, help.as_str()),
        Refusal::WriteConflict(_) => (409, "look at it again, then decide"),
        Refusal::Store(_) => (404, "the board shows what there is"),
    };
    let body = html! {
        p.alarm { (text(&refusal.to_string())) }
        p { "Nothing was changed." }
        (what_to_do(help))
        div.actions { a.act.main href=(back) { "Back" } }
    };
    page(status, title, body)
}

/// Asks before something is done to many orders, or does it.
pub fn many(application: &Application, asked: &Asked) -> Answer {
    let Some(verb) = asked.path.get(1).and_then(|word| verb(word)) else {
        return Answer::line(404, "nothing that is done to orders");
    };
    let is_post = asked.method == Method::Post;
    let value = |name: &str| if is_post { asked.form(name) } else { asked.query(name) };
    let query = OrderQuery::read(|name| value(name).map(str::to_owned), application.console.now());
    if query.search.is_all() || query.is_wrong() {
        let body = html! {
            p { "Say first which orders are meant: by state, reason, SKU, day or text." }
            div.actions { a.act.main href=(query.address(&[])) { "To the orders" } }
        };
        return page(422, "Which orders?", body);
    }
    let ids = match application.console.look(|look| look.meant(&query.search, verb)) {
        Ok(ids) => ids,
        Err(error) => return trouble(&error),
    };
    let agreed = asked.form("count").and_then(|count| count.parse::<usize>().ok());
    match is_post {
        true if agreed == Some(ids.len()) => do_many(application, &ids, verb, asked.form("because"), &query),
        is_changed => asked_of_many(&ids, verb, &query, is_changed),
    }
}

fn asked_of_many(ids: &[TiktokOrderId], verb: Verb, query: &OrderQuery, is_changed: bool) -> Answer {
    let question = format!("{} {}?", title(verb), orders(ids.len()));
    let body = html! {
        @if is_changed { p.alarm { "Other orders are meant than a moment ago. Nothing was done; look again." } }
        p.next { (orders(ids.len())) " would be " (verb.done) "." }
        @if ids.is_empty() {
            p.soft { "Of these orders none would change." }
            div.actions { a.act.main href=(query.address(&[])) { "To the orders" } }
        } @else {
            (named(ids))
            form.fields method="post" action=(format!("/hands/{}", verb.name)) {
                @for (name, typed) in query.pairs() { input type="hidden" name=(name) value=(typed); }
                input type="hidden" name="count" value=(ids.len());
                (because())
                div.actions { button.main { (title(verb)) " " (orders(ids.len())) } a.act href=(query.address(&[])) { "Leave them as they are" } }
            }
        }
    };
    page(if is_changed { 409 } else { 200 }, &question, body)
}

fn do_many(
    application: &Application,
    ids: &[TiktokOrderId],
    verb: Verb,
    because: Option<&str>,
    query: &OrderQuery,
) -> Answer {
    let done = match application.console.hand(ids, verb, because) {
        Ok(done) => done,
        Err(error) => return trouble(&error),
    };
    let left: Vec<(&TiktokOrderId, &Refusal)> = ids
        .iter()
        .zip(&done)
        .filter_map(|(id, done)| Some((id, done.as_ref().err()?)))
        .collect();
    let body = html! {
        p.next { (orders(ids.len() - left.len())) " " @if ids.len() - left.len() == 1 { "is" } @else { "are" } " " (verb.done) "." }
        @if !left.is_empty() {
            p.alarm { (orders(left.len())) " were left as they are:" }
            ul { @for (id, why) in left.iter().take(NAMED_MAX) { li { a href=(address_of(id.as_str())) { (id) } ": " (text(&why.to_string())) } } }
        }
        div.actions { a.act.main href=(query.address(&[])) { "To the orders" } a.act href="/" { "To the board" } }
    };
    page(200, &title(verb), body)
}

fn named(ids: &[TiktokOrderId]) -> Markup {
    html! {
        ul { @for id in ids.iter().take(NAMED_MAX) { li { a href=(address_of(id.as_str())) { (id) } } } }
        @if ids.len() > NAMED_MAX { p.soft { "… and " (ids.len() - NAMED_MAX) " more." } }
    }
}

/// The ways to do something to all the orders of a search.
pub fn ways(query: &OrderQuery) -> Markup {
    html! {
        details {
            summary { "Do something to all of them" }
            div.actions { @for verb in VERBS { a.act href=(with_query(&format!("/hands/{}", verb.name), &query.pairs())) { (title(verb)) } } }
        }
    }
}

/// The field for the reason that the history keeps.
pub fn because() -> Markup {
    html! { div { label for="because" { "Why, for the history (may stay empty)" } input id="because" name="because" type="text" maxlength="200" autocomplete="off"; } }
}

/// A page of one step with orders.
fn page(status: u16, title: &str, body: Markup) -> Answer {
    step("/orders", status, title, body)
}

fn orders(count: usize) -> String {
    match count {
        1 => "1 order".to_owned(),
        count => format!("{count} orders"),
    }
}

fn text(text: &str) -> String {
    clean(text)
}
