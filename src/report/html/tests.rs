//! The page: what it shows, and what it must not.

use std::collections::BTreeSet;

use super::latency::TRACKING_BARS;
use super::plot::times;
use super::*;
use crate::domain::event::instant;
use crate::domain::inventory::Inbound;
use crate::report::metrics::Latency;
use crate::report::tests_support::{FLAGGED, SHIPPED, WAITING, filled, now, timing};
use crate::store::Durations;
use crate::store::tests_support::store;

fn reader() -> Reader {
    Reader {
        local: instant,
        zone: |_| "UTC".to_owned(),
        ..Reader::new(now())
    }
}

fn shop() -> ShopTitle {
    ShopTitle {
        id: Some("7495000000000000001".into()),
        name: Some("Lamps <& more>".into()),
    }
}

fn page_of(store: &Store, shop: ShopTitle, reader: &Reader) -> String {
    HtmlReport::read(store, &timing(), shop, now())
        .expect("a report")
        .page(reader)
}

fn page(store: &Store) -> String {
    page_of(store, shop(), &reader())
}

/// The text of one part.
fn part<'a>(page: &'a str, id: &str) -> &'a str {
    let begin = page.find(&format!("<section id=\"{id}\"")).expect("a part");
    &page[begin..begin + page[begin..].find("</section>").expect("an end")]
}

