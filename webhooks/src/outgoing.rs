//! What is said in a bot's chats is posted to a program.

use crate::payload::Posted;
use crate::{Endpoint, SigningSecret, WebhookError};
use core::time::Duration;
use futures_util::StreamExt as _;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use sotto_client_sdk::messages::QUEUED_POSITIONS;
use sotto_client_sdk::platform::{Clock, Platform};
use sotto_client_sdk::protocol::{ChatId, Retention};
use sotto_client_sdk::{ChatSummary, Client, Event, Message};

/// For one post, from the name to the head of the answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long is waited after a first failure; each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// A message that is answered with an error of the receiver for so long is left out.
const LONGEST_IN_ALL: Duration = Duration::from_hours(24);
/// How often a message is posted that the program refuses.
const REFUSALS: u32 = 5;
/// Messages that are read at a time.
const PAGE: usize = 100;

/// What went wrong with a post, for whoever looks after the bot. The message itself is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It is tried again.
    #[error("a webhook was not taken; it is posted again in {} s", .wait.as_secs())]
    Later {
        /// What the program has answered, if it has.
        status: Option<u16>,
        /// After how long.
        wait: Duration,
    },
    /// The program has refused it so often that it is left out.
    #[error("a webhook was refused with status {status}, and is left out")]
    LeftOut {
        /// What the program has answered.
        status: u16,
    },
}

/// What became of a post.
enum Outcome {
    Taken,
    /// By a program that understands, and would say the same again.
    Refused(StatusCode),
    /// By nobody, or by a program that has no time now.
    NotTaken(Option<StatusCode>),
}

/// Posts what is said in a bot's chats, the messages of a chat in their order, each until it was taken: so at least once, under an id that
/// stays the same. How far it has come is how far the bot has read, which its store keeps and the chat's members see.
pub struct Outgoing<P: Platform, C: Clock> {
    client: Client<P>,
    clock: C,
    endpoint: Endpoint,
    secret: SigningSecret,
    http: reqwest::Client,
    report: Box<dyn Fn(Trouble) + Send + Sync>,
}

impl<P: Platform, C: Clock> Outgoing<P, C> {
    /// Nothing is posted until [`Self::run`].
    pub fn new(
        client: Client<P>,
        clock: C,
        endpoint: Endpoint,
        secret: SigningSecret,
        report: impl Fn(Trouble) + Send + Sync + 'static,
    ) -> Result<Self, WebhookError> {
        let http = reqwest::Client::builder()
            // What is said in a chat goes to the address that was given, and nowhere else.
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .map_err(WebhookError::Http)?;
        Ok(Self {
            client,
            clock,
            endpoint,
            secret,
            http,
            report: Box::new(report),
        })
    }

    /// Posts what was said and what is said from now on, until the client is closed. Dropping it loses nothing: what was not taken is
    /// posted the next time, but for what is fleeting.
    pub async fn run(self) -> Result<(), WebhookError> {
        let mut events = self.client.events();
        loop {
            for chat in self.client.chats().await? {
                self.post_unread(&chat).await?;
            }
            loop {
                let Some(event) = events.next().await else {
                    return Ok(());
                };
                let is_worth_a_look = match event {
                    Event::MessageAdded(message) if message.retention == Retention::Never => {
                        self.post_fleeting(&message).await?;
                        false
                    }
                    Event::MessageAdded(message) => !message.own,
                    Event::ChatAdded { .. } | Event::Lagged => true,
                    // One that was accepted, or that was just read here.
                    Event::ChatChanged { chat } => self.has_unread(chat).await?,
                    _ => false,
                };
                if is_worth_a_look {
                    break;
                }
            }
        }
    }

    async fn has_unread(&self, chat: ChatId) -> Result<bool, WebhookError> {
        let chats = self.client.chats().await?;
        Ok(chats
            .iter()
            .any(|known| known.chat == chat && known.request.is_none() && known.unread > 0))
    }

    async fn post_unread(&self, chat: &ChatSummary) -> Result<(), WebhookError> {
        // Strangers wait: what they say is nobody's yet.
        if chat.request.is_some() {
            return Ok(());
        }
        let (mut after, mut read) = (chat.read_up_to, chat.read_up_to);
        loop {
            let page = self.client.messages_after(chat.chat, after, PAGE).await?;
            let is_last = page.len() < PAGE;
            for message in page {
                // The bot's own, which have no place yet.
                if message.position >= QUEUED_POSITIONS {
                    continue;
                }
                after = message.position;
                if let Some(posted) = Posted::of(&message, &chat.kind) {
                    self.post(&message, &posted).await;
                    self.client.mark_read(chat.chat, after).await?;
                    read = after;
                }
            }
            if is_last {
                break;
            }
        }
        if after > read {
            self.client.mark_read(chat.chat, after).await?;
        }
        Ok(())
    }

    async fn post_fleeting(&self, message: &Message) -> Result<(), WebhookError> {
        let chats = self.client.chats().await?;
        let chat = chats.iter().find(|chat| chat.chat == message.chat);
        if let Some(chat) = chat.filter(|chat| chat.request.is_none())
            && let Some(posted) = Posted::of(message, &chat.kind)
        {
            self.post(message, &posted).await;
        }
        Ok(())
    }

    /// Posts until it was taken, or refused so often that it is left out.
    async fn post(&self, message: &Message, posted: &Posted<'_>) {
        let Ok(body) = serde_json::to_vec(posted) else {
            return;
        };
        let id = format!("msg_{}_{}", message.chat, message.id);
        let (mut refusals, mut wait, mut waited) = (0, FIRST_WAIT, Duration::ZERO);
        loop {
            let status = match self.post_once(&id, body.clone()).await {
                Outcome::Taken => return,
                Outcome::Refused(status) => {
                    refusals += 1;
                    if refusals >= REFUSALS {
                        (self.report)(Trouble::LeftOut {
                            status: status.as_u16(),
                        });
                        return;
                    }
                    Some(status)
                }
                // Whoever answers is there: one message that it cannot take does not keep all others back.
                Outcome::NotTaken(Some(status)) if waited >= LONGEST_IN_ALL => {
                    (self.report)(Trouble::LeftOut {
                        status: status.as_u16(),
                    });
                    return;
                }
                Outcome::NotTaken(status) => status,
            };
            waited = waited.saturating_add(wait);
            (self.report)(Trouble::Later {
                status: status.map(|status| status.as_u16()),
                wait,
            });
            self.clock.sleep(wait).await;
            wait = wait.saturating_mul(2).min(LONGEST_WAIT);
        }
    }

    async fn post_once(&self, id: &str, body: Vec<u8>) -> Outcome {
        let timestamp = self.clock.now().0 / 1000;
        let answer = self
            .http
            .post(self.endpoint.0.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", self.secret.sign(id, timestamp, &body))
            .body(body)
            .send()
            .await;
        match answer.map(|answer| answer.status()) {
            Ok(status) if status.is_success() => Outcome::Taken,
            Ok(
                status
                @ (StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS),
            ) => Outcome::NotTaken(Some(status)),
            Ok(status) if status.is_client_error() || status.is_redirection() => Outcome::Refused(status),
            Ok(status) => Outcome::NotTaken(Some(status)),
            Err(_) => Outcome::NotTaken(None),
        }
    }
}
