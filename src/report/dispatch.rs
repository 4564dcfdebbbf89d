//! Late dispatch: which share of the orders was handed over late or not at all, and which speeds and carriers they went by.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::text::View;
use crate::domain::deadline::dispatch::{Due, Tally, tallies, tally};

/// What stands where an order has no carrier.
const NOT_HANDED_OVER: &str = "not handed over";

/// What stands where no speed was chosen.
const NOT_KNOWN: &str = "not known";

/// The share, from 0 to 1, of the orders that were due in so many days and were handed over late or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LateDispatchRate {
    /// In the last 7 days; `null` where none was due.
    pub d7: Option<f64>,
    /// In the last 30 days; `null` where none was due.
    pub d30: Option<f64>,
}

impl LateDispatchRate {
    /// How far back the orders reach that it is counted from.
    pub(super) const SPAN: TimeDelta = TimeDelta::days(30);

    pub(super) fn of(orders: &[Due], now: DateTime<Utc>) -> Self {
        Self {
            d7: tally(orders, TimeDelta::days(7), now).share(),
            d30: tally(orders, Self::SPAN, now).share(),
        }
    }

    /// Returns both with their names.
    pub(super) fn named(&self) -> [(&'static str, Option<f64>); 2] {
        [("d7", self.d7), ("d30", self.d30)]
    }
}

/// The orders that were due in the last 30 days, told apart by how they went.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LateDispatch {
    /// By the speed that they went at: what a faster one buys.
    pub by_speed: Vec<DispatchGroup>,
    /// By the carrier of the last parcel.
    pub by_carrier: Vec<DispatchGroup>,
}

/// Orders that were due, by one word.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DispatchGroup {
    /// E.g. `UPS`.
    pub name: String,
    /// Orders that were due.
    pub due: u64,
    /// Those that were handed over late or not at all.
    pub late: u64,
    /// Their share, from 0 to 1.
    pub rate: Option<f64>,
}

impl LateDispatch {
    pub(super) fn of(orders: &[Due], now: DateTime<Utc>) -> Self {
        let carrier = |due: &Due| due.carrier.clone().unwrap_or_else(|| NOT_HANDED_OVER.to_owned());
        let speed = |due: &Due| due.speed.clone().unwrap_or_else(|| NOT_KNOWN.to_owned());
        Self {
            by_speed: groups(orders, now, speed),
            by_carrier: groups(orders, now, carrier),
        }
    }

    /// Returns each group with what it is one of.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, &DispatchGroup)> {
        let by_speed = self.by_speed.iter().map(|group| ("speed", group));
        by_speed.chain(self.by_carrier.iter().map(|group| ("carrier", group)))
    }

    pub(super) fn cells(&self, view: &View) -> Vec<Vec<String>> {
        let cells = |(what, group): (&str, &DispatchGroup)| {
            let counts = [group.due.to_string(), group.late.to_string(), view.share(group.rate)];
            [what.to_owned(), group.name.clone()]
                .into_iter()
                .chain(counts)
                .collect()
        };
        self.named().map(cells).collect()
    }
}

fn groups(orders: &[Due], now: DateTime<Utc>, word: impl Fn(&Due) -> String) -> Vec<DispatchGroup> {
    let group = |(name, tally): (String, Tally)| DispatchGroup {
        name,
        due: tally.due,
        late: tally.late,
        rate: tally.share(),
    };
    let tallies = tallies(orders, LateDispatchRate::SPAN, now, word);
    tallies.into_iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::super::html::{HtmlReport, Reader, ShopTitle};
    use super::super::metrics::Metrics;
    use super::super::prometheus::exposition;
    use super::super::status::StatusOverview;
    use super::super::tests_support::{filled, now, timing};

    #[test]
    fn status_metrics_and_page_count_the_same_late_orders_by_carrier() {
        let (_folder, store) = filled();
        // All six were due by then; two have left, in time.
        let later = now() + chrono::TimeDelta::days(3);
        let metrics = Metrics::read(&store, &timing(), None, later).expect("metrics");
        let status = StatusOverview::read(&store, &timing(), later).expect("an overview");
        assert_eq!((metrics.orders_late, status.deadlines.late), (4, 4));
        assert_eq!(metrics.late_dispatch_rate.d7, Some(4.0 / 6.0));
        let by_speed = &metrics.late_dispatch.by_speed;
        assert_eq!(
            (by_speed.len(), by_speed[0].name.as_str(), by_speed[0].late),
            (1, "not known", 4)
        );
        let groups: Vec<_> = metrics.late_dispatch.by_carrier.iter().collect();
        let groups: Vec<_> = groups
            .iter()
            .map(|group| (group.name.as_str(), group.due, group.late))
            .collect();
        assert_eq!(groups, [("UPS", 2, 0), ("not handed over", 4, 4)]);
        let page = exposition(&metrics, now());
        for line in [
            "mcf_orders_late 4\n",
            "mcf_late_dispatch_rate{window=\"d30\"} 0.6666666666666666\n",
            "mcf_dispatch_late{by=\"carrier\",name=\"not handed over\"} 4\n",
        ] {
            assert!(page.contains(line), "{line}{page}");
        }
        let html = HtmlReport::read(&store, &timing(), ShopTitle::default(), later).expect("a report");
        let html = html.page(&Reader::new(later));
        assert!(html.contains("Hand-over against deadline") && html.contains("66.7 %"));
    }

    #[test]
    fn without_an_order_that_was_due_there_is_no_rate() {
        let (_folder, store) = crate::store::tests_support::store();
        let metrics = Metrics::read(&store, &timing(), None, now()).expect("metrics");
        assert_eq!(
            (metrics.late_dispatch_rate.d7, metrics.late_dispatch_rate.d30),
            (None, None)
        );
        assert!(!exposition(&metrics, now()).contains("mcf_late_dispatch_rate"));
    }
}
