//! What an application asks of the archive.

use super::status::ArchiveStatus;
use crate::client::Client;
use crate::error::ClientError;
use crate::platform::Platform;
use crate::sync::{ArchiveCommand, Command};

impl<P: Platform> Client<P> {
    /// Brings all history that is here into the archive, and waits until it is there. Nobody has to call this: it happens by itself, some
    /// seconds after something was said. What another device is archiving at the moment is left to that.
    pub async fn archive_now(&self) -> Result<(), ClientError> {
        self.ask(|reply| Command::History(ArchiveCommand::Now { reply }))
            .await
    }

    /// How the archive stands.
    pub async fn archive_status(&self) -> Result<ArchiveStatus, ClientError> {
        self.ask(|reply| Command::History(ArchiveCommand::Status { reply }))
            .await
    }

    /// The user has seen what is wrong with archives: it is not told again until something else is found.
    pub async fn acknowledge_archive_faults(&self) -> Result<(), ClientError> {
        self.ask(|reply| Command::History(ArchiveCommand::AcknowledgeFaults { reply }))
            .await
    }
}
