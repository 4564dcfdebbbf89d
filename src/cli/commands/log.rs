//! `mcf log`: what happened over all orders, oldest first, until it is read or, with `--follow`, until it is stopped.

use std::time::Duration;

use chrono::TimeDelta;

use crate::cli::arguments::{Log, Typed};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, called};
use crate::report::SCHEMA;
use crate::report::journal::{Entry, Journal};
use crate::report::text::View;
use crate::store::JournalFilter;

const LOOKED_BACK: TimeDelta = TimeDelta::hours(24);
const FOLLOWED_EVERY: Duration = Duration::from_millis(500);

pub fn run(context: &Context, arguments: &Log) -> Result<Exit, Failure> {
    if arguments.follow && context.output.json && !arguments.jsonl {
        let message = "one JSON document can't be followed, because it never ends";
        return Err(Failure::usage(message, "mcf log --follow --jsonl"));
    }
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let filter = JournalFilter {
        since: arguments.since.as_ref().map_or(context.now() - LOOKED_BACK, Typed::at),
        until: arguments.until.as_ref().map(Typed::at),
        order: arguments.order.clone(),
    };
    let mut journal = Journal::new(&store, filter, arguments.kind.clone());
    let mut sheet = Sheet::new(context, arguments);
    while sheet.is_open {
        match journal.next_entry() {
            Err(error) => return Ok(sheet.fail(&error.into())),
            Ok(Some(entry)) => sheet.write(&entry),
            Ok(None) if arguments.follow && !context.surroundings.stop.is_asked() => std::thread::sleep(FOLLOWED_EVERY),
            Ok(None) => break,
        }
    }
    sheet.end();
    Ok(Exit::Done)
}

/// What is written, entry by entry: lines for people, a document or lines for programs.
struct Sheet<'a> {
    context: &'a Context,
    view: View,
    form: Form,
    count: usize,
    /// Whether anybody still reads.
    is_open: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Lines,
    JsonLines,
    Document,
}

impl<'a> Sheet<'a> {
    fn new(context: &'a Context, arguments: &Log) -> Self {
        let form = match (arguments.jsonl, context.output.json) {
            (true, _) => Form::JsonLines,
            (false, true) => Form::Document,
            (false, false) => Form::Lines,
        };
        let is_open = form != Form::Document
            || context
                .output
                .piece(&format!("{{\n  \"schema\": {SCHEMA},\n  \"entries\": ["));
        Self {
            view: context.output.view(context.now()),
            context,
            form,
            count: 0,
            is_open,
        }
    }

    fn write(&mut self, entry: &Entry) {
        let separator = if self.count > 0 { ",\n" } else { "\n" };
        let text = match self.form {
            Form::Lines => entry.line(&self.view),
            Form::JsonLines => format!("{}\n", called::json_line(entry)),
            Form::Document => format!("{separator}    {}", called::json_line(entry)),
        };
        self.count += 1;
        self.is_open = self.context.output.piece(&text);
    }

    /// What was begun is brought to its end, with why it goes no further.
    fn fail(&self, failure: &Failure) -> Exit {
        if self.form == Form::Document {
            let error = called::json_line(&failure.run_error());
            self.context
                .output
                .piece(&format!("\n  ],\n  \"error\": {error}\n}}\n"));
        }
        self.context.output.explain(failure);
        failure.exit
    }

    fn end(&self) {
        match self.form {
            Form::Document if self.is_open => {
                let end = if self.count > 0 { "\n  ]\n}\n" } else { "]\n}\n" };
                self.context.output.piece(end);
            }
            Form::Lines if self.count == 0 && self.is_open => self.context.output.talk("nothing happened in that time"),
            Form::Document | Form::JsonLines | Form::Lines => {}
        }
    }
}
