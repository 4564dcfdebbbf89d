//! The page over real HTTP: who comes in and who does not, what each view shows, and what it does not show.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;

use super::served::Served;
use super::test_shop::{FIRST, TestShop, new_world};

const VIEWS: [&str; 3] = ["/", "/orders", "/orders?group=1"];

fn day() -> TestShop {
    let shop = TestShop::demo();
    shop.poll();
    shop
}

#[test]
fn a_link_lets_one_browser_in_and_nobody_without_it() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    let mut served = Served::closed(&shop, &[]);
    for path in [
        "/",
        "/orders",
        &format!("/orders/{FIRST}"),
        "/enter",
        "/enter?key=",
        "/enter?key=AAAA",
    ] {
        served.get(path).is(403);
    }
    let path = served.link.split_once(&served.host).expect("our address").1.to_owned();
    served.send("HEAD", &path, &[], "").is(405);
    served
        .send("GET", &path, &[("Sec-Purpose", "prefetch;prerender")], "")
        .is(403);
    served.send("GET", &path, &[("Host", "evil.example")], "").is(403);
    let entered = served.get(&path).is(200);
    let cookie = entered.header("set-cookie").expect("a session").to_owned();
    assert!(
        cookie.contains("; HttpOnly; SameSite=Strict") && !cookie.contains("Secure"),
        "{cookie}"
    );
    assert_eq!(entered.header("refresh"), Some("0; url=/"));
    served.get(&path).is(403);
    served.get("/").is(403);
    let (name, value) = cookie
        .split(';')
        .next()
        .and_then(|pair| pair.split_once('='))
        .expect("a pair");
    served.cookie = format!("{name}={}", value.chars().rev().collect::<String>());
    served.get("/").is(403);
    served.cookie = format!("other=1; {name}={value}");
    served.get("/").is(200);
    served.send("GET", &path, &[], "").is(303);
    served.post("/leave", "").is(200);
    served.get("/").is(403);
    assert_eq!(served.ended(), Some(0), "SIGTERM is its good end");
}

