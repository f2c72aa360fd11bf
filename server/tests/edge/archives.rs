use crate::support::{Answer, Person, TestServer, eventually, random};
use sotto_protocol::rest::archive::{
    Archive, ArchiveClaim, ArchiveUsage, ArchiveWritten, Archives, ClaimArchive, NewSegment, Segments,
    WriteArchive,
};
use sotto_protocol::{ChatId, ProblemCode, SegmentId, Timestamp, limits};
use sotto_server::clock::{Clock as _, SystemClock};

fn path() -> String {
    format!("/v1/archive/{}", ChatId::from_bytes(random()))
}

fn now() -> Timestamp {
    SystemClock.now()
}

fn write(replaces: u64, index: &[u8]) -> WriteArchive {
    WriteArchive {
        replaces,
        index: index.to_vec().into(),
        adds: Vec::new(),
        removes: Vec::new(),
        releases: false,
    }
}

fn segment(sealed: Vec<u8>) -> NewSegment {
    NewSegment {
        segment: SegmentId::from_bytes(random()),
        sealed: sealed.into(),
        ends_at: None,
    }
}

/// The path of these segments of an archive.
fn segments(path: &str, ids: &[SegmentId]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    format!("{path}/segment?ids={}", ids.join(","))
}

async fn writes(who: &Person, server: &TestServer, path: &str, write: &WriteArchive) -> u64 {
    let written: ArchiveWritten = who.posts(server, path, write).await.ok();
    written.revision
}

/// What the answer to a stale write says of the revision.
fn stale(answer: &Answer) -> Option<u64> {
    answer.is(ProblemCode::StaleArchive);
    answer.problem().revision
}

#[tokio::test]
async fn an_archive_is_its_accounts_and_is_replaced_by_its_next_revision() {
    let server = TestServer::start().await;
    let mut alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let path = path();
    alice.gets(&server, &path).await.is(ProblemCode::ArchiveNotFound);
    let (kept, removed) = (segment(b"kept".to_vec()), segment(b"removed".to_vec()));
    let ids = [kept.segment, removed.segment];
    let first = WriteArchive {
        adds: vec![kept, removed],
        ..write(0, b"one")
    };
    assert_eq!(writes(&alice, &server, &path, &first).await, 1);
    // Its answer was lost.
    assert_eq!(writes(&alice, &server, &path, &first).await, 1);
    let other = alice.posts(&server, &path, &write(0, b"other")).await;
    assert_eq!(stale(&other), Some(1));
    assert_eq!(
        stale(&bob.posts(&server, &path, &write(1, b"Bob's")).await),
        Some(0)
    );
    bob.gets(&server, &path).await.is(ProblemCode::ArchiveNotFound);
    let none: Segments = bob.gets(&server, &segments(&path, &ids)).await.ok();
    assert_eq!(none, Segments::default());

    let laptop = alice.at_new_device(&server).await;
    let read: Archive = laptop.gets(&server, &path).await.ok();
    assert_eq!((read.revision, read.index.as_slice()), (1, &b"one"[..]));
    assert!(read.updated_at <= now());
    let second = WriteArchive {
        removes: vec![ids[1]],
        ..write(1, b"two")
    };
    assert_eq!(writes(&laptop, &server, &path, &second).await, 2);
    // Once the other device has written, the first one's retry is stale: it looks for what it had added, and finds it.
    assert_eq!(stale(&alice.posts(&server, &path, &first).await), Some(2));
    let found: Segments = alice.gets(&server, &segments(&path, &ids)).await.ok();
    assert_eq!(found.segments.len(), 1);
    assert_eq!(found.segments[0].segment, ids[0]);
    assert_eq!(found.segments[0].sealed.as_slice(), b"kept");

    let usage: ArchiveUsage = alice.gets(&server, "/v1/archive/usage").await.ok();
    assert_eq!((usage.bytes, usage.segments, usage.chats), (7, 1, 1));
    assert_eq!(usage.bytes_max, 4 << 30);
    assert_eq!(alice.deletes(&server, &path).await.status, 204);
    alice.gets(&server, &path).await.is(ProblemCode::ArchiveNotFound);
    let usage: ArchiveUsage = alice.gets(&server, "/v1/archive/usage").await.ok();
    assert_eq!((usage.bytes, usage.segments, usage.chats), (0, 0, 0));
}