#[test]
fn the_page_asks_for_nothing_and_runs_nothing() {
    let (_folder, store) = filled();
    let page = page(&store);
    for outside in [
        "http://", "https://", "src=", "url(", "@import", "<script", "<link", "<iframe", " style=",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'") || page.contains("default-src &#39;none&#39;"));
    assert_eq!(page.matches("</style").count(), 1);
}

#[test]
fn every_link_leads_to_a_part_of_this_page_and_no_name_is_there_twice() {
    let (_folder, store) = filled();
    let page = page(&store);
    let quoted = |begin: &str| -> Vec<String> {
        let pieces = page.split(begin).skip(1);
        pieces
            .map(|piece| piece.split('"').next().unwrap_or_default().to_owned())
            .collect()
    };
    let names = quoted(" id=\"");
    let known: BTreeSet<_> = names.iter().cloned().collect();
    assert_eq!(known.len(), names.len(), "{names:?}");
    let links = quoted("href=\"");
    assert!(links.len() > 10);
    for link in links {
        assert!(
            link.strip_prefix('#').is_some_and(|name| known.contains(name)),
            "{link}"
        );
    }
    for label in quoted("aria-labelledby=\"") {
        assert!(known.contains(&label), "{label}");
    }
}

#[test]
fn hostile_text_is_shown_and_not_obeyed() {
    let (_folder, store) = filled();
    let page = page(&store);
    assert!(
        page.contains("&lt;b&gt;TikTok&lt;/b&gt; said &quot;no&quot; second line"),
        "D19"
    );
    assert!(page.contains("<h1>Lamps &lt;&amp; more&gt;</h1>"), "D19");
    let is_harmless = |letter: char| letter == '\n' || !crate::report::text::is_unsafe(letter);
    assert!(page.chars().all(is_harmless), "D20");
}

#[test]
fn the_page_names_the_next_command_and_nothing_about_the_buyer() {
    let (_folder, store) = filled();
    let page = page(&store);
    assert!(page.contains("<code>mcf mappings missing</code>"));
    for canary in ["Dana", "Larkspur", "2135550147", "95110"] {
        assert!(!page.contains(canary), "I10: {canary}");
    }
    if let Ok(path) = std::env::var("MCF_WRITE_PAGE") {
        std::fs::write(path, page).expect("written");
    }
}

#[test]
fn commands_are_written_as_they_are_to_be_typed() {
    let (_folder, store) = filled();
    let reader = Reader {
        commands: |text| text.replace("mcf ", "mcf --db shop.db "),
        ..reader()
    };
    let page = page_of(&store, shop(), &reader);
    let commands = page.split("<code>").skip(1);
    let commands: Vec<&str> = commands.filter_map(|rest| rest.split("</code>").next()).collect();
    assert!(commands.len() > 3, "{commands:?}");
    for command in commands {
        assert!(command.starts_with("mcf --db shop.db "), "{command}");
    }
}

#[test]
fn the_head_names_the_shop_and_when_it_was_written() {
    let (_folder, store) = store();
    let whole = page(&store);
    assert!(whole.contains("<title>Lamps &lt;&amp; more&gt;, 2026-01-05T13:00:00Z</title>"));
    assert!(whole.contains("7495000000000000001") && whole.contains("(UTC). All times are of that zone."));
    let without_name = ShopTitle { name: None, ..shop() };
    assert!(page_of(&store, without_name, &reader()).contains("<h1>Shop 7495000000000000001</h1>"));
    assert!(page_of(&store, ShopTitle::default(), &reader()).contains("<h1>Orders from TikTok Shop to Amazon</h1>"));
}

#[test]
fn an_instant_stands_there_in_both_forms() {
    let (_folder, store) = filled();
    let deadlines = page(&store);
    let deadlines = part(&deadlines, "deadlines");
    assert!(
        deadlines.contains(
            "<time datetime=\"2026-01-06T03:40:00Z\"><span class=\"date\">2026-01-06T03:40:00Z</span> <span class=\"soft\">in 14 hours</span></time>"
        ),
        "{deadlines}"
    );
}

#[test]
fn orders_that_wait_are_told_by_why_and_flagged_ones_are_counted_beside_them() {
    let (_folder, store) = filled();
    let page = page(&store);
    let waiting = part(&page, "waiting");
    for words in [
        "waits for TikTok to show the address; each poll looks",
        &format!("mcf status {WAITING}"),
        "2 orders flagged, by cause under",
    ] {
        assert!(waiting.contains(words), "{words}: {waiting}");
    }
    assert!(!waiting.contains(FLAGGED) && !waiting.contains(SHIPPED));
}

#[test]
fn the_way_of_orders_says_how_many_came_so_far_and_where_the_others_are() {
    let (_folder, store) = filled();
    let page = page(&store);
    let funnel = part(&page, "funnel");
    let counts: Vec<&str> = funnel
        .split("<td class=\"number\">")
        .skip(1)
        .filter_map(|rest| rest.split(['<', ' ']).next())
        .collect();
    assert_eq!(counts, ["6", "2", "2", "1", "1"], "{funnel}");
    assert!(funnel.contains("1 waiting") && funnel.contains("2 flagged") && funnel.contains("1 shipped"));
}

#[test]
fn failures_are_counted_by_the_day_of_the_first_flag() {
    let (_folder, store) = filled();
    let failed = store.orders_failed(now() - TimeDelta::days(14)).expect("readable");
    assert_eq!(
        failed.iter().map(|tally| (tally.all, tally.well)).collect::<Vec<_>>(),
        [(1, 0), (1, 0)]
    );
    let seen = store.orders_seen(now() - TimeDelta::days(14)).expect("readable");
    assert_eq!(seen.iter().map(|tally| tally.all).sum::<u64>(), 6);
    assert_eq!(seen.iter().map(|tally| tally.well).sum::<u64>(), 2);
}

#[test]
fn an_empty_store_gives_a_page_too() {
    let (_folder, store) = store();
    let page = page(&store);
    assert!(page.contains("No stock figure was read yet.") && page.contains("Nothing has run yet."));
}

#[test]
fn what_comes_in_stands_beside_what_is_left_and_what_is_not_known_is_not_none() {
    let row = |sku: &str, inbound: Inbound| StockRow {
        sku: sku.to_owned(),
        fulfillable: Some(3),
        remaining: Some(1),
        inbound,
        read_at: now(),
        is_low: false,
        sold: 0,
    };
    let coming = Inbound {
        working: None,
        shipped: Some(40),
        receiving: Some(2),
    };
    let rows = [row("LAMP-BLK", coming), row("LAMP-RED", Inbound::default())];
    let drawn = stock::stock(&rows, &[], &reader()).body.into_string();
    let inbound: Vec<&str> = drawn
        .split("data-name=\"Inbound\">")
        .skip(1)
        .filter_map(|rest| rest.split('<').next())
        .collect();
    assert_eq!(inbound, ["42", "unknown"], "{drawn}");
}

#[test]
fn a_page_of_ours_is_known_by_its_beginning() {
    let (_folder, store) = filled();
    let page = page(&store);
    assert!(is_report(&page[..1_000]));
    for other in ["", "<!DOCTYPE html><title>mcf report</title>", "mcf report", &page[1..]] {
        assert!(!is_report(other), "{other}");
    }
}

#[test]
fn every_measured_second_falls_into_exactly_one_bar() {
    let measured = [0, 900, 901, 14_400, 14_401, i64::MAX];
    let latency = Latency {
        durations: measured
            .map(|up_to| Durations {
                up_to,
                count: 1,
                sum: up_to,
                longest: up_to,
            })
            .to_vec(),
        ..Latency::default()
    };
    let bars = times(&latency, &TRACKING_BARS, 14_400);
    assert_eq!(bars.iter().map(|bar| bar.value).sum::<u64>(), measured.len() as u64);
    let late: Vec<_> = bars.iter().filter(|bar| bar.is_late).map(|bar| bar.value).collect();
    assert_eq!(late, [1, 1]);
}
