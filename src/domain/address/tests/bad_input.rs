use super::*;

#[test]
fn the_repetition_of_the_city_at_the_end_of_a_line_is_dropped_and_noted_d12() {
    let typed = us("12 main st, san jose, ca 95110", "San Jose", "CA", "95110");
    assert_eq!(destination(&typed).lines, ["12 Main St"]);
    assert!(notes(&typed).contains(&"lines: repetition of city, state and postal code dropped".to_owned()));
}

#[test]
fn the_unit_stays_where_it_was_typed_d13() {
    for line in [
        "2203 Magazine St # 4",
        "12 Main St Apt. 4-B",
        "12 1/2 Main St",
        "55-01 Woodside Ave",
    ] {
        assert_eq!(destination(&us(line, "San Jose", "CA", "95110")).lines, [line]);
    }
}

#[test]
fn words_that_are_no_value_are_flagged_d15() {
    for junk in ["🙂🙂", ".", "N/A", "test", "--"] {
        let as_name = Recipient {
            name: junk.to_owned(),
            ..plain()
        };
        assert_eq!(details(&as_name), ["placeholder"], "{junk}");
        assert_eq!(details(&us(junk, "San Jose", "CA", "95110")), ["placeholder"], "{junk}");
        assert_eq!(
            details(&us("12 Main St", junk, "CA", "95110")),
            ["placeholder"],
            "{junk}"
        );
    }
}

#[test]
fn stacked_marks_are_flagged_whatever_the_settings_say_d17() {
    let zalgo = Recipient {
        name: format!("Dana{}", "\u{335}".repeat(1000)),
        ..plain()
    };
    let open = AddressRules {
        non_latin: Policy::Send,
        ..rules()
    };
    assert_eq!(
        normalise(&zalgo, &open).err().unwrap()[0].detail,
        Detail::CharactersNotSupported
    );
}

#[test]
fn code_in_an_address_is_data_only_d19() {
    for line in [
        "<script>alert(1)</script> 5",
        "${jndi:ldap://x/a} 5",
        "#{77} 5",
        "'; DROP TABLE orders;-- 5",
    ] {
        let typed = us(line, "San Jose", "CA", "95110");
        assert_eq!(destination(&typed).lines[0].to_lowercase(), line.to_lowercase());
    }
}

#[test]
fn escape_sequences_are_refused_d20() {
    for line in [
        "12 Main\u{1b}]0;pwn\u{7} St",
        "12\u{1b}[2J Main St",
        "12 \u{9b}2J Main St",
    ] {
        assert_eq!(
            details(&us(line, "San Jose", "CA", "95110")),
            ["characters_not_supported"]
        );
    }
    let phone = Recipient {
        phone: "\u{1b}[2J2135550147".to_owned(),
        ..plain()
    };
    assert!(
        destination(&phone)
            .phone
            .is_none_or(|number| number.chars().all(|digit| digit == '+' || digit.is_ascii_digit()))
    );
}

#[test]
fn a_phone_never_stops_an_order_d22() {
    for (phone, expected) in [
        ("0000000000", None),
        ("1-800-FLOWERS", Some("+18003569377")),
        ("x89", None),
        ("+44 20 7946 0958", Some("+442079460958")),
        ("", None),
    ] {
        let typed = Recipient {
            phone: phone.to_owned(),
            ..plain()
        };
        assert_eq!(destination(&typed).phone.as_deref(), expected, "{phone}");
    }
}

#[test]
fn a_huge_text_in_any_field_is_refused_in_no_time_h2() {
    for word in ["apt ", "San Jose CA 95110 ", "\u{335}"] {
        let huge = word.repeat(100_000 / word.len());
        for place in 0..6 {
            let mut typed = plain();
            match place {
                0 => typed.name.clone_from(&huge),
                1 => typed.lines[0].clone_from(&huge),
                2 => typed.lines[1].clone_from(&huge),
                3 => typed.districts[1].name.clone_from(&huge),
                4 => typed.districts[3].name.clone_from(&huge),
                _ => typed.postal_code.clone_from(&huge),
            }
            assert!(normalise(&typed, &rules()).is_err(), "{word} {place}");
        }
        assert_eq!(destination(&Recipient { phone: huge, ..plain() }).phone, None);
    }
}
