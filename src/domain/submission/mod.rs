//! The life of a fulfillment order from its intent to Amazon's word.
//!
//! `doors` has every rule by which a create may go out, the first or a later one; `life` says what follows after each answer, look and
//! question. The others are what both go by: what an answer says, what a look shows and for how long, by which clocks, whether Amazon has
//! what we sent, and since when a database knows all of it.

mod answer;
mod contents;
mod doors;
mod life;
mod look;
mod moment;
mod outcome;
mod refusal;
#[cfg(test)]
mod samples;
mod whole;

pub use answer::Answer;
pub use contents::{has_our_items, is_ours};
pub use doors::{
    AskedBy, BodyToSend, Compared, Door, DoorFacts, Pass, Shut, Wanted, is_still_meant, open, within_the_call,
};
pub use life::{Asked, Effect, Facts, Looked, Rules, Stage, next, other_contents, read_denied};
pub use look::{Absence, Look};
use std::time::Duration;

use moment::is_past;
pub use moment::{Moment, Uptime};
pub use outcome::Outcome;
pub use refusal::{Figures, Refusal, Refused, SinceRefusal, feature_refused, since_refusal};
/// How old the last look may be when a create leaves (E129): two seconds, half a second of them for the way.
pub const LOOK_MAX: Duration = Duration::from_millis(1_500);

pub use whole::{must_look_first, whole_from};
