//! The life of a parcel's number: whether TikTok is told it, with which call and carrier, and what TikTok's answer means.
//!
//! TikTok takes a number once and counts foreign ones against the shop's warehouse. What it has for the units is looked at before
//! anything is told, and again before a refusal or an unclear answer is believed.

pub mod carrier;
mod carrier_page;
mod due;
mod effect;
mod facts;
mod flag;
mod look;
pub mod overdue;
#[cfg(test)]
mod tests;
pub mod to_read;

use chrono::{DateTime, Utc};

use super::deadline::{TOLD_AGAIN_AFTER, may_go_unseen};
use super::flag::Flag;
use super::ids::PackageId;
use super::order::Order;
use super::shop::{MarkedShipped, ShippingProvider};
use super::tracking_number::is_allowed;

pub use carrier_page::carrier_page;
pub use due::{Asker, ParcelState, Standing};
pub use effect::{Answer, Ask, Call, Effect, Progress, Refusal, Telling};
pub use facts::{Facts, Offer, Parcel, Rules};
pub use look::Units;

use carrier::Chosen;
use look::{AtTiktok, cancelled_units, look};

/// Markets whose call is Mark Package As Shipped (TikTok's fulfillment overview); all others have Ship Package.
const MARK_MARKETS: [&str; 9] = ["US", "GB", "UK", "ES", "IE", "IT", "DE", "FR", "JP"];

/// Says what is to be done now with the number of one parcel.
#[must_use]
pub fn next(facts: &Facts<'_>, progress: &Progress, rules: &Rules<'_>, now: DateTime<Utc>) -> Vec<Effect> {
    let Some(number) = facts.parcel.number else {
        return wait("Amazon gave no number yet");
    };
    let life = Life {
        facts,
        number,
        rules,
        now,
    };
    match progress {
        Progress::Begun => life.begin(),
        Progress::ReadBefore => life.by_what_is_there(facts.read),
        Progress::CarriersRead => life.tell_first(),
        Progress::ReadForParcel => life.ship_what_was_read(),
        Progress::Asked(telling, answer) => life.after_telling(telling, answer),
        Progress::ReadAfter(telling, answer) => life.after_reading(telling, answer),
    }
}

/// A parcel that has a number.
struct Life<'a> {
    facts: &'a Facts<'a>,
    number: &'a str,
    rules: &'a Rules<'a>,
    now: DateTime<Utc>,
}

/// What is at TikTok for the units of a parcel, and what follows from that alone.
enum There {
    /// Nothing is left to tell.
    Settled(Effect),
    /// An older number of ours, which this call corrects.
    Older(Option<Effect>, Call),
    /// No number.
    Nothing(Option<Effect>),
}

