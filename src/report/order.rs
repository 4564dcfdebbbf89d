//! `mcf status <ORDER_ID>`: one order with everything that happened to it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::deadlines::{DeadlineDetail, SpeedDetail};
use super::history::HistoryLine;
use super::text::{View, relative};
use super::{SCHEMA, Timing, history};
use crate::domain::flag::Flag;
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::domain::kind::Kind;
use crate::domain::order::Recipient;
use crate::domain::outlook::{self, Next, next_run};
use crate::domain::state::State;
use crate::store::{ItemRow, OrderRow, ParcelRow, Result, Store};

/// One order and its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderReport {
    /// The version of this document.
    pub schema: u32,
    /// The order.
    pub order: OrderDetail,
    /// What happened to it, oldest first. Of one second, calls come before what followed from them.
    pub history: Vec<HistoryLine>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderDetail {
    /// The order's id.
    pub tiktok_order_id: TiktokOrderId,
    /// What kind of order it is, e.g. `normal`, `sample`.
    pub kind: Kind,
    /// The order that it replaces; only there for a replacement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_order_id: Option<TiktokOrderId>,
    /// The order whose goods it exchanges; only there for an exchange.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange_source_order_id: Option<TiktokOrderId>,
    /// The orders of one buyer that TikTok puts together; each is sent by itself all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_combine_group_id: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Where a dismissed order stands that is followed all the same; only there for such an order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub followed_as: Option<State>,
    /// Why it waits or is not eligible.
    pub state_detail: Option<String>,
    /// Since when it is in this state.
    pub state_since: DateTime<Utc>,
    /// When it will be looked at again, where that is known.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// What happens next, and when.
    pub next: NextDetail,
    /// Whether the operator holds it.
    pub held: bool,
    /// TikTok's own word.
    pub tiktok_status: String,
    /// When TikTok last showed the order; `null` where an older version stored it.
    pub seen_at: Option<DateTime<Utc>>,
    /// Whether the buyer asks to cancel.
    pub cancel_requested: bool,
    /// Why it needs a person.
    pub flags: Vec<Flag>,
    /// Our id at Amazon; `null` where Amazon surely has nothing.
    pub mcf_order_id: Option<FulfillmentOrderId>,
    /// How certain it is that Amazon has it.
    pub mcf_outcome: Option<String>,
    /// Amazon's own word.
    pub mcf_status: Option<String>,
    /// What Amazon said when it refused it. It may quote the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amazon_said: Option<String>,
    /// What TikTok said when it last refused or doubted something; it may repeat the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tiktok_said: Option<String>,
    /// Its parcels.
    pub parcels: Vec<ParcelDetail>,
    /// How fast it goes, and why; `null` before that was chosen.
    pub speed: Option<SpeedDetail>,
    /// TikTok's deadlines.
    pub deadlines: DeadlineDetail,
    /// When the buyer ordered.
    pub created_at: DateTime<Utc>,
    /// When the buyer paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// When it was first seen.
    pub detected_at: DateTime<Utc>,
    /// When Amazon took it.
    pub routed_at: Option<DateTime<Utc>>,
    /// What was bought.
    pub items: Vec<ItemDetail>,
    /// Where it goes; only there when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressDetail>,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextDetail {
    /// When, as far as that is known.
    pub at: Option<DateTime<Utc>>,
    /// What, and why it waits.
    pub what: String,
    #[serde(skip)]
    next: Next,
}

impl NextDetail {
    /// `waits for the buyer's first hour until 13:23 (in 40 minutes), then goes`.
    fn text(&self, view: &View) -> String {
        let Next { at, what, then } = &self.next;
        let Some(at) = at else {
            return self.what.clone();
        };
        let time = format!("{} ({})", view.clock(*at), relative(*at, view.now));
        match then {
            Some(then) => format!("{what} until {time}, {then}"),
            None => format!("{what}: {time}"),
        }
    }
}

impl From<Next> for NextDetail {
    fn from(next: Next) -> Self {
        Self {
            at: next.at,
            what: next.sentence(),
            next,
        }
    }
}

