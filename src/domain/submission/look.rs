//! What a look at Amazon by our own id showed, and for how long it has shown nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Moment, is_ours, is_past};
use crate::domain::fulfillment::{Draft, FulfillmentOrder};

/// What a look at Amazon by our own id showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Amazon has it and it is ours, item for item.
    FoundEqual,
    /// Amazon has this id with other contents.
    FoundDifferent,
    /// Amazon has this id and does not show what is in it: empty is not another content.
    FoundEmpty,
    /// Amazon surely has no order of this id at this moment.
    NotFound,
    /// The look-up failed: nothing is known.
    Failed {
        /// What went wrong, as the history tells it.
        error: String,
        /// Whether Amazon does not let us read this order.
        is_denied: bool,
    },
}

impl Look {
    /// Compares what Amazon shows with what was sent. Where that is erased, an order of our id is taken for ours.
    #[must_use]
    pub fn at(sent: Option<&Draft>, found: Option<&FulfillmentOrder>) -> Self {
        match (found, sent) {
            (None, _) => Self::NotFound,
            (Some(found), _) if found.items.is_empty() => Self::FoundEmpty,
            (Some(found), Some(sent)) if !is_ours(sent, found) => Self::FoundDifferent,
            (Some(_), _) => Self::FoundEqual,
        }
    }
}

/// For how long Amazon has shown nothing of an order, by looks that surely found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Absence {
    /// Not long enough to mean anything: a create may take a while to show.
    Short,
    /// A grace time lies between two looks.
    Grace,
    /// Two of them do.
    TwoGraces,
}

impl Absence {
    /// Returns it at a look that found nothing. `since` is the first one after the last send.
    #[must_use]
    pub fn at(look: &Moment, since: Option<&Moment>, grace: Duration) -> Self {
        let is_over = |time| since.is_some_and(|since| is_past(look, since, time));
        if is_over(2 * grace) {
            Self::TwoGraces
        } else if is_over(grace) {
            Self::Grace
        } else {
            Self::Short
        }
    }

    /// Returns it for an order that Amazon accepted, by what is kept of the looks: the last one must be a grace time after the first, too.
    #[must_use]
    pub fn kept(now: &Moment, since: Option<&Moment>, last_look: Option<DateTime<Utc>>, grace: Duration) -> Self {
        let is_seen_since = |since: &&Moment| last_look.is_some_and(|at| at >= since.local + grace);
        Self::at(now, since.filter(is_seen_since), grace)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, found, sent};
    use super::*;

    const GRACE: Duration = Duration::from_secs(15 * 60);

    #[test]
    fn only_an_order_that_shows_other_items_than_were_sent_is_different_e64() {
        let (ours, other) = (found("AMZ-LAMP", 2, "12 Main St"), found("AMZ-BULB", 2, "12 Main St"));
        let empty = FulfillmentOrder {
            items: Vec::new(),
            ..other.clone()
        };
        for (look, sent, found) in [
            (Look::NotFound, Some(sent()), None),
            (Look::NotFound, None, None),
            (Look::FoundEqual, Some(sent()), Some(&ours)),
            (Look::FoundDifferent, Some(sent()), Some(&other)),
            (Look::FoundEmpty, Some(sent()), Some(&empty)),
            (Look::FoundEmpty, None, Some(&empty)),
            (Look::FoundEqual, None, Some(&other)),
        ] {
            assert_eq!(Look::at(sent.as_ref(), found), look, "E64");
        }
    }

    #[test]
    fn an_absence_is_told_by_two_looks_a_grace_time_apart_i4() {
        for (minutes, absence) in [
            (0, Absence::Short),
            (14, Absence::Short),
            (15, Absence::Grace),
            (29, Absence::Grace),
            (30, Absence::TwoGraces),
        ] {
            assert_eq!(Absence::at(&at(minutes), Some(&at(0)), GRACE), absence, "I4: {minutes}");
            assert_eq!(
                Absence::at(&at(minutes), None, GRACE),
                Absence::Short,
                "I4: the first look"
            );
        }
    }
    #[test]
    fn an_accepted_order_is_missing_only_by_a_last_look_a_grace_time_after_the_first_i1() {
        let kept = |now, since: Option<i64>, last_look: Option<i64>| {
            let last_look = last_look.map(|minutes| at(minutes).local);
            Absence::kept(&at(now), since.map(at).as_ref(), last_look, GRACE)
        };
        assert_eq!(kept(900, Some(0), Some(15)), Absence::TwoGraces, "I1");
        assert_eq!(kept(15, Some(0), Some(15)), Absence::Grace, "I1");
        assert_eq!(kept(900, Some(0), Some(14)), Absence::Short, "I1: not looked for since");
        assert_eq!(kept(900, Some(0), None), Absence::Short, "I1: never read");
        assert_eq!(
            kept(14, Some(0), Some(15)),
            Absence::Short,
            "I1: a clock that went back"
        );
        assert_eq!(kept(900, None, Some(900)), Absence::Short, "I1: shown");
    }
}
