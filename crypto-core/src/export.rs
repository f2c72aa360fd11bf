//! Exports: a file with an account's history, which a passphrase opens.
//!
//! `beginning ‖ chunk 1 ‖ … ‖ chunk n`, where
//!
//! - `header = "sotto.export" ‖ version (1) ‖ salt (16 random bytes)`,
//! - `key = HKDF(Argon2id(passphrase, salt))`, with the cost of the account's password, which is fixed by the version: no file can ask
//!   for more,
//! - `beginning = header ‖ chunk 0`: chunk 0 is empty. It opens if the passphrase is right, so that a wrong one is told apart from
//!   a file that was altered or cut further on, and before anything of that is read.
//!
//! The chunks are those of STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse
//! Misuse-Resistance, 2015) over XChaCha20-Poly1305, as with [files](crate::file): each chunk's nonce has its number and whether it is
//! the last, and the header is authenticated with each. A chunk that was moved, left out, or taken from another export does not open,
//! nor does a file that was cut or that something was added to. The key is one export's alone, as the salt is, so the rest of the nonce
//! is zero.
//!
//! Both ways it is a stream: what is in memory is a chunk or two.

use crate::record::{self, PASSPHRASE_BYTES, PassphraseError};
use crate::{AccountRoot, Label, Secret, SecretBytes};
use aead_stream::{NewStream as _, Nonce, StreamBE32, StreamPrimitive as _};
use chacha20poly1305::aead::Payload;
use chacha20poly1305::{Key, XChaCha20Poly1305};
use core::fmt;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand_core::CryptoRng;
use sha2::Sha256;
use sotto_protocol::opaque::ARGON2ID_MEMORY_KIB;
use zeroize::{Zeroize as _, Zeroizing};

/// Characters of the shortest passphrase. Whoever has the file can try as many as their machines stretch.
pub const PASSPHRASE_CHARACTERS: usize = 12;
/// Bytes of content in every chunk but the first, which is empty, and the last.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// Bytes with which an export begins, and which say whether a passphrase opens it.
pub const BEGINNING_BYTES: usize = HEADER_BYTES + TAG_BYTES;

const MAGIC: &[u8; 12] = b"sotto.export";
const VERSION: u8 = 1;
const SALT_BYTES: usize = record::SALT_LENGTH;
const HEADER_BYTES: usize = MAGIC.len() + 1 + SALT_BYTES;
const TAG_BYTES: usize = 16;
const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;

/// An export cannot be made, or not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// The passphrase is shorter than [`PASSPHRASE_CHARACTERS`] or longer than [`PASSPHRASE_BYTES`]: choose another.
    #[error(
        "a passphrase has at least {PASSPHRASE_CHARACTERS} characters and at most {PASSPHRASE_BYTES} bytes"
    )]
    PassphraseLength,
    /// Argon2id's memory is not to be had: close something.
    #[error("{} MiB of memory are needed to stretch a passphrase", ARGON2ID_MEMORY_KIB / 1024)]
    OutOfMemory,
    /// It does not begin as an export does that this version knows.
    #[error("that is no export, or one of a newer version")]
    NotAnExport,
    /// It was sealed with another passphrase, or its beginning was altered.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// It was cut, or altered. What came before is as it was sealed.
    #[error("the export was cut or altered")]
    Damaged,
    /// It has more chunks than can be counted: more than 256 TiB.
    #[error("the export is too long")]
    TooLong,
}

/// Seals an export, from its beginning to its end.
pub struct ExportSealer {
    cipher: Cipher,
    /// Content that is not sealed yet: whether it is the last is not known.
    waiting: Zeroizing<Vec<u8>>,
}

impl ExportSealer {
    /// A new export, and the bytes that it begins with. Takes 64 MiB and some tenths of a second.
    ///
    /// `passphrase` is UTF-8. The caller has brought it into Unicode's form C.
    pub fn new(rng: &mut impl CryptoRng, passphrase: &str) -> Result<(Self, Vec<u8>), ExportError> {
        Self::begin(rng, |salt| stretched(passphrase, salt))
    }

