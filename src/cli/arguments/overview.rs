//! What is typed to see how things stand.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::filters::{Typed, since, until};
use super::orders::{order_id, order_name};
use crate::config::schedule::{account_name, instance_name};
use crate::domain::ids::TiktokOrderId;
use crate::domain::journal::EntryKind;

/// `mcf status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Show this order with its whole history: by TikTok's id, Amazon's, or a tracking number
    #[arg(value_name = "ID", value_parser = order_name)]
    pub order: Option<String>,
    /// Exit with 3 when a person is needed (for monitoring)
    #[arg(long, conflicts_with = "order")]
    pub check: bool,
    /// Prove that no row of the history, call or import was changed, taken out or put in; exit with 3 where one was
    #[arg(long, conflicts_with_all = ["order", "check"])]
    pub verify_audit: bool,
    /// An `auditHead` that went out with `connector.stopped`: the history must have led there
    #[arg(long, value_name = "HEAD", requires = "verify_audit", value_parser = audit_head)]
    pub audit_head: Option<String>,
    /// Show the buyer's address of this one order
    #[arg(long, requires = "order")]
    pub address: bool,
}

fn audit_head(text: &str) -> Result<String, String> {
    let is_head = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_head
        .then(|| text.to_ascii_lowercase())
        .ok_or_else(|| "not the 64 hexadecimal digits of an auditHead".to_owned())
}

/// `mcf log`.
#[derive(Debug, Args)]
pub struct Log {
    /// From then on: a day (UTC) or an instant (RFC 3339) [default: the last 24 hours]
    #[arg(long, value_parser = since, value_name = "DATE")]
    pub since: Option<Typed>,
    /// Until then; a day counts whole
    #[arg(long, value_parser = until, value_name = "DATE", conflicts_with = "follow")]
    pub until: Option<Typed>,
    /// Only what is about this order
    #[arg(long, value_name = "ORDER_ID", value_parser = order_id)]
    pub order: Option<TiktokOrderId>,
    /// Only these kinds: state, flag, call, event, hand, run
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = entry_kind)]
    pub kind: Vec<EntryKind>,
    /// Go on with what happens, until Ctrl-C
    #[arg(long, short)]
    pub follow: bool,
    /// Print one JSON document a line
    #[arg(long)]
    pub jsonl: bool,
}

fn entry_kind(text: &str) -> Result<EntryKind, String> {
    EntryKind::read(text).ok_or_else(|| {
        let known: Vec<&str> = EntryKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("not a kind; one of {}", known.join(", "))
    })
}

/// `mcf metrics`.
#[derive(Debug, Args)]
pub struct Metrics {
    /// The form
    #[arg(long, value_enum, value_name = "FORM")]
    pub format: Option<MetricsFormat>,
    /// Only what was seen, ended and called since then: a day (UTC) or an instant (RFC 3339)
    #[arg(long, value_parser = since, value_name = "DATE")]
    pub since: Option<Typed>,
    /// Write to this file, whole, instead of stdout; metrics that are there are replaced
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace a file that holds no metrics without asking
    #[arg(long, requires = "output")]
    pub yes: bool,
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

/// `mcf report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The HTML file to write; a report that is there is replaced
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// Replace a file that is no report without asking
    #[arg(long)]
    pub yes: bool,
}

/// `mcf schedule`.
#[derive(Debug, Args)]
pub struct Schedule {
    /// For which scheduler
    #[arg(value_enum)]
    pub scheduler: Scheduler,
    /// Keeps this shop apart from others on the host, in units, log tags and files: a-z, 0-9 and -
    #[arg(long, value_name = "SHOP", value_parser = instance_name)]
    pub name: Option<String>,
    /// Write the unit files to this folder (systemd)
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Where the metrics go [default: metrics/mcf.prom beside the database]
    #[arg(long, value_name = "FILE")]
    pub metrics: Option<PathBuf>,
    /// The folder of the daily backups [default: backups/ beside the database]
    #[arg(long, value_name = "DIR")]
    pub backups: Option<PathBuf>,
    /// Where the hourly page goes [default: report/mcf.html beside the database]
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// The service user [default: who calls it; for root and a database below /var/lib one that systemd makes]
    #[arg(long, value_name = "NAME", value_parser = account_name)]
    pub user: Option<String>,
    /// The folder from which systemd reads the secrets [default: /etc/mcf-connector/credentials]
    #[arg(long, value_name = "DIR")]
    pub credentials: Option<PathBuf>,
    /// Keep the page of mcf serve up, too, at this address (systemd)
    #[arg(long, value_name = "ADDRESS:PORT", num_args = 0..=1, default_missing_value = "127.0.0.1:8484")]
    pub serve: Option<SocketAddr>,
    /// Say which files would be written; write none
    #[arg(long, requires = "dir")]
    pub dry_run: bool,
}

/// The schedulers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scheduler {
    /// Crontab lines.
    Cron,
    /// Service and timer units.
    Systemd,
}
