//! Files that a command writes for the operator: whole or not at all, and never through a link that somebody else planted.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::cli::store_help::folder_of;
use crate::cli::{Exit, Failure};
use crate::config::quoting::shell_quoted;
use crate::trust;

/// Where the names of streams lie, such as `/dev/stdout`: links by which the system leads to what is open.
const STREAMS: [&str; 2] = ["/dev", "/proc"];

/// How many bytes of a file tell whose it is.
const BEGINNING: u64 = 4_096;

/// Refuses a file that is there, unless it may be replaced (A8). What is no file, such as `/dev/stdout`, may be written to.
pub fn refuse_existing(path: &Path, force: bool) -> Result<(), Failure> {
    if force || !path.is_file() || is_stream(path) {
        return Ok(());
    }
    Err(exists(path))
}

/// Says that a file is there.
pub fn exists(path: &Path) -> Failure {
    Failure::usage(
        format!("{} exists already", path.display()),
        "name another file, or add --force to replace it",
    )
}

/// Writes a file that others may read under another name, then renames it, so that nobody ever reads half of it.
pub fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    write_whole_by(path, |output| Ok::<_, Failure>(output.write_all(text.as_bytes())))
}

/// Writes such a file piece by piece, so that its text need not be in memory as a whole.
pub fn write_whole_by<T, E: Into<Failure>>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<io::Result<T>, E>,
) -> Result<T, Failure> {
    if is_stream(path) {
        let opened = OpenOptions::new().append(true).open(path);
        let mut stream = BufWriter::new(opened.map_err(|error| unwritable(path, error))?);
        let written = write(&mut stream).map_err(Into::into)?;
        return written
            .and_then(|value| stream.flush().map(|()| value))
            .map_err(|error| unwritable(path, error));
    }
    let path = real_target(path)?;
    let folder = folder_of(&path);
    if !folder.is_dir() {
        return Err(no_folder(&path, folder));
    }
    replace(&path, 0o644, write)
}

/// Returns how the file begins that writing whole would replace; `None` where there is none, or a stream.
pub fn beginning(path: &Path) -> Result<Option<String>, Failure> {
    if !path.exists() || is_stream(path) {
        return Ok(None);
    }
    let target = real_target(path)?;
    let mut bytes = Vec::new();
    // What can't be read is nothing that this program wrote.
    let opened = fs::File::open(&target).map(|file| file.take(BEGINNING));
    let _ = opened.and_then(|mut file| file.read_to_end(&mut bytes));
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// A stream may be redirected to a file; it is written to and never renamed away.
fn is_stream(path: &Path) -> bool {
    let is_named_stream = path.is_symlink() && STREAMS.iter().any(|folder| path.starts_with(folder));
    path.exists() && (!path.is_file() || is_named_stream)
}

/// Returns where a file lies whose name is a link of this user's. A link of somebody else in a folder open to all leads where that
/// one wants (E177), a link that leads nowhere is not replaced in silence.
fn real_target(path: &Path) -> Result<PathBuf, Failure> {
    if let Some((link, exposure)) = trust::planted_link(path, trust::this_user()) {
        let help = exposure.help(&shell_quoted(&link.to_string_lossy()));
        return Err(Failure::unusable(format!("{} {exposure}", link.display()), help));
    }
    if !path.is_symlink() {
        return Ok(path.to_owned());
    }
    fs::canonicalize(path).map_err(|_| {
        Failure::unusable(
            format!("{} is a link that leads nowhere", path.display()),
            format!("rm {}", shell_quoted(&path.to_string_lossy())),
        )
    })
}

fn replace<T, E: Into<Failure>>(
    path: &Path,
    mode: u32,
    write: impl FnOnce(&mut dyn Write) -> Result<io::Result<T>, E>,
) -> Result<T, Failure> {
    let failed = |error| unwritable(path, error);
    let mut file = BufWriter::new(tempfile::NamedTempFile::new_in(folder_of(path)).map_err(failed)?);
    let value = write(&mut file).map_err(Into::into)?.map_err(failed)?;
    let written = file
        .into_inner()
        .map_err(io::IntoInnerError::into_error)
        .and_then(|file| {
            file.as_file().set_permissions(Permissions::from_mode(mode))?;
            file.as_file().sync_all()?;
            Ok(file.persist(path)?)
        });
    written.map(|_| value).map_err(failed)
}

/// A named file that can't be written is not the program's fault.
fn unwritable(path: &Path, error: io::Error) -> Failure {
    let failure = Failure::from(anyhow::Error::from(error).context(format!("can't write {}", path.display())));
    let folder = shell_quoted(&folder_of(path).to_string_lossy());
    Failure {
        help: failure
            .help
            .or_else(|| Some(format!("name another file, or look at ls -ld {folder}"))),
        exit: Exit::Unusable,
        ..failure
    }
}

/// Says that a file can't lie where it was wanted (A15).
fn no_folder(path: &Path, folder: &Path) -> Failure {
    let text = folder.to_string_lossy();
    Failure::unusable(
        format!("can't write {}: there is no folder {text}", path.display()),
        format!("mkdir -p {}", shell_quoted(&text)),
    )
}

/// Reads a file that was named.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure {
        help: Some(format!(
            "check the path: ls -l {}",
            shell_quoted(&path.to_string_lossy())
        )),
        exit: Exit::Unusable,
        ..Failure::from(anyhow::Error::from(error).context(format!("can't read {}", path.display())))
    })
}

/// Copies a file for its owner alone to a name that nothing has.
pub fn copy_private(from: &Path, to: &Path) -> Result<(), Failure> {
    let bytes = fs::read(from).with_context(|| format!("can't read {}", from.display()))?;
    write_private(to, bytes)
}

/// Writes a file for its owner alone, whole, making its folder where there is none.
pub fn write_private(path: &Path, text: impl AsRef<[u8]>) -> Result<(), Failure> {
    let path = real_target(path)?;
    let folder = folder_of(&path);
    fs::create_dir_all(folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
    replace(&path, 0o600, |output| Ok::<_, Failure>(output.write_all(text.as_ref())))
}
