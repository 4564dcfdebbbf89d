//! `mcf status --verify-audit`: whether the history is what was written.

use serde::Serialize;
use serde_json::{Value, json};

use super::SCHEMA;
use crate::store::{Audit, Finding, Result, RowName, Store};

/// What to type when the history is not whole.
pub const NEXT_COMMAND: &str = "keep it as it is with mcf backup FILE, then look for the newest whole copy: mcf status --verify-audit --db COPY (docs/history.md)";

/// A proof of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport(Audit);

impl AuditReport {
    /// Goes through the whole history, and tells `watch` how far. `head` is an end that went out before.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn read(store: &Store, head: Option<&str>, watch: &mut dyn FnMut(u64, u64)) -> Result<Self> {
        store.verify_audit_watched(head, watch).map(Self)
    }

    /// Returns what is wrong, as one sentence.
    #[must_use]
    pub fn broken(&self) -> Option<String> {
        self.0.finding.as_ref().map(sentence)
    }

    /// Returns the one line.
    #[must_use]
    pub fn line(&self) -> String {
        match self.broken() {
            Some(finding) => format!("broken: {finding}"),
            None => self.whole(),
        }
    }

    fn whole(&self) -> String {
        let Audit {
            history,
            calls,
            imports,
            hands,
            dropped,
            end,
            ..
        } = &self.0;
        let dropped = match dropped {
            0 => String::new(),
            dropped => format!(" ({dropped} more were dropped by purge)"),
        };
        let by_hand = match hands {
            0 => String::new(),
            hands => format!(", {}", counted(*hands, "hand action")),
        };
        format!(
            "ok: the history is whole: {}, {}{dropped}, {}{by_hand}; it ends in {}",
            counted(*history, "row"),
            counted(*calls, "call"),
            counted(*imports, "import"),
            end.head
        )
    }
}

impl Serialize for AuditReport {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let Self(audit) = self;
        let document = json!({
            "schema": SCHEMA,
            "audit": {
                "outcome": if audit.finding.is_some() { "broken" } else { "ok" },
                "history": audit.history, "calls": audit.calls, "imports": audit.imports, "hands": audit.hands, "droppedCalls": audit.dropped,
                "auditRows": audit.end.rows, "auditHead": audit.end.head,
                "finding": audit.finding.as_ref().map(document),
            },
        });
        document.serialize(serializer)
    }
}

fn counted(count: i64, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}

fn sentence(finding: &Finding) -> String {
    match finding {
        Finding::Changed(row) => format!("{} was changed after it was written", named(row)),
        Finding::Missing(row) => format!("{} is missing", named(row)),
        Finding::Inserted(row) => format!("{} was inserted by something else than mcf", named(row)),
        Finding::Unlinked { place } => format!("row {place} of the chain is missing or another one"),
        Finding::CutOff { rows } => format!("{} at the end of the history missing", are(*rows)),
        Finding::Continued { sealed } => {
            format!("what follows row {sealed} of the chain was added by something else than mcf")
        }
        Finding::OtherEnd { sealed } => {
            format!(
                "row {sealed} of the chain is not the one that was sealed as its end: the end was cut off or written anew"
            )
        }
        Finding::Unsealed => "the sealed end of the history is missing, or it belongs to another history".to_owned(),
        Finding::Emptied => "the history is missing: there are orders, and nothing is written of any".to_owned(),
        Finding::Dropped { marked, sealed } => {
            format!("{marked} calls are marked as dropped by purge, which dropped {sealed}")
        }
        Finding::OtherHead { head } => {
            format!("the history has no row that ends in {head}: it was written anew, or it is another one")
        }
        Finding::Counter { what, said, counted } => {
            format!("the counter of orders says {said} {what}, and {counted} are there")
        }
    }
}

fn are(rows: i64) -> String {
    let verb = if rows == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(rows, "row"))
}

fn named(row: &RowName) -> String {
    let what = match row.book {
        "history" => "row",
        "hand" => "hand action",
        book => book,
    };
    let of = if row.book == "history" { " of the history" } else { "" };
    let order = row
        .order
        .as_ref()
        .map(|order| format!(" (order {order})"))
        .unwrap_or_default();
    format!("{what} {}{of}{order}", row.id)
}

fn document(finding: &Finding) -> Value {
    let (kind, row) = match finding {
        Finding::Changed(row) => ("changed", Some(row)),
        Finding::Missing(row) => ("missing", Some(row)),
        Finding::Inserted(row) => ("inserted", Some(row)),
        Finding::Unlinked { .. } => ("unlinked", None),
        Finding::CutOff { .. } => ("cut_off", None),
        Finding::Continued { .. } => ("continued", None),
        Finding::OtherEnd { .. } => ("other_end", None),
        Finding::Unsealed => ("unsealed", None),
        Finding::Emptied => ("emptied", None),
        Finding::Dropped { .. } => ("dropped", None),
        Finding::OtherHead { .. } => ("other_head", None),
        Finding::Counter { .. } => ("counter", None),
    };
    json!({
        "kind": kind, "message": sentence(finding), "book": row.map(|row| row.book), "row": row.map(|row| row.id),
        "orderId": row.and_then(|row| row.order.as_deref()),
    })
}
