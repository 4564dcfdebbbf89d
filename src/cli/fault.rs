//! A fault of this program, a panic: told by its place alone, since its own words may repeat what was being worked on.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Mutex, PoisonError};

use super::{Exit, Failure};

/// Where the last one was.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// The thread in which a fault ends the command, and is told by its failure.
const MAIN: &str = "main";

/// Keeps the words of a fault from being printed, in every thread of this process.
pub fn tell_places_alone(tell: fn(&str)) {
    panic::set_hook(Box::new(move |fault| {
        let place = place(fault);
        if std::thread::current().name() != Some(MAIN) {
            tell(&format!(
                "warning: a part of the work was given up, {}",
                sentence(&place)
            ));
        }
        *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    }));
}

/// Lets a command run, whose fault becomes a failure.
pub fn caught(command: impl FnOnce() -> Result<Exit, Failure>) -> Result<Exit, Failure> {
    // Nothing is used after a fault but what is written whole: the database undoes what was not committed.
    panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|_| Err(failure()))
}

fn failure() -> Failure {
    let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
    Failure {
        message: sentence(&place.unwrap_or_default()),
        beneath: Vec::new(),
        help: Some(
            "report this line with what mcf --version prints to who maintains this program; what was begun is stored, \
             the next run goes on"
                .to_owned(),
        ),
        exit: Exit::Unexpected,
    }
}

fn sentence(place: &str) -> String {
    format!("this program has a fault at {place}")
}

fn place(fault: &PanicHookInfo<'_>) -> String {
    let location = fault.location();
    location.map_or_else(|| "an unknown place".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Output as Ran};

    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;
    use crate::cli::output::Output;

    const INNER: &str = "MCF_TEST_FAULT";

    /// Meets a fault as the binary does, in a process of its own: the hook is for all threads of one.
    fn meet(arguments: &str) {
        let cli = Cli::try_parse_from(arguments.split(' ')).expect("a command line");
        let output = Output::new(&cli.global);
        tell_places_alone(|line| eprintln!("{line}"));
        let failure = caught(|| panic!("Dana Canary, 12 Canary Lane")).expect_err("a fault");
        std::process::exit(i32::from(output.failure(&failure).code()));
    }

    fn met(arguments: &str) -> Ran {
        let name = "cli::fault::tests::a_fault_is_told_by_its_place_and_never_by_its_words_i10";
        let mut inner = Command::new(std::env::current_exe().expect("this program"));
        let inner = inner.args(["--exact", "--nocapture", "--test-threads=1", name]);
        inner.env(INNER, arguments).output().expect("run")
    }

    #[test]
    fn a_fault_is_told_by_its_place_and_never_by_its_words_i10() {
        if let Ok(arguments) = std::env::var(INNER) {
            return meet(&arguments);
        }
        let (people, programs) = (met("mcf status"), met("mcf status --json"));
        for ran in [&people, &programs] {
            let said = String::from_utf8_lossy(&ran.stderr).into_owned() + &String::from_utf8_lossy(&ran.stdout);
            assert_eq!(ran.status.code(), Some(1), "{said}");
            assert!(said.contains("this program has a fault at src/cli/fault.rs:"), "{said}");
            assert!(said.contains("help: report this line"), "{said}");
            assert!(!said.contains("Canary"), "I10: {said}");
        }
        let document = String::from_utf8_lossy(&programs.stdout).into_owned();
        let document = document
            .split_once('{')
            .map(|(_, rest)| format!("{{{rest}"))
            .expect("a document");
        let document: serde_json::Value = serde_json::from_str(document.trim()).expect("JSON alone");
        assert_eq!(document["error"]["exitCode"], 1, "{document}");
    }
}
