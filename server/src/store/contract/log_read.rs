//! The contract of [`LogStore`]: chats, pages, cursors, Welcomes, markers, retention.

use super::Backend;
use super::fixture::*;
use super::log_append::{open, whole_log};
use crate::store::{
    ChatCreation, CursorAdvance, GrownChat, ListPosition, LogStore, MarkerUpdate, NewChat, PageRange,
    Submission, WriteBatch,
};
use bytes::Bytes;
use sotto_protocol::frame::EntryKind;
use sotto_protocol::{ChatId, DeviceAddress, Epoch, Retention, Seq, Suite, limits};

async fn acknowledges(log: &impl LogStore, device: DeviceAddress, chat: ChatId, seqs: &[u64]) {
    let cursors: Vec<_> = seqs
        .iter()
        .map(|&seq| CursorAdvance {
            device,
            chat,
            acknowledged: Seq(seq),
        })
        .collect();
    let batch = WriteBatch {
        submissions: &[],
        cursors: &cursors,
        markers: &[],
        at: NOW,
    };
    log.write(batch).await.unwrap();
}

async fn cursor(log: &impl LogStore, device: DeviceAddress) -> Option<Seq> {
    log.standings(device, ListPosition::default(), 1).await.unwrap()[0].acknowledged
}

pub(crate) async fn a_chat_is_created_once<B: Backend>(backend: B) {
    let log = backend.log();
    assert_eq!(
        log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap(),
        ChatCreation::Created
    );
    let later = NewChat {
        at: NOW.plus_millis(1),
        ..new_chat(1, ALICE, BOB)
    };
    assert_eq!(
        log.create_chat(later).await.unwrap(),
        ChatCreation::Existed { at: NOW }
    );
    assert_eq!(
        log.create_chat(new_chat(1, BOB, ALICE)).await.unwrap(),
        ChatCreation::Taken
    );
    assert_eq!(
        log.create_chat(new_chat(1, ALICE, EVE)).await.unwrap(),
        ChatCreation::Taken
    );
    let group_info = log.group_info(ALICE.account(), chat(1)).await.unwrap().unwrap();
    assert_eq!((group_info.epoch, group_info.last), (Epoch(1), Seq::ZERO));
    assert!(!log.fence_chat(chat(1)).await.unwrap());
}

pub(crate) async fn a_fenced_chat_can_never_be_created<B: Backend>(backend: B) {
    let log = backend.log();
    for _ in 0..2 {
        assert!(log.fence_chat(chat(1)).await.unwrap());
    }
    assert_eq!(
        log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap(),
        ChatCreation::Taken
    );
    assert!(log.members(chat(1)).await.unwrap().is_none());
}

pub(crate) async fn pages_go_both_ways<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let submissions: Vec<_> = (1..=10)
        .map(|number| says(chat, ALICE.device(1), number))
        .collect();
    write(log, &submissions).await;
    for (after, before, limit, expected) in [
        (None, None, 3, vec![1, 2, 3]),
        (Some(4), None, 3, vec![5, 6, 7]),
        (Some(8), None, 10, vec![9, 10]),
        (Some(10), None, 10, vec![]),
        (None, Some(6), 3, vec![3, 4, 5]),
        (None, Some(3), 10, vec![1, 2]),
        (None, Some(1000), 2, vec![9, 10]),
        (Some(3), Some(6), 10, vec![4, 5]),
        (Some(3), Some(8), 2, vec![4, 5]),
        (Some(3), None, 0, vec![]),
        (Some(u64::MAX), None, 5, vec![]),
    ] {
        let range = PageRange {
            after: after.map(Seq),
            before: before.map(Seq),
            limit,
        };
        let page = log.page(BOB.device(1), chat, range, NOW).await.unwrap().unwrap();
        let seqs: Vec<u64> = page.entries.iter().map(|entry| entry.seq.0).collect();
        assert_eq!(seqs, expected, "{range:?}");
        assert_eq!(page.last, Seq(10));
    }
}

