//! Sending one order: the last look, the committed intent, the create, and what its answer means.
//!
//! The intent is durable before the first byte leaves and no transaction is open meanwhile. After an unclear answer the only
//! next step is to read by our id; that is `reconcile`'s business.

use sha2::{Digest, Sha256};

use super::again::send_again;
use super::reconcile::{self, Settled};
use super::sent::Sent;
use super::stock::keep_refused;
use super::{Error, Session};
use crate::amazon::operations::CREATE;
use crate::amazon::{self, Amazon, Kind};
use crate::clock::Deadline;
use crate::crash;
use crate::domain::decision::Route;
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::FulfillmentOrderId;
use crate::domain::submission::{Outcome, must_look_first};
use crate::store::{self, Claim, Intent};
use crate::transport::{Failure, Operation};

/// Who wants an order sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    /// The schedule; a pause keeps it back.
    Schedule,
    /// A person, for this one order.
    Person,
}

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
    crash::point("intent.committed");
    if must_look_first(route.draft.displayable_date, session.store.whole_since()?) {
        match reconcile::look_first(session, amazon, &intent)? {
            Settled::Adopted => return Ok(Sent::Accepted),
            Settled::Conflict(flag) => return Ok(Sent::Refused(flag)),
            Settled::Open(error) => return Ok(Sent::Unknown(error.unwrap_or(Error::StillUnknown(intent.id)))),
            Settled::MaySendAgain => {}
        }
    }
    send(session, amazon, &intent, &body.text)
}

/// Settles one intent, sending the same body again where that is allowed and still wanted.
pub(super) fn settle(session: &Session, amazon: &Amazon, intent: &Intent, by: Asker) -> Result<Sent, Error> {
    Ok(match reconcile::look(session, amazon, intent)? {
        Settled::Adopted => Sent::Accepted,
        Settled::Conflict(flag) => Sent::Refused(flag),
        Settled::Open(error) => Sent::Unknown(error.unwrap_or(Error::StillUnknown(intent.id.clone()))),
        Settled::MaySendAgain => send_again(session, amazon, intent, by)?,
    })
}

/// Sends a committed intent once and stores what its answer means.
///
/// Once a grace time has passed since the send was noted, another process may have looked twice and sent it. A process that was
/// suspended in between therefore does not send any more when half of it is over.
pub(super) fn send(session: &Session, amazon: &Amazon, intent: &Intent, body: &str) -> Result<Sent, Error> {
    let deadline = Deadline::after(session.unknown_grace() / 2, session.clock);
    let begun = match session.store.begin_attempt(intent, session.now()) {
        Err(store::Error::Overtaken { .. }) => return as_it_is(session, &intent.id),
        begun => begun?,
    };
    match amazon.create(&begun.id, Some(&begun.order), body, deadline) {
        Ok(()) => accept(session, &begun, "Amazon accepted the order"),
        Err(error) if was_not_carried_out(&error, &CREATE) => unsent(session, intent, &begun, error),
        Err(error) if error.is_outcome_unknown() || error.kind() == Kind::AlreadyExists => {
            unclear(session, amazon, &begun, error)
        }
        Err(error) if intent.outcome == Outcome::Unknown => refused_again(session, amazon, &begun, &error),
        Err(error) => refuse(session, &begun, &error),
    }
}

/// Notes that Amazon has the order, unless another run settled it first.
pub(super) fn accept(session: &Session, intent: &Intent, how: &str) -> Result<Sent, Error> {
    crash::point("routed.before");
    let noted = session.store.accepted(&intent.id, &intent.order, how, session.now());
    crash::point("routed.after");
    unless_overtaken(session, intent, noted, Sent::Accepted)
}

/// Returns what was noted, or what another run made of the intent first.
fn unless_overtaken(session: &Session, intent: &Intent, noted: store::Result<()>, sent: Sent) -> Result<Sent, Error> {
    match noted {
        Err(store::Error::Overtaken { .. }) => as_it_is(session, &intent.id),
        noted => {
            noted?;
            Ok(sent)
        }
    }
}

/// What another run made of the intent meanwhile.
fn as_it_is(session: &Session, id: &FulfillmentOrderId) -> Result<Sent, Error> {
    Ok(match session.store.intent(id)? {
        Some(intent) if intent.outcome == Outcome::Accepted => Sent::Accepted,
        Some(_) | None => Sent::Unknown(Error::StillUnknown(id.clone())),
    })
}

