//! How fast an order goes by itself: the fastest speed that its mappings, its delivery option, its badge or the settings ask for.

use std::collections::BTreeMap;
use std::fmt;

use super::choice::DeadlineRules;
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::order::{FastDelivery, Order};

/// What the operator chose about speeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeedRules {
    /// No order goes slower.
    pub default: ShippingSpeed,
    /// Orders that TikTok sold with a badge of three days go at least so fast.
    pub fast_delivery: ShippingSpeed,
    /// Orders with a delivery option, by its id or name, go at least so fast.
    pub delivery_options: BTreeMap<String, ShippingSpeed>,
    /// What is done about TikTok's deadline.
    pub deadline: DeadlineRules,
}

impl Default for SpeedRules {
    fn default() -> Self {
        Self {
            default: ShippingSpeed::Standard,
            fast_delivery: ShippingSpeed::Expedited,
            delivery_options: BTreeMap::new(),
            deadline: DeadlineRules::default(),
        }
    }
}

/// The speed of an order by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSpeed {
    /// How fast.
    pub speed: ShippingSpeed,
    /// What asks for it.
    pub by: AskedFor,
}

/// What asks for a speed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedFor {
    /// `[routing] shipping_speed`.
    Settings,
    /// A mapping row of one of its units.
    Mapping,
    /// Its delivery option at TikTok.
    DeliveryOption(String),
    /// The badge that its buyer saw.
    Badge(FastDelivery),
    /// A person, for this one order.
    Person,
}

impl fmt::Display for AskedFor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings => formatter.write_str("the settings"),
            Self::Mapping => formatter.write_str("a mapping"),
            Self::Person => formatter.write_str("a person"),
            Self::DeliveryOption(name) => write!(formatter, "the delivery option {name:?}"),
            Self::Badge(badge) => write!(formatter, "TikTok's badge {badge}"),
        }
    }
}

/// Returns the fastest speed that anything asks for: whoever asked for speed gets it, and nobody is hurt by coming early. `mapped` is
/// the fastest that the mappings name; what a person `named` for the order goes before all.
pub(super) fn own_speed(
    order: &Order,
    mapped: Option<&ShippingSpeed>,
    named: Option<&ShippingSpeed>,
    rules: &SpeedRules,
) -> OwnSpeed {
    let asked = |speed: &ShippingSpeed, by| OwnSpeed {
        speed: speed.clone(),
        by,
    };
    if let Some(named) = named {
        return asked(named, AskedFor::Person);
    }
    let badge = order
        .fast_delivery
        .as_ref()
        .filter(|badge| **badge == FastDelivery::ThreeDays);
    let further = [
        mapped.map(|speed| asked(speed, AskedFor::Mapping)),
        of_option(order, rules).map(|(option, speed)| asked(speed, AskedFor::DeliveryOption(option.clone()))),
        badge.map(|badge| asked(&rules.fast_delivery, AskedFor::Badge(badge.clone()))),
    ];
    let by_settings = asked(&rules.default, AskedFor::Settings);
    further.into_iter().flatten().fold(by_settings, |fastest, other| {
        match other.speed.rank() > fastest.speed.rank() {
            true => other,
            false => fastest,
        }
    })
}

/// An id names one option, so that it goes before a name.
fn of_option<'a>(order: &Order, rules: &'a SpeedRules) -> Option<(&'a String, &'a ShippingSpeed)> {
    let id = order.delivery_option_id.as_ref();
    let name = order.delivery_option_name.as_deref().map(str::trim);
    let by_id = id.and_then(|id| rules.delivery_options.get_key_value(id.as_str()));
    let is_named = |option: &str| name.is_some_and(|name| name.eq_ignore_ascii_case(option.trim()));
    by_id.or_else(|| rules.delivery_options.iter().find(|(option, _)| is_named(option)))
}

/// Returns what is to be said of a badge that decides nothing.
pub(super) fn unknown_badge(order: &Order) -> Option<String> {
    match order.fast_delivery.as_ref()? {
        FastDelivery::ThreeDays => None,
        FastDelivery::Other(word) => Some(format!(
            "TikTok's badge {word:?} promises nothing known: it decides nothing"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::tests_support::plain_order;

    const OPTION_ID: &str = "7091146663229654785";

    fn rules(default: ShippingSpeed, options: &[(&str, ShippingSpeed)]) -> SpeedRules {
        let option = |(name, speed): &(&str, ShippingSpeed)| ((*name).to_owned(), speed.clone());
        SpeedRules {
            default,
            delivery_options: options.iter().map(option).collect(),
            ..SpeedRules::default()
        }
    }

    fn own(badge: &str, mapped: Option<ShippingSpeed>, rules: &SpeedRules) -> (ShippingSpeed, String) {
        let mut order = plain_order("1");
        order.fast_delivery = (!badge.is_empty()).then(|| FastDelivery::read(badge));
        let own = own_speed(&order, mapped.as_ref(), None, rules);
        (own.speed, own.by.to_string())
    }

    #[test]
    fn the_fastest_of_mapping_option_badge_and_settings_counts() {
        use ShippingSpeed::{Expedited, Priority, Standard};
        let plain = rules(Standard, &[]);
        let table = [
            ("", None, plain.clone(), Standard, "the settings"),
            ("", Some(Expedited), plain.clone(), Expedited, "a mapping"),
            ("", Some(Standard), rules(Priority, &[]), Priority, "the settings"),
            (
                "3_DAY_DELIVERY",
                None,
                plain.clone(),
                Expedited,
                "TikTok's badge 3_DAY_DELIVERY",
            ),
            ("3_DAY_DELIVERY", Some(Priority), plain, Priority, "a mapping"),
            (
                "",
                None,
                rules(Standard, &[(OPTION_ID, Priority)]),
                Priority,
                "the delivery option \"7091146663229654785\"",
            ),
            (
                "3_DAY_DELIVERY",
                None,
                rules(Standard, &[("standard shipping ", Priority)]),
                Priority,
                "the delivery option \"standard shipping \"",
            ),
            (
                "",
                None,
                rules(Standard, &[("Standard Shipping", Priority), (OPTION_ID, Standard)]),
                Standard,
                "the settings",
            ),
            (
                "",
                None,
                rules(Standard, &[("Express", Priority)]),
                Standard,
                "the settings",
            ),
        ];
        for (badge, mapped, rules, speed, by) in table {
            assert_eq!(own(badge, mapped, &rules), (speed, by.to_owned()));
        }
    }

    #[test]
    fn only_the_badge_of_three_days_decides_and_other_words_are_shown_e147() {
        let rules = rules(ShippingSpeed::Standard, &[]);
        for word in ["3_DAY_POTENTIAL_SHIPPING", "3_DAY_POTENTIAL_TRANSIT", "NEXT_DAY"] {
            assert_eq!(own(word, None, &rules).0, ShippingSpeed::Standard, "E147: {word}");
            let mut order = plain_order("1");
            order.fast_delivery = Some(FastDelivery::read(word));
            assert!(
                unknown_badge(&order).is_some_and(|text| text.contains(word)),
                "E147: {word}"
            );
        }
        let mut order = plain_order("1");
        assert_eq!(unknown_badge(&order), None);
        order.fast_delivery = Some(FastDelivery::ThreeDays);
        assert_eq!(unknown_badge(&order), None);
    }
}
