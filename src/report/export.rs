//! `mcf orders list` and `mcf orders export`: orders as rows. Never anything about a buyer.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::deadlines::DeadlineDetail;
use super::order::mcf_order_id;
use super::status::{reasons, words};
use super::text::{View, clean};
use super::{JsonList, SCHEMA};
use crate::domain::event::instant;
use crate::domain::flag::Reason;
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::domain::kind::Kind;
use crate::domain::state::State;
use crate::store::{OrderFilter, OrderRow, Result, Store};

/// Orders, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderList {
    /// The version of this document.
    pub schema: u32,
    /// The orders.
    pub orders: Vec<ListedOrder>,
}

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedOrder {
    /// The order.
    pub tiktok_order_id: TiktokOrderId,
    /// What kind of order it is, e.g. `normal`, `sample`.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// Why it waits or is not eligible.
    pub state_detail: Option<String>,
    /// The reasons of its flags.
    pub reasons: Vec<Reason>,
    /// Our id at Amazon.
    pub mcf_order_id: Option<FulfillmentOrderId>,
    /// The numbers of its parcels.
    pub tracking_numbers: Vec<String>,
    /// TikTok's deadlines.
    pub deadlines: DeadlineDetail,
    /// The nearest of them until it is shipped.
    pub deadline: Option<DateTime<Utc>>,
    /// When the buyer ordered.
    pub created_at: DateTime<Utc>,
    /// When the buyer paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// When it was first seen.
    pub detected_at: DateTime<Utc>,
    /// When Amazon took it.
    pub routed_at: Option<DateTime<Utc>>,
}

impl OrderList {
    /// Reads the orders that the filter lets through.
    pub fn read(store: &Store, filter: &OrderFilter) -> Result<Self> {
        Ok(Self {
            schema: SCHEMA,
            orders: store.order_rows(filter)?.into_iter().map(listed).collect(),
        })
    }

    /// Writes the orders as text.
    #[must_use]
    pub fn text(&self, view: &View) -> String {
        let rows: Vec<_> = self.orders.iter().map(|order| order.cells(view)).collect();
        view.table(
            &["order", "state", "reasons", "at amazon", "deadline", "detected", "kind"],
            &rows,
        )
    }
}

/// What writing orders one by one came to: how many, or why the output took no more.
pub type Written = io::Result<u64>;

/// Writes the orders that the filter lets through as CSV with a header, in constant memory. A cell that a spreadsheet would take for a
/// formula begins with an apostrophe.
pub fn write_csv(store: &Store, filter: &OrderFilter, output: &mut dyn Write) -> Result<Written> {
    let mut writer = csv::Writer::from_writer(output);
    if let Err(error) = writer.write_record(COLUMNS) {
        return Ok(Err(error.into()));
    }
    let written = each(store, filter, |order| {
        Ok(writer.write_record(order.fields().iter().map(|field| without_formula(field)))?)
    })?;
    Ok(written.and_then(|count| writer.flush().map(|()| count)))
}

/// Writes the orders as one JSON document, in constant memory.
pub fn write_json(store: &Store, filter: &OrderFilter, output: &mut dyn Write) -> Result<Written> {
    let mut list = JsonList::of("orders", output);
    let written = each(store, filter, |order| list.add(&order))?;
    Ok(written.and_then(|_| list.end()))
}

/// Writes one JSON object a line, in constant memory.
pub fn write_lines(store: &Store, filter: &OrderFilter, output: &mut dyn Write) -> Result<Written> {
    each(store, filter, |order| writeln!(output, "{}", super::json_line(&order)?))
}

fn each(store: &Store, filter: &OrderFilter, mut write: impl FnMut(ListedOrder) -> io::Result<()>) -> Result<Written> {
    let mut count = 0;
    let written = store.each_order_row(filter, |row| {
        count += 1;
        write(listed(row))
    })?;
    Ok(written.map(|()| count))
}

const COLUMNS: [&str; 15] = [
    "tiktok_order_id",
    "state",
    "state_detail",
    "reasons",
    "mcf_order_id",
    "tracking_numbers",
    "ship_by",
    "scanned_by",
    "cancelled_unless_shipped_by",
    "cancelled_unless_scanned_by",
    "created_at",
    "paid_at",
    "detected_at",
    "routed_at",
    "kind",
];

impl ListedOrder {
    fn cells(&self, view: &View) -> Vec<String> {
        let detail = self.state_detail.as_ref().map(|detail| format!(" ({detail})"));
        vec![
            self.tiktok_order_id.to_string(),
            format!("{}{}", self.state, detail.unwrap_or_default()),
            words(&self.reasons),
            text(self.mcf_order_id.as_ref().map(FulfillmentOrderId::as_str)),
            view.time(self.deadline),
            view.time(Some(self.detected_at)),
            self.kind.to_string(),
        ]
    }

