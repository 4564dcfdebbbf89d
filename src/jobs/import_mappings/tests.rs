use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::clock::Clock;
use crate::store::tests_support::store;
use crate::transport::{Bucket, Limits, Operation, RetryPolicy};

const TWO_ROWS: &str = "tiktok_sku_id,amazon_sku\n1,A\n2,B\n";

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
}

fn options() -> Options {
    Options {
        replace: false,
        dry_run: false,
        imported_by: "ops".to_owned(),
    }
}

fn import_text(store: &Store, text: &str) -> Result<ImportSummary, ImportError> {
    import(store, Source::Stdin(&mut text.as_bytes()), &options(), noon())
}

/// Added, changed, removed, unchanged.
fn counts(summary: &ImportSummary) -> [u64; 4] {
    [summary.added, summary.changed, summary.removed, summary.unchanged]
}

/// A mapping file of any size that is made while it is read.
struct Generated {
    header: &'static [u8],
    next: u64,
    rows: u64,
    line: Vec<u8>,
}

impl Generated {
    fn of(rows: u64) -> BufReader<Self> {
        BufReader::new(Self {
            header: b"tiktok_product_id,tiktok_sku_id,seller_sku,amazon_sku,quantity\n",
            next: 0,
            rows,
            line: Vec::new(),
        })
    }
}

impl Read for Generated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.line.is_empty() && !self.header.is_empty() {
            self.line.extend(std::mem::take(&mut self.header));
        } else if self.line.is_empty() && self.next < self.rows {
            // Steps of a number without common divisor: every row once, in no order.
            let number = self.next * 7_368_787 % self.rows;
            let (product, sku) = (
                1_729_000_000_000_000_007 + number / 10 * 10,
                576_900_000_000_000_007 + number * 10,
            );
            writeln!(
                self.line,
                "{product},{sku},SHELF {number},MSKU-{:07},1",
                number * 31 % self.rows
            )?;
            self.next += 1;
        }
        let count = self.line.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.line[..count]);
        self.line.drain(..count);
        Ok(count)
    }
}

fn import_generated(store: &Store, rows: u64) -> ImportSummary {
    import(store, Source::Stdin(&mut Generated::of(rows)), &options(), noon()).expect("good rows")
}

#[test]
fn a_file_is_imported_with_its_path_and_checksum() {
    let (folder, store) = store();
    let path = folder.path().join("mappings.csv");
    fs::write(&path, TWO_ROWS).expect("a file");
    let summary = import(&store, Source::File(&path), &options(), noon()).expect("good rows");
    assert_eq!(
        (counts(&summary), summary.rows, summary.import_id),
        ([2, 0, 0, 0], 2, Some(1))
    );
    let kept = store.mapping_imports().expect("imports").remove(0);
    assert_eq!(kept.source, path.display().to_string());
    assert_eq!(
        kept.sha256,
        "0dc09c098706b55c0c85ea2f3417f909d671bf1ae9c7fc4a99d59d548499f8fd"
    );
    assert_eq!((kept.imported_by.as_str(), kept.added), ("ops", 2));
    let again = import(&store, Source::File(&path), &options(), noon()).expect("good rows");
    assert_eq!((counts(&again), again.import_id), ([0, 0, 0, 2], None));
}

#[test]
fn the_summary_has_the_documented_names_in_json() {
    let (_folder, store) = store();
    let summary = import_text(&store, TWO_ROWS).expect("good rows");
    assert_eq!(
        serde_json::to_value(&summary).expect("JSON"),
        serde_json::json!({
            "importId": 1, "added": 2, "changed": 0, "removed": 0, "unchanged": 0, "rows": 2, "warnings": [], "warningsTotal": 0,
        })
    );
}

