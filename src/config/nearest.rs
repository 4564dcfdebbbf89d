//! Which word was probably meant.

/// Returns the known word that `word` is most likely a slip of.
pub(super) fn nearest(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let slips_max = 1 + word.chars().count() / 4;
    known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), *candidate))
        .filter(|(slips, _)| *slips <= slips_max)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| candidate)
}
