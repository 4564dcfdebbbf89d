//! Points at which a test lets the process die, to prove that the next run makes up for it.
//!
//! Only the feature `crash-points` has them; without it a point is nothing. `MCF_CRASH_AT=claim:2` lets the process kill itself
//! when it passes the point `claim` for the second time; with `MCF_HALT_AT` it stands still there until it is told to go on.

#[cfg(feature = "crash-points")]
pub(crate) use points::{halves, point, point_of};

#[cfg(not(feature = "crash-points"))]
pub(crate) use nothing::{halves, point, point_of};

#[cfg(not(feature = "crash-points"))]
mod nothing {
    /// Does nothing.
    #[inline]
    pub(crate) fn point(_name: &'static str) {}

    /// Does nothing.
    #[inline]
    pub(crate) fn point_of(_operation: &'static str, _moment: &'static str) {}

    /// Returns the body as it is.
    #[inline]
    pub(crate) fn halves(body: Vec<u8>, _operation: &'static str) -> reqwest::blocking::Body {
        body.into()
    }
}

#[cfg(feature = "crash-points")]
mod points {
    use std::io::Read;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
    use std::time::Duration;

    /// Long enough for what was written before to leave.
    const FLUSH: Duration = Duration::from_millis(20);

    static DEATH: LazyLock<Option<Wanted>> = LazyLock::new(|| Wanted::read("MCF_CRASH_AT"));
    static HALT: LazyLock<Option<Wanted>> = LazyLock::new(|| Wanted::read("MCF_HALT_AT"));

    /// What was sent is on its way, and the process dies behind it.
    static IS_DYING: AtomicBool = AtomicBool::new(false);

    /// The passing of a point that is waited for.
    struct Wanted {
        name: String,
        count: u32,
        passed: AtomicU32,
    }

    impl Wanted {
        fn read(variable: &str) -> Option<Self> {
            let wanted = std::env::var(variable).ok()?;
            let (name, count) = wanted.split_once(':')?;
            Some(Self {
                name: name.to_owned(),
                count: count.parse().ok()?,
                passed: AtomicU32::new(0),
            })
        }

        fn is_here(&self, name: &str) -> bool {
            self.name == name && self.passed.fetch_add(1, Ordering::SeqCst) + 1 == self.count
        }
    }

    /// Stands still or dies here when this passing of this point is the wanted one.
    pub(crate) fn point(name: &str) {
        // A quick answer must not outrun the death.
        while IS_DYING.load(Ordering::SeqCst) {
            std::thread::sleep(FLUSH);
        }
        if HALT.as_ref().is_some_and(|wanted| wanted.is_here(name)) {
            raise(signal_hook::consts::SIGSTOP);
        }
        if is_here(name) {
            die();
        }
    }

    /// A point of a call, e.g. `createFulfillmentOrder.answered`.
    pub(crate) fn point_of(operation: &'static str, moment: &'static str) {
        point(&format!("{operation}.{moment}"));
    }

    fn is_here(name: &str) -> bool {
        DEATH.as_ref().is_some_and(|wanted| wanted.is_here(name))
    }

    fn die() {
        raise(signal_hook::consts::SIGKILL);
    }

    fn raise(signal: i32) {
        // Nothing can be done where even that fails.
        let _ = signal_hook::low_level::raise(signal);
    }

    /// Returns a body that is read in two halves, with points before, between and after them.
    pub(crate) fn halves(body: Vec<u8>, operation: &'static str) -> reqwest::blocking::Body {
        let length = body.len() as u64;
        let halves = Halves {
            body,
            sent: 0,
            operation,
        };
        reqwest::blocking::Body::sized(halves, length)
    }

    struct Halves {
        body: Vec<u8>,
        sent: usize,
        operation: &'static str,
    }

    impl Read for Halves {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let half = self.body.len() / 2;
            if self.sent == 0 {
                point_of(self.operation, "connected");
            } else if self.sent == half && is_here(&format!("{}.half", self.operation)) {
                std::thread::sleep(FLUSH);
                die();
            }
            let end = if self.sent < half { half } else { self.body.len() };
            let piece = &self.body[self.sent..end.min(self.sent + buffer.len())];
            buffer[..piece.len()].copy_from_slice(piece);
            self.sent += piece.len();
            if !piece.is_empty() && self.sent == self.body.len() && is_here(&format!("{}.sent", self.operation)) {
                IS_DYING.store(true, Ordering::SeqCst);
                std::thread::spawn(|| {
                    std::thread::sleep(FLUSH);
                    die();
                });
            }
            Ok(piece.len())
        }
    }
}
