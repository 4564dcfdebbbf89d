//! What a run of a job did: the one shape that `poll`, `route`, `sync-tracking` and `sync-inventory` show.

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;

use super::SCHEMA;
use super::stock::units;
use super::text::{View, clean};
use crate::domain::flag::Flag;
use crate::domain::ids::{AmazonSku, FulfillmentOrderId, ProductId, TiktokOrderId, TiktokSkuId};
use crate::domain::state::State;
use crate::store::RunOutcome;

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunReport {
    /// The version of this document.
    pub schema: u32,
    /// Which run.
    pub run: RunHead,
    /// What it did, in numbers.
    pub counts: Counts,
    /// The orders that it touched.
    pub orders: Vec<TouchedOrder>,
    /// What a person should know and no order stands for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The stock figures on both sides, of a run that compared them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<StockFigures>,
    /// Why it failed; absent when it did its work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
}

/// Which run, when, for how long, with what end.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunHead {
    /// E.g. `poll`.
    pub command: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took.
    pub seconds: f64,
    /// How it ended, e.g. `ok`, `person_needed`.
    pub outcome: String,
    /// Whether it only planned.
    pub dry_run: bool,
}

/// How many of what, by its name in the JSON, e.g. `routed`. Those of every run are always there, so that a program need not ask.
pub type Counts = BTreeMap<&'static str, u64>;

/// The counts that every run shows.
const ALWAYS: [&str; 7] = [
    "detected",
    "routed",
    "flagged",
    "waiting",
    "cancelled",
    "unknown",
    "notEligible",
];

/// The count of what was told to the operator's endpoints.
pub const NOTIFIED: &str = "notified";

/// An order that a run touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TouchedOrder {
    /// The order.
    pub tiktok_order_id: TiktokOrderId,
    /// Where it stands now, or would stand after a dry run.
    pub state: State,
    /// Why it waits or is not eligible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Our id at Amazon, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mcf_order_id: Option<FulfillmentOrderId>,
    /// Why it needs a person.
    pub flags: Vec<Flag>,
    /// Which rules decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// What would be sent, in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlannedOrder>,
}

/// What would be sent to Amazon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedOrder {
    /// E.g. `Standard`.
    pub shipping_speed: String,
    /// What, and how many of it.
    pub items: Vec<PlannedUnits>,
}

/// Units of one Amazon SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedUnits {
    /// The SKU.
    pub amazon_sku: AmazonSku,
    /// How many.
    pub quantity: u32,
}

/// One variant's stock on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StockFigures {
    /// The listing at TikTok.
    pub tiktok_product_id: ProductId,
    /// The variant at TikTok.
    pub tiktok_sku_id: TiktokSkuId,
    /// The SKUs at Amazon behind it.
    pub amazon_skus: Vec<AmazonSku>,
    /// What TikTok shows; `null` where it does not say.
    pub shown: Option<i64>,
    /// What Amazon's figures alone are good for, in units of the variant; `null` where one is not known.
    pub amazon: Option<i64>,
    /// What it should show: what can be promised of the scarcest part; `null` where Amazon's figures are not known.
    pub wanted: Option<u32>,
    /// Why it is not written although it may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<String>,
    /// How the figure comes about, one entry for each SKU at Amazon.
    pub parts: Vec<StockPart>,
}

/// An Amazon SKU behind a variant, in Amazon's units. All figures are `null` where Amazon's is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StockPart {
    /// The SKU.
    pub amazon_sku: AmazonSku,
    /// Units of it in one unit of the variant.
    pub per_unit: u32,
    /// What Amazon can ship now.
    pub fulfillable: Option<i64>,
    /// Units of open orders that Amazon has not taken off its figure.
    pub promised: Option<i64>,
    /// Units that are never offered.
    pub safety_stock: Option<u32>,
    /// What is left to promise.
    pub promisable: Option<i64>,
}

/// Why a run or another command failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunError {
    /// One sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The exit code of the process.
    pub exit_code: u8,
}

/// The JSON of a command that failed before it had anything else to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorReport {
    /// The version of this document.
    pub schema: u32,
    /// Why.
    pub error: RunError,
}

impl ErrorReport {
    /// Wraps the reason.
    #[must_use]
    pub fn new(error: RunError) -> Self {
        Self { schema: SCHEMA, error }
    }
}

impl RunReport {
    /// Makes the report of a run that ended at `now`.
    #[must_use]
    pub fn new(command: &str, started_at: DateTime<Utc>, outcome: RunOutcome, now: DateTime<Utc>) -> Self {
        Self {
            schema: SCHEMA,
            run: RunHead {
                command: command.to_owned(),
                started_at: started_at.trunc_subsecs(3),
                seconds: (now - started_at).num_milliseconds().max(0) as f64 / 1_000.0,
                outcome: outcome.as_str().to_owned(),
                dry_run: false,
            },
            counts: ALWAYS.into_iter().map(|name| (name, 0)).collect(),
            orders: Vec::new(),
            notes: Vec::new(),
            figures: Vec::new(),
            error: None,
        }
    }

    /// Returns the one line that a run from cron prints, without a line break.
    #[must_use]
    pub fn summary(&self) -> String {
        let dry = if self.run.dry_run { " (dry run)" } else { "" };
        let mut done = self.words();
        if self.error.is_some() {
            done.push("not everything was done".to_owned());
        }
        if done.is_empty() {
            done.push("nothing to do".to_owned());
        }
        format!(
            "{}{dry}: {} ({:.1} s)",
            self.run.command,
            done.join(", "),
            self.run.seconds
        )
    }