#[test]
fn a_name_that_was_rebound_and_a_page_of_somebody_else_get_nothing() {
    let shop = day();
    let served = Served::of(&shop);
    let port = served.host.rsplit_once(':').expect("a port").1.to_owned();
    for (host, status) in [
        (format!("localhost:{port}"), 200),
        (format!("LOCALHOST:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        (format!("evil.example:{port}"), 403),
        ("evil.example".to_owned(), 403),
        ("127.0.0.1".to_owned(), 403),
    ] {
        for path in ["/", "/metrics", "/healthz"] {
            let reply = served.send("GET", path, &[("Host", &host)], "");
            assert!(
                reply.status == status || (status == 200 && path == "/healthz"),
                "{host} {path}: {reply:?}"
            );
        }
    }
    served.raw(b"GET / HTTP/1.1\r\n\r\n").is(403);
    let twice = format!(
        "GET /metrics HTTP/1.1\r\nHost: {0}\r\nHost: evil.example\r\n\r\n",
        served.host
    );
    assert!(served.raw(twice.as_bytes()).status >= 400);
    let buyer = format!("/orders/{FIRST}/buyer");
    let ours = format!("http://{}", served.host);
    for (headers, status) in [
        (vec![], 403),
        (vec![("Origin", "http://evil.example")], 403),
        (vec![("Origin", "null")], 403),
        (vec![("Sec-Fetch-Site", "cross-site"), ("Origin", ours.as_str())], 403),
        (vec![("Sec-Fetch-Site", "same-site")], 403),
        (vec![("Sec-Fetch-Site", "none")], 403),
        (vec![("Origin", ours.as_str())], 200),
        (vec![("Sec-Fetch-Site", "same-origin")], 200),
    ] {
        assert_eq!(served.send("POST", &buyer, &headers, "").status, status, "{headers:?}");
    }
    served
        .send(
            "GET",
            "/",
            &[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")],
            "",
        )
        .is(403);
    served
        .send(
            "GET",
            "/",
            &[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")],
            "",
        )
        .is(200);
}

#[test]
fn what_is_no_request_of_a_browser_is_told_so_and_hurts_nobody() {
    let shop = day();
    let served = Served::of(&shop);
    served.get("/nothing").is(404);
    served.get("/orders/../../etc/passwd").is(404);
    served.get("/orders/999999999999999999").is(404);
    served.get("/orders/%3Cscript%3E").is(404);
    for (method, path, allowed) in [
        ("POST", "/", "GET, HEAD"),
        ("DELETE", "/orders", "GET, HEAD"),
        ("PUT", "/metrics", "GET, HEAD"),
        ("GET", "/leave", "POST"),
    ] {
        let reply = served
            .send(method, path, &[("Sec-Fetch-Site", "same-origin")], "")
            .is(405);
        assert_eq!(reply.header("allow"), Some(allowed), "{method} {path}");
    }
    let (head, whole) = (
        served.send("HEAD", "/orders", &[], "").is(200),
        served.get("/orders").is(200),
    );
    assert_eq!(
        (head.body.as_str(), head.header("content-length")),
        ("", whole.header("content-length"))
    );
    let long = "x".repeat(200_000);
    assert!(served.get(&format!("/orders?find={long}")).status >= 400);
    assert!(served.send("GET", "/", &[("X-Long", &long)], "").status >= 400);
    served
        .post(&format!("/orders/{FIRST}/buyer"), &"x".repeat(1_000_000))
        .is(413);
    for noise in [
        &b"\x16\x03\x01\x02\x00\x01\x00"[..],
        b"GET\r\n\r\n",
        b"\0\0\0\0",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let status = served.raw(noise).status;
        assert!(status == 0 || status >= 400, "{noise:?}: {status}");
    }
    served.get("/").is(200);
}

#[test]
fn browsers_that_say_nothing_keep_nobody_out_and_are_shown_the_door() {
    let shop = day();
    let served = Served::of(&shop);
    let mut silent: Vec<TcpStream> = (0..40)
        .map(|_| TcpStream::connect(&served.host).expect("a connection"))
        .collect();
    for stream in silent.iter_mut().take(20) {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: ").expect("sent");
    }
    let started = Instant::now();
    served.get("/").is(200);
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    for stream in &mut silent {
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).expect("closed from there");
    }
}

#[test]
fn every_answer_bears_the_headers_that_keep_it_here() {
    let shop = day();
    let served = Served::of(&shop);
    for path in [
        "/",
        "/orders",
        "/metrics",
        "/healthz",
        "/nothing",
        "/enter?key=1",
        &format!("/orders/{FIRST}"),
    ] {
        let reply = served.get(path);
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("x-frame-options"), Some("DENY"), "{path}");
        let policy = reply.header("content-security-policy").expect("a policy");
        for part in [
            "default-src 'none'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    }
}

#[test]
fn probes_need_no_cookie_and_the_schedule_is_told_by_the_status() {
    let mut shop = TestShop::demo();
    let served = Served::closed(&shop, &[]);
    let sick = served.get("/healthz").is(503);
    assert!(sick.body.contains("poll never ended well"), "{sick:?}");
    for command in ["poll", "sync-tracking", "sync-inventory"] {
        shop.good(&[command]);
    }
    served.get("/healthz").is(200);
    let metrics = served.get("/metrics").is(200);
    assert_eq!(
        metrics.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    assert!(
        metrics.body.contains("\nmcf_orders_detected_total 17\n"),
        "{}",
        metrics.body
    );
    shop.pass(60, 0);
    let later = Served::closed(&shop, &[]);
    assert!(later.get("/healthz").is(503).body.contains("poll last ended well"));
}

#[test]
fn a_port_that_is_taken_and_an_address_for_all_are_refused() {
    let shop = TestShop::bare(new_world());
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let refused = shop.mcf(&["serve", "--listen", &address]).ends_with(6);
    assert!(
        refused.stderr.contains(&address) && refused.stderr.contains("help:"),
        "{refused:?}"
    );
    let refused = shop.mcf(&["serve", "--listen", "0.0.0.0:0"]).ends_with(6);
    assert!(refused.stderr.contains("public_url"), "{refused:?}");
    shop.mcf(&["serve", "--listen", "everywhere"]).ends_with(2);
    for wrong in [
        "http://orders.example",
        "https://orders.example/mcf",
        "https://u:p@orders.example",
    ] {
        let shop = TestShop::bare(new_world());
        shop.configure(&format!("[serve]\npublic_url = \"{wrong}\"\n"));
        shop.mcf(&["serve", "--listen", "127.0.0.1:0"]).ends_with(6);
    }
}

#[test]
fn behind_a_proxy_the_page_is_known_by_its_public_name_and_its_cookie_is_secure() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    shop.configure("[serve]\npublic_url = \"https://orders.example\"\n");
    let served = Served::closed(&shop, &[]);
    assert_eq!(served.host, "orders.example");
    assert!(
        served.link.starts_with("https://orders.example/enter?key="),
        "{}",
        served.link
    );
}

#[test]
fn the_board_and_the_lists_lead_to_every_order() {
    let shop = day();
    let served = Served::of(&shop);
    let board = served.get("/").is(200).body;
    for text in [
        "need a person",
        "due tomorrow",
        "SKU",
        "sku not mapped",
        "/orders?",
        "The schedule",
    ] {
        assert!(board.to_lowercase().contains(&text.to_lowercase()), "{text}: {board}");
    }
    let list = served.get("/orders").is(200).body;
    assert!(
        list.contains(&format!("<a href=\"/orders/{FIRST}\">{FIRST}</a>")),
        "{list}"
    );
    let flagged = served.get("/orders?state=flagged").is(200).body;
    assert!(!flagged.contains(&format!(">{FIRST}</a>")), "{flagged}");
    let causes = served.get("/orders?group=1").is(200).body;
    assert!(causes.contains("reason=SKU_NOT_MAPPED"), "{causes}");
    for name in [FIRST.to_owned(), format!("TTS-{FIRST}"), format!("tts-{FIRST}")] {
        let found = served.get(&format!("/orders?find={name}")).is(303);
        assert_eq!(
            found.header("location"),
            Some(format!("/orders/{FIRST}").as_str()),
            "{name}"
        );
    }
    served.get(&format!("/orders/TTS-{FIRST}")).is(303);
    let order = served.get(&format!("/orders/{FIRST}")).is(200).body;
    for text in [
        "What happens next",
        "Request id",
        "createFulfillmentOrder",
        "Show the buyer",
        "FBA-",
    ] {
        assert!(order.contains(text), "{text}: {order}");
    }
    let odd = served.get("/orders?state=%3Cb%3E&since=tomorrow").is(200).body;
    assert!(odd.contains("&lt;b&gt;") && !odd.contains("<b>"), "{odd}");
}

#[test]
fn the_buyer_is_shown_after_a_click_that_the_history_keeps() {
    let shop = day();
    let served = Served::of(&shop);
    let path = format!("/orders/{FIRST}");
    let lines = |body: &str| {
        body.split("<address>")
            .nth(1)
            .map(|rest| rest.split("</address>").next().unwrap_or_default().to_owned())
    };
    assert_eq!(lines(&served.get(&path).is(200).body), None);
    let shown = served.post(&format!("{path}/buyer"), "").is(200).body;
    let address = lines(&shown).expect("an address");
    let name = address.split("<br>").next().expect("a name").to_owned();
    let rest: String = VIEWS.iter().map(|view| served.get(view).is(200).body).collect();
    let again = served.get(&path).is(200).body;
    assert!(!name.is_empty() && !rest.contains(&name) && !again.contains(&name));
    assert!(
        again.contains("the buyer&#39;s address was shown to dana on the page")
            || again.contains("the buyer's address was shown to dana on the page"),
        "{again}"
    );
    served.post("/orders/1/buyer", "").is(404);
}

#[test]
fn no_view_asks_for_anything_elsewhere_or_runs_what_is_not_its_own() {
    let shop = day();
    let served = Served::of(&shop);
    for view in VIEWS
        .iter()
        .map(|view| (*view).to_owned())
        .chain([format!("/orders/{FIRST}")])
    {
        let page = served.get(&view).is(200).body;
        for outside in ["src=", "url(", "@import", "<link", "<iframe", " style=", "onclick"] {
            assert!(!page.contains(outside), "{view}: {outside}");
        }
        let links = page
            .split("href=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap_or_default());
        for link in links {
            let is_carrier = link.starts_with("https://") && page.contains("rel=\"noreferrer");
            assert!(
                link.starts_with('/') || link.starts_with('#') || is_carrier,
                "{view}: {link}"
            );
        }
    }
}

#[test]
fn every_view_is_there_and_none_of_them_shows_a_secret_or_a_buyer() {
    let shop = day();
    shop.good(&["sync-inventory"]);
    let served = Served::of(&shop);
    let config = std::fs::read_to_string(shop.config()).expect("a file");
    let secret = |line: &str| {
        let (key, value) = line.split_once(" = ")?;
        let is_secret = ["secret", "token"].iter().any(|word| key.contains(word));
        is_secret.then(|| value.trim_matches('"').to_owned())
    };
    let secrets: Vec<String> = config
        .lines()
        .filter_map(secret)
        .filter(|text| text.len() > 3)
        .collect();
    assert!(secrets.len() >= 3, "{config}");
    let buyer = served.post(&format!("/orders/{FIRST}/buyer"), "").is(200).body;
    let buyer = buyer
        .split("<address>")
        .nth(1)
        .and_then(|rest| rest.split("</address>").next())
        .expect("an address");
    let buyer: Vec<&str> = buyer.split("<br>").filter(|line| line.len() > 5).collect();
    assert!(buyer.len() > 2, "{buyer:?}");
    for (view, text) in [
        ("/deadlines", "Hand-over against deadline"),
        ("/stock", "What TikTok shows"),
        ("/mappings", "In force"),
        ("/log", "Oldest first"),
        ("/log?kind=hand", "was shown to dana"),
        ("/settings", "[routing]"),
        ("/settings", "set, hidden"),
        ("/pause", "Cancellations, tracking and stock go on"),
        ("/", "Pause new orders"),
        ("/orders?state=flagged", "Do something to all of them"),
    ] {
        let page = served.get(view).is(200).body;
        assert!(page.contains(text), "{view}: {text}: {page}");
        for canary in secrets.iter().map(String::as_str).chain(buyer.iter().copied()) {
            assert!(!page.contains(canary), "{view}: {canary}");
        }
    }
}

#[test]
fn what_may_be_meant_and_a_test_event_are_a_click_each() {
    let shop = day();
    let served = Served::of(&shop);
    let meant = served.post("/mappings/suggest", "").is(200).body;
    assert!(meant.contains("What may be meant"), "{meant}");
    assert!(
        served
            .post("/settings/endpoints", "")
            .is(200)
            .body
            .contains("No endpoint is configured")
    );
    shop.configure("[[webhooks]]\nurl = \"http://127.0.0.1:9/T0/CANARY\"\n");
    let told = served.post("/settings/endpoints", "").is(200).body;
    assert!(
        told.contains("did not take the test event") && !told.contains("CANARY"),
        "{told}"
    );
    assert!(!served.get("/settings").is(200).body.contains("CANARY"));
}

#[test]
fn an_order_is_held_and_released_by_two_clicks_each_and_the_history_says_by_whom() {
    let shop = TestShop::of(&[OrderKind::Unmapped]);
    shop.poll();
    let served = Served::of(&shop);
    let order = format!("/orders/{FIRST}");
    let shown = served.get(&order).is(200).body;
    assert!(shown.contains(&format!("href=\"{order}/hold\"")), "{shown}");
    let asked = served.get(&format!("{order}/hold")).is(200).body;
    assert!(asked.contains("would be held"), "{asked}");
    assert!(!shop.order(FIRST).held, "asking changes nothing");
    let done = served
        .post(&format!("{order}/hold"), "because=the+buyer+asked+%3Cb%3E")
        .is(200)
        .body;
    assert!(done.contains("is held"), "{done}");
    assert!(shop.order(FIRST).held);
    let history = shop.good(&["status", FIRST])["history"].to_string();
    assert!(
        history.contains("held by dana: the buyer asked <b> (on the page)"),
        "{history}"
    );
    assert!(served.get("/").is(200).body.contains("held by the operator"));
    let again = served.get(&format!("{order}/hold")).is(200).body;
    assert!(again.contains("held already; nothing changed"), "{again}");
    served.post(&format!("{order}/release"), "").is(200);
    assert!(!shop.order(FIRST).held);
    served.post("/orders/1/hold", "").is(404);
    served.post(&format!("{order}/explode"), "").is(404);
    served.post(&format!("{order}/restore"), "").is(200);
}

#[test]
fn what_makes_no_sense_for_an_order_is_not_offered() {
    let mut shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    shop.pass(60, 3);
    shop.good(&["sync-tracking"]);
    assert_eq!(shop.state(FIRST), State::Completed);
    let shown = Served::of(&shop).get(&format!("/orders/{FIRST}")).is(200).body;
    for verb in ["hold", "release", "approve", "dismiss"] {
        assert!(!shown.contains(&format!("/{verb}\"")), "{verb}: {shown}");
    }
}

#[test]
fn many_orders_are_counted_first_and_a_number_that_has_changed_is_asked_anew() {
    let shop = TestShop::of(&[OrderKind::Unmapped, OrderKind::Unmapped, OrderKind::Plain]);
    shop.poll();
    let served = Served::of(&shop);
    served.get("/hands/hold").is(422);
    served.post("/hands/hold", "count=3").is(422);
    let asked = served.get("/hands/hold?reason=SKU_NOT_MAPPED").is(200).body;
    assert!(asked.contains("2 orders would be held"), "{asked}");
    served.post("/hands/hold", "reason=SKU_NOT_MAPPED&count=3").is(409);
    served.post("/hands/hold", "reason=SKU_NOT_MAPPED").is(409);
    let done = served.post("/hands/hold", "reason=SKU_NOT_MAPPED&count=2").is(200).body;
    assert!(done.contains("2 orders are held"), "{done}");
    assert!(
        served
            .get("/hands/hold?reason=SKU_NOT_MAPPED")
            .is(200)
            .body
            .contains("none would change")
    );
}

#[test]
fn a_lock_that_is_held_is_told_and_nothing_is_half_done() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    shop.poll();
    let served = Served::of(&shop);
    let lock = mcf_connector::store::Lock::take(&shop.database(), "keeping", shop.now).expect("free");
    let order = format!("/orders/{FIRST}");
    let told = served.post(&format!("{order}/hold"), "").is(409).body;
    assert!(
        told.contains("another run works on keeping") && told.contains(&std::process::id().to_string()),
        "{told}"
    );
    assert!(!shop.order(FIRST).held);
    served.post("/mappings/add", "sku_id=1&amazon_sku=A&quantity=1").is(409);
    served.get(&order).is(200);
    drop(lock);
    served.post(&format!("{order}/hold"), "").is(200);
    let _orders = mcf_connector::store::Lock::take(&shop.database(), "orders", shop.now).expect("free");
    served.post(&format!("{order}/route"), "send=1").is(409);
}

#[test]
fn a_product_that_was_missing_is_mapped_by_a_form_and_its_orders_go() {
    let mut shop = TestShop::of(&[OrderKind::Unmapped]);
    shop.poll();
    let served = Served::of(&shop);
    let page = served.get("/mappings").is(200).body;
    let map = page
        .split("href=\"/mappings?sku_id=")
        .nth(1)
        .and_then(|rest| rest.split(['&', '"', '#']).next());
    let sku = map.expect("a missing product").to_owned();
    let form = served.get(&format!("/mappings?sku_id={sku}")).is(200).body;
    assert!(form.contains(&format!("value=\"{sku}\"")), "{form}");
    served
        .post("/mappings/add", &format!("sku_id={sku}&amazon_sku=&quantity=1"))
        .is(422);
    let done = served
        .post(
            "/mappings/add",
            &format!("sku_id={sku}&own_sku=&product_id=&amazon_sku=FBA-LAMP-BLK&quantity=1"),
        )
        .is(200)
        .body;
    assert!(done.contains("1 added"), "{done}");
    served
        .post(
            "/mappings/add",
            &format!("sku_id={sku}&amazon_sku=FBA-BULB-4PK&quantity=1"),
        )
        .is(422);
    let page = served.get("/mappings").is(200).body;
    assert!(
        page.contains("No order waits for a mapping") && page.contains("dana on the page"),
        "{page}"
    );
    shop.pass(70, 0);
    shop.poll();
    assert_eq!(shop.amazon_ids().len(), 1, "its order has gone");
    let asked = served
        .get(&format!(
            "/mappings/remove?column=tiktok_sku_id&key={sku}&amazon_sku=FBA-LAMP-BLK"
        ))
        .is(200)
        .body;
    assert!(asked.contains("Without that, its orders wait"), "{asked}");
    served
        .post(
            "/mappings/remove",
            &format!("column=tiktok_sku_id&key={sku}&amazon_sku=FBA-LAMP-BLK"),
        )
        .is(200);
    let page = served.get("/mappings").is(200).body;
    let import = page
        .split("/mappings/undo?import=")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("an import");
    let asked = served.get(&format!("/mappings/undo?import={import}")).is(200).body;
    assert!(
        asked.contains("would be taken back") && asked.contains("1 removed"),
        "{asked}"
    );
    served.post("/mappings/undo", &format!("import={import}")).is(303);
    let told = served.post("/mappings/undo", &format!("import={import}")).is(409).body;
    assert!(told.contains("is not the newest one that is in force"), "{told}");
    assert!(served.get("/mappings").is(200).body.contains("FBA-LAMP-BLK"));
}

#[test]
fn who_never_typed_a_command_reads_what_to_do_and_agrees_to_nothing_unasked() {
    const SECOND: &str = "576900000000000102";
    let shop = TestShop::of(&[OrderKind::BadAddress, OrderKind::Sample]);
    shop.configure("[routing]\nsamples = \"flag\"\n");
    shop.poll();
    let served = Served::of(&shop);
    let page = served.get(&format!("/orders/{FIRST}")).is(200).body;
    assert!(page.contains("What to do: ask the buyer"), "{page}");
    assert!(
        page.contains("Check it again") && !page.contains("Route it now"),
        "one way, and what it does: {page}"
    );
    let shown = served.post(&format!("/orders/{FIRST}/route"), "").is(200).body;
    assert!(
        shown.contains("What to do: ask the buyer") && !shown.contains(".."),
        "{shown}"
    );
    let doubt = format!("/orders/{SECOND}/route?accept=sample");
    let asked = served.get(&doubt).is(200).body;
    assert!(
        asked.contains("send it although it is a sample") && asked.contains("required") && !asked.contains("checked"),
        "{asked}"
    );
    let planned = served
        .post(&format!("/orders/{SECOND}/route"), "accept=sample")
        .is(200)
        .body;
    assert!(planned.contains("By your word, although it is a sample"), "{planned}");
    served.post(&format!("/orders/{FIRST}/hold"), "").is(200);
    let held = served.get(&format!("/orders/{FIRST}")).is(200).body;
    assert!(held.contains("Release") && !held.contains("Check it again"), "{held}");
    assert!(
        served
            .get(&format!("/orders/{FIRST}/buyer"))
            .is(405)
            .body
            .contains("To the board")
    );
}

#[test]
fn routing_shows_first_what_would_be_sent_and_then_sends_it_once() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    let served = Served::of(&shop);
    let address = format!("/orders/{FIRST}/route");
    assert!(served.get(&address).is(200).body.contains("Show what would be sent"));
    let before = shop.amazon_ids().len();
    let planned = served.post(&address, "speed=Expedited&because=urgent").is(200).body;
    assert!(
        planned.contains("at the speed") && planned.contains("Expedited") && planned.contains("Send it now"),
        "{planned}"
    );
    assert_eq!(shop.amazon_ids().len(), before, "nothing is sent by looking");
    let sent = served
        .post(&address, "speed=Expedited&because=urgent&send=1")
        .is(200)
        .body;
    assert!(sent.contains("routed"), "{sent}");
    assert_eq!(shop.amazon_ids(), [format!("TTS-{FIRST}")]);
    served.post(&address, "send=1").is(200);
    assert_eq!(shop.amazon_ids().len(), 1, "I1");
    let history = shop.good(&["status", FIRST])["history"].to_string();
    assert!(history.contains("by dana: urgent (on the page)"), "{history}");
}

#[test]
fn a_pause_by_click_keeps_new_orders_back_until_the_click_that_ends_it() {
    let shop = TestShop::of(&[OrderKind::Plain]);
    let served = Served::of(&shop);
    served.post("/pause", "until=&because=stocktaking").is(303);
    assert!(served.get("/").is(200).body.contains("(stocktaking)"));
    assert!(shop.good(&["status"])["paused"]["because"] == "stocktaking");
    served.post("/pause", "until=nonsense").is(422);
    served.post("/resume", "").is(303);
    assert!(shop.good(&["status"])["paused"].is_null());
}
