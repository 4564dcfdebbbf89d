//! Doubts that only a person can settle: which findings may be overruled for one order, and until when that holds.
//!
//! A table or a pattern can be wrong about a good order. What is missing, masked or unmapped is no doubt: nobody can send it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::flag::Flag;
use crate::domain::ids::TiktokOrderId;

/// What an acceptance covers. It is gone when that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covers {
    /// The recipient's name and address.
    Address,
    /// What kind of order it is; another kind has another detail.
    Kind,
}

/// Every detail that may be accepted.
const DOUBTS: [(&str, Covers); 12] = [
    ("postal_code_state_mismatch", Covers::Address),
    ("postal_code_malformed", Covers::Address),
    ("state_unknown", Covers::Address),
    ("placeholder", Covers::Address),
    ("characters_not_supported", Covers::Address),
    ("po_box", Covers::Address),
    ("military", Covers::Address),
    ("rural_route", Covers::Address),
    ("territory", Covers::Address),
    ("alaska_hawaii", Covers::Address),
    ("sample", Covers::Kind),
    ("replacement", Covers::Kind),
];

/// What persons accepted, by order.
pub type Accepted = BTreeMap<TiktokOrderId, BTreeSet<String>>;

/// Returns what the acceptance of a detail covers; `None` where it is no doubt.
#[must_use]
pub fn covers(detail: &str) -> Option<Covers> {
    DOUBTS
        .iter()
        .find(|(doubt, _)| *doubt == detail)
        .map(|(_, covers)| *covers)
}

/// Returns why a detail can't be accepted for an order with these flags; `None` where it can.
#[must_use]
pub fn refusal(detail: &str, flags: &[Flag]) -> Option<String> {
    let carried: Vec<&str> = flags.iter().map(|flag| flag.detail.as_str()).collect();
    if !carried.contains(&detail) {
        let carried = match carried.is_empty() {
            true => "none".to_owned(),
            false => carried.join(", "),
        };
        return Some(format!("the order does not carry {detail}; it carries: {carried}"));
    }
    covers(detail)
        .is_none()
        .then(|| format!("{detail} is no doubt that a person can settle; it must be put right"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::flag::Reason;

    #[test]
    fn a_doubt_that_the_order_carries_is_taken_and_nothing_else_a19() {
        let flag = |detail| Flag::new(Reason::InvalidAddress, detail, "", &TiktokOrderId::new("1"));
        let flags = [flag("postal_code_state_mismatch"), flag("line1_missing")];
        assert_eq!(refusal("postal_code_state_mismatch", &flags), None, "D24");
        let other = refusal("po_box", &flags).expect("a refusal");
        assert!(
            other.ends_with("it carries: postal_code_state_mismatch, line1_missing"),
            "A19: {other}"
        );
        assert!(refusal("po_box", &[]).is_some_and(|why| why.ends_with("none")), "A19");
        assert!(
            refusal("line1_missing", &flags).is_some_and(|why| why.contains("put right")),
            "what is missing"
        );
    }
}
