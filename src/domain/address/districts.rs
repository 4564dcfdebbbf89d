//! Reads TikTok's `district_info`: which level is the state, which the city, and whether we deliver to the country at all.

use super::findings::{Field, Finding};
use super::regions::{CityPlace, Region, StateUse, region};
use super::rules::AddressRules;
use super::state;
use super::us;
use crate::domain::flag::Detail;
use crate::domain::order::{District, Recipient};

/// A country that the marketplace delivers to.
pub(super) struct Country {
    /// ISO 3166-1 alpha-2, as Amazon gets it.
    pub(super) code: String,
    /// Its rules.
    pub(super) region: &'static Region,
    /// The state that the country code of a US territory stands for.
    territory: Option<&'static str>,
}

/// Where the parts of the place are, as typed. Empty text: TikTok gave none.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// The city.
    pub(super) city: &'a str,
    /// The level between state and city, where the country sends one.
    pub(super) district: &'a str,
    /// The state's code or name.
    pub(super) state: &'a str,
    /// Levels that belong in front of the street.
    pub(super) in_lines: Vec<&'a str>,
}

/// Returns the country of an address.
///
/// A US territory may come with its own country code; Amazon's form of it is country `US` with the territory as state.
///
/// # Errors
///
/// A finding when there is no country or when it is outside of the marketplace's reach.
pub(super) fn country(recipient: &Recipient, rules: &AddressRules) -> Result<Country, Finding> {
    let typed = [
        recipient.region_code.trim(),
        at(recipient, "L0", "Country").map_or("", |level| level.iso_code.trim()),
    ]
    .into_iter()
    .find(|code| !code.is_empty())
    .ok_or_else(|| Finding::missing(Detail::CountryMissing, Field::Country))?
    .to_ascii_uppercase();
    // The code that people write for Great Britain.
    let own = if typed == "UK" { "GB".to_owned() } else { typed };
    let territory = us::territory_of_country(&own).filter(|_| !rules.countries.contains(&own));
    let code = if territory.is_some() { "US".to_owned() } else { own };
    if !rules.countries.contains(&code) {
        return Err(not_supported(rules));
    }
    Ok(Country {
        region: region(&code),
        territory,
        code,
    })
}

/// Finds city, district and state.
pub(super) fn place<'a>(recipient: &'a Recipient, country: &Country) -> Place<'a> {
    let mut place = Place {
        city: city(recipient, country),
        state: state_of(recipient, country),
        ..Place::default()
    };
    if country.region.sends_district
        && let [_, .., district, _] = below_country(recipient)[..]
    {
        place.district = district.name.trim();
    }
    if country.region.city == CityPlace::Lines {
        let below_prefecture = below_country(recipient).into_iter().skip(1);
        place.in_lines = below_prefecture.map(|level| level.name.trim()).collect();
    }
    place
}

fn city<'a>(recipient: &'a Recipient, country: &Country) -> &'a str {
    match country.region.city {
        CityPlace::LevelThree => match at(recipient, "L3", "City") {
            Some(level) => level.name.trim(),
            None if country.territory.is_some() => lowest(recipient, country),
            None => "",
        },
        CityPlace::PostTown => recipient.post_town.trim(),
        CityPlace::LowestLevel => lowest(recipient, country),
        CityPlace::Lines => "",
    }
}

/// The lowest level is the city, unless it is the state.
fn lowest<'a>(recipient: &'a Recipient, country: &Country) -> &'a str {
    let needs_state = matches!(country.region.state, StateUse::Code | StateUse::Name) && country.territory.is_none();
    below_country(recipient)
        .get(usize::from(needs_state)..)
        .and_then(<[_]>::last)
        .map_or("", |level| level.name.trim())
}

fn state_of<'a>(recipient: &'a Recipient, country: &Country) -> &'a str {
    if let Some(territory) = country.territory {
        return territory;
    }
    let known = |level: &&District| state::find(country.region, &level.name).is_some();
    let above_city = || below_country(recipient).into_iter().rev().skip(1).rev();
    let level = match country.region.state {
        StateUse::Code | StateUse::Name => {
            return at(recipient, "L1", "State").map_or("", |level| code_or_name(level, country));
        }
        StateUse::CodeIfKnown => above_city().find(known),
        StateUse::NameIfKnown => above_city().find(known).or_else(|| above_city().next()),
        StateUse::Unused => None,
    };
    level.map_or("", |level| level.name.trim())
}

/// TikTok's `iso_code` is often empty; it is preferred where it is right.
fn code_or_name<'a>(level: &'a District, country: &Country) -> &'a str {
    let has_code = country.region.state == StateUse::Code && state::find(country.region, &level.iso_code).is_some();
    if has_code || level.name.trim().is_empty() {
        level.iso_code.trim()
    } else {
        level.name.trim()
    }
}

/// The levels below the country that have a name, the highest first.
fn below_country(recipient: &Recipient) -> Vec<&District> {
    let mut levels: Vec<_> = recipient
        .districts
        .iter()
        .filter(|level| !is_level(level, "L0", "Country") && !level.name.trim().is_empty())
        .collect();
    levels.sort_by_key(|level| level.level.trim());
    levels
}

fn at<'a>(recipient: &'a Recipient, level: &str, level_name: &str) -> Option<&'a District> {
    recipient
        .districts
        .iter()
        .find(|district| is_level(district, level, level_name))
}

/// The level decides; its name counts only where TikTok leaves the level out.
fn is_level(district: &District, level: &str, level_name: &str) -> bool {
    let typed = district.level.trim();
    typed.eq_ignore_ascii_case(level) || typed.is_empty() && district.level_name.trim().eq_ignore_ascii_case(level_name)
}

fn not_supported(rules: &AddressRules) -> Finding {
    let sentence = format!(
        "The country is outside of the marketplace's reach ({}).",
        rules.countries.join(", ")
    );
    Finding::new(Detail::DestinationNotSupported, Field::Country, sentence)
}
