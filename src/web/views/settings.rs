//! The settings as they are in force, secrets hidden.

use maud::html;

use super::{shown, step, trouble};
use crate::report::html::frame::Part;
use crate::report::text::clean;
use crate::web::answer::Answer;
use crate::web::application::Application;
use crate::web::frame::Sheet;

/// Sends each endpoint a test event and says how that went.
pub fn test_endpoints(application: &Application) -> Answer {
    let results = match application.console.test_endpoints() {
        Ok(results) => results,
        Err(error) => return trouble(&error),
    };
    let body = html! {
        @if results.is_empty() { p { "No endpoint is configured: add a " code { "[[webhooks]]" } " part with its url to the configuration." } }
        @for (name, result) in &results {
            @match result {
                Ok(status) => p.good { "✓ " (clean(name)) " took the test event (" (status) ")." },
                Err(why) => p.alarm { "⚠ " (clean(name)) " did not take the test event: " (clean(why)) },
            }
        }
        div.actions { a.act.main href="/settings" { "To the settings" } }
    };
    step("/settings", 200, "Test event", body)
}

/// Answers with what is in force.
pub fn settings(application: &Application) -> Answer {
    shown(application.console.look(|look| {
        let file = look.settings.file.as_ref().map(|file| file.display().to_string());
        let warnings: Vec<String> = look.settings.warnings.iter().map(ToString::to_string).collect();
        let body = html! {
            @for table in look.settings.shown().iter().filter(|table| !table.values.is_empty()) {
                h3 { (clean(&table.table)) }
                dl.facts { @for (key, value) in &table.values { dt { (clean(key)) } dd { (clean(value)) } } }
            }
        };
        Ok(Sheet {
            lead: html! {
                h1 { "Settings" }
                p.soft {
                    @match file {
                        Some(file) => { "As each run reads them, from " code { (clean(&file)) } " and the environment. A secret is never shown." },
                        None => "As each run reads them, from the environment. A secret is never shown.",
                    }
                }
                @for warning in &warnings { p.alarm { (clean(warning)) } }
                div.actions {
                    form method="post" action="/settings/endpoints" { button { "Send a test event to the endpoints" } }
                    form method="post" action="/leave" { button { "Let this browser out" } }
                }
            },
            parts: vec![Part::whole("in-force", "In force", body).with_title_unseen()],
            ..Sheet::new("/settings", "Settings")
        })
    }))
}
