//! What happens, from one seed. Each step stands for itself, so that the others can be left out.

use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{CreateMode, Disturbance, Fault, Operation};

use super::dice::Dice;
use super::scenes::scene;

const KINDS: [OrderKind; 14] = [
    OrderKind::Plain,
    OrderKind::Plain,
    OrderKind::SeveralUnits,
    OrderKind::ThreePack,
    OrderKind::MappedBundle,
    OrderKind::TwoParcels,
    OrderKind::CancelRequested,
    OrderKind::BadAddress,
    OrderKind::MessyAddress,
    OrderKind::OnHold,
    OrderKind::Gift,
    OrderKind::Unmapped,
    OrderKind::Bundle,
    OrderKind::PlatformShipped,
];

/// The ways of Amazon in which a create can end well.
const MODES: [CreateMode; 6] = [
    CreateMode::RefuseSecond,
    CreateMode::KeepFirst,
    CreateMode::CreateAgain,
    CreateMode::HiddenAtFirst,
    CreateMode::AcceptedThenNormal,
    CreateMode::AnswersOtherId,
];

/// How far a clock is off for one run, in minutes.
const LEADS: [i64; 6] = [2 * 60, 24 * 60, 40 * 24 * 60, -4, -20, -60];

const STRUCK: [Operation; 12] = [
    Operation::CreateFulfillmentOrder,
    Operation::CreateFulfillmentOrder,
    Operation::GetFulfillmentOrder,
    Operation::ListAllFulfillmentOrders,
    Operation::CancelFulfillmentOrder,
    Operation::GetInventorySummaries,
    Operation::SearchOrders,
    Operation::GetOrders,
    Operation::SearchCancellations,
    Operation::MarkPackageShipped,
    Operation::UpdateInventory,
    Operation::ApproveCancellation,
];

/// What cron runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cron {
    Poll,
    SyncTracking,
    SyncInventory,
}

/// A kill while a run waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kill {
    /// At which of its calls.
    pub call: usize,
    /// Whether the vendor has carried it out.
    pub is_carried_out: bool,
}

/// Who is away for some runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    Tiktok,
    Amazon,
}

/// What has become of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wreck {
    /// Its file is gone, its key is there.
    Gone,
    /// Its file is cut to so many bytes.
    CutTo(u64),
    /// A newer version has written it.
    Newer,
}

/// What a spreadsheet did to a file of mappings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// A byte order mark and its ends of lines.
    Marked,
    /// `sep=;`.
    Semicolons,
    /// Rows of blanks, and columns without a name.
    Blanks,
    /// Apostrophes before ids.
    Apostrophes,
    /// An id that ends in zeros.
    Rounded,
    /// An id as a power of ten.
    Scientific,
    /// A quantity with a decimal point.
    Fractions,
    /// Saved as a workbook.
    Workbook,
    /// In UTF-16.
    Wide,
}

/// What a person or the host does around whole commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// The disk is full when a new pair of tokens comes.
    FillsTheDisk,
    /// Ctrl-C at a run's n-th call.
    Interrupts(Cron, usize),
    HoldsTheLock,
    LinksALock,
    LinksAnOutput,
    OpensThroughALink,
    RestoresTwice,
    /// Root among the files of a service user.
    IsRoot,
    HasNoConfiguration,
    SchedulesTwoShops,
    SchedulesFromAShell,
    MistypesASecret,
    ChecksADisabledWarehouse,
    InitsOver,
    TypesAKeyTwice,
    Imports(Typed),
}

/// Orders are named by their number, counted from the newest, whatever there are.
#[derive(Debug, Clone)]
pub enum Step {
    /// How Amazon takes creates from now on.
    Mode(CreateMode),
    Places(OrderKind),
    /// An order whose two parcels bear one number.
    PlacesWithOneNumber,
    /// To a ZIP that lies in two states.
    PlacesOnABorder,
    /// To a ZIP that no table has in its state; the buyer is right.
    PlacesInDoubt,
    /// To be fetched at a point: never ours to send.
    PlacesForAPoint,
    /// A person takes the buyer's word for the ZIP.
    Accepts(usize),
    /// A person ships it at TikTok, with a number of their own.
    ShipsByHand(usize),
    /// TikTok has it in a warehouse that is not ours.
    MovesAway(usize),
    /// Everything is sold out elsewhere: the first reading is doubted, the next poll's is believed.
    SellsOut,
    /// One unit of several.
    CancelsUnit(usize),
    AsksToCancel(usize),
    Cancels(usize),
    Moves(usize),
    /// Minutes.
    Passes(i64),
    /// Both vendors go on with what they have.
    Works,
    Stock(usize, u32),
    /// By how many minutes Amazon's list is late.
    ListLags(i64),
    /// So many searches lead back to their first page.
    GoesInCircles(u32),
    /// The first of several days leads back to its first page, run after run, and orders come on the last.
    ReadsPastACircle,
    /// Refusals that repeat the other vendor's token and a buyer's street.
    Blurts,
    /// Slack takes the next message a second later.
    SlackIsBusy,
    Strikes(Operation, u32, Fault),
    IsAway(Away),
    /// All is well again at the vendors.
    Calms,
    /// By how many minutes the clock is off in the next run.
    ClockIsOff(i64),
    Runs(Cron),
    Dies(Cron, Kill),
    /// The second run must do nothing.
    RunsTwice(Cron),
    /// It must do nothing while another process works.
    RunsBeside(Cron),
    /// It must refuse what is no database any more, and make no other.
    RunsOnAWreck(Cron, Wreck),
    /// With the configuration of another seller it must do nothing.
    RunsForAnother(Cron),
    /// While another program reads the database.
    Purges,
    KeepsACopy,
    /// The last copy is put back.
    ComesBack,
    Routes(usize),
    Holds(usize),
    Releases(usize),
    Dismisses(usize),
    Restores(usize),
    Pauses,
    Resumes,
    By(Hand),
}