/// This send was not carried out. Where an earlier one may have been, the order stays uncertain and its body as it is.
fn unsent(session: &Session, before: &Intent, begun: &Intent, error: amazon::Error) -> Result<Sent, Error> {
    let (store, now, why) = (&session.store, session.now(), error.to_string());
    if before.outcome == Outcome::Unknown {
        store.unknown(begun, before.missing_since.as_ref(), &why, now)?;
        return Ok(Sent::Unknown(error.into()));
    }
    let noted = store.not_sent(begun, &why, now);
    unless_overtaken(session, begun, noted, Sent::Unsent(error.into()))
}

/// Looks at once: an order whose answer was lost is usually there.
fn unclear(session: &Session, amazon: &Amazon, begun: &Intent, error: amazon::Error) -> Result<Sent, Error> {
    session.store.unknown(begun, None, &error.to_string(), session.now())?;
    Ok(match reconcile::look(session, amazon, begun)? {
        Settled::Adopted => Sent::Accepted,
        Settled::Conflict(flag) => Sent::Refused(flag),
        Settled::Open(look_error) => Sent::Unknown(look_error.unwrap_or_else(|| error.into())),
        Settled::MaySendAgain => Sent::Unknown(error.into()),
    })
}

/// A refused second send may mean that the first one was carried out: that is looked at before the refusal is believed.
fn refused_again(session: &Session, amazon: &Amazon, begun: &Intent, error: &amazon::Error) -> Result<Sent, Error> {
    Ok(match reconcile::look(session, amazon, begun)? {
        Settled::Adopted => Sent::Accepted,
        Settled::Conflict(flag) => Sent::Refused(flag),
        Settled::Open(Some(look_error)) => Sent::Unknown(look_error),
        Settled::Open(None) | Settled::MaySendAgain => return refuse(session, begun, error),
    })
}

fn refuse(session: &Session, begun: &Intent, error: &amazon::Error) -> Result<Sent, Error> {
    let flag = refusal(begun, error);
    if let Some(words) = error.message() {
        session.store.keep_words(&begun.id, words.expose())?;
    }
    if let (Kind::OutOfStock, Some(sent)) = (error.kind(), &begun.draft) {
        keep_refused(session, sent)?;
    }
    let noted = session.store.refused(begun, Outcome::Refused, &flag, session.now());
    unless_overtaken(session, begun, noted, Sent::Refused(flag))
}

/// What fails before the call itself (the token), what Amazon denies or throttles, and what goes to a wrong address or account is not
/// carried out.
pub(super) fn was_not_carried_out(error: &amazon::Error, operation: &Operation) -> bool {
    error.operation().name != operation.name
        || error.is_credentials()
        || error.is_set_up()
        || error.is_not_offered()
        || matches!(error.kind(), Kind::NotSent | Kind::AccessDenied)
        || matches!(error.failure(), Failure::Throttled(_))
}

/// Returns the SKU that Amazon's sentence names, by itself or by the id of its item.
fn refused_sku(intent: &Intent, error: &amazon::Error) -> Option<String> {
    let said = error.message()?.expose();
    let names = |text: &str| {
        let is_part = |letter: char| letter.is_alphanumeric() || "-_".contains(letter);
        said.match_indices(text).any(|(start, _)| {
            let (before, after) = (
                said[..start].chars().next_back(),
                said[start + text.len()..].chars().next(),
            );
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
    };
    let mut items = intent.draft.as_ref()?.items.iter();
    let item = items.find(|item| names(item.sku.as_str()) || names(item.id.as_str()))?;
    Some(item.sku.to_string())
}

fn refusal(intent: &Intent, error: &amazon::Error) -> Flag {
    let about = error
        .parameter()
        .map_or_else(String::new, |parameter| format!(" ({parameter})"));
    let (reason, detail, message) = match error.kind() {
        Kind::InvalidSku => (
            Reason::McfApiError,
            "sku_refused",
            format!(
                "Amazon does not take {}; is it an FBA offer in this marketplace?",
                refused_sku(intent, error).unwrap_or_else(|| "one of its SKUs".to_owned())
            ),
        ),
        Kind::OutOfStock => (
            Reason::InsufficientInventory,
            "refused_for_stock",
            "Amazon has too little stock for it, whatever its figures say; it is sent again when one of them rises"
                .to_owned(),
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
