//! A connection to PostgreSQL, as the rest of the store knows one of SQLite.
//!
//! Each transaction names its schema itself, so that PgBouncer may hand every one of them another session. Where the session is surely
//! this process's own, it knows the schema from its first words, and what is read by a single statement needs no transaction around it:
//! one answer is waited for instead of three.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{ToSql, Type};
use postgres::{Client, Row, SimpleQueryMessage};
use rusqlite::types::Value;
use thiserror::Error;

use super::address::Address;
use super::text::Text;

/// How long a lease lasts by the server's clock. It is renewed once a third of it is over.
const LIFE: Duration = Duration::from_secs(300);

/// What every transaction says first. Who waits for the gate waits as long as for a file; who was stopped in the middle loses it.
const LIMITS: &str = "SET LOCAL lock_timeout = '20s'; SET LOCAL idle_in_transaction_session_timeout = '60s'";

const COMMIT: &str = "COMMIT";

/// How often a connection that is gone is made again before anything is said on it, and how long between: a failover takes a moment.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// What a server refuses, or why it is not there.
#[derive(Debug, Error)]
pub enum ServerError {
    /// No connection.
    #[error("PostgreSQL can't be reached: {}", sentence(.0))]
    Unreachable(#[source] postgres::Error),
    /// The connection is gone in the middle.
    #[error("the connection to PostgreSQL is lost: {}", sentence(.0))]
    Lost(#[source] postgres::Error),
    /// A standby, or a session that may only read.
    #[error("PostgreSQL lets this session only read")]
    ReadOnly,
    /// Its disk is full.
    #[error("the disk of PostgreSQL is full")]
    Full,
    /// Somebody else has been writing for too long.
    #[error("another program keeps the shop locked on PostgreSQL")]
    Busy,
    /// Another run has taken the work meanwhile.
    #[error("this run was stopped for so long that another has taken its work over; nothing more was written")]
    LeaseLost,
    /// A part of what was to be kept was refused, so that nothing of it is.
    #[error("PostgreSQL took back what it was told to keep: a part of it was refused")]
    Broken,
    /// All else, in its own words.
    #[error("PostgreSQL refused: {}", sentence(.0))]
    Refused(#[source] postgres::Error),
}

/// The server's own words, where it said any, else those of the obstacle.
fn sentence(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{} ({})", said.message(), said.code().code()),
        None => error.source().map_or_else(|| error.to_string(), ToString::to_string),
    }
}

impl From<postgres::Error> for ServerError {
    fn from(error: postgres::Error) -> Self {
        match error.code().map(|code| code.code()) {
            Some("25006") => Self::ReadOnly,
            Some("53100") => Self::Full,
            Some("55P03") => Self::Busy,
            Some(code) if code.starts_with("57P") || code.starts_with("08") || code == "25P03" => Self::Lost(error),
            Some(_) => Self::Refused(error),
            None if error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>()) => {
                Self::Lost(error)
            }
            None => Self::Refused(error),
        }
    }
}

/// What the readers of rows can return is rusqlite's error; the server's is wrapped into it, and the store takes it out again.
impl From<ServerError> for rusqlite::Error {
    fn from(error: ServerError) -> Self {
        Self::FromSqlConversionFailure(0, rusqlite::types::Type::Null, Box::new(error))
    }
}

/// What a statement brought.
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    pub(super) changed: usize,
}

/// A work that this process has.
struct Held {
    work: &'static str,
    epoch: i64,
    renewed: Instant,
}

/// A connection to one schema of a server.
pub(crate) struct Server {
    address: Address,
    client: RefCell<Client>,
    is_own: Cell<bool>,
    texts: RefCell<HashMap<String, Arc<Text>>>,
    held: RefCell<Vec<Held>>,
    is_open: Cell<bool>,
    is_broken: Cell<bool>,
    cursors: Cell<u64>,
    life: Cell<Duration>,
}

/// How many rows of a cursor are sent at once.
const PIECE: u32 = 2_000;

/// A query that is read piece by piece.
pub(crate) struct Cursor<'c> {
    server: &'c Server,
    fetch: Text,
    close: String,
}

