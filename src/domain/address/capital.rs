//! Upper and lower case. Words typed all lower or all upper get the case that people write; mixed case is left alone.
//!
//! Changes case only: no letter is added, dropped or replaced, so the length stays.

/// What kind of text it is; names and streets have different short words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A person or company.
    Name,
    /// Street lines, or a place.
    Place,
}

impl Kind {
    fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Name => NAME_CODES,
            Self::Place => PLACE_CODES,
        }
    }

    fn links(self) -> &'static [&'static str] {
        match self {
            Self::Name => NAME_LINKS,
            Self::Place => PLACE_LINKS,
        }
    }
}

/// Signs that divide a word into parts with a case of their own.
const DIVIDERS: [char; 8] = ['-', '/', '.', '&', '+', '(', ',', '#'];

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

/// Elided words after which the next letter is a capital, beside single letters as in `O'Brien`.
const ELISIONS: &[&str] = &["dell", "dall", "nell", "sant"];

/// Gives words the case that people write. Lines go in together, divided by `\n`, so that each is judged by its neighbours.
pub(super) fn capitalise(text: &str, kind: Kind) -> String {
    let mut reader = Reader {
        kind,
        is_shouted: is_shouted(text, kind),
        opening: true,
        after_link: false,
    };
    text.split('\n')
        .map(|line| {
            line.split(' ')
                .map(|word| reader.read(word))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// What the words before the next one say about it.
struct Reader {
    kind: Kind,
    is_shouted: bool,
    opening: bool,
    after_link: bool,
}

impl Reader {
    fn read(&mut self, word: &str) -> String {
        let key = bare(word);
        if !word.chars().any(char::is_alphabetic) {
            return word.to_owned();
        }
        let is_code = self.kind.codes().contains(&key.as_str());
        let is_small =
            !self.opening && (self.kind.links().contains(&key.as_str()) || self.after_link && is_in(ARTICLES, &key));
        let result = self.cased(word, &key, is_code, is_small);
        self.after_link = is_small || is_in(self.kind.links(), &key);
        // A house number or a direction in front of a street does not make its first word an inner one.
        self.opening &= self.kind == Kind::Place && (is_code || is_single(&key) || has_digit(word));
        result
    }

    fn cased(&self, word: &str, key: &str, is_code: bool, is_small: bool) -> String {
        let has_lower = word.chars().any(char::is_lowercase);
        if has_lower && word.chars().any(char::is_uppercase) {
            return word.to_owned();
        }
        if let Some((_, spelling)) = SPELLINGS.iter().find(|(known, _)| *known == key) {
            return recased(word, spelling);
        }
        if is_code {
            return map_case(word, upper);
        }
        if has_digit(word) {
            return numbered(word);
        }
        let is_abbreviation = !self.is_shouted && key.chars().count() <= 3 && !is_in(SHORT_WORDS, key);
        if !has_lower && is_abbreviation {
            return word.to_owned();
        }
        if is_small { map_case(word, lower) } else { title(word) }
    }
}

/// Returns whether no word shows that the buyer knows lower case. Initials, numbers and codes show nothing.
fn is_shouted(text: &str, kind: Kind) -> bool {
    !text
        .split([' ', '\n'])
        .filter(|word| !has_digit(word) && has_word(word) && !is_in(kind.codes(), &bare(word)))
        .any(|word| word.chars().any(char::is_lowercase))
}

/// Returns whether more than single letters stand between the signs of a word; `c/o` and `P.O.` have no word.
fn has_word(word: &str) -> bool {
    word.split(|letter: char| !letter.is_alphabetic())
        .any(|part| part.chars().nth(1).is_some())
}

/// The word in lower case without signs at its ends.
fn bare(word: &str) -> String {
    map_case(word.trim_matches(|letter: char| !letter.is_alphanumeric()), lower)
}

fn is_in(list: &[&str], key: &str) -> bool {
    list.contains(&key)
}

fn is_single(key: &str) -> bool {
    key.chars().count() == 1
}

fn has_digit(word: &str) -> bool {
    word.chars().any(|letter| letter.is_ascii_digit())
}

/// Words with digits: `5th` small, `4B` and `B4` large, longer endings as typed.
fn numbered(word: &str) -> String {
    by_parts(word, &DIVIDERS, |part| {
        let letters: String = part.chars().filter(|letter| letter.is_alphabetic()).collect();
        let digits_first = part.starts_with(|letter: char| letter.is_ascii_digit());
        if !has_digit(part) {
            titled_part(part)
        } else if digits_first && ["st", "nd", "rd", "th"].contains(&map_case(&letters, lower).as_str()) {
            map_case(part, lower)
        } else if is_single(&letters) {
            map_case(part, upper)
        } else {
            part.to_owned()
        }
    })
}

fn title(word: &str) -> String {
    by_parts(word, &DIVIDERS, titled_part)
}

/// One part of a word: `O'Brien`, `King's`, `McDonald`, `Main`.
fn titled_part(part: &str) -> String {
    let mut before = String::new();
    by_parts(part, &['\''], |piece| {
        let is_inner = !before.is_empty() && !is_single(&before) && !is_in(ELISIONS, &before);
        // The `s` of `King's` is small after any beginning.
        let is_ending = !before.is_empty() && is_single(piece);
        before = map_case(piece, lower);
        if is_inner || is_ending {
            before.clone()
        } else {
            titled_piece(piece)
        }
    })
}

fn titled_piece(piece: &str) -> String {
    let small = map_case(piece, lower);
    let capitals: &[usize] = if small.starts_with("mc") && small.len() > 3 {
        &[0, 2]
    } else {
        &[0]
    };
    let start = small.chars().position(char::is_alphabetic).unwrap_or(0);
    small
        .chars()
        .enumerate()
        .map(|(place, letter)| {
            if capitals.iter().any(|capital| capital + start == place) {
                upper(letter)
            } else {
                letter
            }
        })
        .collect()
}

/// Applies a change to each part between dividers and keeps the dividers.
fn by_parts(word: &str, dividers: &[char], mut change: impl FnMut(&str) -> String) -> String {
    word.split_inclusive(dividers)
        .map(|part| {
            let body = part.strip_suffix(dividers).unwrap_or(part);
            change(body) + &part[body.len()..]
        })
        .collect()
}

/// Puts a known spelling in the place of a word and keeps the signs around it.
fn recased(word: &str, spelling: &str) -> String {
    let body = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    word.replacen(body, spelling, 1)
}

fn map_case(text: &str, change: fn(char) -> char) -> String {
    text.chars().map(change).collect()
}

/// A letter whose other case is not one letter, such as `ß`, or leaves ISO 8859-1, such as `ÿ`, stays.
fn upper(letter: char) -> char {
    single(letter.to_uppercase(), letter)
}

fn lower(letter: char) -> char {
    single(letter.to_lowercase(), letter)
}

fn single(mut letters: impl ExactSizeIterator<Item = char>, otherwise: char) -> char {
    match (letters.len(), letters.next()) {
        (1, Some(letter)) if otherwise > '\u{ff}' || letter <= '\u{ff}' => letter,
        _ => otherwise,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, table: &[(&str, &str)]) {
        for (typed, expected) in table {
            assert_eq!(capitalise(typed, kind), *expected, "{typed}");
            assert_eq!(capitalise(expected, kind), *expected, "again: {expected}");
        }
    }

    #[test]
    fn streets_and_cities_get_the_case_that_people_write() {
        check(
            Kind::Place,
            &[
                ("123 main st", "123 Main St"),
                ("123 MAIN ST", "123 Main St"),
                ("123 Main st", "123 Main St"),
                ("123 Main ST", "123 Main St"),
                ("new york", "New York"),
                ("123 n main st.", "123 N Main St."),
                ("45 5TH AVE NW", "45 5th Ave NW"),
                ("45 5th AVE se", "45 5th Ave SE"),
                ("po box 12", "PO Box 12"),
                ("P.O. BOX 12", "P.O. Box 12"),
                ("p.o. box 12", "P.O. Box 12"),
                ("psc 1234 box 567", "PSC 1234 Box 567"),
                ("APO", "APO"),
                ("apt 4-b", "Apt 4-B"),
                ("Apt 4-B", "Apt 4-B"),
                ("unit 4b", "Unit 4B"),
                ("unit b", "Unit B"),
                ("APT #12C", "Apt #12C"),
                ("55-01 woodside ave", "55-01 Woodside Ave"),
                ("12 1/2 elm st", "12 1/2 Elm St"),
                ("box elder rd", "Box Elder Rd"),
                ("123 del mar ave", "123 Del Mar Ave"),
                ("1200 LA CIENEGA BLVD", "1200 La Cienega Blvd"),
                ("123 n de soto ave", "123 N De Soto Ave"),
                ("calle de la rosa 5", "Calle de la Rosa 5"),
                ("12 rue de la paix", "12 Rue de la Paix"),
                ("o'fallon", "O'Fallon"),
                ("COEUR D'ALENE", "Coeur D'Alene"),
                ("king's way", "King's Way"),
                ("winston-salem", "Winston-Salem"),
                ("stratford-upon-avon", "Stratford-Upon-Avon"),
                ("MCALLEN", "McAllen"),
                ("12 MÜHLENSTRASSE", "12 Mühlenstrasse"),
                ("12 hauptstraße", "12 Hauptstraße"),
                ("IBM Plaza 5", "IBM Plaza 5"),
                ("c/o acme llc", "c/o Acme LLC"),
                ("12 MLK Jr Blvd", "12 MLK Jr Blvd"),
                ("us hwy 1", "US Hwy 1"),
                ("eBay Way", "eBay Way"),
                ("東京 5", "東京 5"),
                ("100 main st\nAPT 4", "100 Main St\nApt 4"),
            ],
        );
    }

    #[test]
    fn names_get_the_case_that_people_write() {
        check(
            Kind::Name,
            &[
                ("john doe", "John Doe"),
                ("JOHN DOE", "John Doe"),
                ("John WHITFIELD", "John Whitfield"),
                ("Dana IBM", "Dana IBM"),
                ("john MCDONALD", "John McDonald"),
                ("McDonald", "McDonald"),
                ("sean o'brien", "Sean O'Brien"),
                ("SEAN O'BRIEN-SMITH", "Sean O'Brien-Smith"),
                ("vincent van der berg", "Vincent van der Berg"),
                ("VINCENT VAN DER BERG", "Vincent van der Berg"),
                ("MARIA DE LA CRUZ", "Maria de la Cruz"),
                ("van nguyen", "Van Nguyen"),
                ("JOHN SMITH III", "John Smith III"),
                ("john smith jr.", "John Smith Jr."),
                ("J.R. EWING", "J.R. Ewing"),
                ("j p morgan", "J P Morgan"),
                ("LaToya Jackson", "LaToya Jackson"),
                ("LATOYA JACKSON", "Latoya Jackson"),
                ("dana c/o ACME LLC", "Dana c/o Acme LLC"),
                ("DANA C/O ACME", "Dana c/o Acme"),
                ("ÉLODIE ÑANDÚ", "Élodie Ñandú"),
                ("acme gmbh", "Acme GmbH"),
                ("JAMES SMITH MD", "James Smith MD"),
                ("deShawn", "deShawn"),
                ("李 小龍", "李 小龍"),
            ],
        );
    }
}
