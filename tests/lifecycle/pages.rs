//! What the pages say is typed is typed, and what they say is printed is compared.
//!
//! A block `sh` holds commands, one a line; a block `console` commands behind `$ ` and what each prints. `…` stands for anything: a line
//! of its own for any lines, in a line for any words. Instants, durations and free room are other ones each time.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::demo::{first_document, free_pair};
use crate::folder::folder;

/// How wide the terminal is that is shown.
const COLUMNS: u32 = 80;
const ANYTHING: &str = "…";

/// A command of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    pub line: String,
    /// What the page says that it prints; `None` where it says nothing.
    pub shown: Option<Vec<String>>,
}

/// What a command did.
#[derive(Debug)]
pub struct Printed {
    pub code: i32,
    pub lines: Vec<String>,
}

/// Returns the commands of a page, in its order.
pub fn typed(page: &str) -> Vec<Typed> {
    let mut typed: Vec<Typed> = Vec::new();
    let mut language = None;
    for line in page.lines() {
        match (language, line.trim_start().strip_prefix("```")) {
            (None, Some(opened)) => language = Some(opened),
            (Some(_), Some(_)) => language = None,
            (Some("sh"), None) => typed.extend(command(line)),
            (Some("console"), None) => match line.strip_prefix("$ ") {
                Some(line) => typed.push(Typed {
                    line: line.to_owned(),
                    shown: Some(Vec::new()),
                }),
                None => {
                    let last = typed.last_mut().expect("a command before its output");
                    last.shown.get_or_insert_default().push(line.to_owned());
                }
            },
            _ => {}
        }
    }
    typed
}

/// A line of a block `sh`, without its comment.
fn command(line: &str) -> Option<Typed> {
    let line = line.split("  #").next().unwrap_or_default().trim();
    (!line.is_empty() && !line.starts_with('#')).then(|| Typed {
        line: line.to_owned(),
        shown: None,
    })
}

/// Both vendors, until they are dropped.
pub struct Vendors {
    child: Child,
    pub port: u16,
    document: Value,
}

impl Vendors {
    pub fn open(folder: &Path) -> Self {
        let port = free_pair();
        let mut child = Command::new(env!("CARGO_BIN_EXE_mcf"))
            .args(["sandbox", "--json", "--write-config", "sandbox/config.toml", "--port"])
            .arg(port.to_string())
            .current_dir(folder)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        let document = first_document(&mut child);
        assert_eq!(document["schema"], 1);
        Self { child, port, document }
    }

    /// Lets every order of the world take so many steps.
    pub fn advance(&self, steps: u32) {
        let body = format!("{{\"steps\": {steps}}}");
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).expect("the sandbox");
        let head = format!(
            "POST /sandbox/advance HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}",
            body.len()
        );
        write!(connection, "{head}\r\n\r\n{body}").expect("asked");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

impl Drop for Vendors {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where a page is typed: the vendors, the mapping file, an editor that writes what the page says to write, answers for the prompts.
pub struct Terminal {
    folder: TempDir,
    pub vendors: Vendors,
    /// The service user, or `None`: then everything lies in the folder and nothing is asked of sudo.
    user: Option<String>,
}

impl Terminal {
    pub fn new(user: Option<String>) -> Self {
        let folder = folder();
        let vendors = Vendors::open(folder.path());
        let terminal = Self { folder, vendors, user };
        terminal.open_for_all("", 0o755);
        let mappings = terminal.vendors.document["mappings"]
            .as_str()
            .expect("mappings")
            .to_owned();
        terminal.write("mappings.csv", &mappings);
        let code = terminal.vendors.document["tiktokCode"]
            .as_str()
            .expect("a code")
            .to_owned();
        terminal.write("tiktok.answer", &code);
        terminal.write("amazon.answer", "Atzr|sandboxRefresh0000000000\n");
        terminal.write("nothing.answer", "");
        terminal.write("editor", &terminal.editor());
        terminal.open_for_all("editor", 0o755);
        if terminal.user.is_none() {
            fs::create_dir(terminal.home()).expect("a home");
            fs::set_permissions(terminal.home(), Permissions::from_mode(0o700)).expect("its own");
        }
        terminal
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
        self.open_for_all(name, 0o644);
    }

    fn open_for_all(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).expect("open for all");
    }

    pub fn home(&self) -> PathBuf {
        match &self.user {
            Some(user) => Path::new("/var/lib").join(user),
            None => self.path("home"),
        }
    }

    fn program(&self) -> PathBuf {
        match self.user {
            Some(_) => self.path("mcf"),
            None => env!("CARGO_BIN_EXE_mcf").into(),
        }
    }

