//! The order of what Amazon left out: the same goods, to where TikTok sends the order now, under the next id.

use chrono::{DateTime, Utc};

use super::decision::{AddressTrouble, Route, Rules, check_address};
use super::speed::{AskedFor, OwnSpeed};
use crate::domain::eligibility::{Eligibility, explain, judge};
use crate::domain::fulfillment::{Draft, DraftItem, NoRest, RestFacts, RestItem, rest};
use crate::domain::ids::FulfillmentOrderId;
use crate::domain::order::Order;
use crate::secret::Private;

/// Returns what goes out once more by a person's word. `sent` is the draft of which Amazon left it out.
///
/// # Errors
/// Why nothing goes, in words. Nothing about the buyer.
pub fn route_rest(
    facts: &RestFacts<'_>,
    sent: &Draft,
    generation: u32,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Route, String> {
    let items = rest(facts).map_err(|none| in_words(&none, &sent.id))?;
    refuse_unwanted(facts.order, rules, now)?;
    let (destination, notes) = check_address(facts.order, rules).map_err(|trouble| match trouble {
        AddressTrouble::Masked => "TikTok masks its address for now".to_owned(),
        AddressTrouble::Flagged(flags) => flags
            .into_iter()
            .map(|flag| flag.message)
            .collect::<Vec<_>>()
            .join("; "),
    })?;
    let item = |item: &RestItem| DraftItem {
        id: item.units.item.clone(),
        sku: item.sku.clone(),
        quantity: item.quantity,
    };
    let told = |item: &RestItem| format!("rest: {} × {}", item.quantity, item.sku);
    Ok(Route {
        explanation: items.iter().map(told).chain(notes).collect(),
        draft: Draft {
            id: FulfillmentOrderId::derive(&facts.order.id, generation),
            destination: Private::new(Some(destination)),
            items: items.iter().map(item).collect(),
            ..sent.clone()
        },
        units: items.into_iter().map(|item| item.units).collect(),
        own: OwnSpeed {
            speed: sent.speed.clone(),
            by: AskedFor::Person,
        },
        deadline: facts.order.deadlines.handed_over_by(),
    })
}

fn in_words(none: &NoRest, id: &FulfillmentOrderId) -> String {
    match none {
        NoRest::AtWork(status) => format!("Amazon still works on {id} ({status}); there is no rest yet"),
        NoRest::Nothing => format!("Amazon calls nothing of {id} cancelled or unfulfillable that TikTok still wants"),
    }
}

/// That all of it was shipped before says nothing about what is missing in it.
pub(super) fn refuse_unwanted(order: &Order, rules: &Rules, now: DateTime<Utc>) -> Result<(), String> {
    if order.cancel_requested {
        return Err("the buyer asks to cancel".to_owned());
    }
    match judge(order, &rules.eligibility, now) {
        Eligibility::Route | Eligibility::NotEligible("shipped_elsewhere" | "nothing_to_ship") => Ok(()),
        Eligibility::Wait { detail, .. } | Eligibility::NotEligible(detail) => Err(explain(detail).to_owned()),
        Eligibility::CancelRequested => Err("the buyer asks to cancel".to_owned()),
        Eligibility::Cancelled => Err("TikTok cancelled it".to_owned()),
        Eligibility::Flagged(flag) => Err(flag.message),
    }
}
