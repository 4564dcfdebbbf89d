//! What is typed to see how things stand.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::orders::order_id;
use crate::config::schedule::instance_name;
use crate::domain::ids::TiktokOrderId;

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
