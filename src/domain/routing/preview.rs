//! What Amazon's preview of an order means for it. It is advisory at Amazon, so that a good preview promises nothing.
//!
//! A fee that Amazon does not name is unknown: it is told as that and never counted as zero. So is a date.

use super::amount::{Sum, sum};
use super::choice::{Choice, DeadlineMode, SpeedNeeds, Why, choose, is_known_late};
use super::chosen::{ChosenSpeed, because};
use super::decision::{PreviewRules, Route, Rules};
use super::speed::AskedFor;
use crate::domain::event::instant;
use crate::domain::feature::Feature;
use crate::domain::flag::{Detail, Flag};
use crate::domain::fulfillment::{Preview, ShippingSpeed};
use crate::domain::order::Order;
use crate::domain::submission::feature_refused;

/// What Amazon answered to the question for a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Previewed {
    /// What it shows.
    Shown(Vec<Preview>),
    /// It looked at the draft and does not want it; in its words, without the buyer's data.
    Refused(String),
    /// It can do the draft, but not with this.
    Lacks(Feature),
    /// It gave no answer that can be used; why.
    Failed(String),
}

/// What a preview comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Weighed {
    /// What goes, at the speed that was chosen, with what was learnt.
    pub(super) route: Route,
    /// The speed and why.
    pub(super) speed: ChosenSpeed,
    /// Why it is not sent.
    pub(super) flags: Vec<Flag>,
}

/// Chooses the speed, adds what the preview says to the route's explanation, and tells why it is not sent. What a preview says is
/// advisory: a person who routes by hand has seen it, and goes on. That it comes too late, or at a speed that is not to be had, is a
/// word of its own.
pub(super) fn weigh(order: &Order, route: &Route, previewed: &Previewed, rules: &Rules, is_by_hand: bool) -> Weighed {
    let mut weighing = Weighing::new(order, route, rules);
    match previewed {
        Previewed::Shown(previews) => weighing.shown(previews),
        Previewed::Refused(error) => weighing.refused(error),
        Previewed::Lacks(feature) => weighing.flags.push(feature_refused(*feature, &order.id)),
        Previewed::Failed(error) => {
            weighing.note(format!("preview: none, so that it goes as it is set: {error}"));
        }
    }
    weighing.settled(is_by_hand)
}

struct Weighing<'a> {
    order: &'a Order,
    rules: &'a Rules,
    guards: PreviewRules,
    route: Route,
    speed: ChosenSpeed,
    /// What a person who routes it has seen.
    advice: Vec<Flag>,
    flags: Vec<Flag>,
}

impl<'a> Weighing<'a> {
    fn new(order: &'a Order, route: &Route, rules: &'a Rules) -> Self {
        Self {
            order,
            rules,
            guards: rules.preview.unwrap_or_default(),
            speed: ChosenSpeed::as_asked(order, route, rules.speed.deadline.mode),
            route: route.clone(),
            advice: Vec::new(),
            flags: Vec::new(),
        }
    }

    fn note(&mut self, text: String) {
        self.route.explanation.push(text);
    }

    fn shown(&mut self, previews: &[Preview]) {
        self.choose(previews);
        let own = previews.iter().find(|preview| preview.speed == self.route.draft.speed);
        match own {
            None => self.note(format!("preview: Amazon gives none for {}", self.route.draft.speed)),
            Some(preview) if !preview.is_fulfillable => self.unfulfillable(preview),
            Some(preview) => self.window(preview),
        }
        let fees = sum(own.map(|preview| preview.fees.as_slice()).unwrap_or_default());
        self.note(match &fees {
            Some(fees) => format!("preview: fees of {} {}", fees.text(), fees.currency),
            None => "preview: the fees are not known".to_owned(),
        });
        self.guard(fees.as_ref());
        self.speed.fees = fees.map(|fees| fees.money());
    }

    fn choose(&mut self, previews: &[Preview]) {
        let rules = &self.rules.speed.deadline;
        let needs = SpeedNeeds {
            own: &self.route.own.speed,
            is_named: self.route.own.by == AskedFor::Person,
            deadline: self.speed.deadline,
            cancelled_by: self.order.deadlines.cancelled_unless_shipped_by,
            may_be_late: self.rules.has_accepted(&self.order.id, Detail::TooLate),
        };
        let may_cost = |preview: &Preview| self.is_affordable(preview);
        let choice = choose(&needs, previews, rules, may_cost);
        let (own, order) = (&self.route.own, self.order);
        let because =
            |speed: &ShippingSpeed, why| because(own, (speed, why), previews, (order, &self.speed), rules.mode);
        match choice {
            Choice::Goes(speed, why) => {
                self.speed.because = because(&speed, why);
                self.route.draft.speed = speed.clone();
                self.speed.speed = speed;
            }
            Choice::NotOffered(instead) => self.flags.push(not_offered(order, &own.speed, instead.as_ref())),
            Choice::TooLate => {
                self.speed.because = because(&own.speed, Why::Late);
                let because = self.speed.because.clone();
                self.flags.push(Flag::new(Detail::TooLate, because, &order.id));
            }
        }
        let chosen = previews
            .iter()
            .find(|preview| preview.speed == self.speed.speed && preview.is_fulfillable);
        let deadline = self.speed.deadline;
        self.speed.is_at_risk = chosen.is_some_and(|chosen| is_known_late(chosen, deadline, rules.margin));
        self.speed.latest_ship_at = chosen.and_then(|chosen| chosen.latest_ship_at);
        self.speed.arrives_at = chosen.and_then(|chosen| chosen.latest_arrival_at);
        if rules.mode != DeadlineMode::Off {
            self.note(format!("speed: {}", self.speed.because));
        }
    }

