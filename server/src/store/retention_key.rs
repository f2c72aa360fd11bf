//! Keys of timed payloads: how a payload vanishes from places that nobody can overwrite.
//!
//! No database overwrites all that it ever wrote. PostgreSQL leaves an erased payload in its page until the room is used
//! again, in the write-ahead log until its segment is, in a standby and in a backup for as long as they are. SQLite leaves
//! copies in the gaps of pages when it moves rows. So a timed payload is sealed before it is stored, with a key that it
//! shares with those that end at nearly the same time; when the last of them is over the key is destroyed, and the small
//! table of keys is written anew.

use super::{StoreError, Submission};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};
use sotto_protocol::{Retention, SegmentId, Timestamp};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

const NONCE_BYTES: usize = 24;
/// Milliseconds that the narrowest bucket spans.
const NARROWEST: u64 = 10_000;
/// Milliseconds that the widest bucket spans: a day, nearly.
const WIDEST: u64 = NARROWEST << 13;
/// How much shorter than the time itself a bucket is at least, if it is not the narrowest.
const FINENESS: u64 = 32;

/// Timed payloads that have a key in common: those that end in the `width` milliseconds before `ends_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Bucket {
    pub(super) ends_at: i64,
    pub(super) width: i64,
}

impl Bucket {
    /// The bucket of an entry accepted at this time and kept so many seconds.
    pub(super) fn of(at: Timestamp, seconds: u32) -> Self {
        Self::until(at, at.plus_seconds(seconds))
    }

    /// The bucket of what is kept from one time to another. Its key outlives it by at most a 32nd of the time between or ten
    /// seconds, whichever is more.
    pub(super) fn until(at: Timestamp, end: Timestamp) -> Self {
        let time = end.0.saturating_sub(at.0);
        let mut width = NARROWEST;
        while width < WIDEST && width * 2 <= time / FINENESS {
            width *= 2;
        }
        Self::of_width(end, integer(width))
    }

    /// The bucket of this width of what ends at this time.
    pub(super) fn of_width(end: Timestamp, width: i64) -> Self {
        let span = u64::try_from(width).unwrap_or_default().max(1);
        Self {
            ends_at: integer(end.0.div_ceil(span).saturating_mul(span)),
            width,
        }
    }

    /// The buckets of those submissions that are timed.
    pub(super) fn of_timed(submissions: &[Submission], at: Timestamp) -> impl Iterator<Item = Self> {
        submissions
            .iter()
            .filter_map(move |submission| match submission.retention {
                Retention::For { seconds } if submission.commit.is_none() => Some(Self::of(at, seconds)),
                _ => None,
            })
    }
}

/// Where a payload is stored: sealed there, it opens at no other place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place([u8; 16]);

impl Place {
    /// The place of an entry of a log shard.
    pub(super) fn entry(chat: i64, seq: u64) -> Self {
        let mut bytes = [0; 16];
        let (first, second) = bytes.split_at_mut(8);
        first.copy_from_slice(&chat.to_be_bytes());
        second.copy_from_slice(&seq.to_be_bytes());
        Self(bytes)
    }

    /// The place of a segment of an archive. Its database has no entries.
    pub(super) const fn segment(segment: SegmentId) -> Self {
        Self(*segment.as_bytes())
    }
}

pub(super) type Key = Zeroizing<Vec<u8>>;

/// The keys that this node has had to do with lately.
#[derive(Default)]
pub(super) struct RetentionKeys(Mutex<HashMap<Bucket, Key>>);

impl std::fmt::Debug for RetentionKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RetentionKeys(…)")
    }
}

impl RetentionKeys {
    /// Keeps a key that was made or read.
    pub(super) fn put(&self, bucket: Bucket, key: Key) {
        self.lock().insert(bucket, key);
    }

    /// Forgets what is over.
    pub(super) fn forget(&self, now: Timestamp) {
        self.lock().retain(|bucket, _| bucket.ends_at > integer(now.0));
    }

    /// Seals a payload with its bucket's key, which has to be here.
    pub(super) fn seal(&self, bucket: Bucket, place: Place, payload: &[u8]) -> Result<Vec<u8>, StoreError> {
        let keys = self.lock();
        // Destroyed since it was made: the batch has waited for so long. It is tried again, with a new one.
        let key = keys
            .get(&bucket)
            .ok_or_else(|| StoreError::Unavailable("the key of a timed payload is gone".into()))?;
        // A nonce comes twice only with the same payload at the same place: after a transaction that failed.
        let digest = Sha256::new()
            .chain_update(key)
            .chain_update(place.0)
            .chain_update(payload)
            .finalize();
        let (nonce, _) = digest.split_at(NONCE_BYTES);
        let sealed = cipher(key)?
            .encrypt(
                &nonce_of(nonce)?,
                Payload {
                    msg: payload,
                    aad: &place.0,
                },
            )
            .map_err(|_| unusable())?;
        Ok([nonce, &sealed].concat())
    }

    /// Opens what [`Self::seal`] has sealed; `None` if the key has been destroyed.
    pub(super) fn open(
        &self,
        bucket: Bucket,
        place: Place,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let keys = self.lock();
        let Some(key) = keys.get(&bucket) else {
            return Ok(None);
        };
        let unreadable = || StoreError::Unreadable {
            what: "timed payload",
        };
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(unreadable)?;
        let payload = Payload {
            msg: sealed,
            aad: &place.0,
        };
        let opened = cipher(key)?
            .decrypt(&nonce_of(nonce)?, payload)
            .map_err(|_| unreadable())?;
        Ok(Some(opened))
    }

    /// Those of the buckets whose keys are not here.
    pub(super) fn unknown(&self, buckets: impl Iterator<Item = Bucket>) -> Vec<Bucket> {
        let wanted: HashSet<Bucket> = buckets.collect();
        let keys = self.lock();
        let unknown = wanted.into_iter().filter(|bucket| !keys.contains_key(bucket));
        unknown.collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Bucket, Key>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The integer that a database keeps a number of milliseconds as.
fn integer(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}

fn cipher(key: &Key) -> Result<XChaCha20Poly1305, StoreError> {
    XChaCha20Poly1305::new_from_slice(key).map_err(|_| unusable())
}

fn nonce_of(bytes: &[u8]) -> Result<XNonce, StoreError> {
    XNonce::try_from(bytes).map_err(|_| unusable())
}

fn unusable() -> StoreError {
    StoreError::Unreadable {
        what: "retention key",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_outlives_its_payloads_by_little() {
        for seconds in [1, 9, 10, 60, 3600, 86_400, 7 * 86_400, 365 * 86_400] {
            for at in [1_800_000_000_000, 1_800_000_003_217] {
                let bucket = Bucket::of(Timestamp(at), seconds);
                let expires_at = integer(at + u64::from(seconds) * 1000);
                let most = integer(u64::from(seconds) * 1000 / FINENESS).max(integer(NARROWEST));
                assert!((0..most.min(integer(WIDEST)).max(1)).contains(&(bucket.ends_at - expires_at)));
            }
        }
    }
}
