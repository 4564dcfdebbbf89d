//! Settings as an operator writes them, read whole.

mod refusals;
mod values;

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

/// A machine with nothing on it but what a test puts there.
struct Machine {
    folder: TempDir,
    environment: Environment,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let environment = Environment {
            variables: BTreeMap::new(),
            working_directory: folder.path().to_owned(),
            system_folder: folder.path().join("etc"),
            user_id: folder.path().metadata().ok().map(|metadata| metadata.uid()),
        };
        Self { folder, environment }
    }

    fn with_file(text: &str) -> Self {
        let machine = Self::new();
        machine.write("config.toml", text);
        machine
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.variables.insert(name.to_owned(), value.into());
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, text).expect("written");
        self.set_mode(name, 0o600);
        path
    }

    fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).expect("changed");
    }

    fn load(&self) -> Result<Settings, Error> {
        Settings::load(&self.environment, &Overrides::default())
    }

    fn loaded(&self) -> Settings {
        self.load().unwrap_or_else(|error| panic!("{error}"))
    }

    fn load_named(&self, config: &str) -> Result<Settings, Error> {
        let overrides = Overrides {
            config: Some(config.into()),
            database: None,
        };
        Settings::load(&self.environment, &overrides)
    }

    /// Returns the message and the help of the refusal, with the folder cut off.
    fn refusal(&self) -> String {
        let error = self.load().expect_err("refused");
        format!("{error}\n{}", error.help()).replace(&format!("{}/", self.folder.path().display()), "")
    }
}

fn refusal(file: &str) -> String {
    Machine::with_file(file).refusal()
}

fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}

/// Loads the file and expects a refusal that begins so; its help must not be empty.
fn assert_refused(file: &str, start: &str) {
    let text = refusal(file);
    assert!(
        text.starts_with(start),
        "{file:?}\n  expected: {start}\n  found: {text}"
    );
    assert!(!text.ends_with('\n'), "no help: {text}");
}

const COMPLETE: &str = r#"
[tiktok]
app_key = "key"
app_secret = "tiktok-app-secret"
shop_id = "7496"
access_token = "tiktok-access"
refresh_token = "tiktok-refresh"

[amazon]
client_id = "amzn1.application-oa2-client.1"
client_secret = "amazon-client-secret"
refresh_token = "Atzr|amazon"
seller_id = "A1"
"#;
