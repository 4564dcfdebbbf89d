//! US ZIP codes whose area lies in more than one state.
//!
//! The US Census Bureau's ZIP code tabulation areas (public domain): every one of 2010 whose tracts lie in two states or more, and
//! those of 2000 and of an overlay of the boundaries of 2022 that it lacks. The Postal Service counts such a ZIP to the state of its
//! prefix and delivers in both. More of them exist than any file knows: a state that is not listed here is a doubt, and a person can
//! settle it.

/// ZIP codes in rising order with their states, the state of the prefix first.
const SHARED: &[(&str, &str)] = &[
    ("02861", "RI MA"),
    ("03579", "NH ME"),
    ("20135", "VA WV"),
    ("21912", "MD DE"),
    ("24604", "VA WV"),
    ("30165", "GA AL"),
    ("31905", "GA AL"),
    ("38079", "TN KY"),
    ("38326", "TN MS"),
    ("38769", "MS AR"),
    ("38852", "MS AL"),
    ("42223", "KY TN"),
    ("42602", "KY TN"),
    ("45053", "OH IN"),
    ("51001", "IA SD"),
    ("51023", "IA SD"),
    ("51360", "IA MN"),
    ("51557", "IA NE"),
    ("51640", "IA MO"),
    ("52542", "IA MO"),
    ("52573", "IA MO"),
    ("52626", "IA MO"),
    ("54540", "WI MI"),
    ("54554", "WI MI"),
    ("56027", "MN IA"),
    ("56144", "MN SD"),
    ("56164", "MN SD"),
    ("56219", "MN SD"),
    ("56744", "MN ND"),
    ("57026", "SD MN"),
    ("57030", "SD MN"),
    ("57068", "SD MN"),
    ("57078", "SD NE"),
    ("57638", "SD ND"),
    ("57641", "SD ND"),
    ("57642", "SD ND"),
    ("57645", "SD ND"),
    ("57648", "SD ND"),
    ("57660", "SD ND"),
    ("57717", "SD WY"),
    ("57724", "SD MT"),
    ("58225", "ND MN"),
    ("58439", "ND SD"),
    ("58623", "ND SD"),
    ("58649", "ND SD"),
    ("58653", "ND SD"),
    ("59221", "MT ND"),
    ("59270", "MT ND"),
    ("59275", "MT ND"),
    ("59847", "MT ID"),
    ("63673", "MO IL"),
    ("65729", "MO AR"),
    ("65733", "MO AR"),
    ("65761", "MO AR"),
    ("66541", "KS NE"),
    ("67950", "KS OK"),
    ("68325", "NE KS"),
    ("68719", "NE SD"),
    ("68978", "NE KS"),
    ("69201", "NE SD"),
    ("69212", "NE SD"),
    ("69216", "NE SD"),
    ("69337", "NE SD"),
    ("71749", "AR LA"),
    ("72338", "AR TN"),
    ("72644", "AR MO"),
    ("73949", "OK TX"),
    ("75556", "TX AR"),
    ("79837", "TX NM"),
    ("79922", "TX NM"),
    ("80758", "CO NE"),
    ("81137", "CO NM"),
    ("81324", "CO UT"),
    ("82063", "WY CO"),
    ("82082", "WY NE CO"),
    ("82701", "WY SD"),
    ("82801", "WY MT"),
    ("82930", "WY UT"),
    ("83111", "WY ID"),
    ("83120", "WY ID"),
    ("83312", "ID UT"),
    ("83342", "ID UT"),
    ("84034", "UT NV"),
    ("84531", "UT AZ"),
    ("84536", "UT AZ"),
    ("86044", "AZ UT"),
    ("86504", "AZ NM"),
    ("86514", "AZ NM UT"),
    ("86515", "AZ NM"),
    ("87328", "NM AZ"),
    ("88063", "NM TX"),
    ("88220", "NM TX"),
    ("88430", "NM TX"),
    ("89010", "NV CA"),
    ("89019", "NV CA"),
    ("89060", "NV CA"),
    ("89061", "NV CA"),
    ("89421", "NV OR"),
    ("89439", "NV CA"),
    ("89832", "NV ID"),
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
