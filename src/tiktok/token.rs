//! The two calls of the token host. They are not signed, and app secret and tokens stand in their URLs: neither URL nor
//! query ever appears in an error or a record (`docs/vendors.md`).

use super::answer::{self, Accepted};
use super::client::{address, exchange};
use super::codes::Class;
use super::error::Error;
use super::types::TokensWire;
use super::{Settings, convert, operations};
use crate::domain::shop::TokenPair;
use crate::secret::Secret;
use crate::transport::{Operation, Request, Sender};

/// Fetches the next token pair. Store both at once before using either; whether the old refresh token stays valid is not
/// documented.
///
/// # Errors
/// [`Class::ConsentNeeded`] when the refresh token is not accepted: the seller must authorize the app again.
pub fn refresh_tokens(sender: &Sender, settings: &Settings, refresh_token: &Secret) -> Result<TokenPair, Error> {
    let grant = [
        ("refresh_token", refresh_token.expose()),
        ("grant_type", "refresh_token"),
    ];
    fetch(sender, settings, &operations::REFRESH_TOKENS, &grant)
}

/// Fetches the first token pair for the code of the consent page, which works once and for 30 minutes.
///
/// # Errors
/// [`Class::ConsentNeeded`] when the code is not accepted.
pub fn exchange_code(sender: &Sender, settings: &Settings, auth_code: &Secret) -> Result<TokenPair, Error> {
    let grant = [("auth_code", auth_code.expose()), ("grant_type", "authorized_code")];
    fetch(sender, settings, &operations::GET_TOKENS, &grant)
}

fn fetch(
    sender: &Sender,
    settings: &Settings,
    operation: &'static Operation,
    grant: &[(&str, &str)],
) -> Result<TokenPair, Error> {
    let mut query = vec![
        ("app_key", settings.app_key.as_str()),
        ("app_secret", settings.app_secret.expose()),
    ];
    query.extend_from_slice(grant);
    let request = Request {
        operation,
        url: address(&settings.auth_url, operation.path, &query),
        headers: Vec::new(),
        body: None,
        order_id: None,
        note: answer::note,
        brings_secrets: true,
    };
    sender.scrubber().know(&settings.app_secret);
    if let Some((_, secret)) = grant.first() {
        sender.scrubber().know(&Secret::new(*secret));
    }
    sender
        .repeat(operation, Error::failure, || exchange(sender, &request))
        .map_err(as_consent)
        .and_then(read)
}

/// A refusal of the token host that is neither trouble nor the app's fault means that the grant is not good.
fn as_consent(error: Error) -> Error {
    match (error.class(), error.code()) {
        (Class::Other | Class::Input | Class::TokenExpired | Class::TokenRefused | Class::NotFound, Some(_)) => {
            error.with_class(Class::ConsentNeeded)
        }
        _ => error,
    }
}

fn read(mut accepted: Accepted) -> Result<TokenPair, Error> {
    let tokens: TokensWire = accepted.required()?;
    convert::tokens(tokens).map_err(|error| accepted.field(&error))
}
