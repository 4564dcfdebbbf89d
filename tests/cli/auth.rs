//! `mcf auth`: the first tokens without curl, against the sandbox's consent pages and token hosts.

use chrono::TimeDelta;
use mcf_connector::clock::Clock;
use mcf_connector::sandbox::{Disturbance, Fault, Operation, Sandbox, scenario};
use serde_json::json;

use crate::environment::{Place, Ran};
use crate::unhurried::unhurried;

/// A place whose configuration names both apps, and neither a shop nor a token.
pub struct Shop {
    pub place: Place,
    pub sandbox: Sandbox,
}

impl Shop {
    pub fn new() -> Self {
        let place = Place::bare();
        let mut world = scenario::shop(Clock::starting_at(place.now()));
        unhurried(&mut world);
        let sandbox = Sandbox::start(world).expect("free ports");
        let shop = Self { place, sandbox };
        shop.configure("", "");
        shop
    }

    /// Writes the configuration, with more lines for each vendor.
    fn configure(&self, tiktok: &str, amazon: &str) {
        let (tiktok_url, amazon_url) = (self.sandbox.tiktok_url(), self.sandbox.amazon_url());
        let world = self.sandbox.world();
        let text = format!(
            "[tiktok]\napp_key = {:?}\napp_secret = {:?}\napi_url = {tiktok_url:?}\nauth_url = {tiktok_url:?}\n{tiktok}\n\
             [amazon]\nclient_id = {:?}\nclient_secret = {:?}\napi_url = {amazon_url:?}\nauth_url = {amazon_url:?}\n{amazon}\n\
             [store]\npath = \"mcf.db\"\n[retry]\nbackoff_ms = 1\n",
            world.tiktok.app_key, world.tiktok.app_secret, world.amazon.client_id, world.amazon.client_secret,
        );
        self.place.write("config.toml", &text);
    }

    /// The shop's owner agrees at TikTok; returns the code.
    fn code(&self) -> String {
        let mut world = self.sandbox.world();
        let (now, app) = (world.now(), world.tiktok.app_key.clone());
        world.tiktok.codes.issue(&app, now)
    }

    fn auth(&self, vendor: &str, input: &str) -> Ran {
        let ran = self.place.feed(&format!("auth {vendor}"), input);
        for secret in self.secrets() {
            assert!(!format!("{ran:?}").contains(&secret), "I10: {secret}: {ran:?}");
        }
        ran
    }

    fn secrets(&self) -> Vec<String> {
        let world = self.sandbox.world();
        let (tiktok, amazon) = (&world.tiktok, &world.amazon);
        let access = amazon.access_tokens.keys().cloned();
        let own = [
            tiktok.app_secret.clone(),
            tiktok.cipher.clone(),
            tiktok.tokens.access.clone(),
            tiktok.tokens.refresh.clone(),
            amazon.client_secret.clone(),
            amazon.refresh_token.clone(),
        ];
        access.chain(own).collect()
    }

    /// The `state` of the link that the command prints.
    fn state(&self, vendor: &str) -> String {
        let document = self
            .place
            .run(&format!("auth {vendor} --dry-run --json"))
            .ends(0)
            .json();
        let link: url::Url = document["link"].as_str().expect("a link").parse().expect("an address");
        let state = link.query_pairs().find(|(key, _)| key == "state");
        state.expect("a state").1.into_owned()
    }

    fn exchanges(&self) -> usize {
        self.sandbox.log().entries().len()
    }
}

#[test]
fn a_code_gives_sealed_tokens_and_names_the_shop_and_its_line() {
    let shop = Shop::new();
    let code = shop.code();
    let ran = shop.auth("tiktok", &format!("{code}\n")).ends(0);
    assert!(!format!("{ran:?}").contains(&code), "I10: {ran:?}");
    let app_key = shop.sandbox.world().tiktok.app_key.clone();
    let (id, name) = {
        let world = shop.sandbox.world();
        (world.tiktok.id.clone(), world.tiktok.name.clone())
    };
    for words in [
        format!("/oauth/authorize?app_key={app_key}&state="),
        format!("shop {id}  {name}  US"),
        format!("shop_id = \"{id}\""),
        "next: mcf check tiktok".to_owned(),
    ] {
        assert!(
            ran.stdout.contains(&words) || ran.stderr.contains(&words),
            "{words}: {ran:?}"
        );
    }
    let bytes = [
        std::fs::read(shop.place.path("mcf.db")).expect("a database"),
        std::fs::read(shop.place.path("mcf.db-wal")).unwrap_or_default(),
    ]
    .concat();
    for secret in shop.secrets() {
        assert!(
            !bytes.windows(secret.len()).any(|window| window == secret.as_bytes()),
            "sealed"
        );
    }
    shop.configure(&format!("shop_id = {id:?}"), "");
    let document = shop.place.run("check tiktok --json").ends(0).json();
    assert_eq!(document["checks"][0]["outcome"], "ok", "{document}");
}

