//! Doubts that only a person can settle: which findings may be overruled for one order, and until when that holds.
//!
//! A table or a pattern can be wrong about a good order. What is missing, masked or unmapped is no doubt: nobody can send it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};

use crate::domain::flag::{Detail, Flag};
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::{LineItem, Order, Recipient};

/// What an acceptance covers. It is gone when that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covers {
    /// The recipient's name and address.
    Address,
    /// TikTok's deadlines.
    Deadlines,
    /// What was bought, and for how much.
    Contents,
    /// What kind of order it is; another kind has another detail.
    Kind,
    /// The warehouse that TikTok assigned.
    Warehouse,
}

impl Covers {
    /// Tells whether a speed that a person named holds for it, too.
    #[must_use]
    pub fn is_of_speed(self) -> bool {
        matches!(self, Self::Address | Self::Contents)
    }
}

impl fmt::Display for Covers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Address => "the address",
            Self::Deadlines => "the deadline",
            Self::Contents => "the order",
            Self::Kind => "the kind",
            Self::Warehouse => "the warehouse",
        })
    }
}

/// Every detail that may be accepted.
const DOUBTS: [(Detail, Covers); 15] = [
    (Detail::PostalCodeStateMismatch, Covers::Address),
    (Detail::PostalCodeMalformed, Covers::Address),
    (Detail::StateUnknown, Covers::Address),
    (Detail::Placeholder, Covers::Address),
    (Detail::CharactersNotSupported, Covers::Address),
    (Detail::PoBox, Covers::Address),
    (Detail::Military, Covers::Address),
    (Detail::RuralRoute, Covers::Address),
    (Detail::Territory, Covers::Address),
    (Detail::AlaskaHawaii, Covers::Address),
    (Detail::Sample, Covers::Kind),
    (Detail::Replacement, Covers::Kind),
    (Detail::WarehouseDisabled, Covers::Warehouse),
    (Detail::TooLate, Covers::Deadlines),
    (Detail::FeeShare, Covers::Contents),
];

/// Tells whether only Amazon's preview raises a doubt, so that it is seen where it was raised and not where the order is decided.
pub(super) fn is_of_preview(detail: Detail) -> bool {
    matches!(detail, Detail::TooLate | Detail::FeeShare)
}

/// What persons accepted, by order.
pub type Accepted = BTreeMap<TiktokOrderId, BTreeSet<Detail>>;

/// Returns what the acceptance of a detail covers; `None` where it is no doubt.
#[must_use]
pub fn covers(detail: Detail) -> Option<Covers> {
    DOUBTS
        .iter()
        .find(|(doubt, _)| *doubt == detail)
        .map(|(_, covers)| *covers)
}

/// Returns every detail that may be accepted.
pub fn all() -> impl Iterator<Item = Detail> {
    DOUBTS.iter().map(|(doubt, _)| *doubt)
}

/// Reads the word of a detail that may be accepted.
#[must_use]
pub fn doubt(word: &str) -> Option<Detail> {
    all().find(|doubt| doubt.as_str() == word)
}

/// Returns the doubt that a person names of an order with these flags.
///
/// # Errors
/// Why it can't be accepted.
pub fn accept(word: &str, flags: &[Flag]) -> Result<Detail, String> {
    let carried: Vec<&str> = flags.iter().map(|flag| flag.detail.as_str()).collect();
    if !carried.contains(&word) {
        let carried = match carried.is_empty() {
            true => "none".to_owned(),
            false => carried.join(", "),
        };
        return Err(format!("the order does not carry {word}; it carries: {carried}"));
    }
    doubt(word).ok_or_else(|| format!("{word} is no doubt that a person can settle; it must be put right"))
}

/// Tells whether an order goes to somebody or somewhere else by now. The phone is no part of what is accepted.
#[must_use]
pub fn has_moved(before: &Recipient, after: &Recipient) -> bool {
    let without_phone = |recipient: &Recipient| Recipient {
        phone: String::new(),
        ..recipient.clone()
    };
    without_phone(before) != without_phone(after)
}

/// Returns what differs between an order as it is known and as TikTok shows it now, of what a word of a person can cover. What TikTok does
/// not say did not change.
#[must_use]
pub fn changed(before: &Order, after: &Order) -> Vec<Covers> {
    let differs = |before: Option<DateTime<Utc>>, after: Option<DateTime<Utc>>| after.is_some() && before != after;
    let (then, now) = (&before.deadlines, &after.deadlines);
    let units = |order: &Order| -> BTreeSet<(String, String)> {
        let unit = |line: &LineItem| (line.id.to_string(), line.sku_id.to_string());
        order.live_lines().map(unit).collect()
    };
    let costs_other = after.total.is_some() && before.total != after.total;
    let changes = [
        (
            Covers::Address,
            has_moved(before.recipient.expose(), after.recipient.expose()),
        ),
        (
            Covers::Deadlines,
            differs(then.scanned_by, now.scanned_by) || differs(then.ship_by, now.ship_by),
        ),
        (Covers::Contents, costs_other || units(before) != units(after)),
        (
            Covers::Warehouse,
            before.warehouse_id.is_some() && after.warehouse_id.is_some() && before.warehouse_id != after.warehouse_id,
        ),
    ];
    let changed = changes.into_iter().filter(|(_, is_changed)| *is_changed);
    changed.map(|(what, _)| what).collect()
}

