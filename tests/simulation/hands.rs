//! A person's hands and the host, as whole commands meet them: a disk that is full at the worst moment, locks and links of others,
//! signals, spreadsheets, secrets that are mistyped or stand in one shell only, and no configuration at all. Each looks for itself
//! whether the program did right, and leaves the shop as it was.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use mcf_connector::jobs::import_mappings::{Options, Source, import};
use mcf_connector::sandbox::scenario::{MAPPINGS_CSV, MCF_WAREHOUSES};
use mcf_connector::sandbox::{Operation, Witness};
use rusqlite::types::Value;

use super::folder::folder;
use super::judge::texts;
use super::script::{Cron, Hand, Typed};
use super::shop::Shop;

/// The account that every system has and no service of ours.
const NOBODY: u32 = 65_534;
const ROOT: u32 = 0;

/// No command may take longer for an end that it reaches by itself.
const PATIENCE: Duration = Duration::from_secs(20);
/// Nor for one that a signal asks for: a call under way has three seconds.
const GRACE: Duration = Duration::from_secs(8);

/// So large a file holds the room for a pair of tokens, and nothing more of the database.
const FULL: &str = "4096";

const CANARY: &str = "canary5f2a6b1c0123456789abcdef01234567";
/// A variant that is mapped by its id.
const BULB: &str = "1729592969712209104";
const LETTER: &str = "dear reader";

/// How a command ended.
struct Ended {
    code: Option<i32>,
    said: String,
}

/// Plays what a hand does; the error says what must never be so.
pub fn play(shop: &Shop, hand: Hand) -> Result<(), String> {
    match hand {
        Hand::FillsTheDisk => on_a_full_disk(shop),
        Hand::Interrupts(cron, call) => interrupted(shop, cron, call),
        Hand::HoldsTheLock => beside_a_held_lock(shop),
        Hand::LinksALock => through_a_linked_lock(shop),
        Hand::LinksAnOutput => through_a_planted_link(shop),
        Hand::OpensThroughALink => by_another_name(shop),
        Hand::RestoresTwice => restored_twice(shop),
        Hand::IsRoot => as_root(shop),
        Hand::HasNoConfiguration => without_a_configuration(shop),
        Hand::SchedulesTwoShops => two_shops(shop),
        Hand::SchedulesFromAShell => secrets_of_a_shell(shop),
        Hand::MistypesASecret => mistyped_secrets(shop),
        Hand::ChecksADisabledWarehouse => disabled_warehouse(shop),
        Hand::InitsOver => forced_init(shop),
        Hand::TypesAKeyTwice => key_twice(shop),
        Hand::Imports(typed) => imported(shop, typed),
    }
}

fn command(shop: &Shop, arguments: &[&str]) -> Process {
    let mut command = Process::new(env!("CARGO_BIN_EXE_mcf"));
    command
        .env_clear()
        .env("USER", "seller")
        .env("MCF_NOW", shop.now.to_rfc3339())
        .current_dir(shop.folder())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn mcf(shop: &Shop, arguments: &[&str]) -> Ended {
    ended(command(shop, arguments).spawn().expect("a process"), PATIENCE)
}

/// Waits for an end; who has none in time is killed, and has no code.
fn ended(mut child: Child, patience: Duration) -> Ended {
    let begun = Instant::now();
    while child.try_wait().expect("a process").is_none() && begun.elapsed() < patience {
        std::thread::sleep(Duration::from_millis(2));
    }
    let _ = child.kill();
    let code = child.wait().expect("an end").code();
    let mut said = String::new();
    for stream in [
        child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read>),
        child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read>),
    ] {
        let _ = stream.expect("a pipe").read_to_string(&mut said);
    }
    Ended { code, said }
}

fn signal(name: &str, child: u32) {
    let _ = Process::new("kill").args([name, &child.to_string()]).status();
}

impl Ended {
    /// Expects an exit code and words.
    fn must(self, what: &str, code: i32, words: &[&str]) -> Result<Self, String> {
        if self.code != Some(code) || words.iter().any(|word| !self.said.contains(word)) {
            return Err(format!(
                "{what}: it must end with {code} and say {words:?}, and ends with {:?}: {}",
                self.code, self.said
            ));
        }
        Ok(self)
    }
}

