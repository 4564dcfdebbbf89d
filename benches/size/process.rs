//! Whole processes: how long they take, and the most memory that they held.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What the runs of one command came to.
pub struct Figures {
    /// Milliseconds from start to end, the median.
    pub median: f64,
    /// The most that any of the runs held.
    pub peak_megabytes: f64,
}

/// Runs one command in two folders in turn, so that both see the same machine.
pub fn measure(rounds: usize, sides: [(&str, &Path); 2], arguments: &[&str]) -> [Figures; 2] {
    let mut runs = [Vec::new(), Vec::new()];
    for round in 0..=rounds {
        for (side, (program, folder)) in sides.iter().enumerate() {
            let run = timed(program, folder, arguments);
            // The first one warms the page cache.
            if round > 0 {
                runs[side].push(run);
            }
        }
    }
    runs.map(|mut runs| {
        runs.sort_by(|one, other| one.0.total_cmp(&other.0));
        Figures {
            median: runs[runs.len() / 2].0,
            peak_megabytes: runs.iter().map(|run| run.1).fold(0.0, f64::max),
        }
    })
}

/// Runs a command once.
pub fn once(program: &str, folder: &Path, arguments: &[&str]) -> Figures {
    let (median, peak_megabytes) = timed(program, folder, arguments);
    Figures { median, peak_megabytes }
}

/// The kernel keeps the highest mark; it is read until the process has ended.
fn timed(program: &str, folder: &Path, arguments: &[&str]) -> (f64, f64) {
    let start = Instant::now();
    let mut child = command(program, folder, arguments).spawn().expect("a process");
    let mut peak = 0.0;
    while child.try_wait().expect("a process").is_none() {
        peak = held(child.id()).unwrap_or(peak);
        std::thread::sleep(Duration::from_micros(200));
    }
    (start.elapsed().as_secs_f64() * 1_000.0, peak)
}

fn held(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1_024.0)
}

fn command(program: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    let database = folder.join("mcf.db");
    let config = folder.parent().map(|parent| parent.join("config.toml"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(config) = config.filter(|config| config.exists()) {
        command.env("MCF_CONFIG", config).env("MCF_DB", database);
    }
    command
}

/// Runs a command that must succeed.
pub fn run(program: &str, folder: &Path, arguments: &[&str]) {
    let status = command(program, folder, arguments).status().expect("a process");
    assert!(status.success(), "{program} {arguments:?}: {status}");
}

/// Both vendors, without orders, for as long as it lives.
pub struct Served(Child);

impl Served {
    /// Serves them and writes the configuration for them into the folder.
    pub fn start(program: &str, folder: &Path) -> Self {
        let config = folder.join("config.toml");
        let _ = fs::remove_file(&config);
        let port = (8_480..8_980).step_by(2).find(|port| {
            [*port, port + 1]
                .iter()
                .all(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        });
        let port = port.expect("two free ports").to_string();
        let arguments = ["sandbox", "--empty", "--port", &port, "--write-config", "config.toml"];
        let child = command(program, folder, &arguments).spawn().expect("the sandbox");
        let served = Self(child);
        while !config.exists() {
            std::thread::sleep(Duration::from_millis(20));
        }
        served
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
