//! Tracking numbers: the shapes that carriers print, the one form in which they are kept, and TikTok's form rule.
//!
//! A shape only helps to write a number well. Must never refuse a number for its shape: carriers invent new ones.

/// Returns the carrier whose printed shape a number has, by the names of [`super::tracking::carrier`]. Blanks and case do not matter.
#[must_use]
pub fn carrier_of_shape(number: &str) -> Option<&'static str> {
    let plain = upper(&without_blanks(number));
    let rest_is_digits = |start: &str| {
        let rest = plain.strip_prefix(start)?;
        rest.bytes().all(|byte| byte.is_ascii_digit()).then_some(rest.len())
    };
    if plain.starts_with("1Z") && plain.len() == 18 && plain.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Some("UPS");
    }
    match (rest_is_digits("TBA"), rest_is_digits("AFTN"), rest_is_digits("")) {
        (Some(9..), _, _) | (_, Some(1..), _) => Some("Amazon Logistics"),
        // Twenty digits are FedEx SmartPost's as well as the post's.
        (_, _, Some(22 | 26)) => Some("USPS"),
        (_, _, Some(12 | 15)) => Some("FedEx"),
        _ => None,
    }
}

/// Brings a number into the form in which it is kept, compared and told: no blanks, and upper case where the shape is a known one.
///
/// The letters of an unknown shape stay as they are: they may mean something.
#[must_use]
pub fn normalise(number: &str) -> String {
    let plain = without_blanks(number);
    match carrier_of_shape(&plain) {
        Some(_) => upper(&plain),
        None => plain,
    }
}

/// Tells whether two texts are one number.
#[must_use]
pub fn is_same(left: &str, right: &str) -> bool {
    upper(&without_blanks(left)) == upper(&without_blanks(right))
}

/// Tells whether TikTok's form rule allows a number: 4 to 50 letters, digits, `-`, `_`, `.`, `/`.
#[must_use]
pub fn is_allowed(number: &str) -> bool {
    (4..=50).contains(&number.len())
        && number
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
}

fn without_blanks(number: &str) -> String {
    number.chars().filter(|letter| !letter.is_whitespace()).collect()
}

fn upper(number: &str) -> String {
    number.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tracking::carrier::recognise;

    #[test]
    fn the_shapes_of_four_carriers_are_recognised() {
        for (number, carrier) in [
            ("1z 999 aa1 01 2345 6784", "UPS"),
            ("tba305900000101", "Amazon Logistics"),
            ("AFTN0000012345", "Amazon Logistics"),
            ("9400 1000 0000 0000 0000 00", "USPS"),
            ("123456789012", "FedEx"),
        ] {
            assert_eq!(carrier_of_shape(number), Some(carrier), "{number}");
            assert!(recognise(carrier).is_some(), "{carrier} is a carrier of the table");
        }
    }

    #[test]
    fn blanks_go_and_a_known_shape_is_written_in_upper_case() {
        assert_eq!(normalise(" 1z 999 aa1 01 2345 6784 "), "1Z999AA10123456784");
        assert_eq!(normalise("0b1c-aa"), "0b1c-aa", "an unknown shape keeps its letters");
        assert!(is_same("tba 305900000101", "TBA305900000101"));
    }

    #[test]
    fn a_number_is_never_refused_for_its_shape_alone() {
        assert_eq!(carrier_of_shape("XQ-77/new.form_1"), None);
        assert!(is_allowed("XQ-77/new.form_1"));
        assert!(!is_allowed("1Z?"));
    }
}
