//! How the commands that read or keep the store answer: one JSON document, or text for people and pipes.

use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::cli::context::Context;
use crate::cli::{Failure, called};
use crate::report::text::clean;
use crate::run::account;

/// Prints data: the document with `--json`, else the text. No text is no line.
pub fn show(context: &Context, document: &impl Serialize, text: &str) {
    if context.output.json {
        context.output.data(&called::json(document));
    } else if !text.is_empty() {
        context.output.data(text);
    }
}

/// Writes a path into a document. A name that is not UTF-8 is shown as well as it can be: it is no reason to give no document.
pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Writes a path into a sentence: on one line, and with nothing that a terminal could obey.
pub fn named(path: &Path) -> String {
    clean(&text(path))
}

/// Adds the `error` to the document of a command that did its work and still ends with another code than 0.
pub fn with_error(document: &impl Serialize, failure: Option<&Failure>) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    if let (Some(failure), Value::Object(fields)) = (failure, &mut document) {
        let error = serde_json::to_value(failure.run_error()).unwrap_or_default();
        fields.insert("error".to_owned(), error);
    }
    document
}

/// Prints what a command did or found to be done already. With `--quiet` the latter is not worth a line.
pub fn tell(context: &Context, is_news: bool, document: &impl Serialize, sentence: &str) {
    let is_silent = context.output.quiet && !is_news;
    let sentence = called::repeat(sentence);
    show(context, document, if is_silent { "" } else { &sentence });
}

/// Returns the name of the operator's account, or its number where nothing tells the name. A variable that names another account is
/// left over from before a change of user.
pub fn user(context: &Context) -> String {
    let id = context.environment.user_id;
    let is_stale = |name: &String| account::id_of(name).is_some_and(|found| id.is_some_and(|id| id != found));
    let variable = |name| context.environment.variables.get(name)?.to_str().map(str::to_owned);
    let name = variable("USER").or_else(|| variable("LOGNAME"));
    name.filter(|name| !name.is_empty() && !is_stale(name))
        .or_else(|| account::name_of(id?))
        .or_else(|| context.environment.user_id.map(|id| id.to_string()))
        .unwrap_or_else(|| "root".to_owned())
}
