//! What persons accepted of single orders.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::engine::Transaction;
use super::steps::write_history;
use super::{Error, Result, Store, approvals, seconds};
use crate::domain::flag::Detail;
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::TiktokOrderId;
use crate::domain::order::Order;
use crate::domain::routing::doubts::{Accepted, Covers, covers, doubt};

impl Store {
    /// Keeps what a person accepted; the history names who and why.
    pub fn accept(&self, id: &TiktokOrderId, details: &[Detail], text: &str, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            for detail in details {
                transaction.execute(
                    "INSERT INTO acceptances (order_id, detail, accepted_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                    (id.as_str(), detail.as_str(), seconds(now)),
                )?;
                write_history(transaction, run, id, now, "operator", &format!("{detail} {text}"))?;
            }
            Ok(())
        })
    }

    /// Keeps the speed that a person named for an order; the history names who and why.
    pub fn name_speed(&self, id: &TiktokOrderId, speed: &ShippingSpeed, text: &str, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            let named = transaction.execute(
                "INSERT INTO named_speeds (order_id, speed, named_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (order_id) DO UPDATE SET speed = excluded.speed, named_at = excluded.named_at
                 WHERE named_speeds.speed <> excluded.speed",
                (id.as_str(), speed.as_str(), seconds(now)),
            )?;
            match named {
                0 => Ok(()),
                _ => write_history(transaction, run, id, now, "operator", &format!("speed {speed}, {text}")),
            }
        })
    }

    /// Returns the speeds that persons named, by order.
    pub fn named_speeds(&self) -> Result<BTreeMap<TiktokOrderId, ShippingSpeed>> {
        let rows = self.rows("SELECT order_id, speed FROM named_speeds", [], |row| {
            let speed = ShippingSpeed::read(&row.get::<_, String>(1)?);
            Ok((TiktokOrderId::new(row.get::<_, String>(0)?), speed))
        })?;
        Ok(rows.into_iter().collect())
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

/// Ends what persons accepted, approved and named of what is otherwise by now.
pub(super) fn end_if_changed(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    changed: &[Covers],
    now: DateTime<Utc>,
) -> Result<()> {
    if changed.contains(&Covers::Address) {
        approvals::end(transaction, run, id, now)?;
    }
    for covered in changed {
        end(transaction, run, id, *covered, now)?;
    }
    let ends_speed = changed.iter().any(|covered| covered.is_of_speed());
    if ends_speed && transaction.execute("DELETE FROM named_speeds WHERE order_id = ?1", [id.as_str()])? > 0 {
        let text = "the order changed: the speed that was named for it is no longer kept";
        write_history(transaction, run, id, now, "operator", text)?;
    }
    Ok(())
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
    end(transaction, run, &order.id, Covers::Warehouse, now)
}

fn end(
    transaction: &Transaction<'_>,
    run: Option<i64>,
    id: &TiktokOrderId,
    covered: Covers,
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
        let text = format!("{covered} changed: {detail} is no longer accepted");
        write_history(transaction, run, id, now, "operator", &text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::domain::flag::Detail;
    use crate::domain::fulfillment::ShippingSpeed;
    use crate::domain::ids::WarehouseId;
    use crate::domain::order::Order;
    use crate::domain::order::tests_support::{plain_line, plain_order, plain_recipient};
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

    #[test]
    fn each_word_of_a_person_ends_when_what_it_covered_changes() {
        let (_folder, store) = store();
        let order = plain_order("1");
        store.take_in_detail(&order, filled_at()).expect("stored");
        let kept = |changed: &Order| {
            let details = [Detail::TooLate, Detail::FeeShare];
            store
                .accept(&order.id, &details, "accepted by dana", filled_at())
                .expect("kept");
            store
                .name_speed(&order.id, &ShippingSpeed::Priority, "routed by dana", filled_at())
                .expect("kept");
            store.take_in_detail(changed, filled_at()).expect("stored");
            let accepted = store
                .acceptances()
                .expect("readable")
                .remove(&order.id)
                .unwrap_or_default();
            let named = store.named_speeds().expect("readable").remove(&order.id);
            store.take_in_detail(&order, filled_at()).expect("stored");
            (accepted.into_iter().collect::<Vec<_>>(), named.is_some())
        };
        let both = vec![Detail::TooLate, Detail::FeeShare];
        assert_eq!(kept(&order), (both.clone(), true));
        let mut later = order.clone();
        later.deadlines.scanned_by = Some(filled_at());
        assert_eq!(kept(&later), (vec![Detail::FeeShare], true));
        let mut silent = order.clone();
        silent.total = None;
        assert_eq!(kept(&silent), (both, true), "what TikTok does not say did not change");
        let mut more = order.clone();
        more.line_items.push(plain_line("577900000000001099"));
        assert_eq!(kept(&more), (vec![Detail::TooLate], false));
    }
}
