//! Which of Amazon's speeds an order takes for TikTok's deadline: its own, or a faster one that is in time.
//!
//! A speed whose date Amazon does not give is unknown: it is never taken for one in time, and never for one that is late.

use chrono::{DateTime, TimeDelta, Utc};

use super::amount::sum;
use crate::domain::deadline;
use crate::domain::fulfillment::{Preview, ShippingSpeed};

/// What is done about TikTok's deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadlineMode {
    /// Nothing: Amazon is not asked.
    Off,
    /// The order goes as it would, and who is told of it hears that it will be late.
    Warn,
    /// It takes a faster speed that is in time.
    Upgrade,
}

/// What becomes of an order for which no allowed speed is in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooLate {
    /// It goes all the same.
    Send,
    /// A person decides.
    Flag,
}

/// What the operator chose about TikTok's deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlineRules {
    /// What is done.
    pub mode: DeadlineMode,
    /// No order is made faster than this.
    pub fastest: ShippingSpeed,
    /// Where nothing allowed is in time.
    pub too_late: TooLate,
    /// Between Amazon's hand-over and the carrier's scan.
    pub margin: TimeDelta,
}

impl Default for DeadlineRules {
    fn default() -> Self {
        Self {
            mode: DeadlineMode::Warn,
            fastest: ShippingSpeed::Priority,
            too_late: TooLate::Send,
            margin: TimeDelta::zero(),
        }
    }
}

/// What an order needs of its speed.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpeedNeeds<'a> {
    /// Its speed by itself.
    pub(super) own: &'a ShippingSpeed,
    /// Whether nothing but that speed may be taken, since a person named it.
    pub(super) is_named: bool,
    /// By when the carrier must have it.
    pub(super) deadline: Option<DateTime<Utc>>,
    /// When TikTok cancels it.
    pub(super) cancelled_by: Option<DateTime<Utc>>,
    /// Whether a person settled that it goes late.
    pub(super) may_be_late: bool,
}

/// What an order takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// This speed.
    Goes(ShippingSpeed, Why),
    /// Amazon does not offer its own, and no faster one may be taken. The slowest that Amazon offers.
    NotOffered(Option<ShippingSpeed>),
    /// Nothing allowed is in time, and a person decides.
    TooLate,
}

/// Why an order takes its speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// TikTok names no deadline.
    NoDeadline,
    /// Its own is in time.
    InTime,
    /// When its own leaves is not known.
    NotKnown,
    /// Its own is late, and so it goes.
    Late,
    /// Its own is not known to be in time, and this is.
    Faster,
    /// Nothing is in time; with this TikTok does not cancel it.
    BeforeItIsCancelled,
    /// Amazon does not offer its own.
    Offered,
}

/// Chooses by Amazon's preview. `may_cost` tells whether a faster speed may cost what Amazon asks for it.
pub(super) fn choose(
    needs: &SpeedNeeds<'_>,
    previews: &[Preview],
    rules: &DeadlineRules,
    may_cost: impl Fn(&Preview) -> bool,
) -> Choice {
    let offered: Vec<&Preview> = previews.iter().filter(|preview| preview.is_fulfillable).collect();
    let is_faster = |preview: &Preview| {
        let rank = preview.speed.rank();
        rank > needs.own.rank() && rank <= rules.fastest.rank() && may_cost(preview)
    };
    let may_upgrade = rules.mode == DeadlineMode::Upgrade && !needs.is_named;
    let faster: Vec<&Preview> = offered
        .iter()
        .copied()
        .filter(|one| may_upgrade && is_faster(one))
        .collect();
    let own = offered.iter().copied().find(|preview| preview.speed == *needs.own);
    let choice = match own {
        None if !offered.is_empty() => instead_of_own(needs, &faster, &offered, rules.margin),
        own => by_deadline(needs, own, &faster, rules.margin),
    };
    let is_late = |speed: &ShippingSpeed| {
        let row = offered.iter().find(|preview| preview.speed == *speed);
        row.is_some_and(|row| is_known_late(row, needs.deadline, rules.margin))
    };
    let asks_a_person = may_upgrade && rules.too_late == TooLate::Flag && !needs.may_be_late;
    match choice {
        Choice::Goes(speed, _) if asks_a_person && is_late(&speed) => Choice::TooLate,
        choice => choice,
    }
}

