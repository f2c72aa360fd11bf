//! The contract of [`crate::store::ArchiveStore`].

use super::Backend;
use super::archive_claims::{claims, held};
use super::fixture::*;
use crate::store::{
    AccountStore as _, ArchiveAllowance, ArchivePosition, ArchiveStore, ArchiveWrite, FoundSegments,
    NewSegment, StoredArchives, StoredSegment, WriteArchiveError,
};
use bytes::Bytes;
use sotto_protocol::{ChatId, DeviceAddress, SegmentId, Timestamp, limits};
use std::collections::BTreeMap;

const PLENTY: ArchiveAllowance = ArchiveAllowance {
    bytes: u64::MAX >> 1,
    segments: 1_000_000,
    chats: 1_000_000,
};

fn segment(number: u8) -> SegmentId {
    SegmentId::from_bytes([number; 16])
}

/// A write to Alice's archive of chat 1 that changes no segment.
pub(super) fn write(replaces: u64, index: &str) -> ArchiveWrite {
    ArchiveWrite {
        by: ALICE.device(1),
        chat: chat(1),
        replaces,
        index: Bytes::from(index.to_owned()),
        adds: Vec::new(),
        removes: Vec::new(),
        releases: false,
        at: NOW,
    }
}

impl ArchiveWrite {
    fn of(self, chat: ChatId) -> Self {
        Self { chat, ..self }
    }

    pub(super) fn by(self, by: DeviceAddress) -> Self {
        Self { by, ..self }
    }

    fn at(self, at: Timestamp) -> Self {
        Self { at, ..self }
    }

    fn adding(self, number: u8, sealed: impl Into<Bytes>) -> Self {
        self.adding_until(number, sealed, None)
    }

    fn adding_until(mut self, number: u8, sealed: impl Into<Bytes>, ends_at: Option<Timestamp>) -> Self {
        self.adds.push(NewSegment {
            segment: segment(number),
            sealed: sealed.into(),
            ends_at,
        });
        self
    }

    fn removing(mut self, numbers: &[u8]) -> Self {
        self.removes.extend(numbers.iter().map(|&number| segment(number)));
        self
    }
}

/// Does a write that is to succeed.
pub(super) async fn does(backend: &impl Backend, write: ArchiveWrite) -> u64 {
    backend.accounts().write_archive(write, PLENTY).await.unwrap()
}

/// Does a write that is to be refused.
async fn is_refused(backend: &impl Backend, write: ArchiveWrite) -> WriteArchiveError {
    backend.accounts().write_archive(write, PLENTY).await.unwrap_err()
}

/// The revision that a stale write is told.
pub(super) async fn is_stale(backend: &impl Backend, write: ArchiveWrite) -> u64 {
    match is_refused(backend, write).await {
        WriteArchiveError::Stale { revision } => revision,
        other => panic!("not stale: {other:?}"),
    }
}

async fn finds(backend: &impl Backend, who: Person, numbers: &[u8], now: Timestamp) -> FoundSegments {
    let ids: Vec<_> = numbers.iter().map(|&number| segment(number)).collect();
    let found = backend
        .accounts()
        .archive_segments(who.account(), chat(1), &ids, now);
    found.await.unwrap()
}

/// Numbers of those segments of Alice's archive of chat 1 that are there, with what is in them.
async fn reads(backend: &impl Backend, numbers: &[u8], now: Timestamp) -> Vec<(u8, Bytes)> {
    let found = finds(backend, ALICE, numbers, now).await;
    assert!(found.left_out.is_empty());
    let segments = found.segments.into_iter();
    segments
        .map(|StoredSegment { segment, sealed }| (segment.as_bytes()[0], sealed))
        .collect()
}

async fn index(backend: &impl Backend, who: Person, of: ChatId) -> Option<(u64, Bytes)> {
    let archive = backend.accounts().archive(who.account(), of).await.unwrap();
    archive.map(|archive| {
        assert_eq!(archive.chat, of);
        (archive.revision, archive.index)
    })
}