/// A parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ParcelDetail {
    /// The carrier's number, once there is one.
    pub tracking_number: Option<String>,
    /// The carrier as TikTok names it, before that as Amazon writes it.
    pub carrier: String,
    /// When it left.
    pub shipped_at: Option<DateTime<Utc>>,
    /// When TikTok took the number.
    pub synced_at: Option<DateTime<Utc>>,
    /// Where it stands, e.g. `ready`, `synced`.
    pub state: String,
    /// What TikTok said about it.
    pub warning: Option<String>,
    /// Where Amazon says that it is, in its own word; only there once it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whereabouts: Option<String>,
    /// The units of the order in it.
    pub line_item_ids: Vec<String>,
}

/// One unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemDetail {
    /// The unit.
    pub line_item_id: String,
    /// The listing.
    pub product_id: String,
    /// The variant.
    pub sku_id: String,
    /// The seller's SKU text at TikTok.
    pub seller_sku: Option<String>,
    /// The listing's name.
    pub product_name: Option<String>,
    /// TikTok's own word.
    pub status: String,
    /// What stands for it at Amazon, once it was meant to be sent.
    pub amazon_items: Vec<AmazonItem>,
}

/// Units at Amazon for one unit at TikTok.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AmazonItem {
    /// The SKU at Amazon.
    pub sku: String,
    /// Units.
    pub quantity: u32,
}

/// Where the order goes, as TikTok wrote it.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddressDetail {
    /// The full name.
    pub name: String,
    /// The phone number.
    pub phone: String,
    /// The lines that are not empty.
    pub lines: Vec<String>,
    /// From the country down to the city.
    pub districts: Vec<String>,
    /// The postal code.
    pub postal_code: String,
    /// E.g. `US`.
    pub region_code: String,
}

impl std::fmt::Debug for AddressDetail {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[private]")
    }
}

impl OrderReport {
    /// Reads an order; `None` when it is not known. The buyer's address is read only with `with_address`.
    ///
    /// # Errors
    /// When the database refuses, or the address is asked for and the data key is gone.
    pub fn read(
        store: &Store,
        id: &TiktokOrderId,
        with_address: bool,
        timing: &Timing,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        let Some(row) = store.order_row(id)? else {
            return Ok(None);
        };
        let address = if with_address {
            store.order(id)?.map(|stored| address(stored.order.recipient.expose()))
        } else {
            None
        };
        let parcels: Vec<ParcelDetail> = store.parcel_rows(id)?.into_iter().map(parcel).collect();
        let next = next(store, &row, &parcels, timing, now)?;
        let items = store.item_rows(id)?.into_iter().map(item).collect();
        let speed = store.speed_row(id)?;
        let detected_at = row.detected_at;
        let mut detail = detail(row, next, parcels, items, address);
        detail.speed = speed.as_ref().map(SpeedDetail::from);
        Ok(Some(Self {
            schema: SCHEMA,
            order: OrderDetail {
                // Without the data key all the rest is still shown.
                amazon_said: store.amazon_words(id).unwrap_or_default(),
                tiktok_said: store.tiktok_words(id).unwrap_or_default(),
                ..detail
            },
            history: history::read(store, id, detected_at)?,
        }))
    }

    /// Writes the order as text.
    #[must_use]
    pub fn text(&self, view: &View) -> String {
        let order = &self.order;
        let flags: Vec<_> = order.flags.iter().map(flag_cells).collect();
        let items: Vec<_> = order.items.iter().map(ItemDetail::cells).collect();
        let item_headers = ["unit", "sku", "seller sku", "name", "status", "at amazon"];
        let parcels: Vec<_> = order.parcels.iter().map(|parcel| parcel.cells(view)).collect();
        let parcel_headers = ["number", "carrier", "state", "shipped", "synced", "warning"];
        let history: Vec<_> = self.history.iter().map(|line| line.cells(view)).collect();
        view.join(&[
            view.section("Order", &[], &order.facts(view)),
            view.section("Flags", &["reason", "detail", "message", "next command"], &flags),
            view.section("Items", &item_headers, &items),
            view.section("Parcels", &parcel_headers, &parcels),
            view.section("History", &["at", "kind", "what"], &history),
        ])
    }
}

