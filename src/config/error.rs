//! What can be wrong with settings, where it was found, and what to do about it.
//!
//! Must never hold the value of a setting: it may be a credential that stands under the wrong key.

use std::fmt;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::quoting::shell_quoted;
use super::region::Region;
use crate::trust::Exposure;

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

/// What is wrong with a single value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// A number beyond its limits.
    #[error("must be from {min} to {max}")]
    OutOfRange {
        /// The least allowed value.
        min: u32,
        /// The greatest allowed value.
        max: u32,
    },
    /// Text where a number is expected (environment variables are always text).
    #[error("must be a whole number")]
    NotANumber,
    /// A word that is none of the allowed ones.
    #[error("must be one of {}", allowed.join(", "))]
    NotOneOf {
        /// The allowed words.
        allowed: &'static [&'static str],
    },
    /// Nothing where something is needed.
    #[error("is missing")]
    Missing,
    /// Text over its limit.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The limit, in characters.
        max: usize,
    },
    /// Line breaks, tabs and other control characters.
    #[error("must not hold control characters")]
    ControlCharacters,
    /// `changeme` and its like.
    #[error("is a placeholder, not a real value")]
    Placeholder,
    /// A space or a line break inside a credential.
    #[error("has white space inside")]
    InnerWhitespace,
    /// Not a URL with a host.
    #[error("is not an absolute URL")]
    NotAUrl,
    /// Plain HTTP to another machine.
    #[error("must begin with https:// (http is allowed on loopback only)")]
    InsecureUrl,
    /// `https://user:password@…`.
    #[error("must not carry a user or a password")]
    UserInUrl,
    /// A `?` or `#` part in a base URL.
    #[error("must not carry a query or a fragment")]
    QueryInUrl,
    /// More entries than a list may have.
    #[error("must have at most {max} entries")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// Two forms of the same setting.
    #[error("can't be set beside `{other}`")]
    Beside {
        /// The other form.
        other: &'static str,
    },
    /// An address that serves machine credentials, or that no endpoint can have.
    #[error("points to a link-local, metadata or unspecified address")]
    ForbiddenAddress,
    /// An address of a private network.
    #[error("lies in a private network")]
    PrivateAddress,
    /// A webhook secret that is not `whsec_` and base64.
    #[error("must be `whsec_` followed by base64")]
    SigningSecretUnreadable,
    /// A webhook secret of too few bytes.
    #[error("must hold at least {min} bytes before base64")]
    SigningSecretShort {
        /// The least number of bytes.
        min: usize,
    },
    /// Not one of Amazon's regions.
    #[error("must be na, eu or fe (us-east-1, eu-west-1 and us-west-2 are understood); {marketplace}")]
    NotARegion {
        /// The marketplace, which shows the right region.
        marketplace: MarketplaceNote,
    },
    /// A marketplace that the region's host doesn't serve.
    #[error("is `{given}`, but {marketplace}")]
    RegionMismatch {
        /// The region in the settings.
        given: Region,
        /// The marketplace, which shows the right region.
        marketplace: MarketplaceNote,
    },
    /// Buyer data kept for too long.
    #[error(
        "must be from 1 to {max}: Amazon's Data Protection Policy lets buyer data be kept for {max} days after delivery"
    )]
    RetentionTooLong {
        /// The most days allowed.
        max: u32,
    },
    /// An instant that is not RFC 3339.
    #[error("must be an instant such as 2026-01-05T12:00:00Z")]
    NotAnInstant,
}

/// What is known about a marketplace and its region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketplaceNote {
    /// Amazon's marketplace id.
    pub id: String,
    /// Its country and region, where this program knows them.
    pub place: Option<(&'static str, Region)>,
}

impl fmt::Display for MarketplaceNote {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((country, region)) => {
                write!(formatter, "marketplace {} ({country}) is in region `{region}`", self.id)
            }
            None => write!(formatter, "marketplace {} is not known to this program", self.id),
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
            Self::Value { key, problem, .. } => value_help(key, problem),
            Self::BothGiven { key, .. } => format!("remove `{key}` or `{key}_file`"),
            Self::NotUnicode { variable } => format!("run `unset {variable}`, or set it again as UTF-8"),
            Self::NothingNamed { .. } => {
                "name it with --config FILE, go to its folder, or run `mcf init` to write one here".to_owned()
            }
            Self::CredentialsMissing { file: Some(file), .. } => {
                format!(
                    "set them in {}, or as the environment variables in brackets",
                    file.display()
                )
            }
            Self::CredentialsMissing { file: None, .. } => {
                "run `mcf init` to write a configuration file, or set the environment variables in brackets".to_owned()
            }
        }
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

fn value_help(key: &str, problem: &Problem) -> String {
    match problem {
        Problem::NotARegion { marketplace } | Problem::RegionMismatch { marketplace, .. } => match marketplace.place {
            Some((_, region)) => format!("set region = \"{region}\", or another marketplace_id"),
            None => "set region = \"na\", \"eu\" or \"fe\"".to_owned(),
        },
        Problem::Placeholder | Problem::InnerWhitespace => {
            format!("copy `{key}` again from the vendor's console, in one piece")
        }
        Problem::SigningSecretUnreadable | Problem::SigningSecretShort { .. } => {
            "make one with `echo \"whsec_$(openssl rand -base64 32)\"` and give it to the receiver, too".to_owned()
        }
        Problem::UserInUrl => format!("remove the part before @ from `{key}`; deliveries are signed with `secret`"),
        Problem::NotAUrl | Problem::InsecureUrl | Problem::QueryInUrl | Problem::ForbiddenAddress => {
            format!("write `{key}` as https://HOST/PATH")
        }
        Problem::PrivateAddress => {
            "set allow_private = true beside it if that is meant, or name another host".to_owned()
        }
        Problem::Missing => format!("set `{key}`, or remove the part that it stands in"),
        Problem::Beside { other } => format!("remove `{key}` or `{other}`"),
        Problem::NotAnInstant => format!("write it so, or: unset {key}"),
        Problem::OutOfRange { .. }
        | Problem::NotANumber
        | Problem::NotOneOf { .. }
        | Problem::TooLong { .. }
        | Problem::TooMany { .. }
        | Problem::ControlCharacters
        | Problem::RetentionTooLong { .. } => {
            format!("correct `{key}`, or remove it for its default; config.example.toml shows both")
        }
    }
}
