//! What becomes of a number at TikTok: it is being told, taken, put off, refused.

use chrono::{DateTime, Utc};

use super::super::decisions::raise_flag;
use super::super::intents::forget_sent;
use super::super::order_rows::read_state;
use super::super::steps::{change_state, write_history};
use super::super::{Error, Result, Store, outbox, seconds};
use super::StoredParcel;
use crate::domain::event::Event;
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::{LineItemId, PackageId, TiktokOrderId};
use crate::domain::shop::{MarkedShipped, ShippingProvider};
use crate::domain::state::{State, Step};
use crate::store::engine::{Transaction, named_params};

/// TikTok's own words may repeat what it was sent; they are kept sealed with the order.
const DOUBTED: &str = "TikTok doubts the number or the carrier";

impl Store {
    /// Notes that a number is about to be told. After a crash the next run reads TikTok before it tells again.
    pub fn begin_push(&self, parcel: &StoredParcel, number: &str, provider: &ShippingProvider) -> Result<()> {
        self.execute(
            "UPDATE parcels SET state = 'pushing', pushed_number = :number, provider_id = :provider, provider_name = :name,
                 attempts = attempts + 1
             WHERE id = :id",
            named_params! {
                ":number": number, ":provider": provider.id.as_str(), ":name": provider.name, ":id": parcel.id,
            },
        )
    }

    /// Notes that TikTok has the number. The instant of the first one stays: it is the one that was due.
    pub fn pushed(
        &self,
        parcel: &StoredParcel,
        number: &str,
        carrier: &str,
        answer: &MarkedShipped,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            transaction.execute(
                "UPDATE parcels SET state = 'synced', synced_at = coalesce(synced_at, :now), pushed_number = :number,
                     provider_name = :carrier, package_id = coalesce(:package, package_id), warning = :warning,
                     next_attempt_at = NULL, failed_at = NULL
                 WHERE id = :id",
                named_params! {
                    ":now": seconds(now), ":number": number, ":carrier": carrier, ":id": parcel.id,
                    ":package": answer.package_id.as_ref().map(PackageId::as_str), ":warning": answer.warning.as_ref().map(|_| DOUBTED),
                },
            )?;
            transaction.execute(
                "UPDATE parcel_numbers SET told_at = coalesce(told_at, ?3) WHERE parcel_id = ?1 AND number = ?2",
                (parcel.id, number, seconds(now)),
            )?;
            join_twins(transaction, parcel, number, now)?;
            let text = told_text(parcel, number, carrier, answer);
            write_history(transaction, run, &parcel.order, now, "tracking", &text)?;
            transaction.execute(
                "DELETE FROM flags WHERE order_id = ?1 AND reason = ?2
                 AND NOT EXISTS (SELECT 1 FROM parcels WHERE order_id = ?1 AND state = 'refused')",
                (parcel.order.as_str(), Reason::TrackingRejected.as_str()),
            )?;
            let event = Event::TrackingSynced {
                order: parcel.order.clone(),
                tracking_number: number.to_owned(),
                carrier: carrier.to_owned(),
                at: now,
            };
            outbox::insert(transaction, &event, now)
        })
    }

    /// Notes that TikTok surely does not have the number yet, and when to try again. A try that only has to wait costs nothing.
    pub fn push_again_later(&self, parcel: &StoredParcel, at: Option<DateTime<Utc>>) -> Result<()> {
        self.execute(
            "UPDATE parcels SET state = CASE WHEN synced_at IS NULL THEN 'ready' ELSE 'synced' END,
                 pushed_number = (SELECT number FROM parcel_numbers WHERE parcel_id = parcels.id AND told_at IS NOT NULL
                     ORDER BY told_at DESC LIMIT 1),
                 attempts = CASE WHEN CAST(?2 AS BIGINT) IS NULL THEN attempts ELSE max(0, attempts - 1) END, next_attempt_at = ?2
             WHERE id = ?1",
            (parcel.id, at.map(seconds)),
        )
    }

    /// Notes that a call about a parcel came to nothing: others go before it next time.
    pub fn note_failed(&self, parcel: i64, now: DateTime<Utc>) -> Result<()> {
        self.execute(
            "UPDATE parcels SET failed_at = ?2 WHERE id = ?1",
            (parcel, seconds(now)),
        )
    }

    /// Notes that a number is refused for good, and flags the order. `number` is the one that TikTok refused; `None` when it never
    /// left, so that it is judged anew in each run.
    pub fn push_refused(
        &self,
        parcel: &StoredParcel,
        number: Option<&str>,
        flag: &Flag,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let run = self.run_id();
        self.write(|transaction| {
            transaction.execute(
                "UPDATE parcels SET state = 'refused', pushed_number = coalesce(?2, pushed_number) WHERE id = ?1",
                (parcel.id, number),
            )?;
            raise_flag(transaction, run, &parcel.order, flag, now)?;
            Ok(())
        })
    }

    /// Completes the orders whose fulfillment order has ended at Amazon and whose parcels are all told. Returns them.
    pub fn complete_orders(&self, now: DateTime<Utc>) -> Result<Vec<TiktokOrderId>> {
        let run = self.run_id();
        self.write(|transaction| {
            let done: Vec<(String, State)> = transaction
                .prepare_cached(
                    "SELECT orders.id, orders.life FROM orders JOIN fulfillment_orders ON order_id = orders.id
                     WHERE life IN ('routed', 'shipped') AND outcome = 'accepted' AND amazon_status = 'Complete'
                       AND generation = (SELECT max(generation) FROM fulfillment_orders AS newest
                             WHERE newest.order_id = orders.id AND newest.outcome NOT IN ('refused', 'not_sent'))
                       AND EXISTS (SELECT 1 FROM parcels WHERE parcels.order_id = orders.id AND parcels.state = 'synced')
                       AND NOT EXISTS (SELECT 1 FROM parcels WHERE parcels.order_id = orders.id
                             AND parcels.state NOT IN ('synced', 'further_piece'))",
                )?
                .query_map([], |row| Ok((row.get(0)?, read_state(row, "life")?)))?
                .collect::<rusqlite::Result<_>>()?;
            let mut completed = Vec::new();
            for (id, from) in done {
                let id = TiktokOrderId::new(id);
                change_state(
                    transaction,
                    run,
                    &id,
                    from,
                    Step::Complete,
                    "all parcels are shipped and told",
                    now,
                )?;
                forget_sent(transaction, id.as_str())?;
                completed.push(id);
            }
            Ok(completed)
        })
    }
}

