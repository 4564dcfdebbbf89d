//! What a person is told of a number that does not come to TikTok.

use super::effect::Refusal;
use crate::domain::flag::{Detail, Flag};
use crate::domain::ids::{TiktokOrderId, WarehouseId};
use crate::domain::order::{Order, OrderStatus};
use crate::domain::part_cancellation;

pub(super) fn not_amazons_number(order: &TiktokOrderId, number: &str) -> Flag {
    let why =
        format!("Amazon never gave {number} for this order; TikTok counts foreign numbers against the MCF warehouse");
    Flag::new(Detail::NotAmazonsNumber, why, order)
}

pub(super) fn number_form(order: &TiktokOrderId, number: &str) -> Flag {
    let why = format!(
        "TikTok takes numbers of 4 to 50 letters and digits; Amazon's has {}",
        number.chars().count()
    );
    Flag::new(Detail::NumberForm, why, order)
}

pub(super) fn carrier_unknown(order: &TiktokOrderId, why: String) -> Flag {
    Flag::new(Detail::CarrierUnknown, why, order)
}

pub(super) fn another_number(order: &TiktokOrderId, number: &str) -> Flag {
    let why = format!(
        "TikTok has another number for these units; Amazon's is {number}, and what a person typed is not overwritten"
    );
    Flag::new(Detail::OtherNumberAtTiktok, why, order)
}

pub(super) fn taken_by_others(order: &TiktokOrderId, number: &str) -> Flag {
    let why = format!(
        "TikTok has {number} for other units of this order and takes no number twice; add these units to that parcel in Seller Center, the command then notes it"
    );
    Flag::new(Detail::NumberStandsForOtherUnits, why, order)
}

pub(super) fn elsewhere(order: &TiktokOrderId, number: &str, warehouse: &WarehouseId) -> Flag {
    let why = format!(
        "TikTok has moved the order to warehouse {warehouse}, which is none of Amazon's; {number} is kept back: move the order back, or ship it from there and expect Amazon's parcel beside it"
    );
    Flag::new(Detail::MovedToAnotherWarehouse, why, order)
}

/// TikTok wants none of the units any more.
pub(super) fn lost(order: &Order, number: &str) -> Flag {
    let is_over = order.status == OrderStatus::Cancelled || order.live_lines().next().is_none();
    if !is_over {
        return part_cancellation::left(&order.id, &[number.to_owned()]);
    }
    let message = format!("TikTok has cancelled these units, but Amazon sent them as {number}");
    Flag::new(Detail::CancelledAtTiktok, message, &order.id)
}

pub(super) fn refused(order: &TiktokOrderId, number: &str, carrier: &str, refusal: Refusal, words: &str) -> Flag {
    let detail = match refusal {
        Refusal::CorrectionClosed => Detail::CorrectionClosed,
        Refusal::NotOurs => Detail::NotShippedBySeller,
        Refusal::Number | Refusal::UnitsOfOneSku => Detail::NumberRefused,
    };
    let hint = match carrier {
        "USPS" => {
            "; TikTok refuses USPS labels of some sellers: with [tracking] use_aftn = true Amazon's own number goes instead"
        }
        _ => "",
    };
    Flag::new(detail, format!("TikTok refused {number}: {words}{hint}"), order)
}
