//! What is said about an address: findings that stop it and notes about changes of its form.
//!
//! Neither ever holds what the buyer typed: fields, lengths and limits only, so that both may be logged, stored and sent.

use std::fmt;

/// What a finding means for the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The address must be corrected: `INVALID_ADDRESS`.
    InvalidAddress,
    /// The address may be right, but we do not deliver there: `ORDER_NOT_SUPPORTED`.
    NotSupported,
    /// TikTok hides the address for now; ask again later.
    Wait,
}

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

/// The stable code of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// No name.
    NameMissing,
    /// No street address.
    Line1Missing,
    /// No city.
    CityMissing,
    /// No state where the country needs one.
    StateMissing,
    /// No postal code.
    PostalCodeMissing,
    /// No country.
    CountryMissing,
    /// The state is none of the country's.
    StateUnknown,
    /// The postal code has not the country's form.
    PostalCodeMalformed,
    /// The postal code lies in another state.
    PostalCodeStateMismatch,
    /// The name does not fit.
    NameTooLong,
    /// The street address does not fit.
    LineTooLong,
    /// The city does not fit.
    CityTooLong,
    /// The district does not fit.
    DistrictTooLong,
    /// The state does not fit.
    StateTooLong,
    /// TikTok hides the value.
    Masked,
    /// A word such as `test` or only signs in place of a value.
    Placeholder,
    /// Letters or signs that Amazon's labels may not show.
    CharactersNotSupported,
    /// The country is outside of the marketplace's reach.
    DestinationNotSupported,
    /// A post office box, and the settings refuse them.
    PoBox,
    /// A military or diplomatic post office, and the settings refuse them.
    Military,
    /// A rural or highway contract route, and the settings refuse them.
    RuralRoute,
    /// A US territory, and the settings refuse them.
    Territory,
    /// Alaska or Hawaii, and the settings refuse them.
    AlaskaHawaii,
}

impl Detail {
    /// Returns the code as outsiders see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NameMissing => "name_missing",
            Self::Line1Missing => "line1_missing",
            Self::CityMissing => "city_missing",
            Self::StateMissing => "state_missing",
            Self::PostalCodeMissing => "postal_code_missing",
            Self::CountryMissing => "country_missing",
            Self::StateUnknown => "state_unknown",
            Self::PostalCodeMalformed => "postal_code_malformed",
            Self::PostalCodeStateMismatch => "postal_code_state_mismatch",
            Self::NameTooLong => "name_too_long",
            Self::LineTooLong => "line_too_long",
            Self::CityTooLong => "city_too_long",
            Self::DistrictTooLong => "district_too_long",
            Self::StateTooLong => "state_too_long",
            Self::Masked => "masked",
            Self::Placeholder => "placeholder",
            Self::CharactersNotSupported => "characters_not_supported",
            Self::DestinationNotSupported => "destination_not_supported",
            Self::PoBox => "po_box",
            Self::Military => "military",
            Self::RuralRoute => "rural_route",
            Self::Territory => "territory",
            Self::AlaskaHawaii => "alaska_hawaii",
        }
    }

    /// Returns what it means for the order.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Masked => Verdict::Wait,
            Self::DestinationNotSupported
            | Self::PoBox
            | Self::Military
            | Self::RuralRoute
            | Self::Territory
            | Self::AlaskaHawaii => Verdict::NotSupported,
            Self::NameMissing
            | Self::Line1Missing
            | Self::CityMissing
            | Self::StateMissing
            | Self::PostalCodeMissing
            | Self::CountryMissing
            | Self::StateUnknown
            | Self::PostalCodeMalformed
            | Self::PostalCodeStateMismatch
            | Self::NameTooLong
            | Self::LineTooLong
            | Self::CityTooLong
            | Self::DistrictTooLong
            | Self::StateTooLong
            | Self::Placeholder
            | Self::CharactersNotSupported => Verdict::InvalidAddress,
        }
    }
}

impl fmt::Display for Detail {
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

    /// Returns what it means for the order.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.detail.verdict()
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
