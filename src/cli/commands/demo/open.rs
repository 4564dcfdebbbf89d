//! `mcf demo --serve`: the shop stays open on the page, buyers go on ordering, and cron's part is played.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::super::serve;
use super::stage::Stage;
use crate::cli::{Exit, Failure, Output};
use crate::sandbox::scenario::OrderKind;
use crate::stop::Stop;

/// How often the commands run.
const ROUND: Duration = Duration::from_secs(10);
/// After so many rounds another buyer orders, and so many do.
const ROUNDS_BETWEEN_BUYERS: usize = 3;
const BUYERS_MAX: usize = 200;
/// How long the wish to stop may go unseen.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Serves the shop, and lets its world go on, until it is stopped.
pub(super) fn keep(stage: &mut Stage<'_>, listen: SocketAddr) -> Result<(), Failure> {
    let context = stage.context();
    let server = serve::open(&context, listen)?;
    let stop = &context.surroundings.stop;
    std::thread::scope(|scope| {
        let page = scope.spawn(|| server.serve(stop));
        go_on(stage, stop, context.output);
        page.join().map_or(Ok(()), |served| served.map_err(Failure::from))
    })
}

fn go_on(stage: &mut Stage<'_>, stop: &Stop, output: Output) {
    let mut buyers = OrderKind::ALL.into_iter().cycle().take(BUYERS_MAX);
    let (mut rounds, mut passed_at) = (0, Instant::now());
    loop {
        let until = Instant::now() + ROUND;
        while Instant::now() < until && !stop.is_asked() {
            std::thread::sleep(LOOK_AGAIN);
        }
        if stop.is_asked() {
            return;
        }
        rounds += 1;
        let buyer = (rounds % ROUNDS_BETWEEN_BUYERS == 0).then(|| buyers.next()).flatten();
        let passed = TimeDelta::from_std(passed_at.elapsed()).unwrap_or(TimeDelta::zero());
        passed_at = Instant::now();
        match stage.go_on(passed, buyer) {
            // A hand on the page was quicker; the next round comes soon.
            Err(failure) if failure.exit != Exit::Busy => output.explain(&failure),
            Ok(()) | Err(_) => {}
        }
    }
}
