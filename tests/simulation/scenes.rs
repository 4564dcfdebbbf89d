//! Scenes: what once slipped through, with all that comes before it. Chance alone would play some of it once in a thousand scripts.

use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{CreateMode, Disturbance, Fault, Operation};

use super::dice::Dice;
use super::script::{Cron, Hand, Step, Typed, Wreck};

use Cron::{Poll, SyncInventory, SyncTracking};
use Step::{By, ClockIsOff, Passes, Places, Runs, Works};

/// How many scenes there are: so many seeds that follow each other play all of them.
pub const COUNT: usize = 25;

/// The newest order.
const IT: usize = 0;

const MONTH: i64 = 40 * 24 * 60;

/// Returns a scene; what comes before it does not disturb it, and what follows may.
pub fn scene(number: usize, dice: &mut Dice) -> Vec<Step> {
    let mut steps = vec![Step::Calms, Step::Resumes, Passes(5)];
    steps.extend(match number % COUNT {
        0 => shipped(
            vec![],
            vec![ClockIsOff(dice.of(&[120, 24 * 60, MONTH])), Runs(SyncTracking)],
        ),
        1 => late_list(),
        2 => at_amazon(
            Step::PlacesWithOneNumber,
            vec![Works, Works, Works, Works, Runs(SyncTracking)],
        ),
        3 => dismissed(),
        4 => shipped_elsewhere(dice),
        5 => lost_create(dice),
        6 => older_copy(),
        7 => other_seller(),
        8 => collection_point(),
        9 => cancelled_unit(),
        10 => vec![Runs(Poll), Step::ReadsPastACircle],
        11 => doubts(),
        12 => vec![Step::SellsOut],
        13 => vec![Places(OrderKind::Plain), By(Hand::FillsTheDisk)],
        14 => lost_database(dice),
        15 => hands(&[Hand::HoldsTheLock, Hand::LinksALock, Hand::LinksAnOutput]),
        16 => long_reader(),
        17 => hands(&[Hand::IsRoot, Hand::OpensThroughALink]),
        18 => hands(&[Hand::HasNoConfiguration]),
        19 => hands(&[Hand::SchedulesTwoShops]),
        20 => hands(&[Hand::MistypesASecret, Hand::ChecksADisabledWarehouse]),
        21 => interrupted(dice),
        22 => talk(),
        23 => blurted(),
        _ => spreadsheets(),
    });
    steps
}

fn hands(hands: &[Hand]) -> Vec<Step> {
    hands.iter().copied().map(By).collect()
}

/// An order that Amazon has, and what comes then.
fn at_amazon(places: Step, then: Vec<Step>) -> Vec<Step> {
    let mut steps = vec![places, Step::Stock(0, 400), Runs(Poll), Passes(20), Runs(Poll)];
    steps.extend(then);
    steps
}

/// An order that Amazon ships; before its number is told, something happens.
fn shipped(before: Vec<Step>, meanwhile: Vec<Step>) -> Vec<Step> {
    let mut steps = before;
    steps.extend(at_amazon(Places(OrderKind::Plain), meanwhile));
    steps.extend([
        Works,
        Works,
        Works,
        Works,
        Passes(30),
        Runs(SyncTracking),
        Passes(30),
        Runs(SyncTracking),
    ]);
    steps
}

/// The list shows the shipment a day late: the sweep must find it before.
fn late_list() -> Vec<Step> {
    let mut steps = vec![Places(OrderKind::Plain), Step::ListLags(24 * 60)];
    steps.extend(shipped(vec![], vec![]));
    steps.extend([Passes(90), Runs(SyncTracking), Passes(60), Runs(SyncTracking)]);
    steps
}

fn dismissed() -> Vec<Step> {
    let twice = vec![
        Step::Dismisses(IT),
        Runs(Poll),
        Step::Restores(IT),
        Runs(Poll),
        Step::Dismisses(IT),
    ];
    let mut steps = shipped(vec![], twice);
    steps.extend([Step::Restores(IT), Runs(Poll), Runs(SyncTracking)]);
    steps
}

fn shipped_elsewhere(dice: &mut Dice) -> Vec<Step> {
    let meanwhile = dice.of(&[Step::ShipsByHand(IT), Step::MovesAway(IT)]);
    shipped(vec![], vec![Works, Works, Works, Works, Passes(15), meanwhile])
}

