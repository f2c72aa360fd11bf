//! `[web]`: the web app, and the pages that may use the interface.

use super::InvalidValue;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The web app, and the pages that may use the interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// Serves this folder instead of the web app in the binary: for its developers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<PathBuf>,
    /// Origins, such as `https://chat.example.org`, whose pages may open a WebSocket beside the server's own. Needed
    /// behind a proxy that changes the `Host` header.
    pub origins: Vec<String>,
    /// Where browsers find this server: `https://chat.example.org`. For links that the command line prints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
}

impl Web {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        for origin in &self.origins {
            if !is_origin(origin) {
                return Err(InvalidValue::new(
                    "web.origins",
                    format!("expected scheme://host[:port] in lower case, not {origin:?}"),
                ));
            }
        }
        if let Some(url) = self.public_url.as_ref().filter(|url| !is_origin(url)) {
            return Err(InvalidValue::new(
                "web.public_url",
                format!("expected scheme://host[:port] in lower case, not {url:?}"),
            ));
        }
        Ok(())
    }
}

/// An origin as browsers write it (RFC 6454, section 6.2).
pub(super) fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<http::Uri>() else {
        return false;
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return false;
    };
    let written = format!("{scheme}://{authority}");
    matches!(scheme, "http" | "https")
        && text == written
        && text == written.to_ascii_lowercase()
        && !text.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_as_browsers_write_them() {
        for origin in [
            "https://chat.example.org",
            "http://localhost:5173",
            "http://[::1]:80",
        ] {
            assert!(is_origin(origin), "{origin}");
        }
        for other in [
            "chat.example.org",
            "https://chat.example.org/",
            "https://Chat.example.org",
            "ftp://example.org",
            "https://a@example.org",
            "*",
            "",
        ] {
            assert!(!is_origin(other), "{other}");
        }
    }
}
