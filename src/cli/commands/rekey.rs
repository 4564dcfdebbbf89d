//! `mcf rekey`.

use serde_json::json;

use super::answer;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::report::SCHEMA;

pub fn run(context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let values = store.rekey(context.now())?;
    let sentence = format!("changed the data key; {values} values are sealed anew, older backups need their own keys");
    answer::tell(context, true, &json!({"schema": SCHEMA, "values": values}), &sentence);
    Ok(Exit::Done)
}
