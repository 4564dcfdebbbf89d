//! The sections that say how the program behaves: store, schedule, retry, routing, inventory, tracking, alerts, privacy.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::credential;
use super::error::{Error, Origin, Problem};
use super::section::Section;
use super::speeds;
use crate::domain::ids::{AmazonSku, WarehouseId};
use crate::domain::quiet::QuietHours;
use crate::domain::routing::approval::Approval;
use crate::domain::routing::{DeadlineMode, SpeedRules};
use crate::secret::Secret;

/// The database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreSettings {
    /// The SQLite file, absolute.
    pub path: PathBuf,
    /// The address of PostgreSQL, where the shop lies on a server instead.
    pub url: Option<Secret>,
    /// The schema of the shop there.
    pub schema: String,
    /// The data key, for a database that has no key file beside it.
    pub data_key: Option<GivenKey>,
}

/// A data key that does not lie beside the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenKey {
    /// As a key file has it: 32 bytes in base64.
    pub text: Secret,
    /// Where it was read.
    pub origin: Origin,
}

/// How often each job runs; cron or systemd does the running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduleSettings {
    /// Minutes between two runs of `poll`.
    pub order_poll_interval_minutes: u32,
    /// Minutes between two runs of `sync-tracking`.
    pub tracking_sync_interval_minutes: u32,
    /// Minutes between two runs of `sync-inventory`.
    pub inventory_sync_interval_minutes: u32,
}

/// How often a failed call is made again within a run, and when a create whose outcome is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetrySettings {
    /// Tries in all, the first included.
    pub max_attempts: u32,
    /// The longest first wait, in milliseconds; each further one may be twice as long.
    pub backoff_ms: u32,
    /// Minutes between the two looks that must find nothing at Amazon before a create is sent again.
    pub unknown_grace_minutes: u32,
}

/// What happens to an order of an unusual kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// It goes to Amazon like any other.
    Send,
    /// It waits for a person.
    Flag,
}

/// How orders go to Amazon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutingSettings {
    /// How fast they go.
    pub speeds: SpeedRules,
    /// Minutes to wait after payment where TikTok gives no hold.
    pub grace_minutes: u32,
    /// Hours that the first run looks back.
    pub lookback_hours: u32,
    /// What is printed on the packing slip.
    pub order_comment: String,
    /// Whether an order waits for a person when Amazon's preview says that it can't ship it.
    pub preview: bool,
    /// The most that Amazon's fees may be of an order's total, in percent; 0 sets no limit.
    pub fee_share_max: u32,
    /// Which orders wait for a person's word.
    pub approval: Approval,
    /// Whether Amazon's own carrier is kept away from every order.
    pub block_amazon_logistics: bool,
    /// Whether every order is to go in a box that does not name Amazon.
    pub unbranded_box: bool,
    /// Samples for creators.
    pub samples: Handling,
    /// Replacements and exchanges.
    pub replacements: Handling,
    /// Post office boxes.
    pub po_boxes: Handling,
    /// Rural and highway contract routes.
    pub rural_routes: Handling,
    /// APO, FPO and DPO addresses.
    pub military: Handling,
    /// Puerto Rico, Guam and the other territories.
    pub territories: Handling,
    /// Alaska and Hawaii.
    pub alaska_hawaii: Handling,
    /// Addresses with letters beyond ISO-8859-1.
    pub non_latin: Handling,
    /// The most characters in an address line; carriers may print fewer than Amazon's 60.
    pub address_line_max: usize,
}

/// Stock levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventorySettings {
    /// Units at or below which an alert goes out.
    pub low_stock_threshold: u32,
    /// Units that are never shown for sale, where the mapping names none.
    pub safety_stock: u32,
    /// The shop's MCF warehouses: orders of all of them are ours, the first shows the stock. Empty means that every order is ours and
    /// the shop's default sales warehouse shows the stock.
    pub tiktok_warehouse_ids: Vec<WarehouseId>,
    /// Nothing is written when more percent of the SKUs on sale would fall to 0 at once; 100 never holds anything back.
    pub brake_zero_share: u32,
    /// Nothing is written when a figure would become so many times larger or smaller.
    pub brake_factor: u32,
    /// Amazon SKU → its own threshold in place of `low_stock_threshold`.
    pub thresholds: BTreeMap<AmazonSku, u32>,
}

/// Tracking numbers and carriers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingSettings {
    /// Whether Amazon's own fulfillment tracking number is sent before the carrier's.
    pub use_aftn: bool,
    /// The TikTok provider, name or id, for carriers that nothing else fits.
    pub default_carrier: Option<String>,
    /// Amazon's carrier → TikTok's provider, name or id.
    pub carriers: BTreeMap<String, String>,
}

/// When people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertSettings {
    /// Hours in which only deadlines and standstills are told.
    pub quiet: Option<QuietHours>,
}

