//! Who has come in: a link that is good once makes a session, and a session is a cookie that nobody can guess.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// How long a browser may be away.
const IDLE_MAX: Duration = Duration::from_hours(12);
/// How many browsers may be in; the one that was away longest makes room.
const SESSIONS_MAX: usize = 64;

type Mark = [u8; 32];

/// The link and the sessions. Only their hashes are kept, so that comparing them tells nothing by how long it takes.
#[derive(Debug, Default)]
pub struct Sessions {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    link: Option<Mark>,
    sessions: HashMap<Mark, Instant>,
}

impl Sessions {
    /// Makes the key of the next link; the one before is good no more. `None` where the system gives no random numbers.
    pub fn next_link(&self) -> Option<String> {
        let key = unguessable()?;
        self.kept().link = Some(mark(&key));
        Some(key)
    }

    /// Lets a browser in that has the key of the link, which is used up by that. Returns its session.
    pub fn enter(&self, key: &str, now: Instant) -> Option<String> {
        let session = unguessable()?;
        let mut kept = self.kept();
        kept.link.take_if(|link| *link == mark(key))?;
        kept.forget(now);
        kept.sessions.insert(mark(&session), now);
        Some(session)
    }

    /// Tells whether a session is one of ours, and notes that it was here.
    pub fn knows(&self, session: &str, now: Instant) -> bool {
        let mut kept = self.kept();
        let Some(seen) = kept.sessions.get_mut(&mark(session)) else {
            return false;
        };
        let is_known = now.duration_since(*seen) <= IDLE_MAX;
        if is_known {
            *seen = now;
        }
        is_known
    }

    /// Ends a session.
    pub fn leave(&self, session: &str) {
        self.kept().sessions.remove(&mark(session));
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn forget(&mut self, now: Instant) {
        self.sessions.retain(|_, seen| now.duration_since(*seen) <= IDLE_MAX);
        if self.sessions.len() >= SESSIONS_MAX {
            let oldest = self.sessions.iter().min_by_key(|(_, seen)| **seen);
            if let Some(oldest) = oldest.map(|(mark, _)| *mark) {
                self.sessions.remove(&oldest);
            }
        }
    }
}

fn unguessable() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

fn mark(text: &str) -> Mark {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_good_once_and_the_next_one_is_another() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        assert_eq!(sessions.enter("", now), None);
        let key = sessions.next_link().expect("a key");
        assert_eq!(sessions.enter("wrong", now), None);
        let session = sessions.enter(&key, now).expect("in");
        assert!(sessions.knows(&session, now) && !sessions.knows("wrong", now) && !sessions.knows(&key, now));
        assert_eq!(sessions.enter(&key, now), None, "used up");
        let next = sessions.next_link().expect("a key");
        assert_ne!(next, key);
        assert!(sessions.enter(&next, now).is_some());
    }

    #[test]
    fn a_session_ends_by_itself_or_by_hand() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let enter = |now| sessions.enter(&sessions.next_link().expect("a key"), now).expect("in");
        let session = enter(now);
        let later = now + IDLE_MAX;
        assert!(sessions.knows(&session, later) && sessions.knows(&session, later + IDLE_MAX));
        assert!(!sessions.knows(&session, later + IDLE_MAX * 2 + Duration::from_secs(1)));
        let other = enter(now);
        sessions.leave(&other);
        assert!(!sessions.knows(&other, now));
    }

    #[test]
    fn many_browsers_push_out_the_one_that_was_away_longest() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let enter = |now| sessions.enter(&sessions.next_link().expect("a key"), now).expect("in");
        let first = enter(now);
        for number in 1..=SESSIONS_MAX as u64 {
            enter(now + Duration::from_secs(number));
        }
        assert!(!sessions.knows(&first, now));
        assert_eq!(sessions.kept().sessions.len(), SESSIONS_MAX);
    }
}
