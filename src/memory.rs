//! What this process holds in memory stays in it: keys, tokens, the address of the order in hand. A core file would put all of it on
//! the disk, and so would any other program of the same user that may read this one's memory (E181).

use rustix::process::{self, DumpableBehavior, Resource, Rlimit};

use crate::trust;

/// Keeps the memory of this process from core files and from other processes of its user.
///
/// Who watches it already (a debugger, `strace`) was there before it and goes on: to that one nothing is new. What the system refuses
/// is seen by [`exposure`].
pub fn keep_inside() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = process::setrlimit(Resource::Core, none);
    if !is_watched() {
        // The limit alone does not hold where the system hands core files to a program, as most do.
        let _ = process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// How the memory of this process could get out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// A crash may leave a core file.
    CoreFile,
    /// Other processes of its user may read it.
    Readable,
}

/// Returns how the memory of this process could get out, as the system says; `None` where it can't.
#[must_use]
pub fn exposure() -> Option<Exposure> {
    let limit = process::getrlimit(Resource::Core).current;
    let dumpable = process::dumpable_behavior().ok();
    judge(limit, dumpable)
}

fn judge(limit: Option<u64>, dumpable: Option<DumpableBehavior>) -> Option<Exposure> {
    if limit != Some(0) {
        return Some(Exposure::CoreFile);
    }
    (dumpable != Some(DumpableBehavior::NotDumpable)).then_some(Exposure::Readable)
}

fn is_watched() -> bool {
    trust::own_status("TracerPid:").is_some_and(|tracer| tracer.trim() != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_file_and_a_reader_are_told_apart_e181() {
        let closed = Some(DumpableBehavior::NotDumpable);
        for (limit, dumpable, exposure) in [
            (Some(0), closed, None),
            (Some(0), Some(DumpableBehavior::Dumpable), Some(Exposure::Readable)),
            (Some(0), None, Some(Exposure::Readable)),
            (Some(4096), closed, Some(Exposure::CoreFile)),
            (None, closed, Some(Exposure::CoreFile)),
        ] {
            assert_eq!(judge(limit, dumpable), exposure, "{limit:?} {dumpable:?}");
        }
    }
}