    fn begin(
        rng: &mut impl CryptoRng,
        stretch: impl FnOnce(&[u8; SALT_BYTES]) -> Result<Secret<32>, ExportError>,
    ) -> Result<(Self, Vec<u8>), ExportError> {
        let mut header = Vec::with_capacity(BEGINNING_BYTES);
        header.extend_from_slice(MAGIC);
        header.push(VERSION);
        let mut salt = [0; SALT_BYTES];
        rng.fill_bytes(&mut salt);
        header.extend_from_slice(&salt);
        let mut cipher = Cipher::new(&stretch(&salt)?, &header);
        let mut beginning = header;
        cipher.seal(false, &[], &mut beginning)?;
        let sealer = Self {
            cipher,
            waiting: Zeroizing::new(Vec::with_capacity(CHUNK_BYTES)),
        };
        Ok((sealer, beginning))
    }

    /// Takes content, and gives the sealed bytes that come next in the file, which may be none.
    pub fn write(&mut self, content: &[u8]) -> Result<Vec<u8>, ExportError> {
        let mut sealed = Vec::new();
        let mut rest = content;
        while !rest.is_empty() {
            // A full chunk is sealed once it is known that it is not the last.
            if self.waiting.len() == CHUNK_BYTES {
                self.cipher.seal(false, &self.waiting, &mut sealed)?;
                wipe(&mut self.waiting);
            }
            let (part, after) = rest.split_at(rest.len().min(CHUNK_BYTES - self.waiting.len()));
            self.waiting.extend_from_slice(part);
            rest = after;
        }
        Ok(sealed)
    }

    /// The last bytes of the file.
    pub fn finish(mut self) -> Result<Vec<u8>, ExportError> {
        let mut sealed = Vec::new();
        self.cipher.seal(true, &self.waiting, &mut sealed)?;
        Ok(sealed)
    }
}

/// Opens an export, from its beginning to its end.
pub struct ExportOpener {
    cipher: Cipher,
    /// Sealed bytes that are not opened yet: whether they are the last is not known.
    waiting: Vec<u8>,
}

impl ExportOpener {
    /// The export that begins so, if this is its passphrase. Takes 64 MiB and some tenths of a second. `passphrase` as for
    /// [`ExportSealer::new`].
    pub fn new(passphrase: &str, beginning: &[u8; BEGINNING_BYTES]) -> Result<Self, ExportError> {
        Self::begin(beginning, |salt| stretched(passphrase, salt))
    }

    fn begin(
        beginning: &[u8; BEGINNING_BYTES],
        stretch: impl FnOnce(&[u8; SALT_BYTES]) -> Result<Secret<32>, ExportError>,
    ) -> Result<Self, ExportError> {
        let (header, check) = beginning.split_at(HEADER_BYTES);
        let salt = header
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.strip_prefix(&[VERSION]))
            .and_then(|salt| <&[u8; SALT_BYTES]>::try_from(salt).ok())
            .ok_or(ExportError::NotAnExport)?;
        let mut cipher = Cipher::new(&stretch(salt)?, header);
        let opened = cipher.open(false, check);
        opened.map_err(|_| ExportError::WrongPassphrase)?;
        Ok(Self {
            cipher,
            waiting: Vec::with_capacity(SEALED_CHUNK_BYTES),
        })
    }

    /// Takes the bytes that come next in the file, and gives the content that they have, as far as it is known to be whole.
    pub fn write(&mut self, sealed: &[u8]) -> Result<SecretBytes, ExportError> {
        let mut content = Zeroizing::new(Vec::with_capacity(self.waiting.len() + sealed.len()));
        let mut rest = sealed;
        while !rest.is_empty() {
            if self.waiting.len() == SEALED_CHUNK_BYTES {
                content.extend_from_slice(&self.cipher.open(false, &self.waiting)?);
                self.waiting.clear();
            }
            let room = SEALED_CHUNK_BYTES - self.waiting.len();
            let (part, after) = rest.split_at(rest.len().min(room));
            self.waiting.extend_from_slice(part);
            rest = after;
        }
        Ok(core::mem::take(&mut *content).into())
    }

    /// The file has ended: gives the last content, if it was to end there.
    pub fn finish(mut self) -> Result<SecretBytes, ExportError> {
        let mut content = self.cipher.open(true, &self.waiting)?;
        Ok(core::mem::take(&mut *content).into())
    }
}

/// Says of the blocks of an export that a device of the account wrote them.
///
/// Whoever has made somebody take a file and a passphrase from them could put words into the mouths of others: the passphrase alone is not
/// to be believed. `tag = HMAC-SHA-256(key, label ‖ 0x00 ‖ beginning ‖ number (8 bytes, big-endian) ‖ block)`, with a key of the account's
/// root. It is no signature: nobody can show to others by it that an account has this history.
pub struct ExportAuthenticator {
    key: Secret<32>,
    beginning: [u8; BEGINNING_BYTES],
}

