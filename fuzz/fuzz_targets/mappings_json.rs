//! Any text as a mapping file in JSON: each row is taken or refused, and what was taken can be written as a table and read back.

#![no_main]

use std::convert::Infallible;

use libfuzzer_sys::fuzz_target;
use mcf_connector::domain::mapping::{MappingRow, read, write_csv};

fn rows(file: &[u8], name: &str) -> Vec<MappingRow> {
    let mut taken = Vec::new();
    let Ok(_) = read(file, Some(name), |row| {
        taken.extend(row);
        Ok::<_, Infallible>(())
    });
    taken
}

fuzz_target!(|file: &[u8]| {
    let taken = rows(file, "mappings.json");
    let mut written = Vec::new();
    write_csv(&taken, &mut written).expect("memory");
    let again = rows(&written, "mappings.csv");
    assert_eq!(again.len(), taken.len());
    assert!(again.iter().zip(&taken).all(|(again, taken)| again.same_contents(taken)));
});
