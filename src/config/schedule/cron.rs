//! Crontab lines that are added to a crontab, and never replace it.

use super::super::quoting::shell_quoted;
use super::{Invocation, Job, jobs};
use crate::config::ScheduleSettings;

/// Returns crontab lines. What the jobs print goes to the system log under the instance's name and the job's.
///
/// Every line ends with the shop's mark, by which exactly these lines are taken out again: doing it twice doubles nothing, and no line
/// of anybody else is touched.
#[must_use]
pub fn cron(schedule: &ScheduleSettings, invocation: &Invocation<'_>) -> String {
    let mark = invocation.mark();
    let instance = invocation.instance();
    let mut lines = vec![
        format!(
            "# mcf of {}; what was done: journalctl -t {instance}-poll",
            invocation.about()
        ),
        format!("# adds these lines, any number of times: {}", cron_recipe(invocation)),
    ];
    for job in jobs(schedule, invocation) {
        if job.rhythm.minutes() != job.minutes {
            let (wanted, given) = (job.minutes, job.rhythm.minutes());
            lines.push(format!(
                "# cron cannot say every {wanted} minutes evenly; this is every {given}"
            ));
        }
        lines.push(line(&job, invocation));
    }
    lines.iter().map(|line| format!("{line} {mark}\n")).collect()
}

/// Returns the command that puts the lines into the user's crontab beside all that stands there.
#[must_use]
pub fn cron_recipe(invocation: &Invocation<'_>) -> String {
    let user = shell_quoted(invocation.user);
    let (run_as, crontab) = if invocation.is_by_admin {
        (format!("sudo -u {user} -H "), format!("sudo crontab -u {user}"))
    } else {
        (String::new(), "crontab".to_owned())
    };
    let words: Vec<String> = invocation
        .itself("cron")
        .iter()
        .map(|word| shell_quoted(word))
        .collect();
    format!(
        "lines=$({run_as}{call}) && {{ {crontab} -l 2>/dev/null | grep -v '{mark}$'; printf '%s\\n' \"$lines\"; }} | {crontab} -",
        call = words.join(" "),
        mark = invocation.mark(),
    )
}

/// In a crontab `%` ends the command, quoted or not.
fn line(job: &Job, invocation: &Invocation<'_>) -> String {
    let words: Vec<String> = invocation.words(job).iter().map(|word| shell_quoted(word)).collect();
    let folder = job.folder.as_ref().map_or_else(String::new, |folder| {
        format!("mkdir -p {} && ", shell_quoted(&folder.to_string_lossy()))
    });
    let group = |call: String| {
        if folder.is_empty() {
            call
        } else {
            format!("{{ {folder}{call}; }}")
        }
    };
    let call = group(words.join(" ")).replace('%', r"\%");
    format!(
        "{} * * * {call} 2>&1 | logger -t {}-{}",
        job.rhythm.cron(job.offset),
        invocation.instance(),
        job.name
    )
}
