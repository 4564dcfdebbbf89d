//! What is typed about mappings and stock.

use clap::{Args, Subcommand};

use super::OutputFile;

/// `mcf mappings`.
#[derive(Debug, Subcommand)]
pub enum Mappings {
    /// Import CSV or JSON from a file, an https address or - (standard input): all or nothing
    #[command(
        after_help = "Examples:\n  mcf mappings import mappings.csv --dry-run\n  mcf mappings import https://example.com/mappings.json\n  cat mappings.csv | mcf mappings import -"
    )]
    Import(MappingsImport),
    /// List what is mapped
    #[command(after_help = "Example:\n  mcf mappings list")]
    List,
    /// Write all mappings as CSV, ready to be imported again
    #[command(after_help = "Example:\n  mcf mappings export --output mappings.csv")]
    Export(OutputFile),
    /// Prove each Amazon SKU at Amazon, and name live listings at TikTok that no mapping names
    #[command(after_help = "Example:\n  mcf mappings check")]
    Check,
    /// Undo the newest import; once more changes nothing
    #[command(after_help = "Examples:\n  mcf mappings rollback --dry-run\n  mcf mappings rollback --import 3")]
    Rollback(MappingsRollback),
}

/// `mcf mappings import`.
#[derive(Debug, Args)]
pub struct MappingsImport {
    /// A file, an https address, or - for standard input
    #[arg(value_name = "FILE|URL|-")]
    pub source: String,
    /// Remove mappings that the file does not name
    #[arg(long)]
    pub replace: bool,
    /// Print the changes; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf mappings rollback`.
#[derive(Debug, Args)]
pub struct MappingsRollback {
    /// The import to undo; it must be the newest one in force
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    pub import: Option<i64>,
    /// Print what would be undone; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf sync-inventory`.
#[derive(Debug, Args)]
pub struct SyncInventory {
    /// Print where both sides' figures differ (with --json all of them); change nothing, here or at a vendor
    #[arg(long)]
    pub dry_run: bool,
    /// Write figures that the brake holds back: most SKUs at 0 at once, or a figure that jumps
    #[arg(long)]
    pub force: bool,
}
