//! getMarketplaceParticipations.

use serde_json::json;

use super::super::http::Reply;
use super::{Account, payload};

/// Answers `GET /sellers/v1/marketplaceParticipations`.
pub(super) fn participations(account: &Account) -> Reply {
    let marketplace = json!({
        "id": account.marketplace_id,
        "name": "Amazon.com",
        "countryCode": "US",
        "defaultCurrencyCode": "USD",
        "defaultLanguageCode": "en_US",
        "domainName": "www.amazon.com",
    });
    let participation = json!({ "isParticipating": true, "hasSuspendedListings": false });
    payload(&json!([{ "marketplace": marketplace, "participation": participation, "storeName": "Example Lamp Co" }]))
}
