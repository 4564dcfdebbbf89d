//! What a command writes for the operator: never through a link or over a device, and never over somebody's work without a question.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::environment::Place;

const LETTER: &str = "dear reader";

/// A place with a database and a letter that nobody may lose.
fn place() -> Place {
    let place = Place::new();
    place.run("status").ends(0);
    place.write("letter.txt", LETTER);
    place
}

#[test]
fn metrics_replace_metrics_of_any_form_and_nothing_else_without_a_question() {
    let place = place();
    let forms = ["text", "json", "prometheus"];
    for earlier in forms {
        place
            .run(&format!("metrics --format {earlier} --output mcf.prom"))
            .ends(0);
        for form in forms {
            let line = format!("metrics --format {form} --output mcf.prom");
            place.run(&line).ends(0);
            place
                .run(&format!("metrics --format {earlier} --output mcf.prom"))
                .ends(0);
        }
    }
    place
        .run("metrics --output letter.txt")
        .ends(3)
        .says("letter.txt is no file of metrics and would be replaced")
        .says("help: mcf metrics --output letter.txt --yes");
    place.run("report --output mcf.prom").ends(3);
    assert_eq!(place.read("letter.txt"), LETTER);
    place.run("metrics --output letter.txt --yes").ends(0);
    assert!(place.read("letter.txt").contains("orders detected"));
    place.write("empty.prom", "");
    place.run("metrics --format prometheus --output empty.prom").ends(0);
    assert!(place.read("empty.prom").starts_with("# HELP mcf_"));
}

#[test]
fn no_output_goes_through_a_link_of_ones_own_e177() {
    let place = place();
    place.run("report --output page.html").ends(0);
    place.run("metrics --output figures").ends(0);
    let page = place.read("page.html");
    for (target, lines) in [
        (
            "page.html",
            &["report --output way", "report --output way --yes"] as &[&str],
        ),
        ("figures", &["metrics --output way", "metrics --output way --yes"]),
        (
            "letter.txt",
            &[
                "report --output way --yes",
                "metrics --output way --yes",
                "orders export --output way --force",
                "mappings export --output way --force",
                "backup way",
                "backup way --force",
                "init --config way --force",
            ],
        ),
    ] {
        symlink(place.path(target), place.path("way")).expect("a link");
        for line in lines {
            let ran = place.run(line).ends(6).says("link");
            assert!(ran.stderr.contains("help: "), "{line}: {ran:?}");
        }
        assert!(place.path("way").is_symlink(), "{target}: the link is as it was");
        fs::remove_file(place.path("way")).expect("gone");
    }
    assert_eq!(
        (place.read("letter.txt"), place.read("page.html")),
        (LETTER.to_owned(), page)
    );
}

#[test]
fn a_unit_that_was_switched_off_or_written_by_somebody_stays_e159() {
    let place = place();
    place.write("config.toml", "");
    fs::create_dir(place.path("units")).expect("a folder");
    let line = "schedule systemd --user nobody --dir units";
    let timer = "units/mcf-poll.timer";
    place.run(line).ends(0);
    place.run(line).ends(0).says("wrote to units");
    place.write(timer, "[Timer]\nOnCalendar=daily\n");
    place
        .run(line)
        .ends(3)
        .says("mcf-poll.timer is a unit that this program did not write");
    assert_eq!(place.read(timer), "[Timer]\nOnCalendar=daily\n");
    fs::remove_file(place.path(timer)).expect("gone");
    symlink("/dev/null", place.path(timer)).expect("masked");
    place.run(line).ends(6).says("mcf-poll.timer is a link to /dev/null");
    assert!(place.path(timer).is_symlink());
}

#[test]
fn a_disk_is_no_file_to_write_to() {
    let place = place();
    let disk = place.path("disk");
    if !has_made(&disk) {
        println!("skipped: this user can make no device");
        return;
    }
    for line in [
        "report --output disk --yes",
        "metrics --output disk",
        "backup disk --force",
    ] {
        let ran = place.run(line).ends(6);
        assert!(ran.stderr.contains("device"), "{line}: {ran:?}");
    }
}

/// Makes a device of blocks behind which there is nothing.
fn has_made(path: &Path) -> bool {
    let made = Command::new("mknod").arg(path).args(["b", "240", "255"]).output();
    made.is_ok_and(|made| made.status.success())
}
