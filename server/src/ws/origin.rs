//! Which pages may open a WebSocket: browsers let every page try, so the server has to look (RFC 6455, section 10.2).

use crate::config::Web;
use http::HeaderMap;
use http::header::{HOST, ORIGIN};

/// Whether the request comes from no page, from one of ours, or from one that the configuration names.
pub(super) fn is_allowed(headers: &HeaderMap, config: &Web) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let own = headers.get(HOST).and_then(|host| host.to_str().ok());
    // A proxy may speak TLS for us, so the scheme does not tell; the host does.
    let host = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    let is_own = matches!((host, own), (Some(host), Some(own)) if host.eq_ignore_ascii_case(own));
    is_own || config.origins.iter().any(|allowed| allowed == origin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn allowed(origin: Option<&'static str>, host: &'static str, origins: &[&str]) -> bool {
        let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
        }
        let config = Web {
            origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            ..Web::default()
        };
        is_allowed(&headers, &config)
    }

    #[test]
    fn programs_and_the_servers_own_pages_may_connect() {
        assert!(allowed(None, "localhost:7700", &[]));
        assert!(allowed(Some("http://localhost:7700"), "localhost:7700", &[]));
        assert!(allowed(Some("https://chat.example.org"), "chat.example.org", &[]));
    }

    #[test]
    fn other_pages_may_not_unless_they_are_named() {
        for origin in [
            "http://localhost:5173",
            "https://evil.example",
            "null",
            "chat.example.org",
            "",
        ] {
            assert!(!allowed(Some(origin), "chat.example.org", &[]), "{origin}");
        }
        assert!(allowed(
            Some("http://localhost:5173"),
            "localhost:7700",
            &["http://localhost:5173"]
        ));
    }
}
