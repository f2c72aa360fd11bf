//! A bot that repeats what it is told, with its history in a file: stopped and started, it misses nothing.
//!
//! ```text
//! export SOTTO_BOT_TOKEN=$(sotto bot create echo)
//! cargo run -p sotto-client-sdk --example echo_bot -- http://127.0.0.1:7700 echo.db
//! ```
#![allow(clippy::print_stdout, reason = "this is its output")]

use futures_util::StreamExt as _;
use sotto_client_sdk::messages::MESSAGES_AT_ONCE;
use sotto_client_sdk::native::{HttpTransport, Native, SqliteStore, SystemClock};
use sotto_client_sdk::{
    Body, BotToken, Client, ClientConfig, ClientError, Event, MessageState, MessagesBefore,
};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, path] = arguments.as_slice() else {
        return Err("give the server's URL and a file".into());
    };
    let token: BotToken = std::env::var("SOTTO_BOT_TOKEN")?.parse()?;
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let store = SqliteStore::open(path).await?;
    // The token does for both here; a person's store has a passphrase of its own, or the key ring's key.
    let passphrase = token.password().as_bytes().to_vec().into();
    let store_key = store.unlock(&passphrase, &mut rng).await?;
    let client = Client::<Native>::open(ClientConfig {
        transport: HttpTransport::new(server)?,
        store,
        store_key,
        clock: SystemClock,
        rng: Box::new(rng),
        device_name: "echo bot".to_owned(),
    })
    .await?;
    let mut events = client.events();
    client.log_in_as_bot(&token).await?;
    println!("{} listens", token.name());
    answer_what_waits(&client).await?;
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            _ = tokio::signal::ctrl_c() => None,
        };
        match event {
            Some(Event::MessageAdded(_) | Event::ChatAdded { .. } | Event::Lagged) => {
                answer_what_waits(&client).await?;
            }
            Some(Event::LoggedOut { .. }) | None => break,
            Some(_) => {}
        }
    }
    client.close().await?;
    Ok(())
}

/// Repeats every message that is not marked as read, then marks it. A bot that was stopped between the two says it
/// twice, but never not at all.
async fn answer_what_waits(client: &Client<Native>) -> Result<(), ClientError> {
    for summary in client
        .chats()
        .await?
        .into_iter()
        .filter(|summary| summary.unread > 0)
    {
        let latest = client
            .messages(summary.chat, MessagesBefore::Latest, MESSAGES_AT_ONCE)
            .await?;
        let waiting = latest.iter().filter(|message| {
            message.state == MessageState::Received && message.position > summary.read_up_to
        });
        for message in waiting {
            if let Body::Text(text) = &message.body {
                client.send_text(summary.chat, text.text.clone()).await?;
            }
            client.mark_read(summary.chat, message.position).await?;
        }
    }
    Ok(())
}
