//! The shop and the account to which the database belongs.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Result, Store};
use crate::domain::binding::Binding;

const FACT: &str = "bound";

/// To whom a database belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// The shop and the account.
    pub to: Binding,
    /// Whether a run with them was good.
    pub is_proven: bool,
}

impl Store {
    /// Returns to whom the database belongs.
    pub fn bound(&self) -> Result<Option<Bound>> {
        Ok(self.fact(FACT)?.map(|(bound, _)| bound))
    }

    /// Keeps to whom the database belongs.
    pub fn keep_bound(&self, bound: &Bound, now: DateTime<Utc>) -> Result<()> {
        self.keep_fact(FACT, bound, now)
    }

    /// Tells whether anything was ever meant for Amazon.
    pub fn has_intents(&self) -> Result<bool> {
        self.value("SELECT EXISTS (SELECT 1 FROM fulfillment_orders)", [])
    }
}
