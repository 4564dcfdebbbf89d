//! What is allowed but probably not meant. A warning never stops a run.

use std::fmt;

use super::Settings;
use super::webhooks::WebhookFormat;
use crate::domain::deadline::TRACKING_DUE;

/// Settings that deserve a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Runs too far apart for the promise of four hours.
    IntervalTooLong {
        /// The key with its section.
        key: &'static str,
        /// The interval.
        minutes: u32,
    },
    /// A marketplace whose region this program cannot check.
    UnknownMarketplace {
        /// Amazon's marketplace id.
        id: String,
    },
    /// A webhook without a signing secret.
    UnsignedWebhook {
        /// Its place in the file, counted from 1.
        number: usize,
        /// Its host.
        host: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IntervalTooLong { key, minutes } => write!(
                formatter,
                "`{key}` is {minutes}: with runs more than {} minutes apart \
                 the {} hours from shipment to tracking number cannot be kept",
                TRACKING_DUE.num_minutes(),
                TRACKING_DUE.num_hours()
            ),
            Self::UnknownMarketplace { id } => {
                write!(
                    formatter,
                    "`amazon.marketplace_id` {id} is not known; its region is not checked"
                )
            }
            Self::UnsignedWebhook { number, host } => {
                write!(
                    formatter,
                    "`webhooks[{number}].secret` is not set: deliveries to {host} are not signed"
                )
            }
        }
    }
}

pub(super) fn of(settings: &Settings) -> Vec<Warning> {
    let mut warnings = long_intervals(settings);
    if settings.amazon.country().is_none() {
        warnings.push(Warning::UnknownMarketplace {
            id: settings.amazon.marketplace_id.clone(),
        });
    }
    let unsigned = settings.webhooks.iter().zip(1..);
    let unsigned = unsigned.filter(|(webhook, _)| {
        webhook.secret.is_none() && webhook.format == WebhookFormat::Json && !webhook.events.is_empty()
    });
    warnings.extend(unsigned.map(|(webhook, number)| Warning::UnsignedWebhook {
        number,
        host: webhook.host.clone(),
    }));
    warnings
}

fn long_intervals(settings: &Settings) -> Vec<Warning> {
    let schedule = settings.schedule;
    let intervals = [
        (
            "schedule.order_poll_interval_minutes",
            schedule.order_poll_interval_minutes,
        ),
        (
            "schedule.tracking_sync_interval_minutes",
            schedule.tracking_sync_interval_minutes,
        ),
        (
            "schedule.inventory_sync_interval_minutes",
            schedule.inventory_sync_interval_minutes,
        ),
    ];
    let too_long = intervals
        .into_iter()
        .filter(|(_, minutes)| i64::from(*minutes) > TRACKING_DUE.num_minutes());
    too_long
        .map(|(key, minutes)| Warning::IntervalTooLong { key, minutes })
        .collect()
}
