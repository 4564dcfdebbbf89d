//! The only place where TikTok's JSON becomes domain values.
//!
//! A missing or misread fact that matters is an error of this one entry; nothing is defaulted. An absent
//! `display_status` of a unit is kept as the empty word `Other("")`, which is held and told like every unknown word.

mod order;
mod shop;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::field::{Field, FieldError, Text};
use crate::domain::ids::TiktokOrderId;

pub(super) use order::order;
pub(super) use shop::{
    cancellation, delivery_option, listing, listing_stock, marked_shipped, package, reject_reason, shipping_provider,
    shop, stock_refusal, tokens, warehouse,
};

/// Parts the readable from the unreadable entries of a list.
pub(super) fn sorted<T, E>(entries: impl IntoIterator<Item = Result<T, E>>) -> (Vec<T>, Vec<E>) {
    let (mut read, mut unreadable) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Ok(value) => read.push(value),
            Err(error) => unreadable.push(error),
        }
    }
    (read, unreadable)
}

fn wire<T: DeserializeOwned>(value: Value, path: &str) -> Result<T, FieldError> {
    serde_json::from_value(value).map_err(|_| FieldError::Wrong(path.to_owned()))
}

fn order_id(value: &Value, key: &str) -> Option<TiktokOrderId> {
    let text: Text = serde_json::from_value(value.get(key)?.clone()).ok()?;
    TiktokOrderId::parse(&text.0).ok()
}

fn plain_order_id(field: Field<Text>, path: &str) -> Result<TiktokOrderId, FieldError> {
    let text = field.required_text(path)?;
    TiktokOrderId::parse(&text).map_err(|_| FieldError::Wrong(path.to_owned()))
}

/// Reads every entry of a list whose entries belong together.
fn each<W, T>(
    entries: Vec<W>,
    path: &str,
    read: impl Fn(W, &str) -> Result<T, FieldError>,
) -> Result<Vec<T>, FieldError> {
    let entries = entries.into_iter().enumerate();
    entries
        .map(|(index, entry)| read(entry, &format!("{path}[{index}]")))
        .collect()
}

#[cfg(test)]
mod tests;
