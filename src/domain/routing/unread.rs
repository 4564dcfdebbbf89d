//! Unread orders, which TikTok does not show in a form that can be used: what is told of them.

use super::effect::{Effect, Row};
use super::stored::StoredDecision;
use crate::domain::flag::{Detail, Flag};
use crate::domain::ids::TiktokOrderId;
use crate::domain::state::State;

/// Why the details of an order can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread<'a> {
    /// The field or the refusal; never its contents.
    pub why: &'a str,
    /// Whether TikTok refused to show it, instead of showing something that can't be used.
    pub is_refused: bool,
}

/// What a person is told of it.
#[must_use]
pub fn flag_of_unread(id: &TiktokOrderId, unread: Unread<'_>) -> Flag {
    let Unread { why, is_refused } = unread;
    if is_refused {
        let message = format!("TikTok does not show it: {why}");
        return Flag::new(Detail::NotShown, message, id);
    }
    let message = format!("TikTok's answer about it can't be used: {why}");
    Flag::new(Detail::Unreadable, message, id)
}

/// Says what follows for an order that is to be decided and can't be read. Its other flags stay, for nothing is known about them.
/// One that is not known here, and that TikTok does not show, is nobody's.
#[must_use]
pub fn next_of_unread(id: &TiktokOrderId, state: Option<State>, flags: &[Flag], unread: Unread<'_>) -> Vec<Effect> {
    let from = match state {
        None if unread.is_refused => return Vec::new(),
        state => state.unwrap_or(State::Detected),
    };
    if !from.is_undecided() {
        return Vec::new();
    }
    let flag = flag_of_unread(id, unread);
    let is_news = !flags.iter().any(|known| known.detail == flag.detail);
    let others = flags.iter().filter(|known| known.detail != flag.detail);
    let flags: Vec<Flag> = others.cloned().chain([flag.clone()]).collect();
    let decision = StoredDecision {
        explanation: flag.message,
        ..StoredDecision::flagged(from, &flags)
    };
    let mut effects = vec![Effect::Store(decision)];
    if is_news {
        effects.push(Effect::Show(Row {
            flags,
            ..Row::new(State::Flagged)
        }));
    }
    effects
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> TiktokOrderId {
        TiktokOrderId::new("1")
    }

    const BROKEN: Unread<'_> = Unread {
        why: "field line_items",
        is_refused: false,
    };

    const REFUSED: Unread<'_> = Unread {
        why: "code 36009004",
        is_refused: true,
    };

    #[test]
    fn what_tiktok_refuses_and_what_it_garbles_are_two_details() {
        assert_eq!(flag_of_unread(&id(), BROKEN).detail, Detail::Unreadable);
        let refused = flag_of_unread(&id(), REFUSED);
        assert_eq!(
            (refused.detail, refused.message.as_str()),
            (Detail::NotShown, "TikTok does not show it: code 36009004")
        );
    }

    #[test]
    fn its_other_flags_stay_and_it_is_shown_once() {
        let other = Flag::plain(Detail::SkuNotMapped, &id());
        let effects = next_of_unread(&id(), Some(State::Flagged), std::slice::from_ref(&other), BROKEN);
        let both = vec![other, flag_of_unread(&id(), BROKEN)];
        let [Effect::Store(stored), Effect::Show(row)] = &effects[..] else {
            panic!("stored and shown: {effects:?}");
        };
        assert_eq!((&stored.flags, &row.flags), (&both, &both));
        assert_eq!(stored.explanation, both[1].message);
        let again = next_of_unread(&id(), Some(State::Flagged), &both, BROKEN);
        assert!(
            matches!(&again[..], [Effect::Store(stored)] if stored.flags == both),
            "{again:?}"
        );
    }

    #[test]
    fn an_order_that_is_not_known_or_decided_already_is_left_alone() {
        assert!(next_of_unread(&id(), None, &[], REFUSED).is_empty());
        assert!(
            !next_of_unread(&id(), None, &[], BROKEN).is_empty(),
            "TikTok has it in some form"
        );
        for state in State::ALL {
            let effects = next_of_unread(&id(), Some(state), &[], BROKEN);
            assert_eq!(effects.is_empty(), !state.is_undecided(), "{state}");
        }
    }
}
