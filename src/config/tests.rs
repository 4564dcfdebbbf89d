//! Settings as an operator writes them, read whole.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::template::TEMPLATE;
use super::*;
use crate::domain::fulfillment::ShippingSpeed;

/// A machine with nothing on it but what a test puts there.
struct Machine {
    folder: TempDir,
    environment: Environment,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let environment = Environment {
            variables: BTreeMap::new(),
            working_directory: folder.path().to_owned(),
            system_folder: folder.path().join("etc"),
            user_id: folder.path().metadata().ok().map(|metadata| metadata.uid()),
        };
        Self { folder, environment }
    }

    fn with_file(text: &str) -> Self {
        let machine = Self::new();
        machine.write("config.toml", text);
        machine
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.variables.insert(name.to_owned(), value.into());
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, text).expect("written");
        self.set_mode(name, 0o600);
        path
    }

    fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).expect("changed");
    }

    fn load(&self) -> Result<Settings, Error> {
        Settings::load(&self.environment, &Overrides::default())
    }

    fn loaded(&self) -> Settings {
        self.load().unwrap_or_else(|error| panic!("{error}"))
    }

    fn load_named(&self, config: &str) -> Result<Settings, Error> {
        let overrides = Overrides {
            config: Some(config.into()),
            database: None,
        };
        Settings::load(&self.environment, &overrides)
    }

    /// Returns the message and the help of the refusal, with the folder cut off.
    fn refusal(&self) -> String {
        let error = self.load().expect_err("refused");
        format!("{error}\n{}", error.help()).replace(&format!("{}/", self.folder.path().display()), "")
    }
}

fn refusal(file: &str) -> String {
    Machine::with_file(file).refusal()
}

fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}

/// Loads the file and expects a refusal that begins so; its help must not be empty.
fn assert_refused(file: &str, start: &str) {
    let text = refusal(file);
    assert!(
        text.starts_with(start),
        "{file:?}\n  expected: {start}\n  found: {text}"
    );
    assert!(!text.ends_with('\n'), "no help: {text}");
}

const COMPLETE: &str = r#"
[tiktok]
app_key = "key"
app_secret = "tiktok-app-secret"
shop_id = "7496"
access_token = "tiktok-access"
refresh_token = "tiktok-refresh"

[amazon]
client_id = "amzn1.application-oa2-client.1"
client_secret = "amazon-client-secret"
refresh_token = "Atzr|amazon"
seller_id = "A1"
"#;

