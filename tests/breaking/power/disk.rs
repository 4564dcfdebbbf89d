//! A disk as it can look after a power cut: what was not synced may be there, not there, torn or in another order, and a name that a
//! folder was not synced for may be the old one.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use super::super::dice::Dice;
use super::record::Event;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// Files by their names.
pub type Image = BTreeMap<PathBuf, Vec<u8>>;

/// What has become of what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// All of it is there: the disk after a mere kill.
    Kept,
    /// None of it.
    Dropped,
    /// The names are the new ones, the contents the old ones.
    NamesOnly,
    /// The contents are the new ones, the names the old ones.
    ContentsOnly,
    /// Anything, by this seed.
    Shuffled(u64),
}

#[derive(Debug, Clone)]
enum Change {
    Bytes { at: usize, bytes: Vec<u8> },
    Length(usize),
}

#[derive(Debug, Clone)]
enum Naming {
    Add(PathBuf, usize),
    Remove(PathBuf),
    Move(PathBuf, PathBuf, usize),
}

#[derive(Debug, Clone, Default)]
struct File {
    durable: Vec<u8>,
    pending: Vec<Change>,
}

/// The disk while a command works.
#[derive(Debug, Clone)]
pub struct Disk {
    files: Vec<File>,
    /// The names as the system shows them, and as they are after a cut.
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    pending_names: Vec<Naming>,
    handles: HashMap<usize, (Option<usize>, PathBuf, usize)>,
}

impl Disk {
    /// A folder as it lies there, all of it durable.
    pub fn of(folder: &Path) -> Self {
        let mut disk = Self {
            files: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            pending_names: Vec::new(),
            handles: HashMap::new(),
        };
        for path in files_below(folder) {
            let name = path.strip_prefix(folder).expect("below it").to_owned();
            disk.names.insert(name, disk.files.len());
            disk.files.push(File {
                durable: fs::read(&path).expect("a file"),
                pending: Vec::new(),
            });
        }
        disk.durable_names = disk.names.clone();
        disk
    }

    pub fn happens(&mut self, event: &Event) {
        match event {
            Event::Opened {
                handle,
                path,
                is_made,
                is_emptied,
            } => self.opens(*handle, path, *is_made, *is_emptied),
            Event::Written { handle, at, bytes } => self.writes(*handle, *at, bytes),
            Event::Sought { handle, to } => {
                if let Some((_, _, place)) = self.handles.get_mut(handle) {
                    *place = usize::try_from(*to).expect("small");
                }
            }
            Event::Cut { handle, length } => {
                let length = usize::try_from(*length).expect("small");
                self.changes(*handle, Change::Length(length));
            }
            Event::Synced { handle } => self.syncs(*handle),
            Event::Renamed { from, to } => {
                if let Some(file) = self.names.remove(from) {
                    self.names.insert(to.clone(), file);
                    self.pending_names.push(Naming::Move(from.clone(), to.clone(), file));
                }
            }
            Event::Linked { from, to } => {
                if let Some(file) = self.names.get(from).copied() {
                    self.adds(to, file);
                }
            }
            Event::Removed { path } => {
                if self.names.remove(path).is_some() {
                    self.pending_names.push(Naming::Remove(path.clone()));
                }
            }
            Event::Sent | Event::Said => (),
        }
    }

    fn adds(&mut self, name: &Path, file: usize) {
        self.names.insert(name.to_owned(), file);
        self.pending_names.push(Naming::Add(name.to_owned(), file));
    }

    fn opens(&mut self, handle: usize, path: &Path, is_made: bool, is_emptied: bool) {
        if is_made && !self.names.contains_key(path) {
            self.files.push(File::default());
            self.adds(path, self.files.len() - 1);
        }
        let file = self.names.get(path).copied();
        self.handles.insert(handle, (file, path.to_owned(), 0));
        if is_emptied {
            self.changes(handle, Change::Length(0));
        }
    }

    fn writes(&mut self, handle: usize, at: Option<u64>, bytes: &[u8]) {
        let Some((_, _, place)) = self.handles.get_mut(&handle) else {
            return;
        };
        let at = at.map_or(*place, |at| usize::try_from(at).expect("small"));
        *place = at + bytes.len();
        let bytes = bytes.to_vec();
        self.changes(handle, Change::Bytes { at, bytes });
    }

