//! Power cuts: each write and sync of each command is recorded, and the program is started on the disks that a cut may leave.
//!
//! By name: `cargo test --release --test breaking -- --ignored --nocapture every_power_cut`.

mod disk;
mod facts;
mod judge;
mod record;
mod scenes;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use judge::{Measure, Played};
use scenes::{SCENES, Scene};

use super::sweep::has_strace;

const SAMPLE: Measure = Measure {
    step: 40,
    step_where_it_matters: 10,
    shuffles: 1,
    aftermath_step: 12,
};

const ALL: Measure = Measure {
    step: 1,
    step_where_it_matters: 1,
    shuffles: 4,
    aftermath_step: 10,
};

const EACH_PLACE: Measure = Measure {
    step: 1,
    step_where_it_matters: 1,
    shuffles: 3,
    aftermath_step: usize::MAX,
};

const WHERE_IT_MATTERS: Measure = Measure {
    step: usize::MAX,
    ..EACH_PLACE
};

/// Works on the scenes in two threads.
fn each_scene(work: impl Fn(&'static Scene) + Sync) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(scene) = SCENES.get(next.fetch_add(1, Ordering::Relaxed)) {
            if std::env::var("POWER_SCENE").is_ok_and(|wanted| wanted != scene.name) {
                continue;
            }
            work(scene);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
}

fn cut_all(measure: Measure) {
    if !has_strace() {
        return;
    }
    let (disks, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    each_scene(|scene| {
        let (count, wrong) = Played::of(scene).judge(measure);
        println!("power cuts: {}: {count} disks, {} wrong", scene.name, wrong.len());
        disks.fetch_add(count, Ordering::Relaxed);
        found.lock().expect("no panic").extend(wrong);
    });
    let found = found.into_inner().expect("no panic");
    println!(
        "power cuts: {} disks, {} lost or doubled",
        disks.into_inner(),
        found.len()
    );
    assert!(found.is_empty(), "{:#?}", &found[..found.len().min(40)]);
}

#[test]
fn a_power_cut_at_some_writes_of_each_command_loses_and_doubles_nothing() {
    cut_all(SAMPLE);
}

/// `POWER_SCENE=restore` cuts one command alone.
#[test]
#[ignore = "takes minutes: cargo test --release --test breaking -- --ignored --nocapture every_power_cut"]
fn every_power_cut_of_each_command_loses_and_doubles_nothing() {
    cut_all(ALL);
}

/// How the judge is told from one that sees nothing: the record is played without the syncs of one kind of file, as of a program that
/// does not ask for them. Returns the kinds of which nothing was seen.
fn missed_syncs(scene: &'static Scene) -> Vec<String> {
    let played = Played::of(scene);
    let is_missed = |kind: &&&str| {
        let wrong = played.without_any(kind).first_wrong(EACH_PLACE);
        let told = wrong.as_deref().unwrap_or("nothing is seen");
        println!("{} without the syncs of {kind}: {told}", scene.name);
        wrong.is_none()
    };
    let missed = scene.needs.iter().filter(is_missed);
    missed.map(|kind| format!("{}: {kind}", scene.name)).collect()
}

#[test]
#[ignore = "takes minutes: cargo test --release --test breaking -- --ignored --nocapture a_program"]
fn a_program_whose_intents_are_not_synced_before_their_creates_leave_is_found_i5() {
    if !has_strace() {
        return;
    }
    let played = Played::of(&SCENES[0]);
    let (_, found) = played.without_any("mcf.db-wal").judge(WHERE_IT_MATTERS);
    let is_found = found.iter().any(|wrong| wrong.contains("I5: the create of TTS-"));
    assert!(is_found, "{found:#?}");
}

#[test]
#[ignore = "takes minutes: cargo test --release --test breaking -- --ignored --nocapture a_program"]
fn a_program_without_one_kind_of_its_syncs_is_found() {
    if !has_strace() {
        return;
    }
    let missing = Mutex::new(Vec::new());
    each_scene(|scene| missing.lock().expect("no panic").extend(missed_syncs(scene)));
    assert_eq!(missing.into_inner().expect("no panic"), Vec::<String>::new());
}
