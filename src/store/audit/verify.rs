//! Proving the chain: every row again, in the order of the chain, in constant memory.

use super::{Book, ChainEnd, END, Hash, SHORT, digest, end, hexadecimal, linked, sealed_end};
use crate::store::engine::{Connection, OptionalExtension, Row, Rows};
use crate::store::{Result, Store, dispatch, stock};

/// What a proof of the history went through, and the first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Rows of the histories of orders.
    pub history: i64,
    /// Calls that are there.
    pub calls: i64,
    /// Imports of mappings.
    pub imports: i64,
    /// What was done by hand to the shop.
    pub hands: i64,
    /// Calls that `purge` dropped.
    pub dropped: i64,
    /// Where the chain ends.
    pub end: ChainEnd,
    /// The first thing that is wrong.
    pub finding: Option<Finding>,
}

/// What is wrong with the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// What stands in a row is not what was written.
    Changed(RowName),
    /// A row is gone.
    Missing(RowName),
    /// A row was written by something else.
    Inserted(RowName),
    /// A row of the chain itself is gone, or one too many is there.
    Unlinked {
        /// Its place in the chain.
        place: i64,
    },
    /// The chain is shorter than the seal says.
    CutOff {
        /// So many rows are gone at its end.
        rows: i64,
    },
    /// Rows were added to the chain by something else.
    Continued {
        /// So many rows it had.
        sealed: i64,
    },
    /// The row that was sealed as the end is another one now.
    OtherEnd {
        /// Its place in the chain.
        sealed: i64,
    },
    /// The seal of the end is gone, or another one.
    Unsealed,
    /// There is no history, but there are orders.
    Emptied,
    /// More or fewer calls are marked as dropped than were.
    Dropped {
        /// So many are marked.
        marked: i64,
        /// So many were.
        sealed: i64,
    },
    /// The chain has no such end and never had.
    OtherHead {
        /// The end that was asked for.
        head: String,
    },
    /// A counter says something else than a count.
    Counter {
        /// Which orders it counts.
        what: String,
        /// What the counter says.
        said: i64,
        /// What is there.
        counted: i64,
    },
}

/// Which row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowName {
    /// `history`, `call`, `import` or `hand`.
    pub book: &'static str,
    /// Its number in its table.
    pub id: i64,
    /// The order that it is about, where it is there.
    pub order: Option<String>,
}

impl Store {
    /// Goes through the whole history, in one moment of it, and names the first row that was changed, is missing or was inserted. `head`
    /// is an end that the chain once had, as it was sent out.
    ///
    /// # Errors
    /// Only when the database can't be read: what is wrong with the history is part of the answer.
    pub fn verify_audit(&self, head: Option<&str>) -> Result<Audit> {
        self.verify_audit_watched(head, &mut |_, _| {})
    }

    /// The same; `watch` hears how many rows of how many are gone through.
    ///
    /// # Errors
    /// As for [`Store::verify_audit`].
    pub fn verify_audit_watched(&self, head: Option<&str>, watch: &mut dyn FnMut(u64, u64)) -> Result<Audit> {
        self.with_connection(|connection| {
            let moment = connection.transaction()?;
            let unseal = |sealed: &[u8]| self.unseal(sealed, END, "end").ok();
            proved(&moment, &unseal, head, watch)
        })
    }
}

/// The same for a database that is being filled: `unseal` opens the end of its chain.
pub(in crate::store) fn proved(
    moment: &Connection,
    unseal: &dyn Fn(&[u8]) -> Option<ChainEnd>,
    head: Option<&str>,
    watch: &mut dyn FnMut(u64, u64),
) -> Result<Audit> {
    let mut audit = Audit {
        history: 0,
        calls: 0,
        imports: 0,
        hands: 0,
        dropped: 0,
        end: end(moment)?,
        finding: None,
    };
    let mut finding = walk(moment, head, &mut audit, watch)?;
    if finding.is_none() {
        finding = against_the_seal(moment, unseal, &audit)?;
    }
    if finding.is_none() {
        finding = counters(moment)?;
    }
    audit.finding = finding.map(|finding| named(moment, finding)).transpose()?;
    Ok(audit)
}

fn against_the_seal(
    connection: &Connection,
    unseal: &dyn Fn(&[u8]) -> Option<ChainEnd>,
    audit: &Audit,
) -> Result<Option<Finding>> {
    let Some(sealed) = sealed_end(connection)? else {
        let has_orders: bool = connection.query_row("SELECT EXISTS (SELECT 1 FROM orders)", [], |row| row.get(0))?;
        let unsealed = (audit.end.rows > 0).then_some(Finding::Unsealed);
        return Ok(unsealed.or(has_orders.then_some(Finding::Emptied)));
    };
    let Some(sealed) = unseal(&sealed) else {
        return Ok(Some(Finding::Unsealed));
    };
    let query = "SELECT hash FROM audit WHERE id = ?1";
    let there: Option<Vec<u8>> = connection
        .query_row(query, [sealed.rows], |row| row.get(0))
        .optional()?;
    let is_there = there.is_some_and(|hash| hash.len() >= SHORT && sealed.head.starts_with(&hexadecimal(&hash)));
    Ok(judged(&sealed, audit, is_there))
}

