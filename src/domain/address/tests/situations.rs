use super::*;
use crate::domain::flag::Reason;

const LONG: &str =
    "Building Seven Northwestern Industrial Park Pioneer Boulevard of the Americas number 12345 Second Floor";

#[test]
fn a_line_of_61_to_120_characters_is_broken_at_words_e19_d14() {
    let got = destination(&us(LONG, "San Jose", "CA", "95110"));
    assert_eq!(got.lines.join(" ").to_lowercase(), LONG.to_lowercase());
    assert!(got.lines.len() > 1 && got.lines.iter().all(|line| line.chars().count() <= 60));
}

#[test]
fn a_street_that_three_lines_cannot_hold_is_flagged_with_its_length_e19() {
    let findings = refused(&us(&"Larkspur ".repeat(30), "San Jose", "CA", "95110"));
    assert_eq!(findings[0].detail, Detail::LineTooLong);
    assert!(findings[0].sentence.contains("269"), "{}", findings[0].sentence);
}

#[test]
fn a_long_name_drops_its_repetition_or_moves_its_care_of_or_is_flagged_e20_d14() {
    let twice = Recipient {
        name: "Northwestern Trading Company Northwestern Trading Company".to_owned(),
        ..plain()
    };
    assert_eq!(destination(&twice).name, "Northwestern Trading Company");
    let care_of = Recipient {
        name: "dana whitfield c/o northwestern trading company incorporated".to_owned(),
        ..plain()
    };
    let got = destination(&care_of);
    assert_eq!(got.name, "Dana Whitfield");
    assert_eq!(
        got.lines,
        ["1842 Larkspur Ave", "c/o Northwestern Trading Company Incorporated"]
    );
    let long = Recipient {
        name: "Whitfield-".repeat(12),
        ..plain()
    };
    assert_eq!(details(&long), ["name_too_long"]);
    let nobody = Recipient {
        name: "!{ c/o Northwestern Trading Company Incorporated of Oregon".to_owned(),
        ..plain()
    };
    assert_eq!(details(&nobody), ["placeholder"], "nobody is left beside the c/o part");
}

#[test]
fn a_carrier_with_shorter_lines_uses_the_same_rule_e21() {
    let narrow = AddressRules {
        line_length_max: 35,
        ..rules()
    };
    let got = normalise(
        &us("1842 Northwestern Larkspur Avenue Apt 77", "San Jose", "CA", "95110"),
        &narrow,
    )
    .unwrap();
    assert_eq!(got.destination.lines, ["1842 Northwestern Larkspur Avenue", "Apt 77"]);
}

#[test]
fn a_masked_address_waits_e22_d1() {
    let mut masked = us("72* ***** ***** ***", "***", "California", "941**");
    masked.name = "K*** L**".to_owned();
    masked.lines[1] = "***".to_owned();
    let findings = refused(&masked);
    assert!(findings.iter().all(Finding::is_masked));
    for typed in [
        us("1** Main St", "San Jose", "CA", "95110"),
        Recipient {
            name: "Jo** D**".to_owned(),
            ..plain()
        },
    ] {
        assert_eq!(details(&typed), ["masked"]);
    }
}

#[test]
fn a_phone_masked_alone_is_left_out_e34_d1() {
    let typed = Recipient {
        phone: "(+1)212****34".to_owned(),
        ..plain()
    };
    assert_eq!(destination(&typed).phone, None);
    assert_eq!(notes(&typed), ["state: name replaced by its code", "phone: left out"]);
}

#[test]
fn an_empty_field_is_named_and_never_filled_e23_d2() {
    assert_eq!(details(&us("12 Main St", "", "CA", "95110")), ["city_missing"]);
    assert_eq!(details(&us("12 Main St", "San Jose", " ", "95110")), ["state_missing"]);
    assert_eq!(
        details(&us("12 Main St", "San Jose", "CA", "")),
        ["postal_code_missing"]
    );
    assert_eq!(details(&us("\u{200b}", "San Jose", "CA", "95110")), ["line1_missing"]);
    assert_eq!(
        details(&Recipient {
            name: String::new(),
            ..plain()
        }),
        ["name_missing"]
    );
    assert_eq!(
        refused(&us("12 Main St", "", "CA", "95110"))[0].sentence,
        "The city is missing."
    );
}

#[test]
fn a_postal_code_of_another_state_is_flagged_e24_d5() {
    assert_eq!(
        details(&us("12 Main St", "New York", "NY", "90210")),
        ["postal_code_state_mismatch"]
    );
    assert_eq!(
        details(&us("12 Main St", "Anchorage", "AK", "90210")),
        ["postal_code_state_mismatch"]
    );
}

#[test]
fn a_lost_leading_zero_comes_back_where_the_state_proves_it_e25_d3() {
    let typed = us("12 Main St", "Cambridge", "MA", "2139");
    assert_eq!(destination(&typed).postal_code, "02139");
    assert_eq!(
        notes(&typed)[0],
        "postal_code: leading zero restored, proven by the state"
    );
    assert_eq!(
        details(&us("12 Main St", "Springfield", "IL", "6270")),
        ["postal_code_malformed"]
    );
}

