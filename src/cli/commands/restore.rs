//! `mcf restore <FILE>`. The target is not opened first: it may be damaged, or its key may be gone.

use std::path::Path;

use serde_json::json;

use super::{answer, backup};
use crate::cli::arguments::Restore;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::report::SCHEMA;
use crate::run::account;
use crate::store::{self, Opening};

pub fn run(context: &Context, arguments: &Restore) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    if settings.store.url.is_some() {
        return Err(Failure::unusable(
            "restoring into PostgreSQL is not possible yet",
            "psql URL --file DUMP brings back what pg_dump wrote; the data key stays the same",
        ));
    }
    let (target, key) = (settings.store.path.clone(), settings.store.key());
    account::refuse_as_root(&target)?;
    let restored = if arguments.dry_run {
        store::check_restore(&arguments.file, &target, arguments.force, key)
            .map(|()| target.exists().then(|| store::kept_name(&target, context.now())))
    } else {
        let progress = context.output.progress("copying the database");
        let told = |done, total| progress.at(done, total);
        let opening = Opening {
            now: context.now(),
            watch: &|_| {},
            key,
        };
        store::restore_watched(
            &arguments.file,
            &target,
            arguments.force,
            opening,
            &answer::user(context),
            &told,
        )
    };
    let kept = restored.map_err(|error| backup::refused(error, "name the copy, not the database itself"))?;
    tell(context, arguments.dry_run, &target, kept.as_deref());
    Ok(Exit::Done)
}

fn tell(context: &Context, is_dry_run: bool, target: &Path, kept: Option<&Path>) {
    let document = json!({"schema": SCHEMA, "dryRun": is_dry_run, "database": answer::text(target), "kept": kept.map(answer::text)});
    let (verb, is) = if is_dry_run {
        ("would restore", "would be")
    } else {
        ("restored", "is")
    };
    let aside = kept.map_or_else(String::new, |kept| {
        format!("; the old one {is} kept as {}", answer::named(kept))
    });
    let sentence = format!("{verb} {}{aside}", answer::named(target));
    answer::tell(context, true, &document, &sentence);
    if !is_dry_run {
        context
            .output
            .talk("next: mcf status shows what the copy knows; mcf poll asks Amazon before it sends anything");
    }
}
