//! What follows for one order of a routing batch, from its turn to its create: facts in, effects out.
//!
//! Units are taken at the order's turn, the nearest deadline first, and given back when it turns out that it is not sent: that stands
//! beside the effects, for it holds before another order is asked about. What TikTok says in the last look is decided anew, with the
//! units that are the order's own already.

use chrono::{DateTime, Utc};

use super::cancellations::Cancellations;
use super::choice::DeadlineMode;
use super::chosen::ChosenSpeed;
use super::decision::{Decision, Route, Rules, decide};
use super::effect::{Ask, Effect, Follows, Round, Row};
use super::known::{Known, Units};
use super::preview::{Previewed, weigh};
use super::stored::StoredDecision;
use crate::domain::cancellation::WISHED;
use crate::domain::eligibility::{Eligibility, explain, judge};
use crate::domain::flag::Flag;
use crate::domain::ids::FulfillmentOrderId;
use crate::domain::order::Order;
use crate::domain::state::State;
use crate::domain::submission::{AskedBy, Shut};

/// Why an order waits while a person has paused new ones.
const PAUSED: &str = "paused";

/// What is known of an order whose routing goes on.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The order, as TikTok showed it last.
    pub order: &'a Order,
    /// Where it stood before this run decided about it.
    pub state: State,
    /// Why it waited or was not eligible then.
    pub detail: Option<&'a str>,
    /// What it was flagged for then.
    pub flags: &'a [Flag],
    /// Who asks for it.
    pub asked_by: AskedBy,
    /// The generation of its id at Amazon under which it would go.
    pub generation: u32,
    /// What all orders of the batch are decided by.
    pub known: &'a Known,
    /// How far its routing is.
    pub stage: Stage<'a>,
}

/// How far the routing of an order is.
#[derive(Debug, Clone, Copy)]
pub enum Stage<'a> {
    /// Its turn has come.
    Turn {
        /// Whether it may be sent at all.
        permit: Permit<'a>,
        /// What is known of its cancellations.
        cancellations: Cancellations<'a>,
    },
    /// It is decided.
    Planned {
        /// What is to be done with it.
        decision: &'a Decision,
        /// What keeps back the body that would go out.
        shut: Option<Shut>,
    },
    /// Amazon was asked what it would make of it.
    Previewed {
        /// What would go out.
        route: &'a Route,
        /// What Amazon answered.
        previewed: &'a Previewed,
        /// In which round.
        round: Round,
    },
    /// The preview brought another speed, so that another body goes out.
    AtTheDoor {
        /// What would go out.
        route: &'a Route,
        /// Its speed, and why.
        speed: &'a ChosenSpeed,
        /// What keeps back that body.
        shut: Option<Shut>,
        /// In which round.
        round: Round,
    },
    /// TikTok shows it in the last look.
    LookedAt {
        /// What was to go out.
        planned: &'a Route,
        /// What keeps it back by now.
        shut: Option<Shut>,
    },
}

/// Whether an order may be sent, as far as that is known without its body.
#[derive(Debug, Clone, Copy)]
pub enum Permit<'a> {
    /// By a door of `domain::submission`.
    Given,
    /// It has ended, or Amazon has or may have something under its id.
    Refused {
        /// Why, for a person.
        why: &'a str,
        /// Our id at Amazon.
        fulfillment_order: Option<&'a FulfillmentOrderId>,
    },
}

/// Returns where an order stands when it is decided. One that a rule set aside is decided anew by a person's word.
#[must_use]
pub fn taken_up(state: State, asked_by: AskedBy) -> State {
    match (state, asked_by) {
        (State::NotEligible, AskedBy::Person) => State::Detected,
        (state, AskedBy::Person | AskedBy::Schedule) => state,
    }
}

/// Says what is to be done now.
#[must_use]
pub fn next(facts: &Facts<'_>, rules: &Rules, now: DateTime<Utc>) -> Follows {
    match facts.stage {
        Stage::Turn { permit, cancellations } => facts.at_its_turn(permit, &cancellations, rules, now),
        Stage::Planned { decision, shut } => facts.carry_out(decision, shut, rules),
        Stage::Previewed {
            route,
            previewed,
            round,
        } => facts.after_preview(route, previewed, round, rules),
        Stage::AtTheDoor {
            route,
            speed,
            shut,
            round,
        } => facts.at_the_door(route.clone(), speed.clone(), shut, round),
        Stage::LookedAt { planned, shut } => facts.after_last_look(planned, shut, rules, now),
    }
}

