//! Finds and reads the configuration file and files of single secrets.
//!
//! Must never read settings that somebody else could have written, nor secrets that everybody can read.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::duplicate;
use super::environment::Environment;
use super::error::{Error, Origin};
use crate::trust::{self, Exposure};

/// Far more than settings can need.
const SIZE_MAX: u64 = 1 << 20;

/// Where containers mount their secrets. The mode there is the platform's, and nobody else lives in the container.
const CONTAINER_SECRETS: &str = "/run/secrets";

/// The configuration file as it was read.
#[derive(Debug)]
pub(super) struct ConfigFile {
    pub path: PathBuf,
    text: String,
    readable: Option<Exposure>,
}

/// The outcome of the search for a configuration file.
#[derive(Debug)]
pub(super) struct Search {
    pub file: Option<ConfigFile>,
    /// Where it was looked for.
    pub tried: Vec<PathBuf>,
}

/// Finds the configuration file: the named one, which must exist, or the first that is there.
pub(super) fn find(environment: &Environment, named: Option<&Path>) -> Result<Search, Error> {
    let variable = environment.variable("MCF_CONFIG")?.map(Path::new);
    if let Some(path) = named.or(variable) {
        let path = environment.absolute(path);
        let file = ConfigFile::open(&path, environment.user_id)?.ok_or(Error::FileMissing { path })?;
        return Ok(Search {
            file: Some(file),
            tried: Vec::new(),
        });
    }
    let tried = environment.config_candidates()?;
    for path in &tried {
        let file = ConfigFile::open(path, environment.user_id)?;
        if file.is_some() {
            return Ok(Search { file, tried });
        }
    }
    Ok(Search { file: None, tried })
}

impl ConfigFile {
    fn open(path: &Path, user_id: Option<u32>) -> Result<Option<Self>, Error> {
        let Some(opened) = open(path)? else {
            return Ok(None);
        };
        opened.refuse_foreign_hands(user_id)?;
        Ok(Some(Self {
            path: path.to_owned(),
            readable: trust::of_secret(&opened.metadata),
            text: opened.text()?,
        }))
    }

    /// Parses the file. The parser's error keeps the whole text and is therefore not kept as a source.
    pub fn parse(&self) -> Result<DeTable<'_>, Error> {
        DeTable::parse(&self.text)
            .map(toml::Spanned::into_inner)
            .map_err(|error| self.broken(&error))
    }

    fn broken(&self, error: &toml::de::Error) -> Error {
        let span = error.span().unwrap_or_default();
        let origin = self.origin(span.clone());
        if error.message().starts_with("duplicate key") {
            let duplicate::Duplicate { name, first } = duplicate::find(&self.text, &span);
            return Error::Duplicate { origin, name, first };
        }
        Error::Syntax {
            origin,
            message: error.message().lines().next().unwrap_or("broken TOML").to_owned(),
        }
    }

    /// Returns the line and column where a part of the file begins.
    pub fn origin(&self, span: Range<usize>) -> Origin {
        let before = self.text.get(..span.start).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Origin::File {
            path: self.path.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// Refuses a file that everybody can read; asked as soon as a secret is seen in it.
    pub fn refuse_readable_by_others(&self) -> Result<(), Error> {
        refuse(self.readable, &self.path)
    }
}

/// Reads the file of one secret, which must exist and be private.
pub(super) fn read_secret(path: &Path, user_id: Option<u32>) -> Result<String, Error> {
    let opened = open(path)?.ok_or_else(|| Error::Unreadable {
        path: path.to_owned(),
        source: io::ErrorKind::NotFound.into(),
    })?;
    if !path.starts_with(CONTAINER_SECRETS) {
        opened.refuse_foreign_hands(user_id)?;
        refuse(trust::of_secret(&opened.metadata), path)?;
    }
    opened.text()
}

/// Reads a systemd credential, where there is one. Its folder is systemd's own.
pub(super) fn read_credential(environment: &Environment, name: &str) -> Result<Option<(PathBuf, String)>, Error> {
    let Some(folder) = environment.variable("CREDENTIALS_DIRECTORY")? else {
        return Ok(None);
    };
    let path = Path::new(folder).join(name);
    let text = open(&path)?.map(Opened::text).transpose()?;
    Ok(text.map(|text| (path, text)))
}

struct Opened<'a> {
    path: &'a Path,
    file: File,
    metadata: Metadata,
}

/// Opens a file; `None` where there is none.
fn open(path: &Path) -> Result<Option<Opened<'_>>, Error> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if is_absence(&error) => return Ok(None),
        Err(source) => return Err(unreadable(path, source)),
    };
    let metadata = file.metadata().map_err(|source| unreadable(path, source))?;
    if metadata.is_dir() {
        return Err(unreadable(path, io::ErrorKind::IsADirectory.into()));
    }
    Ok(Some(Opened { path, file, metadata }))
}

impl Opened<'_> {
    fn refuse_foreign_hands(&self, user_id: Option<u32>) -> Result<(), Error> {
        if let Some((link, exposure)) = trust::planted_link(self.path, user_id) {
            return refuse(Some(exposure), &link);
        }
        refuse(trust::of_file(&self.metadata, user_id), self.path)?;
        self.refuse_writable_folder()
    }

    fn refuse_writable_folder(&self) -> Result<(), Error> {
        let real = self
            .path
            .canonicalize()
            .map_err(|source| unreadable(self.path, source))?;
        let Some(folder) = real.parent() else {
            return Ok(());
        };
        let metadata = folder.metadata().map_err(|source| unreadable(folder, source))?;
        refuse(trust::of_folder(&metadata), folder)
    }

    fn text(self) -> Result<String, Error> {
        let mut bytes = Vec::new();
        self.file
            .take(SIZE_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| unreadable(self.path, source))?;
        if bytes.len() as u64 > SIZE_MAX {
            return Err(Error::TooLarge {
                path: self.path.to_owned(),
                max: SIZE_MAX,
            });
        }
        String::from_utf8(bytes).map_err(|error| Error::NotUtf8 {
            path: self.path.to_owned(),
            line: line_of(error.as_bytes(), error.utf8_error().valid_up_to()),
        })
    }
}

fn line_of(bytes: &[u8], position: usize) -> usize {
    bytes.iter().take(position).filter(|byte| **byte == b'\n').count() + 1
}

fn is_absence(error: &io::Error) -> bool {
    [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind())
}

fn unreadable(path: &Path, source: io::Error) -> Error {
    Error::Unreadable {
        path: path.to_owned(),
        source,
    }
}

fn refuse(exposure: Option<Exposure>, path: &Path) -> Result<(), Error> {
    exposure.map_or(Ok(()), |exposure| {
        Err(Error::Exposed {
            path: path.to_owned(),
            exposure,
        })
    })
}
