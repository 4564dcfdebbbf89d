//! What Amazon's status of a fulfillment order means for the order that it stands for.

use chrono::{DateTime, Utc};

use super::{FulfillmentOrder, FulfillmentStatus, names_a_rest};
use crate::domain::cancellation::CancelFacts;
use crate::domain::deadline::{NotBegun, not_begun};
use crate::domain::effect::Effect;
use crate::domain::feature::Feature;
use crate::domain::flag::{Detail, Flag};
use crate::domain::parcel::{FoundParcel, NumberRule, parcels};
use crate::domain::state::{State, Step};

/// What was told of an order that Amazon did not begin with.
const NOT_BEGUN: &[Detail] = &[Detail::StuckInPlanning, Detail::EndsOnDay14];

/// What is known of an order that Amazon accepted and showed just now.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// As Amazon shows it.
    pub found: &'a FulfillmentOrder,
    /// Whether it is what Amazon left out of the one before it, of which a part left.
    pub is_rest: bool,
    /// Since when Amazon has it.
    pub accepted_at: DateTime<Utc>,
    /// What was asked of Amazon beside the goods.
    pub features: &'a [Feature],
    /// Which tracking numbers count.
    pub numbers: NumberRule,
    /// Where the order stands, and what is known of a wish to cancel it.
    pub cancel: CancelFacts<'a>,
}

/// Says what Amazon's status means.
#[must_use]
pub fn next(facts: &Facts<'_>, now: DateTime<Utc>) -> Vec<Effect> {
    let mut effects = Vec::new();
    if has_ended(facts.found, facts.numbers) {
        effects.push(Effect::Clear(NOT_BEGUN));
    }
    if !matches!(facts.found.status, FulfillmentStatus::Other(_)) {
        effects.push(Effect::Clear(&[Detail::UnknownAmazonStatus]));
    }
    effects.extend(facts.by_status(now));
    effects.extend(facts.comes_back());
    effects
}

/// Tells whether Amazon will not change an order any more: it is shipped with a number for each parcel, or it ended.
#[must_use]
pub fn has_ended(found: &FulfillmentOrder, numbers: NumberRule) -> bool {
    let parcels = parcels(found, numbers);
    let is_whole = |parcel: &FoundParcel| parcel.tracking_number.is_some() && !parcel.contents.is_empty();
    match found.status {
        FulfillmentStatus::Complete | FulfillmentStatus::CompletePartialled => {
            !parcels.is_empty() && parcels.iter().all(is_whole)
        }
        FulfillmentStatus::Cancelled | FulfillmentStatus::Unfulfillable | FulfillmentStatus::Invalid => {
            let mut left = parcels.iter().filter(|parcel| parcel.has_left);
            left.all(is_whole)
        }
        FulfillmentStatus::New
        | FulfillmentStatus::Received
        | FulfillmentStatus::Planning
        | FulfillmentStatus::Processing
        | FulfillmentStatus::Other(_) => false,
    }
}

