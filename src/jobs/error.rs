//! Why a job could not do all of its work.

use thiserror::Error;

use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};
use crate::domain::inventory::brake::Tripped;
use crate::error_chain::{causes, chain};
use crate::{amazon, config, store, tiktok};

/// What stopped a job, or a part of it.
#[derive(Debug, Error)]
pub enum Error {
    /// A setting or a credential is missing.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// TikTok did not do what was asked.
    #[error(transparent)]
    Tiktok(#[from] tiktok::Error),
    /// Amazon did not do what was asked.
    #[error(transparent)]
    Amazon(#[from] amazon::Error),
    /// The database is unusable or refused.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The token does not open the configured shop.
    #[error("the TikTok token opens {}, not shop {wanted}", list(found))]
    ShopNotFound {
        /// The configured shop.
        wanted: String,
        /// The shops that the token opens.
        found: Vec<String>,
    },
    /// TikTok knows no such order.
    #[error("TikTok has no order {0} in this shop")]
    OrderNotFound(TiktokOrderId),
    /// What a person accepts is no doubt about the order, or what a person asks for is not there.
    #[error("order {order}: {why}")]
    NotAccepted {
        /// The order.
        order: TiktokOrderId,
        /// Why.
        why: String,
    },
    /// The operator keeps the order from being sent.
    #[error("order {0} is held by the operator")]
    Held(TiktokOrderId),
    /// The operator dismissed it.
    #[error("order {0} is dismissed")]
    Dismissed(TiktokOrderId),
    /// A vendor's list gives the same page for ever.
    #[error("the pages of {0} go round in circles")]
    PagesInCircle(&'static str),
    /// The shop has no warehouse to write stock to.
    #[error("the shop has no enabled default sales warehouse")]
    NoWarehouse,
    /// The figures look like a mistake and wait for a second reading.
    #[error("{0}; nothing is written before a second reading says the same")]
    Braked(Tripped),
    /// One side's answer has no figure for anything that was asked for.
    #[error("{whose} gives no figure for any of {asked} SKUs; nothing is written, and what was shown before stays")]
    NoFigures {
        /// Whose answer.
        whose: &'static str,
        /// How many were asked for.
        asked: usize,
    },
    /// Amazon shows nothing under an id of ours yet.
    #[error("Amazon does not say yet whether it has {0}; the next runs look again")]
    StillUnknown(FulfillmentOrderId),
    /// The run was asked to stop.
    #[error("the run was asked to stop; what was begun is stored and the next run goes on")]
    Stopped,
    /// The time of the run is up: its next one is due.
    #[error("the run ends before its next one is due; what was not done is stored and the next run goes on")]
    TimeIsUp,
}

fn list(shops: &[String]) -> String {
    if shops.is_empty() {
        "no shop".to_owned()
    } else {
        format!("shop {}", shops.join(", "))
    }
}

/// Returns the trouble of the store behind an error: a token that can't be read or kept is no vendor's trouble.
#[must_use]
pub fn store_behind<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a store::Error> {
    chain(error).find_map(|error| error.downcast_ref())
}

impl Error {
    /// Tells whether a vendor refused who we are.
    #[must_use]
    pub fn is_credentials(&self) -> bool {
        match self {
            Self::Tiktok(error) => error.is_credentials(),
            Self::Amazon(error) => error.is_credentials(),
            Self::ShopNotFound { .. } => true,
            Self::Config(_)
            | Self::Store(_)
            | Self::OrderNotFound(_)
            | Self::Held(_)
            | Self::NotAccepted { .. }
            | Self::Dismissed(_)
            | Self::PagesInCircle(_)
            | Self::StillUnknown(_)
            | Self::NoWarehouse
            | Self::NoFigures { .. }
            | Self::Stopped
            | Self::TimeIsUp
            | Self::Braked(_) => false,
        }
    }

    /// Tells whether a vendor did not answer, or not yet clearly: the next run may fare better.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Tiktok(_) | Self::Amazon(_) => !self.ends_the_run(),
            Self::StillUnknown(_) | Self::PagesInCircle(_) | Self::NoFigures { .. } | Self::TimeIsUp => true,
            Self::Config(_)
            | Self::Store(_)
            | Self::ShopNotFound { .. }
            | Self::OrderNotFound(_)
            | Self::Held(_)
            | Self::NotAccepted { .. }
            | Self::Dismissed(_)
            | Self::NoWarehouse
            | Self::Stopped
            | Self::Braked(_) => false,
        }
    }

    /// Says it to a person: it begins with what it is about, and has no word of what lies beneath ([`Self::call`]).
    #[must_use]
    pub fn said(&self) -> String {
        match (self, store_behind(self)) {
            (_, Some(store)) => causes(store),
            (Self::Tiktok(_) | Self::Amazon(_), None) => self.to_string(),
            (_, None) => causes(self),
        }
    }

    /// Says what follows for a run that it kept from its work; empty where that is said already, or a person must act.
    #[must_use]
    pub fn what_follows(&self) -> &'static str {
        match self {
            Self::Tiktok(_) | Self::Amazon(_) if self.is_passing() => "; nothing is lost, the next run tries again",
            _ => "",
        }
    }

    /// Returns the order that it is about, and the vendor's names of the call that failed and of the request.
    fn ids(&self) -> (Option<&str>, Option<&'static str>, Option<&str>) {
        match self {
            Self::Tiktok(error) => (error.order_id(), Some(error.operation().name), error.request_id()),
            Self::Amazon(error) => (error.order_id(), Some(error.operation().name), error.request_id()),
            Self::OrderNotFound(order)
            | Self::Held(order)
            | Self::Dismissed(order)
            | Self::NotAccepted { order, .. } => (Some(order.as_str()), None, None),
            _ => (None, None, None),
        }
    }

    /// Writes it to the log.
    pub(super) fn log(&self) {
        let (order_id, operation, request_id) = self.ids();
        log::warn!(order_id, operation, request_id; "{}", self.said());
    }

    /// Returns the call that failed, for those who look deeper.
    #[must_use]
    pub fn call(&self) -> Option<String> {
        match self {
            Self::Tiktok(error) => Some(error.call()),
            Self::Amazon(error) => Some(error.call()),
            _ => None,
        }
    }

    /// Returns what is told once and then not again until it is over. A vendor that is away fails now in this call and now in that, by
    /// a time-out or with a status: that is one cause.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::Tiktok(error) if error.failure().is_passing() => "tiktok is away".to_owned(),
            Self::Tiktok(error) => format!("tiktok {:?}", error.class()),
            Self::Amazon(error) if error.failure().is_passing() => "amazon is away".to_owned(),
            Self::Amazon(error) => format!("amazon {:?}", error.kind()),
            other => other.to_string(),
        }
    }

    /// Tells whether no other order would fare better in this run.
    #[must_use]
    pub fn ends_the_run(&self) -> bool {
        match self {
            Self::Store(error) => error.is_unusable(),
            Self::Config(_) | Self::Stopped | Self::TimeIsUp => true,
            Self::Amazon(error) if error.is_set_up() => true,
            Self::Tiktok(_) | Self::Amazon(_) if store_behind(self).is_some_and(store::Error::is_unusable) => true,
            Self::Tiktok(_) | Self::Amazon(_) | Self::ShopNotFound { .. } => self.is_credentials(),
            Self::OrderNotFound(_)
            | Self::Held(_)
            | Self::NotAccepted { .. }
            | Self::Dismissed(_)
            | Self::PagesInCircle(_)
            | Self::StillUnknown(_)
            | Self::NoWarehouse
            | Self::NoFigures { .. }
            | Self::Braked(_) => false,
        }
    }
}
