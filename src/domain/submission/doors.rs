//! Every door to a create at Amazon, the first one or a later one. There is no other: who sends a create holds a [`Pass`], and only
//! [`open`] makes one. Two doors lead to a create by a detour: what opens [`Door::NeverShown`] or [`Door::GivenUp`] is only noted as not
//! carried out, and what goes out later, if anything does, holds the pass of another door. [`Door::WithinTheCall`] makes no pass: its
//! call holds the one that it began with. What the database guards by its own conditions (`store/fulfillment.rs`, `store/not_found.rs`) mirrors these rows,
//! as does what `transport/retry.rs` and the second round of `amazon/client.rs` after a refused token repeat within one call; tests hold
//! them together.

use super::{Absence, Answer, Outcome};

/// Who asks for an order to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedBy {
    /// The schedule; a pause keeps it back.
    Schedule,
    /// A person, for this one order.
    Person,
}

/// A way by which a create may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Nothing was ever meant for Amazon.
    First,
    /// The newest create surely was not carried out, or was given up.
    NotCarriedOut,
    /// Amazon refused the newest create, and what goes out now is another body.
    OtherBody,
    /// Amazon refused this very body, and a person asks for it.
    RefusedByHand,
    /// Amazon refused this very body for want of stock, and a figure has risen since.
    StockRose,
    /// Amazon ended the order and ships nothing of it, and a person asks for another one.
    EndedAtAmazon,
    /// Amazon shipped a part of the order and ended it, and a person asks for what it left out.
    Rest,
    /// The create of what Amazon left out surely was not carried out, and a person asks for it once more.
    RestOnceMore,
    /// Amazon accepted the order and shows nothing of it, and a person asks for it once more: the create counts as not carried out.
    NeverShown,
    /// Nobody knows what became of the newest create, Amazon shows nothing of it, and TikTok wants it as it was sent.
    NothingThere,
    /// The same, and TikTok wants it otherwise by now: the create counts as not carried out, and the order is decided anew.
    GivenUp,
    /// The call that is being made surely did nothing: it is made once more at once, by the pass that it has.
    WithinTheCall,
}

/// What a create carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyToSend {
    /// What is decided now.
    Decided,
    /// The very bytes that are stored.
    Stored,
}

impl Door {
    /// Every door.
    pub const ALL: [Self; 12] = [
        Self::First,
        Self::NotCarriedOut,
        Self::OtherBody,
        Self::RefusedByHand,
        Self::StockRose,
        Self::EndedAtAmazon,
        Self::Rest,
        Self::RestOnceMore,
        Self::NeverShown,
        Self::NothingThere,
        Self::GivenUp,
        Self::WithinTheCall,
    ];

    /// Returns which body goes out, at once or after the detour. An id whose create may have arrived gets another body only where Amazon surely shows nothing of it:
    /// should the first send show after all, Amazon refuses the second by its id (or keeps the first), and the read that follows tells
    /// the difference. A new id would make two orders of them.
    #[must_use]
    pub fn body(self) -> BodyToSend {
        match self {
            Self::First
            | Self::NotCarriedOut
            | Self::OtherBody
            | Self::RefusedByHand
            | Self::StockRose
            | Self::EndedAtAmazon
            | Self::Rest
            | Self::RestOnceMore
            | Self::NeverShown
            | Self::GivenUp => BodyToSend::Decided,
            Self::NothingThere | Self::WithinTheCall => BodyToSend::Stored,
        }
    }

    /// Returns the generation of the id under which it goes out. A next one only where Amazon said that it ships nothing of the last, or
    /// not what goes out now.
    #[must_use]
    pub fn generation(self, newest: u32) -> u32 {
        match self {
            Self::First => 1,
            Self::EndedAtAmazon | Self::Rest => newest + 1,
            Self::NotCarriedOut
            | Self::OtherBody
            | Self::RefusedByHand
            | Self::StockRose
            | Self::RestOnceMore
            | Self::NeverShown
            | Self::NothingThere
            | Self::GivenUp
            | Self::WithinTheCall => newest,
        }
    }
}

/// The permit to send one create, or to note that one was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    door: Door,
    generation: u32,
    asked_by: AskedBy,
}

impl Pass {
    /// Returns the door through which it goes.
    #[must_use]
    pub fn door(self) -> Door {
        self.door
    }