/// Bytes of the tag of a block.
pub const BLOCK_TAG_BYTES: usize = 32;

impl ExportAuthenticator {
    /// Of the export that begins so, for the account with this root.
    #[must_use]
    pub fn new(root: &AccountRoot, beginning: &[u8; BEGINNING_BYTES]) -> Self {
        Self {
            key: root.export_key(),
            beginning: *beginning,
        }
    }

    /// The tag of the block with this number.
    #[must_use]
    pub fn tag(&self, number: u64, block: &[u8]) -> [u8; BLOCK_TAG_BYTES] {
        self.mac(number, block).finalize().into_bytes().into()
    }

    /// Whether a device of this account wrote this as the block with this number.
    #[must_use]
    pub fn verifies(&self, number: u64, block: &[u8], tag: &[u8; BLOCK_TAG_BYTES]) -> bool {
        self.mac(number, block).verify(tag.into()).is_ok()
    }

    #[allow(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn mac(&self, number: u64, block: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.expose()).expect("any length");
        mac.update(&Label::ExportBlock.prefix(&self.beginning));
        mac.update(&number.to_be_bytes());
        mac.update(block);
        mac
    }
}

/// Seals or opens chunks in their order.
struct Cipher {
    stream: StreamBE32<XChaCha20Poly1305>,
    /// Binds each chunk to the header.
    associated_data: Vec<u8>,
    /// The number of the next chunk.
    next: Option<u32>,
}

impl Cipher {
    fn new(stretched: &Secret<32>, header: &[u8]) -> Self {
        let secret = Label::Export.derive(stretched);
        let nonce = Nonce::<XChaCha20Poly1305, StreamBE32<XChaCha20Poly1305>>::default();
        let key: &Key = secret.expose().into();
        Self {
            stream: StreamBE32::new(key, &nonce),
            associated_data: Label::Export.prefix(header),
            next: Some(0),
        }
    }

    /// Appends the next chunk, sealed.
    fn seal(&mut self, is_last: bool, content: &[u8], to: &mut Vec<u8>) -> Result<(), ExportError> {
        let number = self.take_number().ok_or(ExportError::TooLong)?;
        let payload = Payload {
            msg: content,
            aad: &self.associated_data,
        };
        let sealed = self.stream.encrypt(number, is_last, payload);
        to.append(&mut sealed.map_err(|_| ExportError::TooLong)?);
        Ok(())
    }