/// The example with the `#` of every setting removed; comments keep theirs, because a space follows it.
fn uncommented(example: &str) -> String {
    let lines = example.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if !setting.starts_with(' ') => setting,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_shows_every_key_with_its_default() {
    let machine = Machine::with_file(&uncommented(TEMPLATE));
    let shown = machine.loaded();
    machine.write("config.toml", "");
    let mut defaults = machine.loaded();
    let [webhook] = &shown.webhooks[..] else {
        panic!("one example of a webhook");
    };
    assert_eq!(
        (webhook.events.as_slice(), webhook.format),
        (&["*".to_owned()][..], WebhookFormat::Json)
    );
    defaults.webhooks.clone_from(&shown.webhooks);
    defaults.warnings.clone_from(&shown.warnings);
    assert_eq!(shown, defaults);
}

#[test]
fn the_example_as_it_is_written_says_nothing() {
    let machine = Machine::with_file(TEMPLATE);
    let settings = machine.loaded();
    machine.write("config.toml", "");
    assert_eq!(settings, machine.loaded());
    assert!(settings.warnings.is_empty());
}

#[test]
fn defaults_are_those_of_the_manual() {
    let machine = Machine::new();
    let settings = machine.loaded();
    assert_eq!(settings.file, None);
    assert_eq!(
        settings.tiktok.api_url.as_str(),
        "https://open-api.tiktokglobalshop.com/"
    );
    assert_eq!(settings.tiktok.auth_url.as_str(), "https://auth.tiktok-shops.com/");
    assert_eq!(settings.tiktok.requests_per_minute, 600);
    assert_eq!(settings.amazon.marketplace_id, "ATVPDKIKX0DER");
    assert_eq!(
        settings.amazon.api_url.as_str(),
        "https://sellingpartnerapi-na.amazon.com/"
    );
    assert_eq!(settings.store.path, machine.path("mcf.db"));
    assert_eq!(settings.schedule.order_poll_interval_minutes, 5);
    assert_eq!(settings.schedule.tracking_sync_interval_minutes, 30);
    assert_eq!(settings.schedule.inventory_sync_interval_minutes, 60);
    assert_eq!((settings.retry.max_attempts, settings.retry.backoff_ms), (3, 1000));
    assert_eq!(settings.routing.shipping_speed, ShippingSpeed::Standard);
    assert_eq!(
        (settings.routing.grace_minutes, settings.routing.lookback_hours),
        (60, 72)
    );
    assert_eq!(settings.routing.order_comment, "Thank you for your order!");
    assert_eq!(
        (settings.routing.po_boxes, settings.routing.non_latin),
        (Handling::Send, Handling::Flag)
    );
    assert_eq!(settings.routing.address_line_max, 60);
    assert_eq!(
        (settings.inventory.low_stock_threshold, settings.inventory.safety_stock),
        (10, 0)
    );
    assert_eq!(settings.inventory.tiktok_warehouse_id, None);
    assert!(!settings.tracking.use_aftn && settings.tracking.carriers.is_empty());
    assert!(settings.webhooks.is_empty());
    assert_eq!(settings.privacy.retention_days, 30);
}

#[test]
fn c1_a_named_file_that_is_missing_is_named_with_init() {
    let machine = Machine::new();
    let error = machine.load_named("shop.toml").expect_err("refused");
    assert_has(&error.to_string(), &["/shop.toml: no such configuration file"]);
    assert_has(&error.help(), &["mcf init --config "]);
    let by_variable = Machine::new().set("MCF_CONFIG", "other.toml");
    assert_has(
        &by_variable.refusal(),
        &["other.toml: no such configuration file", "mcf init"],
    );
}

#[test]
fn c1_without_any_file_commands_run_until_one_needs_a_vendor() {
    let machine = Machine::new().set("HOME", "/home/nobody-here");
    let settings = machine.loaded();
    let error = settings.tiktok.credentials().expect_err("nothing is configured");
    assert_has(
        &error.to_string(),
        &[
            "tiktok.app_key (TIKTOK_APP_KEY), tiktok.app_secret (TIKTOK_APP_SECRET), tiktok.shop_id (TIKTOK_SHOP_ID)",
            "/config.toml",
            "/home/nobody-here/.config/mcf-connector/config.toml",
            "/etc/config.toml",
        ],
    );
    assert_has(&error.help(), &["mcf init"]);
}

#[test]
fn c2_an_empty_file_lists_the_required_keys() {
    let settings = Machine::with_file("").loaded();
    let tiktok = settings.tiktok.credentials().expect_err("empty").to_string();
    assert_has(
        &tiktok,
        &[
            "app_key",
            "app_secret",
            "shop_id",
            "tiktok.refresh_token (TIKTOK_REFRESH_TOKEN)",
        ],
    );
    let amazon = settings.amazon.credentials().expect_err("empty");
    assert_has(
        &amazon.to_string(),
        &[
            "amazon.client_id (AMAZON_CLIENT_ID)",
            "AMAZON_CLIENT_SECRET",
            "AMAZON_REFRESH_TOKEN",
        ],
    );
    assert_has(&amazon.help(), &["config.toml"]);
}

#[test]
fn c3_broken_toml_is_refused_by_line_and_column_without_the_line() {
    let broken = [
        "[tiktok]\napp_secret = hunter2-secret\n",
        "[tiktok]\napp_secret = \"hunter2-secret\n",
        "[tiktok]\n  hunter2-secret\n",
        "[tiktok]\napp_secret = 'a' hunter2-secret\n",
        "[tiktok]\napp_secret = \"\\hunter2-secret\"\n",
        "[tiktok]\nhunter2-secret = 1\nhunter2-secret = 2\n",
        "[tiktok\nhunter2-secret = 1",
        "a = [1, \"hunter2-secret\"",
    ];
    for file in broken {
        let text = refusal(file);
        assert!(text.starts_with("config.toml:"), "{text}");
        assert!(!text.contains("hunter2"), "the line's content is shown: {text}");
        let debug = format!("{:?}", Machine::with_file(file).load());
        assert!(!debug.contains("hunter2"), "{debug}");
    }
    assert_refused(broken[0], "config.toml:2:14: ");
}

#[test]
fn c4_an_unknown_key_gets_the_nearest_one() {
    let text = refusal("[tiktok]\n# comment\nrefersh_token = \"tok-secret\"\n");
    assert_has(
        &text,
        &["config.toml:3:1: unknown key `refersh_token` in [tiktok], did you mean `refresh_token`?"],
    );
    assert!(!text.contains("tok-secret"));
    assert_refused(
        "[tiktk]\n",
        "config.toml:1:2: unknown key `tiktk` in the file, did you mean `tiktok`?",
    );
    assert_refused(
        "[routing]\nzzz = 1\n",
        "config.toml:2:1: unknown key `zzz` in [routing]\nsee config.example.toml",
    );
    assert_refused(
        "[[webhooks]]\nurl = 'https://example.com'\nevent = ['*']\n",
        "config.toml:3:1: unknown key `event` in [webhooks[1]], did you mean `events`?",
    );
    assert_refused("app_key = 'x1'\n", "config.toml:1:1: unknown key `app_key` in the file");
}

#[test]
fn c5_secrets_in_a_file_that_everybody_can_read_are_refused() {
    let machine = Machine::with_file(COMPLETE);
    machine.set_mode("config.toml", 0o644);
    let error = machine.load().expect_err("refused");
    assert_has(
        &error.to_string(),
        &["config.toml holds secrets and is readable by others"],
    );
    assert_eq!(
        error.help(),
        format!("chmod 600 {}", machine.path("config.toml").display())
    );
    for mode in [0o640, 0o600, 0o400, 0o660] {
        machine.set_mode("config.toml", mode);
        assert!(machine.load().is_ok(), "{mode:o}");
    }
}

#[test]
fn c5_a_file_without_secrets_may_be_public() {
    let machine = Machine::with_file("[routing]\ngrace_minutes = 30\n[tiktok]\napp_secret = \"\"\n");
    machine.set_mode("config.toml", 0o644);
    assert_eq!(machine.loaded().routing.grace_minutes, 30);
    let overridden = Machine::with_file(COMPLETE).set("TIKTOK_APP_SECRET", "another");
    overridden.set_mode("config.toml", 0o644);
    assert_has(&overridden.refusal(), &["readable by others"]);
}

#[test]
fn c5_a_slack_url_is_a_secret() {
    let machine =
        Machine::with_file("[[webhooks]]\nurl = 'https://hooks.slack.com/services/T/B/x'\nformat = 'slack'\n");
    machine.set_mode("config.toml", 0o644);
    assert_has(&machine.refusal(), &["readable by others", "chmod 600"]);
}

#[test]
fn c6_a_file_of_somebody_else_is_refused() {
    let mut machine = Machine::with_file("");
    if machine.environment.user_id == Some(0) {
        chown(machine.path("config.toml"), Some(12_345), None).expect("root may");
    } else {
        machine.environment.user_id = Some(12_345);
    }
    let error = machine.load().expect_err("refused");
    assert_has(
        &error.to_string(),
        &["neither root nor the user that runs this program"],
    );
    assert_has(&error.help(), &["chown", "config.toml"]);
}

#[test]
fn c7_a_file_or_folder_that_everybody_can_write_is_refused() {
    let machine = Machine::with_file("");
    machine.set_mode("config.toml", 0o602);
    assert_has(&machine.refusal(), &["config.toml is writable by others", "chmod 600"]);
    machine.set_mode("config.toml", 0o600);
    machine.set_mode("", 0o777);
    assert_has(&machine.refusal(), &["folder that is writable by others", "chmod o-w"]);
    machine.set_mode("", 0o1777);
    assert!(machine.load().is_ok(), "nobody can replace a file in a sticky folder");
}

#[test]
fn c8_a_secret_file_may_end_with_a_line_break() {
    let machine = Machine::with_file("[tiktok]\napp_secret_file = 'keys/app'\n");
    machine.write("keys/app", "app-secret\n");
    let secret = machine.loaded().tiktok.app_secret.expect("read");
    assert_eq!(secret.expose(), "app-secret");
    machine.write("keys/app", "app secret\n");
    assert_has(
        &machine.refusal(),
        &["keys/app: `tiktok.app_secret` has white space inside"],
    );
    assert_refused(
        "[amazon]\nrefresh_token = 'Atzr| x'\n",
        "config.toml:2:17: `amazon.refresh_token` has white space inside",
    );
}

#[test]
fn c9_placeholders_are_refused_wherever_they_come_from() {
    assert_refused(
        "[tiktok]\napp_secret = 'changeme'\n",
        "config.toml:2:14: `tiktok.app_secret` is a placeholder",
    );
    assert_has(
        &Machine::new().set("AMAZON_CLIENT_SECRET", "xxx").refusal(),
        &["environment variable AMAZON_CLIENT_SECRET: `amazon.client_secret` is a placeholder"],
    );
    assert_refused(
        "[tiktok]\napp_key = 'your_app_key'\n",
        "config.toml:2:11: `tiktok.app_key` is a placeholder",
    );
}

#[test]
fn c10_a_region_must_fit_its_marketplace() {
    assert_refused(
        "[amazon]\nregion = 'us'\nmarketplace_id = 'A1PA6795UKMFR9'\n",
        "config.toml:2:10: `amazon.region` must be na, eu or fe (us-east-1, eu-west-1 and us-west-2 are understood); \
         marketplace A1PA6795UKMFR9 (DE) is in region `eu`\nset region = \"eu\"",
    );
    assert_refused(
        "[amazon]\nregion = 'na'\nmarketplace_id = 'A1PA6795UKMFR9'\n",
        "config.toml:2:10: `amazon.region` is `na`, but marketplace A1PA6795UKMFR9 (DE) is in region `eu`",
    );
}

#[test]
fn a_region_is_understood_in_every_spelling_and_sets_the_address() {
    for (word, marketplace, url) in [
        ("na", "ATVPDKIKX0DER", "https://sellingpartnerapi-na.amazon.com/"),
        ("us-east-1", "ATVPDKIKX0DER", "https://sellingpartnerapi-na.amazon.com/"),
        ("EU", "A1F83G8C2ARO7P", "https://sellingpartnerapi-eu.amazon.com/"),
        (
            "us-west-2",
            "A1VC38T7YXB528",
            "https://sellingpartnerapi-fe.amazon.com/",
        ),
        ("", "A1F83G8C2ARO7P", "https://sellingpartnerapi-eu.amazon.com/"),
    ] {
        let file = format!("[amazon]\nregion = '{word}'\nmarketplace_id = '{marketplace}'\n");
        assert_eq!(
            Machine::with_file(&file).loaded().amazon.api_url.as_str(),
            url,
            "{file}"
        );
    }
    let explicit = "[amazon]\nregion = 'eu'\nmarketplace_id = 'A1F83G8C2ARO7P'\napi_url = 'http://127.0.0.1:9'\n";
    let settings = Machine::with_file(explicit).loaded();
    assert_eq!(settings.amazon.api_url.as_str(), "http://127.0.0.1:9/");
}

#[test]
fn c11_c12_c13_unsafe_urls_are_refused_where_they_stand() {
    assert_refused(
        "[tiktok]\napi_url = 'http://open-api.tiktokglobalshop.com'\n",
        "config.toml:2:11: `tiktok.api_url` must begin with https://",
    );
    for (url, problem) in [
        ("http://example.com/", "must begin with https://"),
        (
            "https://169.254.169.254/",
            "points to a link-local, metadata or unspecified address",
        ),
        (
            "https://user:pass-word@example.com/",
            "must not carry a user or a password",
        ),
        ("", "is missing"),
    ] {
        let file = format!("[[webhooks]]\nurl = '{url}'\n");
        let text = refusal(&file);
        assert_has(&text, &["config.toml:", "`webhooks[1].url`", problem]);
        assert!(!text.contains("pass-word"), "{text}");
    }
}

#[test]
fn c14_a_bad_signing_secret_is_refused_with_the_way_to_make_one() {
    for secret in ["whsec_%%%", "whsec_c2hvcnQ=", "hunter2"] {
        let file = format!("[[webhooks]]\nurl = 'https://example.com'\nsecret = '{secret}'\n");
        let text = refusal(&file);
        assert_has(
            &text,
            &["config.toml:3:10: `webhooks[1].secret` must", "openssl rand -base64 32"],
        );
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn c15_buyer_data_is_kept_for_thirty_days_at_most() {
    let text = refusal("[privacy]\nretention_days = 90\n");
    assert_has(
        &text,
        &[
            "config.toml:2:18: `privacy.retention_days` must be from 1 to 30",
            "Data Protection Policy",
        ],
    );
    assert_refused("[privacy]\nretention_days = 0\n", "config.toml:2:18:");
}

#[test]
fn c16_numbers_beyond_reason_are_refused() {
    for number in ["-5", "1_000_000_000_000", "99999999999999999999999999", "1000001"] {
        assert_refused(
            &format!("[inventory]\nsafety_stock = {number}\n"),
            "config.toml:2:16: `inventory.safety_stock` must be from 0 to 1000000",
        );
    }
    assert_refused(
        "[routing]\naddress_line_max = 61\n",
        "config.toml:2:20: `routing.address_line_max` must be from 20",
    );
    assert_refused("[schedule]\norder_poll_interval_minutes = 0\n", "config.toml:2:31:");
    assert_has(
        &Machine::new().set("ORDER_POLL_INTERVAL_MINUTES", "-1").refusal(),
        &[
            "environment variable ORDER_POLL_INTERVAL_MINUTES",
            "must be from 1 to 1440",
        ],
    );
    assert_has(
        &Machine::new().set("ORDER_POLL_INTERVAL_MINUTES", "five").refusal(),
        &["must be a whole number"],
    );
}

#[test]
fn c17_an_interval_over_four_hours_is_a_warning() {
    let settings = Machine::with_file("[schedule]\ntracking_sync_interval_minutes = 241\n").loaded();
    assert_eq!(
        settings.warnings,
        [Warning::IntervalTooLong {
            key: "schedule.tracking_sync_interval_minutes",
            minutes: 241
        }]
    );
    let exact = Machine::with_file("[schedule]\ntracking_sync_interval_minutes = 240\n").loaded();
    assert!(exact.warnings.is_empty());
}

#[test]
fn c22_a_variable_that_is_not_text_is_refused_by_name() {
    let mut machine = Machine::new();
    let bytes = OsString::from_vec(vec![b's', 0xff]);
    machine
        .environment
        .variables
        .insert("TIKTOK_APP_SECRET".to_owned(), bytes);
    assert_has(
        &machine.refusal(),
        &[
            "environment variable TIKTOK_APP_SECRET: not UTF-8 text",
            "unset TIKTOK_APP_SECRET",
        ],
    );
}

#[test]
fn a_file_that_is_not_utf8_is_refused_by_line() {
    let machine = Machine::new();
    machine.write("config.toml", b"[tiktok]\napp_key = '\xff'\n");
    assert_has(&machine.refusal(), &["config.toml:2: not UTF-8 text"]);
}

#[test]
fn wrong_types_are_refused_with_the_right_one() {
    assert_refused(
        "[tiktok]\nshop_id = 7496\n",
        "config.toml:2:11: `tiktok.shop_id` must be text in quotes, found integer",
    );
    assert_refused(
        "[retry]\nmax_attempts = '3'\n",
        "config.toml:2:16: `retry.max_attempts` must be a whole number, found string",
    );
    assert_refused(
        "[retry]\nmax_attempts = 3.5\n",
        "config.toml:2:16: `retry.max_attempts` must be a whole number, found float",
    );
    assert_refused(
        "[routing]\npreview = 'yes'\n",
        "config.toml:2:11: `routing.preview` must be true or false, found string",
    );
    assert_refused(
        "tiktok = 5\n",
        "config.toml:1:10: `tiktok` must be a table, found integer",
    );
    assert_refused(
        "[webhooks]\nurl = 'https://x.example'\n",
        "config.toml:1:1: `webhooks` must be a list of tables",
    );
    assert_refused(
        "[routing]\nshipping_speed = 'Fast'\n",
        "config.toml:2:18: `routing.shipping_speed` must be one of Standard, Expedited, Priority",
    );
    assert_refused(
        "[[webhooks]]\nurl = 'https://x.example'\nevents = ['order.*', 'order.route']\n",
        "config.toml:3:22: `webhooks[1].events` must be one of *, order.*",
    );
    assert_refused(
        "[tracking.carriers]\nUPS = 1\n",
        "config.toml:2:7: `tracking.carriers.UPS` must be text in quotes",
    );
}

#[test]
fn the_environment_alone_suffices_and_overrides_the_file() {
    let names = [
        ("TIKTOK_APP_KEY", "env-key"),
        ("TIKTOK_APP_SECRET", "env-secret"),
        ("TIKTOK_SHOP_ID", "env-shop"),
        ("TIKTOK_ACCESS_TOKEN", "env-access"),
        ("TIKTOK_REFRESH_TOKEN", "env-refresh"),
        ("AMAZON_CLIENT_ID", "env-client"),
        ("AMAZON_CLIENT_SECRET", "env-client-secret"),
        ("AMAZON_REFRESH_TOKEN", "env-amazon-refresh"),
        ("AMAZON_SELLER_ID", "env-seller"),
        ("AMAZON_MARKETPLACE_ID", "A1F83G8C2ARO7P"),
        ("AMAZON_REGION", "eu-west-1"),
        ("AMAZON_AWS_ACCESS_KEY", "env-aws"),
        ("AMAZON_AWS_SECRET_KEY", "env-aws-secret"),
        ("ORDER_POLL_INTERVAL_MINUTES", "7"),
        ("TRACKING_SYNC_INTERVAL_MINUTES", "8"),
        ("INVENTORY_SYNC_INTERVAL_MINUTES", "9"),
        ("AMAZON_API_URL", "http://127.0.0.1:1"),
    ];
    for machine in [Machine::new(), Machine::with_file(COMPLETE)] {
        let machine = names
            .iter()
            .fold(machine, |machine, (name, value)| machine.set(name, value));
        let settings = machine.loaded();
        let tiktok = settings.tiktok.credentials().expect("complete");
        assert_eq!(
            (tiktok.app_key.as_str(), tiktok.shop_id.as_str()),
            ("env-key", "env-shop")
        );
        assert_eq!(tiktok.app_secret.expose(), "env-secret");
        let amazon = settings.amazon.credentials().expect("complete");
        assert_eq!(
            (amazon.client_id.as_str(), amazon.refresh_token.expose()),
            ("env-client", "env-amazon-refresh")
        );
        assert_eq!(settings.amazon.region, Region::Europe);
        assert_eq!(settings.amazon.api_url.as_str(), "http://127.0.0.1:1/");
        assert_eq!(settings.schedule.order_poll_interval_minutes, 7);
        assert_eq!(settings.schedule.tracking_sync_interval_minutes, 8);
        assert_eq!(settings.schedule.inventory_sync_interval_minutes, 9);
    }
}

#[test]
fn an_empty_variable_is_not_set() {
    let settings = Machine::with_file(COMPLETE).set("TIKTOK_APP_KEY", " ").loaded();
    assert_eq!(settings.tiktok.app_key.as_deref(), Some("key"));
}

#[test]
fn tokens_may_leave_the_settings_once_the_store_has_them() {
    let settings = Machine::with_file("[tiktok]\napp_key = 'k'\napp_secret = 's'\nshop_id = '1'\n").loaded();
    assert!(settings.tiktok.credentials().is_err());
    assert!(settings.tiktok.credentials_beside_stored_tokens().is_ok());
    let with_access =
        Machine::with_file("[tiktok]\napp_key = 'k'\napp_secret = 's'\nshop_id = '1'\naccess_token = 't'\n");
    assert!(with_access.loaded().tiktok.credentials().is_ok());
}

#[test]
fn systemd_credentials_are_found_by_name() {
    let machine = Machine::with_file("[tiktok]\napp_secret = 'in-file'\n[[webhooks]]\nurl = 'https://example.com'\n");
    machine.write("credentials/tiktok_app_secret", "in-credential\n");
    machine.write(
        "credentials/webhook_1_secret",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=\n",
    );
    let folder = machine.path("credentials");
    let machine = machine.set("CREDENTIALS_DIRECTORY", folder.to_str().expect("text"));
    let settings = machine.loaded();
    assert_eq!(settings.tiktok.app_secret.expect("found").expose(), "in-credential");
    assert!(settings.webhooks[0].secret.is_some());
    let machine = machine.set("TIKTOK_APP_SECRET", "in-variable");
    assert_eq!(
        machine.loaded().tiktok.app_secret.expect("found").expose(),
        "in-variable"
    );
}

#[test]
fn secret_files_must_exist_be_private_and_be_the_only_source_in_the_file() {
    let machine = Machine::with_file("[tiktok]\napp_secret_file = 'app'\n");
    assert_has(&machine.refusal(), &["app: cannot be read", "ls -ld"]);
    machine.write("app", "s\n");
    machine.set_mode("app", 0o644);
    assert_has(
        &machine.refusal(),
        &["app holds secrets and is readable by others", "chmod 600"],
    );
    assert_refused(
        "[tiktok]\napp_secret = 's'\napp_secret_file = 'app'\n",
        "config.toml:3:19: `tiktok.app_secret` and `tiktok.app_secret_file` are both set",
    );
}

#[test]
fn files_are_searched_in_order() {
    let machine = Machine::new();
    machine.write("etc/config.toml", "[routing]\ngrace_minutes = 3\n");
    let machine = machine.set("HOME", "home-is-not-absolute-and-that-is-fine");
    assert_eq!(machine.loaded().routing.grace_minutes, 3);
    machine.write("xdg/mcf-connector/config.toml", "[routing]\ngrace_minutes = 2\n");
    let folder = machine.path("xdg");
    let machine = machine.set("XDG_CONFIG_HOME", folder.to_str().expect("text"));
    assert_eq!(machine.loaded().routing.grace_minutes, 2);
    machine.write("config.toml", "[routing]\ngrace_minutes = 1\n");
    assert_eq!(machine.loaded().routing.grace_minutes, 1);
    machine.write("by-variable.toml", "[routing]\ngrace_minutes = 4\n");
    let machine = machine.set("MCF_CONFIG", "by-variable.toml");
    assert_eq!(machine.loaded().routing.grace_minutes, 4);
    machine.write("by-flag.toml", "[routing]\ngrace_minutes = 5\n");
    assert_eq!(
        machine.load_named("by-flag.toml").expect("read").routing.grace_minutes,
        5
    );
}

#[test]
fn the_database_lies_beside_the_file_or_where_it_is_named() {
    let machine = Machine::new();
    machine.write("etc/config.toml", "[store]\npath = 'data/shop.db'\n");
    assert_eq!(machine.loaded().store.path, machine.path("etc/data/shop.db"));
    let machine = machine.set("MCF_DB", "by-variable.db");
    assert_eq!(machine.loaded().store.path, machine.path("by-variable.db"));
    let overrides = Overrides {
        config: None,
        database: Some("/var/by-flag.db".into()),
    };
    let settings = Settings::load(&machine.environment, &overrides).expect("read");
    assert_eq!(settings.store.path, Path::new("/var/by-flag.db"));
}

#[test]
fn carriers_and_handlings_are_read() {
    let settings = Machine::with_file(
        "[routing]\npo_boxes = 'flag'\nshipping_speed = 'expedited'\npreview = true\n\
         [tracking]\nuse_aftn = true\ndefault_carrier = '7117858'\n\
         [tracking.carriers]\n'AMZN_US' = 'Amazon Logistics'\nUPS = '1'\n",
    )
    .loaded();
    assert_eq!(settings.routing.po_boxes, Handling::Flag);
    assert_eq!(settings.routing.shipping_speed, ShippingSpeed::Expedited);
    assert!(settings.routing.preview && settings.tracking.use_aftn);
    assert_eq!(settings.tracking.default_carrier.as_deref(), Some("7117858"));
    assert_eq!(settings.tracking.carriers["AMZN_US"], "Amazon Logistics");
    assert_eq!(settings.tracking.carriers.len(), 2);
}

#[test]
fn an_unsigned_webhook_and_an_unknown_marketplace_are_warned_of() {
    let settings = Machine::with_file(
        "[amazon]\nmarketplace_id = 'A0NEW'\n[[webhooks]]\nurl = 'https://example.com/x'\n\
         [[webhooks]]\nurl = 'https://hooks.slack.com/services/T/B/x'\nformat = 'slack'\n",
    )
    .loaded();
    let warnings: Vec<String> = settings.warnings.iter().map(Warning::to_string).collect();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert_has(&warnings[0], &["A0NEW"]);
    assert_has(&warnings[1], &["webhooks[1].secret", "example.com"]);
    assert_eq!(settings.webhooks[1].host, "hooks.slack.com");
}

#[test]
fn the_clock_starts_at_the_instant_of_the_environment() {
    let machine = Machine::new().set("MCF_NOW", "2026-01-05T12:00:00Z");
    let now = machine.environment.clock().expect("an instant").now();
    assert_eq!(now.format("%Y-%m-%dT%H:%M").to_string(), "2026-01-05T12:00");
    let wrong = Machine::new().set("MCF_NOW", "yesterday");
    assert_has(
        &wrong.environment.clock().expect_err("no instant").to_string(),
        &["MCF_NOW", "2026-01-05T12:00:00Z"],
    );
}

#[test]
fn no_secret_shows_in_the_debug_output_of_settings() {
    let file = format!(
        "{COMPLETE}\n[[webhooks]]\nurl = 'https://hooks.slack.com/services/T/B/slack-token'\nformat = 'slack'\n"
    );
    let debug = format!("{:?}", Machine::with_file(&file).loaded());
    for secret in [
        "tiktok-app-secret",
        "tiktok-access",
        "tiktok-refresh",
        "amazon-client-secret",
        "Atzr",
        "slack-token",
    ] {
        assert!(!debug.contains(secret), "{secret}");
    }
}
