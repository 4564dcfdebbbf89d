//! `mcf check`: proves what the program stands on, one line each, each failure once and with its fix.
//!
//! Each part reads its facts, and a pure function beside it judges them. A vendor's refusal is a failed check; only where the database
//! is unusable there is an error and no list.

mod amazon;
mod clock;
mod endpoints;
mod files;
mod handshake;
mod host;
mod mappings;
mod options;
mod schedule;
mod tiktok;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Serialize;

use super::{Error, Session, store_behind};

/// What one line names at most.
const NAMED_MAX: usize = 5;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is as it should be.
    #[serde(rename = "ok")]
    Passed,
    /// It works, and a person should know.
    Warning,
    /// It must be mended.
    Failed,
}

impl Outcome {
    /// Returns the word shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// What was proven, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at, e.g. `tiktok.shop`.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub outcome: Outcome,
    /// What was found, for a person.
    #[serde(rename = "message")]
    pub text: String,
    /// What to type or change, where it is not as it should be.
    #[serde(rename = "fix")]
    pub help: Option<String>,
}

impl Check {
    fn pass(name: &'static str, text: impl Into<String>) -> Self {
        Self {
            name,
            outcome: Outcome::Passed,
            text: text.into(),
            help: None,
        }
    }

    fn warn(name: &'static str, text: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Warning,
            ..Self::fail(name, text, help)
        }
    }

    /// Makes a failed check.
    pub fn fail(name: &'static str, text: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            name,
            outcome: Outcome::Failed,
            text: text.into(),
            help: Some(help.into()),
        }
    }
}

/// What the front end knows of the user.
#[derive(Debug, Clone)]
pub struct HostFacts {
    /// The user's number; `None` where the system does not tell.
    pub user_id: Option<u32>,
    /// The user's name.
    pub user: String,
    /// The user's home.
    pub home: Option<PathBuf>,
}

/// The parts of `mcf check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// This machine.
    Host,
    /// TikTok's side.
    Tiktok,
    /// Amazon's side.
    Amazon,
    /// Every mapped SKU, on both sides.
    Mappings,
}

/// All checks so far, and the causes that were told.
#[derive(Debug, Default)]
struct Checks {
    list: Vec<Check>,
    causes: BTreeSet<String>,
}

impl Checks {
    fn push(&mut self, check: Check) {
        self.list.push(check);
    }

    /// Notes a cause that stands in the list already, so that what depends on it is not told again.
    fn know(&mut self, cause: &str) {
        self.causes.insert(cause.to_owned());
    }

    /// Adds what could not be looked at, unless its cause was told before.
    fn refused(&mut self, name: &'static str, error: impl Into<Error>) -> Result<(), Error> {
        self.told(name, error, Outcome::Failed)
    }

    fn told(&mut self, name: &'static str, error: impl Into<Error>, outcome: Outcome) -> Result<(), Error> {
        let error = error.into();
        if store_behind(&error).is_some_and(crate::store::Error::is_unusable) || matches!(error, Error::Stopped) {
            return Err(error);
        }
        if self.causes.insert(error.cause()) {
            let (text, help) = (error.said(), error.help());
            self.push(Check {
                name,
                outcome,
                text,
                help,
            });
        }
        Ok(())
    }

    /// Adds what an answer was judged to be.
    fn judged<T>(
        &mut self,
        name: &'static str,
        answer: Result<T, impl Into<Error>>,
        judge: impl FnOnce(T) -> Check,
    ) -> Result<(), Error> {
        match answer {
            Ok(found) => self.push(judge(found)),
            Err(error) => self.refused(name, error)?,
        }
        Ok(())
    }
}

/// Looks at all, or at one part.
///
/// # Errors
/// When the database is unusable or the operator asks to stop.
pub fn run(session: &Session, facts: &HostFacts, part: Option<Part>) -> Result<Vec<Check>, Error> {
    let mut checks = Checks::default();
    let wants = |wanted| part.is_none_or(|part| part == wanted);
    if wants(Part::Host) {
        host::look(session, facts, &mut checks)?;
    }
    if wants(Part::Tiktok) {
        tiktok::look(session, &mut checks)?;
    }
    if wants(Part::Amazon) {
        amazon::look(session, &mut checks)?;
    }
    if wants(Part::Mappings) {
        mappings::look(session, &mut checks)?;
    }
    if part.is_none() {
        endpoints::look(session, &mut checks);
    }
    if !matches!(part, Some(Part::Mappings | Part::Host)) {
        clock::look(session, &mut checks);
    }
    Ok(checks.list)
}

/// Names the first of many.
fn first_of(texts: &[String]) -> String {
    let first = texts.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join("; ");
    match texts.len().saturating_sub(NAMED_MAX) {
        0 => first,
        more => format!("{first}; and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn missing() -> Error {
        Error::Config(config::Error::NotUnicode {
            variable: "TIKTOK_APP_KEY".to_owned(),
        })
    }

    #[test]
    fn one_cause_is_told_once_and_another_one_too() {
        let mut checks = Checks::default();
        for name in ["tiktok.credentials", "mappings.listings"] {
            checks.refused(name, missing()).expect("no trouble of the database");
        }
        checks.refused("tiktok.orders", Error::NoWarehouse).expect("as before");
        let names: Vec<&str> = checks.list.iter().map(|check| check.name).collect();
        assert_eq!(names, ["tiktok.credentials", "tiktok.orders"]);
        assert!(checks.refused("x", Error::Stopped).is_err());
    }

    #[test]
    fn many_are_named_by_the_first_and_counted() {
        let texts: Vec<String> = (1..=7).map(|number| number.to_string()).collect();
        assert_eq!(first_of(&texts), "1; 2; 3; 4; 5; and 2 more");
        assert_eq!(first_of(&texts[..2]), "1; 2");
    }
}