#[test]
fn the_whole_address_is_taken_with_our_state_and_refused_with_another_one() {
    let shop = Shop::new();
    let state = shop.state("tiktok");
    let query = shop.sandbox.world().agree_at_tiktok(&state);
    let document = shop
        .place
        .feed("auth tiktok --json", &format!("https://shop.example/back?{query}"))
        .ends(0)
        .json();
    assert_eq!(document["stored"], true, "{document}");
    assert_eq!(document["shops"][0]["name"], shop.sandbox.world().tiktok.name.as_str());
    assert!(
        document["configLines"][0]
            .as_str()
            .is_some_and(|line| line.starts_with("shop_id = "))
    );
    assert_eq!(document["missingScopes"], json!([]));
    let asked = shop.exchanges();
    let query = shop
        .sandbox
        .world()
        .agree_at_tiktok("695b0000-0000000000000001-00000000000000000000000000000000");
    let address = format!("https://shop.example/back?{query}");
    shop.auth("tiktok", &address).ends(3).says("not that of a link of ours");
    assert_eq!(shop.exchanges(), asked, "nothing was asked");
}

#[test]
fn a_link_that_is_older_than_a_day_is_told_to_be_old() {
    let mut shop = Shop::new();
    let state = shop.state("tiktok");
    shop.place.step(TimeDelta::hours(25));
    shop.sandbox.world().set_clock(shop.place.now());
    let query = shop.sandbox.world().agree_at_tiktok(&state);
    shop.auth("tiktok", &format!("https://shop.example/?{query}"))
        .ends(3)
        .says("more than a day ago");
}

#[test]
fn an_expired_a_used_and_a_foreign_code_have_sentences_of_their_own() {
    let mut shop = Shop::new();
    let used = shop.code();
    shop.auth("tiktok", &used).ends(0);
    shop.auth("tiktok", &used).ends(5).says("each is good once");
    let foreign = {
        let mut world = shop.sandbox.world();
        let now = world.now();
        world.tiktok.codes.issue("another-app", now)
    };
    shop.auth("tiktok", &foreign).ends(5).says("another app");
    let old = shop.code();
    shop.place.step(TimeDelta::minutes(31));
    shop.sandbox.world().set_clock(shop.place.now());
    shop.auth("tiktok", &old).ends(5).says("too old");
    let document = shop.place.feed("auth tiktok --json", "TTP_neverGiven1").ends(5).json();
    assert_eq!(document["error"]["exitCode"], 5, "{document}");
    assert!(
        document["link"].is_string() && document["error"]["help"].is_string(),
        "{document}"
    );
    // Where TikTok does not say why, a code that was taken in here is known.
    let silent = Fault::before(Disturbance::Json {
        status: 200,
        body: json!({"code": 36_004_004, "message": "auth code is invalid", "request_id": "1"}),
    });
    shop.sandbox.world().faults.script(Operation::GetToken, 1, 2, silent);
    shop.auth("tiktok", &used).ends(5).says("each is good once");
    shop.auth("tiktok", &old).ends(5).says("too old, was used before, or");
}

