//! The flags of a decision: what keeps an order back, in a person's words, with what to type next.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::known::{Known, Units};
use super::needs::to_ship;
use crate::domain::address::Finding;
use crate::domain::flag::{Detail, Flag, Reason};
use crate::domain::ids::{AmazonSku, TiktokOrderId};
use crate::domain::mapping::{MappingProblem, MappingSet, Plan, PlannedItem, add_line, row_line};
use crate::domain::order::Order;

/// Flags with one detail become one with all their sentences: an order carries each code once. Where each has a command of its own, the
/// detail's stands for all.
pub(super) fn merge(order: &TiktokOrderId, flags: Vec<Flag>) -> Vec<Flag> {
    let mut merged: Vec<Flag> = Vec::new();
    for flag in flags {
        match merged.iter_mut().find(|known| known.detail == flag.detail) {
            Some(known) => {
                known.message = format!("{}; {}", known.message, flag.message);
                if known.next_command != flag.next_command {
                    known.next_command = flag.detail.next_command(order);
                }
                known.skus.extend(flag.skus);
            }
            None => merged.push(flag),
        }
    }
    merged
}

/// Says of an order of several variants that what one of them lacks keeps all of it back.
pub(super) fn whole_or_nothing(order: &Order, mut flags: Vec<Flag>) -> Vec<Flag> {
    let variants: BTreeSet<_> = to_ship(order).map(|line| &line.sku_id).collect();
    if variants.len() > 1 {
        let is_of_one =
            |flag: &&mut Flag| matches!(flag.reason(), Reason::SkuNotMapped | Reason::InsufficientInventory);
        for flag in flags.iter_mut().filter(is_of_one) {
            flag.message.push_str("; an order goes as a whole or not at all");
        }
    }
    flags
}

pub(super) fn address_flag(order: &Order, finding: &Finding) -> Flag {
    Flag::new(finding.detail, finding.sentence.clone(), &order.id)
}

pub(super) fn masked_flag(order: &Order, due_at: DateTime<Utc>) -> Flag {
    let message = format!(
        "TikTok still masks the address, and it must be shipped by {}; look at the order in Seller Center",
        due_at.format("%Y-%m-%d %H:%M UTC")
    );
    Flag::new(Detail::Masked, message, &order.id)
}

pub(super) fn mapping_flag(order: &Order, problem: &MappingProblem, known: &Known) -> Flag {
    let message = format!("{problem}{}", suggestion(problem, known));
    let flag = Flag::new(problem.detail(), message, &order.id).about(problem.sku());
    match ready_line(problem, known) {
        Some(line) => flag.with_command(line),
        None => flag,
    }
}

/// Returns the line that maps what is missing, where the seller's own text is a SKU that Amazon has, or that has what is switched off
/// sent again, where it is no bundle: a typed row stands for its key alone.
fn ready_line(problem: &MappingProblem, known: &Known) -> Option<String> {
    match problem {
        MappingProblem::NotMapped(unmapped) => {
            let sku = unmapped.namesake().filter(|sku| known.namesakes.contains(sku))?;
            Some(add_line(&unmapped.key(), Some(&sku)))
        }
        MappingProblem::Disabled(key) => match known.mappings.get(key) {
            [row] if row.bundle.is_none() => Some(format!("{} --replace", row_line(row))),
            _ => None,
        },
        MappingProblem::UnusableQuantity(_)
        | MappingProblem::DuplicateUnit(_)
        | MappingProblem::UnitIdTooLong(_)
        | MappingProblem::TooManyItems(_)
        | MappingProblem::TooManyUnits(_)
        | MappingProblem::NothingToSend => None,
    }
}

/// Returns the near matches of a seller SKU that is not mapped, as the end of its sentence.
fn suggestion(problem: &MappingProblem, known: &Known) -> String {
    let MappingProblem::NotMapped(unmapped) = problem else {
        return String::new();
    };
    let near = unmapped
        .seller_sku
        .as_ref()
        .and_then(|text| known.suggestions.get(text));
    match near {
        Some(near) if !near.is_empty() => {
            let near: Vec<String> = near.iter().map(|text| format!("{text:?}")).collect();
            format!("; did you mean {}?", near.join(" or "))
        }
        Some(_) | None => String::new(),
    }
}

/// Returns what there is too little of. What an earlier decision about the order took is its own.
pub(super) fn shortages(order: &Order, plan: &Plan, known: &Known, own: &Units) -> Vec<Flag> {
    let mut wanted: BTreeMap<&AmazonSku, i64> = BTreeMap::new();
    for item in &plan.items {
        *wanted.entry(&item.amazon_sku).or_default() += i64::from(item.quantity);
    }
    let short = |(sku, quantity): (&AmazonSku, i64)| match known.stock.of(sku).map(|units| units + own.of_sku(sku)) {
        None => Some(unknown_stock(order, sku, &in_bundle(sku, plan, &known.mappings))),
        Some(units) if units < quantity => {
            let bundle = in_bundle(sku, plan, &known.mappings);
            Some(too_few(order, sku, &bundle, (quantity, units), known))
        }
        Some(_) => None,
    };
    wanted.into_iter().filter_map(short).collect()
}

/// What Amazon's inventory does not list is unknown here, and usually no FBA offer at all.
fn unknown_stock(order: &Order, sku: &AmazonSku, bundle: &str) -> Flag {
    let message = format!(
        "Amazon gives no stock figure for {sku}{bundle}; it is not sent on a guess; is it an active FBA offer?"
    );
    Flag::new(Detail::StockUnknown, message, &order.id).about([sku.to_string()])
}

fn too_few(order: &Order, sku: &AmazonSku, bundle: &str, (quantity, units): (i64, i64), known: &Known) -> Flag {
    let in_transfer = known.stock.in_transfer(sku).map_or_else(String::new, |units| {
        format!(", {units} are in transfer between Amazon's warehouses")
    });
    let message = format!("{sku}{bundle}: {quantity} needed, {units} can be promised{in_transfer}");
    Flag::new(Detail::StockTooLow, message, &order.id).about([sku.to_string()])
}

/// Names the bundle by which the order needs a SKU. The SKU may be sold alone as well.
fn in_bundle(sku: &AmazonSku, plan: &Plan, mappings: &MappingSet) -> String {
    let is_part = |item: &&PlannedItem| {
        let shares_units = |other: &PlannedItem| other.units.iter().any(|unit| item.units.contains(unit));
        item.amazon_sku == *sku
            && plan
                .items
                .iter()
                .any(|other| other.id != item.id && shares_units(other))
    };
    let mut rows = mappings.rows().filter(|row| row.amazon_sku == *sku);
    match plan
        .items
        .iter()
        .find(is_part)
        .and_then(|_| rows.find_map(|row| row.bundle.as_deref()))
    {
        Some(name) => format!(" (part of bundle {name:?})"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests;
