//! Telling TikTok one parcel's number: the guards, the market's call, and what an unclear answer means.

mod carriers;
mod look;

use chrono::TimeDelta;

use super::{Error, Session};
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::{PackageId, ShippingProviderId};
use crate::domain::order::Order;
use crate::domain::shop::{MarkedShipped, ShippingProvider};
use crate::domain::tracking_number::is_allowed;
use crate::store::{ParcelState, StoredParcel};
use crate::tiktok::{self, Class, Tiktok};
use carriers::Carriers;
use look::{AtTiktok, cancelled_units, look};

/// When a parcel is tried again whose order TikTok holds for now.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(30);

/// Markets whose call is Mark Package As Shipped (TikTok's fulfillment overview); all others have Ship Package.
const MARK_MARKETS: [&str; 9] = ["US", "GB", "UK", "ES", "IE", "IT", "DE", "FR", "JP"];

/// TikTok takes one number for all units of a SKU, where its rules do not let them be split.
const SAME_SKU_NOT_SPLIT: i64 = 21_011_036;

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

/// What to do after a call that did not go well.
enum Next {
    End(Pushed),
    Again,
}

/// Which call tells the number.
enum Way {
    /// Mark Package As Shipped, the first number of these units.
    Mark,
    /// Ship Package, the first number of the parcel that TikTok made.
    Ship(PackageId),
    /// The one correction of an order in one parcel.
    CorrectOrder,
    /// The one correction of a parcel among several.
    CorrectParcel(PackageId),
}

/// What reading the order back showed.
enum Back {
    /// There is nothing to tell.
    Settled(Pushed),
    /// An older number of ours is there.
    Older(Way),
    /// There is no number.
    Nothing,
}

/// Tells numbers, looking carriers up once per delivery option.
pub(super) struct Pusher<'a> {
    session: &'a Session,
    tiktok: Tiktok,
    region: String,
    carriers: Carriers<'a>,
}

impl<'a> Pusher<'a> {
    pub(super) fn open(session: &'a Session) -> Result<Self, Error> {
        let tiktok = session.tiktok()?;
        let region = session.shop(&tiktok)?.region;
        Ok(Self {
            session,
            tiktok,
            region,
            carriers: Carriers::new(session),
        })
    }

    /// Returns the client that it works with.
    pub(super) fn tiktok(&self) -> &Tiktok {
        &self.tiktok
    }

    /// Tells one number. After a crash or an unclear answer, and before a correction, TikTok is read first.
    pub(super) fn push(&mut self, parcel: &StoredParcel) -> Result<Pushed, Error> {
        let Some(number) = parcel.tracking_number.clone() else {
            return Ok(Pushed::Waits("Amazon gave no number yet".to_owned()));
        };
        if let Some((detail, why)) = not_allowed(parcel, &number) {
            return self.refuse(parcel, None, detail, why);
        }
        let provider = match self.carriers.choose(&self.tiktok, parcel, &number)? {
            Ok(provider) => provider,
            Err(why) => return self.refuse(parcel, None, "carrier_unknown", why),
        };
        let mut parcel = parcel.clone();
        let may_be_told = parcel.state == ParcelState::Pushing || parcel.pushed_number.is_some();
        let back = match may_be_told {
            true => self.read_back(&mut parcel, &number)?,
            false => Back::Nothing,
        };
        let way = match back {
            Back::Settled(end) => return Ok(end),
            Back::Older(way) => Some(way),
            Back::Nothing => self.first_way(&parcel)?,
        };
        let Some(way) = way else {
            let again_at = self.session.now() + AGAIN_AFTER;
            self.session.store.push_again_later(&parcel, Some(again_at))?;
            return Ok(Pushed::Waits(
                "TikTok has made no parcel for these units yet".to_owned(),
            ));
        };
        self.begin_and_tell(&mut parcel, &number, &provider, way)
    }

    fn begin_and_tell(
        &mut self,
        parcel: &mut StoredParcel,
        number: &str,
        provider: &ShippingProvider,
        mut way: Way,
    ) -> Result<Pushed, Error> {
        self.session.store.begin_push(parcel, number, provider)?;
        // The second time only after the units have changed.
        for is_last in [false, true] {
            let error = match self.tell(parcel, number, &provider.id, &way) {
                Ok(answer) => return self.told(parcel, number, &provider.name, &answer),
                Err(error) => error,
            };
            match self.after_error(parcel, number, provider, error, is_last, &mut way)? {
                Next::End(pushed) => return Ok(pushed),
                Next::Again => {}
            }
        }
        Ok(Pushed::Waits("its units changed meanwhile".to_owned()))
    }

