//! What holds for every frame, not only for those that stand in the golden files.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sotto_protocol::frame::{
    Change, ClientFrame, Entry, EntryKind, Goodbye, Outcome, Page, Refusal, RequestId, ServerFrame,
};
use sotto_protocol::{
    AccountId, ChatId, DeviceAddress, DeviceId, Epoch, MessageId, ProblemCode, Retention, Seq, Suite,
    Timestamp,
};

fn payload() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..300).prop_map(Bytes::from)
}

fn request() -> impl Strategy<Value = RequestId> {
    any::<u32>().prop_map(RequestId)
}

fn chat() -> impl Strategy<Value = ChatId> {
    any::<[u8; 16]>().prop_map(ChatId::from_bytes)
}

fn message() -> impl Strategy<Value = MessageId> {
    any::<[u8; 16]>().prop_map(MessageId::from_bytes)
}

fn account() -> impl Strategy<Value = AccountId> {
    any::<[u8; 16]>().prop_map(AccountId::from_bytes)
}

fn device() -> impl Strategy<Value = DeviceId> {
    any::<[u8; 16]>().prop_map(DeviceId::from_bytes)
}

fn address() -> impl Strategy<Value = DeviceAddress> {
    (account(), device()).prop_map(|(account, device)| DeviceAddress { account, device })
}

fn seq() -> impl Strategy<Value = Seq> {
    any::<u64>().prop_map(Seq)
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp)
}

fn retention() -> impl Strategy<Value = Retention> {
    prop_oneof![
        Just(Retention::Keep),
        any::<u32>().prop_map(|seconds| Retention::For { seconds }),
        Just(Retention::Never),
    ]
}

fn client_frame() -> impl Strategy<Value = ClientFrame> {
    prop_oneof![
        (request(), chat(), message(), seq(), retention(), payload()).prop_map(
            |(request, chat, message, after, retention, payload)| ClientFrame::Send {
                request,
                chat,
                message,
                after,
                retention,
                payload
            }
        ),
        (
            request(),
            chat(),
            message(),
            seq(),
            payload(),
            payload(),
            vec(address(), 0..5),
            vec(address(), 0..5),
            any::<bool>(),
            option::of(payload())
        )
            .prop_map(
                |(
                    request,
                    chat,
                    message,
                    after,
                    commit,
                    group_info,
                    added,
                    removed,
                    as_newcomer,
                    welcome,
                )| {
                    ClientFrame::Commit {
                        request,
                        chat,
                        message,
                        after,
                        commit,
                        group_info,
                        added,
                        removed,
                        as_newcomer,
                        welcome,
                    }
                }
            ),
        (chat(), seq()).prop_map(|(chat, seq)| ClientFrame::Ack { chat, seq }),
        (request(), chat(), seq(), any::<u16>()).prop_map(|(request, chat, after, limit)| {
            ClientFrame::Fetch {
                request,
                chat,
                after,
                limit,
            }
        }),
        (chat(), payload()).prop_map(|(chat, payload)| ClientFrame::Signal { chat, payload }),
        (chat(), payload()).prop_map(|(chat, payload)| ClientFrame::Marker { chat, payload }),
        Just(ClientFrame::Ping),
    ]
}

fn entry() -> impl Strategy<Value = Entry> {
    let kind = prop_oneof![
        Just(EntryKind::Application),
        Just(EntryKind::Commit),
        Just(EntryKind::Deleted),
        Just(EntryKind::TakenBack),
        Just(EntryKind::Reversal),
    ];
    (
        seq(),
        address(),
        message(),
        timestamp(),
        retention(),
        kind,
        payload(),
    )
        .prop_map(|(seq, from, message, at, retention, kind, payload)| Entry {
            seq,
            from,
            message,
            at,
            retention,
            kind,
            payload,
        })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        (option::of(seq()), timestamp(), any::<u32>()).prop_map(|(seq, at, reached)| Outcome::Accepted {
            seq,
            at,
            reached
        }),
        (vec(entry(), 0..4), seq()).prop_map(|(entries, last)| Outcome::Page(Page { entries, last })),
        (
            proptest::sample::select(ProblemCode::ALL),
            option::of(any::<u64>().prop_map(Epoch))
        )
            .prop_map(|(code, epoch)| Outcome::Refused(Refusal { code, epoch })),
    ]
}

