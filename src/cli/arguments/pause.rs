//! What is typed to keep new fulfillment orders back for a while.

use clap::Args;

/// `mcf pause`.
#[derive(Debug, Args)]
pub struct Pause {
    /// When it is over by itself: an instant (RFC 3339), or the next such hour (18:00, local)
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Why; status shows it
    #[arg(long, value_name = "TEXT")]
    pub because: Option<String>,
    /// Say what would be done; change nothing
    #[arg(long)]
    pub dry_run: bool,
}