async fn stored(backend: &impl Backend, who: Person) -> StoredArchives {
    backend.accounts().stored_archives(who.account()).await.unwrap()
}

/// Sweeps until nothing is left to do, and says how many segments were over.
async fn sweeps(backend: &impl Backend, now: Timestamp) -> u32 {
    let mut ended = 0;
    loop {
        let swept = backend.accounts().sweep_archives(now, 2).await.unwrap();
        ended += swept.erased;
        if !swept.more {
            return ended;
        }
    }
}

pub(crate) async fn an_archive_is_replaced_by_its_next_revision<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    assert_eq!(index(&backend, ALICE, chat(1)).await, None);
    assert_eq!(is_stale(&backend, write(5, "from nowhere")).await, 0);
    assert_eq!(does(&backend, write(0, "one")).await, 1);
    assert_eq!(is_stale(&backend, write(0, "another")).await, 1);
    assert_eq!(does(&backend, write(1, "two").at(NOW.plus_millis(5))).await, 2);
    assert_eq!(is_stale(&backend, write(1, "late")).await, 2);
    assert_eq!(is_stale(&backend, write(3, "early")).await, 2);
    assert_eq!(does(&backend, write(0, "").of(chat(2))).await, 1);
    let two = Some((2, Bytes::from_static(b"two")));
    assert_eq!(index(&backend, ALICE, chat(1)).await, two);
    assert_eq!(index(&backend, ALICE, chat(2)).await, Some((1, Bytes::new())));
    assert_eq!(
        index(&backend, BOB, chat(1)).await,
        None,
        "it is each account's own"
    );
    assert_eq!(sweeps(&backend, NOW).await, 0);
    let backend = backend.reopen().await;
    assert_eq!(index(&backend, ALICE, chat(1)).await, two);
    let archive = backend.accounts().archive(ALICE.account(), chat(1)).await;
    assert_eq!(archive.unwrap().unwrap().updated_at, NOW.plus_millis(5));
    let nobody = is_refused(&backend, write(0, "one").by(EVE.device(1))).await;
    assert!(matches!(nobody, WriteArchiveError::AccountNotFound));
}

pub(crate) async fn a_repetition_of_the_last_write_is_done_already<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let first = write(0, "one").adding(1, "a");
    let second = write(1, "two").adding(2, "b").removing(&[1]);
    assert_eq!(does(&backend, first.clone()).await, 1);
    assert_eq!(does(&backend, first.clone()).await, 1);
    assert_eq!(does(&backend, second.clone()).await, 2);
    let after = stored(&backend, ALICE).await;
    // The answer was lost, and the server has begun anew.
    let backend = backend.reopen().await;
    let later = second.clone().at(NOW.plus_millis(60_000));
    assert_eq!(does(&backend, later).await, 2);
    assert_eq!(stored(&backend, ALICE).await, after);
    assert_eq!(reads(&backend, &[1, 2], NOW).await, [(2, Bytes::from("b"))]);
    // What differs in anything is another write.
    assert_eq!(is_stale(&backend, write(1, "two").adding(2, "b")).await, 2);
    let other = write(1, "two").adding(2, "c").removing(&[1]);
    assert_eq!(is_stale(&backend, other).await, 2);
    assert_eq!(is_stale(&backend, first).await, 2);
    // Once something came after it, it is for its device to find out: what it added is there.
    assert_eq!(does(&backend, write(2, "three").adding(3, "c")).await, 3);
    assert_eq!(is_stale(&backend, second).await, 3);
}

