//! TikTok Shop's API (Partner API 202309 and later), seen from the domain.
//!
//! Owns the signature, the token calls, one method per endpoint, the table of TikTok's codes, and the only place where
//! TikTok's JSON becomes domain values (`convert`). It imports `domain`, `transport`, `secret` and `clock` alone.
//! Must never guess: an absent fact stays absent, an answer without its data is an error and never an empty list.
//! Must never put a token, a query string, an address or a body into an error or a record.
//!
//! Every call: ask for the token → build and sign → send through [`Sender`] → read the envelope before the HTTP status →
//! on an expired token ask for a new one once.

mod answer;
mod cancellations;
mod client;
mod codes;
mod convert;
mod error;
mod field;
mod fulfillment;
mod inventory;
pub mod operations;
mod orders;
mod repair;
mod shop;
mod sign;
mod token;
mod types;

use std::sync::Arc;

use url::Url;

use crate::secret::Secret;
#[cfg(doc)]
use crate::transport::Sender;

pub use cancellations::{CancellationPage, CancellationQuery};
pub use client::Tiktok;
pub use codes::{Class, class_of};
pub use error::Error;
pub use inventory::StockOf;
pub use orders::{FoundOrders, OrderPage, OrderQuery, UnreadableOrder};
pub use shop::{ListingPage, ListingQuery};
pub use sign::verify_webhook;
pub use token::{exchange_code, refresh_tokens};

/// Who we are at TikTok and where TikTok is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The app's key; not a secret.
    pub app_key: String,
    /// The app's secret: it signs calls and checks webhooks.
    pub app_secret: Secret,
    /// The API host.
    pub api_url: Url,
    /// The token host.
    pub auth_url: Url,
}

/// Gives the access token. `None` asks for the current one, `Some(refused)` for another one than the refused.
///
/// It is asked once per call, and once more when TikTok says that the token is expired; whoever provides it makes sure
/// that only one process refreshes at a time.
pub type TokenSource = Arc<dyn Fn(Option<&Secret>) -> Result<Secret, Error> + Send + Sync>;