#[tokio::test]
async fn the_first_page_of_archives_is_enough_for_a_first_screen() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let mut paths = Vec::new();
    for number in 0..7_u8 {
        let path = path();
        let index = vec![number; limits::ARCHIVE_INDEX_BYTES];
        assert_eq!(writes(&alice, &server, &path, &write(0, &index)).await, 1);
        paths.insert(0, path);
    }
    let first: Archives = alice.gets(&server, "/v1/archive").await.ok();
    assert_eq!(
        first.archives.len(),
        4,
        "a page ends with the one that passes 1 MiB"
    );
    let next = first.next.unwrap();
    let second: Archives = alice
        .gets(&server, &format!("/v1/archive?after={next}"))
        .await
        .ok();
    assert_eq!(second.archives.len(), 3);
    assert_eq!(second.next, None);
    let listed = first.archives.iter().chain(&second.archives);
    let listed: Vec<String> = listed
        .map(|archive| format!("/v1/archive/{}", archive.chat))
        .collect();
    // Those written within one millisecond are in any order.
    assert_eq!(listed.len(), paths.len());
    assert!(paths.iter().all(|path| listed.contains(path)));
    let few: Archives = alice.gets(&server, "/v1/archive?limit=2").await.ok();
    assert_eq!(few.archives[..], first.archives[..2]);
    assert!(few.next.is_some());
    for wrong in ["limit=0", "limit=x", "after=x", "after=1~x", "before=1"] {
        alice
            .gets(&server, &format!("/v1/archive?{wrong}"))
            .await
            .is(ProblemCode::InvalidRequest);
    }
}

#[tokio::test]
async fn segments_that_do_not_fit_are_named_and_asked_for_again() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let path = path();
    let adds: Vec<_> = (0..6_u8)
        .map(|number| segment(vec![number; limits::SEGMENT_BYTES]))
        .collect();
    let ids: Vec<_> = adds.iter().map(|added| added.segment).collect();
    let first = WriteArchive {
        adds,
        ..write(0, b"one")
    };
    assert_eq!(writes(&alice, &server, &path, &first).await, 1);
    let found: Segments = alice.gets(&server, &segments(&path, &ids)).await.ok();
    let there: Vec<_> = found.segments.iter().map(|found| found.segment).collect();
    assert_eq!(there, ids[..4]);
    assert_eq!(found.left_out, ids[4..]);
    let rest: Segments = alice.gets(&server, &segments(&path, &found.left_out)).await.ok();
    assert_eq!(rest.segments.len(), 2);
    assert_eq!(rest.left_out, []);
    assert_eq!(rest.segments[1].sealed.as_slice(), vec![5; limits::SEGMENT_BYTES]);
    let many: Vec<_> = (0..=limits::SEGMENTS_READ)
        .map(|_| SegmentId::from_bytes(random()))
        .collect();
    alice
        .gets(&server, &segments(&path, &many))
        .await
        .is(ProblemCode::TooLarge);
    for wrong in ["", "?ids=", "?ids=abc", &format!("?ids={0},{0}", ids[0])] {
        alice
            .gets(&server, &format!("{path}/segment{wrong}"))
            .await
            .is(ProblemCode::InvalidRequest);
    }
}

#[tokio::test]
async fn a_timed_segment_is_erased_at_its_time() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let path = path();
    let ends_at = now().plus_millis(1_500);
    let timed = NewSegment {
        ends_at: Some(ends_at),
        ..segment(b"timed".to_vec())
    };
    let id = timed.segment;
    let first = WriteArchive {
        adds: vec![timed, segment(b"kept".to_vec())],
        ..write(0, b"one")
    };
    assert_eq!(writes(&alice, &server, &path, &first).await, 1);
    let read = async || -> Segments { alice.gets(&server, &segments(&path, &[id])).await.ok() };
    // On a machine that is busy its time may be over already.
    assert!(read().await.segments.len() == 1 || now() >= ends_at);
    eventually(async || read().await.segments.is_empty()).await;
    assert!(now() >= ends_at);
    // It takes no room any more, without anybody having said so.
    let usage = async || -> ArchiveUsage { alice.gets(&server, "/v1/archive/usage").await.ok() };
    eventually(async || usage().await.segments == 1).await;
}

