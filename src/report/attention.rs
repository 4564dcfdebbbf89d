//! What a person should look at: one row a cause, with how many orders share it and the next command.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::commands::CommandStatus;
use super::text::{View, duration, relative};
use crate::domain::deadline::{SHOWN_BEFORE, TRACKING_DUE, UNCERTAIN_SHOWN};
use crate::domain::flag::{CauseGroup, Reason, by_cause};
use crate::domain::ids::TiktokOrderId;
use crate::domain::retention::EVIDENCE_SHOWN;
use crate::domain::routing::approval::APPROVAL;
use crate::domain::state::State;
use crate::store::{EndpointRow, Keeper, KeptCopy, OrderRow, ParcelRow, Result, Store, Unfinished};

const GIVEN_UP_REMEMBERED: TimeDelta = TimeDelta::days(7);

/// Days before its end from which on a token is told.
const TOKEN_ENDS_SOON: TimeDelta = TimeDelta::days(7);

/// What kind of thing should be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttentionKind {
    /// Orders carry a flag of one cause.
    Flagged,
    /// It is not known whether Amazon has an order.
    UnknownOutcome,
    /// The operator holds an order.
    Held,
    /// An order waits for a person's word.
    Approval,
    /// A deadline of an order is near or over.
    Deadline,
    /// TikTok does not have a parcel's number in time.
    Tracking,
    /// An endpoint does not receive its notifications.
    Webhook,
    /// A command does not run, or its last run failed.
    Command,
    /// A vendor does not renew our token, or it ends soon.
    Token,
    /// What was kept by a restore or before an upgrade still holds buyers.
    Copy,
    /// An order with a flag loses its buyer's data soon.
    Evidence,
    /// The database's log still holds what was erased or sealed under the old key.
    Log,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attention {
    /// What it is about.
    pub kind: AttentionKind,
    /// The reason, where it is a flag's.
    pub reason: Option<Reason>,
    /// What exactly: the detail of a flag, or a word for what else it is.
    pub detail: &'static str,
    /// The SKU, where mapping or stock is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// How many orders; 0 where it is about none.
    pub orders: u64,
    /// One of them, the most pressing.
    pub example: Option<TiktokOrderId>,
    /// One sentence, of the example where it is about orders.
    pub message: String,
    /// What to type next.
    pub next_command: String,
    /// By when.
    pub deadline: Option<DateTime<Utc>>,
    /// Whether a person must act; `false` is only for information.
    pub needs_person: bool,
}

