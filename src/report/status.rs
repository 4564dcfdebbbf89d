//! `mcf status`: how many orders stand where, which commands are overdue, and what a person should look at.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::attention::{self, Attention};
use super::commands::{self, CommandStatus};
use super::deadlines::DeadlineCounts;
use super::shortages::{self, Shortage};
use super::stock::{self, LowStock};
use super::text::View;
use super::{SCHEMA, Timing};
use crate::domain::deadline::TRACKING_DUE;
use crate::domain::deadline::dispatch::ahead;
use crate::domain::flag::Reason;
use crate::domain::pause::Pause;
use crate::domain::state::State;
use crate::store::{OrderRow, ParcelRow, Queue, Result, Standing, Store};

/// What ends a pause.
pub const RESUME: &str = "mcf resume";

/// Where everything stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatusOverview {
    /// The version of this document.
    pub schema: u32,
    /// The server that the shop lies on, where it does not lie in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<Standing>,
    /// How many orders are in each state, zeros included.
    pub orders: BTreeMap<State, u64>,
    /// How many open orders are due when.
    pub deadlines: DeadlineCounts,
    /// The pause that keeps new orders back.
    pub paused: Option<Pause>,
    /// How many open orders the operator holds.
    pub held: u64,
    /// The parcels whose number TikTok does not have yet.
    pub tracking: TrackingStatus,
    /// The commands that run from a schedule.
    pub commands: Vec<CommandStatus>,
    /// What to look at, the most pressing first.
    pub attention: Vec<Attention>,
    /// What the endpoints still wait for.
    pub queue: Queue,
    /// SKUs of which there is too little for the orders that wait.
    pub shortages: Vec<Shortage>,
    /// SKUs under their threshold, or sold out within two weeks at the pace of the last two.
    pub stock: Vec<LowStock>,
}

/// The parcels that left and whose number TikTok does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackingStatus {
    /// All of them.
    pub waiting: u64,
    /// Those of them that left more than four hours ago.
    pub overdue: u64,
    /// By when the next one of the others must be told.
    pub next_due_at: Option<DateTime<Utc>>,
}

impl TrackingStatus {
    fn of(parcels: &[ParcelRow], now: DateTime<Utc>) -> Self {
        let due = parcels
            .iter()
            .filter_map(|parcel| parcel.shipped_at)
            .map(|at| at + TRACKING_DUE);
        let (overdue, in_time): (Vec<_>, Vec<_>) = due.partition(|due| *due < now);
        Self {
            waiting: parcels.len() as u64,
            overdue: overdue.len() as u64,
            next_due_at: in_time.into_iter().min(),
        }
    }

    fn cells(&self, view: &View) -> Vec<Vec<String>> {
        let next = self.next_due_at.map(|at| view.time(Some(at))).unwrap_or_default();
        let cells = vec![self.waiting.to_string(), self.overdue.to_string(), next];
        (self.waiting > 0).then_some(cells).into_iter().collect()
    }
}

impl StatusOverview {
    /// Reads the overview.
    pub fn read(store: &Store, timing: &Timing, now: DateTime<Utc>) -> Result<Self> {
        let commands = commands::read(store, timing, now)?;
        let attention = attention::read(store, &commands, timing.retention, now)?;
        Ok(Self {
            schema: SCHEMA,
            server: store.standing()?,
            orders: store.order_counts()?,
            deadlines: ahead(&store.open_dispatches()?, timing.zone, now).into(),
            paused: store.pause(now)?,
            held: store.held_orders()?,
            tracking: TrackingStatus::of(&store.overdue_parcels(now)?, now),
            commands,
            attention,
            queue: store.queue()?,
            shortages: shortages::of(store, &store.flagged()?)?,
            stock: stock::low(store, now)?,
        })
    }

    fn queue_cells(&self, view: &View) -> Vec<Vec<String>> {
        let Queue { waiting, oldest_at } = self.queue;
        let cells = vec![format!("{waiting} notifications"), view.time(oldest_at)];
        (waiting > 0).then_some(cells).into_iter().collect()
    }

    /// Tells whether a person must act, for `mcf status --check`. Low stock and near deadlines alone are for information.
    #[must_use]
    pub fn needs_person(&self) -> bool {
        self.paused.is_some() || self.attention.iter().any(|item| item.needs_person)
    }

