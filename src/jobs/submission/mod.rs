//! The life of a submission: facts are loaded, `domain::submission` says what follows, and that is done, until it has an end.
//!
//! Owns the order of things: the intent is durable before the first byte of its create leaves, no transaction is open meanwhile, and
//! after an unclear answer Amazon is read before anything else. What asks and sends (`look`, `wanted`, `create`) knows nothing of what
//! settles here.

mod create;
mod figures;
mod look;
mod outcome;
mod wanted;

use super::{Error, Session};
use crate::amazon::Amazon;
use crate::crash;
use crate::domain::flag::Flag;
use crate::domain::routing::Route;
use crate::domain::state::State;
use crate::domain::submission::{
    AskedBy, DoorFacts, Effect, Facts, Outcome, Pass, Rules, Stage, must_look_first, next, other_contents,
};
use crate::store::{self, Claim, Intent};

pub(super) use create::{Body, hash_of};
use create::{Created, create};
pub(super) use figures::since_refusal;
pub(super) use outcome::{SubmissionOutcome, note_outcome};

/// The longest way is to look at Amazon, to ask TikTok, to send, to look again, and to note what came of it.
const QUESTIONS_MAX: usize = 5;

/// Claims a ready order, or one whose rest goes, commits its intent and sends it.
pub(super) fn submit(
    session: &Session,
    amazon: &Amazon,
    route: &Route,
    body: &Body,
    (pass, rest_of): (Pass, Option<State>),
) -> Result<SubmissionOutcome, Error> {
    let explanation = route.explanation.join("; ");
    let claim = Claim {
        draft: &route.draft,
        generation: pass.generation(),
        body: &body.text,
        body_hash: &body.hash,
        units: &route.units,
        explanation: &explanation,
        rest_of,
    };
    if let Some(sku) = session.store.claim(&claim, session.now())? {
        return Ok(SubmissionOutcome::OutOfStock(sku));
    }
    let Some(intent) = session.store.intent(&route.draft.id)? else {
        return Err(Error::OrderNotFound(route.draft.displayable_id.clone()));
    };
    crash::point("intent.committed");
    session.store.forget_refused_figures(&intent.order)?;
    let must_look = must_look_first(route.draft.displayable_date, session.store.whole_since()?);
    let stage = Stage::Claimed { pass, must_look };
    Submission::new(session, amazon, intent, stage, pass.asked_by()).run()
}

/// Settles an uncertain order, sending the same body again where that is allowed and still wanted.
pub(super) fn settle(
    session: &Session,
    amazon: &Amazon,
    intent: &Intent,
    asked_by: AskedBy,
) -> Result<SubmissionOutcome, Error> {
    let outcome = Submission::new(session, amazon, intent.clone(), Stage::Uncertain, asked_by).run();
    amazon.give_back_turn_to_create(&intent.order);
    outcome
}

/// Returns what is known of the newest create of an order by the store alone.
pub(super) fn door_facts(newest: Option<&Intent>, asked_by: AskedBy) -> DoorFacts {
    let generation = newest.map_or(0, |intent| intent.generation);
    DoorFacts {
        is_dead: newest.is_some_and(Intent::is_surely_dead),
        ..DoorFacts::new(newest.map(|intent| intent.outcome), generation, asked_by)
    }
}

/// Returns what a person is told of an intent whose id Amazon has with other contents.
pub(super) fn conflict(intent: &Intent) -> Flag {
    other_contents(&intent.id, &intent.order)
}

/// A submission on its way.
struct Submission<'a> {
    session: &'a Session,
    amazon: &'a Amazon,
    intent: Intent,
    facts: Facts,
    /// What went wrong last.
    trouble: Option<Error>,
}

/// What an effect came to.
enum Done {
    /// The facts hold an answer.
    Answered,
    /// It is noted beside what becomes of the order.
    Noted,
    /// The order stays uncertain, unless more follows.
    Uncertain,
    /// This became of the order, unless more follows.
    Became(SubmissionOutcome),
}

impl<'a> Submission<'a> {
    fn new(session: &'a Session, amazon: &'a Amazon, intent: Intent, stage: Stage, asked_by: AskedBy) -> Self {
        let facts = Facts {
            id: intent.id.clone(),
            order: intent.order.clone(),
            generation: intent.generation,
            intended_at: intent.intended_at,
            draft: intent.draft.clone(),
            has_body: intent.body.expose().is_some(),
            missing_since: intent.missing_since.clone(),
            asked_by,
            stage,
            looked: None,
            asked: None,
        };
        Self {
            session,
            amazon,
            intent,
            facts,
            trouble: None,
        }
    }

    fn run(mut self) -> Result<SubmissionOutcome, Error> {
        let rules = Rules {
            grace: self.session.unknown_grace(),
        };
        for _ in 0..QUESTIONS_MAX {
            let mut done = Done::Answered;
            for effect in next(&self.facts, &rules, self.session.now()) {
                match self.apply(effect)? {
                    Done::Noted => {}
                    other => done = other,
                }
            }
            match done {
                Done::Became(outcome) => return Ok(outcome),
                Done::Uncertain => break,
                Done::Answered | Done::Noted => {}
            }
        }
        let error = self.last_trouble();
        Ok(SubmissionOutcome::Uncertain(error))
    }

