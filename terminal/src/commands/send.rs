//! `sotto send`

use super::files::file_to_send;
use super::history::{LOOK_BACK, newest};
use crate::failure::Failure;
use crate::session::{self, Session, chat_with};
use core::time::Duration;
use sotto_client_sdk::native::Native;
use sotto_client_sdk::protocol::{ChatId, MessageId, ProblemCode, Retention};
use sotto_client_sdk::{
    Client, ClientError, ConnectionState, Event, Events, Message, MessageState, NewMessage, TransferState,
};
use std::collections::HashSet;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use tokio::time::{Instant, timeout_at};

/// How long a command waits for the server to take what it sends.
const SENDING_TIME: Duration = Duration::from_secs(30);
/// The same where the server could not be reached a moment ago.
const OFFLINE_SENDING_TIME: Duration = Duration::from_secs(3);

pub(crate) async fn run(
    session: &mut Session,
    name: &str,
    text: Option<String>,
    files: &[PathBuf],
    keep: Option<Retention>,
) -> Result<(), Failure> {
    let client = session.resume().await?;
    let sent = send(&client, name, text, files, keep).await;
    client.close().await?;
    if let Some(reached) = sent? {
        session.screen.note(&reached_words(reached))?;
    }
    Ok(())
}

/// Of a fleeting message, how many devices were there.
async fn send(
    client: &Client<Native>,
    name: &str,
    text: Option<String>,
    files: &[PathBuf],
    keep: Option<Retention>,
) -> Result<Option<u32>, Failure> {
    let mut text = match text {
        Some(text) if text == "-" => Some(read_input()?),
        text => text,
    };
    session::wait_online(client).await?;
    let mut events = client.events();
    let chat = chat_with(client, name).await?;
    let mut sending = Sending::default();
    for path in files {
        // What is said is said about the first of them.
        let caption = text.take();
        sending
            .send_file(client, chat, path, caption.as_deref(), keep)
            .await?;
    }
    if let Some(text) = text {
        sending.send(client, name, chat, text, keep).await?;
    }
    sending.finish(client, chat, &mut events).await
}

/// Of a fleeting message: whom it has reached.
pub(super) fn reached_words(reached: u32) -> String {
    match reached {
        0 => "Nobody was there to see it, and it is kept nowhere.".to_owned(),
        1 => "It has reached 1 device.".to_owned(),
        reached => format!("It has reached {reached} devices."),
    }
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
    /// How many devices the last fleeting one has reached.
    reached: Option<u32>,
}

impl Sending {
    /// Hands the text to the client, which keeps it. Events have to be subscribed to before.
    pub(super) async fn send(
        &mut self,
        client: &Client<Native>,
        name: &str,
        chat: ChatId,
        text: String,
        keep: Option<Retention>,
    ) -> Result<(), Failure> {
        let sent = client.send(chat, NewMessage::text(text).kept(keep)).await;
        let message = sent.map_err(|error| match error {
            ClientError::IdentityChanged { .. } => Failure::IdentityChanged {
                name: name.to_owned(),
            },
            error => error.into(),
        })?;
        self.waiting.insert(message);
        Ok(())
    }

    /// Hands a file to the client, which keeps where it is.
    pub(super) async fn send_file(
        &mut self,
        client: &Client<Native>,
        chat: ChatId,
        path: &Path,
        caption: Option<&str>,
        keep: Option<Retention>,
    ) -> Result<(), Failure> {
        let file = file_to_send(path, caption, keep).await?;
        let message = client.send_file(chat, file).await?;
        self.waiting.insert(message);
        Ok(())
    }

    /// Waits for what becomes of this message too.
    pub(super) fn waits_for(&mut self, message: MessageId) {
        self.waiting.insert(message);
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
            MessageState::Relayed { reached } => {
                if self.waiting.remove(&message.id) {
                    self.reached = Some(reached);
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
    ) -> Result<Option<u32>, Failure> {
        let patience = match client.connection() {
            ConnectionState::Online => SENDING_TIME,
            ConnectionState::Connecting | ConnectionState::Offline => OFFLINE_SENDING_TIME,
        };
        let mut until = Instant::now() + patience;
        while !self.waiting.is_empty() {
            let event = timeout_at(until, session::next(events)).await;
            match event.map_err(|_| Failure::Unsent)?? {
                Event::MessageChanged(message) => self.note(&message),
                // As long as a file moves, it may take.
                Event::Transfer(transfer) if self.waiting.contains(&transfer.message) => match transfer.state
                {
                    TransferState::Active | TransferState::Done => until = Instant::now() + patience,
                    TransferState::Failed { .. } | TransferState::NeedsFile => {
                        return Err(Failure::FileFailed);
                    }
                    TransferState::Waiting => {}
                },
                Event::Lagged => {
                    for message in newest(client, chat, LOOK_BACK).await? {
                        self.note(&message);
                    }
                }
                _ => {}
            }
        }
        self.refused
            .map_or(Ok(self.reached), |code| Err(Failure::Refused(code.title())))
    }
}
