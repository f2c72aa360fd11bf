//! Waiting for what was missed, against a scripted server, with time in the test's hands.

use super::scripted::{Peer, Scripted, ScriptedTransport, problem};
use crate::account::{AccountRecord, SessionRecord};
use crate::client::{Client, ClientConfig};
use crate::error::ClientError;
use crate::native::SystemClock;
use crate::platform::Clock as _;
use crate::record_key;
use crate::store::{Changes, MemoryStore, Records};
use async_channel::Receiver;
use core::time::Duration;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sotto_crypto_core::{AccountRoot, Device, StoreKey};
use sotto_protocol::frame::ServerFrame;
use sotto_protocol::rest::auth::Token;
use sotto_protocol::{AccountId, ChatId, DeviceId, ProblemCode, Seq, Suite};
use tokio::time::Instant;

const KEY: [u8; 32] = [3; 32];

/// A client that is logged in, and the connections that it makes.
async fn client() -> (Client<Scripted>, Receiver<Peer>) {
    let mut rng = ChaCha20Rng::from_seed([4; 32]);
    let root = AccountRoot::from_bytes([5; 32]);
    let account = AccountId::from_bytes([6; 16]);
    let device = Device::generate(&mut rng, account, DeviceId::from_bytes([7; 16]), &root.identity());
    let mut account = AccountRecord::new(account, "alice".parse().unwrap(), &root, &device);
    account.enrolled = true;
    let session = SessionRecord {
        access_token: Token::new("first".to_owned()),
        expires_at: SystemClock.now().plus_millis(24 * 60 * 60 * 1000),
        refresh_token: Token::new("refresh".to_owned()),
    };
    let mut changes = Changes::new();
    changes.put(record_key::account(), &account);
    changes.put(record_key::session(), &session);
    let store = MemoryStore::new();
    let records = Records::new(store.clone(), StoreKey::from_bytes(KEY));
    records.apply(&mut rng, changes).await.unwrap();
    let (transport, peers) = ScriptedTransport::new(|request| {
        Ok(problem(if request.path.starts_with("/v1/chat/") {
            ProblemCode::ChatNotFound
        } else {
            ProblemCode::Unavailable
        }))
    });
    let client = Client::open(ClientConfig {
        transport,
        store,
        store_key: StoreKey::from_bytes(KEY),
        clock: SystemClock,
        rng: Box::new(rng),
        device_name: String::new(),
    })
    .await
    .unwrap();
    (client, peers)
}

#[tokio::test(start_paused = true)]
async fn who_has_no_connection_for_half_a_minute_is_told_so() {
    let (client, _peers) = client().await;
    let began = Instant::now();
    // The server takes connections, and says nothing.
    assert_eq!(client.catch_up().await, Err(ClientError::Offline));
    assert_eq!(began.elapsed(), Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn what_was_announced_is_waited_for_unless_the_server_does_not_have_it() {
    let (client, peers) = client().await;
    let peer = peers.recv().await.unwrap();
    let mut waiting = tokio::spawn({
        let client = client.clone();
        async move { client.catch_up().await }
    });
    // A chat that this device is to join, and may not.
    peer.says(&ServerFrame::Cursor {
        chat: ChatId::from_bytes([8; 16]),
        acknowledged: None,
        last: Seq(5),
        suite: Suite::XWing,
    })
    .await;
    let early = tokio::time::timeout(Duration::from_secs(1), &mut waiting).await;
    assert!(early.is_err(), "the server has not said that this is all");
    peer.says(&ServerFrame::Ready {
        at: SystemClock.now(),
    })
    .await;
    assert_eq!(waiting.await.unwrap(), Ok(()));
    assert_eq!(client.catch_up().await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_ends_before_all_is_here_is_not_the_last() {
    let (client, peers) = client().await;
    let peer = peers.recv().await.unwrap();
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.catch_up().await }
    });
    drop(peer);
    let peer = peers.recv().await.unwrap();
    peer.says(&ServerFrame::Ready {
        at: SystemClock.now(),
    })
    .await;
    assert_eq!(waiting.await.unwrap(), Ok(()));
}
