//! Two devices talk through the relay, by the same sockets as to a server.

use super::relay::Relay;
use super::wake::Wake;
use super::writer::Writer;
use crate::light::LightSocket;
use crate::load::accounts::Roster;
use bytes::Bytes;
use sotto_protocol::frame::{ClientFrame, Entry, EntryKind, Outcome, RequestId, ServerFrame};
use sotto_protocol::rest::auth::Token;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, DeviceId, MessageId, Retention, Seq};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::io::AsyncWriteExt as _;

const CHAT: ChatId = ChatId::from_bytes([9; ChatId::LENGTH]);

/// A relay in a thread of its own, for two devices that have a chat.
struct House {
    address: SocketAddr,
    wake: Arc<Wake>,
    relay: JoinHandle<anyhow::Result<()>>,
}

impl House {
    fn start(database: Option<&Path>) -> Self {
        let roster: Roster = serde_json::from_value(serde_json::json!({
            "accounts": [account(0), account(1)],
            "pairs": [CHAT],
        }))
        .unwrap();
        let wake = Arc::new(Wake::new().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (database, its_wake) = (database.map(Path::to_owned), Arc::clone(&wake));
        // Made where it runs: what epoll fills in stays in its thread, and the writer waits for a runtime of its own.
        let relay = std::thread::spawn(move || {
            let writer = database.map(|file| Writer::start(&file, Arc::clone(&its_wake)));
            Relay::new(listener, &roster, writer.transpose()?, its_wake)?.run()
        });
        Self { address, wake, relay }
    }

    async fn connect(&self, account: u8) -> LightSocket {
        let token = Token::new(format!("token-{account}"));
        let mut socket = LightSocket::connect(self.address, &token).await.unwrap();
        let ready = next(&mut socket).await;
        assert!(matches!(ready, ServerFrame::Ready { .. }), "{ready:?}");
        socket
    }

    fn end(self) {
        self.wake.end();
        self.relay.join().unwrap().unwrap();
    }
}

fn address(account: u8) -> DeviceAddress {
    DeviceAddress {
        account: AccountId::from_bytes([account; AccountId::LENGTH]),
        device: DeviceId::from_bytes([account; DeviceId::LENGTH]),
    }
}

fn account(number: u8) -> serde_json::Value {
    serde_json::json!({
        "address": address(number),
        "tokens": { "access_token": format!("token-{number}"), "expires_in": 1, "refresh_token": "" },
        "issued_at": 0,
    })
}

async fn next(socket: &mut LightSocket) -> ServerFrame {
    let next = tokio::time::timeout(crate::world::PATIENCE, socket.next()).await;
    next.unwrap().unwrap().unwrap()
}

fn message(number: u8, payload: Bytes) -> ClientFrame {
    ClientFrame::Send {
        request: RequestId(number.into()),
        chat: CHAT,
        message: MessageId::from_bytes([number; MessageId::LENGTH]),
        after: Seq::ZERO,
        retention: Retention::Keep,
        payload,
    }
}

/// Alice says this, Bob hears it, Alice is answered.
async fn is_said(number: u8, payload: Bytes, alice: &mut LightSocket, bob: &mut LightSocket) {
    alice.send(&message(number, payload.clone())).await.unwrap();
    let ServerFrame::Entry { chat, entry } = next(bob).await else {
        panic!("no entry");
    };
    let at = entry.at;
    let expected = Entry {
        seq: Seq(number.into()),
        from: address(0),
        message: MessageId::from_bytes([number; MessageId::LENGTH]),
        at,
        retention: Retention::Keep,
        kind: EntryKind::Application,
        payload,
    };
    assert_eq!((chat, entry), (CHAT, expected));
    let outcome = Outcome::Accepted {
        seq: Some(Seq(number.into())),
        at,
        reached: 1,
    };
    let request = RequestId(number.into());
    assert_eq!(next(alice).await, ServerFrame::Response { request, outcome });
}

#[tokio::test]
async fn what_is_said_is_heard_in_order_and_what_is_marked_goes_back() {
    let house = House::start(None);
    let (mut alice, mut bob) = (house.connect(0).await, house.connect(1).await);
    is_said(1, Bytes::from_static(b"short"), &mut alice, &mut bob).await;
    is_said(2, vec![7; 60_000].into(), &mut alice, &mut bob).await;
    let (chat, payload) = (CHAT, Bytes::from_static(b"read"));
    let marker = ClientFrame::Marker { chat, payload };
    bob.send(&marker).await.unwrap();
    let heard = next(&mut alice).await;
    assert!(
        matches!(heard, ServerFrame::Marker { from, .. } if from == address(1)),
        "{heard:?}"
    );
    bob.send(&ClientFrame::Ping).await.unwrap();
    assert_eq!(next(&mut bob).await, ServerFrame::Pong);
    house.end();
}

#[tokio::test]
async fn what_was_answered_is_in_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bare.db");
    let house = House::start(Some(&file));
    let (mut alice, mut bob) = (house.connect(0).await, house.connect(1).await);
    for number in 1..=20 {
        is_said(number, vec![number; 300].into(), &mut alice, &mut bob).await;
    }
    house.end();
    let mut database = SqliteConnectOptions::new()
        .filename(&file)
        .connect()
        .await
        .unwrap();
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, frame FROM entries WHERE chat = 0 ORDER BY seq")
            .fetch_all(&mut database)
            .await
            .unwrap();
    database.close().await.unwrap();
    assert_eq!(rows.len(), 20);
    for (number, (seq, frame)) in (1_u8..).zip(rows) {
        assert_eq!(seq, i64::from(number));
        let frame = ServerFrame::decode(&frame.into()).unwrap();
        assert!(
            matches!(&frame, ServerFrame::Entry { entry, .. } if entry.payload == vec![number; 300]),
            "{frame:?}"
        );
    }
}

#[tokio::test]
async fn who_reads_late_gets_all_of_it_and_who_goes_is_missed_by_nobody() {
    const MESSAGES: u8 = 200;
    let house = House::start(None);
    let (mut alice, mut bob) = (house.connect(0).await, house.connect(1).await);
    // More than the system holds for a socket: Bob reads none of it yet.
    let payload = Bytes::from(vec![5; 60_000]);
    for number in 1..=MESSAGES {
        alice.send(&message(number, payload.clone())).await.unwrap();
        let answer = next(&mut alice).await;
        assert!(matches!(answer, ServerFrame::Response { .. }), "{answer:?}");
    }
    for number in 1..=MESSAGES {
        let heard = next(&mut bob).await;
        assert!(
            matches!(&heard, ServerFrame::Entry { entry, .. } if entry.seq == Seq(number.into())),
            "{number}"
        );
    }
    // One goes in the middle of a frame, the other with a word of farewell.
    let mut stream = bob.into_tcp();
    stream.write_all(&[0x82, 0xfe, 1]).await.unwrap();
    drop(stream);
    let mut bob = house.connect(1).await;
    is_said(MESSAGES + 1, Bytes::from_static(b"again"), &mut alice, &mut bob).await;
    bob.close().await;
    assert!(bob.next().await.is_none());
    house.end();
}

#[tokio::test]
async fn a_stranger_is_refused() {
    let house = House::start(None);
    let stranger = LightSocket::connect(house.address, &Token::new("token-2".to_owned())).await;
    assert!(stranger.is_err());
    house.end();
}
