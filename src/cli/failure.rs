//! A command that failed: the error with its causes, one line of help, the exit code. Here errors become text, nowhere before.

use std::error::Error as StdError;
use std::io::ErrorKind;

use super::store_help::{self, DESCRIPTORS_HELP, DISK_HELP};
use super::{Exit, account};
use crate::config::quoting::shell_quoted;
use crate::error_chain::{Shortage, beyond, causes, shortage_behind};
use crate::store::LockError;
use crate::trust::Exposure;
use crate::trust::folder_of;
use crate::{config, jobs, run, store};

/// Where nothing better is known.
const DEEPER_HELP: &str = "run the same command with -v: it shows what lies beneath";

/// Why a command failed, ready to be printed.
#[derive(Debug)]
pub struct Failure {
    /// What it is about, and why.
    pub message: String,
    /// What lies beneath, for `-v`: the call, the libraries' and the system's own words.
    pub beneath: Vec<String>,
    /// What to type or change.
    pub help: Option<String>,
    /// How the process ends.
    pub exit: Exit,
}

impl Failure {
    /// Makes a failure of the command line: a value that can't be.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
            beneath: Vec::new(),
            exit: Exit::Usage,
        }
    }

    /// Makes a failure that needs a person.
    pub fn person(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
            beneath: Vec::new(),
            exit: Exit::PersonNeeded,
        }
    }

    /// Makes a failure of what was named: a file, a folder, an account.
    pub fn unusable(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
            beneath: Vec::new(),
            exit: Exit::Unusable,
        }
    }

    /// Makes a failure of the machine: a file that can't be written, an output that is gone.
    pub fn unexpected(error: &(dyn StdError + 'static)) -> Self {
        Self {
            help: Some(DEEPER_HELP.to_owned()),
            exit: Exit::Unexpected,
            ..Self::of(error)
        }
        .naming_shortage(error)
    }

    /// Says an error, and keeps what lies beneath it.
    pub fn of(error: &(dyn StdError + 'static)) -> Self {
        let message = causes(error);
        Self {
            beneath: beyond(error, &message),
            message,
            help: None,
            exit: Exit::Unexpected,
        }
    }

    /// A disk that is full is called full wherever it shows, and so are descriptors that are used up.
    fn naming_shortage(mut self, error: &(dyn StdError + 'static)) -> Self {
        let (words, help) = match shortage_behind(error) {
            None => return self,
            Some(Shortage::Disk) => ("the disk is full", DISK_HELP),
            Some(Shortage::Descriptors) => ("too many files are open", DESCRIPTORS_HELP),
        };
        if !self.message.contains(words) {
            self.message = format!("{}: {words}", self.message);
        }
        self.help = Some(help.to_owned());
        self.exit = Exit::Unusable;
        self
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::unexpected(error.as_ref())
    }
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        let advice = match &error {
            config::Error::Exposed {
                exposure: Exposure::Foreign(owner),
                ..
            } => Some(account::as_user(*owner)),
            config::Error::Unreadable { path, source } if source.kind() == ErrorKind::PermissionDenied => {
                account::advice(path)
            }
            _ => None,
        };
        Self {
            help: advice.or_else(|| Some(error.help())),
            exit: Exit::Unusable,
            ..Self::of(&error)
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        of_store(&error)
    }
}

fn of_store(error: &store::Error) -> Failure {
    let exit = match error {
        store::Error::Lock(error) => return lock(error),
        store::Error::UnknownOrder { .. } | store::Error::NotEmpty { .. } => Exit::PersonNeeded,
        store::Error::File { .. } | store::Error::LogHeld { .. } => Exit::Unusable,
        error if error.is_unusable() => Exit::Unusable,
        _ => Exit::Unexpected,
    };
    let deeper = (exit == Exit::Unexpected).then(|| DEEPER_HELP.to_owned());
    Failure {
        help: store_help::help(error).or(deeper),
        exit,
        ..Failure::of(error)
    }
    .naming_shortage(error)
}

impl From<run::Error> for Failure {
    fn from(error: run::Error) -> Self {
        let message = error.to_string();
        match error {
            run::Error::Credentials { first, .. } => Self {
                message,
                ..(*first).into()
            },
            run::Error::OtherAccount(other) => Self::unusable(
                message,
                format!(
                    "put the former {} back, or give the other account a database of its own: mcf poll --db OTHER.db",
                    other.key()
                ),
            ),
            run::Error::AnotherUsers { owner, .. } => Self::unusable(message, account::as_user(owner)),
            run::Error::Address(error) => Self::unexpected(&error),
            run::Error::Secret(error) => Self::unexpected(&error),
            run::Error::Server(_) => Self::unusable(message, "try it by itself: psql URL -c 'SELECT 1'".to_owned()),
            run::Error::Lock(error) => error.into(),
            run::Error::Store(error) => error.into(),
            run::Error::Job(error) => error.into(),
        }
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        lock(&error)
    }
}

fn lock(error: &LockError) -> Failure {
    let exit = match error {
        LockError::Refused(error) => return of_store(error),
        LockError::Busy { .. } | LockError::Turn { .. } | LockError::Lost => Exit::Busy,
        LockError::File { .. } => Exit::Unusable,
    };
    let help = match error {
        LockError::Busy { pid: Some(pid), .. } => {
            format!("ps -fp {pid} shows it; nothing was done, the next run goes on")
        }
        LockError::Busy { pid: None, .. } => {
            "mcf status shows how the runs end; nothing was done, the next run goes on".to_owned()
        }
        LockError::Lost | LockError::Refused(_) => {
            "mcf status shows how the runs end; what this one had not done the other does".to_owned()
        }
        LockError::Turn { path, .. } => format!(
            "end the process that fuser {} names; nothing was done, the next run goes on",
            shell_quoted(&path.to_string_lossy())
        ),
        LockError::File { path, .. } => {
            let folder = shell_quoted(&folder_of(path).to_string_lossy());
            if let Some(advice) = account::advice(path) {
                return Failure {
                    help: Some(advice),
                    exit,
                    ..Failure::of(error)
                };
            }
            format!("its folder must have room and be writable for this user: ls -ld {folder}; df {folder}")
        }
    };
    Failure {
        help: Some(help),
        exit,
        ..Failure::of(error)
    }
    .naming_shortage(error)
}

impl From<jobs::Error> for Failure {
    fn from(error: jobs::Error) -> Self {
        let exit = match error {
            jobs::Error::Config(error) => return error.into(),
            jobs::Error::Store(error) => return error.into(),
            jobs::Error::Amazon(ref error) if error.is_set_up() => Exit::Unusable,
            ref error if error.is_credentials() => Exit::CredentialsRefused,
            jobs::Error::ShopNotFound { .. } => Exit::CredentialsRefused,
            jobs::Error::OrderNotFound(_)
            | jobs::Error::Held(_)
            | jobs::Error::NotAccepted { .. }
            | jobs::Error::Dismissed(_)
            | jobs::Error::NoWarehouse
            | jobs::Error::Braked(_) => Exit::PersonNeeded,
            jobs::Error::Tiktok(_)
            | jobs::Error::Amazon(_)
            | jobs::Error::PagesInCircle(_)
            | jobs::Error::StillUnknown(_)
            | jobs::Error::NoFigures { .. }
            | jobs::Error::TimeIsUp => Exit::VendorUnavailable,
            jobs::Error::Stopped => Exit::Interrupted,
        };
        // A token that can't be read or kept is this machine's trouble, whichever vendor's call it stops.
        if let Some(store) = jobs::store_behind(&error) {
            return of_store(store);
        }
        let message = error.said();
        let beneath = error.call().into_iter().chain(beyond(&error, &message));
        Self {
            beneath: beneath.collect(),
            message,
            help: error.help(),
            exit,
        }
        .naming_shortage(&error)
    }
}

#[cfg(test)]
mod tests;