/// The rule: the end that is sealed and whether it is in the chain, and what was found by going through it.
fn judged(sealed: &ChainEnd, audit: &Audit, is_there: bool) -> Option<Finding> {
    let end = &audit.end;
    if sealed.rows > end.rows {
        let rows = sealed.rows - end.rows;
        return Some(Finding::CutOff { rows });
    }
    let is_at_the_end = sealed.rows == end.rows;
    if !is_there || (is_at_the_end && sealed.head != end.head) {
        return Some(Finding::OtherEnd { sealed: sealed.rows });
    }
    if !is_at_the_end {
        return Some(Finding::Continued { sealed: sealed.rows });
    }
    (sealed.dropped != audit.dropped).then_some(Finding::Dropped {
        marked: audit.dropped,
        sealed: sealed.dropped,
    })
}

/// How many rows are gone through between two words about it.
const ROWS_AT_ONCE: i64 = 10_000;

/// The rows of one table, in the order of their numbers, with the hash of the first that was not taken yet.
struct Feed<'s> {
    rows: Rows<'s>,
    read: fn(&Row<'_>) -> rusqlite::Result<Hash>,
    first: Option<(i64, Hash)>,
}

impl<'s> Feed<'s> {
    fn new(rows: Rows<'s>, read: fn(&Row<'_>) -> rusqlite::Result<Hash>) -> Result<Self> {
        let mut feed = Self {
            rows,
            read,
            first: None,
        };
        feed.advance()?;
        Ok(feed)
    }

    fn advance(&mut self) -> Result<()> {
        let row = self.rows.next()?;
        self.first = row
            .map(|row| Ok::<_, rusqlite::Error>((row.get(0)?, (self.read)(&row)?)))
            .transpose()?;
        Ok(())
    }

    /// Takes the row of this number, where it is the next one.
    fn take(&mut self, id: i64) -> Result<Option<Hash>> {
        match self.first {
            Some((first, hash)) if first == id => {
                self.advance()?;
                Ok(Some(hash))
            }
            Some(_) | None => Ok(None),
        }
    }

    /// Returns the next row, where it should have been taken before that of this number.
    fn before(&self, id: i64) -> Option<i64> {
        self.first.map(|(first, _)| first).filter(|first| *first < id)
    }
}

fn walk(
    connection: &Connection,
    head: Option<&str>,
    audit: &mut Audit,
    watch: &mut dyn FnMut(u64, u64),
) -> Result<Option<Finding>> {
    let of = |book: Book| connection.prepare(&format!("SELECT {} ORDER BY id", book.columns()));
    let (mut history, mut calls) = (of(Book::History)?, of(Book::Calls)?);
    let (mut imports, mut hands) = (of(Book::Imports)?, of(Book::Hands)?);
    let mut dropped = connection.prepare("SELECT id, digest FROM dropped_calls ORDER BY id")?;
    let mut feeds = [
        Feed::new(history.pieces()?, |row| digest(Book::History, row))?,
        Feed::new(calls.pieces()?, |row| digest(Book::Calls, row))?,
        Feed::new(imports.pieces()?, |row| digest(Book::Imports, row))?,
        Feed::new(hands.pieces()?, |row| digest(Book::Hands, row))?,
        Feed::new(dropped.pieces()?, |row| row.get(1))?,
    ];
    let mut links = connection.prepare("SELECT id, book, row_id, hash FROM audit ORDER BY id")?;
    let mut links = links.pieces()?;
    let (mut place, mut hash) = (0, Hash::default());
    let mut is_head_known = head.is_none_or(|head| head == hexadecimal(&hash));
    while let Some(link) = links.next()? {
        place += 1;
        if place % ROWS_AT_ONCE == 0 {
            watch(place.unsigned_abs(), audit.end.rows.unsigned_abs());
        }
        let id: i64 = link.get(2)?;
        let Some(book) = Book::read(link.get(1)?).filter(|_| link.get(0) == Ok(place)) else {
            return Ok(Some(Finding::Unlinked { place }));
        };
        let digest = match taken(&mut feeds, book, id, audit)? {
            Ok(digest) => digest,
            Err(finding) => return Ok(Some(finding)),
        };
        hash = linked(&hash, &digest);
        let is_right = |kept: &[u8]| kept.len() >= SHORT && hash.starts_with(kept);
        if !link.get_ref(3)?.as_blob().is_ok_and(is_right) {
            return Ok(Some(Finding::Changed(name(book, id))));
        }
        is_head_known = is_head_known || head.is_some_and(|head| head == hexadecimal(&hash));
    }
    let left = Book::ALL.into_iter().find_map(|book| inserted(&feeds, book, i64::MAX));
    let unknown = head
        .filter(|_| !is_head_known)
        .map(|head| Finding::OtherHead { head: head.to_owned() });
    Ok(left.or(unknown))
}

