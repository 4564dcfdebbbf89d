//! Roads on which the first order gets a flag.

use mcf_connector::sandbox::amazon::{Ending, OrderStatus, Plan, PlannedParcel};
use mcf_connector::sandbox::scenario::{MAPPINGS_CSV, OrderKind};
use mcf_connector::sandbox::tiktok::{CancelStatus, Package};
use mcf_connector::sandbox::{CreateMode, Disturbance, Fault, Operation};
use serde_json::{Value, json};

use crate::road::{FIRST, Road};

fn answer(status: u16, body: Value) -> Fault {
    Fault::before(Disturbance::Json { status, body })
}

fn amazon_says(status: u16, code: &str, message: &str) -> Fault {
    answer(
        status,
        json!({ "errors": [{ "code": code, "message": message, "details": "" }] }),
    )
}

fn plain() -> Road {
    Road::of(&[OrderKind::Plain])
}

fn with_settings(kind: OrderKind, settings: &str) -> Road {
    let road = Road::of(&[kind]);
    road.configure(settings);
    road.mcf(&["poll"]);
    road
}

fn routed(plan: Plan) -> Road {
    let road = plain();
    road.sandbox.world().amazon.plans.insert(format!("TTS-{FIRST}"), plan);
    road.poll();
    road
}

pub fn create_refused(code: &str, message: &str) -> Road {
    let road = plain();
    let create = Operation::CreateFulfillmentOrder;
    road.sandbox
        .world()
        .faults
        .script(create, 1, 99, amazon_says(400, code, message));
    road.mcf(&["poll"]);
    road
}

pub fn address_changed() -> Road {
    let mut road = routed(Plan::default());
    {
        let mut world = road.sandbox.world();
        let now = world.now();
        let order = world.tiktok.order_mut(FIRST).expect("an order");
        order.address.line1 = "12 Elm St".to_owned();
        order.updated_at = now;
        order
            .overrides
            .insert("has_updated_recipient_address".to_owned(), json!(true));
    }
    road.pass(5, 0);
    road.poll();
    road
}

pub fn mapping_disabled() -> Road {
    let road = plain();
    let off = |line: &str| match line.contains(",FBA-LAMP-BLK,1,,,,") {
        true => line.replace(",FBA-LAMP-BLK,1,,,,", ",FBA-LAMP-BLK,1,,,,false"),
        false => line.to_owned(),
    };
    let lines: Vec<String> = MAPPINGS_CSV.lines().map(off).collect();
    road.import(&format!("{}\n", lines.join("\n")));
    road.poll();
    road
}

pub fn three_packs() -> Road {
    let road = Road::of(&[OrderKind::ThreePack]);
    {
        let mut world = road.sandbox.world();
        let order = world.tiktok.order_mut(FIRST).expect("an order");
        let line = order.lines[0].clone();
        for number in 0..84 {
            let mut line = line.clone();
            line.id = format!("{}{number}", line.id);
            order.lines.push(line);
        }
    }
    road.poll();
    road
}

pub fn out_of_stock() -> Road {
    let road = Road::of(&[OrderKind::OutOfStock]);
    road.poll();
    road
}

pub fn never_listed() -> Road {
    let road = Road::of(&[OrderKind::Unmapped]);
    road.import(&format!("{MAPPINGS_CSV},,MUG-NEW-01,FBA-NEVER-THERE,1,,,,\n"));
    road.poll();
    road
}

pub fn warehouse_disabled() -> Road {
    let road = Road::of(&[OrderKind::DisabledWarehouse]);
    let disabled = road.sandbox.world().tiktok.orders[FIRST].warehouse_id.clone();
    road.configure(&format!("[inventory]\ntiktok_warehouse_ids = [\"{disabled}\"]\n"));
    road.mcf(&["poll"]);
    road
}

pub fn preview_unfulfillable() -> Road {
    let road = plain();
    road.configure("[routing]\npreview = true\n");
    let preview = json!({
        "shippingSpeedCategory": "Standard", "isFulfillable": false, "orderUnfulfillableReasons": ["DeliverySLAUnavailable"],
    });
    let body = json!({ "payload": { "fulfillmentPreviews": [preview] } });
    let operation = Operation::GetFulfillmentPreview;
    road.sandbox.world().faults.script(operation, 1, 99, answer(200, body));
    road.poll();
    road
}

pub fn too_late() -> Road {
    with_settings(
        OrderKind::DueToday,
        "[routing]\ndeadline = \"upgrade\"\ntoo_late = \"flag\"\n",
    )
}

