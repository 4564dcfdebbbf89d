//! Which server a shop lies on, and how far those that would take over are behind it.

use serde::Serialize;

use super::{Result, Store};

/// The server of a shop.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The engine and its version.
    pub engine: String,
    /// Whether this is one that follows: it lets read only.
    pub is_standby: bool,
    /// How many follow this one.
    pub standbys: u64,
    /// How many of them may lack what is confirmed already.
    pub asynchronous: u64,
    /// How many seconds this one, or the slowest that follows it, is behind; `None` where nobody is, or the server does not tell.
    pub lag_seconds: Option<f64>,
}

impl Store {
    /// Returns the server that the shop lies on; `None` for a file.
    pub fn standing(&self) -> Result<Option<Standing>> {
        // To a user without the role pg_monitor the server shows that somebody follows, not how.
        const QUERY: &str = "SELECT 'PostgreSQL ' || current_setting('server_version'), pg_is_in_recovery(), count(*),
                 count(*) FILTER (WHERE sync_state NOT IN ('sync', 'quorum')
                     OR (sync_state IS NULL AND current_setting('synchronous_standby_names') = '')),
                 CAST(EXTRACT(epoch FROM CASE WHEN pg_is_in_recovery() THEN clock_timestamp() - pg_last_xact_replay_timestamp()
                     ELSE pg_catalog.max(replay_lag) END) AS DOUBLE PRECISION)
             FROM pg_stat_replication";
        if !self.is_served() {
            return Ok(None);
        }
        self.one(QUERY, [], |row| {
            Ok(Standing {
                engine: row.get(0)?,
                is_standby: row.get(1)?,
                standbys: row.get::<_, i64>(2)?.unsigned_abs(),
                asynchronous: row.get::<_, i64>(3)?.unsigned_abs(),
                lag_seconds: row.get(4)?,
            })
        })
        .map(Some)
    }
}
