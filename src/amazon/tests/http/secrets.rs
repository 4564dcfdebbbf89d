//! What Amazon repeats of a secret in any place of its answers. None of these has a secret's look: they must be known. The first is too
//! short to be taken out of a whole answer, so each place must take it out for itself.

use super::*;

const SECRET: &str = "appletree15";
const TOKEN: &str = "opensesame17";

/// Amazon's answers that repeat a secret as the code, in the sentence, as the name of a parameter, and as the id of the request.
fn refusals(secret: &str) -> [Played; 4] {
    let heads: [&'static str; 2] = [
        "x-amzn-requestid: opensesame17\r\n",
        "x-amzn-requestid: appletree15\r\n",
    ];
    let head = heads.into_iter().find(|head| head.contains(secret));
    [
        (400, "", refusal(secret, "it is odd", "")),
        (400, "", refusal("InvalidInput", &format!("{secret} is odd"), "")),
        (
            400,
            "",
            refusal(
                "InvalidInput",
                &format!("Value 1 for parameter {secret} is invalid."),
                "",
            ),
        ),
        (400, head.expect("a header"), refusal("InvalidInput", "it is odd", "")),
    ]
}

/// All that may be kept or shown of a refusal, what is sealed with its order included.
fn all_of(error: &Error, stage: &Stage) -> String {
    let said = error.message().map(|said| said.expose().clone());
    let records = stage.records.lock().expect("a lock");
    format!("{error} {error:?} {said:?} {records:?}")
}

#[test]
fn what_amazon_repeats_of_a_secret_is_taken_out_wherever_it_stands_e119() {
    for (token, answer) in [SECRET, TOKEN]
        .into_iter()
        .flat_map(|token| refusals(token).map(|answer| (token, answer)))
    {
        let mut stage = Stage::playing(vec![answer]);
        let settings = Settings {
            api_url: stage.server.url.clone(),
            marketplace_id: "ATVPDKIKX0DER".to_owned(),
        };
        let tokens = Box::new(move |_: Option<&Secret>| Ok(Secret::new(token)));
        stage.amazon = Amazon::new(settings, Arc::clone(&stage.sender), tokens);
        let error = stage.create(None, "{}").expect_err("refused");
        let told = all_of(&error, &stage);
        assert!(!told.contains(token), "E119: {told}");
    }
}

#[test]
fn what_amazons_token_host_repeats_of_a_secret_is_taken_out_e119() {
    let plain = Credentials {
        client_secret: Secret::new(SECRET),
        refresh_token: Secret::new(TOKEN),
        ..credentials()
    };
    for secret in [SECRET, TOKEN] {
        for body in [
            format!(r#"{{"error":"invalid_grant","error_description":"{secret} is odd"}}"#),
            format!(r#"{{"error":"{secret}"}}"#),
        ] {
            let stage = Stage::playing(vec![(400, "", body)]);
            let error = exchange_refresh_token(&stage.sender, &stage.server.url, &plain).expect_err("refused");
            let told = all_of(&error, &stage);
            assert!(!told.contains(secret), "E119: {told}");
        }
    }
}
