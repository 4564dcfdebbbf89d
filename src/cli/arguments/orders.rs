//! What is typed about orders: all that are due, one of them, or a list.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Args, Command, Subcommand, ValueEnum};

use super::{OrderFilters, OutputFile};
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::TiktokOrderId;
use crate::domain::routing::doubts;

/// The longest id or tracking number.
const ORDER_NAME_MAX: usize = 50;

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
    #[arg(long, value_name = "DETAIL", value_parser = DetailParser, hide_possible_values = true)]
    pub accept: Vec<String>,
    /// Send what Amazon left out of an order that it shipped in part, under the next id
    #[arg(long, conflicts_with = "accept")]
    pub rest: bool,
    /// Send it at this speed (Standard, Expedited, Priority); kept until its contents or its address change
    #[arg(long, value_name = "SPEED", value_parser = speeds(), ignore_case = true)]
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
        after_help = "Examples:\n  mcf orders list --group\n  mcf orders list --state flagged --sku FBA-LAMP\n  mcf orders list --reason SKU_NOT_MAPPED --since 2026-01-31\n  mcf orders list --find 1Z999AA10123456784"
    )]
    List(OrdersList),
    /// Write orders as CSV or JSON, without buyer data
    #[command(
        after_help = "Examples:\n  mcf orders export --since 2026-01-01 --until 2026-01-31 --output orders.csv\n  mcf orders export --format json --sku FBA-LAMP"
    )]
    Export(OrdersExport),
    /// Keep orders from being sent until they are released
    #[command(
        after_help = "Examples:\n  mcf orders hold 576900000000000101 --because 'the buyer asked'\n  mcf orders hold --reason INSUFFICIENT_INVENTORY --sku FBA-LAMP --dry-run"
    )]
    Hold(OrdersInHand),
    /// Lift a hold, or give orders that were set aside back to be decided anew
    #[command(
        after_help = "Examples:\n  mcf orders release 576900000000000101\n  mcf orders release --state flagged --sku FBA-LAMP --yes"
    )]
    Release(OrdersInHand),
    /// Take orders off our hands; what Amazon has of them is followed and told all the same
    #[command(
        after_help = "Examples:\n  mcf orders dismiss 576900000000000101 576900000000000102\n  mcf orders dismiss --reason INSUFFICIENT_INVENTORY --sku FBA-LAMP --because 'sold out' --yes"
    )]
    Dismiss(OrdersInHand),
    /// Take dismissals back
    #[command(
        after_help = "Examples:\n  mcf orders restore 576900000000000101\n  mcf orders restore --state dismissed --sku FBA-LAMP"
    )]
    Restore(OrdersInHand),
    /// Say that orders may go that wait for your word, where `[routing] approval` is "all"
    #[command(
        after_help = "Examples:\n  mcf orders approve 576900000000000101 576900000000000102\n  mcf orders approve --state waiting --sku FBA-LAMP --because 'looked at' --dry-run"
    )]
    Approve(OrdersInHand),
    /// Erase the buyers' data of orders that have ended
    #[command(
        after_help = "Examples:\n  mcf orders erase 576900000000000101\n  mcf orders erase --state completed --until 2026-01-31 --dry-run"
    )]
    Erase(OrdersInHand),
}

/// Orders under the operator's hand: named one by one, or all that filters let through.
#[derive(Debug, Args)]
pub struct OrdersInHand {
    /// The orders: TikTok's ids, ours at Amazon, or tracking numbers
    #[arg(value_name = "ORDER_ID", value_parser = order_name, required_unless_present = "filters", conflicts_with = "filters")]
    pub orders: Vec<String>,
    /// Which orders.
    #[command(flatten)]
    pub filters: OrderFilters,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub because: Option<String>,
    /// Do it to all that the filters let through, without a question
    #[arg(long, short)]
    pub yes: bool,
    /// Say what would be done; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf orders list`.
#[derive(Debug, Args)]
pub struct OrdersList {
    /// Which orders.
    #[command(flatten)]
    pub filters: OrderFilters,
    /// One row for each cause, with the next command
    #[arg(long, conflicts_with_all = ["limit", "jsonl"])]
    pub group: bool,
    /// At most so many
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000), default_value_t = 50)]
    pub limit: u32,
    /// Print one JSON object a line
    #[arg(long)]
    pub jsonl: bool,
}

/// `mcf orders export`.
#[derive(Debug, Args)]
pub struct OrdersExport {
    /// Which orders.
    #[command(flatten)]
    pub filters: OrderFilters,
    /// How they are written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ExportFormat::Csv)]
    pub format: ExportFormat,
    /// Where to write.
    #[command(flatten)]
    pub file: OutputFile,
}

/// How orders are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A table with a header.
    Csv,
    /// One document.
    Json,
}

pub(super) fn order_id(text: &str) -> Result<TiktokOrderId, String> {
    TiktokOrderId::parse(text).map_err(|error| error.to_string())
}

/// An id or a number by which a person names an order.
pub(super) fn order_name(text: &str) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    match (1..=ORDER_NAME_MAX).contains(&text.len()) && text.bytes().all(is_plain) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "not an order id or a tracking number: 1 to {ORDER_NAME_MAX} letters, digits and hyphens"
        )),
    }
}

/// The speeds by their names, in whatever case they are typed.
pub(super) fn speeds() -> impl TypedValueParser<Value = ShippingSpeed> {
    PossibleValuesParser::new(["Standard", "Expedited", "Priority"]).map(|word| {
        let mut known = ShippingSpeed::ALL.into_iter();
        known
            .find(|speed| speed.as_str().eq_ignore_ascii_case(&word))
            .unwrap_or_else(|| ShippingSpeed::read(&word))
    })
}

/// Any word, since what is no doubt of the order is told by what the order carries; shells complete those that may be accepted.
#[derive(Debug, Clone, Copy)]
struct DetailParser;

impl TypedValueParser for DetailParser {
    type Value = String;

    fn parse_ref(&self, _: &Command, _: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        Ok(value.to_string_lossy().into_owned())
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(doubts::all().map(|doubt| PossibleValue::new(doubt.as_str()))))
    }
}
