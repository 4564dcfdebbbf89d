//! `[amazon]`: the seller's account, its marketplace and the region that serves it.

use std::fmt;

use url::Url;

use super::Sources;
use super::error::{Error, MarketplaceNote, MissingKey, Origin, Problem};
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

/// A region of the Selling Partner API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    /// North and South America.
    NorthAmerica,
    /// Europe, the Middle East, Africa and India.
    Europe,
    /// Japan, Australia and Singapore.
    FarEast,
}

/// Every marketplace with its country (SP-API, "Marketplace IDs").
const MARKETPLACES: [(&str, &str, Region); 23] = [
    ("ATVPDKIKX0DER", "US", Region::NorthAmerica),
    ("A2EUQ1WTGCTBG2", "CA", Region::NorthAmerica),
    ("A1AM78C64UM0Y8", "MX", Region::NorthAmerica),
    ("A2Q3Y263D00KWC", "BR", Region::NorthAmerica),
    ("A1F83G8C2ARO7P", "GB", Region::Europe),
    ("A1PA6795UKMFR9", "DE", Region::Europe),
    ("A13V1IB3VIYZZH", "FR", Region::Europe),
    ("APJ6JRA9NG5V4", "IT", Region::Europe),
    ("A1RKKUPIHCS9HS", "ES", Region::Europe),
    ("A1805IZSGTT6HS", "NL", Region::Europe),
    ("A2NODRKZP88ZB9", "SE", Region::Europe),
    ("A1C3SOZRARQ6R3", "PL", Region::Europe),
    ("AMEN7PMS3EDWL", "BE", Region::Europe),
    ("A28R8C7NBKEWEA", "IE", Region::Europe),
    ("A33AVAJ2PDY3EV", "TR", Region::Europe),
    ("ARBP9OOSHTCHU", "EG", Region::Europe),
    ("A17E79C6D8DWNP", "SA", Region::Europe),
    ("A2VIGQ35RCS4UG", "AE", Region::Europe),
    ("A21TJRUUN4KGV", "IN", Region::Europe),
    ("AE08WJ6YKNBMC", "ZA", Region::Europe),
    ("A1VC38T7YXB528", "JP", Region::FarEast),
    ("A39IBJ37TRP1C6", "AU", Region::FarEast),
    ("A19VAU5U5O7RUS", "SG", Region::FarEast),
];

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

impl Region {
    /// Reads a region: Amazon's short name or the AWS region behind it.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "na" | "us-east-1" => Some(Self::NorthAmerica),
            "eu" | "eu-west-1" => Some(Self::Europe),
            "fe" | "us-west-2" => Some(Self::FarEast),
            _ => None,
        }
    }

    /// Returns Amazon's short name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NorthAmerica => "na",
            Self::Europe => "eu",
            Self::FarEast => "fe",
        }
    }

    /// Returns the base URL of the region's API.
    #[must_use]
    pub fn api_url(self) -> &'static str {
        match self {
            Self::NorthAmerica => "https://sellingpartnerapi-na.amazon.com",
            Self::Europe => "https://sellingpartnerapi-eu.amazon.com",
            Self::FarEast => "https://sellingpartnerapi-fe.amazon.com",
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

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

    /// Returns what the client needs.
    ///
    /// # Errors
    /// Names every missing key at once.
    pub fn credentials(&self) -> Result<AmazonCredentials, Error> {
        let (Some(client_id), Some(client_secret), Some(refresh_token)) =
            (&self.client_id, &self.client_secret, &self.refresh_token)
        else {
            return Err(self.missing());
        };
        Ok(AmazonCredentials {
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            refresh_token: refresh_token.clone(),
        })
    }

    /// Returns the country of the marketplace, where this program knows it.
    #[must_use]
    pub fn country(&self) -> Option<&'static str> {
        MarketplaceNote::of(&self.marketplace_id)
            .place
            .map(|(country, _)| country)
    }

    fn missing(&self) -> Error {
        let present = [
            (self.client_id.is_some(), CLIENT_ID),
            (self.client_secret.is_some(), CLIENT_SECRET),
            (self.refresh_token.is_some(), REFRESH_TOKEN),
        ];
        self.sources.missing("Amazon", &present)
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
