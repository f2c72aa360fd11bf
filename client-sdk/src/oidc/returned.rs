//! What comes back from the provider, in an address.

use crate::error::ClientError;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use sotto_protocol::Binary;
use sotto_protocol::rest::auth::Token;

/// What has to be known when somebody comes back.
#[derive(Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) login: Binary,
    pub(crate) state: String,
    pub(crate) verifier: Token,
}

/// The parameters of a good answer (RFC 6749, section 4.1.2; RFC 9207).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Returned {
    pub(crate) state: String,
    pub(crate) code: Token,
    pub(crate) iss: Option<String>,
}

impl Returned {
    /// Reads an address, or its query, to which the provider has sent the browser back, if it answers the login with this state.
    pub(crate) fn read(address: &str, state: &str) -> Result<Self, ClientError> {
        let query = address.split_once('?').map_or(address, |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let value = |wanted: &str| {
            let mut values = query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .filter(|(name, _)| *name == wanted)
                .map(|(_, value)| value.replace('+', " "));
            let first = values.next();
            // A parameter that is there twice says nothing (RFC 6749, section 3.1).
            let only = first.filter(|_| values.next().is_none());
            only.and_then(|value| Some(percent_decode_str(&value).decode_utf8().ok()?.into_owned()))
        };
        if value("state").as_deref() != Some(state) {
            return Err(ClientError::OidcRefused);
        }
        match value("error").as_deref() {
            Some("access_denied") => return Err(ClientError::Cancelled),
            Some(_) => return Err(ClientError::OidcRefused),
            None => {}
        }
        Ok(Self {
            state: state.to_owned(),
            code: Token::new(value("code").ok_or(ClientError::OidcRefused)?),
            iss: value("iss"),
        })
    }
}

/// Whether a browser may be sent there: to a page, and over a connection that nobody reads. Whoever could name another kind of address would have
/// it opened in the application's name.
pub(crate) fn is_address_of_a_page(address: &str) -> bool {
    const OWN_MACHINE: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];
    let is_own = |rest: &str| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        OWN_MACHINE.iter().any(|host| {
            let port = authority.strip_prefix(host);
            // Nobody's name and password stand there, in the form of a host and a port.
            port.is_some_and(|port| port.is_empty() || port.starts_with(':') && !port.contains('@'))
        })
    };
    !address
        .chars()
        .any(|character| character.is_control() || character == ' ')
        && (address.starts_with("https://") || address.strip_prefix("http://").is_some_and(is_own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_from_the_address_to_which_it_came() {
        let expected = || Returned {
            state: "a-b".to_owned(),
            code: Token::new("c d/e".to_owned()),
            iss: Some("https://id.example.org".to_owned()),
        };
        let query = "code=c+d%2Fe&state=a-b&iss=https%3A%2F%2Fid.example.org";
        for address in [
            query.to_owned(),
            format!("?{query}"),
            format!("https://chat.example.org/login/oidc?{query}#a"),
            format!("/login/oidc?{query}&session_state=x"),
        ] {
            assert_eq!(Returned::read(&address, "a-b").unwrap(), expected());
        }
    }

    #[test]
    fn what_answers_another_login_or_nothing_is_refused() {
        for (query, code) in [
            ("code=a&state=other", "oidc-refused"),
            ("code=a", "oidc-refused"),
            ("state=s", "oidc-refused"),
            ("code=a&code=b&state=s", "oidc-refused"),
            ("code=a&state=s&state=s", "oidc-refused"),
            ("error=server_error&state=s", "oidc-refused"),
            ("error=access_denied&state=s", "cancelled"),
            ("error=access_denied&state=other", "oidc-refused"),
            ("code=%ff&state=s", "oidc-refused"),
            ("", "oidc-refused"),
        ] {
            assert_eq!(Returned::read(query, "s").unwrap_err().code(), code, "{query}");
        }
    }

    #[test]
    fn a_browser_is_sent_to_pages_alone() {
        for address in [
            "https://id.example.org/authorize?a=b",
            "http://127.0.0.1:4000/authorize",
            "http://[::1]/authorize",
        ] {
            assert!(is_address_of_a_page(address), "{address}");
        }
        for address in [
            "javascript:alert(1)",
            "http://id.example.org/",
            "http://127.0.0.1.example.org/",
            "http://localhost@example.org/",
            "http://localhost:80@example.org/",
            "http://localhost\\@example.org/",
            "data:text/html,a",
            "//example.org",
            "https://a\nb",
            "",
        ] {
            assert!(!is_address_of_a_page(address), "{address}");
        }
    }
}
