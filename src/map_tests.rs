//! The map in the crate's documentation is true: who may import whom, and no circles.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each room may import, as the map says it. Those in [`FOR_ALL`] are for all.
const MAY_IMPORT: [(&str, &[&str]); 13] = [
    ("domain", &[]),
    ("transport", &[]),
    ("tiktok", &["domain", "transport"]),
    ("amazon", &["domain", "transport"]),
    ("store", &["domain", "transport"]),
    ("notify", &["domain", "store", "transport"]),
    ("report", &["domain", "store"]),
    ("config", &["domain"]),
    ("sandbox", &[]),
    (
        "jobs",
        &["domain", "store", "tiktok", "amazon", "notify", "config", "transport"],
    ),
    (
        "run",
        &["jobs", "notify", "report", "store", "config", "domain", "transport"],
    ),
    (
        "cli",
        &[
            "run",
            "jobs",
            "report",
            "notify",
            "store",
            "config",
            "sandbox",
            "web",
            "domain",
            "transport",
        ],
    ),
    ("web", &["run", "jobs", "report", "domain"]),
];

const FOR_ALL: [&str; 9] = [
    "clock",
    "crash",
    "draft",
    "error_chain",
    "memory",
    "network",
    "secret",
    "stop",
    "trust",
];

/// A module by its path below `crate`.
type Module = Vec<String>;

#[test]
fn no_room_imports_what_the_map_forbids() {
    for (module, imports) in imports() {
        let Some(room) = module.first() else {
            continue;
        };
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| name == room) else {
            continue;
        };
        for import in imports.iter().filter_map(|import| import.first()) {
            let is_allowed = import == room || allowed.contains(&import.as_str()) || FOR_ALL.contains(&import.as_str());
            assert!(is_allowed, "{} imports {import}", module.join("::"));
        }
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let imports = imports();
    let reach: BTreeMap<&Module, BTreeSet<&Module>> =
        imports.keys().map(|from| (from, reached(from, &imports))).collect();
    let mut circles = BTreeSet::new();
    for (from, all) in &reach {
        let circle: Vec<String> = all
            .iter()
            .filter(|to| reach.get(**to).is_some_and(|back| back.contains(from)))
            .map(|module| module.join("/"))
            .collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    assert_eq!(circles, BTreeSet::new());
}

fn reached<'a>(from: &'a Module, imports: &'a BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<&'a Module> {
    let mut all = BTreeSet::new();
    let mut next = vec![from];
    while let Some(module) = next.pop() {
        for import in imports.get(module).into_iter().flatten() {
            if all.insert(import) {
                next.push(import);
            }
        }
    }
    all
}

/// Every module of the product with the modules whose items it names.
fn imports() -> BTreeMap<Module, BTreeSet<Module>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let texts: BTreeMap<Module, (String, String)> = files(&root)
        .into_iter()
        .map(|file| {
            (
                module(&root, &file),
                product(&fs::read_to_string(&file).expect("a source file")),
            )
        })
        .collect();
    let known: BTreeSet<Module> = texts.keys().cloned().collect();
    let exports: BTreeMap<Module, Vec<Module>> = texts
        .iter()
        .map(|(module, (_, exports))| (module.clone(), named(module, exports, &known)))
        .collect();
    let of = |(module, (text, _)): (&Module, &(String, String))| {
        let named = named(module, text, &known).into_iter();
        let owners = named.filter_map(|path| owner(path, &known, &exports));
        // A part of a room may use what the room itself defines.
        (
            module.clone(),
            owners.filter(|owner| !module.starts_with(owner)).collect(),
        )
    };
    texts.iter().map(of).collect()
}

/// The module that owns what a path names, also where another one only passes it on.
fn owner(mut path: Module, known: &BTreeSet<Module>, exports: &BTreeMap<Module, Vec<Module>>) -> Option<Module> {
    let length = (0..=path.len()).rev().find(|&length| known.contains(&path[..length]))?;
    if let Some(item) = path.get(length)
        && let Some(passed_on) = exports
            .get(&path[..length])
            .and_then(|all| all.iter().find(|one| one.last() == Some(item)))
        && *passed_on != path
    {
        return owner(passed_on.clone(), known, exports);
    }
    path.truncate(length);
    (!path.is_empty()).then_some(path)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name")
            .to_owned();
        let is_test = name.contains("tests");
        if path.is_dir() && !is_test {
            files.extend(self::files(&path));
        } else if name.ends_with(".rs") && !is_test {
            files.push(path);
        }
    }
    files
}

fn module(root: &Path, file: &Path) -> Module {
    let path = file.strip_prefix(root).expect("below src").with_extension("");
    let mut module: Module = path
        .iter()
        .map(|part| part.to_str().expect("a name").to_owned())
        .collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

/// The text without comments and without the tests at its end; what it passes on to others stands apart.
fn product(text: &str) -> (String, String) {
    let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = product.lines().map(|line| line.split("//").next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join("\n");
    let is_export = |statement: &&str| {
        let begins = statement.trim_start();
        begins.starts_with("pub") && begins.contains(" use ") && !begins.contains("fn ")
    };
    let (exports, rest): (Vec<&str>, Vec<&str>) = text.split_inclusive(';').partition(is_export);
    (rest.concat(), exports.concat())
}

/// The paths below `crate` that a text names by `crate::`, `super::`, `self::` or a child's name.
fn named(module: &Module, text: &str, known: &BTreeSet<Module>) -> Vec<Module> {
    let mut found = Vec::new();
    let letters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < letters.len() {
        let end = word_end(&letters, at);
        if end == at {
            at += 1;
            continue;
        }
        let word: String = letters[at..end].iter().collect();
        let is_inside = at > 0 && matches!(letters[at - 1], ':' | '.');
        at = match base(module, &word, known) {
            Some(base) if !is_inside && is_path(&letters, end) => follow(&letters, end + 2, &base, &mut found),
            _ => end,
        };
    }
    found
}

fn word_end(letters: &[char], start: usize) -> usize {
    let is_word = |letter: &&char| letter.is_alphanumeric() || **letter == '_';
    start + letters[start.min(letters.len())..].iter().take_while(is_word).count()
}

fn is_path(letters: &[char], at: usize) -> bool {
    letters.get(at..at + 2) == Some(&[':', ':'][..])
}

/// Where a path that begins with a word starts.
fn base(module: &Module, word: &str, known: &BTreeSet<Module>) -> Option<Module> {
    let mut base = module.clone();
    match word {
        "crate" => base.clear(),
        "self" => {}
        "super" => drop(base.pop()),
        _ => {
            base.push(word.to_owned());
            return known.contains(&base).then_some(base);
        }
    }
    Some(base)
}

/// Follows a path, with its braces, and notes each of its ends. Returns where it ends in the text.
fn follow(letters: &[char], mut at: usize, base: &Module, found: &mut Vec<Module>) -> usize {
    if letters.get(at) == Some(&'{') {
        at += 1;
        while let Some(letter) = letters.get(at) {
            match letter {
                '}' => return at + 1,
                ',' => at += 1,
                letter if letter.is_whitespace() => at += 1,
                _ => at = follow(letters, at, base, found).max(at + 1),
            }
        }
        return at;
    }
    let end = word_end(letters, at);
    let word: String = letters[at..end].iter().collect();
    let mut path = base.clone();
    match word.as_str() {
        "super" => drop(path.pop()),
        "self" | "" => {}
        _ => path.push(word),
    }
    if is_path(letters, end) {
        return follow(letters, end + 2, &path, found);
    }
    found.push(path);
    end
}
