//! `mcf status --verify-audit`.

use rusqlite::Connection;

use crate::environment::Place;

fn mapped() -> Place {
    let place = Place::new();
    for key in ["LAMP", "SOCK"] {
        place
            .feed(
                "mappings import -",
                &format!("seller_sku,amazon_sku\n{key},FBA-{key}\n"),
            )
            .ends(0);
    }
    place
}

fn kept() -> Place {
    let place = mapped();
    place.order("576900000000000101", "flagged");
    place.run("orders hold 576900000000000101 --because away").ends(0);
    place
}

#[test]
fn a_whole_history_is_one_line_and_a_document() {
    let place = kept();
    let ran = place.run("status --verify-audit").ends(0);
    assert!(
        ran.stdout
            .starts_with("ok: the history is whole: 1 row, 0 calls, 2 imports; it ends in "),
        "{ran:?}"
    );
    assert_eq!((ran.stdout.lines().count(), ran.stderr.as_str()), (1, ""));
    let document = place.run("status --verify-audit --json").ends(0).json();
    let audit = &document["audit"];
    assert_eq!(
        (
            &document["schema"],
            &audit["outcome"],
            &audit["auditRows"],
            &audit["finding"]
        ),
        (&1.into(), &"ok".into(), &3.into(), &serde_json::Value::Null)
    );
    assert_eq!(place.run("status --verify-audit --quiet").ends(0).stdout, "");
}

#[test]
fn a_changed_row_is_named_with_its_order_and_a_way_on_and_ends_with_3() {
    let place = kept();
    let database = place.database();
    database
        .execute_batch("UPDATE history SET text = 'never held'")
        .expect("changed");
    let ran = place.run("status --verify-audit").ends(3);
    assert_eq!(
        ran.stdout,
        "broken: row 1 of the history (order 576900000000000101) was changed after it was written\n"
    );
    assert!(
        ran.stderr.starts_with("help: ") && ran.stderr.contains("mcf status --verify-audit --db COPY"),
        "{ran:?}"
    );
    let document = place.run("status --verify-audit --json").ends(3).json();
    let finding = &document["audit"]["finding"];
    assert_eq!(
        (
            &finding["kind"],
            &finding["book"],
            &finding["row"],
            &document["error"]["exitCode"]
        ),
        (&"changed".into(), &"history".into(), &1.into(), &3.into())
    );
    place
        .run("status --verify-audit --quiet")
        .ends(3)
        .says("row 1 of the history");
}

#[test]
fn a_backup_proves_itself_and_shows_what_was_written_anew_since() {
    let place = kept();
    let backup = place.run("backup copy.db --json").ends(0).json();
    let head = backup["auditHead"].as_str().expect("a head").to_owned();
    place.run("status --verify-audit --db copy.db").ends(0).says(&head);
    place.run(&format!("status --verify-audit --audit-head {head}")).ends(0);
    Connection::open(place.path("copy.db"))
        .expect("a copy")
        .execute_batch("DELETE FROM mappings; DELETE FROM mapping_imports WHERE id = 2")
        .expect("changed");
    place
        .run("status --verify-audit --db copy.db")
        .ends(3)
        .says("import 2 is missing");
    let other = "0".repeat(63) + "1";
    place
        .run(&format!("status --verify-audit --audit-head {other}"))
        .ends(3)
        .says(&other);
    place
        .run("status --verify-audit --audit-head short")
        .ends(2)
        .says("auditHead");
    place.run("status --audit-head short").ends(2);
    place.run("status --verify-audit --check").ends(2);
}

#[test]
fn what_a_person_did_to_the_shop_is_in_the_log_with_who_and_why_and_in_the_chain() {
    let place = mapped();
    for line in [
        "pause --because stocktaking",
        "pause --because stocktaking",
        "resume --dry-run",
        "resume",
        "resume",
        "mappings rollback",
        "rekey",
        "backup copy.db",
        "restore copy.db --force",
    ] {
        place.run(line).ends(0);
    }
    let log = place.run("log --kind hand").ends(0).stdout;
    let said: Vec<&str> = log
        .lines()
        .filter_map(|line| Some(line.split_once("hand   -")?.1.trim()))
        .collect();
    assert_eq!(
        said,
        [
            "new orders were paused by seller: stocktaking",
            "new orders go on, said seller",
            "import 2 was undone by seller",
            "the data key was changed by seller",
            "a copy was put back by seller: copy.db",
        ]
    );
    place
        .run("status --verify-audit")
        .ends(0)
        .says("2 imports, 5 hand actions; it ends in ");
    let database = place.database();
    database
        .execute_batch("UPDATE hands SET text = 'nothing' WHERE id = 2")
        .expect("changed");
    place
        .run("status --verify-audit")
        .ends(3)
        .says("broken: hand action 2 was changed after it was written");
}