    /// Returns the generation of the id under which it goes.
    #[must_use]
    pub fn generation(self) -> u32 {
        self.generation
    }

    /// Returns who asked for it.
    #[must_use]
    pub fn asked_by(self) -> AskedBy {
        self.asked_by
    }

    /// Tells whether a person asked for it.
    #[must_use]
    pub fn is_by_hand(self) -> bool {
        self.asked_by == AskedBy::Person
    }

    /// Returns what keeps it back by now: a hold or a pause may be ordered, or lifted, while a run is at work.
    #[must_use]
    pub fn kept_back(self, is_held: bool, is_paused: bool) -> Option<Shut> {
        kept_back(self.asked_by, is_held, is_paused)
    }

    /// Tells whether an earlier create of the same id and body may have arrived.
    #[must_use]
    pub fn is_repetition(self) -> bool {
        self.door == Door::NothingThere
    }
}

/// Why no create goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    /// Amazon has it.
    AtAmazon,
    /// Amazon has its id with other contents.
    OtherContents,
    /// It is not certain whether Amazon has it: it is looked for first.
    NotCertain,
    /// The order has ended, or goes its way.
    Ended,
    /// Amazon refused this very body, and nothing changed since.
    Refused,
    /// A person holds or dismissed it.
    Held,
    /// A person paused new orders.
    Paused,
    /// TikTok wants it otherwise than it was sent.
    NotWanted,
    /// TikTok did not say whether it wants it, or the bytes to repeat are erased.
    NotConfirmed,
}

/// What TikTok's detail said of an order right before a second send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The very units, to the very address that the stored body names.
    AsSent,
    /// Cancelled, about to be, or something else or elsewhere by now.
    NotAsSent,
    /// It did not say: a masked address.
    NotKnown,
}

/// How the body that is to go out compares with the newest one, which Amazon refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// It is another one, or is not written yet.
    Other,
    /// It is the same.
    Same {
        /// Whether Amazon has more of one of its SKUs than when it refused it for want of stock.
        has_stock_risen: bool,
    },
}

/// What the doors go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoorFacts {
    /// What became of the newest create; `None` where nothing was ever meant for Amazon.
    pub newest: Option<Outcome>,
    /// The generation of its id.
    pub generation: u32,
    /// Whether Amazon said that it ships nothing of it any more.
    pub is_dead: bool,
    /// Whether Amazon ended what it took of the order and calls units of it cancelled or unfulfillable, and these are asked for. Where
    /// the newest create was for them already, it surely was not carried out.
    pub has_rest: bool,
    /// For how long Amazon shows nothing of it, where it was looked for.
    pub absence: Absence,
    /// Whether its exact bytes are still there.
    pub has_body: bool,
    /// Whether the order still waits for its decision.
    pub is_undecided: bool,
    /// How the body that is to go out compares with one that was refused.
    pub body: Compared,
    /// What TikTok says of an uncertain order; `None` where it gave no answer.
    pub wanted: Option<Wanted>,
    /// Whether a person holds or dismissed the order; for an uncertain one, also whether its buyer asks to cancel it.
    pub is_held: bool,
    /// Whether a person paused new orders.
    pub is_paused: bool,
    /// Who asks.
    pub asked_by: AskedBy,
}

impl DoorFacts {
    /// Returns facts of which nothing else is known: what is not known opens no door.
    #[must_use]
    pub fn new(newest: Option<Outcome>, generation: u32, asked_by: AskedBy) -> Self {
        Self {
            newest,
            generation,
            is_dead: false,
            has_rest: false,
            absence: Absence::Short,
            has_body: false,
            is_undecided: false,
            body: Compared::Other,
            wanted: None,
            is_held: false,
            is_paused: false,
            asked_by,
        }
    }
}

/// Decides whether a create may go out, and by which door.
///
/// # Errors
/// Why none goes out.
pub fn open(facts: &DoorFacts) -> Result<Pass, Shut> {
    let door = match facts.newest {
        None => of_the_undecided(Door::First, facts),
        Some(Outcome::NotSent | Outcome::Refused) if facts.has_rest => the_rest(Door::RestOnceMore, facts),
        Some(Outcome::Accepted) if facts.has_rest && facts.absence == Absence::Short => the_rest(Door::Rest, facts),
        Some(Outcome::NotSent) => of_the_undecided(Door::NotCarriedOut, facts),
        Some(Outcome::Refused) => of_the_undecided(after_refusal(facts)?, facts),
        Some(Outcome::Accepted) => after_acceptance(facts),
        Some(Outcome::Intended | Outcome::Unknown) => while_uncertain(facts),
        Some(Outcome::Conflict) => Err(Shut::OtherContents),
    }?;
    Ok(Pass {
        door,
        generation: door.generation(facts.generation),
        asked_by: facts.asked_by,
    })
}

