//! Reads TikTok's envelope `{code, message, request_id, data}`. The body is judged before the HTTP status, because TikTok
//! refuses with status 200 as well as with 4xx (`docs/vendors.md`).

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::codes::{Class, by_status, classify};
use super::error::{Error, Refusal};
use super::field::{Field, FieldError, Text, Whole};
use super::repair;
use super::types::InnerErrorWire;
use crate::secret::Private;
use crate::transport::{Answer, AnswerNote, Operation, Scrubber, retry};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    code: Field<Whole>,
    message: Field<Text>,
    request_id: Field<Text>,
    data: Field<Value>,
}

/// An answer with code 0.
pub(super) struct Accepted {
    pub operation: &'static Operation,
    pub scrubber: Scrubber,
    status: u16,
    request_id: Option<String>,
    data: Option<Value>,
}

/// Parses a body. One text with broken letters must not cost the whole page: the letters are replaced, and the replacement
/// shows. What is no envelope at all becomes one without a code.
fn parse(body: &[u8]) -> Envelope {
    serde_json::from_slice(body)
        .or_else(|_| serde_json::from_str(&repair::broken_letters(body)))
        .unwrap_or_default()
}

/// Reads the code, the request id and the sentence of a refusal for the record of the call; the sender cleans them.
pub(super) fn note(answer: &Answer) -> AnswerNote {
    let envelope: Envelope = parse(&answer.body);
    let code = envelope.code.optional().map(|code| code.0);
    let said = match code {
        Some(0) => inner_refusal(&envelope.data.optional().unwrap_or_default()),
        code => code.zip(envelope.message.filled()),
    };
    AnswerNote {
        code: code.map(|code| code.to_string()),
        request_id: Some(envelope.request_id.raw()),
        said: said
            .filter(|(code, said)| is_about_the_call(classify(*code, said, answer.status)))
            .map(|(_, said)| Private::new(said)),
    }
}

/// Returns code and sentence of the first error inside an accepted answer.
fn inner_refusal(data: &Value) -> Option<(i64, String)> {
    let first: InnerErrorWire = serde_json::from_value(data.get("errors")?.get(0)?.clone()).ok()?;
    let code = first.code.optional().map_or(-1, |code| code.0);
    Some((code, first.message.filled()?))
}

/// Tells whether a refusal says something about what was asked, and not about the moment or the token.
fn is_about_the_call(class: Class) -> bool {
    !(class.is_credentials() || class.is_outcome_unknown() || matches!(class, Class::Throttled | Class::ClockSkew))
}

/// Reads an answer.
///
/// # Errors
/// When its code is not 0, its status is not 2xx, or it is not TikTok's JSON.
pub(super) fn read(
    operation: &'static Operation,
    answer: &Answer,
    now: DateTime<Utc>,
    scrubber: &Scrubber,
) -> Result<Accepted, Error> {
    let status = answer.status;
    let retry_after = answer
        .header("retry-after")
        .and_then(|header| retry::retry_after(header, now));
    let envelope: Envelope = parse(&answer.body);
    let Some(Whole(code)) = envelope.code.optional() else {
        let class = by_status(status).unwrap_or(Class::Unreadable);
        return Err(Error::bare(operation, class, status, retry_after));
    };
    let request_id = scrubber.request_id(&envelope.request_id.raw());
    if code != 0 {
        let said = scrubber.sentence(&envelope.message.raw());
        return Err(Error::refused(
            operation,
            Refusal {
                class: classify(code, &said, status),
                status,
                code,
                request_id,
                said,
                retry_after,
            },
        ));
    }
    let accepted = Accepted {
        operation,
        scrubber: scrubber.clone(),
        status,
        request_id,
        data: envelope.data.optional(),
    };
    if (200..300).contains(&status) {
        Ok(accepted)
    } else {
        Err(accepted.unreadable("code 0 with a status that is no success"))
    }
}

