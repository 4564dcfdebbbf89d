//! What can be wrong with a single value.

use std::fmt;

use thiserror::Error;

use crate::config::region::Region;

/// What is wrong with a single value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// A number beyond its limits.
    #[error("must be from {min} to {max}")]
    OutOfRange {
        /// The least allowed value.
        min: u32,
        /// The greatest allowed value.
        max: u32,
    },
    /// Text where a number is expected (environment variables are always text).
    #[error("must be a whole number")]
    NotANumber,
    /// A word that is none of the allowed ones.
    #[error("must be one of {}", allowed.join(", "))]
    NotOneOf {
        /// The allowed words.
        allowed: &'static [&'static str],
    },
    /// Nothing where something is needed.
    #[error("is missing")]
    Missing,
    /// Text over its limit.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The limit, in characters.
        max: usize,
    },
    /// Line breaks, tabs and other control characters.
    #[error("must not hold control characters")]
    ControlCharacters,
    /// `changeme` and its like.
    #[error("is a placeholder, not a real value")]
    Placeholder,
    /// A space or a line break inside a credential.
    #[error("has white space inside")]
    InnerWhitespace,
    /// Not a URL with a host.
    #[error("is not an absolute URL")]
    NotAUrl,
    /// Plain HTTP to another machine.
    #[error("must begin with https:// (http is allowed on loopback only)")]
    InsecureUrl,
    /// `https://user:password@…`.
    #[error("must not carry a user or a password")]
    UserInUrl,
    /// A `?` or `#` part in a base URL.
    #[error("must not carry a query or a fragment")]
    QueryInUrl,
    /// A path behind the host.
    #[error("must end with the host: a page of its own needs a host of its own")]
    PathInUrl,
    /// More entries than a list may have.
    #[error("must have at most {max} entries")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// Two forms of the same setting.
    #[error("can't be set beside `{other}`")]
    Beside {
        /// The other form.
        other: &'static str,
    },
    /// An address that serves machine credentials, or that no endpoint can have.
    #[error("points to a link-local, metadata or unspecified address")]
    ForbiddenAddress,
    /// An address of a private network.
    #[error("lies in a private network")]
    PrivateAddress,
    /// A webhook secret that is not `whsec_` and base64.
    #[error("must be `whsec_` followed by base64")]
    SigningSecretUnreadable,
    /// A webhook secret of too few bytes.
    #[error("must hold at least {min} bytes before base64")]
    SigningSecretShort {
        /// The least number of bytes.
        min: usize,
    },
    /// Not one of Amazon's regions.
    #[error("must be na, eu or fe (us-east-1, eu-west-1 and us-west-2 are understood); {marketplace}")]
    NotARegion {
        /// The marketplace, which shows the right region.
        marketplace: MarketplaceNote,
    },
    /// A marketplace that the region's host doesn't serve.
    #[error("is `{given}`, but {marketplace}")]
    RegionMismatch {
        /// The region in the settings.
        given: Region,
        /// The marketplace, which shows the right region.
        marketplace: MarketplaceNote,
    },
    /// Buyer data kept for too long.
    #[error(
        "must be from 1 to {max}: Amazon's Data Protection Policy and TikTok's terms let buyer data be kept for {max} days after delivery"
    )]
    RetentionTooLong {
        /// The most days allowed.
        max: u32,
    },
    /// Quiet hours that are no span of a day.
    #[error("must be a span of the day such as 22:00-07:00")]
    NotQuietHours,
    /// A data key that is none.
    #[error("must be 32 bytes in base64")]
    NotADataKey,
    /// An instant that is not RFC 3339.
    #[error("must be an instant such as 2026-01-05T12:00:00Z")]
    NotAnInstant,
}

impl Problem {
    /// Returns what to do about it at this key.
    pub(super) fn help(&self, key: &str) -> String {
        match self {
            Self::NotARegion { marketplace } | Self::RegionMismatch { marketplace, .. } => match marketplace.place {
                Some((_, region)) => format!("set region = \"{region}\", or another marketplace_id"),
                None => "set region = \"na\", \"eu\" or \"fe\"".to_owned(),
            },
            Self::Placeholder | Self::InnerWhitespace => {
                format!("copy `{key}` again from the vendor's console, in one piece")
            }
            Self::SigningSecretUnreadable | Self::SigningSecretShort { .. } => {
                "make one with `echo \"whsec_$(openssl rand -base64 32)\"` and give it to the receiver, too".to_owned()
            }
            Self::UserInUrl => format!("remove the part before @ from `{key}`; deliveries are signed with `secret`"),
            Self::NotAUrl | Self::InsecureUrl | Self::QueryInUrl | Self::ForbiddenAddress => {
                format!("write `{key}` as https://HOST/PATH")
            }
            Self::PathInUrl => format!("write `{key}` as https://HOST"),
            Self::PrivateAddress => {
                "set allow_private = true beside it if that is meant, or name another host".to_owned()
            }
            Self::Missing => format!("set `{key}`, or remove the part that it stands in"),
            Self::Beside { other } => format!("remove `{key}` or `{other}`"),
            Self::RetentionTooLong { .. } => {
                "remove it for its default, or set retention_beyond_policy = true where a law of yours asks for more"
                    .to_owned()
            }
            Self::NotADataKey => {
                "give the key of this database, as BACKUP.key beside a backup of it; for a new one: openssl rand -base64 32"
                    .to_owned()
            }
            Self::NotAnInstant => format!("write it so, or: unset {key}"),
            Self::OutOfRange { .. }
            | Self::NotANumber
            | Self::NotOneOf { .. }
            | Self::TooLong { .. }
            | Self::TooMany { .. }
            | Self::ControlCharacters
            | Self::NotQuietHours => {
                format!("correct `{key}`, or remove it for its default; config.example.toml shows both")
            }
        }
    }
}

/// What is known about a marketplace and its region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketplaceNote {
    /// Amazon's marketplace id.
    pub id: String,
    /// Its country and region, where this program knows them.
    pub place: Option<(&'static str, Region)>,
}

impl fmt::Display for MarketplaceNote {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((country, region)) => {
                write!(formatter, "marketplace {} ({country}) is in region `{region}`", self.id)
            }
            None => write!(formatter, "marketplace {} is not known to this program", self.id),
        }
    }
}