/// Expects that something is so.
fn must(is_so: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(what()) }
}

fn work(cron: Cron) -> &'static str {
    match cron {
        Cron::Poll => "poll",
        Cron::SyncTracking => "sync-tracking",
        Cron::SyncInventory => "sync-inventory",
    }
}

/// Runs a command and does something to its process when it makes its n-th call of a kind.
fn struck(shop: &Shop, cron: Cron, call: usize, of: Option<Operation>, strike: fn(u32)) -> Ended {
    shop.sandbox.world().faults.clear();
    let child = command(shop, &[work(cron), "--quiet"]).spawn().expect("a process");
    let (process, calls) = (child.id(), AtomicUsize::new(0));
    let witness = Witness::new(move |world, entry| {
        let last = world.log.entries().last();
        let is_answered = last.is_some_and(|last| last.arrival == entry.arrival);
        let is_meant = of.is_none() || entry.operation == of;
        if is_meant && !is_answered && calls.fetch_add(1, Ordering::Relaxed) + 1 == call {
            strike(process);
        }
    });
    shop.sandbox.world().witness = Some(witness);
    let ended = ended(child, GRACE);
    shop.sandbox.world().witness = None;
    ended
}

/// E166: TikTok has given a new pair, the old one is dead, and no file can grow any more.
fn on_a_full_disk(shop: &Shop) -> Result<(), String> {
    let grace = {
        let mut world = shop.sandbox.world();
        world.tiktok.tokens.access_expires_at = shop.now - TimeDelta::minutes(1);
        std::mem::take(&mut world.settings.refresh_grace)
    };
    let full = struck(shop, Cron::Poll, 1, Some(Operation::RefreshToken), |process| {
        let fsize = format!("--fsize={FULL}");
        let _ = Process::new("prlimit")
            .args(["--pid", &process.to_string(), &fsize])
            .status();
    });
    let next = mcf(shop, &["poll", "--quiet"]);
    shop.sandbox.world().settings.refresh_grace = grace;
    must(next.code != Some(5), || {
        format!("E166: a full disk costs the tokens: {} {}", full.said, next.said)
    })?;
    must(full.code.is_some_and(|code| [0, 1, 4, 6].contains(&code)), || {
        format!("E166: on a full disk a run ends with {:?}: {}", full.code, full.said)
    })
}

/// E170, A12: what a signal ends says so, soon, and is nobody's trouble.
fn interrupted(shop: &Shop, cron: Cron, call: usize) -> Result<(), String> {
    let ran = struck(shop, cron, call, None, |process| signal("-INT", process));
    // The signal may come when all is done: then the run ends as it would have.
    let is_heard = ran.said.contains("stopping");
    let is_well = matches!(ran.code, Some(0 | 3 | 130)) || ran.code == Some(4) && !is_heard;
    must(is_well, || {
        format!("E170: interrupted, it ends with {:?}: {}", ran.code, ran.said)
    })
}

/// E170: who waits for a lock that nobody gives ends by itself with a sentence, and at once when it is asked to.
fn beside_a_held_lock(shop: &Shop) -> Result<(), String> {
    let lock = PathBuf::from(format!("{}.lock", shop.database().display()));
    let held = fs::OpenOptions::new().append(true).open(lock).expect("a lock");
    held.lock().expect("free");
    let asked = command(shop, &["status"]).spawn().expect("a process");
    let process = asked.id();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        signal("-TERM", process);
    });
    let asked = ended(asked, Duration::from_secs(3));
    stopper.join().expect("no panic");
    must(asked.code == Some(143), || {
        format!("E170: asked to end, it ends with {:?}", asked.code)
    })?;
    mcf(shop, &["status"])
        .must("E170: a lock is held", 75, &["has held", "fuser"])
        .map(drop)
}

