//! Where values come from and what they are.

use std::path::Path;

use super::super::template::TEMPLATE;
use super::*;
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::quiet::QuietHours;
use crate::domain::routing::{DeadlineMode, SpeedRules, TooLate};
use crate::secret::Secret;

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
    let all_but_connector = [
        "order.*",
        "tracking.*",
        "inventory.*",
        "warehouse.*",
        "error",
        "error.resolved",
    ];
    assert_eq!(webhook.events, all_but_connector, "E168");
    assert_eq!(webhook.format, WebhookFormat::Json);
    let silent = Machine::with_file("[[webhooks]]\nurl = 'https://a.example'\n").loaded();
    assert_eq!(silent.webhooks[0].events, all_but_connector, "E168");
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
    assert_eq!(settings.retry.unknown_grace_minutes, 15);
    assert_eq!(settings.routing.speeds, SpeedRules::default());
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
    assert_eq!(settings.inventory.tiktok_warehouse_ids, []);
    assert_eq!(
        (settings.inventory.brake_zero_share, settings.inventory.brake_factor),
        (50, 10)
    );
    assert!(settings.inventory.thresholds.is_empty());
    assert!(!settings.tracking.use_aftn && settings.tracking.carriers.is_empty());
    assert!(settings.webhooks.is_empty());
    assert_eq!(settings.privacy.retention_days, 25);
    assert_eq!(settings.alerts.quiet, None);
}

#[test]
fn a_dead_mans_switch_hears_of_no_event_unless_some_are_named() {
    let webhook = |more: &str| {
        let text = format!("[[webhooks]]\nurl = \"https://hc.example.com/ping\"\nheartbeat = true\n{more}");
        Machine::with_file(&text).loaded().webhooks.remove(0)
    };
    assert_eq!((webhook("").heartbeat, webhook("").events), (true, Vec::new()));
    assert_eq!(webhook("events = [\"error\"]\n").events, ["error"]);
}

#[test]
fn what_is_kept_longer_than_the_policies_say_is_said_so() {
    let text = "[privacy]\nretention_days = 90\nretention_beyond_policy = true\n[alerts]\nquiet = \"22:00-07:00\"\n";
    let settings = Machine::with_file(text).loaded();
    assert_eq!(settings.privacy.retention_days, 90);
    assert_eq!(settings.alerts.quiet, QuietHours::read("22:00-07:00"));
}

