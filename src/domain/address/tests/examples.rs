use super::*;

#[test]
fn the_example_of_the_manual_comes_out_as_promised() {
    let typed = Recipient {
        name: "John Doe".to_owned(),
        phone: "(555) 123-4567".to_owned(),
        ..us("123 main st", "new york", "NY", "10001")
    };
    let normalised = sent(&typed);
    let got = &normalised.destination;
    assert_eq!(got.name, "John Doe");
    assert_eq!(got.lines, ["123 Main St"]);
    assert_eq!(got.city.as_deref(), Some("New York"));
    assert_eq!(got.state.as_deref(), Some("NY"));
    assert_eq!((got.postal_code.as_str(), got.country_code.as_str()), ("10001", "US"));
    assert_eq!(got.phone.as_deref(), Some("+15551234567"));
    assert_eq!(
        notes(&typed),
        [
            "city: capitalised",
            "lines: capitalised",
            "phone: brought into international form"
        ]
    );
}

#[test]
fn recipients_of_the_fixture_come_out_as_written_there() {
    #[derive(serde::Deserialize)]
    struct Case {
        recipient: Recipient,
        destination: Destination,
    }
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../../../fixtures/address/recipients.json")).unwrap();
    for case in cases {
        let got = destination(&case.recipient);
        assert_eq!(
            serde_json::to_value(&got).unwrap(),
            serde_json::to_value(&case.destination).unwrap()
        );
    }
}

#[test]
fn a_name_that_came_in_two_parts_is_joined() {
    let typed = Recipient {
        name: " ".to_owned(),
        first_name: "dana".to_owned(),
        last_name: "whitfield".to_owned(),
        ..plain()
    };
    assert_eq!(destination(&typed).name, "Dana Whitfield");
    assert!(notes(&typed).contains(&"name: joined from first and last name".to_owned()));
}

#[test]
fn the_joined_detail_stands_for_empty_lines() {
    let typed = Recipient {
        lines: lines(&["", " ", "", " "]),
        detail: "77 Pine St, Suite 1400".to_owned(),
        ..plain()
    };
    assert_eq!(destination(&typed).lines, ["77 Pine St, Suite 1400"]);
    let only_unit = Recipient {
        lines: lines(&["", "Apt 6"]),
        detail: "Apt 6".to_owned(),
        ..plain()
    };
    assert_eq!(details(&only_unit), ["line1_missing"]);
    let both = Recipient {
        lines: lines(&["", "Apt 6", "Rear"]),
        detail: "77 Pine St Apt 6".to_owned(),
        ..plain()
    };
    assert_eq!(destination(&both).lines, ["77 Pine St Apt 6", "Rear"]);
}

#[test]
fn empty_lines_are_left_out_and_whatever_else_was_typed_is_sent() {
    let typed = Recipient {
        lines: lines(&["77 Pine St,", "N/A", " ", "."]),
        ..plain()
    };
    assert_eq!(destination(&typed).lines, ["77 Pine St,", "N/A", "."]);
}

#[test]
fn the_code_of_the_state_is_preferred_where_it_is_right() {
    let mut typed = plain();
    typed.districts[1].iso_code = "CA".to_owned();
    typed.districts[1].name = "Kalifornien".to_owned();
    assert_eq!(destination(&typed).state.as_deref(), Some("CA"));
    typed.districts[1].iso_code = "06".to_owned();
    assert_eq!(details(&typed), ["state_unknown"]);
}

#[test]
fn the_county_is_never_taken_for_the_city() {
    let mut typed = plain();
    typed.districts.truncate(3);
    assert_eq!(details(&typed), ["city_missing"]);
}

#[test]
fn a_british_city_is_the_post_town() {
    let typed = Recipient {
        post_town: "LONDON".to_owned(),
        ..abroad("GB", &["England", "Greater London"], "sw1a1aa")
    };
    let got = normalise(&typed, &rules_for("GB")).unwrap().destination;
    assert_eq!(
        (got.city.as_deref(), got.state, got.postal_code.as_str()),
        (Some("London"), None, "SW1A 1AA")
    );
}

#[test]
fn a_continental_city_is_the_lowest_level() {
    for (country, levels, postal_code, city, state) in [
        (
            "DE",
            &["Bayern", "Landkreis München", "Garching"][..],
            "85748",
            "Garching",
            None,
        ),
        ("FR", &["paris"][..], "75 001", "Paris", None),
        ("IT", &["Lazio", "Roma", "Tivoli"][..], "00019", "Tivoli", Some("RM")),
        (
            "ES",
            &["Cataluña", "Barcelona", "Sabadell"][..],
            "08201",
            "Sabadell",
            Some("Barcelona"),
        ),
        (
            "MX",
            &["Jalisco", "Guadalajara"][..],
            "44100",
            "Guadalajara",
            Some("Jalisco"),
        ),
        ("CA", &["Ontario", "Ottawa"][..], "k1a0b1", "Ottawa", Some("ON")),
        ("AT", &["Wien"][..], "1010", "Wien", None),
    ] {
        let got = normalise(&abroad(country, levels, postal_code), &rules_for(country))
            .unwrap()
            .destination;
        assert_eq!(
            (got.city.as_deref(), got.state.as_deref()),
            (Some(city), state),
            "{country}"
        );
    }
}

#[test]
fn a_mexican_address_keeps_the_level_between_state_and_city() {
    let typed = abroad("MX", &["Jalisco", "Guadalajara", "Centro"], "44100");
    let got = normalise(&typed, &rules_for("MX")).unwrap().destination;
    assert_eq!(
        (got.district.as_deref(), got.city.as_deref()),
        (Some("Guadalajara"), Some("Centro"))
    );
}

#[test]
fn a_japanese_address_has_its_city_in_the_lines() {
    let typed = Recipient {
        lines: lines(&["丸の内1-1"]),
        ..abroad("JP", &["東京都", "千代田区"], "1000001")
    };
    let got = normalise(
        &typed,
        &AddressRules {
            non_latin: Policy::Send,
            ..rules_for("JP")
        },
    )
    .unwrap()
    .destination;
    assert_eq!(got.city, None);
    assert_eq!(got.lines, ["千代田区", "丸の内1-1"]);
    assert_eq!(
        (got.state.as_deref(), got.postal_code.as_str()),
        (Some("東京都"), "100-0001")
    );
}

#[test]
fn sentences_and_notes_never_hold_what_the_buyer_typed() {
    let typed = Recipient {
        name: "Quux ".repeat(30),
        ..us(&"Quux ".repeat(60), &"Quux".repeat(20), "Quux", "Quux")
    };
    let findings = refused(&typed);
    assert_eq!(findings.len(), 5);
    assert!(
        findings
            .iter()
            .all(|finding| !finding.sentence.to_lowercase().contains("quux"))
    );
}

#[test]
fn an_empty_address_names_each_missing_field() {
    let typed = Recipient {
        region_code: "US".to_owned(),
        ..Recipient::default()
    };
    let mut got = details(&typed);
    got.sort_unstable();
    assert_eq!(
        got,
        [
            "city_missing",
            "line1_missing",
            "name_missing",
            "postal_code_missing",
            "state_missing"
        ]
    );
    assert_eq!(details(&Recipient::default()), ["country_missing"]);
}
