//! What is refused, with its place and its help.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::chown;

use super::*;

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
    assert_has(&error.help(), &["sudo -u '#12345' -H mcf", "config.toml"]);
    assert!(!error.help().contains("chown"), "E161");
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
    let beyond = "retention_beyond_policy = true\n";
    assert_refused(
        &format!("[privacy]\n{beyond}retention_days = 4000\n"),
        "config.toml:3:18: `privacy.retention_days` must be from 1 to 3650",
    );
}

#[test]
fn quiet_hours_that_are_no_span_of_a_day_are_refused() {
    let refused = "config.toml:2:9: `alerts.quiet` must be a span of the day such as 22:00-07:00";
    assert_refused("[alerts]\nquiet = \"at night\"\n", refused);
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
        "[inventory]\nbrake_zero_share = 0\n",
        "config.toml:2:20: `inventory.brake_zero_share` must be from 1 to 100",
    );
    assert_refused(
        "[inventory]\nbrake_factor = 1\n",
        "config.toml:2:16: `inventory.brake_factor` must be from 2",
    );
    assert_refused(
        "[inventory.thresholds]\nLAMP = -1\n",
        "config.toml:2:8: `inventory.thresholds.LAMP` must be from 0",
    );
    assert_refused("[inventory.thresholds]\nLAMP = \"5\"\n", "config.toml:2:8:");
    assert_refused(
        "[routing]\naddress_line_max = 61\n",
        "config.toml:2:20: `routing.address_line_max` must be from 20",
    );
    assert_refused("[schedule]\norder_poll_interval_minutes = 0\n", "config.toml:2:31:");
    for minutes in [0, 1441] {
        assert_refused(
            &format!("[retry]\nunknown_grace_minutes = {minutes}\n"),
            "config.toml:2:25: `retry.unknown_grace_minutes` must be from 1 to 1440",
        );
    }
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
        "[routing.delivery_options]\n'Express Shipping' = 'Fast'\n",
        "config.toml:2:22: `routing.delivery_options.Express Shipping` must be one of Standard, Expedited, Priority",
    );
    assert_refused(
        "[routing]\ndeadline = 'alarm'\n",
        "config.toml:2:12: `routing.deadline` must be one of off, warn, upgrade",
    );
    assert_refused(
        "[routing]\ntoo_late = 'drop'\n",
        "config.toml:2:12: `routing.too_late` must be one of send, flag",
    );
    assert_refused(
        "[routing]\ndeadline_margin_hours = 49\n",
        "config.toml:2:25: `routing.deadline_margin_hours` must be from 0 to 48",
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
fn c24_what_stands_twice_is_named_with_both_lines_and_no_word_about_quotes() {
    let text = refusal("[tiktok]\napp_key = 'k1'\n# twice\napp_key = 'k2-secret'\n");
    assert!(
        text.starts_with("config.toml:4:1: `tiktok.app_key` stands twice, first on line 2\nkeep one"),
        "C24: {text}"
    );
    let text = refusal("[amazon]\nregion = 'na'\n[tiktok]\nshop_id = '1'\n\n[amazon]\nclient_id = 'c'\n");
    assert!(
        text.starts_with("config.toml:6:2: [amazon] stands twice, first on line 1\n"),
        "C24: {text}"
    );
    let text = refusal("[inventory.thresholds]\n\"FBA-1\" = 1\n\"FBA-1\" = 2\n");
    assert!(
        text.starts_with("config.toml:3:1: a key stands twice, first on line 2\n"),
        "C24: {text}"
    );
    let text = refusal("[[webhooks]]\nurl = 'https://a.example'\n[webhooks]\n");
    assert!(text.contains("[webhooks] stands twice, first on line 1"), "C24: {text}");
    for file in [
        "[tiktok]\napp_key = 1\napp_key = 2\n",
        "[store]\n[store]\n",
        "shop_id = 1\nshop_id = 1\n",
    ] {
        let text = refusal(file);
        assert!(
            !text.contains("quote") && text.contains("stands twice, first on line"),
            "C24: {text}"
        );
    }
}

#[test]
fn c25_a_key_in_the_wrong_table_is_told_where_it_belongs() {
    for (file, start) in [
        (
            "[amazon]\napp_key = 'k-secret'\n",
            "config.toml:2:1: unknown key `app_key` in [amazon]; it belongs to [tiktok]\nmove `app_key` below [tiktok]",
        ),
        (
            "shop_id = '7'\n[tiktok]\n",
            "config.toml:1:1: unknown key `shop_id` in the file; it belongs to [tiktok]\n",
        ),
        (
            "[routing]\nrefresh_token = 'r-secret'\n",
            "config.toml:2:1: unknown key `refresh_token` in [routing]; it belongs to [tiktok] or [amazon]\n",
        ),
        (
            "[tiktok]\nclient_secret_file = 'x'\n",
            "config.toml:2:1: unknown key `client_secret_file` in [tiktok]; it belongs to [amazon]\n",
        ),
        (
            "[inventory.thresholds]\n[inventory]\nsecret = 'x'\n",
            "config.toml:3:1: unknown key `secret` in [inventory]; it belongs to [[webhooks]]\n",
        ),
    ] {
        let text = refusal(file);
        assert!(text.starts_with(start), "C25: {text}");
        assert!(!text.contains("-secret"), "C25: {text}");
    }
}

#[test]
fn c26_a_secret_file_that_cant_be_used_is_named_with_its_key() {
    let file = "[amazon]\nclient_secret_file = 'keys/client'\n";
    let start = "config.toml:2:22: `amazon.client_secret_file`: keys/client: ";
    let told = |machine: &Machine, rest: &str| {
        let text = machine.refusal();
        assert!(text.starts_with(&format!("{start}{rest}")), "C26: {text}");
        assert!(!text.ends_with('\n'), "C26: no help: {text}");
    };
    told(
        &Machine::with_file(file),
        "cannot be read\nwrite the secret alone into ",
    );
    let folder = Machine::with_file(file);
    folder.write("keys/client/inside", "x");
    told(&folder, "cannot be read\nname a file, not a folder");
    let empty = Machine::with_file(file);
    empty.write("keys/client", " \n");
    told(&empty, "is empty\nwrite the secret alone into ");
    let open = Machine::with_file(file);
    open.write("keys/client", "client-canary\n");
    open.set_mode("keys/client", 0o644);
    let text = open.refusal();
    assert_has(
        &text,
        &["`amazon.client_secret_file`: keys/client holds secrets and is readable by others"],
    );
    assert!(!text.contains("canary"), "C26: {text}");
}

#[test]
fn c29_four_warehouses_or_both_forms_at_once_are_refused() {
    assert_refused(
        "[inventory]\ntiktok_warehouse_ids = ['1', '2', '3', '4']\n",
        "config.toml:2:40: `inventory.tiktok_warehouse_ids` must have at most 3 entries",
    );
    assert_refused(
        "[inventory]\ntiktok_warehouse_ids = ['1']\ntiktok_warehouse_id = '2'\n",
        "config.toml:2:25: `inventory.tiktok_warehouse_ids` can't be set beside `tiktok_warehouse_id`",
    );
    assert_refused(
        "[inventory]\ntiktok_warehouse_ids = ['']\n",
        "config.toml:2:25: `inventory.tiktok_warehouse_ids` is missing",
    );
    assert_refused(
        "[inventory]\ntiktok_warehouse_ids = '71'\n",
        "config.toml:2:24: `inventory.tiktok_warehouse_ids` must be a list of texts",
    );
}

#[test]
fn c30_a_webhook_in_a_private_network_is_refused_unless_it_is_meant() {
    assert_refused(
        "[[webhooks]]\nurl = 'https://10.1.2.3/hook'\n",
        "config.toml:2:7: `webhooks[1].url` lies in a private network\nset allow_private = true",
    );
    let allowed = Machine::with_file("[[webhooks]]\nurl = 'https://10.1.2.3/hook'\nallow_private = true\n");
    assert!(allowed.loaded().webhooks[0].allow_private, "C30");
    let by_variable = Machine::with_file("")
        .set("WEBHOOK_1_URL", "https://10.1.2.3/hook")
        .set("WEBHOOK_1_ALLOW_PRIVATE", "true");
    assert!(by_variable.loaded().webhooks[0].allow_private, "C30");
    let refused = by_variable.set("WEBHOOK_1_ALLOW_PRIVATE", "perhaps").load();
    assert!(
        refused.is_err_and(|error| error.to_string().contains("must be one of true, false")),
        "C30"
    );
}
