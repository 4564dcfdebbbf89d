//! Mappings: what is missing and who waits for it, what is in force, what came in lately; each change an import that can be undone.

use maud::{Markup, html};

use super::{reader, shown, step, trouble, with_query};
use crate::domain::ids::{AmazonSku, ProductId, SellerSku, TiktokSkuId};
use crate::domain::mapping::{Column, MappingKey, MappingRow};
use crate::jobs::import_mappings::{ImportError, ImportSummary};
use crate::jobs::suggest_mappings::Suggestion;
use crate::report::html::Reader;
use crate::report::html::frame::{Part, heading_of};
use crate::report::html::table::{Cell, table};
use crate::report::mapped::Mapped;
use crate::report::missing::MissingListing;
use crate::report::stock::units;
use crate::report::text::clean;
use crate::run::Error;
use crate::web::answer::Answer;
use crate::web::application::Application;
use crate::web::asked::{Asked, Method};
use crate::web::frame::Sheet;

/// Answers with the mappings.
pub fn mappings(application: &Application, asked: &Asked) -> Answer {
    let find = asked.query("find").unwrap_or_default();
    shown(application.console.look(|look| {
        let (mapped, reader) = (Mapped::read(look.store, find)?, reader(application, look));
        Ok(Sheet {
            parts: vec![
                missing(&mapped.missing, &reader),
                add_form(asked),
                in_force(&mapped, find, &reader),
                imports(&mapped, &reader),
            ],
            ..Sheet::new("/mappings", "Mappings")
        })
    }))
}

fn missing(missing: &[MissingListing], reader: &Reader) -> Part {
    const ID: &str = "missing";
    let row = |listing: &MissingListing| {
        let seller_sku = listing.seller_sku.as_ref().map_or("", |sku| sku.as_str());
        let map = with_query(
            "/mappings",
            &[("sku_id", listing.tiktok_sku_id.as_str()), ("seller_sku", seller_sku)],
        );
        vec![
            Cell::long(reader, listing.product_name.as_deref().unwrap_or("no name")),
            Cell::word(reader, seller_sku),
            Cell::word(reader, listing.tiktok_sku_id.as_str()),
            Cell::number(listing.waiting_orders),
            Cell::drawn(html! { a.act href=(format!("{map}#add")) { "Map it" } }),
        ]
    };
    let rows: Vec<_> = missing.iter().map(row).collect();
    let headers = ["Product", "Your SKU", "SKU at TikTok", "Waiting orders", "What to do"];
    let body = html! {
        @if rows.is_empty() {
            p.good { "✓ No order waits for a mapping." }
        } @else {
            p.soft { "Orders wait because nobody has said which SKU at Amazon these are. The next poll sends them once it is said." }
            (table(&heading_of(ID), &headers, &rows, 200, &reader.text("mcf mappings missing")))
            form.actions method="post" action="/mappings/suggest" { button { "Suggest a match" } }
        }
    };
    Part::whole(ID, "Missing", body)
}

fn add_form(asked: &Asked) -> Part {
    let typed = |name: &str| asked.query(name).unwrap_or_default();
    let field = |name: &str, label: &str, value: &str, is_needed: bool| {
        html! { div { label for=(name) { (label) } input id=(name) name=(name) type="text" value=(value) required[is_needed] maxlength="100" autocomplete="off"; } }
    };
    // A variant is named by its own id; the seller's text is for who has none.
    let seller_sku = if typed("sku_id").is_empty() {
        typed("seller_sku")
    } else {
        ""
    };
    let body = html! {
        p.soft { "Name the product by one of the first three; the SKU at TikTok is the most exact." }
        form.fields method="post" action="/mappings/add" {
            (field("sku_id", "SKU at TikTok", typed("sku_id"), false))
            (field("own_sku", "Your SKU at TikTok", seller_sku, false))
            (field("product_id", "Product at TikTok", "", false))
            (field("amazon_sku", "SKU at Amazon", typed("amazon_sku"), true))
            div { label for="quantity" { "Units at Amazon for one at TikTok" } input id="quantity" name="quantity" type="number" min="1" max="250" value="1"; }
            div { label { input type="checkbox" name="replace" value="1"; " Replace what this is mapped to now" } }
            div.actions { button.main { "Map it" } }
        }
    };
    Part::whole("add", "Map a product", body)
}

