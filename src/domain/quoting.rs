//! Quoting for texts that a person pastes into a shell.

/// Returns `text` as one word of a POSIX shell.
pub(crate) fn shell_quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+=:@,".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_spaces_and_quotes_stays_one_word() {
        assert_eq!(shell_quoted("/etc/mcf/config.toml"), "/etc/mcf/config.toml");
        assert_eq!(shell_quoted("/srv/my shop/it's"), r"'/srv/my shop/it'\''s'");
        assert_eq!(shell_quoted(""), "''");
        assert_eq!(shell_quoted("$(reboot)"), "'$(reboot)'");
    }
}
