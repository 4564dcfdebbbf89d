//! The brake: figures that look like a mistake are not written before a second reading says the same. A fall that our own orders
//! explain is no mistake, and to hold it back would sell what is gone.
//!
//! `mcf sync-inventory` takes the first reading and ends with exit code 3 when the brake trips; the next `mcf poll` that is a minute later
//! takes the second one (`jobs/sync_inventory/hold`) and writes what both say. What they don't agree on waits for the next
//! `mcf sync-inventory`, or for a person's `--force`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::plan::Figure;
use crate::domain::ids::{AmazonSku, TiktokSkuId};

/// The fewest falls to zero that count as most: one SKU that sells out is no mistake.
const FALLING_MIN: usize = 2;

/// When the brake trips.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrakeRules {
    /// In percent: more of the SKUs on sale than this must not fall to 0 at once. `[inventory] brake_zero_share`, 50 unless it is set.
    pub zero_share: u32,
    /// A figure must not become more than so many times larger or smaller. `[inventory] brake_factor`, 10 unless it is set.
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
    /// Whether it falls by no more than our own orders took.
    pub is_explained: bool,
}

/// For how many SKUs Amazon gave a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answers {
    /// How many were asked for.
    pub asked: usize,
    /// How many have one.
    pub given: usize,
    /// How many had one when a push last went through.
    pub before: usize,
}

/// Why the brake tripped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tripped {
    /// Amazon leaves out most of the SKUs that it knew before: what it says of the others is doubtful, too.
    FarFewer(Answers),
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// What each variant would show.
    pub figures: BTreeMap<TiktokSkuId, u32>,
    /// For how many SKUs Amazon gave a figure.
    pub given: usize,
    /// Whether the second reading was taken and said something else: from then on it waits for a person or the next sync.
    pub is_second: bool,
}

impl Pending {
    /// Returns what a later reading is compared with.
    #[must_use]
    pub fn of(changes: &[Change], given: usize) -> Self {
        Self {
            figures: changes.iter().map(|change| (change.sku.clone(), change.to)).collect(),
            given,
            is_second: false,
        }
    }
}

/// What may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// Everything.
    Write,
    /// No more than these variants, until another reading says the same.
    Hold {
        /// Why.
        why: Tripped,
        /// What falls by our own orders, and what the second reading says as the first did.
        but: BTreeSet<TiktokSkuId>,
    },
}

/// Judges the figures of a reading. Compared with what the first reading said nothing may fall or jump any more: then it is confirmed.
#[must_use]
pub fn judge(changes: &[Change], answers: Answers, first: Option<&Pending>, rules: BrakeRules) -> Ruling {
    let Some(why) = trip(changes, answers, rules) else {
        return Ruling::Write;
    };
    let is_confirmed = first.is_some_and(|first| {
        let before = answers.before.min(first.given);
        let mut jumping = changes
            .iter()
            .filter(|change| !change.is_explained && change.jumps(rules.factor));
        jumping.all(|change| change.agrees(first, rules.factor))
            && trip(&since(changes, first), Answers { before, ..answers }, rules).is_none()
    });
    if is_confirmed {
        return Ruling::Write;
    }
    let may_go =
        |change: &&Change| change.is_explained || first.is_some_and(|first| change.agrees(first, rules.factor));
    let but = match why {
        Tripped::FarFewer(_) => BTreeSet::new(),
        Tripped::MostFallToZero { .. } | Tripped::Jump { .. } => {
            changes.iter().filter(may_go).map(|change| change.sku.clone()).collect()
        }
    };
    Ruling::Hold { why, but }
}

fn since(changes: &[Change], first: &Pending) -> Vec<Change> {
    let from = |change: &Change| {
        let said = first.figures.get(&change.sku);
        said.map_or(change.from, |units| i64::from(*units))
    };
    changes
        .iter()
        .map(|change| Change {
            from: from(change),
            ..change.clone()
        })
        .collect()
}

