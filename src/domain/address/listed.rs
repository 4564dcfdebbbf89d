//! Words that have a case of their own: codes, short words, links between names, spellings.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What kind of text it is; names and streets have different short words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A person or company.
    Name,
    /// Street lines, or a place.
    Place,
}

impl Kind {
    /// Returns what the lists say about a word, whatever its case.
    pub(super) fn look_up(self, word: &str) -> Listed {
        let words = match self {
            Self::Name => &NAME_WORDS,
            Self::Place => &PLACE_WORDS,
        };
        key(word)
            .and_then(|key| words.binary_search_by_key(&key, |(listed, _)| *listed).ok())
            .map_or_else(Listed::default, |place| words[place].1)
    }
}

/// What the lists say about a word.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Listed {
    /// Upper case.
    pub(super) is_code: bool,
    /// Small between other words.
    pub(super) is_link: bool,
    /// Small after a link.
    pub(super) is_article: bool,
    /// No initials, though short.
    pub(super) is_short_word: bool,
    /// Neither upper, lower nor title case.
    pub(super) spelling: Option<&'static str>,
}

/// Stay upper case in names.
const NAME_CODES: &[&str] = &[
    "ii", "iii", "iv", "vii", "viii", "ix", "md", "dds", "dmd", "dvm", "rn", "cpa", "jd", "llc", "llp", "pllc", "lp",
    "usa", "pta",
];

/// Stay upper case in streets: directions, the postal service's own words, state codes that are no words, Roman numbers.
const PLACE_CODES: &[&str] = &[
    "ne", "nw", "se", "sw", "po", "pob", "pmb", "apo", "fpo", "dpo", "psc", "cmr", "rr", "hc", "hcr", "us", "usa",
    "afb", "llc", "ii", "iii", "iv", "vii", "viii", "ix", "dc", "ky", "mn", "nc", "nd", "nh", "nj", "nm", "nv", "ny",
    "ri", "sd", "tn", "tx", "vt", "wi", "wv", "wy",
];

/// Have a case of their own.
const SPELLINGS: &[(&str, &str)] = &[("gmbh", "GmbH"), ("phd", "PhD"), ("c/o", "c/o")];

/// Short words that are no initials, even in a text whose other words are in mixed case.
const SHORT_WORDS: &[&str] = &[
    "apt", "ave", "bld", "cir", "dr", "flr", "fwy", "hwy", "jr", "ln", "mr", "mrs", "ms", "pl", "rd", "rm", "rte",
    "sq", "sr", "st", "ste", "ter", "trl", "way",
];

/// Small between other words of a name.
const NAME_LINKS: &[&str] = &[
    "van", "von", "vom", "der", "den", "de", "del", "della", "da", "di", "do", "dos", "das", "du", "zu", "zum", "zur",
    "of", "and",
];

/// Small between other words of a street.
const PLACE_LINKS: &[&str] = &[
    "de", "del", "della", "dei", "da", "di", "dos", "das", "du", "des", "der", "zu", "zum", "zur", "of", "and", "the",
    "upon", "sur", "sous",
];

/// Small after a link, as in `de la`.
const ARTICLES: &[&str] = &["la", "las", "le", "les", "los", "el", "der", "den", "the"];

/// No listed word is longer.
const LISTED_LENGTH_MAX: usize = 5;

/// The listed words in the order of their keys, so that one search answers for all lists.
type Words = Vec<(u64, Listed)>;

static NAME_WORDS: LazyLock<Words> = LazyLock::new(|| words(NAME_CODES, NAME_LINKS));
static PLACE_WORDS: LazyLock<Words> = LazyLock::new(|| words(PLACE_CODES, PLACE_LINKS));

fn words(codes: &[&str], links: &[&str]) -> Words {
    let mut words: BTreeMap<u64, Listed> = BTreeMap::new();
    let mut mark = |list: &[&str], mark: fn(&mut Listed)| {
        for key in list.iter().filter_map(|word| key(word)) {
            mark(words.entry(key).or_default());
        }
    };
    mark(codes, |word| word.is_code = true);
    mark(links, |word| word.is_link = true);
    mark(ARTICLES, |word| word.is_article = true);
    mark(SHORT_WORDS, |word| word.is_short_word = true);
    for (key, spelling) in SPELLINGS
        .iter()
        .filter_map(|(word, spelling)| Some((key(word)?, *spelling)))
    {
        words.entry(key).or_default().spelling = Some(spelling);
    }
    words.into_iter().collect()
}

/// The bytes of a word in lower case as one number, which is sooner compared. `None`: the word is too long to be listed.
fn key(word: &str) -> Option<u64> {
    let append = |key, byte: u8| key << 8 | u64::from(byte.to_ascii_lowercase());
    (word.len() <= LISTED_LENGTH_MAX).then(|| word.bytes().fold(0, append))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_word_is_short_enough_to_be_found() {
        let lists = [NAME_CODES, PLACE_CODES, SHORT_WORDS, NAME_LINKS, PLACE_LINKS, ARTICLES];
        let spellings = SPELLINGS.iter().map(|(word, _)| word);
        for word in lists.iter().copied().flatten().chain(spellings) {
            assert!(key(word).is_some(), "{word}");
        }
    }

    #[test]
    fn the_case_of_a_word_does_not_matter_to_the_lists() {
        for word in ["nw", "NW", "Nw"] {
            assert!(Kind::Place.look_up(word).is_code, "{word}");
            assert!(!Kind::Name.look_up(word).is_code, "{word}");
        }
        assert_eq!(Kind::Name.look_up("PHD").spelling, Some("PhD"));
    }
}
