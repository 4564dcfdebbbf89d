//! Tokens of both vendors, sealed. A pair is written in one transaction: never an access token without its refresh token.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, named_params};

use super::{Error, Result, Store, instant, seconds};
use crate::secret::Secret;

/// Whose tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// TikTok Shop.
    Tiktok,
    /// Login with Amazon.
    Amazon,
}

impl Vendor {
    /// Returns the word kept in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tiktok => "tiktok",
            Self::Amazon => "amazon",
        }
    }
}

/// The tokens of one vendor.
#[derive(Debug, Clone)]
pub struct StoredTokens {
    /// For API calls.
    pub access: Secret,
    /// The end of the access token.
    pub access_expires_at: DateTime<Utc>,
    /// For the next pair, where the vendor rotates it.
    pub refresh: Option<Secret>,
    /// The end of the consent, where the vendor says it.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// What the seller consented to.
    pub scopes: Vec<String>,
    /// The hash of the configured token that this chain began with: another one means that the operator authorised anew.
    pub seed_hash: String,
    /// When they were stored.
    pub updated_at: DateTime<Utc>,
}

struct Row {
    access: Vec<u8>,
    access_expires_at: i64,
    refresh: Option<Vec<u8>>,
    refresh_expires_at: Option<i64>,
    scopes: String,
    seed_hash: String,
    updated_at: i64,
}

impl Store {
    /// Returns the current tokens.
    ///
    /// # Errors
    /// When the database refuses or the data key is gone.
    pub fn tokens(&self, vendor: Vendor) -> Result<Option<StoredTokens>> {
        let row = self.read(|connection| {
            Ok(connection
                .query_row("SELECT * FROM tokens WHERE vendor = ?1", [vendor.as_str()], |row| {
                    Ok(Row {
                        access: row.get("access_sealed")?,
                        access_expires_at: row.get("access_expires_at")?,
                        refresh: row.get("refresh_sealed")?,
                        refresh_expires_at: row.get("refresh_expires_at")?,
                        scopes: row.get("scopes")?,
                        seed_hash: row.get("seed_hash")?,
                        updated_at: row.get("updated_at")?,
                    })
                })
                .optional()?)
        })?;
        row.map(|row| self.open_tokens(row)).transpose()
    }

    fn open_tokens(&self, row: Row) -> Result<StoredTokens> {
        let open = |sealed: &[u8]| self.unseal::<String>(sealed, "token").map(Secret::new);
        Ok(StoredTokens {
            access: open(&row.access)?,
            access_expires_at: instant(row.access_expires_at),
            refresh: row.refresh.as_deref().map(open).transpose()?,
            refresh_expires_at: row.refresh_expires_at.map(instant),
            scopes: serde_json::from_str(&row.scopes).map_err(|_| Error::Unreadable { what: "scopes" })?,
            seed_hash: row.seed_hash,
            updated_at: instant(row.updated_at),
        })
    }

    /// Replaces the tokens, all at once.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn keep_tokens(&self, vendor: Vendor, tokens: &StoredTokens) -> Result<()> {
        let access = self.seal(&tokens.access.expose())?;
        let refresh = tokens
            .refresh
            .as_ref()
            .map(|token| self.seal(&token.expose()))
            .transpose()?;
        let scopes = serde_json::to_string(&tokens.scopes).map_err(|_| Error::Unreadable { what: "scopes" })?;
        self.write(|transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO tokens
                 (vendor, access_sealed, access_expires_at, refresh_sealed, refresh_expires_at, scopes, seed_hash, updated_at)
                 VALUES (:vendor, :access, :access_expires, :refresh, :refresh_expires, :scopes, :seed, :now)",
                named_params! {
                    ":vendor": vendor.as_str(),
                    ":access": access,
                    ":access_expires": seconds(tokens.access_expires_at),
                    ":refresh": refresh,
                    ":refresh_expires": tokens.refresh_expires_at.map(seconds),
                    ":scopes": scopes,
                    ":seed": tokens.seed_hash,
                    ":now": seconds(tokens.updated_at),
                },
            )?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests_support::store;

    #[test]
    fn tokens_come_back_as_they_were_and_lie_sealed_on_disk() {
        let (folder, store) = store();
        let now = instant(1_767_574_842);
        let tokens = StoredTokens {
            access: Secret::new("TTP_canary_access"),
            access_expires_at: instant(1_768_176_000),
            refresh: Some(Secret::new("TTP_canary_refresh")),
            refresh_expires_at: None,
            scopes: vec!["seller.order.info".into()],
            seed_hash: "abc".into(),
            updated_at: now,
        };
        store.keep_tokens(Vendor::Tiktok, &tokens).expect("kept");
        let back = store.tokens(Vendor::Tiktok).expect("read").expect("tokens");
        assert_eq!(back.access, tokens.access);
        assert_eq!(back.refresh, tokens.refresh);
        assert_eq!(back.scopes, tokens.scopes);
        drop(store);
        for file in ["mcf.db", "mcf.db-wal"] {
            let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
            assert!(!bytes.windows(10).any(|window| window == b"TTP_canary"), "I10: {file}");
        }
    }
}
