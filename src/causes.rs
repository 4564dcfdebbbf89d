//! An error with its causes, as one line. What an error shows alone is often only where it happened; why, its causes say.

use std::error::Error;

/// Writes an error and its causes, the nearest first, without saying the same twice.
#[must_use]
pub fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_said_once() {
        let error = std::io::Error::other("the disk is full");
        assert_eq!(causes(&error), "the disk is full");
        let error = std::io::Error::other(std::io::Error::other("the disk is full"));
        assert_eq!(causes(&error), "the disk is full");
    }
}