    fn apply(&mut self, effect: Effect) -> Result<Done, Error> {
        let (store, intent, now) = (&self.session.store, &self.intent, self.session.now());
        match effect {
            Effect::AskAmazon => return Ok(self.ask_amazon()),
            Effect::AskTiktok => return self.ask_tiktok(),
            Effect::Create(pass) => return self.create(pass),
            Effect::Accept(how) => return self.accept(how),
            Effect::StayUncertain { missing_since, why } => {
                store.unknown(intent, missing_since.as_ref(), &why, now)?;
                return Ok(Done::Uncertain);
            }
            Effect::Contradict(flag) => {
                store.refused(intent, Outcome::Conflict, &flag, now)?;
                return Ok(Done::Became(SubmissionOutcome::Refused(flag)));
            }
            Effect::Refuse(flag) => {
                let flag = self.of_the_rest(flag);
                let noted = store.refused(intent, Outcome::Refused, &flag, now);
                return self.unless_in_conflict(noted, SubmissionOutcome::Refused(flag));
            }
            Effect::NotSent(why) => {
                let noted = store.not_sent(intent, &why, now);
                let error = self.last_trouble();
                return self.unless_in_conflict(noted, SubmissionOutcome::NotSent(error));
            }
            Effect::GiveUp(why) => {
                let noted = store.not_sent(intent, why, now);
                return self.unless_in_conflict(noted, SubmissionOutcome::GivenUp);
            }
            Effect::Raise(flag) => drop(store.raise_flag(&intent.order, &flag, now)?),
            Effect::KeepWords(words) => store.keep_words(&intent.id, words.expose())?,
            Effect::GoWithout(feature) => store.keep_refused_feature(&intent.order, feature, now)?,
            Effect::KeepFigures(skus) => figures::keep(self.session, &intent.order, &skus)?,
        }
        Ok(Done::Noted)
    }

    /// What Amazon left out goes once more by its own command.
    fn of_the_rest(&self, flag: Flag) -> Flag {
        match self.intent.is_rest {
            true => flag.with_command(format!("mcf route {} --rest", self.intent.order)),
            false => flag,
        }
    }

    fn ask_amazon(&mut self) -> Done {
        let (looked, error) = look::at_amazon(self.session, self.amazon, &self.intent);
        self.facts.looked = Some(looked);
        self.trouble = error.or(self.trouble.take());
        Done::Answered
    }

    fn ask_tiktok(&mut self) -> Result<Done, Error> {
        let turn = self.amazon.wait_turn_to_create(&self.intent.order);
        let asked = turn.map_err(Error::from);
        let asked = match asked.and_then(|()| wanted::ask_tiktok(self.session, &self.intent)) {
            Err(error @ Error::Store(_)) => return Err(error),
            Err(error) => {
                self.trouble = Some(error);
                wanted::NO_ANSWER
            }
            Ok(asked) => asked,
        };
        self.facts.asked = Some(asked);
        Ok(Done::Answered)
    }

    fn create(&mut self, pass: Pass) -> Result<Done, Error> {
        let created = match create(self.session, self.amazon, &self.intent, pass) {
            Err(Error::Store(store::Error::WriteConflict { .. })) => return self.as_it_is(),
            created => created?,
        };
        let Created { begun, stage, error } = created;
        self.intent = begun;
        self.facts.stage = stage;
        self.facts.looked = None;
        self.trouble = error.map(Error::from);
        Ok(Done::Answered)
    }

    fn accept(&mut self, how: &str) -> Result<Done, Error> {
        let (store, intent) = (&self.session.store, &self.intent);
        crash::point("routed.before");
        let noted = store.accepted(&intent.id, &intent.order, how, self.session.now());
        crash::point("routed.after");
        self.unless_in_conflict(noted, SubmissionOutcome::Accepted)
    }

    /// Returns what was noted, or what another run made of the intent first.
    fn unless_in_conflict(&self, noted: store::Result<()>, outcome: SubmissionOutcome) -> Result<Done, Error> {
        match noted {
            Err(store::Error::WriteConflict { .. }) => self.as_it_is(),
            noted => {
                noted?;
                Ok(Done::Became(outcome))
            }
        }
    }

    /// What another run made of the intent meanwhile.
    fn as_it_is(&self) -> Result<Done, Error> {
        let outcome = self.session.store.intent(&self.intent.id)?.map(|intent| intent.outcome);
        Ok(Done::Became(match outcome {
            Some(Outcome::Accepted) => SubmissionOutcome::Accepted,
            Some(_) | None => SubmissionOutcome::Uncertain(Error::StillUnknown(self.intent.id.clone())),
        }))
    }

    fn last_trouble(&mut self) -> Error {
        let trouble = self.trouble.take();
        trouble.unwrap_or_else(|| Error::StillUnknown(self.intent.id.clone()))
    }
}
