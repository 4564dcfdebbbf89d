//! What must never be so at the vendors, whatever happened: rules over what they have and what arrived there.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use mcf_connector::sandbox::amazon::{FulfillmentOrder, OrderStatus};
use mcf_connector::sandbox::{Entry, Log, Operation, World};

const GRACE: TimeDelta = TimeDelta::minutes(15);

/// Returns the orders that Amazon has for one of TikTok's.
pub fn at_amazon<'w>(world: &'w World, order: &str) -> impl Iterator<Item = &'w FulfillmentOrder> {
    let orders = world.amazon.orders.iter();
    orders.filter(move |ours| ours.text("/displayableOrderId") == Some(order))
}

/// Nothing will ever be sent of it.
pub fn is_dead(order: &FulfillmentOrder) -> bool {
    matches!(
        order.status,
        OrderStatus::Cancelled | OrderStatus::Invalid | OrderStatus::Unfulfillable
    )
}

/// Returns every breach.
pub fn breaches(world: &World) -> Vec<String> {
    let mut found = created_twice(world);
    found.extend(sent_again(&world.log));
    found.extend(wrong_numbers(world));
    found.extend(cancelled_twice(&world.log));
    found
}

/// I1: at most one accepted create per order of TikTok that is not surely dead.
fn created_twice(world: &World) -> Vec<String> {
    let mut ids: BTreeMap<String, usize> = BTreeMap::new();
    for order in &world.amazon.orders {
        *ids.entry(order.id.clone()).or_default() += 1;
        if !is_dead(order) {
            let shown = order.text("/displayableOrderId").unwrap_or_default();
            *ids.entry(format!("TikTok's {shown}")).or_default() += 1;
        }
    }
    let twice = ids.iter().filter(|(_, count)| **count > 1);
    twice
        .map(|(id, count)| format!("I1: {id} was created {count} times"))
        .collect()
}

/// I3 and I4: who sends again sends the same bytes, and only after two looks that found nothing, a grace time apart.
fn sent_again(log: &Log) -> Vec<String> {
    let mut creates: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    let whole = log
        .of(Operation::CreateFulfillmentOrder)
        .filter(|entry| !entry.truncated);
    for entry in whole {
        for id in entry.ids.iter().filter(|id| id.starts_with("TTS-")) {
            creates.entry(id).or_default().push(entry);
        }
    }
    let mut found = Vec::new();
    for (id, entries) in creates {
        for pair in entries.windows(2) {
            found.extend(repeated(log, id, pair[0], pair[1]));
        }
    }
    found
}

/// What is wrong about the second of two creates of one id that follow each other.
fn repeated(log: &Log, id: &str, first: &Entry, second: &Entry) -> Vec<String> {
    if matches!(first.status, Some(400..500)) {
        return Vec::new();
    }
    let looks: Vec<_> = log
        .of(Operation::GetFulfillmentOrder)
        .filter(|look| look.arrival > first.arrival && look.arrival < second.arrival)
        .filter(|look| look.path.ends_with(id))
        .map(|look| look.at)
        .collect();
    let apart = looks.last().zip(looks.first()).map(|(last, first)| *last - *first);
    let is_apart = |grace: TimeDelta| apart.is_some_and(|apart| apart >= grace - TimeDelta::seconds(30));
    let mut found = Vec::new();
    // What Amazon did not show for two grace times never was there: where TikTok wants it otherwise by then, it is decided anew.
    if first.body_hash != second.body_hash && !is_apart(GRACE * 2) {
        found.push(format!("I3: {id} was sent again with another body"));
    }
    if !is_apart(GRACE) {
        found.push(format!(
            "I4: {id} was sent again after {} looks, {apart:?}",
            looks.len()
        ));
    }
    found
}

/// I7: TikTok has Amazon's numbers of the same order, each once.
fn wrong_numbers(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    let mut told: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for package in world.tiktok.packages.values() {
        let mut numbers = at_amazon(world, &package.order_id).flat_map(numbers_of);
        if !numbers.any(|number| number == package.tracking_number) {
            found.push(format!("I7: {} is no number of its order", package.tracking_number));
        }
        *told.entry((&package.order_id, &package.tracking_number)).or_default() += 1;
    }
    for ((order, number), count) in told.iter().filter(|(_, count)| **count > 1) {
        found.push(format!("I7: {number} of {order} was told {count} times"));
    }
    found
}

/// Returns the numbers that Amazon gives for an order.
pub fn numbers_of(order: &FulfillmentOrder) -> impl Iterator<Item = &str> {
    let parcels = order.shipments.iter().flat_map(|shipment| &shipment.parcels);
    parcels.filter_map(|parcel| parcel.tracking_number.as_deref())
}

/// I13: Amazon is asked to cancel once.
fn cancelled_twice(log: &Log) -> Vec<String> {
    let mut cancels: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in log.of(Operation::CancelFulfillmentOrder).filter(|entry| entry.effect) {
        *cancels.entry(&entry.path).or_default() += 1;
    }
    let twice = cancels.iter().filter(|(_, count)| **count > 1);
    twice
        .map(|(path, count)| format!("I13: {path} was cancelled {count} times"))
        .collect()
}
