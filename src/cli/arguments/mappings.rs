//! What is typed about mappings and stock.

use clap::{Args, Subcommand};

use super::OutputFile;
use crate::domain::fulfillment::ShippingSpeed;

/// `mcf mappings`.
#[derive(Debug, Subcommand)]
pub enum Mappings {
    /// Import CSV or JSON from a file, an https address or - (standard input): all or nothing
    #[command(
        after_help = "Examples:\n  mcf mappings import mappings.csv --dry-run\n  mcf mappings import https://example.com/mappings.json\n  cat mappings.csv | mcf mappings import -"
    )]
    Import(MappingsImport),
    /// Map one key without a file
    #[command(
        after_help = "Examples:\n  mcf mappings add --seller-sku LAMP-BLK --amazon-sku FBA-LAMP\n  mcf mappings add --sku-id 1729592969712207013 --amazon-sku FBA-SOCK --quantity 3 --replace\n  mcf mappings add --seller-sku GIFT --amazon-sku FBA-LAMP --bundle gift    (a bundle: one line for each part)\n  mcf mappings add --seller-sku GIFT --amazon-sku FBA-BULB --bundle gift"
    )]
    Add(MappingsAdd),
    /// Take one key out of the mappings
    #[command(
        after_help = "Examples:\n  mcf mappings remove --seller-sku LAMP-BLK --dry-run\n  mcf mappings remove --seller-sku GIFT --amazon-sku FBA-BULB    (one part of a bundle)\n  mcf mappings rollback    (takes it back)"
    )]
    Remove(MappingsRemove),
    /// Find Amazon SKUs that are spelled like the seller SKUs of live listings without a mapping
    #[command(
        after_help = "Examples:\n  mcf mappings suggest\n  mcf mappings suggest --apply    (equal ones only, after a question)\n  mcf mappings suggest --apply --yes"
    )]
    Suggest(MappingsSuggest),
    /// List the products that no mapping names and that orders wait for
    #[command(after_help = "Example:\n  mcf mappings missing")]
    Missing,
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

/// What a mapping is looked up by.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct MappingKeyArguments {
    /// TikTok's id of one variant
    #[arg(long, value_name = "ID")]
    pub sku_id: Option<String>,
    /// Your own SKU text of the variant at TikTok
    #[arg(long, value_name = "TEXT")]
    pub seller_sku: Option<String>,
    /// TikTok's id of a listing, for all its variants that no other key names
    #[arg(long, value_name = "ID")]
    pub product_id: Option<String>,
}

/// `mcf mappings add`.
#[derive(Debug, Args)]
pub struct MappingsAdd {
    /// The key.
    #[command(flatten)]
    pub key: MappingKeyArguments,
    /// The SKU at Amazon
    #[arg(long, value_name = "SKU")]
    pub amazon_sku: String,
    /// Units of it in one unit at TikTok [default: 1]
    #[arg(long, value_name = "UNITS")]
    pub quantity: Option<u32>,
    /// The name that holds the parts of a bundle together: each part is a line of its own with the same key and name
    #[arg(long, value_name = "NAME")]
    pub bundle: Option<String>,
    /// How fast it goes
    #[arg(long, value_name = "SPEED", value_parser = super::orders::speeds(), ignore_case = true)]
    pub speed: Option<ShippingSpeed>,
    /// Units to keep back from TikTok
    #[arg(long, value_name = "UNITS")]
    pub safety_stock: Option<u32>,
    /// Put it in the place of what the key is mapped to
    #[arg(long)]
    pub replace: bool,
    /// Print the changes; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf mappings remove`.
#[derive(Debug, Args)]
pub struct MappingsRemove {
    /// The key.
    #[command(flatten)]
    pub key: MappingKeyArguments,
    /// Only this part of a bundle
    #[arg(long, value_name = "SKU")]
    pub amazon_sku: Option<String>,
    /// Print the changes; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf mappings suggest`.
#[derive(Debug, Args)]
pub struct MappingsSuggest {
    /// Map those whose texts are equal on both sides, as one import
    #[arg(long)]
    pub apply: bool,
    /// Without a question
    #[arg(long, short, requires = "apply")]
    pub yes: bool,
    /// Print what would be mapped; change nothing
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
