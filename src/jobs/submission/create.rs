//! The create itself: its exact body, the attempt that is noted before, and what its answer says.

use std::cell::Cell;
use std::time::Instant;

use sha2::{Digest, Sha256};

use super::wanted::{NO_ANSWER, ask_tiktok};
use crate::amazon::operations::CREATE;
use crate::amazon::{self, Amazon};
use crate::clock::Deadline;
use crate::domain::routing::Route;
use crate::domain::submission::{Answer, LOOK_MAX, Pass, Stage, is_still_meant};
use crate::jobs::{Error, Session};
use crate::store::Intent;

/// The exact body of a route and its hash.
pub(in crate::jobs) struct Body {
    pub(in crate::jobs) text: String,
    pub(in crate::jobs) hash: String,
}

impl Body {
    /// Writes the body; `None` when the draft has no destination, which no decision makes.
    pub(in crate::jobs) fn of(route: &Route) -> Option<Self> {
        let text = amazon::create_body(&route.draft)?;
        let hash = hash_of(&text);
        Some(Self { text, hash })
    }
}

/// Returns the hash by which a body is told from another.
pub(in crate::jobs) fn hash_of(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A create that is over.
pub(super) struct Created {
    /// The intent with the attempt noted.
    pub(super) begun: Intent,
    /// What the answer says.
    pub(super) stage: Stage,
    /// What went wrong.
    pub(super) error: Option<amazon::Error>,
}

/// Notes that a send begins, and sends a committed intent once. Where Amazon makes it wait, TikTok is looked at anew before it leaves.
///
/// Once a grace time has passed since the send was noted, another process may have looked twice and sent it. A process that was
/// suspended in between therefore does not send any more when half of it is over.
pub(super) fn create(session: &Session, amazon: &Amazon, intent: &Intent, pass: Pass) -> Result<Created, Error> {
    let deadline = Deadline::after(session.unknown_grace() / 2, session.clock);
    let Some(body) = intent.body.expose() else {
        return Err(Error::StillUnknown(intent.id.clone()));
    };
    let begun = session.store.begin_attempt(intent, session.now())?;
    let looked_at = Cell::new(Instant::now());
    let is_meant = || {
        looked_at.get().elapsed() < LOOK_MAX || {
            looked_at.set(Instant::now());
            is_wanted_still(session, &begun, pass)
        }
    };
    let created = amazon.create(&begun.id, Some(&begun.order), body, deadline, &is_meant);
    let error = created.err();
    let answer = error.as_ref().map_or(Answer::Accepted, |error| error.says_of(&CREATE));
    Ok(Created {
        begun,
        stage: Stage::Answered { pass, answer },
        error,
    })
}

/// What TikTok does not say is not sent in this call.
fn is_wanted_still(session: &Session, intent: &Intent, pass: Pass) -> bool {
    let asked = ask_tiktok(session, intent).unwrap_or(NO_ANSWER);
    is_still_meant(asked.wanted, pass.asked_by(), asked.is_held, asked.is_paused)
}