/// Other parcels of the order that bear the same number, and whose units it was told for, are told with it.
fn join_twins(transaction: &Transaction<'_>, parcel: &StoredParcel, number: &str, now: DateTime<Utc>) -> Result<()> {
    let lines: Vec<&str> = parcel.lines.iter().map(LineItemId::as_str).collect();
    let lines = serde_json::to_string(&lines).map_err(|_| Error::Unreadable { what: "units" })?;
    let mut statement = transaction.prepare_cached(
        "UPDATE parcels SET (state, synced_at, pushed_number, provider_id, provider_name, next_attempt_at, failed_at) =
             (SELECT 'synced', :now, :number, provider_id, provider_name, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT)
              FROM parcels AS lead WHERE lead.id = :id)
         WHERE order_id = :order AND id <> :id AND state = 'ready' AND tracking_number = :number
           AND EXISTS (SELECT 1 FROM parcel_lines WHERE parcel_id = parcels.id AND is_left_out = 0)
           AND NOT EXISTS (SELECT 1 FROM parcel_lines WHERE parcel_id = parcels.id AND is_left_out = 0
                 AND line_item_id NOT IN (SELECT value FROM json_each(:lines)))
         RETURNING id",
    )?;
    let parameters = named_params! {
        ":now": seconds(now), ":number": number, ":id": parcel.id, ":order": parcel.order.as_str(), ":lines": lines,
    };
    let joined: Vec<i64> = statement
        .query_map(parameters, |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for twin in joined {
        transaction.execute(
            "UPDATE parcel_numbers SET told_at = coalesce(told_at, ?3) WHERE parcel_id = ?1 AND number = ?2",
            (twin, number, seconds(now)),
        )?;
    }
    Ok(())
}

fn told_text(parcel: &StoredParcel, number: &str, carrier: &str, answer: &MarkedShipped) -> String {
    let before = parcel.numbers.iter().rev().find(|given| given.is_told);
    let mut text = match before.filter(|given| given.number != number) {
        Some(before) => format!(
            "TikTok's number is corrected from {} to {number} ({carrier})",
            before.number
        ),
        None => format!("TikTok has {number} ({carrier})"),
    };
    if answer.warning.is_some() {
        text = format!("{text}; {DOUBTED}");
    }
    text
}
