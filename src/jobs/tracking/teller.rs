//! Telling TikTok one parcel's number: its facts are loaded, and what `domain::tracking` says is done, one question at a time.

use super::ask::{meaning, tell};
use super::carriers::{self, Carriers};
use crate::domain::flag::Flag;
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::Order;
use crate::domain::tracking::{Answer, Ask, Effect, Facts, Offer, Parcel, ParcelState, Progress, Rules, Units, next};
use crate::jobs::{Error, Session};
use crate::store::StoredParcel;
use crate::tiktok::Tiktok;

/// After so many calls in a row that came to nothing TikTok is left alone for the rest of the run.
pub(super) const FAILURES_MAX: u32 = 3;

/// What became of a parcel's number in this run.
#[derive(Debug)]
pub(super) enum Outcome {
    /// TikTok has it.
    Told(String),
    /// TikTok does not take it, or it can't be told.
    Refused(Flag),
    /// Later, for this reason.
    Waits(String),
}

/// Tells numbers, looking carriers up once per delivery option.
pub(super) struct Teller<'a> {
    session: &'a Session,
    tiktok: Tiktok,
    market: String,
    carriers: Carriers<'a>,
}

/// What this run knows of a parcel: as it was loaded, with what was done since.
struct Known<'a> {
    parcel: StoredParcel,
    twins: Vec<StoredParcel>,
    seen: Option<&'a Order>,
    read: Option<Order>,
    offer: Option<Offer>,
}

/// What is left to do when the effects are stored.
enum Left {
    End(Outcome),
    Ask(Ask),
    Trouble,
}

impl<'a> Teller<'a> {
    pub(super) fn open(session: &'a Session) -> Result<Self, Error> {
        let tiktok = session.tiktok()?;
        let market = session.shop(&tiktok)?.region;
        Ok(Self {
            session,
            tiktok,
            market,
            carriers: Carriers::new(session),
        })
    }

    /// Returns the client that it works with.
    pub(super) fn tiktok(&self) -> &Tiktok {
        &self.tiktok
    }

    /// Reads orders before their numbers are told, and stores what TikTok says of them now.
    pub(super) fn look(&self, orders: &[TiktokOrderId]) -> Result<Vec<Order>, Error> {
        let found = self.tiktok.orders(orders)?;
        self.session.store.take_in_known(&found.orders, self.session.now())?;
        Ok(found.orders)
    }

    /// Tells one number for the units of a parcel and of its twins, by what TikTok showed of the order just before.
    pub(super) fn tell(&mut self, parcel: &StoredParcel, seen: Option<&Order>) -> Result<Outcome, Error> {
        let mut known = Known {
            parcel: parcel.clone(),
            twins: self.session.store.twins_of(parcel)?,
            seen,
            read: None,
            offer: None,
        };
        let eligibility = self.session.rules().eligibility;
        let carriers = carriers::rules(self.session);
        let rules = Rules {
            eligibility: &eligibility,
            carriers: &carriers,
        };
        let (mut progress, mut trouble) = (Progress::Begun, None);
        loop {
            let effects = next(&known.facts(&self.market), &progress, &rules, self.session.now());
            match self.apply(&mut known, effects)? {
                Left::Ask(ask) => progress = self.ask(ask, progress, &mut known, &mut trouble)?,
                Left::End(outcome) => return Ok(outcome),
                Left::Trouble => return trouble.map_or_else(|| Ok(nothing()), Err),
            }
        }
    }

