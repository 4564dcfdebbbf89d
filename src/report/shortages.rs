//! What is short on a day when something sells out: how much, what comes in, and which orders can't be served.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::stock::units;
use super::text::View;
use crate::domain::flag::{Detail, Flagged, Reason};
use crate::domain::ids::{AmazonSku, TiktokOrderId};
use crate::domain::inventory::sold_out::{Waiting, sold_out};
use crate::domain::inventory::{Inbound, StockFigure};
use crate::domain::mapping::{Resolution, resolve};
use crate::domain::quoting::shell_quoted;
use crate::store::{Result, Store};

/// The units that each order needs of each Amazon SKU.
type Needed = BTreeMap<TiktokOrderId, BTreeMap<AmazonSku, i64>>;

/// An Amazon SKU of which there is too little for the orders that wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shortage {
    /// The SKU at Amazon; `null` where Amazon refused orders of several and named none.
    pub sku: Option<String>,
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
    /// Units on their way to Amazon, by how far they are; each `null` when not known.
    pub inbound: Inbound,
    /// The nearest deadline of any order.
    pub earliest_deadline: Option<DateTime<Utc>>,
    /// The orders that can't be served where nothing comes in.
    pub orders_to_cancel: Vec<TiktokOrderId>,
    /// Holds all of them until there is stock.
    pub hold_command: String,
    /// Takes all of them off our hands.
    pub dismiss_command: String,
}

impl Shortage {
    fn cells(&self, view: &View) -> Vec<String> {
        vec![
            self.sku.clone().unwrap_or_else(|| "not named".to_owned()),
            self.orders.to_string(),
            self.units_needed.to_string(),
            units(self.units_left),
            units(self.units_short),
            units(self.in_transfer),
            units(self.inbound.units()),
            view.time(self.earliest_deadline),
            self.hold_command.clone(),
        ]
    }
}

/// Writes what is short, one row a SKU.
pub(super) fn section(shortages: &[Shortage], view: &View) -> String {
    let headers = [
        "sku",
        "orders",
        "needed",
        "left",
        "short",
        "in transfer",
        "inbound",
        "deadline",
        "hold them all",
    ];
    let rows: Vec<_> = shortages.iter().map(|short| short.cells(view)).collect();
    view.section("Short of stock", &headers, &rows)
}

/// Writes the orders that can't be served.
pub(super) fn to_cancel(shortages: &[Shortage], view: &View) -> String {
    let orders = shortages.iter().flat_map(|short| {
        let sku = short.sku.clone().unwrap_or_default();
        let orders = short.orders_to_cancel.iter();
        orders.map(move |order| vec![order.to_string(), sku.clone()])
    });
    let rows: Vec<_> = orders.collect();
    view.section("To cancel where nothing comes in", &["order", "sku"], &rows)
}

/// Returns what is short by the flags that say so. How much each order needs is told by its units and the mappings in force.
pub(super) fn of(store: &Store, flagged: &[Flagged]) -> Result<Vec<Shortage>> {
    let short: Vec<&Flagged> = flagged.iter().filter(|found| is_short(found)).collect();
    if short.is_empty() {
        return Ok(Vec::new());
    }
    let (needed, stock) = (needed(store)?, store.stock()?);
    let mut waiting: BTreeMap<Option<AmazonSku>, Vec<Waiting>> = BTreeMap::new();
    for found in short {
        let skus: BTreeSet<AmazonSku> = found.flag.skus.iter().map(AmazonSku::new).collect();
        if skus.is_empty() {
            let all = needed.get(&found.order).map(|skus| skus.values().sum());
            waiting.entry(None).or_default().push(waits(found, all));
        }
        for sku in skus {
            let units = needed.get(&found.order).and_then(|skus| skus.get(&sku)).copied();
            waiting.entry(Some(sku)).or_default().push(waits(found, units));
        }
    }
    let shortages = waiting.into_iter().map(|(sku, waiting)| match sku {
        Some(sku) => of_sku(&sku, waiting, stock.get(&sku)),
        None => of_no_sku(waiting),
    });
    Ok(shortages.collect())
}

fn is_short(found: &Flagged) -> bool {
    matches!(found.flag.detail, Detail::StockTooLow | Detail::RefusedForStock)
}

fn waits(found: &Flagged, units: Option<i64>) -> Waiting {
    Waiting {
        order: found.order.clone(),
        deadline: found.deadline,
        units: units.unwrap_or_default(),
        is_refused: found.flag.detail == Detail::RefusedForStock,
    }
}

fn needed(store: &Store) -> Result<Needed> {
    let lines = store.unsent_lines()?;
    let mappings = store.mappings_of(&lines)?;
    let mut needed = Needed::new();
    for (order, line) in lines {
        if let Resolution::Mapped(target) = resolve(&line, &mappings) {
            let of_order = needed.entry(order).or_default();
            for part in target.parts {
                *of_order.entry(part.amazon_sku).or_default() += i64::from(part.quantity);
            }
        }
    }
    Ok(needed)
}

fn of_sku(sku: &AmazonSku, waiting: Vec<Waiting>, figure: Option<&StockFigure>) -> Shortage {
    let all = format!(
        "--reason {} --sku {}",
        Reason::InsufficientInventory,
        shell_quoted(sku.as_str())
    );
    Shortage {
        sku: Some(sku.to_string()),
        in_transfer: figure.and_then(|figure| figure.in_transfer),
        inbound: figure.map(|figure| figure.inbound).unwrap_or_default(),
        ..short(waiting, figure.and_then(|figure| figure.remaining), &all)
    }
}

/// Of which of its SKUs there was too little Amazon did not say, so that the orders themselves are named.
fn of_no_sku(waiting: Vec<Waiting>) -> Shortage {
    let ids: Vec<&str> = waiting.iter().map(|waiting| waiting.order.as_str()).collect();
    let all = ids.join(" ");
    short(waiting, None, &all)
}

fn short(waiting: Vec<Waiting>, left: Option<i64>, all: &str) -> Shortage {
    let found = sold_out(waiting, left);
    Shortage {
        sku: None,
        orders: found.orders,
        units_needed: found.needed,
        units_left: left,
        units_short: found.short,
        in_transfer: None,
        inbound: Inbound::default(),
        earliest_deadline: found.deadline,
        orders_to_cancel: found.to_cancel,
        hold_command: format!("mcf orders hold {all}"),
        dismiss_command: format!("mcf orders dismiss {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_a_sold_out_sku_keep_it_one_word() {
        let short = of_sku(&AmazonSku::new("RED LAMP"), Vec::new(), None);
        assert_eq!(
            short.hold_command,
            "mcf orders hold --reason INSUFFICIENT_INVENTORY --sku 'RED LAMP'"
        );
        assert_eq!(
            (short.units_left, short.inbound.units()),
            (None, None),
            "not known is not none"
        );
    }

    #[test]
    fn orders_of_several_skus_of_which_amazon_named_none_are_named_themselves() {
        let refused = |order: &str| Waiting {
            order: TiktokOrderId::new(order),
            deadline: None,
            units: 3,
            is_refused: true,
        };
        let short = of_no_sku(vec![refused("1"), refused("2")]);
        assert_eq!((short.sku, short.units_short, short.units_left), (None, Some(6), None));
        assert_eq!(short.hold_command, "mcf orders hold 1 2");
        assert_eq!(short.orders_to_cancel.len(), 2);
    }
}
