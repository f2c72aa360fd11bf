//! As much of a WebSocket client (RFC 6455) as a generator needs: the upgrade, whole binary messages, pings.

use super::super::engine::Failure;
use sotto_protocol::Problem;

/// The bit that says that a frame is masked.
const MASKED: u8 = 0x80;
/// In place of a length: it comes in the next two bytes, or in the next eight.
const TWO_BYTES: u8 = 0x7e;
const EIGHT_BYTES: u8 = 0x7f;

/// Asks for the upgrade.
pub(crate) fn ask(host: &str, token: &str, out: &mut Vec<u8>) {
    let request = format!(
        "GET /v1/ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         Sec-WebSocket-Protocol: sotto.v1\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    out.extend_from_slice(request.as_bytes());
}

/// Reads the answer to the upgrade: how long it is, or `None` if it is not all there.
pub(crate) fn answered(input: &[u8]) -> Result<Option<usize>, Failure> {
    let Some(head) = memchr::memmem::find(input, b"\r\n\r\n") else {
        return Ok(None);
    };
    if input.starts_with(b"HTTP/1.1 101 ") {
        return Ok(Some(head + 4));
    }
    let body = input.get(head + 4..).unwrap_or_default();
    if let Ok(problem) = serde_json::from_slice::<Problem>(body) {
        return Err(Failure::Said(problem.code.to_string()));
    }
    let status = input.get(9..12).unwrap_or_default();
    Err(Failure::Said(format!("HTTP {}", String::from_utf8_lossy(status))))
}

/// A frame from the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    /// A whole binary message.
    Binary(&'a [u8]),
    /// To be answered by a pong with the same content.
    Ping(&'a [u8]),
    /// The answer to a ping of ours: we send none.
    Pong,
    /// The server closes.
    Close,
}

/// Reads the first frame of `input`, and says how many bytes it takes. `None` if it is not all there.
pub(crate) fn read(input: &[u8]) -> Result<Option<(Frame<'_>, usize)>, Failure> {
    let &[first, second, ref rest @ ..] = input else {
        return Ok(None);
    };
    if second & MASKED != 0 {
        return Err(Failure::Malformed("a masked frame from the server"));
    }
    let (length, head) = match second {
        TWO_BYTES => match rest.first_chunk::<2>() {
            Some(length) => (usize::from(u16::from_be_bytes(*length)), 4),
            None => return Ok(None),
        },
        EIGHT_BYTES => match rest.first_chunk::<8>() {
            Some(length) => (
                usize::try_from(u64::from_be_bytes(*length)).unwrap_or(usize::MAX),
                10,
            ),
            None => return Ok(None),
        },
        short => (usize::from(short), 2),
    };
    let Some(payload) = input.get(head..).and_then(|rest| rest.get(..length)) else {
        return Ok(None);
    };
    let frame = match first {
        0x82 => Frame::Binary(payload),
        0x89 => Frame::Ping(payload),
        0x8a => Frame::Pong,
        0x88 => Frame::Close,
        _ => return Err(Failure::Malformed("a frame of a kind that was not expected")),
    };
    Ok(Some((frame, head + length)))
}

/// Writes a binary message, masked.
pub(crate) fn binary(payload: &[u8], mask: u32, out: &mut Vec<u8>) {
    write(0x82, payload, mask, out);
}

/// Writes the answer to a ping, masked.
pub(crate) fn pong(payload: &[u8], mask: u32, out: &mut Vec<u8>) {
    write(0x8a, payload, mask, out);
}

fn write(first: u8, payload: &[u8], mask: u32, out: &mut Vec<u8>) {
    out.push(first);
    let length = payload.len();
    if length < 126 {
        out.push(MASKED | u8::try_from(length).unwrap_or_default());
    } else if let Ok(length) = u16::try_from(length) {
        out.push(MASKED | TWO_BYTES);
        out.extend_from_slice(&length.to_be_bytes());
    } else {
        out.push(MASKED | EIGHT_BYTES);
        out.extend_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
    }
    let mask = mask.to_ne_bytes();
    out.extend_from_slice(&mask);
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks::<8>();
    for word in words {
        out.extend_from_slice(&(u64::from_ne_bytes(*word) ^ wide).to_ne_bytes());
    }
    out.extend(
        rest.iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a server makes of a client's frame.
    fn unmasked(frame: &[u8]) -> Vec<u8> {
        let head = match frame[1] & 0x7f {
            126 => 4,
            127 => 10,
            _ => 2,
        };
        let mask = &frame[head..head + 4];
        let payload = frame[head + 4..].iter().zip(mask.iter().cycle());
        payload.map(|(byte, mask)| byte ^ mask).collect()
    }

    #[test]
    fn a_message_of_any_length_can_be_unmasked() {
        for length in [0, 1, 7, 8, 9, 125, 126, 300, 65_535, 65_536] {
            let payload: Vec<u8> = (0..length).map(|place: u32| place.to_le_bytes()[0]).collect();
            let mut frame = Vec::new();
            binary(&payload, 0x1234_5678, &mut frame);
            assert_eq!(unmasked(&frame), payload, "{length}");
        }
    }

    #[test]
    fn a_frame_is_read_when_it_is_whole_and_not_before() {
        let mut frame = vec![0x82, 126, 1, 44];
        frame.extend([7; 300]);
        for length in 0..frame.len() {
            assert_eq!(read(&frame[..length]), Ok(None));
        }
        frame.push(0x82);
        assert_eq!(read(&frame), Ok(Some((Frame::Binary(&[7; 300]), 304))));
    }

    #[test]
    fn a_refused_upgrade_says_which_problem_it_is() {
        let body = r#"{"type":"about:blank","title":"Log in first.","status":401,"code":"unauthenticated"}"#;
        let answer =
            format!("HTTP/1.1 401 Unauthorized\r\ncontent-type: application/problem+json\r\n\r\n{body}");
        assert_eq!(
            answered(answer.as_bytes()),
            Err(Failure::Said("unauthenticated".to_owned()))
        );
        assert_eq!(answered(b"HTTP/1.1 101 Switching Protocols\r\n"), Ok(None));
        assert_eq!(answered(b"HTTP/1.1 101 S\r\n\r\nrest"), Ok(Some(18)));
    }
}
