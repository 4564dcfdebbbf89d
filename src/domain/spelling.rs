//! Texts that say the same in another spelling: addresses, names of carriers.

/// Returns the letters and digits of a text in lower case. Two texts with the same ones differ in spacing, signs and case alone.
#[must_use]
pub fn bare(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn spacing_signs_and_case_do_not_count() {
        assert_eq!(bare("12 Main St., Apt #4"), "12mainstapt4");
        assert_eq!(bare(" Ünter-Den Linden "), bare("ünter den linden"));
        assert_eq!(bare("–"), "");
    }
}
