//! What is typed about the operator's endpoints.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::DryRun;

/// `mcf notify`.
#[derive(Debug, Subcommand)]
pub enum Notify {
    /// Send a signed test event to every endpoint, or to one
    #[command(after_help = "Examples:\n  mcf notify test\n  mcf notify test hooks.example.com --dry-run")]
    Test(NotifyTest),
    /// Deliver everything that is queued now, also to endpoints that were switched off
    #[command(after_help = "Example:\n  mcf notify flush")]
    Flush(DryRun),
    /// Verify the signature of a saved request: headers, an empty line, the body
    #[command(after_help = "Example:\n  mcf notify verify request.txt --secret-file whsec.txt")]
    Verify(NotifyVerify),
}

/// `mcf notify test`.
#[derive(Debug, Args)]
pub struct NotifyTest {
    /// Only the endpoint of this host
    #[arg(value_name = "HOST")]
    pub host: Option<String>,
    /// Say who would be told; send nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf notify verify`.
#[derive(Debug, Args)]
pub struct NotifyVerify {
    /// The saved request
    #[arg(value_name = "FILE")]
    pub request: PathBuf,
    /// A file with the signing secret; without it, the configured ones are tried
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// Accept a request of any age
    #[arg(long)]
    pub any_age: bool,
}
