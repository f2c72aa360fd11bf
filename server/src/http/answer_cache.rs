//! Answers about profiles, groups and communities that were lately given, each with the version that it is of.
//!
//! ```text
//! handler: who asks, and may they? → which version is there? (the database, each time) → AnswerCache::get
//!     there, of this version → the answer as it is, or 304
//!     else → all of it from the database → JSON → AnswerCache::keep, under the version that was read first
//! ```
//!
//! The database says with each request which version there is, so an answer is never older than the last change, whoever made it:
//! this node, another one, a program beside the server. A thing that is gone has no version, and so no answer. What is kept depends
//! on nothing but its [`Answer`]: who may read, and as what, is looked at before.

use super::Revalidated;
use crate::delivery::ReadGroupVersion;
use crate::store::{CommunityVersion, RowVersion};
use crate::telemetry::metrics::{AnswerKind, CacheOutcome, METRICS};
use quick_cache::sync::Cache;
use quick_cache::{Lifecycle, OptionsBuilder, Weighter};
use sotto_protocol::rest::community::CommunityRole;
use sotto_protocol::{AccountId, ChatId, CommunityId};
use std::collections::hash_map::RandomState;
use std::time::Duration;
use tokio::time::Instant;

/// How long an answer is believed without being made anew. Versions do not need it; but where a database was put back to an earlier
/// state while the server ran, a version could be given to two contents.
const BELIEVED: Duration = Duration::from_mins(10);

/// What an answer takes beside its bytes, about: so there are never more of them than the bound has room for.
const OVERHEAD: usize = 512;

/// Parts with a lock and a share of the room each.
const SHARDS: usize = 4;

/// What an answer is about, and what it depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    /// A profile.
    User(AccountId),
    /// What anyone may know of a group.
    Group(ChatId),
    /// A community, for whoever is this in it.
    Community(CommunityId, Option<CommunityRole>),
}

impl Answer {
    const fn kind(self) -> AnswerKind {
        match self {
            Self::User(_) => AnswerKind::User,
            Self::Group(_) => AnswerKind::Group,
            Self::Community(..) => AnswerKind::Community,
        }
    }
}

/// Which version an answer is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AnswerVersion {
    /// Of a profile.
    User(RowVersion),
    /// Of a group.
    Group(ReadGroupVersion),
    /// Of a community.
    Community(CommunityVersion),
}

impl AnswerVersion {
    fn bytes(&self) -> usize {
        match self {
            Self::Group(version) => version.bytes(),
            Self::User(_) | Self::Community(_) => 0,
        }
    }
}

#[derive(Clone, Debug)]
struct Kept {
    version: AnswerVersion,
    answer: Revalidated,
    at: Instant,
}

/// Counts what an answer takes.
#[derive(Clone, Debug)]
struct Size;

