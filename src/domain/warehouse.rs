//! The shop's warehouses that stand for Amazon's stock: which TikTok has switched off, and which sell nothing for now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::ids::WarehouseId;
use super::shop::{Warehouse, WarehouseStatus, WarehouseType};
use super::told::Cause;

/// How a warehouse stood when it was read last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its name, for people.
    pub name: String,
    /// TikTok's own word.
    pub status: String,
}

/// How the watched warehouses stood when each was read last. One that an answer leaves out stays as it was.
pub type Standings = BTreeMap<WarehouseId, Standing>;

/// Takes in what TikTok says now of the warehouses that are ours: the configured ones, else the default that orders leave from.
#[must_use]
pub fn take_in(mut known: Standings, told: &[Warehouse], configured: &[WarehouseId]) -> Standings {
    let is_ours = |warehouse: &&Warehouse| match configured.is_empty() {
        true => warehouse.is_default && warehouse.kind == WarehouseType::Sales,
        false => configured.contains(&warehouse.id),
    };
    for warehouse in told.iter().filter(is_ours) {
        let standing = Standing {
            name: warehouse.name.clone(),
            status: warehouse.status.as_str().to_owned(),
        };
        known.insert(warehouse.id.clone(), standing);
    }
    known.retain(|id, _| configured.is_empty() || configured.contains(id));
    known
}

/// Tells whether TikTok has switched a warehouse off, as far as is known.
#[must_use]
pub fn is_disabled(standings: &Standings, id: &WarehouseId) -> bool {
    let status = standings
        .get(id)
        .map(|standing| WarehouseStatus::read(&standing.status));
    status == Some(WarehouseStatus::Disabled)
}

/// Returns the causes to tell: the warehouses that are switched off, and those from which nothing is sold for now.
#[must_use]
pub fn causes(standings: &Standings) -> (Vec<Cause>, Vec<Cause>) {
    let (mut disabled, mut restricted) = (Vec::new(), Vec::new());
    for (id, Standing { name, status }) in standings {
        match WarehouseStatus::read(status) {
            WarehouseStatus::Enabled => {}
            WarehouseStatus::Disabled => disabled.push((
                id.to_string(),
                format!(
                    "TikTok has disabled warehouse {name} ({id}): its new orders are flagged, no stock is written to it"
                ),
            )),
            other => restricted.push((
                id.to_string(),
                format!(
                    "TikTok says {other} of warehouse {name} ({id}): nothing is sold from it for now, its orders go on"
                ),
            )),
        }
    }
    (disabled, restricted)
}

/// Returns the event of a warehouse that TikTok has newly switched off, by the name of its cause.
#[must_use]
pub fn switched_off(id: &str) -> Event {
    Event::WarehouseDisabled {
        warehouse: WarehouseId::new(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warehouse(id: &str, status: &str, kind: &str, is_default: bool) -> Warehouse {
        Warehouse {
            id: WarehouseId::new(id),
            name: format!("W{id}"),
            status: WarehouseStatus::read(status),
            kind: WarehouseType::read(kind),
            is_default,
        }
    }

    /// Two of Amazon's, a garage that is switched off, and a place for returns.
    fn shop() -> Vec<Warehouse> {
        vec![
            warehouse("1", "ENABLED", "SALES_WAREHOUSE", true),
            warehouse("2", "DISABLED", "SALES_WAREHOUSE", false),
            warehouse("3", "DISABLED", "SALES_WAREHOUSE", false),
            warehouse("4", "DISABLED", "RETURN_WAREHOUSE", true),
        ]
    }

    fn ids(standings: &Standings) -> Vec<&str> {
        standings.keys().map(WarehouseId::as_str).collect()
    }

    #[test]
    fn the_configured_warehouses_are_watched_and_without_any_the_shops_default_e142() {
        let configured = ["1", "2"].map(WarehouseId::new);
        assert_eq!(
            ids(&take_in(Standings::new(), &shop(), &configured)),
            ["1", "2"],
            "E142"
        );
        assert_eq!(ids(&take_in(Standings::new(), &shop(), &[])), ["1"], "E142");
    }

    #[test]
    fn only_a_warehouse_that_reads_disabled_is_switched_off_and_one_left_out_stays_as_it_was_e143() {
        let configured = ["1", "2"].map(WarehouseId::new);
        let known = take_in(Standings::new(), &shop(), &configured);
        let is_off = |standings: &Standings, id| is_disabled(standings, &WarehouseId::new(id));
        assert_eq!(
            ["1", "2", "3"].map(|id| is_off(&known, id)),
            [false, true, false],
            "E143"
        );
        let silent = take_in(known.clone(), &[], &configured);
        assert!(is_off(&silent, "2"), "E143: an answer without it is no recovery");
        let back = take_in(
            known,
            &[warehouse("2", "ENABLED", "SALES_WAREHOUSE", false)],
            &configured,
        );
        assert!(!is_off(&back, "2"), "E143");
    }

    #[test]
    fn disabled_and_restricted_are_told_apart_and_an_unknown_word_sells_nothing_for_now_e143() {
        for (status, disabled, restricted) in [
            ("ENABLED", 0, 0),
            ("DISABLED", 1, 0),
            ("RESTRICTED", 0, 1),
            ("ON_THE_MOON", 0, 1),
        ] {
            let told = [warehouse("1", status, "SALES_WAREHOUSE", true)];
            let (off, held) = causes(&take_in(Standings::new(), &told, &[]));
            assert_eq!((off.len(), held.len()), (disabled, restricted), "E143: {status}");
        }
    }
}