    fn changes(&mut self, handle: usize, change: Change) {
        if let Some((Some(file), ..)) = self.handles.get(&handle) {
            self.files[*file].pending.push(change);
        }
    }

    /// A handle that is no file is a folder's: its names are durable then.
    fn syncs(&mut self, handle: usize) {
        match self.handles.get(&handle) {
            Some((Some(file), ..)) => {
                let file = &mut self.files[*file];
                for change in std::mem::take(&mut file.pending) {
                    change.apply(&mut file.durable);
                }
            }
            Some((None, folder, _)) => {
                let (durable, pending) = std::mem::take(&mut self.pending_names)
                    .into_iter()
                    .partition::<Vec<_>, _>(|naming| naming.folder() == folder.as_path());
                durable.iter().for_each(|naming| naming.apply(&mut self.durable_names));
                self.pending_names = pending;
            }
            None => (),
        }
    }

    /// Returns what a sync makes durable: the name of a file, or that of a folder.
    pub fn synced_name(&self, handle: usize) -> Option<PathBuf> {
        let (file, opened_as, _) = self.handles.get(&handle)?;
        let named = file.and_then(|file| self.names.iter().find(|(_, other)| **other == file));
        Some(named.map_or_else(|| opened_as.clone(), |(name, _)| name.clone()))
    }

    /// Tells whether nothing is left that a cut could change.
    pub fn is_settled(&self) -> bool {
        self.pending_names.is_empty() && self.files.iter().all(|file| file.pending.is_empty())
    }

    /// Returns the disk after a power cut.
    pub fn image(&self, cut: Cut) -> Image {
        let mut dice = Dice::of_seed(match cut {
            Cut::Shuffled(seed) => seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            _ => 1,
        });
        let mut names = self.durable_names.clone();
        for naming in &self.pending_names {
            let is_kept = match cut {
                Cut::Kept | Cut::NamesOnly => true,
                Cut::Dropped | Cut::ContentsOnly => false,
                Cut::Shuffled(_) => dice.one_in(2),
            };
            if is_kept {
                naming.apply(&mut names);
            }
        }
        let contents: Vec<Vec<u8>> = self.files.iter().map(|file| file.after(cut, &mut dice)).collect();
        names
            .into_iter()
            .map(|(name, file)| (name, contents[file].clone()))
            .collect()
    }
}

impl File {
    fn after(&self, cut: Cut, dice: &mut Dice) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        for change in &self.pending {
            match cut {
                Cut::Kept | Cut::ContentsOnly => change.apply(&mut bytes),
                Cut::Dropped | Cut::NamesOnly => (),
                Cut::Shuffled(_) => {
                    if let Some(change) = change.torn(dice) {
                        change.apply(&mut bytes);
                    }
                }
            }
        }
        bytes
    }
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Length(length) => to.resize(*length, 0),
            Self::Bytes { at, bytes } => {
                let end = at + bytes.len();
                if to.len() < end {
                    to.resize(end, 0);
                }
                to[*at..end].copy_from_slice(bytes);
            }
        }
    }

    /// Whole, not at all, or its beginning or end in whole sectors.
    fn torn(&self, dice: &mut Dice) -> Option<Self> {
        let Self::Bytes { at, bytes } = self else {
            return dice.one_in(2).then(|| self.clone());
        };
        let sectors = bytes.len().div_ceil(SECTOR);
        let middle = (dice.below(sectors) * SECTOR).min(bytes.len());
        let piece = match dice.below(6) {
            0..=2 => 0..bytes.len(),
            3 => 0..middle,
            4 => middle..bytes.len(),
            _ => return None,
        };
        Some(Self::Bytes {
            at: at + piece.start,
            bytes: bytes[piece].to_vec(),
        })
    }
}

impl Naming {
    fn folder(&self) -> &Path {
        match self {
            Self::Add(name, _) | Self::Remove(name) | Self::Move(_, name, _) => {
                name.parent().unwrap_or_else(|| Path::new(""))
            }
        }
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Add(name, file) => {
                names.insert(name.clone(), *file);
            }
            Self::Remove(name) => {
                names.remove(name);
            }
            Self::Move(from, to, file) => {
                names.remove(from);
                names.insert(to.clone(), *file);
            }
        }
    }
}

/// Returns all files below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let kind = entry.file_type().expect("a kind");
        if kind.is_dir() {
            files.extend(files_below(&entry.path()));
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    files
}
