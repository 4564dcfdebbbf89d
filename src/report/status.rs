//! `mcf status`: how many orders stand where, which commands are overdue, and what a person should look at.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::deadlines::DeadlineCounts;
use super::stock::{self, LowStock};
use super::text::{View, duration, relative};
use super::{SCHEMA, Timing, seconds_between};
use crate::domain::deadline::dispatch::ahead;
use crate::domain::deadline::{SHOWN_BEFORE, TRACKING_DUE, UNCERTAIN_SHOWN};
use crate::domain::flag::Reason;
use crate::domain::ids::TiktokOrderId;
use crate::domain::pause::Pause;
use crate::domain::routing::approval::APPROVAL;
use crate::domain::state::State;
use crate::store::{EndpointRow, KeptCopy, OrderRow, ParcelRow, Queue, Result, Store, Unfinished};

/// What ends a pause.
pub const RESUME: &str = "mcf resume";
const GIVEN_UP_REMEMBERED: TimeDelta = TimeDelta::days(7);

/// Where everything stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatusOverview {
    /// The version of this document.
    pub schema: u32,
    /// How many orders are in each state, zeros included.
    pub orders: BTreeMap<State, u64>,
    /// How many open orders are due when.
    pub deadlines: DeadlineCounts,
    /// The pause that keeps new orders back.
    pub paused: Option<Pause>,
    /// The commands that run from a schedule.
    pub commands: Vec<CommandStatus>,
    /// What to look at, the most pressing first.
    pub attention: Vec<Attention>,
    /// What the endpoints still wait for.
    pub queue: Queue,
    /// SKUs under their threshold, or sold out within two weeks at the pace of the last two.
    pub stock: Vec<LowStock>,
}

/// When a command last did its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandStatus {
    /// E.g. `poll`.
    pub name: String,
    /// When it last ended well; `null` when it never did.
    pub last_success_at: Option<DateTime<Utc>>,
    /// Whether that is longer ago than twice its interval.
    pub overdue: bool,
    /// When it last began.
    pub last_started_at: Option<DateTime<Utc>>,
    /// How that run ended; `null` while it runs or when it was killed.
    pub last_outcome: Option<String>,
}

/// What kind of thing should be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttentionKind {
    /// An order carries flags.
    Flagged,
    /// It is not known whether Amazon has an order.
    UnknownOutcome,
    /// An order waits for a person's word.
    Approval,
    /// A deadline of an order is near or over.
    Deadline,
    /// TikTok does not have a parcel's number in time.
    Tracking,
    /// An endpoint does not receive its notifications.
    Webhook,
    /// A command does not run.
    Command,
    /// A vendor does not renew our token.
    Token,
    /// What a restore kept still holds buyers.
    Copy,
    /// The database's log still holds what was erased or sealed under the old key.
    Log,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attention {
    /// What it is about.
    pub kind: AttentionKind,
    /// The order, where it is about one.
    pub tiktok_order_id: Option<TiktokOrderId>,
    /// Where that order stands.
    pub state: Option<State>,
    /// The reasons of its flags.
    pub reasons: Vec<Reason>,
    /// One sentence.
    pub message: String,
    /// What to type next.
    pub next_command: String,
    /// By when.
    pub deadline: Option<DateTime<Utc>>,
    /// Whether a person must act; `false` is only for information.
    pub needs_person: bool,
}

