//! Prints how long a message takes from `send_text` to the recipient's decrypted and stored copy, native to native over
//! loopback, durable on both clients and the server; and how long a device takes to catch up with 10,000 messages.
//!
//! ```text
//! cargo bench -p sotto-tests --bench latency
//! ```
#![allow(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "it measures and prints"
)]

use futures_util::StreamExt as _;
use sotto_client_sdk::native::{HttpTransport, Native, SqliteStore, SystemClock};
use sotto_client_sdk::protocol::ChatId;
use sotto_client_sdk::{
    Body, Client, ClientConfig, ConnectionState, Event, Events, Message, MessageState, MessagesBefore,
    StoreKey,
};
use sotto_tests::world::{PASSWORD, World};
use std::path::Path;
use std::time::{Duration, Instant};

const SENDS: usize = 1_000;
const MISSED: usize = 10_000;

async fn device(url: &str, path: &Path) -> Client<Native> {
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let store_key = StoreKey::generate(&mut rng);
    Client::open(ClientConfig {
        transport: HttpTransport::new(url).unwrap(),
        store: SqliteStore::open(path).await.unwrap(),
        store_key,
        clock: SystemClock,
        rng: Box::new(rng),
        device_name: String::new(),
    })
    .await
    .unwrap()
}

async fn online(client: &Client<Native>) {
    let mut events = client.events();
    while client.connection() != ConnectionState::Online {
        events.next().await.unwrap();
    }
}

fn says(message: &Message, text: &str) -> bool {
    matches!(&message.body, Body::Text(said) if said.text == text)
}

async fn last_is(client: &Client<Native>, chat: ChatId, text: &str) -> bool {
    let last = client.messages(chat, MessagesBefore::Latest, 1).await.unwrap();
    last.first()
        .is_some_and(|message| says(message, text) && message.state != MessageState::Queued)
}

/// Waits until the chat's last message says this.
async fn until_last_is(client: &Client<Native>, events: &mut Events, chat: ChatId, text: &str) {
    loop {
        match events.next().await.unwrap() {
            Event::MessageAdded(message) | Event::MessageChanged(message)
                if says(&message, text) && message.state != MessageState::Queued =>
            {
                return;
            }
            Event::Lagged if last_is(client, chat, text).await => return,
            _ => {}
        }
    }
}

fn at(sorted: &[Duration], per_mille: usize) -> f64 {
    sorted[(sorted.len() - 1) * per_mille / 1000].as_secs_f64() * 1e3
}

#[tokio::main]
async fn main() {
    let world = World::start().await;
    let directory = tempfile::tempdir().unwrap();
    let alice = device(&world.url(), &directory.path().join("alice.db")).await;
    let bob = device(&world.url(), &directory.path().join("bob.db")).await;
    alice.register("alice", PASSWORD).await.unwrap();
    bob.register("bob", PASSWORD).await.unwrap();
    online(&alice).await;
    online(&bob).await;
    let begun = Instant::now();
    let chat = alice.start_chat("bob").await.unwrap();
    println!(
        "a chat by name, from nothing: {:.1} ms",
        begun.elapsed().as_secs_f64() * 1e3
    );

    let mut bobs = bob.events();
    for number in 0..50 {
        let text = format!("warm up {number}");
        alice.send_text(chat, text.as_str()).await.unwrap();
        until_last_is(&bob, &mut bobs, chat, &text).await;
    }
    let mut latencies = Vec::with_capacity(SENDS);
    for number in 0..SENDS {
        let text = format!("{number:0100}");
        let sent = Instant::now();
        alice.send_text(chat, text.as_str()).await.unwrap();
        until_last_is(&bob, &mut bobs, chat, &text).await;
        latencies.push(sent.elapsed());
    }
    latencies.sort_unstable();
    println!(
        "send to decrypted and stored, one at a time, {SENDS} messages: median {:.2} ms, p99 {:.2} ms, max {:.2} ms",
        at(&latencies, 500),
        at(&latencies, 990),
        at(&latencies, 1000)
    );

    bob.disconnect().await.unwrap();
    let mut alices = alice.events();
    let begun = Instant::now();
    for number in 0..MISSED {
        alice
            .send_text(chat, format!("missed {number:0100}"))
            .await
            .unwrap();
    }
    let last = format!("missed {:0100}", MISSED - 1);
    if !last_is(&alice, chat, &last).await {
        until_last_is(&alice, &mut alices, chat, &last).await;
    }
    let elapsed = begun.elapsed().as_secs_f64();
    println!(
        "{MISSED} messages written, encrypted and accepted: {elapsed:.2} s ({:.0} a second)",
        MISSED as f64 / elapsed
    );

    let mut bobs = bob.events();
    let begun = Instant::now();
    bob.connect().await.unwrap();
    until_last_is(&bob, &mut bobs, chat, &last).await;
    let elapsed = begun.elapsed().as_secs_f64();
    println!(
        "{MISSED} missed messages fetched, decrypted and stored: {elapsed:.2} s ({:.0} a second)",
        MISSED as f64 / elapsed
    );
    alice.close().await.unwrap();
    bob.close().await.unwrap();
}
