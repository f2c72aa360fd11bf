//! The upgrade to a WebSocket (RFC 6455, section 4.2): as much of HTTP as it takes.

use sotto_protocol::frame::SUBPROTOCOL;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// A request for a WebSocket.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request<'a> {
    /// The access token.
    pub(super) token: &'a str,
    key: &'a str,
    /// Bytes of the request.
    pub(super) bytes: usize,
}

/// Reads the request that `input` begins with; `None` if it is not all there. What it lacks is empty.
pub(super) fn read(input: &[u8]) -> Option<Request<'_>> {
    let head = memchr::memmem::find(input, b"\r\n\r\n")?;
    let mut request = Request {
        token: "",
        key: "",
        bytes: head + 4,
    };
    let lines = str::from_utf8(input.get(..head)?)
        .unwrap_or_default()
        .split("\r\n");
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("authorization") {
            request.token = value.strip_prefix("Bearer ").unwrap_or_default();
        } else if name.eq_ignore_ascii_case("sec-websocket-key") {
            request.key = value;
        }
    }
    Some(request)
}

/// Writes the answer that opens the WebSocket.
pub(super) fn accept(request: &Request<'_>, out: &mut Vec<u8>) {
    let accept = derive_accept_key(request.key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: {accept}\r\nsec-websocket-protocol: {SUBPROTOCOL}\r\n\r\n"
    );
    out.extend_from_slice(answer.as_bytes());
}

/// Writes the answer to one who is not in the roster.
pub(super) fn refuse(out: &mut Vec<u8>) {
    out.extend_from_slice(b"HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_when_it_is_whole_and_its_key_answered_as_in_the_standards_example() {
        let text = b"GET /v1/ws HTTP/1.1\r\nHost: a:1\r\nsec-websocket-KEY: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                     Authorization: Bearer abc\r\n\r\nrest";
        let whole = text.len() - b"rest".len();
        assert_eq!(read(&text[..whole - 1]), None);
        let request = read(text).unwrap();
        assert_eq!((request.token, request.bytes), ("abc", whole));
        let mut answer = Vec::new();
        accept(&request, &mut answer);
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    }
}
