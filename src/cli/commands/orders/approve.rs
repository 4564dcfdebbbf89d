//! `mcf orders approve`: a person's word that orders may go.

use serde_json::{Value, json};

use super::super::answer;
use super::hand::{self, HandAction};
use crate::cli::arguments::OrdersApprove;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::config::Settings;
use crate::domain::ids::TiktokOrderId;
use crate::domain::routing::approval::{Approval, Approved, is_awaited, units_of};
use crate::report::SCHEMA;
use crate::store::{Store, StoredOrder};

/// Approves the orders, or none of them where one is not known.
pub fn run(context: &Context, arguments: &OrdersApprove) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let _lock = context.surroundings.keep(&store, arguments.dry_run)?;
    for id in &arguments.orders {
        hand::known(&store, id)?;
    }
    let mut actions = Vec::new();
    for id in &arguments.orders {
        let action = approve(context, &settings, &store, id, arguments)?;
        actions.push((hand::known(&store, id)?, action));
    }
    let is_news = actions.iter().any(|(_, action)| action.is_changed());
    let shown: Vec<Value> = actions
        .iter()
        .map(|(row, action)| action.fields(row, arguments.dry_run))
        .collect();
    let document = json!({"schema": SCHEMA, "dryRun": arguments.dry_run, "orders": shown});
    let sentences: Vec<String> = actions
        .iter()
        .map(|(row, action)| action.sentence(row, arguments.dry_run))
        .collect();
    answer::tell(context, is_news, &document, &sentences.join("\n"));
    Ok(Exit::Done)
}

fn approve(
    context: &Context,
    settings: &Settings,
    store: &Store,
    id: &TiktokOrderId,
    arguments: &OrdersApprove,
) -> Result<HandAction, Failure> {
    let Some(stored) = store.order(id)? else {
        return Ok(HandAction::nothing("not known"));
    };
    let approval = settings.routing.approval;
    if let Some(why) = not_needed(&stored, approval, &store.approvals()?) {
        return Ok(HandAction::nothing(why));
    }
    if !arguments.dry_run {
        let because = arguments.because.as_ref();
        let because = because.map_or_else(String::new, |because| format!(": {because}"));
        let text = format!("approved by {}{because}", answer::user(context));
        store.approve(id, &units_of(&stored.order), &text, context.now())?;
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
