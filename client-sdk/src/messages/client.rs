//! Reading, writing and marking messages.

use super::{
    Draft, Drafts, Message, MessagesBefore, NewBody, NewMessage, Stars, StoredBody, Text, find_message,
    position_at, read_message, read_messages, read_messages_after, read_pinned,
};
use crate::client::Client;
use crate::error::ClientError;
use crate::platform::{Clock as _, Platform};
use crate::record_key;
use crate::store::Changes;
use crate::sync::{Command, MarkCommand, MessageChange};
use sotto_crypto_core::{Deletion, Edit, Pin, Reaction};
use sotto_protocol::{ChatId, MessageId, Retention, Timestamp};

/// The longest page of [`Client::messages`].
pub const MESSAGES_AT_ONCE: usize = 1000;

impl<P: Platform> Client<P> {
    /// Messages of a chat, oldest first: the newest of those asked for, at most `limit` and [`MESSAGES_AT_ONCE`]. Local.
    pub async fn messages(
        &self,
        chat: ChatId,
        before: MessagesBefore,
        limit: usize,
    ) -> Result<Vec<Message>, ClientError> {
        let contacts = self.shared().contacts();
        let (limit, now) = (limit.min(MESSAGES_AT_ONCE), self.clock().now());
        Ok(read_messages(self.records(), chat, before, limit, now, &*contacts).await?)
    }

