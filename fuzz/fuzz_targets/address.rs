//! Any address that TikTok may give: it is refused with findings, or it comes out within Amazon's limits and comes out the same again.
//!
//! A line of the input is a field: name, phone, country, postal code, four street lines, the joined lines, the post town, then the
//! districts as `level|level name|name|code`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mcf_connector::domain::address::{AddressRules, Normalised, normalise};
use mcf_connector::domain::order::{District, Recipient};

fn typed(text: &str) -> Recipient {
    let mut fields = text.split('\n').map(str::to_owned);
    let mut next = || fields.next().unwrap_or_default();
    Recipient {
        name: next(),
        phone: next(),
        region_code: next(),
        postal_code: next(),
        lines: [next(), next(), next(), next()],
        detail: next(),
        post_town: next(),
        districts: fields.map(|line| district(&line)).collect(),
        ..Recipient::default()
    }
}

fn district(line: &str) -> District {
    let mut parts = line.split('|').map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    District {
        level: next(),
        level_name: next(),
        name: next(),
        iso_code: next(),
    }
}

/// What was sent, as if a buyer had typed it.
fn as_typed(sent: &Normalised) -> Recipient {
    let destination = &sent.destination;
    let line = |number: usize| destination.lines.get(number).cloned().unwrap_or_default();
    let level = |level: &str, name: &Option<String>| District {
        level: level.to_owned(),
        name: name.clone().unwrap_or_default(),
        ..District::default()
    };
    Recipient {
        name: destination.name.clone(),
        phone: destination.phone.clone().unwrap_or_default(),
        lines: [line(0), line(1), line(2), String::new()],
        districts: vec![level("L1", &destination.state), level("L3", &destination.city)],
        postal_code: destination.postal_code.clone(),
        region_code: destination.country_code.clone(),
        ..Recipient::default()
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let rules = AddressRules::default();
    match normalise(&typed(text), &rules) {
        Err(findings) => assert!(!findings.is_empty(), "refused without a reason"),
        Ok(sent) => {
            let destination = &sent.destination;
            assert!((1..=3).contains(&destination.lines.len()));
            assert!(destination.lines.iter().all(|line| (1..=60).contains(&line.chars().count())));
            assert!((1..=50).contains(&destination.name.chars().count()));
            if destination.country_code == "US" {
                let again = normalise(&as_typed(&sent), &rules);
                assert!(again.is_ok_and(|again| again.destination == *destination), "not the same again");
            }
        }
    }
});
