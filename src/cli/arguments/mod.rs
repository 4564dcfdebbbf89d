//! What may be typed. Help texts are the operator's first manual; examples are commands to paste.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::domain::ids::TiktokOrderId;
use crate::domain::state::State;

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
  mcf check                            prove credentials, clock, rights, shop, SKUs
  mcf mappings import mappings.csv     say which TikTok product is which Amazon SKU
  mcf poll --dry-run                   see what would be sent, and why
  mcf status                           what needs a person, with the next command

Exit codes: 0 done, 1 unexpected, 2 usage, 3 a person is needed, 4 vendor unavailable,
5 credentials refused, 6 configuration or database unusable, 75 another run is at work";

/// Flags that every command takes, before or after its name.
#[derive(Debug, Args)]
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
    /// Say more on stderr; twice for every call
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
    Poll(DryRun),
    /// Route one order now, even if it is flagged, and say why
    #[command(after_help = "Example:\n  mcf route 576900000000000101 --dry-run")]
    Route(Route),
    /// Bring tracking numbers from Amazon to TikTok and watch the deadlines
    SyncTracking(SyncTracking),
    /// Bring Amazon's stock to TikTok and alert on low stock
    SyncInventory(SyncInventory),
    /// Say which TikTok product is which Amazon SKU
    #[command(subcommand)]
    Mappings(Mappings),
    /// Show the state of everything, or one order with its whole history
    #[command(
        after_help = "Examples:\n  mcf status\n  mcf status 576900000000000101\n  mcf status --check --quiet || echo 'a person is needed'"
    )]
    Status(Status),
    /// Show counters and latencies
    #[command(after_help = "Example:\n  mcf metrics --format prometheus --output /var/lib/node_exporter/mcf.prom")]
    Metrics(Metrics),
    /// Write a commented configuration and create the database
    Init(Init),
    /// Prove settings, credentials, clock, rights, shop, marketplace and SKUs
    Check(Check),
    /// Take single orders in hand
    #[command(subcommand)]
    Orders(Orders),
    /// Try an endpoint, deliver what is queued, verify a saved request
    #[command(subcommand)]
    Notify(Notify),
    /// Write one self-contained HTML page: states, deadlines, latencies, stock
    Report(Report),
    /// Print ready crontab lines, or unit and timer files
    Schedule(Schedule),
    /// Copy the database while everything runs
    Backup(Backup),
    /// Put a copy back
    Restore(Restore),
    /// Remove buyer data past its retention
    Purge(DryRun),
    /// Change the data key
    Rekey(DryRun),
    /// Show the whole way on an embedded sandbox of both vendors
    Demo(Demo),
    /// Serve the sandbox on loopback and print a configuration for it
    Sandbox(Sandbox),
    /// Print shell completions
    Completions(Completions),
    /// Print the man page
    Man,
}

/// A command that can be tried.
#[derive(Debug, Args)]
pub struct DryRun {
    /// Print the plan; change nothing, here or at a vendor
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf route`.
#[derive(Debug, Args)]
pub struct Route {
    /// The order's id at TikTok
    #[arg(value_name = "ORDER_ID", value_parser = order_id)]
    pub order: TiktokOrderId,
    /// Print the plan; change nothing, here or at a vendor
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf sync-tracking`.
#[derive(Debug, Args)]
pub struct SyncTracking {
    /// Only this order
    #[arg(long, value_name = "ORDER_ID", value_parser = order_id)]
    pub order: Option<TiktokOrderId>,
    /// Print the plan; change nothing, here or at a vendor
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf sync-inventory`.
#[derive(Debug, Args)]
pub struct SyncInventory {
    /// Print both sides' figures; change nothing, here or at a vendor
    #[arg(long)]
    pub dry_run: bool,
    /// Write figures that the brake holds back: most SKUs at 0 at once, or a figure that jumps
    #[arg(long)]
    pub force: bool,
}

/// `mcf mappings`.
#[derive(Debug, Subcommand)]
pub enum Mappings {
    /// Import CSV or JSON from a file, an https address or - (standard input): all or nothing
    #[command(
        after_help = "Examples:\n  mcf mappings import mappings.csv --dry-run\n  mcf mappings import https://example.com/mappings.json\n  cat mappings.csv | mcf mappings import -"
    )]
    Import(MappingsImport),
    /// List what is mapped
    List,
    /// Write all mappings as CSV, ready to be imported again
    Export(OutputFile),
    /// Prove each Amazon SKU at Amazon, and name live listings at TikTok that no mapping names
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

/// `mcf status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Show this order with its whole history
    #[arg(value_name = "ORDER_ID", value_parser = order_id)]
    pub order: Option<TiktokOrderId>,
    /// Exit with 3 when a person is needed (for monitoring)
    #[arg(long, conflicts_with = "order")]
    pub check: bool,
    /// Show the buyer's address of this one order
    #[arg(long, requires = "order")]
    pub address: bool,
}

/// `mcf metrics`.
#[derive(Debug, Args)]
pub struct Metrics {
    /// The form
    #[arg(long, value_enum, value_name = "FORM")]
    pub format: Option<MetricsFormat>,
    /// Write to this file, whole, instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The forms of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MetricsFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For Prometheus' text file collector.
    Prometheus,
}

/// `mcf init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Replace a configuration that is there
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
    /// Every mapped SKU.
    Mappings,
}

