//! The opening handshake (RFC 6455, section 4.2), on the request's headers alone.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha1::{Digest as _, Sha1};

/// The version that we speak, and the only one there is.
pub const VERSION: &str = "13";
/// What the key is hashed with (RFC 6455, section 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const KEY_BYTES: usize = 16;

/// The request does not open a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoHandshake {
    /// It does not ask for it.
    #[error("This is a WebSocket: ask with `Connection: upgrade` and `Upgrade: websocket`.")]
    NoUpgrade,
    /// It speaks another version of the protocol.
    #[error("The WebSocket version has to be 13.")]
    Version,
    /// Its key is not 16 bytes in base64.
    #[error("`Sec-WebSocket-Key` has to be 16 bytes in base64.")]
    Key,
}

/// The headers of the answer that switches the protocol, if these are those of a request for a WebSocket.
pub fn accept(headers: &HeaderMap) -> Result<[(HeaderName, HeaderValue); 3], NoHandshake> {
    if !has_token(headers, CONNECTION, "upgrade") || !has_token(headers, UPGRADE, "websocket") {
        return Err(NoHandshake::NoUpgrade);
    }
    if headers
        .get(SEC_WEBSOCKET_VERSION)
        .is_none_or(|version| version != VERSION)
    {
        return Err(NoHandshake::Version);
    }
    let mut keys = headers.get_all(SEC_WEBSOCKET_KEY).iter();
    let (Some(key), None) = (keys.next(), keys.next()) else {
        return Err(NoHandshake::Key);
    };
    let decoded = BASE64_STANDARD.decode(key).map_err(|_| NoHandshake::Key)?;
    if decoded.len() != KEY_BYTES {
        return Err(NoHandshake::Key);
    }
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    let accept = HeaderValue::try_from(BASE64_STANDARD.encode(digest)).map_err(|_| NoHandshake::Key)?;
    Ok([
        (CONNECTION, HeaderValue::from_static("upgrade")),
        (UPGRADE, HeaderValue::from_static("websocket")),
        (SEC_WEBSOCKET_ACCEPT, accept),
    ])
}

/// Whether a header that is a list, over however many lines, has this token.
fn has_token(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The request of RFC 6455, section 1.3, with some headers replaced.
    fn request(replaced: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([
            (CONNECTION, HeaderValue::from_static("keep-alive, Upgrade")),
            (UPGRADE, HeaderValue::from_static("WebSocket")),
            (
                SEC_WEBSOCKET_KEY,
                HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ=="),
            ),
            (SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")),
        ]);
        for (name, value) in replaced {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn the_key_of_the_standards_example_gives_its_answer() {
        let answer = accept(&request(&[])).unwrap();
        let accepted = (
            SEC_WEBSOCKET_ACCEPT,
            HeaderValue::from_static("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        );
        assert!(answer.contains(&accepted), "{answer:?}");
    }

    #[test]
    fn a_request_that_is_not_for_a_websocket_is_told_what_is_missing() {
        let cases = [
            (CONNECTION, "keep-alive", NoHandshake::NoUpgrade),
            (UPGRADE, "h2c", NoHandshake::NoUpgrade),
            (SEC_WEBSOCKET_VERSION, "8", NoHandshake::Version),
            (SEC_WEBSOCKET_KEY, "", NoHandshake::Key),
            (SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25j", NoHandshake::Key),
            (SEC_WEBSOCKET_KEY, "not base64!!!!!!!!!!!!!!", NoHandshake::Key),
        ];
        for (name, value, expected) in cases {
            assert_eq!(accept(&request(&[(name, value)])), Err(expected), "{value}");
        }
        let mut twice = request(&[]);
        twice.append(
            SEC_WEBSOCKET_KEY,
            HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ=="),
        );
        assert_eq!(accept(&twice), Err(NoHandshake::Key));
    }
}
