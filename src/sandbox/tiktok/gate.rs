//! The checks that every call passes before it is carried out: key, time, signature, token, scope, shop cipher, rate.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::super::http::Request;
use super::super::log::hexadecimal;
use super::super::{Operation, World};
use super::{Refusal, Shop};

const SECONDS_BEHIND_MAX: i64 = 300;
const SECONDS_AHEAD_MAX: i64 = 30;

/// Lets a request pass or refuses it.
pub(super) fn admit(world: &mut World, operation: Operation, request: &Request) -> Result<(), Refusal> {
    let now = world.now();
    if !matches!(operation, Operation::GetToken | Operation::RefreshToken) {
        check_common(&world.tiktok, request, now.timestamp())?;
        check_content_type(request)?;
        check_token(&world.tiktok, request, now.timestamp())?;
        check_scope(&world.tiktok, operation)?;
        check_cipher(&world.tiktok, operation, request)?;
    }
    if world.rates.admit(operation, now) {
        Ok(())
    } else {
        let message = "Too many requests. You've made too many requests in a short period of time.";
        Err(Refusal::with_status(429, 36_009_002, message))
    }
}

fn check_common(shop: &Shop, request: &Request, now: i64) -> Result<(), Refusal> {
    if request.query("app_key") != Some(shop.app_key.as_str()) {
        return Err(Refusal::request("Invalid app_key."));
    }
    let timestamp = request.query("timestamp").filter(|text| text.len() == 10);
    let Some(timestamp) = timestamp.and_then(|text| text.parse::<i64>().ok()) else {
        return Err(Refusal::request("Invalid timestamp. It must be Unix time in seconds."));
    };
    if timestamp < now - SECONDS_BEHIND_MAX || timestamp > now + SECONDS_AHEAD_MAX {
        return Err(Refusal::request(
            "Invalid timestamp. The timestamp is expired or lies in the future.",
        ));
    }
    let Some(sign) = request.query("sign") else {
        return Err(Refusal::request("Invalid sign. The sign is missing."));
    };
    if sign == signature(&shop.app_secret, request) {
        Ok(())
    } else {
        Err(Refusal::with_status(
            401,
            106_001,
            "Invalid sign. The signature does not match.",
        ))
    }
}

/// Returns the signature of a request as "sign your API request" tells it.
fn signature(app_secret: &str, request: &Request) -> String {
    let mut parameters: Vec<&(String, String)> = request
        .query
        .iter()
        .filter(|(key, _)| key != "sign" && key != "access_token")
        .collect();
    parameters.sort();
    let mut message = request.path.clone().into_bytes();
    for (key, value) in parameters {
        message.extend_from_slice(key.as_bytes());
        message.extend_from_slice(value.as_bytes());
    }
    message.extend_from_slice(&request.body);
    let Ok(mut digest) = Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()) else {
        // HMAC takes keys of any length.
        return String::new();
    };
    digest.update(app_secret.as_bytes());
    digest.update(&message);
    digest.update(app_secret.as_bytes());
    hexadecimal(&digest.finalize().into_bytes())
}

fn check_content_type(request: &Request) -> Result<(), Refusal> {
    let is_json = request
        .header("content-type")
        .is_some_and(|value| value.split(';').next() == Some("application/json"));
    if request.method == "GET" && !request.body.is_empty() {
        return Err(Refusal::request("Invalid parameter: a GET request has no body"));
    }
    if request.body.is_empty() || is_json {
        Ok(())
    } else {
        Err(Refusal::with_status(400, 36_009_023, "Unsupported content type."))
    }
}

fn check_token(shop: &Shop, request: &Request, now: i64) -> Result<(), Refusal> {
    match request.header("x-tts-access-token") {
        Some(token) if token == shop.tokens.access => (),
        Some(token) if shop.tokens.retired.iter().any(|retired| retired == token) => return Err(expired()),
        Some(_) => {
            return Err(Refusal::with_status(
                401,
                36_009_004,
                "Invalid credentials. The access token is invalid.",
            ));
        }
        None => {
            return Err(Refusal::with_status(
                401,
                36_009_004,
                "The `x-tts-access-token` header is missing.",
            ));
        }
    }
    if shop.tokens.access_expires_at.timestamp() <= now {
        return Err(expired());
    }
    Ok(())
}

