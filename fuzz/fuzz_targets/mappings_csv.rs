//! Any text as a mapping file with commas: each row is taken or refused, and what was taken is exported and read back as it was.

#![no_main]

use std::convert::Infallible;

use libfuzzer_sys::fuzz_target;
use mcf_connector::domain::mapping::{MappingRow, read, settle, write_csv};

fn rows(file: &[u8], name: &str) -> Vec<MappingRow> {
    let mut taken = Vec::new();
    let Ok(_) = read(file, Some(name), |row| {
        if let Err(refused) = &row {
            assert!(!refused.message().is_empty());
        }
        taken.extend(row);
        Ok::<_, Infallible>(())
    });
    taken
}

fuzz_target!(|file: &[u8]| {
    let taken = rows(file, "mappings.csv");
    let mut written = Vec::new();
    write_csv(&taken, &mut written).expect("memory");
    let again = rows(&written, "mappings.csv");
    assert_eq!(again.len(), taken.len());
    assert!(again.iter().zip(&taken).all(|(again, taken)| again.same_contents(taken)));
    if let Ok(settled) = settle(taken) {
        assert!(settle(settled.rows).is_ok(), "what was settled is refused");
    }
});
