//! Small charts as inline SVG, without script, style attribute or outside reference. What a chart shows can be read as words, too.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use super::super::metrics::Latency;
use crate::store::Tally;

const WIDTH: u64 = 280;
const HEIGHT: u64 = 150;
const TOP: u64 = 18;
const BASELINE: u64 = 128;
const LEFT: u64 = 4;
/// Columns stay slim, however few there are.
const COLUMN_WIDTH_MAX: u64 = 20;
/// Every so many columns have a label.
const LABEL_EVERY: usize = 3;
/// The length of the longest bar.
const LONGEST: u64 = 1_000;

/// One bar.
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// How long it is.
    pub value: u64,
    /// How much of it is filled; the rest is only outlined.
    pub filled: u64,
    /// Whether it stands for something that should not be.
    pub is_late: bool,
}

/// Counts how many times lie in each bar, whose ends rise; those past `late_after` should not be.
#[must_use]
pub fn times(latency: &Latency, ends: &[(i64, &str)], late_after: i64) -> Vec<Bar> {
    let mut before = 0;
    let mut bars = Vec::new();
    for (end, label) in ends {
        let count = latency.within(*end) - before;
        bars.push(Bar {
            label: (*label).to_owned(),
            value: count,
            filled: count,
            is_late: *end > late_after,
        });
        before += count;
    }
    bars
}

/// Returns a bar for each of the last days of a zone, today last; `filled` picks what of a tally is filled.
#[must_use]
pub fn days(tallies: &[Tally], days: u64, zone: Tz, now: DateTime<Utc>, filled: fn(&Tally) -> u64) -> Vec<Bar> {
    let mut sums: BTreeMap<NaiveDate, (u64, u64)> = BTreeMap::new();
    for tally in tallies {
        let sum = sums.entry(tally.at.with_timezone(&zone).date_naive()).or_default();
        *sum = (sum.0 + tally.all, sum.1 + filled(tally));
    }
    let today = now.with_timezone(&zone).date_naive();
    let back = (0..days)
        .rev()
        .filter_map(|back| today.checked_sub_days(Days::new(back)));
    back.map(|day| {
        let (value, filled) = sums.get(&day).copied().unwrap_or_default();
        Bar {
            label: day.format("%-d %b").to_string(),
            value,
            filled,
            is_late: false,
        }
    })
    .collect()
}

/// Draws bars below each other, each with its label and its value.
#[must_use]
pub fn bars(caption: &str, bars: &[Bar]) -> Markup {
    let highest = highest(bars);
    html! {
        table.bars {
            caption.unseen { (caption) }
            tbody { @for bar in bars {
                tr class=[bar.is_late.then_some("late")] {
                    th scope="row" { (bar.label) }
                    td.bar { (track(bar.value, bar.filled, highest)) }
                    td.number { (bar.value) @if bar.is_late && bar.value > 0 { " late" } }
                }
            } }
        }
    }
}

/// Draws one bar of a table.
#[must_use]
pub fn track(value: u64, filled: u64, highest: u64) -> Markup {
    let (whole, part) = (
        part_of(value, highest, LONGEST),
        part_of(filled.min(value), highest, LONGEST),
    );
    html! {
        svg viewBox=(format!("0 0 {LONGEST} 10")) preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            @if part < whole { rect class="rest" width=(whole) height="10" {} }
            @if part > 0 { rect class="fill" width=(part) height="10" {} }
        }
    }
}

/// Draws columns beside each other, each with its value on top, and a table of the same under it. `names` say what a whole column is
/// and what of it is filled.
#[must_use]
pub fn columns(title: &str, columns: &[Bar], names: [&str; 2]) -> Markup {
    let slot = (WIDTH - 2 * LEFT) / (columns.len() as u64).max(1);
    let highest = highest(columns);
    let place = |position: usize| LEFT + position as u64 * slot;
    html! {
        svg.columns viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(title) {
            line class="axis" x1=(LEFT) y1=(BASELINE) x2=(WIDTH - LEFT) y2=(BASELINE) {}
            @for (position, column) in columns.iter().enumerate() {
                (draw(column, place(position), slot, highest))
                @if (columns.len() - 1 - position).is_multiple_of(LABEL_EVERY) {
                    text class="label" x=(place(position) + slot / 2) y=(BASELINE + 14) { (column.label) }
                }
            }
        }
        (figures(columns, names))
    }
}