pub fn fee_share() -> Road {
    with_settings(OrderKind::Plain, "[routing]\nfee_share_max = 1\n")
}

pub fn other_contents() -> Road {
    let mut road = plain();
    road.sandbox.world().settings.create_mode = CreateMode::ShowsOtherItems;
    road.poll();
    road.pass(5, 0);
    road.mcf(&["poll"]);
    road
}

pub fn never_shown() -> Road {
    let mut road = plain();
    let create = Operation::CreateFulfillmentOrder;
    road.sandbox.world().faults.next(create, answer(200, json!({})));
    road.poll();
    for minutes in [5, 20] {
        road.pass(minutes, 0);
        road.mcf(&["poll"]);
    }
    road
}

pub fn ends(ending: Ending, minutes: i64) -> Road {
    let mut road = routed(Plan {
        ending,
        ..Plan::default()
    });
    road.pass(60, 2);
    road.good(&["sync-tracking"]);
    road.pass(minutes, 0);
    road.poll();
    road
}

pub fn becomes(status: OrderStatus) -> Road {
    let mut road = routed(Plan::default());
    road.pass(5, 0);
    road.poll();
    road.pass(120, 0);
    let now = road.now;
    road.sandbox.world().amazon.orders[0].set_status(status, now);
    road.pass(5, 0);
    road.poll();
    road
}

pub fn cancelled_too_late() -> Road {
    let mut road = routed(Plan::default());
    road.pass(30, 2);
    road.sandbox.world().request_cancel(FIRST).expect("an order");
    road.pass(5, 0);
    road.poll();
    road
}

pub fn cancel_denied() -> Road {
    let mut road = routed(Plan::default());
    road.sandbox.world().request_cancel(FIRST).expect("an order");
    let denied = amazon_says(403, "Unauthorized", "no");
    let cancel = Operation::CancelFulfillmentOrder;
    road.sandbox.world().faults.script(cancel, 1, 99, denied);
    road.pass(20, 0);
    road.mcf(&["poll"]);
    cancelled_by_hand(road)
}

pub fn cancel_not_confirmed() -> Road {
    let mut road = routed(Plan::default());
    road.sandbox.world().request_cancel(FIRST).expect("an order");
    for minutes in [5, 60, 180, 180, 180] {
        road.pass(minutes, 0);
        road.mcf(&["poll"]);
    }
    cancelled_by_hand(road)
}

/// The person has done in Seller Central what the flag says, so that the command has something to read.
fn cancelled_by_hand(road: Road) -> Road {
    let now = road.now;
    road.sandbox.world().amazon.orders[0].set_status(OrderStatus::Cancelled, now);
    road
}

pub fn request_withdrawn() -> Road {
    let mut road = routed(Plan::default());
    road.pass(1, 0);
    road.sandbox.world().request_cancel(FIRST).expect("an order");
    road.poll();
    {
        let mut world = road.sandbox.world();
        world.tiktok.cancellations[0].status = CancelStatus::Cancelled;
        world.tiktok.order_mut(FIRST).expect("an order").cancel_requested_at = None;
    }
    road.pass(5, 1);
    road.poll();
    road
}

fn left(carrier: &str, number: Option<&str>) -> Road {
    let parcel = PlannedParcel {
        carrier: carrier.to_owned(),
        tracking_number: number.map(str::to_owned),
        ..PlannedParcel::default()
    };
    let mut road = routed(Plan {
        parcels: vec![parcel],
        ..Plan::default()
    });
    road.pass(60, 3);
    road
}

pub fn parcel(carrier: &str, number: &str) -> Road {
    let road = left(carrier, Some(number));
    road.mcf(&["sync-tracking"]);
    road
}

/// An order whose number TikTok has: nothing of it is left to be done.
pub fn told() -> Road {
    let road = left("UPS", None);
    road.good(&["sync-tracking"]);
    road
}

pub fn mark_refused(code: i64) -> Road {
    let road = left("UPS", None);
    let body = json!({ "code": code, "message": "no", "request_id": "r", "data": {} });
    let mark = Operation::MarkPackageShipped;
    road.sandbox.world().faults.script(mark, 1, 1, answer(200, body));
    road.mcf(&["sync-tracking"]);
    road
}

