//! The settings as they are in force, for people: each key with its value, secrets only as set or not.

use std::fmt::{Debug, Display};

use super::Settings;
use super::webhooks::Webhook;
use crate::secret::Secret;

/// A table of the settings with its keys and their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// As a file names it, e.g. `[routing]`.
    pub table: String,
    /// Each key with its value.
    pub values: Vec<(String, String)>,
}

const UNSET: &str = "not set";

impl Settings {
    /// Returns what is in force, without a secret.
    #[must_use]
    pub fn shown(&self) -> Vec<Shown> {
        let mut tables = vec![
            self.shown_tiktok(),
            self.shown_amazon(),
            self.shown_store(),
            self.shown_schedule(),
        ];
        tables.extend([self.shown_retry(), self.shown_routing(), self.shown_delivery_options()]);
        tables.extend([
            self.shown_inventory(),
            self.shown_thresholds(),
            self.shown_tracking(),
            self.shown_carriers(),
        ]);
        tables.extend([self.shown_serve(), self.shown_alerts(), self.shown_privacy()]);
        tables.extend(self.webhooks.iter().map(shown_webhook));
        tables
    }

    fn shown_tiktok(&self) -> Shown {
        let tiktok = &self.tiktok;
        let values = [
            ("app_key", maybe(tiktok.app_key.as_ref())),
            ("app_secret", hidden(tiktok.app_secret.as_ref())),
            ("shop_id", maybe(tiktok.shop_id.as_ref())),
            ("access_token", hidden(tiktok.access_token.as_ref())),
            ("refresh_token", hidden(tiktok.refresh_token.as_ref())),
            ("api_url", tiktok.api_url.to_string()),
            ("auth_url", tiktok.auth_url.to_string()),
            ("requests_per_minute", tiktok.requests_per_minute.to_string()),
        ];
        table("[tiktok]", values)
    }

    fn shown_amazon(&self) -> Shown {
        let amazon = &self.amazon;
        let values = [
            ("client_id", maybe(amazon.client_id.as_ref())),
            ("client_secret", hidden(amazon.client_secret.as_ref())),
            ("refresh_token", hidden(amazon.refresh_token.as_ref())),
            ("seller_id", maybe(amazon.seller_id.as_ref())),
            ("application_id", maybe(amazon.application_id.as_ref())),
            ("marketplace_id", amazon.marketplace_id.clone()),
            ("region", amazon.region.to_string()),
            ("aws_access_key", hidden(amazon.aws_access_key.as_ref())),
            ("aws_secret_key", hidden(amazon.aws_secret_key.as_ref())),
            ("api_url", amazon.api_url.to_string()),
            ("auth_url", amazon.auth_url.to_string()),
        ];
        table("[amazon]", values)
    }

    fn shown_store(&self) -> Shown {
        let store = &self.store;
        let values = [
            ("path", store.path.display().to_string()),
            ("url", hidden(store.url.as_ref())),
            ("schema", store.schema.clone()),
            ("data_key", hidden(store.data_key.as_ref().map(|key| &key.text))),
        ];
        table("[store]", values)
    }

    fn shown_schedule(&self) -> Shown {
        let schedule = &self.schedule;
        let values = [
            ("order_poll_interval_minutes", schedule.order_poll_interval_minutes),
            (
                "tracking_sync_interval_minutes",
                schedule.tracking_sync_interval_minutes,
            ),
            (
                "inventory_sync_interval_minutes",
                schedule.inventory_sync_interval_minutes,
            ),
        ];
        table("[schedule]", values)
    }

    fn shown_retry(&self) -> Shown {
        let retry = &self.retry;
        let values = [
            ("max_attempts", retry.max_attempts),
            ("backoff_ms", retry.backoff_ms),
            ("unknown_grace_minutes", retry.unknown_grace_minutes),
        ];
        table("[retry]", values)
    }

    fn shown_routing(&self) -> Shown {
        let (routing, speeds) = (&self.routing, &self.routing.speeds);
        let values = [
            ("shipping_speed", speeds.default.to_string()),
            ("fast_delivery_speed", speeds.fast_delivery.to_string()),
            ("grace_minutes", routing.grace_minutes.to_string()),
            ("lookback_hours", routing.lookback_hours.to_string()),
            ("order_comment", routing.order_comment.clone()),
            ("deadline", word(speeds.deadline.mode)),
            ("fastest_speed", speeds.deadline.fastest.to_string()),
            ("too_late", word(speeds.deadline.too_late)),
            ("deadline_margin_hours", speeds.deadline.margin.num_hours().to_string()),
            ("preview", routing.preview.to_string()),
            ("fee_share_max", routing.fee_share_max.to_string()),
            ("approval", word(routing.approval)),
            ("block_amazon_logistics", routing.block_amazon_logistics.to_string()),
            ("unbranded_box", routing.unbranded_box.to_string()),
            ("samples", word(routing.samples)),
            ("replacements", word(routing.replacements)),
            ("po_boxes", word(routing.po_boxes)),
            ("rural_routes", word(routing.rural_routes)),
            ("military", word(routing.military)),
            ("territories", word(routing.territories)),
            ("alaska_hawaii", word(routing.alaska_hawaii)),
            ("non_latin", word(routing.non_latin)),
            ("address_line_max", routing.address_line_max.to_string()),
        ];
        table("[routing]", values)
    }

