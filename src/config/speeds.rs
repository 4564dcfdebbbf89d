//! The keys of `[routing]` that say how fast orders go.

use super::error::Error;
use super::section::Section;
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::routing::SpeedRules;

const SPEEDS: &[&str] = &["Standard", "Expedited", "Priority"];

pub(super) fn read(section: &mut Section<'_>) -> Result<SpeedRules, Error> {
    let default = SpeedRules::default();
    let options = section.choices("delivery_options", SPEEDS, &ShippingSpeed::ALL)?;
    Ok(SpeedRules {
        default: speed(section, "shipping_speed", default.default)?,
        fast_delivery: speed(section, "fast_delivery_speed", default.fast_delivery)?,
        delivery_options: options.into_iter().collect(),
    })
}

fn speed(section: &mut Section<'_>, key: &'static str, default: ShippingSpeed) -> Result<ShippingSpeed, Error> {
    section.choice(key, SPEEDS, &ShippingSpeed::ALL, default)
}
