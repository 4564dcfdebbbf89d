//! Phone numbers: E.164 or nothing. A phone never stops an order, because Amazon does not need one.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

use super::findings::Rule;

/// What became of a phone number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Phone {
    /// E.164, where it can be called.
    pub(super) number: Option<String>,
    /// What was done.
    pub(super) rules: Vec<Rule>,
}

/// Longer text is no phone number; libphonenumber has the same limit.
const TEXT_LENGTH_MAX: usize = 250;

/// Reads a cleaned phone number as someone in the destination country would dial it.
pub(super) fn read(typed: &str, country_code: &str) -> Phone {
    if typed.is_empty() {
        return Phone {
            number: None,
            rules: Vec::new(),
        };
    }
    let Some((number, has_extension)) = parse(typed, country_code) else {
        return Phone {
            number: None,
            rules: vec![Rule::LeftOut],
        };
    };
    let mut rules = Vec::new();
    if has_extension {
        rules.push(Rule::ExtensionDropped);
    }
    if number != typed {
        rules.push(Rule::InternationalForm);
    }
    Phone {
        number: Some(number),
        rules,
    }
}

/// A possible number is enough: 555 numbers are not assigned, yet buyers and samples have them.
fn parse(typed: &str, country_code: &str) -> Option<(String, bool)> {
    if typed.contains('*') || typed.len() > TEXT_LENGTH_MAX {
        return None;
    }
    let number = PHONE_NUMBER_UTIL
        .parse(typed, country_code.parse::<Region>().ok())
        .ok()?;
    let is_callable = PHONE_NUMBER_UTIL.is_possible_number(&number) && !is_one_digit_repeated(number.national_number);
    let has_extension = number.extension.as_ref().is_some_and(|extension| !extension.is_empty());
    is_callable.then(|| (number.format_as(PhoneNumberFormat::E164).into_owned(), has_extension))
}

fn is_one_digit_repeated(number: u64) -> bool {
    let digits = number.to_string();
    digits.chars().all(|digit| digits.starts_with(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(typed: &str) -> Option<String> {
        read(typed, "US").number
    }

    #[test]
    fn numbers_become_e164_e34() {
        let table = [
            ("(555) 123-4567", "+15551234567"),
            ("(+1)2135550147", "+12135550147"),
            ("+1 (415) 555-0100", "+14155550100"),
            ("415.555.0100", "+14155550100"),
            ("1-415-555-0100", "+14155550100"),
            ("+44 20 7946 0958", "+442079460958"),
            ("(+44)2079460958", "+442079460958"),
            ("+15551234567", "+15551234567"),
        ];
        for (typed, expected) in table {
            assert_eq!(number(typed).as_deref(), Some(expected), "{typed}");
        }
        assert_eq!(read("020 7946 0958", "GB").number.as_deref(), Some("+442079460958"));
    }

    #[test]
    fn an_extension_is_dropped_and_noted_e34() {
        let phone = read("+1 (415) 555-0100 ext. 22", "US");
        assert_eq!(phone.number.as_deref(), Some("+14155550100"));
        assert_eq!(phone.rules, [Rule::ExtensionDropped, Rule::InternationalForm]);
    }

    #[test]
    fn a_number_that_nobody_can_call_is_left_out_d22_d1() {
        let numbers = [
            "0000000000",
            "1111111111",
            "x89",
            "n/a",
            "12",
            "(+1)415*****00",
            "(+1)415-***-0188",
            "+",
            "99999999999999999999999",
        ];
        for typed in numbers {
            assert_eq!(
                read(typed, "US"),
                Phone {
                    number: None,
                    rules: vec![Rule::LeftOut]
                },
                "{typed}"
            );
        }
        assert_eq!(number(&"1".repeat(10_000)), None);
        assert_eq!(
            read("", "US"),
            Phone {
                number: None,
                rules: vec![]
            }
        );
    }

    #[test]
    fn letters_on_the_keys_become_digits_d22() {
        assert_eq!(number("1-800-FLOWERS").as_deref(), Some("+18003569377"));
    }

    #[test]
    fn an_unknown_country_still_reads_an_international_number() {
        assert_eq!(read("+14155550100", "ZZ").number.as_deref(), Some("+14155550100"));
        assert_eq!(read("4155550100", "ZZ").number, None);
    }
}
