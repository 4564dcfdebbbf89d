//! The token host: a code or a refresh token gives a new access token and a new refresh token.

use serde_json::json;

use super::super::World;
use super::super::codes::Refused;
use super::super::http::Request;
use super::{Answer, Outcome, Refusal, Shop};

/// The code of every grant that is not good.
const BAD_GRANT: i64 = 36_004_004;

/// Answers `GET /api/v2/token/get`.
pub(super) fn get(world: &mut World, request: &Request) -> Answer {
    let (now, life) = (world.now(), world.settings.tiktok_token_life);
    let shop = &mut world.tiktok;
    check_app(shop, request, "authorized_code")?;
    let code = request.query("auth_code").unwrap_or_default();
    shop.codes.take(code, &shop.app_key, now).map_err(|refused| {
        let message = match refused {
            Refused::Unknown => "auth code is invalid",
            Refused::Foreign => "auth code does not belong to this app_key",
            Refused::Expired => "auth code is expired",
            Refused::Used => "auth code has been used",
        };
        Refusal::new(BAD_GRANT, message)
    })?;
    shop.tokens.rotate(now, life);
    Ok(pair(shop))
}

/// Answers `GET /api/v2/token/refresh`.
pub(super) fn refresh(world: &mut World, request: &Request) -> Answer {
    let now = world.now();
    let (grace, life) = (world.settings.refresh_grace, world.settings.tiktok_token_life);
    let shop = &mut world.tiktok;
    check_app(shop, request, "refresh_token")?;
    let given = request.query("refresh_token").unwrap_or_default();
    let tokens = &mut shop.tokens;
    let is_current = given == tokens.refresh && tokens.refresh_expires_at > now;
    let in_grace = tokens
        .previous_refresh
        .as_ref()
        .is_some_and(|(previous, replaced_at)| given == previous && now < *replaced_at + grace);
    if !is_current && !in_grace {
        return Err(Refusal::new(BAD_GRANT, "refresh token is invalid or expired"));
    }
    tokens.rotate(now, life);
    Ok(pair(shop))
}

fn check_app(shop: &Shop, request: &Request, grant_type: &str) -> Result<(), Refusal> {
    if request.query("app_key") != Some(&shop.app_key) || request.query("app_secret") != Some(&shop.app_secret) {
        return Err(Refusal::request("Invalid app_key or app_secret."));
    }
    if request.query("grant_type") != Some(grant_type) {
        return Err(Refusal::request("Invalid grant_type."));
    }
    Ok(())
}

fn pair(shop: &Shop) -> Outcome {
    let tokens = &shop.tokens;
    Outcome::changed(json!({
        "access_token": tokens.access,
        "access_token_expire_in": tokens.access_expires_at.timestamp(),
        "refresh_token": tokens.refresh,
        "refresh_token_expire_in": tokens.refresh_expires_at.timestamp(),
        "open_id": "sandboxOpenId00000000000000",
        "seller_name": shop.name,
        "seller_base_region": shop.region,
        "user_type": 0,
        "granted_scopes": tokens.granted_scopes,
    }))
}
