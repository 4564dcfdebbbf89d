//! What is shown at the end: every order with its reason, the figures, what the vendors counted, and where to look further.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::place::Place;
use super::stage::{Stage, Step};
use crate::cli::{Failure, Output};
use crate::config::quoting::shell_quoted;
use crate::domain::eligibility::explain;
use crate::report::metrics::Metrics;
use crate::report::order::{OrderDetail, OrderReport};
use crate::report::text::{View, percent};
use crate::run::timing;
use crate::sandbox::scenario::OrderKind;
use crate::sandbox::{Log, Operation};

/// Wide enough for the table where stdout has no width of its own.
const PIPE_WIDTH: u16 = 120;

/// The whole demo, as `--json` shows it.
#[derive(Serialize)]
pub(super) struct Ending {
    schema: u32,
    /// Where it lies, if it stays.
    folder: Option<PathBuf>,
    database: Option<PathBuf>,
    steps: Vec<Step>,
    orders: Vec<Outcome>,
    metrics: Metrics,
    sandbox: Counted,
    #[serde(skip)]
    now: DateTime<Utc>,
}

/// What became of an order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    /// What the play made of it; `kind` is what TikTok calls it.
    scenario: OrderKind,
    #[serde(flatten)]
    order: OrderDetail,
    /// Why it stands where it stands, in one sentence.
    why: String,
    next_command: Option<String>,
}

/// What the vendors counted; the program had no hand in it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    requests: usize,
    creates_accepted: usize,
    parcels_told: usize,
    stock_updates: usize,
    cancellations_approved: usize,
    /// Requests of the second round that were meant to change something.
    second_round_mutating: usize,
}

impl Ending {
    /// Reads what became of everything.
    pub(super) fn read(stage: Stage<'_>, mutating_before: usize, place: &Place) -> Result<Self, Failure> {
        let (store, settings) = stage.look()?;
        let (timing, now) = (timing(&settings), stage.now());
        let mut orders = Vec::new();
        for (id, scenario) in stage.orders() {
            let report = OrderReport::read(&store, id, false, &timing, now)?;
            orders.extend(report.map(|report| Outcome::of(report, *scenario)));
        }
        Ok(Self {
            schema: crate::report::SCHEMA,
            folder: place.kept().map(Path::to_owned),
            database: place.kept().map(|_| store.path().to_owned()),
            orders,
            metrics: Metrics::read(&store, &timing, None, now)?,
            sandbox: Counted::of(&stage.log(), mutating_before),
            now,
            steps: stage.into_steps(),
        })
    }

    /// Writes the ending for people. A pipe gets the same table as a terminal: nobody's program reads a demo.
    pub(super) fn text(&self, output: &Output) -> String {
        let view = output.people(self.now, PIPE_WIDTH);
        let rows: Vec<Vec<String>> = self.orders.iter().map(Outcome::cells).collect();
        let table = view.table(&["order", "kind", "state", "what happened, and why"], &rows);
        format!(
            "\nWhat became of each order\n{table}\n{}\n{}\n{}",
            self.figures(&view),
            self.sandbox.text(&view),
            self.where_to_look()
        )
    }

    fn figures(&self, view: &View) -> String {
        let metrics = &self.metrics;
        let rows = [
            ("ordersDetected", metrics.orders_detected.to_string()),
            ("ordersRouted", metrics.orders_routed.to_string()),
            ("ordersFailed", metrics.orders_failed.to_string()),
            ("successRate", percent(metrics.success_rate)),
            ("trackingsSynced", metrics.trackings_synced.to_string()),
            ("within four hours", percent(metrics.tracking_within_four_hours)),
        ];
        view.section("Metrics", &[], &cells(rows))
    }

    fn where_to_look(&self) -> String {
        let Some(folder) = &self.folder else {
            return "The shop is gone with this demo: mcf demo --keep leaves it, and mcf sandbox serves both vendors for as long as you like.\n"
                .to_owned();
        };
        let config = folder.join("config.toml");
        let config = shell_quoted(&config.to_string_lossy());
        let first = self
            .orders
            .first()
            .map_or("", |outcome| outcome.order.tiktok_order_id.as_str());
        format!(
            "Look further\n  mcf status --config {config}\n  mcf status {first} --config {config}\n  mcf orders list --group --config {config}\n  \
             mcf metrics --config {config}\n  rm -r {}\n\
             Its vendors are gone: mcf sandbox serves them for as long as you like.\n",
            shell_quoted(&folder.to_string_lossy())
        )
    }
}

