//! `mcf notify`: endpoints on loopback, and the published example of the signature.

use crate::environment::{Place, endpoint};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const REQUEST: &str = "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek\nwebhook-timestamp: 1614265330\n\
    webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\n\n{\"test\": 2432232314}";

fn with_endpoint(port: u16) -> Place {
    let place = Place::new();
    let config = format!("[[webhooks]]\nurl = \"http://127.0.0.1:{port}/hook?token=canary\"\nsecret = \"{SECRET}\"\n");
    place.write("config.toml", &config);
    place
}

#[test]
fn a_test_event_is_taken_or_not_and_the_address_stays_private() {
    let ran = with_endpoint(endpoint("204 No Content", "")).run("notify test").ends(0);
    assert!(
        ran.stdout.contains("took the test event (204)") && !ran.stdout.contains("canary"),
        "{ran:?}"
    );
    let ran = with_endpoint(endpoint("500 Oops", ""))
        .run("notify test --json")
        .ends(3);
    let row = &ran.json()["endpoints"][0];
    assert_eq!(
        (&row["taken"], &row["status"]),
        (&false.into(), &serde_json::Value::Null)
    );
    assert_eq!(ran.json()["error"]["exitCode"], 3);
    assert!(!ran.stdout.contains("canary"));
}

#[test]
fn a_proxy_of_the_environment_is_not_called() {
    let mut place = with_endpoint(endpoint("204 No Content", ""));
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ] {
        place.set(name, "http://127.0.0.1:9");
    }
    place.run("notify test").ends(0).says("took the test event (204)");
}

#[test]
fn a_dry_test_names_the_endpoints_and_sends_nothing() {
    let place = with_endpoint(9);
    let ran = place
        .run("notify test --dry-run")
        .ends(0)
        .says("would send a test event to 127.0.0.1:9");
    assert!(!ran.stdout.contains("canary"), "{ran:?}");
    let document = place.run("notify test --dry-run --json").ends(0).json();
    assert_eq!(
        (&document["dryRun"], document["endpoints"].as_array().map(Vec::len)),
        (&true.into(), Some(1))
    );
    place.run("notify test --dry-run example.com").ends(2);
}

#[test]
fn without_an_endpoint_the_command_says_what_to_configure() {
    Place::new().run("notify test").ends(3).says("[[webhooks]]");
    with_endpoint(9)
        .run("notify test example.com")
        .ends(2)
        .says("127.0.0.1");
    Place::new().run("notify flush").ends(0).says("nothing to deliver");
    with_endpoint(9).run("notify flush").ends(0).says("nothing is queued");
}

#[test]
fn a_saved_request_is_verified_with_a_secret_from_a_file_or_from_the_configuration() {
    let place = with_endpoint(9);
    place.write("request.txt", REQUEST);
    place.write("secret.txt", &format!("{SECRET}\n"));
    place.run("notify verify request.txt --any-age").ends(0).says("valid");
    place
        .run("notify verify request.txt --secret-file secret.txt --any-age")
        .ends(0);
    place.run("notify verify request.txt").ends(3).says("--any-age");
    place.write("request.txt", &REQUEST.replace("2432232314", "2432232315"));
    let document = place.run("notify verify request.txt --any-age --json").ends(3).json();
    assert_eq!(
        (&document["valid"], &document["error"]["exitCode"]),
        (&false.into(), &3.into())
    );
}

#[test]
fn a_request_or_a_secret_that_is_not_there_is_told() {
    let place = Place::new();
    place
        .run("notify verify missing.txt")
        .ends(6)
        .says("missing.txt")
        .says("ls -l");
    place.write("request.txt", REQUEST);
    place.run("notify verify request.txt").ends(2).says("--secret-file");
    place.write("request.txt", "{}");
    place.write("secret.txt", SECRET);
    place
        .run("notify verify request.txt --secret-file secret.txt")
        .ends(3)
        .says("webhook-id");
}
