//! Which orders are wanted: the filters of a query or a form, read as the command line reads them.

use chrono::{DateTime, Utc};

use super::with_query;
use crate::domain::flag::Reason;
use crate::domain::span::day_or_instant;
use crate::domain::state::State;
use crate::report::search::Search;

/// What was asked for, and what of it can't be.
#[derive(Debug, Default)]
pub struct OrderQuery {
    /// The filters.
    pub search: Search,
    /// What was typed, by the name of its field.
    typed: Vec<(&'static str, String)>,
    /// What of it is none.
    pub wrong: Vec<String>,
}

const FIELDS: [&str; 6] = ["find", "state", "reason", "sku", "since", "until"];

impl OrderQuery {
    /// Reads the filters of a query or a form.
    pub fn read(value: impl Fn(&str) -> Option<String>, now: DateTime<Utc>) -> Self {
        let mut query = Self::default();
        for name in FIELDS {
            if let Some(text) = value(name) {
                query.take(name, text, now);
            }
        }
        query
    }

    fn take(&mut self, name: &'static str, text: String, now: DateTime<Utc>) {
        let search = &mut self.search;
        let is_understood = match name {
            "state" => kept(&mut search.state, State::read(&text.to_lowercase())),
            "reason" => kept(&mut search.reason, Reason::read(&text.to_uppercase())),
            "since" => kept(
                &mut search.since,
                day_or_instant(&text, now).ok().map(|(begin, _)| begin),
            ),
            "until" => kept(&mut search.until, day_or_instant(&text, now).ok().map(|(_, end)| end)),
            "sku" => kept(&mut search.sku, Some(text.clone())),
            _ => kept(&mut search.find, Some(text.clone())),
        };
        if !is_understood {
            self.wrong.push(format!("{name} can't be {text:?}"));
        }
        self.typed.push((name, text));
    }

    /// Returns what was typed, by the name of its field.
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        let typed = self.typed.iter();
        typed.map(|(name, text)| (*name, text.as_str())).collect()
    }

    /// Tells whether something that was typed can't be.
    pub fn is_wrong(&self) -> bool {
        !self.wrong.is_empty()
    }

    /// Returns what was typed into a field.
    pub fn typed(&self, name: &str) -> &str {
        let mut typed = self.typed.iter().filter(|(field, _)| *field == name);
        typed.next().map_or("", |(_, text)| text.as_str())
    }

    /// Returns the address of the same orders, with more to say behind it.
    pub fn address(&self, more: &[(&str, &str)]) -> String {
        let mut pairs = self.pairs();
        pairs.extend(more.iter().copied());
        with_query("/orders", &pairs)
    }
}

fn kept<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    *place = value;
    place.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> OrderQuery {
        let now = DateTime::from_timestamp(1_767_618_000, 0).expect("an instant");
        let value = |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, text)| (*text).to_owned())
        };
        OrderQuery::read(value, now)
    }

    #[test]
    fn filters_are_read_as_the_command_line_reads_them() {
        let found = query(&[
            ("state", "flagged"),
            ("reason", "SKU_NOT_MAPPED"),
            ("since", "2026-01-01"),
            ("until", "2026-01-02"),
        ]);
        assert!(found.wrong.is_empty(), "{found:?}");
        assert_eq!(found.search.state, Some(State::Flagged));
        assert_eq!(found.search.reason, Some(Reason::SkuNotMapped));
        let at = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339());
        assert_eq!(at(found.search.since).as_deref(), Some("2026-01-01T00:00:00+00:00"));
        assert_eq!(at(found.search.until).as_deref(), Some("2026-01-03T00:00:00+00:00"));
        assert_eq!(
            found.address(&[("after", "1-2")]),
            "/orders?state=flagged&reason=SKU_NOT_MAPPED&since=2026-01-01&until=2026-01-02&after=1-2"
        );
    }

    #[test]
    fn what_is_no_filter_is_said_and_shown_again() {
        let found = query(&[("state", "<b>"), ("since", "tomorrow"), ("find", "5769")]);
        assert_eq!(found.wrong.len(), 2);
        assert_eq!(
            (found.typed("state"), found.search.find.as_deref()),
            ("<b>", Some("5769"))
        );
    }
}
