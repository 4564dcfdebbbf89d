//! Roads on which the first order gets a flag.

use mcf_connector::sandbox::amazon::{Ending, OrderStatus, Plan, PlannedParcel};
use mcf_connector::sandbox::scenario::{MAPPINGS_CSV, OrderKind};
use mcf_connector::sandbox::tiktok::{CancelStatus, Package};
use mcf_connector::sandbox::{CreateMode, Disturbance, Fault, Operation};
use serde_json::{Value, json};

use crate::test_shop::{FIRST, TestShop};

fn answer(status: u16, body: Value) -> Fault {
    Fault::before(Disturbance::Json { status, body })
}

fn amazon_says(status: u16, code: &str, message: &str) -> Fault {
    answer(
        status,
        json!({ "errors": [{ "code": code, "message": message, "details": "" }] }),
    )
}

fn plain() -> TestShop {
    TestShop::of(&[OrderKind::Plain])
}

fn with_settings(kind: OrderKind, settings: &str) -> TestShop {
    let shop = TestShop::of(&[kind]);
    shop.configure(settings);
    shop.mcf(&["poll"]);
    shop
}

fn routed(plan: Plan) -> TestShop {
    let shop = plain();
    shop.sandbox.world().amazon.plans.insert(format!("TTS-{FIRST}"), plan);
    shop.poll();
    shop
}

pub fn create_refused(code: &str, message: &str) -> TestShop {
    let shop = plain();
    let create = Operation::CreateFulfillmentOrder;
    shop.sandbox
        .world()
        .faults
        .script(create, 1, 99, amazon_says(400, code, message));
    shop.mcf(&["poll"]);
    shop
}

pub fn address_changed() -> TestShop {
    let mut shop = routed(Plan::default());
    {
        let mut world = shop.sandbox.world();
        let now = world.now();
        let order = world.tiktok.order_mut(FIRST).expect("an order");
        order.address.line1 = "12 Elm St".to_owned();
        order.updated_at = now;
        order
            .overrides
            .insert("has_updated_recipient_address".to_owned(), json!(true));
    }
    shop.pass(5, 0);
    shop.poll();
    shop
}

pub fn mapping_disabled() -> TestShop {
    let shop = plain();
    let off = |line: &str| match line.contains(",FBA-LAMP-BLK,1,,,,") {
        true => line.replace(",FBA-LAMP-BLK,1,,,,", ",FBA-LAMP-BLK,1,,,,false"),
        false => line.to_owned(),
    };
    let lines: Vec<String> = MAPPINGS_CSV.lines().map(off).collect();
    shop.import(&format!("{}\n", lines.join("\n")));
    shop.poll();
    shop
}

pub fn three_packs() -> TestShop {
    let shop = TestShop::of(&[OrderKind::ThreePack]);
    {
        let mut world = shop.sandbox.world();
        let order = world.tiktok.order_mut(FIRST).expect("an order");
        let line = order.lines[0].clone();
        for number in 0..84 {
            let mut line = line.clone();
            line.id = format!("{}{number}", line.id);
            order.lines.push(line);
        }
    }
    shop.poll();
    shop
}

pub fn out_of_stock() -> TestShop {
    let shop = TestShop::of(&[OrderKind::OutOfStock]);
    shop.poll();
    shop
}

pub fn never_listed() -> TestShop {
    let shop = TestShop::of(&[OrderKind::Unmapped]);
    shop.import(&format!("{MAPPINGS_CSV},,MUG-NEW-01,FBA-NEVER-THERE,1,,,,\n"));
    shop.poll();
    shop
}

pub fn warehouse_disabled() -> TestShop {
    let shop = TestShop::of(&[OrderKind::DisabledWarehouse]);
    let disabled = shop.sandbox.world().tiktok.orders[FIRST].warehouse_id.clone();
    shop.configure(&format!("[inventory]\ntiktok_warehouse_ids = [\"{disabled}\"]\n"));
    shop.mcf(&["poll"]);
    shop
}

pub fn preview_unfulfillable() -> TestShop {
    let shop = plain();
    shop.configure("[routing]\npreview = true\n");
    let preview = json!({
        "shippingSpeedCategory": "Standard", "isFulfillable": false, "orderUnfulfillableReasons": ["DeliverySLAUnavailable"],
    });
    let body = json!({ "payload": { "fulfillmentPreviews": [preview] } });
    let operation = Operation::GetFulfillmentPreview;
    shop.sandbox.world().faults.script(operation, 1, 99, answer(200, body));
    shop.poll();
    shop
}

