//! The situations of an address, one sentence each; and what must hold for any text.

use super::*;
use crate::domain::flag::Detail;
use crate::domain::order::District;

fn district(level: &str, name: &str, iso_code: &str) -> District {
    District {
        level: level.to_owned(),
        name: name.to_owned(),
        iso_code: iso_code.to_owned(),
        ..District::default()
    }
}

fn lines(typed: &[&str]) -> [String; 4] {
    std::array::from_fn(|place| typed.get(place).copied().unwrap_or_default().to_owned())
}

/// An address in the US: street, city, state, postal code.
fn us(line1: &str, city: &str, state: &str, postal_code: &str) -> Recipient {
    Recipient {
        name: "Dana Whitfield".to_owned(),
        phone: "(+1)2135550147".to_owned(),
        lines: lines(&[line1]),
        districts: vec![
            district("L0", "United States", "US"),
            district("L1", state, ""),
            district("L2", "Some County", ""),
            district("L3", city, ""),
        ],
        postal_code: postal_code.to_owned(),
        region_code: "US".to_owned(),
        ..Recipient::default()
    }
}

fn plain() -> Recipient {
    us("1842 Larkspur Ave", "San Jose", "California", "95110")
}

fn abroad(country: &str, levels: &[&str], postal_code: &str) -> Recipient {
    let levels = levels
        .iter()
        .enumerate()
        .map(|(place, name)| district(&format!("L{}", place + 1), name, ""));
    Recipient {
        districts: levels.collect(),
        region_code: country.to_owned(),
        postal_code: postal_code.to_owned(),
        ..plain()
    }
}

fn rules() -> AddressRules {
    AddressRules::default()
}

fn rules_for(country: &str) -> AddressRules {
    AddressRules {
        countries: vec![country.to_owned()],
        ..rules()
    }
}

fn sent(recipient: &Recipient) -> Normalised {
    normalise(recipient, &rules()).unwrap()
}

fn destination(recipient: &Recipient) -> Destination {
    sent(recipient).destination
}

fn refused(recipient: &Recipient) -> Vec<Finding> {
    normalise(recipient, &rules()).err().unwrap()
}

fn details(recipient: &Recipient) -> Vec<&'static str> {
    refused(recipient)
        .iter()
        .map(|finding| finding.detail.as_str())
        .collect()
}

fn notes(recipient: &Recipient) -> Vec<String> {
    sent(recipient).notes.iter().map(ToString::to_string).collect()
}

mod bad_input;
mod examples;
mod properties;
mod situations;
