//! The pause that keeps new fulfillment orders back.

use chrono::Local;
use maud::html;

use super::order_actions::because;
use super::{pause_banner, step, trouble};
use crate::domain::pause::until;
use crate::web::answer::Answer;
use crate::web::application::Application;
use crate::web::asked::Asked;

const WHAT: &str = "No new fulfillment orders go to Amazon meanwhile. Cancellations, tracking and stock go on, and a single order can still be routed by hand.";

/// Asks before new orders are kept back, or whether that is to end.
pub fn ask(application: &Application) -> Answer {
    let paused = match application.console.look(|look| look.store.pause(look.now)) {
        Ok(paused) => paused,
        Err(error) => return trouble(&error),
    };
    let body = html! {
        (pause_banner(paused.as_ref()))
        p { (WHAT) }
        form.fields method="post" action="/pause" {
            div { label for="until" { "Until (an hour of the day; empty: until it is ended by hand)" } input id="until" name="until" type="time"; }
            (because())
            div.actions { button.main { "Pause" } a.act href="/" { "Leave it as it is" } }
        }
    };
    step("/", 200, "Pause new orders?", body)
}

/// Keeps new orders back.
pub fn pause(application: &Application, asked: &Asked) -> Answer {
    let end = asked
        .form("until")
        .map(|text| until(text, application.console.now(), &Local))
        .transpose();
    let Ok(end) = end else {
        let body = html! { p.alarm { "That is no hour of the day, or it is over. Nothing was changed." } div.actions { a.act.main href="/pause" { "Back" } } };
        return step("/", 422, "Pause new orders?", body);
    };
    match application.console.pause(end, asked.form("because")) {
        Ok(()) => Answer::to("/"),
        Err(error) => trouble(&error),
    }
}

/// Lets new orders go again.
pub fn resume(application: &Application) -> Answer {
    match application.console.resume() {
        Ok(()) => Answer::to("/"),
        Err(error) => trouble(&error),
    }
}
