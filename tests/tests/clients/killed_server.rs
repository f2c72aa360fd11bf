//! The server is killed while people talk. What it had acknowledged is there, once, in the same order for everyone.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::MessageId;
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{Event, MessageState};
use sotto_tests::process::ServerProcess;
use sotto_tests::world::{Device, PASSWORD, Vault, next, text_of};
use std::collections::HashMap;

const FROM_ALICE: usize = 1_000;
const FROM_BOB: usize = 300;
/// After how many acknowledged messages of Alice's the server dies.
const KILLS: [usize; 3] = [120, 430, 810];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_acknowledged_is_lost_doubled_or_moved_when_the_server_is_killed() {
    let mut server = ServerProcess::start().await;
    let alice = Device::open(&server.url(), Vault::new(), Faults::none()).await;
    alice.client.register("alice", PASSWORD).await.unwrap();
    let bob = Device::open(&server.url(), Vault::new(), Faults::none()).await;
    bob.client.register("bob", PASSWORD).await.unwrap();
    bob.is_online().await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;

    let mut events = alice.client.events();
    let sending = tokio::spawn({
        let (alice, bob) = (alice.client.clone(), bob.client.clone());
        async move {
            for number in 0..FROM_ALICE {
                alice.send_text(chat, format!("alice {number}")).await.unwrap();
                if number < FROM_BOB {
                    bob.send_text(chat, format!("bob {number}")).await.unwrap();
                }
            }
        }
    });
    let mut acknowledged: HashMap<MessageId, u64> = HashMap::new();
    for kill_after in KILLS {
        while acknowledged.len() < kill_after {
            match next(&mut events).await {
                Event::MessageChanged(message) if message.state == MessageState::Accepted => {
                    acknowledged.insert(message.id, message.position);
                }
                Event::Lagged => panic!("events were missed"),
                _ => {}
            }
        }
        server.kill().await;
        server.start_again().await;
        alice.client.connect().await.unwrap();
        bob.client.connect().await.unwrap();
    }
    sending.await.unwrap();
    alice.has_messages(chat, FROM_ALICE + FROM_BOB).await;
    bob.has_messages(chat, FROM_ALICE + FROM_BOB).await;

    let (at_alice, at_bob) = (alice.messages(chat).await, bob.messages(chat).await);
    let ids = |messages: &[sotto_client_sdk::Message]| -> Vec<(MessageId, u64)> {
        messages
            .iter()
            .map(|message| (message.id, message.position))
            .collect()
    };
    assert_eq!(
        ids(&at_alice),
        ids(&at_bob),
        "both sides read the same, in the same order"
    );
    for (name, count) in [("alice", FROM_ALICE), ("bob", FROM_BOB)] {
        let texts: Vec<String> = at_bob
            .iter()
            .map(text_of)
            .filter(|text| text.starts_with(name))
            .collect();
        let sent: Vec<String> = (0..count).map(|number| format!("{name} {number}")).collect();
        assert_eq!(texts, sent, "everything that {name} sent, once, as sent");
    }
    let positions: HashMap<MessageId, u64> = ids(&at_bob).into_iter().collect();
    for (message, position) in acknowledged {
        assert_eq!(
            positions.get(&message),
            Some(&position),
            "an acknowledged message keeps its position"
        );
    }
}
