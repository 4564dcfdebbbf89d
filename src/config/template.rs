//! The text of a fresh configuration file.

/// Every key with its default, commented out, as `mcf init` writes it.
pub const TEMPLATE: &str = include_str!("../../config.example.toml");
