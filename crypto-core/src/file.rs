//! Files: sealed in chunks, so that a part can be sent, read and checked without the rest.
//!
//! STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, 2015)
//! over XChaCha20-Poly1305: each chunk's nonce has its number and whether it is the last. A chunk that was moved, left out or
//! taken from another file does not open, nor does a file that was cut.
//!
//! The number of chunks says how long a file is only roughly: it is padded with zeros by Padmé (Nikitin et al.: Reducing
//! Metadata Leakage from Encrypted Files and Communication with PURBs, 2019), at a price of at most an eighth.

use crate::{Label, Secret};
use aead_stream::{NewStream as _, Nonce, StreamBE32, StreamPrimitive as _};
use chacha20poly1305::aead::Payload;
use chacha20poly1305::{Key, XChaCha20Poly1305};
use core::fmt;
use core::ops::Range;
use rand_core::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// Bytes of padded content in every chunk but the last.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// Bytes that sealing adds to a chunk.
pub const CHUNK_OVERHEAD: usize = 16;
/// The longest file, in bytes.
pub const FILE_BYTES: u64 = 1 << 40;

/// No file is padded to less: among the smallest ones a length would say most.
const PADDED_BYTES_MIN: u64 = 4 * 1024;

/// The secret of one file, which goes to whoever may read it. It must seal one content alone: another one under the same key
/// would show how the two differ.
#[derive(Clone, PartialEq, Eq)]
pub struct FileKey(pub(crate) Secret<32>);

/// A file cannot be sealed, or does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Longer than [`FILE_BYTES`].
    #[error("the file is longer than {FILE_BYTES} bytes")]
    TooLong,
    /// The file has no chunk of this number, or the content is not as long as the one of this number is.
    #[error("not the content of this chunk")]
    WrongChunk,
    /// Sealed by another key, of another place or file, or altered.
    #[error("the file is not as it was sealed")]
    DoesNotOpen,
}

impl FileKey {
    /// A new file's.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::generate(rng))
    }
}

/// The type's name alone.
impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey")
    }
}

/// For the inside of an encrypted message or a sealed record.
impl Serialize for FileKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.expose().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FileKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Zeroizing::new(<[u8; 32]>::deserialize(deserializer)?);
        Ok(Self(Secret::filled(|secret| *secret = *bytes)))
    }
}

/// Where a file's content is in its chunks, and its chunks in what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLayout {
    length: u64,
    padded: u64,
    chunks: u32,
}

impl FileLayout {
    /// Of a file with so many bytes.
    pub fn new(length: u64) -> Result<Self, FileError> {
        if length > FILE_BYTES {
            return Err(FileError::TooLong);
        }
        let padded = padme(length.max(PADDED_BYTES_MIN));
        let chunks = u32::try_from(padded.div_ceil(CHUNK_BYTES as u64)).map_err(|_| FileError::TooLong)?;
        Ok(Self {
            length,
            padded,
            chunks,
        })
    }

    /// Bytes of the content.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// How many chunks there are, at least one.
    #[must_use]
    pub const fn chunks(&self) -> u32 {
        self.chunks
    }

    /// Bytes of all sealed chunks.
    #[must_use]
    pub const fn sealed_length(&self) -> u64 {
        self.padded + self.chunks as u64 * CHUNK_OVERHEAD as u64
    }

    /// The chunk in which this byte of the content is.
    #[must_use]
    pub fn chunk_of(&self, offset: u64) -> Option<u32> {
        let chunk = (offset < self.length).then_some(offset / CHUNK_BYTES as u64)?;
        u32::try_from(chunk).ok()
    }

    /// Which bytes of the content are in this chunk; none are in one that is padding alone.
    #[must_use]
    pub fn content_range(&self, chunk: u32) -> Option<Range<u64>> {
        let start = self.start_of(chunk)?.min(self.length);
        Some(start..(start + CHUNK_BYTES as u64).min(self.length))
    }

    /// Which bytes of what is stored are this chunk.
    #[must_use]
    pub fn sealed_range(&self, chunk: u32) -> Option<Range<u64>> {
        let start = self.start_of(chunk)?;
        let overhead = CHUNK_OVERHEAD as u64;
        let sealed_start = start + u64::from(chunk) * overhead;
        let padded_bytes = (self.padded - start).min(CHUNK_BYTES as u64);
        Some(sealed_start..sealed_start + padded_bytes + overhead)
    }

    fn start_of(&self, chunk: u32) -> Option<u64> {
        (chunk < self.chunks).then(|| u64::from(chunk) * CHUNK_BYTES as u64)
    }
}

