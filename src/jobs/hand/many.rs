//! What an operator can do to orders, by the words that are typed, and which orders a filter means by it.

use super::Refusal;
use super::approve::approve;
use super::one::{self, Hand, HandAction, Operator};
use crate::domain::ids::TiktokOrderId;
use crate::domain::state::State;
use crate::store::{self, Error, OrderFilter, OrderRow, Store};

type Act = fn(&Hand<'_>) -> Result<HandAction, Refusal>;

/// Something that the operator does.
#[derive(Debug, Clone, Copy)]
pub struct Verb {
    /// As it is typed, e.g. `hold`.
    pub name: &'static str,
    /// As it is said, e.g. `held`.
    pub done: &'static str,
    act: Act,
}

impl Verb {
    /// Keep orders from being sent.
    pub const HOLD: Self = Self::new("hold", "held", one::hold);
    /// Lift the hold, or give orders back to be decided anew.
    pub const RELEASE: Self = Self::new("release", "released", one::release);
    /// Take orders off our hands.
    pub const DISMISS: Self = Self::new("dismiss", "dismissed", one::dismiss);
    /// Take a dismissal back.
    pub const RESTORE: Self = Self::new("restore", "restored", one::restore);
    /// Say that orders may go.
    pub const APPROVE: Self = Self::new("approve", "approved", approve);
    /// Forget the buyer.
    pub const ERASE: Self = Self::new("erase", "without their buyers' data", one::erase);

    const fn new(name: &'static str, done: &'static str, act: Act) -> Self {
        Self { name, done, act }
    }

    /// Whether it is meant for an order that a filter lets through; one that is named is always meant. A hold keeps back what was not sent,
    /// and repeats of what may not have been; whoever names a state means it.
    fn is_meant(self, row: &OrderRow, filter: &OrderFilter) -> bool {
        let may_still_be_sent = row.state.is_undecided() || row.state == State::Submitting;
        self.name != Self::HOLD.name || filter.state.is_some() || may_still_be_sent
    }
}

/// Returns what makes sense for an order, in this order of verbs.
#[must_use]
pub fn offered(operator: &Operator<'_>, row: &OrderRow) -> Vec<Verb> {
    let verbs = [Verb::APPROVE, Verb::RELEASE, Verb::HOLD, Verb::RESTORE, Verb::DISMISS];
    let makes_sense = |verb: &Verb| would_change(operator, row, *verb, &OrderFilter::default());
    verbs.into_iter().filter(makes_sense).collect()
}

/// What is refused for one of many is no news: nobody named it.
fn would_change(operator: &Operator<'_>, row: &OrderRow, verb: Verb, filter: &OrderFilter) -> bool {
    verb.is_meant(row, filter) && do_to_row(operator, row, verb, true).is_ok_and(|action| action.is_changed())
}

/// Returns the orders that a filter means and to which something would be done.
///
/// # Errors
/// When the database refuses.
pub fn meant(operator: &Operator<'_>, filter: &OrderFilter, verb: Verb) -> store::Result<Vec<TiktokOrderId>> {
    let mut meant = Vec::new();
    for id in operator.store.order_ids(filter)? {
        let row = operator.store.order_row(&id)?;
        if row.is_some_and(|row| would_change(operator, &row, verb, filter)) {
            meant.push(id);
        }
    }
    Ok(meant)
}

/// Does it to the order of this name; returns its id where there is such an order.
pub fn do_to(
    operator: &Operator<'_>,
    name: &str,
    verb: Verb,
    is_dry_run: bool,
) -> (Option<TiktokOrderId>, Result<HandAction, Refusal>) {
    let row = match known(operator.store, name) {
        Ok(row) => row,
        Err(error) => return (None, Err(error.into())),
    };
    let done = do_to_row(operator, &row, verb, is_dry_run);
    (Some(row.id), done)
}

/// Does it to an order that was read already.
///
/// # Errors
/// When it makes no sense as the order stands, a run changed it meanwhile, or the database refuses.
pub fn do_to_row(operator: &Operator<'_>, row: &OrderRow, verb: Verb, is_dry_run: bool) -> Result<HandAction, Refusal> {
    let hand = Hand {
        operator,
        row,
        is_dry_run,
    };
    (verb.act)(&hand)
}

fn known(store: &Store, name: &str) -> store::Result<OrderRow> {
    let id = store.find_order(name)?;
    let row = id.map(|id| store.order_row(&id)).transpose()?.flatten();
    row.ok_or_else(|| Error::UnknownOrder { order: name.to_owned() })
}
