//! Whether an order may be sent: what the batch knows of it, for `domain::submission` to decide.

use super::batch::Batch;
use super::load::Candidate;
use crate::domain::ids::TiktokOrderId;
use crate::domain::routing::taken_up;
use crate::domain::state::State;
use crate::domain::submission::{AskedBy, Compared, DoorFacts, Outcome, Pass, Shut, SinceRefusal, open};
use crate::jobs::Error;
use crate::jobs::submission::{Body, door_facts, since_refusal};
use crate::store::Intent;

impl Batch<'_> {
    /// Asks for the permit to send an order, before its body is known.
    ///
    /// # Errors
    /// When the database refuses; else why nothing is sent, in words.
    pub(super) fn permit(&self, candidate: &Candidate, asked_by: AskedBy) -> Result<Result<Pass, String>, Error> {
        let newest = self.session.store.newest_intent(&candidate.order.id)?;
        let facts = facts(candidate, newest.as_ref(), asked_by);
        let state = taken_up(candidate.state, asked_by);
        Ok(open(&facts).map_err(|shut| in_words(shut, newest.as_ref(), state)))
    }

    /// Asks for it once more where Amazon refused the newest create: the body is known now. `None` where nothing changed since.
    pub(super) fn permit_for(&self, candidate: &Candidate, body: &Body, pass: Pass) -> Result<Option<Pass>, Error> {
        let id = &candidate.order.id;
        let newest = self.session.store.newest_intent(id)?;
        let Some(refused) = newest.filter(|intent| intent.outcome == Outcome::Refused) else {
            return Ok(Some(pass));
        };
        let is_same = refused.body_hash == body.hash;
        let since = match is_same && !pass.is_by_hand() {
            true => since_refusal(self.session, id)?,
            false => SinceRefusal::Same,
        };
        let has_stock_risen = since == SinceRefusal::Risen;
        let body = match is_same {
            true => Compared::Same { has_stock_risen },
            false => Compared::Other,
        };
        let facts = DoorFacts {
            body,
            ..facts(candidate, Some(&refused), pass.asked_by())
        };
        Ok(open(&facts).ok())
    }

    /// Returns what keeps an order back by now. A hold or a pause may be ordered, or lifted, while a run is at other orders.
    pub(super) fn kept_back(&self, id: &TiktokOrderId, pass: Pass) -> Result<Option<Shut>, Error> {
        let stored = self.session.store.order(id)?;
        let is_held = stored.is_some_and(|stored| stored.held || stored.is_dismissed);
        Ok(pass.kept_back(is_held, self.is_paused()?))
    }

    /// A pause keeps back what no person asks for by its id.
    pub(super) fn paused(&self, pass: Pass) -> Result<Option<Shut>, Error> {
        Ok(pass.kept_back(false, self.is_paused()?))
    }

    fn is_paused(&self) -> Result<bool, Error> {
        Ok(self.session.store.pause(self.session.now())?.is_some())
    }
}

fn facts(candidate: &Candidate, newest: Option<&Intent>, asked_by: AskedBy) -> DoorFacts {
    DoorFacts {
        is_undecided: taken_up(candidate.state, asked_by).is_undecided(),
        ..door_facts(newest, asked_by)
    }
}

fn in_words(shut: Shut, newest: Option<&Intent>, state: State) -> String {
    let Some(intent) = newest.filter(|_| shut != Shut::Ended) else {
        return format!("it is {state}; nothing is sent any more");
    };
    match shut {
        Shut::NotCertain => format!(
            "it is not certain whether Amazon has {}; it is looked for before anything is sent again",
            intent.id
        ),
        Shut::OtherContents => format!("Amazon has {} with other contents", intent.id),
        _ => {
            let status = intent.amazon_status.as_ref();
            let status = status.map_or_else(|| "accepted".to_owned(), ToString::to_string);
            format!("Amazon has {} ({status}); it is not sent twice", intent.id)
        }
    }
}
