//! What a command asks of the disk and tells the world, call by call, as `strace` sees it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use mcf_connector::sandbox::{Witness, World};

use super::super::test_shop::TestShop;

const CALLS: &str = "trace=open,openat,creat,close,lseek,write,writev,pwrite64,pwritev,ftruncate,truncate,fallocate,fsync,fdatasync,\
    rename,renameat,renameat2,link,linkat,unlink,unlinkat,dup,dup2,dup3,fcntl,copy_file_range,sendfile,sendto,sendmsg";

/// One call that a power cut may find done, half done or not done. Files are named by how often one was opened before.
#[derive(Debug, Clone)]
pub enum Event {
    /// A file is opened: under which name, whether it is made where there is none, whether it is emptied.
    Opened {
        handle: usize,
        path: PathBuf,
        is_made: bool,
        is_emptied: bool,
    },
    /// Bytes go to a place, or behind what was written last.
    Written {
        handle: usize,
        at: Option<u64>,
        bytes: Vec<u8>,
    },
    Sought {
        handle: usize,
        to: u64,
    },
    Cut {
        handle: usize,
        length: u64,
    },
    Synced {
        handle: usize,
    },
    Renamed {
        from: PathBuf,
        to: PathBuf,
    },
    Linked {
        from: PathBuf,
        to: PathBuf,
    },
    Removed {
        path: PathBuf,
    },
    /// A request leaves.
    Sent,
    /// A line goes to standard output: what it says is so.
    Said,
}

/// A command that ran whole.
#[derive(Clone)]
pub struct Record {
    pub events: Vec<Event>,
    /// The vendors before the first request, and after each.
    pub worlds: Vec<World>,
    /// What it said.
    pub code: Option<i32>,
}

/// Runs a command under `strace`, and lets a witness keep what the vendors had after each request.
pub fn record(shop: &TestShop, arguments: &[&str]) -> Record {
    let worlds = Arc::new(Mutex::new(vec![shop.sandbox.world().clone()]));
    let kept = Arc::clone(&worlds);
    let witness = Witness::new(move |world, entry| {
        let is_answered = world
            .log
            .entries()
            .last()
            .is_some_and(|last| last.arrival == entry.arrival);
        if is_answered {
            let mut world = world.clone();
            world.witness = None;
            kept.lock().expect("no panic").push(world);
        }
    });
    {
        let mut world = shop.sandbox.world();
        world.set_clock(shop.now);
        world.witness = Some(witness);
    }
    let trace = tempfile::NamedTempFile::new().expect("a file");
    let output = Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-xx",
            "-s",
            "100000000",
            "-e",
            "signal=none",
            "-e",
            CALLS,
            "-o",
        ])
        .arg(trace.path())
        .arg(env!("CARGO_BIN_EXE_mcf"))
        .args(arguments)
        .env_clear()
        .env("HOME", shop.folder.path())
        .env("MCF_NOW", shop.now.to_rfc3339())
        .current_dir(shop.folder.path())
        .output()
        .expect("strace");
    shop.sandbox.world().witness = None;
    let text = std::fs::read_to_string(trace.path()).expect("a record");
    let worlds = std::mem::take(&mut *worlds.lock().expect("no panic"));
    Record {
        events: Reader::of(shop.folder.path()).read(&text),
        worlds,
        code: output.status.code(),
    }
}

/// Reads a record; descriptors are told apart by when they were opened.
struct Reader {
    folder: PathBuf,
    events: Vec<Event>,
    /// What each descriptor is, among those that are files.
    open: HashMap<i64, usize>,
    count: usize,
    unfinished: HashMap<String, String>,
}

