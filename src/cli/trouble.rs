//! Which troubles of a command were told, so that each is told once, and once more when it is over (E168).

use crate::causes::causes;
use crate::domain::event::Event;
use crate::jobs;
use crate::store::{self, Store};

use chrono::{DateTime, Utc};

/// A cause and the sentence with which it was told.
type Told = Vec<(String, String)>;

/// Returns what a run of `command` tells: an `error` for a cause that is new, an `error.resolved` for each once a run was good.
pub fn events(
    store: &Store,
    command: &str,
    trouble: Option<&jobs::Error>,
    now: DateTime<Utc>,
) -> Result<Vec<Event>, store::Error> {
    let name = format!("told.{command}");
    let mut told: Told = store.fact(&name)?.map(|(told, _)| told).unwrap_or_default();
    let Some(error) = trouble else {
        if !told.is_empty() {
            store.forget_fact(&name)?;
        }
        let resolved = told.into_iter().map(|(_, message)| Event::ErrorResolved { message });
        return Ok(resolved.collect());
    };
    let cause = error.cause();
    if told.iter().any(|(known, _)| *known == cause) {
        return Ok(Vec::new());
    }
    let message = causes(error);
    told.push((cause, message.clone()));
    store.keep_fact(&name, &told, now)?;
    Ok(vec![Event::Error { message }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests_support::store;

    #[test]
    fn a_trouble_is_told_once_and_once_more_when_it_is_over() {
        let (_folder, store) = store();
        let now = DateTime::<Utc>::default();
        let kinds = |command: &str, trouble: Option<jobs::Error>| -> Vec<&str> {
            let told = events(&store, command, trouble.as_ref(), now).expect("a store");
            told.iter().map(Event::kind).collect()
        };
        let away = || Some(jobs::Error::Stopped);
        assert_eq!(kinds("poll", away()), ["error"], "E168");
        assert!(kinds("poll", away()).is_empty(), "E168: the same all night");
        assert_eq!(
            kinds("poll", Some(jobs::Error::NoWarehouse)),
            ["error"],
            "E168: another cause"
        );
        assert_eq!(kinds("sync-tracking", away()), ["error"], "E168: another command");
        assert_eq!(kinds("poll", None), ["error.resolved", "error.resolved"], "E168");
        assert!(kinds("poll", None).is_empty(), "E168");
        assert_eq!(kinds("poll", away()), ["error"], "E168: it came back");
    }
}
