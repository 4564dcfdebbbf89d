//! Vendor words that may grow: known ones become variants, unknown ones are kept as text and never crash a run.

/// Declares an enum of vendor words with an `Other(String)` variant that keeps a word we do not know.
///
/// Words are compared without regard to case, spaces, hyphens and underscores, because Amazon writes `COMPLETE_PARTIALLED`
/// and `CompletePartialled` for the same status, and TikTok mixes `_CANCEL` with `_CANCELLED` (listed as aliases).
macro_rules! open_enum {
    ($(#[$documentation:meta])* $name:ident { $($(#[$variant_documentation:meta])* $variant:ident = $word:literal $(| $alias:literal)*),+ $(,)? }) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_documentation])* $variant,)+
            /// A word that this program does not know, as the vendor wrote it but for what is no part of a word.
            Other(String),
        }

        impl $name {
            /// Reads a vendor's word.
            #[must_use]
            pub fn read(word: &str) -> Self {
                // Most words come as they were kept.
                $(if word == $word {
                    return Self::$variant;
                })+
                let plain = crate::domain::open_enum::plain(word);
                $(if [$word $(, $alias)*].iter().any(|known| crate::domain::open_enum::plain(known) == plain) {
                    return Self::$variant;
                })+
                Self::Other(crate::domain::open_enum::kept(word))
            }

            /// Returns the vendor's word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(|word| Self::read(&word))
            }
        }
    };
}

pub(crate) use open_enum;

pub(crate) fn plain(word: &str) -> String {
    word.chars()
        .filter(|letter| !matches!(letter, ' ' | '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The longest unknown word that is kept whole; no vendor's word is longer.
const WORD_LENGTH_MAX: usize = 40;

/// What is kept of a longer text: enough to find it, too little to give a secret away.
const BEGINNING_LENGTH: usize = 12;

/// Makes an unknown word fit to be stored and told: one short line of letters, digits and plain signs.
pub(crate) fn kept(word: &str) -> String {
    let plain = |letter: char| {
        let is_part = letter.is_alphanumeric() || " _-.,:/()&+'".contains(letter);
        if is_part { letter } else { '?' }
    };
    let mut kept: String = word.trim().chars().take(WORD_LENGTH_MAX + 1).map(plain).collect();
    if let Some((end, _)) = kept.char_indices().nth(WORD_LENGTH_MAX) {
        let beginning = kept.char_indices().nth(BEGINNING_LENGTH).map_or(end, |(end, _)| end);
        kept.truncate(beginning);
        kept.push_str("...");
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::kept;

    #[test]
    fn an_unknown_word_is_kept_as_it_is_and_nothing_else_of_a_text() {
        for word in ["", "ON_THE_MOON", "Complete-Partialled", "in transit (late)", "運送中"] {
            assert_eq!(kept(word), word);
        }
        let long = "Atza|IwEBIExampleExampleExampleExampleExample";
        for (text, shown) in [
            ("\u{1b}[31mRED", "??31mRED"),
            ("NEW\nexit 0\u{202e}", "NEW?exit 0?"),
            (long, "Atza?IwEBIEx..."),
            (" SHIPPED ", "SHIPPED"),
        ] {
            assert_eq!(kept(text), shown);
            assert_eq!(kept(&kept(text)), shown, "what is stored reads the same");
        }
    }
}
