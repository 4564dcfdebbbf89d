//! Any answer of TikTok over real HTTP, to the question that the first line of the input names (`orders 200`): it is read, or it is
//! an error that shows no token.

#![no_main]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use libfuzzer_sys::fuzz_target;
use mcf_connector::clock::Clock;
use mcf_connector::domain::ids::{
    CancelId, DeliveryOptionId, PackageId, ProductId, TiktokOrderId, TiktokSkuId, WarehouseId,
};
use mcf_connector::domain::shop::StockUpdate;
use mcf_connector::secret::Secret;
use mcf_connector::tiktok::{
    CancellationQuery, Error, ListingQuery, OrderQuery, Settings, StockOf, Tiktok, exchange_code, refresh_tokens,
};
use mcf_connector::transport::{Bucket, Limits, Rate, RetryPolicy, Sender};
use url::Url;

const TOKEN: &str = "TTP_canary-of-a-token-0000";

/// The status and the body that the stand-in gives next.
static NEXT: Mutex<(u16, Vec<u8>)> = Mutex::new((200, Vec::new()));

static SHOP: LazyLock<Shop> = LazyLock::new(Shop::open);

struct Shop {
    tiktok: Tiktok,
    sender: Arc<Sender>,
    settings: Settings,
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_574_842, 0).expect("a time")
}

impl Shop {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || serve(&stream));
            }
        });
        let rate = Rate {
            per_second: 1e9,
            burst: 1e9,
        };
        let policy = RetryPolicy {
            attempts_max: 1,
            backoff: Duration::ZERO,
        };
        let sender = Arc::new(Sender::new(
            Clock::starting_at(now()),
            Limits::default(),
            policy,
            Arc::default(),
            Box::new(move |_, change| change(&mut Bucket::full(rate, now()))),
            Box::new(|_| ()),
        ));
        let url = Url::parse(&url).expect("a url");
        let settings = Settings {
            app_key: "6e8ghq2tv1mcp".to_owned(),
            app_secret: Secret::new("f4c770e4b45aa62e9d0c1b2a33445566"),
            api_url: url.clone(),
            auth_url: url,
        };
        let tokens = Arc::new(|_: Option<&Secret>| Ok::<_, Error>(Secret::new(TOKEN)));
        let tiktok = Tiktok::new(settings.clone(), Arc::clone(&sender), tokens);
        Self {
            tiktok: tiktok.with_shop(Secret::new("TTP_Zx9kQwAAAADm2v7RfLw0yTnB4sUeHc1G")),
            sender,
            settings,
        }
    }

    fn ask(&self, question: &str) -> Result<(), Error> {
        let tiktok = &self.tiktok;
        let order = TiktokOrderId::new("576461413038785752");
        let cancel = CancelId::new("4035227007872932536");
        let product = ProductId::new("1729382476852921560");
        match question {
            "orders" => tiktok.orders(&[order]).map(drop),
            "cancellations" => tiktok.search_cancellations(&CancellationQuery::default(), None).map(drop),
            "approve" => tiktok.approve_cancellation(&order, &cancel, "key"),
            "reasons" => tiktok.reject_reasons(&order, &cancel).map(drop),
            "package" => tiktok.package(&order, &PackageId::new("1152921504606846976")).map(drop),
            "stock" => tiktok.inventory(StockOf::Products(&[product])).map(drop),
            "update" => {
                let update = StockUpdate {
                    sku_id: TiktokSkuId::new("2729382476852921560"),
                    quantities: vec![(WarehouseId::new("7068517275539719942"), 5)],
                };
                tiktok.update_inventory(&product, &[update]).map(drop)
            }
            "shops" => tiktok.shops().map(drop),
            "warehouses" => tiktok.warehouses().map(drop),
            "options" => tiktok.delivery_options(&WarehouseId::new("7068517275539719942")).map(drop),
            "providers" => tiktok.shipping_providers(&DeliveryOptionId::new("7091146663229654785")).map(drop),
            "products" => tiktok.search_products(&ListingQuery::default(), None).map(drop),
            "refresh" => refresh_tokens(&self.sender, &self.settings, &Secret::new(TOKEN)).map(drop),
            "code" => exchange_code(&self.sender, &self.settings, &Secret::new(TOKEN)).map(drop),
            _ => tiktok.search_orders(&window(), None).map(drop),
        }
    }
}

fn window() -> OrderQuery {
    OrderQuery {
        updated_from: now() - TimeDelta::hours(2),
        updated_to: now(),
        status: None,
        cancel_requested: None,
    }
}

/// Answers one request after another on a connection.
fn serve(mut stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    while let Some(length) = head(&mut reader) {
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let (status, body) = NEXT.lock().expect("the answer").clone();
        let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        if stream.write_all(&[head.as_bytes(), &body].concat()).is_err() {
            return;
        }
    }
}

/// Reads the head of a request and returns how long its body is; nothing where the connection ended.
fn head(reader: &mut impl BufRead) -> Option<usize> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            return Some(length);
        }
        if let Some(text) = line.strip_prefix("content-length:") {
            length = text.trim().parse().ok()?;
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let line = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let (question, status) = line.split_once(' ').unwrap_or((&line, "200"));
    // What is below 200 or has no body is no answer to a question.
    let status = status.parse().ok().filter(|status| (200..600).contains(status) && ![204, 304].contains(status));
    *NEXT.lock().expect("the answer") = (status.unwrap_or(200), bytes.get(end + 1..).unwrap_or_default().to_vec());
    if let Err(error) = SHOP.ask(question) {
        let told = format!("{error} {error:?}");
        assert!(!told.contains(TOKEN), "a token is shown");
    }
});
