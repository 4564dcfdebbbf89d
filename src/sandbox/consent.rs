//! The consent pages of both vendors.

use serde::Serialize;
use url::form_urlencoded;

use super::http::{Reply, Request};
use super::{Vendor, World};

/// A fresh code of each vendor, to be tried by hand.
#[derive(Debug, Clone, Serialize)]
pub struct NewCodes {
    /// TikTok's.
    pub tiktok: String,
    /// Amazon's.
    pub amazon: String,
}

impl World {
    /// Issues a code of each vendor, as if the seller had just agreed.
    pub fn new_codes(&mut self) -> NewCodes {
        let now = self.now();
        NewCodes {
            tiktok: self.tiktok.codes.issue(&self.tiktok.app_key, now),
            amazon: self.amazon.codes.issue(&self.amazon.client_id, now),
        }
    }

    /// The seller agrees: returns the query that TikTok's page sends the browser back with.
    pub fn agree_at_tiktok(&mut self, state: &str) -> String {
        let code = self.new_codes().tiktok;
        query(&[("code", &code), ("state", state)])
    }

    /// The seller agrees: returns the query that Amazon's page sends the browser back with.
    pub fn agree_at_amazon(&mut self, state: &str) -> String {
        let code = self.new_codes().amazon;
        let seller = &self.amazon.seller_id;
        query(&[
            ("spapi_oauth_code", &code),
            ("state", state),
            ("selling_partner_id", seller),
        ])
    }

    /// Answers a browser: the consent page sends it on at once, to a page that says what to do with its address.
    pub(super) fn consent_page(&mut self, vendor: Vendor, request: &Request) -> Option<Reply> {
        let (method, path) = request.route();
        let state = request.query("state").unwrap_or_default().to_owned();
        let query = match (vendor, method, path.as_slice()) {
            (Vendor::Tiktok, "GET", ["oauth" | "open", "authorize"]) => self.agree_at_tiktok(&state),
            (Vendor::Amazon, "GET", ["apps", "authorize", "consent"]) => self.agree_at_amazon(&state),
            (_, "GET", ["consented"]) => return Some(Reply::text(200, "text/plain; charset=utf-8", CONSENTED)),
            _ => return None,
        };
        Some(Reply::text(302, "text/plain", "").with_header("location", format!("/consented?{query}")))
    }
}

const CONSENTED: &str = "You agreed. Copy the whole address of this page into mcf auth.\n";

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