pub(crate) async fn a_write_adds_and_removes_all_or_nothing<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let first = write(0, "one").adding(1, "a").adding(2, "bb").adding(3, "ccc");
    assert_eq!(does(&backend, first).await, 1);
    let before = stored(&backend, ALICE).await;
    let taken = write(1, "two").adding(4, "d").adding(2, "x").removing(&[1]);
    let taken = is_refused(&backend, taken).await;
    assert!(matches!(taken, WriteArchiveError::SegmentTaken));
    assert_eq!(stored(&backend, ALICE).await, before);
    assert_eq!(
        index(&backend, ALICE, chat(1)).await,
        Some((1, Bytes::from("one")))
    );
    let all: Vec<_> = [(1, "a"), (2, "bb"), (3, "ccc")]
        .map(|(number, sealed)| (number, Bytes::from(sealed)))
        .into();
    assert_eq!(reads(&backend, &[1, 2, 3, 4], NOW).await, all);
    // What is not there is passed over; what was removed may be added again, in another write.
    assert_eq!(does(&backend, write(1, "two").removing(&[1, 3, 9])).await, 2);
    assert_eq!(does(&backend, write(2, "three").adding(1, "again")).await, 3);
    let left = [(1, Bytes::from("again")), (2, Bytes::from("bb"))];
    assert_eq!(sweeps(&backend, NOW).await, 0);
    assert_eq!(reads(&backend, &[1, 2, 3], NOW).await, left);
    // The same id in another chat's archive is another segment.
    assert_eq!(
        does(&backend, write(0, "").of(chat(2)).adding(2, "other")).await,
        1
    );
    assert_eq!(reads(&backend, &[1, 2, 3], NOW).await, left);
}

pub(crate) async fn of_concurrent_writers_of_an_archive_one_replaces<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    assert_eq!(does(&backend, write(0, "first")).await, 1);
    let writers = (0..8_u8).map(|number| {
        let accounts = backend.accounts().clone();
        tokio::spawn(async move {
            let write = write(1, "next").adding(number, vec![number]);
            accounts.write_archive(write, PLENTY).await.ok()
        })
    });
    let mut written = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        written.extend(writer.await.unwrap());
    }
    assert_eq!(written, [2]);
    assert_eq!(stored(&backend, ALICE).await.segments, 1);
}

pub(crate) async fn segments_are_read_in_the_order_of_the_question<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let first = write(0, "one").adding(1, "a").adding(2, "b").adding(3, "c");
    does(&backend, first).await;
    let found = reads(&backend, &[3, 9, 1, 2], NOW).await;
    let numbers: Vec<u8> = found.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [3, 1, 2]);
    let nothing = FoundSegments::default();
    assert_eq!(finds(&backend, BOB, &[1, 2, 3], NOW).await, nothing);
    assert_eq!(finds(&backend, ALICE, &[], NOW).await, nothing);
}

pub(crate) async fn a_page_of_segments_ends_with_the_one_that_passes_its_bytes<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let mut first = write(0, "one");
    for number in 1..=6 {
        first = first.adding(number, vec![number; limits::PAGE_BYTES / 4]);
    }
    does(&backend, first).await;
    let found = finds(&backend, ALICE, &[6, 5, 4, 3, 2, 1], NOW).await;
    let there: Vec<_> = found.segments.iter().map(|found| found.segment).collect();
    assert_eq!(there, [6, 5, 4, 3].map(segment));
    assert_eq!(found.left_out, [2, 1].map(segment));
    assert!(
        found
            .segments
            .iter()
            .all(|found| found.sealed.len() == limits::PAGE_BYTES / 4)
    );
}

