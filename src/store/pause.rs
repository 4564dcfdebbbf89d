//! The pause that a person ordered.

use chrono::{DateTime, Utc};

use super::{Result, ShopAct, Store, hands, runs};
use crate::domain::pause::Pause;

const FACT: &str = "pause";

impl Store {
    /// Returns the pause that lasts at this instant.
    pub fn pause(&self, now: DateTime<Utc>) -> Result<Option<Pause>> {
        let kept = self.fact::<Pause>(FACT)?;
        Ok(kept.map(|(pause, _)| pause).filter(|pause| pause.is_on(now)))
    }

    /// Keeps a pause in place of any other, and who ordered it.
    pub fn keep_pause(&self, pause: &Pause, by: &str, now: DateTime<Utc>) -> Result<()> {
        let sealed = self.seal(pause, runs::fact_of(FACT))?;
        self.write(|transaction| {
            runs::write_fact(transaction, FACT, &sealed, now)?;
            hands::write(transaction, ShopAct::Paused, &pause.said(by), now)
        })
    }

    /// Ends the pause, and keeps who ended it.
    pub fn end_pause(&self, by: &str, now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| {
            runs::delete_fact(transaction, FACT)?;
            hands::write(
                transaction,
                ShopAct::Resumed,
                &format!("new orders go on, said {by}"),
                now,
            )
        })
    }
}
