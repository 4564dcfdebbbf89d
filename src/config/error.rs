//! What can be wrong with settings, where it was found, and what to do about it.
//!
//! Must never hold the value of a setting: it may be a credential that stands under the wrong key.

use std::fmt;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::quoting::shell_quoted;
use crate::trust::Exposure;

mod problem;

pub use problem::{MarketplaceNote, Problem};

/// Where a value was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A place in the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The character in the line, counted from 1.
        column: usize,
    },
    /// An environment variable.
    Variable(String),
    /// A file that holds one secret.
    SecretFile(PathBuf),
    /// The default of the program.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, column } => write!(formatter, "{}:{line}:{column}", path.display()),
            Self::Variable(name) => write!(formatter, "environment variable {name}"),
            Self::SecretFile(path) => write!(formatter, "{}", path.display()),
            Self::Default => formatter.write_str("built-in default"),
        }
    }
}

/// What an unknown key was meant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// A key of these other tables.
    Elsewhere(Vec<&'static str>),
    /// The most similar key of its table.
    Nearest(&'static str),
    /// No key that is known.
    Nothing,
}

impl fmt::Display for Meant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere(tables) => write!(formatter, "; it belongs to {}", tables.join(" or ")),
            Self::Nearest(key) => write!(formatter, ", did you mean `{key}`?"),
            Self::Nothing => Ok(()),
        }
    }
}

/// A setting that a vendor's client cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingKey {
    /// The key in the file, e.g. `tiktok.app_key`.
    pub key: &'static str,
    /// The environment variable.
    pub variable: &'static str,
}

/// Settings that cannot be used.
#[derive(Debug, Error)]
pub enum Error {
    /// The file named by `--config` or `MCF_CONFIG` is not there.
    #[error("{}: no such configuration file", path.display())]
    FileMissing {
        /// The file.
        path: PathBuf,
    },
    /// A file or folder is there and cannot be read.
    #[error("{}: cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is larger than any of its kind.
    #[error("{}: larger than {max} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit, in bytes.
        max: u64,
    },
    /// Bytes that are not UTF-8.
    #[error("{}:{line}: not UTF-8 text", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The first bad line, counted from 1.
        line: usize,
    },
    /// Others can read or change the file.
    #[error("{} {exposure}", path.display())]
    Exposed {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        exposure: Exposure,
    },
    /// Broken TOML.
    #[error("{origin}: {message}")]
    Syntax {
        /// Where.
        origin: Origin,
        /// The parser's words, which never quote the file.
        message: String,
    },
    /// The same key or table twice.
    #[error("{origin}: {} stands twice{}", name.as_deref().unwrap_or("a key"), first_line(*first))]
    Duplicate {
        /// Where it stands the second time.
        origin: Origin,
        /// `` `tiktok.app_key` `` or `[tiktok]`, where it is a word of ours; any other text of the file may be a secret.
        name: Option<String>,
        /// The line where it stands the first time, counted from 1.
        first: Option<usize>,
    },
    /// A key that does not exist.
    #[error("{origin}: unknown key `{key}` in {section}{meant}")]
    UnknownKey {
        /// Where.
        origin: Origin,
        /// The section, as in the file.
        section: String,
        /// The key.
        key: String,
        /// What was meant.
        meant: Meant,
    },
    /// A file that a key names, and that can't be used.
    #[error("{origin}: `{key}`: {source}")]
    NamedFile {
        /// Where the file is named.
        origin: Origin,
        /// The key with its section.
        key: String,
        /// What is wrong with the file.
        source: Box<Error>,
    },
    /// Nothing in a file.
    #[error("{}: is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A value of another type.
    #[error("{origin}: `{key}` must be {expected}, found {found}")]
    WrongType {
        /// Where.
        origin: Origin,
        /// The key with its section.
        key: String,
        /// The right type, with article.
        expected: &'static str,
        /// The type in the file.
        found: &'static str,
    },
    /// A value that cannot be.
    #[error("{origin}: `{key}` {problem}")]
    Value {
        /// Where.
        origin: Origin,
        /// The key with its section.
        key: String,
        /// What is wrong.
        problem: Problem,
    },
    /// A secret and the file of the same secret.
    #[error("{origin}: `{key}` and `{key}_file` are both set")]
    BothGiven {
        /// Where the file is named.
        origin: Origin,
        /// The key with its section.
        key: String,
    },
    /// An environment variable that is not text.
    #[error("environment variable {variable}: not UTF-8 text")]
    NotUnicode {
        /// The variable.
        variable: String,
    },
    /// Nothing says which shop and which database are meant.
    #[error(
        "there is no configuration: none at {}; MCF_DB and --db name no database, and not set are {}",
        path_list(tried),
        key_list(missing)
    )]
    NothingNamed {
        /// Where a file was looked for.
        tried: Vec<PathBuf>,
        /// The variables that would do without a file and are not set.
        missing: Vec<MissingKey>,
    },
    /// Settings that a vendor's client needs.
    #[error("{vendor} credentials are missing: {}{}", key_list(missing), searched(tried))]
    CredentialsMissing {
        /// `TikTok` or `Amazon`.
        vendor: &'static str,
        /// Every missing key.
        missing: Vec<MissingKey>,
        /// The file that was read, if any.
        file: Option<PathBuf>,
        /// Where a file was looked for, when none was found.
        tried: Vec<PathBuf>,
    },
}

