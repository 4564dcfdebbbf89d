//! `mcf orders list --group`: what keeps orders back, one row a cause, and what is short on a day when something sells out.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::SCHEMA;
use super::stock::units;
use super::text::View;
use crate::domain::flag::{CauseGroup, Detail, Flagged, Reason, by_cause};
use crate::domain::ids::{AmazonSku, TiktokOrderId};
use crate::domain::inventory::StockFigure;
use crate::domain::inventory::sold_out::{Waiting, sold_out};
use crate::domain::mapping::{Resolution, resolve};
use crate::domain::quoting::shell_quoted;
use crate::store::{OrderFilter, Result, Store};

/// The causes of flags, and the SKUs that are short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Causes {
    /// The version of this document.
    pub schema: u32,
    /// One entry for each cause, the nearest deadline first.
    pub groups: Vec<Group>,
    /// One entry for each Amazon SKU of which there is too little.
    pub shortages: Vec<Shortage>,
}

/// The orders of one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The reason that outsiders know.
    pub reason: Reason,
    /// What exactly.
    pub detail: &'static str,
    /// The SKU, where mapping or stock is at fault: TikTok's of what is not mapped, Amazon's of what is short.
    pub sku: Option<String>,
    /// How many orders.
    pub orders: u64,
    /// Since when the first of them is kept back.
    pub oldest_at: DateTime<Utc>,
    /// The nearest deadline of any of them.
    pub deadline: Option<DateTime<Utc>>,
    /// One of them.
    pub example: TiktokOrderId,
    /// What its flag says.
    pub message: String,
    /// What to type next about it.
    pub next_command: String,
}

/// An Amazon SKU of which there is too little for the orders that wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shortage {
    /// The SKU at Amazon.
    pub sku: String,
    /// How many orders wait for it.
    pub orders: usize,
    /// Units that they need.
    pub units_needed: i64,
    /// Units that can be promised; `null` when not known.
    pub units_left: Option<i64>,
    /// Units that are short.
    pub units_short: Option<i64>,
    /// Units on their way between Amazon's warehouses; `null` when not known.
    pub in_transfer: Option<i64>,
    /// The nearest deadline of any order.
    pub earliest_deadline: Option<DateTime<Utc>>,
    /// The orders that can't be served where nothing comes in.
    pub orders_to_cancel: Vec<TiktokOrderId>,
    /// Holds all of them until there is stock.
    pub hold_command: String,
    /// Takes all of them off our hands.
    pub dismiss_command: String,
}

impl Causes {
    /// Reads the causes of the orders that the filter lets through.
    pub fn read(store: &Store, filter: &OrderFilter) -> Result<Self> {
        let flagged = store.flagged_of(filter)?;
        let shortages = shortages(store, &flagged)?;
        Ok(Self {
            schema: SCHEMA,
            groups: by_cause(flagged).into_iter().map(group).collect(),
            shortages,
        })
    }

    /// Writes them as text.
    #[must_use]
    pub fn text(&self, view: &View) -> String {
        let causes = [
            "orders",
            "reason",
            "detail",
            "sku",
            "since",
            "deadline",
            "example",
            "next command",
        ];
        let groups: Vec<_> = self.groups.iter().map(|group| group.cells(view)).collect();
        let short = [
            "sku",
            "orders",
            "needed",
            "left",
            "short",
            "in transfer",
            "deadline",
            "hold them all",
        ];
        let shortages: Vec<_> = self.shortages.iter().map(|short| short.cells(view)).collect();
        let to_cancel = self.shortages.iter().flat_map(|short| {
            let orders = short.orders_to_cancel.iter();
            orders.map(|order| vec![order.to_string(), short.sku.clone()])
        });
        let to_cancel: Vec<_> = to_cancel.collect();
        view.join(&[
            view.section("Causes", &causes, &groups),
            view.section("Short of stock", &short, &shortages),
            view.section("To cancel where nothing comes in", &["order", "sku"], &to_cancel),
        ])
    }
}

impl Group {
    fn cells(&self, view: &View) -> Vec<String> {
        vec![
            self.orders.to_string(),
            self.reason.to_string(),
            self.detail.to_owned(),
            self.sku.clone().unwrap_or_default(),
            view.time(Some(self.oldest_at)),
            view.time(self.deadline),
            self.example.to_string(),
            self.next_command.clone(),
        ]
    }
}

impl Shortage {
    fn cells(&self, view: &View) -> Vec<String> {
        vec![
            self.sku.clone(),
            self.orders.to_string(),
            self.units_needed.to_string(),
            units(self.units_left),
            units(self.units_short),
            units(self.in_transfer),
            view.time(self.earliest_deadline),
            self.hold_command.clone(),
        ]
    }
}