    /// Stores effects, each in its own transaction, in their order.
    fn apply(&self, known: &mut Known<'_>, effects: Vec<Effect>) -> Result<Left, Error> {
        let (store, now) = (&self.session.store, self.session.now());
        let mut outcome = nothing();
        for effect in effects {
            let parcel = &mut known.parcel;
            match effect {
                Effect::LeaveOut(cancelled) => {
                    store.leave_out(parcel, &cancelled, now)?;
                    parcel.lines.retain(|line| !cancelled.contains(line));
                }
                Effect::Join(mut lines) => parcel.lines.append(&mut lines),
                Effect::TakeAllUnits => {
                    store.gather_units(parcel, now)?;
                    if let Some(stored) = store.parcel(parcel.id)? {
                        parcel.lines = stored.lines;
                    }
                }
                Effect::StandsIn { code, text } => self.carriers.tell_stands_in(code, text)?,
                Effect::Begin(number, carrier) => store.begin_push(parcel, &number, &carrier)?,
                Effect::PutOff(until) => store.push_again_later(parcel, until)?,
                Effect::Told {
                    number,
                    carrier,
                    answer,
                } => {
                    store.pushed(parcel, &number, &carrier, &answer, now)?;
                    store.keep_tiktok_words(&parcel.order, answer.warning.as_ref())?;
                    parcel.synced_at = parcel.synced_at.or(Some(now));
                    outcome = Outcome::Told(told_text(parcel, &number, &carrier, answer.warning.is_some()));
                }
                Effect::Refuse { number, flag } => {
                    store.push_refused(parcel, number.as_deref(), &flag, now)?;
                    outcome = Outcome::Refused(flag);
                }
                Effect::Wait(why) => outcome = Outcome::Waits(why),
                Effect::Trouble => return Ok(Left::Trouble),
                Effect::Ask(ask) => return Ok(Left::Ask(ask)),
            }
        }
        Ok(Left::End(outcome))
    }

    /// Asks TikTok. An error that says nothing about the number is kept as the run's trouble.
    fn ask(
        &mut self,
        ask: Ask,
        progress: Progress,
        known: &mut Known<'_>,
        trouble: &mut Option<Error>,
    ) -> Result<Progress, Error> {
        let order = &known.parcel.order;
        match ask {
            Ask::ReadOrder => {
                let found = self.tiktok.orders(std::slice::from_ref(order))?;
                known.read = found.orders.into_iter().find(|found| found.id == *order);
                Ok(progress.read())
            }
            Ask::Carriers => {
                if let Some(option) = &known.parcel.delivery_option {
                    known.offer = Some(self.carriers.offered(&self.tiktok, option)?);
                }
                Ok(Progress::CarriersRead)
            }
            Ask::Tell(telling) => {
                let answer = match tell(&self.tiktok, &known.parcel, &telling) {
                    Ok(taken) => Answer::Taken(taken),
                    Err(error) => {
                        let answer = meaning(&error);
                        *trouble = Some(error.into());
                        answer
                    }
                };
                Ok(Progress::Asked(telling, answer))
            }
        }
    }
}

impl Known<'_> {
    fn facts<'b>(&'b self, market: &'b str) -> Facts<'b> {
        let parcel = &self.parcel;
        Facts {
            order: &parcel.order,
            market,
            parcel: Parcel {
                units: units(parcel),
                number: parcel.tracking_number.as_deref(),
                given: parcel.numbers.iter().map(|given| given.number.as_str()).collect(),
                may_be_told: parcel.state == ParcelState::Pushing || parcel.pushed_number.is_some(),
                is_told: parcel.synced_at.is_some(),
                shipped_at: parcel.shipped_at,
                carrier_code: &parcel.carrier_code,
                carrier_name: parcel.provider_name.as_deref(),
                delivery_option: parcel.delivery_option.as_ref(),
            },
            twins: self.twins.iter().map(units).collect(),
            seen: self.seen,
            read: self.read.as_ref(),
            offer: self.offer.as_ref(),
        }
    }
}

fn units(parcel: &StoredParcel) -> Units<'_> {
    let told = parcel.numbers.iter().filter(|given| given.is_told);
    let told = told.map(|given| given.number.as_str());
    Units {
        lines: &parcel.lines,
        told: told.chain(parcel.pushed_number.as_deref()).collect(),
    }
}

fn told_text(parcel: &StoredParcel, number: &str, carrier: &str, has_doubt: bool) -> String {
    let doubt = match has_doubt {
        true => format!("; TikTok has a doubt: mcf status {}", parcel.order),
        false => String::new(),
    };
    format!("TikTok has {number} ({carrier}){doubt}")
}

/// The rules end each parcel with a word of their own; this one stands where they gave none.
fn nothing() -> Outcome {
    Outcome::Waits("nothing is to be told of it".to_owned())
}
