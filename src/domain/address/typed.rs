//! One address as the buyer typed it: read and cleaned, then judged part by part.

use super::capital::capitalise;
use super::districts::{self, Country};
use super::findings::{Field, Finding, Rule};
use super::journal::{self, Journal};
use super::listed::Kind;
use super::regions::{CityPlace, StateUse, Subdivision};
use super::repetition::Tail;
use super::rules::{
    AddressRules, CITY_LENGTH_MAX, DISTRICT_LENGTH_MAX, POSTAL_CODE_LENGTH_MAX, Policy, STATE_LENGTH_MAX,
};
use super::text::{self, length};
use super::{name, phone, postal, special, state, street};
use crate::domain::flag::Detail;
use crate::domain::fulfillment::Destination;
use crate::domain::order::Recipient;

/// The cleaned parts of an address, before anything is judged.
pub(super) struct Typed {
    name: String,
    lines: Vec<String>,
    city: String,
    district: String,
    state: String,
    postal_code: String,
    phone: String,
}

impl Typed {
    /// Reads and cleans what TikTok gave.
    pub(super) fn read(recipient: &Recipient, country: &Country, journal: &mut Journal) -> Self {
        let place = districts::place(recipient, country);
        Self {
            name: typed_name(recipient, journal),
            lines: street::read(recipient, &place, journal),
            city: journal.clean(Field::City, place.city),
            district: journal.clean(Field::District, place.district),
            state: journal.clean(Field::State, place.state),
            postal_code: journal.clean(Field::PostalCode, &recipient.postal_code),
            // A phone that can't be read is left out, so that nothing about it is a finding.
            phone: text::clean(&recipient.phone).text,
        }
    }

    /// TikTok hides values behind asterisks (TikTok fact: "recipient_address masking").
    pub(super) fn masked(&self) -> Vec<Finding> {
        let first_line = self.lines.first().map_or("", String::as_str);
        let other_lines = self.lines.get(1..).unwrap_or_default();
        let hidden = [
            (Field::Name, self.name.contains('*')),
            (Field::Line1, first_line.contains('*')),
            // One asterisk may be typed, for example in a gate code.
            (Field::Lines, other_lines.iter().any(|line| line.contains("**"))),
            (Field::City, self.city.contains('*')),
            (Field::State, self.state.contains('*')),
            (Field::PostalCode, self.postal_code.contains('*')),
        ];
        hidden
            .into_iter()
            .filter(|(_, is_hidden)| *is_hidden)
            .map(|(field, _)| {
                Finding::new(
                    Detail::Masked,
                    field,
                    format!("TikTok hides the {} for now.", field.in_words()),
                )
            })
            .collect()
    }

    /// Judges every part, so that all findings come at once. `None`: a finding says why.
    pub(super) fn checked(
        &self,
        country: &Country,
        rules: &AddressRules,
        journal: &mut Journal,
    ) -> Option<Destination> {
        let found = self.state(country, journal);
        let postal_code = self.postal_code(country, found, journal);
        let state = self.sent_state(country, found, journal);
        let name = self.name(journal);
        let city = self.city(country, journal);
        let district = self.district(journal);
        let tail = Tail::new(
            country.region,
            &self.city,
            found,
            postal_code.as_deref().unwrap_or_default(),
        );
        let care_of = name.as_ref().and_then(|name| name.care_of);
        let lines = street::fit(&self.lines, care_of, &tail, rules, journal);
        self.check_characters(rules, journal);
        self.judge(country, state.as_deref(), rules, journal);
        Some(Destination {
            name: cased(Field::Name, Kind::Name, name?.name, journal),
            lines: lines?,
            city,
            district,
            state,
            postal_code: postal_code?,
            phone: self.phone(country, journal),
            country_code: country.code.clone(),
        })
    }

    fn judge(&self, country: &Country, state: Option<&str>, rules: &AddressRules, journal: &mut Journal) {
        let place = special::Place {
            country_code: &country.code,
            state: state.unwrap_or_default(),
            city: &self.city,
            lines: &self.lines,
        };
        special::judge(&place, rules, journal);
    }

    fn postal_code(&self, country: &Country, state: Option<&Subdivision>, journal: &mut Journal) -> Option<String> {
        let Some(code) = journal.take(postal::check(country.region, state, &self.postal_code)) else {
            // As it is written, where a person accepts it.
            return present(self.postal_code.clone()).filter(|code| length(code) <= POSTAL_CODE_LENGTH_MAX);
        };
        if let Some(rule) = code.rule {
            journal.note(Field::PostalCode, rule);
        }
        journal
            .findings
            .extend(postal::doubt(country.region, state, &code.text));
        Some(code.text)
    }

