//! What is typed about orders: all that are due, one of them, or a list.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::OutputFile;
use crate::domain::flag::Reason;
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::TiktokOrderId;
use crate::domain::state::State;

/// `mcf poll`.
#[derive(Debug, Args)]
pub struct Poll {
    /// Read the orders that changed since then once more, in place of those since the last run: a day (UTC) or an instant (RFC 3339)
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Only those until then; a day counts whole
    #[arg(long, value_name = "DATE", requires = "since")]
    pub until: Option<String>,
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
    /// Settle a doubt that the order carries, by its detail code; kept until the address changes
    #[arg(long, value_name = "DETAIL")]
    pub accept: Vec<String>,
    /// Send what Amazon left out of an order that it shipped in part, under the next id
    #[arg(long, conflicts_with = "accept")]
    pub rest: bool,
    /// Send it at this speed (Standard, Expedited, Priority); kept until its contents or its address change
    #[arg(long, value_name = "SPEED", value_parser = speed)]
    pub speed: Option<ShippingSpeed>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub because: Option<String>,
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

/// `mcf orders`.
#[derive(Debug, Subcommand)]
pub enum Orders {
    /// List orders, the newest first
    #[command(
        after_help = "Examples:\n  mcf orders list --state flagged\n  mcf orders list --reason SKU_NOT_MAPPED --since 2026-01-31"
    )]
    List(OrdersList),
    /// Write orders as CSV, without buyer data
    #[command(after_help = "Example:\n  mcf orders export --since 2026-01-01 --output orders.csv")]
    Export(OrdersExport),
    /// Keep an order from being sent until it is released
    #[command(
        after_help = "Examples:\n  mcf orders hold 576900000000000101\n  mcf orders hold 576900000000000101 --dry-run"
    )]
    Hold(OneOrder),
    /// Lift a hold, or give an order that was set aside back to be decided anew
    #[command(
        after_help = "Examples:\n  mcf orders release 576900000000000101\n  mcf orders release 576900000000000101 --dry-run"
    )]
    Release(OneOrder),
    /// Take an order off our hands; what Amazon has of it is followed and told all the same
    #[command(
        after_help = "Examples:\n  mcf orders dismiss 576900000000000101\n  mcf orders dismiss 576900000000000101 --dry-run"
    )]
    Dismiss(OneOrder),
    /// Take a dismissal back
    #[command(
        after_help = "Examples:\n  mcf orders restore 576900000000000101\n  mcf orders restore 576900000000000101 --dry-run"
    )]
    Restore(OneOrder),
    /// Say that orders may go that wait for your word, where `[routing] approval` is "all"
    #[command(
        after_help = "Examples:\n  mcf orders approve 576900000000000101 576900000000000102\n  mcf orders approve 576900000000000101 --because 'looked at' --dry-run"
    )]
    Approve(OrdersApprove),
    /// Erase the buyer's data of an order that has ended
    #[command(
        after_help = "Examples:\n  mcf orders erase 576900000000000101\n  mcf orders erase 576900000000000101 --dry-run"
    )]
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

/// `mcf orders approve`.
#[derive(Debug, Args)]
pub struct OrdersApprove {
    /// The orders' ids at TikTok
    #[arg(value_name = "ORDER_ID", value_parser = order_id, required = true)]
    pub orders: Vec<TiktokOrderId>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub because: Option<String>,
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
    pub reason: Option<Reason>,
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

pub(super) fn order_id(text: &str) -> Result<TiktokOrderId, String> {
    TiktokOrderId::parse(text).map_err(|error| error.to_string())
}

fn speed(text: &str) -> Result<ShippingSpeed, String> {
    let known = ShippingSpeed::ALL
        .into_iter()
        .find(|speed| speed.as_str().eq_ignore_ascii_case(text));
    known.ok_or_else(|| "not a speed; one of Standard, Expedited, Priority".to_owned())
}

fn state(text: &str) -> Result<State, String> {
    State::read(text).ok_or_else(|| {
        let known: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
        format!("not a state; one of {}", known.join(", "))
    })
}

fn reason(text: &str) -> Result<Reason, String> {
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