pub(crate) async fn a_page_ends_with_the_entry_that_passes_its_bytes<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let large = |number| Submission {
        payload: Bytes::from(vec![7; limits::PAGE_BYTES / 2 - 1]),
        ..says(chat, ALICE.device(1), number)
    };
    write(log, &[large(1), large(2), large(3), large(4)]).await;
    assert_eq!(whole_log(log, ALICE.device(1), chat).await.entries.len(), 3);
}

pub(crate) async fn only_members_can_read<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    write_one(log, says(chat, ALICE.device(1), 1)).await;
    let range = PageRange {
        after: None,
        before: None,
        limit: 10,
    };
    for stranger in [EVE.device(1), BOB.device(2)] {
        assert!(log.page(stranger, chat, range, NOW).await.unwrap().is_none());
    }
    let nowhere = super::fixture::chat(99);
    assert!(
        log.page(ALICE.device(1), nowhere, range, NOW)
            .await
            .unwrap()
            .is_none()
    );
}

pub(crate) async fn the_group_info_is_for_the_two_accounts<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let group_info = log.group_info(BOB.account(), chat).await.unwrap().unwrap();
    assert_eq!(group_info.group_info.as_slice(), b"group info 1");
    assert!(log.group_info(EVE.account(), chat).await.unwrap().is_none());
}

pub(crate) async fn cursors_move_on_and_never_back_nor_beyond_the_log<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let submissions: Vec<_> = (1..=5)
        .map(|number| says(chat, ALICE.device(1), number))
        .collect();
    write(log, &submissions).await;
    let bob = BOB.device(1);
    assert_eq!(cursor(log, bob).await, Some(Seq::ZERO));
    acknowledges(log, bob, chat, &[2, 3, 1]).await;
    assert_eq!(cursor(log, bob).await, Some(Seq(3)));
    acknowledges(log, bob, chat, &[2]).await;
    assert_eq!(cursor(log, bob).await, Some(Seq(3)));
    acknowledges(log, bob, chat, &[u64::MAX]).await;
    assert_eq!(cursor(log, bob).await, Some(Seq(5)));
    acknowledges(log, EVE.device(1), chat, &[5]).await;
    acknowledges(log, bob, super::fixture::chat(9), &[5]).await;
    let cursor_in_the_same_batch = WriteBatch {
        submissions: &[says(chat, ALICE.device(1), 6)],
        cursors: &[CursorAdvance {
            device: bob,
            chat,
            acknowledged: Seq(6),
        }],
        markers: &[],
        at: NOW,
    };
    log.write(cursor_in_the_same_batch).await.unwrap();
    let backend = backend.reopen().await;
    assert_eq!(cursor(backend.log(), bob).await, Some(Seq(6)));
}

pub(crate) async fn a_welcome_stays_until_it_is_acknowledged<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    log.create_chat(new_chat(2, EVE, BOB)).await.unwrap();
    let welcomes = async |device| {
        log.pending_welcomes(device, ListPosition::default())
            .await
            .unwrap()
    };
    let bob = BOB.device(1);
    let first = welcomes(bob).await;
    assert_eq!(
        (first[0].chat, first[0].after, first[0].from),
        (chat, Seq::ZERO, ALICE.device(1))
    );
    assert_eq!(first.len(), 2);
    acknowledges(log, ALICE.device(1), chat, &[0]).await;
    assert_eq!(welcomes(bob).await.len(), 2);
    acknowledges(log, bob, chat, &[0]).await;
    assert_eq!(welcomes(bob).await[..], first[1..]);

    write(
        log,
        &[says(chat, bob, 1), commits(chat, bob, 2).adding(BOB.device(2))],
    )
    .await;
    acknowledges(log, BOB.device(2), chat, &[1]).await;
    assert_eq!(welcomes(BOB.device(2)).await.len(), 1);
    acknowledges(log, BOB.device(2), chat, &[2]).await;
    assert_eq!(welcomes(BOB.device(2)).await.len(), 0);
}

