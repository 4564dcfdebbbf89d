//! Whether cron or systemd runs the jobs, and often enough for TikTok's four hours.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::Session;
use super::{Check, Checks, HostFacts};
use crate::config::Settings;

const NAME: &str = "schedule";

/// TikTok wants a parcel's number within four hours.
const TRACKING_MINUTES_MAX: u32 = 240;

/// What must run by itself.
const NEEDED: [&str; 2] = ["poll", "sync-tracking"];

/// What may.
const KNOWN: [&str; 5] = ["poll", "sync-tracking", "sync-inventory", "metrics", "backup"];

/// Files of cron for the whole machine.
const CRON_FOLDER: &str = "/etc/cron.d";
const CRON_FILE: &str = "/etc/crontab";

/// Where units lie, and the folder in it with links to the timers that are switched on.
const UNITS: &str = "/etc/systemd/system";
const SWITCHED_ON: &str = "timers.target.wants";

/// A job that cron or systemd runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scheduled {
    command: &'static str,
    /// The longest time between two runs; `None` where it is written in a way that is not read here.
    gap: Option<u32>,
    /// What the line or the unit calls.
    pub(super) call: String,
}

pub(super) fn look(session: &Session, facts: &HostFacts, checks: &mut Checks) -> Vec<Scheduled> {
    let found = found(&session.settings, facts);
    checks.push(judged(session.settings.schedule.tracking_sync_interval_minutes, &found));
    found
}

/// The configured interval counts, and what really runs. Without a timer or a line nothing is surely wrong: another scheduler may do it.
fn judged(tracking_interval: u32, found: &[Scheduled]) -> Check {
    let add = "mcf schedule cron says how to add the lines; or: mcf schedule systemd | sh";
    if tracking_interval > TRACKING_MINUTES_MAX {
        return Check::fail(
            NAME,
            format!(
                "sync-tracking every {tracking_interval} minutes is too slow: TikTok wants numbers within four hours"
            ),
            "set [schedule] tracking_sync_interval_minutes to 30, then: mcf schedule cron",
        );
    }
    let mut gaps: BTreeMap<&str, Option<u32>> = BTreeMap::new();
    for job in found {
        let gap = gaps.entry(job.command).or_insert(job.gap);
        *gap = (*gap).min(job.gap);
    }
    let missing: Vec<&str> = NEEDED.into_iter().filter(|name| !gaps.contains_key(name)).collect();
    if !missing.is_empty() {
        let missing = missing.join(" and mcf ");
        return Check::warn(NAME, format!("no timer and no crontab line runs mcf {missing}"), add);
    }
    if let Some(Some(gap)) = gaps
        .get("sync-tracking")
        .filter(|gap| **gap > Some(TRACKING_MINUTES_MAX))
    {
        return Check::fail(
            NAME,
            format!("sync-tracking runs only every {gap} minutes: TikTok wants numbers within four hours"),
            add,
        );
    }
    let said = gaps.iter().map(|(name, gap)| match gap {
        Some(gap) => format!("{name} every {gap} minutes"),
        None => (*name).to_owned(),
    });
    Check::pass(NAME, said.collect::<Vec<_>>().join(", "))
}

fn found(settings: &Settings, facts: &HostFacts) -> Vec<Scheduled> {
    let ours = [settings.file.clone(), Some(settings.store.path.clone())];
    let ours: Vec<String> = ours
        .into_iter()
        .flatten()
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let mut found: Vec<Scheduled> = crontabs().iter().flat_map(|text| of_crontab(text, &ours)).collect();
    for folder in unit_folders(facts) {
        found.extend(of_units(&folder, &ours));
    }
    found
}

fn crontabs() -> Vec<String> {
    let own = Command::new("crontab")
        .arg("-l")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let own = own
        .ok()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let files = fs::read_dir(CRON_FOLDER).into_iter().flatten().flatten();
    let files = files.map(|file| file.path()).chain([PathBuf::from(CRON_FILE)]);
    own.into_iter()
        .chain(files.filter_map(|path| fs::read_to_string(path).ok()))
        .collect()
}

