//! What happens at Amazon without a request: orders are planned, packed and shipped, cancel requests take effect.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Account, Ending, FulfillmentOrder, OrderStatus, Parcel, PlannedParcel, Shipment, ShipmentStatus, Stock};

type StockBySku = BTreeMap<String, Stock>;

/// Lets every order take its next step.
pub(crate) fn step(account: &mut Account, now: DateTime<Utc>) {
    let mut orders = std::mem::take(&mut account.orders);
    for order in &mut orders {
        step_one(account, order, now);
    }
    account.orders = orders;
}

fn step_one(account: &mut Account, order: &mut FulfillmentOrder, now: DateTime<Utc>) {
    if order.cancel_requested && order.status != OrderStatus::Cancelled {
        cancel(&mut account.stock, order, now);
        return;
    }
    match (order.status, order.plan.ending) {
        (OrderStatus::New, _) => order.set_status(OrderStatus::Received, now),
        (OrderStatus::Received, Ending::Invalid) => give_up(&mut account.stock, order, OrderStatus::Invalid, now),
        (OrderStatus::Received, _) => order.set_status(OrderStatus::Planning, now),
        (OrderStatus::Planning, Ending::Unfulfillable) => {
            give_up(&mut account.stock, order, OrderStatus::Unfulfillable, now)
        }
        (OrderStatus::Planning, Ending::StaysInPlanning) => (),
        (OrderStatus::Planning, _) => {
            let shipment = pack(account, order, now);
            order.shipments.push(shipment);
            order.set_status(OrderStatus::Processing, now);
        }
        (OrderStatus::Processing, ending) => ship(&mut account.stock, order, ending, now),
        (
            OrderStatus::Cancelled
            | OrderStatus::Complete
            | OrderStatus::CompletePartialled
            | OrderStatus::Unfulfillable
            | OrderStatus::Invalid,
            _,
        ) => (),
    }
}

/// Cancels one order at once.
pub(super) fn cancel_now(account: &mut Account, id: &str, now: DateTime<Utc>) {
    let Account { orders, stock, .. } = account;
    if let Some(order) = orders.iter_mut().find(|order| order.id == id) {
        cancel(stock, order, now);
    }
}

fn cancel(stock: &mut StockBySku, order: &mut FulfillmentOrder, now: DateTime<Utc>) {
    for item in &mut order.items {
        release(stock, &item.sku, item.quantity);
        item.cancelled = item.quantity;
    }
    order.set_status(OrderStatus::Cancelled, now);
}

fn give_up(stock: &mut StockBySku, order: &mut FulfillmentOrder, status: OrderStatus, now: DateTime<Utc>) {
    for item in &mut order.items {
        release(stock, &item.sku, item.quantity);
        item.unfulfillable = item.quantity;
    }
    order.set_status(status, now);
}

fn release(stock: &mut StockBySku, sku: &str, quantity: u32) {
    if let Some(stock) = stock.get_mut(sku) {
        let back = quantity.min(stock.reserved);
        stock.reserved -= back;
        stock.fulfillable += back;
    }
}

/// Makes the shipment with the planned parcels.
fn pack(account: &mut Account, order: &FulfillmentOrder, now: DateTime<Utc>) -> Shipment {
    let mut rest: Vec<(String, String, u32)> = order
        .items
        .iter()
        .map(|item| (item.id.clone(), item.sku.clone(), item.quantity))
        .collect();
    let whole = [PlannedParcel::default()];
    let planned = match order.plan.parcels.as_slice() {
        [] => whole.as_slice(),
        parcels => parcels,
    };
    let parcels = planned.iter().map(|parcel| {
        let serial = account.serial();
        Parcel {
            number: u32::try_from(serial).unwrap_or(u32::MAX).saturating_add(2_500_000),
            carrier: carrier(parcel).to_owned(),
            tracking_number: tracking_number(parcel, serial),
            amazon_tracking_number: parcel.amazon_tracking_number.clone(),
            contents: take(&mut rest, parcel),
        }
    });
    let parcels = parcels.collect();
    Shipment {
        id: format!("Dch{:06}", account.serial()),
        status: ShipmentStatus::Pending,
        shipping_at: now + TimeDelta::days(1),
        parcels,
    }
}

fn carrier(parcel: &PlannedParcel) -> &str {
    match parcel.carrier.as_str() {
        "" => "Amazon Logistics",
        carrier => carrier,
    }
}

fn tracking_number(parcel: &PlannedParcel, serial: u64) -> Option<String> {
    match (&parcel.tracking_number, carrier(parcel)) {
        (Some(number), _) => Some(number.clone()).filter(|number| !number.is_empty()),
        (None, "UPS") => Some(format!("1Z50V74203{serial:08}")),
        (None, "USPS") => Some(format!("94001000000000{serial:08}")),
        (None, _) => Some(format!("TBA305{serial:09}")),
    }
}

/// Takes a parcel's contents out of what is left.
fn take(rest: &mut [(String, String, u32)], parcel: &PlannedParcel) -> Vec<(String, u32)> {
    let mut taken = Vec::new();
    for (item_id, sku, left) in rest.iter_mut() {
        let wanted = match &parcel.contents {
            None => *left,
            Some(contents) => contents
                .iter()
                .filter(|(named, _)| named == sku)
                .map(|(_, units)| *units)
                .sum(),
        };
        let units = wanted.min(*left);
        if units > 0 {
            *left -= units;
            taken.push((item_id.clone(), units));
        }
    }
    taken
}

fn ship(stock: &mut StockBySku, order: &mut FulfillmentOrder, ending: Ending, now: DateTime<Utc>) {
    for shipment in order
        .shipments
        .iter_mut()
        .filter(|shipment| shipment.status == ShipmentStatus::Pending)
    {
        shipment.status = ShipmentStatus::Shipped;
        shipment.shipping_at = now;
    }
    let shipped: Vec<(String, u32)> = order
        .shipments
        .iter()
        .filter(|shipment| shipment.status == ShipmentStatus::Shipped)
        .flat_map(|shipment| shipment.parcels.iter().flat_map(|parcel| parcel.contents.clone()))
        .collect();
    for item in &mut order.items {
        let units: u32 = shipped
            .iter()
            .filter(|(id, _)| *id == item.id)
            .map(|(_, units)| units)
            .sum();
        if let Some(stock) = stock.get_mut(&item.sku) {
            stock.reserved = stock.reserved.saturating_sub(units);
        }
        item.unfulfillable = item.quantity.saturating_sub(units);
        release(stock, &item.sku, item.unfulfillable);
    }
    let partly = ending == Ending::ShipsPartly;
    order.set_status(
        if partly {
            OrderStatus::CompletePartialled
        } else {
            OrderStatus::Complete
        },
        now,
    );
}
