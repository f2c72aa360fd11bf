//! Reading an encrypted export.

use super::block::{Block, BlockReader, End, ExportedChat};
use super::progress::{ImportProgress, Imported, Watcher, go_on};
use crate::client::Client;
use crate::error::ClientError;
use crate::files::FileContent;
use crate::platform::Platform;
use crate::sync::{Command, ExportCommand};
use sotto_crypto_core::ExportOpener;
use sotto_crypto_core::export::BEGINNING_BYTES;

/// Bytes of the file that are read at once.
const PIECE_BYTES: u64 = 256 * 1024;

/// An export that is read.
pub(super) struct Import<'a, P: Platform, W> {
    pub(super) client: &'a Client<P>,
    pub(super) file: &'a FileContent,
    pub(super) blocks: BlockReader,
    pub(super) watcher: &'a W,
    pub(super) course: Course,
}

/// How far it is.
#[derive(Default)]
pub(super) struct Course {
    /// The chat that messages are read of.
    chat: Option<Box<ExportedChat>>,
    end: Option<End>,
    imported: Imported,
}

impl<P: Platform, W: Watcher<ImportProgress>> Import<'_, P, W> {
    /// Reads it to its end. What was read before something went wrong is kept.
    pub(super) async fn read_all(mut self, opener: ExportOpener) -> Result<Imported, ClientError> {
        let read = self.read_file(opener).await;
        // Also of what was read in part, the chat is to be shown as it is now.
        let settled = self.settle().await;
        read?;
        settled?;
        Ok(self.course.imported)
    }

    async fn read_file(&mut self, mut opener: ExportOpener) -> Result<(), ClientError> {
        let total_bytes = self.file.length();
        let mut bytes = BEGINNING_BYTES as u64;
        while bytes < total_bytes {
            go_on(self.watcher)?;
            let end = total_bytes.min(bytes + PIECE_BYTES);
            let piece = self.file.read(bytes..end).await?;
            let content = opener.write(&piece)?;
            self.take(content.expose()).await?;
            bytes = end;
            self.watcher.moved(ImportProgress { bytes, total_bytes });
        }
        let content = opener.finish()?;
        self.take(content.expose()).await?;
        let end = self.course.end.filter(|_| self.blocks.is_empty());
        let told = end.ok_or(ClientError::ExportDamaged)?;
        let Imported {
            chats,
            messages,
            known,
        } = self.course.imported;
        if told.chats == chats && told.messages == messages + known {
            Ok(())
        } else {
            Err(ClientError::ExportDamaged)
        }
    }

    async fn take(&mut self, content: &[u8]) -> Result<(), ClientError> {
        self.blocks.push(content);
        while let Some(block) = self.blocks.next()? {
            if self.course.end.is_some() {
                return Err(ClientError::ExportDamaged);
            }
            match block {
                Block::Head(_) => {}
                Block::Chat(chat) => {
                    self.settle().await?;
                    self.course.imported.chats += 1;
                    self.course.chat = Some(chat);
                }
                Block::Messages(messages) => {
                    go_on(self.watcher)?;
                    let chat = self.course.chat.clone().ok_or(ClientError::ExportDamaged)?;
                    let taken = self
                        .client
                        .ask(|reply| {
                            Command::Export(ExportCommand::TakeIn {
                                chat,
                                messages,
                                reply,
                            })
                        })
                        .await?;
                    self.course.imported.messages += taken.new;
                    self.course.imported.known += taken.known;
                }
                Block::End(end) => self.course.end = Some(end),
            }
        }
        Ok(())
    }

    /// The messages of a chat are all here.
    async fn settle(&mut self) -> Result<(), ClientError> {
        let Some(chat) = self.course.chat.take() else {
            return Ok(());
        };
        self.client
            .ask(|reply| Command::Export(ExportCommand::Settle { chat, reply }))
            .await
    }
}