impl Life<'_> {
    /// The guards that need no question come first. What TikTok did not show waits while there is time; where it may have a number
    /// already, it is read alone then.
    fn begin(&self) -> Vec<Effect> {
        let parcel = &self.facts.parcel;
        if let Some(flag) = self.not_allowed() {
            return refuse(None, flag);
        }
        match self.facts.seen {
            None if !may_go_unseen(parcel.shipped_at, self.now) => {
                wait("TikTok did not show the order; its number waits for the next run")
            }
            None if parcel.may_be_told => vec![Effect::Ask(Ask::ReadOrder)],
            seen => self.by_what_is_there(seen),
        }
    }

    fn not_allowed(&self) -> Option<Flag> {
        if !self.facts.parcel.given.contains(&self.number) {
            return Some(flag::not_amazons_number(self.facts.order, self.number));
        }
        (!is_allowed(self.number)).then(|| flag::number_form(self.facts.order, self.number))
    }

    /// Where there is something to tell, its carrier is looked up.
    fn by_what_is_there(&self, shown: Option<&Order>) -> Vec<Effect> {
        let mut effects = match self.there(shown) {
            There::Settled(effect) => return vec![effect],
            There::Older(effect, _) | There::Nothing(effect) => Vec::from_iter(effect),
        };
        if self.facts.parcel.delivery_option.is_none() {
            let why = "TikTok names no delivery option for the order, so no carrier can be chosen";
            effects.extend(refuse(None, flag::carrier_unknown(self.facts.order, why.to_owned())));
        } else {
            effects.push(Effect::Ask(Ask::Carriers));
        }
        effects
    }

    /// Our number there is success; another one is a person's and stays; cancelled units are left out.
    fn there(&self, shown: Option<&Order>) -> There {
        let (parcel, id, number) = (&self.facts.parcel, self.facts.order, self.number);
        let Some(order) = shown else {
            return There::Nothing(None);
        };
        match look(order, &parcel.units, number, self.rules.eligibility) {
            AtTiktok::Ours(package) => There::Settled(self.is_there(number, package)),
            AtTiktok::Older {
                number: older,
                package,
                is_split,
            } => {
                let told = (!parcel.is_told).then(|| self.is_there(&older, package.clone()));
                let split_off = package.filter(|_| is_split);
                There::Older(told, split_off.map_or(Call::CorrectOrder, Call::CorrectParcel))
            }
            AtTiktok::Another => There::Settled(seen_and_refused(number, flag::another_number(id, number))),
            AtTiktok::TakenByOthers => There::Settled(seen_and_refused(number, flag::taken_by_others(id, number))),
            AtTiktok::Cancelled => There::Settled(seen_and_refused(number, flag::lost(order, number))),
            AtTiktok::Elsewhere(warehouse) => There::Settled(Effect::Refuse {
                number: None,
                flag: flag::elsewhere(id, number, &warehouse),
            }),
            AtTiktok::Nothing => There::Nothing(left_out(order, &parcel.units)),
        }
    }

    /// TikTok has a number that no answer of this run speaks of.
    fn is_there(&self, number: &str, package_id: Option<PackageId>) -> Effect {
        let parcel = &self.facts.parcel;
        Effect::Told {
            number: number.to_owned(),
            carrier: parcel.carrier_name.unwrap_or(parcel.carrier_code).to_owned(),
            answer: MarkedShipped {
                package_id,
                warning: None,
            },
        }
    }

    /// Tells the number for the first time in this run.
    fn tell_first(&self) -> Vec<Effect> {
        let chosen = match self.carrier() {
            Ok(chosen) => chosen,
            Err(why) => return refuse(None, flag::carrier_unknown(self.facts.order, why)),
        };
        let carrier = chosen.provider;
        let mut effects = Vec::from_iter(chosen.is_default.then(|| self.stands_in(carrier)));
        let shown = self.facts.seen.or(self.facts.read);
        effects.extend(match (self.there(shown), self.facts.seen) {
            (There::Older(_, call), _) => self.begin_to_tell(call, carrier),
            _ if MARK_MARKETS.contains(&self.facts.market) => {
                let mut effects = self.joined();
                effects.extend(self.begin_to_tell(Call::Mark, carrier));
                effects
            }
            (_, Some(seen)) => self.ship(Some(seen), carrier),
            (_, None) => vec![Effect::Ask(Ask::ReadOrder)],
        });
        effects
    }

    fn ship_what_was_read(&self) -> Vec<Effect> {
        match self.carrier() {
            Ok(chosen) => self.ship(self.facts.read, chosen.provider),
            Err(why) => refuse(None, flag::carrier_unknown(self.facts.order, why)),
        }
    }

    /// Ship Package wants the parcel that TikTok made for the units; the order's id is never used in its place.
    fn ship(&self, order: Option<&Order>, carrier: &ShippingProvider) -> Vec<Effect> {
        let mut lines = order.into_iter().flat_map(|order| &order.line_items);
        let line = lines.find(|line| self.facts.parcel.units.lines.contains(&line.id));
        match line.and_then(|line| line.package_id.clone()) {
            Some(package) => self.begin_to_tell(Call::Ship(package), carrier),
            None => self.put_off("TikTok has made no parcel for these units yet"),
        }
    }

    /// TikTok takes a number once in an order: the units of all parcels that bear it go in one call.
    fn joined(&self) -> Vec<Effect> {
        let mut effects = Vec::new();
        for twin in &self.facts.twins {
            let mut lines = twin.lines.to_vec();
            if let Some(order) = self.facts.seen {
                if look(order, twin, self.number, self.rules.eligibility) != AtTiktok::Nothing {
                    continue;
                }
                let cancelled = cancelled_units(order, &lines);
                lines.retain(|line| !cancelled.contains(line));
                effects.extend(left_out(order, twin));
            }
            effects.push(Effect::Join(lines));
        }
        effects
    }

    /// Which of TikTok's carriers it is, or why none can be named.
    fn carrier(&self) -> Result<Chosen<'_>, String> {
        let parcel = &self.facts.parcel;
        let offered = match (self.facts.offer, parcel.delivery_option) {
            (Some(Ok(offered)), _) => offered.as_slice(),
            (Some(Err(words)), Some(option)) => {
                return Err(format!(
                    "TikTok lists no carriers for delivery option {option}: {words}"
                ));
            }
            (Some(Err(_)) | None, _) => &[],
        };
        carrier::provider(parcel.carrier_code, self.number, self.rules.carriers, offered)
            .ok_or_else(|| unknown(parcel.carrier_code, offered))
    }

    fn stands_in(&self, carrier: &ShippingProvider) -> Effect {
        let code = self.facts.parcel.carrier_code;
        Effect::StandsIn {
            code: code.to_owned(),
            text: format!(
                "Amazon's carrier {code:?} is not known; its parcels go to TikTok as {}, the default. Set it under [tracking.carriers]",
                carrier.name
            ),
        }
    }

    /// A refusal may hide a success, or units that changed: TikTok is read before it is believed.
    fn after_telling(&self, telling: &Telling, answer: &Answer) -> Vec<Effect> {
        match answer {
            Answer::Taken(taken) => vec![Effect::Told {
                number: self.number.to_owned(),
                carrier: telling.carrier.name.clone(),
                answer: taken.clone(),
            }],
            Answer::NotNow(why) => self.put_off(why),
            Answer::NotCarriedOut => vec![Effect::PutOff(None), Effect::Trouble],
            Answer::WrongState(_) | Answer::Unclear | Answer::Refused(..) => vec![Effect::Ask(Ask::ReadOrder)],
        }
    }

    /// It is told once more only after the units or the call have changed.
    fn after_reading(&self, telling: &Telling, answer: &Answer) -> Vec<Effect> {
        let same = || telling.call.clone();
        let (effect, mut again) = match self.there(self.facts.read) {
            There::Settled(effect) => return vec![effect],
            There::Older(effect, correction) => (effect, telling.call.is_first().then_some(correction)),
            There::Nothing(left_out) => {
                let again = left_out.as_ref().map(|_| same());
                (left_out, again)
            }
        };
        let mut effects = Vec::from_iter(effect);
        if matches!(answer, Answer::Refused(Refusal::UnitsOfOneSku, _)) {
            effects.push(Effect::TakeAllUnits);
            again = again.or_else(|| Some(same()));
        }
        match again.filter(|_| !telling.is_again) {
            Some(call) => effects.push(Effect::Ask(Ask::Tell(Telling {
                call,
                is_again: true,
                ..telling.clone()
            }))),
            None => effects.extend(self.as_answered(telling, answer)),
        }
        effects
    }

    /// TikTok does not have the number, and nothing that could be changed explains it.
    fn as_answered(&self, telling: &Telling, answer: &Answer) -> Vec<Effect> {
        match answer {
            Answer::Refused(refusal, words) => {
                let (order, carrier) = (self.facts.order, telling.carrier.name.as_str());
                let flag = flag::refused(order, self.number, carrier, *refusal, words);
                refuse(Some(self.number), flag)
            }
            Answer::WrongState(why) => self.put_off(why),
            Answer::Taken(_) | Answer::NotNow(_) | Answer::NotCarriedOut | Answer::Unclear => vec![Effect::Trouble],
        }
    }

    fn begin_to_tell(&self, call: Call, carrier: &ShippingProvider) -> Vec<Effect> {
        let telling = Telling {
            number: self.number.to_owned(),
            call,
            carrier: carrier.clone(),
            is_again: false,
        };
        vec![
            Effect::Begin(self.number.to_owned(), carrier.clone()),
            Effect::Ask(Ask::Tell(telling)),
        ]
    }

    fn put_off(&self, why: &str) -> Vec<Effect> {
        let mut effects = vec![Effect::PutOff(Some(self.now + TOLD_AGAIN_AFTER))];
        effects.extend(wait(why));
        effects
    }
}

fn wait(why: &str) -> Vec<Effect> {
    vec![Effect::Wait(why.to_owned())]
}

fn refuse(number: Option<&str>, flag: Flag) -> Vec<Effect> {
    let number = number.map(str::to_owned);
    vec![Effect::Refuse { number, flag }]
}

fn seen_and_refused(number: &str, flag: Flag) -> Effect {
    Effect::Refuse {
        number: Some(number.to_owned()),
        flag,
    }
}

fn left_out(order: &Order, units: &Units<'_>) -> Option<Effect> {
    let cancelled = cancelled_units(order, units.lines);
    (!cancelled.is_empty()).then_some(Effect::LeaveOut(cancelled))
}

fn unknown(code: &str, offered: &[ShippingProvider]) -> String {
    let names: Vec<&str> = offered.iter().map(|provider| provider.name.as_str()).collect();
    format!(
        "Amazon's carrier {code:?} is none that TikTok offers ({}); set it under [tracking.carriers]",
        names.join(", ")
    )
}
