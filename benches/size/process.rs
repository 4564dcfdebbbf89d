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
        runs.sort_by(|one: &Run, other| one.wall.total_cmp(&other.wall));
        Figures {
            median: runs[runs.len() / 2].wall,
            peak_megabytes: runs.iter().map(|run| run.peak_megabytes).fold(0.0, f64::max),
        }
    })
}

/// Runs a command once.
pub fn once(program: &str, folder: &Path, arguments: &[&str]) -> Figures {
    let run = timed(program, folder, arguments);
    Figures {
        median: run.wall,
        peak_megabytes: run.peak_megabytes,
    }
}

/// One run of a command.
pub struct Run {
    /// Milliseconds from start to end.
    pub wall: f64,
    /// Milliseconds of a processor, its own and the kernel's for it, to a hundredth of a second.
    pub processor: f64,
    /// The most that it held.
    pub peak_megabytes: f64,
}

/// The kernel keeps the highest mark and the sum; they are read until the process has ended.
pub fn timed(program: &str, folder: &Path, arguments: &[&str]) -> Run {
    let start = Instant::now();
    let mut child = command(program, folder, arguments).spawn().expect("a process");
    let (mut peak, mut processor) = (0.0, 0.0);
    while child.try_wait().expect("a process").is_none() {
        peak = held(child.id()).unwrap_or(peak);
        processor = used(child.id()).unwrap_or(processor);
        std::thread::sleep(Duration::from_micros(200));
    }
    Run {
        wall: start.elapsed().as_secs_f64() * 1_000.0,
        processor,
        peak_megabytes: peak,
    }
}

/// The times are the 14th and 15th field, in hundredths of a second; the second one, the name, may hold spaces.
fn used(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = status.rsplit_once(')')?;
    let hundredths: Option<Vec<f64>> = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse().ok())
        .collect();
    Some(hundredths?.iter().sum::<f64>() * 10.0)
}

fn held(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1_024.0)
}

pub fn command(program: &str, folder: &Path, arguments: &[&str]) -> Command {
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
