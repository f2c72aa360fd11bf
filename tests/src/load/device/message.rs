//! Messages that look like MLS from the outside (RFC 9420, section 6): the head that the server reads, and random bytes in the
//! place of ciphertext. The server cannot tell.

use sotto_protocol::{ChatId, Epoch};

/// Where messages go: a chat, in the epoch that it stays in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) chat: ChatId,
    pub(crate) epoch: Epoch,
}

impl Place {
    /// A chat that nobody has committed to since its creation.
    pub(crate) fn new(chat: ChatId) -> Self {
        Self {
            chat,
            epoch: Epoch(1),
        }
    }
}

const VERSION_MLS_10: [u8; 2] = [0, 1];
const PRIVATE_MESSAGE: [u8; 2] = [0, 2];
const APPLICATION: u8 = 1;

/// Random bytes that bodies are cut out of, at a different place each time.
#[derive(Debug)]
pub(crate) struct Bodies {
    pool: Vec<u8>,
    at: usize,
}

/// Bytes of the pool: a body of any size up to this has its place.
const POOL_BYTES: usize = 512 * 1024;

impl Bodies {
    pub(crate) fn new(rng: &mut impl rand_core::Rng) -> Self {
        let mut pool = vec![0; POOL_BYTES];
        rng.fill_bytes(&mut pool);
        Self { pool, at: 0 }
    }

    /// Random bytes, other than the last ones.
    pub(crate) fn cut(&mut self, bytes: usize) -> &[u8] {
        let bytes = bytes.min(self.pool.len());
        if self.at + bytes > self.pool.len() {
            // Another offset than in the last round.
            self.at = (self.at + bytes) % 61;
        }
        let body = self.pool.get(self.at..self.at + bytes).unwrap_or_default();
        self.at += bytes;
        body
    }
}

/// A `PrivateMessage` with application content, `bytes` long in all.
pub(crate) fn application(place: Place, bytes: usize, bodies: &mut Bodies, out: &mut Vec<u8>) {
    let begin = out.len();
    out.extend_from_slice(&VERSION_MLS_10);
    out.extend_from_slice(&PRIVATE_MESSAGE);
    group(place, out);
    out.push(APPLICATION);
    let head = out.len() - begin;
    out.extend_from_slice(bodies.cut(bytes.saturating_sub(head)));
}

fn group(place: Place, out: &mut Vec<u8>) {
    out.push(16);
    out.extend_from_slice(place.chat.as_bytes());
    out.extend_from_slice(&place.epoch.0.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_protocol::message_header::{ContentType, MessageForm, MessageHeader};

    #[test]
    fn the_servers_own_parser_takes_what_is_made_here() {
        let chat = ChatId::from_bytes([7; 16]);
        let mut bodies = Bodies::new(&mut rand_core::UnwrapErr(getrandom::SysRng));
        for _ in 0..10_000 {
            let mut message = Vec::new();
            application(
                Place {
                    chat,
                    epoch: Epoch(3),
                },
                300,
                &mut bodies,
                &mut message,
            );
            assert_eq!(message.len(), 300);
            let header = MessageHeader::read(&message).unwrap();
            assert_eq!((header.chat, header.epoch), (chat, Epoch(3)));
            assert_eq!(
                (header.form, header.content),
                (MessageForm::Private, ContentType::Application)
            );
        }
    }
}