/// Reads what to look at, the most pressing first.
pub(super) fn read(
    store: &Store,
    commands: &[CommandStatus],
    retention: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Vec<Attention>> {
    let mut attention: Vec<Attention> = commands.iter().filter_map(|command| of_command(command, now)).collect();
    attention.extend(of_orders(store, now)?);
    attention.extend(of_parcels(&store.overdue_parcels(now - TRACKING_DUE)?, now));
    let endpoints = store.troubled_endpoints(now - GIVEN_UP_REMEMBERED)?;
    attention.extend(endpoints.iter().map(of_endpoint));
    attention.extend(of_tokens(store, now)?);
    attention.extend(of_evidence(
        store.evidence_that_goes(retention, EVIDENCE_SHOWN, now)?,
        now,
    ));
    attention.extend(store.kept_copies(now).iter().map(|copy| of_copy(copy, now)));
    attention.extend(store.unfinished()?.into_iter().map(of_log));
    attention.sort_by_key(|item| {
        let deadline = item.deadline.unwrap_or(DateTime::<Utc>::MAX_UTC);
        (!item.needs_person, deadline, u64::MAX - item.orders)
    });
    Ok(attention)
}

/// An order that is held and may still be sent shows as that alone: what else is wrong with it is for after its release.
fn of_orders(store: &Store, now: DateTime<Utc>) -> Result<Vec<Attention>> {
    let (held, others): (Vec<OrderRow>, Vec<OrderRow>) = store
        .orders_to_look_at(now + SHOWN_BEFORE)?
        .into_iter()
        .partition(|row| row.held && row.state.is_undecided());
    let mut flagged = store.flagged()?;
    flagged.retain(|found| !held.iter().any(|row| row.id == found.order));
    let rows = others.iter().filter(|row| row.flags.is_empty());
    let others = rows.map(|row| of_order(row, now));
    let others = together(held.iter().map(|row| of_held(row, now)).chain(others).collect());
    Ok(by_cause(flagged).into_iter().map(of_cause).chain(others).collect())
}

impl Attention {
    /// What is about no order and waits for a person.
    fn of_no_order(kind: AttentionKind, detail: &'static str, message: String, next_command: &str) -> Self {
        Self {
            kind,
            reason: None,
            detail,
            sku: None,
            orders: 0,
            example: None,
            message,
            next_command: next_command.to_owned(),
            deadline: None,
            needs_person: true,
        }
    }

    fn of_order(kind: AttentionKind, detail: &'static str, row: &OrderRow, message: String, next: String) -> Self {
        Self {
            orders: 1,
            example: Some(row.id.clone()),
            deadline: row.deadlines.nearest(),
            ..Self::of_no_order(kind, detail, message, &next)
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.kind, self.detail) == (other.kind, other.detail)
    }

    pub(super) fn cells(&self, view: &View) -> Vec<String> {
        vec![
            if self.orders > 0 {
                self.orders.to_string()
            } else {
                String::new()
            },
            self.what(),
            self.message.clone(),
            self.example.as_ref().map(ToString::to_string).unwrap_or_default(),
            self.deadline.map(|at| view.time(Some(at))).unwrap_or_default(),
            self.next_command.clone(),
        ]
    }

    /// Says it in one line.
    #[must_use]
    pub fn sentence(&self) -> String {
        match (&self.example, self.orders) {
            (None, _) => self.message.clone(),
            (Some(id), 1) => format!("order {id}: {}", self.message),
            (Some(_), orders) => format!("{orders} orders: {}", self.message),
        }
    }

    /// The reason, where there is one, and what exactly.
    #[must_use]
    pub fn what(&self) -> String {
        match self.reason {
            Some(reason) => format!("{reason} {}", self.detail),
            None => self.detail.to_owned(),
        }
    }
}

/// Puts orders together of which the same is to be said; the one with the nearest deadline stands for them.
fn together(items: Vec<Attention>) -> Vec<Attention> {
    let mut rows: Vec<Attention> = Vec::new();
    for item in items {
        match rows.iter_mut().find(|row| row.is_like(&item)) {
            Some(row) => {
                row.orders += item.orders;
                row.needs_person |= item.needs_person;
            }
            None => rows.push(item),
        }
    }
    rows
}

fn of_cause(group: CauseGroup) -> Attention {
    let CauseGroup { cause, example, .. } = group;
    Attention {
        kind: AttentionKind::Flagged,
        reason: Some(cause.detail.reason()),
        detail: cause.detail.as_str(),
        sku: cause.sku,
        orders: group.orders,
        example: Some(example.order),
        message: example.flag.message,
        next_command: example.flag.next_command,
        deadline: group.deadline,
        needs_person: true,
    }
}

/// A hold is the operator's own doing; it needs a word when a deadline comes near.
fn of_held(row: &OrderRow, now: DateTime<Utc>) -> Attention {
    let release = format!("mcf orders release {}", row.id);
    let message = match row.flags.first() {
        Some(flag) => format!(
            "held by the operator, and not sent before it is released; then: {}",
            flag.message
        ),
        None => "held by the operator, and not sent before it is released".to_owned(),
    };
    let is_near = row.deadlines.nearest().is_some_and(|at| at <= now + SHOWN_BEFORE);
    Attention {
        needs_person: is_near,
        ..Attention::of_order(AttentionKind::Held, "held", row, message, release)
    }
}

fn of_order(row: &OrderRow, now: DateTime<Utc>) -> Attention {
    let id = &row.id;
    if row.state == State::Flagged {
        let message = "flagged; the history says why".to_owned();
        return Attention::of_order(
            AttentionKind::Flagged,
            "flagged",
            row,
            message,
            format!("mcf route {id}"),
        );
    }
    if row.state == State::Submitting {
        let since = now - row.state_since;
        let message = format!("sent {} ago and not confirmed; poll asks Amazon", duration(since));
        let kind = AttentionKind::UnknownOutcome;
        return Attention {
            needs_person: since > UNCERTAIN_SHOWN,
            ..Attention::of_order(kind, "not_confirmed", row, message, "mcf poll".to_owned())
        };
    }
    if row.state == State::Waiting && row.state_detail.as_deref() == Some(APPROVAL) {
        let message = "it is in order and waits for your word".to_owned();
        let approve = format!("mcf orders approve {id}");
        return Attention::of_order(AttentionKind::Approval, APPROVAL, row, message, approve);
    }
    of_deadline(row, now)
}

fn of_deadline(row: &OrderRow, now: DateTime<Utc>) -> Attention {
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
        (Some(detail), _) => format!("{} ({detail}) and its deadline {tense}", row.state),
        (None, _) => format!("{} and its deadline {tense}", row.state),
    };
    let (detail, next_command) = match (is_at_amazon, is_over) {
        (true, true) => ("late_at_amazon", "mcf sync-tracking".to_owned()),
        (true, false) => ("due_soon_at_amazon", "mcf sync-tracking".to_owned()),
        (false, true) => ("late", format!("mcf route {}", row.id)),
        (false, false) => ("due_soon", format!("mcf route {}", row.id)),
    };
    Attention {
        needs_person: is_over,
        ..Attention::of_order(AttentionKind::Deadline, detail, row, message, next_command)
    }
}

