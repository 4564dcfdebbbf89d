//! What follows for one fulfillment order, from its committed intent to Amazon's word: facts in, effects out.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::doors::{AskedBy, BodyToSend, DoorFacts, Pass, Shut, Wanted, open};
use super::{Absence, Answer, Look, Moment, Outcome, Refusal, Refused};
use crate::domain::deadline::is_silent;
use crate::domain::feature::Feature;
use crate::domain::flag::{Detail, Flag};
use crate::domain::fulfillment::Draft;
use crate::domain::ids::{AmazonSku, FulfillmentOrderId, TiktokOrderId};
use crate::secret::Private;

/// Where a submission stands.
#[derive(Debug)]
pub enum Stage {
    /// This run committed the intent, and nothing of it has left.
    Claimed {
        /// The leave to send it.
        pass: Pass,
        /// Whether Amazon may have the order without this database knowing.
        must_look: bool,
    },
    /// What became of an earlier send is not certain.
    Uncertain,
    /// The create of this run is over.
    Answered {
        /// By which leave it was sent.
        pass: Pass,
        /// What its answer says.
        answer: Answer,
    },
}

/// A look at Amazon and when it was made.
#[derive(Debug)]
pub struct Looked {
    /// What it showed.
    pub look: Look,
    /// When; never before the last send, whatever this machine's clock says.
    pub at: Moment,
}

/// What was found when TikTok was asked whether it still wants the order.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// What TikTok says; `None` where it gave no answer.
    pub wanted: Option<Wanted>,
    /// Whether a person holds or dismissed the order, or its buyer asks to cancel it: TikTok may not mark the order.
    pub is_held: bool,
    /// Whether a person paused new orders: a repetition is one.
    pub is_paused: bool,
}

/// What is known of a submission.
#[derive(Debug)]
pub struct Facts {
    /// Our id at Amazon.
    pub id: FulfillmentOrderId,
    /// The TikTok order.
    pub order: TiktokOrderId,
    /// The generation of the id.
    pub generation: u32,
    /// When the intent was committed.
    pub intended_at: DateTime<Utc>,
    /// What is meant, where it is not erased.
    pub draft: Option<Draft>,
    /// Whether the exact bytes are still there.
    pub has_body: bool,
    /// Since when Amazon shows nothing of it, by looks after the sends before this run's.
    pub missing_since: Option<Moment>,
    /// Who asks.
    pub asked_by: AskedBy,
    /// Where it stands.
    pub stage: Stage,
    /// The look of this stage, once it is made.
    pub looked: Option<Looked>,
    /// TikTok's word, once it is asked for.
    pub asked: Option<Asked>,
}

/// What the operator set.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// How far apart the two looks must be that allow a second send.
    pub grace: Duration,
}

