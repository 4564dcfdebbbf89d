use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::*;
use crate::domain::ids::{ProductId, SellerSku, TiktokSkuId};
use crate::store::tests_support::store;

const HEADER: &str = "tiktok_sku_id,seller_sku,tiktok_product_id,amazon_sku,quantity,bundle\n";

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
}

fn sku(id: &str) -> MappingKey {
    MappingKey::TiktokSku(TiktokSkuId::new(id))
}

fn attempt(store: &Store, text: &str, replace: bool, dry_run: bool) -> MappingsImport {
    let file = MappingsFile {
        name: None,
        source: "mappings.csv",
        sha256: "00",
        imported_by: "ops",
        replace,
        dry_run,
    };
    store
        .import_mappings(text.as_bytes(), &file, noon())
        .expect("a database")
}

fn import(store: &Store, rows: &str) -> MappingsImport {
    attempt(store, &format!("{HEADER}{rows}"), false, false)
}

/// Added, changed, removed, unchanged.
fn counts(import: &MappingsImport) -> [u64; 4] {
    [import.added, import.changed, import.removed, import.unchanged]
}

fn rejections(import: &MappingsImport) -> Vec<String> {
    import.rejected.first.iter().map(ToString::to_string).collect()
}

fn targets(store: &Store) -> Vec<String> {
    let name = |row: MappingRow| format!("{} {}x{}", row.key.as_str(), row.quantity, row.amazon_sku);
    store.with_mappings(|rows| rows.map(name).collect()).expect("rows")
}

#[test]
fn what_is_imported_is_read_back_as_it_stood() {
    let (_folder, store) = store();
    let text = "tiktok_product_id,tiktok_sku_id,seller_sku,amazon_sku,quantity,bundle,shipping_speed,safety_stock,enabled\n\
        P1,1,BOX,007,3,set,Expedited,5,false\n\
        P2,,,1E5,,,,,\n";
    let done = attempt(&store, text, false, false);
    assert_eq!((counts(&done), done.rows, done.id), ([2, 0, 0, 0], 2, Some(1)));
    let mut read = Vec::new();
    crate::domain::mapping::read(text.as_bytes(), None, |row| {
        read.push(row?);
        Ok::<(), Rejection>(())
    })
    .expect("good rows");
    let kept: Vec<MappingRow> = store.with_mappings(|rows| rows.collect()).expect("rows");
    assert_eq!(kept.len(), 2);
    assert!(read.iter().all(|row| kept.contains(row)), "S14: {kept:?}");
    assert_eq!(store.all_mappings().expect("a set").get(&sku("1")).len(), 1);
}

#[test]
fn a_second_import_of_the_same_file_changes_nothing() {
    let (_folder, store) = store();
    let rows = "1,,,A,,\n2,,,B,,x\n2,,,C,,x\n";
    assert_eq!(counts(&import(&store, rows)), [3, 0, 0, 0]);
    let again = import(&store, rows);
    assert_eq!((counts(&again), again.id), ([0, 0, 0, 3], None));
    assert_eq!(store.mapping_imports().expect("imports").len(), 1);
    assert_eq!(store.mapping_version().expect("a version"), 1, "E46");
    let moved = import(&store, "2,,,C,,x\n2,,,B,,x\n1,,,A,,\n");
    assert_eq!(counts(&moved), [0, 0, 0, 3], "lines do not matter");
}

#[test]
fn rows_that_the_file_does_not_name_stay_unless_it_replaces_all() {
    let (_folder, store) = store();
    import(&store, "1,,,A,,\n2,,,B,,\n3,,,C,,\n");
    let some = "1,,,A,2,\n2,,,D,,\n4,,,E,,\n";
    assert_eq!(counts(&import(&store, some)), [1, 2, 0, 0]);
    assert_eq!(targets(&store), ["1 2xA", "2 1xD", "3 1xC", "4 1xE"]);
    let replaced = attempt(&store, &format!("{HEADER}{some}"), true, false);
    assert_eq!(counts(&replaced), [0, 0, 1, 3]);
    assert_eq!(targets(&store), ["1 2xA", "2 1xD", "4 1xE"]);
}

#[test]
fn one_bad_line_and_nothing_is_imported() {
    let (_folder, store) = store();
    import(&store, "1,,,OLD,,\n");
    let bad = import(&store, "1,,,NEW,,\n2,,,A,0,\n3,,,B,,\n");
    assert_eq!(bad.rejected.total, 1);
    assert!(rejections(&bad)[0].starts_with("line 3: quantity \"0\""), "S11/S19");
    assert_eq!((bad.id, targets(&store)), (None, vec!["1 1xOLD".to_owned()]));
    let torn = import(&store, "1,,,A,,\n2,,,B,,\n3,,,C,,\n1,,,D,,\n2,,,E\n");
    let lines: Vec<u64> = torn.rejected.first.iter().map(|rejection| rejection.line).collect();
    assert_eq!(lines, [5, 6], "S9/S19: {:?}", rejections(&torn));
    assert!(rejections(&torn)[0].contains("A on line 2"), "S9");
    assert_eq!(targets(&store), ["1 1xOLD"], "S9: nothing imported");
}