pub(crate) async fn archives_are_listed_the_latest_first<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    for number in 1..=5 {
        // Two of them at the same time.
        let at = NOW.plus_millis(u64::from(number / 2));
        does(
            &backend,
            write(0, &format!("index {number}")).of(chat(number)).at(at),
        )
        .await;
    }
    does(&backend, write(0, "Bob's").by(BOB.device(1))).await;
    does(&backend, write(1, "once more").of(chat(1)).at(NOW.plus_millis(9))).await;
    let read = async |after, limit| {
        let page = backend.accounts().archives(ALICE.account(), after, limit).await;
        page.unwrap()
    };
    let all = read(None, 100).await;
    let chats: Vec<_> = all.iter().map(|archive| archive.chat).collect();
    assert_eq!(chats, [1, 5, 4, 3, 2].map(chat));
    assert_eq!(all[0].index, "once more");
    assert_eq!(all[0].revision, 2);
    assert_eq!(all[1].index, "index 5");
    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = read(after, 2).await;
        let Some(last) = page.last() else {
            break;
        };
        after = Some(ArchivePosition {
            updated_at: last.updated_at,
            chat: last.chat,
        });
        paged.extend(page);
    }
    assert_eq!(paged, all);
}

pub(crate) async fn a_page_of_archives_ends_with_the_one_that_passes_its_bytes<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    for number in 1..=6 {
        let index = "x".repeat(limits::PAGE_BYTES / 4);
        let at = NOW.plus_millis(u64::from(number));
        does(&backend, write(0, &index).of(chat(number)).at(at)).await;
    }
    let page = backend.accounts().archives(ALICE.account(), None, 100).await;
    let chats: Vec<_> = page.unwrap().iter().map(|archive| archive.chat).collect();
    assert_eq!(chats, [6, 5, 4, 3].map(chat));
}

pub(crate) async fn a_timed_segment_is_given_out_until_its_end_and_no_longer<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let end = NOW.plus_millis(10_000);
    let first = write(0, "one")
        .adding_until(1, "soon over", Some(end))
        .adding_until(2, vec![7; limits::SEGMENT_BYTES], Some(end.plus_millis(1)))
        .adding(3, "kept");
    does(&backend, first).await;
    let backend = backend.reopen().await;
    let numbers = async |now| {
        let found = reads(&backend, &[1, 2, 3], now).await;
        found.iter().map(|(number, _)| *number).collect::<Vec<_>>()
    };
    assert_eq!(reads(&backend, &[1], NOW).await, [(1, Bytes::from("soon over"))]);
    assert_eq!(
        reads(&backend, &[2], NOW).await[0].1,
        vec![7; limits::SEGMENT_BYTES]
    );
    assert_eq!(numbers(Timestamp(end.0 - 1)).await, [1, 2, 3]);
    assert_eq!(numbers(end).await, [2, 3], "before any sweep");
    assert_eq!(sweeps(&backend, end).await, 1);
    assert_eq!(numbers(NOW).await, [2, 3], "it is erased");
    let bytes = (3 + limits::SEGMENT_BYTES + 4) as u64;
    let after = StoredArchives {
        bytes,
        segments: 2,
        chats: 1,
    };
    assert_eq!(stored(&backend, ALICE).await, after);
    // Long after: its key is destroyed, too.
    assert_eq!(sweeps(&backend, end.plus_millis(60_000)).await, 1);
    assert_eq!(numbers(NOW).await, [3]);
    // The index is the devices' to correct: the archive is as it was.
    assert_eq!(does(&backend, write(1, "two").removing(&[1, 2])).await, 2);
}

pub(crate) async fn a_segment_that_is_over_already_is_not_kept<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let first = write(0, "one")
        .adding_until(1, "over", Some(NOW))
        .adding(2, "kept");
    assert_eq!(does(&backend, first.clone()).await, 1);
    assert_eq!(does(&backend, first).await, 1);
    let kept = [(2, Bytes::from("kept"))];
    assert_eq!(reads(&backend, &[1, 2], Timestamp(0)).await, kept);
    assert_eq!(stored(&backend, ALICE).await.bytes, 7);
}

