//! Writing an encrypted export.

use super::block::{Block, BlockWriter, End, ExportedChat, Head};
use super::is_exported;
use super::progress::{ExportProgress, Exported, Watcher, go_on};
use crate::archive::ArchivedMessage;
use crate::error::ClientError;
use crate::messages::{MessageRecord, QUEUED_POSITIONS};
use crate::platform::{FileSink, let_others_run};
use crate::record_key;
use crate::store::{Records, RecordsError, Scan, Store};
use crate::sync::ExportPlan;
use sotto_crypto_core::ExportSealer;
use sotto_protocol::{ChatId, Timestamp};

/// Records that are read at once: what opening them takes holds up nobody for longer than a few milliseconds.
const AT_ONCE: usize = 256;
/// Bytes of the messages of a block, before compression. One that is longer has a block of its own.
const BLOCK_CONTENT_BYTES: usize = 64 * 1024;
/// Bytes of the longest message that is exported with all that it has said before: none that there is comes to that.
const LONGEST_BYTES: usize = 3 * 1024 * 1024;

/// Writes an export.
pub(super) struct Writer<'a, W> {
    pub(super) sealer: ExportSealer,
    pub(super) blocks: BlockWriter,
    pub(super) sink: &'a mut dyn FileSink,
    pub(super) watcher: &'a W,
}

impl<W: Watcher<ExportProgress>> Writer<'_, W> {
    /// Writes it to its end.
    pub(super) async fn write_all<S: Store>(
        mut self,
        records: &Records<S>,
        plan: ExportPlan,
        now: Timestamp,
    ) -> Result<Exported, ClientError> {
        self.write(&Block::Head(Head {
            account: plan.account,
            identity_key: plan.identity_key,
            at: now,
        }))
        .await?;
        let mut progress = ExportProgress::default();
        let mut left: u64 = plan.chats.iter().map(|chat| chat.covered.count()).sum();
        let chats = plan.chats.len() as u64;
        for chat in plan.chats {
            left = left.saturating_sub(chat.covered.count());
            let covered = chat.covered.clone();
            let id = chat.chat;
            self.write(&Block::Chat(Box::new(chat))).await?;
            let mut messages = MessagesOf::new(id, covered.last());
            while let Some(read) = messages.next(records).await? {
                go_on(self.watcher)?;
                let kept = read.into_iter().filter(|(_, record)| is_exported(record));
                let kept = kept.filter_map(|(position, record)| ArchivedMessage::new(position, record));
                for block in in_blocks(kept.filter(|message| covered.contains(message.position))) {
                    progress.messages += block.len() as u64;
                    self.write(&Block::Messages(block)).await?;
                }
                progress.total_messages = progress.messages + messages.left() + left;
                self.watcher.moved(progress);
                let_others_run().await;
            }
        }
        let messages = progress.messages;
        self.write(&Block::End(End { chats, messages })).await?;
        let last = self.sealer.finish()?;
        self.sink.write(last).await?;
        progress.total_messages = messages;
        self.watcher.moved(progress);
        Ok(Exported {
            chats,
            messages,
            files: 0,
            missing_files: 0,
            is_complete: plan.is_complete,
        })
    }

    async fn write(&mut self, block: &Block) -> Result<(), ClientError> {
        let encoded = self.blocks.encode(block)?;
        let sealed = self.sealer.write(&encoded)?;
        if !sealed.is_empty() {
            self.sink.write(sealed).await?;
        }
        Ok(())
    }
}

/// Messages divided among blocks, in their order.
fn in_blocks(messages: impl Iterator<Item = ArchivedMessage>) -> Vec<Vec<ArchivedMessage>> {
    let mut blocks: Vec<Vec<ArchivedMessage>> = Vec::new();
    let mut length = usize::MAX;
    for mut message in messages {
        message.shorten(LONGEST_BYTES);
        let more = message.length();
        match blocks.last_mut() {
            Some(block) if length.saturating_add(more) <= BLOCK_CONTENT_BYTES => {
                block.push(message);
                length += more;
            }
            Some(_) | None => {
                blocks.push(vec![message]);
                length = more;
            }
        }
    }
    blocks
}

/// Reads a chat's messages in their order, some at a time.
pub(super) struct MessagesOf {
    chat: ChatId,
    after: u64,
    last: u64,
    is_over: bool,
}

impl MessagesOf {
    /// Those up to a position.
    pub(super) fn new(chat: ChatId, last: u64) -> Self {
        Self {
            chat,
            after: 0,
            last: last.min(QUEUED_POSITIONS - 1),
            is_over: false,
        }
    }

    /// How many there may be still.
    pub(super) const fn left(&self) -> u64 {
        if self.is_over {
            0
        } else {
            self.last.saturating_sub(self.after)
        }
    }

    /// The next ones, each at its position; `None` if there are no more.
    pub(super) async fn next<S: Store>(
        &mut self,
        records: &Records<S>,
    ) -> Result<Option<Vec<(u64, MessageRecord)>>, RecordsError> {
        if self.is_over || self.after >= self.last {
            return Ok(None);
        }
        let scan = Scan::prefix(record_key::messages(self.chat))
            .after(record_key::message(self.chat, self.after))
            .before(record_key::message(self.chat, self.last + 1))
            .limit(AT_ONCE);
        let found = records.scan::<MessageRecord>(scan).await?;
        self.is_over = found.len() < AT_ONCE;
        let mut messages = Vec::with_capacity(found.len());
        for (key, record) in found {
            if let Some(position) = record_key::last_number(&key) {
                self.after = position;
                messages.push((position, record));
            }
        }
        Ok(Some(messages))
    }
}

/// What an export of a chat is about, for whoever holds it against what is here.
impl ExportedChat {
    /// Its last position.
    pub(crate) fn last(&self) -> u64 {
        self.covered.last()
    }
}