impl Facts<'_> {
    fn by_status(&self, now: DateTime<Utc>) -> Vec<Effect> {
        match &self.found.status {
            FulfillmentStatus::Cancelled | FulfillmentStatus::Unfulfillable if self.found.is_partly_shipped() => {
                self.the_rest_stays_away()
            }
            FulfillmentStatus::Cancelled | FulfillmentStatus::Unfulfillable | FulfillmentStatus::Invalid
                if self.is_rest =>
            {
                self.the_rest_stays_away()
            }
            FulfillmentStatus::Cancelled => self.cancelled(),
            FulfillmentStatus::Invalid => self.ended_badly(Detail::Invalid, "found the order invalid"),
            FulfillmentStatus::Unfulfillable => self.ended_badly(Detail::Unfulfillable, "can't fulfill the order"),
            FulfillmentStatus::CompletePartialled => self.the_rest_stays_away(),
            FulfillmentStatus::Complete if !self.found.units_that_stay_away().is_empty() => self.the_rest_stays_away(),
            FulfillmentStatus::Other(word) => {
                let message = format!(
                    "Amazon's status {word:?} is not known to this program; its parcels are told all the same: look in Seller Central, and dismiss it when it is settled"
                );
                vec![self.raise(Detail::UnknownAmazonStatus, message)]
            }
            FulfillmentStatus::Processing | FulfillmentStatus::Complete => self.goes_on(),
            FulfillmentStatus::New | FulfillmentStatus::Received | FulfillmentStatus::Planning => {
                let mut effects = self.cancel.unanswered(now);
                effects.push(self.not_begun(now));
                effects
            }
        }
    }

    /// What the buyer gives back is between the seller and the buyer at TikTok; what Amazon takes back is all that is seen of it here.
    fn comes_back(&self) -> Option<Effect> {
        let units = self.found.returned_units().into_iter();
        let units: Vec<String> = units.map(|(sku, units)| format!("{units} × {sku}")).collect();
        let message = || format!("{}: {}", Detail::ItemsReturned.meaning(), units.join(", "));
        (!units.is_empty()).then(|| self.raise(Detail::ItemsReturned, message()))
    }

    /// Also where Amazon goes on after all with what it had ended.
    fn goes_on(&self) -> Vec<Effect> {
        let mut effects = vec![Effect::Clear(&[
            Detail::StuckInPlanning,
            Detail::EndsOnDay14,
            Detail::PartlyShipped,
        ])];
        if self.cancel.state == State::Cancelling {
            effects.extend(self.cancel.too_late());
        }
        effects
    }

    /// Amazon takes orders for stock that is only on its way and may leave them in planning for days.
    fn not_begun(&self, now: DateTime<Utc>) -> Effect {
        match not_begun(self.accepted_at, now) {
            NotBegun::EndsSoon => Effect::Raise(Flag::plain(Detail::EndsOnDay14, self.cancel.order)),
            NotBegun::ForADay => Effect::Raise(Flag::plain(Detail::StuckInPlanning, self.cancel.order)),
            // A clock that was ahead may have said so.
            NotBegun::Lately => Effect::Clear(NOT_BEGUN),
        }
    }

    /// Amazon shipped a part and ends the order: the rest is a person's task, and a wish to cancel comes too late for what left.
    fn the_rest_stays_away(&self) -> Vec<Effect> {
        let mut effects = vec![Effect::Clear(NOT_BEGUN)];
        if self.cancel.state == State::Cancelling || self.cancel.has_open_request {
            effects.extend(self.cancel.too_late());
        }
        let units = self.found.units_that_stay_away().into_iter();
        let units: Vec<String> = units.map(|(sku, units)| format!("{units} × {sku}")).collect();
        let units = match units.is_empty() {
            true => "Amazon does not say which units".to_owned(),
            false => units.join(", "),
        };
        effects.push(Effect::Raise(self.left_out(&units)));
        effects
    }

    fn left_out(&self, units: &str) -> Flag {
        let (order, left_out) = (
            self.cancel.order,
            "Amazon shipped a part of the order and will not ship the rest",
        );
        if names_a_rest(self.found) {
            let ways = "send it under the next id, or refund it at TikTok and dismiss the order";
            return Flag::new(Detail::PartlyShipped, format!("{left_out} ({units}); {ways}"), order);
        }
        let message = format!("{left_out} ({units}); cancel or refund the rest at TikTok, then dismiss the order");
        Flag::new(Detail::PartlyShipped, message, order).with_command(format!("mcf orders dismiss {order}"))
    }

    /// A cancel that we asked for ends the order; one that somebody else made leaves TikTok's side open.
    fn cancelled(&self) -> Vec<Effect> {
        match self.cancel.state {
            State::Cancelling => self.cancel.carried_out(),
            State::Routed => self.ended_badly(Detail::CancelledAtAmazon, "cancelled the order, not at our request"),
            _ => Vec::new(),
        }
    }

    fn ended_badly(&self, detail: Detail, what: &str) -> Vec<Effect> {
        let asked: Vec<&str> = self.features.iter().map(|feature| feature.as_str()).collect();
        let may_be_why = match asked.is_empty() {
            true => String::new(),
            false => format!("; it asked for {}, which may be why", asked.join(" and ")),
        };
        let message = format!("Amazon {what}{may_be_why}; TikTok still waits for it");
        let mut effects = Vec::new();
        if matches!(self.cancel.state, State::Routed | State::Cancelling) {
            effects.push(Effect::Step(Step::Flag, message.clone()));
        }
        effects.push(self.raise(detail, message));
        effects
    }

    fn raise(&self, detail: Detail, message: String) -> Effect {
        Effect::Raise(Flag::new(detail, message, self.cancel.order))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::effect::tests_support::{details, steps};
    use crate::domain::fulfillment::tests_support::fulfillment_order;
    use crate::domain::fulfillment::{FulfillmentItem, Package, Shipment, ShipmentItem, ShipmentStatus};
    use crate::domain::ids::{AmazonSku, FulfillmentItemId, TiktokOrderId};

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    /// Two lamps; so many of them in a shipment that left, with a number where one is named.
    fn found(status: &str, left: u32, number: Option<&str>) -> FulfillmentOrder {
        let item = FulfillmentItemId::new("i1");
        let shipment = Shipment {
            id: "S1".into(),
            status: ShipmentStatus::Shipped,
            shipping_at: Some(noon()),
            items: vec![ShipmentItem {
                id: item.clone(),
                sku: AmazonSku::new("AMZ-LAMP"),
                quantity: left,
                package_number: Some(1),
            }],
            packages: vec![Package {
                number: 1,
                carrier_code: "UPS".into(),
                tracking_number: number.map(str::to_owned),
                amazon_tracking_number: None,
            }],
        };
        let item = FulfillmentItem {
            id: item,
            sku: AmazonSku::new("AMZ-LAMP"),
            quantity: 2,
            cancelled: None,
            unfulfillable: None,
        };
        let shipments = if left > 0 { vec![shipment] } else { Vec::new() };
        fulfillment_order(status, vec![item], shipments)
    }

    fn meaning(found: &FulfillmentOrder, state: State, hours: i64) -> Vec<Effect> {
        meaning_of(found, state, hours, state == State::Cancelling)
    }

    fn meaning_of(found: &FulfillmentOrder, state: State, hours: i64, has_open_request: bool) -> Vec<Effect> {
        judged(found, false, state, hours, has_open_request)
    }

    fn judged(
        found: &FulfillmentOrder,
        is_rest: bool,
        state: State,
        hours: i64,
        has_open_request: bool,
    ) -> Vec<Effect> {
        let order = TiktokOrderId::new("5");
        let facts = Facts {
            found,
            is_rest,
            accepted_at: noon(),
            features: &[],
            numbers: NumberRule::Carrier,
            cancel: CancelFacts {
                order: &order,
                fulfillment_order: &found.id,
                state,
                is_cancelled_at_tiktok: false,
                is_marked: false,
                has_open_request,
                has_request: has_open_request,
                asked_at: Some(noon()),
            },
        };
        next(&facts, noon() + TimeDelta::hours(hours))
    }

    #[test]
    fn what_amazon_takes_back_is_told_and_is_no_step_of_the_order_e121() {
        let whole = found("COMPLETE", 2, Some("1Z1"));
        let given_back = FulfillmentOrder {
            returned: vec![FulfillmentItemId::new("i1"), FulfillmentItemId::new("i9")],
            ..whole.clone()
        };
        let told = |found: &FulfillmentOrder| meaning(found, State::Completed, 1);
        assert!(!details(&told(&whole)).contains(&"items_returned"), "E121");
        assert!(details(&told(&given_back)).contains(&"items_returned"), "E121");
        assert!(steps(&told(&given_back)).is_empty(), "E121");
        let units = given_back.returned_units();
        assert_eq!(
            units,
            [(AmazonSku::new("AMZ-LAMP"), 1)],
            "E121: an item that is not ours says nothing"
        );
    }

    fn clears(effects: &[Effect], detail: &str) -> bool {
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Clear(details) if details.iter().any(|cleared| cleared.as_str() == detail)))
    }

    #[test]
    fn each_status_has_its_meaning_for_an_order_under_way_and_for_one_that_is_to_be_cancelled() {
        /// Amazon's status, units that left, the state, the steps, the flags.
        type Row<'a> = (&'a str, u32, State, &'a [Step], &'a [&'a str]);
        let (routed, cancelling) = (State::Routed, State::Cancelling);
        let table: [Row<'_>; 17] = [
            ("New", 0, routed, &[], &[]),
            ("Processing", 0, routed, &[], &[]),
            (
                "Processing",
                0,
                cancelling,
                &[Step::RefuseCancel],
                &["amazon_is_shipping"],
            ),
            ("Complete", 2, routed, &[], &[]),
            ("Complete", 1, routed, &[], &["partly_shipped"]),
            (
                "Complete",
                2,
                cancelling,
                &[Step::RefuseCancel],
                &["amazon_is_shipping"],
            ),
            ("CompletePartialled", 1, routed, &[], &["partly_shipped"]),
            (
                "CompletePartialled",
                1,
                cancelling,
                &[Step::RefuseCancel],
                &["amazon_is_shipping", "partly_shipped"],
            ),
            ("Cancelled", 0, routed, &[Step::Flag], &["cancelled_at_amazon"]),
            ("Cancelled", 0, cancelling, &[Step::Cancel], &[]),
            (
                "Cancelled",
                1,
                cancelling,
                &[Step::RefuseCancel],
                &["amazon_is_shipping", "partly_shipped"],
            ),
            ("Cancelled", 0, State::Shipped, &[], &[]),
            ("Unfulfillable", 0, routed, &[Step::Flag], &["unfulfillable"]),
            ("Unfulfillable", 0, cancelling, &[Step::Flag], &["unfulfillable"]),
            ("Unfulfillable", 1, State::Shipped, &[], &["partly_shipped"]),
            ("Invalid", 0, routed, &[Step::Flag], &["invalid"]),
            ("Sorting", 0, routed, &[], &["unknown_status"]),
        ];
        for (status, left, state, taken, raised) in table {
            let effects = meaning(&found(status, left, Some("1Z1")), state, 0);
            assert_eq!(steps(&effects), taken, "{status} {left} {state}");
            assert_eq!(details(&effects), raised, "{status} {left} {state}");
        }
    }

    #[test]
    fn what_ended_badly_when_it_had_left_the_state_is_told_without_a_step() {
        let effects = meaning(&found("Invalid", 0, None), State::Flagged, 0);
        assert_eq!(steps(&effects), []);
        assert_eq!(details(&effects), ["invalid"]);
    }

    #[test]
    fn a_wish_that_is_open_when_a_part_left_comes_too_late() {
        let partly = found("CompletePartialled", 1, Some("1Z1"));
        let wished = meaning_of(&partly, State::Shipped, 0, true);
        assert_eq!(details(&wished), ["amazon_is_shipping", "partly_shipped"]);
        assert_eq!(
            details(&meaning_of(&partly, State::Shipped, 0, false)),
            ["partly_shipped"]
        );
    }

    #[test]
    fn an_order_that_amazon_does_not_begin_with_is_told_after_a_day_and_before_the_fourteenth_e76_e77() {
        let waits = found("Planning", 0, None);
        assert_eq!(details(&meaning(&waits, State::Routed, 23)), Vec::<&str>::new());
        assert!(
            clears(&meaning(&waits, State::Routed, 23), "stuck_in_planning"),
            "a clock was ahead"
        );
        assert_eq!(details(&meaning(&waits, State::Routed, 24)), ["stuck_in_planning"]);
        assert_eq!(
            details(&meaning(&waits, State::Routed, 13 * 24 - 1)),
            ["stuck_in_planning"]
        );
        assert_eq!(details(&meaning(&waits, State::Routed, 13 * 24)), ["ends_on_day_14"]);
    }

    #[test]
    fn a_cancel_that_amazon_leaves_lying_is_told_beside_it() {
        let waits = found("Received", 0, None);
        assert_eq!(details(&meaning(&waits, State::Cancelling, 1)), Vec::<&str>::new());
        assert_eq!(
            details(&meaning(&waits, State::Cancelling, 2)),
            ["cancel_not_confirmed"]
        );
    }

    #[test]
    fn what_goes_on_or_has_ended_takes_its_flags_along() {
        let going = meaning(&found("Processing", 0, None), State::Routed, 0);
        for detail in [
            "stuck_in_planning",
            "ends_on_day_14",
            "partly_shipped",
            "unknown_status",
        ] {
            assert!(clears(&going, detail), "{detail}");
        }
        let ended = meaning(&found("Invalid", 0, None), State::Routed, 0);
        assert!(clears(&ended, "stuck_in_planning") && !clears(&ended, "partly_shipped"));
        assert!(!clears(
            &meaning(&found("Sorting", 0, None), State::Routed, 0),
            "unknown_status"
        ));
    }

    #[test]
    fn an_order_has_ended_when_each_parcel_that_left_has_its_number() {
        let table = [
            ("Complete", 2, Some("1Z1"), true),
            ("Complete", 2, None, false),
            ("Complete", 0, None, false),
            ("CompletePartialled", 1, Some("1Z1"), true),
            ("Cancelled", 0, None, true),
            ("Cancelled", 1, None, false),
            ("Unfulfillable", 1, Some("1Z1"), true),
            ("Invalid", 0, None, true),
            ("Processing", 2, Some("1Z1"), false),
            ("Sorting", 2, Some("1Z1"), false),
        ];
        for (status, left, number, ended) in table {
            let found = found(status, left, number);
            assert_eq!(
                has_ended(&found, NumberRule::Carrier),
                ended,
                "{status} {left} {number:?}"
            );
        }
    }

    #[test]
    fn the_units_that_stay_away_are_named() {
        let effects = meaning(&found("CompletePartialled", 1, Some("1Z1")), State::Routed, 0);
        let message = effects.iter().find_map(|effect| match effect {
            Effect::Raise(flag) => Some(flag.message.as_str()),
            _ => None,
        });
        assert!(message.expect("a flag").contains("(1 × AMZ-LAMP)"));
    }

    #[test]
    fn a_rest_that_ends_badly_takes_no_step_for_what_left_before_it_e137() {
        for status in ["Cancelled", "Unfulfillable", "Invalid"] {
            let rest = judged(&found(status, 0, None), true, State::Shipped, 0, false);
            assert_eq!(
                (steps(&rest), details(&rest)),
                (vec![], vec!["partly_shipped"]),
                "E137: {status}"
            );
        }
        let goes = judged(&found("Complete", 2, Some("1Z1")), true, State::Shipped, 0, false);
        assert_eq!(details(&goes), Vec::<&str>::new(), "E137");
    }
}
