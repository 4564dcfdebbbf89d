//! A request as the views see it.

use std::net::SocketAddr;

use hyper::header::{COOKIE, HOST, HeaderMap, HeaderName, ORIGIN};
use hyper::http::request::Parts;
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

/// What a request wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// To read; `HEAD` too, whose answer is sent without its body.
    Get,
    /// To read no more than the head.
    Head,
    /// To change something.
    Post,
    /// Something that no page takes.
    Other,
}

/// Where a request comes from, by its headers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heads {
    /// The host that was asked.
    pub host: Option<String>,
    /// The page that sent it.
    pub origin: Option<String>,
    /// How that page stands to this one, as the browser says.
    pub fetch_site: Option<String>,
    /// Whether it is a step to another page.
    pub fetch_mode: Option<String>,
    /// Whether nobody has asked for it yet.
    pub is_prefetch: bool,
    /// The cookies.
    pub cookies: Vec<String>,
}

/// A request.
#[derive(Debug)]
pub struct Asked {
    /// What it wants.
    pub method: Method,
    /// The path, decoded piece by piece; empty for the first page.
    pub path: Vec<String>,
    /// The path and query as they came.
    pub address: String,
    /// What stands behind the question mark.
    pub query: Vec<(String, String)>,
    /// What a form sends.
    pub form: Vec<(String, String)>,
    /// Where it comes from.
    pub heads: Heads,
    /// The address here that it came to.
    pub local: Option<SocketAddr>,
}

impl Asked {
    /// Takes a request's head apart.
    pub fn of(head: &Parts, local: Option<SocketAddr>) -> Self {
        let method = match head.method.as_str() {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "POST" => Method::Post,
            _ => Method::Other,
        };
        let query = head.uri.query().unwrap_or_default();
        let address = head.uri.path_and_query().map_or("/", |whole| whole.as_str());
        Self {
            method,
            path: pieces(head.uri.path()),
            address: address.to_owned(),
            query: pairs(query.as_bytes()),
            form: Vec::new(),
            heads: heads(&head.headers),
            local,
        }
    }

    /// Reads what a form sends.
    pub fn with_form(self, body: &[u8]) -> Self {
        Self {
            form: pairs(body),
            ..self
        }
    }

    /// Returns a value of the query; an empty one is none.
    pub fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// Returns a value of the form; an empty one is none.
    pub fn form(&self, name: &str) -> Option<&str> {
        first(&self.form, name)
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut found = pairs.iter().filter(|(key, _)| key == name);
    let value = found.next().map(|(_, value)| value.trim());
    value.filter(|value| !value.is_empty())
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

fn pieces(path: &str) -> Vec<String> {
    let pieces = path.trim_matches('/').split('/').filter(|piece| !piece.is_empty());
    pieces
        .map(|piece| percent_decode_str(piece).decode_utf8_lossy().into_owned())
        .collect()
}

fn heads(headers: &HeaderMap) -> Heads {
    let text = |name: HeaderName| {
        let value = headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_lowercase())
    };
    let named = |name: &'static str| text(HeaderName::from_static(name));
    let is_prefetch = |name| named(name).is_some_and(|purpose| purpose.contains("prefetch"));
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies = cookies.flat_map(|line| line.split(';'));
    Heads {
        host: text(HOST).filter(|_| headers.get_all(HOST).iter().count() == 1),
        origin: text(ORIGIN),
        fetch_site: named("sec-fetch-site"),
        fetch_mode: named("sec-fetch-mode"),
        is_prefetch: is_prefetch("sec-purpose") || is_prefetch("purpose"),
        cookies: cookies.map(|cookie| cookie.trim().to_owned()).collect(),
    }
}
