//! What may be typed. Help texts are the operator's first manual; examples are commands to paste.

mod auth;
mod filters;
mod maintenance;
mod mappings;
mod notify;
mod orders;
mod overview;
mod pause;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use auth::{Auth, AuthAmazon, AuthTiktok};
pub use filters::{OrderFilters, Typed};
pub use maintenance::{
    Backup, Check, CheckPart, Completions, Demo, Init, Restore, Sandbox, Serve, StoreCommand, StoreCopy,
};
pub use mappings::{
    MappingKeyArguments, Mappings, MappingsAdd, MappingsImport, MappingsRemove, MappingsRollback, MappingsSuggest,
    SyncInventory,
};
pub use notify::{Notify, NotifyTest, NotifyVerify};
pub use orders::{ExportFormat, Orders, OrdersExport, OrdersInHand, OrdersList, Poll, Route, SyncTracking};
pub use overview::{Log, Metrics, MetricsFormat, Report, Schedule, Scheduler, Status};
pub use pause::Pause;

/// Route TikTok Shop orders to Amazon Multi-Channel Fulfillment, exactly once, from cron
#[derive(Debug, Parser)]
#[command(name = "mcf", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "Examples:
  mcf demo                             see the whole way, no credentials needed
  mcf init                             write config.toml and create the database
  mcf auth tiktok                      get the first tokens (and mcf auth amazon)
  mcf check                            prove credentials, clock, rights, shop, SKUs
  mcf mappings import mappings.csv     say which TikTok product is which Amazon SKU
  mcf poll --dry-run                   see what would be sent, and why
  mcf status                           what needs a person, with the next command

Exit codes: 0 done, 1 unexpected, 2 usage, 3 a person is needed, 4 vendor unavailable,
5 credentials refused, 6 configuration or database unusable, 75 another run is at work,
130 stopped by Ctrl-C, 143 by SIGTERM";

/// Flags that every command takes, before or after its name.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Configuration file [env: MCF_CONFIG]
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Database file [env: MCF_DB]
    #[arg(long, global = true, value_name = "PATH")]
    pub db: Option<PathBuf>,
    /// Print one JSON document on stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// Print nothing when there is nothing to say
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more on stderr; twice for every call [env: RUST_LOG]
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Detect TikTok orders, create MCF orders, settle what is open, act on cancellations
    #[command(
        after_help = "Examples:\n  mcf poll --dry-run\n  mcf poll --quiet\n  mcf poll --since 2026-01-24 --until 2026-01-25"
    )]
    Poll(Poll),
    /// Route one order now, even if it is flagged, and say why
    #[command(
        after_help = "Examples:\n  mcf route 576900000000000101 --dry-run\n  mcf route 576900000000000101\n  mcf route 576900000000000101 --speed Expedited\n  mcf route 576900000000000101 --rest --because 'back in stock'"
    )]
    Route(Route),
    /// Bring tracking numbers from Amazon to TikTok and watch the deadlines
    #[command(after_help = "Examples:\n  mcf sync-tracking\n  mcf sync-tracking --order 576900000000000101 --dry-run")]
    SyncTracking(SyncTracking),
    /// Bring Amazon's stock to TikTok and alert on low stock
    #[command(after_help = "Examples:\n  mcf sync-inventory --dry-run\n  mcf sync-inventory --dry-run --json")]
    SyncInventory(SyncInventory),
    /// Say which TikTok product is which Amazon SKU
    #[command(subcommand, after_help = "Example:\n  mcf mappings import mappings.csv --dry-run")]
    Mappings(Mappings),
    /// Show the state of everything, or one order with its whole history
    #[command(
        after_help = "Examples:\n  mcf status\n  mcf status 576900000000000101\n  mcf status --check --quiet || echo 'a person is needed'"
    )]
    Status(Status),
    /// Show what happened over all orders: state changes, flags, calls, events, hands, runs; oldest first
    #[command(
        after_help = "Examples:\n  mcf log --since 2026-01-31\n  mcf log --order 576900000000000101 --kind state,hand\n  mcf log --follow\n  mcf log --since 2026-01-01 --jsonl > log.jsonl"
    )]
    Log(Log),
    /// Show counters and latencies
    #[command(
        after_help = "Examples:\n  mcf metrics --since 2026-01-01\n  mcf metrics --format prometheus --output /var/lib/node_exporter/mcf.prom"
    )]
    Metrics(Metrics),
    /// Write a commented configuration and create the database
    #[command(after_help = "Examples:\n  mcf init\n  mcf init --config /etc/mcf-connector/config.toml")]
    Init(Init),
    /// Get the first tokens of a vendor: prints the link to open, reads the code, stores the tokens sealed
    #[command(
        subcommand,
        after_help = "Examples:\n  mcf auth tiktok\n  mcf auth amazon < token.txt"
    )]
    Auth(Auth),
    /// Prove settings, credentials, clock, rights, shop, marketplace, SKUs, endpoints and this machine; each failure once, with its fix
    #[command(after_help = "Examples:\n  mcf check\n  mcf check tiktok\n  mcf check host --json")]
    Check(Check),
    /// Take single orders in hand
    #[command(subcommand, after_help = "Example:\n  mcf orders list --state flagged")]
    Orders(Orders),
    /// Keep new fulfillment orders back; cancellations, tracking and stock go on
    #[command(after_help = "Examples:\n  mcf pause --until 18:00 --because 'stocktaking'\n  mcf pause")]
    Pause(Pause),
    /// Let new fulfillment orders go again
    #[command(after_help = "Example:\n  mcf resume")]
    Resume(DryRun),
    /// Try an endpoint, deliver what is queued, verify a saved request
    #[command(subcommand, after_help = "Example:\n  mcf notify test")]
    Notify(Notify),
    /// Write one self-contained HTML page: states, deadlines, latencies, stock
    #[command(after_help = "Example:\n  mcf report --output mcf.html")]
    Report(Report),
    /// Serve the page: the board, orders, what needs a person; for looking and clicking
    #[command(
        after_help = "Examples:\n  mcf serve\n  mcf serve --listen 127.0.0.1:9000\n  curl -s http://127.0.0.1:8484/healthz"
    )]
    Serve(Serve),
    /// Print ready crontab lines, or unit and timer files
    #[command(
        after_help = "Examples:\n  mcf schedule cron\n  mcf schedule systemd --name shop-2 | sh\n  mcf schedule systemd --dir units"
    )]
    Schedule(Schedule),
    /// Copy the database while everything runs
    #[command(after_help = "Examples:\n  mcf backup /mnt/backup/mcf.db --force\n  mcf backup /mnt/backup/ --keep 14")]
    Backup(Backup),
    /// Put a copy back
    #[command(after_help = "Example:\n  mcf restore /mnt/backup/mcf.db --force")]
    Restore(Restore),
    /// Move the shop between a file and PostgreSQL
    #[command(subcommand, after_help = "Example:\n  mcf store copy --from mcf.db --dry-run")]
    Store(StoreCommand),
    /// Remove buyer data past its retention
    #[command(after_help = "Example:\n  mcf purge --dry-run")]
    Purge(DryRun),
    /// Change the data key
    #[command(after_help = "Example:\n  mcf rekey")]
    Rekey(DryRun),
    /// Show the whole way on an embedded sandbox of both vendors
    #[command(after_help = "Examples:\n  mcf demo\n  mcf demo --serve\n  mcf demo --keep shop")]
    Demo(Demo),
    /// Serve the sandbox on loopback and print a configuration for it
    #[command(
        after_help = "Examples:\n  mcf sandbox --write-config try/config.toml\n  mcf --config try/config.toml poll"
    )]
    Sandbox(Sandbox),
    /// Print shell completions
    #[command(after_help = "Example:\n  mcf completions bash > ~/.local/share/bash-completion/completions/mcf")]
    Completions(Completions),
    /// Print the man page
    #[command(after_help = "Example:\n  mcf man | man -l -")]
    Man,
}

