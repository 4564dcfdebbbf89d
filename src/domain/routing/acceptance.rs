//! What a person accepts of an order while routing it: which of the doubts that it raises now.

use chrono::{DateTime, Utc};

use super::decision::{Decision, Rules, decide};
use super::doubts::{accept, is_of_preview};
use super::known::{Known, Units};
use crate::domain::eligibility::{Eligibility, judge};
use crate::domain::flag::{Detail, Flag};
use crate::domain::order::Order;

/// Returns which of the doubts that a person accepts were not accepted before. `stored` is what the order was flagged for, where it
/// can't be told what it would be flagged for now.
///
/// # Errors
/// Why one of them can't be accepted: all of them are taken or none.
pub fn newly_accepted(
    order: &Order,
    words: &[String],
    stored: &[Flag],
    known: &Known,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Vec<Detail>, String> {
    let could_go = || judge(order, &rules.eligibility, now) == Eligibility::Route;
    let carried = if !known.is_stock_read && could_go() {
        stored.to_vec()
    } else {
        match decide(order, 1, known, &Units::default(), rules, now) {
            Decision::Flag(flags) => flags,
            Decision::Route(_) => stored
                .iter()
                .filter(|flag| is_of_preview(flag.detail))
                .cloned()
                .collect(),
            _ => Vec::new(),
        }
    };
    let before = rules.accepted.get(&order.id).into_iter().flatten();
    let before: Vec<&str> = before.map(|detail| detail.as_str()).collect();
    let new = words.iter().filter(|word| !before.contains(&word.as_str()));
    new.map(|word| accept(word, &carried)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{lamps, rules};
    use super::*;
    use crate::domain::order::tests_support::{plain_order, plain_recipient};
    use crate::secret::Private;

    const MISMATCH: Detail = Detail::PostalCodeStateMismatch;

    /// An order to San Jose whose ZIP lies in New York.
    fn doubtful() -> Order {
        let mut order = plain_order("1");
        let mut recipient = plain_recipient();
        recipient.postal_code = "10001".into();
        order.recipient = Private::new(recipient);
        order
    }

    fn accept(words: &[&str], stored: &[Flag], known: &Known, rules: &Rules) -> Result<Vec<Detail>, String> {
        let order = doubtful();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        newly_accepted(
            &order,
            &words,
            stored,
            known,
            rules,
            order.times.created_at + chrono::TimeDelta::hours(5),
        )
    }

    #[test]
    fn what_the_order_carries_now_is_accepted_all_of_it_or_nothing_a19() {
        let known = lamps(5);
        assert_eq!(accept(&[MISMATCH.as_str()], &[], &known, &rules()), Ok(vec![MISMATCH]));
        assert!(
            accept(&[MISMATCH.as_str(), "po_box"], &[], &known, &rules()).is_err(),
            "A19"
        );
        assert!(
            accept(&["stock_too_low"], &[], &lamps(0), &rules()).is_err_and(|why| why.contains("put right")),
            "what is missing is no doubt"
        );
    }

    #[test]
    fn what_was_accepted_before_is_not_new() {
        let mut rules = rules();
        let accepted = rules.accepted.entry(doubtful().id).or_default();
        accepted.insert(MISMATCH);
        assert_eq!(accept(&[MISMATCH.as_str()], &[], &lamps(5), &rules), Ok(Vec::new()));
    }

    #[test]
    fn where_the_stock_is_not_known_the_stored_flags_count() {
        let unread = Known {
            is_stock_read: false,
            ..lamps(5)
        };
        let flag = Flag::plain(MISMATCH, &doubtful().id);
        assert!(accept(&[MISMATCH.as_str()], &[], &unread, &rules()).is_err());
        assert!(accept(&[MISMATCH.as_str()], &[flag], &unread, &rules()).is_ok());
    }

    #[test]
    fn of_an_order_that_would_go_only_what_its_preview_said_may_be_accepted_e151() {
        let order = plain_order("1");
        let flag = |detail| Flag::plain(detail, &order.id);
        let stored = [flag(Detail::TooLate), flag(Detail::Sample)];
        let accepted = |word: &str| {
            let later = order.times.created_at + chrono::TimeDelta::hours(5);
            newly_accepted(&order, &[word.to_owned()], &stored, &lamps(5), &rules(), later)
        };
        assert_eq!(accepted("too_late"), Ok(vec![Detail::TooLate]), "E151");
        assert!(accepted("sample").is_err(), "it would not be flagged for that now");
    }
}
