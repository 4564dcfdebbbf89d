//! Whether the schedule holds, for a probe.

use chrono::{DateTime, Utc};

use super::text::relative;
use super::{Timing, commands};
use crate::store::{Result, Store};

/// Returns why the schedule does not hold; `None` while it does.
pub fn standstill(store: &Store, timing: &Timing, now: DateTime<Utc>) -> Result<Option<String>> {
    let overdue = commands::read(store, timing, now)?
        .into_iter()
        .filter(|command| command.overdue);
    let said = overdue.map(|command| match command.last_success_at {
        Some(at) => format!("{} last ended well {}", command.name, relative(at, now)),
        None => format!("{} never ended well", command.name),
    });
    let said: Vec<String> = said.collect();
    Ok((!said.is_empty()).then(|| said.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{good_run, now, timing};
    use super::*;

    #[test]
    fn the_schedule_holds_while_each_command_ended_well_within_two_intervals() {
        let (_folder, store) = crate::store::tests_support::store();
        let said = standstill(&store, &timing(), now())
            .expect("readable")
            .expect("nothing ran");
        assert!(said.contains("poll never ended well"), "{said}");
        for (command, interval) in timing().commands() {
            good_run(&store, command, now() - interval);
        }
        assert_eq!(standstill(&store, &timing(), now()).expect("readable"), None);
        let later = now() + timing().poll * 2;
        let said = standstill(&store, &timing(), later).expect("readable");
        assert_eq!(said.as_deref(), Some("poll last ended well 15 minutes ago"));
    }
}
