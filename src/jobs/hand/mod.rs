//! The operator's hand on orders, whichever front end it comes through: the same rules, the same lines in the history.

mod approve;
mod many;
mod one;

use thiserror::Error;

use crate::store;

pub use many::{Verb, do_to, do_to_row, meant, offered};
pub use one::{Hand, HandAction, Operator};

/// Why something was not done to an order.
#[derive(Debug, Error)]
pub enum Refusal {
    /// It makes no sense as the order stands.
    #[error("{message}")]
    NotNow {
        /// Why.
        message: String,
        /// What to do instead.
        help: String,
    },
    /// A run changed the order meanwhile and goes first.
    #[error(transparent)]
    WriteConflict(store::Error),
    /// The database refused, or does not know the order.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Refusal {
    fn not_now(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::NotNow {
            message: message.into(),
            help: help.into(),
        }
    }
}
