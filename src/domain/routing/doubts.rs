//! Doubts about an order that a person settles while routing it.

use chrono::{DateTime, Utc};

use super::acceptance::refusal;
use super::decision::{Decision, Rules, decide};
use super::known::{Known, Units};
use crate::domain::eligibility::{Eligibility, judge};
use crate::domain::flag::Flag;
use crate::domain::order::Order;

/// Returns which of the doubts that a person accepts were not accepted before. `stored` is what the order was flagged for, where it
/// can't be told what it would be flagged for now.
///
/// # Errors
/// Why one of them can't be accepted: all of them are taken or none.
pub fn newly_accepted(
    order: &Order,
    details: &[String],
    stored: &[Flag],
    known: &Known,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Vec<String>, String> {
    let could_go = || judge(order, &rules.eligibility, now) == Eligibility::Route;
    let carried = if !known.is_stock_read && could_go() {
        stored.to_vec()
    } else {
        match decide(order, 1, known, &Units::default(), rules, now) {
            Decision::Flag(flags) => flags,
            _ => Vec::new(),
        }
    };
    let is_known = |detail: &&String| {
        let accepted = rules.accepted.get(&order.id);
        accepted.is_some_and(|accepted| accepted.contains(*detail))
    };
    let new: Vec<String> = details.iter().filter(|detail| !is_known(detail)).cloned().collect();
    match new.iter().find_map(|detail| refusal(detail, &carried)) {
        Some(why) => Err(why),
        None => Ok(new),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{lamps, rules};
    use super::*;
    use crate::domain::flag::Reason;
    use crate::domain::order::tests_support::{plain_order, plain_recipient};
    use crate::secret::Private;

    const MISMATCH: &str = "postal_code_state_mismatch";

    /// An order to San Jose whose ZIP lies in New York.
    fn doubtful() -> Order {
        let mut order = plain_order("1");
        let mut recipient = plain_recipient();
        recipient.postal_code = "10001".into();
        order.recipient = Private::new(recipient);
        order
    }

    fn accept(details: &[&str], stored: &[Flag], known: &Known, rules: &Rules) -> Result<Vec<String>, String> {
        let order = doubtful();
        let details: Vec<String> = details.iter().map(|detail| (*detail).to_owned()).collect();
        newly_accepted(
            &order,
            &details,
            stored,
            known,
            rules,
            order.times.created_at + chrono::TimeDelta::hours(5),
        )
    }

    #[test]
    fn what_the_order_carries_now_is_accepted_all_of_it_or_nothing_a19() {
        let known = lamps(5);
        assert_eq!(
            accept(&[MISMATCH], &[], &known, &rules()),
            Ok(vec![MISMATCH.to_owned()])
        );
        assert!(accept(&[MISMATCH, "po_box"], &[], &known, &rules()).is_err(), "A19");
        assert!(
            accept(&["stock_too_low"], &[], &lamps(0), &rules()).is_err_and(|why| why.contains("put right")),
            "what is missing is no doubt"
        );
    }

    #[test]
    fn what_was_accepted_before_is_not_new() {
        let mut rules = rules();
        let accepted = rules.accepted.entry(doubtful().id).or_default();
        accepted.insert(MISMATCH.to_owned());
        assert_eq!(accept(&[MISMATCH], &[], &lamps(5), &rules), Ok(Vec::new()));
    }

    #[test]
    fn where_the_stock_is_not_known_the_stored_flags_count() {
        let unread = Known {
            is_stock_read: false,
            ..lamps(5)
        };
        let flag = Flag::new(Reason::InvalidAddress, MISMATCH, "", &doubtful().id);
        assert!(accept(&[MISMATCH], &[], &unread, &rules()).is_err());
        assert!(accept(&[MISMATCH], &[flag], &unread, &rules()).is_ok());
    }
}
