//! `mcf rekey`.

use serde_json::json;

use super::answer;
use crate::cli::arguments::DryRun;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::report::SCHEMA;

pub fn run(context: &Context, arguments: &DryRun) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    store.check_rekey()?;
    let (values, sentence) = if arguments.dry_run {
        let values = store.sealed_values()?;
        (
            values,
            format!("would change the data key and seal {values} values anew"),
        )
    } else {
        let progress = context.output.progress("sealing all values anew");
        let values = store.rekey(&answer::user(context), context.now())? as u64;
        drop(progress);
        (
            values,
            format!("changed the data key; {values} values are sealed anew, older backups need their own keys"),
        )
    };
    let document = json!({"schema": SCHEMA, "dryRun": arguments.dry_run, "values": values});
    answer::tell(context, true, &document, &sentence);
    if let Some(file) = settings
        .store
        .key_file()
        .filter(|_| store.is_served() && !arguments.dry_run)
    {
        let file = answer::named(file);
        context.output.talk(&format!(
            "carry {file} to every other host of this shop: they are refused until they have it"
        ));
    }
    Ok(Exit::Done)
}
