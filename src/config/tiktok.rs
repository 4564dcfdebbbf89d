//! `[tiktok]`: the shop, the app that acts for it, and its first tokens.

use url::Url;

use super::Sources;
use super::error::{Error, MissingKey};
use super::section::Section;
use crate::secret::Secret;

/// Settings for TikTok Shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TiktokSettings {
    /// The app's public key.
    pub app_key: Option<String>,
    /// The app's secret, which signs every request.
    pub app_secret: Option<Secret>,
    /// The shop.
    pub shop_id: Option<String>,
    /// The first access token; the store keeps the current one.
    pub access_token: Option<Secret>,
    /// The first refresh token; the store keeps the current one.
    pub refresh_token: Option<Secret>,
    /// The API's base URL.
    pub api_url: Url,
    /// The token host's base URL.
    pub auth_url: Url,
    /// The most requests a minute, over all operations.
    pub requests_per_minute: u32,
    pub(super) sources: Sources,
}

/// The app that acts for a seller at TikTok.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TiktokApp {
    /// Its public key.
    pub app_key: String,
    /// Its secret, which signs every request.
    pub app_secret: Secret,
}

/// What TikTok's client needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TiktokCredentials {
    /// The app's public key.
    pub app_key: String,
    /// The app's secret, which signs every request.
    pub app_secret: Secret,
    /// The shop.
    pub shop_id: String,
    /// The first access token, where one is given.
    pub access_token: Option<Secret>,
    /// The first refresh token, where one is given.
    pub refresh_token: Option<Secret>,
}

const APP_KEY: MissingKey = MissingKey {
    key: "tiktok.app_key",
    variable: "TIKTOK_APP_KEY",
};
const APP_SECRET: MissingKey = MissingKey {
    key: "tiktok.app_secret",
    variable: "TIKTOK_APP_SECRET",
};
const SHOP_ID: MissingKey = MissingKey {
    key: "tiktok.shop_id",
    variable: "TIKTOK_SHOP_ID",
};
const REFRESH_TOKEN: MissingKey = MissingKey {
    key: "tiktok.refresh_token",
    variable: "TIKTOK_REFRESH_TOKEN",
};

impl TiktokSettings {
    pub(super) fn read(mut section: Section<'_>, sources: Sources) -> Result<Self, Error> {
        let settings = Self {
            app_key: section.identifier("app_key")?,
            app_secret: section.secret("app_secret", "app_secret_file")?,
            shop_id: section.identifier("shop_id")?,
            access_token: section.secret("access_token", "access_token_file")?,
            refresh_token: section.secret("refresh_token", "refresh_token_file")?,
            api_url: section.base_url("api_url", "https://open-api.tiktokglobalshop.com")?,
            auth_url: section.base_url("auth_url", "https://auth.tiktok-shops.com")?,
            requests_per_minute: section.number("requests_per_minute", 1..=6000, 600)?,
            sources,
        };
        section.finish()?;
        Ok(settings)
    }

    /// Returns what the client needs when the store has no tokens yet: at least one token must be given.
    ///
    /// # Errors
    /// Names every missing key at once.
    pub fn credentials(&self) -> Result<TiktokCredentials, Error> {
        let has_token = self.access_token.is_some() || self.refresh_token.is_some();
        self.complete(has_token)
    }

    /// Returns what the client needs when the store keeps the tokens: those of the settings may be gone.
    ///
    /// # Errors
    /// Names every missing key at once.
    pub fn credentials_beside_stored_tokens(&self) -> Result<TiktokCredentials, Error> {
        self.complete(true)
    }

    /// Returns the app, which is all that the first tokens need.
    ///
    /// # Errors
    /// Names every missing key at once.
    pub fn app(&self) -> Result<TiktokApp, Error> {
        let (Some(app_key), Some(app_secret)) = (&self.app_key, &self.app_secret) else {
            let present = [
                (self.app_key.is_some(), APP_KEY),
                (self.app_secret.is_some(), APP_SECRET),
            ];
            return Err(self.sources.missing("TikTok", &present));
        };
        Ok(TiktokApp {
            app_key: app_key.clone(),
            app_secret: app_secret.clone(),
        })
    }

    fn complete(&self, has_token: bool) -> Result<TiktokCredentials, Error> {
        let (Some(app_key), Some(app_secret), Some(shop_id), true) =
            (&self.app_key, &self.app_secret, &self.shop_id, has_token)
        else {
            return Err(self.missing(has_token));
        };
        Ok(TiktokCredentials {
            app_key: app_key.clone(),
            app_secret: app_secret.clone(),
            shop_id: shop_id.clone(),
            access_token: self.access_token.clone(),
            refresh_token: self.refresh_token.clone(),
        })
    }

    fn missing(&self, has_token: bool) -> Error {
        let present = [
            (self.app_key.is_some(), APP_KEY),
            (self.app_secret.is_some(), APP_SECRET),
            (self.shop_id.is_some(), SHOP_ID),
            (has_token, REFRESH_TOKEN),
        ];
        self.sources.missing("TikTok", &present)
    }
}

impl Sources {
    /// Returns the error that names every key that is not present.
    pub(super) fn missing(&self, vendor: &'static str, present: &[(bool, MissingKey)]) -> Error {
        Error::CredentialsMissing {
            vendor,
            missing: present
                .iter()
                .filter(|(is_present, _)| !is_present)
                .map(|(_, key)| *key)
                .collect(),
            file: self.file.clone(),
            tried: self.tried.clone(),
        }
    }
}
