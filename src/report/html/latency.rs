//! How long orders and tracking numbers take.

use maud::{Markup, html};

use super::super::metrics::{Latency, Metrics};
use super::super::status::TrackingStatus;
use super::super::text::{percent, short};
use super::frame::Part;
use super::overview::tiles;
use super::plot::{bars, times};
use super::reader::Reader;
use crate::domain::deadline::TRACKING_DUE;

/// Upper ends of the bars of both charts, in seconds, each with its label.
const ROUTING_BARS: [(i64, &str); 8] = [
    (300, "to 5 min"),
    (900, "to 15 min"),
    (3_600, "to 1 h"),
    (5_400, "to 1½ h"),
    (7_200, "to 2 h"),
    (14_400, "to 4 h"),
    (86_400, "to 1 day"),
    (i64::MAX, "longer"),
];
pub(super) const TRACKING_BARS: [(i64, &str); 8] = [
    (900, "to 15 min"),
    (1_800, "to 30 min"),
    (3_600, "to 1 h"),
    (7_200, "to 2 h"),
    (10_800, "to 3 h"),
    (14_400, "to 4 h"),
    (86_400, "to 1 day"),
    (i64::MAX, "longer"),
];

/// From paid to accepted by Amazon.
#[must_use]
pub fn routing(metrics: &Metrics) -> Part {
    let body = html! {
        (bars("Orders by routing time", &times(&metrics.routing_time, &ROUTING_BARS, i64::MAX)))
        (spread("Orders", &metrics.routing_time))
    };
    Part::half("routing", "Paid to accepted by Amazon", body)
}

/// From shipped to the number at TikTok, which is due in four hours.
#[must_use]
pub fn tracking(metrics: &Metrics, status: &TrackingStatus, reader: &Reader) -> Part {
    let limit = TRACKING_DUE.num_seconds();
    let figures = [
        ("within four hours", percent(metrics.tracking_within_four_hours)),
        ("numbers at TikTok", metrics.trackings_synced.to_string()),
        ("parcels without", status.waiting.to_string()),
        ("of them overdue", status.overdue.to_string()),
    ];
    let figures = figures.into_iter().map(|(name, value)| (name.to_owned(), value));
    let body = html! {
        (tiles(figures))
        @if status.next_due_at.is_some() { p { "The next number is due " (reader.moment(status.next_due_at)) "." } }
        (bars("Parcels by tracking time", &times(&metrics.tracking_time, &TRACKING_BARS, limit)))
        (spread("Parcels", &metrics.tracking_time))
    };
    Part::half("tracking", "Tracking inside four hours", body)
}

fn spread(what: &str, latency: &Latency) -> Markup {
    html! {
        p.soft {
            (what) " by how long they took."
            @if let (Some(half), Some(most), Some(longest)) = (latency.p50, latency.p95, latency.max) {
                " Half: " (short(half)) ", 95 of 100: " (short(most)) ", the longest: " (short(longest)) "."
            }
        }
    }
}
