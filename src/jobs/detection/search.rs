//! The search by change time.
//!
//! The cursor stands for what TikTok has surely shown. An answer without a list is an empty page, but it may as well be one whose
//! contents were lost: for a day its time is searched again in each run, and later windows are read meanwhile. What a silence of a
//! whole day still hid is found by the daily sweep, which asks by status and by id. A window whose pages can't be read to their end,
//! because one leads to itself or is no answer, keeps the cursor before it until it can; it keeps no later window from being read.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::pages::each_page;
use crate::domain::ids::TiktokOrderId;
use crate::domain::routing::flag_of_unread;
use crate::domain::span::Span;
use crate::domain::state::State;
use crate::jobs::address_change::{may_have_changed, tell};
use crate::jobs::{Error, Session};
use crate::tiktok::{Class, OrderPage, OrderQuery, Tiktok, UnreadableOrder};

const CURSOR: &str = "tiktok.orders";

/// TikTok's results may lie outside of the window that was asked for, and its clock is not ours.
const OVERLAP: TimeDelta = TimeDelta::hours(2);

/// A gap of days is covered in windows of this length, so that each moves the cursor on its own.
const WINDOW_MAX: TimeDelta = TimeDelta::hours(24);

/// Orders that change in the second in which we ask belong to this window, too.
pub(in crate::jobs) const AHEAD: TimeDelta = TimeDelta::minutes(1);

/// An instant as a person reads it.
const MINUTE: &str = "%Y-%m-%d %H:%M";

/// For how long a time of which TikTok said nothing at all is searched again.
const SILENCE_BELIEVED_AFTER: TimeDelta = TimeDelta::hours(24);

/// What the search showed.
#[derive(Debug, Default)]
pub(in crate::jobs) struct Detected {
    /// Orders seen for the first time.
    pub(in crate::jobs) new: BTreeSet<TiktokOrderId>,
    /// Those of them that are not stored: a run that changes nothing found them.
    pub(in crate::jobs) not_stored: BTreeSet<TiktokOrderId>,
    /// Notes on what TikTok gave in a form that can't be used, and for which no row stands: orders, and whole windows.
    pub(in crate::jobs) unreadable: Vec<String>,
    /// Orders of which the search gave no more than the id that can be used, or perhaps another address than was sent: their details
    /// tell.
    incomplete: BTreeSet<TiktokOrderId>,
    /// The beginning of the first window of which TikTok said nothing at all.
    silent_from: Option<DateTime<Utc>>,
    /// The beginning of the first window that could not be read to its end.
    broken_from: Option<DateTime<Utc>>,
}