fn unit_folders(facts: &HostFacts) -> Vec<PathBuf> {
    let own = facts.home.as_ref().map(|home| home.join(".config/systemd/user"));
    own.into_iter().chain([PathBuf::from(UNITS)]).collect()
}

/// Reads the lines of a crontab that run this shop's jobs.
fn of_crontab(text: &str, ours: &[String]) -> Vec<Scheduled> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let jobs = lines.filter_map(|line| {
        let (gap, call) = if let Some(rest) = line.strip_prefix('@') {
            let (word, call) = rest.split_once(char::is_whitespace)?;
            (of_word(word), call)
        } else {
            let mut fields = line.split_whitespace();
            let times: Vec<&str> = fields.by_ref().take(5).collect();
            let [minute, hour, days @ ..] = times.as_slice() else {
                return None;
            };
            let gap = largest_gap(minute, hour).filter(|_| days.iter().all(|field| *field == "*"));
            (gap, line)
        };
        scheduled(call, ours, gap)
    });
    jobs.collect()
}

/// Reads the timers of a folder that are switched on and run this shop's jobs.
fn of_units(folder: &Path, ours: &[String]) -> Vec<Scheduled> {
    let timers = fs::read_dir(folder.join(SWITCHED_ON)).into_iter().flatten().flatten();
    let jobs = timers.filter_map(|timer| {
        let timer = folder.join(timer.file_name());
        let text = fs::read_to_string(&timer).ok()?;
        let service = fs::read_to_string(timer.with_extension("service")).ok()?;
        let call = service.lines().find_map(|line| line.strip_prefix("ExecStart="))?;
        scheduled(call, ours, of_timer(&text))
    });
    jobs.collect()
}

/// A call that names no configuration is ours as well as anybody's.
fn scheduled(call: &str, ours: &[String], gap: Option<u32>) -> Option<Scheduled> {
    let words: Vec<&str> = call
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'']))
        .collect();
    let program = words.iter().position(|word| *word == "mcf" || word.ends_with("/mcf"))?;
    let words = &words[program + 1..];
    let is_named = words.iter().any(|word| matches!(*word, "--config" | "--db"));
    let is_ours = !is_named || ours.iter().any(|path| call.contains(path.as_str()));
    let command = KNOWN.into_iter().find(|name| words.contains(name))?;
    is_ours.then(|| Scheduled {
        command,
        gap,
        call: call.to_owned(),
    })
}

fn of_word(word: &str) -> Option<u32> {
    match word {
        "minutely" => Some(1),
        "hourly" => Some(60),
        "daily" | "midnight" => Some(24 * 60),
        _ => None,
    }
}

/// Reads `OnCalendar=` as this program writes it, and `OnUnitActiveSec=` in minutes or hours.
fn of_timer(text: &str) -> Option<u32> {
    let value = |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name));
    if let Some(every) = value("OnUnitActiveSec=") {
        let digits: String = every.chars().take_while(char::is_ascii_digit).collect();
        let number: u32 = digits.parse().ok()?;
        return match every.trim_start_matches(|letter: char| letter.is_ascii_digit()).trim() {
            "m" | "min" | "minutes" => Some(number),
            "h" | "hour" | "hours" => Some(number * 60),
            "" | "s" | "sec" => Some(number.div_ceil(60)),
            _ => None,
        };
    }
    let calendar = value("OnCalendar=")?.trim();
    let Some((date, time)) = calendar.rsplit_once(' ') else {
        return of_word(calendar);
    };
    let mut parts = time.split(':');
    let (hour, minute) = (parts.next()?, parts.next()?);
    largest_gap(minute, hour).filter(|_| date == "*-*-*")
}

/// Returns the largest number of minutes between two runs of a day and the next.
fn largest_gap(minute: &str, hour: &str) -> Option<u32> {
    let (minutes, hours) = (field(minute, 60)?, field(hour, 24)?);
    let mut times: Vec<u32> = hours
        .iter()
        .flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute))
        .collect();
    times.sort_unstable();
    let again = times.first()? + 24 * 60;
    let next = times.iter().skip(1).copied().chain([again]);
    times.iter().zip(next).map(|(time, next)| next - time).max()
}

