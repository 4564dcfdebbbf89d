//! The decision about one order: eligibility, then address, mapping and stock, then the fulfillment order to send.
//!
//! Pure and printable: `poll`, `route` and their dry runs all decide here. Everything that is wrong is told at once.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::address::{AddressRules, Finding, Verdict, normalise};
use super::eligibility::{Eligibility, EligibilityRules, judge};
use super::flag::{Flag, Reason};
use super::fulfillment::{Destination, Draft, DraftItem, ShippingSpeed};
use super::ids::{AmazonSku, FulfillmentOrderId};
use super::mapping::{MappingProblem, MappingSet, Plan, expand};
use super::order::{LineItem, LineStatus, Order};
use super::parcel::ItemUnits;
use crate::secret::Private;

/// What the operator chose.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Which orders are ours, and when.
    pub eligibility: EligibilityRules,
    /// How addresses are treated.
    pub address: AddressRules,
    /// The speed where the mapping names none.
    pub shipping_speed: ShippingSpeed,
    /// What the packing slip says.
    pub order_comment: String,
    /// Amazon's marketplace id.
    pub marketplace_id: String,
}

/// Units that may still be promised. A SKU that is not in it is unknown, which is neither zero nor enough.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stock {
    units: BTreeMap<AmazonSku, i64>,
}

impl Stock {
    /// Notes the units that may be promised of a SKU.
    pub fn set(&mut self, sku: AmazonSku, units: i64) {
        self.units.insert(sku, units.max(0));
    }

    /// Returns the units that may be promised; `None` when they are not known.
    #[must_use]
    pub fn of(&self, sku: &AmazonSku) -> Option<i64> {
        self.units.get(sku).copied()
    }

    fn take(&mut self, needed: &BTreeMap<AmazonSku, i64>) {
        for (sku, quantity) in needed {
            if let Some(units) = self.units.get_mut(sku) {
                *units -= quantity;
            }
        }
    }

    /// Gives back what a route took, when it turns out that it is not sent.
    pub fn give_back(&mut self, draft: &Draft) {
        for (sku, quantity) in needed(draft.items.iter()) {
            if let Some(units) = self.units.get_mut(&sku) {
                *units += quantity;
            }
        }
    }
}

