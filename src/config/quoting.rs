//! Quoting for texts that a person pastes into a shell.

pub(crate) use crate::domain::quoting::shell_quoted;
