//! How failures read: table tests of the first line, the help and the exit code.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::domain::ids::{FulfillmentOrderId, TiktokOrderId};

fn path() -> PathBuf {
    PathBuf::from("/no/such/mcf.db")
}

fn of_system(number: i32) -> io::Error {
    io::Error::from_raw_os_error(number)
}

/// Each is told by what it is about; the help has a command in it, and the system's numbers stand beneath.
#[track_caller]
fn reads(failure: impl Into<Failure>, code: u8, said: &str, command: &str) {
    let failure = failure.into();
    assert_eq!((failure.message.as_str(), failure.exit.code()), (said, code));
    let help = failure.help.unwrap_or_default();
    assert!(help.contains(command) && !help.contains('\n'), "{said}: {help}");
}

#[test]
fn what_is_wrong_with_the_database_begins_with_it() {
    use store::Error;
    let path = path();
    for (error, said, command) in [
        (
            Error::Open {
                path: path.clone(),
                source: of_system(2),
            },
            "the database /no/such/mcf.db can't be opened: No such file or directory",
            "mkdir -p /no/such",
        ),
        (
            Error::NotADatabase { path: path.clone() },
            "/no/such/mcf.db is not a database of this program",
            "--db",
        ),
        (
            Error::IsAFolder { path: path.clone() },
            "/no/such/mcf.db is a folder, not a database file",
            "--db",
        ),
        (
            Error::ReadOnly { path: path.clone() },
            "the database /no/such/mcf.db may not be written",
            "ls -ld",
        ),
        (
            Error::Damaged {
                path: path.clone(),
                finding: "page 3".to_owned(),
            },
            "the database /no/such/mcf.db is damaged: page 3",
            "mcf restore BACKUP",
        ),
        (
            Error::InUse { path: path.clone() },
            "another program keeps the database /no/such/mcf.db locked",
            "fuser /no/such/mcf.db",
        ),
        (
            Error::DiskFull { path: path.clone() },
            "the disk of the database /no/such/mcf.db is full",
            "df -h",
        ),
        (
            Error::Newer { path: path.clone() },
            "the database /no/such/mcf.db was made by a newer version of this program",
            "newest mcf",
        ),
        (
            Error::NoDescriptors(of_system(24)),
            "no more files can be opened: too many files are open: Too many open files",
            "ulimit -n",
        ),
    ] {
        reads(error, 6, said, command);
    }
    let unknown = Error::UnknownOrder { order: "5".to_owned() };
    reads(unknown, 3, "order 5 is not known", "mcf orders list");
}

#[test]
fn a_lock_that_is_held_is_told_by_who_holds_it() {
    let busy = |pid| LockError::Busy {
        work: "orders".to_owned(),
        pid,
        since: Some(chrono::DateTime::UNIX_EPOCH),
    };
    let said = "another run works on orders (process 7, since 1970-01-01T00:00:00+00:00)";
    reads(busy(Some(7)), 75, said, "ps -fp 7");
    reads(busy(None), 75, "another run works on orders", "mcf status");
    let turn = LockError::Turn {
        path: path(),
        waited: Duration::from_secs(10),
    };
    reads(
        turn,
        75,
        "another process has held /no/such/mcf.db for 10 s",
        "fuser /no/such/mcf.db",
    );
}

#[test]
fn what_stops_a_job_begins_with_whose_it_is() {
    use jobs::Error;
    let order = || TiktokOrderId::new("5");
    for (error, code, said, command) in [
        (
            Error::OrderNotFound(order()),
            3,
            "TikTok has no order 5 in this shop",
            "mcf orders list",
        ),
        (
            Error::Held(order()),
            3,
            "order 5 is held by the operator",
            "mcf orders release 5",
        ),
        (
            Error::Dismissed(order()),
            3,
            "order 5 is dismissed",
            "mcf orders restore 5",
        ),
        (
            Error::StillUnknown(FulfillmentOrderId::new("TTS-5")),
            4,
            "Amazon does not say yet whether it has TTS-5; the next runs look again",
            "mcf poll",
        ),
        (
            Error::NoFigures {
                whose: "Amazon",
                asked: 3,
            },
            4,
            "Amazon gives no figure for any of 3 SKUs; nothing is written, and what was shown before stays",
            "mcf check mappings",
        ),
        (
            Error::ShopNotFound {
                wanted: "7".to_owned(),
                found: vec!["8".to_owned()],
            },
            5,
            "the TikTok token opens shop 8, not shop 7",
            "tiktok.shop_id",
        ),
    ] {
        reads(error, code, said, command);
    }
}

#[test]
fn what_lies_beneath_is_kept_for_those_who_look_deeper() {
    let error = store::Error::Open {
        path: path(),
        source: of_system(2),
    };
    assert_eq!(Failure::from(error).beneath, ["No such file or directory (os error 2)"]);
    let full = store::Error::File {
        path: path(),
        source: of_system(28),
    };
    let failure = Failure::from(full);
    assert_eq!(
        failure.message,
        "the file /no/such/mcf.db can't be used: No space left on device: the disk is full"
    );
    assert_eq!(failure.exit, Exit::Unusable);
}