    fn tell(
        &self,
        parcel: &StoredParcel,
        number: &str,
        provider: &ShippingProviderId,
        way: &Way,
    ) -> Result<MarkedShipped, tiktok::Error> {
        let (tiktok, order) = (&self.tiktok, &parcel.order);
        match way {
            Way::Mark => tiktok.mark_package_shipped(order, number, provider, &parcel.lines),
            Way::Ship(package) => tiktok.ship_package(order, package, number, provider),
            Way::CorrectOrder => tiktok.update_shipping_info(order, number, provider),
            Way::CorrectParcel(package) => tiktok.update_package_shipping_info(order, package, number, provider),
        }
    }

    /// Ship Package wants the parcel that TikTok made for the units; the order's id is never used in its place.
    fn first_way(&self, parcel: &StoredParcel) -> Result<Option<Way>, Error> {
        if MARK_MARKETS.contains(&self.region.as_str()) {
            return Ok(Some(Way::Mark));
        }
        let order = self.read_order(parcel)?;
        let mut lines = order.into_iter().flat_map(|order| order.line_items);
        let line = lines.find(|line| parcel.lines.contains(&line.id));
        Ok(line.and_then(|line| line.package_id).map(Way::Ship))
    }

    fn read_order(&self, parcel: &StoredParcel) -> Result<Option<Order>, tiktok::Error> {
        let found = self.tiktok.orders(std::slice::from_ref(&parcel.order))?;
        Ok(found.orders.into_iter().find(|order| order.id == parcel.order))
    }

    /// Reads the order back. Our number there is success; another one is a person's and stays; cancelled units are left out.
    fn read_back(&mut self, parcel: &mut StoredParcel, number: &str) -> Result<Back, Error> {
        let Some(order) = self.read_order(parcel)? else {
            return Ok(Back::Nothing);
        };
        let carrier = parcel.provider_name.clone();
        let carrier = carrier.unwrap_or_else(|| parcel.carrier_code.clone());
        let taken = |package_id| MarkedShipped {
            package_id,
            warning: None,
        };
        match look(&order, parcel, number) {
            AtTiktok::Ours(package) => self.told(parcel, number, &carrier, &taken(package)).map(Back::Settled),
            AtTiktok::Older {
                number: older,
                package,
                is_split,
            } => {
                if parcel.synced_at.is_none() {
                    self.told(parcel, &older, &carrier, &taken(package.clone()))?;
                    parcel.synced_at = Some(self.session.now());
                }
                let way = package.filter(|_| is_split);
                Ok(Back::Older(way.map_or(Way::CorrectOrder, Way::CorrectParcel)))
            }
            AtTiktok::Another => {
                let why = format!(
                    "TikTok has another number for these units; Amazon's is {number}, and what a person typed is not overwritten"
                );
                self.refuse(parcel, Some(number), "other_number_at_tiktok", why)
                    .map(Back::Settled)
            }
            AtTiktok::Cancelled => {
                let why = format!("TikTok has cancelled these units, but Amazon sent them as {number}");
                self.refuse(parcel, Some(number), "cancelled_at_tiktok", why)
                    .map(Back::Settled)
            }
            AtTiktok::Nothing => {
                self.leave_out_cancelled(&order, parcel)?;
                Ok(Back::Nothing)
            }
        }
    }

    fn leave_out_cancelled(&self, order: &Order, parcel: &mut StoredParcel) -> Result<(), Error> {
        let cancelled = cancelled_units(order, parcel);
        if !cancelled.is_empty() {
            let store = &self.session.store;
            store.leave_out(parcel, &cancelled, self.session.now())?;
            parcel.lines.retain(|line| !cancelled.contains(line));
        }
        Ok(())
    }

    fn told(
        &self,
        parcel: &StoredParcel,
        number: &str,
        carrier: &str,
        answer: &MarkedShipped,
    ) -> Result<Pushed, Error> {
        let (store, now) = (&self.session.store, self.session.now());
        store.pushed(parcel, number, carrier, answer, now)?;
        store.keep_tiktok_words(&parcel.order, answer.warning.as_ref())?;
        let warning = match &answer.warning {
            Some(_) => format!("; TikTok has a doubt: mcf status {}", parcel.order),
            None => String::new(),
        };
        Ok(Pushed::Told(format!("TikTok has {number} ({carrier}){warning}")))
    }