impl Cursor<'_> {
    /// Returns the next rows; none is the end.
    pub(super) fn fetch(&self) -> rusqlite::Result<Vec<Row>> {
        Ok(self.server.ask(&self.fetch, Vec::new())?.rows)
    }
}

impl Drop for Cursor<'_> {
    fn drop(&mut self) {
        // One of a transaction that is over is closed with it.
        if self.server.is_open.get() && !self.server.is_broken.get() {
            let _ = self.server.batch(&self.close);
        }
    }
}

impl Server {
    /// # Errors
    /// When the server can't be reached.
    pub(crate) fn connect(address: Address) -> rusqlite::Result<Self> {
        let (client, is_own) = connected(&address)?;
        Ok(Self {
            address,
            client: RefCell::new(client),
            is_own: Cell::new(is_own),
            texts: RefCell::default(),
            held: RefCell::default(),
            is_open: Cell::new(false),
            is_broken: Cell::new(false),
            cursors: Cell::new(0),
            life: Cell::new(LIFE),
        })
    }

    /// Returns the name of its schema.
    pub(crate) fn schema(&self) -> &str {
        self.address.schema()
    }

    /// Returns how long a lease lasts.
    pub(crate) fn life(&self) -> Duration {
        self.life.get()
    }

    /// Lets leases last as long as a test can wait.
    #[cfg(test)]
    pub(crate) fn live(&self, life: Duration) {
        self.life.set(life);
    }

    /// Renews what is a third over, as a write would. Where it went to another meanwhile, the next write says so.
    pub(crate) fn renew_old(&self) -> rusqlite::Result<()> {
        let is_due = self.held.borrow().iter().any(|held| self.is_old(held));
        if is_due && !self.is_open.get() {
            self.begin(true)?.commit()?;
        }
        Ok(())
    }

    fn is_old(&self, held: &Held) -> bool {
        held.renewed.elapsed() > self.life() / 3
    }

    /// Asks from now on with every write whether a work is still this process's.
    pub(crate) fn hold(&self, work: &'static str, epoch: i64) {
        let renewed = Instant::now();
        self.held.borrow_mut().push(Held { work, epoch, renewed });
    }

    /// Asks no longer.
    pub(crate) fn let_go(&self, work: &str, epoch: i64) {
        self.held
            .borrow_mut()
            .retain(|held| held.work != work || held.epoch != epoch);
    }

    pub(super) fn text(&self, sql: &str) -> Arc<Text> {
        if let Some(text) = self.texts.borrow().get(sql) {
            return text.clone();
        }
        let text = Arc::new(Text::of(sql));
        self.texts.borrow_mut().insert(sql.to_owned(), text.clone());
        text
    }

    /// Asks within the transaction that is open, else in one of its own; what only reads needs none in a session of one's own.
    pub(super) fn ask(&self, text: &Text, values: Vec<Value>) -> rusqlite::Result<Answer> {
        if self.is_open.get() || !text.only_reads() {
            return self.within(|| self.send(text, values));
        }
        let mut answer = self.read_alone(text, values.clone());
        for _ in 0..ATTEMPTS {
            if !answer.as_ref().is_err_and(is_lost) {
                break;
            }
            // Reading again changes nothing.
            answer = match self.connect_again() {
                Ok(()) => self.read_alone(text, values.clone()),
                Err(error) => {
                    std::thread::sleep(PAUSE);
                    Err(error.into())
                }
            };
        }
        answer
    }

    fn read_alone(&self, text: &Text, values: Vec<Value>) -> rusqlite::Result<Answer> {
        match self.is_own.get() {
            true => self.send(text, values),
            false => self.within(|| self.send(text, values)),
        }
    }

    pub(super) fn batch(&self, sql: &str) -> rusqlite::Result<()> {
        self.within(|| Ok(self.say(sql)?))
    }

