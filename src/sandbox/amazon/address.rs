//! The demands on an address; create and preview make the same ones.
//!
//! The model states no lengths: they are those of the API before it (MWS), which are probably still enforced.

use serde_json::Value;

use super::Refusal;

/// A field, its greatest length in characters, and whether it must be there.
const FIELDS: [(&str, usize, bool); 10] = [
    ("name", 50, true),
    ("addressLine1", 60, true),
    ("addressLine2", 60, false),
    ("addressLine3", 60, false),
    ("city", 50, true),
    ("districtOrCounty", 150, false),
    ("stateOrRegion", 150, false),
    ("postalCode", 20, true),
    ("countryCode", 2, true),
    ("phone", 20, false),
];

/// Checks an address.
pub(super) fn check_address(address: &Value) -> Result<(), Refusal> {
    let Some(fields) = address.as_object() else {
        return Err(Refusal::input(
            "The request must contain the parameter DestinationAddress.",
        ));
    };
    if !fields.contains_key("countryCode") {
        return Err(Refusal::input(
            "The request must contain the parameter Address.CountryCode.",
        ));
    }
    let missing = FIELDS
        .iter()
        .filter(|(name, _, required)| *required && !fields.contains_key(*name));
    let missing: Vec<&str> = missing.map(|(name, _, _)| *name).collect();
    if !missing.is_empty() {
        let message = format!(
            "The following required parameters are missing: [{}]",
            missing.join(", ")
        );
        return Err(Refusal::input(message));
    }
    fields.iter().try_for_each(|(name, value)| check_field(name, value))?;
    check_place(address)
}

fn check_field(name: &str, value: &Value) -> Result<(), Refusal> {
    let Some((_, most, _)) = FIELDS.iter().find(|(known, _, _)| *known == name) else {
        return Err(Refusal::input(format!(
            "Request has invalid parameter: {{Address.{name}}}"
        )));
    };
    let value = value.as_str().unwrap_or_default();
    if value.trim().is_empty() || value.chars().count() > *most || value.chars().any(char::is_control) {
        return Err(Refusal::invalid_value(value, name));
    }
    Ok(())
}

/// The account ships within the US, whose states are two letters.
fn check_place(address: &Value) -> Result<(), Refusal> {
    let country = address["countryCode"].as_str().unwrap_or_default();
    if country != "US" {
        return Err(Refusal::invalid_value(country, "DestinationAddress.CountryCode"));
    }
    match address["stateOrRegion"].as_str() {
        Some(state) if state.len() != 2 || !state.bytes().all(|byte| byte.is_ascii_uppercase()) => Err(Refusal::input(
            format!("Request has invalid parameter: {{Address.StateOrRegion={state}}}"),
        )),
        Some(_) | None => Ok(()),
    }
}