    fn window(&mut self, preview: &Preview) {
        let leaves = preview.latest_ship_at.map(|at| format!("leaves by {}", instant(at)));
        let arrives = preview.latest_arrival_at.map(|at| at.format("%Y-%m-%d %H:%M UTC"));
        self.note(format!(
            "preview: {}",
            leaves.unwrap_or_else(|| "Amazon does not say when it leaves".to_owned())
        ));
        self.note(match arrives {
            Some(arrival) => format!("preview: arrives by {arrival}"),
            None => "preview: Amazon names no arrival".to_owned(),
        });
    }

    fn unfulfillable(&mut self, preview: &Preview) {
        let reasons = match preview.unfulfillable_reasons.is_empty() {
            true => "without a reason".to_owned(),
            false => format!("for: {}", preview.unfulfillable_reasons.join(", ")),
        };
        let message = format!("Amazon's preview says that it can't be shipped, {reasons}");
        if self.guards.holds_unfulfillable {
            let flag = Flag::new(Detail::PreviewUnfulfillable, message, &self.order.id);
            self.advice.push(flag);
        } else {
            self.note(format!("preview: {message}"));
        }
    }

    fn refused(&mut self, error: &str) {
        let message = format!("Amazon refuses to preview it: {error}");
        if self.guards.holds_unfulfillable {
            self.advice
                .push(Flag::new(Detail::PreviewRefused, message, &self.order.id));
        } else {
            self.note(format!("preview: {message}"));
        }
    }

    /// Tells whether a faster speed keeps within the guard on fees. Fees that are not known do not.
    fn is_affordable(&self, preview: &Preview) -> bool {
        let total = self.order.total.as_ref().and_then(Sum::of);
        match (self.guards.fee_share_max, total) {
            (0, _) => true,
            _ if self.order.kind().is_at_the_sellers_cost() => true,
            (_, Some(total)) if total.units == 0 => true,
            (share_max, Some(total)) => sum(&preview.fees)
                .is_some_and(|fees| fees.currency == total.currency && fees.is_within(share_max, &total)),
            (_, None) => false,
        }
    }

    /// A free order (a sample, a gift) is sent at the seller's cost on purpose: there is nothing to hold its fees against.
    fn guard(&mut self, fees: Option<&Sum>) {
        let share_max = self.guards.fee_share_max;
        if share_max == 0 || self.rules.has_accepted(&self.order.id, Detail::FeeShare) {
            return;
        }
        let (kind, total) = (self.order.kind(), self.order.total.as_ref().and_then(Sum::of));
        if kind.is_at_the_sellers_cost() {
            self.note(format!("it is of the kind {kind}, so that its fees are not compared"));
            return;
        }
        let message = match (fees, &total) {
            (_, Some(total)) if total.units == 0 => {
                self.note("the order is free, so that its fees are not compared".to_owned());
                return;
            }
            (Some(fees), Some(total)) if fees.currency == total.currency => {
                if !fees.is_within(share_max, total) {
                    self.advice.push(fee_too_high(self.order, fees, total, share_max));
                }
                return;
            }
            (Some(_), Some(_)) => "Amazon's fees and the order's total are in different currencies",
            (None, _) => "Amazon's preview names no fees",
            (_, None) => "TikTok names no total of the order",
        };
        let message = format!("{message}, so that the guard on fees can't tell whether they are too high");
        self.advice.push(Flag::new(Detail::FeeUnknown, message, &self.order.id));
    }

    fn settled(mut self, is_by_hand: bool) -> Weighed {
        if is_by_hand {
            let told = std::mem::take(&mut self.advice).into_iter();
            let in_spite = told.map(|flag| format!("by hand in spite of this: {}", flag.message));
            self.route.explanation.extend(in_spite);
        }
        self.flags.extend(self.advice);
        Weighed {
            route: self.route,
            speed: self.speed,
            flags: self.flags,
        }
    }
}

fn fee_too_high(order: &Order, fees: &Sum, total: &Sum, share_max: u32) -> Flag {
    let (fee, total, currency) = (fees.text(), total.text(), &fees.currency);
    let message =
        format!("Amazon's fees of {fee} {currency} are more than {share_max} % of the order's {total} {currency}");
    Flag::new(Detail::FeeShare, message, &order.id)
}

fn not_offered(order: &Order, own: &ShippingSpeed, instead: Option<&ShippingSpeed>) -> Flag {
    let message = format!("Amazon's preview does not offer {own} for this order");
    let flag = Flag::new(Detail::SpeedNotOffered, message, &order.id);
    match instead {
        Some(speed) => flag.with_command(format!("mcf route {} --speed {speed}", order.id)),
        None => flag,
    }
}

#[cfg(test)]
mod tests;