#[test]
fn zip_plus_four_is_normalised_e26_d4_d6() {
    for typed in ["10118-0110", "10118 0110", "101180110", "10118–0110", "10118—0110"] {
        assert_eq!(
            destination(&us("350 5th Ave", "New York", "NY", typed)).postal_code,
            "10118-0110",
            "{typed}"
        );
    }
    assert_eq!(
        details(&us("12 Main St", "Chicago", "IL", "606001")),
        ["postal_code_malformed"]
    );
}

#[test]
fn a_state_in_words_becomes_its_code_e27_d7() {
    for (typed, postal_code, code) in [
        ("Calif.", "95110", "CA"),
        ("d.c.", "20001", "DC"),
        ("Washington", "98101", "WA"),
        ("Wash.", "98101", "WA"),
        ("american samoa", "96799", "AS"),
        ("Northern Mariana Islands", "96950", "MP"),
        ("Armed Forces Americas", "34002", "AA"),
    ] {
        assert_eq!(
            destination(&us("12 Main St", "Somewhere", typed, postal_code))
                .state
                .as_deref(),
            Some(code),
            "{typed}"
        );
    }
    assert_eq!(details(&us("12 Main St", "Chicago", "ll.", "60642")), ["state_unknown"]);
}

#[test]
fn a_post_office_box_goes_by_the_settings_and_is_never_reworded_e28_d8() {
    let typed = us("P.O.B. 12", "San Jose", "CA", "95110");
    assert_eq!(destination(&typed).lines, ["P.O.B. 12"]);
    assert!(notes(&typed).contains(&"lines: post office box".to_owned()));
    let strict = AddressRules {
        po_boxes: Policy::Flag,
        ..rules()
    };
    let findings = normalise(&typed, &strict).err().unwrap();
    assert_eq!(
        (findings[0].detail, findings[0].detail.reason()),
        (Detail::PoBox, Reason::OrderNotSupported)
    );
    assert!(
        findings[0].sentence.starts_with("This is a post office box,"),
        "{}",
        findings[0].sentence
    );
    assert!(normalise(&us("12 Box Elder Rd", "San Jose", "CA", "95110"), &strict).is_ok());
}

#[test]
fn armed_forces_and_rural_routes_go_by_the_settings_e29_d8() {
    let forces = us("PSC 1234 Box 567", "APO", "AE", "09012");
    let got = destination(&forces);
    assert_eq!(
        (got.lines[0].as_str(), got.city.as_deref(), got.state.as_deref()),
        ("PSC 1234 Box 567", Some("APO"), Some("AE"))
    );
    let rural = us("rr 2 box 15", "Ada", "OK", "74820");
    assert_eq!(destination(&rural).lines, ["RR 2 Box 15"]);
    let strict = AddressRules {
        military: Policy::Flag,
        rural_routes: Policy::Flag,
        ..rules()
    };
    assert_eq!(normalise(&forces, &strict).err().unwrap()[0].detail, Detail::Military);
    assert_eq!(normalise(&rural, &strict).err().unwrap()[0].detail, Detail::RuralRoute);
}

#[test]
fn territories_alaska_and_hawaii_go_by_the_settings_e30_d9_d10() {
    let strict = AddressRules {
        territories: Policy::Flag,
        alaska_hawaii: Policy::Flag,
        ..rules()
    };
    for (typed, detail) in [
        (
            us("Urb. Las Gladiolas 150 Calle A", "San Juan", "Puerto Rico", "00926"),
            Detail::Territory,
        ),
        (us("12 Marine Corps Dr", "Hagatna", "GU", "96910"), Detail::Territory),
        (us("12 Main St", "Anchorage", "AK", "99501"), Detail::AlaskaHawaii),
        (us("12 Main St", "Honolulu", "Hawaii", "96813"), Detail::AlaskaHawaii),
    ] {
        assert!(normalise(&typed, &rules()).is_ok());
        let finding = normalise(&typed, &strict).err().unwrap().remove(0);
        assert_eq!(finding.detail, detail);
        let is_named = finding.sentence.starts_with("This is in Alaska or Hawaii,");
        assert_eq!(is_named, detail == Detail::AlaskaHawaii, "{}", finding.sentence);
    }
}

#[test]
fn a_territory_with_its_own_country_code_becomes_a_state_d9() {
    for (country, city, postal_code) in [
        ("PR", "san juan", "926"),
        ("VI", "Christiansted", "00820"),
        ("GU", "Hagatna", "96910"),
    ] {
        let got = destination(&abroad(country, &["Some District", city], postal_code));
        assert_eq!((got.country_code.as_str(), got.state.as_deref()), ("US", Some(country)));
        assert!(got.city.is_some_and(|got| got.eq_ignore_ascii_case(city)));
    }
    let urb = us("Urb. Las Gladiolas", "San Juan", "PR", "00926");
    assert_eq!(destination(&urb).lines, ["Urb. Las Gladiolas"]);
}

