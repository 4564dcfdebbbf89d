//! What follows for one parcel, how far a run is with it, and what TikTok may answer.

use chrono::{DateTime, Utc};

use crate::domain::flag::Flag;
use crate::domain::ids::{LineItemId, PackageId};
use crate::domain::shop::{MarkedShipped, ShippingProvider};

/// One thing that follows for a parcel. Each list ends with a question, or with what became of the number in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// TikTok has cancelled these units: they travel, and are not told.
    LeaveOut(Vec<LineItemId>),
    /// These units of its twins go in the same call.
    Join(Vec<LineItemId>),
    /// All units of its products stand for it: TikTok takes one number for them.
    TakeAllUnits,
    /// The operator's default stands in for a carrier that nobody knows: told once a code.
    StandsIn {
        /// How Amazon writes the carrier.
        code: String,
        /// What a person is told.
        text: String,
    },
    /// This number is about to be told, with this carrier: a run that dies now leaves what TikTok has uncertain.
    Begin(String, ShippingProvider),
    /// TikTok surely does not have the number; it is told from this instant on, else in the next run.
    PutOff(Option<DateTime<Utc>>),
    /// TikTok has this number. Where a question follows, it is an older one.
    Told {
        /// Which.
        number: String,
        /// Who carries it.
        carrier: String,
        /// What TikTok said to it.
        answer: MarkedShipped,
    },
    /// It can't be told, or TikTok does not take it: a person is needed.
    Refuse {
        /// The number, where TikTok has seen it. One that never left is judged anew in each run.
        number: Option<String>,
        /// What the person is told.
        flag: Flag,
    },
    /// It waits, for this reason.
    Wait(String),
    /// What TikTok said last says nothing of the number: the run tells it as its trouble.
    Trouble,
    /// TikTok is asked; then the facts are read again.
    Ask(Ask),
}

/// A question to TikTok about one parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Read the order.
    ReadOrder,
    /// Which carriers does the order's delivery option have?
    Carriers,
    /// Take the number.
    Tell(Telling),
}

/// How a number is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// Which.
    pub number: String,
    /// With which call.
    pub call: Call,
    /// Who carries the parcel.
    pub carrier: ShippingProvider,
    /// Whether it is the second time in this run, after the units or the call have changed.
    pub is_again: bool,
}

/// The calls that tell a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Mark Package As Shipped, the first number of these units.
    Mark,
    /// Ship Package, the first number of the parcel that TikTok made.
    Ship(PackageId),
    /// The one correction of an order in one parcel.
    CorrectOrder,
    /// The one correction of a parcel among several.
    CorrectParcel(PackageId),
}

impl Call {
    /// Tells whether it tells a first number.
    pub(super) fn is_first(&self) -> bool {
        matches!(self, Self::Mark | Self::Ship(_))
    }
}

/// What TikTok said to a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It has it.
    Taken(MarkedShipped),
    /// It holds the order for now, or a wish to cancel must be answered first; why, for people.
    NotNow(String),
    /// The call was surely not carried out, for a reason that has nothing to do with the number.
    NotCarriedOut,
    /// The order, or its parcel, is in another state than the call needs; why, for people.
    WrongState(String),
    /// Nobody knows: no answer, an unreadable one.
    Unclear,
    /// It does not take it; why, for people.
    Refused(Refusal, String),
}

/// What TikTok does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The number, the carrier, or something else about the call.
    Number,
    /// TikTok takes one number for all units of a SKU.
    UnitsOfOneSku,
    /// The order is not the seller's to ship.
    NotOurs,
    /// The number can't be corrected any more.
    CorrectionClosed,
}

/// How far a run is with one parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// TikTok was asked nothing about it.
    Begun,
    /// The order was read, because TikTok may have a number already.
    ReadBefore,
    /// The carriers are known.
    CarriersRead,
    /// The order was read for the parcel that TikTok made of the units.
    ReadForParcel,
    /// TikTok was told.
    Asked(Telling, Answer),
    /// The order was read after that.
    ReadAfter(Telling, Answer),
}

impl Progress {
    /// How far the run is when the order was read.
    #[must_use]
    pub fn read(self) -> Self {
        match self {
            Self::Begun | Self::ReadBefore => Self::ReadBefore,
            Self::CarriersRead | Self::ReadForParcel => Self::ReadForParcel,
            Self::Asked(telling, answer) | Self::ReadAfter(telling, answer) => Self::ReadAfter(telling, answer),
        }
    }
}