    /// Writes the keys of both apps at first, and then the shop that TikTok named.
    fn editor(&self) -> String {
        let config = self.vendors.document["config"].as_str().expect("a configuration");
        let later = ["shop_id", "access_token", "refresh_token", "path"];
        let keys: Vec<&str> = config
            .lines()
            .filter(|line| !later.iter().any(|name| line.starts_with(name)))
            .collect();
        format!(
            "#!/bin/sh\nif grep -q '^app_key = .6sandboxkey' \"$1\"; then\nsed -i '/^app_key/i shop_id = \"7495000000000000001\"' \"$1\"\n\
             else\ncat > \"$1\" <<'END'\n{}\nEND\nfi\n",
            keys.join("\n")
        )
    }

    /// Writes the configuration of a shop that works, as the last step of the installation leaves it, with its mapping.
    pub fn furnish(&self) {
        let config = self.vendors.document["config"].as_str().expect("a configuration");
        let config = config.replace("sandbox.db", "mcf.db");
        fs::write(self.home().join("config.toml"), config).expect("written");
        fs::set_permissions(self.home().join("config.toml"), Permissions::from_mode(0o600)).expect("private");
        let lines = [
            "mcf() { sudo -u mcf -H /usr/local/bin/mcf --config /var/lib/mcf/config.toml \"$@\"; }",
            "mcf mappings import - < mappings.csv",
            "mcf poll",
        ];
        for printed in self.type_in(&lines) {
            assert_eq!(printed.code, 0, "{printed:?}");
        }
    }

    /// Returns a line of a page as it is typed here.
    pub fn line(&self, line: &str) -> String {
        let home = self.home();
        let line = match &self.user {
            Some(user) if line.contains("useradd") => line.replace(" mcf", &format!(" {user}")),
            Some(user) => line.replace("-u mcf ", &format!("-u {user} ")),
            None => line
                .replace("sudo -u mcf -H ", "")
                .replace("sudo -u mcf ", "")
                .replace("sudo install -d -o mcf -g mcf", "install -d"),
        };
        line.replace("/usr/local/bin/mcf", "PROGRAM")
            .replace("/var/lib/mcf", &home.to_string_lossy())
            .replace("PROGRAM", &self.program().to_string_lossy())
            .replace("target/release/mcf", env!("CARGO_BIN_EXE_mcf"))
            .replace("localhost:8080", &format!("localhost:{}", self.vendors.port))
    }

    /// Returns what was printed as a page shows it.
    fn shown(&self, printed: &str) -> Vec<String> {
        let printed = printed
            .replace(&*self.home().to_string_lossy(), "/var/lib/mcf")
            .replace(&*self.program().to_string_lossy(), "/usr/local/bin/mcf");
        let printed = match &self.user {
            Some(user) => printed.replace(user, "mcf"),
            None => printed,
        };
        printed.lines().map(plain).collect()
    }

    /// Types lines into one shell. What is asked at a prompt is answered; what draws a table sees a terminal.
    pub fn type_in<Line: AsRef<str>>(&self, lines: &[Line]) -> Vec<Printed> {
        let mut script = String::from("rm -f codes printed.*\n");
        for (number, line) in lines.iter().enumerate() {
            let line = self.line(line.as_ref());
            let answer = match line.split(' ').collect::<Vec<_>>()[..] {
                [_, "auth", vendor] => vendor.to_owned(),
                _ => "nothing".to_owned(),
            };
            let typed = if line.starts_with("mcf status") && !line.contains("--check") {
                format!("export -f mcf; SHELL=/bin/bash script -qec 'stty cols {COLUMNS}; {line}' /dev/null")
            } else {
                line
            };
            script += &format!("{{ {typed}\n}} > printed.{number} 2>&1 < {answer}.answer\necho $? >> codes\n");
        }
        self.write("typed.sh", &script);
        let status = Command::new("bash")
            .arg("typed.sh")
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("EDITOR", self.path("editor"))
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .status();
        assert!(status.expect("a shell").success());
        let codes = fs::read_to_string(self.path("codes")).expect("codes");
        let printed = |number| fs::read_to_string(self.path(&format!("printed.{number}"))).unwrap_or_default();
        let codes = codes.lines().enumerate();
        codes
            .map(|(number, code)| Printed {
                code: code.parse().expect("a code"),
                lines: self.shown(&printed(number)),
            })
            .collect()
    }