/// The parcel that left first stands for all.
fn of_parcels(parcels: &[ParcelRow], now: DateTime<Utc>) -> Option<Attention> {
    let oldest = parcels.iter().min_by_key(|parcel| parcel.shipped_at)?;
    let left_at = oldest.shipped_at.unwrap_or(now);
    let number = oldest.tracking_number.as_deref().unwrap_or("without a number yet");
    let message = format!(
        "parcel {number} left {} ago and TikTok does not have its number",
        duration(now - left_at)
    );
    let orders: std::collections::BTreeSet<&TiktokOrderId> = parcels.iter().map(|parcel| &parcel.order).collect();
    Some(Attention {
        orders: orders.len() as u64,
        example: Some(oldest.order.clone()),
        deadline: Some(left_at + TRACKING_DUE),
        ..Attention::of_no_order(
            AttentionKind::Tracking,
            "tracking_overdue",
            message,
            "mcf sync-tracking",
        )
    })
}

fn of_log(what: Unfinished) -> Attention {
    let done = match what {
        Unfinished::Erasure => "buyers are erased",
        Unfinished::KeyChange => "the data key is changed and the old one kept",
    };
    let message =
        format!("{done}, but the database's log still holds what was there before: end the program that reads it");
    Attention::of_no_order(AttentionKind::Log, "log_held", message, "mcf purge")
}

/// Who claims a parcel needs its address, and an order that is still flagged may be claimed.
fn of_evidence(goes: Vec<(DateTime<Utc>, TiktokOrderId)>, now: DateTime<Utc>) -> Option<Attention> {
    let (orders, (at, example)) = (goes.len() as u64, goes.into_iter().next()?);
    let when = if at > now {
        format!("in {}", duration(at - now))
    } else {
        "at the next poll".to_owned()
    };
    let message = format!(
        "flagged, and its buyer's address is erased {when}: save what the next command prints where a claim is open, then dismiss it"
    );
    let next = format!("mcf status {example} --address --json");
    Some(Attention {
        orders,
        example: Some(example),
        deadline: Some(at),
        ..Attention::of_no_order(AttentionKind::Evidence, "evidence_goes", message, &next)
    })
}

