//! What is said about an address: findings that stop it and notes about changes of its form.
//!
//! Neither ever holds what the buyer typed: fields, lengths and limits only, so that both may be logged, stored and sent.

use std::fmt;

use crate::domain::flag::Detail;

/// A part of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The person or company.
    Name,
    /// The first street line.
    Line1,
    /// The second street line.
    Line2,
    /// The third street line.
    Line3,
    /// The fourth street line, which only TikTok has.
    Line4,
    /// All street lines together.
    Lines,
    /// The city.
    City,
    /// The district or county.
    District,
    /// The state, province or prefecture.
    State,
    /// The postal code.
    PostalCode,
    /// The country.
    Country,
    /// The phone number.
    Phone,
}

impl Field {
    /// Returns the field's name as outsiders see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Line1 => "line1",
            Self::Line2 => "line2",
            Self::Line3 => "line3",
            Self::Line4 => "line4",
            Self::Lines => "lines",
            Self::City => "city",
            Self::District => "district",
            Self::State => "state",
            Self::PostalCode => "postal_code",
            Self::Country => "country",
            Self::Phone => "phone",
        }
    }

    /// Returns the field's name inside of a sentence.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Line1 => "first address line",
            Self::Line2 => "second address line",
            Self::Line3 => "third address line",
            Self::Line4 => "fourth address line",
            Self::Lines => "street address",
            Self::City => "city",
            Self::District => "district",
            Self::State => "state",
            Self::PostalCode => "postal code",
            Self::Country => "country",
            Self::Phone => "phone number",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why an address can't be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable code.
    pub detail: Detail,
    /// Where.
    pub field: Field,
    /// What is wrong, for a person.
    pub sentence: String,
}

impl Finding {
    /// Makes a finding.
    pub(super) fn new(detail: Detail, field: Field, sentence: impl Into<String>) -> Self {
        Self {
            detail,
            field,
            sentence: sentence.into(),
        }
    }

    /// Makes the finding that a field is empty.
    pub(super) fn missing(detail: Detail, field: Field) -> Self {
        Self::new(detail, field, format!("The {} is missing.", field.in_words()))
    }

    /// Makes the finding that a field is too long, with both lengths.
    pub(super) fn too_long(detail: Detail, field: Field, length: usize, limit: usize) -> Self {
        let sentence = format!(
            "The {} has {length} characters; Amazon takes {limit}.",
            field.in_words()
        );
        Self::new(detail, field, sentence)
    }

    /// Tells whether TikTok hides the address for now, so that it is asked for later.
    #[must_use]
    pub fn is_masked(&self) -> bool {
        self.detail == Detail::Masked
    }
}

/// A rule that changed the form of a field, or recognised what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Blanks, control characters, composition and typographic signs.
    Cleaned,
    /// Upper and lower case.
    Capitalised,
    /// First and last name became the name.
    Joined,
    /// The joined detail stands for an empty first line.
    TakenFromDetail,
    /// The repetition of city, state and postal code at the end of a line.
    RepetitionDropped,
    /// The second half of a name that was written twice.
    RepeatedHalfDropped,
    /// The `c/o` part of a long name became a line.
    CareOfMoved,
    /// The lines were broken anew.
    Reflowed,
    /// District levels that have no field at Amazon became part of the lines.
    DistrictsMoved,
    /// A name became a code.
    Coded,
    /// Blanks and hyphens of a postal code.
    Formatted,
    /// The leading zeros of a postal code that the state proves.
    LeadingZeroRestored,
    /// A phone number became E.164.
    InternationalForm,
    /// A phone number's extension.
    ExtensionDropped,
    /// A value that can't be used and is not needed.
    LeftOut,
    /// A post office box.
    PoBoxRecognised,
    /// A military or diplomatic post office.
    MilitaryRecognised,
    /// A rural or highway contract route.
    RuralRouteRecognised,
    /// A US territory.
    TerritoryRecognised,
    /// Alaska or Hawaii.
    AlaskaHawaiiRecognised,
}

impl Rule {
    /// Returns the rule in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cleaned => "cleaned",
            Self::Capitalised => "capitalised",
            Self::Joined => "joined from first and last name",
            Self::TakenFromDetail => "taken from the joined detail",
            Self::RepetitionDropped => "repetition of city, state and postal code dropped",
            Self::RepeatedHalfDropped => "repeated half dropped",
            Self::CareOfMoved => "c/o part moved to a line of its own",
            Self::Reflowed => "broken into lines anew",
            Self::DistrictsMoved => "districts put in front",
            Self::Coded => "name replaced by its code",
            Self::Formatted => "brought into the country's form",
            Self::LeadingZeroRestored => "leading zero restored, proven by the state",
            Self::InternationalForm => "brought into international form",
            Self::ExtensionDropped => "extension dropped",
            Self::LeftOut => "left out",
            Self::PoBoxRecognised => "post office box",
            Self::MilitaryRecognised => "military or diplomatic post office",
            Self::RuralRouteRecognised => "rural or highway contract route",
            Self::TerritoryRecognised => "US territory",
            Self::AlaskaHawaiiRecognised => "Alaska or Hawaii",
        }
    }
}

/// One rule that was applied to one field. Its text, e.g. `city: capitalised`, is safe to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub field: Field,
    /// What.
    pub rule: Rule,
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.field, self.rule.as_str())
    }
}
