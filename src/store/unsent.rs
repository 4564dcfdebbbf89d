//! The units of orders that Amazon was not sent: what they will need, or lack.

use super::order_rows::read_line;
use super::orders::is_open;
use super::{Result, Store};
use crate::domain::ids::TiktokOrderId;
use crate::domain::mapping::{MappingSet, keys_of};
use crate::domain::order::LineItem;

const UNSENT: &str = "orders.state IN ('detected', 'waiting', 'ready', 'flagged')";

/// A unit and its order.
pub type UnsentLine = (TiktokOrderId, LineItem);

impl Store {
    /// Returns the units that TikTok still wants of orders that are not decided or wait for a person, the oldest order first.
    pub fn unsent_lines(&self) -> Result<Vec<UnsentLine>> {
        self.lines_of(UNSENT)
    }

    /// Returns those with the units of orders that were dismissed before they were sent.
    pub(super) fn unsent_or_dismissed_lines(&self) -> Result<Vec<UnsentLine>> {
        let condition = format!("{UNSENT} OR (orders.state = 'dismissed' AND followed_as IS NULL)");
        self.lines_of(&condition)
    }

    fn lines_of(&self, condition: &str) -> Result<Vec<UnsentLine>> {
        let query = format!(
            "SELECT line_items.* FROM orders JOIN line_items ON line_items.order_id = orders.id
             WHERE {condition} ORDER BY orders.detected_at, orders.id, position, line_items.id"
        );
        let mut lines = self.rows(&query, [], |row| {
            Ok((TiktokOrderId::new(row.get::<_, String>("order_id")?), read_line(row)?))
        })?;
        lines.retain(|(_, line)| is_open(line));
        Ok(lines)
    }

    /// Returns the mappings that may speak of these units.
    pub fn mappings_of(&self, lines: &[UnsentLine]) -> Result<MappingSet> {
        let mut keys: Vec<_> = lines.iter().flat_map(|(_, line)| keys_of(line)).collect();
        keys.sort_unstable();
        keys.dedup();
        self.mapping_candidates(&keys)
    }
}