fn in_force(mapped: &Mapped, find: &str, reader: &Reader) -> Part {
    const ID: &str = "in-force";
    let row = |row: &MappingRow| {
        let key = [
            ("column", row.key.column().name()),
            ("key", row.key.as_str()),
            ("amazon_sku", row.amazon_sku.as_str()),
        ];
        vec![
            Cell::word(reader, row.key.as_str()),
            Cell::text(reader, &row.key.column().name().replace('_', " ")),
            Cell::word(reader, row.amazon_sku.as_str()),
            Cell::number(row.quantity),
            Cell::text(reader, row.bundle.as_deref().unwrap_or_default()),
            Cell::text(reader, if row.enabled { "" } else { "switched off" }).alarming(true),
            Cell::drawn(html! { a href=(with_query("/mappings/remove", &key)) { "Remove" } }),
        ]
    };
    let rows: Vec<_> = mapped.rows.iter().map(row).collect();
    let headers = [
        "At TikTok",
        "What it is",
        "SKU at Amazon",
        "Units",
        "Bundle",
        "How it stands",
        "What to do",
    ];
    let body = html! {
        form.filters method="get" action="/mappings" {
            div { label for="text" { "Text in a SKU or an id" } input id="text" name="find" type="search" value=(find) maxlength="100"; }
            div { button { "Show" } }
        }
        @if rows.is_empty() { p.soft { "No such mapping." } } @else { (table(&heading_of(ID), &headers, &rows, usize::MAX, "")) }
        @if mapped.is_more { p.soft { "… and more; all of them: " code { (reader.text("mcf mappings export")) } } }
    };
    Part::whole(ID, "In force", body)
}

fn imports(mapped: &Mapped, reader: &Reader) -> Part {
    const ID: &str = "imports";
    let newest = mapped
        .imports
        .iter()
        .find(|import| import.undone_at.is_none())
        .map(|import| import.id);
    let rows: Vec<_> = mapped
        .imports
        .iter()
        .map(|import| {
            let changes = format!(
                "{} added, {} changed, {} removed",
                import.added, import.changed, import.removed
            );
            vec![
                Cell::at(reader, Some(import.imported_at)),
                Cell::long(reader, &import.source),
                Cell::text(reader, &import.imported_by),
                Cell::text(reader, &changes),
                Cell::at(reader, import.undone_at),
                Cell::drawn(html! {
                    @if newest == Some(import.id) {
                        a href=(with_query("/mappings/undo", &[("import", &import.id.to_string())])) { "Undo it" }
                    }
                }),
            ]
        })
        .collect();
    let headers = ["When", "From", "By", "What it changed", "Undone", "What to do"];
    let body = html! {
        @if rows.is_empty() { p.soft { "Nothing was imported yet." } } @else { (table(&heading_of(ID), &headers, &rows, usize::MAX, "")) }
    };
    Part::whole(ID, "The last imports", body)
}

/// Shows what may be meant, by how both sides spell their SKUs.
pub fn suggest(application: &Application) -> Answer {
    const ID: &str = "step";
    let suggestions = match application.console.suggestions() {
        Ok(suggestions) => suggestions,
        Err(error) => return trouble(&error),
    };
    let reader = Reader::new(application.console.now());
    let row = |one: &Suggestion| {
        let map = [
            ("sku_id", one.tiktok_sku_id.as_str()),
            ("amazon_sku", one.amazon_sku.as_str()),
        ];
        vec![
            Cell::long(&reader, one.product_name.as_deref().unwrap_or("no name")),
            Cell::word(&reader, one.seller_sku.as_str()),
            Cell::word(&reader, one.amazon_sku.as_str()),
            Cell::long(&reader, one.because),
            Cell::number(units(one.fulfillable)),
            Cell::drawn(html! { a href=(format!("{}#add", with_query("/mappings", &map))) { "Map it" } }),
        ]
    };
    let rows: Vec<_> = suggestions.iter().map(row).collect();
    let headers = ["Product", "Your SKU", "SKU at Amazon", "Why", "At Amazon", "What to do"];
    let body = html! {
        @if rows.is_empty() { p { "Nothing at Amazon is spelled like what is not mapped." } } @else { (table(&heading_of(ID), &headers, &rows, 200, "mcf mappings suggest")) }
        div.actions { a.act href="/mappings" { "To the mappings" } }
    };
    step("/mappings", 200, "What may be meant", body)
}

/// Maps a product.
pub fn add(application: &Application, asked: &Asked) -> Answer {
    let texts = [
        (Column::TiktokSkuId, asked.form("sku_id")),
        (Column::SellerSku, asked.form("own_sku")),
        (Column::TiktokProductId, asked.form("product_id")),
        (Column::AmazonSku, asked.form("amazon_sku")),
        (Column::Quantity, asked.form("quantity")),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(column, text)| Some((column, text?.to_owned())));
    told(
        "Map a product",
        application
            .console
            .map(texts.collect(), asked.form("replace").is_some()),
    )
}

