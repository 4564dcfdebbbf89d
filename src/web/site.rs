//! Under which names this page is asked for, and which requests come from its own pages: against rebinding and forgery.

use std::net::SocketAddr;
use std::path::Path;

use sha2::{Digest, Sha256};
use url::Url;

use super::asked::{Heads, Method};

/// Who we are to a browser.
#[derive(Debug)]
pub struct Site {
    /// Every `Host` that means us.
    hosts: Vec<String>,
    /// The pages whose forms are ours.
    origins: Vec<String>,
    /// Where a person begins, without a slash at its end.
    home: String,
    /// The name of the cookie, and what else belongs to it.
    cookie: String,
    is_secure: bool,
}

impl Site {
    /// Names the page that listens there. `public` is where a proxy shows it.
    pub fn new(listening: SocketAddr, public: Option<&Url>, database: &Path) -> Self {
        let port = listening.port();
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "[::1]".to_owned()];
        let own = (!listening.ip().is_unspecified()).then(|| host_of(listening, port));
        let mut hosts: Vec<String> = names.iter().flat_map(|name| with_port(name, port)).collect();
        hosts.extend(own.iter().flat_map(|name| with_port(name, port)));
        let mut origins: Vec<String> = hosts.iter().map(|host| format!("http://{host}")).collect();
        let home = match public {
            Some(url) => {
                let origin = url.origin().ascii_serialization();
                hosts.extend(origin.split_once("://").map(|(_, host)| host.to_owned()));
                origins.push(origin.clone());
                origin
            }
            None => format!("http://{}:{port}", own.unwrap_or_else(|| "localhost".to_owned())),
        };
        Self {
            hosts,
            origins,
            cookie: cookie_of(database),
            is_secure: home.starts_with("https://"),
            home,
        }
    }

    /// Returns where a person begins, without a slash at its end.
    pub fn home(&self) -> &str {
        &self.home
    }

    /// Returns the line that gives a browser its session.
    pub fn cookie_line(&self, value: &str) -> String {
        let secure = if self.is_secure { "; Secure" } else { "" };
        format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}", self.cookie)
    }

    /// Returns the sessions that a browser names.
    pub fn cookies<'a>(&self, heads: &'a Heads) -> impl Iterator<Item = &'a str> {
        let named = heads.cookies.iter().filter_map(|cookie| cookie.split_once('='));
        named.filter(|(name, _)| *name == self.cookie).map(|(_, value)| value)
    }

    /// Says why a request is none of ours; `None` where it may go on.
    pub fn refusal(&self, method: Method, heads: &Heads, local: Option<SocketAddr>) -> Option<&'static str> {
        if !heads.host.as_deref().is_some_and(|host| self.is_ours(host, local)) {
            return Some("this address is not one that the page is served under");
        }
        let is_our_origin = heads
            .origin
            .as_ref()
            .map(|origin| self.origins.contains(origin) || is_local(origin, local));
        let may_pass = match method {
            Method::Post => may_change(heads.fetch_site.as_deref(), is_our_origin),
            Method::Get | Method::Head | Method::Other => may_look(heads, is_our_origin),
        };
        (!may_pass).then_some("the request comes from another page than this one")
    }

    /// An address in numbers can't be rebound: nobody but this machine answers to it.
    fn is_ours(&self, host: &str, local: Option<SocketAddr>) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        self.hosts.iter().any(|known| known == host)
            || local.is_some_and(|local| with_own_port(local).iter().any(|own| own == host))
    }
}

fn is_local(origin: &str, local: Option<SocketAddr>) -> bool {
    let host = origin.strip_prefix("http://").unwrap_or_default();
    local.is_some_and(|local| with_own_port(local).iter().any(|own| own == host))
}

fn with_own_port(local: SocketAddr) -> Vec<String> {
    with_port(&host_of(local, local.port()), local.port())
}

/// The address in the form of a `Host`, without its port.
fn host_of(address: SocketAddr, port: u16) -> String {
    let whole = SocketAddr::new(address.ip().to_canonical(), port).to_string();
    whole
        .rsplit_once(':')
        .map_or(whole.clone(), |(host, _)| host.to_owned())
}

/// A browser leaves out the port that goes without saying.
fn with_port(name: &str, port: u16) -> Vec<String> {
    let mut hosts = vec![format!("{name}:{port}")];
    if port == 80 {
        hosts.push(name.to_owned());
    }
    hosts
}

/// A change comes from a form of our own: the browser says so, or, where it is an old one, names our page.
fn may_change(fetch_site: Option<&str>, is_our_origin: Option<bool>) -> bool {
    match (fetch_site, is_our_origin) {
        (Some("same-origin"), is_ours) => is_ours != Some(false),
        (Some(_), _) => false,
        (None, is_ours) => is_ours == Some(true),
    }
}

/// Another page may link here; it may not build our pages into itself, nor ask for them behind a person's back.
fn may_look(heads: &Heads, is_our_origin: Option<bool>) -> bool {
    match heads.fetch_site.as_deref() {
        Some("same-origin" | "none") | None => is_our_origin != Some(false),
        Some("same-site" | "cross-site") => heads.fetch_mode.as_deref() == Some("navigate") && is_our_origin.is_none(),
        Some(_) => false,
    }
}