    /// The content of the next chunk.
    fn open(&mut self, is_last: bool, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, ExportError> {
        let number = self.take_number().ok_or(ExportError::Damaged)?;
        let payload = Payload {
            msg: sealed,
            aad: &self.associated_data,
        };
        let opened = self.stream.decrypt(number, is_last, payload);
        Ok(Zeroizing::new(opened.map_err(|_| ExportError::Damaged)?))
    }

    const fn take_number(&mut self) -> Option<u32> {
        match self.next {
            Some(number) => {
                self.next = number.checked_add(1);
                Some(number)
            }
            None => None,
        }
    }
}

fn stretched(passphrase: &str, salt: &[u8; SALT_BYTES]) -> Result<Secret<32>, ExportError> {
    if passphrase.chars().count() < PASSPHRASE_CHARACTERS {
        return Err(ExportError::PassphraseLength);
    }
    record::stretched(passphrase.as_bytes(), salt).map_err(|error| match error {
        PassphraseError::TooLong => ExportError::PassphraseLength,
        PassphraseError::OutOfMemory => ExportError::OutOfMemory,
    })
}

/// Empties it, and leaves nothing of what was in it.
fn wipe(bytes: &mut Vec<u8>) {
    bytes.zeroize();
}

macro_rules! debug_as_name {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )+};
}
debug_as_name!(ExportSealer, ExportOpener, ExportAuthenticator);

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng as _;
    use sha2::Digest as _;
    use std::sync::LazyLock;

    const PASSPHRASE: &str = "correct horse battery";

    fn content(length: usize) -> Vec<u8> {
        (0..=250).cycle().take(length).collect()
    }

    /// In no time, as most of these tests are about the chunks.
    fn cheap(passphrase: &str, salt: &[u8; SALT_BYTES]) -> Secret<32> {
        Secret::from_bytes(Sha256::digest([passphrase.as_bytes(), salt].concat()).into())
    }

    /// Sealed in pieces of this length.
    fn seal_in(seed: u64, content: &[u8], piece: usize) -> Vec<u8> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let begun = ExportSealer::begin(&mut rng, |salt| Ok(cheap(PASSPHRASE, salt)));
        let (mut sealer, mut bytes) = begun.unwrap();
        for piece in content.chunks(piece) {
            bytes.extend(sealer.write(piece).unwrap());
        }
        bytes.extend(sealer.finish().unwrap());
        bytes
    }

    fn open_in(passphrase: &str, sealed: &[u8], piece: usize) -> Result<Vec<u8>, ExportError> {
        let (beginning, rest) = sealed.split_first_chunk().ok_or(ExportError::NotAnExport)?;
        let mut opener = ExportOpener::begin(beginning, |salt| Ok(cheap(passphrase, salt)))?;
        let mut content = Vec::new();
        for piece in rest.chunks(piece) {
            content.extend_from_slice(opener.write(piece)?.expose());
        }
        content.extend_from_slice(opener.finish()?.expose());
        Ok(content)
    }

    fn open(sealed: &[u8]) -> Result<Vec<u8>, ExportError> {
        open_in(PASSPHRASE, sealed, sealed.len())
    }

    /// Three chunks beside the first, the last of them short.
    static EXPORT: LazyLock<Vec<u8>> =
        LazyLock::new(|| seal_in(1, &content(2 * CHUNK_BYTES + 1000), 100_000));

    fn chunk(number: usize) -> core::ops::Range<usize> {
        let begins = |number: usize| BEGINNING_BYTES + (number - 1) * SEALED_CHUNK_BYTES;
        begins(number)..begins(number + 1).min(EXPORT.len())
    }

    #[test]
    fn what_was_sealed_opens_whatever_the_pieces_in_which_it_came() {
        for (length, piece) in [
            (0, 1),
            (1, 1),
            (CHUNK_BYTES - 1, 1000),
            (CHUNK_BYTES, 3 * CHUNK_BYTES),
            (CHUNK_BYTES + 1, CHUNK_BYTES),
            (3 * CHUNK_BYTES, 999),
        ] {
            let content = content(length);
            let sealed = seal_in(7, &content, piece);
            let chunks = length.div_ceil(CHUNK_BYTES).max(1);
            assert_eq!(sealed.len(), BEGINNING_BYTES + length + chunks * TAG_BYTES);
            assert_eq!(open_in(PASSPHRASE, &sealed, 777).unwrap(), content);
        }
    }

    #[test]
    fn another_passphrase_is_told_from_damage() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (sealer, beginning) = ExportSealer::new(&mut rng, PASSPHRASE).unwrap();
        let beginning = beginning.first_chunk().unwrap();
        let wrong = ExportOpener::new("correct horse batterY", beginning);
        assert_eq!(wrong.err(), Some(ExportError::WrongPassphrase));
        let mut opener = ExportOpener::new(PASSPHRASE, beginning).unwrap();
        let mut cut = sealer.finish().unwrap();
        cut.pop();
        assert_eq!(opener.write(&cut), Ok(SecretBytes::from(Vec::new())));
        assert_eq!(opener.finish(), Err(ExportError::Damaged));
    }

    #[test]
    fn what_was_cut_anywhere_does_not_open_to_its_end() {
        let ends = [chunk(1).start, chunk(1).end, chunk(2).end, EXPORT.len()];
        let within = ends
            .iter()
            .flat_map(|&end| [end - 1, end.saturating_sub(TAG_BYTES)]);
        let cuts = ends
            .iter()
            .copied()
            .chain(within)
            .filter(|&cut| cut < EXPORT.len());
        for cut in cuts.filter(|&cut| cut >= BEGINNING_BYTES) {
            assert_eq!(open(&EXPORT[..cut]), Err(ExportError::Damaged), "{cut}");
        }
    }

    #[test]
    fn what_comes_before_the_damage_is_given_and_nothing_after_it() {
        let mut altered = EXPORT.clone();
        altered[chunk(2).start] ^= 1;
        let beginning = altered.first_chunk().unwrap();
        let mut opener = ExportOpener::begin(beginning, |salt| Ok(cheap(PASSPHRASE, salt))).unwrap();
        let mut given = Vec::new();
        let mut outcome = Ok(());
        for piece in altered[BEGINNING_BYTES..].chunks(1000) {
            match opener.write(piece) {
                Ok(content) => given.extend_from_slice(content.expose()),
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
        }
        assert_eq!(outcome, Err(ExportError::Damaged));
        assert_eq!(given, content(CHUNK_BYTES));
    }

    #[test]
    fn chunks_that_were_swapped_repeated_left_out_or_added_do_not_open() {
        let beginning = &EXPORT[..BEGINNING_BYTES];
        let [one, two, three] = [1, 2, 3].map(|number| &EXPORT[chunk(number)]);
        let others = seal_in(2, &content(2 * CHUNK_BYTES + 1000), 100_000);
        for chunks in [
            vec![two, one, three],
            vec![one, one, three],
            vec![one, three],
            vec![two, three],
            vec![one, two, three, three],
            vec![one, two, three, &[0]],
            vec![one, &others[chunk(2)], three],
            vec![one, two, &others[chunk(3)]],
        ] {
            let altered = [&[beginning], chunks.as_slice()].concat().concat();
            assert_eq!(open(&altered), Err(ExportError::Damaged));
        }
    }

    #[test]
    fn one_bit_changed_anywhere_does_not_open() {
        let salt = MAGIC.len() + 1;
        for (at, expected) in [
            (0, ExportError::NotAnExport),
            (salt - 1, ExportError::NotAnExport),
            (salt, ExportError::WrongPassphrase),
            (HEADER_BYTES, ExportError::WrongPassphrase),
            (BEGINNING_BYTES, ExportError::Damaged),
            (chunk(2).start + 5, ExportError::Damaged),
            (EXPORT.len() - 1, ExportError::Damaged),
        ] {
            let mut altered = EXPORT.clone();
            altered[at] ^= 0x40;
            assert_eq!(open(&altered), Err(expected), "{at}");
        }
    }

    #[test]
    fn a_passphrase_that_is_too_short_or_too_long_is_refused_before_it_is_stretched() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let long = "x".repeat(PASSPHRASE_BYTES + 1);
        // Characters count, not bytes: eleven of these are 33 bytes.
        for passphrase in ["", "eleven char", "あいうえおかきくけこさ", &long] {
            let sealed = ExportSealer::new(&mut rng, passphrase);
            assert_eq!(sealed.err(), Some(ExportError::PassphraseLength));
            let opened = ExportOpener::new(passphrase, EXPORT.first_chunk().unwrap());
            assert_eq!(opened.err(), Some(ExportError::PassphraseLength));
        }
    }

    #[test]
    fn an_export_of_a_newer_version_is_none_that_this_one_knows() {
        let mut newer = EXPORT.clone();
        newer[MAGIC.len()] = VERSION + 1;
        assert_eq!(open(&newer), Err(ExportError::NotAnExport));
    }

    #[test]
    fn a_block_is_its_accounts_in_its_place_in_its_export_alone() {
        let beginning = EXPORT.first_chunk().unwrap();
        let other_beginning = seal_in(2, b"", 1);
        let root = AccountRoot::from_bytes([1; 32]);
        let authenticator = ExportAuthenticator::new(&root, beginning);
        let tag = authenticator.tag(5, b"a block");
        assert!(authenticator.verifies(5, b"a block", &tag));
        assert!(!authenticator.verifies(6, b"a block", &tag));
        assert!(!authenticator.verifies(5, b"a blocK", &tag));
        let elsewhere = ExportAuthenticator::new(&root, other_beginning.first_chunk().unwrap());
        assert!(!elsewhere.verifies(5, b"a block", &tag));
        let others = ExportAuthenticator::new(&AccountRoot::from_bytes([2; 32]), beginning);
        assert!(!others.verifies(5, b"a block", &tag));
    }

    #[test]
    fn neither_sealer_nor_opener_prints_what_it_holds() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let stretch = |salt: &[u8; SALT_BYTES]| Ok(cheap(PASSPHRASE, salt));
        let (sealer, beginning) = ExportSealer::begin(&mut rng, stretch).unwrap();
        let opener = ExportOpener::begin(beginning.first_chunk().unwrap(), stretch).unwrap();
        assert_eq!(format!("{sealer:?} {opener:?}"), "ExportSealer ExportOpener");
    }
}