/// Asks before a mapping is taken out, or takes it out.
pub fn remove(application: &Application, asked: &Asked) -> Answer {
    let is_post = asked.method == Method::Post;
    let value = |name: &str| if is_post { asked.form(name) } else { asked.query(name) };
    let (Some(column), Some(text), Some(amazon_sku)) = (value("column"), value("key"), value("amazon_sku")) else {
        return Answer::to("/mappings");
    };
    let key = match column {
        "tiktok_sku_id" => MappingKey::TiktokSku(TiktokSkuId::new(text)),
        "seller_sku" => MappingKey::SellerSku(SellerSku::new(text)),
        _ => MappingKey::Product(ProductId::new(text)),
    };
    if is_post {
        return told(
            "Remove a mapping",
            application.console.unmap(&key, &AmazonSku::new(amazon_sku)),
        );
    }
    let body = html! {
        p.next { (clean(text)) " is " strong { (clean(amazon_sku)) } " at Amazon. Without that, its orders wait." }
        form method="post" action="/mappings/remove" {
            @for (name, value) in [("column", column), ("key", text), ("amazon_sku", amazon_sku)] { input type="hidden" name=(name) value=(value); }
            div.actions { button.main { "Remove it" } a.act href="/mappings" { "Leave it as it is" } }
        }
    };
    step("/mappings", 200, "Remove a mapping?", body)
}

/// Asks before the newest import is undone, or undoes it.
pub fn undo(application: &Application, asked: &Asked) -> Answer {
    let is_post = asked.method == Method::Post;
    let named = if is_post {
        asked.form("import")
    } else {
        asked.query("import")
    };
    let Some(import) = named.and_then(|id| id.parse::<i64>().ok()) else {
        return Answer::to("/mappings");
    };
    if !is_post {
        return asked_to_undo(application, import);
    }
    match application.console.undo_import(import) {
        Ok(Ok(())) => Answer::to("/mappings"),
        Ok(Err(error)) => refused(409, "Undo an import", &error.to_string()),
        Err(error) => trouble(&error),
    }
}

fn asked_to_undo(application: &Application, id: i64) -> Answer {
    let imports = match application.console.look(|look| look.store.mapping_imports()) {
        Ok(imports) => imports,
        Err(error) => return trouble(&error),
    };
    let Some(import) = imports.into_iter().find(|import| import.id == id) else {
        return Answer::to("/mappings");
    };
    let body = html! {
        p.next { "What came from " (clean(&import.source)) " would be taken back: " (import.added) " added, " (import.changed) " changed, " (import.removed) " removed." }
        p { "Orders for products that are not mapped any more then wait." }
        form method="post" action="/mappings/undo" {
            input type="hidden" name="import" value=(import.id);
            div.actions { button.main { "Undo it" } a.act href="/mappings" { "Leave it as it is" } }
        }
    };
    step("/mappings", 200, "Undo an import?", body)
}

fn refused(status: u16, title: &str, message: &str) -> Answer {
    let body = html! {
        p.alarm { (clean(message)) "." }
        p { "Nothing was changed." }
        div.actions { a.act.main href="/mappings" { "To the mappings" } }
    };
    step("/mappings", status, title, body)
}

fn told(title: &str, changed: Result<Result<ImportSummary, ImportError>, Error>) -> Answer {
    let refused = |message: &str| refused(422, title, message);
    match changed {
        Ok(Ok(summary)) => step("/mappings", 200, title, summed_up(&summary)),
        Ok(Err(ImportError::Rejected { rejected, .. })) => {
            refused(rejected.first().map_or("it can't be used", |row| row.message.as_str()))
        }
        Ok(Err(error)) => refused(&error.to_string()),
        Err(error) => trouble(&error),
    }
}

fn summed_up(summary: &ImportSummary) -> Markup {
    html! {
        p.next { (summary.added) " added, " (summary.changed) " changed, " (summary.removed) " removed." }
        @for warning in &summary.warnings { p.alarm { (clean(warning)) } }
        p { "The next poll decides anew what waited for it. Where Amazon has no such SKU, those orders then wait because its stock is unknown." }
        div.actions { a.act.main href="/mappings" { "To the mappings" } a.act href="/" { "To the board" } }
    }
}
