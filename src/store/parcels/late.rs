//! What is late or may become so: parcels without a number at TikTok, orders that Amazon has not shipped, parcels that TikTok
//! counts against the MCF warehouse.

use chrono::{DateTime, Utc};

use super::super::order_rows::read_deadlines;
use super::super::steps::write_history;
use super::super::{Result, Store, optional_time, outbox, seconds};
use super::StoredParcel;
use crate::domain::ids::{PackageId, TiktokOrderId};
use crate::domain::tracking::overdue::{Late, NotShipped};
use crate::store::engine::Row;

/// Parcels that left before `?1` and of which TikTok has no number, where Amazon ships for an order that goes on: what the alarm tells,
/// what `status` lists and what the metrics count.
pub(in crate::store) const WITHOUT_NUMBER: &str = "parcels.state IN ('waiting', 'ready', 'pushing', 'refused')
    AND parcels.synced_at IS NULL AND parcels.shipped_at <= ?1 AND orders.life IN ('routed', 'shipped', 'cancelling')
    ORDER BY parcels.shipped_at, parcels.id";

/// A parcel that TikTok has and whose marks were not read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldPackage {
    /// The parcel's row.
    pub parcel: i64,
    /// The order.
    pub order: TiktokOrderId,
    /// The parcel at TikTok.
    pub package: PackageId,
}

impl Store {
    /// Returns the parcels that left before `since` and of which TikTok has no number.
    pub fn late_parcels(&self, since: DateTime<Utc>) -> Result<Vec<StoredParcel>> {
        self.parcels(&format!("WHERE {WITHOUT_NUMBER}"), [seconds(since)])
    }

    /// Counts the parcels, of one order or of all, that Amazon shows and whose number TikTok does not have: there is none yet, or it
    /// can't be told yet. Refused ones are not among them.
    pub fn count_waiting(&self, only: Option<&TiktokOrderId>) -> Result<usize> {
        self.read(|connection| {
            let waiting: u32 = connection.query_row(
                "SELECT (SELECT count(*) FROM parcels JOIN orders ON orders.id = order_id
                     WHERE (CAST(?1 AS TEXT) IS NULL OR order_id = ?1)
                       AND parcels.state IN ('waiting', 'ready', 'pushing') AND orders.life IN ('routed', 'shipped', 'cancelling'))
                   + (SELECT count(*) FROM parcels JOIN orders ON orders.id = order_id
                     WHERE (CAST(?1 AS TEXT) IS NULL OR order_id = ?1)
                       AND parcels.state = 'synced' AND tracking_number <> pushed_number AND orders.life IN ('shipped', 'completed'))",
                [only.map(TiktokOrderId::as_str)],
                |row| row.get(0),
            )?;
            Ok(waiting as usize)
        })
    }

    /// Notes for which full hour it was told that a parcel is late. Each hour is told once; the answer is whether it was now.
    pub fn tell_overdue(&self, parcel: &StoredParcel, late: &Late, now: DateTime<Utc>) -> Result<bool> {
        let run = self.run_id();
        self.write(|transaction| {
            let told = transaction.execute(
                "UPDATE parcels SET overdue_hours = ?2 WHERE id = ?1 AND overdue_hours < ?2",
                (parcel.id, late.told_for),
            )? > 0;
            if told {
                write_history(transaction, run, &parcel.order, now, "overdue", &late.text)?;
                if let Some(event) = &late.alarm {
                    outbox::insert(transaction, event, now)?;
                }
            }
            Ok(told)
        })
    }

    /// Returns the orders at Amazon with units that have no number at TikTok.
    pub fn not_shipped(&self) -> Result<Vec<NotShipped>> {
        self.rows(
            "SELECT orders.id, due_at, ship_by, scanned_by, cancelled_unless_shipped_by, cancelled_unless_scanned_by,
                 amazon_status, (SELECT max(shipped_at) FROM shipments
                     WHERE fulfillment_order_id = fulfillment_orders.id AND status = 'PENDING') AS planned_at,
                 is_lateness_noted
             FROM orders JOIN fulfillment_orders ON fulfillment_orders.order_id = orders.id
             WHERE orders.state IN ('routed', 'shipped') AND outcome = 'accepted' AND ended_at IS NULL
               AND EXISTS (SELECT 1 FROM fulfillment_item_lines AS line WHERE fulfillment_order_id = fulfillment_orders.id
                     AND NOT EXISTS (SELECT 1 FROM parcel_lines JOIN parcels ON parcels.id = parcel_id
                         WHERE parcels.order_id = orders.id AND parcel_lines.line_item_id = line.line_item_id
                           AND (synced_at IS NOT NULL OR parcels.shipped_at IS NOT NULL)))
             ORDER BY orders.id",
            [],
            read_not_shipped,
        )
    }

    /// Notes in its history that Amazon may ship an order too late.
    pub fn note_lateness(&self, order: &TiktokOrderId, text: &str, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            transaction.execute(
                "UPDATE orders SET is_lateness_noted = 1 WHERE id = ?1",
                [order.as_str()],
            )?;
            write_history(transaction, run, order, now, "deadline", text)
        })
    }

    /// Returns the parcels that TikTok has since `before` and whose marks were not read, oldest first; those whose reading came to
    /// nothing go last.
    pub fn packages_to_check(&self, before: DateTime<Utc>, most: u32) -> Result<Vec<ToldPackage>> {
        self.rows(
            "SELECT id, order_id, package_id FROM parcels
             WHERE package_id IS NOT NULL AND synced_at <= ?1 AND tags_read_at IS NULL
             ORDER BY coalesce(failed_at, 0), synced_at, id LIMIT ?2",
            (seconds(before), most),
            |row| {
                Ok(ToldPackage {
                    parcel: row.get(0)?,
                    order: TiktokOrderId::new(row.get::<_, String>(1)?),
                    package: PackageId::new(row.get::<_, String>(2)?),
                })
            },
        )
    }

    /// Notes whether TikTok counts a parcel as none of MCF's; `None` where it does not say.
    pub fn note_counted(&self, package: &ToldPackage, is_counted: Option<bool>, now: DateTime<Utc>) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            transaction.execute(
                "UPDATE parcels SET tags_read_at = ?2, is_counted_non_mcf = ?3 WHERE id = ?1",
                (package.parcel, seconds(now), is_counted),
            )?;
            if is_counted == Some(true) {
                let text = format!(
                    "TikTok counts parcel {} as one that did not come from MCF",
                    package.package
                );
                write_history(transaction, run, &package.order, now, "tracking", &text)?;
            }
            Ok(())
        })
    }

    /// Counts the parcels that TikTok takes for none of MCF's.
    pub fn counted_against_mcf(&self) -> Result<u32> {
        self.read(|connection| {
            let query = "SELECT count(*) FROM parcels WHERE is_counted_non_mcf = 1";
            Ok(connection.query_row(query, [], |row| row.get(0))?)
        })
    }
}

