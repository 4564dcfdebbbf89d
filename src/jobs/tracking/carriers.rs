//! TikTok's carriers: looked up once per delivery option, kept for a day, and what is told of codes that none of them has.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::TrackingSettings;
use crate::domain::deadline::CARRIERS_KEPT;
use crate::domain::ids::{DeliveryOptionId, ShippingProviderId};
use crate::domain::shop::ShippingProvider;
use crate::domain::tracking::Offer;
use crate::domain::tracking::carrier::CarrierRules;
use crate::jobs::{Error, Session};
use crate::tiktok::Tiktok;

/// The kind of causes that are told here: a code of Amazon's for which the default stands in.
const STANDS_IN: &str = "tracking.default_carrier";

/// A carrier as it is kept between runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KnownProvider {
    id: String,
    name: String,
}

/// TikTok's carriers of this run.
pub(super) struct Carriers<'a> {
    session: &'a Session,
    offers: BTreeMap<DeliveryOptionId, Offer>,
}

impl<'a> Carriers<'a> {
    pub(super) fn new(session: &'a Session) -> Self {
        Self {
            session,
            offers: BTreeMap::new(),
        }
    }

    /// Returns what TikTok offers for a delivery option.
    pub(super) fn offered(&mut self, tiktok: &Tiktok, option: &DeliveryOptionId) -> Result<Offer, Error> {
        if let Some(known) = self.offers.get(option) {
            return Ok(known.clone());
        }
        let offer = self.look_up(tiktok, option)?;
        self.offers.insert(option.clone(), offer.clone());
        Ok(offer)
    }

    /// Tells once a code that the operator's default stands in for it.
    pub(super) fn tell_stands_in(&self, code: String, text: String) -> Result<(), Error> {
        let (store, now) = (&self.session.store, self.session.now());
        Ok(store.tell_causes(STANDS_IN, vec![(code, text)], |_| false, now)?)
    }

    /// That TikTok refuses an option concerns its own orders only: the others are told all the same.
    fn look_up(&self, tiktok: &Tiktok, option: &DeliveryOptionId) -> Result<Offer, Error> {
        let (store, now) = (&self.session.store, self.session.now());
        let name = format!("tiktok.providers.{option}");
        if let Some((known, read_at)) = store.fact::<Vec<KnownProvider>>(&name)?
            && now - read_at < CARRIERS_KEPT
        {
            let provider = |known: KnownProvider| ShippingProvider {
                id: ShippingProviderId::new(known.id),
                name: known.name,
            };
            return Ok(Ok(known.into_iter().map(provider).collect()));
        }
        let offered = match tiktok.shipping_providers(option) {
            Err(error) if error.is_permanent() => return Ok(Err(error.to_string())),
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
pub(super) fn tell_named(session: &Session) -> Result<(), Error> {
    let rules = rules(session);
    let is_over = |code: &str| rules.default.is_none() || rules.is_ruled(code);
    Ok(session
        .store
        .tell_causes(STANDS_IN, Vec::new(), is_over, session.now())?)
}

/// What the operator wrote about carriers.
pub(super) fn rules(session: &Session) -> CarrierRules {
    carrier_rules(&session.settings.tracking)
}

/// See [`rules`].
pub(in crate::jobs) fn carrier_rules(tracking: &TrackingSettings) -> CarrierRules {
    CarrierRules {
        overrides: tracking.carriers.clone().into_iter().collect(),
        default: tracking.default_carrier.clone(),
    }
}
