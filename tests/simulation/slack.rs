//! A stand-in for Slack: it keeps what it was told, and may ask for a second's patience.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// It listens until it is dropped.
pub struct Slack {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    is_busy: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
}

impl Slack {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let slack = Self {
            address: listener.local_addr().expect("an address"),
            heard: Arc::default(),
            is_busy: Arc::default(),
            is_over: Arc::default(),
        };
        let (heard, is_busy, is_over) = (
            Arc::clone(&slack.heard),
            Arc::clone(&slack.is_busy),
            Arc::clone(&slack.is_over),
        );
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                let body = body_of(&stream);
                let answer = match is_busy.swap(false, Ordering::Relaxed) {
                    true => "429 Too Many Requests\r\nretry-after: 1",
                    false => {
                        heard.lock().expect("no panic").push(body);
                        "200 OK"
                    }
                };
                let _ = write!(
                    &stream,
                    "HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
            }
        });
        slack
    }

    /// A block of the configuration.
    pub fn config_toml(&self) -> String {
        format!(
            "[[webhooks]]\nurl = \"http://{}/hook\"\nformat = \"slack\"\n",
            self.address
        )
    }

    /// The next message is to come again in a second.
    pub fn is_busy(&self) {
        self.is_busy.store(true, Ordering::Relaxed);
    }

    /// What was taken since it was asked last.
    pub fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.lock().expect("no panic"))
    }
}

impl Drop for Slack {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
    }
}

fn body_of(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    String::from_utf8_lossy(&body).into_owned()
}