/// Until its retention is over it is there for who restored the wrong copy.
fn of_copy(copy: &KeptCopy, now: DateTime<Utc>) -> Attention {
    let why = match copy.keeper {
        Keeper::Restore => "by a restore",
        Keeper::Upgrade { .. } => "before an upgrade",
    };
    let message = format!(
        "{} was kept {why} {} and holds buyers as they were; mcf purge removes it when its retention is over",
        copy.path.display(),
        relative(copy.at, now)
    );
    Attention {
        needs_person: false,
        ..Attention::of_no_order(AttentionKind::Copy, "copy_kept", message, "mcf purge")
    }
}

/// A failed run shows at once. One that a vendor's bad minute ended needs nobody before the command is overdue.
fn of_command(command: &CommandStatus, now: DateTime<Utc>) -> Option<Attention> {
    let name = &command.name;
    let next = format!("mcf {name}");
    let kind = AttentionKind::Command;
    if command.overdue {
        return Some(Attention::of_no_order(kind, "overdue", overdue(command, now), &next));
    }
    let outcome = command.last_outcome.as_deref().filter(|outcome| *outcome != "ok")?;
    let (at, good_at) = (command.last_run_at?, command.last_success_at?);
    let message = format!(
        "the last run of {name}, {}, ended as {outcome}; its last good one was {}",
        relative(at, now),
        relative(good_at, now)
    );
    Some(Attention {
        needs_person: !matches!(outcome, "vendor_unavailable" | "interrupted"),
        ..Attention::of_no_order(kind, "last_run_failed", message, &next)
    })
}

fn overdue(command: &CommandStatus, now: DateTime<Utc>) -> String {
    let name = &command.name;
    let end = match command.last_outcome.as_deref() {
        Some("ok") => String::new(),
        Some(outcome) => format!("; its last run ended as {outcome}"),
        None => "; its last run has no end".to_owned(),
    };
    match (command.last_success_at, command.last_run_at) {
        (Some(at), _) => format!(
            "{name} last did its work {}, longer ago than twice its interval{end}",
            relative(at, now)
        ),
        (None, Some(_)) => format!("{name} has never done its work{end}"),
        (None, None) => format!("{name} has never run"),
    }
}

/// Of Amazon's refresh token no end is known; TikTok's pair ends unless a run renews it.
fn of_tokens(store: &Store, now: DateTime<Utc>) -> Result<Vec<Attention>> {
    let row =
        |detail, message: String| Attention::of_no_order(AttentionKind::Token, detail, message, "mcf check tiktok");
    let refused = store.refused_renewal()?.map(|why| row("renewal_refused", why));
    let ends_at = store.consent_ends_at()?.filter(|at| *at <= now + TOKEN_ENDS_SOON);
    let ending = ends_at.map(|at| {
        let message = format!(
            "TikTok's refresh token ends {}: let the seller authorise the app again",
            relative(at, now)
        );
        Attention {
            deadline: Some(at),
            next_command: "mcf auth tiktok".to_owned(),
            ..row("token_ends_soon", message)
        }
    });
    Ok(refused.into_iter().chain(ending).collect())
}

fn of_endpoint(endpoint: &EndpointRow) -> Attention {
    let host = endpoint_label(&endpoint.name);
    let error = endpoint.last_error.as_deref().unwrap_or("no answer");
    let (detail, message) = match &endpoint.disabled_by {
        Some(why) => ("endpoint_disabled", format!("endpoint {host} is disabled: {why}")),
        None if endpoint.given_up > 0 => (
            "events_lost",
            format!("endpoint {host} missed {} events: {error}", endpoint.given_up),
        ),
        None => (
            "endpoint_fails",
            format!("endpoint {host} has {} events waiting: {error}", endpoint.failing),
        ),
    };
    Attention {
        needs_person: endpoint.disabled_by.is_some() || endpoint.given_up > 0,
        ..Attention::of_no_order(AttentionKind::Webhook, detail, message, "mcf notify flush")
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
