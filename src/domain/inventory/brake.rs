//! The brake: figures that look like a mistake are not written before a second reading says the same.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::ids::TiktokSkuId;

/// The fewest falls to zero that count as most: one SKU that sells out is no mistake.
const FALLING_MIN: usize = 2;

/// When the brake trips.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrakeRules {
    /// In percent: more of the SKUs on sale than this must not fall to 0 at once.
    pub zero_share: u32,
    /// A figure must not become more than so many times larger or smaller.
    pub factor: u32,
}

/// What one variant shows and would show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The variant.
    pub sku: TiktokSkuId,
    /// What TikTok shows.
    pub from: i64,
    /// What it would show.
    pub to: u32,
    /// Whether the old figure came from Amazon, too. What somebody else typed in can't jump.
    pub is_followed: bool,
}

/// Why the brake tripped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tripped {
    /// Most of what is on sale would be sold out at once.
    MostFallToZero {
        /// How many would fall.
        falling: usize,
        /// How many are on sale.
        on_sale: usize,
    },
    /// A figure jumps.
    Jump {
        /// The one that jumps farthest.
        change: Change,
        /// How many others jump.
        others: usize,
    },
}

/// What a first reading said, until a second one confirms it.
pub type Pending = BTreeMap<TiktokSkuId, u32>;

/// Judges the figures of a reading; `None` lets them through. Compared with what the first reading said nothing may fall or jump
/// any more: then it is confirmed.
#[must_use]
pub fn judge(changes: &[Change], pending: Option<&Pending>, rules: BrakeRules) -> Option<Tripped> {
    let tripped = trip(changes, rules)?;
    let confirmed = pending.is_some_and(|pending| trip(&since(changes, pending), rules).is_none());
    (!confirmed).then_some(tripped)
}

/// Returns what a later reading is compared with.
#[must_use]
pub fn pending(changes: &[Change]) -> Pending {
    changes.iter().map(|change| (change.sku.clone(), change.to)).collect()
}

fn since(changes: &[Change], pending: &Pending) -> Vec<Change> {
    let from = |change: &Change| pending.get(&change.sku).map_or(change.from, |units| i64::from(*units));
    changes
        .iter()
        .map(|change| Change {
            from: from(change),
            ..change.clone()
        })
        .collect()
}

fn trip(changes: &[Change], rules: BrakeRules) -> Option<Tripped> {
    let on_sale = changes.iter().filter(|change| change.from > 0).count();
    let falling = changes
        .iter()
        .filter(|change| change.from > 0 && change.to == 0)
        .count();
    if falling >= FALLING_MIN && falling * 100 > on_sale * rules.zero_share as usize {
        return Some(Tripped::MostFallToZero { falling, on_sale });
    }
    let mut jumping: Vec<&Change> = changes.iter().filter(|change| change.jumps(rules.factor)).collect();
    jumping.sort_by_key(|change| (i64::from(change.to) - change.from).abs());
    let change = jumping.pop()?.clone();
    Some(Tripped::Jump {
        change,
        others: jumping.len(),
    })
}

impl Change {
    /// From or to nothing is a sale or a delivery, not a jump.
    fn jumps(&self, factor: u32) -> bool {
        let to = i64::from(self.to);
        let (small, large) = (self.from.min(to), self.from.max(to));
        self.is_followed && small > 0 && large > small.saturating_mul(i64::from(factor))
    }
}

impl fmt::Display for Tripped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MostFallToZero { falling, on_sale } => {
                write!(formatter, "{falling} of {on_sale} SKUs on sale would fall to 0 at once")
            }
            Self::Jump { change, others } => {
                let Change { sku, from, to, .. } = change;
                write!(formatter, "TikTok SKU {sku} would jump from {from} to {to}")?;
                match others {
                    0 => Ok(()),
                    others => write!(formatter, " and {others} more would jump, too"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: BrakeRules = BrakeRules {
        zero_share: 50,
        factor: 10,
    };

    fn changes(figures: &[(i64, u32)]) -> Vec<Change> {
        let change = |(number, (from, to)): (usize, &(i64, u32))| Change {
            sku: TiktokSkuId::new(number.to_string()),
            from: *from,
            to: *to,
            is_followed: true,
        };
        figures.iter().enumerate().map(change).collect()
    }

    #[test]
    fn most_of_the_stock_gone_at_once_waits_for_a_second_reading() {
        let first = changes(&[(500, 0), (300, 0), (20, 0), (40, 39), (50, 49)]);
        assert_eq!(
            judge(&first, None, RULES),
            Some(Tripped::MostFallToZero { falling: 3, on_sale: 5 }),
            "E57, R24"
        );
        assert_eq!(judge(&first, Some(&pending(&first)), RULES), None, "said twice");
        let other = changes(&[(500, 490), (300, 290), (20, 0), (40, 0), (50, 0)]);
        assert!(
            judge(&other, Some(&pending(&first)), RULES).is_some(),
            "another mistake"
        );
    }

    #[test]
    fn half_of_the_stock_or_the_only_sku_may_sell_out() {
        assert_eq!(judge(&changes(&[(500, 0), (300, 290)]), None, RULES), None);
        assert_eq!(judge(&changes(&[(3, 0)]), None, RULES), None);
        assert_eq!(judge(&changes(&[(3, 0), (0, 0), (0, 0)]), None, RULES), None);
    }

    #[test]
    fn a_share_of_a_hundred_switches_the_zero_brake_off() {
        let rules = BrakeRules {
            zero_share: 100,
            ..RULES
        };
        assert_eq!(judge(&changes(&[(500, 0), (300, 0)]), None, rules), None);
    }

    #[test]
    fn a_figure_that_jumps_up_or_down_waits_for_a_second_reading() {
        for (from, to) in [(40, 401), (401, 40)] {
            let first = changes(&[(from, u32::try_from(to).expect("small")), (5, 5)]);
            assert!(matches!(
                judge(&first, None, RULES),
                Some(Tripped::Jump { others: 0, .. })
            ));
            let second = changes(&[(from, u32::try_from(to).expect("small") - 1), (5, 5)]);
            assert_eq!(judge(&second, Some(&pending(&first)), RULES), None, "about the same");
        }
        assert_eq!(judge(&changes(&[(40, 400)]), None, RULES), None);
        assert_eq!(judge(&changes(&[(0, 400)]), None, RULES), None, "a delivery");
    }

    #[test]
    fn what_somebody_typed_in_before_us_can_not_jump() {
        let mut first = changes(&[(1, 400)]);
        first[0].is_followed = false;
        assert_eq!(judge(&first, None, RULES), None);
    }
}
