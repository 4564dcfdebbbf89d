//! What a person is told of a number that does not come to TikTok.

use super::effect::Refusal;
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::{TiktokOrderId, WarehouseId};
use crate::domain::order::{Order, OrderStatus};
use crate::domain::part_cancellation;

pub(super) fn not_amazons_number(order: &TiktokOrderId, number: &str) -> Flag {
    let why =
        format!("Amazon never gave {number} for this order; TikTok counts foreign numbers against the MCF warehouse");
    rejected(order, "not_amazons_number", why)
}

pub(super) fn number_form(order: &TiktokOrderId, number: &str) -> Flag {
    let why = format!(
        "TikTok takes numbers of 4 to 50 letters and digits; Amazon's has {}",
        number.chars().count()
    );
    rejected(order, "number_form", why)
}

pub(super) fn carrier_unknown(order: &TiktokOrderId, why: String) -> Flag {
    rejected(order, "carrier_unknown", why)
}

pub(super) fn another_number(order: &TiktokOrderId, number: &str) -> Flag {
    let why = format!(
        "TikTok has another number for these units; Amazon's is {number}, and what a person typed is not overwritten"
    );
    rejected(order, "other_number_at_tiktok", why)
}

pub(super) fn taken_by_others(order: &TiktokOrderId, number: &str) -> Flag {
    let why = format!(
        "TikTok has {number} for other units of this order and takes no number twice; add these units to that parcel in Seller Center, the command then notes it"
    );
    rejected(order, "number_stands_for_other_units", why)
}

pub(super) fn elsewhere(order: &TiktokOrderId, number: &str, warehouse: &WarehouseId) -> Flag {
    let why = format!(
        "TikTok has moved the order to warehouse {warehouse}, which is none of Amazon's; {number} is kept back: move the order back, or ship it from there and expect Amazon's parcel beside it"
    );
    rejected(order, "moved_to_another_warehouse", why)
}

/// TikTok wants none of the units any more.
pub(super) fn lost(order: &Order, number: &str) -> Flag {
    let is_over = order.status == OrderStatus::Cancelled || order.live_lines().next().is_none();
    if !is_over {
        return part_cancellation::left(&order.id, &[number.to_owned()]);
    }
    let message = format!("TikTok has cancelled these units, but Amazon sent them as {number}");
    Flag::new(Reason::CancellationConflict, "cancelled_at_tiktok", message, &order.id)
        .with_command(format!("mcf orders dismiss {}", order.id))
}

pub(super) fn refused(order: &TiktokOrderId, number: &str, carrier: &str, refusal: Refusal, words: &str) -> Flag {
    let detail = match refusal {
        Refusal::CorrectionClosed => "correction_closed",
        Refusal::NotOurs => "not_shipped_by_seller",
        Refusal::Number | Refusal::UnitsOfOneSku => "number_refused",
    };
    let hint = match carrier {
        "USPS" => {
            "; TikTok refuses USPS labels of some sellers: with [tracking] use_aftn = true Amazon's own number goes instead"
        }
        _ => "",
    };
    rejected(order, detail, format!("TikTok refused {number}: {words}{hint}"))
}

fn rejected(order: &TiktokOrderId, detail: &str, message: String) -> Flag {
    Flag::new(Reason::TrackingRejected, detail, message, order)
        .with_command(format!("mcf sync-tracking --order {order}"))
}