#[test]
fn an_error_in_line_3_imports_nothing_and_names_line_3() {
    let (_folder, store) = store();
    let refused = import_text(&store, "tiktok_sku_id,amazon_sku\n1,A\n2,B ,\n3,C\n").expect_err("S19: refused");
    assert_eq!(
        refused.to_string(),
        "1 line of the file can't be used; nothing was imported"
    );
    let ImportError::Rejected { rejected, total, .. } = refused else {
        panic!("S19: {refused}");
    };
    assert_eq!((rejected[0].line, total), (3, 1), "S19");
    assert_eq!(rejected[0].message, "3 fields where the header names 2", "S19");
    assert!(store.mapping_imports().expect("imports").is_empty(), "S19");
    assert_eq!(store.all_mappings().expect("rows").rows().count(), 0, "S19");
}

#[test]
fn a_file_that_is_written_to_meanwhile_is_refused() {
    let folder = crate::test_folder::folder();
    let path = folder.path().join("mappings.csv");
    fs::write(&path, TWO_ROWS).expect("a file");
    let growing = spool::copy_unchanged(&path, |_| {
        let mut file = fs::OpenOptions::new().append(true).open(&path).expect("a file");
        file.write_all(b"3,C\n").expect("a row");
        Ok(())
    });
    assert!(matches!(growing, Err(ImportError::FileChanged(_))), "S20");
    assert!(spool::copy_unchanged(&path, |_| Ok(())).is_ok(), "S20");
}

#[test]
fn a_missing_file_and_a_folder_are_told_apart() {
    let (folder, store) = store();
    let missing = folder.path().join("none.csv");
    let attempt = |path: &Path| import(&store, Source::File(path), &options(), noon()).expect_err("refused");
    assert!(matches!(attempt(&missing), ImportError::Read { .. }));
    assert!(matches!(attempt(folder.path()), ImportError::IsAFolder(_)));
}

#[test]
fn a_field_of_100_megabytes_is_refused_without_being_held() {
    let (_folder, store) = store();
    let mut endless = io::Cursor::new("tiktok_sku_id,amazon_sku\n1,\"").chain(io::repeat(b'A').take(100 * 1024 * 1024));
    let refused = import(&store, Source::Stdin(&mut endless), &options(), noon()).expect_err("S18: refused");
    let ImportError::Rejected { rejected, .. } = refused else {
        panic!("S18: {refused}");
    };
    assert!(
        rejected[0].message.starts_with("a field is longer than 65536 bytes"),
        "S18"
    );
    assert_eq!(rejected[0].line, 2, "S18");
}

#[test]
fn fifty_thousand_rows_come_in_and_the_second_time_nothing_changes() {
    let (_folder, store) = store();
    let first = import_generated(&store, 50_000);
    assert_eq!((counts(&first), first.rows), ([50_000, 0, 0, 0], 50_000), "S18");
    assert_eq!(first.warnings, Vec::<String>::new());
    let second = import_generated(&store, 50_000);
    assert_eq!((counts(&second), second.import_id), ([0, 0, 0, 50_000], None), "S18");
}

/// The most memory that this process ever held, in kilobytes, where the system tells.
fn memory_peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Run it alone: the memory of tests beside it would be counted, too.
#[test]
#[ignore = "takes minutes; run it alone and by name"]
fn long_a_million_rows_are_imported_in_less_than_32_megabytes() {
    let (_folder, store) = store();
    let before = memory_peak();
    let first = import_generated(&store, 1_000_000);
    let second = import_generated(&store, 1_000_000);
    assert_eq!(counts(&first), [1_000_000, 0, 0, 0], "S18");
    assert_eq!((counts(&second), second.import_id), ([0, 0, 0, 1_000_000], None), "S18");
    store.rollback_import(None, "seller", noon()).expect("undone");
    if let (Some(before), Some(after)) = (before, memory_peak()) {
        assert!(after - before < 32 * 1024, "S18: {} kB", after - before);
    }
}

/// Answers each connection with one text and returns the address.
fn serving(answers: Vec<String>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a connection");
            let lines = BufReader::new(stream.try_clone().expect("a stream")).lines();
            let _request: Vec<String> = lines
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .collect();
            stream.write_all(answer.as_bytes()).expect("an answer");
        }
    });
    Url::parse(&format!(
        "http://user:password@{address}/shop/mappings.csv?token=secret"
    ))
    .expect("an address")
}