/// So many rounds of chance lie between two scenes; the shortest scripts have one.
const BETWEEN_SCENES: usize = 3;

/// Returns the script of a seed: rounds of chance, and scenes in between.
pub fn script(seed: u64, rounds: usize) -> Vec<Step> {
    // Seeds that lie side by side would begin alike.
    let mut dice = Dice::of_seed(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut steps = vec![Step::Mode(dice.of(&MODES)), Step::Places(dice.of(&KINDS))];
    for round in 0..rounds {
        if round % BETWEEN_SCENES == 1 {
            let number = usize::try_from(seed).expect("small") + round / BETWEEN_SCENES;
            steps.extend(scene(number, &mut dice));
        }
        for _ in 0..dice.below(4) {
            steps.push(happening(&mut dice));
        }
        steps.push(Step::Passes(minutes(&mut dice)));
        if dice.one_in(2) {
            steps.push(Step::Works);
        }
        steps.push(command(&mut dice));
    }
    steps
}

fn minutes(dice: &mut Dice) -> i64 {
    dice.of(&[1, 5, 5, 5, 15, 30, 30, 60, 240, 24 * 60, 3 * 24 * 60])
}

fn happening(dice: &mut Dice) -> Step {
    let order = dice.below(100);
    match dice.below(36) {
        0..=8 => Step::Places(dice.of(&KINDS)),
        9 => Step::AsksToCancel(order),
        10 => Step::Cancels(order),
        11 => Step::Moves(order),
        12 => Step::Stock(dice.below(3), dice.of(&[0, 3, 40, 400])),
        13..=16 => {
            let nth = 1 + u32::try_from(dice.below(3)).expect("small");
            Step::Strikes(dice.of(&STRUCK), nth, fault(dice))
        }
        17 => Step::IsAway(dice.of(&[Away::Tiktok, Away::Amazon])),
        18 => Step::Calms,
        19 => Step::ClockIsOff(dice.of(&LEADS)),
        20 => dice.of(&[Step::Holds(order), Step::Releases(order), Step::Routes(order)]),
        21 => dice.of(&[Step::Dismisses(order), Step::Restores(order)]),
        22 => Step::Pauses,
        23 => Step::ListLags(dice.of(&[0, 120])),
        24 | 25 => Step::CancelsUnit(order),
        26 => Step::PlacesWithOneNumber,
        27 => Step::PlacesOnABorder,
        28 => dice.of(&[Step::GoesInCircles(1), Step::GoesInCircles(3), Step::Blurts]),
        29 => Step::KeepsACopy,
        30 => dice.of(&[Step::ComesBack, Step::Purges]),
        31 => dice.of(&[Step::ShipsByHand(order), Step::MovesAway(order)]),
        32 => dice.of(&[Step::PlacesInDoubt, Step::PlacesForAPoint, Step::Accepts(order)]),
        33 => dice.of(&[
            Step::By(Hand::Imports(Typed::Blanks)),
            Step::By(Hand::Imports(Typed::Fractions)),
        ]),
        34 => dice.of(&[
            Step::By(Hand::FillsTheDisk),
            Step::By(Hand::Interrupts(Cron::Poll, 1 + order % 9)),
        ]),
        _ => Step::Resumes,
    }
}

fn command(dice: &mut Dice) -> Step {
    let cron = match dice.below(10) {
        0..=5 => Cron::Poll,
        6..=8 => Cron::SyncTracking,
        _ => Cron::SyncInventory,
    };
    match dice.below(12) {
        0..=2 => Step::Dies(
            cron,
            Kill {
                call: 1 + dice.below(12),
                is_carried_out: dice.one_in(2),
            },
        ),
        3 => Step::RunsTwice(cron),
        4 => dice.of(&[
            Step::RunsBeside(cron),
            Step::RunsForAnother(cron),
            Step::RunsOnAWreck(cron, Wreck::Gone),
            Step::RunsOnAWreck(cron, Wreck::CutTo(0)),
            Step::RunsOnAWreck(cron, Wreck::CutTo(1)),
            Step::RunsOnAWreck(cron, Wreck::Newer),
        ]),
        _ => Step::Runs(cron),
    }
}

fn fault(dice: &mut Dice) -> Fault {
    let status = |status| Disturbance::Status {
        status,
        retry_after: None,
    };
    match dice.below(8) {
        0 => Fault::before(status(500)),
        1 => Fault::after(status(503)),
        2 => Fault::before(Disturbance::Drop),
        3 => Fault::after(Disturbance::Drop),
        4 => Fault::after(Disturbance::Truncate),
        5 => Fault::before(Disturbance::Html { status: 502 }),
        6 => Fault::after(Disturbance::Garbage),
        _ => Fault::after(Disturbance::Html { status: 200 }),
    }
}
