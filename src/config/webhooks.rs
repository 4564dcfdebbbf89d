//! `[[webhooks]]`: who is told about events, and which.

use url::Url;

use super::credential::{checked, signing_key};
use super::error::{Error, Problem};
use super::section::{Found, Section};
use super::web::webhook_url;
use crate::secret::Secret;

/// What a webhook's `events` may hold: the events, a whole group, or everything.
const SELECTORS: &[&str] = &[
    "*",
    "order.*",
    "tracking.*",
    "inventory.*",
    "warehouse.*",
    "connector.*",
    "order.detected",
    "order.validated",
    "order.routed",
    "order.failed",
    "order.cancelled",
    "order.at_risk",
    "tracking.synced",
    "tracking.overdue",
    "inventory.low",
    "inventory.recovered",
    "warehouse.disabled",
    "connector.started",
    "connector.stopped",
    "error",
    "error.resolved",
];

/// What an endpoint hears that names no events: all but `connector.*`, which comes with every run.
const LEFT_OUT: [&str; 6] = [
    "order.*",
    "tracking.*",
    "inventory.*",
    "warehouse.*",
    "error",
    "error.resolved",
];

/// How a delivery is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookFormat {
    /// The event as JSON, signed after Standard Webhooks.
    Json,
    /// A sentence for a Slack channel.
    Slack,
}

/// One endpoint of the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Where deliveries go. A credential: whoever knows a Slack URL can post to the channel.
    pub url: Secret,
    /// The host of the URL, for messages.
    pub host: String,
    /// The signing secret, `whsec_` and base64 of at least 24 bytes; [`signing_key`] decodes it.
    pub secret: Option<Secret>,
    /// Names of events, `order.*` and its like, or `*`.
    pub events: Vec<String>,
    /// How a delivery is written.
    pub format: WebhookFormat,
    /// Whether it may lie in a private network.
    pub allow_private: bool,
    /// Whether it gets one request after each good `poll`. It hears of no event then, unless `events` names some: each request is a
    /// sign of life to a dead-man's switch.
    pub heartbeat: bool,
}

pub(super) fn read(sections: Vec<Section<'_>>) -> Result<Vec<Webhook>, Error> {
    sections.into_iter().map(read_one).collect()
}

fn read_one(mut section: Section<'_>) -> Result<Webhook, Error> {
    let format = section.choice(
        "format",
        &["json", "slack"],
        &[WebhookFormat::Json, WebhookFormat::Slack],
        WebhookFormat::Json,
    )?;
    let allow_private = section.flag("allow_private", false)?;
    let heartbeat = section.flag("heartbeat", false)?;
    let url = read_url(&mut section, format, allow_private)?;
    let webhook = Webhook {
        host: url.host_str().unwrap_or_default().to_owned(),
        url: Secret::new(url.as_str()),
        secret: section.secret_that_is(signing_secret, "secret", "secret_file")?,
        events: read_events(&mut section, heartbeat)?,
        format,
        allow_private,
        heartbeat,
    };
    section.finish()?;
    Ok(webhook)
}

fn read_url(section: &mut Section<'_>, format: WebhookFormat, allow_private: bool) -> Result<Url, Error> {
    if format == WebhookFormat::Slack {
        section.refuse_exposed("url")?;
    }
    let Some((text, origin)) = section.secret_text("url", "url_file")? else {
        return Err(section.absence("url"));
    };
    webhook_url(text.trim(), allow_private).map_err(|problem| section.refusal("url", origin, problem))
}

fn signing_secret(text: &str) -> Result<String, Problem> {
    let secret = checked(text)?;
    signing_key(&secret).map(|_| secret)
}

fn read_events(section: &mut Section<'_>, heartbeat: bool) -> Result<Vec<String>, Error> {
    let Some(events) = section.list("events")? else {
        return Ok(if heartbeat {
            Vec::new()
        } else {
            LEFT_OUT.map(str::to_owned).to_vec()
        });
    };
    events
        .into_iter()
        .map(|(event, origin): Found| {
            if SELECTORS.contains(&event.as_str()) {
                Ok(event)
            } else {
                Err(section.refusal("events", origin, Problem::NotOneOf { allowed: SELECTORS }))
            }
        })
        .collect()
}