    /// Begins to read a query without values piece by piece; `None` outside of a transaction, which it would not outlive.
    pub(super) fn cursor(&self, text: &Text) -> rusqlite::Result<Option<Cursor<'_>>> {
        if !self.is_open.get() {
            return Ok(None);
        }
        let number = self.cursors.get() + 1;
        self.cursors.set(number);
        self.batch(&format!("DECLARE piece_{number} NO SCROLL CURSOR FOR {}", text.sql))?;
        Ok(Some(Cursor {
            server: self,
            fetch: Text::of(&format!("FETCH {PIECE} FROM piece_{number}")),
            close: format!("CLOSE piece_{number}"),
        }))
    }

    fn within<T>(&self, work: impl FnOnce() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        if self.is_open.get() {
            let done = work();
            self.is_broken.set(self.is_broken.get() || done.is_err());
            return done;
        }
        let own = self.enter("BEGIN")?;
        let value = work()?;
        own.commit()?;
        Ok(value)
    }

    /// Begins a transaction: one that is alone in writing, or one that reads a single moment. Within another it is a part of that.
    pub(super) fn begin(&self, is_writing: bool) -> rusqlite::Result<Moment<'_>> {
        if !is_writing {
            return match self.is_open.get() {
                true => Ok(self.moment(true)),
                false => self.enter("BEGIN ISOLATION LEVEL REPEATABLE READ"),
            };
        }
        let (asked, old) = self.asked_at_the_gate();
        if self.is_open.get() {
            let answer = self.talk(&asked)?;
            self.passed(&answer, &old)?;
            return Ok(self.moment(true));
        }
        // In one breath with its beginning: whoever writes waits for one answer less.
        let (moment, answer) = self.open("BEGIN", &asked)?;
        self.passed(&answer, &old)?;
        Ok(moment)
    }

    /// What is asked before a write: that nobody else writes, which is waited for, and that each work of this process is still its own.
    /// Returns which of them are renewed by that, too.
    fn asked_at_the_gate(&self) -> (String, Vec<bool>) {
        let held = self.held.borrow();
        let mut asked = "SELECT id FROM gate FOR UPDATE".to_owned();
        let renewed = format!(
            "UPDATE lease SET expires_at = clock_timestamp() + make_interval(secs => {})",
            self.life().as_secs_f64()
        );
        let old: Vec<bool> = held.iter().map(|held| self.is_old(held)).collect();
        for (Held { work, epoch, .. }, is_old) in held.iter().zip(&old) {
            let lease = if *is_old { &renewed } else { "SELECT 1 FROM lease" };
            // Writing to a text can't fail.
            let _ = write!(asked, "; {lease} WHERE work = '{work}' AND epoch = {epoch}");
        }
        (asked, old)
    }

    /// Writes nothing where a work of this process has gone to another.
    fn passed(&self, answer: &[SimpleQueryMessage], old: &[bool]) -> rusqlite::Result<()> {
        let found = answer
            .iter()
            .filter(|part| matches!(part, SimpleQueryMessage::CommandComplete(1)));
        if found.count() != old.len() + 1 {
            return Err(ServerError::LeaseLost.into());
        }
        let mut held = self.held.borrow_mut();
        let renewed = held.iter_mut().zip(old).filter(|(_, is_old)| **is_old);
        renewed.for_each(|(held, _)| held.renewed = Instant::now());
        Ok(())
    }

    /// Begins a transaction that parts may be begun in: a part is kept with the whole, and taken back it takes back all.
    pub(crate) fn enter(&self, begin: &str) -> rusqlite::Result<Moment<'_>> {
        Ok(self.open(begin, "")?.0)
    }

    /// Begins a transaction and asks its first question. A connection that is gone by now is made again: nothing was said on it that
    /// could be lost.
    fn open(&self, begin: &str, asked: &str) -> rusqlite::Result<(Moment<'_>, Vec<SimpleQueryMessage>)> {
        let said = format!(
            "{begin}; {LIMITS}; SET LOCAL search_path = \"{}\", pg_catalog; {asked}",
            self.schema()
        );
        let mut answer = self.talk(&said);
        for _ in 0..ATTEMPTS {
            let Err(ServerError::Lost(_) | ServerError::Unreachable(_)) = answer else {
                break;
            };
            answer = self.connect_again().and_then(|()| self.talk(&said));
            if answer.is_err() {
                std::thread::sleep(PAUSE);
            }
        }
        if answer.is_err() {
            // It may have begun before it was refused; where nobody hears, there is nothing to take back.
            let _ = self.say("ROLLBACK");
        }
        let answer = answer?;
        self.is_open.set(true);
        self.is_broken.set(false);
        Ok((self.moment(false), answer))
    }

    fn connect_again(&self) -> Result<(), ServerError> {
        let (client, is_own) = connected(&self.address)?;
        self.client.replace(client);
        self.is_own.set(is_own);
        Ok(())
    }

    fn moment(&self, is_part: bool) -> Moment<'_> {
        Moment {
            server: self,
            is_part,
            is_over: false,
        }
    }

    fn leave(&self, how: &str) -> rusqlite::Result<()> {
        if !self.is_open.replace(false) {
            return Ok(());
        }
        self.say(how)?;
        // The server takes the COMMIT of what it has refused for a ROLLBACK, and does not say so.
        if how == COMMIT && self.is_broken.get() {
            return Err(ServerError::Broken.into());
        }
        Ok(())
    }

    fn talk(&self, sql: &str) -> Result<Vec<SimpleQueryMessage>, ServerError> {
        Ok(self.client.borrow_mut().simple_query(sql)?)
    }

    fn say(&self, sql: &str) -> Result<(), ServerError> {
        Ok(self.client.borrow_mut().batch_execute(sql)?)
    }

    fn send(&self, text: &Text, values: Vec<Value>) -> rusqlite::Result<Answer> {
        let mut client = self.client.borrow_mut();
        let mut answer = client
            .query_typed_raw(&text.sql, values.into_iter().map(typed))
            .map_err(ServerError::from)?;
        let mut rows = Vec::new();
        while let Some(row) = answer.next().map_err(ServerError::from)? {
            rows.push(row);
        }
        let changed = answer.rows_affected().unwrap_or(0);
        Ok(Answer {
            rows,
            changed: usize::try_from(changed).unwrap_or(usize::MAX),
        })
    }
}