/// How long buyer data is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivacySettings {
    /// Days after delivery or cancellation, at most 30 unless the settings say that the vendors' policies are set aside.
    pub retention_days: u32,
}

const MINUTES_A_DAY: u32 = 24 * 60;

/// Ten times what an order is worth: more is a slip of the keyboard.
const FEE_SHARE_MAX: u32 = 1000;

/// The limit of Amazon's `displayableOrderComment`.
const ORDER_COMMENT_MAX: usize = 750;

/// More units than any listing can have; catches slips of the keyboard.
const UNITS_MAX: u32 = 1_000_000;

/// TikTok lets a shop name this many warehouses for Amazon's fulfillment.
const WAREHOUSES_MAX: usize = 3;

/// Amazon's Data Protection Policy; TikTok hides the same data after the same time.
const RETENTION_DAYS_MAX: u32 = 30;

/// Five days short of that: a purge that does not run for a while is not at once a breach.
const RETENTION_DAYS: u32 = 25;

/// Ten years: what tax laws ask for at most.
const DAYS_BEYOND_POLICY_MAX: u32 = 3_650;

impl StoreSettings {
    /// Returns the text of the key that is given.
    #[must_use]
    pub fn key(&self) -> Option<&Secret> {
        self.data_key.as_ref().map(|key| &key.text)
    }

    /// Returns the file that the key was read from.
    #[must_use]
    pub fn key_file(&self) -> Option<&Path> {
        match &self.data_key.as_ref()?.origin {
            Origin::SecretFile(path) => Some(path),
            Origin::File { .. } | Origin::Variable(_) | Origin::Default => None,
        }
    }

    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let path = section.text_in_file("path")?;
        let is_file_named = path.is_some();
        let path = path.map_or_else(|| "mcf.db".to_owned(), |(path, _)| path);
        section.variables_begin_with("MCF_STORE_");
        let named = section.secret_text("url", "url_file")?;
        if let Some((_, origin)) = named.filter(|_| is_file_named) {
            return Err(section.refusal("url", origin, Problem::Beside { other: "path" }));
        }
        let url = section.secret("url", "url_file")?;
        let schema = section.identifier("schema")?;
        section.variables_begin_with("MCF_");
        let data_key = section.secret_from(credential::data_key, "data_key", "data_key_file")?;
        let settings = Self {
            path: section.beside_file(&path),
            url,
            schema: schema.unwrap_or_else(|| "mcf".to_owned()),
            data_key: data_key.map(|(text, origin)| GivenKey { text, origin }),
        };
        section.finish()?;
        Ok(settings)
    }
}

impl ScheduleSettings {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let mut minutes = |key, default| section.number(key, 1..=MINUTES_A_DAY, default);
        let settings = Self {
            order_poll_interval_minutes: minutes("order_poll_interval_minutes", 5)?,
            tracking_sync_interval_minutes: minutes("tracking_sync_interval_minutes", 30)?,
            inventory_sync_interval_minutes: minutes("inventory_sync_interval_minutes", 60)?,
        };
        section.finish()?;
        Ok(settings)
    }
}

impl RetrySettings {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let settings = Self {
            max_attempts: section.number("max_attempts", 1..=10, 3)?,
            backoff_ms: section.number("backoff_ms", 0..=60_000, 1000)?,
            unknown_grace_minutes: section.number("unknown_grace_minutes", 1..=MINUTES_A_DAY, 15)?,
        };
        section.finish()?;
        Ok(settings)
    }
}

impl RoutingSettings {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let comment = section.text_up_to(ORDER_COMMENT_MAX, "order_comment")?;
        let settings = Self {
            speeds: speeds::read(&mut section)?,
            grace_minutes: section.number("grace_minutes", 0..=7 * MINUTES_A_DAY, 60)?,
            lookback_hours: section.number("lookback_hours", 1..=90 * 24, 72)?,
            order_comment: comment.unwrap_or_else(|| "Thank you for your order!".to_owned()),
            preview: section.flag("preview", false)?,
            fee_share_max: section.number("fee_share_max", 0..=FEE_SHARE_MAX, 0)?,
            approval: section.choice(
                "approval",
                &["off", "all"],
                &[Approval::Off, Approval::All],
                Approval::Off,
            )?,
            block_amazon_logistics: section.flag("block_amazon_logistics", false)?,
            unbranded_box: section.flag("unbranded_box", false)?,
            samples: read_handling(&mut section, "samples", Handling::Send)?,
            replacements: read_handling(&mut section, "replacements", Handling::Send)?,
            po_boxes: read_handling(&mut section, "po_boxes", Handling::Send)?,
            rural_routes: read_handling(&mut section, "rural_routes", Handling::Send)?,
            military: read_handling(&mut section, "military", Handling::Send)?,
            territories: read_handling(&mut section, "territories", Handling::Send)?,
            alaska_hawaii: read_handling(&mut section, "alaska_hawaii", Handling::Send)?,
            non_latin: read_handling(&mut section, "non_latin", Handling::Flag)?,
            address_line_max: section.number("address_line_max", 20..=60, 60)? as usize,
        };
        section.finish()?;
        Ok(settings)
    }
}

