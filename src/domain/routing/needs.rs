//! What is to be known before orders are decided: which of their units need a mapping, and which texts no mapping names.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::eligibility::{Eligibility, EligibilityRules, judge};
use crate::domain::ids::SellerSku;
use crate::domain::mapping::{MappingSet, Resolution, resolve};
use crate::domain::order::{LineItem, LineStatus, Order};

/// Returns the units that await shipment: cancelled ones and those already shipped elsewhere stay out.
pub(super) fn to_ship(order: &Order) -> impl Iterator<Item = &LineItem> {
    order
        .line_items
        .iter()
        .filter(|line| line.status == LineStatus::AwaitingShipment)
}

/// Returns the units of the orders whose time has come; the others need neither mapping nor stock.
#[must_use]
pub fn lines_to_send<'a>(
    orders: impl Iterator<Item = &'a Order>,
    rules: &EligibilityRules,
    now: DateTime<Utc>,
) -> Vec<&'a LineItem> {
    let may_go = |order: &&Order| judge(order, rules, now) == Eligibility::Route;
    orders.filter(may_go).flat_map(|order| &order.line_items).collect()
}

/// Returns the seller SKUs of units to be sent that no mapping names.
#[must_use]
pub fn unmapped_texts(lines: &[&LineItem], mappings: &MappingSet) -> BTreeSet<SellerSku> {
    let unmapped = |line: &&LineItem| match resolve(line, mappings) {
        Resolution::NotMapped(missing) => missing.into_iter().filter_map(|missing| missing.seller_sku).collect(),
        Resolution::Mapped(_) | Resolution::Disabled(_) | Resolution::UnusableQuantity(_) => Vec::new(),
    };
    let waiting = lines.iter().filter(|line| line.status == LineStatus::AwaitingShipment);
    waiting.flat_map(unmapped).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::samples::{LAMP, SHADE, key, lamp_and_shade, mappings, rules};
    use super::*;
    use crate::domain::ids::TiktokSkuId;
    use crate::domain::mapping::MappingRow;
    use crate::domain::mapping::examples::row;
    use crate::domain::order::{FulfillmentType, OrderStatus};

    #[test]
    fn only_orders_whose_time_has_come_need_a_mapping() {
        type Change = fn(&mut Order);
        let table: [(&str, Change, usize); 7] = [
            ("awaits shipment", |_| {}, 2),
            ("unpaid", |order| order.status = OrderStatus::Unpaid, 0),
            ("on hold", |order| order.status = OrderStatus::OnHold, 0),
            ("cancelled", |order| order.status = OrderStatus::Cancelled, 0),
            ("in transit", |order| order.status = OrderStatus::InTransit, 0),
            ("to be cancelled", |order| order.cancel_requested = true, 0),
            (
                "TikTok's",
                |order| order.fulfillment_type = Some(FulfillmentType::Tiktok),
                0,
            ),
        ];
        for (what, change, units) in table {
            let mut order = lamp_and_shade();
            change(&mut order);
            let later = order.times.created_at + TimeDelta::days(1);
            let lines = lines_to_send([&order].into_iter(), &rules().eligibility, later);
            assert_eq!(lines.len(), units, "{what}");
        }
    }

    #[test]
    fn a_text_is_unmapped_where_its_unit_waits_and_no_mapping_names_it() {
        type Change = fn(&mut LineItem);
        let table: [(&str, Change, &[&str]); 5] = [
            ("not mapped", |_| {}, &["SHADE-RED"]),
            ("without a text", |shade| shade.seller_sku = None, &[]),
            ("mapped", |shade| shade.sku_id = TiktokSkuId::new(LAMP), &[]),
            ("cancelled", |shade| shade.status = LineStatus::Cancelled, &[]),
            ("shipped", |shade| shade.status = LineStatus::InTransit, &[]),
        ];
        for (what, change, texts) in table {
            let mut order = lamp_and_shade();
            change(&mut order.line_items[1]);
            let twice: Vec<&LineItem> = order.line_items.iter().chain(&order.line_items).collect();
            let expected: BTreeSet<SellerSku> = texts.iter().copied().map(SellerSku::new).collect();
            assert_eq!(unmapped_texts(&twice, &mappings()), expected, "{what}");
            let waiting = to_ship(&order).count();
            assert_eq!(
                waiting == 2,
                order.line_items[1].status == LineStatus::AwaitingShipment,
                "{what}"
            );
        }
    }

    #[test]
    fn a_mapping_that_is_switched_off_names_its_unit_all_the_same() {
        let order = lamp_and_shade();
        let off = MappingRow {
            enabled: false,
            ..row(key(SHADE), "AMZ-SHADE")
        };
        let mappings = MappingSet::from_rows([off]).expect("a valid set");
        let lines: Vec<&LineItem> = order.line_items.iter().collect();
        let expected = BTreeSet::from([SellerSku::new("LAMP-BLK-01")]);
        assert_eq!(unmapped_texts(&lines, &mappings), expected);
    }
}
