//! A tiny HTTP server on loopback that gives prepared answers and keeps what arrived.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use hmac::{Hmac, KeyInit, Mac};
use url::Url;

use super::APP_SECRET;

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub struct Received {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    fn url(&self) -> Url {
        Url::parse(&format!("http://tiktok{}", self.target)).expect("a target")
    }

    pub fn query(&self, key: &str) -> Option<String> {
        let url = self.url();
        url.query_pairs()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.into_owned())
    }

    /// Recomputes the signature from the bytes that arrived, by TikTok's published steps.
    pub fn is_signed(&self) -> bool {
        let url = self.url();
        let mut query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        query.retain(|(key, _)| key != "sign");
        query.sort();
        let pairs: String = query.into_iter().map(|(key, value)| key + &value).collect();
        let head = format!("{APP_SECRET}{}{pairs}", url.path());
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(APP_SECRET.as_bytes()).expect("any key");
        [head.as_bytes(), &self.body, APP_SECRET.as_bytes()]
            .iter()
            .for_each(|part| mac.update(part));
        let digest: String = mac
            .finalize()
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self.query("sign") == Some(digest)
    }
}

/// A stand-in that gives its answers in order and then its last one for ever.
pub struct Server {
    pub url: Url,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    pub fn start(answers: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let received = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&received);
        let answers: Vec<(u16, String)> = answers
            .iter()
            .map(|(status, body)| (*status, (*body).to_owned()))
            .collect();
        std::thread::spawn(move || {
            for (index, stream) in listener.incoming().enumerate() {
                let mut stream = stream.expect("a connection");
                let request = receive(&stream);
                log.lock().expect("the log").push(request);
                let (status, body) = &answers[index.min(answers.len() - 1)];
                let length = body.len();
                let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
                // A client that hung up has what it wanted.
                let _ = stream
                    .write_all(head.as_bytes())
                    .and_then(|()| stream.write_all(body.as_bytes()));
            }
        });
        let url = Url::parse(&format!("http://{address}")).expect("a url");
        Self { url, received }
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("the log").clone()
    }
}

fn receive(stream: impl Read) -> Received {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request line");
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut request = Received {
        method: words.next().expect("a method"),
        target: words.next().expect("a target"),
        ..Received::default()
    };
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        request.headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = request
        .header("content-length")
        .map_or(0, |length| length.parse().expect("a length"));
    request.body = vec![0; length];
    reader.read_exact(&mut request.body).expect("a body");
    request
}
