//! A person at a terminal: hidden prompts, questions, progress. Each command runs on a pseudo-terminal of its own.

use std::thread::sleep;
use std::time::Duration;

use mcf_connector::sandbox::scenario::OrderKind;
use mcf_connector::sandbox::{Disturbance, Fault, Operation};
use rexpect::session::{PtySession, spawn_command};

use crate::auth::Shop;
use crate::check::shop;
use crate::environment::Place;

/// Nothing that is waited for takes longer.
const PATIENCE_MS: u64 = 30_000;

/// So long a prompt has been there before something is typed.
const READ: Duration = Duration::from_millis(400);

/// Runs a command line on a terminal of so many columns; then the exit code and whether the terminal shows what is typed.
pub fn typed(place: &Place, line: &str, columns: u16) -> PtySession {
    let program = assert_cmd::cargo::cargo_bin!("mcf").display().to_string();
    let script = format!(
        "stty echo cols {columns} rows 24; trap : INT; {program} {line}; echo \"ended with $?\"; stty -a | grep -ow -- '-\\?echo'; echo over"
    );
    let mut command = place.command("sh");
    command.args(["-c", &script]);
    spawn_command(command, Some(PATIENCE_MS)).expect("a terminal")
}

/// Returns what a command line prints on a terminal of so many columns; what it says beside goes elsewhere.
pub fn shown(place: &Place, line: &str, columns: u16) -> String {
    let program = assert_cmd::cargo::cargo_bin!("mcf").display().to_string();
    let mut command = place.command("sh");
    command.args([
        "-c",
        &format!("stty cols {columns} rows 24; exec {program} --color never {line} 2>/dev/null"),
    ]);
    let mut session = spawn_command(command, Some(PATIENCE_MS)).expect("a terminal");
    // What is read comes a letter a byte.
    let bytes = session
        .exp_eof()
        .expect("an end")
        .chars()
        .map(|letter| letter as u8)
        .collect();
    String::from_utf8(bytes).expect("UTF-8").replace('\r', "")
}

/// Reads all until the command has ended with this code and the terminal is as it was.
#[track_caller]
fn ends(session: &mut PtySession, code: i32) -> String {
    let all = session.exp_string("over").expect("an end");
    let (said, after) = all.rsplit_once("ended with ").expect("an exit code");
    let words: Vec<&str> = after.split_whitespace().collect();
    assert_eq!(words, [code.to_string().as_str(), "echo"], "{all}");
    said.to_owned()
}

fn prompted(place: &Place, line: &str, prompt: &str) -> PtySession {
    let mut session = typed(place, line, 80);
    session.exp_string(prompt).expect("a prompt");
    sleep(READ);
    session
}

#[test]
fn a_code_is_typed_without_being_shown() {
    let shop = Shop::new();
    let mut session = prompted(&shop.place, "auth tiktok", "press Enter:");
    session.send_line("TTP_neverGiven1").expect("typed");
    let said = ends(&mut session, 5);
    assert!(
        said.contains("the code is refused") && !said.contains("TTP_neverGiven1"),
        "{said}"
    );
}

#[test]
fn ctrl_c_at_a_hidden_prompt_ends_the_command_and_the_terminal_shows_again_what_is_typed() {
    let shop = Shop::new();
    for vendor in ["auth tiktok", "auth amazon"] {
        let mut session = prompted(&shop.place, vendor, "press Enter:");
        session.send("half a secret").expect("typed");
        session.flush().expect("typed");
        sleep(READ);
        session.send_control('c').expect("typed");
        let said = ends(&mut session, 130);
        assert!(!said.contains("half a secret"), "{said}");
    }
    // Twice, faster than it is looked for.
    let mut session = prompted(&shop.place, "auth tiktok", "press Enter:");
    session.send_control('c').expect("typed");
    session.send_control('c').expect("typed");
    ends(&mut session, 130);
}

#[test]
fn many_orders_are_changed_when_a_person_says_yes_and_left_alone_otherwise() {
    let place = Place::new();
    for id in ["576900000000000101", "576900000000000102"] {
        place.order(id, "ready");
    }
    let held = || -> i64 {
        let counted = place
            .database()
            .query_row("SELECT total(held) FROM orders", [], |row| row.get::<_, f64>(0));
        counted.expect("a number") as i64
    };
    let line = "orders hold --state ready --because stocktaking";
    let question = "2 orders would be held. Do it? [y/N]";
    for (answer, code, count) in [("n", 3, 0), ("", 3, 0), ("nonsense", 3, 0), ("yes", 0, 2)] {
        let mut session = prompted(&place, line, question);
        session.send_line(answer).expect("typed");
        let said = ends(&mut session, code);
        assert_eq!(held(), count, "{answer:?}: {said}");
    }
    let mut session = prompted(
        &place,
        "orders release --state ready",
        "2 orders would be released. Do it? [y/N]",
    );
    session.send_control('c').expect("typed");
    ends(&mut session, 130);
    assert_eq!(held(), 2, "what was not answered is not done");
}

#[test]
fn ctrl_c_at_a_question_of_a_command_that_finishes_its_calls_ends_it_at_once() {
    let shop = shop("");
    {
        let mut world = shop.sandbox.world();
        let stock = world.amazon.stock["FBA-PAD-GRY"].clone();
        world.amazon.stock.insert("MUG-NEW-01".to_owned(), stock);
    }
    let mut session = prompted(&shop.place, "mappings suggest --apply", "Do it? [y/N]");
    session.send_control('c').expect("typed");
    ends(&mut session, 130);
}

#[test]
fn work_of_over_a_second_shows_its_rate_and_the_time_left_and_a_pipe_gets_nothing_of_it() {
    let shop = shop("");
    for _ in 0..12 {
        shop.sandbox.world().place(OrderKind::Plain);
    }
    let stall = Fault::before(Disturbance::Stall { pause_ms: 700 });
    shop.sandbox
        .world()
        .faults
        .script(Operation::GetOrders, 1, 1_000, stall);
    let ran = shop.place.run("poll --dry-run").ends(0);
    assert_eq!(ran.stderr, "", "a pipe");
    let said = ends(&mut typed(&shop.place, "poll", 80), 0);
    for words in ["deciding orders", "/12", "/s, ", " left"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let said = ends(&mut typed(&shop.place, "poll --quiet", 80), 0);
    assert!(!said.contains("deciding orders"), "{said}");
}
