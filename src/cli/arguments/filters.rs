//! Which orders are meant: the filters that lists, exports and bulk actions share.

use std::ffi::OsStr;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Args, Command};

use crate::clock::Clock;
use crate::config::Environment;
use crate::domain::flag::{Detail, Reason};
use crate::domain::quoting::shell_quoted;
use crate::domain::state::State;
use crate::store::OrderFilter;

/// Filters that all hold at once.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Which orders")]
#[group(id = "filters", multiple = true)]
pub struct OrderFilters {
    /// Only orders in this state
    #[arg(long, value_parser = states(), ignore_case = true)]
    pub state: Option<State>,
    /// Only orders with this reason
    #[arg(long, value_parser = Reasons, ignore_case = true)]
    pub reason: Option<Reason>,
    /// Only orders with this SKU: TikTok's, yours, or Amazon's
    #[arg(long, value_name = "SKU")]
    pub sku: Option<String>,
    /// Only orders first seen since then: a day (UTC) or an instant (RFC 3339)
    #[arg(long, value_parser = since, value_name = "DATE")]
    pub since: Option<Typed>,
    /// Only orders first seen until then; a day counts whole
    #[arg(long, value_parser = until, value_name = "DATE")]
    pub until: Option<Typed>,
    /// Only orders with this text in an id, a tracking number, a SKU or a product's name
    #[arg(long, value_name = "TEXT")]
    pub find: Option<String>,
}

/// An instant and how it was typed.
#[derive(Debug, Clone)]
pub struct Typed {
    /// What it means.
    pub at: DateTime<Utc>,
    text: String,
}

impl Typed {
    /// Returns the instant.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

impl OrderFilters {
    /// Tells whether no filter is given.
    pub fn is_empty(&self) -> bool {
        self.filter(None) == OrderFilter::default()
    }

    /// Returns the filter of the store.
    pub fn filter(&self, limit: Option<u32>) -> OrderFilter {
        OrderFilter {
            state: self.state,
            reason: self.reason,
            sku: self.sku.clone(),
            since: self.since.as_ref().map(|typed| typed.at),
            until: self.until.as_ref().map(|typed| typed.at),
            find: self.find.clone(),
            after: None,
            limit,
        }
    }

