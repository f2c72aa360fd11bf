//! Objections to Commits: a Commit that is taken back is an entry like others for those who hear of it.

use super::{Delivery, DeliveryError};
use crate::store::{ChatIndex, LogStore, Objected, Objection};
use sotto_protocol::rest::chat::ObjectionOutcome;
use sotto_protocol::{ChatId, DeviceAddress, ProblemCode, Seq};

impl<I: ChatIndex, L: LogStore> Delivery<I, L> {
    /// A device cannot accept the Commit at this position. If enough object, it is taken back, and everybody in the chat is told.
    pub async fn object(
        &self,
        from: DeviceAddress,
        chat: ChatId,
        seq: Seq,
    ) -> Result<ObjectionOutcome, DeliveryError> {
        let shard = self.shard_of(chat).await?.ok_or(ProblemCode::ChatNotFound)?;
        let fan_out = &self.shared.fan_out;
        let writing = fan_out.begin();
        let at = self.shared.clock.now();
        let objection = Objection { chat, from, seq, at };
        let objected = match shard.log.object(objection).await {
            Ok(objected) => objected.ok_or(ProblemCode::ChatNotFound)?,
            Err(error) => {
                // It may be taken back, and nobody told.
                fan_out.is_unsure(at, writing);
                return Err(error.into());
            }
        };
        Ok(match objected {
            Objected::Noted => ObjectionOutcome::Noted,
            Objected::TakenBack(taken_back) => {
                tracing::info!(%chat, "a Commit was taken back");
                fan_out.taken_back(chat, at, *taken_back);
                ObjectionOutcome::TakenBack
            }
            Objected::WasTakenBack => ObjectionOutcome::TakenBack,
            Objected::Final => ObjectionOutcome::Final,
        })
    }
}