fn read_not_shipped(row: &Row<'_>) -> rusqlite::Result<NotShipped> {
    Ok(NotShipped {
        order: TiktokOrderId::new(row.get::<_, String>("id")?),
        deadlines: read_deadlines(row)?,
        due_at: optional_time(row, "due_at")?,
        amazon_status: row.get("amazon_status")?,
        planned_at: optional_time(row, "planned_at")?,
        is_noted: row.get("is_lateness_noted")?,
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::order::tests_support::plain_order;
    use crate::domain::state::State;
    use crate::domain::tracking::{Asker, ParcelState, Standing};
    use crate::store::overview::tests_support::insert_parcel;
    use crate::store::tests_support::store;

    /// An order in every state, each with a parcel that left four hours ago.
    fn filled(store: &Store, now: DateTime<Utc>) {
        for life in State::ALL {
            let order = plain_order(life.as_str());
            store.take_in_detail(&order, now).expect("stored");
            let done = store.write(|transaction| {
                transaction.execute("UPDATE orders SET state = ?1 WHERE id = ?1", [life.as_str()])?;
                let query = "INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_hash, intended_at)
                    VALUES ('TTS-' || replace(?1, '_', '-'), ?1, 1, 'accepted', '', 0)";
                Ok(transaction.execute(query, [life.as_str()])?)
            });
            done.expect("written");
        }
    }

    #[test]
    fn the_alarm_the_list_and_the_rule_mean_the_same_parcels_e109() {
        let (_folder, store) = store();
        let now = DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant");
        filled(&store, now);
        let mut expected = Vec::new();
        for life in State::ALL.into_iter().filter(|life| !life.as_str().contains('_')) {
            let (id, number) = (TiktokOrderId::new(life.as_str()), format!("1Z{life}"));
            insert_parcel(&store, &id, &number, "1", now - TimeDelta::hours(4), None);
            let standing = Standing {
                state: ParcelState::Ready,
                life,
                number: Some(&number),
                pushed: None,
                is_told: false,
                not_before: None,
            };
            expected.extend(standing.is_due(Asker::Schedule, now).then_some(number));
        }
        let alarm = store.late_parcels(now - TimeDelta::hours(4)).expect("read");
        let alarm: Vec<String> = alarm.into_iter().filter_map(|parcel| parcel.tracking_number).collect();
        let list = store.overdue_parcels(now - TimeDelta::hours(4)).expect("read");
        let list: Vec<String> = list.into_iter().filter_map(|parcel| parcel.tracking_number).collect();
        assert_eq!((&alarm, &list), (&expected, &expected), "E109");
        assert_eq!(expected, ["1Zrouted", "1Zshipped", "1Zcancelling"], "E109");
    }
}
