//! The only writer to stdout and stderr: stdout is data, stderr is talk.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::arguments::{Color, Global};
use super::progress::Progress;
use super::{Exit, Failure, called};
use crate::report::run::{ErrorReport, RunError};
use crate::report::text::View;

/// Set when data could not be written to stdout.
static OUTPUT_LOST: AtomicBool = AtomicBool::new(false);

/// How this process writes.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// One JSON document on stdout.
    pub json: bool,
    /// No talk, and no line for a run with nothing to do.
    pub quiet: bool,
    verbose: bool,
}

impl Output {
    /// Reads the global flags and sets up colour.
    #[must_use]
    pub fn new(global: &Global) -> Self {
        match global.color {
            Color::Auto => anstream::ColorChoice::Auto.write_global(),
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        Self {
            json: global.json,
            quiet: global.quiet,
            verbose: global.verbose > 0,
        }
    }

    /// Returns the view that fits stdout: a terminal gets tables, a pipe gets tabs.
    #[must_use]
    pub fn view(&self, now: DateTime<Utc>) -> View {
        if io::stdout().is_terminal() {
            let (_, width) = console_size();
            as_called(View::terminal(width, now))
        } else {
            as_called(View::pipe(now))
        }
    }

    /// Returns the view of a person, also where stdout is a pipe: then with a width of its own.
    #[must_use]
    pub fn people(&self, now: DateTime<Utc>, pipe_width: u16) -> View {
        if io::stdout().is_terminal() {
            self.view(now)
        } else {
            as_called(View::terminal(pipe_width, now))
        }
    }

    /// Writes data to stdout. A reader that went away is no error; a full disk is, and the exit code tells it.
    pub fn data(&self, text: &str) {
        let mut stdout = anstream::stdout().lock();
        let end = if text.ends_with('\n') { "" } else { "\n" };
        note_loss(write!(stdout, "{text}{end}").and_then(|()| stdout.flush()));
    }

    /// Hands stdout to who writes much of it piece by piece. What is lost counts as for [`Output::data`].
    ///
    /// # Errors
    /// What `write` returns of its own.
    pub fn stream<T, E>(&self, write: impl FnOnce(&mut dyn Write) -> Result<io::Result<T>, E>) -> Result<(), E> {
        let mut stdout = BufWriter::new(anstream::stdout().lock());
        let written = write(&mut stdout)?;
        note_loss(written.and_then(|_| stdout.flush()));
        Ok(())
    }

    /// Writes a part of the data that goes on; `false` when nobody reads any more, or it can't be written.
    pub fn piece(&self, text: &str) -> bool {
        let mut stdout = anstream::stdout().lock();
        match write!(stdout, "{text}") {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => false,
            Err(error) => {
                let _ = writeln!(anstream::stderr(), "error: stdout can't be written: {error}");
                OUTPUT_LOST.store(true, Ordering::Relaxed);
                false
            }
        }
    }

    /// Returns the exit code of the process: data that was lost is never a success.
    #[must_use]
    pub fn close(exit: Exit) -> Exit {
        if exit == Exit::Done && OUTPUT_LOST.load(Ordering::Relaxed) {
            return Exit::Unexpected;
        }
        exit
    }

    /// Writes a line of talk to stderr.
    pub fn talk(&self, line: &str) {
        if !self.quiet {
            self.urgent(line);
        }
    }

    /// Writes a line to stderr that a person who waits must see, also with `--quiet`.
    pub fn urgent(&self, line: &str) {
        Self::aside(line);
    }

    /// Writes a line to stderr, whoever says it.
    pub fn aside(line: &str) {
        let _ = writeln!(anstream::stderr(), "{}", safe(&called::repeat(line)));
    }

    /// Writes a failure: as text to stderr, with `--json` as a document to stdout, too.
    pub fn failure(&self, failure: &Failure) -> Exit {
        if self.json {
            self.data(&failure.document());
        }
        self.explain(failure);
        failure.exit
    }

    /// Writes a failure to stderr only.
    pub fn explain(&self, failure: &Failure) {
        explain(failure, self.verbose);
    }

    /// Writes what clap says: help and version to stdout, a wrong command line to stderr. A word that is no option `may_be_secret`.
    #[must_use]
    pub fn usage(error: &clap::Error, help: &str, wants_json: bool, may_be_secret: bool) -> Exit {
        if !error.use_stderr() {
            let _ = error.print();
            return Exit::Done;
        }
        let failure = if names_a_secret(error, may_be_secret) {
            let failure = Failure::usage(
                "a secret does not belong on the command line, where every user of this machine can read it",
                if may_be_secret {
                    "give it to the prompt, or on standard input: mcf auth tiktok < FILE"
                } else {
                    "put it into the configuration, its environment variable or a file of its own (app_secret_file = ...)"
                },
            );
            explain(&failure, false);
            failure
        } else {
            explain_usage(error, help);
            as_failure(error, help)
        };
        if wants_json {
            let mut stdout = anstream::stdout().lock();
            let _ = writeln!(stdout, "{}", failure.document());
        }
        failure.exit
    }

    /// Begins a work that may take long: it is shown on a terminal, and nowhere else.
    #[must_use]
    pub fn progress(&self, what: &'static str) -> Progress {
        let is_free = !self.quiet && !self.json && log::max_level() == log::LevelFilter::Off;
        Progress::begin(what, is_free && io::stderr().is_terminal())
    }
}

fn note_loss(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = writeln!(anstream::stderr(), "error: stdout can't be written: {error}");
        OUTPUT_LOST.store(true, Ordering::Relaxed);
    }
}

