//! Telling TikTok one parcel's number: the carrier, the market's call, and what an unclear answer means.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Error, Session};
use crate::domain::carrier::{CarrierRules, provider};
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::{DeliveryOptionId, PackageId, ShippingProviderId};
use crate::domain::order::Order;
use crate::domain::parcel::{is_number_allowed, normalise_tracking_number};
use crate::domain::shop::{MarkedShipped, ShippingProvider};
use crate::store::{ParcelState, StoredParcel};
use crate::tiktok::{self, Class, Tiktok};

/// How long TikTok's list of carriers is kept.
const PROVIDERS_AGE_MAX: TimeDelta = TimeDelta::hours(24);

/// When a parcel is tried again whose order TikTok holds for now.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(30);

/// Markets whose call is Mark Package As Shipped (TikTok's fulfillment overview); all others have Ship Package.
const MARK_MARKETS: [&str; 9] = ["US", "GB", "UK", "ES", "IE", "IT", "DE", "FR", "JP"];

/// What became of a parcel's number.
#[derive(Debug)]
pub(super) enum Pushed {
    /// TikTok has it.
    Told(String),
    /// TikTok does not take it, or it can't be told.
    Refused(Flag),
    /// Later, for this reason.
    Waits(String),
}

/// A carrier as it is kept between runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KnownProvider {
    id: String,
    name: String,
}

/// Tells numbers, looking carriers up once per delivery option.
pub(super) struct Pusher<'a> {
    session: &'a Session,
    tiktok: Tiktok,
    region: String,
    rules: CarrierRules,
    providers: BTreeMap<DeliveryOptionId, Vec<ShippingProvider>>,
}

impl<'a> Pusher<'a> {
    pub(super) fn open(session: &'a Session) -> Result<Self, Error> {
        let tiktok = session.tiktok()?;
        let region = session.shop(&tiktok)?.region;
        let tracking = &session.settings.tracking;
        Ok(Self {
            session,
            tiktok,
            region,
            rules: CarrierRules {
                overrides: tracking.carriers.clone().into_iter().collect(),
                default: tracking.default_carrier.clone(),
            },
            providers: BTreeMap::new(),
        })
    }

    /// Tells one number. After a crash or an unclear answer TikTok is read before anything is told again.
    pub(super) fn push(&mut self, parcel: &StoredParcel) -> Result<Pushed, Error> {
        let Some(number) = parcel.tracking_number.as_deref().map(normalise_tracking_number) else {
            return Ok(Pushed::Waits("it has no number yet".to_owned()));
        };
        if parcel.state == ParcelState::Pushing
            && let Some(pushed) = self.read_back(parcel, &number)?
        {
            return Ok(pushed);
        }
        if !is_number_allowed(&number) {
            let message = format!(
                "TikTok takes numbers of 4 to 50 letters and digits; Amazon's has {}",
                number.chars().count()
            );
            return self.refuse(parcel, "number_form", message);
        }
        let provider = match self.provider(parcel)? {
            Ok(provider) => provider,
            Err(message) => return self.refuse(parcel, "carrier_unknown", message),
        };
        self.session.store.begin_push(parcel, &number, &provider)?;
        match self.tell(parcel, &number, &provider.id) {
            Ok(answer) => self.told(parcel, &number, &provider.name, &answer),
            Err(error) => self.after_error(parcel, &number, error),
        }
    }

    fn provider(&mut self, parcel: &StoredParcel) -> Result<Result<ShippingProvider, String>, Error> {
        let Some(option) = parcel.delivery_option.clone() else {
            return Ok(Err(
                "TikTok names no delivery option for the order, so no carrier can be chosen".to_owned(),
            ));
        };
        if !self.providers.contains_key(&option) {
            let offered = self.offered(&option)?;
            self.providers.insert(option.clone(), offered);
        }
        let offered = self.providers.get(&option).map(Vec::as_slice).unwrap_or_default();
        let found = provider(&parcel.carrier_code, &self.rules, offered).cloned();
        Ok(found.ok_or_else(|| {
            let names: Vec<&str> = offered.iter().map(|provider| provider.name.as_str()).collect();
            format!(
                "Amazon's carrier {:?} is none that TikTok offers ({}); set it under [tracking.carriers]",
                parcel.carrier_code,
                names.join(", ")
            )
        }))
    }

    fn offered(&self, option: &DeliveryOptionId) -> Result<Vec<ShippingProvider>, Error> {
        let (store, now) = (&self.session.store, self.session.now());
        let name = format!("tiktok.providers.{option}");
        if let Some((known, read_at)) = store.fact::<Vec<KnownProvider>>(&name)?
            && now - read_at < PROVIDERS_AGE_MAX
        {
            let provider = |known: KnownProvider| ShippingProvider {
                id: ShippingProviderId::new(known.id),
                name: known.name,
            };
            return Ok(known.into_iter().map(provider).collect());
        }
        let offered = self.tiktok.shipping_providers(option)?;
        let known: Vec<KnownProvider> = offered
            .iter()
            .map(|provider| KnownProvider {
                id: provider.id.to_string(),
                name: provider.name.clone(),
            })
            .collect();
        store.keep_fact(&name, &known, now)?;
        Ok(offered)
    }

