//! One file per job.

pub mod check_mappings;
pub mod import_mappings;
