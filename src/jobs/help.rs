//! What a person can do about the trouble of a job: one sentence for each kind, the same in a run and in `mcf check`.

use super::Error;
use crate::{amazon, tiktok};

/// What to do about a clock that is off.
pub(super) const CLOCK_HELP: &str = "set this machine's clock: timedatectl set-ntp true";

impl Error {
    /// Returns what to type or change; `None` for trouble of the database, whose help names its file.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::Store(_) => return None,
            Self::Config(error) => return Some(error.help()),
            Self::Tiktok(error) => tiktok_help(error),
            Self::Amazon(error) => amazon_help(error),
            Self::Held(id) => return Some(format!("mcf orders release {id}")),
            Self::NotAccepted { order, .. } => return Some(format!("mcf status {order}")),
            Self::Dismissed(id) => return Some(format!("mcf orders restore {id}")),
            Self::ShopNotFound { .. } => "set tiktok.shop_id (TIKTOK_SHOP_ID) to a shop that the token opens",
            Self::OrderNotFound(_) => {
                "check the order's id in TikTok's Seller Center; mcf orders list shows those that are known here"
            }
            Self::NoWarehouse => "set [inventory] tiktok_warehouse_ids, or enable a default warehouse in Seller Center",
            Self::Braked(_) => {
                "compare with Amazon: mcf sync-inventory --dry-run; the next mcf poll or sync-inventory writes what reads the same, \
                 mcf sync-inventory --force writes now"
            }
            Self::NoFigures { .. } => {
                "mcf check mappings says which SKUs are not known there; the next run reads again"
            }
            Self::PagesInCircle(_) => "mcf check shows how both vendors are now; the next run reads it again",
            Self::StillUnknown(_) => "mcf poll looks again, now or by itself",
            Self::Stopped | Self::TimeIsUp => "run the command again; mcf status shows what waits",
        };
        Some(help.to_owned())
    }
}

fn tiktok_help(error: &tiktok::Error) -> &'static str {
    match error.class() {
        tiktok::Class::ClockSkew => CLOCK_HELP,
        tiktok::Class::TokenExpired | tiktok::Class::TokenRefused | tiktok::Class::ConsentNeeded => {
            "authorise the app again: mcf auth tiktok (or put new tokens into tiktok.access_token and tiktok.refresh_token); \
             mcf check tiktok proves them"
        }
        tiktok::Class::ScopeMissing => {
            "add the scope to the app in Partner Center and let the seller authorise it again; mcf check tiktok proves it"
        }
        tiktok::Class::SignatureRefused => "check tiktok.app_key and tiktok.app_secret; mcf check tiktok proves them",
        tiktok::Class::IpNotAllowed => {
            "add this machine's address to the app's list in Partner Center; mcf check tiktok proves it"
        }
        tiktok::Class::VersionRetired => {
            "check tiktok.api_url; if it is right, install the newest mcf: TikTok does not know this call any more"
        }
        _ if error.is_credentials() => {
            "check the shop in Seller Center and tiktok.shop_id; mcf check tiktok proves them"
        }
        _ => "mcf check tiktok shows how TikTok is now",
    }
}

fn amazon_help(error: &amazon::Error) -> &'static str {
    match error.kind() {
        amazon::Kind::ClientRefused => {
            "put a new secret from Seller Central into amazon.client_secret, or correct amazon.client_id; \
             mcf check amazon proves them"
        }
        amazon::Kind::RefreshTokenRefused | amazon::Kind::OtherApplication => {
            "authorise the app again in Seller Central and store the new token: mcf auth amazon (or put it into \
             amazon.refresh_token); mcf check amazon proves it"
        }
        _ if error.is_credentials() => {
            "check the role \"Amazon Fulfillment\" of the app, amazon.region and amazon.refresh_token; \
             mcf check amazon proves them"
        }
        _ if error.is_set_up() => {
            "check amazon.api_url, amazon.seller_id and amazon.marketplace_id; mcf check amazon proves them"
        }
        _ => "mcf check amazon shows how Amazon is now",
    }
}
