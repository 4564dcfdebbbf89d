//! `mcf auth`: the first tokens of a vendor, from what its consent page gave.
//!
//! Needs the app alone: no shop, no token. What is taken in counts until the configuration names another token than it does now.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use thiserror::Error;
use url::Url;

use super::binding::refuses_consent;
use super::tokens::{TiktokTokens, hash, take_in_amazon, turn_of};
use super::{Error as JobError, Session};
use crate::config::Settings;
use crate::domain::binding::Other;
use crate::domain::consent::state::{self, NotOurs};
use crate::domain::consent::{Code, Fault, Pasted};
use crate::domain::fulfillment::Marketplace;
use crate::domain::shop::Shop;
use crate::secret::Secret;
use crate::store::{self, StoredTokens};
use crate::tiktok::{self, Class, Tiktok};
use crate::{amazon, config};

/// The authorisation page of sellers outside of the US, and of those in it. They want the service id, which only Partner Center shows.
const SERVICE_PAGES: [(&str, &str); 2] = [
    ("US", "https://services.us.tiktokshop.com/open/authorize"),
    ("other", "https://services.tiktokshop.com/open/authorize"),
];

/// The fact with the hash of the last code that was taken in.
const LAST_CODE: &str = "auth.tiktok.code";

/// Why a consent was not taken in.
#[derive(Debug, Error)]
pub enum Error {
    /// The answer belongs to another link than ours.
    #[error("{0}; nothing was asked of the vendor")]
    State(#[from] NotOurs),
    /// The vendor refuses the code.
    #[error("{vendor}: {fault}")]
    Code {
        /// Whose code.
        vendor: &'static str,
        /// Why.
        fault: Fault,
        /// What the vendor's answer was.
        #[source]
        source: Box<JobError>,
    },
    /// The consent is of another shop than the configured one.
    #[error("the code opens {}, not shop {wanted}; nothing is stored", shops(found))]
    OtherShop {
        /// The shop of the configuration or of the database.
        wanted: String,
        /// The shops that it opens, by name and id.
        found: Vec<(String, String)>,
    },
    /// The consent is of another seller than the configured one.
    #[error("seller {found} agreed, not seller {wanted}; nothing is stored")]
    OtherSeller {
        /// The seller of the configuration.
        wanted: String,
        /// Who agreed.
        found: String,
    },
    /// The consent may be another account's than the database's.
    #[error("{0}")]
    OtherAccount(Other),
    /// Something else.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Job(error.into())
    }
}

fn shops(found: &[(String, String)]) -> String {
    let named: Vec<String> = found.iter().map(|(name, id)| format!("shop {name} ({id})")).collect();
    if named.is_empty() {
        "no shop".to_owned()
    } else {
        named.join(", ")
    }
}

/// A link for the seller to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// For whom it is, where there are several: `US` or `other`.
    pub market: Option<&'static str>,
    /// The address.
    pub url: Url,
}

