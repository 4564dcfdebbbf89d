//! The log on stderr: nothing unless it is asked for, by `-v` or by `RUST_LOG`. Each line ends with its fields.

use std::io::Write;

use log::LevelFilter;
use log::kv::{Error, Key, Source, Value, VisitSource};

use crate::report::text::clean;

/// What the lines of this program are from.
const OURS: &str = "mcf_connector";

/// Who else may write: those who see no more than a connection. Others, such as the one that reads phone numbers, write what they read.
const OTHERS: [&str; 3] = ["reqwest", "hyper", "rustls"];

/// Starts the log. What `RUST_LOG` names is written as it says; `-v` adds this program's own lines.
pub fn start(verbose: u8, asked: Option<&str>) {
    let mut builder = env_logger::Builder::new();
    builder.filter_level(LevelFilter::Off);
    let asked = asked.unwrap_or_default();
    if let Some(level) = own_level(verbose, asked) {
        builder.filter_module(OURS, level);
    }
    builder.parse_filters(asked).format(|line, record| {
        if !may_write(record.target()) {
            return Ok(());
        }
        let (time, level) = (line.timestamp(), record.level());
        let style = line.default_level_style(level);
        let said = clean(&record.args().to_string());
        let fields = fields(record.key_values());
        writeln!(
            line,
            "[{time} {style}{level:<5}{style:#} {}] {said}{fields}",
            record.target()
        )
    });
    // A second command in one process (the demo) finds a logger installed: that is no error.
    let _ = builder.try_init();
}

fn may_write(target: &str) -> bool {
    target.starts_with(OURS) || OTHERS.iter().any(|other| target.starts_with(other))
}

/// Returns the level that `-v` asks for; `None` where `RUST_LOG` asks for as much of everything.
fn own_level(verbose: u8, asked: &str) -> Option<LevelFilter> {
    let level = match verbose {
        0 => LevelFilter::Off,
        1 => LevelFilter::Info,
        _ => LevelFilter::Debug,
    };
    let everything = asked.split(',').filter_map(|word| word.trim().parse().ok()).max();
    (everything < Some(level)).then_some(level)
}

/// Writes what a line is about as ` name=value`, each.
fn fields(source: &dyn Source) -> String {
    struct Written(String);
    impl<'kvs> VisitSource<'kvs> for Written {
        fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
            if let Some(text) = value.to_borrowed_str() {
                self.0.push_str(&format!(" {key}={}", quoted(text)));
            }
            Ok(())
        }
    }
    let mut written = Written(String::new());
    // What can't be visited is left out.
    let _ = source.visit(&mut written);
    written.0
}

fn quoted(text: &str) -> String {
    let text = clean(text);
    let is_word = !text.is_empty()
        && text
            .chars()
            .all(|letter| !letter.is_whitespace() && !"\"=".contains(letter));
    if is_word { text } else { format!("{text:?}") }
}

#[cfg(test)]
mod tests {
    use log::kv::ToValue;

    use super::*;

    #[test]
    fn a_line_ends_with_its_fields_and_what_is_not_known_is_left_out() {
        let pairs = [
            ("order_id", Value::from("576900000000000101")),
            ("request_id", ToValue::to_value(&None::<&str>)),
            ("sku", Value::from("FBA \"RED\" LAMP")),
        ];
        let written = fields(&pairs.as_slice());
        assert_eq!(written, " order_id=576900000000000101 sku=\"FBA \\\"RED\\\" LAMP\"");
    }

    #[test]
    fn a_library_that_reads_what_buyers_wrote_writes_nothing_i10() {
        assert!(may_write("mcf_connector::jobs::session") && may_write("rustls_platform_verifier::verification"));
        assert!(!may_write("rlibphonenumber::phonenumberutil"));
    }

    #[test]
    fn v_adds_our_own_lines_to_what_rust_log_asks_for() {
        for (verbose, asked, level) in [
            (0, "", Some(LevelFilter::Off)),
            (1, "", Some(LevelFilter::Info)),
            (2, "", Some(LevelFilter::Debug)),
            (1, "reqwest=debug", Some(LevelFilter::Info)),
            (2, "warn,reqwest=debug", Some(LevelFilter::Debug)),
            (0, "warn", None),
            (1, "trace", None),
        ] {
            assert_eq!(own_level(verbose, asked), level, "{verbose} {asked}");
        }
    }
}
