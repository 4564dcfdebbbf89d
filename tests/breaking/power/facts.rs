//! What lies on a disk after a cut: files laid out in a folder, and what a database in it knows.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;

use super::super::folder::folder;
use super::disk::{Image, files_below};

/// What kind of file it is: drafts have names of their own each time.
pub fn class(name: &Path) -> String {
    let text = name.to_string_lossy();
    match name.file_name() {
        None => "folder".to_owned(),
        Some(_) if text.contains(".unfinished") => "draft".to_owned(),
        Some(_) if !text.contains('.') => "folder".to_owned(),
        Some(name) => name.to_string_lossy().into_owned(),
    }
}

pub fn laid_out(image: &Image) -> TempDir {
    let folder = folder();
    for (name, bytes) in image {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, bytes).expect("a file");
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("a mode");
    }
    fs::create_dir_all(folder.path().join("made")).expect("a folder");
    folder
}

/// What a start has not swept.
pub fn left_over(database: &Path) -> Vec<String> {
    let files = files_below(database.parent().expect("a folder")).into_iter();
    let names = files.map(|path| path.display().to_string());
    names
        .filter(|name| name.contains(".unfinished"))
        .map(|name| format!("{name} is not swept"))
        .collect()
}

pub fn orders(database: &Path) -> Vec<String> {
    let connection = Connection::open(database).expect("a database");
    let mut statement = connection.prepare("SELECT id FROM orders").expect("a query");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<rusqlite::Result<_>>().expect("rows")
}

/// How many rows each table has. A change of the key leaves its note for a while.
pub fn counts(database: &Path) -> BTreeMap<String, i64> {
    let connection = Connection::open(database).expect("a database");
    let mut statement = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('facts', 'sqlite_sequence', 'sqlite_stat1')")
        .expect("a query");
    let names = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
    let count = |name: String| {
        let query = format!("SELECT count(*) FROM \"{name}\"");
        let count = connection.query_row(&query, [], |row| row.get(0)).expect("a count");
        (name, count)
    };
    names.map(|name| count(name.expect("a name"))).collect()
}
