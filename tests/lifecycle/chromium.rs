//! A real browser, driven over its DevTools protocol: a WebSocket on loopback with one JSON message a frame.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

const WAIT: Duration = Duration::from_secs(30);

/// Chromium without a window; it ends with this.
pub struct Chromium {
    child: Child,
    socket: TcpStream,
    calls: u64,
    _profile: TempDir,
}

impl Chromium {
    /// Starts the browser; `None` where this machine has none.
    pub fn start() -> Option<Self> {
        let profile = tempfile::tempdir().expect("a folder");
        let child = Command::new("chromium")
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
            ])
            .args([
                "--no-first-run",
                "--disable-background-networking",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let port = wait_for(|| port_of(profile.path())).expect("the browser's port");
        let page = wait_for(|| page_of(port)).expect("a page");
        let socket = open(port, &page);
        Some(Self {
            child,
            socket,
            calls: 0,
            _profile: profile,
        })
    }

    /// Calls a method of the protocol.
    pub fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.calls += 1;
        let message = json!({"id": self.calls, "method": method, "params": parameters}).to_string();
        send(&mut self.socket, message.as_bytes());
        loop {
            let answer: Value = serde_json::from_slice(&receive(&mut self.socket)).expect("a message");
            if answer["id"] == self.calls {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// Runs a script in the page and returns its value.
    pub fn run(&mut self, script: &str) -> Value {
        let parameters = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", &parameters);
        assert!(answer["exceptionDetails"].is_null(), "{script}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until a script says that something is so.
    pub fn until(&mut self, script: &str) {
        let started = Instant::now();
        let whole = format!("document.readyState === 'complete' && ({script})");
        loop {
            let parameters = json!({"expression": whole, "returnByValue": true});
            // Between two pages there is nothing to ask.
            let answer = self.call("Runtime.evaluate", &parameters);
            if answer["result"]["value"] == true {
                return;
            }
            let is_late = started.elapsed() > WAIT;
            let shown = if is_late {
                self.run("document.body.innerText")
            } else {
                Value::Null
            };
            assert!(!is_late, "{script}: {shown}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Goes to an address.
    pub fn go(&mut self, address: &str) {
        self.call("Page.navigate", &json!({"url": address}));
    }

    /// Clicks what has this text.
    pub fn click(&mut self, text: &str) {
        let found = format!(
            "(() => {{ const found = [...document.querySelectorAll('main a, main button, header a, header button')]
                .find((one) => one.textContent.trim() === {text:?}); if (found) found.click(); return Boolean(found); }})()"
        );
        let is_there = self.run(&found);
        let shown = if is_there == true {
            Value::Null
        } else {
            self.run("document.body.innerText")
        };
        assert!(is_there == true, "{text}: {shown}");
    }

    /// Makes the window so wide and the colours so.
    pub fn looks(&mut self, width: u32, height: u32, theme: &str) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
        let theme = json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
        self.call("Emulation.setEmulatedMedia", &theme);
    }

    /// Returns a picture of what the window shows.
    pub fn picture(&mut self) -> Vec<u8> {
        let answer = self.call("Page.captureScreenshot", &json!({"format": "png"}));
        STANDARD
            .decode(answer["data"].as_str().expect("a picture"))
            .expect("base64")
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_for<T>(look: impl Fn() -> Option<T>) -> Option<T> {
    let started = Instant::now();
    while started.elapsed() < WAIT {
        if let Some(found) = look() {
            return Some(found);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    None
}

fn port_of(profile: &Path) -> Option<u16> {
    let text = std::fs::read_to_string(profile.join("DevToolsActivePort")).ok()?;
    text.lines().next()?.parse().ok()
}

/// The path of the first page's socket.
fn page_of(port: u16) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(
        stream,
        "GET /json/list HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    let (mut text, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(read) = stream.read(&mut piece)
        && read > 0
    {
        text.extend_from_slice(&piece[..read]);
        let whole = String::from_utf8_lossy(&text).into_owned();
        let body = whole.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        if let Ok(pages) = serde_json::from_str::<Value>(body) {
            let page = pages.as_array()?.iter().find(|page| page["type"] == "page")?.clone();
            let address = page["webSocketDebuggerUrl"].as_str()?;
            return address.split_once(&format!(":{port}")).map(|(_, path)| path.to_owned());
        }
    }
    None
}

fn open(port: u16, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.set_read_timeout(Some(WAIT)).expect("a limit");
    let hello = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    stream.write_all(hello.as_bytes()).expect("sent");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream
}

/// One text frame, masked with zeros, as a client's must be masked.
fn send(stream: &mut TcpStream, message: &[u8]) {
    let mut frame = vec![0x81];
    match message.len() {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length @ 126..65_536 => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend_from_slice(message);
    stream.write_all(&frame).expect("sent");
}

/// One message, whatever frames it comes in.
fn receive(stream: &mut TcpStream) -> Vec<u8> {
    let mut message = Vec::new();
    loop {
        let mut head = [0; 2];
        stream.read_exact(&mut head).expect("a frame");
        let length = match head[1] & 0x7f {
            126 => {
                let mut long = [0; 2];
                stream.read_exact(&mut long).expect("a length");
                u64::from(u16::from_be_bytes(long))
            }
            127 => {
                let mut long = [0; 8];
                stream.read_exact(&mut long).expect("a length");
                u64::from_be_bytes(long)
            }
            short => u64::from(short),
        };
        let mut piece = vec![0; usize::try_from(length).expect("a length")];
        stream.read_exact(&mut piece).expect("a frame");
        message.extend(piece);
        if head[0] & 0x80 != 0 {
            return message;
        }
    }
}
