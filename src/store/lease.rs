//! Who does which work on a server that several hosts share: a row for each work, for five minutes by the server's clock.
//!
//! Every write of the holder asks first whether the row still bears its epoch (see [`Server::begin`](super::engine::Server)), so that a
//! holder that was stopped and wakes writes nothing. Once a third of it is over it is renewed: by those writes, or where there are none,
//! such as while a run waits for its turn at a vendor, by a thread beside them.

use std::fs;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::engine::{Connection, OptionalExtension, Row, Server, TransactionBehavior, named_params};
use super::error::LockError;
use super::{Error, Result, instant, seconds};

/// So often in its life it is looked whether a lease must be renewed.
const LOOKS: u32 = 30;

/// A work that is ours until it is dropped, or until another has taken it.
pub(super) struct Lease {
    connection: Arc<Mutex<Connection>>,
    work: &'static str,
    epoch: i64,
    // Dropped, the thread that renews it ends.
    _at_work: Sender<()>,
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "lease {} of {}", self.epoch, self.work)
    }
}

/// Takes a work, or says who has it.
pub(super) fn take(
    connection: &Arc<Mutex<Connection>>,
    work: &'static str,
    now: DateTime<Utc>,
) -> std::result::Result<Lease, LockError> {
    let (taken, life) = {
        let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = claim(&connection, work, now).map_err(|error| LockError::Refused(Box::new(error)))?;
        (taken, connection.server().map(Server::life).unwrap_or_default())
    };
    let epoch = taken.map_err(|holder| busy(holder, work.to_owned()))?;
    Ok(Lease {
        connection: Arc::clone(connection),
        work,
        epoch,
        _at_work: renewed_beside(Arc::clone(connection), life),
    })
}

/// Renews what this process has as long as the sender lives.
fn renewed_beside(connection: Arc<Mutex<Connection>>, life: Duration) -> Sender<()> {
    let (at_work, is_over) = mpsc::channel();
    // Where no thread can be had, the writes of the work renew it.
    let _ = thread::Builder::new().spawn(move || {
        while is_over.recv_timeout(life / LOOKS) == Err(RecvTimeoutError::Timeout) {
            renew(&connection);
        }
    });
    at_work
}

/// Who writes renews it by that: there the connection is taken.
fn renew(connection: &Mutex<Connection>) {
    let Ok(connection) = connection.try_lock() else {
        return;
    };
    if let Some(Err(error)) = connection.server().map(Server::renew_old) {
        log::debug!("a lease can't be renewed now: {error}");
    }
}

/// Who has a work.
struct Holder {
    name: String,
    since: DateTime<Utc>,
    is_over: bool,
}

impl Holder {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            name: row.get(0)?,
            since: instant(row.get(1)?),
            is_over: row.get(2)?,
        })
    }

    /// Its process, where it runs on this host.
    fn process(&self) -> Option<u32> {
        let (host, process) = self.name.rsplit_once(' ')?;
        let (pid, _) = process.split_once('-')?;
        pid.parse().ok().filter(|_| host == this_host())
    }

    /// A process of this host that is no more is waited for no longer.
    fn is_dead(&self) -> bool {
        self.process()
            .is_some_and(|pid| !self.name.ends_with(&this_process(pid)))
    }
}

fn claim(connection: &Connection, work: &'static str, now: DateTime<Utc>) -> Result<std::result::Result<i64, Holder>> {
    const HOLDER: &str = "SELECT holder, since, expires_at <= clock_timestamp() FROM lease WHERE work = ?1";
    const TAKEN: &str = "INSERT INTO lease AS old (work, holder, epoch, since, expires_at)
         VALUES (:work, :holder, 1, :since, clock_timestamp() + make_interval(secs => :life))
         ON CONFLICT (work) DO UPDATE SET holder = excluded.holder, epoch = old.epoch + 1, since = excluded.since,
             expires_at = excluded.expires_at
         RETURNING epoch";
    let server = connection.server().ok_or(Error::Unreadable { what: "lease" })?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let holder = transaction.query_row(HOLDER, [work], Holder::read).optional()?;
    if let Some(holder) = holder.filter(|holder| !holder.is_over && !holder.is_dead()) {
        return Ok(Err(holder));
    }
    let holder = format!("{} {}", this_host(), this_process(std::process::id()));
    let life = server.life().as_secs_f64();
    let values = named_params! {":work": work, ":holder": holder, ":since": seconds(now), ":life": life};
    let epoch = transaction.query_row(TAKEN, values, |row| row.get(0))?;
    transaction.commit()?;
    server.hold(work, epoch);
    Ok(Ok(epoch))
}

/// Refuses while a run of any host is under way. Who calls keeps all writers out, so that none begins meanwhile.
pub(super) fn refuse_while_held(connection: &Connection) -> Result<()> {
    const HELD: &str = "SELECT holder, since, expires_at <= clock_timestamp(), work FROM lease";
    let holders = super::list(connection, HELD, [], |row| {
        Ok((Holder::read(row)?, row.get::<_, String>(3)?))
    })?;
    let at_work = holders
        .into_iter()
        .find(|(holder, _)| !holder.is_over && !holder.is_dead());
    at_work.map_or(Ok(()), |(holder, work)| Err(busy(holder, work).into()))
}

fn busy(holder: Holder, work: String) -> LockError {
    LockError::Busy {
        work,
        pid: holder.process(),
        since: Some(holder.since),
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        const OVER: &str = "UPDATE lease SET expires_at = clock_timestamp() WHERE work = ?1 AND epoch = ?2";
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = connection.server() {
            server.let_go(self.work, self.epoch);
        }
        // Where the server can't be told, the lease ends by itself.
        let _ = connection.execute(OVER, (self.work, self.epoch));
    }
}

/// This boot of this machine, and the name space in which its processes have their numbers: two containers are two hosts.
fn this_host() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    format!("{} {}", boot.trim(), space.display())
}

/// A process by its number and the time of its start, since numbers are given again.
fn this_process(pid: u32) -> String {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The second field is a name in brackets that may hold spaces; the start is the 22nd.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    format!("{pid}-{}", after_name.split_whitespace().nth(19).unwrap_or("gone"))
}
