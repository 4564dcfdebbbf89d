//! Why an order needs a person: a detail of the closed list, which has its reason and its next command, and a sentence.

mod advice;
mod cause;
mod detail;
mod reason;

use serde::ser::{Serialize, SerializeStruct, Serializer};

pub use cause::{Cause, CauseGroup, Flagged, by_cause};
pub use detail::Detail;
pub use reason::Reason;

use super::ids::TiktokOrderId;

/// One reason why an order needs a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// What is wrong, from the closed list.
    pub detail: Detail,
    /// One sentence for a person, with the figures of this order. Never holds anything about the buyer.
    pub message: String,
    /// What to type next.
    pub next_command: String,
    /// What of the order it is about, where that is single SKUs: TikTok's of what is not mapped, Amazon's of what is short.
    pub skus: Vec<String>,
}

impl Flag {
    /// Makes a flag with the next command of its detail.
    #[must_use]
    pub fn new(detail: Detail, message: impl Into<String>, order: &TiktokOrderId) -> Self {
        Self {
            detail,
            message: message.into(),
            next_command: detail.next_command(order),
            skus: Vec::new(),
        }
    }

    /// Makes a flag that says of the order what is said of every order with this detail.
    #[must_use]
    pub fn plain(detail: Detail, order: &TiktokOrderId) -> Self {
        Self::new(detail, detail.meaning(), order)
    }

    /// Returns the reason from the closed list.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.detail.reason()
    }

    /// Names the SKUs that it is about.
    #[must_use]
    pub fn about(mut self, skus: impl IntoIterator<Item = String>) -> Self {
        self.skus.extend(skus);
        self
    }

    /// Replaces the next command where it depends on more than the detail.
    #[must_use]
    pub fn with_command(mut self, command: impl Into<String>) -> Self {
        self.next_command = command.into();
        self
    }
}

impl Serialize for Flag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut flag = serializer.serialize_struct("Flag", 4)?;
        flag.serialize_field("reason", &self.reason())?;
        flag.serialize_field("detail", self.detail.as_str())?;
        flag.serialize_field("message", &self.message)?;
        flag.serialize_field("nextCommand", &self.next_command)?;
        flag.end()
    }
}