impl RoutingSettings {
    /// Tells whether Amazon is asked beforehand: only its preview names the fees, when an order leaves, and what it can't do.
    #[must_use]
    pub fn asks_for_preview(&self) -> bool {
        let has_wishes = self.block_amazon_logistics || self.unbranded_box;
        self.preview || self.fee_share_max > 0 || has_wishes || self.speeds.deadline.mode != DeadlineMode::Off
    }
}

impl InventorySettings {
    /// Returns the units at or below which an alert about a SKU goes out.
    #[must_use]
    pub fn threshold(&self, sku: &AmazonSku) -> u32 {
        self.thresholds.get(sku).copied().unwrap_or(self.low_stock_threshold)
    }

    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let settings = Self {
            low_stock_threshold: section.number("low_stock_threshold", 0..=UNITS_MAX, 10)?,
            safety_stock: section.number("safety_stock", 0..=UNITS_MAX, 0)?,
            tiktok_warehouse_ids: read_warehouses(&mut section)?,
            brake_zero_share: section.number("brake_zero_share", 1..=100, 50)?,
            brake_factor: section.number("brake_factor", 2..=UNITS_MAX, 10)?,
            thresholds: section
                .numbers("thresholds", 0..=UNITS_MAX)?
                .into_iter()
                .map(|(sku, units)| (AmazonSku::new(sku), units))
                .collect(),
        };
        section.finish()?;
        Ok(settings)
    }
}

impl TrackingSettings {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let settings = Self {
            use_aftn: section.flag("use_aftn", false)?,
            default_carrier: section.text_up_to(100, "default_carrier")?,
            carriers: section.names("carriers")?.into_iter().collect(),
        };
        section.finish()?;
        Ok(settings)
    }
}

impl AlertSettings {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let quiet = match section.text("quiet")? {
            Some((text, origin)) if !text.is_empty() => {
                Some(QuietHours::read(&text).ok_or_else(|| section.refusal("quiet", origin, Problem::NotQuietHours))?)
            }
            Some(_) | None => None,
        };
        section.finish()?;
        Ok(Self { quiet })
    }
}

impl PrivacySettings {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let is_beyond = section.flag("retention_beyond_policy", false)?;
        let range = 1..=if is_beyond {
            DAYS_BEYOND_POLICY_MAX
        } else {
            RETENTION_DAYS_MAX
        };
        let days = section.number("retention_days", range, RETENTION_DAYS);
        let settings = Self {
            retention_days: days.map_err(|error| {
                if is_beyond {
                    error
                } else {
                    name_the_retention_rule(error)
                }
            })?,
        };
        section.finish()?;
        Ok(settings)
    }
}

/// Reads the warehouses in either form, one or a list.
fn read_warehouses(section: &mut Section<'_>) -> Result<Vec<WarehouseId>, Error> {
    const LIST: &str = "tiktok_warehouse_ids";
    const ONE: &str = "tiktok_warehouse_id";
    let one = section.identifier(ONE)?.map(WarehouseId::new);
    let listed = section.list(LIST)?.unwrap_or_default();
    if let (Some(_), Some((_, origin))) = (&one, listed.first()) {
        return Err(section.refusal(LIST, origin.clone(), Problem::Beside { other: ONE }));
    }
    if let Some((_, origin)) = listed.get(WAREHOUSES_MAX) {
        let problem = Problem::TooMany { max: WAREHOUSES_MAX };
        return Err(section.refusal(LIST, origin.clone(), problem));
    }
    let mut warehouses: Vec<WarehouseId> = one.into_iter().collect();
    for (text, origin) in listed {
        let id = credential::checked(&text).map_err(|problem| section.refusal(LIST, origin, problem))?;
        let id = WarehouseId::new(id);
        if !warehouses.contains(&id) {
            warehouses.push(id);
        }
    }
    Ok(warehouses)
}

fn read_handling(section: &mut Section<'_>, key: &'static str, default: Handling) -> Result<Handling, Error> {
    section.choice(key, &["send", "flag"], &[Handling::Send, Handling::Flag], default)
}

fn name_the_retention_rule(mut error: Error) -> Error {
    if let Error::Value { problem, .. } = &mut error
        && matches!(problem, Problem::OutOfRange { .. })
    {
        *problem = Problem::RetentionTooLong {
            max: RETENTION_DAYS_MAX,
        };
    }
    error
}
