//! The checks that every call of the Selling Partner API passes: access token, user agent, content type, rate.

use super::super::http::Request;
use super::super::{Operation, World};
use super::{Account, Refusal, quota_exceeded};

const USER_AGENT_LENGTH_MAX: usize = 500;

/// Lets a request pass or refuses it.
pub(super) fn admit(world: &mut World, operation: Operation, request: &Request) -> Result<(), Refusal> {
    let now = world.now();
    check_token(&world.amazon, request, now.timestamp())?;
    check_user_agent(request)?;
    check_content_type(request)?;
    if !world.amazon.has_fulfillment_role && operation != Operation::GetMarketplaceParticipations {
        return Err(Refusal::unauthorized(""));
    }
    if world.rates.admit(operation, now) {
        Ok(())
    } else {
        Err(quota_exceeded())
    }
}

fn check_token(account: &Account, request: &Request, now: i64) -> Result<(), Refusal> {
    let Some(token) = request.header("x-amz-access-token").filter(|token| !token.is_empty()) else {
        return Err(Refusal::unauthorized("Access token is missing in the request header."));
    };
    match account.access_tokens.get(token) {
        None => Err(Refusal::unauthorized(
            "The access token you provided is revoked, malformed or invalid.",
        )),
        Some(expires_at) if expires_at.timestamp() <= now => {
            Err(Refusal::unauthorized("The access token you provided has expired."))
        }
        Some(_) => Ok(()),
    }
}

/// The developer guide demands `App/Version (Language=…)`; how a missing one is refused is not written anywhere.
fn check_user_agent(request: &Request) -> Result<(), Refusal> {
    let agent = request.header("user-agent").unwrap_or_default();
    let named = agent
        .split_once('/')
        .is_some_and(|(app, rest)| !app.is_empty() && rest.contains(" ("));
    if agent.len() <= USER_AGENT_LENGTH_MAX && named && agent.contains("Language=") && agent.ends_with(')') {
        Ok(())
    } else {
        Err(Refusal::input("The user-agent header is missing or malformed."))
    }
}

fn check_content_type(request: &Request) -> Result<(), Refusal> {
    let content_type = request.header("content-type").unwrap_or_default();
    if request.body.is_empty() || content_type.split(';').next() == Some("application/json") {
        Ok(())
    } else {
        Err(Refusal::new(
            415,
            "UnsupportedMediaType",
            "The entity of the request is in a format not supported.",
        ))
    }
}
