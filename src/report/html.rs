//! `mcf report`: one self-contained page. It asks for nothing over the network, runs no script and shows nothing about a buyer.
//!
//! Its parts take read models and a [`Reader`], and know nothing of this page: another front end puts them together in its own way.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

pub mod days;
pub mod dispatch;
pub mod frame;
pub mod latency;
pub mod overview;
pub mod plot;
mod reader;
pub mod runs;
pub mod stock;
pub mod table;
#[cfg(test)]
mod tests;

pub use reader::{Reader, Way, Ways};

use super::Timing;
use super::causes::Causes;
use super::dispatch::LateDispatchRate;
use super::export::{ListedOrder, listed};
use super::metrics::Metrics;
use super::shortages::Shortage;
use super::status::{RESUME, StatusOverview};
use super::text::clean;
use super::{stock as figures, waiting};
use crate::domain::deadline::dispatch::Due;
use crate::domain::funnel::{Reached, funnel};
use crate::domain::state::State;
use crate::domain::waiting::WaitingGroup;
use crate::store::{OrderFilter, Result, StockRow, Store, StoredRun, Tally};
use frame::Part;

/// What the page says of who made it; by this one of ours is known, and may be replaced.
const GENERATOR: &str = "mcf report";

/// The orders that the way from detected to completed is shown of.
const FUNNEL: TimeDelta = TimeDelta::days(30);

/// The shop that a page is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShopTitle {
    /// Its id at TikTok, where it is known.
    pub id: Option<String>,
    /// Its name there.
    pub name: Option<String>,
}

impl ShopTitle {
    /// What a page is headed by.
    #[must_use]
    pub fn words(&self) -> String {
        let of_id = || self.id.as_ref().map(|id| format!("Shop {id}"));
        let name = self.name.clone().filter(|name| !name.trim().is_empty()).or_else(of_id);
        clean(&name.unwrap_or_else(|| "Orders from TikTok Shop to Amazon".to_owned()))
    }
}

/// Everything that the page shows.
#[derive(Debug, Clone)]
pub struct HtmlReport {
    shop: ShopTitle,
    status: StatusOverview,
    metrics: Metrics,
    waiting: Vec<WaitingGroup>,
    reached: Vec<Reached>,
    seen: Vec<Tally>,
    failed: Vec<Tally>,
    deadlines: Vec<ListedOrder>,
    handed_over: Vec<Due>,
    stock: Vec<StockRow>,
    shortages: Vec<Shortage>,
    runs: Vec<(StoredRun, Option<DateTime<Utc>>)>,
    zone: Tz,
}

/// Tells whether a file that begins so is a page of ours.
#[must_use]
pub fn is_report(beginning: &str) -> bool {
    let mark = html! { meta name="generator" content=(GENERATOR); };
    beginning.starts_with("<!DOCTYPE html>") && beginning.contains(&mark.into_string())
}

impl HtmlReport {
    /// Reads what the page shows.
    pub fn read(store: &Store, timing: &Timing, shop: ShopTitle, now: DateTime<Utc>) -> Result<Self> {
        let status = StatusOverview::read(store, timing, now)?;
        let first_day = now - TimeDelta::days(days::DAYS as i64);
        let nearest = u32::try_from(dispatch::DEADLINES_MAX + 1).unwrap_or(u32::MAX);
        Ok(Self {
            shop,
            metrics: Metrics::read(store, timing, None, now)?,
            waiting: waiting::read(store, &status.commands, timing, now)?,
            reached: store.reached(now - FUNNEL)?,
            seen: store.orders_seen(first_day)?,
            failed: store.orders_failed(first_day)?,
            deadlines: store.orders_by_deadline(nearest)?.into_iter().map(listed).collect(),
            handed_over: store.due_orders(LateDispatchRate::SPAN, now)?,
            stock: figures::rows(store, now)?,
            shortages: Causes::read(store, &OrderFilter::default())?.shortages,
            runs: store.last_runs()?,
            zone: timing.zone,
            status,
        })
    }

    /// Writes the page.
    #[must_use]
    pub fn page(&self, reader: &Reader) -> String {
        let name = self.shop.words();
        let at = (reader.local)(reader.now);
        let title = format!("{name}, {at}");
        let end = format!(
            "Written by mcf {}. Nothing about a buyer is in it.",
            env!("CARGO_PKG_VERSION")
        );
        frame::document(GENERATOR, &title, &self.lead(&name, reader), &self.parts(reader), &end)
    }

    fn lead(&self, name: &str, reader: &Reader) -> Markup {
        let people = self.status.attention.iter().filter(|item| item.needs_person).count();
        let things = if people == 1 { "thing needs" } else { "things need" };
        html! {
            h1 { (name) }
            p.soft {
                "Orders from TikTok Shop "
                @if let Some(id) = &self.shop.id { (clean(id)) " " }
                "to Amazon, as of " time { ((reader.local)(reader.now)) } " (" ((reader.zone)(reader.now)) "). All times are of that zone."
            }
            @if people == 0 {
                p.good { "✓ Nothing needs a person." }
            } @else {
                p.alarm { "⚠ " (people) " " (things) " a person." }
            }
            @if let Some(pause) = &self.status.paused {
                p.alarm { (reader.text(&pause.sentence())) ": " code { (reader.text(RESUME)) } }
            }
        }
    }

    fn parts(&self, reader: &Reader) -> Vec<Part> {
        let flagged = self.status.orders.get(&State::Flagged).copied().unwrap_or_default();
        let (status, metrics) = (&self.status, &self.metrics);
        vec![
            overview::attention(&status.attention, reader),
            overview::waiting(&self.waiting, flagged, reader),
            overview::funnel(&funnel(&self.reached), FUNNEL),
            overview::states(status),
            overview::numbers(metrics),
            days::detected(&self.seen, self.zone, reader.now),
            days::failed(&self.failed, self.zone, reader.now),
            latency::routing(metrics),
            latency::tracking(metrics, &status.tracking, reader),
            dispatch::hand_over(&self.handed_over),
            dispatch::late_dispatch(&metrics.late_dispatch, reader),
            dispatch::deadlines(&self.deadlines, reader),
            stock::stock(&self.stock, &self.shortages, reader),
            runs::runs(&self.runs, &status.commands, reader),
            runs::calls(&metrics.api_calls, reader),
        ]
    }
}
