//! The account's archive: its history as the server keeps it, for its new devices (design, section 4.9).
//!
//! Of each chat there is an *index*, which is replaced by each write, and *segments*, which are written once. Both are padded and
//! sealed with a key of the account's root, and bound to their place: the account, the chat, and the segment's id or the index's
//! revision. So the server can neither put one in another's place, nor show an index as a later one than it is. What it can do is
//! to show an earlier one; whoever has seen a later one knows, and digests tell whether one descends from another.

use crate::seal;
use crate::{AccountRoot, Label, Secret, SecretBytes, padding};
use core::fmt;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sotto_protocol::{AccountId, ChatId, SegmentId, limits};

/// Seals and opens the archive of an account.
pub struct ArchiveCipher {
    account: AccountId,
    key: Secret<32>,
}

/// Bytes of content that surely fit into an index or a segment, which have the same bound.
pub const ARCHIVED_BYTES: usize = 224 * 1024 - 1;
const _: () = assert!(padding::padded_length(ARCHIVED_BYTES) + seal::OVERHEAD <= limits::SEGMENT_BYTES);
const _: () = assert!(limits::SEGMENT_BYTES == limits::ARCHIVE_INDEX_BYTES);

/// SHA-256 of an index as it was sealed: tells two of the same revision apart.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexDigest([u8; 32]);

/// What was to be sealed is longer than [`ARCHIVED_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the content is too long for the archive")]
pub struct ArchivedTooLong;

/// It does not open: it is another account's, another's place, another revision, or it was altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it does not open with this account's key in this place")]
pub struct ArchiveDoesNotOpen;

impl ArchiveCipher {
    /// Of the account with this root.
    #[must_use]
    pub fn new(account: AccountId, root: &AccountRoot) -> Self {
        Self {
            account,
            key: root.archive_key(),
        }
    }

    /// Seals the index that has this revision once the server has it.
    pub fn seal_index(
        &self,
        rng: &mut impl CryptoRng,
        chat: ChatId,
        revision: u64,
        content: &[u8],
    ) -> Result<Vec<u8>, ArchivedTooLong> {
        self.seal(
            rng,
            Label::ArchiveIndex,
            &self.index_place(chat, revision),
            content,
        )
    }

    /// Opens what was sealed as the index of this chat and revision.
    pub fn open_index(
        &self,
        chat: ChatId,
        revision: u64,
        sealed: &[u8],
    ) -> Result<SecretBytes, ArchiveDoesNotOpen> {
        self.open(Label::ArchiveIndex, &self.index_place(chat, revision), sealed)
    }

    /// Seals a segment.
    pub fn seal_segment(
        &self,
        rng: &mut impl CryptoRng,
        chat: ChatId,
        segment: SegmentId,
        content: &[u8],
    ) -> Result<Vec<u8>, ArchivedTooLong> {
        self.seal(
            rng,
            Label::ArchiveSegment,
            &self.segment_place(chat, segment),
            content,
        )
    }

    /// Opens what was sealed as this segment of this chat.
    pub fn open_segment(
        &self,
        chat: ChatId,
        segment: SegmentId,
        sealed: &[u8],
    ) -> Result<SecretBytes, ArchiveDoesNotOpen> {
        self.open(Label::ArchiveSegment, &self.segment_place(chat, segment), sealed)
    }

    fn seal(
        &self,
        rng: &mut impl CryptoRng,
        label: Label,
        place: &[u8],
        content: &[u8],
    ) -> Result<Vec<u8>, ArchivedTooLong> {
        if content.len() > ARCHIVED_BYTES {
            return Err(ArchivedTooLong);
        }
        let mut padded = content.to_vec();
        padding::pad(&mut padded);
        let padded = SecretBytes::from(padded);
        Ok(seal::seal(rng, &self.key, label, place, padded.expose()))
    }

    fn open(&self, label: Label, place: &[u8], sealed: &[u8]) -> Result<SecretBytes, ArchiveDoesNotOpen> {
        let padded =
            seal::open(&self.key, label, place, sealed).map_err(|seal::DoesNotOpen| ArchiveDoesNotOpen)?;
        let content = padding::unpad(padded.expose()).ok_or(ArchiveDoesNotOpen)?;
        Ok(content.to_vec().into())
    }