fn group(group: CauseGroup) -> Group {
    Group {
        reason: group.cause.detail.reason(),
        detail: group.cause.detail.as_str(),
        sku: group.cause.sku,
        orders: group.orders,
        oldest_at: group.oldest_at,
        deadline: group.deadline,
        example: group.example.order,
        message: group.example.flag.message,
        next_command: group.example.flag.next_command,
    }
}

/// Returns what is short by the flags that say so. How much each order needs is told by its units and the mappings in force.
fn shortages(store: &Store, flagged: &[Flagged]) -> Result<Vec<Shortage>> {
    let short: Vec<&Flagged> = flagged
        .iter()
        .filter(|found| found.flag.detail == Detail::StockTooLow)
        .collect();
    if short.is_empty() {
        return Ok(Vec::new());
    }
    let (needed, stock) = (needed(store)?, store.stock()?);
    let mut waiting: BTreeMap<AmazonSku, Vec<Waiting>> = BTreeMap::new();
    for found in short {
        for sku in found.flag.skus.iter().map(AmazonSku::new) {
            let units = needed
                .get(&(found.order.clone(), sku.clone()))
                .copied()
                .unwrap_or_default();
            let (order, deadline) = (found.order.clone(), found.deadline);
            waiting.entry(sku).or_default().push(Waiting { order, deadline, units });
        }
    }
    let shortages = waiting
        .into_iter()
        .map(|(sku, waiting)| shortage(&sku, waiting, stock.get(&sku)));
    Ok(shortages.collect())
}

/// Returns the units of each Amazon SKU that each order needs.
fn needed(store: &Store) -> Result<BTreeMap<(TiktokOrderId, AmazonSku), i64>> {
    let lines = store.unsent_lines()?;
    let mappings = store.mappings_of(&lines)?;
    let mut needed: BTreeMap<(TiktokOrderId, AmazonSku), i64> = BTreeMap::new();
    for (order, line) in lines {
        if let Resolution::Mapped(target) = resolve(&line, &mappings) {
            for part in target.parts {
                *needed.entry((order.clone(), part.amazon_sku)).or_default() += i64::from(part.quantity);
            }
        }
    }
    Ok(needed)
}

fn shortage(sku: &AmazonSku, waiting: Vec<Waiting>, figure: Option<&StockFigure>) -> Shortage {
    let left = figure.and_then(|figure| figure.remaining);
    let found = sold_out(waiting, left);
    let all = format!(
        "--reason {} --sku {}",
        Reason::InsufficientInventory,
        shell_quoted(sku.as_str())
    );
    Shortage {
        sku: sku.to_string(),
        orders: found.orders,
        units_needed: found.needed,
        units_left: left,
        units_short: found.short,
        in_transfer: figure.and_then(|figure| figure.in_transfer),
        earliest_deadline: found.deadline,
        orders_to_cancel: found.to_cancel,
        hold_command: format!("mcf orders hold {all}"),
        dismiss_command: format!("mcf orders dismiss {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::missing::MissingReport;
    use super::super::tests_support::{FLAGGED, filled, now, terminal};
    use super::*;

    #[test]
    fn a_cause_names_its_orders_and_nothing_about_a_buyer() {
        let (_folder, store) = filled();
        let causes = Causes::read(&store, &OrderFilter::default()).expect("readable");
        let unmapped = causes.groups.iter().find(|group| group.reason == Reason::SkuNotMapped);
        let unmapped = unmapped.expect("a cause");
        assert_eq!((unmapped.example.as_str(), unmapped.orders), (FLAGGED, 1));
        let missing = MissingReport::read(&store).expect("readable");
        let shown = [
            super::super::json(&causes).expect("JSON"),
            super::super::json(&missing).expect("JSON"),
            causes.text(&terminal()),
            causes.text(&View::pipe(now())),
            missing.text(&terminal()),
        ];
        for canary in ["Dana", "Larkspur", "2135550147", "95110"] {
            assert!(!shown.concat().contains(canary), "I10: {canary}");
        }
    }

    #[test]
    fn commands_of_a_sold_out_sku_keep_it_one_word() {
        let short = shortage(&AmazonSku::new("RED LAMP"), Vec::new(), None);
        assert_eq!(
            short.hold_command,
            "mcf orders hold --reason INSUFFICIENT_INVENTORY --sku 'RED LAMP'"
        );
        assert_eq!(
            (short.units_left, short.units_short),
            (None, None),
            "not known is not none"
        );
    }
}