    fn fields(&self) -> [String; COLUMNS.len()] {
        [
            self.tiktok_order_id.to_string(),
            self.state.to_string(),
            text(self.state_detail.as_deref()),
            words(&self.reasons),
            text(self.mcf_order_id.as_ref().map(FulfillmentOrderId::as_str)),
            self.tracking_numbers.join(" "),
            time(self.deadlines.ship_by),
            time(self.deadlines.scanned_by),
            time(self.deadlines.cancelled_unless_shipped_by),
            time(self.deadlines.cancelled_unless_scanned_by),
            instant(self.created_at),
            time(self.paid_at),
            instant(self.detected_at),
            time(self.routed_at),
            self.kind.to_string(),
        ]
    }
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

fn time(at: Option<DateTime<Utc>>) -> String {
    at.map(instant).unwrap_or_default()
}

/// A spreadsheet runs what begins with one of these, also behind spaces.
fn without_formula(field: &str) -> String {
    let cleaned = clean(field);
    let is_formula = cleaned
        .trim_start()
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if is_formula || field.starts_with(['\t', '\r', '\n']) {
        format!("'{cleaned}")
    } else {
        cleaned
    }
}

pub(super) fn listed(row: OrderRow) -> ListedOrder {
    let is_open = match row.state {
        State::Detected
        | State::Waiting
        | State::Ready
        | State::Submitting
        | State::Routed
        | State::Flagged
        | State::Cancelling => true,
        State::Shipped | State::Completed | State::Cancelled | State::Dismissed | State::NotEligible => false,
    };
    ListedOrder {
        reasons: reasons(&row),
        mcf_order_id: mcf_order_id(&row),
        deadline: row.deadlines.nearest().filter(|_| is_open),
        deadlines: DeadlineDetail::from(&row),
        tiktok_order_id: row.id,
        kind: row.kind,
        state: row.state,
        state_detail: row.state_detail,
        tracking_numbers: row.tracking_numbers,
        created_at: row.created_at,
        paid_at: row.paid_at,
        detected_at: row.detected_at,
        routed_at: row.routed_at,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::tests_support::{filled, now, terminal};
    use super::*;

    fn list(filter: &OrderFilter) -> OrderList {
        let (_folder, store) = filled();
        OrderList::read(&store, filter).expect("a list")
    }

    fn written(write: fn(&Store, &OrderFilter, &mut dyn Write) -> Result<Written>, filter: &OrderFilter) -> String {
        let (_folder, store) = filled();
        let mut bytes = Vec::new();
        write(&store, filter, &mut bytes).expect("readable").expect("written");
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn the_list_and_the_export_of_a_busy_store() {
        let all = list(&OrderFilter::default());
        insta::assert_snapshot!("terminal", all.text(&terminal()));
        insta::assert_snapshot!("pipe", all.text(&View::pipe(now())));
        insta::assert_snapshot!("csv", written(write_csv, &OrderFilter::default()));
    }

    #[test]
    fn the_export_as_json_is_the_list_and_so_are_its_lines() {
        let none = OrderFilter {
            state: Some(State::Cancelled),
            ..OrderFilter::default()
        };
        for filter in [OrderFilter::default(), none] {
            let expected = serde_json::to_value(list(&filter)).expect("JSON");
            let whole: serde_json::Value = serde_json::from_str(&written(write_json, &filter)).expect("one document");
            assert_eq!(whole, expected);
            let lines = written(write_lines, &filter);
            let lines = lines.lines().map(|line| serde_json::from_str(line).expect("an object"));
            assert_eq!(
                lines.collect::<Vec<serde_json::Value>>(),
                *expected["orders"].as_array().expect("a list")
            );
        }
    }

    #[test]
    fn a_reader_that_goes_away_ends_the_export() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (_folder, store) = filled();
        for write in [write_csv, write_json, write_lines] {
            let ended = write(&store, &OrderFilter::default(), &mut Gone).expect("readable");
            assert_eq!(ended.expect_err("gone").kind(), io::ErrorKind::BrokenPipe);
        }
    }

    #[test]
    fn filters_narrow_the_list_and_hold_together() {
        let found = |filter: OrderFilter| {
            let orders = list(&filter).orders.into_iter();
            orders
                .map(|order| order.tiktok_order_id.to_string())
                .collect::<Vec<_>>()
        };
        let all = OrderFilter::default;
        assert_eq!(found(all()).len(), 6);
        let flagged = OrderFilter {
            state: Some(State::Flagged),
            ..all()
        };
        assert_eq!(found(flagged.clone()).len(), 2);
        let unmapped = OrderFilter {
            reason: Some(Reason::SkuNotMapped),
            ..flagged
        };
        assert_eq!(found(unmapped).len(), 1);
        let since = Some(now() - TimeDelta::hours(4));
        assert_eq!(found(OrderFilter { since, ..all() }).len(), 3);
        let until = Some(now() - TimeDelta::hours(4) - TimeDelta::seconds(1));
        assert_eq!(found(OrderFilter { until, ..all() }).len(), 3);
        assert_eq!(found(OrderFilter { until: since, ..all() }).len(), 4);
        assert_eq!(
            found(OrderFilter {
                limit: Some(1),
                ..all()
            }),
            ["576900000000000103"]
        );
    }

    #[test]
    fn a_cell_that_begins_like_a_formula_is_neutralised() {
        for formula in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"] {
            assert!(without_formula(formula).starts_with('\''), "E118: {formula:?}");
        }
        assert_eq!(without_formula("1Z999AA10123456784"), "1Z999AA10123456784");
    }

    #[test]
    fn nothing_about_the_buyer_is_listed_or_exported() {
        let all = list(&OrderFilter::default());
        let shown = written(write_csv, &OrderFilter::default())
            + &super::super::json(&all).expect("JSON")
            + &all.text(&terminal());
        for canary in ["Dana", "Larkspur", "2135550147", "95110"] {
            assert!(!shown.contains(canary), "I10: {canary}");
        }
    }
}
