//! What every view is made with: the console, the sessions, how commands are written.

use std::time::Instant;

use super::asked::Asked;
use super::sessions::Sessions;
use super::site::Site;
use crate::run::Console;

/// Where the link leads.
pub const ENTER: &str = "enter";

/// Everything that a view is made with.
pub struct Application {
    /// What is looked at.
    pub console: Console,
    /// Who we are to a browser.
    pub site: Site,
    /// Who has come in.
    pub sessions: Sessions,
    /// Writes the commands that a text names as they are to be typed.
    pub commands: fn(&str) -> String,
    /// Hears the next link when one is used.
    pub announce: Box<dyn Fn(&str) + Send + Sync>,
}

impl Application {
    /// Makes the link that lets one browser in.
    pub fn link(&self) -> Option<String> {
        let key = self.sessions.next_link()?;
        Some(format!("{}/{ENTER}?key={key}", self.site.home()))
    }

    /// Tells whether a browser has come in.
    pub fn is_in(&self, asked: &Asked) -> bool {
        let mut cookies = self.site.cookies(&asked.heads);
        cookies.any(|session| self.sessions.knows(session, Instant::now()))
    }
}
