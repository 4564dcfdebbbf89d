//! One field of TikTok's JSON: absent, unusable, or there. It never fails to parse and never quotes what it read,
//! so that one odd field costs one order and no error carries a buyer's data.

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use thiserror::Error;

use crate::transport::scrub;

/// A value beyond this counts milliseconds: in seconds it would lie after the year 5000.
const SECONDS_MAX: i64 = 100_000_000_000;

/// A field without which nothing can be said, by its path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FieldError {
    /// It is not there, or empty.
    #[error("{0} is missing")]
    Missing(String),
    /// It is there in a form that nobody expected.
    #[error("{0} is not readable")]
    Wrong(String),
}

/// What a wire field holds.
#[derive(Debug, Default)]
pub(super) enum Field<T> {
    /// Not there, or `null`.
    #[default]
    Absent,
    /// There, but not a `T`.
    Wrong,
    /// There.
    Is(T),
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_null() {
            return Ok(Self::Absent);
        }
        Ok(T::deserialize(value).map_or(Self::Wrong, Self::Is))
    }
}

impl<T> Field<T> {
    /// Returns the value where it is readable: for facts that nothing depends on.
    pub fn optional(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }

    /// Returns the value, `None` where it is absent: for facts that must not be misread.
    pub fn strict(self, path: &str) -> Result<Option<T>, FieldError> {
        match self {
            Self::Is(value) => Ok(Some(value)),
            Self::Absent => Ok(None),
            Self::Wrong => Err(FieldError::Wrong(path.to_owned())),
        }
    }

    /// Returns the value.
    pub fn required(self, path: &str) -> Result<T, FieldError> {
        self.strict(path)?.ok_or_else(|| FieldError::Missing(path.to_owned()))
    }
}

/// A text, or a number that stands for one: ids come as both and are read digit by digit, never through a float.
#[derive(Debug)]
pub(super) struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) if number.is_i64() || number.is_u64() => Ok(Self(number.to_string())),
            Value::Number(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                Err(serde::de::Error::custom("neither a text nor a whole number"))
            }
        }
    }
}

impl Field<Text> {
    /// Returns the text unless it is empty or blank.
    pub fn filled(self) -> Option<String> {
        self.optional()
            .map(|text| text.0)
            .filter(|text| !text.trim().is_empty())
    }

    /// Returns a name for people, cleaned, unless nothing is left of it.
    pub fn name(self) -> Option<String> {
        let name = self.filled().map(|text| scrub::name(&text));
        name.filter(|name| !name.is_empty())
    }

    /// Returns the text as it is; nothing where there is none.
    pub fn raw(self) -> String {
        self.optional().map(|text| text.0).unwrap_or_default()
    }

    /// Returns the text, which must not be blank.
    pub fn required_text(self, path: &str) -> Result<String, FieldError> {
        let text = self.required(path)?.0;
        if text.trim().is_empty() {
            Err(FieldError::Missing(path.to_owned()))
        } else {
            Ok(text)
        }
    }

    /// Returns the id, `None` where it is absent or empty. An unreadable one is an error, for it names something.
    pub fn strict_text(self, path: &str) -> Result<Option<String>, FieldError> {
        let text = self.strict(path)?.map(|text| text.0);
        Ok(text.filter(|text| !text.trim().is_empty()))
    }
}

/// A whole number, or a text of one.
#[derive(Debug)]
pub(super) struct Whole(pub i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Text(text) = Text::deserialize(deserializer)?;
        text.trim()
            .parse()
            .map(Self)
            .map_err(|_| serde::de::Error::custom("not a whole number"))
    }
}

/// An instant in seconds or milliseconds since 1970; 0 and less mean that it is not set.
#[derive(Debug)]
pub(super) struct Instant(Option<DateTime<Utc>>);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Whole(number) = Whole::deserialize(deserializer)?;
        Ok(Self(match number {
            ..=0 => None,
            1..=SECONDS_MAX => DateTime::from_timestamp(number, 0),
            _ => DateTime::from_timestamp_millis(number),
        }))
    }
}

impl Field<Instant> {
    /// Returns the instant where it is set.
    pub fn instant(self) -> Option<DateTime<Utc>> {
        self.optional().and_then(|instant| instant.0)
    }

    /// Returns the instant, which must be set.
    pub fn required_instant(self, path: &str) -> Result<DateTime<Utc>, FieldError> {
        self.required(path)?
            .0
            .ok_or_else(|| FieldError::Missing(path.to_owned()))
    }
}

/// The day or the instant of a release: seconds or milliseconds since 1970 as number or text, RFC 3339, or `yyyy-mm-dd`. Blank, 0
/// and less mean that it is not set; anything else is a release that can't be read.
#[derive(Debug)]
pub(super) struct Release(Option<DateTime<Utc>>);

impl<'de> Deserialize<'de> for Release {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if let Ok(Instant(instant)) = Instant::deserialize(&value) {
            return Ok(Self(instant));
        }
        let text = value.as_str().map(str::trim);
        if text == Some("") {
            return Ok(Self(None));
        }
        match text.and_then(|text| instant_of(text).or_else(|| day_of(text))) {
            Some(at) => Ok(Self(Some(at))),
            None => Err(serde::de::Error::custom("neither an instant nor a day")),
        }
    }
}

