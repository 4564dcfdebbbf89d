//! Deadlines: what is due, how late what was due went, by speed and carrier.

use maud::html;

use super::{reader, shown};
use crate::report::due::DueOrders;
use crate::report::html::dispatch;
use crate::report::text::percent;
use crate::web::answer::Answer;
use crate::web::application::Application;
use crate::web::frame::Sheet;

/// Answers with what is due.
pub fn deadlines(application: &Application) -> Answer {
    shown(application.console.look(|look| {
        let (due, reader) = (DueOrders::read(look.store, look.now)?, reader(application, look));
        let (week, month) = (percent(due.rate.d7), percent(due.rate.d30));
        Ok(Sheet {
            lead: html! {
                h1 { "Deadlines" }
                p.soft { "Late dispatch: " (week) " of the orders due in the last 7 days, " (month) " of those in the last 30." }
            },
            parts: vec![
                dispatch::deadlines(&due.next, &reader),
                dispatch::hand_over(&due.handed_over),
                dispatch::late_dispatch(&due.groups, &reader),
            ],
            is_live: true,
            ..Sheet::new("/deadlines", "Deadlines")
        })
    }))
}