/// Seals and opens the chunks of one file, in any order.
pub struct FileCipher {
    stream: StreamBE32<XChaCha20Poly1305>,
    layout: FileLayout,
    /// Says how long the content is: it is the same file only with that.
    associated_data: Vec<u8>,
}

impl FileCipher {
    /// Of the file with this key and layout.
    #[must_use]
    pub fn new(key: &FileKey, layout: FileLayout) -> Self {
        let secret = Label::File.derive(&key.0);
        // The key is this file's alone, so the rest of the nonce need not be random.
        let nonce = Nonce::<XChaCha20Poly1305, StreamBE32<XChaCha20Poly1305>>::default();
        let cipher_key: &Key = secret.expose().into();
        Self {
            stream: StreamBE32::new(cipher_key, &nonce),
            layout,
            associated_data: Label::File.prefix(&layout.length.to_be_bytes()),
        }
    }

    /// The file's layout.
    #[must_use]
    pub const fn layout(&self) -> FileLayout {
        self.layout
    }

    /// Seals a chunk. `content` is what [`FileLayout::content_range`] says.
    pub fn seal(&self, chunk: u32, content: &[u8]) -> Result<Vec<u8>, FileError> {
        let expected = self.layout.content_range(chunk).ok_or(FileError::WrongChunk)?;
        let sealed = self.layout.sealed_range(chunk).ok_or(FileError::WrongChunk)?;
        if content.len() != chunk_bytes(&expected) {
            return Err(FileError::WrongChunk);
        }
        let length = chunk_bytes(&sealed);
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(content);
        bytes.resize(length - CHUNK_OVERHEAD, 0);
        self.stream
            .encrypt_in_place(chunk, self.is_last(chunk), &self.associated_data, &mut bytes)
            .map_err(|_| FileError::WrongChunk)?;
        Ok(bytes)
    }

    /// The content of a sealed chunk.
    pub fn open(&self, chunk: u32, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, FileError> {
        let content = self.layout.content_range(chunk).ok_or(FileError::WrongChunk)?;
        let payload = Payload {
            msg: sealed,
            aad: &self.associated_data,
        };
        let opened = self.stream.decrypt(chunk, self.is_last(chunk), payload);
        let mut opened = Zeroizing::new(opened.map_err(|_| FileError::DoesNotOpen)?);
        let length = chunk_bytes(&content);
        if opened.len() < length {
            return Err(FileError::DoesNotOpen);
        }
        opened.truncate(length);
        Ok(opened)
    }

    const fn is_last(&self, chunk: u32) -> bool {
        chunk + 1 == self.layout.chunks
    }
}

/// The type's name and the layout.
impl fmt::Debug for FileCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileCipher")
            .field("layout", &self.layout)
            .finish_non_exhaustive()
    }
}

/// How many bytes are in a range that is within one chunk.
#[allow(
    clippy::cast_possible_truncation,
    reason = "a chunk with its overhead has at most 65,552 bytes"
)]
const fn chunk_bytes(range: &Range<u64>) -> usize {
    (range.end - range.start) as usize
}

/// The least length, at least `length`, whose binary form has as many digits of precision as its exponent has digits.
const fn padme(length: u64) -> u64 {
    let exponent = length.ilog2();
    let precision = exponent.ilog2() + 1;
    let step = 1 << (exponent - precision);
    length.next_multiple_of(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_price_of_padding_is_at_most_an_eighth_and_lengths_are_few() {
        let mut lengths = BTreeSet::new();
        for length in (PADDED_BYTES_MIN..1 << 22).step_by(97) {
            let padded = padme(length);
            assert!(padded >= length && padded - length <= length / 8, "{length}");
            lengths.insert(padded);
        }
        // From 4 KiB a doubling has 16 of them, and from 64 KiB 32; beside those, the end of the last one.
        assert_eq!(lengths.len(), 4 * 16 + 6 * 32 + 1);
    }

    proptest! {
        #[test]
        fn chunks_follow_each_other_and_are_all_that_is_stored(length in 0..FILE_BYTES) {
            let layout = FileLayout::new(length).unwrap();
            let last = layout.chunks() - 1;
            for chunk in [0, last / 2, last] {
                let sealed = layout.sealed_range(chunk).unwrap();
                let next = layout.sealed_range(chunk + 1).map_or(layout.sealed_length(), |next| next.start);
                prop_assert_eq!(sealed.end, next);
                prop_assert!(sealed.end - sealed.start <= (CHUNK_BYTES + CHUNK_OVERHEAD) as u64);
            }
            prop_assert_eq!(layout.sealed_range(last + 1), None);
            prop_assert_eq!(layout.content_range(last).unwrap().end, length);
        }
    }
}
