//! A server on loopback that plays prepared answers in order and keeps what was asked.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use url::Url;

/// One request as it came: its first line, headers and body.
pub struct Seen {
    pub line: String,
    pub headers: Vec<String>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let of = |line: &'_ String| line.to_lowercase().starts_with(&format!("{name}: "));
        let line = self.headers.iter().find(|line| of(line))?;
        Some(line[name.len() + 2..].trim())
    }
}

pub struct Server {
    pub url: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// An answer: status, extra headers, body. The status 0 closes the connection without an answer.
pub type Played = (u16, &'static str, String);

impl Server {
    pub fn playing(answers: Vec<Played>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        std::thread::spawn(move || {
            for answer in answers {
                let (stream, _) = listener.accept().expect("a connection");
                kept.lock().expect("a lock").push(serve(stream, &answer));
            }
        });
        Self {
            url: Url::parse(&format!("http://{address}")).expect("an address"),
            seen,
        }
    }

    pub fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().expect("a lock"))
    }
}

fn serve(mut stream: TcpStream, (status, headers, body): &Played) -> Seen {
    let seen = read(&stream);
    if *status != 0 {
        let mut answer = format!(
            "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        write!(answer, "{headers}\r\n{body}").expect("a text");
        stream.write_all(answer.as_bytes()).expect("an answer");
    }
    seen
}

fn read(stream: &TcpStream) -> Seen {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        match line.trim_end() {
            "" => break,
            text => lines.push(text.to_owned()),
        }
    }
    let mut seen = Seen {
        line: lines.remove(0),
        headers: lines,
        body: String::new(),
    };
    let length = seen
        .header("content-length")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    seen.body = String::from_utf8(body).expect("text");
    seen
}