/// The grace between two looks is measured by a clock that is off at one of them. TikTok takes one that is four minutes behind.
fn lost_create(dice: &mut Dice) -> Vec<Step> {
    let lost = Fault::before(Disturbance::Drop);
    let off = dice.of(&[[-4, 0], [-4, 0], [0, -60], [0, 120]]).map(ClockIsOff);
    let [first, second] = off;
    vec![
        Places(OrderKind::Plain),
        Step::Strikes(Operation::CreateFulfillmentOrder, 1, lost),
        first,
        Runs(Poll),
        Passes(12),
        second,
        Runs(Poll),
        Passes(1),
        Runs(Poll),
    ]
}

/// Amazon would take a second create for a second order.
fn older_copy() -> Vec<Step> {
    let mut steps = vec![Step::Mode(CreateMode::CreateAgain)];
    // A database that rested for long counts as an older copy anyway.
    for _ in 0..4 {
        steps.extend([Passes(45), Runs(Poll)]);
    }
    steps.extend([
        Step::KeepsACopy,
        Places(OrderKind::Plain),
        Passes(5),
        Runs(Poll),
        Passes(20),
        Runs(Poll),
        Step::ComesBack,
        Passes(5),
        Runs(Poll),
        By(Hand::RestoresTwice),
    ]);
    steps
}

fn other_seller() -> Vec<Step> {
    let lost = Fault::before(Disturbance::Drop);
    vec![
        Places(OrderKind::Plain),
        Step::Strikes(Operation::CreateFulfillmentOrder, 1, lost),
        Runs(Poll),
        Step::RunsForAnother(Poll),
        Step::RunsForAnother(SyncTracking),
    ]
}

fn collection_point() -> Vec<Step> {
    vec![
        Step::PlacesForAPoint,
        Runs(Poll),
        Passes(5),
        Step::AsksToCancel(IT),
        Runs(Poll),
        Passes(5),
        Runs(Poll),
    ]
}

fn cancelled_unit() -> Vec<Step> {
    let then = vec![
        Passes(30),
        Step::CancelsUnit(IT),
        Runs(Poll),
        Works,
        Works,
        Works,
        Works,
        Passes(30),
        Runs(SyncTracking),
    ];
    at_amazon(Places(OrderKind::SeveralUnits), then)
}

fn doubts() -> Vec<Step> {
    vec![
        Step::PlacesOnABorder,
        Step::PlacesInDoubt,
        Runs(Poll),
        Step::Accepts(IT),
        Passes(5),
        Runs(Poll),
    ]
}

fn lost_database(dice: &mut Dice) -> Vec<Step> {
    let cron = dice.of(&[Poll, SyncTracking, SyncInventory]);
    let wrecks = [Wreck::Gone, Wreck::CutTo(0), Wreck::CutTo(1), Wreck::Newer];
    wrecks.map(|wreck| Step::RunsOnAWreck(cron, wreck)).into()
}

/// Somebody reads the database while buyers go whose time is over.
fn long_reader() -> Vec<Step> {
    let mut steps = shipped(vec![], vec![]);
    steps.extend([Passes(MONTH), Step::Purges]);
    steps
}

fn interrupted(dice: &mut Dice) -> Vec<Step> {
    let at = |dice: &mut Dice| 1 + dice.below(8);
    vec![
        Places(OrderKind::Plain),
        By(Hand::Interrupts(Poll, at(dice))),
        Passes(20),
        By(Hand::Interrupts(SyncTracking, at(dice))),
        By(Hand::InitsOver),
        By(Hand::SchedulesFromAShell),
    ]
}

/// More to tell than one message a second.
fn talk() -> Vec<Step> {
    vec![
        Places(OrderKind::Unmapped),
        Places(OrderKind::BadAddress),
        Places(OrderKind::Unmapped),
        Step::SlackIsBusy,
        Runs(Poll),
    ]
}

fn blurted() -> Vec<Step> {
    let mut steps = at_amazon(Places(OrderKind::Plain), vec![Works, Works, Works, Works]);
    steps.extend([
        Passes(15),
        Step::Blurts,
        Runs(SyncTracking),
        Runs(Poll),
        Runs(SyncInventory),
    ]);
    steps
}

fn spreadsheets() -> Vec<Step> {
    let typed = [
        Typed::Marked,
        Typed::Semicolons,
        Typed::Blanks,
        Typed::Apostrophes,
        Typed::Rounded,
        Typed::Scientific,
        Typed::Fractions,
        Typed::Workbook,
        Typed::Wide,
    ];
    let mut steps = vec![Runs(SyncInventory)];
    steps.extend(typed.map(|typed| By(Hand::Imports(typed))));
    steps.push(By(Hand::TypesAKeyTwice));
    steps
}