    /// A refusal may hide a success, or units that changed: TikTok is read before it is believed.
    fn after_error(
        &mut self,
        parcel: &mut StoredParcel,
        number: &str,
        provider: &ShippingProvider,
        error: tiktok::Error,
        is_last: bool,
        way: &mut Way,
    ) -> Result<Next, Error> {
        let class = error.class();
        if let Some(said) = error.said() {
            self.session.store.keep_tiktok_words(&parcel.order, Some(said))?;
        }
        if matches!(class, Class::OnHold | Class::CancellationPending) {
            return self.wait(parcel, &error).map(Next::End);
        }
        if !error.is_outcome_unknown() && !error.is_permanent() && class != Class::WrongState {
            self.session.store.push_again_later(parcel, None)?;
            return Err(error.into());
        }
        let units_before = parcel.lines.len();
        let mut is_changed = false;
        match self.read_back(parcel, number)? {
            Back::Settled(end) => return Ok(Next::End(end)),
            Back::Older(correction) if matches!(way, Way::Mark | Way::Ship(_)) => {
                *way = correction;
                is_changed = true;
            }
            Back::Older(_) | Back::Nothing => is_changed |= parcel.lines.len() < units_before,
        }
        if error.code() == Some(SAME_SKU_NOT_SPLIT) {
            self.gather(parcel)?;
            is_changed = true;
        }
        if is_changed && !is_last {
            return Ok(Next::Again);
        }
        if error.is_outcome_unknown() {
            return Err(error.into());
        }
        if class == Class::WrongState {
            return self.wait(parcel, &error).map(Next::End);
        }
        let why = refusal(number, provider, &error);
        self.refuse(parcel, Some(number), detail(class), why).map(Next::End)
    }

    fn gather(&self, parcel: &mut StoredParcel) -> Result<(), Error> {
        let store = &self.session.store;
        store.gather_units(parcel, self.session.now())?;
        if let Some(stored) = store.parcel(parcel.id)? {
            parcel.lines = stored.lines;
        }
        Ok(())
    }

    fn wait(&self, parcel: &StoredParcel, error: &tiktok::Error) -> Result<Pushed, Error> {
        let again_at = self.session.now() + AGAIN_AFTER;
        self.session.store.push_again_later(parcel, Some(again_at))?;
        Ok(Pushed::Waits(error.to_string()))
    }

    /// `number` is what TikTok refused; none where nothing was told.
    fn refuse(
        &self,
        parcel: &StoredParcel,
        number: Option<&str>,
        detail: &str,
        message: String,
    ) -> Result<Pushed, Error> {
        let flag = Flag::new(Reason::TrackingRejected, detail, message, &parcel.order)
            .with_command(format!("mcf sync-tracking --order {}", parcel.order));
        let (store, now) = (&self.session.store, self.session.now());
        store.push_refused(parcel, number, &flag, now)?;
        Ok(Pushed::Refused(flag))
    }
}

/// The guards that need no question to TikTok.
fn not_allowed(parcel: &StoredParcel, number: &str) -> Option<(&'static str, String)> {
    if !parcel.numbers.iter().any(|given| given.number == number) {
        let why = format!(
            "Amazon never gave {number} for this order; TikTok counts foreign numbers against the MCF warehouse"
        );
        return Some(("not_amazons_number", why));
    }
    if !is_allowed(number) {
        let why = format!(
            "TikTok takes numbers of 4 to 50 letters and digits; Amazon's has {}",
            number.chars().count()
        );
        return Some(("number_form", why));
    }
    None
}

fn detail(class: Class) -> &'static str {
    match class {
        Class::CorrectionClosed => "correction_closed",
        Class::NotOurs => "not_shipped_by_seller",
        _ => "number_refused",
    }
}

fn refusal(number: &str, provider: &ShippingProvider, error: &tiktok::Error) -> String {
    let hint = match provider.name.as_str() {
        "USPS" => {
            "; TikTok refuses USPS labels of some sellers: with [tracking] use_aftn = true Amazon's own number goes instead"
        }
        _ => "",
    };
    format!("TikTok refused {number}: {error}{hint}")
}
