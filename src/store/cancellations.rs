//! Cancellation requests as TikTok showed them, what was answered, and what of them only a person can settle.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{Result, Store, seconds};
use crate::domain::cancellation::{Conflict, Conflicts};
use crate::domain::ids::{CancelId, TiktokOrderId};
use crate::domain::shop::{Cancellation, CancellationStatus};

impl Store {
    /// Notes a request.
    pub fn note_cancellation(&self, request: &Cancellation, now: DateTime<Utc>) -> Result<()> {
        self.execute(
            "INSERT INTO cancellations (id, order_id, status, answer_by, seen_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO UPDATE SET status = excluded.status, answer_by = excluded.answer_by",
            (
                request.id.as_str(),
                request.order_id.as_str(),
                request.status.as_str(),
                request.answer_by.map(seconds),
                seconds(now),
            ),
        )
    }

    /// Notes what was answered: `approved` or `rejected`.
    pub fn cancellation_answered(&self, id: &CancelId, answer: &str, now: DateTime<Utc>) -> Result<()> {
        self.execute(
            "UPDATE cancellations SET answer = ?2, answered_at = ?3 WHERE id = ?1",
            (id.as_str(), answer, seconds(now)),
        )
    }

    /// Notes that TikTok does not take the answer to a request, and why.
    pub fn answer_refused(&self, id: &CancelId, why: &str, now: DateTime<Utc>) -> Result<()> {
        self.execute(
            "UPDATE cancellations SET refused_at = ?2, refused_because = ?3 WHERE id = ?1",
            (id.as_str(), seconds(now), why),
        )
    }

    /// Returns the orders whose open request TikTok takes no answer to, and why; of one order, or of all. What was sent to Amazon after
    /// that is asked about anew.
    pub fn refused_answers(&self, only: Option<&TiktokOrderId>) -> Result<BTreeMap<TiktokOrderId, String>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT order_id, refused_because FROM cancellations
                 WHERE status = ?1 AND answer IS NULL AND refused_at IS NOT NULL AND (CAST(?2 AS TEXT) IS NULL OR order_id = ?2)
                   AND NOT EXISTS (SELECT 1 FROM fulfillment_orders AS sent
                       WHERE sent.order_id = cancellations.order_id AND sent.intended_at > refused_at)
                 ORDER BY refused_at",
            )?;
            let pending = CancellationStatus::Pending.as_str();
            let rows = statement.query_map((pending, only.map(TiktokOrderId::as_str)), |row| {
                Ok((TiktokOrderId::new(row.get::<_, String>(0)?), row.get(1)?))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Keeps the orders of which it is not clear whether they are to be cancelled, in place of those that were kept before.
    pub fn keep_conflicts(&self, conflicts: &Conflicts) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM cancellation_conflicts", [])?;
            let mut statement = transaction
                .prepare_cached("INSERT INTO cancellation_conflicts (order_id, kind, why) VALUES (?1, ?2, ?3)")?;
            for (order, conflict) in conflicts {
                let (kind, why) = match conflict {
                    Conflict::Unreadable(why) => ("unreadable", Some(why)),
                    Conflict::SellerCancels => ("seller_cancels", None),
                    // Kept with its request.
                    Conflict::AnswerRefused(_) => continue,
                };
                statement.execute((order.as_str(), kind, why))?;
            }
            Ok(())
        })
    }

    /// Returns the orders of which it was not clear whether they are to be cancelled when TikTok's cancellations could last be read.
    pub fn kept_conflicts(&self) -> Result<Conflicts> {
        let conflicts = self.rows("SELECT order_id, why FROM cancellation_conflicts", [], |row| {
            let why: Option<String> = row.get("why")?;
            let order = TiktokOrderId::new(row.get::<_, String>("order_id")?);
            Ok((order, why.map_or(Conflict::SellerCancels, Conflict::Unreadable)))
        })?;
        Ok(conflicts.into_iter().collect())
    }

    /// Tells whether a request to cancel the order is open at TikTok, as far as it was seen.
    pub fn has_open_cancellation(&self, order: &TiktokOrderId) -> Result<bool> {
        self.value(
            "SELECT EXISTS (SELECT 1 FROM cancellations WHERE order_id = ?1 AND status = ?2 AND answer IS NULL)",
            (order.as_str(), CancellationStatus::Pending.as_str()),
        )
    }

    /// Tells whether any request to cancel the order was ever seen.
    pub fn has_cancellation(&self, order: &TiktokOrderId) -> Result<bool> {
        self.value(
            "SELECT EXISTS (SELECT 1 FROM cancellations WHERE order_id = ?1)",
            [order.as_str()],
        )
    }

    /// Returns the orders that are under way and whose buyers wish to cancel, by TikTok's mark on the order.
    pub fn cancel_requested(&self) -> Result<BTreeSet<TiktokOrderId>> {
        let query = "SELECT id FROM orders WHERE cancel_requested = 1 AND life IN ('routed', 'shipped', 'cancelling')";
        Ok(self.ids(query, [])?.into_iter().collect())
    }

    /// Tells whether a request was answered already.
    pub fn is_answered(&self, id: &CancelId) -> Result<bool> {
        self.value(
            "SELECT EXISTS (SELECT 1 FROM cancellations WHERE id = ?1 AND answer IS NOT NULL)",
            [id.as_str()],
        )
    }

    /// Returns the orders that TikTok cancelled while Amazon has them, or had them. Of those that were shipped and told, each until a
    /// person has heard of it.
    pub fn cancelled_at_tiktok(&self) -> Result<Vec<TiktokOrderId>> {
        self.ids(
            "SELECT id FROM orders WHERE tiktok_status = 'CANCELLED' AND life IN ('routed', 'shipped', 'cancelling', 'flagged')
             UNION ALL
             SELECT id FROM orders WHERE tiktok_status = 'CANCELLED' AND life = 'completed' AND is_loss_told = 0
             ORDER BY id",
            [],
        )
    }

    /// Notes that a person has heard of the parcel of an order that TikTok cancelled.
    pub fn note_loss_told(&self, order: &TiktokOrderId) -> Result<()> {
        self.execute("UPDATE orders SET is_loss_told = 1 WHERE id = ?1", [order.as_str()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests_support::store;

    #[test]
    fn what_is_unclear_about_a_cancellation_is_kept_as_it_was_until_it_is_read_again() {
        let (_folder, store) = store();
        let [unreadable, seller, refused] = ["1", "2", "3"].map(TiktokOrderId::new);
        let why = || "its status is \"NEW\"".to_owned();
        let mut conflicts = Conflicts::from([
            (unreadable, Conflict::Unreadable(why())),
            (seller, Conflict::SellerCancels),
        ]);
        let expected = conflicts.clone();
        conflicts.insert(refused, Conflict::AnswerRefused(why()));
        store.keep_conflicts(&conflicts).expect("kept");
        assert_eq!(store.kept_conflicts().expect("read"), expected);
        store.keep_conflicts(&Conflicts::new()).expect("kept");
        assert_eq!(store.kept_conflicts().expect("read"), Conflicts::new());
    }
}
