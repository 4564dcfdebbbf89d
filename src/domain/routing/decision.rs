//! The decision about one order: eligibility, then address, mapping and stock, then the fulfillment order to send.
//!
//! `poll`, `route` and their dry runs all decide here. Everything that is wrong is told at once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::approval::{APPROVAL, Approval, Approved, is_awaited};
use super::doubts::{Accepted, Covers, changed, end_of};
use super::features::{asked_of, explain_features};
use super::kinds::{KindRules, flagged_kind};
use super::known::{Known, Units};
use super::needs::to_ship;
use super::reasons;
use super::speed::{self, OwnSpeed, SpeedRules, own_speed};
use super::warehouses::flagged_warehouse;
use crate::domain::address::{AddressRules, Finding, normalise};
use crate::domain::deadline::due_at;
use crate::domain::eligibility::{Eligibility, EligibilityRules, judge};
use crate::domain::feature::{Feature, RefusedFeatures};
use crate::domain::flag::{Detail, Flag};
use crate::domain::fulfillment::{Destination, Draft, DraftItem, ShippingSpeed};
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::domain::mapping::{MappingKey, MappingSet, Plan, PlannedItem, Resolution, expand, resolve};
use crate::domain::order::Order;
use crate::domain::parcel::ItemUnits;
use crate::domain::warehouse::Standings;
use crate::secret::Private;

/// How long before its deadline an order whose address is still masked is shown to a person.
const MASKED_TOLD_BEFORE: TimeDelta = TimeDelta::hours(12);

/// What the operator chose.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Which orders are ours, and when.
    pub eligibility: EligibilityRules,
    /// How addresses are treated.
    pub address: AddressRules,
    /// How fast orders go.
    pub speed: SpeedRules,
    /// What the packing slip says.
    pub order_comment: String,
    /// Amazon's marketplace id.
    pub marketplace_id: String,
    /// Which kinds of orders wait for a person.
    pub kinds: KindRules,
    /// How the shop's warehouses stood when they were read last.
    pub warehouses: Standings,
    /// What is asked of Amazon for every order beside its goods.
    pub features: Vec<Feature>,
    /// What Amazon refused of it for single orders.
    pub refused_features: RefusedFeatures,
    /// What persons accepted of single orders.
    pub accepted: Accepted,
    /// Which orders wait for a person's word.
    pub approval: Approval,
    /// What persons approved.
    pub approved: Approved,
    /// The speeds that persons named for single orders.
    pub named_speeds: BTreeMap<TiktokOrderId, ShippingSpeed>,
    /// How Amazon's preview is judged; `None` where it is not asked.
    pub preview: Option<PreviewRules>,
}

impl Rules {
    /// Tells whether a person settled a doubt about an order.
    pub(super) fn has_accepted(&self, order: &TiktokOrderId, detail: Detail) -> bool {
        self.accepted
            .get(order)
            .is_some_and(|accepted| accepted.contains(&detail))
    }

    /// Returns the rules for an order that TikTok shows as `after` in the last look: what persons accepted, approved and named of
    /// another address or other contents does not hold for these.
    #[must_use]
    pub fn at_last_look(&self, before: &Order, after: &Order) -> Cow<'_, Self> {
        let changed = changed(before, after);
        if changed.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut rules = self.clone();
        end_of(&changed, &mut rules.accepted, &after.id);
        if changed.contains(&Covers::Address) {
            rules.approved.remove(&after.id);
        }
        if changed.iter().any(|covered| covered.is_of_speed()) {
            rules.named_speeds.remove(&after.id);
        }
        Cow::Owned(rules)
    }
}

/// How Amazon's preview of an order is judged.
#[derive(Debug, Clone, Copy, Default)]
pub struct PreviewRules {
    /// Whether an order waits for a person when Amazon says that it can't ship it.
    pub holds_unfulfillable: bool,
    /// The most that fees may be of the order's total in percent; 0 guards nothing.
    pub fee_share_max: u32,
}

/// What is to be done with an order.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// What to send.
    pub draft: Draft,
    /// Which units of the TikTok order each item stands for.
    pub units: Vec<ItemUnits>,
    /// Which rules decided, for a person. Never anything about the buyer.
    pub explanation: Vec<String>,
    /// The speed by itself; the draft may go faster for TikTok's deadline.
    pub own: OwnSpeed,
    /// By when the carrier must have it.
    pub deadline: Option<DateTime<Utc>>,
}

impl Route {
    /// Returns the same without a feature.
    #[must_use]
    pub fn without(&self, feature: Feature) -> Self {
        let mut route = self.clone();
        route.draft.features.retain(|asked| *asked != feature);
        route
    }

    /// Returns what differs from an earlier plan of the same order, in words. Nothing about the buyer.
    #[must_use]
    pub fn changes_since(&self, earlier: &Self) -> Vec<&'static str> {
        let (now, before) = (&self.draft, &earlier.draft);
        let changes = [
            ("the address", now.destination.expose() != before.destination.expose()),
            ("the items", now.items != before.items),
            ("the speed", self.own != earlier.own),
            ("the deadline", self.deadline != earlier.deadline),
        ];
        changes
            .into_iter()
            .filter_map(|(what, is_changed)| is_changed.then_some(what))
            .collect()
    }
}

