//! The shortest script that still fails: steps are left out as long as it does.

use super::play::{Spoiler, play};
use super::script::{Step, script};

/// How often a script is played before the shortest so far is good enough, where `SIMULATION_PLAYS` says nothing else.
const PLAYS_MAX: usize = 400;

/// Orders are handled a few at a time, so that a script may need several plays to fail again.
const AGAIN: usize = 5;

/// Returns the steps that are left, by their places in the whole script, and what is wrong then. Pieces are left out, half of the
/// script at first and single steps in the end (delta debugging).
pub fn shortest(whole: &[Step], spoiler: Spoiler) -> Option<(Vec<usize>, String)> {
    let mut kept: Vec<usize> = (0..whole.len()).collect();
    let mut breach = (0..AGAIN).find_map(|_| breach_of(whole, &kept, spoiler))?;
    let (mut piece, mut plays) = (whole.len().div_ceil(2), 0);
    while plays < plays_max() {
        let before = kept.len();
        let mut at = 0;
        while at < kept.len() {
            let mut rest = kept.clone();
            rest.drain(at..(at + piece).min(kept.len()));
            plays += 1;
            match breach_of(whole, &rest, spoiler) {
                Some(found) => (kept, breach) = (rest, found),
                None => at += piece,
            }
        }
        match piece {
            1 if kept.len() == before => break,
            _ => piece = piece.div_ceil(2),
        }
    }
    Some((kept, breach))
}

fn plays_max() -> usize {
    let said = std::env::var("SIMULATION_PLAYS").ok();
    said.map_or(PLAYS_MAX, |plays| plays.parse().expect("a number"))
}

fn breach_of(whole: &[Step], kept: &[usize], spoiler: Spoiler) -> Option<String> {
    let steps: Vec<&Step> = kept.iter().map(|step| &whole[*step]).collect();
    play(&steps, spoiler).err()
}

/// Says what fails, by which steps, and how to play it again.
pub fn report(seed: u64, rounds: usize, breach: &str, spoiler: Spoiler) -> String {
    let whole = script(seed, rounds);
    let found = (plays_max() > 0).then(|| shortest(&whole, spoiler)).flatten();
    let is_found = found.is_some();
    let (steps, breach) = found.unwrap_or_else(|| ((0..whole.len()).collect(), breach.to_owned()));
    let what = match is_found {
        true => "the shortest script that still fails",
        false => "it was not seen again; the whole script",
    };
    let lines: Vec<String> = steps
        .iter()
        .map(|step| format!("{step:>4}  {:?}", whole[*step]))
        .collect();
    let numbers: Vec<String> = steps.iter().map(usize::to_string).collect();
    format!(
        "seed {seed} fails: {breach}\n{what}:\n{}\nagain: {}SIMULATION_SEED={seed} SIMULATION_STEPS={} \
         SIMULATION_ROUNDS={rounds} cargo test --test simulation -- --ignored --nocapture one_script",
        lines.join("\n"),
        spoiler.variable(),
        numbers.join(",")
    )
}
