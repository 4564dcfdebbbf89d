//! Login with Amazon: exchanges the refresh token, or the code of the consent page, for an access token of one hour.

use chrono::TimeDelta;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::super::World;
use super::super::codes::Refused;
use super::super::http::{Reply, Request};

const LIFE_SECONDS: i64 = 3600;

/// Answers `POST /auth/o2/token`.
pub(super) fn exchange(world: &mut World, request: &Request) -> Reply {
    let now = world.now();
    let account = &mut world.amazon;
    let Some(form) = read_form(request) else {
        return refused(
            400,
            "invalid_request",
            "The request is missing a required parameter or is otherwise malformed",
        );
    };
    let field = |name: &str| {
        let mut values = form.iter().filter(|(key, _)| key == name);
        values.next().map_or("", |(_, value)| value.as_str())
    };
    let is_code = field("grant_type") == "authorization_code";
    if !is_code && field("grant_type") != "refresh_token" {
        return refused(
            400,
            "unsupported_grant_type",
            "The authorization grant type is not supported",
        );
    }
    if field("client_id") != account.client_id || field("client_secret") != account.client_secret {
        return refused(401, "invalid_client", "Client authentication failed");
    }
    if is_code {
        if let Err(refusal) = account.codes.take(field("code"), &account.client_id, now) {
            return refused_code(refusal);
        }
    } else if field("refresh_token") != account.refresh_token {
        return refused(
            400,
            "invalid_grant",
            "The request has an invalid grant parameter : refresh_token",
        );
    }
    let token = account.issue_access_token(now + TimeDelta::seconds(LIFE_SECONDS));
    Reply::json(
        200,
        &json!({
            "access_token": token,
            "refresh_token": account.refresh_token,
            "token_type": "bearer",
            "expires_in": LIFE_SECONDS,
        }),
    )
    .with_effect(true)
}

fn refused_code(refusal: Refused) -> Reply {
    let (error, description) = match refusal {
        Refused::Foreign => ("unauthorized_client", "Not authorized for requested operation"),
        Refused::Expired => ("invalid_grant", "The request has an expired grant parameter : code"),
        Refused::Used => (
            "invalid_grant",
            "The request has an already used grant parameter : code",
        ),
        Refused::Unknown => ("invalid_grant", "The request has an invalid grant parameter : code"),
    };
    refused(400, error, description)
}

/// Reads a form, or the JSON object that is accepted in its place.
fn read_form(request: &Request) -> Option<Vec<(String, String)>> {
    match request.header("content-type")?.split(';').next()? {
        "application/x-www-form-urlencoded" => Some(form_urlencoded::parse(&request.body).into_owned().collect()),
        "application/json" => {
            let body = request.json()?;
            let fields = body.as_object()?.iter();
            fields
                .map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect()
        }
        _ => None,
    }
}

fn refused(status: u16, error: &str, description: &str) -> Reply {
    let body: Value = json!({ "error_description": description, "error": error });
    Reply::json(status, &body)
}
