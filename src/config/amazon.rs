//! `[amazon]`: the seller's account, its marketplace and the region that serves it.

use url::Url;

use super::Sources;
use super::error::{Error, MarketplaceNote, MissingKey, Origin, Problem};
use super::region::{MARKETPLACES, Region, seller_central};
use super::section::{Found, Section};
use crate::secret::Secret;

/// Settings for Amazon's Selling Partner API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmazonSettings {
    /// The app's id at Login with Amazon.
    pub client_id: Option<String>,
    /// The app's secret at Login with Amazon.
    pub client_secret: Option<Secret>,
    /// The seller's consent.
    pub refresh_token: Option<Secret>,
    /// The seller; no request needs it.
    pub seller_id: Option<String>,
    /// The app's id in Seller Central; only the link of `mcf auth amazon` needs it.
    pub application_id: Option<String>,
    /// The marketplace that orders are fulfilled in.
    pub marketplace_id: String,
    /// The region of the marketplace.
    pub region: Region,
    /// Taken and not used: the API stopped reading AWS signatures in 2023.
    pub aws_access_key: Option<Secret>,
    /// Taken and not used: the API stopped reading AWS signatures in 2023.
    pub aws_secret_key: Option<Secret>,
    /// The API's base URL.
    pub api_url: Url,
    /// The token host's base URL.
    pub auth_url: Url,
    pub(super) sources: Sources,
}

/// The app that acts for a seller at Amazon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmazonApp {
    /// Its id at Login with Amazon.
    pub client_id: String,
    /// Its secret at Login with Amazon.
    pub client_secret: Secret,
}

/// What Amazon's client needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmazonCredentials {
    /// The app's id at Login with Amazon.
    pub client_id: String,
    /// The app's secret at Login with Amazon.
    pub client_secret: Secret,
    /// The seller's consent.
    pub refresh_token: Secret,
}

const UNITED_STATES: &str = "ATVPDKIKX0DER";

const CLIENT_ID: MissingKey = MissingKey {
    key: "amazon.client_id",
    variable: "AMAZON_CLIENT_ID",
};
const CLIENT_SECRET: MissingKey = MissingKey {
    key: "amazon.client_secret",
    variable: "AMAZON_CLIENT_SECRET",
};
const REFRESH_TOKEN: MissingKey = MissingKey {
    key: "amazon.refresh_token",
    variable: "AMAZON_REFRESH_TOKEN",
};

impl MarketplaceNote {
    fn of(id: &str) -> Self {
        let known = MARKETPLACES.iter().find(|(known, ..)| *known == id);
        Self {
            id: id.to_owned(),
            place: known.map(|(_, country, region)| (*country, *region)),
        }
    }
}

impl AmazonSettings {
    pub(super) fn read(mut section: Section<'_>, sources: Sources) -> Result<Self, Error> {
        let marketplace_id = section.identifier("marketplace_id")?;
        let marketplace_id = marketplace_id.unwrap_or_else(|| UNITED_STATES.to_owned());
        let region = read_region(&mut section, &marketplace_id)?;
        let settings = Self {
            client_id: section.identifier("client_id")?,
            client_secret: section.secret("client_secret", "client_secret_file")?,
            refresh_token: section.secret("refresh_token", "refresh_token_file")?,
            seller_id: section.identifier("seller_id")?,
            application_id: section.identifier("application_id")?,
            aws_access_key: section.secret("aws_access_key", "aws_access_key_file")?,
            aws_secret_key: section.secret("aws_secret_key", "aws_secret_key_file")?,
            api_url: section.base_url("api_url", region.api_url())?,
            auth_url: section.base_url("auth_url", "https://api.amazon.com")?,
            marketplace_id,
            region,
            sources,
        };
        section.finish()?;
        Ok(settings)
    }

    /// Returns what the client needs, with the consent of the settings.
    ///
    /// # Errors
    /// Names every missing key at once.
    pub fn credentials(&self) -> Result<AmazonCredentials, Error> {
        self.credentials_with(self.refresh_token.clone())
    }

    /// Returns what the client needs, with a consent from elsewhere.
    ///
    /// # Errors
    /// Names every missing key at once.
    pub fn credentials_with(&self, consent: Option<Secret>) -> Result<AmazonCredentials, Error> {
        let (Some(client_id), Some(client_secret), Some(refresh_token)) =
            (&self.client_id, &self.client_secret, &consent)
        else {
            return Err(self.missing(&[(consent.is_some(), REFRESH_TOKEN)]));
        };
        Ok(AmazonCredentials {
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            refresh_token: refresh_token.clone(),
        })
    }

    /// Returns the app, which is all that the first token needs.
    ///
    /// # Errors
    /// Names every missing key at once.
    pub fn app(&self) -> Result<AmazonApp, Error> {
        let (Some(client_id), Some(client_secret)) = (&self.client_id, &self.client_secret) else {
            return Err(self.missing(&[]));
        };
        Ok(AmazonApp {
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
        })
    }

    /// Returns the host of the marketplace's Seller Central.
    #[must_use]
    pub fn seller_central(&self) -> &'static str {
        seller_central(self.country(), self.region)
    }

    /// Returns the country of the marketplace, where this program knows it.
    #[must_use]
    pub fn country(&self) -> Option<&'static str> {
        MarketplaceNote::of(&self.marketplace_id)
            .place
            .map(|(country, _)| country)
    }

    fn missing(&self, more: &[(bool, MissingKey)]) -> Error {
        let app = [
            (self.client_id.is_some(), CLIENT_ID),
            (self.client_secret.is_some(), CLIENT_SECRET),
        ];
        self.sources.missing("Amazon", &[&app, more].concat())
    }
}

/// A region that is not given follows the marketplace; one that is given must fit it.
fn read_region(section: &mut Section<'_>, marketplace_id: &str) -> Result<Region, Error> {
    let marketplace = MarketplaceNote::of(marketplace_id);
    let Some((text, origin)): Option<Found> = section.text("region")? else {
        return Ok(marketplace.place.map_or(Region::NorthAmerica, |(_, region)| region));
    };
    let refusal = |origin: Origin, problem| section.refusal("region", origin, problem);
    let Some(given) = Region::read(&text) else {
        return Err(refusal(origin, Problem::NotARegion { marketplace }));
    };
    match marketplace.place {
        Some((_, region)) if region != given => Err(refusal(origin, Problem::RegionMismatch { given, marketplace })),
        _ => Ok(given),
    }
}
