//! Settling what is not certain: reading Amazon by our own id, and storing what `domain::submission` makes of it.

use super::read_back::{ALARM, tell_denied};
use super::sent::Sent;
use super::submit::accept;
use super::{Error, Session};
use crate::amazon::Amazon;
use crate::domain::flag::{Flag, Reason};
use crate::domain::submission::{Look, Moment, NextStep, Outcome, first_step, is_ours, next_step};
use crate::store::Intent;

/// What a look settled.
#[derive(Debug)]
pub(super) enum Settled {
    /// Amazon has our order.
    Adopted,
    /// Amazon has something else under our id.
    Conflict(Flag),
    /// Not certain yet; with the error of a look that failed.
    Open(Option<Error>),
    /// Amazon surely does not have it: the same id and body may go out again.
    MaySendAgain,
}

/// Reads Amazon by our id and stores what that settles.
pub(super) fn look(session: &Session, amazon: &Amazon, intent: &Intent) -> Result<Settled, Error> {
    let (look, error) = read(amazon, intent);
    let (since, now) = (intent.missing_since.as_ref(), seen(session, intent));
    settle(
        session,
        intent,
        next_step(look, since, session.unknown_grace(), &now),
        error,
    )
}

/// Reads Amazon by our id before a first create, where Amazon may have the order without this database knowing. `MaySendAgain`: nothing
/// is there.
pub(super) fn look_first(session: &Session, amazon: &Amazon, intent: &Intent) -> Result<Settled, Error> {
    let (look, error) = read(amazon, intent);
    settle(session, intent, first_step(look), error)
}

fn read(amazon: &Amazon, intent: &Intent) -> (Look, Option<Error>) {
    match amazon.fulfillment_order(&intent.id, Some(&intent.order)) {
        Ok(None) => (Look::NotFound, None),
        Ok(Some(found)) if found.items.is_empty() => (Look::FoundEmpty, None),
        Ok(Some(found)) => match &intent.draft {
            Some(draft) if !is_ours(draft, &found) => (Look::FoundDifferent, None),
            Some(_) | None => (Look::FoundEqual, None),
        },
        Err(error) => (Look::Failed, Some(Error::from(error))),
    }
}

fn settle(session: &Session, intent: &Intent, step: NextStep, error: Option<Error>) -> Result<Settled, Error> {
    let store = &session.store;
    match step {
        NextStep::Adopt => {
            let how = "found at Amazon under our id, with our contents";
            Ok(match accept(session, intent, how)? {
                Sent::Accepted => Settled::Adopted,
                Sent::Unknown(error) | Sent::Unsent(error) => Settled::Open(Some(error)),
                Sent::Refused(flag) => Settled::Conflict(flag),
                Sent::OutOfStock(_) | Sent::Retracted => Settled::Open(None),
            })
        }
        NextStep::Conflict => {
            let flag = conflict(intent);
            store.refused(intent, Outcome::Conflict, &flag, session.now())?;
            Ok(Settled::Conflict(flag))
        }
        NextStep::Send => Ok(Settled::MaySendAgain),
        NextStep::LookAgain { missing_since } => {
            let why = match (&error, &missing_since) {
                (Some(error), _) => format!("the look at Amazon failed: {error}"),
                (None, Some(since)) => format!("Amazon shows nothing under {} since {}", intent.id, since.local),
                (None, None) => "the outcome is not known".to_owned(),
            };
            store.unknown(intent, missing_since.as_ref(), &why, session.now())?;
            alarm_when_old(session, intent)?;
            if let Some(Error::Amazon(error)) = &error {
                tell_denied(session, intent, intent.intended_at, error)?;
            }
            Ok(Settled::Open(error))
        }
    }
}

/// The moment of a look. It came after the send, whatever this machine's clock says.
fn seen(session: &Session, intent: &Intent) -> Moment {
    let now = session.moment();
    Moment {
        local: intent.attempted_at.map_or(now.local, |sent| sent.max(now.local)),
        ..now
    }
}

/// An outcome that stays uncertain for hours is told; the order is looked for all the same.
pub(super) fn alarm_when_old(session: &Session, intent: &Intent) -> Result<(), Error> {
    if session.now() - intent.intended_at < ALARM {
        return Ok(());
    }
    let message = format!(
        "it is not certain since hours whether Amazon has {}; look for it in Seller Central",
        intent.id
    );
    let flag = Flag::new(Reason::McfApiError, "outcome_unknown", message, &intent.order)
        .with_command(format!("mcf status {}", intent.order));
    session.store.raise_flag(&intent.order, &flag, session.now())?;
    Ok(())
}

pub(super) fn conflict(intent: &Intent) -> Flag {
    let message = format!(
        "Amazon has {} with other contents than we sent; it is not touched again by itself",
        intent.id
    );
    Flag::new(
        Reason::McfApiError,
        "duplicate_id_other_contents",
        message,
        &intent.order,
    )
    .with_command(format!("mcf status {}", intent.order))
}