/// E177: a lock that is a link is not opened, and what it leads to stays as it is.
fn through_a_linked_lock(shop: &Shop) -> Result<(), String> {
    for name in ["mcf.db.orders.lock", "mcf.db.lock"] {
        let (lock, letter) = (shop.folder().join(name), shop.folder().join("letter.txt"));
        let _ = fs::remove_file(&lock);
        fs::write(&letter, LETTER).expect("a file");
        symlink(&letter, &lock).expect("a link");
        let ran = mcf(shop, &["poll", "--quiet"]);
        let read = fs::read_to_string(&letter).expect("a file");
        fs::remove_file(&lock).expect("gone");
        ran.must("E177: a lock is a link", 6, &[name])?;
        must(read == LETTER, || format!("E177: what {name} led to is {read:?} now"))?;
    }
    Ok(())
}

/// E177: nothing is written through a link that somebody else put into a folder that is open to all. Only root can plant one here.
fn through_a_planted_link(shop: &Shop) -> Result<(), String> {
    let (way, apart) = (shop.folder().join("way"), folder());
    symlink(apart.path(), &way).expect("a link");
    let is_planted = lchown(&way, Some(NOBODY), None).is_ok();
    open_folder(shop, 0o1777);
    let ran = is_planted.then(|| mcf(shop, &["report", "--output", "way/page.html"]));
    open_folder(shop, 0o700);
    fs::remove_file(&way).expect("gone");
    let Some(ran) = ran else { return Ok(()) };
    ran.must("E177: an output leads through a planted link", 6, &["way", "link"])?;
    let made = fs::read_dir(apart.path()).expect("a folder").count();
    must(made == 0, || "E177: the page lies where a planted link led".to_owned())
}

fn open_folder(shop: &Shop, mode: u32) {
    fs::set_permissions(shop.folder(), Permissions::from_mode(mode)).expect("a mode");
}

/// E175: a database under another name is the same one, with one key.
fn by_another_name(shop: &Shop) -> Result<(), String> {
    let other = shop.folder().join("other.db");
    symlink(shop.database(), &other).expect("a link");
    let ran = mcf(shop, &["status", "--db", "other.db"]);
    let has_key = fs::remove_file(shop.folder().join("other.db.key")).is_ok();
    fs::remove_file(other).expect("gone");
    ran.must("E175: by a link", 0, &[])?;
    must(!has_key, || {
        "E175: a link to the database gets a key of its own".to_owned()
    })
}

/// E163: a copy that is put back twice within a second replaces two databases, and both are kept.
fn restored_twice(shop: &Shop) -> Result<(), String> {
    mcf(shop, &["backup", "twice.db", "--force"]).must("E163: a copy", 0, &[])?;
    let kept = || -> BTreeSet<PathBuf> {
        let files = fs::read_dir(shop.folder()).expect("a folder");
        let paths = files.map(|file| file.expect("a file").path());
        paths
            .filter(|path| path.display().to_string().contains(".before-restore-"))
            .collect()
    };
    let before = kept().len();
    for _ in 0..2 {
        mcf(shop, &["restore", "twice.db", "--force"]).must("E163: a restore", 0, &[])?;
    }
    // Each with its key.
    must(kept().len() == before + 4, || {
        format!("E163: two restores keep {:?}", kept())
    })
}

/// E161: root is told how to type it as the service user, and no file becomes root's. Only root can play this.
fn as_root(shop: &Shop) -> Result<(), String> {
    let files = || -> Vec<PathBuf> {
        let entries = fs::read_dir(shop.folder()).expect("a folder");
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.push(shop.folder().to_owned());
        paths
    };
    let give_to = |user| files().iter().try_for_each(|path| lchown(path, Some(user), None));
    if give_to(NOBODY).is_err() {
        return Ok(());
    }
    let before = files();
    let ran = mcf(shop, &["status"]);
    let after = files();
    give_to(ROOT).expect("given back");
    let ran = ran.must("E161: as root", 6, &["sudo -u nobody -H mcf status"])?;
    must(!ran.said.contains("chown"), || format!("E161: {}", ran.said))?;
    must(after == before, || format!("E161: root makes files: {after:?}"))
}

