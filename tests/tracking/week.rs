//! A week of cron: orders come all day, Amazon ships them, and now and then three runs in a row fail.

use chrono::TimeDelta;
use mcf_connector::sandbox::amazon::Plan;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};

use super::stage::{Stage, plan};

const RUNS: usize = 7 * 48;

#[test]
fn a_week_with_three_failed_runs_in_a_row_keeps_every_parcel_inside_four_hours() {
    let mut stage = Stage::new();
    for run in 0..RUNS {
        stage.minutes(30);
        if run % 8 == 0 && run < RUNS - 40 {
            place(&stage, run);
            stage.poll();
        }
        if run % 3 == 0 {
            stage.steps(1);
        }
        fail_three_runs_of_twenty(&stage, run);
        stage.try_sync();
    }
    let late: Vec<i64> = stage.query(
        "SELECT max(synced_at - shipped_at) FROM parcels WHERE shipped_at IS NOT NULL AND shipment_id <> ?1",
        "",
    );
    let parcels: Vec<i64> = stage.query(
        "SELECT count(*) FROM parcels WHERE state = 'synced' AND shipment_id <> ?1",
        "",
    );
    let others: Vec<i64> = stage.query("SELECT count(*) FROM parcels WHERE state <> ?1", "synced");
    assert!(parcels[0] > 50 && others == [0], "{parcels:?} {others:?}");
    assert!(late[0] <= TimeDelta::hours(4).num_seconds(), "{} minutes", late[0] / 60);
    assert!(stage.events("order.failed").is_empty());
}

fn place(stage: &Stage, run: usize) {
    let lamp: &[(&str, u32)] = &[("FBA-LAMP-BLK", 1)];
    stage.place_with(OrderKind::Plain, Plan::default());
    let early = Plan {
        numbers_early: run.is_multiple_of(16),
        ..plan(&[("UPS", None, Some(lamp)), ("Amazon Logistics", None, None)])
    };
    stage.place_with(OrderKind::SeveralUnits, early);
}

/// In turn Amazon, TikTok, and both are away.
fn fail_three_runs_of_twenty(stage: &Stage, run: usize) {
    stage.world(|world| {
        world.faults.clear();
        if run % 20 < 3 {
            let away = Fault::before(Disturbance::Status {
                status: 503,
                retry_after: None,
            });
            let amazon = [Operation::ListAllFulfillmentOrders, Operation::GetFulfillmentOrder];
            let tiktok = [Operation::MarkPackageShipped, Operation::GetOrders];
            let who: Vec<Operation> = match run / 20 % 3 {
                0 => amazon.into(),
                1 => tiktok.into(),
                _ => amazon.into_iter().chain(tiktok).collect(),
            };
            for operation in who {
                world.faults.script(operation, 1, 10_000, away.clone());
            }
        }
    });
}