impl Facts<'_> {
    /// Where it stands when it is decided.
    fn from(&self) -> State {
        taken_up(self.state, self.asked_by)
    }

    /// Where it stands in a round: it is ready since the first one.
    fn state_in(&self, round: Round) -> State {
        match round {
            Round::First => self.from(),
            Round::LastLook => State::Ready,
        }
    }

    fn is_by_hand(&self) -> bool {
        self.asked_by == AskedBy::Person
    }

    /// Whether it is taken up, and what is decided. The schedule leaves in silence what may not be sent; a person is told.
    fn at_its_turn(
        &self,
        permit: Permit<'_>,
        cancellations: &Cancellations<'_>,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Follows {
        if let Permit::Refused { why, fulfillment_order } = permit {
            let row = Row {
                flags: self.flags.to_vec(),
                fulfillment_order: fulfillment_order.cloned(),
                ..Row::explained(self.state, why)
            };
            let told = self.is_by_hand().then(|| Follows::only(Effect::Show(row)));
            return told.unwrap_or_default();
        }
        if cancellations.would_be_granted(self.order, &rules.eligibility, now) {
            return Follows::only(Effect::Show(Row::explained(State::Cancelled, WISHED)));
        }
        match self.decide(&Units::default(), rules, now) {
            Some(decision) => self.plan(cancellations.heed(&self.order.id, decision)),
            None => Follows::default(),
        }
    }

    /// `None` when the order could go but Amazon's stock is not known in this run.
    fn decide(&self, own: &Units, rules: &Rules, now: DateTime<Utc>) -> Option<Decision> {
        let could_go = || judge(self.order, &rules.eligibility, now) == Eligibility::Route;
        let can_be_told = self.known.is_stock_read || !could_go();
        can_be_told.then(|| decide(self.order, self.generation, self.known, own, rules, now))
    }

    /// An order that was set aside is taken up again. One that is not ours for the same reason as before stays where it is: that is
    /// told, and nothing is stored.
    fn plan(&self, decision: Decision) -> Follows {
        let mut effects = Vec::new();
        if self.from() != self.state {
            if let Decision::NotEligible(detail) = decision
                && self.detail == Some(detail)
            {
                return Follows::only(Effect::Show(Row {
                    detail: Some(detail.to_owned()),
                    ..Row::explained(self.state, explain(detail))
                }));
            }
            effects.push(Effect::Release {
                from: self.state,
                why: "routed by hand",
            });
        }
        let taken = match &decision {
            Decision::Route(route) => Some(Units::of(&route.draft)),
            _ => None,
        };
        effects.push(Effect::Plan(decision));
        Follows {
            taken,
            ..Follows::from(effects)
        }
    }

    /// What was decided is done, as far as nothing keeps it back. Amazon's preview is asked where the settings want it.
    fn carry_out(&self, decision: &Decision, shut: Option<Shut>, rules: &Rules) -> Follows {
        match (decision, shut) {
            (Decision::Route(planned), Some(shut)) => self.keep_back(planned, shut, self.from()),
            (Decision::Route(route), None) if rules.preview.is_some() => {
                Follows::only(Effect::Ask(Ask::Preview(route.clone())))
            }
            (Decision::Route(route), None) => {
                let speed = ChosenSpeed::as_asked(self.order, route, DeadlineMode::Off);
                self.at_the_door(Route::clone(route), speed, None, Round::First)
            }
            (decision, _) => Follows::from(self.store(decision, self.from())),
        }
    }

    /// The units are anyone's again. Of a pause the order tells; a hold and a refusal stand in its history already.
    fn keep_back(&self, planned: &Route, shut: Shut, from: State) -> Follows {
        let wait = Decision::Wait {
            detail: PAUSED.to_owned(),
            until: None,
        };
        let told = (shut == Shut::Paused).then(|| self.store(&wait, from));
        Follows::gives_back(planned, told.unwrap_or_default())
    }

    /// It may go: TikTok is asked the last time.
    fn mark_ready(&self, route: Route) -> Vec<Effect> {
        let row = Row {
            fulfillment_order: Some(route.draft.id.clone()),
            draft: Some(Box::new(route.draft.clone())),
            explanation: route.explanation.clone(),
            ..Row::new(State::Ready)
        };
        vec![
            Effect::Store(StoredDecision::ready(self.from())),
            Effect::ShowInPlan(row),
            Effect::Ask(Ask::LastLook(Box::new(route))),
        ]
    }

    /// A speed that the preview brought makes another body than the one that the door was asked about.
    fn after_preview(&self, route: &Route, previewed: &Previewed, round: Round, rules: &Rules) -> Follows {
        let weighed = weigh(self.order, route, previewed, rules, self.is_by_hand());
        if !weighed.flags.is_empty() {
            let from = self.state_in(round);
            let mut effects = vec![Effect::KeepSpeed(Box::new(weighed.speed))];
            effects.extend(self.store(&Decision::Flag(weighed.flags), from));
            return Follows::gives_back(route, effects);
        }
        if weighed.route.draft.speed != route.draft.speed {
            return Follows::only(Effect::Ask(Ask::Door {
                route: Box::new(weighed.route),
                speed: Box::new(weighed.speed),
                round,
            }));
        }
        self.at_the_door(weighed.route, weighed.speed, None, round)
    }

    fn at_the_door(&self, route: Route, speed: ChosenSpeed, shut: Option<Shut>, round: Round) -> Follows {
        if let Some(shut) = shut {
            return self.keep_back(&route, shut, self.state_in(round));
        }
        let follows = match round {
            Round::First => self.mark_ready(route),
            Round::LastLook => vec![Effect::Ask(Ask::Create(Box::new(route)))],
        };
        let speed = Effect::KeepSpeed(Box::new(speed));
        Follows::from([vec![speed], follows].concat())
    }

    /// Status, wish to cancel, address, the operator's hold, the mappings in force: what changed is decided anew, and the history says
    /// what it was.
    fn after_last_look(&self, planned: &Route, shut: Option<Shut>, rules: &Rules, now: DateTime<Utc>) -> Follows {
        if let Some(shut) = shut {
            return self.keep_back(planned, shut, State::Ready);
        }
        let Some(decision) = self.decide(&Units::of(&planned.draft), rules, now) else {
            return Follows::default();
        };
        match decision {
            Decision::Route(route) => Follows {
                taken: Some(Units::of(&route.draft)),
                ..Follows::gives_back(planned, self.after_change(*route, planned, rules))
            },
            other => Follows::gives_back(planned, self.store(&other, State::Ready)),
        }
    }

    /// What goes out as it was planned goes now. One that differs from the plan says so, and goes through the preview again.
    fn after_change(&self, mut route: Route, planned: &Route, rules: &Rules) -> Vec<Effect> {
        let create = |route| Effect::Ask(Ask::Create(Box::new(route)));
        let changes = route.changes_since(planned);
        if changes.is_empty() {
            route.draft.features.clone_from(&planned.draft.features);
            route.explanation.clone_from(&planned.explanation);
            route.draft.speed.clone_from(&planned.draft.speed);
            return vec![create(route)];
        }
        let anew = format!("planned anew at the last look, since {} changed", changes.join(" and "));
        route.explanation.insert(0, anew);
        if rules.preview.is_some() {
            return vec![Effect::Ask(Ask::Preview(Box::new(route)))];
        }
        let speed = ChosenSpeed::as_asked(self.order, &route, DeadlineMode::Off);
        vec![Effect::KeepSpeed(Box::new(speed)), create(route)]
    }

    /// A decision that is the same as before is stored, and no news.
    fn store(&self, decision: &Decision, from: State) -> Vec<Effect> {
        let Some(stored) = StoredDecision::of(decision, from) else {
            return Vec::new();
        };
        let row = Row {
            detail: stored.detail.clone(),
            flags: stored.flags.clone(),
            ..Row::explained(stored.leads_to(), stored.explanation.clone())
        };
        let show = match stored.is_news(self.from(), self.detail, self.flags) {
            true => Effect::Show(row),
            false => Effect::ShowInPlan(row),
        };
        vec![Effect::Store(stored), show]
    }
}

#[cfg(test)]
mod tests;
