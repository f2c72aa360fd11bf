//! What the account marks for itself alone, on all of its devices: starred messages, silent chats and chats that are put away, drafts.

use super::{Engine, Input, Reply, SharedRecord};
use crate::chats::{ChatPreferences, Mute};
use crate::error::ClientError;
use crate::events::Event;
use crate::messages::{Draft, Drafts, Stars, find_message, last_message};
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, RecordsError};
use core::time::Duration;
use sotto_protocol::{ChatId, MessageId, limits};

/// How long it takes until the account's other devices get a draft: whoever writes changes it all the time.
const DRAFTS_INTERVAL: Duration = Duration::from_secs(5);

/// What an account marks for itself.
pub(crate) enum MarkCommand {
    Star {
        chat: ChatId,
        message: MessageId,
        is_starred: bool,
        reply: Reply<()>,
    },
    Mute {
        chat: ChatId,
        mute: Option<Mute>,
        reply: Reply<()>,
    },
    /// Puts a chat away, or brings it back.
    PutAway {
        chat: ChatId,
        is_archived: bool,
        reply: Reply<()>,
    },
    Draft {
        chat: ChatId,
        draft: Option<Draft>,
        reply: Reply<()>,
    },
}

impl<P: Platform> Engine<P> {
    pub(super) async fn mark_command(&mut self, command: MarkCommand) {
        match command {
            MarkCommand::Star {
                chat,
                message,
                is_starred,
                reply,
            } => self.star(chat, message, is_starred, reply).await,
            MarkCommand::Mute { chat, mute, reply } => self.mute(chat, mute, reply).await,
            MarkCommand::PutAway {
                chat,
                is_archived,
                reply,
            } => self.put_away(chat, is_archived, reply).await,
            MarkCommand::Draft { chat, draft, reply } => reply.send(self.set_draft(chat, draft).await),
        }
    }

    /// Stars a message, or does not any more.
    async fn star(&mut self, id: ChatId, message: MessageId, is_starred: bool, reply: Reply<()>) {
        match self.keep_star(id, message, is_starred).await {
            Ok(()) => self.share(Stars::NAME, Some(reply)).await,
            Err(error) => reply.send(Err(error)),
        }
    }

    async fn keep_star(
        &mut self,
        id: ChatId,
        message: MessageId,
        is_starred: bool,
    ) -> Result<(), ClientError> {
        self.ensure_writer().await?;
        let records = self.surroundings.records.clone();
        if is_starred {
            let found = find_message(&records, id, message, &Changes::new()).await?;
            if found.is_none() {
                return Err(ClientError::MessageNotFound);
            }
            if self.stars.are_full() && !self.stars.contain(id, message) {
                return Err(ClientError::TooManyStars);
            }
        }
        let mut stars = self.stars.clone();
        if !stars.set(id, message, is_starred, self.now()) {
            return Ok(());
        }
        let mut changes = Changes::new();
        changes.put(record_key::stars(), &stars);
        let events = self.mark_starred(&stars, &[(id, message)], &mut changes).await?;
        self.write(changes).await?;
        self.stars = stars;
        self.tell_stars(events);
        Ok(())
    }

    /// Takes in what other devices have starred.
    pub(super) async fn merge_stars(
        &mut self,
        theirs: &Stars,
        changes: &mut Changes,
    ) -> Result<Vec<Event>, RecordsError> {
        let mut stars = self.stars.clone();
        let differing = stars.take_in(theirs);
        if stars == self.stars {
            return Ok(Vec::new());
        }
        changes.put(record_key::stars(), &stars);
        let events = self.mark_starred(&stars, &differing, changes).await?;
        self.stars = stars;
        Ok(events)
    }

    /// Has the messages themselves say whether they are starred.
    async fn mark_starred(
        &self,
        stars: &Stars,
        differing: &[(ChatId, MessageId)],
        changes: &mut Changes,
    ) -> Result<Vec<Event>, RecordsError> {
        let records = self.surroundings.records.clone();
        let mut events = Vec::new();
        for &(chat, message) in differing {
            let found = find_message(&records, chat, message, changes).await?;
            let Some((position, mut record)) = found else {
                continue;
            };
            record.is_starred = stars.contain(chat, message);
            record.put(chat, position, changes);
            let message = record.into_message(chat, position, &self.contacts);
            events.push(Event::MessageChanged(message));
        }
        Ok(events)
    }

