//! Any text as `config.toml`: settings, or an error that names a place and shows none of the secrets.

#![no_main]

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mcf_connector::config::{Environment, Overrides, Settings};
use mcf_connector::trust::this_user;
use tempfile::TempDir;

const CANARY: &str = "canary-of-a-secret";

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

fn surroundings() -> Environment {
    Environment {
        variables: BTreeMap::new(),
        working_directory: FOLDER.path().to_owned(),
        system_folder: PathBuf::from("/nowhere"),
        user_id: this_user(),
    }
}

fuzz_target!(|text: &[u8]| {
    let path = FOLDER.path().join("config.toml");
    fs::write(&path, text).expect("a file");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("its mode");
    let overrides = Overrides {
        config: Some(path),
        ..Overrides::default()
    };
    match Settings::load(&surroundings(), &overrides) {
        Ok(settings) => assert!(!format!("{settings:?}").contains(CANARY), "a secret is shown"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
