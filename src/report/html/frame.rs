//! What every page is made of: head, heading, the way to its parts, the parts. It asks for nothing over the network and runs no script.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

/// How all pages look.
pub const STYLE: &str = include_str!("style.css");

/// One part of a page, with a heading of its own.
pub struct Part {
    /// The name by which a link leads here.
    pub id: &'static str,
    /// The heading.
    pub title: &'static str,
    /// Whether it stands beside another where there is room.
    pub is_half: bool,
    /// Whether its heading is only for who does not see: the page's own says the same.
    pub is_title_unseen: bool,
    /// What it shows.
    pub body: Markup,
}

impl Part {
    /// A part as wide as the page.
    #[must_use]
    pub fn whole(id: &'static str, title: &'static str, body: Markup) -> Self {
        Self {
            id,
            title,
            is_half: false,
            is_title_unseen: false,
            body,
        }
    }

    /// A part that may stand beside another.
    #[must_use]
    pub fn half(id: &'static str, title: &'static str, body: Markup) -> Self {
        Self {
            is_half: true,
            ..Self::whole(id, title, body)
        }
    }

    /// The same under the page's own heading.
    #[must_use]
    pub fn with_title_unseen(self) -> Self {
        Self {
            is_title_unseen: true,
            ..self
        }
    }

    /// Draws it.
    #[must_use]
    pub fn draw(&self) -> Markup {
        let class = if self.is_half { "half" } else { "whole" };
        html! {
            section id=(self.id) class=(class) aria-labelledby=(heading_of(self.id)) {
                h2 id=(heading_of(self.id)) class=[self.is_title_unseen.then_some("unseen")] { (self.title) }
                (self.body)
            }
        }
    }
}

/// Returns the name of a part's heading.
#[must_use]
pub fn heading_of(id: &str) -> String {
    format!("{id}-heading")
}

/// Draws a page: `generator` says what made it, `lead` is what stands first.
#[must_use]
pub fn document(generator: &str, title: &str, lead: &Markup, parts: &[Part], end: &str) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="generator" content=(generator);
                meta http-equiv="Content-Security-Policy" content=(content_security_policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "To the content" }
                header { (lead) }
                (navigation(parts))
                main id="main" tabindex="-1" { @for part in parts { (part.draw()) } }
                footer { p.soft { (end) } }
            }
        }
    };
    page.into_string()
}

fn navigation(parts: &[Part]) -> Markup {
    html! {
        nav aria-label="Parts of this page" {
            ul { @for part in parts { li { a href=(format!("#{}", part.id)) { (part.title) } } } }
        }
    }
}

/// Allows this page's own style and nothing else.
fn content_security_policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}
