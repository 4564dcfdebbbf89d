//! Login with Amazon: the code of a consent against a refresh token, and that against an access token of an hour.

use chrono::{DateTime, TimeDelta, Utc};
use url::{Url, form_urlencoded};

use super::client::{answered, finished};
use super::error::{Error, code, request_id};
use super::meaning::{Flaw, Kind, classify};
use super::operations::{CODE_EXCHANGE, TOKEN_EXCHANGE};
use super::read::{json, meaning_of_status};
use super::request::{address, user_agent};
use super::types::{TokenAnswer, VendorError};
use crate::secret::Secret;
use crate::transport::{Answer, AnswerNote, Operation, Request, Sender};

/// What Login with Amazon knows the application and the seller by.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// `amzn1.application-oa2-client.…`, not the id of the solution (`amzn1.sp.solution.…`).
    pub client_id: String,
    /// The application's secret; Amazon wants a new one every 180 days.
    pub client_secret: Secret,
    /// The seller's consent, `Atzr|…`.
    pub refresh_token: Secret,
}

/// An access token and its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// `Atza|…`.
    pub token: Secret,
    /// When Amazon stops to take it.
    pub expires_at: DateTime<Utc>,
}

/// What the code of a consent is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The first access token.
    pub access: AccessToken,
    /// The seller's consent, `Atzr|…`.
    pub refresh_token: Secret,
}

/// The longest life of a token that is believed.
const LIFE_SECONDS_MAX: i64 = 24 * 60 * 60;

/// Exchanges the refresh token for an access token.
///
/// # Errors
/// When the token host can't be reached, refuses the credentials, or answers with what can't be relied on.
pub fn exchange_refresh_token(
    sender: &Sender,
    auth_url: &Url,
    credentials: &Credentials,
) -> Result<AccessToken, Error> {
    let grant = Grant {
        operation: &TOKEN_EXCHANGE,
        kind: "refresh_token",
        field: "refresh_token",
        secret: &credentials.refresh_token,
    };
    let (id, secret) = (&credentials.client_id, &credentials.client_secret);
    exchange(
        sender,
        &request(auth_url, (id, secret), &grant),
        &grant,
        secret,
        access_token,
    )
}

/// Exchanges the code of the consent page for the seller's refresh token, with a first access token.
///
/// # Errors
/// As for [`exchange_refresh_token`]; after an unclear end the code may be used up.
pub fn exchange_code(
    sender: &Sender,
    auth_url: &Url,
    client_id: &str,
    client_secret: &Secret,
    code: &Secret,
) -> Result<Granted, Error> {
    let grant = Grant {
        operation: &CODE_EXCHANGE,
        kind: "authorization_code",
        field: "code",
        secret: code,
    };
    let request = request(auth_url, (client_id, client_secret), &grant);
    let granted = exchange(sender, &request, &grant, client_secret, |answer, now| {
        let access = access_token(answer, now)?;
        let body: TokenAnswer = json(&answer.body).map_err(|flaw| Error::unreadable(&CODE_EXCHANGE, answer, flaw))?;
        let missing = || Error::unreadable(&CODE_EXCHANGE, answer, Flaw::Missing("refresh_token"));
        let refresh_token = body
            .refresh_token
            .filter(|token| !token.is_empty())
            .ok_or_else(missing)?;
        Ok(Granted {
            access,
            refresh_token: Secret::new(refresh_token),
        })
    })?;
    sender.scrubber().know(&granted.refresh_token);
    Ok(granted)
}

/// What is given for an access token.
struct Grant<'a> {
    operation: &'static Operation,
    kind: &'static str,
    field: &'static str,
    secret: &'a Secret,
}

fn exchange<T>(
    sender: &Sender,
    request: &Request,
    grant: &Grant<'_>,
    client_secret: &Secret,
    read: impl Fn(&Answer, DateTime<Utc>) -> Result<T, Error>,
) -> Result<T, Error> {
    sender.scrubber().know(client_secret);
    sender.scrubber().know(grant.secret);
    sender.repeat(grant.operation, Error::failure, || {
        let now = sender.clock().now();
        let answer = answered(grant.operation, sender.send(request))?;
        read(&answer, now).map_err(|error| finished(error, &answer, now).scrubbed(sender.scrubber()))
    })
}

