//! Detection: which orders TikTok has that we must look at.
//!
//! The cursor stands for what TikTok has surely shown. An answer without a list is an empty page, but it may as well be one whose
//! contents were lost: for a day its time is searched again in each run, and later windows are read meanwhile. What a silence of a
//! whole day still hid is found by the daily sweep, which asks by status and by id.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Error, Session};
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::Order;
use crate::tiktok::{self, Class, OrderQuery, Tiktok, UnreadableOrder};

const CURSOR: &str = "tiktok.orders";

/// TikTok's results may lie outside of the window that was asked for, and its clock is not ours.
const OVERLAP: TimeDelta = TimeDelta::hours(2);

/// A gap of days is covered in windows of this length, so that each moves the cursor on its own.
const WINDOW_MAX: TimeDelta = TimeDelta::hours(24);

/// Orders that change in the second in which we ask belong to this window, too.
pub(super) const AHEAD: TimeDelta = TimeDelta::minutes(1);

/// More pages than any window has; a list that is longer goes round in circles.
const PAGES_MAX: usize = 10_000;

/// For how long a time of which TikTok said nothing at all is searched again.
const SILENCE_BELIEVED_AFTER: TimeDelta = TimeDelta::hours(24);

/// How often one search starts again because TikTok no longer knew the token of its next page.
const RESTARTS_MAX: usize = 2;

/// What the search showed.
#[derive(Debug, Default)]
pub(super) struct Detected {
    /// Orders seen for the first time.
    pub(super) new: BTreeSet<TiktokOrderId>,
    /// Orders that TikTok gave in a form that can't be used.
    pub(super) unreadable: Vec<String>,
    /// The beginning of the first window of which TikTok said nothing at all.
    silent_from: Option<DateTime<Utc>>,
}

/// Where the cursor may move when a window is read to its end.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    name: &'static str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

/// Searches by change time, window by window. Each page is stored before the next one is asked for, and the cursor moves
/// in the transaction of a window's last page. In a dry run nothing is stored.
pub(super) fn detect(session: &Session, tiktok: &Tiktok, detected: &mut Detected) -> Result<(), Error> {
    let now = session.now();
    let lookback = TimeDelta::hours(i64::from(session.settings.routing.lookback_hours));
    let mut from = session
        .store
        .cursor(CURSOR)?
        .map_or(now - lookback, |cursor| cursor - OVERLAP);
    let end = now + AHEAD;
    while from < end {
        session.check_stop()?;
        let to = end.min(from + WINDOW_MAX);
        let query = OrderQuery {
            updated_from: from,
            updated_to: to,
            status: None,
            cancel_requested: None,
        };
        let cursor = Cursor {
            name: CURSOR,
            from,
            to: to.min(session.now()),
        };
        read_pages(session, tiktok, &query, Some(cursor), detected)?;
        from = to;
    }
    Ok(())
}

/// Reads and stores all pages of a search. The cursor, where there is one, moves with the last page. TikTok forgets the token of a
/// page soon; the search then starts again from its first page, and what was stored already is only seen once more.
pub(super) fn read_pages(
    session: &Session,
    tiktok: &Tiktok,
    query: &OrderQuery,
    cursor: Option<Cursor>,
    detected: &mut Detected,
) -> Result<(), Error> {
    let mut tokens = HashSet::new();
    let mut page: Option<String> = None;
    let mut restarts = 0;
    for _ in 0..PAGES_MAX {
        let found = match tiktok.search_orders(query, page.as_deref()) {
            Err(error) if page.is_some() && restarts < RESTARTS_MAX && may_be_a_dead_token(&error) => {
                log::info!("the search starts again: {error}");
                restarts += 1;
                tokens.clear();
                page = None;
                continue;
            }
            found => found?,
        };
        detected.note_unreadable(&found.unreadable);
        let end = cursor.filter(|_| found.next.is_none());
        let end = end.map(|cursor| (cursor.name, detected.surely_shown(&cursor, found.is_silent, session.now())));
        store_page(session, &found.orders, end, detected)?;
        match found.next {
            None => return Ok(()),
            Some(next) if !tokens.insert(next.clone()) => return Err(Error::PagesInCircle("TikTok's orders")),
            Some(next) => page = Some(next),
        }
    }
    Err(Error::PagesInCircle("TikTok's orders"))
}

/// No page of TikTok's says with which code a token ends that was good before; that the request is wrong can have no other cause
/// after its first page.
fn may_be_a_dead_token(error: &tiktok::Error) -> bool {
    matches!(error.class(), Class::Input | Class::NotFound | Class::Other)
}

impl Detected {
    /// Returns how far the cursor may move at the end of a window.
    fn surely_shown(&mut self, cursor: &Cursor, is_silent: bool, now: DateTime<Utc>) -> DateTime<Utc> {
        if is_silent {
            self.silent_from.get_or_insert(cursor.from);
        }
        match self.silent_from {
            Some(from) => cursor.to.min(from.max(now - SILENCE_BELIEVED_AFTER)),
            None => cursor.to,
        }
    }

    /// Notes orders that can't be read, each once.
    pub(super) fn note_unreadable(&mut self, unreadable: &[UnreadableOrder]) {
        for unreadable in unreadable {
            let id = unreadable.id.as_ref().map_or("without id", TiktokOrderId::as_str);
            let note = format!("order {id} can't be read: {}", unreadable.why);
            if !self.unreadable.contains(&note) {
                self.unreadable.push(note);
            }
        }
    }
}

fn store_page(
    session: &Session,
    orders: &[Order],
    cursor: Option<(&str, DateTime<Utc>)>,
    detected: &mut Detected,
) -> Result<(), Error> {
    if session.is_dry_run {
        for order in orders {
            if session.store.order(&order.id)?.is_none() {
                detected.new.insert(order.id.clone());
            }
        }
        return Ok(());
    }
    let intake = session.store.take_in(orders, cursor, session.now())?;
    detected.new.extend(intake.detected);
    Ok(())
}