pub fn too_late() -> TestShop {
    with_settings(
        OrderKind::DueToday,
        "[routing]\ndeadline = \"upgrade\"\ntoo_late = \"flag\"\n",
    )
}

pub fn fee_share() -> TestShop {
    with_settings(OrderKind::Plain, "[routing]\nfee_share_max = 1\n")
}

pub fn other_contents() -> TestShop {
    let mut shop = plain();
    shop.sandbox.world().settings.create_mode = CreateMode::ShowsOtherItems;
    shop.poll();
    shop.pass(5, 0);
    shop.mcf(&["poll"]);
    shop
}

pub fn never_shown() -> TestShop {
    let mut shop = plain();
    let create = Operation::CreateFulfillmentOrder;
    shop.sandbox.world().faults.next(create, answer(200, json!({})));
    shop.poll();
    for minutes in [5, 20] {
        shop.pass(minutes, 0);
        shop.mcf(&["poll"]);
    }
    shop
}

pub fn ends(ending: Ending, minutes: i64) -> TestShop {
    let mut shop = routed(Plan {
        ending,
        ..Plan::default()
    });
    shop.pass(60, 2);
    shop.good(&["sync-tracking"]);
    shop.pass(minutes, 0);
    shop.poll();
    shop
}

pub fn becomes(status: OrderStatus) -> TestShop {
    let mut shop = routed(Plan::default());
    shop.pass(5, 0);
    shop.poll();
    shop.pass(120, 0);
    let now = shop.now;
    shop.sandbox.world().amazon.orders[0].set_status(status, now);
    shop.pass(5, 0);
    shop.poll();
    shop
}

pub fn cancelled_too_late() -> TestShop {
    let mut shop = routed(Plan::default());
    shop.pass(30, 2);
    shop.sandbox.world().request_cancel(FIRST).expect("an order");
    shop.pass(5, 0);
    shop.poll();
    shop
}

pub fn cancel_denied() -> TestShop {
    let mut shop = routed(Plan::default());
    shop.sandbox.world().request_cancel(FIRST).expect("an order");
    let denied = amazon_says(403, "Unauthorized", "no");
    let cancel = Operation::CancelFulfillmentOrder;
    shop.sandbox.world().faults.script(cancel, 1, 99, denied);
    shop.pass(20, 0);
    shop.mcf(&["poll"]);
    cancelled_by_hand(shop)
}

pub fn cancel_not_confirmed() -> TestShop {
    let mut shop = routed(Plan::default());
    shop.sandbox.world().request_cancel(FIRST).expect("an order");
    for minutes in [5, 60, 180, 180, 180] {
        shop.pass(minutes, 0);
        shop.mcf(&["poll"]);
    }
    cancelled_by_hand(shop)
}

/// The person has done in Seller Central what the flag says, so that the command has something to read.
fn cancelled_by_hand(shop: TestShop) -> TestShop {
    let now = shop.now;
    shop.sandbox.world().amazon.orders[0].set_status(OrderStatus::Cancelled, now);
    shop
}

pub fn request_withdrawn() -> TestShop {
    let mut shop = routed(Plan::default());
    shop.pass(1, 0);
    shop.sandbox.world().request_cancel(FIRST).expect("an order");
    shop.poll();
    {
        let mut world = shop.sandbox.world();
        world.tiktok.cancellations[0].status = CancelStatus::Cancelled;
        world.tiktok.order_mut(FIRST).expect("an order").cancel_requested_at = None;
    }
    shop.pass(5, 1);
    shop.poll();
    shop
}

fn left(carrier: &str, number: Option<&str>) -> TestShop {
    let parcel = PlannedParcel {
        carrier: carrier.to_owned(),
        tracking_number: number.map(str::to_owned),
        ..PlannedParcel::default()
    };
    let mut shop = routed(Plan {
        parcels: vec![parcel],
        ..Plan::default()
    });
    shop.pass(60, 3);
    shop
}

pub fn parcel(carrier: &str, number: &str) -> TestShop {
    let shop = left(carrier, Some(number));
    shop.mcf(&["sync-tracking"]);
    shop
}

/// An order whose number TikTok has: nothing of it is left to be done.
pub fn told() -> TestShop {
    let shop = left("UPS", None);
    shop.good(&["sync-tracking"]);
    shop
}