/// What is to be done. The effects of one list are done in their order; after a question the facts hold its answer, and what follows is
/// asked anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A question: read Amazon by our id.
    AskAmazon,
    /// A question: read the order at TikTok.
    AskTiktok,
    /// A question: note that a send begins, then send the stored body once.
    Create(Pass),
    /// Note that Amazon has it, and how that is known.
    Accept(&'static str),
    /// Note that it is not certain, since when Amazon shows nothing, and why.
    StayUncertain {
        /// The first look that found nothing.
        missing_since: Option<Moment>,
        /// For the history.
        why: String,
    },
    /// Tell a person.
    Raise(Flag),
    /// Note that Amazon has something else under its id, and tell a person. It is never touched again by itself.
    Contradict(Flag),
    /// Keep what Amazon said, which may quote the address.
    KeepWords(Private<String>),
    /// Keep Amazon's figures of these SKUs: one of them must rise.
    KeepFigures(Vec<AmazonSku>),
    /// Keep that Amazon refused something beside the goods, without which the order goes.
    GoWithout(Feature),
    /// Note that Amazon refused it, and tell a person.
    Refuse(Flag),
    /// Note that it surely was not carried out, with why: the order is ready again.
    NotSent(String),
    /// Note that nothing of it ever was at Amazon, with why: the order is decided anew.
    GiveUp(&'static str),
}

/// Returns what follows.
#[must_use]
pub fn next(facts: &Facts, rules: &Rules, now: DateTime<Utc>) -> Vec<Effect> {
    match &facts.stage {
        Stage::Claimed { pass, must_look } => claimed(facts, *pass, *must_look, now),
        Stage::Uncertain => uncertain(facts, rules, now),
        Stage::Answered { pass, answer } => answered(facts, *pass, answer, now),
    }
}

/// One look is enough before a first create: what was sent was sent before the copy of the database came into its place.
fn claimed(facts: &Facts, pass: Pass, must_look: bool, now: DateTime<Utc>) -> Vec<Effect> {
    match &facts.looked {
        None if must_look => vec![Effect::AskAmazon],
        None => vec![Effect::Create(pass)],
        Some(looked) if looked.look == Look::NotFound => vec![Effect::Create(pass)],
        Some(looked) => after_look(facts, looked, None, now),
    }
}

fn uncertain(facts: &Facts, rules: &Rules, now: DateTime<Utc>) -> Vec<Effect> {
    let (since, Some(looked)) = (facts.missing_since.as_ref(), &facts.looked) else {
        return vec![Effect::AskAmazon];
    };
    let absence = Absence::at(&looked.at, since, rules.grace);
    if looked.look != Look::NotFound || absence == Absence::Short {
        return after_look(facts, looked, since, now);
    }
    let Some(asked) = facts.asked else {
        return vec![Effect::AskTiktok];
    };
    match open(&at_the_door(facts, absence, asked)) {
        Ok(pass) if pass.door().body() == BodyToSend::Stored => vec![Effect::Create(pass)],
        Ok(_) => vec![Effect::GiveUp(
            "Amazon showed nothing of it for two grace times, and TikTok wants it otherwise by now: it is decided anew",
        )],
        Err(shut) => stay(facts, since, kept_back_in_words(shut).to_owned(), now),
    }
}

fn at_the_door(facts: &Facts, absence: Absence, asked: Asked) -> DoorFacts {
    DoorFacts {
        absence,
        has_body: facts.has_body,
        wanted: asked.wanted,
        is_held: asked.is_held,
        is_paused: asked.is_paused,
        ..DoorFacts::new(Some(Outcome::Unknown), facts.generation, facts.asked_by)
    }
}

fn kept_back_in_words(shut: Shut) -> &'static str {
    match shut {
        Shut::NotWanted => "not sent again, because TikTok wants it otherwise by now; it is looked for",
        Shut::Paused => "not sent again, because new orders are paused; it is looked for",
        _ => "not sent again, because TikTok did not confirm it",
    }
}

/// After an unclear answer the only next step is to read by our id. So it is after a refusal of a second send: it may mean that the
/// first one was carried out.
fn answered(facts: &Facts, pass: Pass, answer: &Answer, now: DateTime<Utc>) -> Vec<Effect> {
    match (answer, &facts.looked) {
        (Answer::Accepted, _) => vec![Effect::Accept("Amazon accepted the order")],
        // Where an earlier send may have arrived, the order stays uncertain and its body as it is.
        (Answer::NotCarriedOut(error), _) if pass.is_repetition() => {
            vec![still_uncertain(facts.missing_since.as_ref(), error.clone())]
        }
        (Answer::NotCarriedOut(error), _) => vec![Effect::NotSent(error.clone())],
        (Answer::Unclear(error), None) => vec![still_uncertain(None, error.clone()), Effect::AskAmazon],
        (Answer::Unclear(_), Some(looked)) => after_look(facts, looked, None, now),
        (Answer::Refused(_), None) if pass.is_repetition() => vec![Effect::AskAmazon],
        (Answer::Refused(refusal), None) => refuse(facts, refusal),
        (Answer::Refused(refusal), Some(looked)) => {
            let mut effects = after_look(facts, looked, None, now);
            if matches!(looked.look, Look::NotFound | Look::FoundEmpty) {
                effects.extend(refuse(facts, refusal));
            }
            effects
        }
    }
}