/// Returns the links of TikTok's authorisation page, each with a state of ours. Without the service id of the app there is one.
///
/// # Errors
/// When the app is not configured.
pub fn tiktok_links(
    settings: &Settings,
    service_id: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Vec<Link>, config::Error> {
    let app = settings.tiktok.app()?;
    let state = new_state(&app.app_secret, now);
    let Some(id) = service_id else {
        let page = under(&settings.tiktok.auth_url, "/oauth/authorize");
        let url = with_query(page, &[("app_key", &app.app_key), ("state", &state)]);
        return Ok(vec![Link { market: None, url }]);
    };
    let pages = SERVICE_PAGES.into_iter().filter_map(|(market, page)| {
        let url = with_query(Url::parse(page).ok()?, &[("service_id", id), ("state", &state)]);
        let market = Some(market);
        Some(Link { market, url })
    });
    Ok(pages.collect())
}

/// Returns the link of Seller Central's consent page; `None` where the configuration does not name the application.
///
/// # Errors
/// When the app is not configured.
pub fn amazon_link(settings: &Settings, now: DateTime<Utc>) -> Result<Option<Link>, config::Error> {
    let amazon = &settings.amazon;
    let app = amazon.app()?;
    let Some(id) = &amazon.application_id else {
        return Ok(None);
    };
    // A stand-in serves the page itself.
    let is_real = amazon.auth_url.host_str() == Some("api.amazon.com");
    let central = is_real.then(|| Url::parse(&format!("https://{}", amazon.seller_central())).ok());
    let host = central.flatten().unwrap_or_else(|| amazon.auth_url.clone());
    let state = new_state(&app.client_secret, now);
    let url = with_query(
        under(&host, "/apps/authorize/consent"),
        &[("application_id", id), ("state", &state)],
    );
    Ok(Some(Link { market: None, url }))
}

fn new_state(secret: &Secret, now: DateTime<Utc>) -> String {
    // A system without random numbers gives a state that can be guessed; the code behind it can't be.
    state::seal(secret, getrandom::u64().unwrap_or_default(), now)
}

fn under(host: &Url, path: &str) -> Url {
    let mut url = host.clone();
    url.set_path(&format!("{}{path}", host.path().trim_end_matches('/')));
    url
}

fn with_query(mut url: Url, pairs: &[(&str, &str)]) -> Url {
    url.query_pairs_mut().extend_pairs(pairs);
    url
}

/// What TikTok granted.
#[derive(Debug)]
pub struct TiktokGrant {
    /// The tokens as they are stored.
    pub tokens: StoredTokens,
    /// The shops that they open, or why these can't be read.
    pub shops: Result<Vec<Shop>, JobError>,
}

/// Exchanges a code at TikTok and stores the pair that it gives.
///
/// # Errors
/// When the code is refused or is another shop's, TikTok can't be reached, or the pair can't be stored.
pub fn tiktok(session: &Session, code: &Code) -> Result<TiktokGrant, Error> {
    let app = session.settings.tiktok.app().map_err(JobError::from)?;
    if let Some(state) = &code.state {
        state::check(&app.app_secret, state, session.now())?;
    }
    let _turn = turn_of(session)?;
    let room = session.store.prepare_tokens(session.now())?;
    let settings = session.tiktok_settings()?;
    let asked = tiktok::exchange_code(&session.sender, &settings, &code.code).map_err(JobError::from);
    let pair = match asked {
        Ok(pair) => pair,
        Err(error) => {
            room.give_back();
            return Err(refused_by_tiktok(session, code, error));
        }
    };
    let access = pair.access_token.clone();
    let client = Tiktok::new(
        settings,
        Arc::clone(&session.sender),
        Arc::new(move |_| Ok(access.clone())),
    );
    let shops = client.shops().map_err(JobError::from);
    if let Some(error) = other_shop(session, shops.as_deref().unwrap_or_default())?.filter(|_| shops.is_ok()) {
        room.give_back();
        return Err(error);
    }
    let tokens = TiktokTokens::of_app(session)?.take_in(room, pair)?;
    session.store.keep_fact(LAST_CODE, &mark(&code.code), session.now())?;
    Ok(TiktokGrant { tokens, shops })
}

/// A refused code is told apart by TikTok's sentence, or because we know it.
fn refused_by_tiktok(session: &Session, code: &Code, error: JobError) -> Error {
    let JobError::Tiktok(refusal) = &error else {
        return error.into();
    };
    if refusal.class() != Class::ConsentNeeded || refusal.code().is_none() {
        return error.into();
    }
    let said = refusal.said().map(|said| Fault::read(said.expose()));
    let last = session.store.fact::<String>(LAST_CODE).ok().flatten();
    let is_known = last.is_some_and(|(last, _)| last == mark(&code.code));
    let fault = match said.unwrap_or(Fault::Unclear) {
        Fault::Unclear if is_known => Fault::Used,
        fault => fault,
    };
    Error::Code {
        vendor: "TikTok",
        fault,
        source: Box::new(error),
    }
}

/// A code is kept as its hash alone.
fn mark(code: &Secret) -> String {
    hash([&Some(code.clone()), &None])
}

/// A consent for another shop must not take the place of tokens that work.
fn other_shop(session: &Session, found: &[Shop]) -> Result<Option<Error>, Error> {
    let configured = session.settings.tiktok.shop_id.clone();
    let bound = session.store.bound()?.filter(|bound| bound.is_proven);
    let Some(wanted) = configured.or(bound.map(|bound| bound.to.shop)) else {
        return Ok(None);
    };
    if found.iter().any(|shop| shop.id == wanted) {
        return Ok(None);
    }
    let found = found.iter().map(|shop| (shop.name.clone(), shop.id.clone())).collect();
    Ok(Some(Error::OtherShop { wanted, found }))
}

/// What Amazon granted.
#[derive(Debug)]
pub struct AmazonGrant {
    /// The marketplaces that the seller sells in, or why these can't be read.
    pub marketplaces: Result<Vec<Marketplace>, JobError>,
    /// The seller, where the redirect address names it.
    pub seller: Option<String>,
}

/// Proves a refresh token of Amazon by an exchange, or exchanges a code for one, and stores it.
///
/// # Errors
/// When it is refused or another seller's, Amazon can't be reached, or it can't be stored.
pub fn amazon(session: &Session, pasted: &Pasted) -> Result<AmazonGrant, Error> {
    let app = session.settings.amazon.app().map_err(JobError::from)?;
    if let Pasted::Code(Code { state: Some(state), .. }) = pasted {
        state::check(&app.client_secret, state, session.now())?;
    }
    let seller = match pasted {
        Pasted::Code(code) => code.seller.clone(),
        Pasted::RefreshToken(_) => None,
    };
    refuse_other_seller(session, seller.as_deref())?;
    let _turn = turn_of(session)?;
    let (refresh_token, access) = exchanged(session, &app, pasted)?;
    if let Some(other) = refuses_consent(session, &refresh_token)? {
        return Err(Error::OtherAccount(other));
    }
    let token = access.token.clone();
    let client = session.amazon_by(Box::new(move |_| Ok(token.clone())));
    let marketplaces = client.marketplaces().map_err(JobError::from);
    take_in_amazon(session, refresh_token, access)?;
    Ok(AmazonGrant { marketplaces, seller })
}

fn refuse_other_seller(session: &Session, found: Option<&str>) -> Result<(), Error> {
    match (session.settings.amazon.seller_id.as_deref(), found) {
        (Some(wanted), Some(found)) if wanted != found => Err(Error::OtherSeller {
            wanted: wanted.to_owned(),
            found: found.to_owned(),
        }),
        _ => Ok(()),
    }
}

fn exchanged(
    session: &Session,
    app: &config::AmazonApp,
    pasted: &Pasted,
) -> Result<(Secret, amazon::AccessToken), Error> {
    let auth_url = &session.settings.amazon.auth_url;
    match pasted {
        Pasted::RefreshToken(token) => {
            let credentials = amazon::Credentials {
                client_id: app.client_id.clone(),
                client_secret: app.client_secret.clone(),
                refresh_token: token.clone(),
            };
            let access = amazon::exchange_refresh_token(&session.sender, auth_url, &credentials);
            Ok((token.clone(), access.map_err(JobError::from)?))
        }
        Pasted::Code(code) => {
            let (id, secret) = (&app.client_id, &app.client_secret);
            let granted = amazon::exchange_code(&session.sender, auth_url, id, secret, &code.code);
            let granted = granted.map_err(refused_by_amazon)?;
            Ok((granted.refresh_token, granted.access))
        }
    }
}

fn refused_by_amazon(error: amazon::Error) -> Error {
    let fault = match error.kind() {
        amazon::Kind::OtherApplication => Fault::Foreign,
        amazon::Kind::RefreshTokenRefused | amazon::Kind::ExchangeRefused => {
            error.said().map_or(Fault::Unclear, |said| Fault::read(said.expose()))
        }
        _ => return JobError::from(error).into(),
    };
    Error::Code {
        vendor: "Amazon",
        fault,
        source: Box::new(error.into()),
    }
}
