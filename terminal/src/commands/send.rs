//! `sotto send`

use super::history::{LOOK_BACK, newest};
use crate::failure::Failure;
use crate::session::{self, Session, chat_with};
use core::time::Duration;
use sotto_client_sdk::native::Native;
use sotto_client_sdk::protocol::{ChatId, MessageId, ProblemCode};
use sotto_client_sdk::{Client, ClientError, ConnectionState, Event, Events, Message, MessageState};
use std::collections::HashSet;
use std::io::{self, Read as _};
use tokio::time::timeout;

/// How long a command waits for the server to take what it sends.
const SENDING_TIME: Duration = Duration::from_secs(30);
/// The same where the server could not be reached a moment ago.
const OFFLINE_SENDING_TIME: Duration = Duration::from_secs(3);

pub(crate) async fn run(session: &mut Session, name: &str, text: String) -> Result<(), Failure> {
    let client = session.resume().await?;
    let sent = send(&client, name, text).await;
    client.close().await?;
    sent
}

async fn send(client: &Client<Native>, name: &str, text: String) -> Result<(), Failure> {
    let text = if text == "-" { read_input()? } else { text };
    session::wait_online(client).await?;
    let mut events = client.events();
    let chat = chat_with(client, name).await?;
    let mut sending = Sending::default();
    sending.send(client, name, chat, text).await?;
    sending.finish(client, chat, &mut events).await
}

fn read_input() -> Result<String, Failure> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let end = text.trim_end_matches(['\n', '\r']).len();
    text.truncate(end);
    Ok(text)
}

/// Messages on their way to the server.
#[derive(Default)]
pub(super) struct Sending {
    waiting: HashSet<MessageId>,
    refused: Option<ProblemCode>,
}

impl Sending {
    /// Hands the text to the client, which keeps it. Events have to be subscribed to before.
    pub(super) async fn send(
        &mut self,
        client: &Client<Native>,
        name: &str,
        chat: ChatId,
        text: String,
    ) -> Result<(), Failure> {
        let message = client.send_text(chat, text).await.map_err(|error| match error {
            ClientError::IdentityChanged { .. } => Failure::IdentityChanged {
                name: name.to_owned(),
            },
            error => error.into(),
        })?;
        self.waiting.insert(message);
        Ok(())
    }

    /// Takes notice of what became of a message.
    pub(super) fn note(&mut self, message: &Message) {
        match message.state {
            MessageState::Accepted => {
                self.waiting.remove(&message.id);
            }
            MessageState::Failed { code } => {
                if self.waiting.remove(&message.id) {
                    self.refused = Some(code);
                }
            }
            MessageState::Queued | MessageState::Received => {}
        }
    }

    /// Waits until the server has them all, but not for ever.
    pub(super) async fn finish(
        mut self,
        client: &Client<Native>,
        chat: ChatId,
        events: &mut Events,
    ) -> Result<(), Failure> {
        let all = async {
            while !self.waiting.is_empty() {
                match session::next(events).await? {
                    Event::MessageChanged(message) => self.note(&message),
                    Event::Lagged => {
                        for message in newest(client, chat, LOOK_BACK).await? {
                            self.note(&message);
                        }
                    }
                    _ => {}
                }
            }
            Ok(())
        };
        let patience = match client.connection() {
            ConnectionState::Online => SENDING_TIME,
            ConnectionState::Connecting | ConnectionState::Offline => OFFLINE_SENDING_TIME,
        };
        timeout(patience, all).await.unwrap_or(Err(Failure::Unsent))?;
        self.refused
            .map_or(Ok(()), |code| Err(Failure::Refused(code.title())))
    }
}
