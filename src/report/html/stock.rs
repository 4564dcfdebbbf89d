//! What is left of each SKU, how long it lasts, and who waits for it.

use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};

use super::super::shortages::Shortage;
use super::super::stock::{days_of_cover, runs_out_on, units};
use super::super::stock_levels::ListingLevel;
use super::frame::{Part, heading_of};
use super::reader::Reader;
use super::table::{Cell, table};
use crate::domain::inventory::cover;
use crate::store::StockRow;

/// How many SKUs are listed; those come first that run out first.
const SKUS_MAX: usize = 200;

/// Each SKU, those first for which orders wait, then by when it runs out.
#[must_use]
pub fn stock(stock: &[StockRow], shortages: &[Shortage], reader: &Reader) -> Part {
    const ID: &str = "stock";
    let shortage = |row: &StockRow| shortages.iter().find(|short| short.sku.as_ref() == Some(&row.sku));
    let mut sorted: Vec<&StockRow> = stock.iter().collect();
    sorted.sort_by_key(|row| order_of(row, shortage(row), reader.now));
    let rows: Vec<_> = sorted
        .iter()
        .take(SKUS_MAX)
        .map(|stock| row(stock, shortage(stock), reader))
        .collect();
    let headers = [
        "SKU",
        "At Amazon",
        "Promised",
        "Remaining",
        "Inbound",
        "Days of cover",
        "Runs out",
        "Short orders",
        "Short units",
        "Read",
        "How it stands",
    ];
    let body = html! {
        @if rows.is_empty() {
            p.soft { "No stock figure was read yet." }
        } @else {
            p.soft { "At the pace of the last " (cover::DAYS) " days; what nothing was sold of has no end." }
            (table(&heading_of(ID), &headers, &rows, SKUS_MAX, ""))
            (longer(stock.len()))
        }
    };
    Part::whole(ID, "Stock", body)
}

fn longer(all: usize) -> Markup {
    html! { @if all > SKUS_MAX { p.soft { "… and " (all - SKUS_MAX) " SKUs that last longer." } } }
}

fn order_of<'a>(
    row: &'a StockRow,
    shortage: Option<&Shortage>,
    now: DateTime<Utc>,
) -> (bool, NaiveDate, bool, &'a str) {
    let runs_out = runs_out_on(row, now).unwrap_or(NaiveDate::MAX);
    (shortage.is_none(), runs_out, !row.is_low, &row.sku)
}

fn row(stock: &StockRow, shortage: Option<&Shortage>, reader: &Reader) -> Vec<Cell> {
    let promised = stock.fulfillable.zip(stock.remaining).map(|(whole, left)| whole - left);
    let days = days_of_cover(stock);
    let is_soon = days.is_some_and(|days| days <= cover::SHORT);
    let runs_out = runs_out_on(stock, reader.now).map(|day| day.to_string());
    let short_units = shortage.map(|short| units(short.units_short));
    vec![
        Cell::word(reader, &stock.sku),
        Cell::number(units(stock.fulfillable)),
        Cell::number(units(promised)),
        Cell::number(units(stock.remaining)),
        Cell::number(units(stock.inbound.units())),
        Cell::number(days.map(|days| days.to_string()).unwrap_or_default()).alarming(is_soon),
        Cell::word(reader, &runs_out.unwrap_or_default()).alarming(is_soon),
        Cell::number(shortage.map(|short| short.orders.to_string()).unwrap_or_default()).alarming(true),
        Cell::number(short_units.unwrap_or_default()),
        Cell::at(reader, Some(stock.read_at)),
        Cell::text(reader, standing(stock, shortage, is_soon)).alarming(true),
    ]
}

fn standing(stock: &StockRow, shortage: Option<&Shortage>, is_soon: bool) -> &'static str {
    match (shortage, stock.is_low, is_soon) {
        (Some(_), _, _) => "short",
        (None, true, _) => "low",
        (None, false, true) => "soon",
        (None, false, false) => "",
    }
}

/// What TikTok shows and should show, the least units first.
#[must_use]
pub fn listings(listings: &[ListingLevel], reader: &Reader) -> Part {
    const ID: &str = "listings";
    let row = |listing: &ListingLevel| {
        let shown = &listing.shown;
        let drift = match listing.drift() {
            0 => String::new(),
            units => format!("{units:+}"),
        };
        vec![
            Cell::word(reader, &shown.sku_id),
            Cell::word(reader, shown.seller_sku.as_deref().unwrap_or_default()),
            Cell::number(shown.quantity).alarming(shown.quantity == 0),
            Cell::number(units(listing.should_be.map(i64::from))),
            Cell::number(drift).alarming(true),
            Cell::at(reader, Some(shown.written_at)),
        ]
    };
    let rows: Vec<_> = listings.iter().map(row).collect();
    let headers = ["SKU at TikTok", "Your SKU", "Shown", "Should be", "Drift", "Written"];
    let body = html! {
        @if rows.is_empty() {
            p.soft { "No stock was written to TikTok yet; " code { (reader.text("mcf sync-inventory")) } " does it." }
        } @else {
            p.soft { "What was written last, and what the next " code { "mcf sync-inventory" } " would write by what is known now." }
            (table(&heading_of(ID), &headers, &rows, SKUS_MAX, ""))
        }
    };
    Part::whole(ID, "What TikTok shows", body)
}
