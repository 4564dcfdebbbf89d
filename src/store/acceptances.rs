//! What persons accepted of single orders.

use chrono::{DateTime, Utc};
use rusqlite::Transaction;

use super::steps::write_history;
use super::{Error, Result, Store, approvals, seconds};
use crate::domain::flag::Detail;
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::{Order, Recipient};
use crate::domain::routing::acceptance::{Accepted, Covers, covers, doubt, has_moved};

impl Store {
    /// Keeps what a person accepted; the history names who and why.
    pub fn accept(&self, id: &TiktokOrderId, details: &[Detail], text: &str, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            for detail in details {
                transaction.execute(
                    "INSERT OR IGNORE INTO acceptances (order_id, detail, accepted_at) VALUES (?1, ?2, ?3)",
                    (id.as_str(), detail.as_str(), seconds(now)),
                )?;
                write_history(transaction, run, id, now, "operator", &format!("{detail} {text}"))?;
            }
            Ok(())
        })
    }

    /// Notes who routes an order by hand, and why.
    pub fn note_reason(&self, id: &TiktokOrderId, text: &str, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| write_history(transaction, run, id, now, "operator", text))
    }

    /// Returns what is accepted, by order.
    pub fn acceptances(&self) -> Result<Accepted> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT order_id, detail FROM acceptances")?;
            let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
            let mut accepted = Accepted::new();
            for row in rows {
                let (order, word) = row?;
                let detail = read_doubt(&word)?;
                accepted.entry(TiktokOrderId::new(order)).or_default().insert(detail);
            }
            Ok(accepted)
        })
    }
}

fn read_doubt(word: &str) -> Result<Detail> {
    doubt(word).ok_or(Error::Unreadable { what: "acceptance" })
}

/// Ends what was accepted, and approved, of an address that is another by now.
pub(super) fn end_if_moved(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    (before, after): (&Recipient, &Recipient),
    now: DateTime<Utc>,
) -> Result<()> {
    if !has_moved(before, after) {
        return Ok(());
    }
    approvals::end(transaction, run, id, now)?;
    end(transaction, run, id, (Covers::Address, "the address"), now)
}

/// Ends what was accepted of the warehouse that an order leaves, and lets its history say that it moved. What TikTok does not say this
/// time did not change.
pub(super) fn end_if_in_another_warehouse(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    order: &Order,
    now: DateTime<Utc>,
) -> Result<()> {
    let before: Option<String> = transaction
        .prepare_cached("SELECT warehouse_id FROM orders WHERE id = ?1")?
        .query_row([order.id.as_str()], |row| row.get(0))?;
    let (Some(before), Some(after)) = (before, &order.warehouse_id) else {
        return Ok(());
    };
    if before == after.as_str() {
        return Ok(());
    }
    let text = format!("TikTok moved it from warehouse {before} to {after}");
    write_history(transaction, run, &order.id, now, "tiktok", &text)?;
    end(transaction, run, &order.id, (Covers::Warehouse, "the warehouse"), now)
}

fn end(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    (covered, what): (Covers, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    let words: Vec<String> = transaction
        .prepare_cached("SELECT detail FROM acceptances WHERE order_id = ?1")?
        .query_map([id.as_str()], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let details = words.iter().map(|word| read_doubt(word)).collect::<Result<Vec<_>>>()?;
    let is_covered = |detail: &Detail| covers(*detail) == Some(covered);
    for detail in details.into_iter().filter(is_covered) {
        transaction.execute(
            "DELETE FROM acceptances WHERE order_id = ?1 AND detail = ?2",
            (id.as_str(), detail.as_str()),
        )?;
        let text = format!("{what} changed: {detail} is no longer accepted");
        write_history(transaction, run, id, now, "operator", &text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::domain::flag::Detail;
    use crate::domain::ids::WarehouseId;
    use crate::domain::order::tests_support::{plain_order, plain_recipient};
    use crate::secret::Private;
    use crate::store::tests_support::{filled_at, store};

    #[test]
    fn what_was_accepted_of_a_warehouse_ends_when_the_order_moves_to_another_e144() {
        let (_folder, store) = store();
        let mut order = plain_order("1");
        store.take_in_detail(&order, filled_at()).expect("stored");
        let details = [Detail::WarehouseDisabled];
        store
            .accept(&order.id, &details, "accepted by dana", filled_at())
            .expect("kept");
        let is_accepted = || {
            store
                .acceptances()
                .expect("readable")
                .contains_key(&plain_order("1").id)
        };
        order.warehouse_id = None;
        store.take_in(&[order.clone()], None, filled_at()).expect("stored");
        assert!(is_accepted(), "E144: what TikTok does not say did not change");
        order.warehouse_id = Some(WarehouseId::new("9"));
        store.take_in(&[order.clone()], None, filled_at()).expect("stored");
        assert!(!is_accepted(), "E144: asked again");
        let rows = store.history_rows(&order.id).expect("readable");
        assert!(
            rows.iter().any(|row| row.text.ends_with("to 9")),
            "E144: the move is told"
        );
    }

    #[test]
    fn an_acceptance_holds_until_the_address_changes_and_the_history_names_who_and_why_d24() {
        let (_folder, store) = store();
        let mut order = plain_order("1");
        store.take_in_detail(&order, filled_at()).expect("stored");
        let details = [Detail::PostalCodeStateMismatch];
        store
            .accept(&order.id, &details, "accepted by dana: it is right", filled_at())
            .expect("kept");
        let id = order.id.clone();
        let is_accepted = || store.acceptances().expect("readable").contains_key(&id);
        store.take_in_detail(&plain_order("1"), filled_at()).expect("stored");
        assert!(is_accepted(), "D24: nothing changed");
        let rows = store.history_rows(&order.id).expect("readable");
        assert!(
            rows.iter()
                .any(|row| row.text.ends_with("accepted by dana: it is right")),
            "D24"
        );
        let mut moved = plain_recipient();
        moved.postal_code = "42262".into();
        order.recipient = Private::new(moved);
        store.take_in_detail(&order, filled_at()).expect("stored");
        assert!(!is_accepted(), "D24: asked again");
    }
}
