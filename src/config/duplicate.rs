//! What stands twice in a file, as the file's own lines show it. The parser only tells where it stands the second time.

use std::ops::Range;

use super::catalogue;

/// A key or a table that stands twice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Duplicate {
    /// `` `tiktok.app_key` `` or `[tiktok]`; `None` where it is no word of ours.
    pub name: Option<String>,
    /// The line where it stands first, counted from 1.
    pub first: Option<usize>,
}

/// Looks for what stands at `span` in the lines before.
pub(super) fn find(text: &str, span: &Range<usize>) -> Duplicate {
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.matches('\n').count();
    let lines: Vec<&str> = text.lines().take(line + 1).collect();
    let Some((second, earlier)) = lines.split_last() else {
        return Duplicate {
            name: None,
            first: None,
        };
    };
    if let Some(table) = table_of(second) {
        let first = earlier.iter().position(|line| table_of(line) == Some(table));
        let name = catalogue::is_known(table).then(|| format!("[{table}]"));
        return Duplicate {
            name,
            first: first.map(|at| at + 1),
        };
    }
    let start = earlier.iter().rposition(|line| table_of(line).is_some());
    let table = start.and_then(|at| table_of(earlier.get(at)?));
    let own = start.map_or(0, |at| at + 1);
    let key = key_of(second);
    let first = earlier
        .iter()
        .skip(own)
        .position(|line| key.is_some() && key_of(line) == key);
    let known = key.filter(|key| catalogue::is_known(key));
    Duplicate {
        name: known.map(|key| format!("`{}{key}`", table.map(|table| format!("{table}.")).unwrap_or_default())),
        first: first.map(|at| at + own + 1),
    }
}

fn table_of(line: &str) -> Option<&str> {
    let (name, _) = line.trim_start().strip_prefix('[')?.split_once(']')?;
    Some(name.trim_start_matches('[').trim().trim_matches(['"', '\'']))
}

fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim().trim_matches(['"', '\'']);
    (!key.is_empty() && !key.starts_with('#')).then_some(key)
}
