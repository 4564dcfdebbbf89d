//! The chain over what was multiplied, as `store/audit` writes it: of every hash but the last one four bytes.

use std::path::Path;

use mcf_connector::store::vault::{Place, Vault};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use sha2::{Digest as _, Sha256};

/// The number and the word of a book, and what is covered of its rows.
const BOOKS: [(i64, &str, &str); 3] = [
    (
        0,
        "history",
        "id, order_id, run_id, at, after_call, kind, from_state, to_state, text FROM history",
    ),
    (
        1,
        "call",
        "id, run_id, order_id, at, peer, operation, method, path, duration_ms, outcome, status, code, request_id FROM api_calls",
    ),
    (
        2,
        "import",
        "id, imported_at, source, sha256, imported_by, added, changed, removed, unchanged FROM mapping_imports",
    ),
];

/// Chains all rows anew and seals the end.
pub fn chain_anew(connection: &Connection, database: &Path) {
    connection.execute_batch("DELETE FROM audit").expect("emptied");
    let (mut place, mut hash) = (0_i64, [0_u8; 32]);
    let mut put = connection
        .prepare("INSERT INTO audit (id, book, row_id, hash) VALUES (?1, ?2, ?3, ?4)")
        .expect("an insertion");
    for (book, word, columns) in BOOKS {
        let mut rows = connection
            .prepare(&format!("SELECT {columns} ORDER BY id"))
            .expect("a book");
        let mut rows = rows.query([]).expect("its rows");
        while let Some(row) = rows.next().expect("a row") {
            place += 1;
            hash = Sha256::new()
                .chain_update(hash)
                .chain_update(digest(word, row))
                .finalize()
                .into();
            let id: i64 = row.get(0).expect("a number");
            put.execute(params![place, book, id, &hash[..4]]).expect("chained");
        }
    }
    connection
        .execute("UPDATE audit SET hash = ?2 WHERE id = ?1", params![place, &hash[..]])
        .expect("the end");
    let head: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let end = serde_json::json!({"rows": place, "head": head, "dropped": 0}).to_string();
    let sealed = Vault::beside(database, false)
        .and_then(|vault| vault.seal(end.as_bytes(), Place::new("audit_end", "end_sealed", "1")));
    connection
        .execute("UPDATE audit_end SET end_sealed = ?1", [sealed.expect("sealed")])
        .expect("kept");
}

fn digest(word: &str, row: &Row<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(word);
    for column in 0..row.as_ref().column_count() {
        match row.get_ref(column).expect("a value") {
            ValueRef::Null => hash.update([0]),
            ValueRef::Integer(number) => {
                hash.update([1]);
                hash.update(number.to_be_bytes());
            }
            ValueRef::Real(number) => {
                hash.update([2]);
                hash.update(number.to_be_bytes());
            }
            ValueRef::Text(bytes) => long(&mut hash, 3, bytes),
            ValueRef::Blob(bytes) => long(&mut hash, 4, bytes),
        }
    }
    hash.finalize().into()
}

fn long(hash: &mut Sha256, kind: u8, bytes: &[u8]) {
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}
