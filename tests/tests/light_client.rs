//! The light client against the real server.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use rand_core::SeedableRng as _;
use sotto_protocol::frame::{ClientFrame, Outcome, RequestId, ServerFrame};
use sotto_protocol::{ChatId, Epoch, MessageId, Retention, Seq};
use sotto_tests::light::{Api, LightAccount, LightDevice, LightSocket, mls};
use sotto_tests::world::{PATIENCE, World};
use std::net::SocketAddr;

async fn connected(address: SocketAddr, device: &LightDevice) -> LightSocket {
    let mut socket = LightSocket::connect(address, &device.tokens.access_token)
        .await
        .unwrap();
    until(&mut socket, |frame| matches!(frame, ServerFrame::Ready { .. })).await;
    socket
}

async fn until(socket: &mut LightSocket, is: impl Fn(&ServerFrame) -> bool) -> ServerFrame {
    loop {
        let next = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap();
        let frame = next.expect("the server has closed").unwrap();
        if is(&frame) {
            return frame;
        }
    }
}

#[tokio::test]
async fn accounts_devices_chats_and_messages_are_real() {
    let world = World::start().await;
    let address = world.url().strip_prefix("http://").unwrap().parse().unwrap();
    let api = Api::new(&world.url());
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let (mut alice, mut laptop) = LightAccount::register(&api, "alice", &mut rng).await.unwrap();
    let phone = alice.enrol(&api, &mut rng).await.unwrap();
    let (bob, at_bob) = LightAccount::register(&api, "bob", &mut rng).await.unwrap();
    at_bob.publish_key_packages(&api, 3, &mut rng).await.unwrap();
    laptop.refresh(&api).await.unwrap();
    let chat = ChatId::from_bytes([5; 16]);
    let others = alice.addresses().skip(1).chain(bob.addresses()).collect();
    laptop.create_chat(&api, chat, bob.id(), others).await.unwrap();

    let mut sender = connected(address, &laptop).await;
    let mut readers = [
        connected(address, &phone).await,
        connected(address, &at_bob).await,
    ];
    let payload = mls::application(chat, Epoch(1), b"hello");
    let send = ClientFrame::Send {
        request: RequestId(1),
        chat,
        message: MessageId::from_bytes([6; 16]),
        after: Seq::ZERO,
        retention: Retention::Keep,
        payload: payload.clone(),
    };
    sender.send(&send).await.unwrap();
    let answer = until(&mut sender, |frame| matches!(frame, ServerFrame::Response { .. })).await;
    let ServerFrame::Response { outcome, .. } = answer else {
        panic!("{answer:?}");
    };
    assert!(
        matches!(
            outcome,
            Outcome::Accepted {
                seq: Some(Seq(1)),
                reached: 2,
                ..
            }
        ),
        "{outcome:?}"
    );
    for reader in &mut readers {
        let frame = until(reader, |frame| matches!(frame, ServerFrame::Entry { .. })).await;
        let ServerFrame::Entry { entry, .. } = frame else {
            panic!("{frame:?}");
        };
        assert_eq!(
            (entry.seq, entry.from, entry.payload),
            (Seq(1), laptop.address, payload.clone())
        );
    }
}
