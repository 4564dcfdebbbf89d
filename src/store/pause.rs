//! The pause that a person ordered.

use chrono::{DateTime, Utc};

use super::{Result, Store};
use crate::domain::pause::Pause;

const FACT: &str = "pause";

impl Store {
    /// Returns the pause that lasts at this instant.
    pub fn pause(&self, now: DateTime<Utc>) -> Result<Option<Pause>> {
        let kept = self.fact::<Pause>(FACT)?;
        Ok(kept.map(|(pause, _)| pause).filter(|pause| pause.is_on(now)))
    }

    /// Keeps a pause in place of any other.
    pub fn keep_pause(&self, pause: &Pause, now: DateTime<Utc>) -> Result<()> {
        self.keep_fact(FACT, pause, now)
    }

    /// Ends the pause.
    pub fn end_pause(&self) -> Result<()> {
        self.forget_fact(FACT)
    }
}