    /// Writes the overview as text.
    #[must_use]
    pub fn text(&self, view: &View) -> String {
        let commands: Vec<_> = self.commands.iter().map(|command| command.cells(view)).collect();
        let attention: Vec<_> = self.attention.iter().map(|item| item.cells(view)).collect();
        let attention_headers = ["orders", "what", "message", "example", "deadline", "next command"];
        let command_headers = ["command", "last good run", "last run", "ended", "every"];
        let low: Vec<_> = self.stock.iter().map(|low| low.cells(view)).collect();
        view.join(&[
            view.headline(&self.headline()),
            view.section(
                "Paused",
                &["since", "until", "because", "next command"],
                &self.pause_cells(view),
            ),
            view.section("Attention", &attention_headers, &attention),
            view.section("Commands", &command_headers, &commands),
            view.section("Deadlines", &["due", "orders"], &self.deadlines.cells()),
            view.section("Orders", &["state", "orders"], &self.order_cells(view)),
            view.section(
                "Tracking",
                &["not told yet", "over four hours", "next due"],
                &self.tracking.cells(view),
            ),
            view.section("Queue", &["waiting", "oldest"], &self.queue_cells(view)),
            shortages::section(&self.shortages, view),
            view.section(
                "Low stock",
                &[
                    "sku",
                    "fulfillable",
                    "remaining",
                    "inbound",
                    "days left",
                    "runs out",
                    "read",
                ],
                &low,
            ),
            view.section("Server", &["engine", "standbys", "behind"], &self.server_cells()),
        ])
    }

    fn server_cells(&self) -> Vec<Vec<String>> {
        let cells = |server: &Standing| {
            let standbys = match server.is_standby {
                true => "is one".to_owned(),
                false => server.standbys.to_string(),
            };
            let lag = server
                .lag_seconds
                .map_or_else(String::new, |seconds| format!("{seconds:.1} s"));
            vec![server.engine.clone(), standbys, lag]
        };
        self.server.iter().map(cells).collect()
    }

    fn pause_cells(&self, view: &View) -> Vec<Vec<String>> {
        let cells = |pause: &Pause| {
            let end = pause.until.map_or_else(|| RESUME.to_owned(), |until| view.date(until));
            let because = pause.because.clone().unwrap_or_default();
            vec![view.date(pause.since), end, because, RESUME.to_owned()]
        };
        self.paused.iter().map(cells).collect()
    }

    /// A person reads of the states that orders are in; a program reads all.
    fn order_cells(&self, view: &View) -> Vec<Vec<String>> {
        let shown = self
            .orders
            .iter()
            .filter(|(_, count)| **count > 0 || !view.is_terminal());
        let cells = |(state, count): (&State, &u64)| vec![state.to_string(), count.to_string()];
        let held = (self.held > 0).then(|| vec!["held".to_owned(), self.held.to_string()]);
        shown.map(cells).chain(held).collect()
    }

    /// Says in one line whether a person must act, and what first.
    #[must_use]
    pub fn headline(&self) -> String {
        match self.first_need() {
            None => {
                let open = self.orders.iter().filter(|(state, _)| !state.has_ended());
                let open: u64 = open.map(|(_, count)| count).sum();
                format!(
                    "ok: nothing needs a person; {open} orders are open, {} late",
                    self.deadlines.late
                )
            }
            Some((message, next_command, 0)) => format!("a person is needed: {message}; next: {next_command}"),
            Some((message, next_command, more)) => {
                format!("a person is needed: {message}; next: {next_command} (and {more} more)")
            }
        }
    }

    /// Returns the most pressing thing that needs a person, what to type, and how many more there are.
    #[must_use]
    pub fn first_need(&self) -> Option<(String, String, usize)> {
        let pause = self.paused.as_ref().map(|pause| (pause.sentence(), RESUME.to_owned()));
        let urgent = self.attention.iter().filter(|item| item.needs_person);
        let urgent = urgent.map(|item| (item.sentence(), item.next_command.clone()));
        let mut needs = pause.into_iter().chain(urgent);
        let (message, next_command) = needs.next()?;
        Some((message, next_command, needs.count()))
    }
}

/// Joins the different reasons of an order.
pub(super) fn words(reasons: &[Reason]) -> String {
    reasons
        .iter()
        .map(|reason| reason.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Returns the different reasons of an order's flags.
pub(super) fn reasons(row: &OrderRow) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = row.flags.iter().map(|flag| flag.reason()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

#[cfg(test)]
mod tests;
