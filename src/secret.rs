//! Values that must not be printed: credentials ([`Secret`]) and what is known about a person ([`Private`]).
//!
//! Neither has `Display`, and `Debug` shows a fixed word, so that no log line, error or report can carry one by accident.

use std::fmt;

use zeroize::Zeroizing;

/// A credential: a token, a key, a signing secret. Its memory is wiped when it is given back.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a credential.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// Returns the text, for the one place that sends or stores it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

/// Something about a person: a name, an address, a phone number.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Wraps a personal value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Returns the value, for the places that send it, store it sealed, or show the one order that was asked for.
    #[must_use]
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[private]")
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::FileExt;

    use super::*;

    /// Reads what lies at an address of this process, as a core file would show it.
    fn lies_at(address: usize, length: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length];
        let memory = File::open("/proc/self/mem").ok()?;
        memory.read_exact_at(&mut bytes, address as u64).ok()?;
        Some(bytes)
    }

    #[test]
    fn a_secret_is_wiped_where_it_lay() {
        let text = "whsec_".to_owned() + &"kestrel".repeat(100);
        let secret = Secret::new(text.clone());
        let (address, length) = (secret.expose().as_ptr() as usize, secret.expose().len());
        assert!(
            lies_at(address, length).is_none_or(|bytes| bytes == text.as_bytes()),
            "it is looked for where it lies"
        );
        drop(secret);
        let left = lies_at(address, length).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&left).contains("kestrel"));
    }

    #[test]
    fn debug_output_never_shows_the_value() {
        assert_eq!(format!("{:?}", Secret::new("whsec_x")), "[secret]");
        assert_eq!(format!("{:?}", Private::new("Dana")), "[private]");
    }
}