impl Failure {
    /// Returns the JSON document of the failure.
    pub(super) fn document(&self) -> String {
        called::json(&ErrorReport::new(self.run_error()))
    }

    /// Returns the failure as the `error` of a JSON document.
    pub fn run_error(&self) -> RunError {
        RunError {
            message: self.message.clone(),
            help: self.help.clone(),
            exit_code: self.exit.code(),
        }
    }
}

/// The first line says what it is about; what lies beneath stands below it where that `is_wanted`; the last line is the help.
fn explain(failure: &Failure, is_wanted: bool) {
    let (red, plain) = (anstyle::AnsiColor::Red.on_default().bold(), anstyle::Reset);
    let message = crate::report::text::clean(&called::repeat(&failure.message));
    let mut stderr = anstream::stderr().lock();
    let _ = writeln!(stderr, "{red}error:{plain} {message}");
    for text in failure.beneath.iter().filter(|_| is_wanted) {
        let _ = writeln!(stderr, "  {}", safe(text));
    }
    if let Some(help) = &failure.help {
        let _ = writeln!(stderr, "{}", helping(help));
    }
}

/// Cleans each line of a text of what a terminal could obey.
pub(super) fn safe(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(crate::report::text::clean).collect();
    lines.join("\n")
}

/// Tells whether somebody tried to hand over a secret (A14): clap would print it again.
fn names_a_secret(error: &clap::Error, may_be_secret: bool) -> bool {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return false;
    };
    if may_be_secret && error.kind() == ErrorKind::UnknownArgument && !argument.starts_with('-') {
        return true;
    }
    let argument = argument.to_lowercase();
    let is_named = ["secret", "token", "password"]
        .iter()
        .any(|word| argument.contains(word));
    error.kind() == ErrorKind::UnknownArgument && is_named && !argument.ends_with("-file")
}

/// Writes what clap says, with a command to paste for its "For more information".
fn explain_usage(error: &clap::Error, help: &str) {
    let text = error.render().ansi().to_string();
    let mut stderr = anstream::stderr().lock();
    let _ = match text.split_once("For more information") {
        Some((text, _)) => writeln!(stderr, "{text}{}", helping(help)),
        None => write!(stderr, "{text}"),
    };
}

/// Returns the line of help.
fn helping(help: &str) -> String {
    let cyan = anstyle::AnsiColor::Cyan.on_default();
    format!("{cyan}help:{} {}", anstyle::Reset, safe(&called::repeat(help)))
}

/// Takes sentence and hint out of what clap prints for people.
fn as_failure(error: &clap::Error, help: &str) -> Failure {
    let text = error.render().to_string();
    let sentence = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let hint = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    Failure::usage(words.join(" ").trim_start_matches("error: "), hint.unwrap_or(help))
}

/// A view in which commands repeat the flags of this call. What is coloured and goes where no colour is wanted loses it on its way out.
fn as_called(view: View) -> View {
    View {
        commands: called::repeat,
        is_coloured: true,
        ..view
    }
}

/// Rows and columns of the terminal, or the classic size where it does not say.
fn console_size() -> (u16, u16) {
    let (rows, columns) = console::Term::stdout().size();
    (rows, columns.max(20))
}
