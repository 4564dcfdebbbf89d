//! `mcf log`: every state change, call, event and hand over all orders, oldest first, entry by entry.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::details::Details;
use super::text::{View, clean};
use crate::domain::ids::TiktokOrderId;
use crate::domain::journal::EntryKind;
use crate::store::{JournalFilter, JournalMark, JournalRow, JournalSource, PAGE, Result, Store};

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// What kind of thing happened.
    pub kind: EntryKind,
    /// The order that it is about.
    pub order_id: Option<TiktokOrderId>,
    /// What happened.
    pub text: String,
    /// What belongs to its kind.
    #[serde(flatten)]
    pub details: Details,
}

impl Entry {
    /// Writes the entry as one line for people.
    #[must_use]
    pub fn line(&self, view: &View) -> String {
        let order = self.order_id.as_ref().map_or("-", TiktokOrderId::as_str);
        let text = clean(&(view.commands)(&self.text));
        format!(
            "{}  {:<5}  {order:<18}  {}{text}\n",
            view.stamp(self.at),
            self.kind.as_str(),
            clean(&self.details.step())
        )
    }
}

/// The entries that are wanted, read as they are asked for.
pub struct Journal<'a> {
    store: &'a Store,
    filter: JournalFilter,
    kinds: Vec<EntryKind>,
    feeds: Vec<Feed>,
}

struct Feed {
    source: JournalSource,
    mark: JournalMark,
    rows: VecDeque<JournalRow>,
    is_read: bool,
}

impl<'a> Journal<'a> {
    /// Begins at the first wanted entry; without kinds all are wanted.
    #[must_use]
    pub fn new(store: &'a Store, filter: JournalFilter, kinds: Vec<EntryKind>) -> Self {
        let feed = |source| Feed {
            source,
            mark: filter.begin(),
            rows: VecDeque::new(),
            is_read: false,
        };
        let feeds = JournalSource::ALL
            .into_iter()
            .filter(|source| is_wanted(*source, &kinds));
        Self {
            feeds: feeds.map(feed).collect(),
            store,
            filter,
            kinds,
        }
    }

    /// Begins at an instant, for one order or for all; without kinds all are wanted.
    #[must_use]
    pub fn since(store: &'a Store, since: DateTime<Utc>, order: Option<TiktokOrderId>, kinds: Vec<EntryKind>) -> Self {
        let filter = JournalFilter {
            since,
            until: None,
            order,
        };
        Self::new(store, filter, kinds)
    }

    /// Returns the next entry; `None` when all are read. What is written later comes when it is asked again.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn next_entry(&mut self) -> Result<Option<Entry>> {
        loop {
            for feed in &mut self.feeds {
                feed.fill(self.store, &self.filter)?;
            }
            let Some(row) = self.first() else {
                self.feeds.iter_mut().for_each(|feed| feed.is_read = false);
                return Ok(None);
            };
            let entry = entry(row);
            if self.kinds.is_empty() || self.kinds.contains(&entry.kind) {
                return Ok(Some(entry));
            }
        }
    }

    fn first(&mut self) -> Option<(JournalSource, JournalRow)> {
        let fronts = self.feeds.iter().enumerate();
        let fronts = fronts.filter_map(|(index, feed)| feed.rows.front().map(|row| (row.at, row.call, index)));
        let (.., index) = fronts.min()?;
        let feed = self.feeds.get_mut(index)?;
        Some((feed.source, feed.rows.pop_front()?))
    }
}

impl Feed {
    fn fill(&mut self, store: &Store, filter: &JournalFilter) -> Result<()> {
        if !self.rows.is_empty() || self.is_read {
            return Ok(());
        }
        let page = store.journal_page(self.source, self.mark, filter)?;
        self.is_read = page.len() < PAGE;
        if let Some(last) = page.last() {
            self.mark = last.mark;
        }
        self.rows = page.into();
        Ok(())
    }
}

fn is_wanted(source: JournalSource, kinds: &[EntryKind]) -> bool {
    let brings: &[EntryKind] = match source {
        JournalSource::RunBegins | JournalSource::RunEnds => &[EntryKind::Run],
        JournalSource::Calls => &[EntryKind::Call],
        JournalSource::Hands => &[EntryKind::Hand],
        JournalSource::Events => &[EntryKind::Event],
        JournalSource::History => &[EntryKind::State, EntryKind::Flag, EntryKind::Hand, EntryKind::Event],
    };
    kinds.is_empty() || brings.iter().any(|kind| kinds.contains(kind))
}

fn entry((source, row): (JournalSource, JournalRow)) -> Entry {
    let kind = match source {
        JournalSource::RunBegins | JournalSource::RunEnds => EntryKind::Run,
        JournalSource::Calls => EntryKind::Call,
        JournalSource::Hands => EntryKind::Hand,
        JournalSource::Events => EntryKind::Event,
        JournalSource::History => EntryKind::of_history(&row.what),
    };
    let (from, to) = row.states.clone().unzip();
    let details = Details {
        from,
        to,
        operation: (source == JournalSource::Calls).then(|| row.text.clone()),
        http_status: row.end.status,
        code: row.end.code.clone(),
        request_id: row.end.request_id.clone(),
        duration_ms: row.end.duration_ms,
    };
    let text = match source {
        JournalSource::RunBegins => format!("{} began", row.what),
        JournalSource::RunEnds => run_end(&row),
        JournalSource::Calls => call(&row, &details),
        JournalSource::Events => event(&row),
        JournalSource::History | JournalSource::Hands => row.text,
    };
    Entry {
        at: row.at,
        kind,
        order_id: row.order,
        text,
        details,
    }
}

fn run_end(row: &JournalRow) -> String {
    let counts: Value = row
        .end
        .outcome
        .as_deref()
        .and_then(|counts| serde_json::from_str(counts).ok())
        .unwrap_or_default();
    let counts = counts
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, count)| **count != 0);
    let counts: Vec<String> = counts.map(|(name, count)| format!("{count} {name}")).collect();
    let counts = if counts.is_empty() {
        String::new()
    } else {
        format!(": {}", counts.join(", "))
    };
    format!("{} ended as {}{counts}", row.what, row.text)
}

fn call(row: &JournalRow, details: &Details) -> String {
    let answer = details.answer(row.end.outcome.as_deref().unwrap_or_default());
    format!("{} {}: {answer}{}", row.what, row.text, details.ending())
}

/// Events never hold anything about a buyer; their data is shown but for the order, which has its own place.
fn event(row: &JournalRow) -> String {
    let data: Value = serde_json::from_str(&row.text).unwrap_or_default();
    let fields = data.as_object().into_iter().flatten();
    let fields = fields.filter(|(name, value)| !name.ends_with("rderId") && !value.is_null());
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let fields: Vec<String> = fields
        .map(|(name, value)| format!("{name}: {}", shown(value)))
        .collect();
    if fields.is_empty() {
        return row.what.clone();
    }
    format!("{}, {}", row.what, fields.join(", "))
}
