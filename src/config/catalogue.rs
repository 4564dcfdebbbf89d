//! Which table each key stands in, read from the example that shows every key.

use super::template::TEMPLATE;

/// Returns the tables, as a file writes them, that have this key or whose secret `<key>_file` names a file of.
pub(super) fn tables_of(key: &str) -> Vec<&'static str> {
    let key = key.strip_suffix("_file").unwrap_or(key);
    let places = places().filter(|(_, name)| *name == Some(key));
    places.map(|(table, _)| table).collect()
}

/// Tells whether a table or a key is a word of ours, and so surely no secret.
pub(super) fn is_known(name: &str) -> bool {
    let is_table = |table: &str| table.trim_matches(['[', ']']) == name;
    !tables_of(name).is_empty() || places().any(|(table, _)| is_table(table))
}

/// Every line of the example that begins a table (`None`) or shows a key.
pub(super) fn places() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    let mut table = "";
    TEMPLATE.lines().filter_map(move |line| {
        let line = line.strip_prefix('#').unwrap_or(line);
        if line.starts_with('[') && line.ends_with(']') {
            table = line;
            return Some((table, None));
        }
        let (key, _) = line.split_once(" = ")?;
        let is_key = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        is_key.then_some((table, Some(key)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_each_of_its_tables() {
        assert_eq!(tables_of("app_key"), ["[tiktok]"], "C25");
        assert_eq!(tables_of("client_secret_file"), ["[amazon]"], "C25");
        assert_eq!(tables_of("refresh_token"), ["[tiktok]", "[amazon]"], "C25");
        assert_eq!(tables_of("format"), ["[[webhooks]]"], "C25");
        assert!(tables_of("hunter").is_empty() && !is_known("hunter"), "C24");
        assert!(is_known("tracking.carriers") && is_known("webhooks"), "C24");
    }
}
