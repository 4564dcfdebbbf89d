//! `mcf backup <FILE>`: one copy, or a folder of dated ones.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::{answer, file};
use crate::cli::arguments::Backup;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::config::quoting::shell_quoted;
use crate::report::SCHEMA;
use crate::store::vault::key_path;
use crate::store::{ChainEnd, Error};

/// What the name of a dated copy begins with.
const PREFIX: &str = "mcf-";

pub fn run(context: &Context, arguments: &Backup) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let is_folder = arguments.file.is_dir();
    let names_a_folder = arguments.keep.is_some() || arguments.file.as_os_str().as_encoded_bytes().ends_with(b"/");
    if names_a_folder && !is_folder {
        let folder = shell_quoted(&arguments.file.to_string_lossy());
        let message = format!("{} is no folder", arguments.file.display());
        return Err(Failure::unusable(message, format!("mkdir -p {folder}")));
    }
    let to = &if is_folder {
        dated(&arguments.file, context.now())
    } else {
        arguments.file.clone()
    };
    let made = if arguments.dry_run {
        store.check_backup(to, arguments.force).map(|()| None)
    } else {
        let progress = context.output.progress("copying the database");
        let copied = store.backup_watched(to, arguments.force, context.now(), &|done, total| {
            progress.at(done, total)
        });
        copied.map(Some)
    };
    let end = made.map_err(|error| refused(error, "name another file for the copy"))?;
    let removed = match arguments.keep {
        Some(count) => old_copies(&arguments.file, to, count)?,
        None => Vec::new(),
    };
    if !arguments.dry_run {
        remove(&removed)?;
    }
    tell(context, end.as_ref(), to, &removed);
    Ok(Exit::Done)
}

/// Returns a name of the day that nothing has yet.
fn dated(folder: &Path, now: DateTime<Utc>) -> PathBuf {
    let day = now.format("%Y-%m-%d");
    let first = folder.join(format!("{PREFIX}{day}.db"));
    let more = (2..).map(|count| folder.join(format!("{PREFIX}{day}.{count}.db")));
    let mut names = std::iter::once(first.clone()).chain(more);
    names.find(|name| !name.exists()).unwrap_or(first)
}

/// Returns the dated copies beyond the newest so many; the new one counts, whether it is there yet or not.
fn old_copies(folder: &Path, new: &Path, count: u32) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))?;
    let mut copies: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path != new && copy_order(path).is_some())
        .collect();
    copies.sort_by_key(|path| std::cmp::Reverse(copy_order(path)));
    Ok(copies.into_iter().skip(count as usize - 1).collect())
}

/// Returns the day of a dated copy and its number on that day; `None` for any other file.
fn copy_order(path: &Path) -> Option<(NaiveDate, u32)> {
    let name = path.file_name()?.to_str()?.strip_prefix(PREFIX)?.strip_suffix(".db")?;
    let (day, number) = name.split_once('.').unwrap_or((name, "1"));
    Some((day.parse().ok()?, number.parse().ok()?))
}

fn remove(copies: &[PathBuf]) -> Result<(), Failure> {
    for copy in copies {
        fs::remove_file(copy).with_context(|| format!("can't remove {}", copy.display()))?;
        let key = key_path(copy);
        if key.exists() {
            fs::remove_file(&key).with_context(|| format!("can't remove {}", key.display()))?;
        }
    }
    Ok(())
}

/// Without an end of its history nothing was written.
fn tell(context: &Context, end: Option<&ChainEnd>, to: &Path, removed: &[PathBuf]) {
    let (key, is_dry_run) = (key_path(to), end.is_none());
    let removed: Vec<String> = removed.iter().map(|path| answer::text(path)).collect();
    let document = json!({
        "schema": SCHEMA, "dryRun": is_dry_run, "backup": answer::text(to), "key": answer::text(&key), "removed": removed,
        "auditRows": end.map(|end| end.rows), "auditHead": end.map(|end| &end.head),
    });
    let verb = if is_dry_run { "would write" } else { "wrote" };
    let sentence = format!("{verb} {} and its data key {}", answer::named(to), answer::named(&key));
    answer::tell(context, false, &document, &sentence);
    if !is_dry_run {
        context
            .output
            .talk("keep the key: without it the copy's addresses and tokens can't be read");
    }
}

/// A file that is in the way is a matter of the command line.
pub fn refused(error: Error, help: &str) -> Failure {
    match error {
        Error::Exists { path } => file::exists(&path),
        Error::SameFile { .. } => Failure::usage(error.to_string(), help),
        error => error.into(),
    }
}