/// `mcf orders`.
#[derive(Debug, Subcommand)]
pub enum Orders {
    /// List orders, the newest first
    List(OrdersList),
    /// Write orders as CSV, without buyer data
    Export(OrdersExport),
    /// Keep an order from being sent until it is released
    Hold(OneOrder),
    /// Give an order back, to be decided anew
    Release(OneOrder),
    /// Take an order off our hands for good
    Dismiss(OneOrder),
    /// Erase the buyer's data of an order that has ended
    Erase(OneOrder),
}

/// One order.
#[derive(Debug, Args)]
pub struct OneOrder {
    /// The order's id at TikTok
    #[arg(value_name = "ORDER_ID", value_parser = order_id)]
    pub order: TiktokOrderId,
    /// Say what would be done; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf orders list`.
#[derive(Debug, Args)]
pub struct OrdersList {
    /// Only orders in this state
    #[arg(long, value_parser = state)]
    pub state: Option<State>,
    /// Only orders with this reason, e.g. SKU_NOT_MAPPED
    #[arg(long, value_parser = reason)]
    pub reason: Option<crate::domain::flag::Reason>,
    /// Only orders seen since this instant (RFC 3339, or a date)
    #[arg(long, value_parser = past_instant, value_name = "TIME")]
    pub since: Option<DateTime<Utc>>,
    /// At most so many
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000), default_value_t = 50)]
    pub limit: u32,
}

/// `mcf orders export`.
#[derive(Debug, Args)]
pub struct OrdersExport {
    /// Only orders in this state
    #[arg(long, value_parser = state)]
    pub state: Option<State>,
    /// Only orders seen since this instant (RFC 3339, or a date)
    #[arg(long, value_parser = past_instant, value_name = "TIME")]
    pub since: Option<DateTime<Utc>>,
    /// Where to write.
    #[command(flatten)]
    pub file: OutputFile,
}

/// `mcf notify`.
#[derive(Debug, Subcommand)]
pub enum Notify {
    /// Send a signed test event to every endpoint, or to one
    Test(NotifyTest),
    /// Deliver everything that is queued now, also to endpoints that were switched off
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

/// `mcf report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The HTML file to write
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
}

/// `mcf schedule`.
#[derive(Debug, Args)]
pub struct Schedule {
    /// For which scheduler
    #[arg(value_enum)]
    pub scheduler: Scheduler,
}

/// The schedulers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scheduler {
    /// Crontab lines.
    Cron,
    /// Service and timer units.
    Systemd,
}

/// `mcf backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write; its data key goes beside it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
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
    /// Replace the database that is there; the old one is kept beside it
    #[arg(long)]
    pub force: bool,
    /// Print the plan; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Keep the demo's files in this folder
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
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

/// `mcf completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

fn order_id(text: &str) -> Result<TiktokOrderId, String> {
    TiktokOrderId::parse(text).map_err(|error| error.to_string())
}

fn state(text: &str) -> Result<State, String> {
    State::read(text).ok_or_else(|| {
        let known: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
        format!("not a state; one of {}", known.join(", "))
    })
}

fn reason(text: &str) -> Result<crate::domain::flag::Reason, String> {
    use crate::domain::flag::Reason;
    Reason::read(&text.to_uppercase()).ok_or_else(|| {
        let known: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        format!("not a reason; one of {}", known.join(", "))
    })
}

fn past_instant(text: &str) -> Result<DateTime<Utc>, String> {
    let whole = if text.len() == 10 {
        format!("{text}T00:00:00Z")
    } else {
        text.to_owned()
    };
    let at = DateTime::parse_from_rfc3339(&whole)
        .map_err(|_| "not an instant; write 2026-01-31 or 2026-01-31T08:00:00Z".to_owned())?
        .with_timezone(&Utc);
    if at > Utc::now() {
        return Err("lies in the future".to_owned());
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

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
            &["mcf", "orders", "list", "--since", "2026-02-30"],
            &["mcf", "orders", "list", "--since", "2999-01-01"],
            &["mcf", "polll"],
        ] {
            assert!(Cli::try_parse_from(line).is_err(), "A1–A6: {line:?}");
        }
    }

    #[test]
    fn global_flags_stand_before_or_after_the_command() {
        for line in [["mcf", "--json", "poll"], ["mcf", "poll", "--json"]] {
            assert!(Cli::try_parse_from(line).expect("a command line").global.json);
        }
    }
}
