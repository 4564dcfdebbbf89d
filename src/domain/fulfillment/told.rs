//! What a person is told where Amazon shows nothing of an order that it has, or has one that it should not have.

use crate::domain::flag::{Detail, Flag};
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};

/// Amazon accepted it and shows nothing of it in two looks, a grace time apart. That does not prove that it is not there. What Amazon
/// left out of the order before goes by a command of its own.
#[must_use]
pub fn not_shown(id: &FulfillmentOrderId, order: &TiktokOrderId, is_rest: bool) -> Flag {
    let message = format!(
        "Amazon accepted {id} and shows nothing of it; look for it in Seller Central: if it is not there, route it once more"
    );
    let flag = Flag::new(Detail::NotAtAmazon, message, order);
    match is_rest {
        true => flag.with_command(format!("mcf route {order} --rest")),
        false => flag,
    }
}

/// It was given up and closed here: only a person can stop it now.
#[must_use]
pub fn after_all(id: &FulfillmentOrderId, order: &TiktokOrderId) -> Flag {
    let message = format!("Amazon has {id} after all, though the order is closed here; cancel it in Seller Central");
    Flag::new(Detail::AtAmazonAfterAll, message, order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_routed_again_and_what_is_too_much_is_looked_at_never_sent() {
        let (id, order) = (FulfillmentOrderId::new("TTS-1"), TiktokOrderId::new("1"));
        assert_eq!(not_shown(&id, &order, false).next_command, "mcf route 1");
        assert_eq!(not_shown(&id, &order, true).next_command, "mcf route 1 --rest", "E137");
        assert_eq!(after_all(&id, &order).next_command, "mcf orders dismiss 1");
    }
}
