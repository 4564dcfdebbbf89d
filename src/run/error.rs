//! Why a run could not begin or end as it should; what kept its job from doing all is in [`Ran`](super::Ran).

use std::path::PathBuf;

use thiserror::Error;

use crate::domain::binding::Other;
use crate::error_chain::causes;
use crate::notify::signature::NotAKey;
use crate::store::{AddressError, LockError};
use crate::{config, jobs, store};

/// What kept a run from its work.
#[derive(Debug, Error)]
pub enum Error {
    /// Credentials are missing: all that are, of both vendors.
    #[error("{}", said(first, others))]
    Credentials {
        /// The first of them.
        first: Box<config::Error>,
        /// The others.
        others: Vec<config::Error>,
    },
    /// The database belongs to another shop or account.
    #[error("{0}")]
    OtherAccount(Other),
    /// Root would write among the files of another user.
    #[error("{} belongs to user {name}, whose runs would stop at files of root", path.display())]
    AnotherUsers {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// That user's name, or its number where there is none.
        name: String,
    },
    /// An endpoint's address can't be read.
    #[error(transparent)]
    Address(#[from] url::ParseError),
    /// An endpoint's secret can't be read.
    #[error(transparent)]
    Secret(#[from] NotAKey),
    /// The address of the server, or its schema, can't be read.
    #[error("[store] url or schema {0}")]
    Server(#[from] AddressError),
    /// Another run is at work.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The database is unusable or refused.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The session can't start, or the settings name nobody whose database it could be.
    #[error(transparent)]
    Job(#[from] jobs::Error),
}

fn said(first: &config::Error, others: &[config::Error]) -> String {
    let all: Vec<String> = std::iter::once(first)
        .chain(others)
        .map(|error| causes(error))
        .collect();
    all.join("; ")
}
