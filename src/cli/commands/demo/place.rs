//! Where the demo lies: a folder that goes with it, or one that stays.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::cli::context::Context;
use crate::cli::{Failure, signals};
use crate::draft;

/// How a folder for this time is called: as nobody calls one that is to stay, since what is called so and held by nobody is removed.
const PASSING: &str = ".mcf-demo-";

/// Where `--keep` without a folder leaves the shop.
const KEPT: &str = "mcf-demo";

pub(super) enum Place {
    /// Goes when the demo ends, however it ends.
    Passing(Passing),
    Kept(PathBuf),
}

/// A folder for this time, held so that another demo does not take it for one that was killed.
pub(super) struct Passing {
    folder: PathBuf,
    _held: File,
}

impl Drop for Passing {
    fn drop(&mut self) {
        signals::clear_away();
    }
}

impl Place {
    /// Makes the folder that is to be kept, which must be new or empty, or one for this time.
    pub(super) fn make(context: &Context, kept: Option<Option<&Path>>) -> Result<Self, Failure> {
        let Some(wanted) = kept else {
            draft::sweep_folders(&std::env::temp_dir(), PASSING);
            let made = tempfile::Builder::new().prefix(PASSING).tempdir();
            let made = made.context("can't make a temporary folder")?.keep();
            let held = draft::hold(&made).context("can't open the temporary folder")?;
            signals::goes_with_the_process(&made);
            return Ok(Self::Passing(Passing {
                folder: made,
                _held: held,
            }));
        };
        let wanted = wanted.unwrap_or(Path::new(KEPT));
        let folder = context.environment.working_directory.join(wanted);
        std::fs::create_dir_all(&folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
        let mut entries = std::fs::read_dir(&folder).with_context(|| format!("can't read {}", folder.display()))?;
        if entries.next().is_some() {
            return Err(Failure::usage(
                format!("{} is not empty", folder.display()),
                "name a new folder: mcf demo --keep DIR",
            ));
        }
        Ok(Self::Kept(folder))
    }

    pub(super) fn folder(&self) -> &Path {
        match self {
            Self::Passing(passing) => &passing.folder,
            Self::Kept(folder) => folder,
        }
    }

    /// Returns the folder where it can be looked at afterwards.
    pub(super) fn kept(&self) -> Option<&Path> {
        match self {
            Self::Passing(_) => None,
            Self::Kept(folder) => Some(folder),
        }
    }

    pub(super) fn welcome(&self) -> String {
        let place = match self {
            Self::Passing(_) => "and nothing of it stays",
            Self::Kept(_) => "and what mcf writes stays",
        };
        format!("A day at an invented shop: TikTok and Amazon both run on this machine, {place}.")
    }
}
