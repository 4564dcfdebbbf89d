//! The keys of `[routing]` that say how fast orders go.

use chrono::TimeDelta;

use super::error::Error;
use super::section::Section;
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::routing::{DeadlineMode, DeadlineRules, SpeedRules, TooLate};

/// TikTok gives two business days: a longer margin leaves no speed in time.
const MARGIN_MAX: u32 = 48;

const SPEEDS: &[&str] = &["Standard", "Expedited", "Priority"];

pub(super) fn read(section: &mut Section<'_>) -> Result<SpeedRules, Error> {
    let default = SpeedRules::default();
    let options = section.choices("delivery_options", SPEEDS, &ShippingSpeed::ALL)?;
    Ok(SpeedRules {
        default: speed(section, "shipping_speed", default.default)?,
        fast_delivery: speed(section, "fast_delivery_speed", default.fast_delivery)?,
        delivery_options: options.into_iter().collect(),
        deadline: deadline(section, default.deadline)?,
    })
}

fn deadline(section: &mut Section<'_>, default: DeadlineRules) -> Result<DeadlineRules, Error> {
    let modes = [DeadlineMode::Off, DeadlineMode::Warn, DeadlineMode::Upgrade];
    let late = [TooLate::Send, TooLate::Flag];
    let hours = section.number("deadline_margin_hours", 0..=MARGIN_MAX, 0)?;
    Ok(DeadlineRules {
        mode: section.choice("deadline", &["off", "warn", "upgrade"], &modes, default.mode)?,
        fastest: speed(section, "fastest_speed", default.fastest)?,
        too_late: section.choice("too_late", &["send", "flag"], &late, default.too_late)?,
        margin: TimeDelta::hours(i64::from(hours)),
    })
}

fn speed(section: &mut Section<'_>, key: &'static str, default: ShippingSpeed) -> Result<ShippingSpeed, Error> {
    section.choice(key, SPEEDS, &ShippingSpeed::ALL, default)
}
