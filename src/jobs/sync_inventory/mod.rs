//! `mcf sync-inventory`: read Amazon's stock and TikTok's figures, write what differs, alert on low stock.
//!
//! All figures are read before the first one is written. What is not known is not written, and neither is what looks like a
//! mistake before a second reading says the same. `read` asks both sides, [`crate::domain::inventory::plan`] decides, `write` acts.

mod alerts;
mod read;
mod refusals;
mod write;

use chrono::TimeDelta;

use super::summary::{Finished, Summary, Troubles};
use super::{Error, Session};
use crate::domain::inventory::brake::{self, BrakeRules, Change, Pending};
use crate::domain::inventory::plan::{Figure, Withheld, plan};

/// The fact under which the figures of a braked run wait for a second reading.
const BRAKE: &str = "inventory.brake";

/// A first reading older than this confirms nothing.
const PENDING_AGE_MAX: TimeDelta = TimeDelta::hours(48);

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
    if !is_forced && let Some(held) = braked(session, &readings, &figures)? {
        troubles.note(held);
    } else if !session.is_dry_run {
        write::write(session, &tiktok, &readings, &figures, &mut summary, &mut troubles)?;
        session.store.forget_fact(BRAKE)?;
        alerts::alert(session, &readings.mappings, &mut summary)?;
    }
    Ok(InventoryRun {
        finished: troubles.finish(summary),
        figures,
    })
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

/// Returns why nothing may be written now, and keeps the figures for the next run to confirm.
fn braked(session: &Session, readings: &read::Readings, figures: &[Figure]) -> Result<Option<Error>, Error> {
    let changes: Vec<Change> = figures.iter().filter_map(|figure| change(readings, figure)).collect();
    let rules = BrakeRules {
        zero_share: session.settings.inventory.brake_zero_share,
        factor: session.settings.inventory.brake_factor,
    };
    let first = session.store.fact::<Pending>(BRAKE)?;
    let first = first.filter(|(_, at)| session.now() - *at < PENDING_AGE_MAX);
    let held = brake::judge(&changes, first.as_ref().map(|(pending, _)| pending), rules);
    if held.is_some() && !session.is_dry_run {
        session
            .store
            .keep_fact(BRAKE, &brake::pending(&changes), session.now())?;
    }
    Ok(held.map(Error::Braked))
}

/// What is not known on either side, or not ours to write, neither falls nor jumps.
fn change(readings: &read::Readings, figure: &Figure) -> Option<Change> {
    let (from, to) = figure.shown.zip(figure.wanted)?;
    figure.withheld.is_none().then(|| Change {
        sku: figure.sku.clone(),
        from,
        to,
        is_followed: readings.followed.contains(&figure.sku),
    })
}
