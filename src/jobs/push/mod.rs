//! Telling TikTok one parcel's number: the guards, the market's call, and what an unclear answer means.

mod carriers;
mod seen;

pub(super) use carriers::tell_named;

use chrono::TimeDelta;

use super::{Error, Session};
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::{PackageId, ShippingProviderId};
use crate::domain::order::Order;
use crate::domain::shop::{MarkedShipped, ShippingProvider};
use crate::domain::telling::may_go_unseen;
use crate::domain::tracking_number::is_allowed;
use crate::store::{ParcelState, StoredParcel};
use crate::tiktok::{self, Class, Tiktok};
use carriers::Carriers;

/// When a parcel is tried again whose order TikTok holds for now.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(30);

/// Markets whose call is Mark Package As Shipped (TikTok's fulfillment overview); all others have Ship Package.
const MARK_MARKETS: [&str; 9] = ["US", "GB", "UK", "ES", "IE", "IT", "DE", "FR", "JP"];

/// TikTok takes one number for all units of a SKU, where its rules do not let them be split.
const SAME_SKU_NOT_SPLIT: i64 = 21_011_036;

/// Why a number waits that TikTok could not be asked about.
const NOT_SEEN: &str = "TikTok did not show the order; its number waits for the next run";

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

    /// Tells one number for the units of a parcel and of its twins, by what TikTok showed of the order just before. Where that could
    /// not be seen it waits while there is time; after a crash or an unclear answer, and before a correction, TikTok is read alone then.
    pub(super) fn push(
        &mut self,
        parcel: &StoredParcel,
        twins: &[StoredParcel],
        seen: Option<&Order>,
    ) -> Result<Pushed, Error> {
        let Some(number) = parcel.tracking_number.clone() else {
            return Ok(Pushed::Waits("Amazon gave no number yet".to_owned()));
        };
        if let Some((detail, why)) = not_allowed(parcel, &number) {
            return self.refuse(parcel, None, detail, why);
        }
        if seen.is_none() && !may_go_unseen(parcel.shipped_at, self.session.now()) {
            return Ok(Pushed::Waits(NOT_SEEN.to_owned()));
        }
        let mut parcel = parcel.clone();
        let may_be_told = parcel.state == ParcelState::Pushing || parcel.pushed_number.is_some();
        let back = match seen {
            Some(order) => self.judge(order, &mut parcel, &number)?,
            None if may_be_told => self.read_back(&mut parcel, &number)?,
            None => Back::Nothing,
        };
        let older = match back {
            Back::Settled(end) => return Ok(end),
            Back::Older(way) => Some(way),
            Back::Nothing => None,
        };
        let provider = match self.carriers.choose(&self.tiktok, &parcel, &number)? {
            Ok(provider) => provider,
            Err(why) => return self.refuse(&parcel, None, "carrier_unknown", why),
        };
        let way = match older {
            Some(way) => Some(way),
            None => self.first_way(&parcel, seen)?,
        };
        let Some(way) = way else {
            let again_at = self.session.now() + AGAIN_AFTER;
            self.session.store.push_again_later(&parcel, Some(again_at))?;
            return Ok(Pushed::Waits(
                "TikTok has made no parcel for these units yet".to_owned(),
            ));
        };
        if matches!(way, Way::Mark) {
            self.join(&mut parcel, twins, seen, &number)?;
        }
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
    fn first_way(&self, parcel: &StoredParcel, seen: Option<&Order>) -> Result<Option<Way>, Error> {
        if MARK_MARKETS.contains(&self.region.as_str()) {
            return Ok(Some(Way::Mark));
        }
        let order = match seen {
            Some(order) => Some(order.clone()),
            None => self.read_order(parcel)?,
        };
        let mut lines = order.into_iter().flat_map(|order| order.line_items);
        let line = lines.find(|line| parcel.lines.contains(&line.id));
        Ok(line.and_then(|line| line.package_id).map(Way::Ship))
    }

    fn read_order(&self, parcel: &StoredParcel) -> Result<Option<Order>, tiktok::Error> {
        let found = self.tiktok.orders(std::slice::from_ref(&parcel.order))?;
        Ok(found.orders.into_iter().find(|order| order.id == parcel.order))
    }

    /// Reads the order back.
    fn read_back(&self, parcel: &mut StoredParcel, number: &str) -> Result<Back, Error> {
        match self.read_order(parcel)? {
            Some(order) => self.judge(&order, parcel, number),
            None => Ok(Back::Nothing),
        }
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
