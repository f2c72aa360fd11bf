//! Messages that are deleted for all. The server erases what it has; that a message was deleted its sender says inside the chat,
//! so no device is told here.

use super::{Delivery, DeliveryError};
use crate::store::{ChatIndex, Deleted, Deletion, LogStore};
use sotto_protocol::rest::chat::NamedEntry;
use sotto_protocol::{ChatId, DeviceAddress, ProblemCode};

impl<I: ChatIndex, L: LogStore> Delivery<I, L> {
    /// Erases messages of the device's own account, or anybody's if that is owner or admin of the group. All of them or none.
    pub async fn delete_entries(
        &self,
        by: DeviceAddress,
        chat: ChatId,
        entries: Vec<NamedEntry>,
    ) -> Result<(), DeliveryError> {
        let shard = self.shard_of(chat).await?.ok_or(ProblemCode::ChatNotFound)?;
        let deletion = Deletion {
            chat,
            by,
            entries,
            at: self.shared.clock.now(),
        };
        let deleted = shard.log.delete_entries(deletion).await?;
        match deleted.ok_or(ProblemCode::ChatNotFound)? {
            Deleted::Erased => Ok(()),
            Deleted::Refused => Err(ProblemCode::Forbidden.into()),
        }
    }
}
