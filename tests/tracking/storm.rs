//! Many orders with faults in every call: at the end each parcel is at TikTok exactly once, with Amazon's number on the right units.

use std::collections::BTreeMap;

use mcf_connector::sandbox::amazon::Plan;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::stage::{Stage, amazon_id, plan};

const OPERATIONS: [Operation; 5] = [
    Operation::ListAllFulfillmentOrders,
    Operation::GetFulfillmentOrder,
    Operation::GetShippingProviders,
    Operation::MarkPackageShipped,
    Operation::GetOrders,
];

fn faults() -> Vec<Fault> {
    let unavailable = || Disturbance::Status {
        status: 503,
        retry_after: None,
    };
    vec![
        Fault::before(Disturbance::Drop),
        Fault::after(Disturbance::Drop),
        Fault::after(Disturbance::Truncate),
        Fault::before(Disturbance::Garbage),
        Fault::after(Disturbance::Garbage),
        Fault::before(unavailable()),
        Fault::after(unavailable()),
        Fault::after(Disturbance::Html { status: 502 }),
    ]
}

/// Units of an order by their SKU at TikTok.
fn skus_of(stage: &Stage, order: &str, units: &[String]) -> BTreeMap<String, usize> {
    stage.world(|world| {
        let mut skus = BTreeMap::new();
        for line in world.tiktok.orders[order]
            .lines
            .iter()
            .filter(|line| units.contains(&line.id))
        {
            *skus.entry(line.sku_id.clone()).or_default() += 1;
        }
        skus
    })
}

#[test]
fn a_storm_leaves_each_parcel_at_tiktok_once_with_amazons_number_on_the_right_units() {
    let mut stage = Stage::new();
    let lamp: &[(&str, u32)] = &[("FBA-LAMP-BLK", 1)];
    let split = || plan(&[("UPS", None, Some(lamp)), ("USPS", None, None)]);
    let kinds = [
        (OrderKind::Plain, Plan::default()),
        (OrderKind::SeveralUnits, split()),
        (OrderKind::TwoParcels, Plan::default()),
        (OrderKind::ThreePack, Plan::default()),
        (OrderKind::Gift, split()),
        (OrderKind::MappedBundle, Plan::default()),
    ];
    let orders: Vec<String> = (0..4)
        .flat_map(|_| kinds.clone())
        .map(|(kind, plan)| stage.place_with(kind, plan))
        .collect();
    assert!(stage.poll().trouble.is_none());
    stage.steps(4);
    for (round, fault) in faults().into_iter().enumerate() {
        stage.world(|world| {
            for (place, operation) in (1..).zip(OPERATIONS) {
                // Two bad answers of three, so that the retries within a call do not hide them all.
                for nth in 0..6 {
                    let at = nth * 3 + 1 + (place + u32::try_from(round).expect("few rounds")) % 3;
                    world.faults.script(operation, at, 2, fault.clone());
                }
            }
        });
        stage.minutes(15);
        stage.try_sync();
        stage.world(|world| world.faults.clear());
    }
    stage.minutes(15);
    stage.sync();
    for order in &orders {
        check(&stage, order);
    }
    assert_eq!(stage.world(|world| world.tiktok.strikes), 0, "every number is Amazon's");
}

fn check(stage: &Stage, order: &str) {
    let mut told = stage.told(order);
    let mut given = stage.numbers(order);
    told.sort();
    given.sort();
    assert_eq!(told, given, "each number once: {order}");
    let mut units: Vec<String> = stage
        .at_tiktok(order)
        .into_iter()
        .flat_map(|(_, _, units)| units)
        .collect();
    units.sort();
    assert_eq!(units, stage.lines(order), "each unit once: {order}");
    for (number, _, units) in stage.at_tiktok(order) {
        assert_eq!(
            products(stage, order, &number),
            skus_of(stage, order, &units),
            "{order}: {number}"
        );
    }
    assert_eq!(stage.state(order), "completed", "{}", stage.history(order));
}

/// What the parcel with a number holds, in TikTok's terms: by the mapping table of the demo.
fn products(stage: &Stage, order: &str, number: &str) -> BTreeMap<String, usize> {
    let to_tiktok = |sku: &str, units: usize| match sku {
        "FBA-LAMP-BLK" => Some(("1729592969712207013", units)),
        "FBA-BULB-4PK" => Some(("1729592969712209104", units)),
        "FBA-STAND-01" => Some(("1729592969712221701", units)),
        "FBA-PAD-GRY" => Some(("1729592969712219601", units)),
        "FBA-SOCK-1" => Some(("1729592969712213301", units / 3)),
        _ => None,
    };
    stage.world(|world| {
        let order = world.amazon.order(&amazon_id(order)).expect("an order");
        let is_box = order
            .items
            .iter()
            .any(|item| item.sku == "FBA-SOCK-1" && item.quantity == 2);
        if is_box {
            return BTreeMap::from([("1729592969712215401".to_owned(), 1)]);
        }
        let parcels = order.shipments.iter().flat_map(|shipment| &shipment.parcels);
        let parcel = parcels.filter(|parcel| parcel.tracking_number.as_deref() == Some(number));
        let contents = parcel.flat_map(|parcel| &parcel.contents);
        contents
            .filter_map(|(item, units)| {
                let sku = &order.items.iter().find(|known| known.id == *item)?.sku;
                to_tiktok(sku, *units as usize).map(|(sku, units)| (sku.to_owned(), units))
            })
            .collect()
    })
}