/// Connects, and tells whether the session is this process's own: then it has heard what was said first.
fn connected(address: &Address) -> Result<(Client, bool), ServerError> {
    let schema = address.schema();
    let words = format!("-c search_path={schema},pg_catalog -c mcf.schema={schema}");
    let mut client = match address.connect_to_own(&words) {
        // Whoever answered may have refused these words alone.
        Err(error) if error.code().is_some() => {
            return Ok((address.connect().map_err(ServerError::Unreachable)?, false));
        }
        client => client.map_err(ServerError::Unreachable)?,
    };
    let heard = client.simple_query("SELECT current_setting('mcf.schema', true)")?;
    let is_heard = |part: &SimpleQueryMessage| match part {
        SimpleQueryMessage::Row(row) => row.get(0) == Some(schema),
        _ => false,
    };
    let is_own = heard.iter().any(is_heard);
    Ok((client, is_own))
}

fn is_lost(error: &rusqlite::Error) -> bool {
    let rusqlite::Error::FromSqlConversionFailure(_, _, source) = error else {
        return false;
    };
    matches!(
        source.downcast_ref(),
        Some(ServerError::Lost(_) | ServerError::Unreachable(_))
    )
}

/// A transaction under way; dropped without a commit, it is taken back.
pub(crate) struct Moment<'c> {
    server: &'c Server,
    is_part: bool,
    is_over: bool,
}

impl Moment<'_> {
    pub(crate) fn commit(mut self) -> rusqlite::Result<()> {
        self.is_over = true;
        if self.is_part {
            return Ok(());
        }
        self.server.leave(COMMIT)
    }

    pub(crate) fn rollback(mut self) -> rusqlite::Result<()> {
        self.is_over = true;
        self.server.leave("ROLLBACK")
    }
}

impl Drop for Moment<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            // A connection that is gone has taken it back already.
            let _ = self.server.leave("ROLLBACK");
        }
    }
}

/// A value with its declared type; the server finds out for itself what a NULL is.
fn typed(value: Value) -> (Box<dyn ToSql + Sync>, Type) {
    match value {
        Value::Null => (Box::new(None::<String>), Type::UNKNOWN),
        Value::Integer(number) => (Box::new(number), Type::INT8),
        Value::Real(number) => (Box::new(number), Type::FLOAT8),
        Value::Text(text) => (Box::new(text), Type::TEXT),
        Value::Blob(bytes) => (Box::new(bytes), Type::BYTEA),
    }
}
