//! What a client says to each of the peers.

mod mqtt;
mod nats;
mod stanza;
mod xmpp;

pub(super) use mqtt::{MqttSession, QualityOfService};
pub(super) use nats::NatsSession;
pub(super) use xmpp::{PASSWORD, XmppSession, user};

use crate::load::engine::Stamp;

/// What all clients of a run have in common.
#[derive(Debug)]
pub(super) struct Habits {
    /// Which run.
    pub(super) run: u16,
    /// Bytes of a body.
    pub(super) payload: usize,
}

/// Whose client it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    /// The pair, by its place among all pairs.
    pub(super) pair: usize,
    /// Whether it sends or receives.
    pub(super) sends: bool,
}

/// A stamp as 32 characters.
fn to_hex(stamp: Stamp) -> [u8; 2 * Stamp::BYTES] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
    let mut text = [0; 2 * Stamp::BYTES];
    for (byte, [high, low]) in stamp.to_bytes().into_iter().zip(text.as_chunks_mut::<2>().0) {
        *high = digit(byte >> 4);
        *low = digit(byte & 0xf);
    }
    text
}

/// The stamp that these characters are, if they are one.
fn from_hex(text: &[u8]) -> Option<Stamp> {
    let (pairs, []) = text.as_chunks::<2>() else {
        return None;
    };
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; Stamp::BYTES];
    if pairs.len() != bytes.len() {
        return None;
    }
    for (byte, &[high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = nibble(high)? << 4 | nibble(low)?;
    }
    Some(Stamp::from_bytes(bytes))
}

/// A body that begins with the stamp.
fn body(stamp: Stamp, bytes: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&stamp.to_bytes());
    out.resize(out.len() + bytes.saturating_sub(Stamp::BYTES), b'.');
}

/// The stamp at the beginning of a body.
fn stamp_of(body: &[u8]) -> Option<Stamp> {
    body.first_chunk().copied().map(Stamp::from_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_survives_its_way_through_text() {
        let stamp = Stamp {
            run: 0xfedc,
            sender: 1,
            number: 0x89ab_cdef,
            intended: 0x0123_4567_89ab_cdef,
        };
        assert_eq!(from_hex(&to_hex(stamp)), Some(stamp));
        assert_eq!(from_hex(b"nothing"), None);
        assert_eq!(from_hex(b"ab"), None);
    }
}