pub(crate) async fn standings_and_welcomes_come_in_pages<B: Backend>(backend: B) {
    let log = backend.log();
    for number in 1..=5 {
        let other = Person(number + 10);
        let large = NewChat {
            welcome: Some(Bytes::from(vec![number; limits::PAGE_BYTES / 2 + 1])),
            suite: Suite::X25519,
            ..new_chat(number, other, BOB)
        };
        log.create_chat(large).await.unwrap();
    }
    let bob = BOB.device(1);
    let mut chats = Vec::new();
    let mut after = ListPosition::default();
    loop {
        let page = log.standings(bob, after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.position;
        assert!(page.iter().all(|standing| standing.suite == Suite::X25519));
        chats.extend(page.iter().map(|standing| standing.chat));
    }
    assert_eq!(chats, (1..=5).map(chat).collect::<Vec<_>>());
    let mut pages = Vec::new();
    let mut after = ListPosition::default();
    loop {
        let page = log.pending_welcomes(bob, after).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.position;
        pages.push(page.len());
    }
    assert_eq!(pages, [2, 2, 1]);
}

pub(crate) async fn a_marker_is_replaced_by_the_next<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let mark = |device, text: &'static str| MarkerUpdate {
        device,
        chat,
        payload: Bytes::from_static(text.as_bytes()),
    };
    let writes = async |markers: &[MarkerUpdate]| {
        let batch = WriteBatch {
            submissions: &[],
            cursors: &[],
            markers,
            at: NOW,
        };
        log.write(batch).await.unwrap();
    };
    writes(&[mark(ALICE.device(1), "first"), mark(ALICE.device(1), "second")]).await;
    writes(&[mark(EVE.device(1), "stranger"), mark(BOB.device(1), "own")]).await;
    let standing = log
        .standings(BOB.device(1), ListPosition::default(), 1)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(standing.chat, chat);
    assert_eq!(
        standing.markers,
        [(ALICE.device(1), Bytes::from_static(b"second"))]
    );
    let outside = log
        .standings(BOB.device(2), ListPosition::default(), 1)
        .await
        .unwrap()
        .remove(0);
    assert_eq!((outside.acknowledged, outside.markers), (None, Vec::new()));
}

pub(crate) async fn no_page_of_standings_has_many_more_bytes_of_markers_than_a_page<B: Backend>(backend: B) {
    let log = backend.log();
    let markers: Vec<MarkerUpdate> = (1..=3)
        .map(|number| MarkerUpdate {
            device: Person(number + 10).device(1),
            chat: chat(number),
            payload: Bytes::from(vec![number; limits::PAGE_BYTES / 2 + 1]),
        })
        .collect();
    for number in 1..=4 {
        let other = Person(number + 10);
        log.create_chat(new_chat(number, other, BOB)).await.unwrap();
    }
    let batch = WriteBatch {
        submissions: &[],
        cursors: &[],
        markers: &markers,
        at: NOW,
    };
    log.write(batch).await.unwrap();
    let bob = BOB.device(1);
    let first = log.standings(bob, ListPosition::default(), 10).await.unwrap();
    assert_eq!(first.len(), 2);
    assert!(first.iter().all(|standing| standing.markers.len() == 1));
    let rest = log.standings(bob, first[1].position, 10).await.unwrap();
    let markers: Vec<usize> = rest.iter().map(|standing| standing.markers.len()).collect();
    assert_eq!(markers, [1, 0]);
}