/// What a look settles, or leaves open, where nothing may be sent yet.
fn after_look(facts: &Facts, looked: &Looked, since: Option<&Moment>, now: DateTime<Utc>) -> Vec<Effect> {
    match &looked.look {
        Look::FoundEqual => vec![Effect::Accept("found at Amazon under our id, with our contents")],
        Look::FoundDifferent => vec![Effect::Contradict(other_contents(&facts.id, &facts.order))],
        Look::FoundEmpty => stay(facts, None, "the outcome is not known".to_owned(), now),
        Look::NotFound => {
            let since = since.unwrap_or(&looked.at);
            let why = format!("Amazon shows nothing under {} since {}", facts.id, since.local);
            stay(facts, Some(since), why, now)
        }
        Look::Failed { error, is_denied } => {
            let mut effects = stay(facts, since, format!("the look at Amazon failed: {error}"), now);
            let denied = read_denied(&facts.id, &facts.order, facts.intended_at, now).filter(|_| *is_denied);
            effects.extend(denied.map(Effect::Raise));
            effects
        }
    }
}

/// It stays uncertain. One that is so for hours is told; it is looked for all the same.
fn stay(facts: &Facts, since: Option<&Moment>, why: String, now: DateTime<Utc>) -> Vec<Effect> {
    let told = outcome_unknown(&facts.id, &facts.order, facts.intended_at, now).map(Effect::Raise);
    [still_uncertain(since, why)].into_iter().chain(told).collect()
}

fn still_uncertain(since: Option<&Moment>, why: String) -> Effect {
    Effect::StayUncertain {
        missing_since: since.cloned(),
        why,
    }
}

fn refuse(facts: &Facts, refusal: &Refusal) -> Vec<Effect> {
    let flag = refusal.flag(&facts.order, facts.draft.as_ref());
    let given_up = refusal
        .feature(facts.draft.as_ref())
        .filter(|feature| feature.gives_way());
    let given_up = given_up.map(Effect::GoWithout);
    let words = refusal.words.clone().map(Effect::KeepWords);
    let short = facts.draft.as_ref().filter(|_| refusal.what == Refused::Stock);
    let skus = |sent: &Draft| sent.items.iter().map(|item| item.sku.clone()).collect();
    let figures = short.map(|sent| Effect::KeepFigures(skus(sent)));
    words
        .into_iter()
        .chain(figures)
        .chain(given_up)
        .chain([Effect::Refuse(flag)])
        .collect()
}

fn outcome_unknown(
    id: &FulfillmentOrderId,
    order: &TiktokOrderId,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<Flag> {
    let message = format!(
        "it is not certain since hours whether Amazon has {id}; look for it in Seller Central, or ask Amazon once more"
    );
    is_silent(since, now).then(|| Flag::new(Detail::OutcomeUnknown, message, order))
}

/// Returns what a person is told when Amazon denies reading one order for hours, while other calls are answered: else the run would
/// have ended.
#[must_use]
pub fn read_denied(
    id: &FulfillmentOrderId,
    order: &TiktokOrderId,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<Flag> {
    let message = format!(
        "Amazon denies reading {id} for hours: if mcf check amazon is content, its id is at fault; look for it in Seller Central"
    );
    is_silent(since, now).then(|| Flag::new(Detail::ReadDenied, message, order))
}

/// Returns what a person is told when Amazon has something else under an id of ours.
#[must_use]
pub fn other_contents(id: &FulfillmentOrderId, order: &TiktokOrderId) -> Flag {
    let message = format!(
        "Amazon has {id} with other contents than we sent; it is not touched again by itself: settle it in Seller Central, then dismiss it"
    );
    Flag::new(Detail::DuplicateIdOtherContents, message, order)
}

#[cfg(test)]
#[path = "life_tests.rs"]
mod tests;