/// Its own goes unless another one is in time, or goes before TikTok cancels the order.
fn by_deadline(needs: &SpeedNeeds<'_>, own: Option<&Preview>, faster: &[&Preview], margin: TimeDelta) -> Choice {
    let goes = |why| Choice::Goes(needs.own.clone(), why);
    let (Some(deadline), ships_at) = (needs.deadline, own.and_then(|own| own.latest_ship_at)) else {
        return goes(Why::NoDeadline);
    };
    if ships_at.is_some_and(|ships_at| deadline::is_in_time(ships_at, margin, deadline)) {
        return goes(Why::InTime);
    }
    if let Some(speed) = cheapest(faster, |one| is_in_time(one, Some(deadline), margin)) {
        return Choice::Goes(speed, Why::Faster);
    }
    let Some(ships_at) = ships_at else {
        return goes(Why::NotKnown);
    };
    let would_be_cancelled = needs.cancelled_by.is_some_and(|cancelled| ships_at > cancelled);
    let saved = cheapest(faster, |one| is_in_time(one, needs.cancelled_by, TimeDelta::zero()));
    match saved.filter(|_| would_be_cancelled) {
        Some(speed) => Choice::Goes(speed, Why::BeforeItIsCancelled),
        None => goes(Why::Late),
    }
}

/// Its own can't be had: of the others the one that serves best.
fn instead_of_own(needs: &SpeedNeeds<'_>, faster: &[&Preview], offered: &[&Preview], margin: TimeDelta) -> Choice {
    let in_time = cheapest(faster, |one| is_in_time(one, needs.deadline, margin));
    let saved = || cheapest(faster, |one| is_in_time(one, needs.cancelled_by, TimeDelta::zero()));
    let any = || cheapest(faster, |_| true);
    let saved = || saved().filter(|_| needs.deadline.is_some());
    match in_time.or_else(saved).or_else(any) {
        Some(speed) => Choice::Goes(speed, Why::Offered),
        None => Choice::NotOffered(
            offered
                .iter()
                .min_by_key(|one| one.speed.rank())
                .map(|one| one.speed.clone()),
        ),
    }
}

fn is_in_time(preview: &Preview, deadline: Option<DateTime<Utc>>, margin: TimeDelta) -> bool {
    let dates = preview.latest_ship_at.zip(deadline);
    dates.is_some_and(|(ships_at, deadline)| deadline::is_in_time(ships_at, margin, deadline))
}

/// Tells whether Amazon says that it leaves after the deadline.
pub(super) fn is_known_late(preview: &Preview, deadline: Option<DateTime<Utc>>, margin: TimeDelta) -> bool {
    let dates = preview.latest_ship_at.zip(deadline);
    dates.is_some_and(|(ships_at, deadline)| !deadline::is_in_time(ships_at, margin, deadline))
}

/// Returns the speed with the lowest fees. Where the fees of one are not known, they can't be compared: the slowest then.
fn cheapest(previews: &[&Preview], fits: impl Fn(&Preview) -> bool) -> Option<ShippingSpeed> {
    let fitting: Vec<&Preview> = previews.iter().copied().filter(|preview| fits(preview)).collect();
    let fees: Option<Vec<_>> = fitting.iter().map(|preview| sum(&preview.fees)).collect();
    let fees = fees.filter(|fees| fees.windows(2).all(|pair| pair[0].currency == pair[1].currency));
    let key = |(number, preview): &(usize, &Preview)| {
        let units = fees.as_ref().and_then(|fees| fees.get(*number)).map(|fees| fees.units);
        (units, preview.speed.rank())
    };
    fitting
        .iter()
        .copied()
        .enumerate()
        .min_by_key(key)
        .map(|(_, preview)| preview.speed.clone())
}

#[cfg(test)]
mod tests;
