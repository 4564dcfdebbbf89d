//! A command that failed: the error with its causes, one line of help, the exit code. Here errors become text, nowhere before.

use std::error::Error as StdError;
use std::path::Path;

use super::Exit;
use crate::config::quoting::shell_quoted;
use crate::store::LockError;
use crate::store::vault::VaultError;
use crate::{amazon, config, jobs, store, tiktok};

/// Why a command failed, ready to be printed.
#[derive(Debug)]
pub struct Failure {
    /// The error and its causes, the nearest first.
    pub message: String,
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
            exit: Exit::Usage,
        }
    }

    /// Makes a failure that needs a person.
    pub fn person(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
            exit: Exit::PersonNeeded,
        }
    }

    /// Makes a failure of the machine: a file that can't be written, an output that is gone.
    pub fn unexpected(error: &(dyn StdError + 'static)) -> Self {
        Self {
            message: chain(error),
            help: None,
            exit: Exit::Unexpected,
        }
    }
}

/// Writes an error and its causes in one line, without saying the same twice.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::unexpected(error.as_ref())
    }
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        Self {
            message: chain(&error),
            help: Some(error.help()),
            exit: Exit::Unusable,
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        let exit = match &error {
            store::Error::Lock(error) => return lock(error),
            store::Error::UnknownOrder { .. } => Exit::PersonNeeded,
            error if error.is_unusable() => Exit::Unusable,
            _ => Exit::Unexpected,
        };
        Self {
            message: chain(&error),
            help: store_help(&error),
            exit,
        }
    }
}

fn store_help(error: &store::Error) -> Option<String> {
    let quoted = |path: &Path| shell_quoted(&path.to_string_lossy());
    Some(match error {
        store::Error::NotADatabase { .. } | store::Error::IsAFolder { .. } => {
            "name another file with --db or [store] path".to_owned()
        }
        store::Error::Newer { .. } => "install the newest mcf; this one left the file as it is".to_owned(),
        store::Error::Damaged { path, .. } => {
            format!(
                "put the last backup in its place: mcf restore BACKUP --db {} --force",
                quoted(path)
            )
        }
        store::Error::ReadOnly { path } => format!(
            "let this user write the file and its folder; ls -ld {} {} shows who may",
            quoted(path),
            quoted(folder_of(path))
        ),
        store::Error::InUse { path } => {
            format!(
                "end the program that fuser {} names; the next run goes on",
                quoted(path)
            )
        }
        store::Error::DiskFull { .. } => "make room on it; what was not done is done by the next run".to_owned(),
        store::Error::Open { path, .. } if !folder_of(path).is_dir() => {
            format!(
                "mkdir -p {}, or name another file with --db or [store] path",
                quoted(folder_of(path))
            )
        }
        store::Error::Open { path, .. } => format!("look at ls -ld {} {}", quoted(path), quoted(folder_of(path))),
        store::Error::Vault(VaultError::Gone { path } | VaultError::Malformed { path, .. }) => {
            format!("put the data key back: cp BACKUP.key {}", quoted(path))
        }
        store::Error::Vault(VaultError::File { path, .. }) => format!("look at ls -l {}", quoted(path)),
        store::Error::Vault(VaultError::KeyMissing) => {
            "put the data key back that belongs to this database: BACKUP.key beside its backup".to_owned()
        }
        store::Error::UnknownOrder { .. } => "mcf orders list".to_owned(),
        error if error.is_unusable() => "mcf check".to_owned(),
        _ => return None,
    })
}

/// Returns the folder in which a file lies.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        lock(&error)
    }
}

fn lock(error: &LockError) -> Failure {
    let exit = match error {
        LockError::Busy { .. } => Exit::Busy,
        LockError::File { .. } => Exit::Unusable,
    };
    let help = match error {
        LockError::Busy { .. } => "nothing was done; the next run goes on".to_owned(),
        LockError::File { path, .. } => {
            let folder = shell_quoted(&folder_of(path).to_string_lossy());
            format!("its folder must have room and be writable for this user: ls -ld {folder}; df {folder}")
        }
    };
    Failure {
        message: chain(error),
        help: Some(help),
        exit,
    }
}

