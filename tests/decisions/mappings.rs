//! A mapping file says the same in whatever order its rows stand.

use std::fmt::Write as _;

use chrono::DateTime;
use mcf_connector::jobs::import_mappings::{Options, Source, import};
use mcf_connector::store::Store;
use proptest::prelude::*;

use crate::folder::folder;

const HEADER: &str = "tiktok_sku_id,seller_sku,amazon_sku,quantity,bundle\n";

/// Fifty single rows and a bundle of three.
fn rows() -> Vec<String> {
    let single = |number: u32| format!("1729592969712{number:06},,AMZ-{number},{},", number % 7 + 1);
    let bundle = ["A", "B", "C"].map(|part| format!(",BOX-COZY,AMZ-{part},2,cozy"));
    (0..50).map(single).chain(bundle).collect()
}

fn table(rows: &[String]) -> String {
    let folder = folder();
    let file = folder.path().join("mappings.csv");
    std::fs::write(&file, format!("{HEADER}{}\n", rows.join("\n"))).expect("written");
    let store = Store::open(&folder.path().join("mcf.db")).expect("a database");
    let options = Options {
        replace: false,
        dry_run: false,
        imported_by: "a test".to_owned(),
    };
    import(&store, Source::File(&file), &options, DateTime::UNIX_EPOCH).expect("imported");
    let set = store.all_mappings().expect("readable");
    set.rows().fold(String::new(), |mut text, row| {
        let _ = writeln!(text, "{} {} {} {:?}", row.key, row.amazon_sku, row.quantity, row.bundle);
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_shuffled_file_gives_the_same_table(shuffled in Just(rows()).prop_shuffle()) {
        prop_assert_eq!(table(&shuffled), table(&rows()));
    }
}