#[test]
fn a_sku_can_have_an_alert_threshold_of_its_own() {
    let inventory =
        Machine::with_file("[inventory]\nlow_stock_threshold = 7\n[inventory.thresholds]\n\"FBA LAMP\" = 25\n")
            .loaded()
            .inventory;
    let threshold = |sku| inventory.threshold(&crate::domain::ids::AmazonSku::new(sku));
    assert_eq!((threshold("FBA LAMP"), threshold("FBA-BULB")), (25, 7));
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
fn every_credential_that_a_unit_passes_on_is_found_and_an_empty_one_is_none() {
    let text = "[tiktok]\napp_secret = 'in-file'\n[[webhooks]]\nurl = 'https://example.com'\n";
    let names = credential::names(1);
    let loaded = |content: fn(&str) -> String| {
        let machine = Machine::with_file(text);
        for name in &names {
            machine.write(&format!("credentials/{name}"), content(name));
        }
        let folder = machine.path("credentials");
        machine
            .set("CREDENTIALS_DIRECTORY", folder.to_str().expect("text"))
            .loaded()
    };
    let filled = loaded(|name| match name {
        "webhook_1_url" => "https://passed.example/".to_owned(),
        "webhook_1_secret" => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=\n".to_owned(),
        "mcf_data_key" => format!("{DATA_KEY}\n"),
        "mcf_store_url" => "postgres://passed.example/shop\n".to_owned(),
        name => format!("{name}\n"),
    });
    let (tiktok, amazon, webhook) = (&filled.tiktok, &filled.amazon, &filled.webhooks[0]);
    for (name, found) in [
        ("tiktok_app_secret", &tiktok.app_secret),
        ("tiktok_access_token", &tiktok.access_token),
        ("tiktok_refresh_token", &tiktok.refresh_token),
        ("amazon_client_secret", &amazon.client_secret),
        ("amazon_refresh_token", &amazon.refresh_token),
    ] {
        assert_eq!(found.as_ref().map(Secret::expose), Some(name));
    }
    let key = filled.store.data_key.as_ref().map(|key| key.text.expose());
    assert_eq!(key, Some(DATA_KEY));
    assert_eq!(
        (webhook.host.as_str(), webhook.secret.is_some()),
        ("passed.example", true)
    );
    let url = filled.store.url.as_ref().map(Secret::expose);
    assert_eq!(url, Some("postgres://passed.example/shop"));
    assert_eq!(names.len(), 9, "no name without a look");
    let empty = loaded(|_| "\n".to_owned());
    assert_eq!(empty.tiktok.app_secret.as_ref().map(Secret::expose), Some("in-file"));
    assert!(empty.amazon.refresh_token.is_none() && empty.webhooks[0].secret.is_none());
    assert!(empty.store.url.is_none());
}

const DATA_KEY: &str = "uLr6cJ1TzR0a5cXyQ2Y3vN4b8mKq7sD9eF0gH1iJ2kA=";

#[test]
fn the_data_key_is_found_in_a_variable_a_credential_a_named_file_and_the_file() {
    let key = |settings: Settings| {
        settings
            .store
            .data_key
            .map(|key| (key.text.expose().to_owned(), key.origin.to_string()))
    };
    let machine = Machine::with_file("[store]\ndata_key_file = 'apart'\n");
    let file = format!("1 {DATA_KEY}\n");
    machine.write("apart", &file);
    let (text, origin) = key(machine.loaded()).expect("in the named file");
    assert_eq!(text, file.trim());
    assert!(origin.ends_with("/apart"), "{origin}");
    let machine = machine.set("MCF_DATA_KEY", DATA_KEY);
    let in_variable = (DATA_KEY.to_owned(), "environment variable MCF_DATA_KEY".to_owned());
    assert_eq!(key(machine.loaded()), Some(in_variable));
    let machine = Machine::with_file(&format!("[store]\ndata_key = '{DATA_KEY}'\n"));
    assert!(key(machine.loaded()).is_some());
    assert_eq!(
        key(machine.set("MCF_PATH", "elsewhere.db").loaded()).map(|key| key.0),
        Some(DATA_KEY.to_owned())
    );
}

#[test]
fn what_is_no_data_key_is_refused_and_not_repeated() {
    for text in [
        "short",
        "1 c2hvcnQ=",
        "1 2 3",
        "uLr6cJ1TzR0a5cXyQ2Y3vN4b8mKq7sD9eF0gH1iJ2kA=\nrest",
    ] {
        let refusal = Machine::new().set("MCF_DATA_KEY", text).refusal();
        assert_has(
            &refusal,
            &["`store.data_key` must be 32 bytes in base64", "openssl rand -base64 32"],
        );
        assert!(!refusal.contains(text), "{refusal}");
    }
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
        "[routing]\npo_boxes = 'flag'\nshipping_speed = 'expedited'\npreview = true\nfast_delivery_speed = 'Priority'\n\
         deadline = 'upgrade'\nfastest_speed = 'Expedited'\ntoo_late = 'flag'\ndeadline_margin_hours = 6\n\
         [routing.delivery_options]\n'Express Shipping' = 'Expedited'\n7091146663229654785 = 'priority'\n\
         [tracking]\nuse_aftn = true\ndefault_carrier = '7117858'\n\
         [tracking.carriers]\n'AMZN_US' = 'Amazon Logistics'\nUPS = '1'\n",
    )
    .loaded();
    assert_eq!(settings.routing.po_boxes, Handling::Flag);
    assert_eq!(settings.routing.speeds.default, ShippingSpeed::Expedited);
    assert_eq!(settings.routing.speeds.fast_delivery, ShippingSpeed::Priority);
    let deadline = &settings.routing.speeds.deadline;
    assert_eq!(
        (deadline.mode, deadline.too_late),
        (DeadlineMode::Upgrade, TooLate::Flag)
    );
    assert_eq!(
        (&deadline.fastest, deadline.margin),
        (&ShippingSpeed::Expedited, chrono::TimeDelta::hours(6))
    );
    let options = settings.routing.speeds.delivery_options.into_iter();
    let options: Vec<_> = options.map(|(option, speed)| (option, speed.to_string())).collect();
    assert_eq!(
        options,
        [
            ("7091146663229654785".to_owned(), "Priority".to_owned()),
            ("Express Shipping".to_owned(), "Expedited".to_owned())
        ]
    );
    assert!(settings.routing.preview && settings.tracking.use_aftn);
    assert_eq!(settings.tracking.default_carrier.as_deref(), Some("7117858"));
    assert_eq!(settings.tracking.carriers["AMZN_US"], "Amazon Logistics");
    assert_eq!(settings.tracking.carriers.len(), 2);
}