    fn shown_delivery_options(&self) -> Shown {
        table("[routing.delivery_options]", &self.routing.speeds.delivery_options)
    }

    fn shown_inventory(&self) -> Shown {
        let inventory = &self.inventory;
        let warehouses: Vec<&str> = inventory.tiktok_warehouse_ids.iter().map(|id| id.as_str()).collect();
        let values = [
            ("low_stock_threshold", inventory.low_stock_threshold.to_string()),
            ("safety_stock", inventory.safety_stock.to_string()),
            ("tiktok_warehouse_ids", list(&warehouses)),
            ("brake_zero_share", inventory.brake_zero_share.to_string()),
            ("brake_factor", inventory.brake_factor.to_string()),
        ];
        table("[inventory]", values)
    }

    fn shown_thresholds(&self) -> Shown {
        table("[inventory.thresholds]", &self.inventory.thresholds)
    }

    fn shown_tracking(&self) -> Shown {
        let tracking = &self.tracking;
        let values = [
            ("use_aftn", tracking.use_aftn.to_string()),
            ("default_carrier", maybe(tracking.default_carrier.as_ref())),
        ];
        table("[tracking]", values)
    }

    fn shown_carriers(&self) -> Shown {
        table("[tracking.carriers]", &self.tracking.carriers)
    }

    fn shown_serve(&self) -> Shown {
        table("[serve]", [("public_url", maybe(self.serve.public_url.as_ref()))])
    }

    fn shown_alerts(&self) -> Shown {
        let quiet = self.alerts.quiet.map(|hours| hours.to_string());
        table("[alerts]", [("quiet", maybe(quiet.as_ref()))])
    }

    fn shown_privacy(&self) -> Shown {
        table("[privacy]", [("retention_days", self.privacy.retention_days)])
    }
}

/// The address of an endpoint may be a credential; its host is none.
fn shown_webhook(webhook: &Webhook) -> Shown {
    let events: Vec<&str> = webhook.events.iter().map(String::as_str).collect();
    let values = [
        ("url", format!("hidden; its host is {}", webhook.host)),
        ("secret", hidden(webhook.secret.as_ref())),
        ("events", list(&events)),
        ("format", word(webhook.format)),
        ("allow_private", webhook.allow_private.to_string()),
        ("heartbeat", webhook.heartbeat.to_string()),
    ];
    table("[[webhooks]]", values)
}

fn table<Key: ToString, Value: ToString>(name: &str, values: impl IntoIterator<Item = (Key, Value)>) -> Shown {
    let values = values.into_iter();
    Shown {
        table: name.to_owned(),
        values: values
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect(),
    }
}

fn maybe(value: Option<&impl Display>) -> String {
    value.map_or_else(|| UNSET.to_owned(), ToString::to_string)
}

fn hidden(secret: Option<&Secret>) -> String {
    if secret.is_some() { "set, hidden" } else { UNSET }.to_owned()
}

fn list(values: &[&str]) -> String {
    if values.is_empty() {
        return "none".to_owned();
    }
    values.join(", ")
}

/// A choice is named in a file as it is here, in lower case.
fn word(choice: impl Debug) -> String {
    format!("{choice:?}").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::places;
    use super::super::{Environment, Overrides};
    use super::*;

    fn settings(text: &str) -> Settings {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).expect("a file");
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
        let environment = Environment {
            variables: std::collections::BTreeMap::new(),
            ..Environment::of_process().expect("an environment")
        };
        let overrides = Overrides {
            config: Some(path),
            database: None,
        };
        Settings::load(&environment, &overrides).expect("settings")
    }

    #[test]
    fn every_key_of_the_example_is_shown() {
        let url = "[[webhooks]]\nurl = \"https://hooks.example/T0/CANARY\"\n";
        let shown = settings(url).shown();
        for (table, key) in places() {
            // What only lets another key be larger is seen by that key.
            let Some(key) = key.filter(|key| *key != "retention_beyond_policy") else {
                continue;
            };
            let is_shown = |shown: &Shown| shown.table == table && shown.values.iter().any(|(name, _)| name == key);
            assert!(shown.iter().any(is_shown), "{table} {key}");
        }
    }

    #[test]
    fn no_secret_is_shown_c5() {
        let text = "[tiktok]\napp_key = \"key\"\napp_secret = \"CANARY-1\"\naccess_token = \"CANARY-2\"\n[amazon]\n\
            client_secret = \"CANARY-3\"\n[[webhooks]]\nurl = \"https://hooks.example/T0/CANARY-4\"\nformat = \"slack\"\n";
        let shown = format!("{:?}", settings(text).shown());
        assert!(!shown.contains("CANARY") && shown.contains("hooks.example"), "{shown}");
    }
}