/// Reads `*`, `7`, `1-5`, `*/15`, `2-59/5`, `0/4` and lists of these.
fn field(text: &str, end: u32) -> Option<Vec<u32>> {
    let mut values = Vec::new();
    for part in text.split(',') {
        let (range, step) = part
            .split_once('/')
            .map_or((part, None), |(range, step)| (range, Some(step)));
        let step_by: usize = step
            .map_or(Some(1), |step| step.parse().ok())
            .filter(|step| *step > 0)?;
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (0, end - 1),
            Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
            None => {
                let first = range.parse().ok()?;
                (first, if step.is_some() { end - 1 } else { first })
            }
        };
        values.extend((first..=last).step_by(step_by).filter(|value| *value < end));
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::*;

    #[test]
    fn the_largest_gap_of_a_line_counts() {
        for (minute, hour, gap) in [
            ("*", "*", Some(1)),
            ("3-59/30", "*", Some(30)),
            ("7", "*", Some(60)),
            ("0", "*/4", Some(240)),
            ("0", "8-18", Some(14 * 60)),
            ("0,30", "9,21", Some(11 * 60 + 30)),
            ("5", "3", Some(24 * 60)),
            ("00/5", "*", Some(5)),
            ("x", "*", None),
            ("*/0", "*", None),
        ] {
            assert_eq!(largest_gap(minute, hour), gap, "{minute} {hour}");
        }
    }

    #[test]
    fn lines_and_timers_of_this_shop_are_read_and_those_of_another_are_not() {
        let ours = ["/var/lib/mcf/config.toml".to_owned()];
        let text = "MAILTO=ops\n# */5 * * * * mcf poll\n\
            2-59/5 * * * * /usr/local/bin/mcf --config /var/lib/mcf/config.toml --quiet poll 2>&1 | logger -t mcf-poll # mcf:1\n\
            7 */2 * * * /usr/local/bin/mcf --config /var/lib/mcf/config.toml --quiet sync-tracking # mcf:1\n\
            0 * * * * /usr/local/bin/mcf --config /etc/second.toml --quiet sync-inventory # mcf:2\n\
            @daily mcf backup /mnt/backup --keep 14\n0 3 * * 1 mcf metrics\n@reboot true\n";
        let read: Vec<(&str, Option<u32>)> = of_crontab(text, &ours)
            .iter()
            .map(|job| (job.command, job.gap))
            .collect();
        assert_eq!(
            read,
            [
                ("poll", Some(5)),
                ("sync-tracking", Some(120)),
                ("backup", Some(1440)),
                ("metrics", None)
            ]
        );
        for (text, gap) in [
            ("[Timer]\nOnCalendar=*-*-* *:03/30:00\n", Some(30)),
            ("[Timer]\nOnCalendar=*-*-* 00/6:07:00\n", Some(360)),
            ("[Timer]\nOnUnitActiveSec=5min\n", Some(5)),
            ("[Timer]\nOnCalendar=hourly\n", Some(60)),
            ("[Timer]\nOnCalendar=Mon *-*-* 03:00:00\n", None),
        ] {
            assert_eq!(of_timer(text), gap, "{text}");
        }
    }

    #[test]
    fn no_schedule_is_a_warning_and_one_slower_than_four_hours_fails() {
        let job = |command, gap| Scheduled {
            command,
            gap: Some(gap),
            call: String::new(),
        };
        for (interval, found, outcome) in [
            (30, vec![job("poll", 5), job("sync-tracking", 30)], Outcome::Passed),
            (30, vec![job("poll", 5)], Outcome::Warning),
            (30, vec![], Outcome::Warning),
            (241, vec![job("poll", 5), job("sync-tracking", 30)], Outcome::Failed),
            (240, vec![job("poll", 5), job("sync-tracking", 240)], Outcome::Passed),
            (30, vec![job("poll", 5), job("sync-tracking", 360)], Outcome::Failed),
            (
                30,
                vec![job("poll", 5), job("sync-tracking", 360), job("sync-tracking", 30)],
                Outcome::Passed,
            ),
        ] {
            assert_eq!(judged(interval, &found).outcome, outcome, "{interval} {found:?}");
        }
    }
}
