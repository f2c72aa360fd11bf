//! The wire is frozen: every frame has the bytes that `golden/` writes down and explains, both ways.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use bytes::Bytes;
use sotto_protocol::frame::{
    Change, ClientFrame, Entry, EntryKind, Goodbye, Outcome, Page, Refusal, RequestId, Reversal, ServerFrame,
};
use sotto_protocol::{
    AccountId, ChatId, DeviceAddress, DeviceId, Epoch, MessageId, ProblemCode, Retention, Seq, Suite,
    Timestamp,
};
use std::collections::BTreeSet;

const REQUEST: RequestId = RequestId(300);
const CHAT: ChatId = ChatId::from_bytes([0xc1; 16]);
const MESSAGE: MessageId = MessageId::from_bytes([0x3e; 16]);
const ALICE: DeviceAddress = DeviceAddress {
    account: AccountId::from_bytes([0xa1; 16]),
    device: DeviceId::from_bytes([0xd1; 16]),
};
const AT: Timestamp = Timestamp(1_700_000_000_000);
const REVERSAL: Reversal = Reversal {
    first: Seq(7),
    epoch: Epoch(11),
};
const A_DAY: Retention = Retention::For { seconds: 86_400 };

fn bytes(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

/// The named byte strings of a golden file: `== name`, then lines of hex, each with a comment.
fn golden(file: &str) -> Vec<(&str, Bytes)> {
    let mut frames: Vec<(&str, Vec<u8>)> = Vec::new();
    for line in file.lines() {
        if let Some(name) = line.strip_prefix("== ") {
            frames.push((name, Vec::new()));
        } else if let Some((_, frame)) = frames.last_mut() {
            let hex = line.split('#').next().unwrap().trim();
            assert!(hex.len().is_multiple_of(2), "{line}");
            frame.extend(
                (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()),
            );
        }
    }
    frames
        .into_iter()
        .map(|(name, bytes)| (name, bytes.into()))
        .collect()
}

fn client_frames() -> Vec<(&'static str, ClientFrame)> {
    let send = |retention| ClientFrame::Send {
        request: REQUEST,
        chat: CHAT,
        message: MESSAGE,
        after: Seq(1000),
        retention,
        payload: bytes("ciphertext"),
    };
    let commit = |removed, as_newcomer, welcome| ClientFrame::Commit {
        request: REQUEST,
        chat: CHAT,
        message: MESSAGE,
        after: Seq(127),
        commit: bytes("commit"),
        group_info: bytes("group info"),
        added: vec![ALICE],
        removed,
        as_newcomer,
        welcome,
    };
    vec![
        ("Send, Keep", send(Retention::Keep)),
        ("Send, For", send(A_DAY)),
        ("Send, Never", send(Retention::Never)),
        (
            "Commit of a member",
            commit(vec![ALICE], false, Some(bytes("welcome"))),
        ),
        ("Commit of a device that joins alone", commit(vec![], false, None)),
        ("Commit of a newcomer", commit(vec![], true, None)),
        (
            "Ack",
            ClientFrame::Ack {
                chat: CHAT,
                seq: Seq(128),
            },
        ),
        (
            "Fetch",
            ClientFrame::Fetch {
                request: REQUEST,
                chat: CHAT,
                after: Seq::ZERO,
                limit: 200,
            },
        ),
        (
            "Signal",
            ClientFrame::Signal {
                chat: CHAT,
                payload: bytes("typing"),
            },
        ),
        (
            "Marker",
            ClientFrame::Marker {
                chat: CHAT,
                payload: bytes("read to 7"),
            },
        ),
        ("Ping", ClientFrame::Ping),
    ]
}

fn entry(seq: u64, retention: Retention, kind: EntryKind, payload: &'static str) -> Entry {
    Entry {
        seq: Seq(seq),
        from: ALICE,
        message: MESSAGE,
        at: AT,
        retention,
        kind,
        payload: bytes(payload),
    }
}

const fn changed(name: &'static str, change: Change) -> (&'static str, ServerFrame) {
    (name, ServerFrame::Changed(change))
}

const fn goodbye(name: &'static str, reason: Goodbye) -> (&'static str, ServerFrame) {
    (name, ServerFrame::Goodbye(reason))
}

fn reversal() -> ServerFrame {
    let payload = Bytes::copy_from_slice(&REVERSAL.encode());
    let entry = Entry {
        payload,
        ..entry(9, Retention::Keep, EntryKind::Reversal, "")
    };
    ServerFrame::Entry { chat: CHAT, entry }
}

fn server_frames() -> Vec<(&'static str, ServerFrame)> {
    let response = |outcome| ServerFrame::Response {
        request: REQUEST,
        outcome,
    };
    let accepted = |seq| Outcome::Accepted {
        seq,
        at: AT,
        reached: 2,
    };
    let cursor = |acknowledged, suite| ServerFrame::Cursor {
        chat: CHAT,
        acknowledged,
        last: Seq(9),
        suite,
    };
    vec![
        ("Response, accepted", response(accepted(Some(Seq(7))))),
        ("Response, accepted and written nowhere", response(accepted(None))),
        (
            "Response, page",
            response(Outcome::Page(Page {
                entries: vec![
                    entry(7, Retention::Keep, EntryKind::Commit, "commit"),
                    entry(8, A_DAY, EntryKind::Deleted, ""),
                ],
                last: Seq(9),
            })),
        ),
        (
            "Response, refused for its epoch",
            response(Outcome::Refused(Refusal {
                code: ProblemCode::StaleEpoch,
                epoch: Some(Epoch(12)),
            })),
        ),
        (
            "Response, refused",
            response(Outcome::Refused(ProblemCode::ChatNotFound.into())),
        ),
        (
            "Entry",
            ServerFrame::Entry {
                chat: CHAT,
                entry: entry(7, Retention::Keep, EntryKind::Application, "ciphertext"),
            },
        ),
        ("Entry, reversal", reversal()),
        (
            "Entry, fleeting",
            ServerFrame::Entry {
                chat: CHAT,
                entry: entry(0, Retention::Never, EntryKind::Application, "ciphertext"),
            },
        ),
        (
            "Welcome",
            ServerFrame::Welcome {
                chat: CHAT,
                after: Seq::ZERO,
                from: ALICE,
                payload: bytes("welcome"),
            },
        ),
        (
            "Signal",
            ServerFrame::Signal {
                chat: CHAT,
                from: ALICE,
                payload: bytes("typing"),
            },
        ),
        (
            "Marker",
            ServerFrame::Marker {
                chat: CHAT,
                from: ALICE,
                payload: bytes("read to 7"),
            },
        ),
        ("Cursor", cursor(Some(Seq(5)), Suite::XWing)),
        (
            "Cursor of a device that is not in the group",
            cursor(None, Suite::X25519),
        ),
        changed("Changed, user", Change::User(ALICE.account)),
        changed("Changed, KeyPackages", Change::KeyPackages),
        changed("Changed, join requests", Change::JoinRequests(CHAT)),
        changed("Changed, chat deleted", Change::ChatDeleted(CHAT)),
        changed("Changed, records", Change::Records),
        changed("Changed, role", Change::Role),
        ("Ready", ServerFrame::Ready { at: AT }),
        ("Pong", ServerFrame::Pong),
        goodbye("Goodbye, Restarting", Goodbye::Restarting),
        goodbye("Goodbye, TooSlow", Goodbye::TooSlow),
        goodbye("Goodbye, SessionEnded", Goodbye::SessionEnded),
        goodbye("Goodbye, Replaced", Goodbye::Replaced),
        goodbye("Goodbye, Malformed", Goodbye::Malformed),
        goodbye("Goodbye, Banned", Goodbye::Banned),
    ]
}

const CLIENT_FRAMES: &str = include_str!("golden/client_frames.txt");
const SERVER_FRAMES: &str = include_str!("golden/server_frames.txt");

#[test]
fn client_frames_have_the_bytes_that_are_written_down_both_ways() {
    let golden = golden(CLIENT_FRAMES);
    assert_eq!(
        golden.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        client_frames().iter().map(|(name, _)| *name).collect::<Vec<_>>()
    );
    for ((name, bytes), (_, frame)) in golden.iter().zip(client_frames()) {
        assert_eq!(frame.encode(), bytes, "{name}");
        assert_eq!(ClientFrame::decode(bytes), Ok(frame), "{name}");
    }
}

#[test]
fn server_frames_have_the_bytes_that_are_written_down_both_ways() {
    let golden = golden(SERVER_FRAMES);
    assert_eq!(
        golden.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        server_frames().iter().map(|(name, _)| *name).collect::<Vec<_>>()
    );
    for ((name, bytes), (_, frame)) in golden.iter().zip(server_frames()) {
        assert_eq!(frame.encode(), bytes, "{name}");
        assert_eq!(ServerFrame::decode(bytes), Ok(frame), "{name}");
    }
}

/// The first byte of each frame: the number of its variant.
fn variants(file: &str) -> BTreeSet<u8> {
    golden(file).iter().map(|(_, bytes)| bytes[0]).collect()
}

/// Whether any number of zeros after these bytes makes a frame. A variant of any fields can be read from zeros: if none
/// does, there is no such variant.
fn begins_a_frame<F>(
    beginning: &[u8],
    decode: impl Fn(&Bytes) -> Result<F, sotto_protocol::frame::MalformedFrame>,
) -> bool {
    (0..200).any(|zeros| {
        let mut bytes = beginning.to_vec();
        bytes.resize(beginning.len() + zeros, 0);
        decode(&Bytes::from(bytes)).is_ok()
    })
}

#[test]
fn no_variant_is_without_golden_bytes() {
    let client = variants(CLIENT_FRAMES);
    let server = variants(SERVER_FRAMES);
    for variant in 0..=0x7f {
        assert_eq!(
            begins_a_frame(&[variant], ClientFrame::decode),
            client.contains(&variant),
            "client frame {variant}"
        );
        assert_eq!(
            begins_a_frame(&[variant], ServerFrame::decode),
            server.contains(&variant),
            "server frame {variant}"
        );
    }
    for next in [&[0, 0, 3][..], &[6, 6], &[9, 6]] {
        assert!(
            !begins_a_frame(next, ServerFrame::decode),
            "an outcome, change or goodbye is new: {next:?}"
        );
    }
}

#[test]
fn problem_codes_keep_their_numbers() {
    let written: Vec<_> = include_str!("golden/problem_codes.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(' ').unwrap())
        .map(|(number, code)| (u8::from_str_radix(number, 16).unwrap(), code))
        .collect();
    assert_eq!(written.len(), ProblemCode::ALL.len());
    for (&code, (number, text)) in ProblemCode::ALL.iter().zip(written) {
        assert_eq!(code.as_str(), text);
        let frame = ServerFrame::Response {
            request: RequestId(0),
            outcome: Outcome::Refused(code.into()),
        };
        assert_eq!(frame.encode()[..], [0, 0, 2, number, 0], "{text}");
    }
}

#[test]
fn a_frame_cut_anywhere_or_continued_is_refused() {
    for (name, bytes) in golden(CLIENT_FRAMES) {
        for length in 0..bytes.len() {
            assert!(
                ClientFrame::decode(&bytes.slice(..length)).is_err(),
                "{name}, {length}"
            );
        }
        let longer = Bytes::from([&bytes[..], &[0]].concat());
        assert!(ClientFrame::decode(&longer).is_err(), "{name}");
    }
    for (name, bytes) in golden(SERVER_FRAMES) {
        for length in 0..bytes.len() {
            assert!(
                ServerFrame::decode(&bytes.slice(..length)).is_err(),
                "{name}, {length}"
            );
        }
        let longer = Bytes::from([&bytes[..], &[0]].concat());
        assert!(ServerFrame::decode(&longer).is_err(), "{name}");
    }
}

#[test]
fn a_payload_is_a_slice_of_the_bytes_that_arrived() {
    let (_, bytes) = golden(CLIENT_FRAMES).swap_remove(0);
    let Ok(ClientFrame::Send { payload, .. }) = ClientFrame::decode(&bytes) else {
        panic!("the first golden frame is a Send");
    };
    assert!(
        bytes.as_ptr_range().contains(&payload.as_ptr()),
        "the payload was copied"
    );
}
