//! Invented rules, mappings and stock that the tests of this room share.

use chrono::TimeDelta;

use super::decision::Rules;
use super::kinds::KindRules;
use super::known::{Known, Stock};
use super::preview::Previewed;
use super::speed::SpeedRules;
use crate::domain::address::AddressRules;
use crate::domain::eligibility::EligibilityRules;
use crate::domain::feature::RefusedFeatures;
use crate::domain::fulfillment::{Preview, ShippingSpeed};
use crate::domain::ids::{AmazonSku, SellerSku, TiktokSkuId};
use crate::domain::mapping::examples::row;
use crate::domain::mapping::{MappingKey, MappingSet};
use crate::domain::order::Order;
use crate::domain::order::tests_support::{plain_line, plain_order};
use crate::domain::warehouse::Standings;

pub(super) fn rules() -> Rules {
    Rules {
        eligibility: EligibilityRules {
            grace: TimeDelta::minutes(60),
            warehouses: Vec::new(),
        },
        address: AddressRules::default(),
        speed: SpeedRules::default(),
        order_comment: "Thank you for your order!".into(),
        marketplace_id: "ATVPDKIKX0DER".into(),
        kinds: KindRules::default(),
        warehouses: Standings::new(),
        features: Vec::new(),
        refused_features: RefusedFeatures::new(),
        accepted: std::collections::BTreeMap::new(),
        approval: super::approval::Approval::Off,
        approved: std::collections::BTreeMap::new(),
        named_speeds: std::collections::BTreeMap::new(),
        preview: None,
    }
}

pub(super) const LAMP: &str = "1729592969712207013";
pub(super) const SHADE: &str = "1729592969712207999";

pub(super) fn key(sku: &str) -> MappingKey {
    MappingKey::TiktokSku(TiktokSkuId::new(sku))
}

pub(super) fn mappings() -> MappingSet {
    MappingSet::from_rows([row(key(LAMP), "AMZ-LAMP")]).expect("a valid set")
}

/// An order of one lamp and one shade.
pub(super) fn lamp_and_shade() -> Order {
    let mut order = plain_order("1");
    let mut shade = plain_line("577900000000001012");
    shade.sku_id = TiktokSkuId::new(SHADE);
    shade.seller_sku = Some(SellerSku::new("SHADE-RED"));
    order.line_items.push(shade);
    order
}

pub(super) fn stock(units: i64) -> Stock {
    let mut stock = Stock::default();
    stock.set(AmazonSku::new("AMZ-LAMP"), units);
    stock
}

pub(super) fn known(mappings: MappingSet, stock: Stock) -> Known {
    Known {
        mappings,
        stock,
        is_stock_read: true,
        ..Known::default()
    }
}

/// Lamps at Amazon, mapped.
pub(super) fn lamps(units: i64) -> Known {
    known(mappings(), stock(units))
}

/// A preview of Standard alone, without fees and dates.
pub(super) fn previewed(is_fulfillable: bool) -> Previewed {
    Previewed::Shown(vec![offer(ShippingSpeed::Standard, is_fulfillable)])
}

/// What a preview says of a speed, without fees and dates.
pub(super) fn offer(speed: ShippingSpeed, is_fulfillable: bool) -> Preview {
    Preview {
        speed,
        is_fulfillable,
        fees: Vec::new(),
        latest_ship_at: None,
        latest_arrival_at: None,
        unfulfillable_reasons: Vec::new(),
    }
}
