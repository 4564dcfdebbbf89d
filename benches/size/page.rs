//! The page: how long its views take with few and with many orders, and what readers cost a run that works beside them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::process::{Figures, command, timed};
use crate::routing::{Shop, unhurried, world};
use crate::show;

const VIEWS: [&str; 8] = [
    "/",
    "/orders",
    "/orders?state=flagged",
    "/mappings",
    "/stock",
    "/deadlines",
    "/log",
    "/settings",
];
const TIMES: usize = 21;

const READERS: u32 = 50;
/// How often an open board asks for itself anew.
const REFRESH: Duration = Duration::from_secs(20);

/// Prints how long each view takes.
pub fn views(mcf: &str, few: &Path, many: &Path) {
    let pages = [few, many].map(|folder| Page::open(mcf, folder));
    for view in VIEWS {
        let [few, many] = pages.each_ref().map(|page| page.median(view));
        show(view, &few, &many, 2.0);
    }
}

/// Prints how long a poll takes alone, and beside readers whose boards refresh themselves.
pub fn readers(mcf: &str, folder: &Path) {
    // As many as go at once: more wait for Amazon's rate, whoever reads.
    const ORDERS: usize = 30;
    let poll = |has_readers: bool| {
        let mut world = world(ORDERS);
        unhurried(&mut world);
        let shop = Shop::open(mcf, folder, world);
        let page = Page::open(mcf, &shop.folder);
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for reader in (0..READERS).filter(|_| has_readers) {
                let (page, is_over) = (&page, &is_over);
                scope.spawn(move || page.read_on(REFRESH * reader / READERS, is_over));
            }
            let run = timed(mcf, &shop.folder, &["poll"]);
            is_over.store(true, Ordering::Relaxed);
            run.wall
        })
    };
    let mut walls = [Vec::new(), Vec::new()];
    for _ in 0..5 {
        walls[0].push(poll(false));
        walls[1].push(poll(true));
    }
    let [alone, beside] = walls.map(figures);
    show(
        &format!("poll of {ORDERS} orders beside {READERS} readers"),
        &alone,
        &beside,
        1.1,
    );
}

/// A page that is served, and a browser that is let in.
struct Page {
    server: Child,
    address: String,
    cookie: String,
}

impl Page {
    fn open(mcf: &str, folder: &Path) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr());
        let address = free.expect("a free port").to_string();
        let mut server = command(mcf, folder, &["serve", "--listen", &address])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the page");
        let mut link = String::new();
        let lines = server.stdout.take().expect("its output");
        BufReader::new(lines).read_line(&mut link).expect("the link");
        let path = link.trim().trim_start_matches(&format!("http://{address}")).to_owned();
        let mut page = Self {
            server,
            address,
            cookie: String::new(),
        };
        let let_in = page.get(&path);
        let cookie = let_in.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).expect("a session");
        page.cookie = cookie.to_owned();
        page
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("the page");
        let (host, cookie) = (&self.address, &self.cookie);
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn median(&self, path: &str) -> Figures {
        let times = (0..TIMES).map(|_| {
            let start = Instant::now();
            let answer = self.get(path);
            assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer:.200}");
            start.elapsed().as_secs_f64() * 1_000.0
        });
        figures(times.collect())
    }

    /// Reads the board as an open browser does, from some moment on.
    fn read_on(&self, first: Duration, is_over: &AtomicBool) {
        let (start, mut next) = (Instant::now(), first);
        while !is_over.load(Ordering::Relaxed) {
            if start.elapsed() >= next {
                self.get("/");
                next += REFRESH;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn figures(mut times: Vec<f64>) -> Figures {
    times.sort_by(f64::total_cmp);
    Figures {
        median: times[times.len() / 2],
        peak_megabytes: 0.0,
    }
}
