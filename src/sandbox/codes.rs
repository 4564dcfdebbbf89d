//! The codes that a consent page sends an app's operator back with.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

/// How long a code is good.
const LIFE: TimeDelta = TimeDelta::minutes(30);

/// The codes of one vendor: each is good once, for half an hour, for the app that asked for it.
#[derive(Debug, Clone)]
pub struct Codes {
    prefix: &'static str,
    issued: BTreeMap<String, Code>,
}

#[derive(Debug, Clone)]
struct Code {
    app: String,
    ends_at: DateTime<Utc>,
    is_used: bool,
}

/// Why a code is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Unknown,
    Foreign,
    Expired,
    Used,
}

impl Codes {
    pub(super) fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            issued: BTreeMap::new(),
        }
    }

    /// Issues a code, as the page does when the seller agrees.
    pub fn issue(&mut self, app: &str, now: DateTime<Utc>) -> String {
        let text = format!("{}{:04}", self.prefix, self.issued.len() + 1);
        let code = Code {
            app: app.to_owned(),
            ends_at: now + LIFE,
            is_used: false,
        };
        self.issued.insert(text.clone(), code);
        text
    }

    /// Uses a code up.
    pub(super) fn take(&mut self, text: &str, app: &str, now: DateTime<Utc>) -> Result<(), Refused> {
        let code = self.issued.get_mut(text).ok_or(Refused::Unknown)?;
        if code.app != app {
            return Err(Refused::Foreign);
        }
        if code.is_used {
            return Err(Refused::Used);
        }
        if code.ends_at <= now {
            return Err(Refused::Expired);
        }
        code.is_used = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_for_half_an_hour_and_for_its_own_app() {
        let now = DateTime::from_timestamp(1_767_574_842, 0).expect("a valid instant");
        let mut codes = Codes::new("C");
        let code = codes.issue("app", now);
        assert_eq!(codes.take(&code, "other", now), Err(Refused::Foreign));
        assert_eq!(codes.take(&code, "app", now + LIFE), Err(Refused::Expired));
        assert_eq!(codes.take(&code, "app", now), Ok(()));
        assert_eq!(codes.take(&code, "app", now), Err(Refused::Used));
        assert_eq!(codes.take("C9", "app", now), Err(Refused::Unknown));
    }
}