impl StatusOverview {
    /// Reads the overview.
    pub fn read(store: &Store, timing: &Timing, now: DateTime<Utc>) -> Result<Self> {
        let commands = commands(store, timing, now)?;
        let mut attention: Vec<Attention> = commands
            .iter()
            .filter_map(|command| overdue_command(command, now))
            .collect();
        let orders = store.orders_to_look_at(now + SHOWN_BEFORE)?;
        attention.extend(orders.iter().map(|row| order_attention(row, now)));
        let parcels = store.overdue_parcels(now - TRACKING_DUE)?;
        attention.extend(parcels.iter().map(|parcel| parcel_attention(parcel, now)));
        let endpoints = store.troubled_endpoints(now - GIVEN_UP_REMEMBERED)?;
        attention.extend(endpoints.iter().map(endpoint_attention));
        attention.extend(
            store
                .refused_renewal()?
                .map(|why| of_no_order(AttentionKind::Token, why, "mcf check tiktok")),
        );
        attention.extend(store.kept_copies(now).iter().map(|copy| copy_attention(copy, now)));
        attention.extend(store.unfinished()?.into_iter().map(log_attention));
        attention.sort_by_key(|item| (!item.needs_person, item.deadline.unwrap_or(DateTime::<Utc>::MAX_UTC)));
        Ok(Self {
            schema: SCHEMA,
            orders: store.order_counts()?,
            deadlines: ahead(&store.dispatches(now)?, timing.zone, now).into(),
            paused: store.pause(now)?,
            commands,
            attention,
            queue: store.queue()?,
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
        let attention_headers = ["what", "about", "reasons", "message", "deadline", "next command"];
        let low: Vec<_> = self.stock.iter().map(|low| low.cells(view)).collect();
        view.join(&[
            view.section(
                "Paused",
                &["since", "until", "because", "next command"],
                &self.pause_cells(view),
            ),
            view.section("Orders", &["state", "orders"], &self.order_cells()),
            view.section("Deadlines", &["due", "orders"], &self.deadlines.cells()),
            view.section("Commands", &["command", "last good run", "overdue"], &commands),
            view.section("Attention", &attention_headers, &attention),
            view.section("Queue", &["waiting", "oldest"], &self.queue_cells(view)),
            view.section(
                "Low stock",
                &["sku", "fulfillable", "remaining", "days left", "runs out", "read"],
                &low,
            ),
        ])
    }

    fn pause_cells(&self, view: &View) -> Vec<Vec<String>> {
        let cells = |pause: &Pause| {
            let end = pause.until.map_or_else(|| RESUME.to_owned(), |until| view.date(until));
            let because = pause.because.clone().unwrap_or_default();
            vec![view.date(pause.since), end, because, RESUME.to_owned()]
        };
        self.paused.iter().map(cells).collect()
    }

    fn order_cells(&self) -> Vec<Vec<String>> {
        let cells = |(state, count): (&State, &u64)| vec![state.to_string(), count.to_string()];
        self.orders.iter().map(cells).collect()
    }
}

impl CommandStatus {
    fn cells(&self, view: &View) -> Vec<String> {
        let overdue = if self.overdue { "overdue" } else { "" };
        vec![self.name.clone(), view.time(self.last_success_at), overdue.to_owned()]
    }
}

impl Attention {
    fn cells(&self, view: &View) -> Vec<String> {
        let kind = self.kind.as_str().to_owned();
        let about = self.tiktok_order_id.as_ref().map(ToString::to_string);
        vec![
            kind,
            about.unwrap_or_default(),
            words(&self.reasons),
            self.message.clone(),
            view.time(self.deadline),
            self.next_command.clone(),
        ]
    }
}

impl AttentionKind {
    /// Returns the word that outsiders see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flagged => "flagged",
            Self::UnknownOutcome => "unknown_outcome",
            Self::Approval => "approval",
            Self::Deadline => "deadline",
            Self::Tracking => "tracking",
            Self::Webhook => "webhook",
            Self::Command => "command",
            Self::Token => "token",
            Self::Copy => "copy",
            Self::Log => "log",
        }
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

fn commands(store: &Store, timing: &Timing, now: DateTime<Utc>) -> Result<Vec<CommandStatus>> {
    let runs = store.last_runs()?;
    let status = |(name, interval): (&str, TimeDelta)| {
        let last = runs.iter().find(|(run, _)| run.command == name);
        let good_at = last.and_then(|(_, good_at)| *good_at);
        CommandStatus {
            name: name.to_owned(),
            last_success_at: good_at,
            overdue: good_at.is_none_or(|at| now - at > interval * 2),
            last_started_at: last.map(|(run, _)| run.started_at),
            last_outcome: last.and_then(|(run, _)| run.outcome.clone()),
        }
    };
    Ok(timing.commands().into_iter().map(status).collect())
}

/// What is about no order and waits for a person.
fn of_no_order(kind: AttentionKind, message: String, next_command: &str) -> Attention {
    Attention {
        kind,
        tiktok_order_id: None,
        state: None,
        reasons: Vec::new(),
        message,
        next_command: next_command.to_owned(),
        deadline: None,
        needs_person: true,
    }
}

fn log_attention(what: Unfinished) -> Attention {
    let done = match what {
        Unfinished::Erasure => "buyers are erased",
        Unfinished::KeyChange => "the data key is changed and the old one kept",
    };
    let message =
        format!("{done}, but the database's log still holds what was there before: end the program that reads it");
    of_no_order(AttentionKind::Log, message, "mcf purge")
}

/// Until its retention is over it is there for who restored the wrong copy.
fn copy_attention(copy: &KeptCopy, now: DateTime<Utc>) -> Attention {
    let message = format!(
        "{} was kept by a restore {} and holds buyers as they were; mcf purge removes it when its retention is over",
        copy.path.display(),
        relative(copy.at, now)
    );
    Attention {
        needs_person: false,
        ..of_no_order(AttentionKind::Copy, message, "mcf purge")
    }
}

fn overdue_command(command: &CommandStatus, now: DateTime<Utc>) -> Option<Attention> {
    if !command.overdue {
        return None;
    }
    let name = &command.name;
    let end = match command.last_outcome.as_deref() {
        Some("ok") => String::new(),
        Some(outcome) => format!("; its last run ended as {outcome}"),
        None => "; its last run has no end".to_owned(),
    };
    let message = match (command.last_success_at, command.last_started_at) {
        (Some(at), _) => format!(
            "{name} last did its work {}, longer ago than twice its interval{end}",
            relative(at, now)
        ),
        (None, Some(_)) => format!("{name} has never done its work{end}"),
        (None, None) => format!("{name} has never run"),
    };
    Some(of_no_order(AttentionKind::Command, message, &format!("mcf {name}")))
}

fn order_attention(row: &OrderRow, now: DateTime<Utc>) -> Attention {
    let (kind, message, next_command, needs_person) = if let Some(flag) = row.flags.first() {
        let more = match row.flags.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let message = format!("{}{more}", flag.message);
        (AttentionKind::Flagged, message, flag.next_command.clone(), true)
    } else if row.state == State::Flagged {
        let look = format!("mcf status {}", row.id);
        (
            AttentionKind::Flagged,
            "flagged; the history says why".to_owned(),
            look,
            true,
        )
    } else if row.state == State::Submitting {
        let since = now - row.state_since;
        let message = format!("sent {} ago and not confirmed; poll asks Amazon", duration(since));
        let is_long = since > UNCERTAIN_SHOWN;
        (AttentionKind::UnknownOutcome, message, "mcf poll".to_owned(), is_long)
    } else if row.state == State::Waiting && row.state_detail.as_deref() == Some(APPROVAL) && !row.held {
        let message = "it is in order and waits for your word".to_owned();
        let approve = format!("mcf orders approve {}", row.id);
        (AttentionKind::Approval, message, approve, true)
    } else {
        deadline_attention(row, now)
    };
    Attention {
        kind,
        tiktok_order_id: Some(row.id.clone()),
        state: Some(row.state),
        reasons: reasons(row),
        message,
        next_command,
        deadline: row.deadlines.nearest(),
        needs_person,
    }
}

fn deadline_attention(row: &OrderRow, now: DateTime<Utc>) -> (AttentionKind, String, String, bool) {
    let is_at_amazon = matches!(row.state, State::Routed | State::Cancelling | State::Shipped);
    let not_shipped = match row.state {
        State::Shipped => "not all of it is shipped",
        _ => "not shipped",
    };
    let is_over = row.deadlines.nearest().is_some_and(|deadline| deadline <= now);
    let tense = if is_over { "has passed" } else { "is near" };
    let message = match (&row.state_detail, &row.amazon_status) {
        (_, Some(status)) if is_at_amazon => format!("{not_shipped} (Amazon: {status}) and its deadline {tense}"),
        _ if is_at_amazon => format!("{not_shipped} by Amazon and its deadline {tense}"),
        _ if row.held => format!("held by the operator and its deadline {tense}"),
        (Some(detail), _) => format!("{} ({detail}) and its deadline {tense}", row.state),
        (None, _) => format!("{} and its deadline {tense}", row.state),
    };
    let next_command = if is_at_amazon {
        "mcf sync-tracking".to_owned()
    } else if row.held {
        format!("mcf orders release {}", row.id)
    } else {
        format!("mcf route {}", row.id)
    };
    (AttentionKind::Deadline, message, next_command, is_over)
}

fn parcel_attention(parcel: &ParcelRow, now: DateTime<Utc>) -> Attention {
    let since = parcel.shipped_at.map_or(0, |at| seconds_between(at, now));
    let number = parcel.tracking_number.as_deref().unwrap_or("without a number yet");
    let message = format!(
        "parcel {number} left {} ago and TikTok does not have its number",
        duration(TimeDelta::seconds(since))
    );
    Attention {
        kind: AttentionKind::Tracking,
        tiktok_order_id: Some(parcel.order.clone()),
        state: Some(parcel.order_state),
        reasons: Vec::new(),
        message,
        next_command: "mcf sync-tracking".to_owned(),
        deadline: parcel.shipped_at.map(|at| at + TRACKING_DUE),
        needs_person: true,
    }
}

fn endpoint_attention(endpoint: &EndpointRow) -> Attention {
    let host = endpoint_label(&endpoint.name);
    let error = endpoint.last_error.as_deref().unwrap_or("no answer");
    let message = match &endpoint.disabled_by {
        Some(why) => format!("endpoint {host} is disabled: {why}"),
        None if endpoint.given_up > 0 => format!("endpoint {host} missed {} events: {error}", endpoint.given_up),
        None => format!("endpoint {host} has {} events waiting: {error}", endpoint.failing),
    };
    Attention {
        needs_person: endpoint.disabled_by.is_some() || endpoint.given_up > 0,
        ..of_no_order(AttentionKind::Webhook, message, "mcf notify flush")
    }
}

/// Returns the host of an endpoint. The path of a webhook address is a credential at some services.
fn endpoint_label(name: &str) -> String {
    let Some((scheme, rest)) = name.split_once("://") else {
        return name.to_owned();
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests;
