//! Flags by their cause: one act of a person ends it for all orders that share it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Detail, Flag, Reason};
use crate::domain::ids::TiktokOrderId;

/// What keeps orders back: a detail and, where it is about mapping or stock, the SKU.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// What is wrong.
    pub detail: Detail,
    /// The SKU: TikTok's of what is not mapped, Amazon's of what is short.
    pub sku: Option<String>,
}

/// A flag with its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flagged {
    /// The order.
    pub order: TiktokOrderId,
    /// Its flag.
    pub flag: Flag,
    /// Since when.
    pub raised_at: DateTime<Utc>,
    /// The order's nearest deadline.
    pub deadline: Option<DateTime<Utc>>,
}

/// The orders of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseGroup {
    /// What they share.
    pub cause: Cause,
    /// How many.
    pub orders: u64,
    /// Since when the first of them is kept back.
    pub oldest_at: DateTime<Utc>,
    /// The nearest deadline of any of them.
    pub deadline: Option<DateTime<Utc>>,
    /// The order that shows it best: nothing else of this kind is wrong with it, and it waits longest.
    pub example: Flagged,
}

impl Cause {
    /// Returns the causes of a flag: one for each SKU where it is about mapping or stock and names them, else one.
    #[must_use]
    pub fn of(flag: &Flag) -> Vec<Self> {
        let cause = |sku| Self {
            detail: flag.detail,
            sku,
        };
        match flag.reason() {
            Reason::SkuNotMapped | Reason::InsufficientInventory if !flag.skus.is_empty() => {
                flag.skus.iter().cloned().map(Some).map(cause).collect()
            }
            Reason::SkuNotMapped
            | Reason::InsufficientInventory
            | Reason::InvalidAddress
            | Reason::McfApiError
            | Reason::TiktokApiError
            | Reason::OrderNotSupported
            | Reason::CancellationConflict
            | Reason::TrackingRejected => vec![cause(None)],
        }
    }
}

/// Puts flags together by their cause: the nearest deadline first, then the most orders.
#[must_use]
pub fn by_cause(flagged: impl IntoIterator<Item = Flagged>) -> Vec<CauseGroup> {
    let mut groups: BTreeMap<Cause, CauseGroup> = BTreeMap::new();
    for found in flagged {
        for cause in Cause::of(&found.flag) {
            groups
                .entry(cause.clone())
                .and_modify(|group| group.take_in(&found))
                .or_insert_with(|| CauseGroup::of(cause, &found));
        }
    }
    let mut groups: Vec<CauseGroup> = groups.into_values().collect();
    groups.sort_by_key(|group| {
        (
            group.deadline.unwrap_or(DateTime::<Utc>::MAX_UTC),
            Reverse(group.orders),
        )
    });
    groups
}

impl CauseGroup {
    fn of(cause: Cause, found: &Flagged) -> Self {
        Self {
            cause,
            orders: 1,
            oldest_at: found.raised_at,
            deadline: found.deadline,
            example: found.clone(),
        }
    }

    fn take_in(&mut self, found: &Flagged) {
        self.orders += 1;
        self.oldest_at = self.oldest_at.min(found.raised_at);
        self.deadline = self.deadline.into_iter().chain(found.deadline).min();
        if found.shows_less_well() < self.example.shows_less_well() {
            self.example = found.clone();
        }
    }
}

impl Flagged {
    fn shows_less_well(&self) -> (usize, DateTime<Utc>, &TiktokOrderId) {
        (self.flag.skus.len(), self.raised_at, &self.order)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn flagged(order: &str, detail: Detail, skus: &[&str], minutes: i64) -> Flagged {
        let id = TiktokOrderId::new(order);
        let skus = skus.iter().map(|sku| (*sku).to_owned());
        Flagged {
            flag: Flag::plain(detail, &id).about(skus),
            order: id,
            raised_at: DateTime::<Utc>::default() + TimeDelta::minutes(minutes),
            deadline: None,
        }
    }

    fn seen(flagged: Vec<Flagged>) -> Vec<(Detail, Option<String>, u64, String)> {
        let rows = by_cause(flagged).into_iter();
        rows.map(|group| {
            let example = group.example.order.to_string();
            (group.cause.detail, group.cause.sku, group.orders, example)
        })
        .collect()
    }

    #[test]
    fn orders_that_one_act_helps_are_one_cause() {
        let mug = |order, minutes| flagged(order, Detail::SkuNotMapped, &["17"], minutes);
        assert_eq!(
            seen(vec![mug("2", 5), mug("1", 9), mug("3", 7)]),
            [(Detail::SkuNotMapped, Some("17".into()), 3, "2".into())]
        );
        assert_eq!(by_cause(vec![mug("2", 5), mug("1", 9)])[0].oldest_at.timestamp(), 300);
    }

    #[test]
    fn another_sku_is_another_cause_where_mapping_or_stock_is_at_fault_and_nowhere_else() {
        for (detail, causes) in [
            (Detail::SkuNotMapped, 2),
            (Detail::MappingDisabled, 2),
            (Detail::StockTooLow, 2),
            (Detail::StockUnknown, 2),
            (Detail::SkuRefused, 1),
            (Detail::PostalCodeMissing, 1),
        ] {
            let both = vec![flagged("1", detail, &["A"], 0), flagged("2", detail, &["B"], 0)];
            assert_eq!(by_cause(both).len(), causes, "{detail}");
        }
    }

    #[test]
    fn an_order_with_two_of_them_counts_for_both_and_is_shown_for_neither_that_has_an_order_of_its_own() {
        let both = flagged("1", Detail::StockTooLow, &["A", "B"], 0);
        let one = flagged("2", Detail::StockTooLow, &["A"], 60);
        assert_eq!(
            seen(vec![both, one]),
            [
                (Detail::StockTooLow, Some("A".into()), 2, "2".into()),
                (Detail::StockTooLow, Some("B".into()), 1, "1".into()),
            ]
        );
    }

    #[test]
    fn the_nearest_deadline_stands_first_then_the_most_orders() {
        let at = |hours| Some(DateTime::<Utc>::default() + TimeDelta::hours(hours));
        let due = |order, detail, hours| Flagged {
            deadline: at(hours),
            ..flagged(order, detail, &[], 0)
        };
        let rows = vec![
            due("1", Detail::CityMissing, 9),
            flagged("2", Detail::Refused, &[], 0),
            flagged("3", Detail::Sample, &[], 0),
            flagged("4", Detail::Sample, &[], 0),
            due("5", Detail::NameMissing, 8),
            due("6", Detail::CityMissing, 7),
        ];
        let order: Vec<Detail> = by_cause(rows).into_iter().map(|group| group.cause.detail).collect();
        assert_eq!(
            order,
            [
                Detail::CityMissing,
                Detail::NameMissing,
                Detail::Sample,
                Detail::Refused
            ]
        );
    }

    #[test]
    fn a_flag_about_mapping_or_stock_that_names_no_sku_is_one_cause_all_the_same() {
        assert_eq!(
            seen(vec![
                flagged("1", Detail::SkuNotMapped, &[], 0),
                flagged("2", Detail::SkuNotMapped, &[], 5)
            ]),
            [(Detail::SkuNotMapped, None, 2, "1".into())]
        );
    }
}
