//! The calls that tell TikTok a number, and what its answers are in the domain's words.

use crate::domain::shop::MarkedShipped;
use crate::domain::tracking::{Answer, Call, Refusal, Telling};
use crate::store::StoredParcel;
use crate::tiktok::{self, Class, Tiktok};

/// TikTok takes one number for all units of a SKU, where its rules do not let them be split.
const SAME_SKU_NOT_SPLIT: i64 = 21_011_036;

pub(super) fn tell(tiktok: &Tiktok, parcel: &StoredParcel, telling: &Telling) -> Result<MarkedShipped, tiktok::Error> {
    let (order, number, carrier) = (&parcel.order, &telling.number, &telling.carrier.id);
    match &telling.call {
        Call::Mark => tiktok.mark_package_shipped(order, number, carrier, &parcel.lines),
        Call::Ship(package) => tiktok.ship_package(order, package, number, carrier),
        Call::CorrectOrder => tiktok.update_shipping_info(order, number, carrier),
        Call::CorrectParcel(package) => tiktok.update_package_shipping_info(order, package, number, carrier),
    }
}

pub(super) fn meaning(error: &tiktok::Error) -> Answer {
    let refusal = match error.class() {
        Class::OnHold | Class::CancellationPending => return Answer::NotNow(error.to_string()),
        Class::WrongState => return Answer::WrongState(error.to_string()),
        class if class.is_outcome_unknown() => return Answer::Unclear,
        class if !class.is_permanent() => return Answer::NotCarriedOut,
        Class::CorrectionClosed => Refusal::CorrectionClosed,
        Class::NotOurs => Refusal::NotOurs,
        _ if error.code() == Some(SAME_SKU_NOT_SPLIT) => Refusal::UnitsOfOneSku,
        _ => Refusal::Number,
    };
    Answer::Refused(refusal, error.to_string())
}