/// Returns the door for the very call that was just answered: only what surely did nothing is made once more at once.
#[must_use]
pub fn within_the_call(answer: &Answer) -> Option<Door> {
    matches!(answer, Answer::NotCarriedOut(_)).then_some(Door::WithinTheCall)
}

/// Tells whether TikTok's word, read while that call waited, lets it be made once more as it is.
#[must_use]
pub fn is_still_meant(wanted: Option<Wanted>, asked_by: AskedBy, is_held: bool, is_paused: bool) -> bool {
    wanted == Some(Wanted::AsSent) && kept_back(asked_by, is_held, is_paused).is_none()
}

fn of_the_undecided(door: Door, facts: &DoorFacts) -> Result<Door, Shut> {
    if !facts.is_undecided {
        return Err(Shut::Ended);
    }
    kept_back(facts.asked_by, facts.is_held, facts.is_paused).map_or(Ok(door), Err)
}

/// A pause keeps back what no person asks for by its id; a hold keeps back everything.
fn kept_back(asked_by: AskedBy, is_held: bool, is_paused: bool) -> Option<Shut> {
    match asked_by {
        _ if is_held => Some(Shut::Held),
        AskedBy::Schedule if is_paused => Some(Shut::Paused),
        AskedBy::Schedule | AskedBy::Person => None,
    }
}

/// What Amazon left out goes by a person's word alone: the part that left keeps the order under way, whatever becomes of it.
fn the_rest(door: Door, facts: &DoorFacts) -> Result<Door, Shut> {
    match facts.asked_by {
        AskedBy::Person if facts.is_held => Err(Shut::Held),
        AskedBy::Person => Ok(door),
        AskedBy::Schedule => Err(Shut::AtAmazon),
    }
}

fn after_refusal(facts: &DoorFacts) -> Result<Door, Shut> {
    match (facts.body, facts.asked_by) {
        (Compared::Other, _) => Ok(Door::OtherBody),
        (Compared::Same { .. }, AskedBy::Person) => Ok(Door::RefusedByHand),
        (Compared::Same { has_stock_risen: true }, AskedBy::Schedule) => Ok(Door::StockRose),
        (Compared::Same { has_stock_risen: false }, AskedBy::Schedule) => Err(Shut::Refused),
    }
}

/// What Amazon accepted goes out once more by a person's word only.
fn after_acceptance(facts: &DoorFacts) -> Result<Door, Shut> {
    match facts.asked_by {
        AskedBy::Person if facts.absence >= Absence::Grace => Ok(Door::NeverShown),
        AskedBy::Person if facts.is_dead => of_the_undecided(Door::EndedAtAmazon, facts),
        AskedBy::Person | AskedBy::Schedule => Err(Shut::AtAmazon),
    }
}

/// What may be at Amazon goes out once more only after two looks a grace time apart that found nothing, and as TikTok still wants it.
/// A body that TikTok no longer wants never does; it is given up when Amazon has shown nothing for a second grace time.
fn while_uncertain(facts: &DoorFacts) -> Result<Door, Shut> {
    if facts.absence < Absence::Grace {
        return Err(Shut::NotCertain);
    }
    let wanted = match facts.wanted {
        None => return Err(Shut::NotConfirmed),
        Some(_) if facts.is_held => Wanted::NotAsSent,
        Some(wanted) => wanted,
    };
    match wanted {
        Wanted::AsSent if kept_back(facts.asked_by, false, facts.is_paused).is_some() => Err(Shut::Paused),
        Wanted::AsSent if facts.has_body => Ok(Door::NothingThere),
        Wanted::AsSent | Wanted::NotKnown => Err(Shut::NotConfirmed),
        Wanted::NotAsSent if facts.absence == Absence::TwoGraces => Ok(Door::GivenUp),
        Wanted::NotAsSent => Err(Shut::NotWanted),
    }
}

#[cfg(test)]
#[path = "doors_tests.rs"]
mod tests;
