//! The pause that keeps new fulfillment orders back.

use chrono::Local;
use maud::html;

use super::deeds::{because, page};
use super::trouble;
use crate::domain::pause::until;
use crate::report::text::clean;
use crate::web::answer::Answer;
use crate::web::asked::Asked;
use crate::web::house::House;

const WHAT: &str = "No new fulfillment orders go to Amazon meanwhile. Cancellations, tracking and stock go on, and a single order can still be routed by hand.";

/// Asks before new orders are kept back, or whether that is to end.
pub fn ask(house: &House) -> Answer {
    let paused = match house.desk.look(|look| look.store.pause(look.now)) {
        Ok(paused) => paused,
        Err(error) => return trouble(&error),
    };
    let body = html! {
        @if let Some(pause) = &paused {
            div.banner { p { "⏸ " (clean(&pause.sentence())) } form method="post" action="/resume" { button.main { "Resume" } } }
        }
        p { (WHAT) }
        form.fields method="post" action="/pause" {
            div { label for="until" { "Until (an hour of the day; empty: until it is ended by hand)" } input id="until" name="until" type="time"; }
            (because())
            div.deeds { button.main { "Pause" } a.act href="/" { "Go on" } }
        }
    };
    page(200, "Pause new orders?", body)
}

/// Keeps new orders back.
pub fn pause(house: &House, asked: &Asked) -> Answer {
    let end = asked
        .form("until")
        .map(|text| until(text, house.desk.now(), &Local))
        .transpose();
    let Ok(end) = end else {
        let body = html! { p.alarm { "That is no hour of the day, or it is over. Nothing was changed." } div.deeds { a.act.main href="/pause" { "Back" } } };
        return page(422, "Pause new orders?", body);
    };
    match house.desk.pause(end, asked.form("because")) {
        Ok(()) => Answer::to("/"),
        Err(error) => trouble(&error),
    }
}

/// Lets new orders go again.
pub fn resume(house: &House) -> Answer {
    match house.desk.resume() {
        Ok(()) => Answer::to("/"),
        Err(error) => trouble(&error),
    }
}
