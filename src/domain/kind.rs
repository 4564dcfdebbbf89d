//! What kind of order it is, as people and the metrics are told it, and which kinds a rule sends or keeps for a person.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::order::{LineItem, ListingType, Order, OrderType, Purpose};

/// What decides about the kind: all of it is stored, so that it is the same from there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KindFacts {
    /// Why it is sent.
    pub purpose: Purpose,
    /// TikTok's own word.
    pub order_type: Option<OrderType>,
    /// Whether a live unit is of a listing that lives for one LIVE only.
    pub has_temporary_listing: bool,
    /// Whether every live unit is a gift.
    pub is_gift: bool,
}

/// The kinds that outsiders see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A sale.
    Normal,
    /// For a creator, free or paid back later.
    Sample,
    /// In place of an order that went wrong.
    Replacement,
    /// In exchange for other goods.
    Exchange,
    /// Not to be shipped before its release.
    PreOrder,
    /// Made when it is ordered.
    MadeToOrder,
    /// Ordered while it was out of stock.
    BackOrder,
    /// Won in a lottery, for nothing.
    ZeroLottery,
    /// Won in an auction.
    Auction,
    /// Nothing is shipped.
    Virtual,
    /// Of a listing that lives for one LIVE only.
    TemporaryListing,
    /// Gifts alone.
    Gift,
    /// Of a type that this program does not know.
    Unknown,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Normal,
        Self::Sample,
        Self::Replacement,
        Self::Exchange,
        Self::PreOrder,
        Self::MadeToOrder,
        Self::BackOrder,
        Self::ZeroLottery,
        Self::Auction,
        Self::Virtual,
        Self::TemporaryListing,
        Self::Gift,
        Self::Unknown,
    ];

    /// Tells the kind. What the order is for says more than how it was bought.
    #[must_use]
    pub fn of(facts: &KindFacts) -> Self {
        let purpose = &facts.purpose;
        let is = |mark: Option<bool>| mark == Some(true);
        if is(purpose.is_exchange) {
            return Self::Exchange;
        }
        if is(purpose.is_replacement) {
            return Self::Replacement;
        }
        if is(purpose.is_sample) || is(purpose.is_refundable_sample) {
            return Self::Sample;
        }
        match &facts.order_type {
            Some(OrderType::PreOrder) => Self::PreOrder,
            Some(OrderType::MadeToOrder) => Self::MadeToOrder,
            Some(OrderType::BackOrder) => Self::BackOrder,
            Some(OrderType::ZeroLottery) => Self::ZeroLottery,
            Some(OrderType::Auction) => Self::Auction,
            Some(OrderType::Virtual) => Self::Virtual,
            Some(OrderType::Other(_)) => Self::Unknown,
            Some(OrderType::Normal) | None if facts.has_temporary_listing => Self::TemporaryListing,
            Some(OrderType::Normal) | None if facts.is_gift => Self::Gift,
            Some(OrderType::Normal) | None => Self::Normal,
        }
    }

    /// Returns the word that outsiders see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Sample => "sample",
            Self::Replacement => "replacement",
            Self::Exchange => "exchange",
            Self::PreOrder => "pre_order",
            Self::MadeToOrder => "made_to_order",
            Self::BackOrder => "back_order",
            Self::ZeroLottery => "zero_lottery",
            Self::Auction => "auction",
            Self::Virtual => "virtual",
            Self::TemporaryListing => "temporary_listing",
            Self::Gift => "gift",
            Self::Unknown => "unknown",
        }
    }

    /// Tells whether the seller bears its cost on purpose, so that there is nothing to hold Amazon's fees against.
    #[must_use]
    pub fn is_at_the_sellers_cost(self) -> bool {
        matches!(self, Self::Sample | Self::Replacement | Self::Exchange)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Order {
    /// Returns its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let mut live = self.live_lines().peekable();
        let has_lines = live.peek().is_some();
        let is_gift = has_lines && live.all(|line| line.is_gift == Some(true));
        let is_temporary = |line: &LineItem| line.listing_type == Some(ListingType::Temporary);
        Kind::of(&KindFacts {
            purpose: self.purpose.clone(),
            order_type: self.order_type.clone(),
            has_temporary_listing: self.live_lines().any(is_temporary),
            is_gift,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::LineStatus;
    use crate::domain::order::tests_support::{plain_line, plain_order};

    #[test]
    fn every_kind_has_the_word_that_its_json_has() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.as_str());
            assert_eq!(kind.to_string(), kind.as_str());
        }
    }

    #[test]
    fn the_purpose_of_an_order_says_its_kind_before_how_it_was_bought_e145_e146() {
        type Change = fn(&mut Order);
        let cases: [(Change, Kind); 12] = [
            (|_| {}, Kind::Normal),
            (|order| order.order_type = None, Kind::Normal),
            (|order| order.purpose.is_sample = Some(true), Kind::Sample),
            (|order| order.purpose.is_refundable_sample = Some(true), Kind::Sample),
            (|order| order.purpose.is_replacement = Some(true), Kind::Replacement),
            (|order| order.purpose.is_exchange = Some(true), Kind::Exchange),
            (|order| order.order_type = Some(OrderType::PreOrder), Kind::PreOrder),
            (
                |order| order.order_type = Some(OrderType::ZeroLottery),
                Kind::ZeroLottery,
            ),
            (
                |order| order.order_type = Some(OrderType::read("RAFFLE")),
                Kind::Unknown,
            ),
            (
                |order| order.line_items[0].listing_type = Some(ListingType::Temporary),
                Kind::TemporaryListing,
            ),
            (|order| order.line_items[0].is_gift = Some(true), Kind::Gift),
            (
                |order| {
                    order.order_type = Some(OrderType::PreOrder);
                    order.purpose.is_replacement = Some(true);
                },
                Kind::Replacement,
            ),
        ];
        for (change, kind) in cases {
            let mut order = plain_order("1");
            change(&mut order);
            assert_eq!(order.kind(), kind);
        }
    }

    #[test]
    fn a_gift_with_a_purchase_is_a_sale_and_cancelled_units_count_for_nothing_e13() {
        let mut order = plain_order("1");
        let mut gift = plain_line("2");
        gift.is_gift = Some(true);
        order.line_items.push(gift);
        assert_eq!(order.kind(), Kind::Normal, "E13");
        order.line_items[0].status = LineStatus::Cancelled;
        assert_eq!(order.kind(), Kind::Gift, "E13: the gift alone is left");
        order.line_items[1].status = LineStatus::Cancelled;
        assert_eq!(order.kind(), Kind::Normal, "nothing is left");
    }
}