    pub(super) fn tell_stars(&self, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        for event in events {
            self.events.emit(&event);
        }
        self.events.emit(&Event::StarsChanged);
    }

    /// Has a chat be silent for so long, or not any more.
    async fn mute(&mut self, id: ChatId, mute: Option<Mute>, reply: Reply<()>) {
        let decided = self
            .prefer(id, |preferences| preferences.set_mute(id, mute))
            .await;
        match decided {
            Ok(()) => self.share(ChatPreferences::NAME, Some(reply)).await,
            Err(error) => reply.send(Err(error)),
        }
    }

    /// Puts a chat away, or brings it back.
    async fn put_away(&mut self, id: ChatId, is_archived: bool, reply: Reply<()>) {
        let records = self.surroundings.records.clone();
        let last = last_message(&records, id, self.now(), &self.contacts).await;
        let last = match last {
            Ok(last) => last.map_or(0, |last| last.position),
            Err(error) => return reply.send(Err(error.into())),
        };
        let decided = self
            .prefer(id, |preferences| {
                preferences.set_archived(id, is_archived.then_some(last))
            })
            .await;
        match decided {
            Ok(()) => self.share(ChatPreferences::NAME, Some(reply)).await,
            Err(error) => reply.send(Err(error)),
        }
    }

    async fn prefer(
        &mut self,
        id: ChatId,
        decide: impl FnOnce(&mut ChatPreferences) -> bool,
    ) -> Result<(), ClientError> {
        self.ensure_writer().await?;
        if !self.chats.contains_key(&id) {
            return Err(ClientError::ChatNotFound);
        }
        let mut preferences = self.preferences.clone();
        if decide(&mut preferences) {
            let mut changes = Changes::new();
            changes.put(record_key::chat_preferences(), &preferences);
            self.write(changes).await?;
            self.preferences = preferences;
            self.silent_chats_changed();
            self.events.emit(&Event::ChatChanged { chat: id });
        }
        Ok(())
    }

    /// Takes in what other devices have decided about chats. Says about which.
    pub(super) fn merge_preferences(
        &mut self,
        theirs: &ChatPreferences,
        changes: &mut Changes,
    ) -> Vec<ChatId> {
        let before = self.preferences.clone();
        let differing = self.preferences.take_in(theirs);
        if self.preferences != before {
            changes.put(record_key::chat_preferences(), &self.preferences);
        }
        differing
    }

    /// Keeps what was begun to be written in a chat, or nothing any more.
    async fn set_draft(&mut self, id: ChatId, draft: Option<Draft>) -> Result<(), ClientError> {
        if draft.as_ref().is_some_and(|draft| {
            draft.text.len() > limits::TEXT_BYTES || draft.mentions.len() > limits::MENTIONS
        }) {
            return Err(ClientError::TextTooLong);
        }
        self.ensure_writer().await?;
        if !self.chats.contains_key(&id) {
            return Err(ClientError::ChatNotFound);
        }
        let mut changes = Changes::new();
        if self.note_draft(id, draft, &mut changes) {
            self.write(changes).await?;
            self.events.emit(&Event::ChatChanged { chat: id });
        }
        Ok(())
    }

    /// Notes what was begun to be written in a chat. `false` if that is so already.
    pub(super) fn note_draft(&mut self, id: ChatId, draft: Option<Draft>, changes: &mut Changes) -> bool {
        let differs = self.drafts.set(id, draft);
        if differs {
            changes.put(record_key::drafts(), &self.drafts);
            if !core::mem::replace(&mut self.sharing.has_drafts, true) {
                self.later(DRAFTS_INTERVAL, Input::DraftsDue);
            }
        }
        differs
    }

    /// The account's other devices get what was begun to be written.
    pub(super) async fn drafts_due(&mut self) {
        self.sharing.has_drafts = false;
        self.share(Drafts::NAME, None).await;
    }

    /// Takes in what other devices have begun to write. Says in which chats.
    pub(super) fn merge_drafts(&mut self, theirs: &Drafts, changes: &mut Changes) -> Vec<ChatId> {
        let before = self.drafts.clone();
        let differing = self.drafts.take_in(theirs);
        if self.drafts != before {
            changes.put(record_key::drafts(), &self.drafts);
        }
        differing
    }

    async fn ensure_writer(&mut self) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        if self.logged_in {
            Ok(())
        } else {
            Err(ClientError::NotLoggedIn)
        }
    }
}