#[test]
fn a_contradiction_behind_good_rows_takes_them_back_too() {
    let (_folder, store) = store();
    import(&store, "1,,,OLD,,\n9,,,A,,\n");
    let text = format!("{HEADER}1,,,NEW,,\n2,,,B,,\n2,,,C,,\n");
    let torn = attempt(&store, &text, true, false);
    assert_eq!((torn.rejected.total, torn.id), (1, None), "S9");
    assert_eq!(
        targets(&store),
        ["1 1xOLD", "9 1xA"],
        "S9: nothing imported, nothing removed"
    );
    assert_eq!(store.mapping_imports().expect("imports").len(), 1, "S9");
}

#[test]
fn an_empty_file_never_removes_all_mappings() {
    let (_folder, store) = store();
    import(&store, "1,,,A,,\n");
    for text in ["", HEADER, "[]", "<html></html>"] {
        let empty = attempt(&store, text, true, false);
        assert_eq!((empty.rejected.total, empty.id), (1, None), "S1: {text:?}");
    }
    assert_eq!(targets(&store), ["1 1xA"], "S1");
}

#[test]
fn a_dry_run_tells_the_same_and_keeps_nothing() {
    let (_folder, store) = store();
    import(&store, "1,,,A,,\n");
    let text = format!("{HEADER}1,,,A,2,\n2,,,B,,\n");
    let tried = attempt(&store, &text, true, true);
    assert_eq!((counts(&tried), tried.id), ([1, 1, 0, 0], None));
    assert_eq!(targets(&store), ["1 1xA"]);
    assert_eq!(counts(&attempt(&store, &text, true, false)), counts(&tried));
}

#[test]
fn rejections_and_warnings_are_counted_beyond_what_is_shown() {
    let (_folder, store) = store();
    let mut rows = String::new();
    for number in 0..250 {
        writeln!(rows, "{number},,,,,").expect("a text");
    }
    let bad = import(&store, &rows);
    assert_eq!((bad.rejected.first.len(), bad.rejected.total), (100, 250));
    assert_eq!(bad.rejected.first[0].line, 2);
}

#[test]
fn a_file_that_repeats_one_row_is_merged_in_bounded_memory() {
    let (_folder, store) = store();
    let merged = import(&store, &"1,,,A,,\n".repeat(5000));
    assert_eq!((counts(&merged), merged.rows), ([1, 0, 0, 0], 5000), "S8/S18");
    assert_eq!((merged.warnings.total, merged.warnings.first.len()), (4999, 100), "S8");
}

#[test]
fn a_contradiction_far_behind_the_first_row_is_still_found() {
    let (_folder, store) = store();
    let torn = import(&store, &format!("{}1,,,B,,\n", "1,,,A,,\n".repeat(2500)));
    assert_eq!(rejections(&torn).len(), 1, "S9");
    assert!(
        rejections(&torn)[0].starts_with("line 2502: "),
        "S9: {:?}",
        rejections(&torn)
    );
}

#[test]
fn a_look_alike_beside_a_stored_sku_is_warned_about_once() {
    let (_folder, store) = store();
    import(&store, "1,,,ABC-1,,\n,box,,B,,\n");
    let added = import(&store, "2,,,\u{410}\u{412}\u{421}-1,,\n,BOX,,C,,\n");
    let warnings = added.warnings.first.join("\n");
    assert!(
        warnings.contains("line 2: amazon_sku \"\u{410}\u{412}\u{421}-1\" looks like \"ABC-1\""),
        "S16: {warnings}"
    );
    assert!(
        warnings.contains("line 3: seller_sku \"BOX\" looks like \"box\""),
        "S16: {warnings}"
    );
    let later = import(&store, "3,,,OTHER,,\n");
    assert_eq!(later.warnings.total, 0, "{:?}", later.warnings.first);
}

#[test]
fn variants_that_share_a_stock_are_warned_about() {
    let (_folder, store) = store();
    import(&store, "1,,,A,,\n");
    let shared = import(&store, "2,,,A,,\n");
    assert_eq!(
        shared.warnings.first,
        ["A is shared by 2 variants, among them tiktok_sku_id 1 and tiktok_sku_id 2; they share its stock"],
        "S10"
    );
}

#[test]
fn candidates_are_loaded_for_any_number_of_keys_and_no_others() {
    let (_folder, store) = store();
    import(&store, "1,,,A,,\n,BOX,,B,,\n,,P,C,,\n2,,,D,,\n");
    let mut keys: Vec<MappingKey> = (100..40_000).map(|id: u32| sku(&id.to_string())).collect();
    keys.push(sku("1"));
    keys.push(MappingKey::SellerSku(SellerSku::new("BOX")));
    keys.push(MappingKey::Product(ProductId::new("P")));
    let found = store.mapping_candidates(&keys).expect("a set");
    assert_eq!(found.rows().count(), 3);
    assert!(found.get(&sku("2")).is_empty());
    assert_eq!(store.mapped_amazon_skus().expect("skus").len(), 4);
}