impl OrderDetail {
    fn facts(&self, view: &View) -> Vec<Vec<String>> {
        let mut facts = vec![
            fact("order", self.tiktok_order_id.as_str()),
            fact("state", &self.state_words()),
            fact("next", &self.next.text(view)),
        ];
        facts.extend((self.kind != Kind::Normal).then(|| fact("kind", &self.kind_words())));
        facts.extend(
            self.auto_combine_group_id
                .iter()
                .map(|group| fact("combined by TikTok", group)),
        );
        let amazon = [
            self.mcf_order_id.as_ref().map(FulfillmentOrderId::as_str),
            self.mcf_outcome.as_deref(),
            self.mcf_status.as_deref(),
        ];
        let amazon: Vec<&str> = amazon.into_iter().flatten().collect();
        facts.push(fact("at TikTok", &self.word_of_tiktok(view)));
        facts.extend((!amazon.is_empty()).then(|| fact("at Amazon", &amazon.join(", "))));
        facts.extend(self.amazon_said.iter().map(|words| fact("Amazon said", words)));
        facts.extend(self.tiktok_said.iter().map(|words| fact("TikTok said", words)));
        facts.extend(
            self.speed
                .iter()
                .map(|speed| fact("speed", &format!("{}: {}", speed.chosen, speed.because))),
        );
        facts.extend(
            self.deadlines
                .at_risk
                .then(|| fact("at risk", "leaves Amazon after TikTok's deadline")),
        );
        let times = [
            ("paid", self.paid_at),
            ("detected", Some(self.detected_at)),
            ("routed", self.routed_at),
            ("ship by", self.deadlines.ship_by),
            ("scanned by", self.deadlines.scanned_by),
            (
                "cancelled unless shipped by",
                self.deadlines.cancelled_unless_shipped_by,
            ),
            (
                "cancelled unless scanned by",
                self.deadlines.cancelled_unless_scanned_by,
            ),
        ];
        let known = times.into_iter().filter(|(_, at)| at.is_some());
        facts.extend(known.map(|(name, at)| fact(name, &view.moment(at))));
        facts.extend(
            self.address
                .as_ref()
                .map(|address| fact("address", &address.one_line())),
        );
        facts
    }

    fn word_of_tiktok(&self, view: &View) -> String {
        match self.seen_at {
            Some(at) => format!("{}, read {}", self.tiktok_status, relative(at, view.now)),
            None => self.tiktok_status.clone(),
        }
    }

    fn kind_words(&self) -> String {
        let of = self
            .replaced_order_id
            .as_ref()
            .or(self.exchange_source_order_id.as_ref());
        match of {
            Some(order) => format!("{} of order {order}", self.kind),
            None => self.kind.to_string(),
        }
    }