/// E160: where nothing says which database is meant, none is made.
fn without_a_configuration(shop: &Shop) -> Result<(), String> {
    let place = folder();
    fs::write(place.path().join("mappings.csv"), MAPPINGS_CSV).expect("a file");
    for arguments in [&["status"][..], &["mappings", "import", "mappings.csv"], &["poll"]] {
        let mut command = command(shop, arguments);
        command.current_dir(place.path()).env("HOME", place.path());
        let ran = ended(command.spawn().expect("a process"), PATIENCE);
        ran.must("E160: no configuration", 6, &["config.toml"])?;
    }
    let left = fs::read_dir(place.path()).expect("a folder").count();
    must(left == 1, || format!("E160: {left} files without a configuration"))
}

/// E159: what is printed for two shops shares no unit, no tag, no file and no mark.
fn two_shops(shop: &Shop) -> Result<(), String> {
    for kind in ["cron", "systemd"] {
        let mut names = Vec::new();
        for name in ["north", "south"] {
            let ran = mcf(shop, &["schedule", kind, "--name", name]).must("E159: a schedule", 0, &[])?;
            must(kind != "cron" || ran.said.contains("crontab -l"), || {
                format!("E159: the recipe replaces the crontab: {}", ran.said)
            })?;
            names.push(names_in(&ran.said));
        }
        let shared: Vec<_> = names[0].intersection(&names[1]).collect();
        must(!names[0].is_empty() && shared.is_empty(), || {
            format!("E159: two shops share {shared:?}")
        })?;
    }
    Ok(())
}

/// Names of units, tags and files: they begin with the program's own.
fn names_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|sign: char| sign.is_whitespace() || "/'=:;{}()".contains(sign));
    let is_name = |word: &&str| word.starts_with("mcf-") && *word != "mcf-connector";
    words.filter(is_name).map(str::to_owned).collect()
}

/// E171: cron does not have what stands in this shell.
fn secrets_of_a_shell(shop: &Shop) -> Result<(), String> {
    let mut command = command(shop, &["schedule", "cron"]);
    command.env("TIKTOK_APP_SECRET", CANARY);
    let ran = ended(command.spawn().expect("a process"), PATIENCE);
    let ran = ran.must(
        "E171: a secret of the shell",
        0,
        &["cron will not have", "TIKTOK_APP_SECRET"],
    )?;
    must(!ran.said.contains(CANARY), || "I10: a secret is shown".to_owned())
}

/// E162: kept tokens are good, and that proves nothing.
fn mistyped_secrets(shop: &Shop) -> Result<(), String> {
    for (variable, part) in [
        ("TIKTOK_APP_SECRET", "tiktok"),
        ("TIKTOK_REFRESH_TOKEN", "tiktok"),
        ("AMAZON_CLIENT_SECRET", "amazon"),
    ] {
        let mut command = command(shop, &["check", part]);
        command.env(variable, CANARY);
        let ran = ended(command.spawn().expect("a process"), PATIENCE);
        ran.must("E162: a mistyped secret", 3, &[&format!("{part}.credentials")])?;
    }
    Ok(())
}

/// E143: a warehouse that TikTok has switched off is no good one.
fn disabled_warehouse(shop: &Shop) -> Result<(), String> {
    let set = |status: &str| {
        let warehouses = &mut shop.sandbox.world().tiktok.warehouses;
        let ours = warehouses
            .iter_mut()
            .filter(|warehouse| warehouse.id == MCF_WAREHOUSES[0]);
        ours.for_each(|warehouse| status.clone_into(&mut warehouse.effect_status));
    };
    set("DISABLED");
    let ran = mcf(shop, &["check", "tiktok"]);
    set("ENABLED");
    ran.must("E143: a disabled warehouse", 3, &[]).map(drop)
}

/// E165: what stood in the configuration is kept.
fn forced_init(shop: &Shop) -> Result<(), String> {
    let old = fs::read(shop.config()).expect("a file");
    let ran = mcf(shop, &["init", "--force"]);
    let files = fs::read_dir(shop.folder()).expect("a folder");
    let mut copies = files
        .map(|file| file.expect("a file").path())
        .filter(|path| *path != shop.config() && path.display().to_string().contains("config.toml."));
    let is_kept = copies.any(|copy| fs::read(copy).is_ok_and(|bytes| bytes == old));
    write_private(&shop.config(), &old);
    ran.must("E165: init over a configuration", 0, &["kept"])?;
    must(is_kept, || "E165: the old configuration is gone".to_owned())
}

