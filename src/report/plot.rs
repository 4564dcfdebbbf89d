//! Small bar charts as inline SVG, without script, style attribute or outside reference.

use maud::{Markup, html};

use super::metrics::Latency;

const WIDTH: u64 = 360;
const HEIGHT: u64 = 190;
const TOP: u64 = 22;
const BASELINE: u64 = 160;
const LEFT: u64 = 6;
/// Bars stay slim, however few there are.
const BAR_WIDTH_MAX: u64 = 24;

/// One bar.
pub(super) struct Bar {
    /// Under the bar.
    pub(super) label: String,
    /// How high it is.
    pub(super) value: u64,
    /// How much of it is filled; the rest is only outlined.
    pub(super) filled: u64,
    /// Whether it stands for something that should not be.
    pub(super) is_late: bool,
}

/// Counts how many values lie in each bar, whose ends rise; those past `late_after` should not be.
pub(super) fn histogram(seconds: &[i64], ends: &[(i64, &str)], late_after: i64) -> Vec<Bar> {
    let up_to = |end: i64| seconds.iter().filter(|value| **value <= end).count() as u64;
    counted(up_to, ends, late_after)
}

/// The same for times that are counted already.
pub(super) fn times(latency: &Latency, ends: &[(i64, &str)], late_after: i64) -> Vec<Bar> {
    counted(|end| latency.within(end), ends, late_after)
}

fn counted(up_to: impl Fn(i64) -> u64, ends: &[(i64, &str)], late_after: i64) -> Vec<Bar> {
    let mut before = 0;
    let mut bars = Vec::new();
    for (end, label) in ends {
        let count = up_to(*end) - before;
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

/// Draws bars beside each other, each with its value on top. `label_every` thins out labels that would overlap.
pub(super) fn bars(title: &str, bars: &[Bar], label_every: usize) -> Markup {
    let highest = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    let slot = (WIDTH - 2 * LEFT) / (bars.len() as u64).max(1);
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(title) {
            title { (title) }
            line class="axis" x1=(LEFT) y1=(BASELINE) x2=(WIDTH - LEFT) y2=(BASELINE) {}
            @for (position, bar) in bars.iter().enumerate() {
                (draw(bar, LEFT + position as u64 * slot, slot, highest))
                @if position % label_every.max(1) == 0 {
                    text class="label" x=(LEFT + position as u64 * slot + slot / 2) y=(BASELINE + 16) { (bar.label) }
                }
            }
        }
    }
}

fn draw(bar: &Bar, left: u64, slot: u64, highest: u64) -> Markup {
    let width = (slot * 7 / 10).clamp(1, BAR_WIDTH_MAX);
    let x = left + (slot - width) / 2;
    let whole = height(bar.value, highest);
    let filled = height(bar.filled.min(bar.value), highest);
    let class = if bar.is_late { "bar late" } else { "bar" };
    html! {
        @if bar.value > 0 {
            g {
                title { (bar.label) ": " (bar.value) @if bar.filled < bar.value { ", of which " (bar.filled) " routed" } }
                @if filled < whole {
                    rect class="rest" x=(x) y=(BASELINE - whole) width=(width) height=(whole) rx="3" {}
                }
                rect class=(class) x=(x) y=(BASELINE - filled) width=(width) height=(filled) rx="3" {}
                text class="value" x=(left + slot / 2) y=(BASELINE - whole - 5) { (bar.value) }
            }
        }
    }
}

fn height(value: u64, highest: u64) -> u64 {
    let room = BASELINE - TOP;
    let height = u128::from(value) * u128::from(room) / u128::from(highest.max(1));
    let height = u64::try_from(height).unwrap_or(room).min(room);
    if value > 0 { height.max(2) } else { 0 }
}

#[cfg(test)]
mod tests {
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
        assert!(bars("none", &[], 0).into_string().contains("<svg"));
        let chart = bars("huge", &[bar(u64::MAX), bar(0), bar(1)], 1).into_string();
        assert!(chart.contains(&format!("height=\"{}\"", BASELINE - TOP)));
        assert!(chart.contains("&lt;1h"));
    }
}
