//! What TikTok repeats of a secret in any place of its answers. None of these has a secret's look: they must be known. The first is too
//! short to be taken out of a whole answer, so each place must take it out for itself.

use std::sync::Arc;

use mcf_connector::domain::ids::{LineItemId, ShippingProviderId};
use mcf_connector::secret::Secret;
use mcf_connector::tiktok::{Error, Settings, Tiktok, refresh_tokens};

use super::server::Server;
use super::{WatchedClient, order, watched};

const SECRET: &str = "apple-15";
const CIPHER: &str = "cherry-tree-16";
const TOKEN: &str = "open-sesame-17";

fn client(watched: &WatchedClient) -> Tiktok {
    let settings = Settings {
        app_secret: Secret::new(SECRET),
        ..watched.settings.clone()
    };
    let tokens = |_: Option<&Secret>| Ok::<_, Error>(Secret::new(TOKEN));
    Tiktok::new(settings, Arc::clone(&watched.sender), Arc::new(tokens)).with_shop(Secret::new(CIPHER))
}

/// All that may be kept or shown of a refusal, what is sealed with its order included.
fn all_of(error: &Error, watched: &WatchedClient) -> String {
    let records = watched.records.lock().expect("the records");
    let said = error.said().map(|said| said.expose().clone());
    format!("{error} {error:?} {said:?} {records:?}")
}

/// Answers that repeat a secret in the sentence, as the id of the request, and in the sentence of a refusal inside a success.
fn refusals(secret: &str) -> [String; 3] {
    [
        format!(r#"{{"code":36009999,"message":"{secret} is odd","request_id":"2026A"}}"#),
        format!(r#"{{"code":36009999,"message":"it is odd","request_id":"{secret}"}}"#),
        format!(r#"{{"code":0,"data":{{"errors":[{{"code":36009999,"message":"{secret} is odd"}}]}}}}"#),
    ]
}

#[test]
fn what_tiktok_repeats_of_a_secret_is_taken_out_wherever_it_stands_e119() {
    for secret in [SECRET, CIPHER, TOKEN] {
        for body in refusals(secret) {
            let server = Server::start(&[(200, &body)]);
            let watched = watched(&server);
            let error = client(&watched).warehouses().expect_err("refused");
            let told = all_of(&error, &watched);
            assert!(!told.contains(secret), "E119: {told}");
        }
    }
}

#[test]
fn a_warning_that_repeats_a_secret_is_kept_without_it_e119() {
    for secret in [SECRET, CIPHER, TOKEN] {
        let body = format!(r#"{{"code":0,"data":{{"package_id":"1","warning":{{"message":"{secret} is odd"}}}}}}"#);
        let server = Server::start(&[(200, &body)]);
        let (provider, units) = (ShippingProviderId::new("1"), [LineItemId::new("1")]);
        let marked = client(&watched(&server)).mark_package_shipped(&order(), "1Z", &provider, &units);
        let warning = marked.expect("marked all the same").warning.expect("a warning");
        assert!(!warning.expose().contains(secret), "E119");
    }
}

#[test]
fn what_the_token_host_repeats_of_a_secret_is_taken_out_e119() {
    for secret in [SECRET, TOKEN] {
        for body in &refusals(secret)[..2] {
            let server = Server::start(&[(200, body)]);
            let watched = watched(&server);
            let settings = Settings {
                app_secret: Secret::new(SECRET),
                ..watched.settings.clone()
            };
            let error = refresh_tokens(&watched.sender, &settings, &Secret::new(TOKEN)).expect_err("refused");
            let told = all_of(&error, &watched);
            assert!(!told.contains(secret), "E119: {told}");
        }
    }
}
