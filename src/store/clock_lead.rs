//! How far this machine's clock was ahead when a vendor last told the time, for the commands that ask none.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Result, Store, seconds};

const LEAD: &str = "clock.lead";

/// What a run saw, in seconds.
#[derive(Debug, Serialize, Deserialize)]
struct Lead {
    ahead_by: i64,
    /// The instant that the clock showed.
    shown: i64,
}

impl Store {
    /// Keeps how far the clock was ahead when it showed `shown`; `None` where it was not.
    pub fn keep_clock_lead(&self, lead: Option<TimeDelta>, shown: DateTime<Utc>) -> Result<()> {
        match lead {
            Some(lead) => {
                let lead = Lead {
                    ahead_by: lead.num_seconds(),
                    shown: seconds(shown),
                };
                self.keep_fact(LEAD, &lead, shown - TimeDelta::seconds(lead.ahead_by))
            }
            None if self.fact::<Lead>(LEAD)?.is_some() => self.forget_fact(LEAD),
            None => Ok(()),
        }
    }

    /// Returns the vendors' time for what our clock shows, as far as it is known: a clock that has not been set back since it was seen to
    /// be ahead is so still.
    pub fn by_vendors(&self, shown: DateTime<Utc>) -> Result<DateTime<Utc>> {
        let known = self.fact::<Lead>(LEAD)?.map(|(lead, _)| lead);
        let known = known.filter(|lead| seconds(shown) >= lead.shown);
        let ahead_by = known.map_or(0, |lead| lead.ahead_by);
        Ok(shown - TimeDelta::seconds(ahead_by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::instant;
    use crate::store::tests_support::store;

    #[test]
    fn a_clock_that_was_seen_ahead_is_so_until_it_is_set_back_or_a_vendor_says_otherwise() {
        let (_folder, store) = store();
        let (noon, day) = (instant(1_767_614_400), TimeDelta::days(1));
        assert_eq!(store.by_vendors(noon).expect("read"), noon, "nothing is known");
        store.keep_clock_lead(Some(day * 40), noon + day * 40).expect("kept");
        let later = noon + day * 40 + TimeDelta::hours(1);
        assert_eq!(
            store.by_vendors(later).expect("read"),
            noon + TimeDelta::hours(1),
            "E126"
        );
        assert_eq!(
            store.by_vendors(noon + day).expect("read"),
            noon + day,
            "it was set back"
        );
        store.keep_clock_lead(None, noon + day).expect("kept");
        assert_eq!(
            store.by_vendors(later).expect("read"),
            later,
            "a shop that was paused for forty days"
        );
    }
}
