//! A bus message on the network: `version ‖ source ‖ counter ‖ sealed ‖ tag`.
//!
//! Sealed with XChaCha20-Poly1305 under the installation's key. The nonce is source ‖ counter: a source is a run of a node,
//! and it counts its messages, so no nonce is used twice and none needs randomness. The associated data is everything
//! before the sealed bytes and the destination: a message can be moved to no other subject.

use super::key::BusKey;
use super::node::NodeId;
use chacha20poly1305::{AeadInOut as _, KeyInit as _, Tag, XChaCha20Poly1305, XNonce};

/// The version of the form and of the messages in it. A node reads no other: nodes of two versions repair each other from
/// the database.
const VERSION: u8 = 1;
const TAG_BYTES: usize = 16;
const COUNTER_BYTES: usize = 8;
const NONCE_BYTES: usize = NodeId::LENGTH + COUNTER_BYTES;
const HEADER_BYTES: usize = 1 + NONCE_BYTES;

/// What sealing adds to a message.
pub(super) const OVERHEAD_BYTES: usize = HEADER_BYTES + TAG_BYTES;

/// For whom a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Destination {
    /// Every node.
    All,
    /// One node.
    Node(NodeId),
}

/// A message that one of the installation's nodes sealed for this destination.
pub(super) struct Opened {
    /// Who.
    pub(super) source: NodeId,
    /// Its how-manieth; of one source each is used once.
    pub(super) counter: u64,
    /// What it says.
    pub(super) plain: Vec<u8>,
}

/// Seals and opens bus messages.
pub(super) struct Seal {
    cipher: XChaCha20Poly1305,
}

impl Seal {
    pub(super) fn new(key: &BusKey) -> Self {
        Self {
            cipher: XChaCha20Poly1305::new(key.bytes().into()),
        }
    }

    /// A buffer for a message's plain bytes, with room for what goes before and after.
    pub(super) fn buffer(capacity: usize) -> Vec<u8> {
        let mut buffer = Vec::with_capacity(capacity + OVERHEAD_BYTES);
        buffer.resize(HEADER_BYTES, 0);
        buffer
    }

    /// Seals what was appended to a [`Self::buffer`]. `None` if it is larger than the cipher takes: 256 GiB.
    pub(super) fn seal(
        &self,
        mut buffer: Vec<u8>,
        source: NodeId,
        counter: u64,
        to: Destination,
    ) -> Option<Vec<u8>> {
        let header = header(source, counter);
        let (start, plain) = buffer.split_at_mut_checked(HEADER_BYTES)?;
        start.copy_from_slice(&header);
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce(source, counter), &associated(&header, to), plain.into())
            .ok()?;
        buffer.extend_from_slice(&tag);
        Some(buffer)
    }

    /// `None` if it was not sealed by a node of this installation for this destination, or is of another version.
    pub(super) fn open(&self, message: &[u8], to: Destination) -> Option<Opened> {
        let (header, sealed) = message.split_first_chunk::<HEADER_BYTES>()?;
        let (sealed, tag) = sealed.split_last_chunk::<TAG_BYTES>()?;
        let (version, rest) = header.split_first()?;
        let (source, counter) = rest.split_first_chunk::<{ NodeId::LENGTH }>()?;
        if *version != VERSION {
            return None;
        }
        let source = NodeId::from_bytes(*source);
        let counter = u64::from_be_bytes(counter.try_into().ok()?);
        let mut plain = sealed.to_vec();
        self.cipher
            .decrypt_inout_detached(
                &nonce(source, counter),
                &associated(header, to),
                plain.as_mut_slice().into(),
                &Tag::from(*tag),
            )
            .ok()?;
        Some(Opened {
            source,
            counter,
            plain,
        })
    }
}

fn header(source: NodeId, counter: u64) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    let fields = [VERSION]
        .into_iter()
        .chain(*source.as_bytes())
        .chain(counter.to_be_bytes());
    header
        .iter_mut()
        .zip(fields)
        .for_each(|(place, byte)| *place = byte);
    header
}

fn nonce(source: NodeId, counter: u64) -> XNonce {
    let mut nonce = [0; NONCE_BYTES];
    let fields = source.as_bytes().iter().copied().chain(counter.to_be_bytes());
    nonce
        .iter_mut()
        .zip(fields)
        .for_each(|(place, byte)| *place = byte);
    nonce.into()
}

fn associated(header: &[u8; HEADER_BYTES], to: Destination) -> Vec<u8> {
    let mut associated = header.to_vec();
    match to {
        Destination::All => associated.push(0),
        Destination::Node(node) => {
            associated.push(1);
            associated.extend_from_slice(node.as_bytes());
        }
    }
    associated
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: NodeId = NodeId::from_bytes([1; 16]);
    const TO: Destination = Destination::Node(NodeId::from_bytes([2; 16]));

    fn sealed(key: u8) -> Vec<u8> {
        let mut buffer = Seal::buffer(5);
        buffer.extend_from_slice(b"hello");
        Seal::new(&BusKey::from_bytes([key; 32]))
            .seal(buffer, SOURCE, 7, TO)
            .unwrap()
    }

    #[test]
    fn a_message_opens_for_its_destination_with_its_source_and_counter() {
        let message = sealed(1);
        assert_eq!(message.len(), 5 + OVERHEAD_BYTES);
        assert!(!message.windows(5).any(|window| window == b"hello"));
        let opened = Seal::new(&BusKey::from_bytes([1; 32]))
            .open(&message, TO)
            .unwrap();
        assert_eq!((opened.source, opened.counter), (SOURCE, 7));
        assert_eq!(opened.plain, b"hello");
    }

    #[test]
    fn a_message_with_any_bit_changed_cut_or_moved_does_not_open() {
        let seal = Seal::new(&BusKey::from_bytes([1; 32]));
        let message = sealed(1);
        for position in 0..message.len() {
            let mut changed = message.clone();
            changed[position] ^= 1;
            assert!(seal.open(&changed, TO).is_none(), "{position}");
            assert!(seal.open(&message[..position], TO).is_none(), "{position}");
        }
        assert!(seal.open(&message, Destination::All).is_none());
        let other = Destination::Node(NodeId::from_bytes([3; 16]));
        assert!(seal.open(&message, other).is_none());
        assert!(seal.open(&sealed(2), TO).is_none());
    }
}
