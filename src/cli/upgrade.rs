//! An upgrade of the database as a person sees it: one line, and on a terminal how far it is.

use std::sync::{Arc, Mutex, PoisonError};

use super::Output;
use super::progress::Progress;
use crate::store::{Upgrade, Watch};

/// Returns who shows it.
pub fn shown(output: Output) -> Arc<Watch> {
    let progress = Mutex::new(None);
    Arc::new(move |upgrade| {
        show(
            output,
            upgrade,
            &mut progress.lock().unwrap_or_else(PoisonError::into_inner),
        )
    })
}

fn show(output: Output, upgrade: Upgrade<'_>, progress: &mut Option<Progress>) {
    match upgrade {
        Upgrade::Copying { done, total } => {
            let copying = progress.get_or_insert_with(|| output.progress("copying the database"));
            copying.at(done, total);
        }
        Upgrade::Changing { from, to, copy } => {
            *progress = None;
            output.talk(&format!(
                "the database is brought from version {from} to {to}; as it was, it is kept in {}",
                copy.display()
            ));
            *progress = Some(output.progress("bringing the database up to date"));
        }
        Upgrade::Changed => *progress = None,
    }
}
