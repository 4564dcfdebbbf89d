//! `mcf status`: one row a cause, one line for a monitor, one order by any of its ids, commands that can be pasted.

use crate::environment::Place;

const ORDER: &str = "576900000000000101";

fn flag(place: &Place, order: &str, detail: (&str, &str), skus: &str, command: &str) {
    place
        .database()
        .execute(
            "INSERT INTO flags (order_id, reason, detail, message, next_command, raised_at, skus)
             VALUES (?1, ?2, ?3, 'a sentence', ?4, 1767600000, ?5)",
            (order, detail.0, detail.1, command, skus),
        )
        .expect("a flag");
}

fn good_runs(place: &Place) {
    for command in ["poll", "sync-tracking", "sync-inventory"] {
        place
            .database()
            .execute(
                "INSERT INTO runs (command, started_at, ended_at, outcome, process_id) VALUES (?1, ?2, ?2, 'ok', 1)",
                (command, place.now().timestamp()),
            )
            .expect("a run");
    }
}

#[test]
fn status_has_one_row_a_cause_with_how_many_orders_and_what_to_type() {
    let place = Place::new();
    good_runs(&place);
    for number in 101..104 {
        let id = format!("576900000000000{number}");
        place.order(&id, "flagged");
        flag(
            &place,
            &id,
            ("SKU_NOT_MAPPED", "sku_not_mapped"),
            "[\"17\"]",
            "mcf mappings missing",
        );
    }
    let document = place.run("status --json").ends(0).json();
    let rows = document["attention"].as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{document}");
    assert_eq!(
        (
            &rows[0]["reason"],
            &rows[0]["detail"],
            &rows[0]["orders"],
            &rows[0]["sku"],
            &rows[0]["example"]
        ),
        (
            &"SKU_NOT_MAPPED".into(),
            &"sku_not_mapped".into(),
            &3.into(),
            &"17".into(),
            &ORDER.into()
        )
    );
    assert_eq!(rows[0]["nextCommand"], "mcf mappings missing");
    let poll = &document["commands"][0];
    assert_eq!(
        (&poll["name"], &poll["lastOutcome"], &poll["intervalSeconds"]),
        (&"poll".into(), &"ok".into(), &300.into())
    );
    assert!(
        poll["lastRunAt"].is_string() && poll["lastSuccessAt"].is_string(),
        "{poll}"
    );
    for field in ["late", "dueToday", "dueTomorrow", "atRisk"] {
        assert!(document["deadlines"][field].is_u64(), "{field}");
    }
    assert_eq!(document["queue"]["waiting"], 0);
}

#[test]
fn check_is_one_line_that_says_what_is_needed_first_or_that_all_is_well_a17() {
    let place = Place::new();
    good_runs(&place);
    let well = place.run("status --check").ends(0);
    assert_eq!(well.stdout, "ok: nothing needs a person; 0 orders are open, 0 late\n");
    place.order(ORDER, "flagged");
    flag(
        &place,
        ORDER,
        ("INVALID_ADDRESS", "city_missing"),
        "[]",
        "mcf route 576900000000000101",
    );
    let needed = place.run("status --check --quiet").ends(3);
    assert_eq!(
        needed.stdout,
        "a person is needed: order 576900000000000101: a sentence; next: mcf route 576900000000000101\n"
    );
    assert_eq!(needed.stderr, "");
    let document = place.run("status --check --json").ends(3).json();
    assert_eq!(
        (&document["error"]["exitCode"], &document["attention"][0]["orders"]),
        (&3.into(), &1.into())
    );
}

#[test]
fn a_pause_needs_a_person_for_the_monitor_and_a_held_order_shows_with_its_release() {
    let place = Place::new();
    good_runs(&place);
    place.order(ORDER, "waiting");
    place.run(&format!("orders hold {ORDER}")).ends(0);
    place.run("status --check").ends(0);
    let document = place.run("status --json").ends(0).json();
    assert_eq!(
        (&document["held"], &document["attention"][0]["detail"]),
        (&1.into(), &"held".into())
    );
    assert_eq!(
        document["attention"][0]["nextCommand"],
        format!("mcf orders release {ORDER}")
    );
    let one = place.run(&format!("status {ORDER} --json")).ends(0).json();
    assert_eq!(one["order"]["held"], true);
    assert_eq!(
        one["order"]["next"]["what"],
        format!("held by the operator: nothing before mcf orders release {ORDER}")
    );
    place.run("pause --because stocktaking").ends(0);
    let paused = place.run("status --check").ends(3);
    assert!(
        paused.stdout.contains("stocktaking") && paused.stdout.contains("mcf resume"),
        "{paused:?}"
    );
    assert_eq!(paused.stdout.lines().count(), 1, "{paused:?}");
}

#[test]
fn every_command_that_an_output_names_repeats_the_flags_of_the_call() {
    let place = Place::bare();
    let flags = "--config shop.toml --db other.db";
    place.write("shop.toml", "");
    let said = place.run(&format!("status {flags}")).ends(0);
    assert!(said.stdout.contains(&format!("mcf poll {flags}")), "{said:?}");
    let said = place.run(&format!("status {flags} --check")).ends(3);
    assert!(said.stdout.contains(&format!("next: mcf poll {flags}")), "{said:?}");
    let said = place.run(&format!("status {flags} --json")).ends(0).json();
    assert_eq!(said["attention"][0]["nextCommand"], format!("mcf poll {flags}"));
    let said = place.run(&format!("{flags} status 5")).ends(3);
    assert!(said.stderr.contains(&format!("mcf orders list {flags}")), "{said:?}");
    let said = place.run(&format!("{flags} status 5 --json")).ends(3).json();
    assert_eq!(said["error"]["help"], format!("mcf orders list {flags}"));
    let one = "status --db other.db";
    let said = place.run(one).ends(0);
    assert!(said.stdout.contains("mcf poll --db other.db\n"), "{said:?}");
}

#[test]
fn an_order_is_found_by_tiktoks_id_amazons_id_and_every_number_of_its_parcels() {
    let place = Place::new();
    place.order(ORDER, "shipped");
    place
        .database()
        .execute_batch(
            "INSERT INTO fulfillment_orders (id, order_id, generation, outcome, body_hash, intended_at)
                 VALUES ('TTS-576900000000000101', '576900000000000101', 1, 'accepted', '', 1767600000);
             INSERT INTO parcels (id, order_id, fulfillment_order_id, shipment_id, package_number, carrier_code, tracking_number, found_at, state)
                 VALUES (1, '576900000000000101', 'TTS-576900000000000101', 'S', 1, 'UPS', '1Z999', 1767600000, 'synced');
             INSERT INTO parcel_numbers (parcel_id, number, seen_at) VALUES (1, '1Z888', 1767600000);",
        )
        .expect("rows");
    for text in [
        ORDER,
        "TTS-576900000000000101",
        "tts-576900000000000101",
        "1Z999",
        "1z999",
        "1Z888",
    ] {
        let found = place.run(&format!("status {text} --json")).ends(0).json();
        assert_eq!(found["order"]["tiktokOrderId"], ORDER, "{text}");
    }
    place.run("status 1Z777").ends(3).says("1Z777").says("mcf orders list");
    place.run("status ../1").ends(2);
}

#[test]
fn colour_comes_into_a_pipe_only_where_it_is_asked_for() {
    let place = Place::new();
    let plain = place.run("status").ends(0).stdout;
    assert!(!plain.contains('\u{1b}'), "{plain}");
    let coloured = place.run("status --color always").ends(0).stdout;
    assert!(coloured.contains("\u{1b}[31m"), "{coloured:?}");
}