pub(crate) async fn expired_entries_leave_an_empty_position<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let timed = |number, seconds| says(chat, ALICE.device(1), number).kept(Retention::For { seconds });
    write(
        log,
        &[
            timed(1, 10),
            says(chat, ALICE.device(1), 2),
            timed(3, 20),
            timed(4, 10),
        ],
    )
    .await;
    let kinds = async |at| {
        let range = PageRange {
            after: None,
            before: None,
            limit: 10,
        };
        let page = log.page(BOB.device(1), chat, range, at).await.unwrap().unwrap();
        assert!(
            page.entries
                .iter()
                .all(|entry| (entry.kind == EntryKind::Deleted) == entry.payload.is_empty())
        );
        page.entries
            .iter()
            .map(|entry| entry.kind == EntryKind::Deleted)
            .collect::<Vec<_>>()
    };
    let due = NOW.plus_millis(10_000);
    let early = log.expire(NOW.plus_millis(9_999), 10).await.unwrap();
    assert_eq!((early.erased, early.next), (0, Some(due)));
    assert_eq!(kinds(NOW).await, [false; 4]);
    assert_eq!(kinds(due).await, [true, false, false, true], "before any sweep");
    let first = log.expire(due, 1).await.unwrap();
    assert_eq!((first.erased, first.more), (1, true));
    let second = log.expire(due, 1).await.unwrap();
    assert_eq!((second.erased, second.more), (1, false));
    assert_eq!(second.next, Some(NOW.plus_millis(20_000)));
    assert_eq!(
        kinds(NOW).await,
        [true, false, false, true],
        "after the sweep, for good"
    );
    let retry = write_one(log, timed(1, 10)).await;
    assert_eq!(retry, crate::store::Appended::Duplicate { seq: Seq(1), at: NOW });
}

pub(crate) async fn peers_are_those_who_share_a_chat<B: Backend>(backend: B) {
    let log = backend.log();
    open(log).await;
    log.create_chat(new_chat(2, EVE, BOB)).await.unwrap();
    let mut peers = log.peers(BOB.account()).await.unwrap();
    peers.sort_unstable();
    assert_eq!(peers, [ALICE.account(), EVE.account()]);
    assert_eq!(log.peers(ALICE.account()).await.unwrap(), [BOB.account()]);
    assert!(log.peers(Person(9).account()).await.unwrap().is_empty());
}

pub(crate) async fn chats_that_have_grown_are_found_with_their_members<B: Backend>(backend: B) {
    let log = backend.log();
    for number in 1..=4 {
        log.create_chat(new_chat(number, ALICE, Person(number + 10)))
            .await
            .unwrap();
    }
    let says = |number: u8| says(chat(number), ALICE.device(1), 1);
    let grown = async |since, after, limit| log.grown_since(since, after, limit).await.unwrap();
    let start = ListPosition::default();
    assert!(grown(NOW, start, 10).await.is_empty());
    write_at(log, &[says(1)], NOW).await;
    write_at(log, &[says(3), says(2)], NOW.plus_millis(10)).await;
    acknowledges(log, ALICE.device(1), chat(3), &[1]).await;
    let numbers = |grown: &[GrownChat]| grown.iter().map(|grown| grown.chat).collect::<Vec<_>>();
    assert_eq!(numbers(&grown(NOW, start, 10).await), [chat(1), chat(2), chat(3)]);
    let later = grown(NOW.plus_millis(1), start, 10).await;
    assert_eq!(numbers(&later), [chat(2), chat(3)]);
    assert_eq!((later[1].last, later[1].suite), (Seq(1), Suite::XWing));
    let mut members = later[1].members.clone();
    members.sort_unstable();
    assert_eq!(
        members,
        [(ALICE.device(1), Seq(1)), (Person(13).device(1), Seq::ZERO)]
    );
    let first = grown(NOW.plus_millis(1), start, 1).await;
    let second = grown(NOW.plus_millis(1), first[0].position, 1).await;
    assert_eq!(numbers(&second), [chat(3)]);
    assert!(grown(NOW.plus_millis(1), second[0].position, 1).await.is_empty());
    assert!(grown(NOW.plus_millis(11), start, 10).await.is_empty());
    log.remove_devices(&[ALICE.device(1), Person(12).device(1)])
        .await
        .unwrap();
    let left = grown(NOW.plus_millis(1), start, 1).await;
    assert!(left[0].members.is_empty());
}