pub(crate) async fn an_archive_allowance_is_kept_to_the_byte<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let allowance = ArchiveAllowance {
        bytes: 10,
        segments: 2,
        chats: 1,
    };
    let tries = async |write| backend.accounts().write_archive(write, allowance).await;
    let too_long = tries(write(0, "index").adding(1, "123456")).await;
    assert!(matches!(too_long, Err(WriteArchiveError::Full)));
    assert_eq!(stored(&backend, ALICE).await, StoredArchives::default());
    assert_eq!(tries(write(0, "index").adding(1, "12345")).await.unwrap(), 1);
    let another = tries(write(0, "").of(chat(2))).await;
    assert!(matches!(another, Err(WriteArchiveError::TooManyArchives)));
    // What goes makes room for what comes by the same write.
    let swap = write(1, "in").adding(2, "1").adding(3, "1").removing(&[1]);
    assert_eq!(tries(swap).await.unwrap(), 2);
    let third = tries(write(2, "in").adding(4, "1")).await;
    assert!(matches!(third, Err(WriteArchiveError::TooManySegments)));
    let all = StoredArchives {
        bytes: 4,
        segments: 2,
        chats: 1,
    };
    assert_eq!(stored(&backend, ALICE).await, all);
}

pub(crate) async fn who_has_more_than_it_may_can_have_less<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let first = write(0, "index").adding(1, "12345").adding(2, "12345");
    does(&backend, first).await;
    // The operator has lowered the bounds meanwhile.
    let allowance = ArchiveAllowance {
        bytes: 3,
        segments: 1,
        chats: 0,
    };
    let tries = async |write| backend.accounts().write_archive(write, allowance).await;
    let more = tries(write(1, "index of more")).await;
    assert!(matches!(more, Err(WriteArchiveError::Full)));
    assert_eq!(tries(write(1, "index")).await.unwrap(), 2);
    assert_eq!(tries(write(2, "less").removing(&[1])).await.unwrap(), 3);
}

pub(crate) async fn a_deleted_archive_takes_nothing_else_along<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    does(&backend, write(0, "one").adding(1, "a")).await;
    does(&backend, write(0, "two").of(chat(2)).adding(1, "bb")).await;
    does(&backend, write(0, "Bob's").by(BOB.device(1)).adding(1, "ccc")).await;
    claims(&backend, ALICE.device(1), chat(1), NOW, 60).await;
    claims(&backend, ALICE.device(1), chat(2), NOW, 60).await;
    let accounts = backend.accounts();
    assert!(accounts.delete_archive(ALICE.account(), chat(1)).await.unwrap());
    assert!(!accounts.delete_archive(ALICE.account(), chat(1)).await.unwrap());
    assert_eq!(index(&backend, ALICE, chat(1)).await, None);
    assert_eq!(reads(&backend, &[1], NOW).await, []);
    assert_eq!(sweeps(&backend, NOW).await, 0);
    let left = StoredArchives {
        bytes: 5,
        segments: 1,
        chats: 1,
    };
    assert_eq!(stored(&backend, ALICE).await, left);
    let two = Some((1, Bytes::from("two")));
    assert_eq!(index(&backend, ALICE, chat(2)).await, two);
    assert_eq!(finds(&backend, BOB, &[1], NOW).await.segments.len(), 1);
    let (phone, laptop) = (ALICE.device(1), ALICE.device(2));
    let end = NOW.plus_seconds(60);
    assert_eq!(
        claims(&backend, laptop, chat(1), NOW, 60).await,
        held(laptop, end)
    );
    assert_eq!(claims(&backend, laptop, chat(2), NOW, 60).await, held(phone, end));
    // Somebody begins anew.
    assert_eq!(is_stale(&backend, write(1, "next")).await, 0);
    assert_eq!(does(&backend, write(0, "anew").adding(1, "d")).await, 1);
    assert_eq!(reads(&backend, &[1], NOW).await, [(1, Bytes::from("d"))]);
}

