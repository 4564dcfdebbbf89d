//! How people write the states of the US, and which of them are territories, armed forces or far away.

/// Returns the common short and long forms of a state, beside its code and its name: lower case, no dots, single blanks.
pub(super) fn spellings(state_code: &str) -> impl Iterator<Item = &'static str> {
    SPELLINGS
        .iter()
        .filter(move |(code, _)| *code == state_code)
        .flat_map(|(_, forms)| forms.split('|'))
}

/// Returns the state of a US territory that has a country code of its own.
pub(super) fn territory_of_country(country_code: &str) -> Option<&'static str> {
    TERRITORIES.iter().copied().find(|territory| *territory == country_code)
}

/// Returns whether the state is a territory or a freely associated state; the USPS serves all of them as domestic.
pub(super) fn is_territory(state: &str) -> bool {
    TERRITORIES.contains(&state) || ["FM", "MH", "PW"].contains(&state)
}

/// Returns whether the state stands for the armed forces.
pub(super) fn is_military(state: &str) -> bool {
    ["AA", "AE", "AP"].contains(&state)
}

/// Returns whether the state is Alaska or Hawaii.
pub(super) fn is_alaska_or_hawaii(state: &str) -> bool {
    ["AK", "HI"].contains(&state)
}

const TERRITORIES: [&str; 5] = ["AS", "GU", "MP", "PR", "VI"];

/// Forms beside code and full name: AP style, older postal forms, and what the armed forces and territories are called.
const SPELLINGS: &[(&str, &str)] = &[
    ("AL", "ala"),
    ("AK", "alas"),
    ("AZ", "ariz"),
    ("AR", "ark"),
    ("CA", "calif|cal|cali"),
    ("CO", "colo|col"),
    ("CT", "conn"),
    ("DE", "del"),
    ("DC", "d c|wash dc|wash d c|washington dc|washington d c"),
    ("FL", "fla|flor"),
    ("HI", "hawai'i"),
    ("IL", "ill|ills"),
    ("IN", "ind"),
    ("KS", "kan|kans"),
    ("KY", "ken|kent"),
    ("MA", "mass"),
    ("MI", "mich"),
    ("MN", "minn"),
    ("MS", "miss"),
    ("MT", "mont"),
    ("NE", "neb|nebr"),
    ("NV", "nev"),
    ("NH", "n h"),
    ("NJ", "n j"),
    ("NM", "n m|n mex|nmex|new mex"),
    ("NY", "n y|n york|new york state"),
    ("NC", "n c|n car|ncar|n carolina|ncarolina|no carolina"),
    ("ND", "n d|n dak|ndak|n dakota|ndakota|no dakota"),
    ("OK", "okla"),
    ("OR", "ore|oreg"),
    ("PA", "penn|penna"),
    ("RI", "r i|rhode isl"),
    ("SC", "s c|s car|scar|s carolina|scarolina|so carolina"),
    ("SD", "s d|s dak|sdak|s dakota|sdakota|so dakota"),
    ("TN", "tenn"),
    ("TX", "tex"),
    ("WA", "wash|washington state"),
    ("WV", "w v|w va|wva|w virginia|wvirginia|west va"),
    ("WI", "wis|wisc"),
    ("WY", "wyo"),
    ("PR", "p r"),
    (
        "VI",
        "v i|us virgin islands|u s virgin islands|usvi|virgin islands us|virgin islands of the united states",
    ),
    (
        "MP",
        "northern marianas|northern mariana is|cnmi|commonwealth of the northern mariana islands",
    ),
    ("AS", "am samoa"),
    (
        "AA",
        "armed forces americas|armed forces america|armed forces the americas",
    ),
    (
        "AE",
        "armed forces europe|armed forces africa|armed forces canada|armed forces middle east|armed forces europe africa canada|armed forces europe the middle east and canada",
    ),
    ("AP", "armed forces pacific"),
];
