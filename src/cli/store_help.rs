//! What to type where the store refuses.

use std::io::ErrorKind;
use std::path::Path;

use super::account;
use crate::config::quoting::shell_quoted;
use crate::store::vault::VaultError;
use crate::store::{Error, ServerError};
use crate::trust::{Exposure, folder_of};

pub(super) const DISK_HELP: &str =
    "make room on it (df -h shows how much there is); what was not done is done by the next run";

const ROOM_HELP: &str = "make room on it (df -h shows how much there is) and type the command again; the mcf of before goes on with the database as it is";

pub(super) const DESCRIPTORS_HELP: &str =
    "let the process open more files: ulimit -n 1024, or LimitNOFILE=1024 in its unit; the next run goes on";

/// Returns what to type or change; `None` where nothing helps.
pub(super) fn help(error: &Error) -> Option<String> {
    if let Error::KeptBeside { source, .. } = error {
        return help(source);
    }
    let general = || error.is_unusable().then_some("mcf check");
    in_the_way(error)
        .or_else(|| from_a_copy(error))
        .or_else(|| in_words(error).or_else(general).map(str::to_owned))
}

/// What needs no path.
fn in_words(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::NotADatabase { .. } | Error::IsAFolder { .. } => "name another file with --db or [store] path",
        Error::Newer { .. } => "install the newest mcf; this one left the file as it is",
        Error::DiskFull { .. } => DISK_HELP,
        Error::NoRoomForCopy { .. } => ROOM_HELP,
        Error::NoDescriptors(_) => DESCRIPTORS_HELP,
        Error::Vault(VaultError::KeyMissing) => {
            "put the data key back that belongs to this database: BACKUP.key beside its backup"
        }
        Error::Vault(VaultError::OtherKey | VaultError::NotAKey) => {
            "give the one of this database (MCF_DATA_KEY, or [store] data_key_file): a backup of it has it beside it, cat BACKUP.key"
        }
        Error::Vault(VaultError::ChangedOutside) => {
            "mcf backup FILE; give the new key (openssl rand -base64 32) where the old one is given; mcf restore FILE --force seals all with it"
        }
        Error::Vault(VaultError::NotOpened { .. }) => {
            "see who wrote to the database: mcf status --verify-audit; the last backup has the value: mcf restore BACKUP --force"
        }
        Error::UnknownOrder { .. } => "mcf orders list",
        Error::Server(refusal) => of_server(refusal),
        Error::Forgetful { .. } => {
            "on the server: ALTER SYSTEM RESET synchronous_commit; ALTER SYSTEM RESET fsync; then restart it"
        }
        Error::NoKeyGiven => {
            "mcf init makes it on the first host; give every host the same one: MCF_DATA_KEY or [store] data_key_file"
        }
        Error::NotEmpty { .. } => "add --force: what is there stays under a dated name",
        Error::NothingThere { .. } => "name the file or the address and the schema that the shop lies in",
        Error::CarriedOtherwise { .. } | Error::HistoryNotCarried => {
            "end all that works on either database, then type the command again"
        }
        _ => return None,
    })
}

fn of_server(refusal: &ServerError) -> &'static str {
    match refusal {
        ServerError::Unreachable(_) => "try [store] url by itself: psql URL -c 'SELECT 1'; the next run goes on",
        ServerError::Lost(_) => "nothing is lost: what was begun is settled by the next run",
        ServerError::ReadOnly => "name the primary in [store] url, or all hosts with target_session_attrs=read-write",
        ServerError::Full => "make room on the server's disk; what was not done is done by the next run",
        ServerError::Busy => "SELECT pid, query FROM pg_stat_activity names it; the next run goes on",
        ServerError::LeaseLost => "mcf status shows how the runs end",
        ServerError::Refused(_) | ServerError::Broken => "the user of [store] url must own the schema; mcf check",
    }
}

/// What is gone or damaged comes back from a copy.
fn from_a_copy(error: &Error) -> Option<String> {
    Some(match error {
        Error::Lost { path, backup, .. } => match backup {
            Some(backup) => format!("mcf restore {} --db {} --force", quoted(backup), quoted(path)),
            None => format!(
                "mcf restore BACKUP --db {path} --force; without any backup: move {path}.* away, mcf init makes a fresh one",
                path = quoted(path)
            ),
        },
        Error::Damaged { path, .. } => format!(
            "put the last backup in its place: mcf restore BACKUP --db {} --force",
            quoted(path)
        ),
        Error::Vault(VaultError::Gone { path } | VaultError::Malformed { path, .. }) => {
            format!(
                "put the data key back: cp BACKUP.key {}; or give it: MCF_DATA_KEY, [store] data_key_file",
                quoted(path)
            )
        }
        _ => return None,
    })
}

/// Who or what keeps this user from the file.
fn in_the_way(error: &Error) -> Option<String> {
    Some(match error {
        Error::Exposed {
            exposure: Exposure::Foreign(owner),
            path,
        } => {
            format!(
                "{}; ls -ld {} shows whose it is",
                account::as_user(*owner),
                quoted(path)
            )
        }
        Error::Exposed { path, exposure } => exposure.help(&quoted(path)),
        Error::SecondName { path, .. } => format!(
            "keep one of the names that this prints, rm the others: find \"$(stat -c %m {0})\" -xdev -samefile {0}",
            quoted(path)
        ),
        Error::ReadOnly { path } => account::advice(path).unwrap_or_else(|| {
            format!(
                "let this user write the file and its folder; ls -ld {} shows who may",
                both(path)
            )
        }),
        Error::InUse { path } => format!(
            "end the program that fuser {} names; the next run goes on",
            quoted(path)
        ),
        Error::LogHeld { path, .. } => format!(
            "end the program that fuser {} names, then: mcf purge (or wait, the next poll does the rest)",
            quoted(path)
        ),
        Error::Open { path, source } => not_opened(path, source),
        Error::Vault(VaultError::File { path, .. }) => format!("look at ls -l {}", quoted(path)),
        Error::File { path, .. } => format!("name another file, or look at ls -ld {}", both(path)),
        _ => return None,
    })
}

fn not_opened(path: &Path, source: &std::io::Error) -> String {
    let folder = folder_of(path);
    if !folder.is_dir() {
        return format!(
            "mkdir -p {}, or name another file with --db or [store] path",
            quoted(folder)
        );
    }
    if source.kind() == ErrorKind::PermissionDenied {
        return account::advice(path).unwrap_or_else(|| format!("look at ls -ld {}", quoted(path)));
    }
    format!("look at ls -ld {}", both(path))
}

fn quoted(path: &Path) -> String {
    shell_quoted(&path.to_string_lossy())
}

/// A file and its folder.
fn both(path: &Path) -> String {
    format!("{} {}", quoted(path), quoted(folder_of(path)))
}