pub(crate) async fn the_archives_of_a_deleted_account_go_with_it<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let end = Some(NOW.plus_millis(10_000));
    let first = write(0, "one").adding(1, "a").adding_until(2, "timed", end);
    does(&backend, first).await;
    does(&backend, write(0, "Bob's").by(BOB.device(1)).adding(1, "b")).await;
    claims(&backend, ALICE.device(1), chat(1), NOW, 60).await;
    let accounts = backend.accounts();
    assert!(accounts.delete_account(ALICE.account(), NOW).await.unwrap());
    assert_eq!(index(&backend, ALICE, chat(1)).await, None);
    assert_eq!(reads(&backend, &[1, 2], NOW).await, []);
    assert_eq!(stored(&backend, ALICE).await, StoredArchives::default());
    assert_eq!(sweeps(&backend, NOW).await, 0);
    assert_eq!(finds(&backend, BOB, &[1], NOW).await.segments.len(), 1);
    let nobody = is_refused(&backend, write(1, "two")).await;
    assert!(matches!(nobody, WriteArchiveError::AccountNotFound));
}

/// Of each chat: the revision, the length of the index, and of each segment its length and its end.
type Model = BTreeMap<u8, (u64, usize, BTreeMap<u8, (usize, Option<Timestamp>)>)>;

pub(crate) async fn what_is_archived_is_counted_through_random_histories<B: Backend>(backend: B) {
    use rand_core::{Rng as _, SeedableRng as _};
    ALICE.registers(&backend).await;
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(49);
    let mut below = |most: u32| rng.next_u32() % most;
    let mut model = Model::new();
    let mut now = NOW;
    for _ in 0..150 {
        now = now.plus_millis(u64::from(below(2_000)));
        let number = u8::try_from(below(3)).unwrap();
        if below(15) == 0 {
            let was_there = backend.accounts().delete_archive(ALICE.account(), chat(number));
            assert_eq!(was_there.await.unwrap(), model.remove(&number).is_some());
        }
        if below(4) == 0 {
            let swept = sweeps(&backend, now).await;
            let mut ended = 0;
            for (.., segments) in model.values_mut() {
                let before = segments.len();
                segments.retain(|_, (_, end)| end.is_none_or(|end| end > now));
                ended += before - segments.len();
            }
            assert_eq!(swept as usize, ended);
        }
        let (revision, index, segments) = model.entry(number).or_default();
        *index = below(50) as usize;
        let mut write = write(*revision, &"i".repeat(*index)).of(chat(number)).at(now);
        for _ in 0..below(3) {
            let id = u8::try_from(below(20)).unwrap();
            if segments.remove(&id).is_some() {
                write = write.removing(&[id]);
            }
        }
        for _ in 0..below(4) {
            let id = u8::try_from(below(20)).unwrap();
            if segments.contains_key(&id) || write.removes.contains(&segment(id)) {
                continue;
            }
            let length = 1 + below(100) as usize;
            let end = (below(2) == 0).then(|| now.plus_millis(1 + u64::from(below(20_000))));
            segments.insert(id, (length, end));
            write = write.adding_until(id, vec![id; length], end);
        }
        *revision += 1;
        assert_eq!(does(&backend, write).await, *revision);
        let mut expected = StoredArchives {
            chats: model.len() as u64,
            ..StoredArchives::default()
        };
        for (_, index, segments) in model.values() {
            let lengths = segments.values().map(|(length, _)| length);
            expected.bytes += (index + lengths.sum::<usize>()) as u64;
            expected.segments += segments.len() as u64;
        }
        assert_eq!(stored(&backend, ALICE).await, expected);
    }
    for (number, (.., segments)) in &model {
        let ids: Vec<_> = segments.keys().map(|&id| segment(id)).collect();
        let found = backend
            .accounts()
            .archive_segments(ALICE.account(), chat(*number), &ids, now);
        let there = segments
            .iter()
            .filter(|(_, (_, end))| end.is_none_or(|end| end > now));
        let there: Vec<_> = there
            .map(|(&id, &(length, _))| StoredSegment {
                segment: segment(id),
                sealed: vec![id; length].into(),
            })
            .collect();
        assert_eq!(found.await.unwrap().segments, there);
    }
}