fn expired() -> Refusal {
    let message = "Expired credentials. The `access_token` or `x-tts-access-token` header has expired.";
    Refusal::with_status(401, 105_002, message)
}

fn check_scope(shop: &Shop, operation: Operation) -> Result<(), Refusal> {
    let needed: &[&str] = match operation {
        Operation::GetShops => &["seller.authorization.info"],
        Operation::SearchOrders | Operation::GetOrders => &["seller.order.info"],
        Operation::MarkPackageShipped | Operation::UpdatePackageShippingInfo | Operation::GetPackage => {
            &["seller.fulfillment.basic"]
        }
        Operation::GetShippingProviders => &["seller.fulfillment.basic", "seller.logistics"],
        Operation::UpdateOrderShippingInfo | Operation::GetWarehouses | Operation::GetDeliveryOptions => {
            &["seller.logistics"]
        }
        Operation::SearchCancellations
        | Operation::CreateCancellation
        | Operation::ApproveCancellation
        | Operation::RejectCancellation
        | Operation::GetRejectReasons => &["seller.return_refund.basic"],
        Operation::SearchProducts | Operation::SearchInventory => &["seller.product.basic"],
        Operation::UpdateInventory | Operation::DeactivateProducts => &["seller.product.write"],
        Operation::GetToken
        | Operation::RefreshToken
        | Operation::ExchangeToken
        | Operation::GetFulfillmentPreview
        | Operation::CreateFulfillmentOrder
        | Operation::GetFulfillmentOrder
        | Operation::ListAllFulfillmentOrders
        | Operation::CancelFulfillmentOrder
        | Operation::GetPackageTrackingDetails
        | Operation::GetInventorySummaries
        | Operation::GetMarketplaceParticipations => return Ok(()),
    };
    if needed
        .iter()
        .any(|scope| shop.tokens.granted_scopes.iter().any(|granted| granted == scope))
    {
        return Ok(());
    }
    let message = "Access denied. The app or the seller's authorization lacks the scope of this API.";
    Err(Refusal::with_status(403, 105_005, message))
}

fn check_cipher(shop: &Shop, operation: Operation, request: &Request) -> Result<(), Refusal> {
    match (operation == Operation::GetShops, request.query("shop_cipher")) {
        (true, None) => Ok(()),
        (true, Some(_)) => Err(Refusal::request(
            "Unexpected identifier. `shop_cipher` is not needed for this API.",
        )),
        (false, None | Some("")) => Err(Refusal::with_status(400, 106_013, "The `shop_cipher` is missing.")),
        (false, Some(cipher)) if cipher == shop.cipher => Ok(()),
        (false, Some(_)) => {
            let message = "The access token does not match the `shop_cipher`.";
            Err(Refusal::with_status(400, 101_000, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_published_one() {
        let query = "app_key=29a39d&timestamp=1623812664&sign=x&access_token=y";
        let request = Request::new("GET", "/authorization/202309/shops", query, Vec::new(), Vec::new());
        let published = "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8";
        assert_eq!(signature("e59af819cc", &request), published);
    }

    #[test]
    fn decoded_values_and_the_exact_body_are_signed() {
        let request = Request::new("GET", "/test-api", "foo=bar", Vec::new(), Vec::new());
        let published = "d3cb7fe11ecae942802ceeca67e7cf10120cc12f1517d45fbc1c8cfe5413c80f";
        assert_eq!(signature("app_secret", &request), published);
        let with_body = Request::new("POST", "/test-api", "foo=bar", Vec::new(), b"{}".to_vec());
        assert_ne!(signature("app_secret", &with_body), published);
    }
}
