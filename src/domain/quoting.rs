//! Quoting for texts that a person pastes into a shell.

/// Returns `text` as one word of a POSIX shell, on one line whatever stands in it (H8).
pub(crate) fn shell_quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+=:@,".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    if text.chars().any(char::is_control) {
        let printed: String = text.chars().map(printed).collect();
        return format!("\"$(printf '{printed}')\"");
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Writes a letter as `printf` takes it between single quotes.
fn printed(letter: char) -> String {
    match letter {
        '\'' => r"'\''".to_owned(),
        '\\' => r"\\".to_owned(),
        '%' => "%%".to_owned(),
        letter if letter.is_control() => letter.to_string().bytes().map(|byte| format!("\\{byte:03o}")).collect(),
        letter => letter.to_string(),
    }
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

    #[test]
    fn a_line_break_in_a_path_is_spelled_out_and_the_shell_reads_the_same_path_h8() {
        let path = "a\nb'c\\d%e $(id)\u{1b}[31m\u{85}";
        let quoted = shell_quoted(path);
        assert!(!quoted.chars().any(char::is_control), "{quoted}");
        let read = std::process::Command::new("sh")
            .args(["-c", &format!("printf %s {quoted}")])
            .output();
        assert_eq!(String::from_utf8_lossy(&read.expect("a shell").stdout), path);
    }
}
