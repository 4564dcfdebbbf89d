//! One sentence per event, for people who read them in Slack; many events at once are one message with a line for each cause.

use serde_json::Value;

use crate::domain::event::URGENT;
use crate::domain::quiet::DEADLINE_FIELD;
use crate::store::StoredEvent;
use crate::transport::scrub::one_line;

/// Slack shows no more than this as one message (Slack's "Sending messages using incoming webhooks" allows 40,000).
const TEXT_CHARACTERS_MAX: usize = 3000;

/// What one line of a digest may take, so that a long one leaves room for the others.
const LINE_CHARACTERS_MAX: usize = 400;

/// Returns the sentence, escaped so that nothing in it can become a mention or a link.
#[must_use]
pub fn text(event: &StoredEvent) -> String {
    escaped(&cut(&sentence(event), TEXT_CHARACTERS_MAX))
}

/// An event, and how many others say more of the same order.
#[derive(Clone, Copy)]
struct Told<'a> {
    event: &'a StoredEvent,
    others: usize,
}

/// Returns one message for many events, in their order: a line for each cause with its count, an example and what to type. An order
/// that needs a person for several reasons is in the line of the first: of the others only the number is said.
#[must_use]
pub fn digest(events: &[&StoredEvent]) -> String {
    let mut causes: Vec<(String, Vec<Told<'_>>)> = Vec::new();
    for told in once_an_order(events) {
        let cause = cause(told.event);
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, same)) => same.push(told),
            None => causes.push((cause, vec![told])),
        }
    }
    let mut message = format!("{} events:", events.len());
    for (number, (cause, same)) in causes.iter().enumerate() {
        let line = cut(&line(cause, same), LINE_CHARACTERS_MAX);
        if message.chars().count() + line.chars().count() > TEXT_CHARACTERS_MAX {
            message = format!("{message}\n… and {} more causes: mcf status", causes.len() - number);
            break;
        }
        message = format!("{message}\n• {line}");
    }
    escaped(&message)
}

fn once_an_order<'a>(events: &[&'a StoredEvent]) -> Vec<Told<'a>> {
    let mut told: Vec<Told<'a>> = Vec::new();
    let order = |event: &StoredEvent| (event.kind == "order.failed").then(|| event.data["orderId"].clone());
    for event in events {
        let mut known = told.iter_mut();
        let first = known.find(|told| order(event).is_some_and(|id| order(told.event) == Some(id)));
        match first.filter(|told| cause(told.event) != cause(event)) {
            Some(told) => told.others += 1,
            None => told.push(Told { event, others: 0 }),
        }
    }
    told
}

/// Tells whether an order that needs a person is told of again, since its deadline comes near.
fn is_reminder(event: &StoredEvent) -> bool {
    event.data[DEADLINE_FIELD].is_string()
}

/// What events have in common that one line tells.
fn cause(event: &StoredEvent) -> String {
    match event.data["reason"].as_str() {
        Some(reason) if is_reminder(event) => format!("{} {reason} (again)", event.kind),
        Some(reason) => format!("{} {reason}", event.kind),
        None if event.kind == "error" || event.kind == "error.resolved" => word(&event.data["message"]),
        None => event.kind.clone(),
    }
}

