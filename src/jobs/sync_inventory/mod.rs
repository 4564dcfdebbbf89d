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

use super::summary::{Finished, Summary, Troubles};
use super::{Error, Session, warehouses};
use crate::domain::inventory::brake::Ruling;
use crate::domain::inventory::plan::{Figure, Withheld, plan, shown_beside};

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
pub fn run(session: &Session, is_forced: bool) -> Result<InventoryRun, Error> {
    warehouses::look_if_due(session, &session.tiktok()?)?;
    push(session, if is_forced { Reading::Forced } else { Reading::First })
}

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

fn push(session: &Session, reading: Reading) -> Result<InventoryRun, Error> {
    let mut summary = Summary::default();
    let mut troubles = Troubles::default();
    for name in ["compared", "written", "unknown", "refused", "low"] {
        summary.add(name, 0);
    }
    let tiktok = session.tiktok()?;
    let readings = read::readings(session, &tiktok, &mut summary)?;
    let figures = plan(
        &readings.listings,
        &readings.warehouse,
        &readings.mappings,
        &readings.holdings,
        &readings.bundles,
    );
    note_withheld(session, &figures, &mut summary)?;
    if let Some(error) = no_figures(&readings, &figures) {
        troubles.note(error);
        return Ok(InventoryRun {
            finished: troubles.finish(summary),
            figures,
        });
    }
    note_beside(session, &readings, &mut summary);
    if warehouses::is_switched_off(session, &readings.warehouse)? {
        summary.notes.push(format!(
            "TikTok has disabled warehouse {}: no stock is written to it",
            readings.warehouse
        ));
        if !session.is_dry_run {
            alerts::alert(session, &readings.mappings, &mut summary)?;
        }
        return Ok(InventoryRun {
            finished: troubles.finish(summary),
            figures,
        });
    }
    match hold::ruling(session, &readings, &figures, reading)? {
        Ruling::Write if session.is_dry_run => {}
        Ruling::Write => {
            write::write(session, &tiktok, &readings, &figures, &mut summary, &mut troubles)?;
            hold::release(session, readings.answers.given)?;
            alerts::alert(session, &readings.mappings, &mut summary)?;
        }
        Ruling::Hold { why, but } => {
            let some = hold::only(&figures, &but);
            if !session.is_dry_run && some.iter().any(|figure| figure.update.is_some()) {
                write::write(session, &tiktok, &readings, &some, &mut summary, &mut troubles)?;
            }
            troubles.note(Error::Braked(why));
        }
    }
    Ok(InventoryRun {
        finished: troubles.finish(summary),
        figures,
    })
}

/// An answer without a single figure is no answer: nobody must take it for a run that found nothing to do.
fn no_figures(readings: &read::Readings, figures: &[Figure]) -> Option<Error> {
    let asked = readings.answers.asked;
    let whose = match (readings.answers.given, figures.len()) {
        _ if asked == 0 => return None,
        (0, _) => "Amazon",
        (_, 0) => "TikTok",
        _ => return None,
    };
    Some(Error::NoFigures { whose, asked })
}

/// Tells what our other warehouses show: their figures are left alone, and what TikTok sells there leaves the same stock.
fn note_beside(session: &Session, readings: &read::Readings, summary: &mut Summary) {
    let ours = &session.settings.inventory.tiktok_warehouse_ids;
    let others = ours.get(1..).unwrap_or_default();
    for (warehouse, shown) in shown_beside(&readings.listings, others, &readings.mappings) {
        let (variants, units) = (shown.len(), shown.values().sum::<i64>());
        summary.notes.push(format!(
            "warehouse {warehouse} shows {units} units of {variants} mapped variants beside {}, and is left alone: \
             set them to 0 in Seller Center if they are the same units at Amazon",
            readings.warehouse
        ));
    }
}

/// Tells what is not written and why. That a bundle follows its parts is as it should be.
fn note_withheld(session: &Session, figures: &[Figure], summary: &mut Summary) -> Result<(), Error> {
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
    Ok(())
}
