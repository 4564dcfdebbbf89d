//! Reads one line that nobody should see: from a terminal without showing it, else from standard input.

use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use console::Term;

use super::Failure;
use super::context::Context;
use crate::jobs;

/// As much as is read of a line.
const LENGTH_MAX: u64 = 64 * 1024;

/// How long the wish to stop may go unseen.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Whether the terminal does not show what is typed.
static IS_HIDDEN: AtomicBool = AtomicBool::new(false);

/// Asks for a line. A person who waits at the prompt may stop it; what is typed is shown again then.
pub fn line(context: &Context, prompt: &str) -> Result<String, Failure> {
    let is_asked = io::stdin().is_terminal();
    let is_hidden = is_asked && Term::stderr().is_term();
    if is_asked {
        context.output.urgent(prompt);
    }
    IS_HIDDEN.store(is_hidden, Ordering::Relaxed);
    let read = waited_for(context, move || {
        if is_hidden {
            Term::stderr().read_secure_line()
        } else {
            first_line(io::stdin())
        }
    });
    show_again();
    read
}

/// Waits for what a person types, unless the command is stopped meanwhile.
pub fn waited_for(
    context: &Context,
    read: impl FnOnce() -> io::Result<String> + Send + 'static,
) -> Result<String, Failure> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // Nobody waits any more where the command was stopped.
        let _ = sender.send(read());
    });
    loop {
        match receiver.recv_timeout(LOOK_AGAIN) {
            Ok(read) => return read.map_err(|error| Failure::unexpected(&error)),
            Err(RecvTimeoutError::Timeout) if context.surroundings.stop.is_asked() => {
                return Err(jobs::Error::Stopped.into());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(String::new()),
        }
    }
}

/// Returns the first line that is not blank; what comes after it is left alone.
fn first_line(input: impl Read) -> io::Result<String> {
    let mut input = BufReader::new(input.take(LENGTH_MAX));
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        if !text.is_empty() {
            return Ok(text);
        }
        line.clear();
    }
    Ok(String::new())
}

/// Lets the terminal show what is typed, where it was kept from it.
pub fn show_again() {
    if !IS_HIDDEN.swap(false, Ordering::Relaxed) {
        return;
    }
    // Where there is no stty, the shell shows its own line all the same.
    let _ = Command::new("stty")
        .arg("echo")
        .stdin(Stdio::inherit())
        .stderr(Stdio::null())
        .status();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_with_something_in_it_counts() {
        let read = |text: &str| first_line(text.as_bytes()).expect("text");
        assert_eq!(read("\n  \nTTP_1\nTTP_2\n"), "TTP_1");
        assert_eq!(read("TTP_1"), "TTP_1");
        assert_eq!(read(""), "");
    }
}
