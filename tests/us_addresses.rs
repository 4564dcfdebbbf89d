//! Agreement with the world: real cities with their states and ZIP codes, in the forms in which people type them.
//!
//! The rows were composed from public facts (which ZIP code belongs to which city) and hold nobody's address. The forms that are
//! expected were written by hand, not taken from the program.

#![expect(clippy::expect_used, reason = "a helper of a test fails the test that calls it")]

use std::path::Path;

use mcf_connector::domain::address::{AddressRules, normalise};
use mcf_connector::domain::fulfillment::Destination;
use mcf_connector::domain::order::{District, Recipient};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
struct Row {
    line1: String,
    line2: String,
    city: String,
    state: String,
    postal_code: String,
    sent_line1: String,
    sent_line2: String,
    sent_city: String,
    sent_state: String,
    sent_postal_code: String,
}

impl Row {
    fn recipient(&self, state: &str, postal_code: &str) -> Recipient {
        let district = |level: &str, name: &str| District {
            level: level.to_owned(),
            name: name.to_owned(),
            ..District::default()
        };
        Recipient {
            name: "Dana Whitfield".to_owned(),
            lines: [self.line1.clone(), self.line2.clone(), String::new(), String::new()],
            districts: vec![
                district("L0", "United States"),
                district("L1", state),
                district("L3", &self.city),
            ],
            postal_code: postal_code.to_owned(),
            region_code: "US".to_owned(),
            ..Recipient::default()
        }
    }

    fn agrees(&self, sent: &Destination) -> bool {
        let mut lines = vec![self.sent_line1.clone(), self.sent_line2.clone()];
        lines.retain(|line| !line.is_empty());
        sent.lines == lines
            && sent.city.as_ref() == Some(&self.sent_city)
            && sent.state.as_ref() == Some(&self.sent_state)
            && sent.postal_code == self.sent_postal_code
            && sent.country_code == "US"
    }
}

fn rows() -> Vec<Row> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/address/us_addresses.csv");
    let mut reader = csv::Reader::from_path(file).expect("the fixture");
    reader.deserialize().collect::<Result<_, _>>().expect("rows")
}

#[test]
fn at_least_995_of_1000_real_addresses_are_accepted_in_the_form_that_a_person_would_write() {
    let rows = rows();
    assert!(rows.len() >= 500, "{} rows", rows.len());
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(
            |row| match normalise(&row.recipient(&row.state, &row.postal_code), &AddressRules::default()) {
                Ok(sent) if row.agrees(&sent.destination) => None,
                Ok(sent) => Some(format!(
                    "{row:?} was sent as {:?} {:?} {:?} {:?}",
                    sent.destination.lines, sent.destination.city, sent.destination.state, sent.destination.postal_code
                )),
                Err(findings) => Some(format!("{row:?} was refused: {findings:?}")),
            },
        )
        .collect();
    let (wrong_count, all) = (wrong.len(), rows.len());
    assert!(
        wrong_count * 1000 <= all * 5,
        "{wrong_count} of {all}:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_address_is_refused_with_every_other_state() {
    let rows = rows();
    let mut states: Vec<&str> = rows.iter().map(|row| row.sent_state.as_str()).collect();
    states.sort_unstable();
    states.dedup();
    assert_eq!(states.len(), 52, "50 states, the District of Columbia, Puerto Rico");
    let mut accepted = Vec::new();
    for row in &rows {
        for state in states.iter().filter(|state| **state != row.sent_state) {
            let swapped = row.recipient(state, &row.sent_postal_code);
            if normalise(&swapped, &AddressRules::default()).is_ok() {
                accepted.push(format!("{} {} as {state}", row.sent_city, row.sent_postal_code));
            }
        }
    }
    // The census of 2010 shows these four ZIPs in two states, and such a ZIP goes with either (E24).
    let shared = [
        "Carlsbad 88220-1234 as TX",
        "Yankton 57078-1234 as NE",
        "Walla Walla 99362 as OR",
        "Sheridan 82801-1234 as MT",
    ];
    assert_eq!(accepted, shared);
}
