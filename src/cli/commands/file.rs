//! Files that a command writes for the operator: whole or not at all.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context as _;

use crate::cli::Failure;
use crate::cli::failure::folder_of;
use crate::config::quoting::shell_quoted;

/// Refuses a file that is there, unless it may be replaced (A8). What is no file, such as `/dev/stdout`, may be written to.
pub fn refuse_existing(path: &Path, force: bool) -> Result<(), Failure> {
    if force || !path.is_file() {
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
    let failed = || format!("can't write {}", path.display());
    if path.exists() && !path.is_file() {
        return Ok(fs::write(path, text).with_context(failed)?);
    }
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = folder_of(&path);
    if !folder.is_dir() {
        return Err(no_folder(&path, folder));
    }
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(failed)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.as_file().set_permissions(Permissions::from_mode(0o644)))
        .and_then(|()| file.as_file().sync_all())
        .with_context(failed)?;
    file.persist(&path).with_context(failed)?;
    Ok(())
}

/// Says that a file can't lie where it was wanted (A15).
fn no_folder(path: &Path, folder: &Path) -> Failure {
    let text = folder.to_string_lossy();
    Failure::unusable(
        format!("can't write {}: there is no folder {text}", path.display()),
        format!("mkdir -p {}", shell_quoted(&text)),
    )
}

/// Copies a file for its owner alone to a name that nothing has.
pub fn copy_private(from: &Path, to: &Path) -> Result<(), Failure> {
    let bytes = fs::read(from).with_context(|| format!("can't read {}", from.display()))?;
    write_private(to, bytes)
}

/// Writes a file for its owner alone, whole, making its folder where there is none.
pub fn write_private(path: &Path, text: impl AsRef<[u8]>) -> Result<(), Failure> {
    let failed = || format!("can't write {}", path.display());
    let folder = folder_of(path);
    fs::create_dir_all(folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(failed)?;
    file.write_all(text.as_ref())
        .and_then(|()| file.as_file().sync_all())
        .with_context(failed)?;
    file.persist(path).with_context(failed)?;
    Ok(())
}
