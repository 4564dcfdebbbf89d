//! An error with its causes, as one line. What an error shows alone is often only where it happened; why, its causes say.
//! The system's numbers are for those who look deeper.

use std::error::Error;
use std::io;

/// Writes an error and its causes, the nearest first, without saying the same twice.
#[must_use]
pub fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for cause in chain(error).skip(1) {
        let next = cause.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
    }
    without_numbers(&text)
}

/// Takes ` (os error 2)` out.
fn without_numbers(text: &str) -> String {
    let mut parts = text.split(" (os error ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once(')').map_or("", |(_, rest)| rest)
    })
}

/// Returns what an error and its causes say beyond what was `told` of them, each thing once.
pub fn beyond(error: &(dyn Error + 'static), told: &str) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for text in chain(error).map(ToString::to_string) {
        if !told.contains(&text) && !said.iter().any(|earlier| earlier.contains(&text)) {
            said.push(text);
        }
    }
    said
}

/// Returns an error and then its causes, the nearest first.
pub fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// What this machine has run out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortage {
    /// Room on the disk, or what this user or process may take of it.
    Disk,
    /// Files that may be open at once, of this process or of all.
    Descriptors,
}

/// The system's numbers for "too many open files", of the process and of the machine: they are the same on every Unix.
const TOO_MANY_OPEN: [i32; 2] = [24, 23];

/// Tells what an error of the system says has run out.
#[must_use]
pub fn shortage(error: &io::Error) -> Option<Shortage> {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Some(Shortage::Disk),
        _ if error
            .raw_os_error()
            .is_some_and(|number| TOO_MANY_OPEN.contains(&number)) =>
        {
            Some(Shortage::Descriptors)
        }
        _ => error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<io::Error>())
            .and_then(shortage),
    }
}

/// Tells what any cause of an error says has run out.
#[must_use]
pub fn shortage_behind(error: &(dyn Error + 'static)) -> Option<Shortage> {
    chain(error).find_map(|error| error.downcast_ref::<io::Error>().and_then(shortage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_said_once() {
        let error = io::Error::other("the disk is full");
        assert_eq!(causes(&error), "the disk is full");
        let error = io::Error::other(io::Error::other("the disk is full"));
        assert_eq!(causes(&error), "the disk is full");
    }

    #[test]
    fn the_systems_numbers_are_for_those_who_look_deeper() {
        let error = io::Error::from_raw_os_error(2);
        assert_eq!(causes(&error), "No such file or directory");
        let deeper = ["No such file or directory (os error 2)"];
        assert_eq!(beyond(&error, &causes(&error)), deeper);
        assert!(beyond(&error, deeper[0]).is_empty());
    }

    #[test]
    fn a_full_disk_and_used_up_descriptors_are_known_wherever_they_show() {
        for (number, found) in [
            (28, Some(Shortage::Disk)),
            (122, Some(Shortage::Disk)),
            (27, Some(Shortage::Disk)),
            (24, Some(Shortage::Descriptors)),
            (23, Some(Shortage::Descriptors)),
            (13, None),
        ] {
            assert_eq!(shortage(&io::Error::from_raw_os_error(number)), found, "{number}");
            let behind = io::Error::other(io::Error::from_raw_os_error(number));
            assert_eq!(shortage_behind(&behind), found, "{number}");
        }
    }
}
