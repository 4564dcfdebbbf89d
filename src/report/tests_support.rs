//! A store in which a little of everything has happened, at fixed instants.

use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

use super::Timing;
use super::text::{Layout, View};
use crate::domain::event::instant;
use crate::domain::flag::{Detail, Flag};
use crate::domain::fulfillment::{Destination, Draft, DraftItem, ShippingSpeed};
use crate::domain::ids::{AmazonSku, FulfillmentItemId, FulfillmentOrderId, TiktokOrderId};
use crate::domain::order::Order;
use crate::domain::order::tests_support::plain_order;
use crate::domain::parcel::ItemUnits;
use crate::domain::routing::StoredDecision;
use crate::domain::state::{State, Step};
use crate::secret::Private;
use crate::store::overview::tests_support::{insert_parcel, insert_stock};
use crate::store::{Claim, RunOutcome, Store};
use crate::transport::{AnswerNote, CallOutcome, CallRecord, Operation, Peer, Rate};

/// An order that went the whole way.
pub(super) const SHIPPED: &str = "576900000000000101";
/// An order without a mapping.
pub(super) const FLAGGED: &str = "576900000000000102";
/// An order of which nobody knows whether Amazon has it.
pub(super) const UNKNOWN: &str = "576900000000000103";
/// An order whose address is masked.
pub(super) const WAITING: &str = "576900000000000104";
const LATE_PARCEL: &str = "576900000000000105";
const HOSTILE: &str = "576900000000000106";

static CREATE: Operation = operation(Peer::Amazon, "createFulfillmentOrder", "POST");
static DETAIL: Operation = operation(Peer::Tiktok, "getOrderDetail", "GET");

const fn operation(peer: Peer, name: &'static str, method: &'static str) -> Operation {
    Operation {
        peer,
        name,
        method,
        path: "/a/path",
        rate: Rate {
            per_second: 2.0,
            burst: 30.0,
        },
        repeat: crate::transport::Repeat::Safe,
    }
}

/// The instant of the reports.
pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_618_000, 0).expect("a valid instant")
}

fn ago(minutes: i64) -> DateTime<Utc> {
    now() - TimeDelta::minutes(minutes)
}

/// The timing of the design, in the US.
pub(super) fn timing() -> Timing {
    Timing::default()
}

/// A person in UTC with a wide terminal.
pub(super) fn terminal() -> View {
    View {
        layout: Layout::Terminal { width: 160 },
        now: now(),
        local: instant,
        commands: str::to_owned,
        is_coloured: false,
    }
}

/// Writes a run that ended well.
pub(super) fn good_run(store: &Store, command: &str, at: DateTime<Utc>) {
    store.begin_run(command, at - TimeDelta::seconds(2)).expect("begun");
    store
        .end_run(RunOutcome::Ok, &serde_json::json!({}), at)
        .expect("ended");
}

/// Returns the store.
pub(super) fn filled() -> (TempDir, Store) {
    let (folder, store) = crate::store::tests_support::store();
    good_run(&store, "poll", ago(3));
    good_run(&store, "sync-tracking", ago(200));
    insert_stock(&store, "LAMP-BLK", Some(40), false, ago(30));
    insert_stock(&store, "=LAMP|RED", Some(3), true, ago(30));
    insert_stock(&store, "LAMP-NEW", None, false, ago(600));
    shipped(&store);
    flagged(&store);
    submit(&store, UNKNOWN, ago(90));
    waiting(&store);
    late_parcel(&store);
    hostile(&store);
    (folder, store)
}

fn id(text: &str) -> TiktokOrderId {
    TiktokOrderId::new(text)
}

fn order(text: &str, paid_at: DateTime<Utc>) -> Order {
    let mut order = plain_order(text);
    order.times.created_at = paid_at - TimeDelta::seconds(41);
    order.times.paid_at = Some(paid_at);
    order.times.updated_at = paid_at;
    order.deadlines.ship_by = Some(paid_at + TimeDelta::days(2));
    order.line_items[0].id = crate::domain::ids::LineItemId::new(format!("{text}1"));
    order
}

fn decide(store: &Store, text: &str, step: Step, detail: Option<&str>, flags: Vec<Flag>, at: DateTime<Utc>) {
    let decided = StoredDecision {
        from: State::Detected,
        step,
        detail: detail.map(str::to_owned),
        next_attempt_at: None,
        flags,
        explanation: "decided by the rules".into(),
    };
    store.decide(&id(text), &decided, at).expect("decided");
}