fn write_private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("a file");
    fs::set_permissions(path, Permissions::from_mode(0o600)).expect("a mode");
}

/// C24: one key twice is named with both lines.
fn key_twice(shop: &Shop) -> Result<(), String> {
    let old = fs::read_to_string(shop.config()).expect("a file");
    let first = old.lines().position(|line| line.starts_with("app_key")).expect("a key") + 1;
    let twice = old.replacen("app_key", "app_key = \"typed-again\"\napp_key", 1);
    write_private(&shop.config(), twice.as_bytes());
    let ran = mcf(shop, &["poll"]);
    write_private(&shop.config(), old.as_bytes());
    let (above, below) = (format!("{first}"), format!("{}", first + 1));
    ran.must("C24: a key twice", 6, &["app_key", "twice", &above, &below])
        .map(drop)
}

/// What a spreadsheet makes of a file is read as it was meant, or refused; the mappings stay.
fn imported(shop: &Shop, typed: Typed) -> Result<(), String> {
    let before = mappings(shop);
    // An id is known to be rounded where the real one was seen.
    let seen = format!("SELECT sku_id FROM listing_stock WHERE sku_id = '{BULB}'");
    if typed == Typed::Rounded && texts(&shop.connection(), &seen).is_empty() {
        return Ok(());
    }
    let options = Options {
        replace: typed.is_readable(),
        dry_run: false,
        imported_by: "a test".to_owned(),
    };
    let bytes = typed.bytes();
    let store = shop.store();
    let came = import(&store, Source::Stdin(&mut bytes.as_slice()), &options, shop.now);
    let after = mappings(shop);
    must(after == before, || {
        format!("S: {typed:?} changes the mappings to {after:?}")
    })?;
    must(came.is_ok() == typed.is_readable(), || {
        format!("S: {typed:?} comes to {came:?}")
    })?;
    let is_told = came.is_ok_and(|summary| summary.warnings_total > 0);
    must(typed != Typed::Apostrophes || is_told, || {
        "S23: nobody hears of the apostrophes".to_owned()
    })
}

fn mappings(shop: &Shop) -> Vec<Vec<Value>> {
    let connection = shop.connection();
    let query =
        "SELECT key_kind, key, amazon_sku, quantity, bundle, shipping_speed, safety_stock, enabled FROM mappings
        WHERE to_import IS NULL ORDER BY key, amazon_sku";
    let mut statement = connection.prepare(query).expect("a query");
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect());
    rows.expect("rows").collect::<rusqlite::Result<_>>().expect("rows")
}

impl Typed {
    /// Whether it is still what was meant.
    fn is_readable(self) -> bool {
        !matches!(
            self,
            Self::Rounded | Self::Scientific | Self::Workbook | Self::Wide | Self::Fractions
        )
    }

    /// The shop's mappings after a spreadsheet had them.
    fn bytes(self) -> Vec<u8> {
        let each = |change: fn(&str) -> String| MAPPINGS_CSV.lines().map(change).collect::<Vec<_>>().join("\n");
        match self {
            Self::Marked => format!("\u{feff}{}", MAPPINGS_CSV.replace('\n', "\r\n")).into_bytes(),
            Self::Semicolons => format!("sep=;\n{}", MAPPINGS_CSV.replace(',', ";")).into_bytes(),
            Self::Blanks => format!("{}\n,,,, ,,,,,,\n", each(|line| format!("{line},,\n ,,,,,,,,,,"))).into_bytes(),
            Self::Apostrophes => MAPPINGS_CSV.replace("1729", "'1729").into_bytes(),
            Self::Rounded => MAPPINGS_CSV.replace(BULB, "1729592969712209000").into_bytes(),
            Self::Scientific => MAPPINGS_CSV.replace(BULB, "1.72959E+18").into_bytes(),
            Self::Fractions => MAPPINGS_CSV.replace(",FBA-SOCK-1,3,", ",FBA-SOCK-1,3.0,").into_bytes(),
            Self::Workbook => b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0[Content_Types].xml".to_vec(),
            Self::Wide => MAPPINGS_CSV.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        }
    }
}