fn server_frame() -> impl Strategy<Value = ServerFrame> {
    prop_oneof![
        (request(), outcome()).prop_map(|(request, outcome)| ServerFrame::Response { request, outcome }),
        (chat(), entry()).prop_map(|(chat, entry)| ServerFrame::Entry { chat, entry }),
        (chat(), seq(), address(), payload()).prop_map(|(chat, after, from, payload)| {
            ServerFrame::Welcome {
                chat,
                after,
                from,
                payload,
            }
        }),
        (chat(), address(), payload()).prop_map(|(chat, from, payload)| ServerFrame::Signal {
            chat,
            from,
            payload
        }),
        (chat(), address(), payload()).prop_map(|(chat, from, payload)| ServerFrame::Marker {
            chat,
            from,
            payload
        }),
        (
            chat(),
            option::of(seq()),
            seq(),
            proptest::sample::select(&Suite::ALL)
        )
            .prop_map(|(chat, acknowledged, last, suite)| ServerFrame::Cursor {
                chat,
                acknowledged,
                last,
                suite
            }),
        account().prop_map(|account| ServerFrame::Changed(Change::User(account))),
        Just(ServerFrame::Changed(Change::KeyPackages)),
        chat().prop_map(|chat| ServerFrame::Changed(Change::JoinRequests(chat))),
        chat().prop_map(|chat| ServerFrame::Changed(Change::ChatDeleted(chat))),
        Just(ServerFrame::Changed(Change::Records)),
        Just(ServerFrame::Changed(Change::Role)),
        timestamp().prop_map(|at| ServerFrame::Ready { at }),
        Just(ServerFrame::Pong),
        proptest::sample::select(&[
            Goodbye::Restarting,
            Goodbye::TooSlow,
            Goodbye::SessionEnded,
            Goodbye::Replaced,
            Goodbye::Malformed,
            Goodbye::Banned
        ])
        .prop_map(ServerFrame::Goodbye),
    ]
}

proptest! {
    #[test]
    fn any_client_frame_survives_the_wire(frame in client_frame()) {
        prop_assert_eq!(ClientFrame::decode(&frame.encode()), Ok(frame));
    }

    #[test]
    fn any_server_frame_survives_the_wire(frame in server_frame()) {
        prop_assert_eq!(ServerFrame::decode(&frame.encode()), Ok(frame));
    }

    #[test]
    fn any_client_frame_cut_anywhere_is_refused(frame in client_frame(), at: prop::sample::Index) {
        let bytes = frame.encode();
        prop_assert!(ClientFrame::decode(&bytes.slice(..at.index(bytes.len()))).is_err());
    }

    #[test]
    fn any_server_frame_cut_anywhere_is_refused(frame in server_frame(), at: prop::sample::Index) {
        let bytes = frame.encode();
        prop_assert!(ServerFrame::decode(&bytes.slice(..at.index(bytes.len()))).is_err());
    }

    #[test]
    fn random_bytes_do_not_panic(bytes in vec(any::<u8>(), 0..400)) {
        let bytes = Bytes::from(bytes);
        let _ = ClientFrame::decode(&bytes);
        let _ = ServerFrame::decode(&bytes);
    }

    /// Random bytes seldom get past the first field: a frame with one byte changed gets further.
    #[test]
    fn a_frame_with_one_byte_changed_does_not_panic(frame in server_frame(), at: prop::sample::Index, byte: u8) {
        let mut bytes = frame.encode().to_vec();
        let at = at.index(bytes.len());
        *bytes.get_mut(at).unwrap() = byte;
        let bytes = Bytes::from(bytes);
        let _ = ClientFrame::decode(&bytes);
        let _ = ServerFrame::decode(&bytes);
    }
}
