use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// An address at TikTok that says what a destination says.
fn as_typed(destination: &Destination) -> Recipient {
    let street: Vec<&str> = destination.lines.iter().map(String::as_str).collect();
    Recipient {
        name: destination.name.clone(),
        phone: destination.phone.clone().unwrap_or_default(),
        lines: lines(&street),
        ..us(
            "",
            destination.city.as_deref().unwrap(),
            destination.state.as_deref().unwrap(),
            &destination.postal_code,
        )
    }
}

/// How often each visible character stands in the texts, signs and case in their plain form.
fn characters(texts: &[String]) -> BTreeMap<char, usize> {
    let mut counts = BTreeMap::new();
    let plain = texts.iter().map(|text| text::clean(text).text.to_lowercase());
    for character in plain.flat_map(|text| text.chars().collect::<Vec<_>>()) {
        if !character.is_whitespace() {
            *counts.entry(character).or_default() += 1;
        }
    }
    counts
}

const WORDS: &str = "main|STREET|st|apt|#4-b|Unit|12|4b|5TH|o'brien|MCDONALD|van|der|de|la|NW|n|po|box|c/o|Élodie|LaToya|IBM|ii|rr|suite";

fn text(words_max: usize) -> impl Strategy<Value = String> {
    let word = format!("({WORDS}|[a-zA-Z0-9]{{1,9}}|[ -~¡-ÿ]{{1,6}})");
    proptest::collection::vec(proptest::string::string_regex(&word).unwrap(), 1..words_max)
        .prop_map(|words| words.join(" "))
}

type Parts = (String, String, String, String, String);

fn parts() -> impl Strategy<Value = Parts> {
    (text(12), text(14), text(5), text(4), text(6))
}

fn recipient((name, line1, line2, line3, city): Parts) -> Recipient {
    Recipient {
        name,
        lines: lines(&[&line1, &line2, &line3]),
        ..us("", &city, "calif.", "95110 1234")
    }
}

proptest! {
    #[test]
    fn what_comes_out_goes_in_and_comes_out_the_same(parts in parts()) {
        let typed = recipient(parts);
        if let Ok(once) = normalise(&typed, &rules()) {
            let again = normalise(&as_typed(&once.destination), &rules());
            let again = again.map(|again| serde_json::to_string(&again.destination).unwrap());
            prop_assert_eq!(again, Ok(serde_json::to_string(&once.destination).unwrap()));
        }
    }

    #[test]
    fn no_visible_character_is_lost_from_what_was_typed_to_what_is_sent(parts in parts(), limit in 20_usize..61) {
        let typed = recipient(parts);
        let rules = AddressRules { line_length_max: limit, ..rules() };
        let Ok(Normalised { destination, notes }) = normalise(&typed, &rules) else { return Ok(()) };
        let has_drop = notes.iter().any(|note| matches!(note.rule, Rule::RepetitionDropped | Rule::RepeatedHalfDropped));
        let before = [typed.lines.as_slice(), &[typed.name, typed.districts[3].name.clone()]].concat();
        let after = [destination.lines, vec![destination.name, destination.city.unwrap_or_default()]].concat();
        let sent = characters(&after);
        for (character, count) in characters(&before) {
            prop_assert!(has_drop || sent.get(&character) >= Some(&count), "{character:?}: {before:?} {after:?}");
        }
    }

    #[test]
    fn what_comes_out_is_within_the_limits(parts in parts(), limit in 20_usize..80) {
        let rules = AddressRules { line_length_max: limit, ..rules() };
        let typed = recipient(parts);
        if let Ok(Normalised { destination, .. }) = normalise(&typed, &rules) {
            prop_assert!((1..=3).contains(&destination.lines.len()));
            prop_assert!(destination.lines.iter().all(|line| (1..=limit.min(60)).contains(&line.chars().count())));
            prop_assert!((1..=50).contains(&destination.name.chars().count()));
            prop_assert!(destination.city.is_some_and(|city| (1..=50).contains(&city.chars().count())));
        }
    }

    #[test]
    fn any_text_at_all_gives_an_address_or_findings(
        name in any::<String>(), line1 in any::<String>(), city in any::<String>(), state in any::<String>(),
        postal_code in any::<String>(), phone in any::<String>(), country in "US|JP|GB|MX|ZZ|[a-z]{2}",
    ) {
        let typed = Recipient { name, phone, region_code: country.clone(), ..us(&line1, &city, &state, &postal_code) };
        let open = AddressRules { non_latin: Policy::Send, countries: vec![country], ..rules() };
        if let Err(findings) = normalise(&typed, &open) {
            prop_assert!(!findings.is_empty());
        }
    }
}