fn trip(changes: &[Change], answers: Answers, rules: BrakeRules) -> Option<Tripped> {
    if answers.given * 2 < answers.before.min(answers.asked) {
        return Some(Tripped::FarFewer(answers));
    }
    let doubtful = || changes.iter().filter(|change| !change.is_explained);
    let on_sale = doubtful().filter(|change| change.from > 0).count();
    let falling = doubtful().filter(|change| change.from > 0 && change.to == 0).count();
    if falling >= FALLING_MIN && falling * 100 > on_sale * rules.zero_share as usize {
        return Some(Tripped::MostFallToZero { falling, on_sale });
    }
    let mut jumping: Vec<&Change> = doubtful().filter(|change| change.jumps(rules.factor)).collect();
    jumping.sort_by_key(|change| (i64::from(change.to) - change.from).abs());
    let change = jumping.pop()?.clone();
    Some(Tripped::Jump {
        change,
        others: jumping.len(),
    })
}

/// The figure at which TikTok and we last agreed, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// Units of the variant.
    pub units: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// What our own orders took of each Amazon SKU, by the time when we first saw the order.
pub type Sold = BTreeMap<AmazonSku, Vec<(DateTime<Utc>, i64)>>;

/// Tells whether a figure fell by no more than our own orders took since it was agreed on: without them it would be as high as then.
#[must_use]
pub fn is_explained(figure: &Figure, agreed: Agreed, sold: &Sold) -> bool {
    let taken = |sku: &AmazonSku| {
        let orders = sold.get(sku).into_iter().flatten();
        orders
            .filter(|(at, _)| *at > agreed.at)
            .map(|(_, units)| units)
            .sum::<i64>()
    };
    let without_ours = figure.parts.iter().map(|part| {
        let left = part.holding?.left();
        Some((left + taken(&part.sku)).div_euclid(i64::from(part.per_unit.max(1))))
    });
    let without_ours: Option<Vec<i64>> = without_ours.collect();
    let would_be = without_ours.and_then(|parts| parts.into_iter().min());
    let falls = figure.wanted.is_some_and(|wanted| i64::from(wanted) < agreed.units);
    falls && would_be.is_some_and(|would_be| would_be >= agreed.units)
}

