//! Files that a command writes for the operator: whole or not at all, never through a link nor over a disk, and nothing that this
//! program did not write is replaced without a question.

use std::fs::{self, File, FileType, OpenOptions, Permissions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

use anyhow::Context as _;

use crate::cli::ask::agreed;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::config::quoting::shell_quoted;
use crate::draft;
use crate::trust::{self, folder_of};

/// Where the names of streams lie, such as `/dev/stdout`: links by which the system leads to what is open. Below `/dev/shm` lie files.
const STREAMS: [&str; 2] = ["/dev", "/dev/fd"];
const OPEN_FILES: &str = "/proc";

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

/// What a command writes again and again to one file.
pub struct Kind {
    /// What it is, e.g. `report`.
    pub name: &'static str,
    /// The command that writes it, with its file left out.
    pub command: &'static str,
    /// Tells whether a file that begins so is an earlier one.
    pub is_ours: fn(&str) -> bool,
}

/// What the command wrote before is replaced by each run; anything else is somebody's work.
pub fn ask_before_replacing(context: &Context, path: &Path, kind: &Kind, yes: bool) -> Result<(), Failure> {
    match beginning(path)? {
        Some(beginning) if !(kind.is_ours)(&beginning) => {
            let what = format!("{} is no {} and would be replaced", path.display(), kind.name);
            let command = format!("{} {}", kind.command, shell_quoted(&path.to_string_lossy()));
            agreed(context, yes, &what, &command)
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns how the file begins that writing whole would replace; `None` where there is none, or a stream.
fn beginning(path: &Path) -> Result<Option<String>, Failure> {
    refuse_what_is_no_file(path)?;
    if !path.exists() || is_stream(path) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    // What can't be read is nothing that this program wrote.
    let read = File::open(path).and_then(|file| file.take(BEGINNING).read_to_end(&mut bytes));
    let is_known = read.is_ok();
    let beginning = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Some(if is_known { beginning } else { "?".to_owned() }))
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
    refuse_what_is_no_file(path)?;
    if is_stream(path) {
        let opened = OpenOptions::new().append(true).open(path);
        let mut stream = BufWriter::new(opened.map_err(|error| unwritable(path, error))?);
        let written = write(&mut stream).map_err(Into::into)?;
        return written
            .and_then(|value| stream.flush().map(|()| value))
            .map_err(|error| unwritable(path, error));
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(no_folder(path, folder));
    }
    replace(path, 0o644, write)
}

/// A stream may be redirected to a file; it is written to and never renamed away.
fn is_stream(path: &Path) -> bool {
    path.exists() && (!path.is_file() || is_named_stream(path))
}

fn is_named_stream(path: &Path) -> bool {
    let is_in = |folder: &&str| path.parent().is_some_and(|parent| parent == Path::new(folder));
    path.is_symlink() && (STREAMS.iter().any(is_in) || path.starts_with(OPEN_FILES))
}

/// Where a link leads is not what was named: it may be another's choice (E177), or a unit that was switched off by `/dev/null`. A disk
/// that is named by mistake would lose what is on it.
fn refuse_what_is_no_file(path: &Path) -> Result<(), Failure> {
    if let Some((link, exposure)) = trust::planted_link(path, trust::this_user()) {
        let help = exposure.help(&shell_quoted(&link.to_string_lossy()));
        return Err(Failure::unusable(format!("{} {exposure}", link.display()), help));
    }
    let Ok(found) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    let is = |kind: fn(&FileType) -> bool| kind(&found.file_type());
    let quoted = shell_quoted(&path.to_string_lossy());
    if is(FileTypeExt::is_block_device) {
        let message = format!("{} is a disk or another device of blocks, no file", path.display());
        return Err(Failure::unusable(
            message,
            format!("name a file; ls -l {quoted} shows what this is"),
        ));
    }
    if !is(FileType::is_symlink) || is_named_stream(path) {
        return Ok(());
    }
    let link = path.display();
    Err(match fs::canonicalize(path) {
        Ok(target) => Failure::unusable(
            format!(
                "{link} is a link to {}, and nothing is written through links",
                target.display()
            ),
            format!("name the file itself: {}", shell_quoted(&target.to_string_lossy())),
        ),
        Err(_) => Failure::unusable(format!("{link} is a link that leads nowhere"), format!("rm {quoted}")),
    })
}

fn replace<T, E: Into<Failure>>(
    path: &Path,
    mode: u32,
    write: impl FnOnce(&mut dyn Write) -> Result<io::Result<T>, E>,
) -> Result<T, Failure> {
    let failed = |error| unwritable(path, error);
    let mut file = BufWriter::new(draft::draft_in(folder_of(path)).map_err(failed)?);
    let value = write(&mut file).map_err(Into::into)?.map_err(failed)?;
    let written = file
        .into_inner()
        .map_err(io::IntoInnerError::into_error)
        .and_then(|file| {
            file.as_file().set_permissions(Permissions::from_mode(mode))?;
            file.as_file().sync_all()?;
            draft::place(file, path)
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
    refuse_what_is_no_file(path)?;
    let folder = folder_of(path);
    fs::create_dir_all(folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
    replace(path, 0o600, |output| Ok::<_, Failure>(output.write_all(text.as_ref())))
}