/// Decides about an order by what TikTok says now. `own` are the units that are this order's already, by an earlier decision about it.
#[must_use]
pub fn decide(
    order: &Order,
    generation: u32,
    known: &Known,
    own: &Units,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Decision {
    match judge(order, &rules.eligibility, now) {
        Eligibility::Route => validate(order, generation, known, own, rules, now),
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

fn validate(order: &Order, generation: u32, known: &Known, own: &Units, rules: &Rules, now: DateTime<Utc>) -> Decision {
    let address = match check_address(order, rules) {
        Err(AddressTrouble::Masked) => return masked(order, now),
        Err(AddressTrouble::Flagged(flags)) => Err(flags),
        Ok(checked) => Ok(checked),
    };
    let plan = match expand(to_ship(order), &known.mappings) {
        Err(problems) => Err(problems
            .iter()
            .map(|problem| reasons::mapping_flag(order, problem, known))
            .collect()),
        Ok(plan) => match reasons::shortages(order, &plan, known, own) {
            short if short.is_empty() => Ok(plan),
            short => Err(short),
        },
    };
    let kept = [
        flagged_warehouse(order, &rules.warehouses, &rules.accepted),
        flagged_kind(order, rules.kinds, &rules.accepted),
    ];
    let kept: Vec<Flag> = kept.into_iter().flatten().collect();
    match (kept.is_empty(), address, plan) {
        (true, Ok(_), Ok(_)) if is_awaited(rules.approval, &rules.approved, order) => Decision::Wait {
            detail: APPROVAL.to_owned(),
            until: None,
        },
        (true, Ok((destination, notes)), Ok(plan)) => {
            let own = own_speed(
                order,
                plan.shipping_speed.as_ref(),
                rules.named_speeds.get(&order.id),
                &rules.speed,
            );
            let explanation = [explain_plan(order, &plan, &known.mappings, &own), notes].concat();
            let mut route = route(order, generation, &plan, destination, own, rules);
            route.explanation = explanation;
            let features = explain_features(&route.draft.features, &rules.features);
            route.explanation.extend(features);
            Decision::Route(Box::new(route))
        }
        (_, address, plan) => {
            let others = [address.err(), plan.err()].into_iter().flatten().flatten();
            let flags = kept.into_iter().chain(others).collect();
            Decision::Flag(reasons::whole_or_nothing(order, reasons::merge(&order.id, flags)))
        }
    }
}

/// TikTok shows the address sooner or later; when there is hardly time left, a person must look.
fn masked(order: &Order, now: DateTime<Utc>) -> Decision {
    let due_at = due_at(&order.deadlines, &order.times);
    if now >= due_at - MASKED_TOLD_BEFORE {
        return Decision::Flag(vec![reasons::masked_flag(order, due_at)]);
    }
    Decision::Wait {
        detail: "masked".to_owned(),
        until: None,
    }
}

/// Why an address can't be sent.
pub(super) enum AddressTrouble {
    Masked,
    Flagged(Vec<Flag>),
}

pub(super) fn check_address(order: &Order, rules: &Rules) -> Result<(Destination, Vec<String>), AddressTrouble> {
    let accepted = rules.accepted.get(&order.id).cloned().unwrap_or_default();
    let address = AddressRules {
        accepted,
        ..rules.address.clone()
    };
    let findings = match normalise(order.recipient.expose(), &address) {
        Ok(normalised) => {
            let notes = normalised.notes.iter().map(|note| format!("address: {note}")).collect();
            return Ok((normalised.destination, notes));
        }
        Err(findings) => findings,
    };
    if findings.iter().all(Finding::is_masked) {
        return Err(AddressTrouble::Masked);
    }
    let flags = findings
        .iter()
        .map(|finding| reasons::address_flag(order, finding))
        .collect();
    Err(AddressTrouble::Flagged(flags))
}

fn explain_plan(order: &Order, plan: &Plan, mappings: &MappingSet, own: &OwnSpeed) -> Vec<String> {
    let describe = |item: &PlannedItem| {
        let by = deciding_key(order, item, mappings).map_or_else(String::new, |key| format!(", by {key}"));
        format!(
            "{} × {} for {} unit(s){by}",
            item.quantity,
            item.amazon_sku,
            item.units.len()
        )
    };
    let by_speed = format!("speed: {}, by {}", own.speed, own.by);
    let badge = speed::unknown_badge(order);
    plan.items.iter().map(describe).chain([by_speed]).chain(badge).collect()
}

/// Returns the mapping key by which an item stands for its units.
fn deciding_key(order: &Order, item: &PlannedItem, mappings: &MappingSet) -> Option<String> {
    let line = order.line_items.iter().find(|line| item.units.contains(&line.id))?;
    let Resolution::Mapped(target) = resolve(line, mappings) else {
        return None;
    };
    let names_it = |key: &&MappingKey| {
        let mut rows = mappings.get(key).iter();
        rows.any(|row| row.amazon_sku == item.amazon_sku)
    };
    target.decided_by.iter().find(names_it).map(ToString::to_string)
}

fn route(order: &Order, generation: u32, plan: &Plan, destination: Destination, own: OwnSpeed, rules: &Rules) -> Route {
    let item = |item: &PlannedItem| DraftItem {
        id: item.id.clone(),
        sku: item.amazon_sku.clone(),
        quantity: item.quantity,
    };
    let units = |item: &PlannedItem| ItemUnits {
        item: item.id.clone(),
        lines: item.units.clone(),
        per_line: item.unit_quantity,
    };
    let draft = Draft {
        id: FulfillmentOrderId::derive(&order.id, generation),
        displayable_id: order.id.clone(),
        displayable_date: order.times.created_at,
        comment: rules.order_comment.clone(),
        speed: own.speed.clone(),
        marketplace_id: rules.marketplace_id.clone(),
        features: asked_of(&order.id, &rules.features, &rules.refused_features),
        destination: Private::new(Some(destination)),
        items: plan.items.iter().map(item).collect(),
    };
    Route {
        draft,
        units: plan.items.iter().map(units).collect(),
        explanation: Vec::new(),
        own,
        deadline: order.deadlines.handed_over_by(),
    }
}

#[cfg(test)]
mod tests;
