//! How far a work is that takes over a second: its rate and the time left, on a terminal; nothing anywhere else.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What is done sooner is not worth a look.
const QUIET: Duration = Duration::from_secs(1);

/// How often it is drawn anew.
const AGAIN: Duration = Duration::from_millis(100);

/// A work under way. It is no longer shown when this is dropped.
pub struct Progress {
    shared: Arc<Shared>,
    drawing: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    done: AtomicU64,
    /// 0 where nobody knows how much there is.
    total: AtomicU64,
    is_over: Mutex<bool>,
    over: Condvar,
}

impl Progress {
    /// Begins a work. Where it `shows`, a thread of its own draws it.
    pub fn begin(what: &'static str, shows: bool) -> Self {
        let shared = Arc::new(Shared::default());
        let seen = Arc::clone(&shared);
        let draw = || std::thread::Builder::new().spawn(move || seen.draw(what));
        Self {
            shared,
            // A machine that gives no thread goes without.
            drawing: shows.then(draw).and_then(io::Result::ok),
        }
    }

    /// Says how much is done, of how much.
    pub fn at(&self, done: u64, total: u64) {
        self.shared.done.store(done, Ordering::Relaxed);
        self.shared.total.store(total, Ordering::Relaxed);
    }

    /// Counts the lines that go through a writer, of so many.
    pub fn lines<'a>(&'a self, output: &'a mut dyn Write, total: u64) -> impl Write + 'a {
        self.at(0, total);
        Lines { output, progress: self }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        *self.shared.is_over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.over.notify_all();
        if let Some(drawing) = self.drawing.take() {
            let _ = drawing.join();
        }
    }
}

struct Lines<'a> {
    output: &'a mut dyn Write,
    progress: &'a Progress,
}

impl Write for Lines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.output.write(bytes)?;
        let lines = bytes.iter().take(count).filter(|byte| **byte == b'\n').count() as u64;
        self.progress.shared.done.fetch_add(lines, Ordering::Relaxed);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

impl Shared {
    fn draw(&self, what: &'static str) {
        let began = Instant::now();
        if self.is_over_within(QUIET) {
            return;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_prefix(what);
        loop {
            let (done, total) = (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
            let template = if total > 0 {
                "{prefix} {pos}/{len} {wide_bar} {msg}"
            } else {
                "{spinner} {prefix} {msg}"
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_message(words(done, total, began.elapsed()));
            bar.set_length(total);
            bar.set_position(done);
            bar.tick();
            if self.is_over_within(AGAIN) {
                break;
            }
        }
        bar.finish_and_clear();
    }

    fn is_over_within(&self, time: Duration) -> bool {
        let is_over = self.is_over.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.over.wait_timeout_while(is_over, time, |is_over| !*is_over);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Says how fast it goes and how long it will last, or how long it lasts already where nothing is counted.
fn words(done: u64, total: u64, time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let rate = done as f64 / seconds;
    if rate <= 0.0 {
        return span(seconds);
    }
    let pace = if rate < 10.0 {
        format!("{rate:.1}/s")
    } else {
        format!("{rate:.0}/s")
    };
    match total.checked_sub(done) {
        Some(left) if total > 0 => format!("{pace}, {} left", span(left as f64 / rate)),
        _ => format!("{done}, {pace}"),
    }
}

fn span(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_work_is_told_by_its_rate_and_the_time_left() {
        for (done, total, seconds, said) in [
            (0, 0, 4, "4 s"),
            (0, 900, 4, "4 s"),
            (50, 0, 4, "50, 12/s"),
            (6, 30, 4, "1.5/s, 16 s left"),
            (400, 36_400, 4, "100/s, 6 min 0 s left"),
            (4, 40_000, 4, "1.0/s, 11 h 6 min left"),
        ] {
            assert_eq!(words(done, total, Duration::from_secs(seconds)), said);
        }
    }

    #[test]
    fn lines_are_counted_as_they_are_written() {
        let progress = Progress::begin("writing", false);
        let mut written = Vec::new();
        progress.lines(&mut written, 9).write_all(b"a\nb\nc").expect("written");
        assert_eq!(written, b"a\nb\nc");
        assert_eq!(progress.shared.done.load(Ordering::Relaxed), 2);
        assert_eq!(progress.shared.total.load(Ordering::Relaxed), 9);
    }
}
