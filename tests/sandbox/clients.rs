//! The least that a client of each vendor must do, written anew so that it shares nothing with the program.

use hmac::{Hmac, KeyInit, Mac};
use mcf_connector::clock::Clock;
use mcf_connector::sandbox::{Sandbox, World, scenario};
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};
use sha2::Sha256;
use url::form_urlencoded;

/// Starts the demo's shop.
pub fn demo() -> Sandbox {
    Sandbox::start(scenario::demo(Clock::system())).expect("a free port")
}

/// Starts a world of one's own.
pub fn start(world: World) -> Sandbox {
    Sandbox::start(world).expect("a free port")
}

/// Returns an HTTP client that keeps no connection, so that a broken one does not disturb the next call.
pub fn http() -> Client {
    // Another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().pool_max_idle_per_host(0).no_proxy();
    client.build().expect("an HTTP client")
}

/// A status and a JSON body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().expect("a whole body");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self { status, headers, body }
    }

    pub fn code(&self) -> i64 {
        self.body["code"].as_i64().expect("TikTok's code")
    }

    pub fn error(&self) -> &str {
        self.body["errors"][0]["message"].as_str().expect("Amazon's message")
    }
}

/// A TikTok client with wrong parts on demand.
pub struct Tiktok {
    http: Client,
    base: String,
    app_key: String,
    app_secret: String,
    pub token: Option<String>,
    pub cipher: Option<String>,
    pub seconds_off: i64,
    pub spoil_sign: bool,
}

impl Tiktok {
    pub fn new(sandbox: &Sandbox) -> Self {
        let world = sandbox.world();
        Self {
            http: http(),
            base: sandbox.tiktok_url(),
            app_key: world.tiktok.app_key.clone(),
            app_secret: world.tiktok.app_secret.clone(),
            token: Some(world.tiktok.tokens.access.clone()),
            cipher: Some(world.tiktok.cipher.clone()),
            seconds_off: 0,
            spoil_sign: false,
        }
    }

    pub fn get(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        self.send("GET", path, query, None).expect("an answer")
    }

    pub fn post(&self, path: &str, query: &[(&str, &str)], body: &Value) -> Answer {
        self.send("POST", path, query, Some(body)).expect("an answer")
    }

    pub fn send(
        &self,
        method: &str,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> reqwest::Result<Answer> {
        let timestamp = (chrono::Utc::now().timestamp() + self.seconds_off).to_string();
        let mut all = vec![("app_key", self.app_key.as_str()), ("timestamp", timestamp.as_str())];
        all.extend(self.cipher.iter().map(|cipher| ("shop_cipher", cipher.as_str())));
        all.extend_from_slice(query);
        all.sort_unstable();
        let body = body.map(Value::to_string).unwrap_or_default();
        let sign = if self.spoil_sign {
            "0".repeat(64)
        } else {
            self.sign(path, &all, &body)
        };
        all.push(("sign", &sign));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&all)
            .finish();
        let url = format!("{}{path}?{query}", self.base);
        let mut request = self.http.request(method.parse().expect("a method"), url);
        if let Some(token) = &self.token {
            request = request.header("x-tts-access-token", token);
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json").body(body);
        }
        request.send().and_then(|response| {
            let status = response.status().as_u16();
            let headers = response.headers().clone();
            let text = response.text()?;
            let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
            Ok(Answer { status, headers, body })
        })
    }

    fn sign(&self, path: &str, sorted: &[(&str, &str)], body: &str) -> String {
        let secret = &self.app_secret;
        let pairs: String = sorted.iter().map(|(key, value)| format!("{key}{value}")).collect();
        let mut digest = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
        digest.update(format!("{secret}{path}{pairs}{body}{secret}").as_bytes());
        digest
            .finalize()
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    pub fn refresh(&self, refresh_token: &str) -> Answer {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("app_key", &self.app_key)
            .append_pair("app_secret", &self.app_secret)
            .append_pair("refresh_token", refresh_token)
            .append_pair("grant_type", "refresh_token")
            .finish();
        let url = format!("{}/api/v2/token/refresh?{query}", self.base);
        Answer::of(self.http.get(url).send().expect("an answer"))
    }

    /// Returns the detail of an order.
    pub fn order(&self, order_id: &str) -> Value {
        let answer = self.get("/order/202507/orders", &[("ids", order_id)]);
        assert_eq!(answer.code(), 0, "{answer:?}");
        answer.body["data"]["orders"][0].clone()
    }
}

/// An Amazon client with wrong parts on demand.
pub struct Amazon {
    http: Client,
    base: String,
    pub token: Option<String>,
    pub user_agent: String,
}

pub const ORDERS: &str = "/fba/outbound/2020-07-01/fulfillmentOrders";

impl Amazon {
    pub fn new(sandbox: &Sandbox) -> Self {
        let mut client = Self {
            http: http(),
            base: sandbox.amazon_url(),
            token: None,
            user_agent: "mcf-test/1.0 (Language=Rust/1.95; Platform=Linux)".to_owned(),
        };
        let form = {
            let account = &sandbox.world().amazon;
            vec![
                ("grant_type", "refresh_token".to_owned()),
                ("refresh_token", account.refresh_token.clone()),
                ("client_id", account.client_id.clone()),
                ("client_secret", account.client_secret.clone()),
            ]
        };
        let answer = client.exchange(&form);
        client.token = answer.body["access_token"].as_str().map(str::to_owned);
        client
    }

    pub fn exchange(&self, form: &[(&str, String)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self.http.post(format!("{}/auth/o2/token", self.base));
        let request = request.header("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
        Answer::of(request.body(body).send().expect("an answer"))
    }

    pub fn get(&self, path_and_query: &str) -> Answer {
        self.send("GET", path_and_query, None).expect("an answer")
    }

    pub fn put(&self, path: &str) -> Answer {
        self.send("PUT", path, None).expect("an answer")
    }

    pub fn create(&self, body: &Value) -> Answer {
        self.send("POST", ORDERS, Some(body)).expect("an answer")
    }

    pub fn send(&self, method: &str, path_and_query: &str, body: Option<&Value>) -> reqwest::Result<Answer> {
        let url = format!("{}{path_and_query}", self.base);
        let mut request = self.http.request(method.parse().expect("a method"), url);
        request = request.header("user-agent", &self.user_agent);
        if let Some(token) = &self.token {
            request = request.header("x-amz-access-token", token);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let response = request.send()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text()?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, headers, body })
    }

    /// Returns the payload of an order.
    pub fn order(&self, id: &str) -> Value {
        let answer = self.get(&format!("{ORDERS}/{id}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["payload"].clone()
    }
}

/// Returns a create request that has nothing wrong with it.
pub fn create_request(id: &str) -> Value {
    json!({
        "sellerFulfillmentOrderId": id,
        "marketplaceId": "ATVPDKIKX0DER",
        "displayableOrderId": "576900000000000101",
        "displayableOrderDate": "2026-01-05T00:00:42Z",
        "displayableOrderComment": "Thank you for your order!",
        "shippingSpeedCategory": "Standard",
        "destinationAddress": {
            "name": "Dana Whitfield", "addressLine1": "1842 Larkspur Ave", "addressLine2": "Apt 6", "city": "San Jose",
            "stateOrRegion": "CA", "postalCode": "95110", "countryCode": "US", "phone": "+12135550147",
        },
        "items": [{ "sellerSku": "FBA-LAMP-BLK", "sellerFulfillmentOrderItemId": "577900000000001011", "quantity": 2 }],
    })
}
