//! What is typed to set the program up, to keep its database, and to try it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `mcf init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Replace a configuration that is there; a dated copy of it is kept
    #[arg(long)]
    pub force: bool,
    /// Print the plan; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Only this part
    #[arg(value_enum)]
    pub part: Option<CheckPart>,
}

/// The parts of `mcf check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckPart {
    /// TikTok's side.
    Tiktok,
    /// Amazon's side.
    Amazon,
    /// Every mapped SKU, on both sides.
    Mappings,
    /// This machine: user, modes, disk, SQLite, schedule, last backup.
    Host,
}

/// `mcf backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write, or a folder for one with a date; its data key goes beside it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
    /// Keep only the newest so many dated copies of the folder
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub keep: Option<u32>,
    /// Print the plan; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf restore`.
#[derive(Debug, Args)]
pub struct Restore {
    /// The copy
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replace the database that is there; the old one is kept under a dated name
    #[arg(long)]
    pub force: bool,
    /// Print the plan; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf store …`.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Move everything between SQLite and PostgreSQL: all of it arrives, proved by counts and by the chain of the history, or nothing is changed
    #[command(
        after_help = "Examples:\n  mcf store copy --from mcf.db --to postgres://mcf@db.example.com/mcf\n  mcf store copy --from mcf.db --dry-run\n  mcf store copy --to mcf.db --force\n\nOne of both may be left out: it is the database of the configuration then, so that no password stands in the\ncommand line. Stop the schedule before; what is copied stays where it was, and must not work there any more."
    )]
    Copy(StoreCopy),
}

/// `mcf store copy`.
#[derive(Debug, Args)]
pub struct StoreCopy {
    /// The file, or the address of PostgreSQL, that the shop lies in [default: that of the configuration]
    #[arg(long, value_name = "URL|PATH", required_unless_present = "to")]
    pub from: Option<PathBuf>,
    /// The file, or the address of PostgreSQL, that it goes to [default: that of the configuration]
    #[arg(long, value_name = "URL|PATH")]
    pub to: Option<PathBuf>,
    /// The schema of the shop on PostgreSQL [default: that of the configuration]
    #[arg(long, value_name = "NAME")]
    pub schema: Option<String>,
    /// Replace what is there already; it stays under a dated name
    #[arg(long)]
    pub force: bool,
    /// Print the plan; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Leave the shop there for further commands: in this folder, or in mcf-demo
    #[arg(long, value_name = "DIR", alias = "folder")]
    pub keep: Option<Option<PathBuf>>,
    /// Leave the shop open on the page of mcf serve, with its world moving, until it is stopped
    #[arg(long, value_name = "ADDRESS:PORT", num_args = 0..=1, default_missing_value = "127.0.0.1:8484")]
    pub serve: Option<SocketAddr>,
}

/// `mcf sandbox`.
#[derive(Debug, Args)]
pub struct Sandbox {
    /// The port of TikTok's side; Amazon's side takes the next one
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..=65_534))]
    pub port: u16,
    /// Move the world on by itself every so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub advance_every: Option<u64>,
    /// Start without the example orders
    #[arg(long)]
    pub empty: bool,
    /// Write the configuration to this file, too
    #[arg(long, value_name = "FILE")]
    pub write_config: Option<PathBuf>,
}

/// `mcf serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen; another address than this machine's own needs `[serve] public_url`, the address of a reverse proxy
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8484")]
    pub listen: SocketAddr,
}

/// `mcf completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
