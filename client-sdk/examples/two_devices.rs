//! Alice on two devices, and Bob: registration, a chat by name, a message each way, and a second device that joins by
//! password alone.
//!
//! ```text
//! cargo run -p sotto-client-sdk --example two_devices -- http://127.0.0.1:7700
//! ```
#![allow(clippy::print_stdout, reason = "this is its output")]

use futures_util::StreamExt as _;
use sotto_client_sdk::native::{HttpTransport, SystemClock};
use sotto_client_sdk::platform::{MaybeSend, Platform};
use sotto_client_sdk::store::MemoryStore;
use sotto_client_sdk::{Body, Client, ClientConfig, Event, Events, Message, MessagesBefore, StoreKey};
use std::error::Error;

/// The native platform, but with a store that is gone with the process.
enum Ephemeral {}

impl Platform for Ephemeral {
    type Transport = HttpTransport;
    type Store = MemoryStore;
    type Clock = SystemClock;

    fn spawn(task: impl Future<Output = ()> + MaybeSend + 'static) {
        tokio::spawn(task);
    }
}

async fn device(server: &str) -> Result<Client<Ephemeral>, Box<dyn Error>> {
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let config = ClientConfig {
        transport: HttpTransport::new(server)?,
        store: MemoryStore::new(),
        store_key: StoreKey::generate(&mut rng),
        clock: SystemClock,
        rng: Box::new(rng),
        device_name: "example".to_owned(),
    };
    Ok(Client::open(config).await?)
}

/// Waits for the next message of somebody else, or of another own device.
async fn next_message(events: &mut Events) -> Result<Message, Box<dyn Error>> {
    while let Some(event) = events.next().await {
        if let Event::MessageAdded(message) = event {
            return Ok(message);
        }
    }
    Err("the client has closed".into())
}

fn show(who: &str, message: &Message) {
    let from = message
        .from
        .name
        .as_ref()
        .map_or("somebody", |name| name.as_str());
    match &message.body {
        Body::Text(text) => println!("{who} reads, from {from}: {}", text.text),
        Body::File { info, .. } => println!("{who} has a file from {from}: {}", info.name),
        Body::GroupChanges(_) => println!("{who} sees that {from} has changed something in the group"),
        Body::Deleted { .. } => println!("{who} sees that {from} has deleted a message"),
        Body::Unknown { .. } => println!("{who} has a message from {from} that a newer version sent"),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = std::env::args()
        .nth(1)
        .ok_or("give the server's URL, like http://127.0.0.1:7700")?;
    // Names are unique; this walk can be made many times on one server.
    let suffix = std::process::id();
    let (alice_name, bob_name) = (format!("alice{suffix}"), format!("bob{suffix}"));

    let laptop = device(&server).await?;
    let recovery_code = laptop
        .register(&alice_name, "correct horse battery staple")
        .await?;
    let words = recovery_code.words();
    println!(
        "alice is registered; her recovery code has {} words",
        words.split_whitespace().count()
    );

    let bob = device(&server).await?;
    bob.register(&bob_name, "a password of bob's own").await?;
    let mut bobs_events = bob.events();
    wait_until_online(&bob).await;

    let chat = laptop.start_chat(&bob_name).await?;
    let mut laptops_events = laptop.events();
    laptop.send_text(chat, "Hello, Bob!").await?;
    show("bob", &next_message(&mut bobs_events).await?);
    bob.send_text(chat, "Hello, Alice! Who else hears us?").await?;
    let mut read = next_message(&mut laptops_events).await?;
    while read.own {
        read = next_message(&mut laptops_events).await?;
    }
    show("alice's laptop", &read);
    let safety_number = laptop
        .safety_number(read.from.account)
        .ok_or("bob is no contact")?;
    println!("nobody, if bob sees the same safety number: {safety_number}");

    let phone = device(&server).await?;
    let mut phones_events = phone.events();
    phone.log_in(&alice_name, "correct horse battery staple").await?;
    while phone.chats().await?.is_empty() {
        phones_events.next().await.ok_or("the client has closed")?;
    }
    println!("alice's phone has joined the chat by itself");
    phone.send_text(chat, "And now from my phone.").await?;
    let mut heard = next_message(&mut bobs_events).await?;
    while heard.own {
        heard = next_message(&mut bobs_events).await?;
    }
    show("bob", &heard);

    println!("what the laptop has of the chat:");
    while laptop.messages(chat, MessagesBefore::Latest, 10).await?.len() < 3 {
        laptops_events.next().await.ok_or("the client has closed")?;
    }
    for message in laptop.messages(chat, MessagesBefore::Latest, 10).await? {
        show("  it", &message);
    }
    for client in [laptop, phone, bob] {
        client.close().await?;
    }
    Ok(())
}

/// A device can be invited once it has published KeyPackages, which it does when it comes online.
async fn wait_until_online(client: &Client<Ephemeral>) {
    let mut events = client.events();
    while client.connection() != sotto_client_sdk::ConnectionState::Online {
        if events.next().await.is_none() {
            return;
        }
    }
}
