//! A brief look at the database, for a front end that lives long: it waits for no turn, holds nobody up, and writes nothing.

use std::path::Path;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::refusal::explained;
use super::vault::Vault;
use super::{Result, Store, engine, ground, guard, open};
use crate::secret::Secret;

/// How long a look waits for a writer that keeps the whole file. A reader of a log waits for nobody else.
const WAIT: Duration = Duration::from_secs(2);

impl Store {
    /// Opens the database for reading alone, where it is there and of this version; else `None`, and [`Store::open`] says why. Nothing
    /// is made, locked or brought up to date, and whoever works with the file does not notice.
    ///
    /// # Errors
    /// When what lies there is not ours alone, or can't be read.
    pub fn open_read_only(path: &Path, key: Option<&Secret>) -> Result<Option<Self>> {
        guard::refuse_foreign_hands(path)?;
        let path = ground::real_path(path);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let Ok(connection) = Connection::open_with_flags(&path, flags) else {
            return Ok(None);
        };
        if !is_of_this_version(&connection).map_err(|error| explained(&path, error))? {
            return Ok(None);
        }
        let Ok(vault) = Vault::of(&path, key, false) else {
            return Ok(None);
        };
        Ok(Some(Self {
            connection: Arc::new(Mutex::new(engine::Connection::File(connection))),
            vault: Mutex::new(vault),
            path,
            run: AtomicI64::new(0),
            clock: None,
            latest: AtomicI64::new(0),
        }))
    }
}

fn is_of_this_version(connection: &Connection) -> Result<bool> {
    connection.busy_timeout(WAIT)?;
    Ok(open::version(connection)? == open::newest_known())
}

#[cfg(test)]
mod tests {
    use super::super::Lock;
    use super::super::tests_support::{fill, filled_at, store};
    use super::*;

    #[test]
    fn a_look_sees_what_is_committed_and_can_write_nothing() {
        let (_folder, store) = store();
        let order = fill(&store, "576900000000000101", "waiting");
        let look = Store::open_read_only(store.path(), None)
            .expect("readable")
            .expect("a database");
        assert!(look.order_row(&order).expect("readable").is_some());
        assert!(look.hold(&order, true, "held", filled_at()).is_err());
        store.hold(&order, true, "held", filled_at()).expect("held");
        assert!(look.order_row(&order).expect("readable").expect("an order").held);
    }

    #[test]
    fn a_look_waits_for_no_lock_and_makes_none() {
        let (folder, store) = store();
        let _locks = Lock::take_all(store.path(), filled_at()).expect("free");
        assert!(Store::open_read_only(store.path(), None).expect("readable").is_some());
        let nothing = folder.path().join("other.db");
        assert!(Store::open_read_only(&nothing, None).expect("readable").is_none());
        assert!(!nothing.exists());
    }

    #[test]
    fn another_version_is_left_to_who_may_open_it_whole() {
        let (_folder, store) = store();
        store
            .connection()
            .file()
            .expect("a file")
            .pragma_update(None, "user_version", 3)
            .expect("a version");
        assert!(Store::open_read_only(store.path(), None).expect("readable").is_none());
    }
}