impl Error {
    /// Returns the settings that are missing, where that is the trouble.
    pub(super) fn missing_keys(self) -> Vec<MissingKey> {
        match self {
            Self::CredentialsMissing { missing, .. } => missing,
            _ => Vec::new(),
        }
    }

    /// Returns one line with a command to paste or the key to set.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::FileMissing { path } => format!(
                "run `mcf init --config {}` to write one, or name another with --config",
                shell_quoted(&path.to_string_lossy())
            ),
            Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::IsADirectory => {
                "name a file, not a folder".to_owned()
            }
            Self::Unreadable { path, .. } => {
                format!("look at `ls -ld {}`", shell_quoted(&path.to_string_lossy()))
            }
            Self::TooLarge { .. } => "name the right file; settings and secrets are small".to_owned(),
            Self::NotUtf8 { .. } => "save the file as UTF-8".to_owned(),
            Self::Exposed { path, exposure } => exposure.help(&shell_quoted(&path.to_string_lossy())),
            Self::Syntax { .. } => "write text in quotes, one `key = value` a line; see config.example.toml".to_owned(),
            Self::Duplicate { name, .. } if name.as_deref().is_some_and(|name| name.starts_with('[')) => {
                "put the keys of both under one of them".to_owned()
            }
            Self::Duplicate { .. } => "keep one of the two lines".to_owned(),
            Self::NamedFile { key, source, .. } => match source.as_ref() {
                Self::Empty { path } => named_file_help(path, key),
                Self::Unreadable { path, source } if source.kind() == io::ErrorKind::NotFound => {
                    named_file_help(path, key)
                }
                source => source.help(),
            },
            Self::Empty { path } => named_file_help(path, "the key that names it"),
            Self::UnknownKey { key, meant, .. } => match meant {
                Meant::Elsewhere(tables) => format!("move `{key}` below {}", tables.join(" or ")),
                Meant::Nearest(nearest) => format!("write `{nearest}` in place of `{key}`, or remove it"),
                Meant::Nothing => "see config.example.toml for every key, or remove it".to_owned(),
            },
            Self::WrongType { key, expected, .. } => format!("give `{key}` {expected}; see config.example.toml"),
            Self::Value { key, problem, .. } => problem.help(key),
            Self::BothGiven { key, .. } => format!("remove `{key}` or `{key}_file`"),
            Self::NotUnicode { variable } => format!("run `unset {variable}`, or set it again as UTF-8"),
            Self::NothingNamed { .. } => {
                "name it with --config FILE, go to its folder, or run `mcf init` to write one here".to_owned()
            }
            Self::CredentialsMissing {
                file: Some(file),
                vendor,
                missing,
                ..
            } => format!(
                "set them in {}, or as the environment variables in brackets{}",
                file.display(),
                consent_help(vendor, missing)
            ),
            Self::CredentialsMissing { file: None, .. } => {
                "run `mcf init` to write a configuration file, or set the environment variables in brackets".to_owned()
            }
        }
    }
}

/// A token is not written by hand.
fn consent_help(vendor: &str, missing: &[MissingKey]) -> String {
    let is_token = |missing: &MissingKey| missing.key.ends_with("refresh_token");
    if missing.iter().any(is_token) {
        format!("; the token comes from mcf auth {}", vendor.to_lowercase())
    } else {
        String::new()
    }
}

fn first_line(first: Option<usize>) -> String {
    first.map_or_else(String::new, |line| format!(", first on line {line}"))
}

fn named_file_help(path: &std::path::Path, key: &str) -> String {
    let path = shell_quoted(&path.to_string_lossy());
    format!("write the secret alone into {path} (chmod 600), or correct {key}; look at `ls -ld {path}`")
}

fn key_list(missing: &[MissingKey]) -> String {
    let names: Vec<String> = missing
        .iter()
        .map(|missing| format!("{} ({})", missing.key, missing.variable))
        .collect();
    names.join(", ")
}

fn searched(tried: &[PathBuf]) -> String {
    if tried.is_empty() {
        return String::new();
    }
    format!("; no configuration file at {}", path_list(tried))
}

fn path_list(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    paths.join(", ")
}