    /// The first messages of a chat after a position, oldest first, at most `limit` and [`MESSAGES_AT_ONCE`]. Local.
    pub async fn messages_after(
        &self,
        chat: ChatId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Message>, ClientError> {
        let contacts = self.shared().contacts();
        let (limit, now) = (limit.min(MESSAGES_AT_ONCE), self.clock().now());
        Ok(read_messages_after(self.records(), chat, after, limit, now, &*contacts).await?)
    }

    /// The position of a chat's first message of this time or later; of the last one, if all are earlier. Local.
    pub async fn position_at(&self, chat: ChatId, at: Timestamp) -> Result<Option<u64>, ClientError> {
        Ok(position_at(self.records(), chat, at).await?)
    }

    /// The message with this id, if it is here. Local.
    pub async fn message(&self, chat: ChatId, message: MessageId) -> Result<Option<Message>, ClientError> {
        let contacts = self.shared().contacts();
        Ok(read_message(self.records(), chat, message, self.clock().now(), &*contacts).await?)
    }

    /// The messages that are shown above the others, the latest pinned last. Local.
    pub async fn pinned(&self, chat: ChatId) -> Result<Vec<Message>, ClientError> {
        let contacts = self.shared().contacts();
        Ok(read_pinned(self.records(), chat, self.clock().now(), &*contacts).await?)
    }

    /// The starred messages that are here, the latest starred first: at most `limit` after the first `skip`. Local.
    pub async fn starred(&self, limit: usize, skip: usize) -> Result<Vec<Message>, ClientError> {
        let contacts = self.shared().contacts();
        let (records, now) = (self.records(), self.clock().now());
        let stars: Stars = records.get(&record_key::stars()).await?.unwrap_or_default();
        let (mut skip, mut messages) = (skip, Vec::new());
        for (chat, message) in stars.latest_first() {
            if messages.len() == limit.min(MESSAGES_AT_ONCE) {
                break;
            }
            let found = read_message(records, chat, message, now, &*contacts).await?;
            // Of one that was deleted the place is left.
            let Some(message) = found.filter(|message| message.is_starred) else {
                continue;
            };
            if skip == 0 {
                messages.push(message);
            } else {
                skip -= 1;
            }
        }
        Ok(messages)
    }

    /// Sends a text: once this returns, it is stored, and goes out as soon as it can.
    pub async fn send_text(&self, chat: ChatId, text: impl Into<String>) -> Result<MessageId, ClientError> {
        self.send(chat, NewMessage::text(text)).await
    }

    /// Sends a message: once this returns, it is stored, unless it is fleeting, and goes out as soon as it can.
    pub async fn send(&self, chat: ChatId, message: NewMessage) -> Result<MessageId, ClientError> {
        self.ask(|reply| Command::Send { chat, message, reply }).await
    }

    /// Has a message of this account say something else, on every device; what it has said before can be read still. It is kept as long
    /// as it would have been.
    pub async fn edit(
        &self,
        chat: ChatId,
        message: MessageId,
        text: impl Into<Text>,
    ) -> Result<(), ClientError> {
        let text = text.into();
        self.change(chat, MessageChange::Edit(Edit { message, text }))
            .await
    }

    /// Deletes a message on every device and the server: one of this account, or in a group, as an office holder, any.
    pub async fn delete(&self, chat: ChatId, message: MessageId) -> Result<(), ClientError> {
        self.change(chat, MessageChange::Deletion(Deletion { message }))
            .await
    }

    /// Deletes a message on this device alone.
    pub async fn delete_here(&self, chat: ChatId, message: MessageId) -> Result<(), ClientError> {
        self.ask(|reply| Command::DeleteHere { chat, message, reply })
            .await
    }

    /// Says what this account thinks of a message, in a character or a few, or that it does not any more.
    pub async fn react(
        &self,
        chat: ChatId,
        message: MessageId,
        emoji: impl Into<String>,
        is_set: bool,
    ) -> Result<(), ClientError> {
        let emoji = emoji.into();
        self.change(
            chat,
            MessageChange::Reaction(Reaction {
                message,
                emoji,
                is_set,
            }),
        )
        .await
    }

    /// Has a message shown above the others, for everybody in the chat, or not any more. In a group office holders do that.
    pub async fn pin(&self, chat: ChatId, message: MessageId, is_pinned: bool) -> Result<(), ClientError> {
        self.change(chat, MessageChange::Pin(Pin { message, is_pinned }))
            .await
    }

    /// Stars a message, or does not any more: for this account alone, on all of its devices.
    pub async fn star(&self, chat: ChatId, message: MessageId, is_starred: bool) -> Result<(), ClientError> {
        self.ask(|reply| {
            Command::Mark(MarkCommand::Star {
                chat,
                message,
                is_starred,
                reply,
            })
        })
        .await
    }

    async fn change(&self, chat: ChatId, change: MessageChange) -> Result<(), ClientError> {
        self.ask(|reply| Command::ChangeMessage { chat, change, reply })
            .await
    }

    /// Sends what a message says to another chat, as something that was said before.
    pub async fn forward(
        &self,
        from: ChatId,
        message: MessageId,
        to: ChatId,
    ) -> Result<MessageId, ClientError> {
        let found = find_message(self.records(), from, message, &Changes::new()).await?;
        let (_, found) = found.ok_or(ClientError::MessageNotFound)?;
        let body = match found.body {
            // What is not to be kept is not to be carried on.
            _ if found.retention != Retention::Keep => None,
            StoredBody::Text(text) => Some(NewBody::Text(text)),
            StoredBody::File(file) => Some(NewBody::File(file)),
            StoredBody::Upload { .. }
            | StoredBody::GroupChanges(_)
            | StoredBody::Unknown { .. }
            | StoredBody::Deleted { .. } => None,
        };
        let body = body.ok_or(ClientError::MessageRefused)?;
        self.send(to, NewMessage::passing_on(body)).await
    }

    /// What was begun to be written in a chat. Local.
    pub async fn draft(&self, chat: ChatId) -> Result<Option<Draft>, ClientError> {
        let drafts: Option<Drafts> = self.records().get(&record_key::drafts()).await?;
        Ok(drafts.and_then(|drafts| drafts.of(chat).cloned()))
    }

    /// Keeps what was begun to be written in a chat, or nothing any more. The account's other devices get it a few seconds later, if it
    /// is not longer than 4 KiB. Sending a message takes it away. What is to be fleeting must not be kept so.
    pub async fn set_draft(&self, chat: ChatId, draft: Option<Draft>) -> Result<(), ClientError> {
        self.ask(|reply| Command::Mark(MarkCommand::Draft { chat, draft, reply }))
            .await
    }

    /// Counts every message up to this position as read.
    pub async fn mark_read(&self, chat: ChatId, up_to: u64) -> Result<(), ClientError> {
        self.ask(|reply| Command::MarkRead { chat, up_to, reply }).await
    }
}