#[test]
fn a_limit_for_fees_and_the_deadline_ask_for_a_preview_because_only_that_names_them() {
    let routing = |text: &str| Machine::with_file(&format!("[routing]\n{text}")).loaded().routing;
    assert!(routing("").asks_for_preview(), "warn");
    assert!(!routing("deadline = 'off'\n").asks_for_preview());
    assert!(routing("deadline = 'off'\npreview = true\n").asks_for_preview());
    let limited = routing("deadline = 'off'\nfee_share_max = 40\n");
    assert!(limited.asks_for_preview());
    assert_eq!(limited.fee_share_max, 40);
}

#[test]
fn samples_and_replacements_are_sent_unless_the_operator_wants_to_see_them_e145_e146() {
    let kinds = |text: &str| {
        let routing = Machine::with_file(&format!("[routing]\n{text}")).loaded().routing;
        (routing.samples, routing.replacements)
    };
    assert_eq!(kinds(""), (Handling::Send, Handling::Send));
    let flagged = kinds("samples = 'flag'\nreplacements = 'flag'\n");
    assert_eq!(flagged, (Handling::Flag, Handling::Flag));
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

#[test]
fn every_event_and_group_can_be_asked_for() {
    let names = [
        "*",
        "order.*",
        "tracking.*",
        "inventory.*",
        "connector.*",
        "order.detected",
        "order.validated",
        "order.routed",
        "order.failed",
        "order.cancelled",
        "tracking.synced",
        "tracking.overdue",
        "inventory.low",
        "inventory.recovered",
        "connector.started",
        "connector.stopped",
        "error",
    ];
    let file = format!("[[webhooks]]\nurl = 'https://example.com'\nevents = {names:?}\n");
    assert_eq!(Machine::with_file(&file).loaded().webhooks[0].events, names);
}

#[test]
fn c29_up_to_three_warehouses_stand_in_a_list_and_one_by_itself() {
    let ids = |file: &str| -> Vec<String> {
        let warehouses = Machine::with_file(file).loaded().inventory.tiktok_warehouse_ids;
        warehouses.iter().map(ToString::to_string).collect()
    };
    assert_eq!(ids("[inventory]\ntiktok_warehouse_id = '71'\n"), ["71"], "C29");
    assert_eq!(
        ids("[inventory]\ntiktok_warehouse_ids = ['71', '72', '71']\n"),
        ["71", "72"],
        "C29"
    );
    assert_eq!(
        ids("[inventory]\ntiktok_warehouse_id = ''\ntiktok_warehouse_ids = ['72']\n"),
        ["72"],
        "C29"
    );
    assert!(ids("[inventory]\ntiktok_warehouse_ids = []\n").is_empty(), "C29");
}
