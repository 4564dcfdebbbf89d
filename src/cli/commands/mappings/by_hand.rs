//! `mcf mappings add` and `mcf mappings remove`: single keys without a file.

use super::super::answer;
use super::import;
use crate::cli::arguments::{MappingKeyArguments, MappingsAdd, MappingsRemove};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::domain::ids::{AmazonSku, ProductId, SellerSku, TiktokSkuId};
use crate::domain::mapping::{Column, MappingKey, MappingRow, Taken, key_flag, row_line};
use crate::jobs::import_mappings::{self, ImportError, ImportSummary, Options, RejectedRow};
use crate::store::Store;

pub fn add(context: &Context, arguments: &MappingsAdd) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let _lock = context.surroundings.keep(&store, arguments.dry_run)?;
    let options = options(context, arguments.replace, arguments.dry_run);
    let outcome = import_mappings::add(&store, texts(arguments), &options, context.now());
    answered(context, &store, arguments.dry_run, outcome)
}

pub fn remove(context: &Context, arguments: &MappingsRemove) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let store = context.store(&settings)?;
    let _lock = context.surroundings.keep(&store, arguments.dry_run)?;
    let options = options(context, false, arguments.dry_run);
    let key = key(&arguments.key)?;
    let amazon_sku = arguments.amazon_sku.as_ref().map(AmazonSku::new);
    let outcome = import_mappings::remove(&store, &key, amazon_sku.as_ref(), &options, context.now());
    answered(context, &store, arguments.dry_run, outcome)
}

pub(super) fn options(context: &Context, replace: bool, dry_run: bool) -> Options {
    Options {
        replace,
        dry_run,
        imported_by: answer::user(context),
    }
}

/// What was typed, by the column of a file that would say it.
fn texts(arguments: &MappingsAdd) -> Vec<(Column, String)> {
    let key = &arguments.key;
    let number = |units: Option<u32>| units.map(|units| units.to_string());
    let texts = [
        (Column::TiktokSkuId, key.sku_id.clone()),
        (Column::SellerSku, key.seller_sku.clone()),
        (Column::TiktokProductId, key.product_id.clone()),
        (Column::AmazonSku, Some(arguments.amazon_sku.clone())),
        (Column::Quantity, number(arguments.quantity)),
        (Column::Bundle, arguments.bundle.clone()),
        (Column::ShippingSpeed, arguments.speed.as_ref().map(ToString::to_string)),
        (Column::SafetyStock, number(arguments.safety_stock)),
    ];
    let typed = texts.into_iter();
    typed.filter_map(|(column, text)| Some((column, text?))).collect()
}

fn key(arguments: &MappingKeyArguments) -> Result<MappingKey, Failure> {
    let variant = arguments
        .sku_id
        .as_ref()
        .map(|id| MappingKey::TiktokSku(TiktokSkuId::new(id)));
    let seller_sku = arguments.seller_sku.as_ref();
    let seller_sku = seller_sku.map(|text| MappingKey::SellerSku(SellerSku::new(text)));
    let product = arguments
        .product_id
        .as_ref()
        .map(|id| MappingKey::Product(ProductId::new(id)));
    let key = variant.or(seller_sku).or(product);
    key.ok_or_else(|| Failure::usage("no key", "name one of --sku-id, --seller-sku, --product-id"))
}

/// Ends both commands as an import ends.
fn answered(
    context: &Context,
    store: &Store,
    is_dry_run: bool,
    outcome: Result<ImportSummary, ImportError>,
) -> Result<Exit, Failure> {
    let error = match outcome {
        Ok(summary) => {
            import::show(context, is_dry_run, &summary);
            return Ok(Exit::Done);
        }
        Err(error) => error,
    };
    let message = error.to_string();
    let (rejected, failure) = match error {
        ImportError::Rejected { rejected, .. } => {
            let first = rejected.first().map_or(message, |row| row.message.clone());
            let help = "correct the line; nothing was changed";
            (rejected, Failure::person(first, help))
        }
        ImportError::Taken(taken) => (vec![row(&message)], Failure::person(message, way_on(&taken))),
        ImportError::NotMapped { key, .. } => (vec![row(&message)], Failure::person(message, nearest(store, &key)?)),
        error => return Err(import::failure(error)),
    };
    let total = rejected.len() as u64;
    Ok(import::nothing_imported(
        context,
        is_dry_run,
        (&rejected, total),
        &failure,
    ))
}

/// A row that was typed alone is the first line of what would be its file.
fn row(message: &str) -> RejectedRow {
    RejectedRow {
        line: 1,
        message: message.to_owned(),
    }
}

/// Says how the row comes in all the same. Who names a bundle may want what is there to be a part of it.
fn way_on(taken: &Taken) -> String {
    let replace = format!("{} --replace", row_line(&taken.typed));
    match taken.known.as_slice() {
        [single] if single.bundle.is_none() && taken.typed.bundle.is_some() => {
            let first = MappingRow {
                bundle: taken.typed.bundle.clone(),
                ..single.clone()
            };
            let (first, second) = (row_line(&first), row_line(&taken.typed));
            format!("{replace}; or for a bundle of both: {first} --replace && {second}")
        }
        _ => replace,
    }
}

fn nearest(store: &Store, key: &MappingKey) -> Result<String, Failure> {
    let near = match key {
        MappingKey::SellerSku(text) => store.near_mappings(text.as_str())?.into_iter().next(),
        MappingKey::TiktokSku(_) | MappingKey::Product(_) => None,
    };
    Ok(near.map_or_else(
        || "mcf mappings list".to_owned(),
        |near| {
            format!(
                "mcf mappings remove {}",
                key_flag(&MappingKey::SellerSku(SellerSku::new(near)))
            )
        },
    ))
}