fn answer(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
}

fn sender() -> Sender {
    let clock = Clock::starting_at(noon());
    let keep = move |operation: &Operation, change: &mut dyn FnMut(&mut Bucket)| {
        change(&mut Bucket::full(operation.rate, clock.now()));
    };
    let policy = RetryPolicy {
        attempts_max: 2,
        backoff: Duration::from_millis(1),
    };
    let stop = Arc::default();
    Sender::new(clock, Limits::default(), policy, stop, Box::new(keep), Box::new(|_| {}))
}

fn import_from(store: &Store, url: &Url) -> Result<ImportSummary, ImportError> {
    import(store, Source::Url(url, &sender()), &options(), noon())
}

#[test]
fn an_address_is_fetched_and_kept_without_query_and_credentials() {
    let (_folder, store) = store();
    let url = serving(vec![
        answer(503, "", ""),
        answer(200, "content-type: text/csv\r\n", TWO_ROWS),
    ]);
    let summary = import_from(&store, &url).expect("good rows");
    assert_eq!(counts(&summary), [2, 0, 0, 0]);
    let kept = store.mapping_imports().expect("imports").remove(0).source;
    assert_eq!(
        kept,
        format!("127.0.0.1:{}/shop/mappings.csv", url.port().expect("a port"))
    );
}

#[test]
fn redirects_pages_and_errors_are_refused_and_nothing_is_imported() {
    let (_folder, store) = store();
    let cases = [
        (
            answer(302, "location: https://elsewhere.example/x?token=t\r\n", ""),
            "sends us on to elsewhere.example;",
        ),
        (
            answer(200, "content-type: text/html; charset=utf-8\r\n", TWO_ROWS),
            "a web page",
        ),
        (answer(404, "", ""), "status 404"),
        (answer(204, "", ""), "status 204"),
    ];
    for (played, expected) in cases {
        let refused = import_from(&store, &serving(vec![played]))
            .expect_err("refused")
            .to_string();
        assert!(refused.contains(expected), "{refused}");
        assert!(!refused.contains("secret") && !refused.contains("token="), "{refused}");
    }
    let page = serving(vec![answer(200, "", "<!DOCTYPE html><html></html>")]);
    assert!(matches!(import_from(&store, &page), Err(ImportError::Rejected { .. })));
    assert!(store.mapping_imports().expect("imports").is_empty());
}

#[test]
fn a_plain_http_address_is_refused_before_anything_is_sent() {
    let (_folder, store) = store();
    for text in [
        "http://example.com/mappings.csv",
        "ftp://127.0.0.1/m.csv",
        "file:///etc/passwd",
    ] {
        let url = Url::parse(text).expect("an address");
        let refused = import_from(&store, &url);
        assert!(
            matches!(refused, Err(ImportError::Download(DownloadError::Insecure))),
            "{text}"
        );
    }
}

#[test]
fn c30_an_address_inside_of_a_private_network_is_refused_before_anything_is_sent() {
    let (_folder, store) = store();
    for text in [
        "https://10.0.0.1/m.csv",
        "https://[::ffff:192.168.0.1]/m.csv",
        "https://[64:ff9b::a00:1]/m.csv",
    ] {
        let Err(ImportError::Download(error)) = import_from(&store, &Url::parse(text).expect("an address")) else {
            panic!("C30: {text} was read");
        };
        assert!(
            error.to_string().ends_with("leads into a private network"),
            "C30: {error}"
        );
        assert!(!error.is_passing(), "C30: {text}");
    }
}

#[test]
fn trouble_that_passes_is_told_from_trouble_that_stays() {
    let (_folder, store) = store();
    let is_passing = |status: u16| {
        let played = vec![answer(status, "", ""), answer(status, "", "")];
        match import_from(&store, &serving(played)) {
            Err(ImportError::Download(error)) => error.is_passing(),
            other => panic!("{other:?}"),
        }
    };
    assert!(is_passing(503) && is_passing(429));
    assert!(!is_passing(403));
}