#[test]
fn junk_is_told_as_what_it_is_and_nothing_is_asked() {
    let shop = Shop::new();
    for (vendor, input, words) in [
        ("tiktok", "", "nothing was given"),
        ("tiktok", "hello world", "neither a code nor"),
        ("tiktok", "https://shop.example/back", "no code in it"),
        (
            "tiktok",
            "https://shop.example/back?code=null&error=auth_denied",
            "did not agree",
        ),
        ("amazon", "amzn1.oa2-cs.v1.1", "the client secret, not a code"),
        ("amazon", "Atza|IwEB", "an access token, not a code"),
    ] {
        let ran = shop.auth(vendor, input).ends(3).says(words);
        assert!(ran.stderr.contains(&format!("mcf auth {vendor}")), "{ran:?}");
        assert!(input.is_empty() || !ran.stderr.contains(input), "{ran:?}");
    }
    assert_eq!(shop.exchanges(), 0);
    let ran = shop.place.run("auth tiktok TTP_onTheCommandLine1").ends(2);
    assert!(!format!("{ran:?}").contains("onTheCommandLine"), "A14: {ran:?}");
}

#[test]
fn a_dry_run_prints_the_link_and_asks_and_stores_nothing() {
    let shop = Shop::new();
    let code = shop.code();
    shop.place
        .feed("auth tiktok --dry-run", &code)
        .ends(0)
        .says("nothing is read");
    let ran = shop
        .place
        .run("auth tiktok --service-id 7172345678901234567 --dry-run")
        .ends(0);
    for words in [
        "US shops: https://services.us.tiktokshop.com/open/authorize?service_id=7172345678901234567&state=",
        "other shops: https://services.tiktokshop.com/open/authorize?service_id=7172345678901234567&state=",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {ran:?}");
    }
    assert_eq!(shop.exchanges(), 0);
    shop.auth("tiktok", &code).ends(0);
}

#[test]
fn the_app_must_be_configured_and_what_lacks_is_named() {
    let place = Place::new();
    place
        .feed("auth tiktok", "TTP_code1")
        .ends(6)
        .says("tiktok.app_key")
        .says("tiktok.app_secret");
    place
        .feed("auth amazon", "Atzr|1")
        .ends(6)
        .says("amazon.client_id")
        .says("amazon.client_secret");
}

#[test]
fn a_code_of_another_shop_does_not_take_the_place_of_tokens_that_work() {
    let shop = Shop::new();
    shop.auth("tiktok", &shop.code()).ends(0);
    shop.configure("shop_id = \"7000000000000000009\"", "");
    let ran = shop
        .auth("tiktok", &shop.code())
        .ends(5)
        .says("not shop 7000000000000000009");
    assert!(ran.stderr.contains("nothing is stored"), "{ran:?}");
}

#[test]
fn a_pair_that_was_given_wins_over_the_configuration_until_that_names_another_one() {
    let shop = Shop::new();
    let id = shop.sandbox.world().tiktok.id.clone();
    let settings = |token: &str| format!("shop_id = {id:?}\naccess_token = \"TTP_x\"\nrefresh_token = {token:?}");
    shop.configure(&settings("TTP_dead"), "");
    shop.place.run("check tiktok").ends(3);
    shop.auth("tiktok", &shop.code()).ends(0);
    shop.place.run("check tiktok").ends(0);
    shop.place.run("rekey").ends(0);
    shop.place.run("check tiktok").ends(0);
    shop.configure(&settings("TTP_dead_too"), "");
    shop.place.run("check tiktok").ends(3);
    shop.configure(&settings("TTP_dead"), "");
    shop.place.run("check tiktok").ends(0);
}

#[test]
fn tokens_are_stored_where_the_shops_can_not_be_read() {
    let shop = Shop::new();
    shop.sandbox
        .world()
        .tiktok
        .tokens
        .granted_scopes
        .retain(|scope| scope != "seller.authorization.info");
    let ran = shop
        .auth("tiktok", &shop.code())
        .ends(5)
        .says("the tokens are stored, but");
    assert!(ran.stderr.contains("seller.authorization.info"), "{ran:?}");
    let down = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    shop.sandbox.world().faults.script(Operation::GetToken, 1, 9, down);
    shop.auth("tiktok", &shop.code())
        .ends(4)
        .says("open the link once more");
}

