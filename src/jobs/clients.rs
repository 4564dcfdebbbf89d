//! The vendors' clients of a session, which renew their own tokens, and the shop that they work for.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Error, Session, tokens};
use crate::amazon::{self, Amazon};
use crate::secret::Secret;
use crate::store::{self, Store};
use crate::tiktok::{self, Tiktok};

/// The shop as it is kept between runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KnownShop {
    pub(super) cipher: String,
    pub(super) region: String,
    /// Its name; none where an earlier version kept the shop.
    #[serde(default)]
    name: Option<String>,
}

/// Returns the name of a shop, where TikTok was asked for it.
///
/// # Errors
/// When the database refuses.
pub fn shop_name(store: &Store, shop_id: &str) -> store::Result<Option<String>> {
    let known = store.fact::<KnownShop>(&fact_of(shop_id))?;
    Ok(known.and_then(|(shop, _)| shop.name))
}

fn fact_of(shop_id: &str) -> String {
    format!("tiktok.shop.{shop_id}")
}

impl Session {
    /// Returns TikTok's client for the configured shop; its cipher is looked up once and kept.
    ///
    /// # Errors
    /// When credentials are missing or refused, or the token does not open the shop.
    pub fn tiktok(&self) -> Result<Tiktok, Error> {
        let client = self.tiktok_without_shop()?;
        let shop = self.shop(&client)?;
        Ok(client.with_shop(Secret::new(shop.cipher)))
    }

    /// Returns TikTok's client for calls that name no shop.
    ///
    /// # Errors
    /// When credentials are missing.
    pub fn tiktok_without_shop(&self) -> Result<Tiktok, Error> {
        let source = tokens::tiktok_source(self)?;
        Ok(Tiktok::new(self.tiktok_settings()?, Arc::clone(&self.sender), source))
    }

    pub(super) fn tiktok_settings(&self) -> Result<tiktok::Settings, Error> {
        let app = self.settings.tiktok.app()?;
        Ok(tiktok::Settings {
            app_key: app.app_key,
            app_secret: app.app_secret,
            api_url: self.settings.tiktok.api_url.clone(),
            auth_url: self.settings.tiktok.auth_url.clone(),
        })
    }

    /// Returns the configured shop, asking TikTok only when it is not kept yet.
    pub(super) fn shop(&self, client: &Tiktok) -> Result<KnownShop, Error> {
        let name = self.shop_fact()?;
        if let Some((shop, _)) = self.store.fact::<KnownShop>(&name)? {
            return Ok(shop);
        }
        self.ask_for_shop(client)
    }

    /// Asks TikTok for the configured shop and keeps it.
    pub(super) fn ask_for_shop(&self, client: &Tiktok) -> Result<KnownShop, Error> {
        let wanted = self.settings.tiktok.credentials_beside_stored_tokens()?.shop_id;
        let shops = client.shops()?;
        let Some(found) = shops.iter().find(|shop| shop.id == wanted) else {
            return Err(Error::ShopNotFound {
                wanted,
                found: shops.into_iter().map(|shop| shop.id).collect(),
            });
        };
        let shop = KnownShop {
            cipher: found.cipher.expose().to_owned(),
            region: found.region.clone(),
            name: Some(found.name.clone()),
        };
        self.store.keep_fact(&self.shop_fact()?, &shop, self.now())?;
        Ok(shop)
    }

    /// Forgets the shop, after TikTok said that token and shop do not belong together.
    pub(super) fn forget_shop(&self) -> Result<(), Error> {
        Ok(self.store.forget_fact(&self.shop_fact()?)?)
    }

    fn shop_fact(&self) -> Result<String, Error> {
        let shop = self.settings.tiktok.credentials_beside_stored_tokens()?.shop_id;
        Ok(fact_of(&shop))
    }

    /// Returns Amazon's client.
    ///
    /// # Errors
    /// When credentials are missing.
    pub fn amazon(&self) -> Result<Amazon, Error> {
        Ok(self.amazon_by(tokens::amazon_source(self)?))
    }

    /// Returns Amazon's client with tokens from elsewhere.
    pub(super) fn amazon_by(&self, source: amazon::TokenSource) -> Amazon {
        let settings = amazon::Settings {
            api_url: self.settings.amazon.api_url.clone(),
            marketplace_id: self.settings.amazon.marketplace_id.clone(),
        };
        Amazon::new(settings, Arc::clone(&self.sender), source)
    }
}