impl Change {
    /// Two readings in a row say about the same of it.
    fn agrees(&self, first: &Pending, factor: u32) -> bool {
        let again = |said: u32| Self {
            from: i64::from(said),
            is_followed: true,
            ..self.clone()
        };
        let said = first.figures.get(&self.sku);
        said.is_some_and(|said| (*said == 0) == (self.to == 0) && !again(*said).jumps(factor))
    }

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
            Self::FarFewer(Answers { asked, given, before }) => {
                write!(
                    formatter,
                    "Amazon gives figures for {given} of {asked} SKUs, and gave {before} before"
                )
            }
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
    use crate::domain::ids::ProductId;
    use crate::domain::inventory::Holding;
    use crate::domain::inventory::plan::PartFigure;

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
            is_explained: false,
        };
        figures.iter().enumerate().map(change).collect()
    }

    const ALL: Answers = Answers {
        asked: 5,
        given: 5,
        before: 5,
    };

    fn pending(changes: &[Change]) -> Pending {
        Pending::of(changes, ALL.given)
    }

    /// Why the figures are held back.
    fn judge(changes: &[Change], first: Option<&Pending>, rules: BrakeRules) -> Option<Tripped> {
        match super::judge(changes, ALL, first, rules) {
            Ruling::Write => None,
            Ruling::Hold { why, .. } => Some(why),
        }
    }

    fn written(changes: &[Change], answers: Answers, first: Option<&Pending>) -> Vec<String> {
        match super::judge(changes, answers, first, RULES) {
            Ruling::Write => vec!["all".to_owned()],
            Ruling::Hold { but, .. } => but.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_fall_that_our_own_orders_explain_is_written_at_once_and_the_others_wait_e154() {
        let mut live = changes(&[(500, 0), (300, 0), (20, 0)]);
        for change in &mut live {
            change.is_explained = true;
        }
        assert_eq!(written(&live, ALL, None), ["all"]);
        let mut mixed = changes(&[(500, 0), (300, 0), (20, 0), (40, 39)]);
        mixed[0].is_explained = true;
        assert_eq!(written(&mixed, ALL, None), ["0"], "held back it would oversell");
    }

    #[test]
    fn what_the_second_reading_says_again_is_written_and_what_differs_waits_e154() {
        let first = changes(&[(500, 0), (300, 0), (20, 0), (40, 0), (50, 49)]);
        let second = changes(&[(500, 0), (300, 290), (20, 0), (40, 39), (50, 3)]);
        assert_eq!(written(&second, ALL, Some(&pending(&first))), ["0", "2"]);
    }

    #[test]
    fn a_jump_after_a_fall_to_nothing_confirms_nothing_e154() {
        let first = changes(&[(40, 0), (50, 0)]);
        let second = changes(&[(40, 9_000), (50, 9_000)]);
        assert_eq!(written(&second, ALL, Some(&pending(&first))), Vec::<String>::new());
    }

    #[test]
    fn far_fewer_skus_than_before_hold_everything_back_until_they_are_said_twice_e155() {
        let fewer = Answers {
            asked: 200,
            given: 12,
            before: 200,
        };
        let mut some = changes(&[(40, 39), (50, 49)]);
        some[0].is_explained = true;
        assert_eq!(written(&some, fewer, None), Vec::<String>::new());
        let first = Pending::of(&some, 12);
        assert_eq!(written(&some, fewer, Some(&first)), ["all"], "said twice");
        let fewer_still = Answers { given: 3, ..fewer };
        assert_eq!(written(&some, fewer_still, Some(&first)), Vec::<String>::new());
        for (asked, given, before) in [(20, 20, 200), (200, 150, 200), (200, 1, 0), (3, 2, 3)] {
            let answers = Answers { asked, given, before };
            assert_eq!(written(&some, answers, None), ["all"], "{answers:?}");
        }
    }

    #[test]
    fn our_own_orders_explain_a_fall_only_as_far_as_they_go_e154() {
        let noon = DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant");
        let later = noon + chrono::TimeDelta::minutes(5);
        let part = |sku: &str, per_unit, fulfillable, promised| PartFigure {
            sku: AmazonSku::new(sku),
            per_unit,
            holding: Some(Holding {
                fulfillable,
                promised,
                safety_stock: 2,
                in_transfer: None,
            }),
        };
        let figure = |parts: Vec<PartFigure>, wanted| Figure {
            product: ProductId::new("p"),
            sku: TiktokSkuId::new("s"),
            parts,
            shown: Some(40),
            amazon: None,
            wanted,
            withheld: None,
            update: None,
        };
        let sold = |units, at| Sold::from([(AmazonSku::new("LAMP"), vec![(at, units)])]);
        let agreed = Agreed { units: 40, at: noon };
        let gone = figure(vec![part("LAMP", 1, 0, 0)], Some(0));
        assert!(
            is_explained(&gone, agreed, &sold(42, later)),
            "42 and a safety stock of 2"
        );
        assert!(!is_explained(&gone, agreed, &sold(41, later)), "one is missing");
        assert!(
            !is_explained(&gone, agreed, &sold(42, noon)),
            "sold before: counted already"
        );
        assert!(!is_explained(&gone, agreed, &Sold::new()), "E57");
        let promised = figure(vec![part("LAMP", 1, 42, 40)], Some(0));
        assert!(
            is_explained(&promised, agreed, &sold(40, later)),
            "promised, not yet counted"
        );
        let pack = figure(vec![part("LAMP", 3, 2, 0), part("CASE", 1, 90, 0)], Some(0));
        assert!(is_explained(&pack, agreed, &sold(120, later)), "three in one");
        assert!(!is_explained(&pack, agreed, &sold(117, later)));
        let other = figure(vec![part("LAMP", 1, 500, 0), part("CASE", 1, 2, 0)], Some(0));
        assert!(
            !is_explained(&other, agreed, &sold(500, later)),
            "the case is gone, not the lamp"
        );
        assert!(
            !is_explained(
                &figure(vec![part("LAMP", 1, 92, 0)], Some(90)),
                agreed,
                &sold(500, later)
            ),
            "a rise"
        );
        let unknown = PartFigure {
            holding: None,
            ..part("LAMP", 1, 0, 0)
        };
        assert!(!is_explained(&figure(vec![unknown], None), agreed, &sold(500, later)));
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
