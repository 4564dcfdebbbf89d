//! Amazon's regions and the marketplaces in them.

use std::fmt;

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
pub(super) const MARKETPLACES: [(&str, &str, Region); 23] = [
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

/// Returns the host of a country's Seller Central (SP-API, "Seller Central URLs"); Europe's where the country has none of its own.
pub(super) fn seller_central(country: Option<&str>, region: Region) -> &'static str {
    match (country, region) {
        (Some("CA"), _) => "sellercentral.amazon.ca",
        (Some("MX"), _) => "sellercentral.amazon.com.mx",
        (Some("BR"), _) => "sellercentral.amazon.com.br",
        (Some("NL"), _) => "sellercentral.amazon.nl",
        (Some("SE"), _) => "sellercentral.amazon.se",
        (Some("PL"), _) => "sellercentral.amazon.pl",
        (Some("BE"), _) => "sellercentral.amazon.com.be",
        (Some("TR"), _) => "sellercentral.amazon.com.tr",
        (Some("EG"), _) => "sellercentral.amazon.eg",
        (Some("SA"), _) => "sellercentral.amazon.sa",
        (Some("AE"), _) => "sellercentral.amazon.ae",
        (Some("IN"), _) => "sellercentral.amazon.in",
        (Some("ZA"), _) => "sellercentral.amazon.co.za",
        (Some("AU"), _) => "sellercentral.amazon.com.au",
        (Some("SG"), _) => "sellercentral.amazon.sg",
        (Some("JP"), _) | (None, Region::FarEast) => "sellercentral.amazon.co.jp",
        (_, Region::Europe) => "sellercentral-europe.amazon.com",
        (_, Region::NorthAmerica | Region::FarEast) => "sellercentral.amazon.com",
    }
}

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