/// What is to be done with an order.
#[derive(Debug, Clone)]
pub enum Decision {
    /// Send it.
    Route(Box<Route>),
    /// Not yet.
    Wait {
        /// A stable code.
        detail: String,
        /// When it may be over.
        until: Option<DateTime<Utc>>,
    },
    /// A person must look.
    Flag(Vec<Flag>),
    /// Not ours.
    NotEligible(&'static str),
    /// The buyer asks to cancel and nothing was sent.
    CancelRequested,
    /// TikTok cancelled it.
    Cancelled,
}

/// A fulfillment order to send, and why it looks as it does.
#[derive(Debug, Clone)]
pub struct Route {
    /// What to send.
    pub draft: Draft,
    /// Which units of the TikTok order each item stands for.
    pub units: Vec<ItemUnits>,
    /// Which rules decided, for a person. Never anything about the buyer.
    pub explanation: Vec<String>,
}

/// Decides about an order by what TikTok says now. Takes the units of a route off `stock`.
#[must_use]
pub fn decide(
    order: &Order,
    generation: u32,
    mappings: &MappingSet,
    stock: &mut Stock,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Decision {
    match judge(order, &rules.eligibility, now) {
        Eligibility::Route => validate(order, generation, mappings, stock, rules),
        Eligibility::Wait { detail, until } => Decision::Wait {
            detail: detail.to_owned(),
            until,
        },
        Eligibility::CancelRequested => Decision::CancelRequested,
        Eligibility::Cancelled => Decision::Cancelled,
        Eligibility::NotEligible(detail) => Decision::NotEligible(detail),
        Eligibility::Flagged(flag) => Decision::Flag(vec![flag]),
    }
}

fn validate(order: &Order, generation: u32, mappings: &MappingSet, stock: &mut Stock, rules: &Rules) -> Decision {
    let mut flags = Vec::new();
    let mut explanation = Vec::new();
    let destination = match check_address(order, rules) {
        Ok((destination, notes)) => {
            explanation.extend(notes);
            Some(destination)
        }
        Err(AddressTrouble::Masked) => {
            return Decision::Wait {
                detail: "masked".to_owned(),
                until: None,
            };
        }
        Err(AddressTrouble::Flagged(found)) => {
            flags.extend(found);
            None
        }
    };
    let plan = expand(to_ship(order), mappings, &rules.shipping_speed);
    match plan {
        Err(problems) => flags.extend(problems.iter().map(|problem| mapping_flag(order, problem))),
        Ok(plan) => {
            let short = shortages(order, &plan, stock);
            if let (Some(destination), true, true) = (destination, short.is_empty(), flags.is_empty()) {
                explanation.extend(explain_plan(&plan, mappings));
                return route(order, generation, &plan, destination, explanation, stock, rules);
            }
            flags.extend(short);
        }
    }
    Decision::Flag(merge(flags))
}

/// Flags with one reason and detail become one with all their sentences: an order carries each code once.
fn merge(flags: Vec<Flag>) -> Vec<Flag> {
    let mut merged: Vec<Flag> = Vec::new();
    for flag in flags {
        match merged
            .iter_mut()
            .find(|known| known.reason == flag.reason && known.detail == flag.detail)
        {
            Some(known) => known.message = format!("{}; {}", known.message, flag.message),
            None => merged.push(flag),
        }
    }
    merged
}

/// Returns the units that await shipment: cancelled ones and those already shipped elsewhere stay out.
fn to_ship(order: &Order) -> impl Iterator<Item = &LineItem> {
    order
        .line_items
        .iter()
        .filter(|line| line.status == LineStatus::AwaitingShipment)
}

enum AddressTrouble {
    Masked,
    Flagged(Vec<Flag>),
}

fn check_address(order: &Order, rules: &Rules) -> Result<(Destination, Vec<String>), AddressTrouble> {
    let findings = match normalise(order.recipient.expose(), &rules.address) {
        Ok(normalised) => {
            let notes = normalised.notes.iter().map(|note| format!("address: {note}")).collect();
            return Ok((normalised.destination, notes));
        }
        Err(findings) => findings,
    };
    if findings.iter().all(|finding| finding.verdict() == Verdict::Wait) {
        return Err(AddressTrouble::Masked);
    }
    let flags = findings.iter().map(|finding| address_flag(order, finding)).collect();
    Err(AddressTrouble::Flagged(flags))
}

fn address_flag(order: &Order, finding: &Finding) -> Flag {
    let reason = match finding.verdict() {
        Verdict::NotSupported => Reason::OrderNotSupported,
        Verdict::InvalidAddress | Verdict::Wait => Reason::InvalidAddress,
    };
    Flag::new(reason, finding.detail.as_str(), finding.sentence.clone(), &order.id)
}

fn mapping_flag(order: &Order, problem: &MappingProblem) -> Flag {
    let reason = match problem {
        MappingProblem::NotMapped(_) | MappingProblem::Disabled(_) => Reason::SkuNotMapped,
        MappingProblem::UnusableQuantity(_)
        | MappingProblem::DuplicateUnit(_)
        | MappingProblem::UnitIdTooLong(_)
        | MappingProblem::TooManyItems(_)
        | MappingProblem::TooManyUnits(_)
        | MappingProblem::NothingToSend => Reason::OrderNotSupported,
    };
    let flag = Flag::new(reason, problem.detail(), problem.to_string(), &order.id);
    if reason == Reason::SkuNotMapped {
        flag.with_command("mcf mappings import mappings.csv")
    } else {
        flag
    }
}

fn shortages(order: &Order, plan: &Plan, stock: &Stock) -> Vec<Flag> {
    let mut wanted: BTreeMap<&AmazonSku, i64> = BTreeMap::new();
    for item in &plan.items {
        *wanted.entry(&item.amazon_sku).or_default() += i64::from(item.quantity);
    }
    let short = |(sku, quantity): (&AmazonSku, i64)| match stock.of(sku) {
        None => Some((
            "stock_unknown",
            format!("Amazon gives no stock figure for {sku}; it is not sent on a guess"),
        )),
        Some(units) if units < quantity => Some((
            "stock_too_low",
            format!("{sku}: {quantity} needed, {units} can be promised"),
        )),
        Some(_) => None,
    };
    wanted
        .into_iter()
        .filter_map(short)
        .map(|(detail, message)| {
            Flag::new(Reason::InsufficientInventory, detail, message, &order.id).with_command("mcf sync-inventory")
        })
        .collect()
}

fn explain_plan(plan: &Plan, mappings: &MappingSet) -> Vec<String> {
    let describe = |item: &super::mapping::PlannedItem| {
        let row = mappings.rows().find(|row| row.amazon_sku == item.amazon_sku);
        let by = row.map_or_else(String::new, |row| format!(", by {}", row.key));
        format!(
            "{} × {} for {} unit(s){by}",
            item.quantity,
            item.amazon_sku,
            item.units.len()
        )
    };
    plan.items
        .iter()
        .map(describe)
        .chain([format!("speed: {}", plan.shipping_speed)])
        .collect()
}

fn route(
    order: &Order,
    generation: u32,
    plan: &Plan,
    destination: Destination,
    explanation: Vec<String>,
    stock: &mut Stock,
    rules: &Rules,
) -> Decision {
    let draft = Draft {
        id: FulfillmentOrderId::derive(&order.id, generation),
        displayable_id: order.id.clone(),
        displayable_date: order.times.created_at,
        comment: rules.order_comment.clone(),
        speed: plan.shipping_speed.clone(),
        marketplace_id: rules.marketplace_id.clone(),
        destination: Private::new(Some(destination)),
        items: plan
            .items
            .iter()
            .map(|item| DraftItem {
                id: item.id.clone(),
                sku: item.amazon_sku.clone(),
                quantity: item.quantity,
            })
            .collect(),
    };
    stock.take(&needed(draft.items.iter()));
    let units = plan
        .items
        .iter()
        .map(|item| ItemUnits {
            item: item.id.clone(),
            lines: item.units.clone(),
            per_line: item.unit_quantity,
        })
        .collect();
    Decision::Route(Box::new(Route {
        draft,
        units,
        explanation,
    }))
}

fn needed<'a>(items: impl Iterator<Item = &'a DraftItem>) -> BTreeMap<AmazonSku, i64> {
    let mut needed = BTreeMap::new();
    for item in items {
        *needed.entry(item.sku.clone()).or_default() += i64::from(item.quantity);
    }
    needed
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::ids::TiktokSkuId;
    use crate::domain::mapping::MappingKey;
    use crate::domain::mapping::examples::row;
    use crate::domain::order::tests_support::{plain_line, plain_order, plain_recipient};

    fn rules() -> Rules {
        Rules {
            eligibility: EligibilityRules {
                grace: TimeDelta::minutes(60),
                warehouse: None,
            },
            address: AddressRules::default(),
            shipping_speed: ShippingSpeed::Standard,
            order_comment: "Thank you for your order!".into(),
            marketplace_id: "ATVPDKIKX0DER".into(),
        }
    }

    fn mappings() -> MappingSet {
        let key = MappingKey::TiktokSku(TiktokSkuId::new("1729592969712207013"));
        MappingSet::from_rows([row(key, "AMZ-LAMP")]).expect("a valid set")
    }

    fn stock(units: i64) -> Stock {
        let mut stock = Stock::default();
        stock.set(AmazonSku::new("AMZ-LAMP"), units);
        stock
    }

    fn decided(order: &Order, mappings: &MappingSet, stock: &mut Stock) -> Decision {
        let now = order.times.created_at + TimeDelta::hours(5);
        decide(order, 1, mappings, stock, &rules(), now)
    }

    fn reasons(decision: Decision) -> Vec<(Reason, String)> {
        match decision {
            Decision::Flag(flags) => flags.into_iter().map(|flag| (flag.reason, flag.detail)).collect(),
            other => panic!("not flagged: {other:?}"),
        }
    }

    #[test]
    fn a_plain_order_becomes_a_draft_and_takes_its_units() {
        let mut order = plain_order("576900000000000101");
        order.line_items.push(plain_line("577900000000001012"));
        let mut stock = stock(5);
        let Decision::Route(route) = decided(&order, &mappings(), &mut stock) else {
            panic!("not routed");
        };
        assert_eq!(route.draft.id.as_str(), "TTS-576900000000000101");
        assert_eq!(route.draft.displayable_date, order.times.created_at, "E72");
        assert_eq!(route.draft.items[0].quantity, 2);
        assert_eq!(stock.of(&AmazonSku::new("AMZ-LAMP")), Some(3));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let mut order = plain_order("1");
        let mut recipient = plain_recipient();
        recipient.postal_code.clear();
        order.recipient = Private::new(recipient);
        let found = reasons(decided(&order, &MappingSet::default(), &mut stock(5)));
        assert_eq!(
            found,
            [
                (Reason::InvalidAddress, "postal_code_missing".to_owned()),
                (Reason::SkuNotMapped, "sku_not_mapped".to_owned())
            ],
            "E23, E38"
        );
    }

    #[test]
    fn two_unmapped_products_are_one_flag_with_both_names() {
        let mut order = plain_order("1");
        let mut other = plain_line("577900000000001012");
        other.sku_id = TiktokSkuId::new("1729592969712209104");
        other.seller_sku = None;
        order.line_items.push(other);
        let Decision::Flag(flags) = decided(&order, &MappingSet::default(), &mut stock(5)) else {
            panic!("not flagged");
        };
        assert_eq!(flags.len(), 1);
        assert!(flags[0].message.contains("1729592969712207013") && flags[0].message.contains("1729592969712209104"));
    }

    #[test]
    fn stock_that_is_not_known_is_neither_zero_nor_enough() {
        let found = reasons(decided(&plain_order("1"), &mappings(), &mut Stock::default()));
        assert_eq!(
            found,
            [(Reason::InsufficientInventory, "stock_unknown".to_owned())],
            "E51"
        );
    }

    #[test]
    fn the_last_unit_goes_to_the_order_that_is_decided_first() {
        let mut stock = stock(1);
        assert!(matches!(
            decided(&plain_order("1"), &mappings(), &mut stock),
            Decision::Route(_)
        ));
        let found = reasons(decided(&plain_order("2"), &mappings(), &mut stock));
        assert_eq!(
            found,
            [(Reason::InsufficientInventory, "stock_too_low".to_owned())],
            "E52"
        );
    }

    #[test]
    fn a_masked_address_waits_without_a_flag() {
        let mut order = plain_order("1");
        let mut recipient = plain_recipient();
        recipient.name = "D*** W***".into();
        order.recipient = Private::new(recipient);
        let decision = decided(&order, &mappings(), &mut stock(5));
        assert!(
            matches!(decision, Decision::Wait { detail, .. } if detail == "masked"),
            "E22"
        );
    }

    #[test]
    fn cancelled_units_stay_out() {
        let mut order = plain_order("1");
        let mut cancelled = plain_line("577900000000001012");
        cancelled.status = LineStatus::Cancelled;
        order.line_items.push(cancelled);
        let Decision::Route(route) = decided(&order, &mappings(), &mut stock(5)) else {
            panic!("not routed");
        };
        assert_eq!(route.draft.items[0].quantity, 1, "E48");
    }
}