    /// Returns them as they are typed.
    pub fn words(&self) -> String {
        let time = |typed: &Option<Typed>| typed.as_ref().map(|typed| typed.text.clone());
        let given = [
            ("state", self.state.map(|state| state.as_str().to_owned())),
            ("reason", self.reason.map(|reason| reason.as_str().to_owned())),
            ("sku", self.sku.clone()),
            ("since", time(&self.since)),
            ("until", time(&self.until)),
            ("find", self.find.clone()),
        ];
        let word = |(name, value): (&str, Option<String>)| Some(format!("--{name} {}", shell_quoted(&value?)));
        given.into_iter().filter_map(word).collect::<Vec<_>>().join(" ")
    }
}

fn states() -> impl TypedValueParser<Value = State> {
    PossibleValuesParser::new(State::ALL.map(State::as_str))
        .try_map(|word| State::read(&word.to_lowercase()).ok_or("not a state"))
}

/// The reasons by their words. What is none is told by what it may have been meant as: a detail of a reason, or words for the history.
#[derive(Debug, Clone, Copy)]
struct Reasons;

impl TypedValueParser for Reasons {
    type Value = Reason;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, value: &OsStr) -> Result<Reason, clap::Error> {
        let word = value.to_string_lossy();
        Reason::read(&word.to_uppercase()).ok_or_else(|| {
            let takes_words = command.get_arguments().any(|known| known.get_long() == Some("because"));
            let said = no_reason(&word, takes_words);
            command.clone().error(ErrorKind::InvalidValue, said)
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let words = Reason::ALL
            .into_iter()
            .map(|reason| PossibleValue::new(reason.as_str()));
        Some(Box::new(words))
    }
}

fn no_reason(word: &str, takes_words: bool) -> String {
    let known: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    let nearest = nearest_reason(word);
    let tip = match nearest {
        Some(nearest) => format!("--reason {nearest}"),
        None if takes_words => format!("--because {} keeps it in the history", shell_quoted(word)),
        None => "mcf orders list --group shows the reasons that there are".to_owned(),
    };
    format!("{word:?} is not a reason; one of {}\n\n  tip: {tip}", known.join(", "))
}

/// Returns the reason of a detail, or the one that is spelled much the same.
fn nearest_reason(word: &str) -> Option<Reason> {
    let lower = word.to_lowercase();
    let detail = Detail::ALL.iter().find(|detail| detail.as_str() == lower);
    let spelled = |reason: &Reason| strsim::normalized_damerau_levenshtein(reason.as_str(), &word.to_uppercase());
    let near = || {
        let best = Reason::ALL
            .into_iter()
            .max_by(|one, other| spelled(one).total_cmp(&spelled(other)));
        best.filter(|reason| spelled(reason) > 0.6)
    };
    detail.map(|detail| detail.reason()).or_else(near)
}

pub(super) fn since(text: &str) -> Result<Typed, String> {
    past(text, TimeDelta::zero())
}

/// A day counts whole.
pub(super) fn until(text: &str) -> Result<Typed, String> {
    past(text, TimeDelta::days(1) - TimeDelta::seconds(1))
}

/// Returns the instant at which the command begins, as all of it goes by: that of `MCF_NOW` where it is set.
fn present() -> DateTime<Utc> {
    let clock = Environment::of_process().and_then(|environment| environment.clock());
    clock.map_or_else(|_| Utc::now(), |clock: Clock| clock.now())
}

fn past(text: &str, of_day: TimeDelta) -> Result<Typed, String> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let midnight = day
        .filter(|_| text.len() == "2026-01-31".len())
        .and_then(|day| day.and_hms_opt(0, 0, 0));
    let begin = match midnight {
        Some(midnight) => midnight.and_utc(),
        None => DateTime::parse_from_rfc3339(text)
            .map_err(|_| "not a day or an instant; write 2026-01-31 or 2026-01-31T08:00:00Z".to_owned())?
            .to_utc(),
    };
    if begin > present() {
        return Err("lies in the future".to_owned());
    }
    let at = if midnight.is_some() { begin + of_day } else { begin };
    let text = text.to_owned();
    Ok(Typed { at, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_reason_is_told_by_what_it_may_have_been_meant_as() {
        for (word, takes_words, tip) in [
            ("stock_too_low", false, "--reason INSUFFICIENT_INVENTORY"),
            ("SKU_UNMAPPED", false, "--reason SKU_NOT_MAPPED"),
            ("asked for by the buyer", true, "--because 'asked for by the buyer'"),
            ("nonsense", false, "mcf orders list --group"),
        ] {
            let said = no_reason(word, takes_words);
            assert!(said.contains(&format!("tip: {tip}")), "{word}: {said}");
        }
    }

    #[test]
    fn a_day_counts_whole_and_an_instant_to_the_second() {
        let at = |typed: Result<Typed, String>| typed.expect("a time").at.to_rfc3339();
        assert_eq!(at(since("2026-01-31")), "2026-01-31T00:00:00+00:00");
        assert_eq!(at(until("2026-01-31")), "2026-01-31T23:59:59+00:00");
        assert_eq!(at(until("2026-01-31T08:00:00Z")), "2026-01-31T08:00:00+00:00");
        for text in ["tomorrow", "2026-02-30", "2999-01-01", "2026-1-31"] {
            assert!(since(text).is_err(), "{text}");
        }
    }

    #[test]
    fn filters_are_said_again_as_they_were_typed() {
        let filters = OrderFilters {
            state: Some(State::Flagged),
            sku: Some("RED LAMP".to_owned()),
            since: since("2026-01-31").ok(),
            ..OrderFilters::default()
        };
        assert_eq!(filters.words(), "--state flagged --sku 'RED LAMP' --since 2026-01-31");
        assert!(OrderFilters::default().is_empty() && !filters.is_empty());
    }
}
