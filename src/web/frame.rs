//! What every view stands in: the bar with the search, the heading, the parts, the end. One style, one small script that only refreshes.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::report::html::frame::{Part, STYLE};

const OWN_STYLE: &str = include_str!("style.css");
const REFRESH: &str = include_str!("refresh.js");

/// The views that the bar leads to.
const BAR: [(&str, &str); 7] = [
    ("/", "Board"),
    ("/orders", "Orders"),
    ("/deadlines", "Deadlines"),
    ("/stock", "Stock"),
    ("/mappings", "Mappings"),
    ("/log", "Log"),
    ("/settings", "Settings"),
];

/// One view.
pub struct Sheet {
    /// What the browser's tab says.
    pub title: String,
    /// Which entry of the bar it belongs to.
    pub here: &'static str,
    /// What stands first, with the heading.
    pub lead: Markup,
    /// What it shows.
    pub parts: Vec<Part>,
    /// Whether it may refresh itself: nothing is typed there.
    pub is_live: bool,
}

impl Sheet {
    /// A view with a heading.
    pub fn new(here: &'static str, title: &str) -> Self {
        Self {
            title: title.to_owned(),
            here,
            lead: html! { h1 { (title) } },
            parts: Vec::new(),
            is_live: false,
        }
    }

    /// Draws the whole page.
    pub fn draw(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                (head(&self.title))
                body data-live=[self.is_live.then_some("yes")] {
                    a.skip href="#main" { "To the content" }
                    (bar(self.here))
                    header { (self.lead) }
                    main id="main" tabindex="-1" { @for part in &self.parts { (part.draw()) } }
                    footer { p.soft { "mcf " (env!("CARGO_PKG_VERSION")) ". Nothing about a buyer is here but where you ask for it." } }
                    @if self.is_live { script { (PreEscaped(REFRESH)) } }
                }
            }
        };
        page.into_string()
    }
}

/// A page for who is not in, or not wanted: a heading and what to do, without the bar.
pub fn notice(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head(title))
            body.notice { main id="main" { section.whole { h1 { (title) } (body) } } }
        }
    };
    page.into_string()
}

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="robots" content="noindex";
            title { (title) " · mcf" }
            style { (PreEscaped(style())) }
        }
    }
}

fn bar(here: &str) -> Markup {
    html! {
        nav.bar aria-label="Views" {
            ul { @for (address, name) in BAR {
                li { a href=(address) aria-current=[(address == here).then_some("page")] { (name) } }
            } }
            form role="search" method="get" action="/orders" {
                label.unseen for="anywhere" { "Find an order by an id, a number or a SKU" }
                input id="anywhere" type="search" name="find" placeholder="Order, number, SKU" maxlength="100";
                button { "Find" }
            }
        }
    }
}

fn style() -> &'static str {
    static WHOLE: LazyLock<String> = LazyLock::new(|| format!("{STYLE}{OWN_STYLE}"));
    &WHOLE
}

/// Allows our own style, our own script, and forms that come back to us; nothing else, from nowhere else.
pub fn policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
        format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; connect-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'",
            hash(style()),
            hash(REFRESH)
        )
    });
    &POLICY
}
