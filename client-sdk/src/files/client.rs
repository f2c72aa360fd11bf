//! Sending files, and how far they are.

use super::{Direction, FileContent, NewFile, Transfer};
use crate::client::Client;
use crate::error::ClientError;
use crate::platform::Platform;
use crate::sync::Command;
use sotto_protocol::rest::blob::BlobUsage;
use sotto_protocol::{ChatId, MessageId};

impl<P: Platform> Client<P> {
    /// Sends a file: once this returns, its message is stored, unless it is fleeting, and it goes to the server as soon as it can.
    /// [`Event::Transfer`](crate::Event::Transfer) says how far it is.
    pub async fn send_file(&self, chat: ChatId, file: NewFile) -> Result<MessageId, ClientError> {
        let (file, staged) = file.prepared().await?;
        let file = Box::new(file);
        self.ask(|reply| Command::SendFile {
            chat,
            file,
            staged,
            reply,
        })
        .await
    }

    /// Goes on with a file that was not at hand any more, or that could not be sent: the same file, chosen again.
    pub async fn resume_file(
        &self,
        chat: ChatId,
        message: MessageId,
        content: impl Into<FileContent>,
    ) -> Result<(), ClientError> {
        let content = content.into();
        self.ask(|reply| Command::ResumeFile {
            chat,
            message,
            content,
            reply,
        })
        .await
    }

    /// Sends a file no further, and withdraws its message; or reads it no further.
    pub async fn cancel_transfer(&self, chat: ChatId, message: MessageId) -> Result<(), ClientError> {
        match self.transfer(message).map(|transfer| transfer.direction) {
            Some(Direction::Up) => self.delete(chat, message).await,
            Some(Direction::Down) => {
                self.shared().cancel_reading(message);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// How far a message's file is, if it is on its way.
    #[must_use]
    pub fn transfer(&self, message: MessageId) -> Option<Transfer> {
        self.shared().transfer(message)
    }

    /// How much of files the server takes, and how much it has.
    pub async fn file_usage(&self) -> Result<BlobUsage, ClientError> {
        Ok(self.api().blob_usage().await?)
    }
}