    fn tell(
        &self,
        parcel: &StoredParcel,
        number: &str,
        provider: &ShippingProviderId,
    ) -> Result<MarkedShipped, tiktok::Error> {
        if parcel.synced_at.is_some() {
            return match &parcel.package_id {
                Some(package) => self
                    .tiktok
                    .update_package_shipping_info(&parcel.order, package, number, provider),
                None => self.tiktok.update_shipping_info(&parcel.order, number, provider),
            };
        }
        if MARK_MARKETS.contains(&self.region.as_str()) {
            return self
                .tiktok
                .mark_package_shipped(&parcel.order, number, provider, &parcel.lines);
        }
        match self.package_of(parcel)? {
            Some(package) => self.tiktok.ship_package(&parcel.order, &package, number, provider),
            None => self
                .tiktok
                .mark_package_shipped(&parcel.order, number, provider, &parcel.lines),
        }
    }

    /// Ship Package wants the package that TikTok made for the units.
    fn package_of(&self, parcel: &StoredParcel) -> Result<Option<PackageId>, tiktok::Error> {
        let order = self.read_order(parcel)?;
        let line = order.and_then(|order| {
            order
                .line_items
                .into_iter()
                .find(|line| parcel.lines.contains(&line.id))
        });
        Ok(line.and_then(|line| line.package_id))
    }

    fn read_order(&self, parcel: &StoredParcel) -> Result<Option<Order>, tiktok::Error> {
        let found = self.tiktok.orders(std::slice::from_ref(&parcel.order))?;
        Ok(found.orders.into_iter().find(|order| order.id == parcel.order))
    }

    fn told(
        &self,
        parcel: &StoredParcel,
        number: &str,
        carrier: &str,
        answer: &MarkedShipped,
    ) -> Result<Pushed, Error> {
        self.session
            .store
            .pushed(parcel, number, carrier, answer, self.session.now())?;
        let warning = answer
            .warning
            .as_ref()
            .map_or_else(String::new, |warning| format!("; TikTok warns: {warning}"));
        Ok(Pushed::Told(format!("TikTok has {number} ({carrier}){warning}")))
    }

    fn after_error(&mut self, parcel: &StoredParcel, number: &str, error: tiktok::Error) -> Result<Pushed, Error> {
        let may_be_told = error.class() == Class::AlreadyShipped || error.is_outcome_unknown();
        if may_be_told && let Some(pushed) = self.read_back(parcel, number)? {
            return Ok(pushed);
        }
        if error.is_permanent() && !may_be_told {
            let detail = match error.class() {
                Class::CorrectionClosed => "correction_closed",
                Class::NotOurs => "not_shipped_by_seller",
                _ => "number_refused",
            };
            return self.refuse(parcel, detail, format!("TikTok refused {number}: {error}"));
        }
        let waits_for_the_order = matches!(
            error.class(),
            Class::OnHold | Class::WrongState | Class::CancellationPending
        );
        let again_at = waits_for_the_order.then(|| self.session.now() + AGAIN_AFTER);
        self.session.store.push_again_later(parcel, again_at)?;
        if waits_for_the_order {
            return Ok(Pushed::Waits(error.to_string()));
        }
        Err(error.into())
    }

    /// Reads the order back: our number there is success, another one is a person's and stays.
    fn read_back(&mut self, parcel: &StoredParcel, number: &str) -> Result<Option<Pushed>, Error> {
        let Some(order) = self.read_order(parcel)? else {
            return Ok(None);
        };
        let told: Vec<&str> = order
            .line_items
            .iter()
            .filter(|line| parcel.lines.contains(&line.id))
            .filter_map(|line| line.tracking_number.as_deref())
            .filter(|there| !there.is_empty())
            .collect();
        if told.is_empty() {
            return Ok(None);
        }
        if told.iter().any(|there| normalise_tracking_number(there) == number) {
            let package_id = order
                .line_items
                .iter()
                .find(|line| parcel.lines.contains(&line.id))
                .and_then(|line| line.package_id.clone());
            let answer = MarkedShipped {
                package_id,
                warning: None,
            };
            let carrier = parcel
                .provider_name
                .clone()
                .unwrap_or_else(|| parcel.carrier_code.clone());
            return self.told(parcel, number, &carrier, &answer).map(Some);
        }
        if parcel.synced_at.is_some() {
            return Ok(None);
        }
        let message = format!(
            "TikTok already has another number for these units; Amazon's is {number}, and it is not overwritten"
        );
        self.refuse(parcel, "other_number_at_tiktok", message).map(Some)
    }

    fn refuse(&self, parcel: &StoredParcel, detail: &str, message: String) -> Result<Pushed, Error> {
        let flag = Flag::new(Reason::TrackingRejected, detail, message, &parcel.order)
            .with_command(format!("mcf sync-tracking --order {}", parcel.order));
        self.session.store.push_refused(parcel, &flag, self.session.now())?;
        Ok(Pushed::Refused(flag))
    }
}
