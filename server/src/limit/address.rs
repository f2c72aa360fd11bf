//! Whose address it is: the peer's, or what proxies that are trusted say (RFC 7239, and its forerunner).

use crate::config::AddressRange;
use http::HeaderMap;
use http::header::FORWARDED;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// Who has opened the connection. In every request's extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerAddress(pub(crate) SocketAddr);

/// A client as limits know it: an IPv4 address, or an IPv6 network of 64 bits, which one customer has to themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The client behind a request: the last one in the chain of proxies that is not trusted. What stands before it in
    /// the headers is that client's own claim.
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[AddressRange]) -> Self {
        let is_trusted = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
        let mut client = peer;
        if is_trusted(peer) {
            for claimed in forwarded_for(headers).into_iter().rev() {
                // Something that is no address: whoever wrote it is as far as trust goes.
                let Some(claimed) = claimed else { break };
                client = claimed;
                if !is_trusted(claimed) {
                    break;
                }
            }
        }
        Self::from(client)
    }

    /// Whether it is this machine itself.
    pub(crate) fn is_loopback(self) -> bool {
        self.0.is_loopback()
    }
}

impl From<IpAddr> for ClientAddress {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) if !address.is_loopback() => {
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
            }
            address => address,
        })
    }
}

/// The addresses that proxies have written down, the last one last. `Forwarded` goes before `X-Forwarded-For`.
fn forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    if headers.contains_key(FORWARDED) {
        let elements = values(headers, FORWARDED.as_str());
        return elements.map(forwarded_element).collect();
    }
    values(headers, X_FORWARDED_FOR).map(address).collect()
}

fn values<'h>(headers: &'h HeaderMap, name: &'static str) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(name)
        .iter()
        // Unreadable as text: an element that is no address.
        .map(|value| value.to_str().unwrap_or("?"))
        .flat_map(|value| value.split(','))
}

/// The `for` of an element of `Forwarded`: `for=192.0.2.43;proto=https`, `for="[2001:db8::1]:4711"`.
fn forwarded_element(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut claimed = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    address(claimed.next()?.1)
}

/// An address with or without a port, brackets and quotes.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address.ip());
    }
    text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn client(peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let trusted = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"].map(|range| range.parse().unwrap());
        ClientAddress::of(peer.parse().unwrap(), &map, &trusted)
            .0
            .to_string()
    }

    #[test]
    fn the_client_is_the_last_that_is_not_trusted() {
        let xff = "x-forwarded-for";
        for (peer, headers, expected) in [
            ("192.0.2.1", vec![], "192.0.2.1"),
            // A stranger's header is a stranger's claim.
            ("192.0.2.1", vec![(xff, "198.51.100.7")], "192.0.2.1"),
            ("10.0.0.1", vec![(xff, "198.51.100.7")], "198.51.100.7"),
            ("10.0.0.1", vec![(xff, "1.2.3.4, 198.51.100.7")], "198.51.100.7"),
            (
                "10.0.0.1",
                vec![(xff, "198.51.100.7, 10.0.0.2,127.0.0.1")],
                "198.51.100.7",
            ),
            (
                "10.0.0.1",
                vec![(xff, "1.2.3.4"), (xff, "198.51.100.7")],
                "198.51.100.7",
            ),
            ("10.0.0.1", vec![(xff, "10.0.0.2")], "10.0.0.2"),
            ("10.0.0.1", vec![(xff, "198.51.100.7, unknown")], "10.0.0.1"),
            ("10.0.0.1", vec![(xff, "198.51.100.7:80")], "198.51.100.7"),
            (
                "10.0.0.1",
                vec![("forwarded", "for=1.2.3.4, For=\"198.51.100.7:47011\";proto=https")],
                "198.51.100.7",
            ),
            (
                "10.0.0.1",
                vec![("forwarded", "for=\"[2001:db8::17]\"")],
                "2001:db8::",
            ),
            (
                "10.0.0.1",
                vec![("forwarded", "for=_hidden"), (xff, "1.2.3.4")],
                "10.0.0.1",
            ),
            ("::ffff:10.0.0.1", vec![(xff, "198.51.100.7")], "198.51.100.7"),
        ] {
            assert_eq!(client(peer, &headers), expected, "{peer} {headers:?}");
        }
    }

    #[test]
    fn ipv6_clients_are_known_by_their_network() {
        assert_eq!(client("2001:db8:1:2:3:4:5:6", &[]), "2001:db8:1:2::");
        assert_eq!(client("::1", &[]), "::1");
        assert_eq!(client("::ffff:192.0.2.1", &[]), "192.0.2.1");
    }
}