impl Accepted {
    /// Refuses an answer that carries `data.errors[]` in spite of its code 0.
    pub fn without_errors(mut self) -> Result<Self, Error> {
        let Some(first) = self.errors()?.into_iter().next() else {
            return Ok(self);
        };
        let code = first.code.optional().map_or(-1, |code| code.0);
        let said = self.scrubber.sentence(&first.message.raw());
        Err(Error::refused(
            self.operation,
            Refusal {
                class: classify(code, &said, self.status),
                status: self.status,
                code,
                request_id: self.request_id,
                said,
                retry_after: None,
            },
        ))
    }

    /// Takes `data.errors[]`; an entry that can't be read is kept as an empty one, for it is a refusal all the same.
    pub fn errors(&mut self) -> Result<Vec<InnerErrorWire>, Error> {
        match self.take("errors") {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(errors)) => Ok(errors
                .into_iter()
                .map(|error| serde_json::from_value(error).unwrap_or_default())
                .collect()),
            Some(_) => Err(self.unreadable("errors is not readable")),
        }
    }

    /// Takes a list of `data` that must be there. Each entry is read by itself.
    pub fn list(&mut self, key: &str) -> Result<Vec<Value>, Error> {
        match self.take(key) {
            Some(Value::Array(entries)) => Ok(entries),
            Some(_) => Err(self.unreadable(format!("{key} is not readable"))),
            None => Err(self.unreadable(format!("{key} is missing"))),
        }
    }

    /// Takes the list of a page. TikTok leaves an empty list out, or the whole of `data`. Such an answer is an empty page, and no
    /// proof that there is nothing: see [`Accepted::is_silent`].
    pub fn page(&mut self, key: &str) -> Result<Vec<Value>, Error> {
        match (&self.data, self.get(key)) {
            (None | Some(Value::Object(_)), None | Some(Value::Null)) => Ok(Vec::new()),
            _ => self.list(key),
        }
    }

    /// Tells whether the answer neither has the list, nor says that there is none, nor leads on to another page. An answer whose
    /// contents were lost on the way looks the same.
    pub fn is_silent(&self, key: &str) -> bool {
        let has_none = matches!(
            self.get("total_count"),
            Some(count) if count.as_i64() == Some(0) || count.as_str() == Some("0")
        );
        let is_listed = matches!(self.get(key), Some(list) if !list.is_null());
        let leads_on = matches!(self.get("next_page_token"), Some(Value::String(token)) if !token.is_empty());
        !(has_none || is_listed || leads_on)
    }

    /// Returns the token of the next page. Empty or absent means that there is none.
    pub fn next_page(&mut self) -> Result<Option<String>, Error> {
        match self.take("next_page_token") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(token)) => Ok(Some(token).filter(|token| !token.is_empty())),
            Some(_) => Err(self.unreadable("next_page_token is not readable")),
        }
    }

    /// Reads `data` as a whole, where it must be there.
    pub fn required<T: DeserializeOwned>(&mut self) -> Result<T, Error> {
        let data = self.data.take().ok_or_else(|| self.unreadable("data is missing"))?;
        serde_json::from_value(data).map_err(|_| self.unreadable("data is not readable"))
    }

    /// Reads `data` of a write, whose code 0 says enough.
    pub fn optional<T: DeserializeOwned + Default>(&mut self) -> T {
        let data = self.data.take();
        data.and_then(|data| serde_json::from_value(data).ok())
            .unwrap_or_default()
    }

    /// Turns a missing field into an error of this call.
    pub fn field(&self, error: &FieldError) -> Error {
        self.unreadable(error.to_string())
    }

    fn unreadable(&self, why: impl Into<String>) -> Error {
        Error::unreadable(self.operation, self.status, why).with_request_id(self.request_id.clone())
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.data.as_ref()?.get(key)
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        self.data.as_mut()?.get_mut(key).map(Value::take)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiktok::operations;
    use crate::transport::Failure;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            headers: vec![("retry-after".into(), "5".into())],
            body: body.as_bytes().to_vec(),
        }
    }

    fn read_it(status: u16, body: &str) -> Result<Accepted, Error> {
        let now = DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant");
        read(
            &operations::SEARCH_ORDERS,
            &answer(status, body),
            now,
            &Scrubber::default(),
        )
    }

    fn class(status: u16, body: &str) -> Class {
        read_it(status, body).err().expect("an error").class()
    }

    #[test]
    fn the_code_decides_before_the_http_status() {
        assert_eq!(class(200, r#"{"code":105002,"data":null}"#), Class::TokenExpired, "R3");
        assert_eq!(
            class(401, r#"{"code":"106001","message":"sign"}"#),
            Class::SignatureRefused
        );
        assert_eq!(class(500, r#"{"code":0,"data":{}}"#), Class::Unreadable);
        assert_eq!(class(302, r#"{"code":0,"data":{}}"#), Class::Unreadable, "R25");
    }

    #[test]
    fn an_answer_that_is_not_tiktoks_json_is_unclear_and_never_a_success() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for body in [
            "<html>",
            "",
            "{}",
            "[]",
            r#"{"code":0"#,
            r#"{"code":null,"data":{}}"#,
            deep.as_str(),
        ] {
            assert_eq!(class(200, body), Class::Unreadable, "R1, R2, R6: {body:.20}");
        }
        assert_eq!(class(503, "<html>"), Class::Transient);
        assert_eq!(class(401, ""), Class::TokenRefused);
        let throttled = read_it(429, "busy").err().expect("an error");
        let five_seconds = std::time::Duration::from_secs(5);
        assert_eq!(throttled.failure(), Failure::Throttled(Some(five_seconds)), "R13");
    }

    #[test]
    fn a_page_without_a_list_is_empty_and_silent_unless_it_says_that_there_is_none() {
        for (data, is_silent) in [
            ("null", true),
            ("{}", true),
            (r#"{"orders":null}"#, true),
            (r#"{"total_count":7,"next_page_token":""}"#, true),
            (r#"{"total_count":0}"#, false),
            (r#"{"total_count":"0"}"#, false),
            (r#"{"next_page_token":"B","total_count":1}"#, false),
            (r#"{"orders":[]}"#, false),
        ] {
            let body = format!(r#"{{"code":0,"data":{data}}}"#);
            let mut page = read_it(200, &body).expect("accepted");
            assert_eq!(page.is_silent("orders"), is_silent, "E07: {data}");
            assert_eq!(page.page("orders").expect("a page").len(), 0, "E07: {data}");
        }
    }

    #[test]
    fn a_list_of_another_kind_is_not_an_empty_one() {
        for data in [r#"{"orders":{}}"#, r#"{"orders":"none"}"#, "[]", r#""none""#] {
            let body = format!(r#"{{"code":0,"data":{data}}}"#);
            assert!(
                read_it(200, &body).expect("accepted").page("orders").is_err(),
                "R5: {data}"
            );
        }
        let mut other = read_it(200, r#"{"code":0,"data":{}}"#).expect("accepted");
        assert!(other.list("warehouses").is_err(), "what must be there must be there");
    }

    #[test]
    fn errors_inside_code_zero_are_errors() {
        let body = r#"{"code":0,"data":{"errors":[{"code":21011044,"message":"on hold"}]}}"#;
        let error = read_it(200, body)
            .and_then(Accepted::without_errors)
            .err()
            .expect("an error");
        assert_eq!((error.class(), error.code()), (Class::OnHold, Some(21_011_044)), "E66");
        let odd = read_it(200, r#"{"code":0,"data":{"errors":["?"]}}"#).and_then(Accepted::without_errors);
        assert_eq!(odd.err().expect("an error").class(), Class::Other);
    }
}
