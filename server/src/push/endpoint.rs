//! To which addresses the server lets itself be sent. An endpoint is what a stranger says: it must not lead into the server's
//! own network.

use crate::config;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use sotto_protocol::limits;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The endpoint is none that this server sends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RefusedEndpoint {
    /// It is no URL that can be one.
    #[error("endpoint: an https URL of at most 1 KiB, without credentials")]
    Malformed,
    /// It names a host or a port that the operator does not allow, or an address that is not public.
    #[error("endpoint: not a push service that this server sends to")]
    NotAllowed,
}

/// Checks what of an endpoint can be checked without asking anybody. What its name leads to is checked by
/// [`PublicAddresses`] at each connection.
pub(crate) fn check(endpoint: &str, config: &config::Push) -> Result<Url, RefusedEndpoint> {
    if endpoint.len() > limits::PUSH_ENDPOINT_BYTES {
        return Err(RefusedEndpoint::Malformed);
    }
    let url = Url::parse(endpoint).map_err(|_| RefusedEndpoint::Malformed)?;
    if url.scheme() != "https"
        || !url.username().is_empty()
        || url.password().is_some()
        || url.fragment().is_some()
        || url.as_str().len() > limits::PUSH_ENDPOINT_BYTES
    {
        return Err(RefusedEndpoint::Malformed);
    }
    let host = url.host_str().ok_or(RefusedEndpoint::Malformed)?;
    let port = url.port_or_known_default().ok_or(RefusedEndpoint::Malformed)?;
    // However an address was written, the parser has put it into its usual form.
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    let is_private = address.is_some_and(|address| !is_public(address));
    if is_private && !config.allow_private_addresses || !config.allows(host, port) {
        return Err(RefusedEndpoint::NotAllowed);
    }
    Ok(url)
}

/// Resolves names to public addresses alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct PublicAddresses {
    /// To all addresses.
    pub(super) and_private: bool,
}

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        let and_private = self.and_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|address| and_private || is_public(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(io::Error::from(io::ErrorKind::PermissionDenied).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is of the public internet: none of those that IANA's registries of special purposes take out of it.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || matches!(
            (first, second, third),
            // This network; shared between carriers; protocols; 6to4 relays; benchmarks; multicast and reserved.
            (0 | 224..=255, ..) | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18 | 19, _)
        );
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let [first, second, third, fourth, fifth, sixth, ..] = address.segments();
    // A network that has IPv6 alone reaches IPv4 by this prefix (RFC 6052).
    if [first, second, third, fourth, fifth, sixth] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    let is_special = matches!(
        (first, second),
        // Protocols, with Teredo among them; documentation; 6to4.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x2002, _) | (0x3fff, 0..=0xfff)
    );
    // All of the public internet is in 2000::/3.
    (0x2000..=0x3fff).contains(&first) && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.1.2.3",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_endpoint_is_an_https_url_of_a_public_host() {
        let config = config::Push::default();
        for endpoint in [
            "https://push.example/a/b?c=d",
            "https://push.example:443/a",
            "https://1.1.1.1/a",
        ] {
            assert!(check(endpoint, &config).is_ok(), "{endpoint}");
        }
        let long = format!("https://push.example/{}", "a".repeat(limits::PUSH_ENDPOINT_BYTES));
        for endpoint in [
            "",
            "push.example",
            "http://push.example/",
            "ftp://push.example/",
            "https://",
            "file:///etc/passwd",
            "https://user@push.example/",
            "https://user:word@push.example/",
            "https://push.example/#a",
            &long,
        ] {
            assert_eq!(
                check(endpoint, &config),
                Err(RefusedEndpoint::Malformed),
                "{endpoint}"
            );
        }
        for endpoint in [
            "https://push.example:8443/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://10.0.0.1/",
            // However an address is written.
            "https://2130706433/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://[::ffff:127.0.0.1]/",
        ] {
            assert_eq!(
                check(endpoint, &config),
                Err(RefusedEndpoint::NotAllowed),
                "{endpoint}"
            );
        }
    }

    #[test]
    fn an_operator_says_which_hosts_and_whether_private_ones() {
        let of = |hosts: &[&str], allow_private_addresses| config::Push {
            hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
            allow_private_addresses,
            ..config::Push::default()
        };
        let config = of(
            &[
                "push.example",
                "*.notify.example",
                "other.example:8443",
                "10.0.0.1",
            ],
            false,
        );
        for (endpoint, is_allowed) in [
            ("https://push.example/", true),
            ("https://PUSH.example/", true),
            ("https://push.example:8443/", false),
            ("https://a.push.example/", false),
            ("https://a.notify.example/", true),
            ("https://notify.example/", false),
            ("https://anotify.example/", false),
            ("https://other.example:8443/", true),
            ("https://other.example/", false),
            ("https://10.0.0.1/", false),
        ] {
            assert_eq!(check(endpoint, &config).is_ok(), is_allowed, "{endpoint}");
        }
        let config = of(&[], true);
        for endpoint in [
            "https://127.0.0.1:7000/",
            "https://[fd00::1]/",
            "https://push.example:1/",
        ] {
            assert!(check(endpoint, &config).is_ok(), "{endpoint}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_not_resolved() {
        let resolve = async |and_private| {
            let name = "localhost".parse().unwrap();
            PublicAddresses { and_private }.resolve(name).await.is_ok()
        };
        assert!(!resolve(false).await);
        assert!(resolve(true).await);
    }
}
