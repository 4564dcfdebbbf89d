//! Sending one order: the last look, the committed intent, the create, and what its answer means.
//!
//! The intent is durable before the first byte leaves and no transaction is open meanwhile. After an unclear answer the only
//! next step is to read by our id; that is `reconcile`'s business.

use sha2::{Digest, Sha256};

use super::reconcile::{self, Settled};
use super::sent::Sent;
use super::{Error, Session};
use crate::amazon::{self, Amazon, Kind};
use crate::domain::decision::Route;
use crate::domain::flag::{Flag, Reason};
use crate::store::{Claim, Intent, IntentOutcome};
use crate::transport::Failure;

/// The exact body of a route and its hash.
pub(super) struct Body {
    pub(super) text: String,
    pub(super) hash: String,
}

impl Body {
    /// Writes the body; `None` when the draft has no destination, which no decision makes.
    pub(super) fn of(route: &Route) -> Option<Self> {
        let text = amazon::create_body(&route.draft)?;
        let hash = Sha256::digest(text.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Some(Self { text, hash })
    }
}

/// Claims a ready order, commits its intent and sends it.
pub(super) fn submit(
    session: &Session,
    amazon: &Amazon,
    route: &Route,
    body: &Body,
    generation: u32,
) -> Result<Sent, Error> {
    let explanation = route.explanation.join("; ");
    let claim = Claim {
        draft: &route.draft,
        generation,
        body: &body.text,
        body_hash: &body.hash,
        units: &route.units,
        explanation: &explanation,
    };
    if let Some(sku) = session.store.claim(&claim, session.now())? {
        return Ok(Sent::OutOfStock(sku));
    }
    let Some(intent) = session.store.intent(&route.draft.id)? else {
        return Err(Error::OrderNotFound(route.draft.displayable_id.clone()));
    };
    send(session, amazon, &intent, &body.text)
}

/// Settles one intent, sending the same body again where that is allowed.
pub(super) fn settle(session: &Session, amazon: &Amazon, intent: &Intent) -> Result<Sent, Error> {
    Ok(match reconcile::look(session, amazon, intent)? {
        Settled::Adopted => Sent::Accepted,
        Settled::Conflict(flag) => Sent::Refused(flag),
        Settled::Open(error) => Sent::Unknown(error.unwrap_or(Error::StillUnknown(intent.id.clone()))),
        Settled::MaySendAgain => match intent.body.expose() {
            Some(body) => send(session, amazon, intent, body)?,
            None => Sent::Unknown(Error::StillUnknown(intent.id.clone())),
        },
    })
}

/// Sends a committed intent once and stores what its answer means.
pub(super) fn send(session: &Session, amazon: &Amazon, intent: &Intent, body: &str) -> Result<Sent, Error> {
    let store = &session.store;
    store.begin_attempt(&intent.id, session.now())?;
    let error = match amazon.create(&intent.id, Some(&intent.order), body) {
        Ok(()) => {
            store.accepted(&intent.id, &intent.order, "Amazon accepted the order", session.now())?;
            return Ok(Sent::Accepted);
        }
        Err(error) => error,
    };
    if was_not_carried_out(&error) {
        store.not_sent(&intent.id, &intent.order, &error.to_string(), session.now())?;
        return Ok(Sent::Unsent(error.into()));
    }
    if error.is_outcome_unknown() || error.kind() == Kind::AlreadyExists {
        store.unknown(&intent.id, &intent.order, None, &error.to_string(), session.now())?;
        return after_unclear(session, amazon, intent, error);
    }
    let flag = refusal(intent, &error);
    store.refused(intent, IntentOutcome::Refused, &flag, session.now())?;
    Ok(Sent::Refused(flag))
}

/// Looks at once: an order whose answer was lost is usually there.
fn after_unclear(session: &Session, amazon: &Amazon, intent: &Intent, error: amazon::Error) -> Result<Sent, Error> {
    let Some(sent) = session.store.intent(&intent.id)? else {
        return Ok(Sent::Unknown(error.into()));
    };
    Ok(match reconcile::look(session, amazon, &sent)? {
        Settled::Adopted => Sent::Accepted,
        Settled::Conflict(flag) => Sent::Refused(flag),
        Settled::Open(look_error) => Sent::Unknown(look_error.unwrap_or_else(|| error.into())),
        Settled::MaySendAgain => Sent::Unknown(error.into()),
    })
}

/// What fails before the create itself (the token), credentials that Amazon refuses and calls that it throttles are not carried out.
fn was_not_carried_out(error: &amazon::Error) -> bool {
    error.operation().name != amazon::operations::CREATE.name
        || error.is_credentials()
        || error.kind() == Kind::NotSent
        || matches!(error.failure(), Failure::Throttled(_))
}

fn refusal(intent: &Intent, error: &amazon::Error) -> Flag {
    let about = error
        .parameter()
        .map_or_else(String::new, |parameter| format!(" ({parameter})"));
    let (reason, detail, message) = match error.kind() {
        Kind::InvalidSku => (
            Reason::McfApiError,
            "sku_refused",
            "Amazon does not take one of its SKUs; is it an FBA offer in this marketplace?".to_owned(),
        ),
        Kind::InvalidAddress => (
            Reason::InvalidAddress,
            "address_refused",
            format!("Amazon refused the address{about}"),
        ),
        _ => (
            Reason::McfApiError,
            "refused",
            format!("Amazon refused the order: {error}"),
        ),
    };
    let flag = Flag::new(reason, detail, message, &intent.order);
    if error.kind() == Kind::InvalidSku {
        flag.with_command("mcf mappings check")
    } else {
        flag
    }
}
