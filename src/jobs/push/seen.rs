//! What TikTok showed of an order, put into effect for a parcel: told already, kept back, lost, or to be told.

use super::{Back, Pushed, Pusher, Way};
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::{Order, OrderStatus};
use crate::domain::part_cancellation;
use crate::domain::shop::MarkedShipped;
use crate::domain::telling::{self, AtTiktok, cancelled_units};
use crate::jobs::Error;
use crate::store::StoredParcel;

impl Pusher<'_> {
    /// Reads orders before their numbers are told, and stores what TikTok says of them now.
    pub(in crate::jobs) fn look(&self, orders: &[TiktokOrderId]) -> Result<Vec<Order>, Error> {
        let found = self.tiktok.orders(orders)?;
        self.session.store.take_in_known(&found.orders, self.session.now())?;
        Ok(found.orders)
    }

    /// TikTok takes a number once in an order: the units of all parcels that bear it go in one call.
    pub(super) fn join(
        &self,
        parcel: &mut StoredParcel,
        twins: &[StoredParcel],
        seen: Option<&Order>,
        number: &str,
    ) -> Result<(), Error> {
        for twin in twins {
            let mut twin = twin.clone();
            if let Some(order) = seen {
                if self.look_at(order, &twin, number) != AtTiktok::Nothing {
                    continue;
                }
                self.leave_out_cancelled(order, &mut twin)?;
            }
            parcel.lines.append(&mut twin.lines);
        }
        Ok(())
    }

    fn look_at(&self, order: &Order, parcel: &StoredParcel, number: &str) -> AtTiktok {
        let told = parcel.numbers.iter().filter(|given| given.is_told);
        let told = told.map(|given| given.number.as_str());
        let facts = telling::Parcel {
            lines: &parcel.lines,
            number,
            told: told.chain(parcel.pushed_number.as_deref()).collect(),
        };
        telling::look(order, &facts, &self.session.rules().eligibility)
    }

    /// Our number there is success; another one is a person's and stays; cancelled units are left out.
    pub(super) fn judge(&self, order: &Order, parcel: &mut StoredParcel, number: &str) -> Result<Back, Error> {
        let carrier = parcel.provider_name.clone();
        let carrier = carrier.unwrap_or_else(|| parcel.carrier_code.clone());
        let taken = |package_id| MarkedShipped {
            package_id,
            warning: None,
        };
        match self.look_at(order, parcel, number) {
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
            AtTiktok::TakenByOthers => {
                let why = format!(
                    "TikTok has {number} for other units of this order and takes no number twice; add these units to that parcel in Seller Center, the command then notes it"
                );
                self.refuse(parcel, Some(number), "number_stands_for_other_units", why)
                    .map(Back::Settled)
            }
            AtTiktok::Elsewhere(warehouse) => {
                let why = format!(
                    "TikTok has moved the order to warehouse {warehouse}, which is none of Amazon's; {number} is kept back: move the order back, or ship it from there and expect Amazon's parcel beside it"
                );
                self.refuse(parcel, None, "moved_to_another_warehouse", why)
                    .map(Back::Settled)
            }
            AtTiktok::Cancelled => self.lost(order, parcel, number).map(Back::Settled),
            AtTiktok::Nothing => {
                self.leave_out_cancelled(order, parcel)?;
                Ok(Back::Nothing)
            }
        }
    }

    /// TikTok wants none of the units any more: a person is told the number, TikTok is not.
    fn lost(&self, order: &Order, parcel: &StoredParcel, number: &str) -> Result<Pushed, Error> {
        let flag = match order.live_lines().next() {
            Some(_) if order.status != OrderStatus::Cancelled => {
                part_cancellation::left(&order.id, &[number.to_owned()])
            }
            _ => {
                let message = format!("TikTok has cancelled these units, but Amazon sent them as {number}");
                Flag::new(Reason::CancellationConflict, "cancelled_at_tiktok", message, &order.id)
                    .with_command(format!("mcf orders dismiss {}", order.id))
            }
        };
        let (store, now) = (&self.session.store, self.session.now());
        store.push_refused(parcel, Some(number), &flag, now)?;
        Ok(Pushed::Refused(flag))
    }

    fn leave_out_cancelled(&self, order: &Order, parcel: &mut StoredParcel) -> Result<(), Error> {
        let cancelled = cancelled_units(order, &parcel.lines);
        if !cancelled.is_empty() {
            let store = &self.session.store;
            store.leave_out(parcel, &cancelled, self.session.now())?;
            parcel.lines.retain(|line| !cancelled.contains(line));
        }
        Ok(())
    }
}