#[test]
fn amazons_refresh_token_is_proven_stored_and_used_by_every_run() {
    let shop = Shop::new();
    let token = shop.sandbox.world().amazon.refresh_token.clone();
    let ran = shop.auth("amazon", &token).ends(0);
    assert!(ran.stdout.contains("marketplace ATVPDKIKX0DER"), "{ran:?}");
    shop.place.run("check amazon").ends(0);
    shop.place.run("rekey").ends(0);
    shop.place.run("check amazon").ends(0);
    let ran = shop.auth("amazon", "Atzr|revoked0000000000").ends(5);
    assert!(!format!("{ran:?}").contains("revoked0000"), "{ran:?}");
    shop.place.run("check amazon").ends(0);
    shop.configure("", "refresh_token = \"Atzr|mistyped00\"");
    shop.place.run("check amazon").ends(3);
    shop.auth("amazon", &token).ends(0);
    shop.place.run("check amazon").ends(0);
    shop.place.run("backup copy.db").ends(0);
}

#[test]
fn amazons_address_is_taken_with_our_state_and_names_the_seller() {
    let shop = Shop::new();
    let ran = shop.place.feed("auth amazon", "").ends(3);
    assert!(
        ran.stdout.contains("Develop Apps") && !ran.stdout.contains("http"),
        "{ran:?}"
    );
    shop.configure("", "application_id = \"amzn1.sp.solution.1\"");
    let state = shop.state("amazon");
    let query = shop.sandbox.world().agree_at_amazon(&state);
    let address = format!("https://shop.example/?{query}");
    let document = shop.place.feed("auth amazon --json", &address).ends(0).json();
    let seller = shop.sandbox.world().amazon.seller_id.clone();
    assert_eq!(document["seller"], seller.as_str(), "{document}");
    assert_eq!(document["configLines"], json!([format!("seller_id = {seller:?}")]));
    shop.auth("amazon", &address).ends(5).says("each is good once");
    let query = shop.sandbox.world().agree_at_amazon("mine");
    shop.auth("amazon", &format!("https://shop.example/?{query}"))
        .ends(3)
        .says("not that of a link of ours");
    shop.configure("", "seller_id = \"A1OTHER\"");
    let query = shop.sandbox.world().agree_at_amazon("");
    let ran = shop.auth("amazon", &format!("https://shop.example/?{query}")).ends(5);
    assert!(ran.stderr.contains("not seller A1OTHER"), "{ran:?}");
    shop.place.run("check amazon").ends(0);
}

#[test]
fn orders_go_on_with_tokens_of_auth_alone_and_the_database_stays_the_shops() {
    let shop = Shop::new();
    let id = shop.sandbox.world().tiktok.id.clone();
    shop.auth("tiktok", &shop.code()).ends(0);
    let token = shop.sandbox.world().amazon.refresh_token.clone();
    shop.auth("amazon", &token).ends(0);
    shop.place.run("poll").ends(6).says("tiktok.shop_id");
    shop.configure(&format!("shop_id = {id:?}"), "");
    shop.place.run("poll").ends(0);
    shop.auth("tiktok", &shop.code()).ends(0);
    shop.auth("amazon", &token).ends(0);
    shop.place.run("poll").ends(0);
    shop.place.run("backup copy.db").ends(0);
    shop.place.run("restore copy.db --force").ends(0);
    shop.place.run("poll").ends(0);
    shop.configure("shop_id = \"7\"", "");
    shop.place
        .run("poll")
        .ends(6)
        .says("the database belongs to TikTok shop");
}

#[test]
fn the_sandboxes_consent_pages_send_the_browser_back_with_code_and_state() {
    let shop = Shop::new();
    shop.configure("", "application_id = \"amzn1.sp.solution.1\"");
    for vendor in ["tiktok", "amazon"] {
        let document = shop
            .place
            .run(&format!("auth {vendor} --dry-run --json"))
            .ends(0)
            .json();
        let link = document["link"].as_str().expect("a link");
        let location = location_of(link);
        let ran = shop.auth(vendor, &format!("http://127.0.0.1{location}")).ends(0);
        assert!(ran.stdout.contains("stored"), "{ran:?}");
    }
}

/// Follows a link as a browser would, one step.
fn location_of(link: &str) -> String {
    use std::io::{Read, Write};
    let link: url::Url = link.parse().expect("an address");
    let port = link.port().expect("a port");
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let path = format!("{}?{}", link.path(), link.query().unwrap_or_default());
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let line = answer.lines().find_map(|line| line.strip_prefix("location: "));
    line.expect("a location in the answer").trim().to_owned()
}
