//! A command's troubles are told once, and once more when it had a good run (E168).

use chrono::{DateTime, Utc};

use crate::jobs;
use crate::store::{self, Store};

/// Tells what kept a run of `command` from its work; a good run ends all that was told of the command.
pub fn tell(
    store: &Store,
    command: &str,
    trouble: Option<&jobs::Error>,
    now: DateTime<Utc>,
) -> Result<(), store::Error> {
    let standing = trouble.map(|error| (error.cause(), error.said() + error.what_follows()));
    store.tell_causes(command, standing.into_iter().collect(), |_| trouble.is_none(), now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Due;
    use crate::store::tests_support::store;

    #[test]
    fn a_trouble_is_told_once_and_once_more_when_it_is_over() {
        let (_folder, store) = store();
        let now = DateTime::<Utc>::default();
        store.add_endpoint("ops").expect("added");
        let kinds = |command: &str, trouble: Option<jobs::Error>| -> Vec<String> {
            tell(&store, command, trouble.as_ref(), now).expect("a store");
            store.queue_deliveries("ops", |_| true, now).expect("queued");
            let due = store.due_deliveries("ops", Due::All, 10, now).expect("due");
            for delivery in &due {
                let done = store::DeliveryResult::Delivered;
                store
                    .record_delivery("ops", delivery.event.id, &done, now)
                    .expect("noted");
            }
            due.into_iter().map(|delivery| delivery.event.kind).collect()
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