#[test]
fn the_nearest_known_seller_skus_are_suggested() {
    let (_folder, store) = store();
    let mut rows: String = (0..2500).fold(String::new(), |mut rows, number| {
        writeln!(rows, ",THING {number:04},,A{number},,").expect("a text");
        rows
    });
    rows.push_str("1,BOX-BLUE,,B,,\n");
    import(&store, &rows);
    for text in ["box blue", "BOX\u{2011}BLUE", "BOX-BLEU"] {
        assert_eq!(
            store.near_mappings(text).expect("texts"),
            ["BOX-BLUE"],
            "E38/E39: {text}"
        );
    }
    assert!(store.near_mappings("SOMETHING ELSE").expect("texts").is_empty());
    assert_eq!(store.near_mappings("thing 0017").expect("texts")[0], "THING 0017");
}

#[test]
fn undoing_an_import_brings_back_what_was_before_step_by_step() {
    let (_folder, store) = store();
    import(&store, "1,,,A,,\n2,,,B,,\n");
    let first = targets(&store);
    let changed = format!("{HEADER}1,,,A,5,\n3,,,C,,\n");
    attempt(&store, &changed, true, false);
    assert_eq!(targets(&store), ["1 5xA", "3 1xC"]);
    assert_eq!(store.mapping_version().expect("a version"), 2);
    let undone = store.rollback_import(Some(2), "seller", noon()).expect("undone");
    assert_eq!((undone.id, undone.undone_at), (2, Some(noon())));
    assert_eq!(targets(&store), first);
    assert_eq!(store.mapping_version().expect("a version"), 1, "E46");
    let again = attempt(&store, &changed, true, false);
    assert_eq!(
        (counts(&again), again.id),
        ([1, 1, 1, 0], Some(3)),
        "an id is never used twice"
    );
    store.rollback_import(None, "seller", noon()).expect("undone");
    store.rollback_import(None, "seller", noon()).expect("undone");
    assert!(targets(&store).is_empty());
    assert!(matches!(
        store.rollback_import(None, "seller", noon()),
        Err(Error::NoImport)
    ));
    assert_eq!(store.mapping_imports().expect("imports").len(), 3);
}

#[test]
fn undoing_a_large_import_leaves_none_of_its_rows() {
    let (_folder, store) = store();
    import(&store, "1,,,A,,\n");
    let rows = (1..=10_500).fold(String::new(), |mut rows, number| {
        writeln!(rows, "{number},,,NEW-{number},,").expect("a text");
        rows
    });
    assert_eq!(counts(&import(&store, &rows)), [10_499, 1, 0, 0]);
    store.rollback_import(None, "seller", noon()).expect("undone");
    assert_eq!(targets(&store), ["1 1xA"]);
    let left = |connection: &Connection| connection.query_row("SELECT count(*) FROM mappings", [], |row| row.get(0));
    let left: i64 = store.read(|connection| Ok(left(connection)?)).expect("a count");
    assert_eq!(left, 1);
}

#[test]
fn only_the_newest_import_can_be_undone() {
    let (_folder, store) = store();
    import(&store, "1,,,A,,\n");
    import(&store, "1,,,A,2,\n");
    let refused = store.rollback_import(Some(1), "seller", noon()).expect_err("refused");
    assert!(matches!(refused, Error::NotTheNewestImport { asked: 1, newest: 2 }));
    assert_eq!(store.import_to_undo(None).expect("an import").id, 2);
    assert_eq!(targets(&store), ["1 2xA"]);
}

#[test]
fn an_id_that_a_spreadsheet_rounded_is_refused_where_the_real_one_is_known_and_else_warned_of() {
    let (_folder, store) = store();
    store
        .connection()
        .execute(
            "INSERT INTO listing_stock (sku_id, product_id, warehouse_id, quantity, written_at)
             VALUES ('1729592969712207013', '1729592969712200000', '7', 1, 0)",
            [],
        )
        .expect("a listing");
    let refused = import(&store, "1,A,,A,1,\n1729592969712207000,,,BOX,1,\n");
    assert_eq!(
        rejections(&refused),
        [
            "line 3: tiktok_sku_id 1729592969712207000 is not at TikTok, 1729592969712207013 is: a spreadsheet rounded it; \
          format the column as text and paste the ids again"
        ],
        "S25"
    );
    // What is left where fifteen digits are kept, and sixteen.
    for rounded in ["1729592969712210000", "1729592969712207000"] {
        let refused = import(&store, &format!("{rounded},,,BOX,1,\n"));
        assert_eq!(refused.rejected.total, 1, "S25: {rounded}");
    }
    assert_eq!(targets(&store), Vec::<String>::new(), "S25: nothing is imported");
    let warned = import(
        &store,
        "1729600000000001000,,,BOX,1,\n,,1729592969712200000,CUP,1,\n1729600000000002001,,,C,1,\n",
    );
    assert_eq!((warned.rejected.total, warned.warnings.total), (0, 2), "S25");
    let told = warned.warnings.first.join("\n");
    assert!(
        told.contains("line 2: tiktok_sku_id 1729600000000001000 ends like"),
        "S25: {told}"
    );
}
