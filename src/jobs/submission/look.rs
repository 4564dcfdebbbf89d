//! The look at Amazon by our own id.

use crate::amazon::{self, Amazon, Kind};
use crate::domain::submission::{Look, Looked, Moment};
use crate::jobs::{Error, Session};
use crate::store::Intent;

/// Reads Amazon by our id; with the error of a look that failed.
pub(super) fn at_amazon(session: &Session, amazon: &Amazon, intent: &Intent) -> (Looked, Option<Error>) {
    let (look, error) = match amazon.fulfillment_order(&intent.id, Some(&intent.order)) {
        Ok(found) => (Look::at(intent.draft.as_ref(), found.as_ref()), None),
        Err(error) => (failed(&error), Some(Error::from(error))),
    };
    let at = seen(session, intent);
    (Looked { look, at }, error)
}

fn failed(error: &amazon::Error) -> Look {
    Look::Failed {
        error: error.to_string(),
        is_denied: error.kind() == Kind::AccessDenied,
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
