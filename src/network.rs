//! Which addresses of the internet protocol belong to a private network, and which no endpoint can have.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

/// Alibaba's, Oracle's and Azure's metadata services lie outside the link-local network.
const METADATA_V4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];

/// AWS', Google's and Scaleway's metadata services over IPv6.
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
];

/// Tells whether an address serves a machine's credentials, or is none that an endpoint can have.
#[must_use]
pub fn is_forbidden(address: IpAddr) -> bool {
    is_forbidden_itself(address) || is_forbidden_itself(embedded(address))
}

fn is_forbidden_itself(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_link_local()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_broadcast()
                || METADATA_V4.contains(&address)
        }
        IpAddr::V6(address) => {
            address.is_unicast_link_local()
                || address.is_unspecified()
                || address.is_multicast()
                || METADATA_V6.contains(&address)
        }
    }
}

/// Tells whether a host is written as an address that only an operator's leave opens: any of a private network but the plain loopback.
#[must_use]
pub fn needs_leave(host: &Host<&str>) -> bool {
    address_of(host).is_some_and(|address| is_private(address) && !address.is_loopback())
}

/// Returns the address that a host is written as.
#[must_use]
pub fn address_of(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
    }
}

/// Tells whether an address is reached from inside of a network only, this machine's own among them.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    let is_inside = match embedded(address) {
        IpAddr::V4(address) => {
            let [first, second, third, _] = address.octets();
            address.is_loopback()
                || address.is_private()
                || first == 0
                || first >= 240
                || (first == 100 && second & 0xc0 == 64)
                || (first, second, third) == (192, 0, 0)
                || (first == 198 && second & 0xfe == 18)
        }
        IpAddr::V6(address) => !is_of_the_internet(address),
    };
    is_inside || is_forbidden(address)
}

/// Only what the registries give out (2000::/3) lies outside: not this machine, not a site's own networks and translators
/// (64:ff9b:1::/48), and of those no tunnels such as Teredo's and nothing kept for tests and texts.
fn is_of_the_internet(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, second, ..] if second < 0x200 => false,
        [0x2001, 0xdb8, ..] => false,
        [0x3fff, second, ..] if second < 0x1000 => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// Returns the IPv4 address that an IPv6 one stands for: mapped, compatible, translated (64:ff9b::/96 and ::ffff:0:0:0/96), by 6to4
/// (2002::/16), or by a site's own tunnel (ISATAP).
fn embedded(address: IpAddr) -> IpAddr {
    let IpAddr::V6(wide) = address.to_canonical() else {
        return address.to_canonical();
    };
    let tail = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match wide.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => tail(high, low),
        [0, 0, 0, 0, 0xffff, 0, high, low] => tail(high, low),
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => tail(high, low),
        [0x2002, high, low, ..] => tail(high, low),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => tail(high, low),
        _ => IpAddr::V6(wide),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c30_no_spelling_of_a_private_address_passes() {
        for text in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "0.1.2.3",
            "169.254.169.254",
            "255.255.255.255",
            "::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "::ffff:10.0.0.1",
            "::10.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:a00:1::",
            "::ffff:127.0.0.1",
            "::",
            "ff02::1",
            "64:ff9b:1::1",
            "::2",
            "::ffff:0:10.0.0.1",
            "::ffff:0:127.0.0.1",
            "2002:7f00:1::",
            "2001:0:a00:1::",
            "2001:0:4136:e378:8000:63bf:f5ff:fffe",
            "fe80::5efe:10.0.0.1",
            "2606:4700::5efe:10.0.0.1",
            "2606:4700::200:5efe:10.0.0.1",
            "2001:db8::1",
            "3fff::1",
            "100::1",
            "4000::1",
            "fd20:ce::254",
            "168.63.129.16",
        ] {
            assert!(is_private(text.parse().expect("an address")), "C30: {text}");
        }
        for text in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.2.1",
            "2606:4700::1111",
            "64:ff9b::1.1.1.1",
            "2002:101:101::1",
            "2a00:1450:4001::200e",
            "2001:4860:4860::8888",
            "240e::1",
            "2606:4700::5efe:1.1.1.1",
        ] {
            assert!(!is_private(text.parse().expect("an address")), "C30: {text}");
        }
    }

    #[test]
    fn c12_no_form_of_a_metadata_address_is_opened_by_any_leave() {
        for text in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::",
            "::ffff:0:169.254.169.254",
            "2606:4700::5efe:169.254.169.254",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fd00:42::42",
            "100.100.100.200",
            "168.63.129.16",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "ff02::1",
            "fe80::5efe:10.0.0.1",
        ] {
            assert!(is_forbidden(text.parse().expect("an address")), "C12: {text}");
        }
        for text in ["10.0.0.1", "127.0.0.1", "fd00::1"] {
            assert!(!is_forbidden(text.parse().expect("an address")), "C30: {text}");
        }
    }
}