pub fn typed_by_hand() -> Road {
    let road = left("UPS", None);
    {
        let mut world = road.sandbox.world();
        let now = world.now();
        let order = world.tiktok.order_mut(FIRST).expect("an order");
        let id = "1153000000000000099".to_owned();
        let line = &mut order.lines[0];
        line.package_id = Some(id.clone());
        let line_ids = vec![line.id.clone()];
        order.set_status("AWAITING_COLLECTION", now);
        let package = Package {
            id: id.clone(),
            order_id: FIRST.to_owned(),
            line_ids,
            tracking_number: "1ZTYPEDBYHAND00001".to_owned(),
            provider_id: "7117859084333745966".to_owned(),
            shipped_at: now,
            corrected: false,
            non_mcf: true,
        };
        world.tiktok.packages.insert(id, package);
    }
    road.mcf(&["sync-tracking"]);
    road
}

pub fn whereabouts(word: &str) -> Road {
    let mut road = told();
    {
        let mut world = road.sandbox.world();
        let parcels = world.amazon.orders.iter().flat_map(|order| &order.shipments);
        let numbers: Vec<u32> = parcels
            .flat_map(|shipment| &shipment.parcels)
            .map(|parcel| parcel.number)
            .collect();
        for number in numbers {
            world.amazon.whereabouts.insert(number, word.to_owned());
        }
    }
    road.pass(60 * 24 * 4, 0);
    road.good(&["sync-tracking"]);
    road
}

/// An order whose cancellation is open while it was not sent.
fn asked_before(change: impl FnOnce(&mut mcf_connector::sandbox::World)) -> Road {
    let road = plain();
    {
        let mut world = road.sandbox.world();
        world.request_cancel(FIRST).expect("an order");
        world.tiktok.order_mut(FIRST).expect("an order").cancel_requested_at = None;
        change(&mut world);
    }
    road.mcf(&["poll"]);
    road
}

pub fn request_unreadable() -> Road {
    asked_before(|world| {
        let pointer = "/data/cancellations/0/cancel_status".to_owned();
        let value = json!(null);
        let unreadable = Fault::after(Disturbance::Patch { pointer, value });
        world.faults.script(Operation::SearchCancellations, 1, 99, unreadable);
    })
}

pub fn seller_cancels() -> Road {
    asked_before(|world| world.tiktok.cancellations[0].role = "SELLER".to_owned())
}

pub fn odd_status() -> Road {
    let mut road = routed(Plan::default());
    road.pass(10, 2);
    let pointer = "/payload/fulfillmentOrder/fulfillmentOrderStatus".to_owned();
    let value = json!("HOVERING");
    let odd = Fault::after(Disturbance::Patch { pointer, value });
    road.sandbox.world().faults.next(Operation::GetFulfillmentOrder, odd);
    road.pass(5, 0);
    road.mcf(&["sync-tracking"]);
    road
}

pub fn part_of_the_order() -> Road {
    let mut road = Road::of(&[OrderKind::TwoParcels]);
    road.poll();
    {
        let mut world = road.sandbox.world();
        world.request_cancel(FIRST).expect("an order");
        world.tiktok.cancellations[0].line_ids.truncate(1);
    }
    road.pass(5, 0);
    road.mcf(&["poll"]);
    road
}

pub fn parcel_under_way() -> Road {
    let mut road = told();
    {
        let mut world = road.sandbox.world();
        let now = world.now();
        world.tiktok.order_mut(FIRST).expect("an order").cancel("SYSTEM", now);
    }
    road.pass(5, 0);
    road.poll();
    road
}

pub fn moved() -> Road {
    let road = plain();
    let ours = road.sandbox.world().tiktok.orders[FIRST].warehouse_id.clone();
    road.configure(&format!("[inventory]\ntiktok_warehouse_ids = [\"{ours}\"]\n"));
    let mut road = road;
    road.poll();
    road.pass(60, 3);
    road.sandbox
        .world()
        .tiktok
        .order_mut(FIRST)
        .expect("an order")
        .warehouse_id = "7068517275539729999".to_owned();
    road.mcf(&["sync-tracking"]);
    road
}

pub fn may_not_answer() -> Road {
    let mut road = routed(Plan::default());
    let refused = answer(
        200,
        json!({ "code": 105_005, "message": "access denied", "request_id": "r" }),
    );
    let requests = Operation::SearchCancellations;
    road.sandbox.world().faults.script(requests, 1, 99, refused);
    road.sandbox.world().request_cancel(FIRST).expect("an order");
    road.pass(180, 0);
    road.mcf(&["poll"]);
    road.pass(5, 1);
    road.mcf(&["poll"]);
    road
}