fn submit(store: &Store, text: &str, at: DateTime<Utc>) {
    let order = order(text, at - TimeDelta::minutes(65));
    store
        .take_in_detail(&order, at - TimeDelta::minutes(1))
        .expect("stored");
    decide(store, text, Step::Pass, None, Vec::new(), at);
    let item = FulfillmentItemId::new("item-1");
    let draft = Draft {
        id: FulfillmentOrderId::derive(&order.id, 1),
        displayable_id: order.id.clone(),
        displayable_date: order.times.created_at,
        comment: "Thank you for your order!".into(),
        speed: ShippingSpeed::Standard,
        marketplace_id: "ATVPDKIKX0DER".into(),
        features: Vec::new(),
        destination: Private::new(None::<Destination>),
        items: vec![DraftItem {
            id: item.clone(),
            sku: AmazonSku::new("LAMP-BLK"),
            quantity: 1,
        }],
    };
    let units = [ItemUnits {
        item,
        lines: vec![order.line_items[0].id.clone()],
        per_line: 1,
    }];
    let claim = Claim {
        draft: &draft,
        generation: 1,
        body: "{}",
        body_hash: "0",
        units: &units,
        explanation: "sent to Amazon",
        rest_of: None,
    };
    assert_eq!(store.claim(&claim, at).expect("claimed"), None);
    let intent = store.intent(&draft.id).expect("read").expect("an intent");
    store.begin_attempt(&intent, at).expect("begun");
    call(store, text, &DETAIL, at - TimeDelta::seconds(1), Some(200), Some("0"));
    let status = (text != UNKNOWN).then_some(200);
    call(store, text, &CREATE, at, status, None);
}

fn call(
    store: &Store,
    order: &str,
    operation: &'static Operation,
    at: DateTime<Utc>,
    status: Option<u16>,
    code: Option<&str>,
) {
    let outcome = status.map_or(CallOutcome::Unknown, |_| CallOutcome::Answered);
    let record = CallRecord {
        operation,
        order_id: Some(order.to_owned()),
        at,
        duration_ms: 180 + u64::from(order.as_bytes()[17]),
        outcome,
        status,
        note: AnswerNote {
            said: None,
            code: code.map(str::to_owned),
            request_id: Some(format!("req-{order}")),
        },
    };
    store.record_call(&record).expect("recorded");
}

fn accept(store: &Store, text: &str, at: DateTime<Utc>) {
    let intent = FulfillmentOrderId::derive(&id(text), 1);
    store
        .accepted(&intent, &id(text), "Amazon accepted it", at)
        .expect("accepted");
    store
        .step(
            &id(text),
            State::Routed,
            Step::Ship,
            "a parcel left",
            at + TimeDelta::minutes(60),
        )
        .expect("shipped");
}

fn shipped(store: &Store) {
    submit(store, SHIPPED, ago(700));
    accept(store, SHIPPED, ago(699));
    let line = format!("{SHIPPED}1");
    insert_parcel(
        store,
        &id(SHIPPED),
        "1Z999AA10123456784",
        &line,
        ago(400),
        Some(ago(370)),
    );
    store
        .step(
            &id(SHIPPED),
            State::Shipped,
            Step::Complete,
            "all shipped and told",
            ago(370),
        )
        .expect("completed");
}

fn flagged(store: &Store) {
    store
        .take_in_detail(&order(FLAGGED, ago(300)), ago(240))
        .expect("stored");
    let flag = Flag::new(
        Detail::SkuNotMapped,
        "SKU 1729592969712207013 (LAMP-BLK-01) has no Amazon SKU",
        &id(FLAGGED),
    )
    .with_command("mcf mappings missing");
    decide(store, FLAGGED, Step::Flag, None, vec![flag], ago(235));
    call(store, FLAGGED, &DETAIL, ago(236), Some(200), Some("105002"));
}

fn waiting(store: &Store) {
    store
        .take_in(&[order(WAITING, ago(2_000))], None, ago(1_990))
        .expect("stored");
    decide(store, WAITING, Step::Wait, Some("masked"), Vec::new(), ago(1_980));
}

fn late_parcel(store: &Store) {
    submit(store, LATE_PARCEL, ago(800));
    accept(store, LATE_PARCEL, ago(798));
    insert_parcel(
        store,
        &id(LATE_PARCEL),
        "TBA303030303",
        &format!("{LATE_PARCEL}1"),
        ago(360),
        None,
    );
}

fn hostile(store: &Store) {
    let mut order = order(HOSTILE, ago(120));
    order.line_items[0].product_name = Some("<script>alert(1)</script>\u{1b}[2J\u{202e}".into());
    store.take_in_detail(&order, ago(110)).expect("stored");
    let flag = Flag::new(
        Detail::Unreadable,
        "\u{1b}]0;pwn\u{7}\u{9b}2J <b>TikTok</b> said \"no\"\nsecond line",
        &id(HOSTILE),
    );
    decide(store, HOSTILE, Step::Flag, None, vec![flag], ago(109));
}
