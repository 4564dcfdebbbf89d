//! Builds whole requests: address, query, headers. Every value is percent-encoded here, a space as `%20` and never as `+`.

use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::error::{code, request_id};
use super::read;
use crate::clock::Deadline;
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::secret::Secret;
use crate::transport::{Answer, AnswerNote, Operation, Request};

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One call of the Selling Partner API before it gets its token.
pub(super) struct Call<'a> {
    pub operation: &'static Operation,
    /// Fills the placeholder of the path.
    pub id: Option<&'a FulfillmentOrderId>,
    /// Encoded, without the question mark.
    pub query: Option<String>,
    pub body: Option<&'a str>,
    pub order: Option<&'a TiktokOrderId>,
    /// When it may no longer leave.
    pub deadline: Option<Deadline>,
    /// Tells, after a wait, whether the call is still meant.
    pub is_meant: Option<&'a dyn Fn() -> bool>,
}

impl Call<'_> {
    /// Tells whether what allows the call still holds.
    pub fn is_meant(&self) -> bool {
        self.is_meant.is_none_or(|is_meant| is_meant())
    }

    pub fn new(operation: &'static Operation) -> Self {
        Self {
            operation,
            id: None,
            query: None,
            body: None,
            order: None,
            deadline: None,
            is_meant: None,
        }
    }

    /// Returns the request as it leaves at `now`.
    pub fn request(&self, api_url: &Url, token: &Secret, now: DateTime<Utc>) -> Request {
        let mut url = address(api_url, &path(self.operation.path, self.id));
        url.set_query(self.query.as_deref());
        let mut headers = vec![
            ("x-amz-access-token", token.expose().to_owned()),
            ("x-amz-date", now.format("%Y%m%dT%H%M%SZ").to_string()),
            ("user-agent", user_agent()),
            ("accept", "application/json".to_owned()),
        ];
        if self.body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        Request {
            operation: self.operation,
            url,
            headers,
            body: self.body.map(|body| body.as_bytes().to_vec()),
            order_id: self.order.map(ToString::to_string),
            note,
            brings_secrets: false,
        }
    }
}

/// Returns who calls in the form that Amazon demands: `mcf-connector/0.1.0 (Language=Rust/1.95; Platform=linux)`.
pub(super) fn user_agent() -> String {
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let (rust, platform) = (env!("CARGO_PKG_RUST_VERSION"), std::env::consts::OS);
    format!("{name}/{version} (Language=Rust/{rust}; Platform={platform})")
}

/// Encodes one value of a path or a query.
pub(super) fn encoded(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// Joins names and encoded values to a query.
pub(super) fn query(pairs: &[(&str, String)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Puts a path behind a base address, which may have a path of its own.
pub(super) fn address(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    url
}

fn path(template: &str, id: Option<&FulfillmentOrderId>) -> String {
    match id {
        Some(id) => template.replace("{sellerFulfillmentOrderId}", &encoded(id.as_str())),
        None => template.to_owned(),
    }
}

/// Reads Amazon's code and request id from an answer, for the record.
fn note(answer: &Answer) -> AnswerNote {
    // A good answer with errors inside is noted with its code, too.
    let reason = read::first_reason(answer).ok();
    AnswerNote {
        code: reason.and_then(|reason| code(&reason.code?)),
        request_id: request_id(answer),
        // What Amazon says to a create is kept with its intent.
        said: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amazon::operations::{FULFILLMENT_ORDER, INVENTORY};

    fn base(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    #[test]
    fn the_user_agent_has_the_form_that_amazon_demands() {
        let agent = user_agent();
        let (application, attributes) = agent.split_once(" (").expect("attributes");
        let (name, version) = application.split_once('/').expect("a version");
        assert!(!name.contains(['\\', '/']) && !version.contains('('), "{agent}");
        let attributes: Vec<&str> = attributes.strip_suffix(')').expect("the end").split("; ").collect();
        assert!(attributes[0].starts_with("Language=Rust/1."), "{agent}");
        assert!(attributes[1].starts_with("Platform="), "{agent}");
        assert!(agent.len() <= 500);
    }

    #[test]
    fn awkward_characters_are_encoded_and_a_space_is_never_a_plus() {
        assert_eq!(
            encoded("A B+C&D%E,F/G'H=Ü"),
            "A%20B%2BC%26D%25E%2CF%2FG%27H%3D%C3%9C",
            "E41"
        );
        assert_eq!(encoded("TTS-5769_0.1~"), "TTS-5769_0.1~");
    }

    #[test]
    fn a_base_address_may_have_a_path_and_a_slash() {
        for text in ["http://127.0.0.1:8080", "http://127.0.0.1:8080/"] {
            assert_eq!(address(&base(text), "/a/b").as_str(), "http://127.0.0.1:8080/a/b");
        }
        let url = address(&base("https://proxy.example/amazon/"), "/a%20b");
        assert_eq!(url.as_str(), "https://proxy.example/amazon/a%20b");
    }

    #[test]
    fn a_request_carries_amazons_headers_and_the_encoded_query_as_it_is() {
        let now = DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant");
        let id = FulfillmentOrderId::new("TTS-7 x");
        let call = Call {
            id: Some(&id),
            ..Call::new(&FULFILLMENT_ORDER)
        };
        let request = call.request(&base("https://api.example"), &Secret::new("Atza|1"), now);
        assert!(
            request.url.as_str().ends_with("/fulfillmentOrders/TTS-7%20x"),
            "{}",
            request.url
        );
        assert!(request.headers.contains(&("x-amz-access-token", "Atza|1".to_owned())));
        assert!(request.headers.contains(&("x-amz-date", "20260105T120000Z".to_owned())));
        assert!(!request.headers.iter().any(|(name, _)| *name == "content-type"));

        let call = Call {
            query: Some(query(&[("sellerSku", encoded("A,B C'D"))])),
            ..Call::new(&INVENTORY)
        };
        let request = call.request(&base("https://api.example"), &Secret::new(""), now);
        assert_eq!(request.url.query(), Some("sellerSku=A%2CB%20C%27D"));
    }
}
