//! `mcf orders list --group`: what keeps orders back, one row a cause, and what is short on a day when something sells out.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::SCHEMA;
use super::shortages::{self, Shortage};
use super::text::View;
use crate::domain::flag::{CauseGroup, Reason, by_cause};
use crate::domain::ids::TiktokOrderId;
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

impl Causes {
    /// Reads the causes of the orders that the filter lets through.
    pub fn read(store: &Store, filter: &OrderFilter) -> Result<Self> {
        let flagged = store.flagged_of(filter)?;
        let shortages = shortages::of(store, &flagged)?;
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
        view.join(&[
            view.section("Causes", &causes, &groups),
            shortages::section(&self.shortages, view),
            shortages::to_cancel(&self.shortages, view),
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
}