/// Browsers keep cookies by host alone: two shops on two ports of one machine must not throw each other out.
fn cookie_of(database: &Path) -> String {
    let whole = std::path::absolute(database).unwrap_or_else(|_| database.to_owned());
    let hash = Sha256::digest(whole.as_os_str().as_encoded_bytes());
    let name: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("mcf_{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(public: Option<&str>) -> Site {
        let public = public.map(|url| Url::parse(url).expect("a URL"));
        Site::new(
            "127.0.0.1:8484".parse().expect("an address"),
            public.as_ref(),
            Path::new("/shop/mcf.db"),
        )
    }

    fn heads(host: &str, fetch_site: Option<&str>, origin: Option<&str>) -> Heads {
        Heads {
            host: Some(host.to_owned()),
            origin: origin.map(str::to_owned),
            fetch_site: fetch_site.map(str::to_owned),
            fetch_mode: Some("navigate".to_owned()),
            ..Heads::default()
        }
    }

    #[test]
    fn only_the_hosts_that_mean_us_are_answered() {
        let (local, public) = (site(None), site(Some("https://orders.example")));
        for host in ["127.0.0.1:8484", "localhost:8484", "[::1]:8484", "localhost.:8484"] {
            let is_ours = host != "localhost.:8484";
            assert_eq!(
                local.refusal(Method::Get, &heads(host, None, None), None).is_none(),
                is_ours,
                "{host}"
            );
        }
        for host in [
            "evil.example",
            "evil.example:8484",
            "127.0.0.1",
            "127.0.0.1:80",
            "127.0.0.1.nip.io:8484",
            "orders.example",
            "",
        ] {
            assert!(
                local.refusal(Method::Get, &heads(host, None, None), None).is_some(),
                "{host}"
            );
        }
        assert!(local.refusal(Method::Get, &Heads::default(), None).is_some());
        assert!(
            public
                .refusal(Method::Get, &heads("orders.example", None, None), None)
                .is_none()
        );
        assert!(
            public
                .refusal(Method::Get, &heads("orders.example:8484", None, None), None)
                .is_some()
        );
        let there = Some("10.0.0.7:8484".parse().expect("an address"));
        assert!(
            public
                .refusal(Method::Get, &heads("10.0.0.7:8484", None, None), there)
                .is_none()
        );
        assert!(
            public
                .refusal(Method::Get, &heads("10.0.0.8:8484", None, None), there)
                .is_some()
        );
    }

    #[test]
    fn only_our_own_forms_change_anything() {
        let (ours, theirs) = ("http://127.0.0.1:8484", "http://evil.example");
        for (fetch_site, origin, may_change) in [
            (Some("same-origin"), Some(ours), true),
            (Some("same-origin"), None, true),
            (Some("same-origin"), Some(theirs), false),
            (Some("same-origin"), Some("null"), false),
            (Some("same-site"), Some(ours), false),
            (Some("cross-site"), Some(theirs), false),
            (Some("none"), None, false),
            (Some("nonsense"), Some(ours), false),
            (None, Some(ours), true),
            (None, Some("http://localhost:8484"), true),
            (None, Some("https://127.0.0.1:8484"), false),
            (None, Some("http://127.0.0.1:8485"), false),
            (None, Some("null"), false),
            (None, None, false),
        ] {
            let heads = heads("127.0.0.1:8484", fetch_site, origin);
            let passed = site(None).refusal(Method::Post, &heads, None).is_none();
            assert_eq!(passed, may_change, "{fetch_site:?} {origin:?}");
        }
    }

    #[test]
    fn another_page_may_link_here_and_no_more() {
        for (fetch_site, fetch_mode, may_look) in [
            (Some("cross-site"), Some("navigate"), true),
            (Some("same-site"), Some("navigate"), true),
            (Some("cross-site"), Some("no-cors"), false),
            (Some("cross-site"), Some("cors"), false),
            (Some("same-site"), None, false),
            (Some("none"), Some("navigate"), true),
            (Some("same-origin"), Some("cors"), true),
            (None, None, true),
        ] {
            let heads = Heads {
                fetch_mode: fetch_mode.map(str::to_owned),
                ..heads("127.0.0.1:8484", fetch_site, None)
            };
            let passed = site(None).refusal(Method::Get, &heads, None).is_none();
            assert_eq!(passed, may_look, "{fetch_site:?} {fetch_mode:?}");
        }
    }

    #[test]
    fn each_database_has_a_cookie_of_its_own_and_behind_https_it_is_secure() {
        let plain = site(None).cookie_line("x");
        assert!(
            plain.starts_with("mcf_") && plain.ends_with("=x; Path=/; HttpOnly; SameSite=Strict"),
            "{plain}"
        );
        assert!(
            site(Some("https://orders.example"))
                .cookie_line("x")
                .ends_with("; Secure")
        );
        assert_ne!(cookie_of(Path::new("/a/mcf.db")), cookie_of(Path::new("/b/mcf.db")));
        let sent = Heads {
            cookies: vec![
                "other=1".to_owned(),
                format!("{}=2", cookie_of(Path::new("/shop/mcf.db"))),
            ],
            ..Heads::default()
        };
        assert_eq!(site(None).cookies(&sent).collect::<Vec<_>>(), ["2"]);
    }
}
