//! A database as an older version of the program left it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

/// How many versions ago it was made: an upgrade can be cut off in the middle of two migrations.
pub const STEPS_BACK: u32 = 2;

/// Makes a database with so many bytes in it as an older version made it; returns the newest version.
pub fn older(path: &Path, bytes: i64) -> u32 {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/migrations");
    let files = fs::read_dir(folder).expect("migrations");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    // Beside them lie those of the other engine.
    files.retain(|file| file.is_file());
    files.sort();
    let connection = Connection::open(path).expect("a database");
    let newest = u32::try_from(files.len()).expect("a version");
    let version = newest - STEPS_BACK;
    for file in &files[..version as usize] {
        let statements = fs::read_to_string(file).expect("statements");
        connection.execute_batch(&statements).expect("a schema");
    }
    connection
        .execute(
            "INSERT INTO events (kind, at, data) VALUES ('error', 0, '\"' || hex(zeroblob(?1)) || '\"')",
            [bytes],
        )
        .expect("a row");
    connection
        .pragma_update(None, "user_version", version)
        .expect("a version");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("private");
    newest
}