    /// Types the commands of a page and compares what they print with what it shows. A line without an output must end well.
    pub fn walk(&self, page: &str, commands: &[Typed]) {
        let lines: Vec<&str> = commands.iter().map(|typed| typed.line.as_str()).collect();
        let printed = self.type_in(&lines);
        assert_eq!(printed.len(), commands.len(), "{page}: the shell ended early");
        for (typed, printed) in commands.iter().zip(&printed) {
            match &typed.shown {
                None => assert_eq!(printed.code, 0, "{page}: {}: {printed:#?}", typed.line),
                Some(shown) => assert!(
                    is_shown(&self.for_this_desk(shown), &printed.lines),
                    "{page} says otherwise: $ {}\n{}\n--- printed (ended with {}):\n{}",
                    typed.line,
                    shown.join("\n"),
                    printed.code,
                    printed.lines.join("\n")
                ),
            }
        }
    }

    /// Who types without a service user is somebody else in each place.
    fn for_this_desk(&self, shown: &[String]) -> Vec<String> {
        let is_the_users = |line: &String| line.split_whitespace().nth(1) == Some("user");
        let lines = shown.iter().map(|line| match &self.user {
            None if is_the_users(line) => ANYTHING.to_owned(),
            _ => line.clone(),
        });
        lines.collect()
    }
}

/// Takes away what only a terminal obeys.
fn plain(line: &str) -> String {
    let mut pieces = line.split('\u{1b}');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text += piece
            .split_once(|letter: char| letter.is_ascii_alphabetic())
            .map_or("", |(_, rest)| rest);
    }
    text.retain(|letter| letter == '\t' || !letter.is_control());
    // What `script` types at the end of its input shows where sudo makes a terminal of its own.
    text.trim_start_matches("^@").trim_end().to_owned()
}

/// Tells whether lines are what a page shows.
fn is_shown(shown: &[String], printed: &[String]) -> bool {
    let Some((first, rest)) = shown.split_first() else {
        return printed.iter().all(|line| line.trim().is_empty());
    };
    if first.trim() == ANYTHING {
        return (0..=printed.len()).any(|skipped| is_shown(rest, &printed[skipped..]));
    }
    match printed.split_first() {
        Some((line, left)) => is_like(&words(first), &words(line)) && is_shown(rest, left),
        None => false,
    }
}

fn is_like(shown: &[String], printed: &[String]) -> bool {
    match (shown.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((word, rest)), _) if word == ANYTHING => {
            (0..=printed.len()).any(|skipped| is_like(rest, &printed[skipped..]))
        }
        (Some((word, rest)), Some((other, left))) => word == other && is_like(rest, left),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// The words of a line, those that are other ones each time by what they are.
fn words(line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let kind = |(index, word): (usize, &&str)| {
        let next = words.get(index + 1).copied().unwrap_or_default();
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let is_date = word.len() >= 10 && word.as_bytes().get(4) == Some(&b'-') && digits >= 8;
        let is_number = word.trim_start_matches('(').parse::<f64>().is_ok();
        match next {
            _ if is_date => "DATE".to_owned(),
            _ if word.starts_with("TBA") => "NUMBER".to_owned(),
            "s)" | "MiB" if is_number => "COUNT".to_owned(),
            _ => (*word).to_owned(),
        }
    };
    words.iter().enumerate().map(kind).collect()
}

#[test]
fn what_a_page_shows_is_told_from_what_it_does_not() {
    let is_shown = |shown: &str, printed: &str| {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        is_shown(&lines(shown), &lines(printed))
    };
    assert!(is_shown("a  b\n…\nlast", "a b\nmore\nmore\nlast"));
    assert!(is_shown("poll: 1 routed (0.6 s)", "poll: 1 routed (1.2 s)"));
    assert!(is_shown(
        "at 2026-11-29T06:14:46Z, … it",
        "at 2027-01-02T00:00:00Z, he wrote it"
    ));
    assert!(is_shown("…", ""));
    for (shown, printed) in [
        ("a", "b"),
        ("a", "a\nb"),
        ("a\nb", "a"),
        ("1 routed", "2 routed"),
        ("… x", "a y"),
        ("", "a"),
    ] {
        assert!(!is_shown(shown, printed), "{shown:?} {printed:?}");
    }
    assert_eq!(plain("\0\u{1b}[1mbold\u{1b}[0m  "), "bold");
}

#[test]
fn commands_and_outputs_of_a_page_are_read() {
    let page = "# A\n```sh\n# only a word\nmcf poll   # all\n```\n```toml\nx = 1\n```\n```console\n$ mcf status\nall\n…\n$ mcf x\n```\n";
    let read = typed(page);
    let lines: Vec<&str> = read.iter().map(|typed| typed.line.as_str()).collect();
    assert_eq!(lines, ["mcf poll", "mcf status", "mcf x"]);
    assert_eq!(read[0].shown, None);
    assert_eq!(read[1].shown, Some(vec!["all".to_owned(), "…".to_owned()]));
    assert_eq!(read[2].shown, Some(Vec::new()));
}