impl Reader {
    fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            events: Vec::new(),
            open: HashMap::new(),
            count: 0,
            unfinished: HashMap::new(),
        }
    }

    fn read(mut self, text: &str) -> Vec<Event> {
        for line in text.lines() {
            let Some((thread, call)) = line.split_once(' ') else {
                continue;
            };
            let call = call.trim_start();
            if let Some(begun) = call.strip_suffix(" <unfinished ...>") {
                self.unfinished.insert(thread.to_owned(), begun.to_owned());
            } else if let Some((_, rest)) = call.split_once(" resumed>").filter(|_| call.starts_with("<...")) {
                let begun = self.unfinished.remove(thread).unwrap_or_default();
                self.call(&format!("{begun}{rest}"));
            } else {
                self.call(call);
            }
        }
        self.events
    }

    fn call(&mut self, text: &str) {
        let Some((name, rest)) = text.split_once('(') else {
            return;
        };
        let Some((arguments, result)) = rest.rsplit_once(") = ").or_else(|| padded(rest)) else {
            return;
        };
        let result = result.split_whitespace().next().unwrap_or_default();
        let Some(result) = result.parse::<i64>().ok().filter(|result| *result >= 0) else {
            return;
        };
        let arguments: Vec<&str> = arguments.split(", ").collect();
        self.understood(name, &arguments, result);
    }

    fn understood(&mut self, name: &str, arguments: &[&str], result: i64) {
        let number = |index: usize| arguments.get(index).and_then(|text| text.parse::<i64>().ok());
        let handle = number(0).and_then(|number| self.open.get(&number).copied());
        match name {
            "openat" => self.opened(arguments[1], arguments[2], result),
            "open" => self.opened(arguments[0], arguments[1], result),
            "close" => {
                self.open.remove(&number(0).unwrap_or(-1));
            }
            "dup" | "dup2" | "dup3" | "fcntl" => {
                let is_copy = name != "fcntl" || arguments[1].starts_with("F_DUPFD");
                if let Some(handle) = handle.filter(|_| is_copy) {
                    self.open.insert(result, handle);
                }
            }
            "rename" => self.renamed(arguments[0], arguments[1]),
            "renameat" | "renameat2" => self.renamed(arguments[1], arguments[3]),
            "link" => self.linked(arguments[0], arguments[1]),
            "linkat" => self.linked(arguments[1], arguments[3]),
            "unlink" => self.removed(arguments[0]),
            "unlinkat" => self.removed(arguments[1]),
            "sendto" | "sendmsg" | "write" | "writev" if handle.is_none() => self.told(number(0), &bytes_of(arguments)),
            "copy_file_range" | "sendfile" | "truncate" | "fallocate" => {
                assert!(handle.is_none(), "the model of the disk does not know {name}");
            }
            _ => self
                .events
                .extend(handle.and_then(|handle| on_a_file(name, handle, arguments, result))),
        }
    }

    /// What goes elsewhere than to a file.
    fn told(&mut self, descriptor: Option<i64>, bytes: &[u8]) {
        let is_request = [b"GET /".as_slice(), b"POST /", b"PUT /", b"DELETE /"]
            .iter()
            .any(|verb| bytes.starts_with(verb));
        if is_request {
            self.events.push(Event::Sent);
        } else if descriptor == Some(1) {
            self.events.push(Event::Said);
        }
    }

    fn opened(&mut self, path: &str, flags: &str, descriptor: i64) {
        self.open.remove(&descriptor);
        let Some(path) = self.path(path) else {
            return;
        };
        let handle = self.count;
        self.count += 1;
        self.open.insert(descriptor, handle);
        self.events.push(Event::Opened {
            handle,
            path,
            is_made: flags.contains("O_CREAT"),
            is_emptied: flags.contains("O_TRUNC"),
        });
    }

    fn renamed(&mut self, from: &str, to: &str) {
        if let (Some(from), Some(to)) = (self.path(from), self.path(to)) {
            self.events.push(Event::Renamed { from, to });
        }
    }

    fn linked(&mut self, from: &str, to: &str) {
        if let (Some(from), Some(to)) = (self.path(from), self.path(to)) {
            self.events.push(Event::Linked { from, to });
        }
    }

    fn removed(&mut self, path: &str) {
        let path = self.path(path);
        self.events.extend(path.map(|path| Event::Removed { path }));
    }

    /// Returns a path below the shop's folder, relative to it; none for any other.
    fn path(&self, quoted: &str) -> Option<PathBuf> {
        let path = PathBuf::from(String::from_utf8(bytes_in(quoted)).ok()?);
        let path = if path.is_absolute() {
            path
        } else {
            self.folder.join(path)
        };
        path.strip_prefix(&self.folder).ok().map(|path| {
            let parts = path.components();
            parts
                .filter(|part| !matches!(part, std::path::Component::CurDir))
                .collect()
        })
    }
}

/// A short call is padded before its result.
fn padded(rest: &str) -> Option<(&str, &str)> {
    let (arguments, result) = rest.rsplit_once(" = ")?;
    Some((arguments.trim_end().strip_suffix(')')?, result))
}

fn on_a_file(name: &str, handle: usize, arguments: &[&str], result: i64) -> Option<Event> {
    let result = u64::try_from(result).expect("no failure");
    let number = |index: usize| arguments.get(index).and_then(|text| text.parse::<u64>().ok());
    Some(match name {
        "write" | "writev" => Event::Written {
            handle,
            at: None,
            bytes: written(arguments, result),
        },
        "pwrite64" | "pwritev" => Event::Written {
            handle,
            at: number(arguments.len() - 1),
            bytes: written(arguments, result),
        },
        "lseek" => Event::Sought { handle, to: result },
        "ftruncate" => Event::Cut {
            handle,
            length: number(1)?,
        },
        "fsync" | "fdatasync" => Event::Synced { handle },
        _ => return None,
    })
}

fn written(arguments: &[&str], count: u64) -> Vec<u8> {
    let mut bytes = bytes_of(arguments);
    bytes.truncate(usize::try_from(count).expect("small"));
    bytes
}

/// All the bytes that the arguments quote, in hexadecimal digits.
fn bytes_of(arguments: &[&str]) -> Vec<u8> {
    arguments.iter().flat_map(|argument| bytes_in(argument)).collect()
}

fn bytes_in(text: &str) -> Vec<u8> {
    let Some((_, rest)) = text.split_once('"') else {
        return Vec::new();
    };
    let quoted = rest.split('"').next().unwrap_or_default().as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or_default();
    let pieces = quoted.chunks_exact(4);
    pieces
        .map(|piece| u8::try_from(digit(piece[2]) * 16 + digit(piece[3])).expect("two digits"))
        .collect()
}
