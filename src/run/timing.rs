//! How often each command should run, and where the shop's days begin, as the operator set it.

use std::time::Duration;

use chrono::TimeDelta;

use crate::config::Settings;
use crate::domain::deadline::zone;
use crate::report::Timing;

/// Returns how often each job should run, and where the shop's days begin.
#[must_use]
pub fn timing(settings: &Settings) -> Timing {
    let minutes = |minutes: u32| TimeDelta::minutes(i64::from(minutes));
    Timing {
        poll: minutes(settings.schedule.order_poll_interval_minutes),
        sync_tracking: minutes(settings.schedule.tracking_sync_interval_minutes),
        sync_inventory: minutes(settings.schedule.inventory_sync_interval_minutes),
        retention: TimeDelta::days(i64::from(settings.privacy.retention_days)),
        zone: zone(settings.amazon.country()),
    }
}

/// After how long the next run of a command is due.
pub(super) fn of(command: &str, settings: &Settings) -> Duration {
    let minutes = match command {
        "sync-tracking" => settings.schedule.tracking_sync_interval_minutes,
        "sync-inventory" => settings.schedule.inventory_sync_interval_minutes,
        _ => settings.schedule.order_poll_interval_minutes,
    };
    Duration::from_secs(u64::from(minutes) * 60)
}