fn cells<const COUNT: usize>(rows: [(&str, String); COUNT]) -> Vec<Vec<String>> {
    rows.into_iter()
        .map(|(name, value)| vec![name.to_owned(), value])
        .collect()
}

impl Outcome {
    fn of(report: OrderReport, scenario: OrderKind) -> Self {
        let order = report.order;
        let steps = report.history.iter().rev();
        let newest = steps
            .filter(|line| line.details.to.as_deref() == Some(order.state.as_str()))
            .map(|line| line.text.clone())
            .next();
        Self {
            scenario,
            why: by_deadline(scenario, &order).unwrap_or_else(|| why(&order, newest)),
            next_command: order.flags.first().map(|flag| flag.next_command.clone()),
            order,
        }
    }

    fn cells(&self) -> Vec<String> {
        let next = self.next_command.iter().map(|command| format!(" (next: {command})"));
        vec![
            self.order.tiktok_order_id.to_string(),
            name(self.scenario),
            self.order.state.to_string(),
            format!("{}{}", self.why, next.collect::<String>()),
        ]
    }
}

/// Flags speak first, then the rule that keeps an order from being sent, then what was sent and where it is.
fn why(order: &OrderDetail, newest: Option<String>) -> String {
    if !order.flags.is_empty() {
        let texts: Vec<String> = order
            .flags
            .iter()
            .map(|flag| format!("{}: {}", flag.reason(), flag.message))
            .collect();
        return texts.join("; ");
    }
    if let Some(detail) = &order.state_detail {
        return explain(detail).to_owned();
    }
    match &order.mcf_order_id {
        Some(id) => format!("{id}: {}{}", units(order), parcels(order)),
        None => newest.unwrap_or_default(),
    }
}

/// Writes what was sent, e.g. `2 × FBA-LAMP-BLK, 1 × FBA-BULB-4PK`.
fn units(order: &OrderDetail) -> String {
    let mut units: BTreeMap<&str, u32> = BTreeMap::new();
    for item in order.items.iter().flat_map(|item| &item.amazon_items) {
        *units.entry(item.sku.as_str()).or_default() += item.quantity;
    }
    let texts: Vec<String> = units
        .into_iter()
        .map(|(sku, quantity)| format!("{quantity} × {sku}"))
        .collect();
    texts.join(", ")
}

fn parcels(order: &OrderDetail) -> String {
    let told = order.parcels.iter().filter(|parcel| parcel.synced_at.is_some());
    let numbers =
        told.filter_map(|parcel| Some(format!(" → {} {}", parcel.carrier, parcel.tracking_number.as_deref()?)));
    numbers.collect()
}

/// Says why an order goes as fast as it goes, where that is what it shows.
fn by_deadline(scenario: OrderKind, order: &OrderDetail) -> Option<String> {
    let is_shown = matches!(scenario, OrderKind::DueTomorrow | OrderKind::DueToday);
    let speed = order.speed.as_ref().filter(|_| is_shown)?;
    let risk = if order.deadlines.at_risk { "at risk: " } else { "" };
    Some(format!("{risk}{}", speed.because))
}

/// Writes a kind as words: `TwoParcels` becomes `two parcels`.
fn name(kind: OrderKind) -> String {
    let mut words = String::new();
    for letter in format!("{kind:?}").chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

impl Counted {
    fn of(log: &Log, mutating_before: usize) -> Self {
        Self {
            requests: log.entries().len(),
            creates_accepted: log.effects(Operation::CreateFulfillmentOrder),
            parcels_told: log.effects(Operation::MarkPackageShipped),
            stock_updates: log.effects(Operation::UpdateInventory),
            cancellations_approved: log.effects(Operation::ApproveCancellation),
            second_round_mutating: log.mutating() - mutating_before,
        }
    }

    fn text(&self, view: &View) -> String {
        let rows = [
            ("requests in all", self.requests),
            ("orders that Amazon accepted", self.creates_accepted),
            ("parcels that TikTok was told", self.parcels_told),
            ("requests that set stock at TikTok", self.stock_updates),
            ("cancellations approved at TikTok", self.cancellations_approved),
            ("changes that the second round asked for", self.second_round_mutating),
        ];
        view.section(
            "Counted by the vendors",
            &[],
            &cells(rows.map(|(name, count)| (name, count.to_string()))),
        )
    }
}
