//! `mcf orders approve`: a person's word that orders may go.

use super::{Hand, HandAction, Refusal};
use crate::domain::routing::approval::{Approval, Approved, is_awaited, units_of};
use crate::store::StoredOrder;

/// Says that the order may go.
pub fn approve(hand: &Hand<'_>) -> Result<HandAction, Refusal> {
    let operator = hand.operator;
    let Some(stored) = operator.store.order(&hand.row.id)? else {
        return Ok(HandAction::nothing("not known"));
    };
    if let Some(why) = not_needed(&stored, operator.settings.routing.approval, operator.approved) {
        return Ok(HandAction::nothing(why));
    }
    if !hand.is_dry_run {
        let because = operator
            .because
            .map_or_else(String::new, |because| format!(": {because}"));
        let text = format!("approved by {}{because}", operator.name);
        let units = units_of(&stored.order);
        operator.store.approve(&hand.row.id, &units, &text, operator.now)?;
    }
    Ok(HandAction::done("approved", effect(&stored)))
}

/// Why a person's word would change nothing.
fn not_needed(stored: &StoredOrder, approval: Approval, approved: &Approved) -> Option<String> {
    let state = stored.state;
    if stored.is_dismissed || !state.is_undecided() {
        let state = if stored.is_dismissed {
            "dismissed"
        } else {
            state.as_str()
        };
        return Some(format!("{state} and waits for no approval"));
    }
    if approval == Approval::Off {
        return Some(format!(
            "{state}, and no order needs approval ([routing] approval is off)"
        ));
    }
    (!is_awaited(approval, approved, &stored.order)).then(|| "approved already".to_owned())
}

fn effect(stored: &StoredOrder) -> String {
    match stored.held {
        true => format!("it is held and not sent until `mcf orders release {}`", stored.order.id),
        false => "the next poll decides it anew, and sends it where nothing else is in the way".to_owned(),
    }
}
