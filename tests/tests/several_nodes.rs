//! Real servers over a real PostgreSQL and NATS, and people on different nodes who notice none of it.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::testing::Faults;
use sotto_tests::faults::house::House;
use sotto_tests::world::{Device, PASSWORD, Vault};

/// Somebody new on a node.
async fn person(house: &House, node: usize, name: &str) -> Device {
    let url = format!("http://{}", house.nodes[node].clients.address());
    let device = Device::open(&url, Vault::new(), Faults::none()).await;
    device.client.register(name, PASSWORD).await.unwrap();
    device.is_online().await;
    device
}

#[tokio::test(flavor = "multi_thread")]
async fn people_on_different_nodes_talk_while_bus_and_nodes_die() {
    let mut house = House::cluster(3, false, true).await.unwrap();
    let alice = person(&house, 0, "alice").await;
    let bob = person(&house, 1, "bob").await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    alice.sends(chat, "hello").await;
    bob.reads(chat, &["hello"]).await;
    bob.sends(chat, "and to you").await;
    alice.reads(chat, &["hello", "and to you"]).await;

    // Nobody on Bob's node hears of it by the bus.
    let bus = house.bus.as_mut().unwrap();
    bus.kill().await;
    alice.sends(chat, "is anybody there?").await;
    bob.ends_with(chat, "is anybody there?").await;
    bus.start().await.unwrap();

    // Alice's node dies; she is back as soon as it is.
    house.nodes[0].program.kill().await;
    bob.sends(chat, "where are you?").await;
    house.nodes[0].program.start().await.unwrap();
    alice.ends_with(chat, "where are you?").await;
    alice.sends(chat, "here").await;
    let all = [
        "hello",
        "and to you",
        "is anybody there?",
        "where are you?",
        "here",
    ];
    alice.reads(chat, &all).await;
    bob.reads(chat, &all).await;
}