/// A command that can be tried.
#[derive(Debug, Args)]
pub struct DryRun {
    /// Print the plan; change nothing, here or at a vendor
    #[arg(long)]
    pub dry_run: bool,
}

/// Where to write.
#[derive(Debug, Args)]
pub struct OutputFile {
    /// Write to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::domain::flag::Detail;
    use crate::domain::ids::TiktokOrderId;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn hostile_ids_instants_and_limits_are_usage_errors() {
        for line in [
            &["mcf", "route", "../1"][..],
            &["mcf", "status", "%2e%2e"],
            &["mcf", "orders", "list", "--limit", "0"],
            &["mcf", "orders", "list", "--limit", "-1"],
            &["mcf", "orders", "list", "--limit=-1"],
            &["mcf", "orders", "list", "--limit", "1e9"],
            &["mcf", "orders", "list", "--limit", "99999999999999999999"],
            &["mcf", "orders", "list", "--limit", "abc"],
            &["mcf", "orders", "list", "--limit", ""],
            &["mcf", "orders", "list", "--since", "2026-02-30"],
            &["mcf", "orders", "list", "--since", "2999-01-01"],
            &["mcf", "orders", "list", "--until", "2999-01-01"],
            &["mcf", "polll"],
            &["mcf", "route", "1", "--speed", "Overnight"],
        ] {
            assert!(Cli::try_parse_from(line).is_err(), "A1, A2, A6: {line:?}");
        }
    }

    #[test]
    fn the_next_command_of_every_detail_may_be_typed_and_is_one_that_changes_something() {
        for detail in Detail::ALL {
            let line = detail.next_command(&TiktokOrderId::new("576900000000000101"));
            let typed = Cli::try_parse_from(line.split(' ')).map(|cli| cli.command);
            let changes = matches!(
                typed,
                Ok(Command::Route(_)
                    | Command::SyncTracking(_)
                    | Command::Orders(Orders::Dismiss(_))
                    | Command::Mappings(Mappings::Import(_) | Mappings::Missing))
            );
            assert!(changes, "{detail}: {line}");
        }
    }

    #[test]
    fn global_flags_stand_before_or_after_the_command() {
        for line in [["mcf", "--json", "poll"], ["mcf", "poll", "--json"]] {
            assert!(Cli::try_parse_from(line).expect("a command line").global.json);
        }
    }
}