fn line(cause: &str, same: &[Told<'_>]) -> String {
    let [example, .., _] = same else {
        return same.first().map(|told| with_command(*told)).unwrap_or_default();
    };
    format!("{} × {cause}, e.g. {}", same.len(), with_command(*example))
}

/// The sentence, and where a person has to look the command for it.
fn with_command(told: Told<'_>) -> String {
    let event = told.event;
    let order = event.data["orderId"]
        .as_str()
        .filter(|_| URGENT.contains(&event.kind.as_str()));
    let more = match told.others {
        0 => String::new(),
        others => format!(" (and {others} more)"),
    };
    match order {
        Some(order) => format!("{}{more} → mcf status {order}", sentence(event)),
        None => sentence(event),
    }
}

fn cut(text: &str, characters_max: usize) -> String {
    text.chars().take(characters_max).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn sentence(event: &StoredEvent) -> String {
    let field = |name: &str| word(&event.data[name]);
    let order = field("orderId");
    match event.kind.as_str() {
        "order.detected" => format!("Order {order} came in."),
        "order.validated" => validated(&order, &event.data["validationResult"]),
        "order.routed" => format!("Order {order} is at Amazon as {}.", field("mcfOrderId")),
        "order.failed" if is_reminder(event) => format!(
            "Order {order} still needs a person ({}) and is due at {}: {}",
            field("reason"),
            field(DEADLINE_FIELD),
            field("error")
        ),
        "order.failed" => format!("Order {order} needs a person ({}): {}", field("reason"), field("error")),
        "order.cancelled" => format!("Order {order} is cancelled."),
        "order.at_risk" => format!(
            "Order {order} leaves Amazon by {} ({}), after TikTok's deadline {}.",
            field("latestShip"),
            field("shippingSpeed"),
            field("deadline")
        ),
        "tracking.synced" => format!(
            "Order {order}: TikTok has the tracking number {} ({}).",
            field("trackingNumber"),
            field("carrier")
        ),
        "tracking.overdue" => format!(
            "Order {order} left {} hours ago and TikTok has no tracking number yet.",
            field("hours")
        ),
        "inventory.low" => format!(
            "Stock of {} is low: {} left, the threshold is {}.",
            field("sku"),
            field("currentStock"),
            field("threshold")
        ),
        "inventory.recovered" => format!("Stock of {} is back: {} left.", field("sku"), field("currentStock")),
        "warehouse.disabled" => format!(
            "TikTok has disabled warehouse {}: its new orders wait for you, no stock is written to it.",
            field("warehouseId")
        ),
        "connector.started" => format!("The connector started at {}.", field("startedAt")),
        "connector.stopped" => format!("The connector stopped at {}.", field("stoppedAt")),
        "error" => format!("The connector failed: {}", field("message")),
        "error.resolved" => format!("The connector works again; this is over: {}", field("message")),
        other => format!("The connector reports {other}."),
    }
}

fn validated(order: &str, result: &Value) -> String {
    let problems: Vec<String> = result["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|problem| format!("{} ({})", word(&problem["reason"]), word(&problem["detail"])))
        .collect();
    if problems.is_empty() {
        format!("Order {order} passed every check.")
    } else {
        format!("Order {order} did not pass: {}.", problems.join(", "))
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => one_line(text),
        Value::Null => "(unknown)".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::domain::event::Event;
    use crate::domain::flag::Detail;
    use crate::domain::ids::{AmazonSku, FulfillmentOrderId, TiktokOrderId};

    fn said(event: &Event) -> String {
        text(&StoredEvent {
            id: 1,
            kind: event.kind().to_owned(),
            at: DateTime::<Utc>::default(),
            data: event.data(),
        })
    }

    #[test]
    fn every_event_has_a_sentence_without_gaps() {
        let at = DateTime::from_timestamp(1_767_574_842, 0).expect("a valid instant");
        let order = TiktokOrderId::new("576900000000000101");
        let sku = AmazonSku::new("CUP-RED");
        let (current_stock, threshold) = (3, 10);
        let events = [
            Event::OrderDetected {
                order: order.clone(),
                at,
            },
            Event::OrderValidated {
                order: order.clone(),
                valid: true,
                errors: Vec::new(),
            },
            Event::OrderValidated {
                order: order.clone(),
                valid: false,
                errors: vec![Detail::SkuNotMapped],
            },
            Event::OrderRouted {
                order: order.clone(),
                fulfillment_order: FulfillmentOrderId::derive(&order, 1),
                at,
            },
            Event::OrderCancelled {
                order: order.clone(),
                at,
            },
            Event::TrackingSynced {
                order: order.clone(),
                tracking_number: "1Z999AA10123456784".into(),
                carrier: "UPS".into(),
                at,
            },
            Event::TrackingOverdue {
                order,
                shipped_at: at,
                hours: 5,
            },
            Event::InventoryLow {
                sku: sku.clone(),
                current_stock,
                threshold,
            },
            Event::InventoryRecovered {
                sku,
                current_stock,
                threshold,
            },
            Event::ConnectorStarted { at },
            Event::ConnectorStopped {
                at,
                audit_rows: 0,
                audit_head: String::new(),
            },
            Event::ErrorResolved {
                message: "tiktok getOrderList: in trouble".into(),
            },
        ];
        for event in &events {
            let text = said(event);
            assert!(!text.contains("(unknown)") && !text.contains("reports"), "{text}");
        }
        assert_eq!(
            said(&events[2]),
            "Order 576900000000000101 did not pass: SKU_NOT_MAPPED (sku_not_mapped)."
        );
        assert_eq!(
            said(&events[7]),
            "Stock of CUP-RED is low: 3 left, the threshold is 10."
        );
    }

    fn failed(id: i64, order: &str, reason: &str, deadline: Option<&str>) -> StoredEvent {
        let mut data = serde_json::json!({ "orderId": order, "reason": reason, "error": "it is bad" });
        if let Some(deadline) = deadline {
            data["deadline"] = deadline.into();
        }
        StoredEvent {
            id,
            kind: "order.failed".to_owned(),
            at: DateTime::<Utc>::default(),
            data,
        }
    }

    #[test]
    fn an_order_with_several_reasons_stands_once_in_a_digest() {
        let events = [
            failed(1, "1", "INVALID_ADDRESS", None),
            failed(2, "1", "SKU_NOT_MAPPED", None),
            failed(3, "2", "SKU_NOT_MAPPED", None),
        ];
        let text = digest(&events.iter().collect::<Vec<_>>());
        assert_eq!(
            text,
            "3 events:\n• Order 1 needs a person (INVALID_ADDRESS): it is bad (and 1 more) → mcf status 1\n\
             • Order 2 needs a person (SKU_NOT_MAPPED): it is bad → mcf status 2"
        );
    }

    #[test]
    fn a_reminder_says_that_it_is_one_and_by_when_and_is_no_new_order_beside_the_new_ones() {
        let due = Some("2026-01-05T12:00:00Z");
        let events = [
            failed(1, "1", "SKU_NOT_MAPPED", due),
            failed(2, "2", "SKU_NOT_MAPPED", due),
            failed(3, "3", "SKU_NOT_MAPPED", None),
        ];
        let still = "Order 1 still needs a person (SKU_NOT_MAPPED) and is due at 2026-01-05T12:00:00Z: it is bad";
        assert_eq!(text(&events[0]), still);
        let digest = digest(&events.iter().collect::<Vec<_>>());
        assert_eq!(
            digest.replace("&gt;", ">"),
            format!(
                "3 events:\n• 2 × order.failed SKU_NOT_MAPPED (again), e.g. {still} → mcf status 1\n\
                 • Order 3 needs a person (SKU_NOT_MAPPED): it is bad → mcf status 3"
            )
        );
    }

    #[test]
    fn a_text_from_outside_can_call_nobody_and_is_not_endless_h12() {
        let event = |message: String| Event::Error { message };
        assert_eq!(
            said(&event("<!channel> & <https://evil.example|here>".into())),
            "The connector failed: &lt;!channel&gt; &amp; &lt;https://evil.example|here&gt;"
        );
        assert!(said(&event("x".repeat(1_000_000))).len() < 4000, "H2");
    }
}
