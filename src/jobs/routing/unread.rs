//! Orders that TikTok does not show in a form that can be used.

use super::apply::apply;
use crate::domain::ids::TiktokOrderId;
use crate::domain::routing::next_of_unread;
use crate::jobs::summary::Work;
use crate::jobs::{Error, Session};
use crate::tiktok::UnreadableOrder;

/// Flags an order whose details can't be used. One that is not known yet, but that TikTok showed in some form, becomes known by it.
pub(super) fn flag_unread(session: &Session, unreadable: &UnreadableOrder, work: &mut Work) -> Result<(), Error> {
    let Some(id) = &unreadable.id else {
        let note = format!("TikTok gave an order that can't be read: {}", unreadable.why);
        work.summary.notes.push(note);
        return Ok(());
    };
    if let Some(store) = session.writable_store().filter(|_| !unreadable.is_refused) {
        store.take_in_unread(std::slice::from_ref(id), session.now())?;
    }
    let state = session.store.order(id)?.map(|stored| stored.state);
    let flags = session.store.flags(id)?;
    let effects = next_of_unread(id, state, &flags, unreadable.told());
    let rows = apply(session, id, effects)?.rows;
    rows.into_iter().for_each(|row| work.summary.touch(row));
    Ok(())
}

/// What is said of an order that TikTok's answer leaves out although it was asked for.
pub(super) fn left_out(id: &TiktokOrderId) -> UnreadableOrder {
    UnreadableOrder {
        id: Some(id.clone()),
        why: "its answer leaves the order out".to_owned(),
        is_refused: true,
    }
}
