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
            /// A word that this program does not know, as the vendor wrote it.
            Other(String),
        }

        impl $name {
            /// Reads a vendor's word.
            #[must_use]
            pub fn read(word: &str) -> Self {
                let plain = crate::domain::open_enum::plain(word);
                $(if [$word $(, $alias)*].iter().any(|known| crate::domain::open_enum::plain(known) == plain) {
                    return Self::$variant;
                })+
                Self::Other(word.to_owned())
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