    fn state_words(&self) -> String {
        let followed = self.followed_as.map(|life| format!("followed all the same: {life}"));
        let held = self.held.then_some("held by the operator");
        let cancel = self.cancel_requested.then_some("the buyer asks to cancel");
        let words = [
            Some(self.state.as_str()),
            followed.as_deref(),
            self.state_detail.as_deref(),
            held,
            cancel,
        ];
        words.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl ItemDetail {
    fn cells(&self) -> Vec<String> {
        let amazon: Vec<String> = self
            .amazon_items
            .iter()
            .map(|item| format!("{} x {}", item.quantity, item.sku))
            .collect();
        vec![
            self.line_item_id.clone(),
            self.sku_id.clone(),
            self.seller_sku.clone().unwrap_or_default(),
            self.product_name.clone().unwrap_or_default(),
            self.status.clone(),
            amazon.join(", "),
        ]
    }
}

impl ParcelDetail {
    fn stands(&self) -> String {
        match &self.whereabouts {
            Some(word) => format!("{}, {word}", self.state),
            None => self.state.clone(),
        }
    }

    fn cells(&self, view: &View) -> Vec<String> {
        vec![
            self.tracking_number.clone().unwrap_or_default(),
            self.carrier.clone(),
            self.stands(),
            view.time(self.shipped_at),
            view.time(self.synced_at),
            self.warning.clone().unwrap_or_default(),
        ]
    }
}

impl AddressDetail {
    fn one_line(&self) -> String {
        let ends = [&self.postal_code, &self.region_code, &self.phone];
        let parts = std::iter::once(&self.name)
            .chain(&self.lines)
            .chain(self.districts.iter().rev())
            .chain(ends);
        parts
            .filter(|part| !part.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn fact(name: &str, value: &str) -> Vec<String> {
    vec![name.to_owned(), value.to_owned()]
}

fn flag_cells(flag: &Flag) -> Vec<String> {
    vec![
        flag.reason().to_string(),
        flag.detail.to_string(),
        flag.message.clone(),
        flag.next_command.clone(),
    ]
}

/// Returns our id at Amazon unless Amazon surely has nothing under it.
pub(super) fn mcf_order_id(row: &OrderRow) -> Option<FulfillmentOrderId> {
    let is_nothing = matches!(row.outcome.as_deref(), Some("refused" | "not_sent"));
    row.fulfillment_order.clone().filter(|_| !is_nothing)
}

fn detail(
    row: OrderRow,
    next: Next,
    parcels: Vec<ParcelDetail>,
    items: Vec<ItemDetail>,
    address: Option<AddressDetail>,
) -> OrderDetail {
    OrderDetail {
        mcf_order_id: mcf_order_id(&row),
        speed: None,
        deadlines: DeadlineDetail::from(&row),
        tiktok_order_id: row.id,
        kind: row.kind,
        replaced_order_id: row.purpose.replaced_order_id,
        exchange_source_order_id: row.purpose.exchange_source_order_id,
        auto_combine_group_id: row.auto_combine_group_id,
        state: row.state,
        followed_as: row.followed_as,
        state_detail: row.state_detail,
        state_since: row.state_since,
        next_attempt_at: row.next_attempt_at,
        next: next.into(),
        held: row.held,
        tiktok_status: row.tiktok_status,
        seen_at: row.seen_at,
        cancel_requested: row.cancel_requested,
        flags: row.flags,
        mcf_outcome: row.outcome,
        mcf_status: row.amazon_status,
        amazon_said: None,
        tiktok_said: None,
        parcels,
        created_at: row.created_at,
        paid_at: row.paid_at,
        detected_at: row.detected_at,
        routed_at: row.routed_at,
        items,
        address,
    }
}

fn next(store: &Store, row: &OrderRow, parcels: &[ParcelDetail], timing: &Timing, now: DateTime<Utc>) -> Result<Next> {
    let (runs, pause) = (store.last_runs()?, store.pause(now)?);
    let runs_at = |command: &str, every| {
        let began_at = runs.iter().find(|(run, _)| run.command == command);
        next_run(began_at.map(|(run, _)| run.started_at), every, now)
    };
    let is_untold = |parcel: &&ParcelDetail| parcel.shipped_at.is_some() && parcel.synced_at.is_none();
    let facts = outlook::Facts {
        order: &row.id,
        state: row.state,
        followed_as: row.followed_as,
        detail: row.state_detail.as_deref(),
        next_attempt_at: row.next_attempt_at,
        held: row.held,
        flags: &row.flags,
        amazon_status: row.amazon_status.as_deref(),
        untold_parcels: parcels.iter().filter(is_untold).count(),
        pause: pause.as_ref(),
        poll_at: runs_at("poll", timing.poll),
        tracking_at: runs_at("sync-tracking", timing.sync_tracking),
    };
    Ok(outlook::next(&facts, now))
}

fn parcel(row: ParcelRow) -> ParcelDetail {
    ParcelDetail {
        tracking_number: row.tracking_number,
        carrier: row.carrier,
        shipped_at: row.shipped_at,
        synced_at: row.synced_at,
        state: row.state,
        warning: row.warning,
        whereabouts: row.whereabouts,
        line_item_ids: row.line_item_ids,
    }
}

fn item(row: ItemRow) -> ItemDetail {
    let amazon = |(sku, quantity)| AmazonItem { sku, quantity };
    ItemDetail {
        line_item_id: row.line_item_id,
        product_id: row.product_id,
        sku_id: row.sku_id,
        seller_sku: row.seller_sku,
        product_name: row.product_name,
        status: row.status,
        amazon_items: row.amazon_items.into_iter().map(amazon).collect(),
    }
}

fn address(recipient: &Recipient) -> AddressDetail {
    let has_lines = recipient.lines.iter().any(|line| !line.trim().is_empty());
    let lines = if has_lines {
        recipient.lines.as_slice()
    } else {
        std::slice::from_ref(&recipient.detail)
    };
    let lines = lines.iter().chain(std::iter::once(&recipient.post_town));
    AddressDetail {
        name: recipient.name.clone(),
        phone: recipient.phone.clone(),
        lines: lines.filter(|line| !line.trim().is_empty()).cloned().collect(),
        districts: recipient
            .districts
            .iter()
            .map(|district| district.name.clone())
            .collect(),
        postal_code: recipient.postal_code.clone(),
        region_code: recipient.region_code.clone(),
    }
}

#[cfg(test)]
mod tests;