/// Works out the hash of the last row of the chain from all that it stands for.
pub(super) fn worked_out(connection: &Connection) -> Result<Hash> {
    let mut links = connection.prepare("SELECT book, row_id FROM audit ORDER BY id")?;
    let mut links = links.query([])?;
    let mut hash = Hash::default();
    while let Some(link) = links.next()? {
        let book = Book::read(link.get(0)?);
        let digest = book.map(|book| digest_of(connection, book, link.get(1)?)).transpose()?;
        hash = linked(&hash, &digest.flatten().unwrap_or_default());
    }
    Ok(hash)
}

fn digest_of(connection: &Connection, book: Book, id: i64) -> Result<Option<Hash>> {
    let query = format!("SELECT {} WHERE id = ?1", book.columns());
    let row = connection
        .prepare_cached(&query)?
        .query_row([id], |row| digest(book, row))
        .optional()?;
    let dropped = "SELECT digest FROM dropped_calls WHERE id = ?1";
    match row {
        None if book == Book::Calls => Ok(connection
            .prepare_cached(dropped)?
            .query_row([id], |row| row.get(0))
            .optional()?),
        row => Ok(row),
    }
}

/// Takes the row that the chain names next out of its book; one that stands before it the chain does not know.
fn taken(
    feeds: &mut [Feed<'_>; 5],
    book: Book,
    id: i64,
    audit: &mut Audit,
) -> Result<std::result::Result<Hash, Finding>> {
    if let Some(finding) = inserted(feeds, book, id) {
        return Ok(Err(finding));
    }
    let [history, calls, imports, hands, dropped] = feeds;
    let (feed, count) = match book {
        Book::History => (history, &mut audit.history),
        Book::Calls => (calls, &mut audit.calls),
        Book::Imports => (imports, &mut audit.imports),
        Book::Hands => (hands, &mut audit.hands),
    };
    if let Some(digest) = feed.take(id)? {
        *count += 1;
        return Ok(Ok(digest));
    }
    let digest = if book == Book::Calls { dropped.take(id)? } else { None };
    audit.dropped += i64::from(digest.is_some());
    Ok(digest.ok_or_else(|| Finding::Missing(name(book, id))))
}

fn inserted(feeds: &[Feed<'_>; 5], book: Book, next: i64) -> Option<Finding> {
    let [history, calls, imports, hands, dropped] = feeds;
    let early = match book {
        Book::History => history.before(next),
        Book::Calls => calls.before(next).or(dropped.before(next)),
        Book::Imports => imports.before(next),
        Book::Hands => hands.before(next),
    };
    early.map(|id| Finding::Inserted(name(book, id)))
}

fn name(book: Book, id: i64) -> RowName {
    RowName {
        book: book.word(),
        id,
        order: None,
    }
}

/// Adds to the name of a row which order it is about.
fn named(connection: &Connection, finding: Finding) -> Result<Finding> {
    let with_order = |name: RowName| -> Result<RowName> {
        let table = match name.book {
            "history" => "history",
            "call" => "api_calls",
            _ => return Ok(name),
        };
        let query = format!("SELECT order_id FROM {table} WHERE id = ?1");
        let order: Option<Option<String>> = connection.query_row(&query, [name.id], |row| row.get(0)).optional()?;
        Ok(RowName {
            order: order.flatten(),
            ..name
        })
    };
    Ok(match finding {
        Finding::Changed(name) => Finding::Changed(with_order(name)?),
        Finding::Inserted(name) => Finding::Inserted(with_order(name)?),
        other => other,
    })
}

/// Compares what is counted as it changes with a full count.
fn counters(connection: &Connection) -> Result<Option<Finding>> {
    let query = "SELECT state, kind, sum(said), sum(counted) FROM
            (SELECT state, kind, orders AS said, 0 AS counted FROM order_counts
             UNION ALL SELECT state, kind, 0, count(*) FROM orders GROUP BY state, kind) AS counts
        GROUP BY state, kind HAVING sum(said) <> sum(counted) ORDER BY state, kind LIMIT 1";
    let read = |row: &Row<'_>| {
        let (state, kind): (String, String) = (row.get(0)?, row.get(1)?);
        Ok((format!("{state} ({kind})"), row.get(2)?, row.get(3)?))
    };
    let mut wrong = connection.query_row(query, [], read).optional()?;
    for miscounted in [dispatch::miscounted, stock::miscounted] {
        if wrong.is_none() {
            wrong = miscounted(connection)?;
        }
    }
    Ok(wrong.map(|(what, said, counted)| Finding::Counter { what, said, counted }))
}
