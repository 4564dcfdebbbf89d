//! Where the clients' tokens come from: the store first, then the configuration, then the vendor's token host.
//!
//! What `mcf auth` stored counts until the configuration names another token than it did then.

mod amazon;
mod tiktok;

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Session;
use crate::clock::Clock;
use crate::secret::Secret;
use crate::store::{self, Lock, Store};
use crate::transport::Sender;

pub use amazon::amazon_credentials;
pub(super) use amazon::{amazon_source, prove_amazon, take_in_amazon};
pub(super) use tiktok::{TiktokTokens, prove_tiktok, tiktok_source};

/// How long a run waits for another one that renews the tokens.
const TURN_WAIT_MAX: Duration = Duration::from_secs(60);

pub(super) fn hash(secrets: [&Option<Secret>; 2]) -> String {
    let mut hasher = Sha256::new();
    for secret in secrets {
        hasher.update(secret.as_ref().map(Secret::expose).unwrap_or_default());
        hasher.update([0]);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Waits for the turn to change the tokens of a session.
pub(super) fn turn_of(session: &Session) -> Result<Lock, store::Error> {
    turn(&session.store, &session.sender, session.clock)
}

/// Waits for the turn to renew a token: one process at a time.
fn turn(store: &Store, sender: &Sender, clock: Clock) -> Result<Lock, store::Error> {
    let is_stopping = || sender.is_stopping();
    let turn = store.wait_for("tokens", clock.now(), TURN_WAIT_MAX, &is_stopping);
    Ok(turn?)
}