    /// Tells whether there was nothing to do, so that `--quiet` prints nothing. Each run tells the endpoints that it ran.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let mut done = self.counts.iter().filter(|(name, _)| **name != NOTIFIED);
        done.all(|(_, count)| *count == 0) && self.notes.is_empty() && self.error.is_none()
    }

    /// Writes the summary and a table of the touched orders.
    #[must_use]
    pub fn text(&self, view: &View) -> String {
        let rows: Vec<_> = self.orders.iter().map(TouchedOrder::cells).collect();
        let table = if rows.is_empty() {
            String::new()
        } else {
            view.table(&["order", "state", "at amazon", "why", "next command"], &rows)
        };
        let figures = self.drift(view);
        let notes: String = self.notes.iter().map(|note| format!("{}\n", clean(note))).collect();
        format!("{}\n{table}{figures}{notes}", self.summary())
    }

    /// A dry run shows where both sides differ; a run has written it already.
    fn drift(&self, view: &View) -> String {
        let differing = self.figures.iter().filter(|figure| figure.differs());
        let rows: Vec<_> = differing.map(StockFigures::cells).collect();
        if !self.run.dry_run || rows.is_empty() {
            return String::new();
        }
        view.table(
            &[
                "tiktok sku",
                "amazon skus",
                "shown",
                "at amazon",
                "should be",
                "why not",
            ],
            &rows,
        )
    }

    fn words(&self) -> Vec<String> {
        let others = self.counts.keys().copied().filter(|name| !ALWAYS.contains(name));
        ALWAYS
            .into_iter()
            .chain(others)
            .filter_map(|name| Some((name, *self.counts.get(name)?)))
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{count} {}", in_words(name)))
            .collect()
    }
}

/// Writes a name of the JSON as words: `notEligible` becomes `not eligible`.
fn in_words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

impl StockFigures {
    fn differs(&self) -> bool {
        self.withheld.is_some() || self.wanted.map(i64::from) != self.shown
    }

    fn cells(&self) -> Vec<String> {
        let skus: Vec<&str> = self.amazon_skus.iter().map(AmazonSku::as_str).collect();
        vec![
            self.tiktok_sku_id.to_string(),
            skus.join(", "),
            units(self.shown),
            units(self.amazon),
            units(self.wanted.map(i64::from)),
            self.withheld.clone().unwrap_or_default(),
        ]
    }
}

impl TouchedOrder {
    fn cells(&self) -> Vec<String> {
        let messages: Vec<String> = self
            .flags
            .iter()
            .map(|flag| format!("{}: {}", flag.reason(), flag.message))
            .collect();
        let why = if messages.is_empty() {
            self.explanation.clone().unwrap_or_default()
        } else {
            messages.join("; ")
        };
        vec![
            self.tiktok_order_id.to_string(),
            self.state.to_string(),
            self.mcf_order_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            why,
            self.flags
                .first()
                .map(|flag| flag.next_command.clone())
                .unwrap_or_default(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::tests_support::{now, terminal};
    use super::*;
    use crate::domain::flag::Detail;

    fn poll() -> RunReport {
        let order = TiktokOrderId::new("576900000000000102");
        let mut report = RunReport::new("poll", now() - TimeDelta::milliseconds(1_234), RunOutcome::Ok, now());
        report.counts.insert("routed", 3);
        report.counts.insert("flagged", 1);
        report.counts.insert("waiting", 2);
        report.orders = vec![
            TouchedOrder {
                tiktok_order_id: TiktokOrderId::new("576900000000000101"),
                state: State::Routed,
                detail: None,
                mcf_order_id: Some(FulfillmentOrderId::new("TTS-576900000000000101")),
                flags: Vec::new(),
                explanation: Some("all rules passed".into()),
                plan: None,
            },
            TouchedOrder {
                flags: vec![Flag::new(
                    Detail::PostalCodeMissing,
                    "the postal code is missing",
                    &order,
                )],
                tiktok_order_id: order,
                state: State::Flagged,
                detail: None,
                mcf_order_id: None,
                explanation: None,
                plan: None,
            },
        ];
        report
    }

    #[test]
    fn a_run_is_one_line_and_a_table_of_the_orders_it_touched() {
        assert_eq!(poll().summary(), "poll: 3 routed, 1 flagged, 2 waiting (1.2 s)");
        insta::assert_snapshot!("text", poll().text(&terminal()));
        insta::assert_snapshot!("json", super::super::json(&poll()).expect("JSON"));
    }

    #[test]
    fn a_run_with_nothing_to_do_says_so() {
        let idle = RunReport::new("poll", now() - TimeDelta::milliseconds(300), RunOutcome::Ok, now());
        assert_eq!(idle.text(&terminal()), "poll: nothing to do (0.3 s)\n");
        assert!(idle.is_idle() && !poll().is_idle());
        let mut told = idle;
        told.counts.insert(NOTIFIED, 2);
        assert!(told.is_idle(), "that it ran is no news");
    }

    #[test]
    fn a_run_that_failed_still_gives_one_document_with_its_error() {
        let mut report = RunReport::new("poll", now(), RunOutcome::VendorUnavailable, now());
        report.run.dry_run = true;
        report.error = Some(RunError {
            message: "TikTok did not answer\u{1b}[2J".into(),
            help: Some("the next run goes on".into()),
            exit_code: 4,
        });
        assert_eq!(report.summary(), "poll (dry run): not everything was done (0.0 s)");
        let json: serde_json::Value = serde_json::to_value(&report).expect("JSON");
        assert_eq!(json["error"]["exitCode"], 4);
        assert_eq!(json["run"]["outcome"], "vendor_unavailable");
    }
}
