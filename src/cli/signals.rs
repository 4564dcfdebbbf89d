//! Ctrl-C and the wish to terminate: what a command does about them, and what is said at once.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use super::arguments::{Command, Mappings, Notify};
use super::{Exit, Failure, Output, hidden};
use crate::stop::{CALL_GRACE, Stop};

/// How long a run may take to end after the wish: whatever holds it then, what was begun stands in the database.
const END_GRACE: Duration = Duration::from_secs(10);

/// How often a folder is removed that other threads still write to, and how long is waited in between.
const REMOVALS_MAX: usize = 50;
const BETWEEN_REMOVALS: Duration = Duration::from_millis(10);

/// What a command does when it is asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It finishes or stores what is in hand, and ends in seconds.
    FinishesCalls,
    /// It works on files and finishes: half a copy helps nobody.
    FinishesFiles,
    /// It serves until it is asked to stop: that is its good end.
    Serves,
    /// It reads, or waits for a person: there is nothing to finish.
    EndsAtOnce,
}

impl Manner {
    /// Returns how a command ends.
    pub fn of(command: &Command) -> Self {
        match command {
            Command::Demo(arguments) if arguments.serve.is_some() => Self::Serves,
            Command::Poll(_)
            | Command::Route(_)
            | Command::SyncTracking(_)
            | Command::SyncInventory(_)
            | Command::Auth(_)
            | Command::Check(_)
            | Command::Demo(_)
            | Command::Mappings(Mappings::Check | Mappings::Suggest(_))
            | Command::Notify(Notify::Test(_) | Notify::Flush(_)) => Self::FinishesCalls,
            Command::Init(_)
            | Command::Backup(_)
            | Command::Restore(_)
            | Command::Store(_)
            | Command::Purge(_)
            | Command::Rekey(_) => Self::FinishesFiles,
            Command::Sandbox(_) | Command::Serve(_) => Self::Serves,
            Command::Mappings(_)
            | Command::Notify(_)
            | Command::Status(_)
            | Command::Log(_)
            | Command::Metrics(_)
            | Command::Orders(_)
            | Command::Pause(_)
            | Command::Resume(_)
            | Command::Report(_)
            | Command::Schedule(_)
            | Command::Completions(_)
            | Command::Man => Self::EndsAtOnce,
        }
    }
}

/// Listens in a thread of its own, so that a command that waits for a vendor, a lock or a person is heard all the same.
pub fn listen(stop: &Arc<Stop>, output: Output, manner: Manner) -> Result<(), Failure> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(|error| Failure::unexpected(&error))?;
    let stop = Arc::clone(stop);
    let listening = std::thread::Builder::new().spawn(move || {
        for signal in signals.forever() {
            if manner == Manner::EndsAtOnce || stop.is_asked() {
                end(signal);
            }
            stop.ask(signal);
            output.urgent(&announced(manner, &stop.in_hand()));
            if manner == Manner::FinishesCalls {
                end_in_time(signal, output);
            }
        }
    });
    listening.map(drop).map_err(|error| Failure::unexpected(&error))
}

/// A run that something else holds (a name that is not answered, a database that another program keeps) ends all the same.
fn end_in_time(signal: i32, output: Output) {
    std::thread::spawn(move || {
        std::thread::sleep(END_GRACE);
        output.urgent("stopped: what was begun stands in the database, and the next run looks what became of it");
        end(signal);
    });
}

/// Notes a folder that goes with the process, however that ends.
pub fn goes_with_the_process(folder: &Path) {
    *passing() = Some(folder.to_owned());
}

/// Takes the noted folder away with everything in it. Who comes second waits until it is gone.
pub fn clear_away() {
    let mut passing = passing();
    let Some(folder) = passing.take() else {
        return;
    };
    for _ in 0..REMOVALS_MAX {
        // Work that goes on may put a file into it meanwhile. What can't be removed is left to who empties the folder of temporary files.
        if std::fs::remove_dir_all(&folder).is_ok() || !folder.exists() {
            return;
        }
        std::thread::sleep(BETWEEN_REMOVALS);
    }
}

fn passing() -> MutexGuard<'static, Option<PathBuf>> {
    static PASSING: Mutex<Option<PathBuf>> = Mutex::new(None);
    PASSING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the process at once, and leaves terminal and folders as they were.
fn end(signal: i32) {
    hidden::show_again();
    clear_away();
    low_level::exit(i32::from(Exit::of_signal(signal).code()));
}

fn announced(manner: Manner, in_hand: &[String]) -> String {
    let again = "Ctrl-C again ends at once";
    match (manner, in_hand) {
        (Manner::FinishesCalls, []) => format!("stopping: nothing new is begun; {again}"),
        (Manner::FinishesCalls, calls) => format!(
            "stopping: waiting at most {} s for {}; what is not answered by then is stored as unknown and the next run looks for it; {again}",
            CALL_GRACE.as_secs(),
            calls.join(", ")
        ),
        (Manner::FinishesFiles, _) => format!("stopping: the file in hand is finished first; {again}"),
        (Manner::Serves | Manner::EndsAtOnce, _) => "stopping".to_owned(),
    }
}

impl Exit {
    /// Returns how a process ends that this signal stopped.
    pub fn of_signal(signal: i32) -> Self {
        match signal {
            SIGTERM => Self::Terminated,
            _ => Self::Interrupted,
        }
    }

    /// Returns how a command ends that may have been asked to stop. What another part found (credentials, a person needed) stays;
    /// a vendor that did not answer in the time that was left, or a lock that was not waited for, is no trouble of theirs.
    pub fn unless_stopped(self, stop: &Stop) -> Self {
        match (stop.signal(), self) {
            (Some(signal), Self::Done | Self::VendorUnavailable | Self::Busy | Self::Interrupted) => {
                Self::of_signal(signal)
            }
            (_, exit) => exit,
        }
    }
}

impl Failure {
    /// The same for a command that failed.
    pub fn unless_stopped(self, stop: &Stop) -> Self {
        Self {
            exit: self.exit.unless_stopped(stop),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_run_is_never_a_vendors_trouble_e170() {
        let (free, interrupted, terminated) = (Stop::default(), Stop::default(), Stop::default());
        interrupted.ask(SIGINT);
        terminated.ask(SIGTERM);
        assert_eq!(Exit::VendorUnavailable.unless_stopped(&free).code(), 4);
        for exit in [Exit::VendorUnavailable, Exit::Busy, Exit::Interrupted, Exit::Done] {
            assert_eq!(exit.unless_stopped(&interrupted).code(), 130, "{exit:?}");
            assert_eq!(exit.unless_stopped(&terminated).code(), 143, "{exit:?}");
        }
        for exit in [Exit::CredentialsRefused, Exit::PersonNeeded, Exit::Unusable] {
            assert_eq!(exit.unless_stopped(&interrupted), exit);
        }
    }

    #[test]
    fn what_is_in_hand_is_named_at_once_e170() {
        let call = ["createFulfillmentOrder for order 576900000000000101".to_owned()];
        let said = announced(Manner::FinishesCalls, &call);
        assert!(
            said.contains("at most 3 s for createFulfillmentOrder for order 576900000000000101"),
            "{said}"
        );
        assert!(said.contains("unknown") && said.contains("Ctrl-C again ends at once"));
    }
}