impl From<jobs::Error> for Failure {
    fn from(error: jobs::Error) -> Self {
        let message = chain(&error);
        let (exit, help) = match error {
            jobs::Error::Config(error) => return error.into(),
            jobs::Error::Store(error) => return error.into(),
            jobs::Error::Tiktok(error) => tiktok_help(&error),
            jobs::Error::Amazon(error) => amazon_help(&error),
            jobs::Error::ShopNotFound { .. } => (
                Exit::CredentialsRefused,
                "set tiktok.shop_id (TIKTOK_SHOP_ID) to a shop that the token opens".to_owned(),
            ),
            jobs::Error::OrderNotFound(_) => (
                Exit::PersonNeeded,
                "check the order's id in TikTok's Seller Center".to_owned(),
            ),
            jobs::Error::Held(id) => (Exit::PersonNeeded, format!("mcf orders release {id}")),
            jobs::Error::NoWarehouse => (
                Exit::PersonNeeded,
                "set [inventory] tiktok_warehouse_id, or enable a default warehouse in Seller Center".to_owned(),
            ),
            jobs::Error::Braked(_) => (
                Exit::PersonNeeded,
                "compare with Amazon: mcf sync-inventory --dry-run; the next run writes if it reads the same, \
                 mcf sync-inventory --force writes now"
                    .to_owned(),
            ),
            jobs::Error::Transport(_) => (Exit::Unexpected, "check this machine's TLS certificates".to_owned()),
            jobs::Error::PagesInCircle(_) => (
                Exit::VendorUnavailable,
                "nothing; the next run reads it again".to_owned(),
            ),
            jobs::Error::StillUnknown(_) => (
                Exit::VendorUnavailable,
                "nothing; the next runs of mcf poll settle it".to_owned(),
            ),
            jobs::Error::Stopped | jobs::Error::TimeIsUp => {
                (Exit::VendorUnavailable, "run the command again".to_owned())
            }
        };
        Self {
            message,
            help: Some(help),
            exit,
        }
    }
}

fn tiktok_help(error: &tiktok::Error) -> (Exit, String) {
    match error.class() {
        tiktok::Class::ClockSkew => (
            Exit::VendorUnavailable,
            "set this machine's clock: timedatectl set-ntp true".to_owned(),
        ),
        tiktok::Class::TokenExpired | tiktok::Class::TokenRefused | tiktok::Class::ConsentNeeded => (
            Exit::CredentialsRefused,
            "authorise the app again and put the new tokens into tiktok.access_token and tiktok.refresh_token; \
             mcf check tiktok proves them"
                .to_owned(),
        ),
        tiktok::Class::VersionRetired => (
            Exit::VendorUnavailable,
            "check tiktok.api_url; if it is right, install the newest mcf: TikTok does not know this call any more"
                .to_owned(),
        ),
        _ if error.is_credentials() => (Exit::CredentialsRefused, "mcf check tiktok".to_owned()),
        _ => (
            Exit::VendorUnavailable,
            "nothing; the next run goes on (mcf check tiktok shows more)".to_owned(),
        ),
    }
}

fn amazon_help(error: &amazon::Error) -> (Exit, String) {
    if error.is_credentials() {
        (Exit::CredentialsRefused, "mcf check amazon".to_owned())
    } else if error.is_set_up() {
        (
            Exit::Unusable,
            "check amazon.api_url, amazon.seller_id and amazon.marketplace_id; mcf check amazon proves them".to_owned(),
        )
    } else {
        (
            Exit::VendorUnavailable,
            "nothing; the next run goes on (mcf check amazon shows more)".to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_says_each_cause_once() {
        let error = std::io::Error::other("the disk is full");
        assert_eq!(chain(&error), "the disk is full");
    }
}
