//! The speed that an order takes, with why, when it leaves and what it costs: for the history, `status` and who is told of it.

use chrono::{DateTime, Utc};

use super::amount::sum;
use super::choice::{DeadlineMode, Why};
use super::decision::Route;
use super::speed::OwnSpeed;
use crate::domain::event::instant;
use crate::domain::fulfillment::{Preview, ShippingSpeed};
use crate::domain::order::{Money, Order};

/// The speed that was chosen for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenSpeed {
    /// How fast.
    pub speed: ShippingSpeed,
    /// Why, for a person.
    pub because: String,
    /// TikTok's deadline that it was held against.
    pub deadline: Option<DateTime<Utc>>,
    /// When its last part leaves at the latest, by Amazon's preview.
    pub latest_ship_at: Option<DateTime<Utc>>,
    /// When it arrives at the latest, by Amazon's preview.
    pub arrives_at: Option<DateTime<Utc>>,
    /// What Amazon takes, by its preview.
    pub fees: Option<Money>,
    /// Whether it leaves after the deadline by Amazon's preview and the operator's margin.
    pub is_at_risk: bool,
}

impl ChosenSpeed {
    /// The order's own speed, as far as Amazon was not asked.
    pub(super) fn as_asked(order: &Order, route: &Route, mode: DeadlineMode) -> Self {
        let deadline = order.deadlines.handed_over_by().filter(|_| mode != DeadlineMode::Off);
        Self {
            speed: route.own.speed.clone(),
            because: format!("asked for by {}", route.own.by),
            deadline,
            latest_ship_at: None,
            arrives_at: None,
            fees: None,
            is_at_risk: false,
        }
    }
}

/// Says why a speed was chosen, with the dates and the fees that decided.
pub(super) fn because(
    own: &OwnSpeed,
    (speed, why): (&ShippingSpeed, Why),
    previews: &[Preview],
    (order, asked): (&Order, &ChosenSpeed),
    mode: DeadlineMode,
) -> String {
    let offer = |speed: &ShippingSpeed| offer_in_words(speed, previews);
    let deadline = asked.deadline.map(instant).unwrap_or_default();
    let asked = format!("{}, {}", own.speed, asked.because);
    if mode == DeadlineMode::Off {
        return asked;
    }
    match why {
        Why::NoDeadline => format!("{asked}; TikTok names no deadline"),
        Why::InTime => format!("{asked}; {}, in time for TikTok's {deadline}", offer(speed)),
        Why::NotKnown => {
            format!(
                "{asked}; whether it is in time for TikTok's {deadline} is not known: Amazon does not say when it leaves"
            )
        }
        Why::Late if mode == DeadlineMode::Upgrade => {
            format!(
                "{asked}; {}, after TikTok's {deadline}, and nothing faster that is allowed is in time",
                offer(speed)
            )
        }
        Why::Late => format!("{asked}; {}, after TikTok's {deadline}", offer(speed)),
        Why::Faster => format!(
            "{} for TikTok's {deadline}, in place of {}",
            offer(speed),
            offer(&own.speed)
        ),
        Why::BeforeItIsCancelled => {
            let cancelled = order
                .deadlines
                .cancelled_unless_shipped_by
                .map(instant)
                .unwrap_or_default();
            format!(
                "{}, in place of {}: nothing is in time for TikTok's {deadline}, but TikTok cancels at {cancelled}",
                offer(speed),
                offer(&own.speed)
            )
        }
        Why::Offered => format!("{}, because Amazon does not offer {}", offer(speed), own.speed),
    }
}

fn offer_in_words(speed: &ShippingSpeed, previews: &[Preview]) -> String {
    let preview = previews.iter().find(|preview| preview.speed == *speed);
    let leaves = preview.and_then(|preview| preview.latest_ship_at);
    let leaves = leaves.map_or_else(
        || " leaves at a time that is not known".to_owned(),
        |at| format!(" leaves by {}", instant(at)),
    );
    let fees = preview.and_then(|preview| sum(&preview.fees));
    let fees = fees.map_or_else(String::new, |fees| format!(" ({} {})", fees.text(), fees.currency));
    format!("{speed}{leaves}{fees}")
}