#[tokio::test]
async fn what_is_written_is_bounded() {
    let server = TestServer::start_with(|config| {
        config.archive.bytes_max = 3 * limits::SEGMENT_BYTES as u64;
        config.archive.segments_max = 40;
        config.archive.chats_max = 2;
    })
    .await;
    let alice = Person::register(&server, "alice").await;
    let path = path();
    let small = |count: usize| (0..count).map(|_| segment(vec![1])).collect::<Vec<_>>();
    let of = |adds| WriteArchive {
        adds,
        ..write(0, b"one")
    };
    let one = segment(vec![1]);
    let twice = vec![one.clone(), one.clone()];
    let and_removed = WriteArchive {
        removes: vec![one.segment],
        ..of(vec![one])
    };
    let ends = |ends_at| {
        of(vec![NewSegment {
            ends_at: Some(ends_at),
            ..segment(vec![1])
        }])
    };
    let in_a_year = now().plus_seconds(limits::RETENTION_SECONDS_MAX);
    let ids = |count: usize| (0..count).map(|_| SegmentId::from_bytes(random())).collect();
    let removing = |count| WriteArchive {
        removes: ids(count),
        ..write(0, b"one")
    };
    let too_large = ProblemCode::TooLarge;
    let refused = [
        (write(0, &vec![1; limits::ARCHIVE_INDEX_BYTES + 1]), too_large),
        (of(vec![segment(vec![1; limits::SEGMENT_BYTES + 1])]), too_large),
        (of(small(limits::SEGMENTS_ADDED + 1)), too_large),
        (removing(limits::SEGMENTS_REMOVED + 1), too_large),
        (of(vec![segment(Vec::new())]), ProblemCode::InvalidRequest),
        (of(twice), ProblemCode::InvalidRequest),
        (and_removed, ProblemCode::InvalidRequest),
        (
            ends(in_a_year.plus_millis(2 * limits::SEGMENT_END_SLACK_MILLIS)),
            ProblemCode::InvalidRetention,
        ),
        (
            of((0..3).map(|_| segment(vec![1; limits::SEGMENT_BYTES])).collect()),
            ProblemCode::ArchiveFull,
        ),
    ];
    for (write, code) in refused {
        alice.posts(&server, &path, &write).await.is(code);
    }
    alice.gets(&server, &path).await.is(ProblemCode::ArchiveNotFound);
    let largest = WriteArchive {
        removes: ids(limits::SEGMENTS_REMOVED),
        ..of(small(limits::SEGMENTS_ADDED))
    };
    assert_eq!(writes(&alice, &server, &path, &largest).await, 1);
    assert_eq!(
        writes(
            &alice,
            &server,
            &path,
            &WriteArchive {
                replaces: 1,
                ..ends(in_a_year)
            }
        )
        .await,
        2
    );
    let more = WriteArchive {
        adds: small(8),
        ..write(2, b"three")
    };
    alice
        .posts(&server, &path, &more)
        .await
        .is(ProblemCode::TooManySegments);
    let again = WriteArchive {
        adds: vec![largest.adds[0].clone()],
        ..write(2, b"three")
    };
    alice
        .posts(&server, &path, &again)
        .await
        .is(ProblemCode::SegmentTaken);
    assert_eq!(writes(&alice, &server, &self::path(), &write(0, b"one")).await, 1);
    alice
        .posts(&server, &self::path(), &write(0, b"one"))
        .await
        .is(ProblemCode::TooManyArchives);
    // What no server is to be asked for at all.
    server.get(&path).send().await.is(ProblemCode::Unauthenticated);
    alice
        .gets(&server, "/v1/archive/x")
        .await
        .is(ProblemCode::InvalidRequest);
}

#[tokio::test]
async fn a_claim_keeps_other_devices_from_the_same_work_and_from_nothing_else() {
    let server = TestServer::start().await;
    let mut alice = Person::register(&server, "alice").await;
    let laptop = alice.at_new_device(&server).await;
    let path = path();
    let claim = format!("{path}/claim");
    let seconds = ClaimArchive { seconds: 100 };
    let first: ArchiveClaim = alice.posts(&server, &claim, &seconds).await.ok();
    assert_eq!(first.held_by, alice.device);
    assert!(first.until <= now().plus_seconds(100));
    let second: ArchiveClaim = laptop.posts(&server, &claim, &seconds).await.ok();
    assert_eq!(second, first);
    assert_eq!(writes(&laptop, &server, &path, &write(0, b"one")).await, 1);
    let done = WriteArchive {
        releases: true,
        ..write(1, b"two")
    };
    assert_eq!(writes(&alice, &server, &path, &done).await, 2);
    let third: ArchiveClaim = laptop.posts(&server, &claim, &seconds).await.ok();
    assert_eq!(third.held_by, laptop.device);
    let back: ArchiveClaim = laptop
        .posts(&server, &claim, &ClaimArchive { seconds: 0 })
        .await
        .ok();
    assert_eq!(back.held_by, laptop.device);
    let fourth: ArchiveClaim = alice.posts(&server, &claim, &seconds).await.ok();
    assert_eq!(fourth.held_by, alice.device);
    alice
        .posts(&server, &claim, &ClaimArchive { seconds: 121 })
        .await
        .is(ProblemCode::InvalidRequest);
}

#[tokio::test]
async fn the_archives_of_an_account_go_with_it_and_survive_a_restart() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let path = path();
    for who in [&alice, &bob] {
        assert_eq!(
            writes(who, &server, &path, &write(0, who.name.as_str().as_bytes())).await,
            1
        );
    }
    assert_eq!(alice.deletes_account(&server).await.status, 204);
    let server = server.restart().await;
    let read: Archive = bob.gets(&server, &path).await.ok();
    assert_eq!(read.index.as_slice(), b"bob");
}

#[tokio::test]
async fn requests_for_archives_have_a_rate() {
    let server = TestServer::start_with(|config| {
        config.limits.archive_requests_per_account = sotto_server::config::Rate::new(2, 1);
    })
    .await;
    let alice = Person::register(&server, "alice").await;
    for _ in 0..2 {
        let _: ArchiveUsage = alice.gets(&server, "/v1/archive/usage").await.ok();
    }
    alice
        .gets(&server, "/v1/archive")
        .await
        .is(ProblemCode::RateLimited);
}