/// The same for who does not see the columns.
fn figures(columns: &[Bar], names: [&str; 2]) -> Markup {
    html! {
        details {
            summary { "Figures" }
            table.figures {
                thead { tr { th scope="col" { "Day" } @for name in names { th.number scope="col" { (name) } } } }
                tbody { @for column in columns.iter().rev() {
                    tr { th scope="row" { (column.label) } td.number { (column.value) } td.number { (column.filled) } }
                } }
            }
        }
    }
}

fn draw(column: &Bar, left: u64, slot: u64, highest: u64) -> Markup {
    let width = (slot * 7 / 10).clamp(1, COLUMN_WIDTH_MAX);
    let x = left + (slot - width) / 2;
    let whole = part_of(column.value, highest, BASELINE - TOP);
    let filled = part_of(column.filled.min(column.value), highest, BASELINE - TOP);
    html! {
        @if column.value > 0 {
            @if filled < whole { rect class="rest" x=(x) y=(BASELINE - whole) width=(width) height=(whole) rx="2" {} }
            @if filled > 0 { rect class="fill" x=(x) y=(BASELINE - filled) width=(width) height=(filled) rx="2" {} }
            text class="value" x=(left + slot / 2) y=(BASELINE - whole - 4) { (compact(column.value)) }
        }
    }
}

/// Four digits have no room over a column.
fn compact(value: u64) -> String {
    match value {
        ..1_000 => value.to_string(),
        1_000.. => format!("{}k", value / 1_000),
    }
}

fn highest(bars: &[Bar]) -> u64 {
    bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1)
}

/// What is more than nothing is seen.
fn part_of(value: u64, highest: u64, room: u64) -> u64 {
    let part = u128::from(value) * u128::from(room) / u128::from(highest.max(1));
    let part = u64::try_from(part).unwrap_or(room).min(room);
    if value > 0 { part.max(2) } else { 0 }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use chrono_tz::America::Los_Angeles;

    use super::*;

    fn bar(value: u64) -> Bar {
        Bar {
            label: "<1h".into(),
            value,
            filled: value,
            is_late: false,
        }
    }

    #[test]
    fn a_chart_of_nothing_and_of_huge_numbers_stays_inside_its_box() {
        assert!(columns("none", &[], ["all", "well"]).into_string().contains("<svg"));
        let chart = columns("huge", &[bar(u64::MAX), bar(0), bar(1)], ["all", "well"]).into_string();
        assert!(chart.contains(&format!("height=\"{}\"", BASELINE - TOP)));
        assert!(chart.contains("&lt;1h"));
        let below = bars("huge", &[bar(u64::MAX), bar(0), bar(1)]).into_string();
        assert!(
            below.contains("width=\"1000\"") && below.contains("width=\"2\""),
            "{below}"
        );
    }

    #[test]
    fn what_is_late_is_said_and_not_only_coloured() {
        let late = Bar {
            is_late: true,
            ..bar(3)
        };
        assert!(bars("times", &[late]).into_string().contains("3 late"));
    }

    #[test]
    fn a_day_is_the_shops_own_and_an_empty_one_is_there_too() {
        let noon = DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant");
        let tally = |hours, all| Tally {
            at: noon - TimeDelta::hours(hours),
            all,
            well: 1,
        };
        // 12:00 in UTC is 04:00 in Los Angeles.
        let found = days(
            &[tally(60, 9), tally(5, 2), tally(3, 4)],
            3,
            Los_Angeles,
            noon,
            |tally| tally.well,
        );
        let found: Vec<_> = found
            .iter()
            .map(|bar| (bar.label.as_str(), bar.value, bar.filled))
            .collect();
        assert_eq!(found, [("3 Jan", 0, 0), ("4 Jan", 2, 1), ("5 Jan", 4, 1)]);
    }
}