/// Reads the answer of the token host, which came to a request of `now`.
///
/// # Errors
/// When it refuses or can't be relied on.
pub fn access_token(answer: &Answer, now: DateTime<Utc>) -> Result<AccessToken, Error> {
    if !(200..300).contains(&answer.status) {
        return Err(refusal(answer));
    }
    let flawed = |flaw| Error::unreadable(&TOKEN_EXCHANGE, answer, flaw);
    let body: TokenAnswer = json(&answer.body).map_err(flawed)?;
    let token = body.access_token.filter(|token| !token.is_empty());
    let seconds = body.expires_in.ok_or(flawed(Flaw::Missing("expires_in")))?;
    Ok(AccessToken {
        token: Secret::new(token.ok_or(flawed(Flaw::Missing("access_token")))?),
        expires_at: now + TimeDelta::seconds(seconds.clamp(0, LIFE_SECONDS_MAX)),
    })
}

fn request(auth_url: &Url, (client_id, client_secret): (&str, &Secret), grant: &Grant<'_>) -> Request {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", grant.kind)
        .append_pair(grant.field, grant.secret.expose())
        .append_pair("client_id", client_id)
        .append_pair("client_secret", client_secret.expose())
        .finish();
    let form = "application/x-www-form-urlencoded;charset=UTF-8";
    Request {
        operation: grant.operation,
        url: address(auth_url, grant.operation.path),
        headers: vec![("content-type", form.to_owned()), ("user-agent", user_agent())],
        body: Some(body.into_bytes()),
        order_id: None,
        note,
        brings_secrets: true,
    }
}

/// Returns the error that a refusal of the token host is. Its words are other ones than those of the API.
fn refusal(answer: &Answer) -> Error {
    let body = json::<TokenAnswer>(&answer.body);
    let refused = |kind, words: &VendorError| Error::refused(&TOKEN_EXCHANGE, answer, kind, words);
    match body {
        Ok(TokenAnswer {
            error: Some(code),
            error_description,
            ..
        }) => {
            let words = VendorError {
                code: Some(code),
                message: error_description,
                details: None,
            };
            refused(
                meaning(answer.status, words.code.as_deref().unwrap_or_default()),
                &words,
            )
        }
        // A host of the Selling Partner API says so in its own words: the base address is wrong.
        Ok(TokenAnswer {
            errors: Some(errors), ..
        }) if !errors.is_empty() => {
            let kind = classify(answer.status, &errors[0]).unwrap_or(Kind::Unreadable(Flaw::Redirect));
            refused(kind, &errors[0])
        }
        Ok(_) => refused(silent(answer.status, Flaw::NoErrors), &VendorError::default()),
        Err(flaw) => refused(silent(answer.status, flaw), &VendorError::default()),
    }
}

fn meaning(status: u16, code: &str) -> Kind {
    match (status, code) {
        (500..=599, _) | (_, "server_error" | "temporarily_unavailable") => Kind::Unavailable,
        (429, _) => Kind::Throttled,
        (_, "invalid_client") => Kind::ClientRefused,
        (_, "invalid_grant") => Kind::RefreshTokenRefused,
        (_, "unauthorized_client") => Kind::OtherApplication,
        _ => Kind::ExchangeRefused,
    }
}

/// Says what a refusal without a reason means. There is no access token here that could be at fault.
fn silent(status: u16, flaw: Flaw) -> Kind {
    let kind = meaning_of_status(status, flaw);
    if matches!(kind, Kind::Unavailable | Kind::Throttled | Kind::Unreadable(_)) {
        kind
    } else if status == 401 {
        Kind::ClientRefused
    } else {
        Kind::Unreadable(flaw)
    }
}

fn note(answer: &Answer) -> AnswerNote {
    let said: TokenAnswer = json(&answer.body).unwrap_or_default();
    AnswerNote {
        code: said.error.as_deref().and_then(code),
        request_id: request_id(answer).or(said.request_id),
        said: None,
    }
}
