//! The causes that a person was told of, kept with their events in one transaction.

use chrono::{DateTime, Utc};

use super::engine::Transaction;
use super::{Result, Store, outbox, runs};
use crate::domain::event::Event;
use crate::domain::told::{self, Cause};

/// What is told of a kind of cause, ready to be written.
pub(super) struct Telling {
    fact: String,
    /// The causes that stay told, sealed; none where there are none.
    sealed: Option<Vec<u8>>,
    events: Vec<Event>,
}

impl Store {
    /// Tells each cause of a kind (a command's troubles, a watch of its own) once, and once more when it is over.
    pub fn tell_causes(
        &self,
        kind: &str,
        standing: Vec<Cause>,
        is_over: impl Fn(&str) -> bool,
        now: DateTime<Utc>,
    ) -> Result<()> {
        match self.telling(kind, standing, is_over)? {
            Some(telling) => self.write(|transaction| telling.write(transaction, now)),
            None => Ok(()),
        }
    }

    /// The same where a new cause, by its name and its sentence, has an event of its own.
    pub fn tell_causes_as(
        &self,
        kind: &str,
        standing: Vec<Cause>,
        is_over: impl Fn(&str) -> bool,
        new: impl Fn(&str, &str) -> Event,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let (kept, events) = told::tell_as(self.told_causes(kind)?, standing, is_over, new);
        match self.told_anew(kind, &kept, events)? {
            Some(telling) => self.write(|transaction| telling.write(transaction, now)),
            None => Ok(()),
        }
    }

    /// Returns the causes of a kind that are told and not over.
    pub fn told_causes(&self, kind: &str) -> Result<Vec<Cause>> {
        let told = self.fact(&fact(kind))?.map(|(told, _)| told);
        Ok(told.unwrap_or_default())
    }

    /// Returns what would have to be told; `None` where nothing changes.
    pub(super) fn telling(
        &self,
        kind: &str,
        standing: Vec<Cause>,
        is_over: impl Fn(&str) -> bool,
    ) -> Result<Option<Telling>> {
        let (kept, events) = told::tell(self.told_causes(kind)?, standing, is_over);
        self.told_anew(kind, &kept, events)
    }

    fn told_anew(&self, kind: &str, kept: &[Cause], events: Vec<Event>) -> Result<Option<Telling>> {
        if events.is_empty() {
            return Ok(None);
        }
        let sealed = (!kept.is_empty())
            .then(|| self.seal(&kept, runs::fact_of(&fact(kind))))
            .transpose()?;
        Ok(Some(Telling {
            fact: fact(kind),
            sealed,
            events,
        }))
    }
}

impl Telling {
    pub(super) fn write(&self, transaction: &Transaction<'_>, now: DateTime<Utc>) -> Result<()> {
        match &self.sealed {
            Some(sealed) => runs::write_fact(transaction, &self.fact, sealed, now)?,
            None => runs::delete_fact(transaction, &self.fact)?,
        }
        self.events
            .iter()
            .try_for_each(|event| outbox::insert(transaction, event, now))
    }
}

fn fact(kind: &str) -> String {
    format!("told.{kind}")
}