/// Where the cursor may move when a window is read to its end.
#[derive(Clone, Copy)]
pub(in crate::jobs) struct Cursor {
    name: &'static str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

/// Searches by change time, window by window. Each page is stored before the next one is asked for, and the cursor moves
/// in the transaction of a window's last page. In a dry run nothing is stored.
pub(in crate::jobs) fn detect(session: &Session, tiktok: &Tiktok, detected: &mut Detected) -> Result<(), Error> {
    let left_out = session.with_right_clock(|| search(session, tiktok, detected))?;
    read_incomplete(session, tiktok, detected)?;
    left_out.map_or(Ok(()), Err)
}

/// Reads a time once more that a person names. The cursor stays where it is.
pub(in crate::jobs) fn detect_again(
    session: &Session,
    tiktok: &Tiktok,
    span: Span,
    detected: &mut Detected,
) -> Result<(), Error> {
    let left_out = session.with_right_clock(|| read_windows(session, tiktok, span, None, detected))?;
    read_incomplete(session, tiktok, detected)?;
    left_out.map_or(Ok(()), Err)
}

/// Reads what may have changed since the last search. Returns what kept a window from being read to its end.
fn search(session: &Session, tiktok: &Tiktok, detected: &mut Detected) -> Result<Option<Error>, Error> {
    let now = session.now();
    let lookback = TimeDelta::hours(i64::from(session.settings.routing.lookback_hours));
    let cursor = session.store.cursor(CURSOR)?;
    let from = cursor.map_or(now - lookback, |cursor| cursor - OVERLAP);
    read_windows(session, tiktok, Span { from, to: now }, Some(CURSOR), detected)
}

/// Returns what kept the first of the windows that are left out from being read to its end.
///
/// # Errors
/// What keeps all further windows from being read.
fn read_windows(
    session: &Session,
    tiktok: &Tiktok,
    span: Span,
    cursor: Option<&'static str>,
    detected: &mut Detected,
) -> Result<Option<Error>, Error> {
    let (mut from, end) = (span.from, span.to + AHEAD);
    let mut left_out = None;
    // The first answer may show that the end was in the future.
    while from < end.min(session.now() + AHEAD) {
        session.check_stop()?;
        let to = end.min(from + WINDOW_MAX);
        let query = OrderQuery {
            updated_from: from,
            updated_to: to,
            status: None,
            cancel_requested: None,
        };
        let moved = cursor.map(|name| Cursor { name, from, to });
        let read = read_pages(session, tiktok, &query, moved, detected);
        let error = detected.leave_out_unreadable(session, Span { from, to }, cursor, read)?;
        left_out = left_out.or(error);
        from = to;
    }
    Ok(left_out)
}

/// Tells whether an error is one window's own: what it says of this time it need not say of another.
pub(super) fn is_of_one_search(error: &Error) -> bool {
    match error {
        Error::PagesInCircle(_) => true,
        Error::Tiktok(error) => error.class() == Class::Unreadable,
        _ => false,
    }
}

/// Reads the details of orders that the search gave in a form that can't be used and that are not decided any more. Those that are
/// to be decided are read in full anyway.
fn read_incomplete(session: &Session, tiktok: &Tiktok, detected: &mut Detected) -> Result<(), Error> {
    let mut known = Vec::new();
    for id in std::mem::take(&mut detected.incomplete) {
        match session.store.order(&id)?.map(|stored| stored.state) {
            Some(state) if !state.is_undecided() && !state.is_over() => known.push(id),
            Some(_) | None => {}
        }
    }
    match session.writable_store() {
        Some(_) => read_by_id(session, tiktok, &known, detected),
        None => Ok(()),
    }
}

/// Reads orders by their ids that are not to be decided, and stores what TikTok says now.
pub(super) fn read_by_id(
    session: &Session,
    tiktok: &Tiktok,
    ids: &[TiktokOrderId],
    detected: &mut Detected,
) -> Result<(), Error> {
    let found = tiktok.orders(ids)?;
    session.store.take_in_known(&found.orders, session.now())?;
    for order in &found.orders {
        tell(session, order)?;
    }
    for unreadable in &found.unreadable {
        match &unreadable.id {
            Some(id) if ids.contains(id) => flag_known(session, id, unreadable)?,
            Some(_) | None => detected.note_unreadable(unreadable),
        }
    }
    Ok(())
}

/// What is not ours to route need not be readable.
fn flag_known(session: &Session, id: &TiktokOrderId, unreadable: &UnreadableOrder) -> Result<(), Error> {
    let store = &session.store;
    if store
        .order(id)?
        .is_some_and(|stored| stored.state != State::NotEligible)
    {
        store.raise_flag(id, &flag_of_unread(id, unreadable.told()), session.now())?;
    }
    Ok(())
}

/// Reads and stores all pages of a search. The cursor, where there is one, moves with the last page. Orders that come again are only
/// seen once more.
pub(in crate::jobs) fn read_pages(
    session: &Session,
    tiktok: &Tiktok,
    query: &OrderQuery,
    cursor: Option<Cursor>,
    detected: &mut Detected,
) -> Result<(), Error> {
    each_page("TikTok's orders", |page| {
        let found = tiktok.search_orders(query, page)?;
        let end = cursor.filter(|_| found.next.is_none());
        let end = end.map(|cursor| {
            (
                cursor.name,
                detected.surely_shown(&cursor, found.is_silent, session.now()),
            )
        });
        store_page(session, &found, end, detected)?;
        Ok(found.next)
    })
}

impl Detected {
    /// Leaves a window out that can't be read to its end, with a note, and returns why, for the end of the search. A first run has no
    /// cursor yet: without one here, the next would begin later.
    ///
    /// # Errors
    /// What is no single window's trouble.
    fn leave_out_unreadable(
        &mut self,
        session: &Session,
        window: Span,
        cursor: Option<&'static str>,
        read: Result<(), Error>,
    ) -> Result<Option<Error>, Error> {
        let error = match read {
            Err(error) if is_of_one_search(&error) => error,
            read => return read.map(|()| None),
        };
        let (from, to) = (window.from.format(MINUTE), window.to.format(MINUTE));
        self.unreadable.push(format!(
            "TikTok's orders that changed from {from} to {to} UTC can't be read to their end; later ones are, and each run tries again"
        ));
        if let (None, Some(store), Some(name)) = (self.broken_from, session.writable_store(), cursor) {
            store.move_cursor(name, window.from)?;
        }
        self.broken_from.get_or_insert(window.from);
        Ok(Some(error))
    }

    /// Returns how far the cursor may move at the end of a window.
    fn surely_shown(&mut self, cursor: &Cursor, is_silent: bool, now: DateTime<Utc>) -> DateTime<Utc> {
        if is_silent {
            self.silent_from.get_or_insert(cursor.from);
        }
        // The answer may have shown that the end of the window was in the future.
        let to = cursor.to.min(now);
        let shown = match self.silent_from {
            Some(from) => to.min(from.max(now - SILENCE_BELIEVED_AFTER)),
            None => to,
        };
        self.broken_from.map_or(shown, |from| shown.min(from))
    }

    /// Notes an order without a readable id, once.
    fn note_unreadable(&mut self, unreadable: &UnreadableOrder) {
        let note = format!("an order without a readable id is left out: {}", unreadable.why);
        if !self.unreadable.contains(&note) {
            self.unreadable.push(note);
        }
    }
}

/// Stores a page. Orders of which only the id can be read come first, for the cursor moves with the others.
fn store_page(
    session: &Session,
    page: &OrderPage,
    cursor: Option<(&str, DateTime<Utc>)>,
    detected: &mut Detected,
) -> Result<(), Error> {
    let mut only_ids = Vec::new();
    for unreadable in &page.unreadable {
        match &unreadable.id {
            Some(id) => only_ids.push(id.clone()),
            None => detected.note_unreadable(unreadable),
        }
    }
    let Some(store) = session.writable_store() else {
        for id in page.orders.iter().map(|order| &order.id).chain(&only_ids) {
            if session.store.order(id)?.is_none() {
                detected.new.insert(id.clone());
                detected.not_stored.insert(id.clone());
            }
        }
        return Ok(());
    };
    let new = store.take_in_unread(&only_ids, session.now())?;
    detected.new.extend(new);
    detected.incomplete.extend(only_ids);
    let intake = store.take_in(&page.orders, cursor, session.now())?;
    detected.new.extend(intake.detected);
    for order in &page.orders {
        if may_have_changed(session, order)? {
            detected.incomplete.insert(order.id.clone());
        }
    }
    Ok(())
}
