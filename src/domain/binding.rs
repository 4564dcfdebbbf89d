//! Which shop and which Amazon account a database belongs to. What it holds means nothing in another one: an uncertain order would be
//! looked for where it never was, and created again.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The shop and the account that the settings name. No secret of it is kept in clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// TikTok's shop.
    pub shop: String,
    /// Amazon's marketplace.
    pub marketplace: String,
    /// Amazon's seller, where the settings name one.
    pub seller: Option<String>,
    /// The app at Amazon. A private one belongs to one seller.
    pub app: String,
    /// A hash of the seller's consent. A new consent of the same seller has another one.
    pub consent: String,
}

/// What differs between a database and the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    what: &'static str,
    bound: Option<(String, String)>,
}

impl Other {
    /// Returns the table and key of the configuration that would have to name the former value again.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self.what {
            "TikTok shop" => "[tiktok] shop_id",
            "Amazon marketplace" => "[amazon] marketplace_id",
            "Amazon seller" => "[amazon] seller_id",
            "Amazon app" => "[amazon] client_id",
            _ => "[amazon] refresh_token",
        }
    }
}

impl fmt::Display for Other {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.what;
        match &self.bound {
            Some((bound, named)) => write!(
                formatter,
                "the database belongs to {what} {bound}, and the settings name {named}; nothing was done"
            ),
            None => write!(
                formatter,
                "the database may belong to another Amazon account: {what} changed while orders are uncertain, and no seller_id tells \
                 whose it is; nothing was done"
            ),
        }
    }
}

impl Binding {
    /// Returns what of the settings belongs to another shop or account than the database.
    ///
    /// Where both name the seller, app and consent are free to change. Where they don't, another app is another account, and another
    /// consent may be one: it is taken only while no order is uncertain.
    #[must_use]
    pub fn differs(&self, settings: &Self, has_uncertain: bool) -> Option<Other> {
        let differ = |what, bound: &str, named: &str| {
            (bound != named).then(|| Other {
                what,
                bound: Some((bound.to_owned(), named.to_owned())),
            })
        };
        let account = || match (&self.seller, &settings.seller) {
            (Some(bound), Some(named)) => differ("Amazon seller", bound, named),
            _ => differ("Amazon app", &self.app, &settings.app).or_else(|| {
                (has_uncertain && self.consent != settings.consent).then_some(Other {
                    what: "the seller's consent",
                    bound: None,
                })
            }),
        };
        differ("TikTok shop", &self.shop, &settings.shop)
            .or_else(|| differ("Amazon marketplace", &self.marketplace, &settings.marketplace))
            .or_else(account)
    }

    /// Returns the binding with what the settings know more or newer.
    #[must_use]
    pub fn renewed(&self, settings: &Self) -> Self {
        Self {
            seller: settings.seller.clone().or_else(|| self.seller.clone()),
            ..settings.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(seller: Option<&str>) -> Binding {
        Binding {
            shop: "7000".into(),
            marketplace: "ATVPDKIKX0DER".into(),
            seller: seller.map(str::to_owned),
            app: "app-1".into(),
            consent: "hash-1".into(),
        }
    }

    fn key(bound: &Binding, change: impl FnOnce(&mut Binding), has_uncertain: bool) -> Option<&'static str> {
        let mut settings = bound.clone();
        change(&mut settings);
        bound.differs(&settings, has_uncertain).map(|other| other.key())
    }

    #[test]
    fn another_shop_marketplace_or_account_is_refused_e176() {
        let named = bound(Some("A1SELLER"));
        assert_eq!(key(&named, |_| {}, true), None);
        assert_eq!(
            key(&named, |other| other.shop = "8".into(), false),
            Some("[tiktok] shop_id")
        );
        let marketplace = key(&named, |other| other.marketplace = "A2EUQ1WTGCTBG2".into(), false);
        assert_eq!(marketplace, Some("[amazon] marketplace_id"), "E176");
        assert_eq!(
            key(&named, |other| other.seller = Some("B".into()), false),
            Some("[amazon] seller_id")
        );
        let unnamed = bound(None);
        assert_eq!(
            key(&unnamed, |other| other.app = "app-2".into(), false),
            Some("[amazon] client_id")
        );
        let consent = |other: &mut Binding| other.consent = "hash-2".into();
        assert_eq!(key(&unnamed, consent, true), Some("[amazon] refresh_token"), "E176");
    }

    #[test]
    fn a_new_consent_or_app_of_the_same_seller_is_taken_e176() {
        let named = bound(Some("A1SELLER"));
        let renew = |other: &mut Binding| (other.app, other.consent) = ("app-2".into(), "hash-2".into());
        assert_eq!(key(&named, renew, true), None);
        let unnamed = bound(None);
        assert_eq!(key(&unnamed, |other| other.consent = "hash-2".into(), false), None);
        assert_eq!(
            key(&unnamed, |other| other.seller = Some("A1SELLER".into()), true),
            None
        );
        assert_eq!(
            named.renewed(&unnamed),
            named,
            "a seller that was named once stays known"
        );
    }
}