pub fn mark_refused(code: i64) -> TestShop {
    let shop = left("UPS", None);
    let body = json!({ "code": code, "message": "no", "request_id": "r", "data": {} });
    let mark = Operation::MarkPackageShipped;
    shop.sandbox.world().faults.script(mark, 1, 1, answer(200, body));
    shop.mcf(&["sync-tracking"]);
    shop
}

pub fn typed_by_hand() -> TestShop {
    let shop = left("UPS", None);
    {
        let mut world = shop.sandbox.world();
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
    shop.mcf(&["sync-tracking"]);
    shop
}

pub fn whereabouts(word: &str) -> TestShop {
    let mut shop = told();
    {
        let mut world = shop.sandbox.world();
        let parcels = world.amazon.orders.iter().flat_map(|order| &order.shipments);
        let numbers: Vec<u32> = parcels
            .flat_map(|shipment| &shipment.parcels)
            .map(|parcel| parcel.number)
            .collect();
        for number in numbers {
            world.amazon.whereabouts.insert(number, word.to_owned());
        }
    }
    shop.pass(60 * 24 * 4, 0);
    shop.good(&["sync-tracking"]);
    shop
}

/// An order whose cancellation is open while it was not sent.
fn asked_before(change: impl FnOnce(&mut mcf_connector::sandbox::World)) -> TestShop {
    let shop = plain();
    {
        let mut world = shop.sandbox.world();
        world.request_cancel(FIRST).expect("an order");
        world.tiktok.order_mut(FIRST).expect("an order").cancel_requested_at = None;
        change(&mut world);
    }
    shop.mcf(&["poll"]);
    shop
}

pub fn request_unreadable() -> TestShop {
    asked_before(|world| {
        let pointer = "/data/cancellations/0/cancel_status".to_owned();
        let value = json!(null);
        let unreadable = Fault::after(Disturbance::Patch { pointer, value });
        world.faults.script(Operation::SearchCancellations, 1, 99, unreadable);
    })
}

pub fn seller_cancels() -> TestShop {
    asked_before(|world| world.tiktok.cancellations[0].role = "SELLER".to_owned())
}

pub fn odd_status() -> TestShop {
    let mut shop = routed(Plan::default());
    shop.pass(10, 2);
    let pointer = "/payload/fulfillmentOrder/fulfillmentOrderStatus".to_owned();
    let value = json!("HOVERING");
    let odd = Fault::after(Disturbance::Patch { pointer, value });
    shop.sandbox.world().faults.next(Operation::GetFulfillmentOrder, odd);
    shop.pass(5, 0);
    shop.mcf(&["sync-tracking"]);
    shop
}

pub fn part_of_the_order() -> TestShop {
    let mut shop = TestShop::of(&[OrderKind::TwoParcels]);
    shop.poll();
    {
        let mut world = shop.sandbox.world();
        world.request_cancel(FIRST).expect("an order");
        world.tiktok.cancellations[0].line_ids.truncate(1);
    }
    shop.pass(5, 0);
    shop.mcf(&["poll"]);
    shop
}

pub fn parcel_under_way() -> TestShop {
    let mut shop = told();
    {
        let mut world = shop.sandbox.world();
        let now = world.now();
        world.tiktok.order_mut(FIRST).expect("an order").cancel("SYSTEM", now);
    }
    shop.pass(5, 0);
    shop.poll();
    shop
}

pub fn moved() -> TestShop {
    let shop = plain();
    let ours = shop.sandbox.world().tiktok.orders[FIRST].warehouse_id.clone();
    shop.configure(&format!("[inventory]\ntiktok_warehouse_ids = [\"{ours}\"]\n"));
    let mut shop = shop;
    shop.poll();
    shop.pass(60, 3);
    shop.sandbox
        .world()
        .tiktok
        .order_mut(FIRST)
        .expect("an order")
        .warehouse_id = "7068517275539729999".to_owned();
    shop.mcf(&["sync-tracking"]);
    shop
}

pub fn may_not_answer() -> TestShop {
    let mut shop = routed(Plan::default());
    let refused = answer(
        200,
        json!({ "code": 105_005, "message": "access denied", "request_id": "r" }),
    );
    let requests = Operation::SearchCancellations;
    shop.sandbox.world().faults.script(requests, 1, 99, refused);
    shop.sandbox.world().request_cancel(FIRST).expect("an order");
    shop.pass(180, 0);
    shop.mcf(&["poll"]);
    shop.pass(5, 1);
    shop.mcf(&["poll"]);
    shop
}
