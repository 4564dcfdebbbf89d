//! The wish to stop, as a signal brings it, and what is in hand when it comes.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How long a call that is under way when the wish comes may still take. What is not answered then counts as unknown.
pub const CALL_GRACE: Duration = Duration::from_secs(3);

/// Whether the run was asked to stop, shared by all that it does.
#[derive(Debug, Default)]
pub struct Stop {
    asked: OnceLock<(i32, Instant)>,
    in_hand: Mutex<Vec<String>>,
}

impl Stop {
    /// Asks to stop because of this signal; only the first wish counts.
    pub fn ask(&self, signal: i32) {
        let _ = self.asked.set((signal, Instant::now()));
    }

    /// Tells whether the run was asked to stop: nothing new is begun then.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.get().is_some()
    }

    /// Returns the signal that asked.
    #[must_use]
    pub fn signal(&self) -> Option<i32> {
        self.asked.get().map(|(signal, _)| *signal)
    }

    /// Tells whether the time is over that a call under way had left.
    #[must_use]
    pub fn is_grace_over(&self) -> bool {
        self.asked.get().is_some_and(|(_, at)| at.elapsed() >= CALL_GRACE)
    }

    /// Notes what is begun; it is in hand until the guard is dropped.
    pub fn take_in_hand(&self, what: String) -> InHand<'_> {
        self.hands().push(what.clone());
        InHand { stop: self, what }
    }

    /// Returns what is in hand.
    #[must_use]
    pub fn in_hand(&self) -> Vec<String> {
        self.hands().clone()
    }

    fn hands(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.in_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that is in hand until this is dropped.
#[derive(Debug)]
pub struct InHand<'a> {
    stop: &'a Stop,
    what: String,
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        let mut hands = self.stop.hands();
        if let Some(position) = hands.iter().position(|what| *what == self.what) {
            hands.remove(position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wish_counts_and_what_is_done_is_no_longer_in_hand() {
        let stop = Stop::default();
        assert!(!stop.is_asked() && !stop.is_grace_over());
        let create = stop.take_in_hand("a create".to_owned());
        let read = stop.take_in_hand("a read".to_owned());
        drop(read);
        assert_eq!(stop.in_hand(), ["a create"], "E170");
        drop(create);
        stop.ask(2);
        stop.ask(15);
        assert_eq!((stop.signal(), stop.in_hand()), (Some(2), Vec::new()));
        assert!(stop.is_asked() && !stop.is_grace_over());
    }
}
