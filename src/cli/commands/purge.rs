//! `mcf purge`.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{answer, orders};
use crate::cli::arguments::DryRun;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::domain::state::State;
use crate::report::SCHEMA;
use crate::store::{self, Lock, OrderFilter, Purged, Store};

pub fn run(context: &Context, arguments: &DryRun) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let (now, days) = (context.now(), settings.privacy.retention_days);
    let retention = TimeDelta::days(i64::from(days));
    if arguments.dry_run {
        let count = due(&store, now - retention)?;
        let document = json!({"schema": SCHEMA, "dryRun": true, "orders": count});
        let sentence = format!("would erase the buyers of {count} orders that ended more than {days} days ago");
        answer::tell(context, count > 0, &document, &sentence);
        return Ok(Exit::Done);
    }
    let _lock = Lock::take(store.path(), "keeping", now)?;
    tell(context, &store.purge(retention, now)?);
    Ok(Exit::Done)
}

fn tell(context: &Context, purged: &Purged) {
    let Purged {
        orders,
        calls,
        events,
        runs,
    } = *purged;
    let document = json!({
        "schema": SCHEMA, "dryRun": false, "orders": orders, "calls": calls, "events": events, "runs": runs,
    });
    let is_news = orders + calls + events + runs > 0;
    let sentence = if is_news {
        format!("erased the buyers of {orders} orders; dropped {calls} calls, {events} events and {runs} runs")
    } else {
        "nothing is past its retention; nothing changed".to_owned()
    };
    answer::tell(context, is_news, &document, &sentence);
}

/// Counts the orders whose buyers a purge would forget.
fn due(store: &Store, before: DateTime<Utc>) -> store::Result<usize> {
    let mut count = 0;
    for state in State::ALL.into_iter().filter(|state| orders::has_ended(*state)) {
        let filter = OrderFilter {
            state: Some(state),
            ..OrderFilter::default()
        };
        for order in store.order_rows(&filter)? {
            count += usize::from(order.state_since < before && !orders::is_erased(store, &order.id)?);
        }
    }
    Ok(count)
}