    /// `account ‖ chat ‖ revision`, the revision as 8 bytes, big-endian.
    fn index_place(&self, chat: ChatId, revision: u64) -> Vec<u8> {
        [
            self.account.as_bytes().as_slice(),
            chat.as_bytes(),
            &revision.to_be_bytes(),
        ]
        .concat()
    }

    /// `account ‖ chat ‖ segment`.
    fn segment_place(&self, chat: ChatId, segment: SegmentId) -> Vec<u8> {
        [
            self.account.as_bytes().as_slice(),
            chat.as_bytes(),
            segment.as_bytes(),
        ]
        .concat()
    }
}

impl IndexDigest {
    /// Of a sealed index.
    #[must_use]
    pub fn of(sealed: &[u8]) -> Self {
        Self(Sha256::digest(sealed).into())
    }
}

impl fmt::Debug for IndexDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexDigest")
    }
}

impl fmt::Debug for ArchiveCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ArchiveCipher")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    const ACCOUNT: AccountId = AccountId::from_bytes([1; 16]);
    const CHAT: ChatId = ChatId::from_bytes([2; 16]);
    const SEGMENT: SegmentId = SegmentId::from_bytes([3; 16]);

    fn cipher() -> ArchiveCipher {
        ArchiveCipher::new(ACCOUNT, &AccountRoot::from_bytes([7; 32]))
    }

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(1)
    }

    #[test]
    fn an_index_opens_in_its_chat_and_as_its_revision_alone() {
        let sealed = cipher()
            .seal_index(&mut rng(), CHAT, 5, b"what there is")
            .unwrap();
        let opened = cipher().open_index(CHAT, 5, &sealed).unwrap();
        assert_eq!(opened.expose(), b"what there is");
        for (chat, revision) in [(CHAT, 4), (CHAT, 6), (ChatId::from_bytes([9; 16]), 5)] {
            let outcome = cipher().open_index(chat, revision, &sealed);
            assert_eq!(outcome.err(), Some(ArchiveDoesNotOpen));
        }
    }

    #[test]
    fn a_segment_opens_in_its_place_alone_and_with_its_accounts_key() {
        let sealed = cipher()
            .seal_segment(&mut rng(), CHAT, SEGMENT, b"what was said")
            .unwrap();
        let opened = cipher().open_segment(CHAT, SEGMENT, &sealed).unwrap();
        assert_eq!(opened.expose(), b"what was said");
        let elsewhere = cipher().open_segment(ChatId::from_bytes([9; 16]), SEGMENT, &sealed);
        assert!(elsewhere.is_err());
        let other = SegmentId::from_bytes([9; 16]);
        assert!(cipher().open_segment(CHAT, other, &sealed).is_err());
        for (account, root) in [([9; 16], [7; 32]), ([1; 16], [8; 32])] {
            let root = AccountRoot::from_bytes(root);
            let theirs = ArchiveCipher::new(AccountId::from_bytes(account), &root);
            assert!(theirs.open_segment(CHAT, SEGMENT, &sealed).is_err());
        }
    }

    #[test]
    fn a_segment_is_no_index() {
        // The places have different lengths, and the labels differ.
        let sealed = cipher().seal_segment(&mut rng(), CHAT, SEGMENT, b"").unwrap();
        assert!(cipher().open_index(CHAT, 0, &sealed).is_err());
    }

    #[test]
    fn lengths_are_told_in_steps() {
        let length = |content: &[u8]| {
            cipher()
                .seal_segment(&mut rng(), CHAT, SEGMENT, content)
                .unwrap()
                .len()
        };
        assert_eq!(length(&[0; 10_000]), length(&[0; 10_200]));
        assert!(length(&vec![0; ARCHIVED_BYTES]) <= limits::SEGMENT_BYTES);
        let too_long = cipher().seal_segment(&mut rng(), CHAT, SEGMENT, &vec![0; ARCHIVED_BYTES + 1]);
        assert_eq!(too_long, Err(ArchivedTooLong));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_is_altered_does_not_open(content in proptest::collection::vec(any::<u8>(), 0..400), at: usize, by in 1..=255_u8) {
            let mut sealed = cipher().seal_index(&mut rng(), CHAT, 1, &content).unwrap();
            let digest = IndexDigest::of(&sealed);
            let at = at % sealed.len();
            sealed[at] ^= by;
            prop_assert!(cipher().open_index(CHAT, 1, &sealed).is_err());
            prop_assert_ne!(IndexDigest::of(&sealed), digest);
        }
    }
}
