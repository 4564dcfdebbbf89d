//! A page that is served for one test, and a browser of the simplest kind.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::test_shop::TestShop;

/// `mcf serve` at work; it ends with this.
pub struct Served {
    child: Child,
    pub host: String,
    pub link: String,
    /// The line of the browser's cookie, once it has come in.
    pub cookie: String,
}

/// What was answered.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim())
    }

    /// Fails unless it has this status.
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }
}

impl Served {
    /// Serves a shop at its instant, and comes in by the link.
    pub fn of(shop: &TestShop) -> Self {
        let mut served = Self::closed(shop, &[]);
        let link = served.link.clone();
        let path = link.split_once(&served.host).expect("our address").1.to_owned();
        let reply = served.get(&path).is(200);
        let cookie = reply.header("set-cookie").expect("a session");
        served.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        served
    }

    /// The same before anybody has come in.
    pub fn closed(shop: &TestShop, more: &[&str]) -> Self {
        let mut child = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_mcf")))
            .env_clear()
            .env("HOME", shop.folder.path())
            .env("USER", "dana")
            .env("MCF_NOW", shop.now.to_rfc3339())
            .current_dir(shop.folder.path())
            .args(["serve", "--listen", "127.0.0.1:0", "--json"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        let mut text = String::new();
        for line in BufReader::new(child.stdout.as_mut().expect("stdout")).lines() {
            text.push_str(&line.expect("a line"));
            if serde_json::from_str::<Value>(&text).is_ok() {
                break;
            }
        }
        let said: Value = serde_json::from_str(&text).expect("one document");
        let (home, link) = (
            said["url"].as_str().expect("a URL"),
            said["link"].as_str().expect("a link"),
        );
        Self {
            host: home.split_once("://").expect("a URL").1.to_owned(),
            link: link.to_owned(),
            cookie: String::new(),
            child,
        }
    }

    /// Sends bytes as they are and reads all that comes back.
    pub fn raw(&self, bytes: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(&self.host).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
        // Who is refused in the middle of sending may be cut off.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        Reply {
            status: status.unwrap_or_default(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// Sends a request with these headers beside `Host`, and the cookie where there is one.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let host = headers
            .iter()
            .all(|(name, _)| *name != "Host")
            .then(|| format!("Host: {}\r\n", self.host));
        let cookie = (!self.cookie.is_empty()).then(|| format!("Cookie: {}\r\n", self.cookie));
        let more: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let length = (!body.is_empty()).then(|| format!("Content-Length: {}\r\n", body.len()));
        let parts = [host, cookie, Some(more), length]
            .into_iter()
            .flatten()
            .collect::<String>();
        self.raw(format!("{method} {path} HTTP/1.1\r\n{parts}\r\n{body}").as_bytes())
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "")
    }

    /// Sends a form as our own page does.
    pub fn post(&self, path: &str, body: &str) -> Reply {
        self.send("POST", path, &[("Sec-Fetch-Site", "same-origin")], body)
    }

    /// Asks the page to end, and returns how it did.
    pub fn ended(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        Command::new("kill").arg(id).status().expect("asked");
        self.child.wait().expect("an end").code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
