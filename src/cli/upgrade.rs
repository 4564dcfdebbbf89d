//! An upgrade of the database as a person sees it: one line, and on a terminal how far it is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::ProgressBar;

use super::Output;
use crate::store::{Upgrade, Watch};

/// How often a bar moves of which nobody knows the end.
const TICK: Duration = Duration::from_millis(100);

/// Returns who shows it.
pub fn shown(output: Output) -> Arc<Watch> {
    let bar = Mutex::new(None);
    Arc::new(move |upgrade| show(output, upgrade, &mut bar.lock().unwrap_or_else(PoisonError::into_inner)))
}

fn show(output: Output, upgrade: Upgrade<'_>, bar: &mut Option<ProgressBar>) {
    match upgrade {
        Upgrade::Copying { done, total } => {
            let bar = bar.get_or_insert_with(|| output.progress("copying the database"));
            bar.set_length(total);
            bar.set_position(done);
        }
        Upgrade::Changing { from, to, copy } => {
            clear(bar);
            output.talk(&format!(
                "the database is brought from version {from} to {to}; as it was, it is kept in {}",
                copy.display()
            ));
            let waiting = output.waiting("bringing the database up to date");
            waiting.enable_steady_tick(TICK);
            *bar = Some(waiting);
        }
        Upgrade::Changed => clear(bar),
    }
}

fn clear(bar: &mut Option<ProgressBar>) {
    if let Some(bar) = bar.take() {
        bar.finish_and_clear();
    }
}
