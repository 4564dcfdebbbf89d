//! TikTok's carriers: looked up once per delivery option, kept for a day, and chosen for a parcel.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::super::{Error, Session};
use crate::domain::carrier::{CarrierRules, provider};
use crate::domain::ids::{DeliveryOptionId, ShippingProviderId};
use crate::domain::shop::ShippingProvider;
use crate::store::StoredParcel;
use crate::tiktok::Tiktok;

/// How long TikTok's list of carriers is kept.
const PROVIDERS_AGE_MAX: TimeDelta = TimeDelta::hours(24);

/// The kind of causes that are told here: a code of Amazon's for which the default stands in.
const STANDS_IN: &str = "tracking.default_carrier";

/// A carrier as it is kept between runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KnownProvider {
    id: String,
    name: String,
}

/// Which carrier a parcel goes with, or why none can be named.
pub(super) type Choice = Result<ShippingProvider, String>;

/// The carriers that TikTok offers for a delivery option, or why it lists none.
type Offer = Result<Vec<ShippingProvider>, String>;

/// TikTok's carriers of this run.
pub(super) struct Carriers<'a> {
    session: &'a Session,
    rules: CarrierRules,
    offers: BTreeMap<DeliveryOptionId, Offer>,
}

impl<'a> Carriers<'a> {
    pub(super) fn new(session: &'a Session) -> Self {
        Self {
            session,
            rules: rules(session),
            offers: BTreeMap::new(),
        }
    }

    /// Chooses the carrier of a parcel. Where the operator's default stands in for an unknown code, that is told once a code.
    pub(super) fn choose(&mut self, tiktok: &Tiktok, parcel: &StoredParcel, number: &str) -> Result<Choice, Error> {
        let Some(option) = parcel.delivery_option.clone() else {
            let why = "TikTok names no delivery option for the order, so no carrier can be chosen";
            return Ok(Err(why.to_owned()));
        };
        if !self.offers.contains_key(&option) {
            let offer = self.look_up(tiktok, &option)?;
            self.offers.insert(option.clone(), offer);
        }
        let offered = match self.offers.get(&option) {
            Some(Err(why)) => return Ok(Err(why.clone())),
            Some(Ok(offered)) => offered.as_slice(),
            None => &[],
        };
        let Some(chosen) = provider(&parcel.carrier_code, number, &self.rules, offered) else {
            return Ok(Err(unknown(&parcel.carrier_code, offered)));
        };
        if chosen.is_default {
            self.tell_default(&parcel.carrier_code, &chosen.provider.name)?;
        }
        Ok(Ok(chosen.provider.clone()))
    }

    fn tell_default(&self, code: &str, stands_in: &str) -> Result<(), Error> {
        let message = format!(
            "Amazon's carrier {code:?} is not known; its parcels go to TikTok as {stands_in}, the default. Set it under [tracking.carriers]"
        );
        let (store, now) = (&self.session.store, self.session.now());
        Ok(store.tell_causes(STANDS_IN, vec![(code.to_owned(), message)], |_| false, now)?)
    }

    /// That TikTok refuses an option concerns its own orders only: the others are told all the same.
    fn look_up(&self, tiktok: &Tiktok, option: &DeliveryOptionId) -> Result<Offer, Error> {
        let (store, now) = (&self.session.store, self.session.now());
        let name = format!("tiktok.providers.{option}");
        if let Some((known, read_at)) = store.fact::<Vec<KnownProvider>>(&name)?
            && now - read_at < PROVIDERS_AGE_MAX
        {
            let provider = |known: KnownProvider| ShippingProvider {
                id: ShippingProviderId::new(known.id),
                name: known.name,
            };
            return Ok(Ok(known.into_iter().map(provider).collect()));
        }
        let offered = match tiktok.shipping_providers(option) {
            Err(error) if error.is_permanent() => {
                return Ok(Err(format!(
                    "TikTok lists no carriers for delivery option {option}: {error}"
                )));
            }
            answer => answer?,
        };
        let known = offered.iter().map(|provider| KnownProvider {
            id: provider.id.to_string(),
            name: provider.name.clone(),
        });
        store.keep_fact(&name, &known.collect::<Vec<_>>(), now)?;
        Ok(Ok(offered))
    }
}

/// What was told of a carrier is over when the operator has named it, or lets none stand in any more.
pub(in crate::jobs) fn tell_named(session: &Session) -> Result<(), Error> {
    let rules = rules(session);
    let is_over = |code: &str| rules.default.is_none() || rules.is_ruled(code);
    Ok(session
        .store
        .tell_causes(STANDS_IN, Vec::new(), is_over, session.now())?)
}

fn rules(session: &Session) -> CarrierRules {
    let tracking = &session.settings.tracking;
    CarrierRules {
        overrides: tracking.carriers.clone().into_iter().collect(),
        default: tracking.default_carrier.clone(),
    }
}

fn unknown(code: &str, offered: &[ShippingProvider]) -> String {
    let names: Vec<&str> = offered.iter().map(|provider| provider.name.as_str()).collect();
    format!(
        "Amazon's carrier {code:?} is none that TikTok offers ({}); set it under [tracking.carriers]",
        names.join(", ")
    )
}
