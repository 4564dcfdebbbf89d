//! Since when a database surely knows all that was sent: an older copy of it, or a new file after a loss, knows less than Amazon does.

use chrono::{DateTime, TimeDelta, Utc};

/// Tells whether Amazon may have an order of which this database knows nothing: one that is no younger than the time since which the
/// database surely knows all that was sent. An older copy, or a new file after a loss, knows less than Amazon does.
#[must_use]
pub fn must_look_first(ordered_at: DateTime<Utc>, whole_since: Option<DateTime<Utc>>) -> bool {
    whole_since.is_none_or(|since| ordered_at <= since)
}

/// Returns since when a database surely knows all that was sent, where that changes at the beginning of a run.
///
/// A new one knows what is sent from now on. One that was at work before this was kept knows it since its first run. One that rested
/// for long may be an older copy that was put in place by hand, while another was at work: it knows it from now on only.
#[must_use]
pub fn whole_from(
    known: Option<DateTime<Utc>>,
    runs: Option<(DateTime<Utc>, DateTime<Utc>)>,
    rest_max: TimeDelta,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    match (known, runs) {
        (_, Some((_, newest))) if now - newest > rest_max => Some(now),
        (Some(_), _) => None,
        (None, Some((first, _))) => Some(first),
        (None, None) => Some(now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    #[test]
    fn an_order_older_than_what_the_database_knows_is_looked_for_before_its_first_create_e164() {
        let hour = TimeDelta::hours(1);
        assert!(must_look_first(noon() - hour, Some(noon())), "E164");
        assert!(must_look_first(noon(), Some(noon())), "E164: the same second");
        assert!(!must_look_first(noon() + hour, Some(noon())), "E164");
        assert!(
            must_look_first(noon() + hour, None),
            "E164: nothing is known of the database"
        );
    }

    #[test]
    fn a_database_that_rested_for_long_may_be_an_older_copy_e164() {
        let (minutes, since) = (TimeDelta::minutes, Some(noon() - TimeDelta::days(9)));
        let runs = |ago| Some((noon() - TimeDelta::days(10), noon() - minutes(ago)));
        let from = |known, runs| whole_from(known, runs, minutes(15), noon());
        assert_eq!(from(None, None), Some(noon()), "a new file after a loss");
        assert_eq!(
            from(None, runs(5)),
            Some(noon() - TimeDelta::days(10)),
            "made before this was kept"
        );
        assert_eq!(from(since, runs(5)), None, "at work all the time");
        assert_eq!(from(since, runs(15)), None, "as long a rest as there may be");
        assert_eq!(from(since, runs(16)), Some(noon()), "E164: by hand");
        assert_eq!(from(since, None), None, "restored, and the first run");
    }
}
