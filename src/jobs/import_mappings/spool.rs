//! One consistent copy of the bytes, with their checksum.

use std::fmt::Write as _;
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use url::Url;

use super::{FILE_BYTES_MAX, ImportError, Source, download};
use crate::transport::Sender;

/// A copy in a temporary file that vanishes with it.
pub(super) struct Spool {
    /// The bytes, from the first on.
    pub copy: File,
    /// Their SHA-256, in hexadecimal.
    pub sha256: String,
    /// The file's name, which may tell its format.
    pub name: Option<String>,
    /// Path or address, without query string and credentials.
    pub source: String,
}

/// A copy that tells how far it is read.
struct Watched<'a> {
    copy: &'a File,
    done: u64,
    total: u64,
    progress: &'a dyn Fn(u64, u64),
}

impl Read for Watched<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.copy.read(bytes)?;
        self.done += count as u64;
        (self.progress)(self.done, self.total);
        Ok(count)
    }
}

impl Spool {
    /// Returns the bytes, telling how many are read, of how many.
    pub(super) fn watched<'a>(&'a self, progress: &'a dyn Fn(u64, u64)) -> impl Read + 'a {
        Watched {
            copy: &self.copy,
            done: 0,
            total: self.copy.metadata().map_or(0, |metadata| metadata.len()),
            progress,
        }
    }

    /// Copies the whole source.
    pub(super) fn of(source: Source<'_>) -> Result<Self, ImportError> {
        match source {
            Source::File(path) => Self::of_file(path),
            Source::Stdin(input) => {
                let (copy, sha256) = copy(input, "standard input")?;
                Ok(Self {
                    copy,
                    sha256,
                    name: None,
                    source: "standard input".to_owned(),
                })
            }
            Source::Url(url, sender) => Self::of_url(url, sender),
        }
    }

    fn of_file(path: &Path) -> Result<Self, ImportError> {
        let source = path.display().to_string();
        let (copy, sha256) = copy_unchanged(path, |file| copy(file, &source))?;
        Ok(Self {
            copy,
            sha256,
            name: path.file_name().map(|name| name.to_string_lossy().into_owned()),
            source,
        })
    }

    fn of_url(url: &Url, sender: &Sender) -> Result<Self, ImportError> {
        let bytes = download::fetch(url, sender)?;
        let source = format!("{}{}", download::host(url), url.path());
        let (copy, sha256) = copy(bytes.as_slice(), &source)?;
        Ok(Self {
            copy,
            sha256,
            name: url
                .path_segments()
                .and_then(|mut names| names.next_back().map(str::to_owned)),
            source,
        })
    }
}

/// Copies a file and makes sure that nobody wrote to it meanwhile. A pipe has neither length nor past: it is taken as it comes.
pub(super) fn copy_unchanged<T>(
    path: &Path,
    copy: impl FnOnce(&File) -> Result<T, ImportError>,
) -> Result<T, ImportError> {
    let unreadable = |source| ImportError::Read {
        what: path.display().to_string(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    let before = file.metadata().map_err(unreadable)?;
    if before.is_dir() {
        return Err(ImportError::IsAFolder(path.to_owned()));
    }
    let copied = copy(&file)?;
    let after = file.metadata().map_err(unreadable)?;
    if before.is_file() && state(&before) != state(&after) {
        return Err(ImportError::FileChanged(path.to_owned()));
    }
    Ok(copied)
}

fn state(metadata: &Metadata) -> (u64, Option<std::time::SystemTime>) {
    (metadata.len(), metadata.modified().ok())
}

fn copy(mut input: impl Read, what: &str) -> Result<(File, String), ImportError> {
    let unreadable = |source| ImportError::Read {
        what: what.to_owned(),
        source,
    };
    let mut copy = tempfile::tempfile().map_err(ImportError::Temporary)?;
    let mut digest = Sha256::new();
    let mut length = 0;
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let count = match input.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(error)),
        };
        digest.update(&chunk[..count]);
        copy.write_all(&chunk[..count]).map_err(ImportError::Temporary)?;
        length += count as u64;
        if length > FILE_BYTES_MAX {
            return Err(ImportError::TooLarge { what: what.to_owned() });
        }
    }
    copy.rewind().map_err(ImportError::Temporary)?;
    Ok((copy, hexadecimal(&digest.finalize())))
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
