//! Plays a script to its end, and looks after each command.

use std::fmt;
use std::process::Stdio;

use chrono::TimeDelta;
use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation, World};

use super::hands;
use super::in_process::Command;
use super::judge;
use super::script::{Away, Cron, Kill, Step};
use super::shop::{Shop, Went};
use super::slips::{self, Marked};

/// How many rounds of all commands the end takes at most: what is uncertain, waits or is held has been settled by then.
const LAST_ROUNDS: usize = 7;
const LAST_ROUND: i64 = 35;
/// Steps of both vendors in each of these rounds.
const LAST_STEPS: usize = 4;

/// Units that Amazon has of everything in the end.
const ENOUGH: u32 = 1_000;

const SKUS: [&str; 3] = ["FBA-LAMP-BLK", "FBA-SOCK-1", "FBA-PAD-GRY"];

/// A program that is broken on purpose, so that it shows whether the judge sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoiler {
    None,
    /// After a kill it sends the newest order once more under another id.
    DoublesAfterAKill,
    /// It drops the newest order from its database in the last round.
    ForgetsAnOrder,
}

impl Spoiler {
    const ALL: [Self; 3] = [Self::None, Self::DoublesAfterAKill, Self::ForgetsAnOrder];

    /// The one that `SIMULATION_SPOILER` names.
    pub fn of_the_environment() -> Self {
        let name = std::env::var("SIMULATION_SPOILER").unwrap_or_default();
        let named = Self::ALL.into_iter().find(|spoiler| format!("{spoiler:?}") == name);
        named.unwrap_or(Self::None)
    }

    /// What a command begins with that plays with it again.
    pub fn variable(self) -> String {
        match self {
            Self::None => String::new(),
            spoiler => format!("SIMULATION_SPOILER={spoiler:?} "),
        }
    }
}

/// What was played.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    orders: usize,
    runs: usize,
    kills: usize,
    struck: usize,
    troubles: usize,
}

impl Figures {
    pub fn add(&mut self, other: &Self) {
        self.orders += other.orders;
        self.runs += other.runs;
        self.kills += other.kills;
        self.struck += other.struck;
        self.troubles += other.troubles;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            orders,
            runs,
            kills,
            struck,
            troubles,
        } = self;
        write!(
            formatter,
            "{orders} orders, {runs} runs, {kills} kills, {struck} calls struck, {troubles} runs with trouble"
        )
    }
}

struct Play {
    shop: Shop,
    orders: Vec<String>,
    lead: TimeDelta,
    is_paused: bool,
    spoiler: Spoiler,
    figures: Figures,
    /// What the database knew after the last command.
    known: judge::Known,
    marked: Marked,
}

/// Plays these steps; the error says what must never be so.
pub fn play(steps: &[&Step], spoiler: Spoiler) -> Result<Figures, String> {
    let mut play = Play {
        shop: Shop::new(),
        orders: Vec::new(),
        lead: TimeDelta::zero(),
        is_paused: false,
        spoiler,
        figures: Figures::default(),
        known: judge::Known::default(),
        marked: Marked::default(),
    };
    // The shop is at work: what comes later is new, however long nobody looks.
    play.run(&Command::Poll, None)?;
    for step in steps {
        play.take(step)
            .map_err(|breach| format!("{breach}, after {step:?}"))
            .inspect_err(|_| play.tell())?;
    }
    play.settle()
        .map_err(|breach| format!("{breach}, in the end"))
        .inspect_err(|_| play.tell())?;
    play.figures.orders = play.orders.len();
    play.figures.struck = play.shop.sandbox.log().struck();
    Ok(play.figures)
}

impl Play {
    /// Says what became of every order, where one script is played.
    fn tell(&self) {
        if std::env::var_os("SIMULATION_STEPS").is_some() {
            judge::history(&self.shop).iter().for_each(|line| println!("{line}"));
        }
    }

