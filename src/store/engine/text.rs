//! One text of a statement for both engines: what SQLite takes becomes what PostgreSQL takes.

/// A statement as PostgreSQL takes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Text {
    /// With `$1`, `$2` and so on.
    pub(super) sql: String,
    /// The name of each place with its colon; empty where it has none.
    pub(super) names: Vec<String>,
}

/// Words that mean the same: SQLite's LIKE does not tell upper from lower case, and its rows are numbered.
const WORDS: [(&str, &str); 2] = [("LIKE", "ILIKE"), ("rowid", "ctid")];

impl Text {
    /// Translates `?`, `?1` and `:name` outside of quotes and comments, and the words that differ.
    pub(super) fn of(statement: &str) -> Self {
        let mut text = Self {
            sql: String::with_capacity(statement.len() + 16),
            names: Vec::new(),
        };
        let mut rest = statement;
        while let Some(first) = rest.chars().next() {
            let (token, left) = rest.split_at(token_length(first, rest));
            // A plus before a name keeps SQLite from using an index; PostgreSQL would add.
            let is_hint = token == "+" && left.starts_with(|next: char| next.is_ascii_lowercase());
            if !is_hint {
                text.add(first, token);
            }
            rest = left;
        }
        text
    }

    /// Tells whether it surely changes nothing and locks nothing.
    pub(super) fn only_reads(&self) -> bool {
        let words = self
            .sql
            .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let mut words = words.filter(|word| !word.is_empty());
        let changes = [
            "INSERT",
            "UPDATE",
            "DELETE",
            "setval",
            "nextval",
            "pg_advisory_xact_lock",
        ];
        words.next() == Some("SELECT") && !words.any(|word| changes.contains(&word))
    }

    fn add(&mut self, first: char, token: &str) {
        match first {
            '?' => {
                let place = token[1..].parse().unwrap_or(self.names.len() + 1);
                self.names.resize(self.names.len().max(place), String::new());
                self.sql.push_str(&format!("${place}"));
            }
            ':' if token.len() > 1 && token != "::" => {
                let known = self.names.iter().position(|name| name == token);
                let place = known.unwrap_or_else(|| {
                    self.names.push(token.to_owned());
                    self.names.len() - 1
                });
                self.sql.push_str(&format!("${}", place + 1));
            }
            _ => {
                let word = WORDS.iter().find(|(word, _)| *word == token);
                self.sql.push_str(word.map_or(token, |(_, other)| other));
            }
        }
    }
}

/// How long the token is that begins here: a quoted text, a comment, a parameter, a word, or one character.
fn token_length(first: char, rest: &str) -> usize {
    let is_word = |other: char| other.is_ascii_alphanumeric() || other == '_';
    let word_until = |from: usize| {
        rest[from..]
            .find(|other| !is_word(other))
            .map_or(rest.len(), |end| from + end)
    };
    match first {
        '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
        '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
        ':' if rest.starts_with("::") => 2,
        ':' => word_until(1),
        '?' => rest[1..]
            .find(|other: char| !other.is_ascii_digit())
            .map_or(rest.len(), |end| end + 1),
        first if is_word(first) => word_until(0),
        first => first.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_surely_reads_is_taken_for_reading() {
        for (statement, reads) in [
            ("SELECT id FROM orders", true),
            ("SELECT updated_at FROM orders", true),
            ("SELECT id FROM gate FOR UPDATE", false),
            ("SELECT setval('x', 1)", false),
            ("SELECT pg_advisory_xact_lock(1)", false),
            ("INSERT INTO orders SELECT 1", false),
            (
                "WITH gone AS (DELETE FROM orders RETURNING id) SELECT id FROM gone",
                false,
            ),
            ("UPDATE orders SET id = (SELECT 1)", false),
        ] {
            assert_eq!(Text::of(statement).only_reads(), reads, "{statement}");
        }
    }

    #[test]
    fn every_parameter_gets_a_number_and_texts_stay_as_they_are() {
        for (statement, sql, names) in [
            ("SELECT ?2, ?1", "SELECT $2, $1", vec!["", ""]),
            ("VALUES (?, ?, ?)", "VALUES ($1, $2, $3)", vec!["", "", ""]),
            (
                "a = :is_a AND b = :b AND :is_a",
                "a = $1 AND b = $2 AND $1",
                vec![":is_a", ":b"],
            ),
            (
                "'it''s ?1 :no' || \"o?\" -- :c ?\n?1",
                "'it''s ?1 :no' || \"o?\" -- :c ?\n$1",
                vec![""],
            ),
            ("x::TEXT", "x::TEXT", vec![]),
            ("(+sku = ? AND total + 1)", "(sku = $1 AND total + 1)", vec![""]),
            (
                "name LIKE 'LIKE' ORDER BY rowid, rowids",
                "name ILIKE 'LIKE' ORDER BY ctid, rowids",
                vec![],
            ),
            ("'ä' = ?", "'ä' = $1", vec![""]),
        ] {
            let text = Text::of(statement);
            assert_eq!(
                (text.sql.as_str(), text.names),
                (sql, names.into_iter().map(str::to_owned).collect()),
                "{statement}"
            );
        }
    }
}
