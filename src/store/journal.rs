//! What happened over all orders, page by page and oldest first: histories, calls, events and runs. Reads only.
//!
//! Each source is read by time and number, so that a page never holds more than it shows and no read lasts longer than a page.

use chrono::{DateTime, Utc};

use super::engine::{Row, named_params};
use super::{Result, Store, instant, seconds};
use crate::domain::ids::TiktokOrderId;

/// How many rows are read at once.
pub const PAGE: usize = 500;

/// Where entries come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum JournalSource {
    /// Runs that begin.
    RunBegins,
    /// Calls.
    Calls,
    /// What the histories of orders say.
    History,
    /// What was done by hand that is about no single order.
    Hands,
    /// Events in the outbox.
    Events,
    /// Runs that end.
    RunEnds,
}

/// Which entries are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalFilter {
    /// From then on.
    pub since: DateTime<Utc>,
    /// Until then.
    pub until: Option<DateTime<Utc>>,
    /// Only those of this order.
    pub order: Option<TiktokOrderId>,
}

/// Up to where a source was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalMark {
    at: i64,
    id: i64,
}

/// One row of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// Where it stands in its source.
    pub mark: JournalMark,
    /// When.
    pub at: DateTime<Utc>,
    /// The newest call before it, or its own number where it is one.
    pub call: i64,
    /// The order that it is about.
    pub order: Option<TiktokOrderId>,
    /// The history's word for its kind, the event's kind, the command, or who was called.
    pub what: String,
    /// The state before and after.
    pub states: Option<(String, String)>,
    /// The sentence of a history, the data of an event, how a run ended, the operation that was called.
    pub text: String,
    /// What else a run counted, or how a call ended.
    pub end: JournalEnd,
}

/// How a call ended, or what a run counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalEnd {
    /// How the sending ended, or the run's counts as JSON.
    pub outcome: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The vendor's own code.
    pub code: Option<String>,
    /// The vendor's id of the request.
    pub request_id: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
}

impl JournalFilter {
    /// Returns the place before the first wanted entry.
    #[must_use]
    pub fn begin(&self) -> JournalMark {
        JournalMark {
            at: seconds(self.since),
            id: -1,
        }
    }
}

impl JournalSource {
    /// Every source. Of one second, calls come before what followed from them.
    pub const ALL: [Self; 6] = [
        Self::RunBegins,
        Self::Calls,
        Self::History,
        Self::Hands,
        Self::Events,
        Self::RunEnds,
    ];

    /// The columns of a [`JournalRow`], the table, and the column of its time.
    fn table(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::RunBegins => (
                "0 AS call, NULL AS order_id, command AS what, '' AS text",
                "runs",
                "started_at",
            ),
            Self::RunEnds => (
                "9223372036854775807 AS call, NULL AS order_id, command AS what, coalesce(outcome, '') AS text, counts AS outcome",
                "runs",
                "ended_at",
            ),
            Self::Calls => (
                "id AS call, order_id, peer AS what, operation AS text, outcome, status, code, request_id, duration_ms",
                "api_calls",
                "at",
            ),
            Self::History => (
                "after_call AS call, order_id, kind AS what, text, from_state, to_state",
                "history",
                "at",
            ),
            Self::Hands => (
                "after_call AS call, NULL AS order_id, kind AS what, text",
                "hands",
                "at",
            ),
            Self::Events => (
                "9223372036854775807 AS call, order_id, kind AS what, data AS text",
                "events",
                "at",
            ),
        }
    }
}

impl Store {
    /// Returns the next rows of a source, oldest first.
    pub fn journal_page(
        &self,
        source: JournalSource,
        after: JournalMark,
        filter: &JournalFilter,
    ) -> Result<Vec<JournalRow>> {
        let (columns, table, time) = source.table();
        let of_order = match source {
            JournalSource::RunBegins | JournalSource::RunEnds | JournalSource::Hands => "CAST(:order AS TEXT) IS NULL",
            JournalSource::Calls | JournalSource::History | JournalSource::Events => {
                "(CAST(:order AS TEXT) IS NULL OR order_id = :order)"
            }
        };
        let query = format!(
            "SELECT id, {time} AS at, {columns} FROM {table}
             WHERE ({time}, id) > (:at, :id) AND {time} <= :until AND {of_order}
             ORDER BY {time}, id LIMIT :limit"
        );
        let parameters = named_params! {
            ":at": after.at, ":id": after.id, ":until": filter.until.map_or(i64::MAX, seconds),
            ":order": filter.order.as_ref().map(TiktokOrderId::as_str), ":limit": PAGE as i64,
        };
        self.rows(&query, parameters, |row| read_row(row, source))
    }
}

fn read_row(row: &Row<'_>, source: JournalSource) -> rusqlite::Result<JournalRow> {
    let mark = JournalMark {
        at: row.get("at")?,
        id: row.get("id")?,
    };
    let mut read = JournalRow {
        mark,
        at: instant(mark.at),
        call: row.get("call")?,
        order: row.get::<_, Option<String>>("order_id")?.map(TiktokOrderId::new),
        what: row.get("what")?,
        states: None,
        text: row.get("text")?,
        end: JournalEnd::default(),
    };
    match source {
        JournalSource::History => {
            let (from, to): (Option<String>, Option<String>) = (row.get("from_state")?, row.get("to_state")?);
            read.states = from.zip(to);
        }
        JournalSource::Calls => {
            read.end = JournalEnd {
                outcome: row.get("outcome")?,
                status: row.get("status")?,
                code: row.get("code")?,
                request_id: row.get("request_id")?,
                duration_ms: row.get("duration_ms")?,
            }
        }
        JournalSource::RunEnds => read.end.outcome = row.get("outcome")?,
        JournalSource::RunBegins | JournalSource::Hands | JournalSource::Events => {}
    }
    Ok(read)
}