    fn take(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Passes(minutes) => self.shop.pass(*minutes),
            Step::ClockIsOff(minutes) => self.lead = TimeDelta::minutes(*minutes),
            Step::Runs(cron) => self.run(&command(*cron), None)?,
            Step::Dies(cron, kill) => self.run(&command(*cron), Some(*kill))?,
            Step::RunsTwice(cron) => self.run_twice(&command(*cron))?,
            Step::RunsBeside(cron) => slips::beside(&self.shop, &command(*cron))?,
            Step::RunsOnAWreck(cron, wreck) => slips::on_a_wreck(&self.shop, &command(*cron), *wreck)?,
            Step::RunsForAnother(cron) => slips::for_another(&self.shop, &command(*cron))?,
            Step::Purges => slips::beside_a_reader(&self.shop, || self.by_hand(&["purge"]))?,
            Step::By(hand) => hands::play(&self.shop, *hand)?,
            Step::Blurts => slips::blurt(&self.shop, &mut self.marked),
            Step::SlackIsBusy => self.shop.slack.is_busy(),
            Step::SellsOut => self.sell_out()?,
            Step::ReadsPastACircle => self.read_past_a_circle()?,
            Step::Accepts(order) => {
                if let Some(order) = self.named(*order) {
                    self.accept(&order)?;
                }
            }
            Step::ShipsByHand(order) => {
                if let Some(order) = self.named(*order) {
                    slips::ship_by_hand(&self.shop, &order);
                }
            }
            Step::KeepsACopy => {
                self.by_hand(&["backup", "copy.db", "--force"]);
            }
            Step::ComesBack => self.come_back()?,
            Step::CancelsUnit(order) => {
                if let Some(order) = self.named(*order) {
                    slips::cancel_a_unit(&self.shop, &order, &mut self.marked);
                }
            }
            Step::Routes(order) => {
                if let Some(order) = self.named(*order) {
                    self.run(&Command::Route(order), None)?;
                }
            }
            Step::Holds(order) => self.hand("hold", *order),
            Step::Releases(order) => self.hand("release", *order),
            Step::Dismisses(order) => self.hand("dismiss", *order),
            Step::Restores(order) => {
                self.hand("restore", *order);
                self.named(*order)
                    .map_or(Ok(()), |order| judge::after_restoring(&self.shop, &order))?;
            }
            Step::Pauses | Step::Resumes => {
                self.is_paused = matches!(step, Step::Pauses);
                self.by_hand(&[if self.is_paused { "pause" } else { "resume" }]);
            }
            Step::Places(kind) => {
                let order = self.shop.sandbox.world().place(*kind);
                self.orders.push(order);
            }
            Step::PlacesWithOneNumber => self.orders.push(slips::with_one_number(&self.shop, &mut self.marked)),
            Step::PlacesOnABorder => self.orders.push(slips::on_a_border(&self.shop, &mut self.marked)),
            Step::PlacesInDoubt => self.orders.push(slips::in_doubt(&self.shop)),
            Step::PlacesForAPoint => self.orders.push(slips::for_a_point(&self.shop)),
            _ => self.change_the_world(step),
        }
        Ok(())
    }

    fn named(&self, order: usize) -> Option<String> {
        let count = self.orders.len();
        (count > 0).then(|| self.orders[count - 1 - order % count].clone())
    }

    /// What happens at the vendors.
    fn change_the_world(&self, step: &Step) {
        let (mut world, now) = (self.shop.sandbox.world(), self.shop.now);
        match step {
            Step::Mode(mode) => world.settings.create_mode = *mode,
            Step::Works => world.advance(),
            Step::Stock(sku, units) => world.amazon.set_stock(SKUS[sku % SKUS.len()], *units),
            Step::Strikes(operation, nth, fault) => world.faults.script(*operation, *nth, 1, fault.clone()),
            Step::IsAway(who) => is_away(&mut world, *who),
            Step::Calms => world.faults.clear(),
            Step::ListLags(minutes) => world.settings.list_lag = TimeDelta::minutes(*minutes),
            Step::GoesInCircles(times) => slips::in_circles(&mut world, *times),
            Step::AsksToCancel(order) | Step::Cancels(order) | Step::Moves(order) | Step::MovesAway(order) => {
                let Some(id) = self.named(*order) else { return };
                let is_open = ["ON_HOLD", "AWAITING_SHIPMENT"].contains(&world.tiktok.orders[&id].status.as_str());
                if !is_open {
                    return;
                }
                match step {
                    Step::AsksToCancel(_) if world.tiktok.orders[&id].cancel_requested_at.is_none() => {
                        world.request_cancel(&id);
                    }
                    Step::Cancels(_) => world.tiktok.orders.get_mut(&id).expect("an order").cancel("BUYER", now),
                    Step::Moves(_) => {
                        let order = world.tiktok.orders.get_mut(&id).expect("an order");
                        order.address.line1 = "500 Spring St".to_owned();
                        order.updated_at = now;
                    }
                    Step::MovesAway(_) => {
                        let order = world.tiktok.orders.get_mut(&id).expect("an order");
                        slips::ELSEWHERE.clone_into(&mut order.warehouse_id);
                        order.updated_at = now;
                    }
                    _ => (),
                }
            }
            _ => unreachable!("{step:?} is taken elsewhere"),
        }
    }

    fn hand(&self, action: &str, order: usize) {
        if let Some(order) = self.named(order) {
            self.by_hand(&["orders", action, &order]);
        }
    }

    /// The last copy is put back, where there is one: what came after it is new to the database.
    fn come_back(&mut self) -> Result<(), String> {
        if self.by_hand(&["restore", "copy.db", "--force"]) != 0 {
            return Ok(());
        }
        self.is_paused = judge::is_paused(&self.shop);
        self.known = judge::Known::default();
        // What was sent before is no memory of the program any more.
        self.shop.sandbox.world().log.clear();
        Ok(())
    }

    /// A person's command; it may be refused.
    fn by_hand(&self, arguments: &[&str]) -> i32 {
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_mcf"))
            .env_clear()
            .env("MCF_NOW", self.shop.now.to_rfc3339())
            .current_dir(self.shop.config().parent().expect("a folder"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let code = status.expect("a process").code();
        code.expect("it ends by itself")
    }

    fn run(&mut self, command: &Command, kill: Option<Kill>) -> Result<(), String> {
        let lead = std::mem::take(&mut self.lead);
        let is_calm = lead.is_zero() && self.shop.sandbox.world().faults.pending() == 0;
        let went = self.shop.run(command, lead, kill)?;
        judge::after_telling(&self.shop, &went)?;
        self.figures.runs += 1;
        self.figures.kills += usize::from(went == Went::Killed);
        self.figures.troubles += usize::from(matches!(went, Went::Badly(_)));
        if went == Went::Killed && self.spoiler == Spoiler::DoublesAfterAKill {
            double(&mut self.shop.sandbox.world());
        }
        self.known = judge::after_each(&self.shop, &self.known, lead)?;
        if is_calm && went == Went::Well {
            judge::after_a_good_one(&self.shop, command, self.is_paused)?;
            if *command == Command::Poll {
                slips::after_a_poll(&self.shop, &self.marked)?;
            }
        }
        Ok(())
    }

    /// D24: what a person accepts is no doubt any more.
    fn accept(&mut self, order: &str) -> Result<(), String> {
        if !slips::is_in_doubt(&self.shop, order) || judge::any_is_held(&self.shop) {
            return Ok(());
        }
        self.by_hand(&[
            "route",
            order,
            "--accept",
            slips::DOUBT,
            "--because",
            "the buyer is right",
        ]);
        match slips::is_in_doubt(&self.shop, order) {
            true => Err(format!("D24: {order} is accepted and flagged all the same")),
            false => Ok(()),
        }
    }

    /// E57, E154: what falls far is read once more by the next poll, and then shown.
    fn sell_out(&mut self) -> Result<(), String> {
        for units in [400, 0] {
            let all = self
                .shop
                .sandbox
                .world()
                .amazon
                .stock
                .keys()
                .cloned()
                .collect::<Vec<_>>();
            for sku in all {
                self.shop.sandbox.world().amazon.set_stock(&sku, units);
            }
            self.shop.pass(60);
            self.run(&Command::SyncInventory, None)?;
            self.shop.pass(5);
            self.run(&Command::Poll, None)?;
        }
        let is_disturbed = self.shop.sandbox.world().faults.pending() > 0;
        match is_disturbed {
            true => Ok(()),
            false => judge::nothing_is_shown_too_high(&self.shop),
        }
    }

    /// E128: of three days the first leads in a circle, in this run and in the next, which no daily sweep helps.
    fn read_past_a_circle(&mut self) -> Result<(), String> {
        for minutes in [3 * 24 * 60, 5] {
            self.shop.pass(minutes);
            let order = self.shop.sandbox.world().place(OrderKind::Plain);
            self.orders.push(order.clone());
            {
                let mut world = self.shop.sandbox.world();
                world.faults.clear();
                slips::in_circles(&mut world, 2);
            }
            self.run(&Command::Poll, None)?;
            if !self.known.has(&order) {
                return Err(format!(
                    "E128: {order} is not read because an earlier day leads in circles"
                ));
            }
        }
        Ok(())
    }

    /// I14: where all went well, the same command at once does nothing.
    fn run_twice(&mut self, command: &Command) -> Result<(), String> {
        self.shop.sandbox.world().faults.clear();
        self.lead = TimeDelta::zero();
        if matches!(command, Command::SyncInventory) {
            // What falls far is believed at the second reading.
            self.run(command, None)?;
        }
        self.run(command, None)?;
        let (contents, sent) = (judge::contents(&self.shop), self.shop.sandbox.log().mutating());
        self.run(command, None)?;
        let again = judge::contents(&self.shop);
        let news: Vec<_> = again.iter().filter(|row| !contents.contains(row)).collect();
        if !news.is_empty() {
            return Err(format!("I14: a second {command:?} changes {news:?}"));
        }
        if self.shop.sandbox.log().mutating() > sent {
            return Err(format!("I14: a second {command:?} sends something"));
        }
        Ok(())
    }

    /// Nothing goes wrong any more, and nobody keeps anything back: all comes to its end.
    fn settle(&mut self) -> Result<(), String> {
        self.lead = TimeDelta::zero();
        {
            let mut world = self.shop.sandbox.world();
            world.faults.clear();
            world.settings.list_lag = TimeDelta::zero();
            SKUS.iter().for_each(|sku| world.amazon.set_stock(sku, ENOUGH));
        }
        if std::mem::take(&mut self.is_paused) {
            self.by_hand(&["resume"]);
        }
        if judge::any_is_held(&self.shop) {
            for order in &self.orders {
                self.by_hand(&["orders", "release", order]);
            }
        }
        for round in 1..=LAST_ROUNDS {
            self.shop.pass(LAST_ROUND);
            self.run(&Command::Poll, None)?;
            (0..LAST_STEPS).for_each(|_| self.shop.sandbox.world().advance());
            self.run(&Command::SyncTracking, None)?;
            if round > 1 && judge::is_quiet(&self.shop) {
                break;
            }
        }
        // What falls far is believed at the second reading, which the poll takes.
        self.run(&Command::SyncInventory, None)?;
        self.shop.pass(LAST_ROUND);
        self.run(&Command::Poll, None)?;
        if self.spoiler == Spoiler::ForgetsAnOrder {
            judge::forget_one(&self.shop);
        }
        judge::in_the_end(&self.shop)?;
        slips::in_the_end(&self.shop, &self.marked)
    }
}

fn command(cron: Cron) -> Command {
    match cron {
        Cron::Poll => Command::Poll,
        Cron::SyncTracking => Command::SyncTracking,
        Cron::SyncInventory => Command::SyncInventory,
    }
}

fn is_away(world: &mut World, who: Away) {
    let vendor = match who {
        Away::Tiktok => mcf_connector::sandbox::Vendor::Tiktok,
        Away::Amazon => mcf_connector::sandbox::Vendor::Amazon,
    };
    let away = Fault::before(Disturbance::Status {
        status: 503,
        retry_after: None,
    });
    for operation in Operation::ALL.iter().filter(|operation| operation.vendor() == vendor) {
        world.faults.script(*operation, 1, 10_000, away.clone());
    }
}

/// What a program would do that sends anew under another id.
fn double(world: &mut World) {
    if let Some(mut newest) = world.amazon.orders.last().cloned() {
        newest.id.push_str("-2");
        world.amazon.orders.push(newest);
    }
}
