//! US ZIP codes whose area lies in more than one state.
//!
//! The US Census Bureau's ZIP code tabulation areas laid over its states: the area files of 2000 and 2010 (public domain) and an
//! overlay of the boundaries of 2022. The Postal Service counts such a ZIP to the state of its prefix and delivers in both. More of
//! them exist than any file knows: a state that is not listed here is a doubt, and a person can settle it.

/// ZIP codes in rising order with their states, the state of the prefix first.
const SHARED: &[(&str, &str)] = &[
    ("02861", "RI MA"),
    ("03579", "NH ME"),
    ("38079", "TN KY"),
    ("38852", "MS AL"),
    ("42223", "KY TN"),
    ("51640", "IA MO"),
    ("54540", "WI MI"),
    ("59221", "MT ND"),
    ("63673", "MO IL"),
    ("65733", "MO AR"),
    ("65761", "MO AR"),
    ("67950", "KS OK"),
    ("69337", "NE SD"),
    ("71749", "AR LA"),
    ("72338", "AR TN"),
    ("72644", "AR MO"),
    ("73949", "OK TX"),
    ("79922", "TX NM"),
    ("81137", "CO NM"),
    ("82063", "WY CO"),
    ("82082", "WY NE CO"),
    ("83120", "WY ID"),
    ("84536", "UT AZ"),
    ("86044", "AZ UT"),
    ("86504", "AZ NM"),
    ("86514", "AZ NM UT"),
    ("86515", "AZ NM"),
    ("87328", "NM AZ"),
    ("88063", "NM TX"),
    ("89061", "NV CA"),
    ("89439", "NV CA"),
    ("97635", "OR CA"),
    ("97910", "OR ID"),
    ("97913", "OR ID"),
    ("99128", "WA ID"),
    ("99362", "WA OR"),
];

/// Returns whether a part of a ZIP code's area lies in a state that is not its prefix's.
pub(super) fn touches(postal_code: &str, state: &str) -> bool {
    let zip = postal_code.get(..5).unwrap_or_default();
    SHARED
        .binary_search_by_key(&zip, |(shared, _)| shared)
        .is_ok_and(|place| SHARED[place].1.split(' ').any(|touched| touched == state))
}

#[cfg(test)]
mod tests {
    use super::super::region;
    use super::*;

    #[test]
    fn the_shared_zips_rise_and_the_first_state_is_that_of_the_prefix() {
        assert!(SHARED.is_sorted_by(|left, right| left.0 < right.0));
        for (zip, states) in SHARED {
            let state = |code: &str| region("US").subdivisions.iter().find(|state| state.code == code);
            let first = states.split(' ').next().and_then(state).expect("a state");
            assert!(first.holds(zip), "{zip}");
            assert!(
                states.split(' ').count() >= 2 && states.split(' ').all(|code| state(code).is_some()),
                "{zip}"
            );
        }
    }
}
