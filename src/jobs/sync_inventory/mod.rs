//! `mcf sync-inventory`: read Amazon's stock and TikTok's figures, write what differs, alert on low stock.
//!
//! All figures are read before the first one is written. What is not known is not written, and neither is what looks like a
//! mistake before a second reading says the same; `poll` takes it, minutes later (see `hold`). `read` asks both sides, [`crate::domain::inventory::plan`] decides, `write` acts.

mod alerts;
mod hold;
mod read;
mod refusals;
mod write;

pub(super) use hold::take_second_reading;

use std::collections::BTreeMap;

use super::summary::{Finished, Summary, Work};
use super::{Error, Session, warehouses};
use crate::domain::inventory::brake::Ruling;
use crate::domain::inventory::plan::{Figure, Withheld, plan, shown_beside};
use crate::tiktok::Tiktok;
use read::Readings;

/// What a run did, with every figure.
#[derive(Debug)]
pub struct InventoryRun {
    /// The counts and troubles.
    pub finished: Finished,
    /// Each mapped variant with both sides' figures as they were read.
    pub figures: Vec<Figure>,
}

/// Does one run. Forced, it writes what the brake would hold back.
///
/// # Errors
/// When nothing could be done at all: no credentials, no database, no shop, no answer.
pub fn run(session: &Session, is_forced: bool, progress: Progress<'_>) -> Result<InventoryRun, Error> {
    warehouses::look_if_due(session, &session.tiktok()?)?;
    let reading = if is_forced { Reading::Forced } else { Reading::First };
    push(session, reading, progress)
}

/// What is told how many listings were written, of how many.
type Progress<'a> = &'a dyn Fn(u64, u64);

/// Which reading a push is made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// One of `sync-inventory`, which may confirm the one before it.
    First,
    /// The one that `poll` takes minutes after the brake held a push back.
    Second,
    /// One that a person has looked at.
    Forced,
}

fn push(session: &Session, reading: Reading, progress: Progress<'_>) -> Result<InventoryRun, Error> {
    let mut work = Work::default();
    for name in ["compared", "written", "unknown", "refused", "low"] {
        work.summary.add(name, 0);
    }
    let tiktok = session.tiktok()?;
    let readings = read::readings(session, &tiktok)?;
    let figures = plan(
        &readings.listings,
        &readings.warehouse,
        &readings.mappings,
        &readings.holdings,
        &readings.bundles,
    );
    work.summary.notes.extend(readings.missing.clone());
    work.summary.join(withheld(session, &figures)?);
    match no_figures(&readings, &figures) {
        Some(error) => work.note(error),
        None => act(session, &tiktok, (&readings, &figures), (reading, progress), &mut work)?,
    }
    Ok(InventoryRun {
        finished: work.finish(),
        figures,
    })
}

/// Writes what differs, as far as nothing keeps it back. A dry run writes nothing.
fn act(
    session: &Session,
    tiktok: &Tiktok,
    (readings, figures): (&Readings, &[Figure]),
    (reading, progress): (Reading, Progress<'_>),
    work: &mut Work,
) -> Result<(), Error> {
    work.summary.notes.extend(beside(session, readings));
    let is_dry_run = session.is_dry_run();
    if warehouses::is_switched_off(session, &readings.warehouse)? {
        let warehouse = &readings.warehouse;
        let note = format!("TikTok has disabled warehouse {warehouse}: no stock is written to it");
        work.summary.notes.push(note);
        if !is_dry_run {
            work.summary.add("low", alerts::alert(session, &readings.mappings)?);
        }
        return Ok(());
    }
    match hold::ruling(session, readings, figures, reading)? {
        Ruling::Write if is_dry_run => {}
        Ruling::Write => {
            write::write(session, tiktok, readings, (figures, progress), work)?;
            hold::release(session, readings.answers.given)?;
            work.summary.add("low", alerts::alert(session, &readings.mappings)?);
        }
        Ruling::Hold { why, but } => {
            let some = hold::only(figures, &but);
            if !is_dry_run && some.iter().any(|figure| figure.update.is_some()) {
                write::write(session, tiktok, readings, (&some, progress), work)?;
            }
            work.note(Error::Braked(why));
        }
    }
    Ok(())
}

/// An answer without a single figure is no answer: nobody must take it for a run that found nothing to do.
fn no_figures(readings: &Readings, figures: &[Figure]) -> Option<Error> {
    let asked = readings.answers.asked;
    let whose = match (readings.answers.given, figures.len()) {
        _ if asked == 0 => return None,
        (0, _) => "Amazon",
        (_, 0) => "TikTok",
        _ => return None,
    };
    Some(Error::NoFigures { whose, asked })
}

/// Returns what our other warehouses show: their figures are left alone, and what TikTok sells there leaves the same stock.
fn beside(session: &Session, readings: &Readings) -> Vec<String> {
    let ours = &session.settings.inventory.tiktok_warehouse_ids;
    let others = ours.get(1..).unwrap_or_default();
    let shown = shown_beside(&readings.listings, others, &readings.mappings).into_iter();
    let note = |(warehouse, shown): (_, BTreeMap<_, i64>)| {
        let (variants, units) = (shown.len(), shown.values().sum::<i64>());
        format!(
            "warehouse {warehouse} shows {units} units of {variants} mapped variants beside {}, and is left alone: \
             set them to 0 in Seller Center if they are the same units at Amazon",
            readings.warehouse
        )
    };
    shown.map(note).collect()
}

/// Returns what is not written and why. That a bundle follows its parts is as it should be.
fn withheld(session: &Session, figures: &[Figure]) -> Result<Summary, Error> {
    let mut summary = Summary::default();
    summary.add("compared", figures.len());
    let known = session.store.stock()?;
    for figure in figures {
        let Some(why) = figure.withheld.as_ref().filter(|why| **why != Withheld::TiktokBundle) else {
            continue;
        };
        summary.count("unknown");
        let mut note = format!("TikTok SKU {}: {why}; nothing is written", figure.sku);
        if let Withheld::Unknown(skus) = why {
            let last = skus.iter().filter_map(|sku| {
                let before = known.get(sku)?;
                let hours = (session.now() - before.read_at).num_hours();
                Some(format!("{sku} had {} {hours} h ago", before.fulfillable?))
            });
            let last: Vec<String> = last.collect();
            if !last.is_empty() {
                note = format!("{note} ({})", last.join(", "));
            }
        }
        summary.notes.push(note);
    }
    Ok(summary)
}