#[test]
fn a_country_out_of_reach_is_not_supported_e31_d11() {
    for country in ["CA", "MX", "FM"] {
        let findings = refused(&Recipient {
            region_code: country.to_owned(),
            ..plain()
        });
        assert_eq!(findings.len(), 1);
        assert_eq!(
            (findings[0].detail, findings[0].detail.reason()),
            (Detail::DestinationNotSupported, Reason::OrderNotSupported)
        );
    }
}

#[test]
fn latin_letters_are_sent_and_others_flagged_or_sent_by_setting_e32_d16() {
    let latin = Recipient {
        name: "Jose\u{301} Nu\u{303}n\u{303}ez d’Été".to_owned(),
        ..plain()
    };
    assert!(
        normalise(&latin, &rules()).is_err(),
        "u with tilde is not in ISO 8859-1"
    );
    let latin = Recipient {
        name: "Jose\u{301} Mun\u{303}oz d’Été".to_owned(),
        ..plain()
    };
    assert_eq!(destination(&latin).name, "José Muñoz d'Été");
    for name in ["Иван Петров", "王 小明", "محمد علي", "Dana 🙂"] {
        let typed = Recipient {
            name: name.to_owned(),
            ..plain()
        };
        assert_eq!(details(&typed), ["characters_not_supported"]);
        let open = AddressRules {
            non_latin: Policy::Send,
            ..rules()
        };
        assert_eq!(normalise(&typed, &open).unwrap().destination.name, name);
    }
}

#[test]
fn invisible_characters_are_cleaned_before_lengths_are_measured_e33_d17_d18() {
    let line = format!("12{} Main\tSt\r\nApt\u{202e}  4", "\u{200b}".repeat(100));
    assert_eq!(
        destination(&us(&line, "San\u{a0}Jose", "CA", "95110")).lines,
        ["12 Main St Apt 4"]
    );
}

#[test]
fn a_phone_becomes_e164_without_its_extension_e34() {
    let typed = Recipient {
        phone: "+1 (415) 555-0100 ext. 22".to_owned(),
        ..plain()
    };
    assert_eq!(destination(&typed).phone.as_deref(), Some("+14155550100"));
    assert!(notes(&typed).contains(&"phone: extension dropped".to_owned()));
}

#[test]
fn nothing_but_the_address_is_printed_e35_d21() {
    let written = serde_json::to_value(destination(&plain())).unwrap();
    let fields: Vec<&String> = written.as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        [
            "name",
            "lines",
            "city",
            "district",
            "state",
            "postal_code",
            "country_code",
            "phone"
        ]
    );
}

#[test]
fn a_changed_address_gives_another_destination_and_a_retyped_one_the_same_e36() {
    let before = destination(&plain());
    assert!(before == destination(&us("1842  LARKSPUR AVE", "SAN JOSE", "ca", "95110")));
    assert!(before != destination(&us("1844 Larkspur Ave", "San Jose", "CA", "95110")));
}

/// With one doubt that a person accepted.
fn accepting(doubt: Detail, typed: &Recipient) -> Result<Destination, Vec<Detail>> {
    let rules = AddressRules {
        accepted: [doubt].into(),
        ..AddressRules::default()
    };
    let details = |findings: Vec<Finding>| findings.iter().map(|finding| finding.detail).collect();
    normalise(typed, &rules).map(|sent| sent.destination).map_err(details)
}

#[test]
fn what_a_table_does_not_know_goes_as_it_is_written_once_a_person_accepts_it_d24() {
    let state = us("1842 Larkspur Ave", "San Jose", "New Sonoma", "95110");
    assert_eq!(refused(&state)[0].detail, Detail::StateUnknown);
    let sent = accepting(Detail::StateUnknown, &state).map(|sent| sent.state);
    assert_eq!(sent, Ok(Some("New Sonoma".to_owned())));
    let code = us("1842 Larkspur Ave", "San Jose", "CA", "95110-A");
    assert_eq!(refused(&code)[0].detail, Detail::PostalCodeMalformed);
    let sent = accepting(Detail::PostalCodeMalformed, &code).map(|sent| sent.postal_code);
    assert_eq!(sent, Ok("95110-A".to_owned()));
}

#[test]
fn what_amazon_has_no_room_for_is_flagged_even_when_it_is_accepted() {
    let long = us("1842 Larkspur Ave", "San Jose", "CA", &"9".repeat(21));
    assert_eq!(
        accepting(Detail::PostalCodeMalformed, &long).map(drop),
        Err(vec![Detail::PostalCodeMalformed])
    );
    let missing = us("1842 Larkspur Ave", "San Jose", "", "95110");
    assert_eq!(
        accepting(Detail::StateUnknown, &missing).map(drop),
        Err(vec![Detail::StateMissing])
    );
}