fn instant_of(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// TikTok names no zone: at noon UTC the day has begun everywhere west of Greenwich, too.
fn day_of(text: &str) -> Option<DateTime<Utc>> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(12, 0, 0)?.and_utc())
}

impl Field<Release> {
    /// Returns the release where it is set, and whether it can't be read.
    pub fn release(self) -> (Option<DateTime<Utc>>, bool) {
        match self {
            Self::Absent => (None, false),
            Self::Wrong => (None, true),
            Self::Is(Release(at)) => (at, false),
        }
    }
}

/// A yes or no, also as text or as 0 and 1.
#[derive(Debug)]
pub(super) struct Flag(pub bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match (value.as_bool(), value.as_str(), value.as_i64()) {
            (Some(flag), _, _) => Ok(Self(flag)),
            (_, Some("true"), _) | (_, _, Some(1)) => Ok(Self(true)),
            (_, Some("false"), _) | (_, _, Some(0)) => Ok(Self(false)),
            _ => Err(serde::de::Error::custom("neither yes nor no")),
        }
    }
}

/// A decimal amount, kept as text.
#[derive(Debug)]
pub(super) struct Amount(pub String);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
        };
        let is_decimal = text.bytes().any(|byte| byte.is_ascii_digit())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
        if is_decimal {
            Ok(Self(text))
        } else {
            Err(serde::de::Error::custom("not a decimal"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field<T: DeserializeOwned>(value: Value) -> Field<T> {
        serde_json::from_value(value).expect("a field never fails to parse")
    }

    #[test]
    fn ids_are_read_exactly_as_text_or_number() {
        for id in [json!("576900000000000101"), json!(576_900_000_000_000_101_i64)] {
            let read = field::<Text>(id).required_text("id");
            assert_eq!(read.as_deref(), Ok("576900000000000101"), "E16, R7");
        }
        assert!(
            matches!(field::<Text>(json!(5.769e17)), Field::Wrong),
            "never through a float"
        );
        assert!(matches!(
            field::<Text>(json!("")).required_text("id"),
            Err(FieldError::Missing(_))
        ));
    }

    #[test]
    fn instants_come_in_seconds_milliseconds_and_as_nothing() {
        let noon = DateTime::from_timestamp(1_767_614_400, 0);
        for same in [json!(1_767_614_400), json!("1767614400"), json!(1_767_614_400_000_i64)] {
            assert_eq!(field::<Instant>(same).instant(), noon, "E16, H9");
        }
        for none in [
            json!(0),
            json!(-1),
            json!(null),
            json!("soon"),
            json!({}),
            json!(i64::MAX),
        ] {
            assert_eq!(field::<Instant>(none.clone()).instant(), None, "H9: {none}");
        }
    }

    #[test]
    fn a_release_is_an_instant_or_a_day_and_what_else_it_is_is_not_none() {
        let release = |value| field::<Release>(value).release();
        let noon = DateTime::from_timestamp(1_772_366_400, 0);
        for same in [
            json!(1_772_366_400),
            json!("1772366400"),
            json!(1_772_366_400_000_i64),
            json!("2026-03-01T12:00:00Z"),
            json!("2026-03-01T04:00:00-08:00"),
            json!("2026-03-01"),
        ] {
            assert_eq!(release(same.clone()), (noon, false), "E14: {same}");
        }
        for none in [json!(null), json!(0), json!(-1), json!("0"), json!(""), json!(" ")] {
            assert_eq!(release(none.clone()), (None, false), "E14: {none}");
        }
        for odd in [
            json!("soon"),
            json!("03/01/2026"),
            json!("2026-02-30"),
            json!({}),
            json!(1.5),
            json!(true),
        ] {
            assert_eq!(release(odd.clone()), (None, true), "E14: {odd}");
        }
    }

    #[test]
    fn a_flag_that_cannot_be_read_is_never_a_no() {
        for (value, flag) in [
            (json!(true), true),
            (json!("false"), false),
            (json!(1), true),
            (json!(0), false),
        ] {
            assert_eq!(
                field::<Flag>(value).strict("flag").expect("a flag").map(|flag| flag.0),
                Some(flag)
            );
        }
        let odd = field::<Flag>(json!("perhaps")).strict("is_cod");
        assert_eq!(odd.err(), Some(FieldError::Wrong("is_cod".into())), "R5");
    }

    #[test]
    fn amounts_are_decimals_or_nothing() {
        assert_eq!(
            field::<Amount>(json!("26.80")).optional().map(|amount| amount.0),
            Some("26.80".into())
        );
        assert_eq!(
            field::<Amount>(json!(12)).optional().map(|amount| amount.0),
            Some("12".into())
        );
        for odd in [json!("USD 3"), json!(""), json!([1])] {
            assert!(field::<Amount>(odd).optional().is_none());
        }
    }
}
