//! A buyer's request to cancel, as TikTok shows it: whose it is, what of the order it means, until when it is answered and how.

use chrono::{DateTime, Utc};

use crate::domain::deadline::{DECLINED_BEFORE, TIME_TO_ANSWER};
use crate::domain::order::{LineItem, LineStatus, Order};
use crate::domain::shop::{Cancellation, RejectReason};

/// The words of the reasons for which a seller whose parcel is under way may decline, the best first. The keys change over time.
const DECLINING_WORDS: [&str; 3] = ["packed", "shipped", "delivered"];

/// The reason to decline that TikTok names in its example of "Reject Cancellation".
const PACKED: &str = "seller_reject_apply_product_has_been_packed";

impl Cancellation {
    /// Tells whether the seller has asked TikTok to cancel.
    #[must_use]
    pub fn is_the_sellers(&self) -> bool {
        self.role
            .as_deref()
            .is_some_and(|role| role.eq_ignore_ascii_case("SELLER"))
    }

    /// Tells whether it leaves units of the order standing. Where TikTok names variants and no units, all units of these are meant:
    /// buyers can't cancel single ones.
    #[must_use]
    pub fn is_partial(&self, order: &Order) -> bool {
        let is_named = |line: &LineItem| self.line_items.contains(&line.id) || self.skus.contains(&line.sku_id);
        let stays = |line: &LineItem| line.status != LineStatus::Cancelled && !is_named(line);
        let names_some = !self.line_items.is_empty() || !self.skus.is_empty();
        names_some && order.line_items.iter().any(stays)
    }

    /// Tells whether TikTok will soon agree by itself.
    pub(super) fn is_due(&self, now: DateTime<Utc>) -> bool {
        let answer_by = self.answer_by.or(self.updated_at.map(|at| at + TIME_TO_ANSWER));
        answer_by.is_some_and(|by| now >= by - DECLINED_BEFORE)
    }
}

/// Returns the key of the reason for which a request is declined. Those that TikTok offers come first; where it gives none that fits,
/// the one that its pages name and that is true of an order that Amazon packs.
#[must_use]
pub fn reason_to_decline(offered: &[RejectReason]) -> &str {
    let says = |reason: &&RejectReason, word: &str| {
        let text = reason.text.as_deref().unwrap_or_default();
        format!("{} {text}", reason.name).to_lowercase().contains(word)
    };
    let mut words = DECLINING_WORDS.iter();
    let found = words.find_map(|word| offered.iter().find(|reason| says(reason, word)));
    found.map_or(PACKED, |reason| &reason.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{CancelId, LineItemId, TiktokOrderId, TiktokSkuId};
    use crate::domain::order::tests_support::{plain_line, plain_order};
    use crate::domain::shop::CancellationStatus;

    fn request(lines: &[&str], skus: &[&str]) -> Cancellation {
        Cancellation {
            id: CancelId::new("4"),
            order_id: TiktokOrderId::new("1"),
            status: CancellationStatus::Pending,
            role: None,
            reason: None,
            updated_at: None,
            answer_by: None,
            line_items: lines.iter().map(|id| LineItemId::new(*id)).collect(),
            skus: skus.iter().map(|id| TiktokSkuId::new(*id)).collect(),
        }
    }

    #[test]
    fn a_request_is_partial_where_a_live_unit_is_named_neither_by_itself_nor_by_its_variant_e88() {
        let unit = |id: &str, sku: &str, status| LineItem {
            sku_id: TiktokSkuId::new(sku),
            status,
            ..plain_line(id)
        };
        let mut order = plain_order("1");
        order.line_items = vec![
            unit("a", "LAMP", LineStatus::AwaitingShipment),
            unit("b", "LAMP", LineStatus::AwaitingShipment),
            unit("c", "SHADE", LineStatus::Cancelled),
        ];
        for (lines, skus, is_partial) in [
            (&[][..], &[][..], false),
            (&["a", "b"], &[], false),
            (&["a"], &[], true),
            (&["c"], &[], true),
            (&[], &["LAMP"], false),
            (&[], &["SHADE"], true),
            (&["a"], &["LAMP"], false),
        ] {
            let found = request(lines, skus).is_partial(&order);
            assert_eq!(found, is_partial, "E88: units {lines:?}, variants {skus:?}");
        }
    }
}