    /// Finds the state in the country's table; where the country needs one, it must be there.
    fn state(&self, country: &Country, journal: &mut Journal) -> Option<&'static Subdivision> {
        let found = state::find(country.region, &self.state);
        match country.region.state {
            StateUse::Code | StateUse::Name if self.state.is_empty() => {
                journal.find(Finding::missing(Detail::StateMissing, Field::State));
            }
            StateUse::Code if found.is_none() => {
                let sentence = "The state is none of the country's states.";
                journal.find(Finding::new(Detail::StateUnknown, Field::State, sentence));
            }
            StateUse::Code | StateUse::Name | StateUse::CodeIfKnown | StateUse::NameIfKnown | StateUse::Unused => {}
        }
        found
    }

    fn sent_state(&self, country: &Country, found: Option<&Subdivision>, journal: &mut Journal) -> Option<String> {
        match country.region.state {
            StateUse::Code | StateUse::CodeIfKnown if found.is_some() => {
                found.map(|state| journal.changed(Field::State, Rule::Coded, &self.state, state.code.to_owned()))
            }
            StateUse::CodeIfKnown => None,
            // A state that the table does not know goes as it is written, where a person accepts it.
            StateUse::Code | StateUse::Name | StateUse::NameIfKnown => {
                check_length(
                    Detail::StateTooLong,
                    Field::State,
                    &self.state,
                    STATE_LENGTH_MAX,
                    journal,
                );
                present(cased(Field::State, Kind::Place, &self.state, journal))
            }
            StateUse::Unused => None,
        }
    }

    fn name(&self, journal: &mut Journal) -> Option<name::Fitted<'_>> {
        if self.name.is_empty() {
            journal.find(Finding::missing(Detail::NameMissing, Field::Name));
            return None;
        }
        let fitted = journal.take(name::fit(&self.name))?;
        street::check_placeholder(Field::Name, fitted.name, journal);
        if let Some(rule) = fitted.rule {
            journal.note(Field::Name, rule);
        }
        Some(fitted)
    }

    fn city(&self, country: &Country, journal: &mut Journal) -> Option<String> {
        if country.region.city == CityPlace::Lines {
            return None;
        }
        if self.city.is_empty() {
            journal.find(Finding::missing(Detail::CityMissing, Field::City));
        } else {
            street::check_placeholder(Field::City, &self.city, journal);
        }
        check_length(Detail::CityTooLong, Field::City, &self.city, CITY_LENGTH_MAX, journal);
        Some(cased(Field::City, Kind::Place, &self.city, journal))
    }

    fn district(&self, journal: &mut Journal) -> Option<String> {
        check_length(
            Detail::DistrictTooLong,
            Field::District,
            &self.district,
            DISTRICT_LENGTH_MAX,
            journal,
        );
        present(cased(Field::District, Kind::Place, &self.district, journal))
    }

    fn phone(&self, country: &Country, journal: &mut Journal) -> Option<String> {
        let phone = phone::read(&self.phone, &country.code);
        for rule in phone.rules {
            journal.note(Field::Phone, rule);
        }
        phone.number
    }

    fn check_characters(&self, rules: &AddressRules, journal: &mut Journal) {
        if rules.non_latin == Policy::Send {
            return;
        }
        let fields = [
            (Field::Name, &self.name),
            (Field::City, &self.city),
            (Field::District, &self.district),
            (Field::State, &self.state),
            (Field::PostalCode, &self.postal_code),
        ];
        let lines = self.lines.iter().map(|line| (Field::Lines, line));
        for (field, text) in fields.into_iter().chain(lines) {
            if text::is_latin(text) {
                continue;
            }
            // An emoji in the place of a name is said once.
            let is_known = journal.findings.iter().any(|finding| {
                finding.field == field || finding.detail == Detail::Placeholder && field == Field::Lines
            });
            if !is_known {
                journal.find(journal::characters(field));
            }
        }
    }
}

fn typed_name(recipient: &Recipient, journal: &mut Journal) -> String {
    if !recipient.name.trim().is_empty() {
        return journal.clean(Field::Name, &recipient.name);
    }
    let joined = format!("{} {}", recipient.first_name, recipient.last_name);
    if !joined.trim().is_empty() {
        journal.note(Field::Name, Rule::Joined);
    }
    journal.clean(Field::Name, joined.trim())
}

fn cased(field: Field, kind: Kind, text: &str, journal: &mut Journal) -> String {
    journal.changed(field, Rule::Capitalised, text, capitalise(text, kind))
}

fn check_length(detail: Detail, field: Field, text: &str, limit: usize, journal: &mut Journal) {
    if !text::is_within(text, limit) {
        journal.find(Finding::too_long(detail, field, length(text), limit));
    }
}

fn present(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
