//! The page: what it shows, and what it must not.

use super::*;
use crate::report::plot::histogram;
use crate::report::tests_support::{filled, now, timing};
use crate::store::tests_support::store;

fn page(store: &Store) -> String {
    HtmlReport::read(store, &timing(), now()).expect("a report").page()
}

#[test]
fn the_page_asks_for_nothing_and_runs_nothing() {
    let (_folder, store) = filled();
    let page = page(&store);
    for outside in [
        "http://", "https://", "src=", "href=", "url(", "@import", "<script", "<link", "<iframe", " style=",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'") || page.contains("default-src &#39;none&#39;"));
    assert_eq!(page.matches("</style").count(), 1);
}

#[test]
fn hostile_text_is_shown_and_not_obeyed() {
    let (_folder, store) = filled();
    let page = page(&store);
    assert!(
        page.contains("&lt;b&gt;TikTok&lt;/b&gt; said &quot;no&quot; second line"),
        "D19"
    );
    let is_harmless = |letter: char| letter == '\n' || !crate::report::text::is_unsafe(letter);
    assert!(page.chars().all(is_harmless), "D20");
}

#[test]
fn the_page_names_the_next_command_and_nothing_about_the_buyer() {
    let (_folder, store) = filled();
    let page = page(&store);
    assert!(page.contains("<code>mcf mappings import mappings.csv</code>"));
    for canary in ["Dana", "Larkspur", "2135550147", "95110"] {
        assert!(!page.contains(canary), "I10: {canary}");
    }
    if let Ok(path) = std::env::var("MCF_WRITE_PAGE") {
        std::fs::write(path, page).expect("written");
    }
}

#[test]
fn an_empty_store_gives_a_page_too() {
    let (_folder, store) = store();
    let page = page(&store);
    assert!(page.contains("No stock figure was read yet.") && page.contains("Nothing has run yet."));
}

#[test]
fn every_measured_second_falls_into_exactly_one_bar() {
    let measured = [0, 900, 901, 14_400, 14_401, i64::MAX];
    let bars = histogram(&measured, &TRACKING_BARS, 14_400);
    assert_eq!(bars.iter().map(|bar| bar.value).sum::<u64>(), measured.len() as u64);
    let late: Vec<_> = bars.iter().filter(|bar| bar.is_late).map(|bar| bar.value).collect();
    assert_eq!(late, [1, 1]);
}