/// Takes away what was accepted of what changed.
pub(super) fn end_of(changed: &[Covers], accepted: &mut Accepted, order: &TiktokOrderId) {
    if let Some(details) = accepted.get_mut(order) {
        details.retain(|detail| covers(*detail).is_none_or(|covered| !changed.contains(&covered)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::tests_support::{plain_line, plain_order, plain_recipient};
    use crate::domain::order::{LineStatus, Money};
    use crate::secret::Private;

    #[test]
    fn what_a_flag_says_to_accept_may_be_accepted() {
        let order = TiktokOrderId::new("1");
        let is_to_accept = |detail: &&Detail| detail.next_command(&order).contains("--accept");
        let offered: Vec<&Detail> = Detail::ALL.iter().filter(is_to_accept).collect();
        assert!(!offered.is_empty());
        for detail in offered {
            assert_eq!(doubt(detail.as_str()), Some(*detail), "D24");
        }
    }

    #[test]
    fn what_was_accepted_of_an_address_ends_when_it_moves_and_a_new_phone_moves_nothing_d24() {
        let moved = |change: fn(&mut Recipient)| {
            let mut after = plain_recipient();
            change(&mut after);
            has_moved(&plain_recipient(), &after)
        };
        assert!(!moved(|_| ()), "D24");
        assert!(!moved(|after| after.phone = "(+1)2135550199".into()), "D24");
        assert!(moved(|after| after.name = "Sam Whitfield".into()), "D24");
        assert!(moved(|after| after.postal_code = "95111".into()), "D24");
        let (order, other) = (TiktokOrderId::new("1"), TiktokOrderId::new("2"));
        let both = BTreeSet::from([Detail::PoBox, Detail::Line1Missing]);
        let mut accepted = Accepted::from([(order.clone(), both.clone()), (other.clone(), both.clone())]);
        end_of(&[Covers::Address], &mut accepted, &order);
        let left = BTreeSet::from([Detail::Line1Missing]);
        assert_eq!(accepted, Accepted::from([(order, left), (other, both)]), "D24");
    }

    #[test]
    fn a_doubt_that_the_order_carries_is_taken_and_nothing_else_a19() {
        let flag = |detail| Flag::plain(detail, &TiktokOrderId::new("1"));
        let flags = [flag(Detail::PostalCodeStateMismatch), flag(Detail::Line1Missing)];
        let taken = accept("postal_code_state_mismatch", &flags);
        assert_eq!(taken, Ok(Detail::PostalCodeStateMismatch), "D24");
        let other = accept("po_box", &flags).expect_err("a refusal");
        assert!(
            other.ends_with("it carries: postal_code_state_mismatch, line1_missing"),
            "A19: {other}"
        );
        assert!(accept("po_box", &[]).is_err_and(|why| why.ends_with("none")), "A19");
        assert!(
            accept("line1_missing", &flags).is_err_and(|why| why.contains("put right")),
            "what is missing"
        );
    }

    #[test]
    fn what_differs_is_told_by_what_a_word_of_a_person_covers_and_what_is_not_said_did_not_change_d24() {
        type Change = fn(&mut Order);
        let before = || {
            let mut order = plain_order("1");
            order.deadlines.scanned_by = order.deadlines.ship_by;
            order
        };
        let table: [(Change, &[Covers]); 9] = [
            (|_| {}, &[]),
            (
                |order| {
                    let moved = Recipient {
                        postal_code: "95111".into(),
                        ..plain_recipient()
                    };
                    order.recipient = Private::new(moved);
                },
                &[Covers::Address],
            ),
            (
                |order| order.deadlines.scanned_by = Some(order.times.created_at),
                &[Covers::Deadlines],
            ),
            (
                |order| order.deadlines.ship_by = Some(order.times.created_at),
                &[Covers::Deadlines],
            ),
            (
                |order| {
                    order.deadlines.scanned_by = None;
                    order.deadlines.ship_by = None;
                },
                &[],
            ),
            (
                |order| {
                    order.total = Some(Money {
                        amount: "12.00".into(),
                        currency: "USD".into(),
                    });
                },
                &[Covers::Contents],
            ),
            (|order| order.total = None, &[]),
            (
                |order| order.line_items.push(plain_line("577900000000001012")),
                &[Covers::Contents],
            ),
            (
                |order| order.line_items[0].status = LineStatus::Cancelled,
                &[Covers::Contents],
            ),
        ];
        for (number, (change, covered)) in table.into_iter().enumerate() {
            let mut after = before();
            change(&mut after);
            assert_eq!(changed(&before(), &after), covered, "D24: row {number}");
        }
    }

    #[test]
    fn what_a_word_covers_has_its_name_and_a_named_speed_holds_for_address_and_contents() {
        for (covers, words, is_of_speed) in [
            (Covers::Address, "the address", true),
            (Covers::Deadlines, "the deadline", false),
            (Covers::Contents, "the order", true),
            (Covers::Kind, "the kind", false),
            (Covers::Warehouse, "the warehouse", false),
        ] {
            assert_eq!(
                (covers.to_string().as_str(), covers.is_of_speed()),
                (words, is_of_speed)
            );
        }
        let of_preview = Detail::ALL.iter().filter(|detail| is_of_preview(**detail));
        let of_preview: Vec<&str> = of_preview.map(|detail| detail.as_str()).collect();
        assert_eq!(
            BTreeSet::from_iter(of_preview),
            BTreeSet::from(["too_late", "fee_share"])
        );
    }
}