impl Weighter<Answer, Kept> for Size {
    fn weight(&self, _: &Answer, kept: &Kept) -> u64 {
        let bytes = OVERHEAD + kept.answer.bytes() + kept.version.bytes();
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// Counts what has to make room.
#[derive(Clone, Debug)]
struct Evictions;

impl Lifecycle<Answer, Kept> for Evictions {
    type RequestState = ();

    // One that takes the place of an older one makes no room.
    fn before_evict(&self, (): &mut (), _: &Answer, _: &mut Kept) {
        METRICS.answer_evictions.increment();
    }
}

/// Answers that were lately given, within a bound of bytes.
#[derive(Debug)]
pub(crate) struct AnswerCache {
    /// By the standard library's hasher, which strangers who choose ids cannot foresee. `None` if nothing is to be kept.
    kept: Option<Cache<Answer, Kept, Size, RandomState, Evictions>>,
}

impl AnswerCache {
    /// Of so many bytes; 0 for none.
    pub(crate) fn new(bytes: usize) -> Self {
        let options = OptionsBuilder::new()
            .shards(SHARDS)
            .estimated_items_capacity(bytes / (4 * OVERHEAD))
            .weight_capacity(u64::try_from(bytes).unwrap_or(u64::MAX))
            .build();
        let kept = options
            .ok()
            .filter(|_| bytes > 0)
            .map(|options| Cache::with_options(options, Size, RandomState::new(), Evictions));
        Self { kept }
    }

    /// The answer, if it is kept in this version.
    pub(crate) fn get(&self, answer: Answer, version: &AnswerVersion) -> Option<Revalidated> {
        self.get_at(answer, version, Instant::now())
    }

    fn get_at(&self, answer: Answer, version: &AnswerVersion, now: Instant) -> Option<Revalidated> {
        let (outcome, found) = match self.kept.as_ref()?.get(&answer) {
            Some(kept) if kept.version == *version && now < kept.at + BELIEVED => {
                (CacheOutcome::Hit, Some(kept.answer))
            }
            Some(_) => (CacheOutcome::Outdated, None),
            None => (CacheOutcome::Miss, None),
        };
        METRICS.answer_reads.of(answer.kind()).of(outcome).increment();
        found
    }

    /// Keeps an answer whose content was read after this version.
    pub(crate) fn keep(&self, answer: Answer, version: AnswerVersion, told: &Revalidated) {
        let Some(cache) = &self.kept else {
            return;
        };
        let kept = Kept {
            version,
            answer: told.clone(),
            at: Instant::now(),
        };
        cache.insert(answer, kept);
        METRICS.answers.set(cache.len());
        METRICS
            .answer_bytes
            .set(usize::try_from(cache.weight()).unwrap_or(usize::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::{Rng as _, SeedableRng as _};

    fn user(number: u32) -> Answer {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        Answer::User(AccountId::from_bytes(bytes))
    }

    fn version(number: i64) -> AnswerVersion {
        AnswerVersion::User(RowVersion(number))
    }

    fn told(bytes: usize) -> Revalidated {
        Revalidated::new("application/json", vec![b' '; bytes])
    }

    #[test]
    fn an_answer_is_given_in_its_version_alone_and_not_for_ever() {
        let cache = AnswerCache::new(1 << 20);
        assert!(cache.get(user(1), &version(1)).is_none());
        cache.keep(user(1), version(1), &told(10));
        assert!(cache.get(user(1), &version(1)).is_some());
        for other in [0, 2] {
            assert!(cache.get(user(1), &version(other)).is_none());
        }
        assert!(cache.get(user(2), &version(1)).is_none());
        let later = Instant::now() + BELIEVED;
        assert!(cache.get_at(user(1), &version(1), later).is_none());
        cache.keep(user(1), version(2), &told(10));
        assert!(cache.get(user(1), &version(1)).is_none());
        assert!(cache.get(user(1), &version(2)).is_some());
    }

    #[test]
    fn an_answer_for_one_role_is_not_given_to_another() {
        let cache = AnswerCache::new(1 << 20);
        let community = CommunityId::from_bytes([1; 16]);
        let version = |own_role| {
            AnswerVersion::Community(CommunityVersion {
                row: RowVersion(1),
                founder: AccountId::from_bytes([1; 16]),
                own_role,
            })
        };
        let member = Some(CommunityRole::Member);
        cache.keep(Answer::Community(community, member), version(member), &told(10));
        assert!(
            cache
                .get(Answer::Community(community, None), &version(None))
                .is_none()
        );
        assert!(
            cache
                .get(Answer::Community(community, member), &version(member))
                .is_some()
        );
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let cache = AnswerCache::new(0);
        cache.keep(user(1), version(1), &told(10));
        assert!(cache.get(user(1), &version(1)).is_none());
    }

    /// A hundred thousand people, of whom some are read much more often than others (Zipf's law with exponent 1), and room for
    /// five in a hundred.
    #[test]
    fn few_are_kept_and_most_reads_find_them() {
        const PEOPLE: u32 = 100_000;
        const BYTES: usize = 5_000 * (OVERHEAD + 1_024);
        let cache = AnswerCache::new(BYTES);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let told = told(1_000);
        let mut hits = 0;
        let reads = 100_000;
        for read in 0..reads {
            // The inverse of the distribution's integral.
            let uniform = f64::from(rng.next_u32()) / f64::from(u32::MAX);
            let rank = f64::from(PEOPLE).powf(uniform);
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "from 1 to the number of people"
            )]
            let who = user(rank as u32);
            if cache.get(who, &version(1)).is_some() {
                hits += u32::from(read >= reads / 2);
            } else {
                cache.keep(who, version(1), &told);
            }
        }
        let kept = cache.kept.as_ref().unwrap();
        assert!(kept.weight() <= u64::try_from(BYTES).unwrap());
        assert!(kept.len() <= 5_000);
        let rate = f64::from(hits) / f64::from(reads / 2);
        assert!(rate > 0.65, "{rate}");
    }
}
