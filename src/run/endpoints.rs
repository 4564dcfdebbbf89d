//! The operator's endpoints, as the settings name them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Error, Surroundings};
use crate::config::{Settings, WebhookFormat};
use crate::notify::{self, Endpoint, Format};
use crate::transport::{Names, RetryPolicy, Sender};

/// Reads the endpoints out of the settings.
///
/// # Errors
/// When an address or a signing secret can't be read.
pub fn endpoints(settings: &Settings) -> Result<Vec<Endpoint>, Error> {
    settings
        .webhooks
        .iter()
        .map(|webhook| {
            let format = match webhook.format {
                WebhookFormat::Json => Format::Json,
                WebhookFormat::Slack => Format::Slack,
            };
            let url = webhook.url.expose().parse()?;
            let endpoint = Endpoint::new(url, webhook.secret.as_ref(), webhook.events.clone(), format)?;
            Ok(endpoint
                .in_private_network(webhook.allow_private)
                .with_heartbeat(webhook.heartbeat))
        })
        .collect()
}

/// Makes the sender for endpoints: no pacing, no repetition, no record beside the deliveries' own, and no private network but where
/// that is allowed.
#[must_use]
pub fn endpoint_sender(surroundings: &Surroundings, endpoints: &[Endpoint], ends_at: Instant) -> Sender {
    let once = RetryPolicy {
        attempts_max: 1,
        backoff: Duration::ZERO,
    };
    let limits = notify::send_limits(Some(ends_at));
    let sender = Sender::new(
        surroundings.clock,
        limits,
        once,
        Arc::clone(&surroundings.stop),
        Box::new(|_, _| {}),
        Box::new(|_| {}),
    );
    let allowed = Names::allowing(endpoints.iter().filter_map(Endpoint::private_host));
    sender.kept_outside(allowed)
}
