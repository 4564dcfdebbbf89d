//! Feature constraints: what is asked of Amazon beside the goods ("create orders with blank box and block AMZL").

use serde_json::{Value, json};

use super::{Account, Item, Refusal};

const NAMES: [&str; 8] = [
    "BLANK_BOX",
    "OVERBOX",
    "BLOCK_AMZL",
    "PRIME_ELIGIBILITY",
    "DELIVER_TOGETHER",
    "SIGNATURE_CONFIRMATION",
    "ADULT_SIGNATURE_CONFIRMATION",
    "PACKING_SLIP",
];

/// Reads the features that must be met. Unknown names and policies are refused, and so is a name that stands twice.
pub(super) fn required(body: &Value) -> Result<Vec<String>, Refusal> {
    let list = match body.get("featureConstraints") {
        None => return Ok(Vec::new()),
        Some(list) => list
            .as_array()
            .ok_or_else(|| Refusal::invalid_value("", "FeatureConstraints"))?,
    };
    let mut seen: Vec<&str> = Vec::new();
    let mut required = Vec::new();
    for feature in list {
        let name = feature["featureName"].as_str().unwrap_or_default();
        let policy = feature["featureFulfillmentPolicy"].as_str().unwrap_or_default();
        if !NAMES.contains(&name) || seen.contains(&name) || !["Required", "NotRequired"].contains(&policy) {
            return Err(Refusal::invalid_value(name, "FeatureName"));
        }
        seen.push(name);
        if policy == "Required" {
            required.push(name.to_owned());
        }
    }
    Ok(required)
}

/// Returns a feature that can't be met, and the SKU for which it can't.
pub(super) fn lacking<'a>(account: &Account, required: &'a [String], items: &'a [Item]) -> Option<(&'a str, &'a str)> {
    required.iter().find_map(|feature| {
        let skus = account.lacking_features.get(feature)?;
        let item = items.iter().find(|item| skus.contains(&item.sku))?;
        Some((feature.as_str(), item.sku.as_str()))
    })
}

/// Shows in a row of a preview what was asked, and that the order can't go where one of it can't be met. Amazon's word for that is not
/// documented.
pub(super) fn show(row: &mut Value, body: &Value, lacks: bool) {
    if let Some(asked) = body.get("featureConstraints") {
        row["featureConstraints"] = asked.clone();
    }
    if lacks {
        row["isFulfillable"] = json!(false);
        row["fulfillmentPreviewShipments"] = json!([]);
        row["orderUnfulfillableReasons"] = json!(["FeatureNotAvailable"]);
    }
}
