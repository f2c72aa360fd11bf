//! Where a bot posts to.

use core::fmt;
use core::str::FromStr;
use reqwest::Url;
use std::net::IpAddr;

/// An address that is posted to: over TLS, or on this machine.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(pub(crate) Url);

/// The text is no address that can be posted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("webhooks are posted to an https address, or to an http address on this machine")]
pub struct InvalidEndpoint;

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url: Url = text.parse().map_err(|_| InvalidEndpoint)?;
        match url.scheme() {
            "https" if url.has_host() => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            _ => Err(InvalidEndpoint),
        }
    }
}

/// It may have a secret in its path: it is not printed.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint")
    }
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_this_machine_goes_over_tls() {
        for right in [
            "https://hooks.example.org/sotto?key=1",
            "http://127.0.0.1:8080/",
            "http://[::1]:8080/hook",
            "http://localhost/hook",
        ] {
            assert!(right.parse::<Endpoint>().is_ok(), "{right}");
        }
        for wrong in [
            "http://hooks.example.org/",
            "http://127.0.0.1.example.org/",
            "http://192.168.0.1/",
            "ftp://localhost/",
            "file:///etc/passwd",
            "hooks",
        ] {
            assert_eq!(wrong.parse::<Endpoint>(), Err(InvalidEndpoint), "{wrong}");
        }
    }
}
